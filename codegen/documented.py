"""What the documentation has and the official document lacks: spec/documented.yaml, added to the IR."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from codegen import yaml
from codegen.absent import loose
from codegen.bitsets import classes, resolve
from codegen.ir import Alias, Enum, Field, Object, Schema
from codegen.notation import NotationError, parse, refs
from codegen.yaml import Node


def apply(folder: Path, schemas: dict[str, Schema], absent: Collection[str] = ()) -> list[str]:
    """Add fields, values and aliases in place; the places where the official document has caught up or moved on."""
    path = folder / "documented.yaml"
    if not path.exists():
        return []
    document = yaml.load(path, folder.parent)
    document.only(["base", "fields", "values"])
    known = classes(folder)
    caught_up: list[str] = []
    for name, block in document.nodes("fields"):
        block.only(["source", "add"])
        block.text("source")
        schema = schemas.get(name)
        if schema is None or isinstance(schema, Alias):
            caught_up.append(name)
            continue
        if not isinstance(schema, Object):
            block.fail("", f"{name!r} is no object of the spec")
        added = [_field(block.node("add"), key, known, schemas, absent) for key in block.node("add")]
        present = {field.name for field in schema.fields}
        caught_up += [f"{name}.{field.name}" for field in added if field.name in present]
        new = tuple(field for field in added if field.name not in present)
        schemas[name] = replace(schema, fields=schema.fields + new)
    for name, block in document.nodes("values"):
        schema = schemas.get(name)
        if schema is None or isinstance(schema, Alias):
            caught_up.append(name)
            continue
        if not isinstance(schema, Enum):
            block.fail("", f"{name!r} is no enum of the spec")
        schemas[name] = _values(block, schema, caught_up)
    return caught_up


def _values(block: Node, schema: Enum, caught_up: list[str]) -> Enum:
    block.only(["source", "add", "names"])
    block.text("source")
    titles, numbers = {title for title, _ in schema.members}, {value for _, value in schema.members}
    extra, other = block.node("add"), block.node("names")
    new: list[tuple[str, int | str]] = []
    for title in extra:
        value = extra.whole(title) if schema.base == "int" else extra.text(title)
        if value in numbers:
            caught_up.append(f"{schema.name}.{title}")
        else:
            new.append((title, value))
    aliases: list[tuple[str, str]] = []
    for title in other:
        alias = other.text(title)
        if alias in titles or title not in titles:
            caught_up.append(f"{schema.name}.{alias}")
        else:
            aliases.append((alias, title))
    return replace(schema, members=schema.members + tuple(new), aliases=schema.aliases + tuple(aliases))


def _field(node: Node, key: str, known: dict[str, str], schemas: dict[str, Schema], absent: Collection[str]) -> Field:
    text = node.text(key)
    try:
        kind = loose(resolve(parse(text), known), absent)
    except NotationError as exc:
        node.fail(key, str(exc))
    if unknown := [name for name in refs(kind) if name not in schemas]:
        node.fail(key, f"unknown type {unknown[0]!r}")
    return Field(key.removesuffix("?"), kind, required=not key.endswith("?"))
