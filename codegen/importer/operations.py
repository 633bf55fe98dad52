"""Operations as the document writes them -> what the spec says of each, under official names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast

from codegen.importer.convert import Converter, Field
from codegen.importer.document import Document, Json
from codegen.notation import Primitive, Type

MEDIA = {
    "application/json": "json",
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
}
_OPERATION = {"operationId", "parameters", "requestBody", "responses", "security", "deprecated", "summary",
              "description", "tags", "externalDocs"}  # fmt: skip
_PARAMETER = {"in", "name", "schema", "required", "deprecated", "description", "example", "examples"}
_PLAIN = re.compile(r"[a-z][a-z0-9_]*\Z", re.ASCII)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass
class Operation:
    name: str
    method: str
    path: str
    path_fields: list[Field] = field(default_factory=list[Field])
    query: list[Field] = field(default_factory=list[Field])
    body: Type | None = None
    body_required: bool = False
    media: list[str] = field(default_factory=list[str])
    uploads: list[Field] = field(default_factory=list[Field])
    returns: dict[str, Type | None] = field(default_factory=dict[str, Type | None])
    answers: dict[str, str] = field(default_factory=dict[str, str])
    auth: list[str] = field(default_factory=list[str])
    scopes: list[str] = field(default_factory=list[str])
    deprecated: bool = False


def operations(document: Document, converter: Converter) -> dict[str, Operation]:
    """Every operation by operationId; DocumentError where an id is missing or stands twice."""
    found: dict[str, Operation] = {}
    places: dict[str, str] = {}
    for method, path, node, shared, pointer in document.operations():
        name = node.get("operationId")
        if not isinstance(name, str) or not name:
            document.fail(pointer, "this operation has no operationId")
        parts = _PLACEHOLDER.findall(path)
        if len(set(parts)) < len(parts):
            document.fail(pointer, f"{path} names a parameter twice")
        if name in found:
            document.fail(pointer, f"operationId {name!r} stands twice: {places[name]} and {method} {path}")
        shape = f"{method} {_PLACEHOLDER.sub('{}', path)}"
        if shape in places:
            document.fail(pointer, f"the same path as {places[shape]} but for the names of its parameters")
        if len(name) > 200:
            document.fail(pointer, f"operationId {name[:40]!r}... is longer than 200 characters")
        places[name] = f"{method} {path}"
        places[shape] = f"{method} {path}"
        operation = _Reader(document, converter, Operation(name, method, path), pointer).read(node, shared)
        found[name] = _plain_path(operation, document, pointer)
    return found


def _plain_path(operation: Operation, document: Document, pointer: str) -> Operation:
    """The names of path parameters are not sent: those that are no plain names get one."""
    taken = {f.name for f in operation.path_fields if _PLAIN.match(f.name)}
    for f in operation.path_fields:
        if not _PLAIN.match(f.name):
            name = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", f.name), flags=re.ASCII).strip("_").lower()
            name = name if name[:1].isalpha() else f"part_{name}".strip("_")
            while name in taken:
                name += "_"
            taken.add(name)
            document.note(pointer, f"the path's parameter {f.name!r:.60} is called {name}")
            operation.path = operation.path.replace(f"{{{f.name}}}", f"{{{name}}}")
            f.name = name
    return operation


class _Reader:
    def __init__(self, document: Document, converter: Converter, operation: Operation, pointer: str) -> None:
        self.document, self.converter, self.operation, self.pointer = document, converter, operation, pointer

    def read(self, node: Json, shared: list[Any]) -> Operation:
        operation = self.operation
        operation.deprecated = node.get("deprecated") is True
        self._parameters(node, shared)
        for key in node.keys() - _OPERATION:
            if not key.startswith("x-"):
                self.document.note(f"{self.pointer}/{key}", "this part of an operation is not understood and left out")
        if "requestBody" in node:
            body = self.document.mapping(node["requestBody"], f"{self.pointer}/requestBody")
            self._body(self.document.resolve(body, f"{self.pointer}/requestBody"))
        responses = self.document.mapping(node.get("responses", {}), f"{self.pointer}/responses")
        for status, response in responses.items():
            place = f"{self.pointer}/responses/{status}"
            if status == "2XX" and not any(s != "2XX" and s.startswith("2") for s in responses):
                self.document.note(place, "read as 200")
                status = "200"
            if re.fullmatch("2[0-9][0-9]", status):
                self._answer(status, self.document.resolve(self.document.mapping(response, place), place), place)
            elif status not in {"429", "4XX", "5XX", "default"}:
                self.document.note(place, "an answer of its own for this status is not kept")
        if not operation.returns and responses:
            self.document.note(f"{self.pointer}/responses", "no answer is a success (2xx)")
        security = node.get("security", self.document.data.get("security", []))
        for entry in self.document.mappings(security, f"{self.pointer}/security"):
            self._auth(entry)
        if not security:
            self._add("none")
        return operation

    def _parameters(self, node: Json, shared: list[Any]) -> None:
        own = self.document.items(node.get("parameters", []), f"{self.pointer}/parameters")
        merged: dict[tuple[str, str], tuple[Json, str]] = {}
        for index, raw in enumerate([*shared, *own]):
            place = f"{self.pointer}/parameters/{index}"
            entry = self.document.resolve(self.document.mapping(raw, place), place)
            merged[str(entry.get("in")), str(entry.get("name"))] = (entry, place)
        names = _PLACEHOLDER.findall(self.operation.path)
        for (where, name), (entry, place) in merged.items():
            for key in entry.keys() - _PARAMETER:
                if not key.startswith("x-"):
                    self.document.note(f"{place}/{key}", "this part of a parameter is not understood and left out")
            schema = self.document.schema(entry.get("schema", {}), f"{place}/schema")
            found = self.converter.type(schema, f"{place}/schema", f"{self.operation.name}.{name}")
            parameter = Field(name, found, entry.get("required") is True, entry.get("deprecated") is True)
            if where == "path":
                if name not in names:
                    self.document.note(place, f"parameter {name!r} is not part of the path; left out")
                    continue
                self.operation.path_fields.append(Field(name, found, True))
            elif where == "query":
                self.operation.query.append(parameter)
            else:
                self.document.note(place, f"parameters in {where!r} are not understood; left out")
        for name in names:
            if name not in {f.name for f in self.operation.path_fields}:
                self.document.note(self.pointer, f"the path names {name!r} but does not describe it; read as string")
                self.operation.path_fields.append(Field(name, Primitive("string"), True))
        self.operation.path_fields.sort(key=lambda f: names.index(f.name))

    def _body(self, body: Json) -> None:
        place = f"{self.pointer}/requestBody/content"
        operation = self.operation
        operation.body_required = body.get("required") is True
        found: list[Type] = []
        for media, content in self.document.mapping(body.get("content", {}), place).items():
            if media not in MEDIA:
                self.document.note(f"{place}/{media}", "this media type of a body is not understood; left out")
                continue
            where = f"{place}/{media.replace('/', '~1')}/schema"
            schema = self.document.mapping(content, where).get("schema", {})
            schema = self._without_uploads(self.document.schema(schema, where), where)
            operation.media.append(MEDIA[media])
            if schema is None:
                continue
            kind = self.converter.type(schema, where, f"{operation.name}.body")
            if kind not in found:
                found.append(kind)
        if len(found) > 1:
            self.document.note(place, "the media types have different bodies; the first is kept")
        operation.body = found[0] if found else None

    def _without_uploads(self, schema: Json, place: str) -> Json | None:
        """Multipart bodies add binary parts by `allOf`: those become `uploads`, the rest (if any) is the body."""
        if "allOf" not in schema:
            return schema
        rest: list[Json] = []
        for part in self.document.mappings(schema["allOf"], f"{place}/allOf"):
            properties = self.document.mapping(part.get("properties") or {}, f"{place}/allOf")
            if properties and all(isinstance(p, dict) and _binary(cast("Json", p)) for p in properties.values()):
                required = self.document.items(part.get("required", []), f"{place}/allOf")
                self.operation.uploads += [Field(k, Primitive("string", "binary"), k in required) for k in properties]
            else:
                rest.append(part)
        if not rest and self.operation.uploads:
            return None
        return rest[0] if len(rest) == 1 else {**schema, "allOf": rest}

    def _answer(self, status: str, response: Json, place: str) -> None:
        content = self.document.mapping(response.get("content", {}), f"{place}/content")
        self.operation.returns[status] = None
        for index, (media, entry) in enumerate(content.items()):
            if index:
                self.document.note(f"{place}/content/{media}", "a second media type of an answer is not kept")
                continue
            schema = self.document.schema(self.document.mapping(entry, place).get("schema", {}), place)
            name = f"{self.operation.name}.{status}"
            self.operation.returns[status] = self.converter.type(schema, f"{place}/content/{media}/schema", name)
            if media != "application/json":
                self.operation.answers[status] = media

    def _auth(self, entry: Json) -> None:
        kinds = {"BotToken": "bot", "OAuth2": "oauth2"}
        if not entry:
            self._add("none")
        for scheme, scopes in entry.items():
            if scheme not in kinds:
                self.document.note(f"{self.pointer}/security", f"unknown security scheme {scheme!r}; left out")
                continue
            self._add(kinds[scheme])
            for scope in self.document.items(scopes, f"{self.pointer}/security"):
                if scope not in self.document.scopes:
                    self.document.note(f"{self.pointer}/security", f"undeclared scope {scope!r:.60}; left out")
                elif scope not in self.operation.scopes:
                    self.operation.scopes.append(scope)

    def _add(self, kind: str) -> None:
        if kind not in self.operation.auth:
            self.operation.auth.append(kind)


def _binary(schema: Json) -> bool:
    return schema.get("contentEncoding") == "binary" or schema.get("format") == "binary"
