"""JSON Schema as the document writes it -> the spec's types and schema entries, under official names.

Nothing is assumed but OpenAPI 3.1.  What is not understood becomes looser, with a note that names the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from codegen.importer.document import Document, Json
from codegen.notation import ANY, NULL, Array, Map, Nullable, Number, Primitive, Ref, Type, Union

PREFIX = "#/components/schemas/"
# Words about a schema, not of it.  `x-discord-union` repeats what anyOf says.
_ANNOTATIONS = {"title", "description", "example", "examples", "externalDocs", "$comment", "readOnly", "writeOnly",
                "deprecated", "default", "xml", "x-discord-union"}  # fmt: skip
_KNOWN = _ANNOTATIONS | {
    "type", "format", "enum", "const", "oneOf", "anyOf", "allOf", "$ref", "items", "properties", "required",
    "additionalProperties", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
    "minProperties", "maxProperties", "pattern", "contentEncoding",
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


class Converter:
    """Turns schemas into types; objects written inline become entries of their own, named after their place."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.entries: dict[str, Entry] = {}
        self.schemas = document.schemas

    def components(self) -> None:
        for name, schema in self.schemas.items():
            self.entries[name] = self.entry(name, self.document.mapping(schema, PREFIX + name), PREFIX + name)

    def entry(self, name: str, schema: Json, pointer: str) -> Entry:
        arms = schema.get("oneOf")
        if (
            isinstance(arms, list)
            and arms
            and all(isinstance(a, dict) and "const" in a for a in cast("list[object]", arms))
        ):
            self._unknown(schema, pointer)
            kind = schema.get("format") if schema.get("format") in {"int32", "int64"} else schema.get("type")
            members = [(str(a.get("title", a["const"])), a["const"]) for a in cast("list[Json]", arms)]
            if not isinstance(kind, str) or kind not in {"int32", "int64", "integer", "string"}:
                kind = "string" if all(isinstance(v, str) for _, v in members) else "integer"
            return Entry(name, enum=kind, members=members)
        bare = schema.get("type") == "object" and not schema.keys() & {
            "additionalProperties",
            "allOf",
            "oneOf",
            "anyOf",
        }
        if bare or self._is_object(schema):
            return self._object(name, schema, pointer)
        parts = cast("list[Any]", schema.get("allOf", []))
        if len(parts) > 1 and "enum" not in schema:
            return self._composed(name, schema, pointer)
        return Entry(name, type=self.type(schema, pointer, name))

    def _is_object(self, schema: Json) -> bool:
        return bool(schema.get("properties")) and "object" in _kinds(schema)

    def _object(self, name: str, schema: Json, pointer: str) -> Entry:
        self._unknown(schema, pointer)
        entry = Entry(name)
        required = set(cast("list[str]", schema.get("required", [])))
        properties = self.document.mapping(schema.get("properties", {}), f"{pointer}/properties")
        for key, value in properties.items():
            place = f"{pointer}/properties/{key}"
            inner = self.document.mapping(value, place)
            found = self.type(inner, place, f"{name}.{key}")
            entry.fields.append(
                Field(key, found, key in required, inner.get("deprecated") is True, inner.get("default"))
            )
        for key in sorted(required - set(properties)):
            self.document.note(pointer, f"requires {key!r} but does not describe it")
            self.document.any(f"{pointer}/properties/{key}")
            entry.fields.append(Field(key, ANY, True))
        others = schema.get("additionalProperties")
        if isinstance(others, dict) and others:
            entry.others = self.type(cast("Json", others), f"{pointer}/additionalProperties", f"{name}.*")
        return entry

    def _composed(self, name: str, schema: Json, pointer: str) -> Entry:
        entry = Entry(name)
        for index, part in enumerate(cast("list[Json]", schema["allOf"])):
            place = f"{pointer}/allOf/{index}"
            if "$ref" in part:
                entry.bases.append(self.reference(part["$ref"], place))
            elif self._is_object(part):
                entry.fields += self._object(name, part, place).fields
            else:
                self.document.note(place, "this part of an allOf is not understood and left out")
        if self._is_object(schema):
            entry.fields += self._object(name, schema, pointer).fields
        return entry

    def reference(self, ref: object, pointer: str) -> str:
        name = ref.removeprefix(PREFIX) if isinstance(ref, str) else ""
        if not isinstance(ref, str) or not ref.startswith(PREFIX) or name not in self.schemas:
            self.document.fail(pointer, f"$ref {ref!r} leads nowhere")
        return name

    # --- types ---------------------------------------------------------------------------------------

    def type(self, schema: Json, pointer: str, name: str) -> Type:
        """The type of a schema; `name` is what an object written here would be called."""
        self._unknown(schema, pointer)
        if "$ref" in schema:
            return Ref(self.reference(schema["$ref"], f"{pointer}/$ref"))
        if "enum" in schema or "const" in schema:
            return self._values(schema, pointer)
        for key in ("oneOf", "anyOf"):
            if key in schema:
                return self._union(cast("list[Json]", schema[key]), f"{pointer}/{key}", name)
        if "allOf" in schema:
            parts = cast("list[Json]", schema["allOf"])
            if len(parts) == 1:
                return self.type(parts[0], f"{pointer}/allOf/0", name)
            self.entries[name] = self._composed(name, schema, pointer)
            return Ref(name)
        kinds = _kinds(schema)
        arms = [self._single(kind, schema, pointer, name) for kind in kinds if kind != "null"]
        if not arms:
            if "null" in kinds:
                return NULL
            self.document.any(pointer)
            return ANY
        found = arms[0] if len(arms) == 1 else Union(tuple(arms))
        return Nullable(found) if "null" in kinds else found

    def _union(self, arms: list[Json], pointer: str, name: str) -> Type:
        found: list[Type] = []
        null = False
        for index, arm in enumerate(arms):
            inner = self.type(self.document.mapping(arm, f"{pointer}/{index}"), f"{pointer}/{index}", f"{name}|{index}")
            if isinstance(inner, Nullable):
                null, inner = True, inner.inner
            if inner == NULL:
                null = True
            elif inner not in found:
                found.append(inner)
        if not found:
            return NULL
        union = found[0] if len(found) == 1 else Union(tuple(found))
        return Nullable(union) if null else union

    def _values(self, schema: Json, pointer: str) -> Type:
        values = cast("list[object]", schema["enum"] if "enum" in schema else [schema["const"]])
        null = None in values or "null" in _kinds(schema)
        given = tuple(v for v in values if v is not None)
        parts = cast("list[Json]", schema.get("allOf", []))
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
                inner = self.type(self.document.mapping(items, f"{pointer}/items"), f"{pointer}/items", f"{name}[]")
                return Array(inner, schema.get("minItems"), schema.get("maxItems"), schema.get("uniqueItems") is True)
            case "object":
                if schema.get("properties"):
                    self.entries[name] = self._object(name, schema, pointer)
                    return Ref(name)
                others = schema.get("additionalProperties", {})
                value = (
                    self.type(cast("Json", others), f"{pointer}/additionalProperties", f"{name}.*")
                    if isinstance(others, dict) and others
                    else ANY
                )
                if value == ANY and not (isinstance(others, dict) and others):
                    self.document.any(pointer)
                return Map(value, schema.get("minProperties"), schema.get("maxProperties"))
            case "string":
                low, high = schema.get("minLength"), schema.get("maxLength")
                pattern = schema.get("pattern", "")
                return Primitive("string", self._format(kind, schema, pointer), low, high, str(pattern))
            case "integer" | "number":
                low, high = self._number(schema, "minimum", pointer), self._number(schema, "maximum", pointer)
                return Primitive(kind, self._format(kind, schema, pointer), low, high)
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

    def _format(self, kind: str, schema: Json, pointer: str) -> str:
        encoding = schema.get("contentEncoding")
        found = schema.get("format") or encoding or ""
        if found == "":
            return ""
        if not isinstance(found, str) or not found.replace("-", "").replace("_", "").isalnum():
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
