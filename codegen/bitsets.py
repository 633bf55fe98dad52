"""Which fields are bit sets, and of which class: spec/flag_fields.yaml, applied to the IR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from codegen import yaml
from codegen.ir import Object, Schema
from codegen.notation import Array, Map, Nullable, Primitive, Ref, Type, Union


def classes(folder: Path) -> dict[str, str]:
    """The classes of flags.yaml, and how each travels: as an integer, or as decimal text."""
    path = folder / "flags.yaml"
    if not path.exists():
        return {}
    return {
        name: "string" if block.get("wire") else "integer"
        for name, block in yaml.load(path, folder.parent).nodes("classes")
    }


def resolve(kind: Type, known: Mapping[str, str]) -> Type:
    """A type of the notation in which the name of a bit set stands for it."""
    match kind:
        case Ref(name, ()) if name in known:
            return Primitive(known[name], flags=name)
        case Nullable(inner):
            return Nullable(resolve(inner, known))
        case Array(inner):
            return replace(kind, item=resolve(inner, known))
        case Map(inner):
            return replace(kind, value=resolve(inner, known))
        case Union(arms):
            return Union(tuple(resolve(arm, known) for arm in arms))
        case _:
            return kind


def apply(folder: Path, schemas: dict[str, Schema]) -> list[str]:
    """Name the class of every bit set in place; the fields that do not exist (any more).

    SpecError where a field cannot be a bit set.
    """
    path = folder / "flag_fields.yaml"
    gone: list[str] = []
    if not path.exists():
        return gone
    document = yaml.load(path, folder.parent)
    document.only(list(classes(folder)))
    for name in document:
        for where in document.texts(name):
            schema_name, _, field_name = where.partition(".")
            schema = schemas.get(schema_name)
            if not isinstance(schema, Object) or field_name not in {f.name for f in schema.fields}:
                gone.append(where)
                continue
            fields = tuple(replace(f, type=_set(f.type, name)) if f.name == field_name else f for f in schema.fields)
            if fields == schema.fields:
                document.fail(name, f"{where!r} is neither a whole number nor text")
            schemas[schema_name] = replace(schema, fields=fields)
    return gone


def _set(kind: Type, flags: str) -> Type:
    match kind:
        case Nullable(inner):
            return Nullable(_set(inner, flags))
        case Array(inner):
            return replace(kind, item=_set(inner, flags))
        case Primitive("integer" | "string"):
            return replace(kind, flags=flags)
        case _:
            return kind
