"""Our corrections of the official document: applied to the IR, each with its reason, source and end.

    - where: User.flags                  a field; or `create_x returns`, `create_x query:limit`, `create_x body`
      optional: true                     may be absent (`optional`), may not be null (`null: false`), another `type:`
      reason: ...
      source: ...
      drop_when: ...

An entry that changes nothing any more is reported by name: the document has caught up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from codegen import yaml
from codegen.ir import Field, Object, Operation, Schema
from codegen.notation import Array, NotationError, Nullable, Type, parse
from codegen.yaml import Node


@dataclass
class Applied:
    applied: list[str] = field(default_factory=list[str])
    obsolete: list[str] = field(default_factory=list[str])


def apply(folder: Path, schemas: dict[str, Schema], operations: dict[str, Operation]) -> Applied:
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
        changed = _apply(entry, where, schemas, operations)
        (result.applied if changed else result.obsolete).append(where)
    return result


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
            if not isinstance(schema, Object):
                block.fail("", f"{name!r} is no object of the spec")
            found = {field.name: field for field in schema.fields}
            for key in ("table", "example"):
                for field_name in block.texts(key):
                    if field_name not in found:
                        block.fail(key, f"{name} has no field {field_name!r}")
            fields = dict(found)
            for field_name in (*block.texts("table"), *block.texts("example")):
                f = found[field_name]
                kind = f.type if part == "optional" or isinstance(f.type, Nullable) else Nullable(f.type)
                fields[field_name] = replace(f, type=kind, required=f.required and part != "optional")
                changed = fields[field_name] != f
                (result.applied if changed else result.obsolete).append(f"{name}.{field_name}")
            schemas[name] = replace(schema, fields=tuple(fields.values()))


def _apply(entry: Node, where: str, schemas: dict[str, Schema], operations: dict[str, Operation]) -> bool:
    name, _, part = where.partition(" ")
    if part:
        return _operation(entry, name, part, operations)
    schema_name, _, field_name = where.partition(".")
    schema = schemas.get(schema_name)
    if not isinstance(schema, Object) or field_name not in {f.name for f in schema.fields}:
        entry.fail("where", f"{where!r} is no field of the spec")
    fields = tuple(_field(entry, f) if f.name == field_name else f for f in schema.fields)
    schemas[schema_name] = replace(schema, fields=fields)
    return fields != schema.fields


def _operation(entry: Node, name: str, part: str, operations: dict[str, Operation]) -> bool:
    names = list(operations) if name == "*" else [name]
    changed = False
    for each in names:
        if each not in operations:
            entry.fail("where", f"unknown operation {each!r}")
        before = operations[each]
        if part == "returns":
            after = replace(before, returns=tuple((s, _answer(entry, t, name == "*")) for s, t in before.returns))
        elif part == "auth":
            after = replace(before, auth=entry.texts("auth"))
        elif part == "scopes":
            after = replace(before, scopes=entry.texts("scopes"))
        elif part.startswith("query:"):
            wanted = part.removeprefix("query:")
            after = replace(before, query=tuple(_field(entry, f) if f.name == wanted else f for f in before.query))
        else:
            entry.fail(
                "where", f"expected `returns`, `auth`, `scopes` or `query:name` after the operation, found {part!r}"
            )
        operations[each] = after
        changed |= after != before
    return changed


def _answer(entry: Node, kind: Type | None, everywhere: bool) -> Type | None:
    """A correction of every operation's answer means the lists among them."""
    if kind is None or (everywhere and not (isinstance(kind, Nullable) and isinstance(kind.inner, Array))):
        return kind
    return _type(entry, kind)


def _type(entry: Node, kind: Type) -> Type:
    if "type" in entry:
        try:
            return parse(entry.text("type"))
        except NotationError as exc:
            entry.fail("type", str(exc))
    if "null" in entry:
        inner = kind.inner if isinstance(kind, Nullable) else kind
        return Nullable(inner) if entry.flag("null") else inner
    return kind


def _field(entry: Node, f: Field) -> Field:
    required = not entry.flag("optional") if "optional" in entry else f.required
    return replace(f, type=_type(entry, f.type), required=required)
