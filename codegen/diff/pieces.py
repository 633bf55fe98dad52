"""The difference of two types, taken apart: nullable, limits, format, members of a union, or another type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from codegen.notation import Array, Map, Nullable, Primitive, Ref, Type, Union


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the difference of two types: of its `aspect`, with both types for the judge."""

    aspect: str  # nullable, type, format, limit, member_added, member_removed
    old: Type
    new: Type


def pieces(a: Type, b: Type) -> Iterator[Piece]:
    """The difference of two types in its parts; nothing where they mean the same."""
    a, b = canonical(a), canonical(b)
    if isinstance(a, Nullable) != isinstance(b, Nullable):
        yield Piece("nullable", a, b)
    yield from _within(_bare(a), _bare(b))


def _within(a: Type, b: Type) -> Iterator[Piece]:
    if a == b:
        return
    if unlimited(a) == unlimited(b):
        yield Piece("limit", a, b)
    elif formless(a) == formless(b):
        yield Piece("format", a, b)
    elif (arms := _unions(a, b)) is not None:
        x, y = arms
        yield from (Piece("member_removed", arm, b) for arm in x if arm not in y)
        yield from (Piece("member_added", a, arm) for arm in y if arm not in x)
    else:
        yield Piece("type", a, b)


def _unions(a: Type, b: Type) -> tuple[tuple[Type, ...], tuple[Type, ...]] | None:
    """The arms of two unions that have one in common, be they in the same lists or maps."""
    match a, b:
        case Union(x), Union(y) if set(x) & set(y):
            return x, y
        case Array(x), Array(y):
            return _unions(x, y) if replace(a, item=y) == b else None
        case Map(x), Map(y):
            return _unions(x, y) if replace(a, value=y) == b else None
        case Nullable(x), Nullable(y):
            return _unions(x, y)
        case _:
            return None


def swapped(a: Type, b: Type) -> tuple[str, str] | None:
    """The two names where that is all by which the types differ."""
    match a, b:
        case Ref(x, ()), Ref(y, ()):
            return x, y
        case Array(x), Array(y):
            return swapped(x, y) if replace(a, item=y) == b else None
        case Map(x), Map(y):
            return swapped(x, y) if replace(a, value=y) == b else None
        case Nullable(x), Nullable(y):
            return swapped(x, y)
        case _:
            return None


def _bare(kind: Type) -> Type:
    return kind.inner if isinstance(kind, Nullable) else kind


def unlimited(kind: Type) -> Type:
    """The type without lengths, ranges and patterns."""
    match kind:
        case Nullable(inner):
            return Nullable(unlimited(inner))
        case Array(inner):
            return Array(unlimited(inner))
        case Map(inner):
            return Map(unlimited(inner))
        case Union(arms):
            return Union(tuple(unlimited(arm) for arm in arms))
        case Primitive():
            return replace(kind, low=None, high=None, pattern="")
        case Ref():
            return kind


def formless(kind: Type) -> Type:
    """The type without limits and formats."""
    match kind:
        case Nullable(inner):
            return Nullable(formless(inner))
        case Array(inner):
            return Array(formless(inner))
        case Map(inner):
            return Map(formless(inner))
        case Union(arms):
            return Union(tuple(formless(arm) for arm in arms))
        case Primitive():
            return replace(kind, low=None, high=None, pattern="", format="")
        case Ref():
            return kind


def canonical(kind: Type) -> Type:
    """The type with the arms of every union in one order: it means nothing."""

    match kind:
        case Nullable(inner):
            return Nullable(canonical(inner))
        case Array(inner):
            return replace(kind, item=canonical(inner))
        case Map(inner):
            return replace(kind, value=canonical(inner))
        case Union(arms):
            return Union(tuple(sorted(map(canonical, arms), key=repr)))
        case Ref() | Primitive():
            return replace(kind, values=tuple(sorted(kind.values, key=repr))) if kind.values else kind
