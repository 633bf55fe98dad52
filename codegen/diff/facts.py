"""The small model that both sides of a comparison become: what is official, under official names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from codegen.ir import Field
from codegen.notation import Array, Map, Nullable, Ref, Type, Union, refs


@dataclass(frozen=True, slots=True)
class Schema:
    """A named schema, or an object written where it is used.

    The name of the latter begins with what holds it (`owner`): ``Holder.field``, ``POST /cats body``.
    """

    name: str
    kind: Literal["object", "enum", "type"]
    fields: Mapping[str, Field] = field(default_factory=dict[str, Field])
    bases: tuple[str, ...] = ()
    others: Type | None = None
    base: str = ""  # of an enum: "int" or "str"
    members: Mapping[str, object] = field(default_factory=dict[str, object])
    type: Type | None = None
    owner: str = ""  # of an object without a name of its own
    ours: bool = False  # the official document lacks it


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation; media types, statuses and names as the official document writes them."""

    name: str
    method: str
    path: str
    path_fields: tuple[Field, ...] = ()
    query: Mapping[str, Field] = field(default_factory=dict[str, Field])
    body: Type | None = None
    body_required: bool = False
    media: tuple[str, ...] = ()
    uploads: Mapping[str, Field] = field(default_factory=dict[str, Field])
    returns: Mapping[str, Type | None] = field(default_factory=dict[str, Type | None])
    answers: Mapping[str, str] = field(default_factory=dict[str, str])  # status -> media type that is no JSON
    auth: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    deprecated: bool = False
    ours: bool = False

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Facts:
    """One side.  `own` is what no official document has: kind -> name -> what is said of it; None where unknown."""

    label: str
    operations: Mapping[str, Operation]  # by "METHOD /path"
    schemas: Mapping[str, Schema]
    own: Mapping[str, Mapping[str, object]] | None = None

    def official(self) -> Facts:
        """Less what a document cannot have."""
        return replace(
            self,
            operations={key: op for key, op in self.operations.items() if not op.ours},
            schemas={name: schema for name, schema in self.schemas.items() if not schema.ours},
            own=None,
        )

    def inherited(self, schema: Schema, but: Iterable[str] = ()) -> dict[str, Field]:
        """Every field of an object, those of its bases first; the bases in `but` are left out."""
        found: dict[str, Field] = {}
        for base in schema.bases:
            if base not in but and base in self.schemas:
                found |= self.inherited(self.schemas[base])
        return found | dict(schema.fields)

    def plain(self, kind: Type) -> Type:
        """The type behind names that stand for a type alone."""
        seen: set[str] = set()
        while isinstance(kind, Ref) and not kind.values and kind.name in self.schemas and kind.name not in seen:
            seen.add(kind.name)
            inner = self.schemas[kind.name].type
            if inner is None:
                break
            kind = inner
        return kind

    def reach(self, start: Iterable[str]) -> set[str]:
        """Every schema that these lead to, themselves among them."""
        found: set[str] = set()
        todo = list(start)
        while todo:
            name = todo.pop()
            if name not in found and name in self.schemas:
                found.add(name)
                todo += used(self.schemas[name])
        return found

    @property
    def sent(self) -> set[str]:
        """What travels in requests."""
        return self.reach(name for op in self.operations.values() for kind in _sent(op) for name in refs(kind))

    @property
    def read(self) -> set[str]:
        """What travels in answers."""
        return self.reach(
            name
            for op in self.operations.values()
            for kind in op.returns.values()
            if kind is not None
            for name in refs(kind)
        )


def _sent(op: Operation) -> Iterator[Type]:
    yield from (f.type for f in (*op.path_fields, *op.query.values(), *op.uploads.values()))
    if op.body is not None:
        yield op.body


def used(schema: Schema) -> Iterator[str]:
    """Every schema that this one names."""
    yield from schema.bases
    for each in schema.fields.values():
        yield from refs(each.type)
    for kind in (schema.others, schema.type):
        if kind is not None:
            yield from refs(kind)


def mapped(kind: Type, change: Callable[[Ref], Type]) -> Type:
    """The type with every name changed; a union that comes to stand in another is part of it."""
    match kind:
        case Ref():
            return change(kind)
        case Nullable(inner):
            new = mapped(inner, change)
            return new if isinstance(new, Nullable) else Nullable(new)
        case Array(inner):
            return replace(kind, item=mapped(inner, change))
        case Map(inner):
            return replace(kind, value=mapped(inner, change))
        case Union(arms):
            flat: dict[Type, None] = {}
            for arm in arms:
                new = mapped(arm, change)
                flat |= dict.fromkeys(new.arms if isinstance(new, Union) else (new,))
            return Union(tuple(flat)) if len(flat) > 1 else next(iter(flat))
        case _:
            return kind


def mapped_schema(schema: Schema, change: Callable[[Ref], Type], name: Callable[[str], str]) -> Schema:
    """The schema with every name in it changed."""
    return replace(
        schema,
        name=name(schema.name),
        owner=name(schema.owner) if schema.owner else "",
        fields={key: replace(f, type=mapped(f.type, change)) for key, f in schema.fields.items()},
        bases=tuple(map(name, schema.bases)),
        others=mapped(schema.others, change) if schema.others is not None else None,
        type=mapped(schema.type, change) if schema.type is not None else None,
    )


def mapped_operation(op: Operation, change: Callable[[Ref], Type]) -> Operation:
    """The operation with every schema's name in it changed."""

    def fields(of: Mapping[str, Field]) -> dict[str, Field]:
        return {key: replace(f, type=mapped(f.type, change)) for key, f in of.items()}

    return replace(
        op,
        path_fields=tuple(replace(f, type=mapped(f.type, change)) for f in op.path_fields),
        query=fields(op.query),
        uploads=fields(op.uploads),
        body=mapped(op.body, change) if op.body is not None else None,
        returns={s: mapped(kind, change) if kind is not None else None for s, kind in op.returns.items()},
    )
