"""Our corrections of the official document: applied to the IR, each with its reason, source and end.

    - where: User.flags                  a field; or `create_x returns`, `create_x query:limit`, `* returns`
      optional: true                     may be absent (`optional`), may not be null (`null: false`), another `type:`
      reason: ...
      source: ...
      drop_when: ...

An entry that changes nothing any more, or whose place is gone, is reported by name: the document has moved on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from codegen import yaml
from codegen.ir import Field, Object, Operation, Schema
from codegen.notation import Array, NotationError, Nullable, Type, parse, refs
from codegen.yaml import Node


@dataclass
class Applied:
    applied: list[str] = field(default_factory=list[str])
    obsolete: list[str] = field(default_factory=list[str])


def apply(
    folder: Path, schemas: dict[str, Schema], operations: dict[str, Operation], absent: Collection[str] = ()
) -> Applied:
    """Apply every correction in place; say which still changed something."""
    result = Applied()
    _documented(folder / "optional_fields.yaml", schemas, result)
    path = folder / "overlay.yaml"
    if not path.exists():
        return result
    document = yaml.load(path, folder.parent)
    document.only(["corrections"])
    entries: object = document.get("corrections", [])
    if not isinstance(entries, list):
        document.fail("corrections", "expected a list")
    for entry in entries:  # pyright: ignore[reportUnknownVariableType]  # checked on the next line
        if not isinstance(entry, Node):
            document.fail("corrections", "each entry is a mapping")
        entry.only(["where", "optional", "null", "type", "auth", "scopes", "reason", "source", "drop_when"])
        where = entry.text("where")
        for key in ("reason", "source", "drop_when"):
            entry.text(key)
        changed = not _names(entry, absent) and _apply(entry, where, schemas, operations)
        (result.applied if changed else result.obsolete).append(where)
    return result


def _names(entry: Node, absent: Collection[str]) -> bool:
    """Whether a correction gives a type that the document lacks."""
    text = entry.get("type")
    try:
        return isinstance(text, str) and any(name in absent for name in refs(parse(text)))
    except NotationError as exc:
        entry.fail("type", str(exc))


def _documented(path: Path, schemas: dict[str, Schema], result: Applied) -> None:
    """Fields that the documentation's tables and examples leave out, or show as null."""
    if not path.exists():
        return
    document = yaml.load(path, path.parent.parent)
    document.only(["base", "optional", "nullable"])
    for part in ("optional", "nullable"):
        for name, block in document.nodes(part):
            block.only(["source", "table", "example", "note"])
            block.text("source")
            schema = schemas.get(name)
            wanted = (*block.texts("table"), *block.texts("example"))
            if not isinstance(schema, Object):
                result.obsolete += [f"{name}.{field_name}" for field_name in wanted]
                continue
            found = {field.name: field for field in schema.fields}
            fields = dict(found)
            for field_name in wanted:
                if field_name not in found:
                    result.obsolete.append(f"{name}.{field_name}")
                    continue
                f = found[field_name]
                kind = f.type if part == "optional" or isinstance(f.type, Nullable) else Nullable(f.type)
                fields[field_name] = replace(f, type=kind, required=f.required and part != "optional")
                changed = fields[field_name] != f
                (result.applied if changed else result.obsolete).append(f"{name}.{field_name}")
            schemas[name] = replace(schema, fields=tuple(fields.values()))


def _apply(entry: Node, where: str, schemas: dict[str, Schema], operations: dict[str, Operation]) -> bool:
    name, _, part = where.partition(" ")
    if part:
        return _operation(entry, name, part, operations, schemas)
    schema_name, _, field_name = where.partition(".")
    schema = schemas.get(schema_name)
    if not field_name:
        entry.fail("where", f"expected Schema.field or an operation and its part, found {where!r}")
    if not isinstance(schema, Object) or field_name not in {f.name for f in schema.fields}:
        return False
    fields = tuple(_field(entry, f, schemas) if f.name == field_name else f for f in schema.fields)
    schemas[schema_name] = replace(schema, fields=fields)
    return fields != schema.fields


def _operation(
    entry: Node, name: str, part: str, operations: dict[str, Operation], schemas: Mapping[str, Schema]
) -> bool:
    names = list(operations) if name == "*" else [name]
    changed = False
    for each in names:
        if each not in operations:
            return False
        before = operations[each]
        if part == "returns":
            returns = tuple((s, _answer(entry, t, name == "*", schemas)) for s, t in before.returns)
            after = replace(before, returns=returns)
        elif part == "auth":
            after = replace(before, auth=entry.texts("auth"))
        elif part == "scopes":
            after = replace(before, scopes=entry.texts("scopes"))
        elif part.startswith("query:"):
            wanted = part.removeprefix("query:")
            after = replace(
                before, query=tuple(_field(entry, f, schemas) if f.name == wanted else f for f in before.query)
            )
        else:
            entry.fail(
                "where", f"expected `returns`, `auth`, `scopes` or `query:name` after the operation, found {part!r}"
            )
        operations[each] = after
        changed |= after != before
    return changed


def _answer(entry: Node, kind: Type | None, everywhere: bool, schemas: Mapping[str, Schema]) -> Type | None:
    """A correction of every operation's answer means the lists among them."""
    if kind is None or (everywhere and not (isinstance(kind, Nullable) and isinstance(kind.inner, Array))):
        return kind
    return _type(entry, kind, schemas)


def _type(entry: Node, kind: Type, schemas: Mapping[str, Schema]) -> Type:
    if "type" in entry:
        try:
            found = parse(entry.text("type"))
        except NotationError as exc:
            entry.fail("type", str(exc))
        for name in refs(found):
            if name not in schemas:
                entry.fail("type", f"unknown schema {name!r}")
        return found
    if "null" in entry:
        inner = kind.inner if isinstance(kind, Nullable) else kind
        return Nullable(inner) if entry.flag("null") else inner
    return kind


def _field(entry: Node, f: Field, schemas: Mapping[str, Schema]) -> Field:
    required = not entry.flag("optional") if "optional" in entry else f.required
    return replace(f, type=_type(entry, f.type, schemas), required=required)
