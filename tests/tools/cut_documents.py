"""Two official documents cut down to the places that some expected changes name, for tests that run without them.

    python -m tests.tools.cut_documents OLD.json NEW.json

writes tests/data/cut_*.json.  A schema keeps the fields that are named, or all where the schema itself is; the way to
it from the body of a request is kept, for what is sent is judged otherwise than what is read, and so are the places
that use a renamed one.  What else is referred to becomes a stub, whose one field has the schema's name so that no two
look alike.  Words for people (descriptions) are left out.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]
DATA = Path(__file__).parent.parent / "data"
PREFIX = "#/components/schemas/"
_WORDS = {"description", "examples", "externalDocs", "tags", "summary"}


class Cut:
    """One document being cut: which operations, which fields of which schemas (None for all)."""

    def __init__(self, data: Json) -> None:
        self.data = data
        self.schemas: Json = data["components"]["schemas"]
        self.operations: set[tuple[str, str]] = set()
        self.fields: dict[str, set[str] | None] = {}

    def keep(self, where: str) -> None:
        """Keep the place that a change names, where the document has it."""
        if re.match("[A-Z]+ /", where):
            method, path = where.split(" ")[:2]
            operation = self.data["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                self.operations.add((method.lower(), path))
                for name in _refs(_bodies(operation)) if where.endswith(" body") else ():
                    self.fields[name] = None
            return
        name, dot, field = re.split(r"[:.]", where)[0], "." in where, where.partition(".")[2]
        if name in self.schemas:
            kept = self.fields.setdefault(name, set())
            self.fields[name] = None if kept is None or not dot else kept | {field}

    def way_to(self, name: str) -> list[str]:
        """The places that lead from the body of a request to a schema; empty where it is not sent."""
        came: dict[str, tuple[str, str]] = {}  # schema -> the place that names it, and the schema that this lies in
        for path, item in self.data["paths"].items():
            for method, operation in item.items():
                for sent in _refs(_bodies(operation)) if isinstance(operation, dict) else ():
                    came.setdefault(sent, (f"{method.upper()} {path}", ""))
        todo = list(came)
        for holder in todo:
            schema = self.schemas[holder]
            for field, kind in schema.get("properties", {"": schema}).items():
                for each in _refs(kind):
                    if each not in came:
                        came[each] = (f"{holder}.{field}", holder)
                        todo.append(each)
        found: list[str] = []
        while name in came:
            place, name = came[name]
            found.append(place)
        return found

    def users(self, name: str) -> Iterator[str]:
        """`Schema.field` of each field that refers to a schema."""
        for holder, schema in self.schemas.items():
            for field, kind in schema.get("properties", {}).items():
                if f'"{PREFIX}{name}"' in json.dumps(kind):
                    yield f"{holder}.{field}"

    def result(self) -> Json:
        paths: Json = {}
        for method, path in sorted(self.operations):
            item = self.data["paths"][path]
            paths.setdefault(path, {"parameters": item.get("parameters", [])})[method] = item[method]
        found = {name: self._schema(name) for name in self.fields}
        todo = list(_refs([paths, found]))
        while todo:
            name = todo.pop()
            if name not in found:
                found[name] = self._stub(name)
                todo += _refs(found[name])
        components = {"schemas": dict(sorted(found.items()))}
        for part in ("responses", "securitySchemes"):
            components |= {part: self.data["components"].get(part, {})}
        kept = {key: self.data[key] for key in ("openapi", "info", "servers") if key in self.data}
        kept["info"] = {"version": self.data["info"]["version"], "title": "cut"}
        bare: Json = _without_words(kept | {"paths": paths, "components": components})
        return bare

    def _schema(self, name: str) -> Json:
        schema, fields = self.schemas[name], self.fields[name]
        if fields is None or "properties" not in schema:
            return dict(schema)
        required = [key for key in schema.get("required", []) if key in fields]
        properties = {key: kind for key, kind in schema["properties"].items() if key in fields}
        return {**schema, "properties": properties, "required": required}

    def _stub(self, name: str) -> Json:
        schema = self.schemas[name]
        if "properties" in schema:
            return {"type": "object", "properties": {name: {"type": "string"}}}
        return dict(schema)


def _bodies(operation: Json) -> Any:
    return operation.get("requestBody", {})


def _refs(value: Any) -> Iterator[str]:
    for found in re.findall(re.escape(PREFIX) + r"([^\"]+)", json.dumps(value)):
        yield str(found)


def _without_words(value: Any, names: bool = False) -> Any:
    """The value without what is for people; keys of `properties` and the like are names and stay."""
    if isinstance(value, list):
        return [_without_words(each) for each in value]
    if isinstance(value, dict):
        return {
            key: _without_words(each, key in {"properties", "schemas", "responses", "paths"})
            for key, each in value.items()
            if names or (key not in _WORDS and key != "headers")
        }
    return value


def cut(old: Json, new: Json, expected: Iterable[Sequence[Any]]) -> tuple[Json, Json]:
    """Both documents cut to what rows of (kind, where, old, new, ...) name."""
    sides = Cut(old), Cut(new)
    for kind, where, before, after, *_ in expected:
        name = re.split(r"[:.]", where)[0]
        for place in (where, *sides[1].way_to(name)):
            for side in sides:
                side.keep(place)
        if kind == "schema_renamed":
            sides[0].keep(before)
            for user in set(sides[0].users(before)) & set(sides[1].users(after)):
                for side in sides:
                    side.keep(user)
    return sides[0].result(), sides[1].result()


def main(arguments: Sequence[str]) -> int:
    from tests.codegen.diff.test_official_documents import CUT, EXPECTED

    old, new = (json.loads(Path(name).read_text()) for name in arguments)
    for path, data in zip(CUT, cut(old, new, EXPECTED), strict=True):
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
