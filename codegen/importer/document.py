"""Reading an OpenAPI document that nobody vouches for: size, JSON, shape, references."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, cast

from codegen.errors import DocumentError

LIMIT = 64 * 1024 * 1024  # bytes; the largest official document so far has 1.2 MB
METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")
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

    @property
    def schemas(self) -> Json:
        components = self.mapping(self.data.get("components", {}), "#/components")
        return self.mapping(components.get("schemas", {}), "#/components/schemas")

    @property
    def scopes(self) -> list[str]:
        """Every OAuth2 scope of the security schemes."""
        found: dict[str, None] = {}
        schemes = self.mapping(
            self.data.get("components", {}).get("securitySchemes", {}), "#/components/securitySchemes"
        )
        for name, scheme in schemes.items():
            flows = self.mapping(scheme, f"#/components/securitySchemes/{name}").get("flows", {})
            for flow in self.mapping(flows, f"#/components/securitySchemes/{name}/flows").values():
                found |= dict.fromkeys(map(str, self.mapping(flow, "#/components/securitySchemes").get("scopes", {})))
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
            shared = cast("list[Any]", entry.get("parameters", []))
            for key, value in entry.items():
                if key in METHODS:
                    yield key.upper(), path, self.mapping(value, f"{base}/{key}"), shared, f"{base}/{key}"
                elif key not in {"parameters", "summary", "description", "servers"} and not key.startswith("x-"):
                    self.note(f"{base}/{key}", "this part of a path item is not understood and left out")


def read(path: Path) -> Document:
    """Read a document; DocumentError in one line where it is no OpenAPI 3.1 document."""
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

    try:
        data: object = json.loads(raw, object_pairs_hook=pairs)
    except UnicodeDecodeError as exc:
        raise DocumentError(name, "", "not UTF-8, so not JSON") from exc
    except json.JSONDecodeError as exc:
        raise DocumentError(name, f"line {exc.lineno}", f"not JSON (truncated?): {exc.msg}") from exc
    except RecursionError as exc:
        raise DocumentError(name, "", "nested too deeply to be an OpenAPI document") from exc
    if not isinstance(data, dict):
        raise DocumentError(name, "", f"expected an OpenAPI object, found {type(data).__name__}")
    document = cast("Json", data)
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3."):
        raise DocumentError(name, "#/openapi", f"expected an OpenAPI 3.1 document, found {version!r}")
    if not isinstance(document.get("paths"), dict):
        raise DocumentError(name, "#/paths", "an OpenAPI document without paths")
    found = Document(name, document, hashlib.sha256(raw).hexdigest())
    if not version.startswith("3.1"):
        found.note("#/openapi", f"version {version}; read as 3.1")
    return found
