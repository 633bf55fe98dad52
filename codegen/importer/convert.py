"""JSON Schema as the document writes it -> the spec's types and schema entries, under official names.

Nothing is assumed but OpenAPI 3.1.  What is not understood becomes looser, with a note that names the place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote

from codegen.importer.document import Document, Json
from codegen.notation import ANY, DEPTH, NULL, Array, Map, Nullable, Number, Primitive, Ref, Type, Union, depth

PREFIX = "#/components/schemas/"
# Words about a schema, not of it.  `x-discord-union` repeats what anyOf says.
_ANNOTATIONS = {"title", "description", "example", "examples", "externalDocs", "$comment", "readOnly", "writeOnly",
                "deprecated", "default", "xml", "x-discord-union"}  # fmt: skip
_KNOWN = _ANNOTATIONS | {
    "type", "format", "enum", "const", "oneOf", "anyOf", "allOf", "$ref", "items", "properties", "required",
    "additionalProperties", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
    "minProperties", "maxProperties", "pattern", "contentEncoding", "contentMediaType",
}  # fmt: skip
_FORMATS = {"string": {"date-time", "uri", "nonce", "snowflake"}, "integer": {"int32", "int64"}, "number": {"double"}}


@dataclass
class Field:
    name: str
    type: Type
    required: bool
    deprecated: bool = False
    default: object = None


@dataclass
class Entry:
    """One schema under its official name: fields (+ bases), enum members, or a plain type."""

    name: str
    fields: list[Field] = field(default_factory=list[Field])
    bases: list[str] = field(default_factory=list[str])
    others: Type | None = None
    enum: str = ""
    members: list[tuple[str, object]] = field(default_factory=list[tuple[str, object]])
    type: Type | None = None
    inline: bool = False  # written where it is used, so without a name of its own


class Converter:
    """Turns schemas into types; objects written inline become entries of their own, named after their place."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.entries: dict[str, Entry] = {}
        self.schemas = document.schemas

    def components(self) -> None:
        for name, schema in self.schemas.items():
            self.entries[name] = self.entry(name, self.document.schema(schema, PREFIX + name), PREFIX + name)
        for name in self.schemas:
            self._no_circle(name)

    def entry(self, name: str, schema: Json, pointer: str) -> Entry:
        if (enum := self._enum(name, schema, pointer)) is not None:
            return enum
        bare = schema.get("type") == "object" and not schema.keys() & {
            "additionalProperties",
            "allOf",
            "oneOf",
            "anyOf",
        }
        if bare or self._is_object(schema):
            found = self._object(name, schema, pointer)
            if "null" not in _kinds(schema):
                return found
            return Entry(name, type=Nullable(self._inline(f"{name}.object", found)))
        parts = self.document.items(schema.get("allOf", []), f"{pointer}/allOf")
        if len(parts) > 1 and "enum" not in schema:
            return self._composed(name, schema, pointer)
        return Entry(name, type=self.type(schema, pointer, name))

    def _enum(self, name: str, schema: Json, pointer: str) -> Entry | None:
        """An enum is written as `oneOf` of `const` with `title`; None where this is another thing."""
        arms = schema.get("oneOf")
        if not isinstance(arms, list):
            return None
        if not arms:  # an enum whose members are not said (yet)
            word = {"string": "string", "integer": "integer"}.get(str(schema.get("type")))
            return Entry(name, enum=word) if word else None
        consts = [cast("Json", a) for a in cast("list[object]", arms) if isinstance(a, dict) and "const" in a]
        wanted = next((t for t in (str, int) if all(type(a["const"]) is t for a in consts)), None)
        if wanted is None or len(consts) != len(cast("list[object]", arms)):
            return None
        self._unknown(schema, pointer)
        kind = schema.get("format") if schema.get("format") in {"int32", "int64"} else "integer"
        members: dict[str, object] = {}
        for index, arm in enumerate(consts):
            title, value = str(arm.get("title", arm["const"])), arm["const"]
            if value in members.values():
                self.document.note(f"{pointer}/oneOf/{index}", f"{value!r:.60} stands twice; the first title is kept")
                continue
            if title in members:
                self.document.note(f"{pointer}/oneOf/{index}", f"a second member is titled {title!r:.60}; told apart")
            while title in members:
                title += f" {value}"
            members[title] = value
        return Entry(name, enum="string" if wanted is str else str(kind), members=list(members.items()))

    def _inline(self, name: str, entry: Entry) -> Ref:
        """Keep an object that was written where it is used, under a name that nothing else has."""
        while name in self.schemas or name in self.entries:
            name += "'"
        entry.name, entry.inline = name, True
        self.entries[name] = entry
        return Ref(name)

    def _no_circle(self, name: str) -> None:
        """A type that is nothing but itself is refused; bases that need each other lose the last of them."""
        seen = [name]
        while isinstance(kind := self.entries[seen[-1]].type, Ref) or isinstance(kind, Nullable):
            kind = kind.inner if isinstance(kind, Nullable) else kind
            if not isinstance(kind, Ref):
                return
            if kind.name in seen:
                self.document.fail(PREFIX + name, f"$ref goes in a circle: {' -> '.join([*seen, kind.name])}")
            seen.append(kind.name)
        todo, known = list(self.entries[name].bases), set[str]()
        while todo:
            base = todo.pop()
            if base == name:
                self.document.fail(PREFIX + name, "allOf goes in a circle")
            if base not in known:
                known.add(base)
                todo += self.entries[base].bases

    def _is_object(self, schema: Json) -> bool:
        return bool(schema.get("properties")) and "object" in _kinds(schema)

    def _object(self, name: str, schema: Json, pointer: str) -> Entry:
        self._unknown(schema, pointer)
        entry = Entry(name)
        required = {str(key) for key in self.document.items(schema.get("required", []), f"{pointer}/required")}
        properties = self.document.mapping(schema.get("properties", {}), f"{pointer}/properties")
        for key, value in properties.items():
            place = f"{pointer}/properties/{key}"
            inner = self.document.schema(value, place)
            found = self.type(inner, place, f"{name}.{key}")
            needed = key in required
            if key.endswith("?") and needed:
                self.document.note(place, "a name that ends in ? is kept as optional")
                needed = False
            default = inner.get("default")
            if not isinstance(default, str | int | float | bool | None):
                self.document.note(f"{place}/default", "a default that is no scalar is left out")
                default = None
            entry.fields.append(Field(key, found, needed, inner.get("deprecated") is True, default))
        for key in sorted(required - set(properties)):
            self.document.note(pointer, f"requires {key!r} but does not describe it")
            self.document.any(f"{pointer}/properties/{key}")
            entry.fields.append(Field(key, ANY, True))
        others = schema.get("additionalProperties")
        if isinstance(others, dict) and others:
            entry.others = self.type(cast("Json", others), f"{pointer}/additionalProperties", f"{name}.*")
        elif others is not None and not isinstance(others, bool | dict):
            self.document.fail(f"{pointer}/additionalProperties", f"expected a schema, found {type(others).__name__}")
        for key in schema.keys() & {"oneOf", "anyOf", "allOf", "enum", "const"}:
            self.document.note(f"{pointer}/{key}", "beside properties this is not understood and left out")
        return entry

    def _composed(self, name: str, schema: Json, pointer: str) -> Entry:
        entry = Entry(name)
        fields: list[Field] = []
        for index, part in enumerate(self.document.mappings(schema["allOf"], f"{pointer}/allOf")):
            place = f"{pointer}/allOf/{index}"
            base = self.reference(part["$ref"], place) if "$ref" in part else ""
            if base and self._has_fields(self.schemas[base]):
                entry.bases += [base] if base not in entry.bases else []
            elif self._is_object(part):
                fields += self._object(name, part, place).fields
            else:
                self.document.note(place, "this part of an allOf is not understood and left out")
        if self._is_object(schema):
            fields += self._object(name, {k: v for k, v in schema.items() if k != "allOf"}, pointer).fields
        entry.fields = list({f.name: f for f in fields}.values())
        return entry

    def _has_fields(self, schema: object) -> bool:
        """Whether a schema of the document becomes an entry with fields, so that others can extend it."""
        found = cast("Json", schema) if isinstance(schema, dict) else {}
        parts = found.get("allOf")
        bare = found.get("type") == "object" and not found.keys() & {"additionalProperties", "allOf", "oneOf", "anyOf"}
        many = isinstance(parts, list) and len(cast("list[object]", parts)) > 1 and "enum" not in found
        return bare or (self._is_object(found) and "null" not in _kinds(found)) or many

    def reference(self, ref: object, pointer: str) -> str:
        name = unquote(ref.removeprefix(PREFIX)).replace("~1", "/").replace("~0", "~") if isinstance(ref, str) else ""
        if not isinstance(ref, str) or not ref.startswith(PREFIX) or name not in self.schemas:
            self.document.fail(pointer, f"$ref {ref!r} leads nowhere")
        return name

    # --- types ---------------------------------------------------------------------------------------

    def type(self, schema: Json, pointer: str, name: str) -> Type:
        """The type of a schema; `name` is what an object written here would be called."""
        found = self._type(schema, pointer, name)
        if depth(found) > DEPTH:
            self.document.any(pointer, f"nested deeper than {DEPTH}")
            return ANY
        return found

    def _type(self, schema: Json, pointer: str, name: str) -> Type:
        self._unknown(schema, pointer)
        if "$ref" in schema:
            for key in schema.keys() - _ANNOTATIONS - {"$ref"}:
                if key in _KNOWN:
                    self.document.note(f"{pointer}/{key}", "beside a $ref this is not understood and left out")
            return Ref(self.reference(schema["$ref"], f"{pointer}/$ref"))
        if "enum" in schema or "const" in schema:
            return self._values(schema, pointer)
        for key in ("oneOf", "anyOf"):
            if key in schema:
                return self._union(self.document.items(schema[key], f"{pointer}/{key}"), f"{pointer}/{key}", name)
        if "allOf" in schema:
            parts = self.document.items(schema["allOf"], f"{pointer}/allOf")
            if len(parts) == 1:
                found = self.type(self.document.schema(parts[0], f"{pointer}/allOf/0"), f"{pointer}/allOf/0", name)
            else:
                found = self._inline(name, self._composed(name, schema, pointer))
            return Nullable(found) if "null" in _kinds(schema) and not isinstance(found, Nullable) else found
        kinds = _kinds(schema)
        arms = [self._single(kind, schema, pointer, name) for kind in kinds if kind != "null"]
        if not arms:
            if "null" in kinds:
                return NULL
            self.document.any(pointer)
            return ANY
        found = arms[0] if len(arms) == 1 else Union(tuple(arms))
        return Nullable(found) if "null" in kinds else found

    def _union(self, arms: list[Any], pointer: str, name: str) -> Type:
        found: list[Type] = []
        null = False
        for index, arm in enumerate(arms):
            inner = self.type(self.document.schema(arm, f"{pointer}/{index}"), f"{pointer}/{index}", f"{name}|{index}")
            if isinstance(inner, Nullable):
                null, inner = True, inner.inner
            if inner == NULL:
                null = True
            elif inner not in found:
                found.append(inner)
        if not found and not null:
            self.document.any(pointer, "a union of nothing")
            return ANY
        if ANY in found:
            self.document.any(pointer, "a union with an arm that may be anything")
            return ANY
        if not found:
            return NULL
        union = found[0] if len(found) == 1 else Union(tuple(found))
        return Nullable(union) if null else union

    def _values(self, schema: Json, pointer: str) -> Type:
        values = self.document.items(schema["enum"] if "enum" in schema else [schema["const"]], f"{pointer}/enum")
        if not all(isinstance(v, str | int | float | bool | None) for v in values):
            self.document.any(pointer, "values that are no scalars")
            return ANY
        null = None in values or "null" in _kinds(schema)
        given = tuple(v for v in values if v is not None)
        parts = self.document.mappings(schema.get("allOf", []), f"{pointer}/allOf")
        if len(parts) == 1 and "$ref" in parts[0]:
            found: Type = Ref(self.reference(parts[0]["$ref"], f"{pointer}/allOf/0/$ref"), given)
        else:
            kinds = [k for k in _kinds(schema) if k != "null"] or sorted({_kind_of(v) for v in given})
            if len(kinds) != 1 or kinds[0] not in {"string", "integer", "number", "boolean"}:
                self.document.any(pointer, f"values of several kinds: {given!r:.60}")
                found = ANY
            else:
                found = Primitive(kinds[0], self._format(kinds[0], schema, pointer), values=given)
        return Nullable(found) if null else found

    def _single(self, kind: str, schema: Json, pointer: str, name: str) -> Type:
        match kind:
            case "array":
                items = schema.get("items", {})
                inner = self.type(self.document.schema(items, f"{pointer}/items"), f"{pointer}/items", f"{name}[]")
                low, high = self._whole(schema, "minItems", pointer), self._whole(schema, "maxItems", pointer)
                return Array(inner, low, high, schema.get("uniqueItems") is True)
            case "object":
                if schema.get("properties"):
                    return self._inline(name, self._object(name, schema, pointer))
                others = schema.get("additionalProperties", {})
                value = (
                    self.type(cast("Json", others), f"{pointer}/additionalProperties", f"{name}.*")
                    if isinstance(others, dict) and others
                    else ANY
                )
                if value == ANY and not (isinstance(others, dict) and others):
                    self.document.any(pointer)
                low, high = self._whole(schema, "minProperties", pointer), self._whole(schema, "maxProperties", pointer)
                return Map(value, low, high)
            case "string":
                short, long = self._whole(schema, "minLength", pointer), self._whole(schema, "maxLength", pointer)
                pattern = self._pattern(schema, pointer)
                return Primitive("string", self._format(kind, schema, pointer), short, long, pattern)
            case "integer" | "number":
                least, most = self._number(schema, "minimum", pointer), self._number(schema, "maximum", pointer)
                return Primitive(kind, self._format(kind, schema, pointer), least, most)
            case "boolean":
                return Primitive("boolean")
            case _:
                self.document.any(pointer, f"unknown type {kind!r}")
                return ANY

    def _number(self, schema: Json, key: str, pointer: str) -> Number | None:
        value = schema.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            self.document.note(f"{pointer}/{key}", f"not a number ({value!r:.40}); left out")
            return None
        return value

    def _whole(self, schema: Json, key: str, pointer: str) -> int | None:
        value = schema.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            self.document.note(f"{pointer}/{key}", f"not a length ({value!r:.40}); left out")
            return None
        return value

    def _pattern(self, schema: Json, pointer: str) -> str:
        value = schema.get("pattern", "")
        try:
            if isinstance(value, str):
                re.compile(value)
                return value
        except (re.error, RecursionError, OverflowError):
            pass
        self.document.note(f"{pointer}/pattern", f"not a pattern that Python reads ({value!r:.40}); left out")
        return ""

    def _format(self, kind: str, schema: Json, pointer: str) -> str:
        encoding = schema.get("contentEncoding")
        if schema.get("contentMediaType") == "application/octet-stream":
            encoding = encoding or "binary"
        found = schema.get("format") or encoding or ""
        if found == "":
            return ""
        if not isinstance(found, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", found):
            self.document.note(pointer, f"format {found!r:.40} is no word; left out")
            return ""
        if found not in _FORMATS.get(kind, ()) and found not in {"base64", "binary"}:
            self.document.note(pointer, f"unknown format {found!r} of {kind}; kept as {kind}<{found}>")
        return found

    def _unknown(self, schema: Mapping[str, object], pointer: str) -> None:
        for key in schema:
            if key not in _KNOWN and not key.startswith("x-"):
                self.document.note(f"{pointer}/{key}", "this keyword is not understood and left out")


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kind = schema.get("type")
    if isinstance(kind, str):
        return [kind]
    if isinstance(kind, list):
        return [str(k) for k in cast("list[object]", kind)]
    if "properties" in schema or "additionalProperties" in schema:
        return ["object"]
    return ["array"] if "items" in schema else []


def _kind_of(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case _:
            return "other"
