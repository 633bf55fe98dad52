"""Objects that are others with a few differences: `base` with `extra`, `omit`, `optional` or `required`.

Where the differences leave every inherited annotation as it is, the object extends its base, and its class will be a
subclass; where one changes, the object has all fields of its own, for a field of a subclass cannot have another type.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from codegen.ir import Field, Object, Schema
from codegen.notation import Nullable, Primitive, Type
from codegen.yaml import Node

KEYS = ("extra", "omit", "optional", "required")


@dataclass(frozen=True, slots=True)
class Derived:
    """What an entry says of its base; `required` is None where the base's own marks hold."""

    node: Node
    key: str  # where the entry names the base
    base: str
    extra: tuple[Field, ...]
    omit: tuple[str, ...]
    optional: tuple[str, ...]
    required: tuple[str, ...] | None


def apply(derived: Mapping[str, Derived], schemas: dict[str, Schema], loosened: Collection[str] = ()) -> list[str]:
    """Fill in the fields of every derived object in place; SpecError where a base or a field does not exist.

    What is said of a field that the official document (or one of `loosened`, read without its base) lacks is returned,
    a line for a person each.
    """
    done: set[str] = set()
    theirs = {*loosened, *(name for name, schema in schemas.items() if getattr(schema, "official", ""))}
    told: list[str] = []

    def resolve(name: str, above: tuple[str, ...]) -> None:
        if name in done or name not in derived:
            return
        it = derived[name]
        if name in above:
            it.node.fail(it.key, f"{name} leads back to itself")
        resolve(it.base, (*above, name))
        if it.base in theirs:
            theirs.add(name)
        schemas[name] = _filled(schemas, name, it, told if it.base in theirs else None)
        done.add(name)

    for name in derived:
        resolve(name, ())
    return told


def _filled(schemas: Mapping[str, Schema], name: str, it: Derived, told: list[str] | None) -> Schema:
    own, base = schemas[name], schemas.get(it.base)
    assert isinstance(own, Object)
    if not isinstance(base, Object):
        it.node.fail(it.key, f"{it.base} is no schema with fields")
    before = {f.name: f for f in all_fields(schemas, base)}
    for key in ("omit", "optional", "required"):
        for field_name in getattr(it, key) or ():
            if field_name not in before and told is None:
                it.node.fail(key, f"{it.base} has no field {field_name!r}")
            elif field_name not in before and told is not None:
                told.append(f"{it.node.place(key)}: {it.base} has no field {field_name!r} (any more)")
    after = {n: _marked(f, it) for n, f in before.items() if n not in it.omit} | {f.name: f for f in it.extra}
    changed = {n: f for n, f in after.items() if f != before.get(n)}
    if not it.omit and all(_shown(f) == _shown(before[n]) for n, f in changed.items() if n in before):
        return replace(own, fields=tuple(changed.values()), extends=(base.name,))
    return replace(own, fields=tuple(after.values()), others=base.others)


def _marked(field: Field, it: Derived) -> Field:
    if it.required is not None:
        return replace(field, required=field.name in it.required)
    return replace(field, required=False) if field.name in it.optional else field


def _shown(field: Field) -> tuple[Type, bool]:
    """What the annotation of a field depends on: limits do not show, and absent reads as null does."""
    kind = field.type.inner if isinstance(field.type, Nullable) else field.type
    if isinstance(kind, Primitive):
        kind = replace(kind, low=None, high=None, pattern="", format=kind.format if kind.kind == "string" else "")
    return kind, isinstance(field.type, Nullable) or not field.required


def all_fields(schemas: Mapping[str, Schema], schema: Object) -> tuple[Field, ...]:
    """The fields of an object with those that it inherits."""
    found: dict[str, Field] = {}
    for name in schema.extends:
        base = schemas[name]
        assert isinstance(base, Object)
        found |= {f.name: f for f in all_fields(schemas, base)}
    return tuple((found | {f.name: f for f in schema.fields}).values())
