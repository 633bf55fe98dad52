"""Which fields are bit sets, and of which class: spec/flag_fields.yaml, applied to the IR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from codegen import yaml
from codegen.ir import Object, Schema
from codegen.notation import Array, Map, Nullable, Primitive, Ref, Type, Union


def as_text(name: str) -> str:
    """What a bit set is called where it travels as text though others of its class do not."""
    return f"{name}Text"


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
    known = classes(folder)
    both = {name for name, block in yaml.load(folder / "flags.yaml", folder.parent).nodes("classes") if "also" in block}
    document.only(list(known))
    for name in document:
        for where in document.texts(name):
            schema_name, _, field_name = where.partition(".")
            schema = schemas.get(schema_name)
            if not isinstance(schema, Object) or field_name not in {f.name for f in schema.fields}:
                gone.append(where)
                continue
            fields = tuple(
                replace(f, type=_set(f.type, name, known[name])) if f.name == field_name else f for f in schema.fields
            )
            if fields == schema.fields:
                document.fail(name, f"{where!r} is neither a whole number nor text")
            if name not in both and any(_is_text(f.type, as_text(name)) for f in fields if f.name == field_name):
                document.fail(name, f"{where!r} is text: flags.yaml does not say `also: decimal string`")
            schemas[schema_name] = replace(schema, fields=fields)
    return gone


def _is_text(kind: Type, flags: str) -> bool:
    match kind:
        case Nullable(inner) | Array(inner):
            return _is_text(inner, flags)
        case _:
            return isinstance(kind, Primitive) and kind.flags == flags


def _set(kind: Type, flags: str, wire: str) -> Type:
    match kind:
        case Nullable(inner):
            return Nullable(_set(inner, flags, wire))
        case Array(inner):
            return replace(kind, item=_set(inner, flags, wire))
        case Primitive("integer" | "string" as form):
            return replace(kind, flags=as_text(flags) if form == "string" and wire == "integer" else flags)
        case _:
            return kind
