"""IR -> the small JSON Schema that datamodel-code-generator reads: allow-listed keys only, every reference known.

Vendor keys of that library can import any name, so nothing of a document reaches it but what is built here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from codegen.filters import attribute, literal, members
from codegen.ir import Alias, Choice, Enum, Field, Object, Spec
from codegen.notation import Array, Map, Nullable, Primitive, Ref, Type, Union
from codegen.python import BITS, FLAGS, likes

OWN = "own endpoints"  # the resource of what a user adds (`codegen.user`)
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+\Z", re.ASCII)  # what may stand in a key of that library's

Json = dict[str, Any]


class Lowering:
    """The definitions of one module: its own objects, and stubs for every name from elsewhere."""

    def __init__(self, spec: Spec, home: Mapping[str, str], module: str) -> None:
        self.spec, self.home, self.module = spec, home, module
        self.request = module.rpartition(".")[2].startswith("requests")
        self.defs: Json = {}
        self.tags = {(arm, s.tag) for s in spec.schemas.values() if isinstance(s, Choice) and s.tag for arm in s.arms}
        self.wire: dict[str, dict[str, str]] = {}  # class -> its fields that are spelled otherwise on the wire

    def add(self, schema: Object) -> None:
        names: dict[str, str] = {}
        plain = {f.name for f in schema.fields if attribute(f.name) == f.name}
        for f in schema.fields:
            names[f.name] = f.name if f.name in plain else attribute(f.name, {*plain, *names.values()})
        self.wire[schema.name] = {ours: wire for wire, ours in names.items() if ours != wire}
        body: Json = {
            "type": "object",
            "description": about(schema),
            "properties": {names[f.name]: self.property(schema, f) for f in schema.fields},
            "required": [names[f.name] for f in schema.fields if f.required],
        }
        if schema.extends:
            body["allOf"] = [self.name(base) for base in schema.extends]
        self.defs[schema.name] = body

    def property(self, schema: Object, field: Field) -> Json:
        is_tag = (schema.name, field.name) in self.tags
        if self.request:
            return (self._tag(field.type) if is_tag else self.type(field.type)) | _limits(field.type)
        # What tells the arms of a union apart is fixed; beside that, an answer may hold any value of tomorrow's.
        return self._tag(field.type) if is_tag else self.type(_opened(field.type))

    def _tag(self, kind: Type) -> Json:
        """What tells the arms of a union apart must be a literal, also where the enum has no member for a value."""
        found = self.type(kind)
        values = kind.values if isinstance(kind, Ref | Primitive) else ()
        if "x-python-type" in found or not values or not all(_PLAIN.match(str(value)) for value in values):
            return found
        word = "integer" if isinstance(values[0], int) else "string"
        return {"type": word, "x-python-type": f"typing.Literal[{', '.join(map(literal, values))}]"}

    def stub(self, name: str, module: str) -> Json:
        self.defs.setdefault(name, {"x-python-import": {"module": module, "name": name}})
        return {"$ref": f"#/$defs/{name}"}

    def name(self, name: str) -> Json:
        """A reference to a schema's class or alias, wherever it lives."""
        schema = self.spec.schemas[name]
        if isinstance(schema, Alias):
            return self.type(schema.type)
        if self.request and not isinstance(schema, Enum):
            return self.stub(f"{name}Like", likes(self.home[name]))
        if self.home[name] == self.module and isinstance(schema, Object):
            return {"$ref": f"#/$defs/{name}"}
        return self.stub(name, self.home[name])

    def type(self, kind: Type) -> Json:
        match kind:
            case Ref(name, values):
                schema = self.spec.schemas[name]
                if values and isinstance(schema, Enum):
                    return self._narrow(schema, values)
                return self.name(name)
            case Nullable(inner):
                found = self.type(inner)
                # A list of types loses the values of a map: dict[str, Any] would come out.
                if isinstance(found.get("type"), str) and not found.keys() & {"x-python-type", "additionalProperties"}:
                    return found | {"type": [found["type"], "null"]}
                return {"anyOf": [found, {"type": "null"}]}
            case Union(arms):
                return {"anyOf": [self.type(arm) for arm in arms]}
            case Array(inner):
                return {"type": "array", "items": self.type(inner)}
            case Map(inner):
                return {"type": "object", "additionalProperties": self.type(inner)}
            case Primitive():
                return self._primitive(kind)

    def _primitive(self, kind: Primitive) -> Json:
        if kind.flags and not (self.request and kind.kind == "integer"):
            return self.stub(kind.flags, BITS.get(kind.flags, FLAGS))
        match kind.kind, kind.format:
            case "string", "snowflake":
                return self.stub(
                    "SnowflakeLike" if self.request else "Snowflake",
                    "acord.core.base" if self.request else "acord.core.types",
                )
            case "string", "date-time":
                return self.stub("Timestamp", "acord.core.base")
            case "boolean", _ if kind.values:
                choices = ", ".join(map(repr, kind.values))
                return {"type": "boolean", "x-python-type": f"typing.Literal[{choices}]"}
            case "string", "binary":
                return self.stub("File", "acord.core.types")
            case "any", _:
                return {}
            case word, _:
                return {"type": word}

    def _narrow(self, schema: Enum, values: tuple[object, ...]) -> Json:
        """Literals of the enum's members; the open enum where a value has no member."""
        known: dict[object, str] = {value: name for name, value in members(schema.members)}
        if not all(value in known for value in values):
            return self.name(schema.name)
        choices = ", ".join(f"{self.home[schema.name]}.{schema.name}.{known[value]}" for value in values)
        return {"type": "integer" if schema.base == "int" else "string", "x-python-type": f"typing.Literal[{choices}]"}


def _opened(kind: Type) -> Type:
    """A type of an answer without the lists of values that its enums are narrowed to."""
    match kind:
        case Ref(_, values) if values:
            return replace(kind, values=())
        case Nullable(inner):
            return Nullable(_opened(inner))
        case Array(inner):
            return replace(kind, item=_opened(inner))
        case Map(inner):
            return replace(kind, value=_opened(inner))
        case Union(arms):
            return Union(tuple(map(_opened, arms)))
        case _:
            return kind


def _limits(kind: Type) -> Json:
    """Limits of a property of a request; those deeper inside are the helpers' to check."""
    kind = kind.inner if isinstance(kind, Nullable) else kind
    low, high = "minimum", "maximum"
    match kind:
        case Primitive("string"):
            if kind.flags or kind.format in {"snowflake", "date-time", "binary"}:
                return {}
            low, high = "minLength", "maxLength"
        case Array():
            low, high = "minItems", "maxItems"
        case Primitive("integer" | "number"):
            pass
        case _:
            return {}
    bounds = ((low, kind.low), (high, kind.high))
    return {key: value for key, value in bounds if value is not None}


def about(schema: Object | Enum | Choice) -> str:
    """The docstring of a class: what it is at Discord, our note, where it is documented."""
    if schema.resource == OWN:
        first = "" if schema.note else f"As our own specification describes ``{schema.name}``."
    elif isinstance(schema, Choice):
        first = "" if schema.docs else "One of several objects."
    elif schema.official:
        first = f"Discord's ``{schema.official}``."
    elif schema.note and schema.docs:
        first = ""
    else:
        first = "Written inline in the official document."
    docs = getattr(schema, "docs", "")
    return "\n\n".join(filter(None, (first, schema.note, docs and f"Source: {docs}")))
