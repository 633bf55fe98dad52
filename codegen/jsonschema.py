"""IR -> JSON Schema 2020-12, as other languages' tools read it: what is exported, never what is generated from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from codegen.ir import Alias, Choice, Enum, Field, Object, Schema
from codegen.notation import Array, Map, Nullable, Number, Primitive, Ref, Type, Union

Json = dict[str, Any]
# Formats of the notation -> keywords of JSON Schema.
_FORMATS: Mapping[str, Json] = {
    "base64": {"contentEncoding": "base64"},
    "binary": {"contentMediaType": "application/octet-stream"},
}


class Writer:
    """Writes schemas; `point` gives the reference to a schema by name."""

    def __init__(self, point: Callable[[str], str]) -> None:
        self.point = point

    def ref(self, name: str) -> Json:
        return {"$ref": self.point(name)}

    def type(self, kind: Type) -> Json:
        """The schema of a type."""
        match kind:
            case Nullable(inner):
                found = self.type(inner)
                if isinstance(found.get("type"), str) and "enum" not in found:
                    return found | {"type": [found["type"], "null"]}
                return {"anyOf": [found, {"type": "null"}]} if found else {}
            case Union(arms):
                return {"anyOf": [self.type(arm) for arm in arms]}
            case Array(item, low, high, unique):
                limits = _given(minItems=low, maxItems=high) | ({"uniqueItems": True} if unique else {})
                return {"type": "array", "items": self.type(item)} | limits
            case Map(value, low, high):
                limits = _given(minProperties=low, maxProperties=high)
                return {"type": "object", "additionalProperties": self.type(value)} | limits
            case Ref(name, values):
                return {"allOf": [self.ref(name)], "enum": list(values)} if values else self.ref(name)
            case Primitive():
                return self._primitive(kind)

    def _primitive(self, kind: Primitive) -> Json:
        if kind.kind == "any":
            return {}
        found: Json = {"type": kind.kind}
        if kind.format:
            found |= _FORMATS.get(kind.format, {"format": kind.format})
        if kind.kind == "string":
            found |= _given(minLength=kind.low, maxLength=kind.high)
        else:
            found |= _given(minimum=kind.low, maximum=kind.high)
        if kind.pattern:
            found["pattern"] = kind.pattern
        if kind.values:
            found["enum"] = list(kind.values)
        if kind.flags:
            found["x-flags"] = kind.flags
        return found

    def field(self, field: Field) -> Json:
        """The schema of a property or parameter."""
        found = self.type(field.type)
        extra: Json = {"deprecated": True} if field.deprecated else {}
        if field.default is not None:
            extra["default"] = field.default
        return found | extra

    def object(self, fields: tuple[Field, ...]) -> Json:
        """An object with these properties."""
        required = [f.name for f in fields if f.required]
        found: Json = {"type": "object", "properties": {f.name: self.field(f) for f in fields}}
        return found | ({"required": required} if required else {})

    def schema(self, schema: Schema) -> Json:
        """The whole of a named schema."""
        match schema:
            case Enum():
                kind = "integer" if schema.base == "int" else "string"
                values = [{"title": title, "const": value} for title, value in schema.members]
                found: Json = {"type": kind, "oneOf": values} if values else {"type": kind}
            case Object():
                found = self.object(schema.fields)
                if schema.others is not None:
                    found["additionalProperties"] = self.type(schema.others)
                if schema.extends:
                    found = {"allOf": [*(self.ref(base) for base in schema.extends), found]}
            case Choice():
                found = self._choice(schema)
            case Alias():
                found = self.type(schema.type)
        return found | _about(schema)

    def _choice(self, choice: Choice) -> Json:
        found: Json = {"oneOf": [self.ref(arm) for arm in choice.arms]}
        if choice.tag:
            mapping = {str(value): self.point(arm) for arm in choice.arms for value in choice.tags[arm]}
            found["discriminator"] = {"propertyName": choice.tag, "mapping": mapping}
        if choice.beside:
            values = {str(value): self.point(arm) for value, arm in choice.by_value.items()}
            found = {"anyOf": found["oneOf"], "x-beside": {"propertyName": choice.beside, "mapping": values}}
        return found


def _about(schema: Schema) -> Json:
    found: Json = {}
    if schema_note := getattr(schema, "note", ""):
        found["description"] = schema_note
    if docs := getattr(schema, "docs", ""):
        found["externalDocs"] = {"url": docs}
    if official := getattr(schema, "official", ""):
        found["x-official"] = official
    return found


def _given(**limits: Number | None) -> Json:
    return {key: value for key, value in limits.items() if value is not None}
