"""Requests of every kind, drawn from the exported document: mostly what it allows, with ids of what exists, now and
then something that it does not.
"""

import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import quote

from hypothesis import strategies as st

from acord.sandbox.world.state import World
from tests.exported import document, operations

Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DEEPEST = 6
PNG = "data:image/png;base64,iVBORw0KGgo="
_FREE = ("🌳", "leaf:1", "oak", "@me", "@original")


class Wanderer:
    """Draws one request after another over a world that they change."""

    def __init__(self, draw: Draw, world: World, odd: float = 0.02) -> None:
        """``odd``: how often a value is one that the document does not allow."""
        self.draw, self.world = draw, world
        self.strange = int(1 / odd)

    def request(self, name: str) -> tuple[str, str, dict[str, str], bytes]:
        """Method, target, headers and body of a request of this operation."""
        path, method, operation = operations()[name]
        query: list[tuple[str, str]] = []
        for parameter in operation.get("parameters", ()):
            where, field, schema = parameter["in"], parameter["name"], parameter["schema"]
            if where == "path":
                text = self._text(field, schema) or "x"
                path = path.replace("{" + field + "}", quote(text, safe=""))
            elif where == "query" and (parameter.get("required") or self.draw(st.integers(0, 2)) == 0):
                value = self._value(schema, field, 0)
                many = value if isinstance(value, list) else [value]
                texts = ["true" if one is True else "false" if one is False else str(one) for one in many]
                query += (
                    [(field, ",".join(texts))] if parameter.get("explode") is False else [(field, t) for t in texts]
                )
        headers: dict[str, str] = {}
        body = b""
        if "requestBody" in operation:
            headers, body = self._body(operation["requestBody"]["content"])
        target = f"/api/v10{path}" + ("?" + "&".join(f"{k}={_quoted(v)}" for k, v in query) if query else "")
        return method, target, headers, body

    def _body(self, content: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        media = next(
            (one for one in ("application/json", "multipart/form-data") if one in content), next(iter(content))
        )
        value = self._value(content[media]["schema"], "", 0)
        if media == "application/json":
            return {"content-type": media}, json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        fields = value if isinstance(value, dict) else {}
        if media == "multipart/form-data":
            parts = [_part(name, one) for name, one in fields.items()]
            return {"content-type": f"{media}; boundary=b"}, b"".join(parts) + b"--b--\r\n"
        return {"content-type": media}, "&".join(
            f"{quote(k)}={_quoted(_written(v))}" for k, v in fields.items()
        ).encode()

    # Values

    def _value(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        if self.draw(st.integers(0, self.strange)) == self.strange:
            return self.draw(ANYTHING)
        if "$ref" in schema:
            return self._value(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]], name, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.draw(st.sampled_from(schema["enum"]))
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                return self._value(self.draw(st.sampled_from(schema[choice])), name, depth)
        if "allOf" in schema:
            parts = [self._value(part, name, depth) for part in schema["allOf"]]
            merged: dict[str, Any] = {}
            for part in parts:
                merged |= part if isinstance(part, dict) else {}
            return merged
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = self.draw(st.sampled_from(kind))
        return self._of(kind, schema, name, depth)

    def _of(self, kind: str | None, schema: dict[str, Any], name: str, depth: int) -> Any:
        match kind:
            case "string":
                return self._text(name, schema)
            case "integer" | "number":
                low, high = schema.get("minimum", 0), schema.get("maximum", 2**31)
                return self.draw(st.integers(int(low), int(max(low, high))))
            case "boolean":
                return self.draw(st.booleans())
            case "array":
                low, high = schema.get("minItems", 0), schema.get("maxItems", 3)
                most = low if depth >= DEEPEST else max(low, min(3, high))
                return [
                    self._value(schema.get("items", {}), name.removesuffix("s"), depth + 1)
                    for _ in range(self.draw(st.integers(low, most)))
                ]
            case "object":
                return self._object(schema, depth)
            case "null":
                return None
            case _:
                return self.draw(ANYTHING)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        fields: dict[str, Any] = schema.get("properties", {})
        wanted = set(schema.get("required", ()))
        optional = [name for name in fields if name not in wanted]
        if optional and depth < DEEPEST:
            few = st.lists(st.sampled_from(optional), max_size=4 if depth < 2 else 1, unique=True)
            wanted |= set(self.draw(few))
        for name in fields:
            if name in wanted:
                made[name] = self._value(fields[name], name, depth + 1)
        return made

    def _text(self, name: str, schema: dict[str, Any]) -> str:
        if schema.get("format") == "snowflake":
            return str(self.draw(st.sampled_from(self._ids(name))))
        if schema.get("format") == "date-time":
            return str(self.draw(st.sampled_from(["2025-06-15T12:00:00+00:00", "2025-06-16T00:00:00Z", "2031-01-01"])))
        if "contentEncoding" in schema:
            return PNG
        if name.endswith("token"):
            tokens = [hook.get("token", "") for hook in self.world.webhooks.values()]
            return str(self.draw(st.sampled_from([*self.world.interactions, *tokens, "no-token"])))
        if name == "code":
            return str(self.draw(st.sampled_from([*self.world.invites, "nothing"])))
        if "pattern" in schema:
            return "#aabbcc"
        low, high = schema.get("minLength", 0), schema.get("maxLength", 100)
        text = str(self.draw(st.sampled_from(_FREE) | TEXT))
        return text.ljust(low, "a")[:high]

    def _ids(self, name: str) -> list[str]:
        """Ids that a field of this name may well mean, and one that nothing has."""
        world = self.world
        tables: dict[str, list[str]] = {
            "guild": list(world.guilds),
            "channel": list(world.channels),
            "parent": list(world.channels),
            "message": [one for each in world.messages.values() for one in each],
            "user": list(world.users),
            "recipient": list(world.users),
            "role": [one for guild in world.guilds.values() for one in guild.roles],
            "application": list(world.applications),
            "webhook": list(world.webhooks),
            "command": list(world.commands),
            "interaction": [one["id"] for one in world.interactions.values() if "id" in one],
            "emoji": [one for guild in world.guilds.values() for one in guild.emojis],
            "sticker": [one for guild in world.guilds.values() for one in guild.stickers],
        }
        for word, found in tables.items():
            if word in name and found:
                return [*found[-8:], "1"]
        return [*(one for found in tables.values() for one in found[-2:]), "1"]


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _part(name: str, value: Any) -> bytes:
    filename = '; filename="a.png"' if re.search("file", name) else ""
    head = f'--b\r\nContent-Disposition: form-data; name="{_quoted(name)}"{filename}\r\n\r\n'
    return f"{head}{_written(value)}\r\n".encode("utf-8", "replace")
