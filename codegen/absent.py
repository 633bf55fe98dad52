"""What we wrote may name something official that the document at hand lacks: it is read more loosely, and told.

`spec/names.yaml` knows every schema that a document ever had.  A name that stands there and in no file of `rest/` is
absent: where it is a type the type is any (or the values that are named), where it is an arm or a base it is left
out.  Any other unknown name is a mistake and refused.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from codegen.ir import Alias, Choice, Field, Object, Operation, Schema
from codegen.notation import ANY, Array, Map, Nullable, Primitive, Ref, Type, Union, refs

if TYPE_CHECKING:
    from codegen.importer.naming import Names
    from codegen.reader import Reader
    from codegen.yaml import Node

_LEFT_OUT = frozenset({"base", "extends", "or", "payload", "union"})


def names(table: Names, schemas: Collection[str]) -> frozenset[str]:
    """What the table has a name for and `schemas` lack."""
    return frozenset({ours for _, ours in table.schemas.values()} | set(table.unions)) - set(schemas)


def loose(kind: Type, absent: Collection[str]) -> Type:
    """`kind` with any in the place of what is absent."""
    match kind:
        case Ref(name, values) if name in absent and values:
            return Primitive("integer" if isinstance(values[0], int) else "string", values=values)
        case Ref(name):
            return ANY if name in absent else kind
        case Nullable(inner):
            found = loose(inner, absent)
            return ANY if found == ANY else Nullable(found)
        case Array(inner):
            return replace(kind, item=loose(inner, absent))
        case Map(inner):
            return replace(kind, value=loose(inner, absent))
        case Union(arms):
            left = tuple(loose(arm, absent) for arm in arms)
            return ANY if ANY in left else Union(left)
        case _:
            return kind


def apply(reader: Reader, absent: frozenset[str]) -> list[str]:
    """Loosen in place whatever the reader has read; one line for a person about each place."""
    told: dict[str, None] = {}
    for name in _empty(reader, absent):
        absent |= {name}
        del reader.schemas[name]
        told[f"{reader.places[name].place('')}: the document lacks every arm: left out"] = None
    kept: list[tuple[Node, str, Type]] = []
    for node, key, kind in reader.references:
        gone = [name for name in refs(kind) if name in absent]
        kept += [] if gone else [(node, key, kind)]
        how = "left out" if key in _LEFT_OUT else "read loosely"
        told |= dict.fromkeys(f"{node.place(key)}: the document lacks {name}: {how}" for name in gone)
    reader.references[:] = kept
    for name, it in list(reader.derived.items()):
        reader.derived[name] = replace(it, extra=_fields(it.extra, absent))
        if it.base in absent:
            schema = reader.schemas[name]
            reader.schemas[name] = replace(schema, fields=it.extra) if isinstance(schema, Object) else schema
            del reader.derived[name]
            reader.loosened.add(name)
    for name in reader.schemas.keys() & reader.places.keys():
        reader.schemas[name] = _schema(reader.schemas[name], absent)
    for name, operation in reader.operations.items():
        reader.operations[name] = _operation(operation, absent)
    return list(told)


def _empty(reader: Reader, absent: frozenset[str]) -> list[str]:
    """The unions of which nothing is left."""
    return [name for name, s in reader.schemas.items() if isinstance(s, Choice) and not set(s.arms) - absent]


def _schema(schema: Schema, absent: frozenset[str]) -> Schema:
    match schema:
        case Object():
            return replace(
                schema,
                fields=_fields(schema.fields, absent),
                extends=tuple(base for base in schema.extends if base not in absent),
                others=None if schema.others is None else loose(schema.others, absent),
            )
        case Choice():
            arms = tuple(arm for arm in schema.arms if arm not in absent)
            by_value = {value: arm for value, arm in schema.by_value.items() if arm in arms}
            return replace(schema, arms=arms, by_value=by_value)
        case Alias():
            return replace(schema, type=loose(schema.type, absent))
        case _:
            return schema


def _operation(operation: Operation, absent: frozenset[str]) -> Operation:
    return replace(
        operation,
        path_fields=_fields(operation.path_fields, absent),
        query=_fields(operation.query, absent),
        body=None if operation.body is None else loose(operation.body, absent),
        returns=tuple((s, None if kind is None else loose(kind, absent)) for s, kind in operation.returns),
    )


def _fields(fields: tuple[Field, ...], absent: frozenset[str]) -> tuple[Field, ...]:
    return tuple(replace(field, type=loose(field.type, absent)) for field in fields)
