"""Shapes: what the spec says of request values, printed as `acord.core.shapes` constructors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jinja2 import Environment

from codegen.filters import literal, quoted
from codegen.ir import Alias, Choice, Enum, Field, Object, Schema, Spec, uses
from codegen.notation import Array, Map, Nullable, Number, Primitive, Ref, Type, Union

_SIMPLE = {
    ("string", "snowflake"): "Id",
    ("string", "date-time"): "Timestamp",
    ("string", "base64"): "Image",
    ("string", "binary"): "Binary",
}
_KINDS = {"integer": "Integer", "number": "Number"}
# Formats that are named after their range (the document states both).
_RANGES: dict[str, tuple[int, int]] = {"int53": (-(2**53) + 1, 2**53 - 1), "uint32": (0, 2**32 - 1)}


class Printer:
    """Prints shapes and remembers which constructors were used."""

    def __init__(self, spec: Spec, elsewhere: Mapping[str, str] | None = None) -> None:
        self.spec = spec
        self.elsewhere = elsewhere or {}  # schemas whose shapes are in no module of `acord.shapes` -> their full names
        self.used: set[str] = set()

    def ref(self, name: str) -> str:
        return self.call("Ref", quoted(self.elsewhere.get(name, name)))

    def call(self, name: str, *args: str, **limits: Number | bool | str | None) -> str:
        self.used.add(name)
        given = [
            f"{key}={literal(value)}"
            for key, value in limits.items()
            if value is not None and value is not False and value != ""
        ]
        return f"{name}({', '.join([*args, *given])})"

    def show(self, kind: Type) -> str:
        match kind:
            case Nullable(inner):
                return self.call("Nullable", self.show(inner))
            case Union(arms):
                return self.call("AnyOf", *map(self.show, arms))
            case Array(inner, low, high, unique):
                return self.call("Array", self.show(inner), min=low, max=high, unique=unique)
            case Map(inner, low, high):
                return self.call("Map", self.show(inner), min=low, max=high)
            case Ref(name, values):
                schema = self.spec.schemas[name]
                if isinstance(schema, Alias):
                    return self.show(schema.type)
                if values:
                    return self.call("Enum", quoted(name), *map(literal, values), narrow=True)
                return self.ref(name)
            case Primitive():
                return self._primitive(kind)

    def _primitive(self, kind: Primitive) -> str:
        if kind.flags and kind.kind == "string":
            return self.call("String", pattern=r"^\d+$", format="permissions")
        if kind.values:
            return self.call("Enum", quoted(kind.kind), *map(literal, kind.values))
        if simple := _SIMPLE.get((kind.kind, kind.format)):
            return self.call(simple)
        match kind.kind:
            case "string":
                return self.call("String", min=kind.low, max=kind.high, pattern=kind.pattern, format=kind.format)
            case "integer" | "number":
                low, high = _RANGES.get(kind.format, (None, None))
                return self.call(
                    _KINDS[kind.kind],
                    min=low if kind.low is None else kind.low,
                    max=high if kind.high is None else kind.high,
                )
            case "boolean":
                return self.call("Boolean")
            case _:
                return self.call("Anything")

    def schema(self, schema: Schema) -> str:
        match schema:
            case Enum():
                return self.call("Enum", quoted(schema.name), *(literal(value) for _, value in schema.members))
            case Object():
                fields = self._all_fields(schema)
                parts = [quoted(schema.name)]
                for key, wanted in (("required", True), ("optional", False)):
                    block = {f.name: self.show(f.type) for f in fields if f.required is wanted}
                    if block:
                        parts.append(f"{key}={{{', '.join(f'{quoted(n)}: {s}' for n, s in block.items())}}}")
                if schema.others is not None:
                    parts.append(f"others={self.show(schema.others)}")
                return self.call("Object", *parts)
            case Choice():
                if not schema.tag:
                    return self.call("AnyOf", *map(self.ref, schema.arms))
                pairs = [(v, self.ref(arm)) for arm in schema.arms for v in schema.tags[arm]]
                return self.call(
                    "Tagged", quoted(schema.tag), "{" + ", ".join(f"{literal(v)}: {r}" for v, r in pairs) + "}"
                )
            case Alias():
                return self.show(schema.type)

    def _all_fields(self, schema: Object) -> tuple[Field, ...]:
        found: dict[str, Field] = {}
        for base in schema.extends:
            inner = self.spec.schemas[base]
            assert isinstance(inner, Object)
            found |= {f.name: f for f in self._all_fields(inner)}
        found |= {f.name: f for f in schema.fields}
        return tuple(found.values())


def needed(spec: Spec) -> list[str]:
    """Every schema that a request can contain, enums of path and query among them."""
    from codegen.notation import refs

    found: set[str] = set(spec.requests)
    todo = [*spec.requests]
    for op in spec.operations.values():
        for field in (*op.path_fields, *op.query):
            todo += refs(field.type)
    while todo:
        name = todo.pop()
        found.add(name)
        todo += [each for each in uses(spec.schemas[name]) if each not in found]
    return sorted(name for name in found if not isinstance(spec.schemas[name], Alias))


def render(spec: Spec, env: Environment) -> Iterator[tuple[str, str]]:
    """(path, source) of acord/shapes."""
    home: dict[str, str] = {}
    for name in needed(spec):
        schema = spec.schemas[name]
        home[name] = "enums" if isinstance(schema, Enum) else schema.resource
    for module in sorted(set(home.values())):
        printer = Printer(spec)
        shapes = [(name, printer.schema(spec.schemas[name])) for name, where in home.items() if where == module]
        title = f"Shapes of request bodies: {module.replace('_', ' ')}."
        page = env.get_template("acord/shapes/shapes.py.jinja")
        yield f"acord/shapes/{module}.py", page.render(title=title, imports=sorted(printer.used), shapes=shapes)
    door = env.get_template("acord/shapes/__init__.py.jinja")
    yield "acord/shapes/__init__.py", door.render(home=sorted(home.items()))
