"""Reading an OpenAPI document that nobody vouches for: size, JSON, shape, references."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, cast

from codegen.errors import DocumentError

LIMIT = 64 * 1024 * 1024  # bytes; the largest official document so far has 1.2 MB
METHODS = ("get", "put", "post", "delete", "patch")
# What the generator can print of a path; the names of its parameters are ours to choose.
_PATH = re.compile(r"(/(\{[^{}/]+\}|(?!\.+(/|\Z))[@A-Za-z0-9._-]+))+\Z", re.ASCII)
Json = dict[str, Any]


@dataclass
class Document:
    """A parsed document, its notes about what was only loosely understood, and its digest."""

    name: str
    data: Json
    digest: str
    notes: list[str] = field(default_factory=list[str])
    untyped: list[str] = field(default_factory=list[str])

    def fail(self, pointer: str, problem: str) -> NoReturn:
        raise DocumentError(self.name, pointer, problem)

    def note(self, pointer: str, problem: str) -> None:
        """Remember something that was read loosely; shown to the person who imports."""
        self.notes.append(f"{pointer}: {problem}")

    def any(self, pointer: str, why: str = "") -> None:
        """Remember a place that ends as `any`."""
        self.untyped.append(pointer)
        if why:
            self.note(pointer, f"read as any: {why}")

    def mapping(self, value: object, pointer: str) -> Json:
        if not isinstance(value, dict):
            self.fail(pointer, f"expected an object, found {type(value).__name__}")
        return cast("Json", value)

    def schema(self, value: object, pointer: str) -> Json:
        """A schema; the two that are no objects (`true`, `false`) say nothing of a type."""
        if isinstance(value, bool):
            self.note(pointer, f"the schema `{str(value).lower()}` is read as any")
            return {}
        return self.mapping(value, pointer)

    def items(self, value: object, pointer: str) -> list[Any]:
        if not isinstance(value, list):
            self.fail(pointer, f"expected a list, found {type(value).__name__}")
        return value  # pyright: ignore[reportUnknownVariableType]  # any JSON

    def mappings(self, value: object, pointer: str) -> list[Json]:
        return [self.mapping(each, f"{pointer}/{index}") for index, each in enumerate(self.items(value, pointer))]

    @property
    def schemas(self) -> Json:
        components = self.mapping(self.data.get("components", {}), "#/components")
        return self.mapping(components.get("schemas", {}), "#/components/schemas")

    @property
    def scopes(self) -> list[str]:
        """Every OAuth2 scope of the security schemes."""
        found: dict[str, None] = {}
        components = self.mapping(self.data.get("components", {}), "#/components")
        schemes = self.mapping(components.get("securitySchemes", {}), "#/components/securitySchemes")
        for name, scheme in schemes.items():
            flows = self.mapping(scheme, f"#/components/securitySchemes/{name}").get("flows", {})
            for flow in self.mapping(flows, f"#/components/securitySchemes/{name}/flows").values():
                place = f"#/components/securitySchemes/{name}/flows"
                scopes = self.mapping(self.mapping(flow, place).get("scopes", {}), f"{place}/scopes")
                found |= dict.fromkeys(scopes)
        return sorted(found)

    def resolve(self, node: Json, pointer: str) -> Json:
        """Follow `$ref` of a response or parameter (schemas are named, not followed)."""
        for _ in range(16):
            ref = node.get("$ref")
            if ref is None:
                return node
            found: object = self.data if isinstance(ref, str) and ref.startswith("#/") else None
            for part in str(ref).removeprefix("#/").split("/"):
                key = part.replace("~1", "/").replace("~0", "~")
                found = found.get(key) if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # any JSON
            if not isinstance(found, dict):
                self.fail(pointer, f"$ref {ref!r} leads nowhere")
            node = cast("Json", found)
        return self.fail(pointer, "$ref goes in a circle")

    def operations(self) -> Iterator[tuple[str, str, Json, list[Any], str]]:
        """(METHOD, path, operation, parameters of the path item, pointer) of each operation."""
        paths = self.mapping(self.data.get("paths"), "#/paths")
        for path, item in paths.items():
            base = "#/paths/" + path.replace("~", "~0").replace("/", "~1")
            entry = self.mapping(item, base)
            shared = self.items(entry.get("parameters", []), f"{base}/parameters")
            for key, value in entry.items():
                if key in METHODS and not _PATH.match(path):
                    self.fail(base, f"{path!r} is no path like /channels/{{channel_id}}")
                if key in METHODS:
                    yield key.upper(), path, self.mapping(value, f"{base}/{key}"), shared, f"{base}/{key}"
                elif key not in {"parameters", "summary", "description", "servers"} and not key.startswith("x-"):
                    self.note(f"{base}/{key}", "this part of a path item is not understood and left out")


def parse(path: Path) -> tuple[Json, str]:
    """The JSON object in a file and the file's digest; DocumentError in one line where there is none."""
    name = path.name
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise DocumentError(name, "", f"cannot be read: {exc.strerror or exc}") from exc
    if len(raw) > LIMIT:
        raise DocumentError(name, "", f"{len(raw) // 1024 // 1024} MiB; at most {LIMIT // 1024 // 1024} are read")

    def pairs(items: list[tuple[str, Any]]) -> Json:
        found = dict(items)
        if len(found) != len(items):
            seen: set[str] = set()
            twice = next(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add() gives None on purpose
            raise DocumentError(name, "", f"the key {twice!r} stands twice in one object")
        return found

    def number(text: str) -> float:
        found = float(text)
        if not math.isfinite(found) or len(text) > 40:
            raise DocumentError(name, "", f"{text[:20]!r} is no number that JSON knows")
        return found

    def whole(text: str) -> int:
        return int(text) if len(text) <= 40 else int(number(text))

    try:
        data: object = json.loads(
            raw, object_pairs_hook=pairs, parse_float=number, parse_constant=number, parse_int=whole
        )
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as exc:
        raise DocumentError(name, "", "half a surrogate pair stands in a text") from exc
    except UnicodeDecodeError as exc:
        raise DocumentError(name, "", "not UTF-8, so not JSON") from exc
    except json.JSONDecodeError as exc:
        raise DocumentError(name, f"line {exc.lineno}", f"not JSON (truncated?): {exc.msg}") from exc
    except RecursionError as exc:
        raise DocumentError(name, "", "nested too deeply to be an OpenAPI document") from exc
    if not isinstance(data, dict):
        raise DocumentError(name, "", f"expected an OpenAPI object, found {type(data).__name__}")
    return cast("Json", data), hashlib.sha256(raw).hexdigest()


def read(path: Path) -> Document:
    """Read a document; DocumentError in one line where it is no OpenAPI 3.1 document."""
    name = path.name
    document, digest = parse(path)
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3."):
        raise DocumentError(name, "#/openapi", f"expected an OpenAPI 3.1 document, found {version!r}")
    if not isinstance(document.get("paths"), dict):
        raise DocumentError(name, "#/paths", "an OpenAPI document without paths")
    found = Document(name, document, digest)
    if not version.startswith("3.1"):
        found.note("#/openapi", f"version {version}; read as 3.1")
    return found
