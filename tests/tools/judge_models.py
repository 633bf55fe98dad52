"""Official facts beside Python annotations: the fields of pydantic models, and what an operation returns."""

from __future__ import annotations

import ast
import datetime
import enum
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from tests.tools.judge import Difference, World, keys
from tests.tools.official_facts import Fact

SCALARS: Mapping[str, tuple[str, ...]] = {
    "boolean": ("bool",),
    "integer": ("int",),
    "number": ("float",),
}


def model(fact: Fact, ours: Any, where: str, world: World) -> Iterator[Difference]:
    """The fields of one official object beside those of our model class: names, requiredness, null, types."""
    theirs: Fact = fact["required"] | fact["optional"]
    fields = {field.alias or name: field for name, field in ours.model_fields.items()}
    yield from keys(where, theirs, fields)
    for name in sorted(theirs.keys() & fields.keys()):
        here, field = f"{where}.{name}", fields[name]
        required = name in fact["required"]
        parts = unfolded(field.annotation)
        # A tag of a request has its only value as default: nobody need type it.
        given = not field.is_required() and all(_is_literal(part) for part in parts)
        if required != field.is_required() and not (required and given):
            yield Difference(here, "required", required, field.is_required())
        # Absent and null are told apart by model_fields_set: in an answer an optional field is always ``| None``.
        answer_default = not field.is_required() and field.default is None
        yield from annotation(theirs[name], parts, here, world, null_is_free=answer_default)


def enumeration(fact: Fact, ours: Any, where: str) -> Iterator[Difference]:
    """The members of an official enum beside those of our class, by value and by name."""
    members = {member.value: name for name, member in ours.__members__.items()}
    theirs = {value: _member(title) for title, value in fact["members"].items()}
    if theirs.keys() != members.keys():
        yield Difference(where, "values", sorted(theirs), sorted(members))
    for value in theirs.keys() & members.keys():
        if theirs[value] not in (members[value], f"{members[value]}_", members[value].rstrip("_")):
            yield Difference(f"{where}.{value}", "name", theirs[value], members[value])


def annotation(
    fact: Fact, ours: Sequence[Any], where: str, world: World, *, null_is_free: bool = False
) -> Iterator[Difference]:
    """A fact beside the parts of an annotation (``unfolded``)."""
    null = type(None) in ours
    resolved = world.facts.resolve(fact)
    if resolved["type"] == "any" or (resolved["type"] == "null" and list(ours) == [type(None)]):
        return
    if bool(resolved.get("null")) != null and not null_is_free:
        yield Difference(where, "null", bool(resolved.get("null")), null)
    parts = [part for part in ours if part is not type(None)]
    if resolved["type"] == "union":
        yield from _union(fact if fact["type"] == "union" else resolved, parts, where, world)
    elif len(parts) == 1 or (parts and all(map(_is_literal, parts))):
        yield from _one(fact, parts, where, world)
    else:
        yield Difference(where, "type", _telling(fact, world), _names(parts))


def unfolded(hint: Any) -> list[Any]:
    """The alternatives of an annotation without Annotated, alias names and the sentinel of an omitted argument."""
    if hasattr(hint, "__value__"):  # `type X = ...`, which 3.11 does not know
        return unfolded(hint.__value__)
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return unfolded(typing.get_args(hint)[0])
    if origin in (typing.Union, types.UnionType):
        return [part for arm in typing.get_args(hint) for part in unfolded(arm)]
    return [] if _is_missing(hint) else [hint]


def _is_missing(hint: Any) -> bool:
    return getattr(hint, "__name__", None) == "Missing" or "MISSING" in repr(hint)


def _is_literal(hint: Any) -> bool:
    return typing.get_origin(hint) is Literal


def _one(fact: Fact, parts: Sequence[Any], where: str, world: World) -> Iterator[Difference]:
    ours, resolved = parts[0], world.facts.resolve(fact)
    kind = resolved["type"]
    if _is_literal(ours):
        values = {getattr(value, "value", value) for part in parts for value in typing.get_args(part)}
        if values != set(world.facts.allowed(resolved)):
            yield Difference(where, "values", sorted(world.facts.allowed(resolved)), sorted(values))
    elif kind in ("array", "map"):
        yield from _container(resolved, ours, where, world)
    elif kind == "object" and fact["type"] != "ref":
        if not hasattr(ours, "model_fields"):
            yield Difference(where, "type", "a model", _names(parts))
        elif world.first_time(where, ours.__name__):
            yield from model(resolved, ours, where, world)
    elif not _fits(fact, resolved, ours, world):
        yield Difference(where, "type", _telling(fact, world), _names(parts))


def _container(fact: Fact, ours: Any, where: str, world: World) -> Iterator[Difference]:
    wanted, inner = (list, fact.get("items")) if fact["type"] == "array" else (dict, fact["values"])
    arguments = typing.get_args(ours)
    if typing.get_origin(ours) is not wanted or not arguments:
        yield Difference(where, "type", wanted.__name__, _names([ours]))
        return
    mark = "[]" if wanted is list else "{}"
    yield from annotation(inner or {"type": "any"}, unfolded(arguments[-1]), where + mark, world)


def _fits(fact: Fact, resolved: Fact, ours: Any, world: World) -> bool:
    """Whether a class is what a scalar, an enum or a reference wants."""
    kind = resolved["type"]
    if not isinstance(ours, type):
        return False
    if kind in ("enum", "narrowed"):
        named = fact if fact["type"] == "ref" else resolved
        plain = int if resolved.get("of") == "integer" else str
        return ours.__name__ == world.name(named) if "ref" in named else issubclass(ours, plain)
    if kind == "string":
        return _string_fits(resolved, ours)
    if kind == "integer" and issubclass(ours, enum.IntFlag):
        return True  # which integers are flags the official document does not say; the spec does
    if kind in SCALARS:
        return ours.__name__ in SCALARS[kind]
    return ours.__name__ == world.name(fact)


def _string_fits(fact: Fact, ours: type) -> bool:
    if fact.get("format") == "snowflake":
        return ours.__name__ == "Snowflake"
    if fact.get("format") == "date-time":
        return ours is datetime.datetime
    # Permissions travel as digits in a string; that they are flags the document does not say, the spec does.
    return ours is str or issubclass(ours, enum.IntFlag)


def _union(fact: Fact, parts: Sequence[Any], where: str, world: World) -> Iterator[Difference]:
    known = [part for part in parts if not getattr(part, "__name__", "").startswith("Unknown")]
    wanted = {_telling(arm, world) for arm in fact["arms"]}
    found = {_shown(part) for part in known}
    if wanted != found:
        yield Difference(where, "type", sorted(wanted), sorted(found))


def _telling(fact: Fact, world: World) -> str:
    """How an annotation that fits a fact is written."""
    if fact["type"] in ("ref", "narrowed") and world.facts.schemas[fact["ref"]]["type"] in ("object", "enum"):
        return world.name(fact)
    resolved = world.facts.resolve(fact)
    kind = resolved["type"]
    if kind == "array":
        return f"list[{_telling(resolved['items'], world)}]"
    if kind == "map":
        return f"dict[str, {_telling(resolved['values'], world)}]"
    if kind == "string":
        return {"snowflake": "Snowflake", "date-time": "datetime"}.get(resolved.get("format", ""), "str")
    return SCALARS.get(kind, (kind,))[0]


def _shown(part: Any) -> str:
    arguments = typing.get_args(part)
    if not arguments:
        return str(getattr(part, "__name__", part))
    alternatives = [[_shown(part) for part in unfolded(a) if part is not type(None)] for a in arguments]
    inner = ", ".join(" | ".join(shown) for shown in alternatives)
    return f"{getattr(typing.get_origin(part), '__name__', part)}[{inner}]"


def returned(text: str, namespace: Callable[[str], Any]) -> list[Any]:
    """The alternatives of what an operation says it returns: ``Message | None``, ``list[Message]``, ``dict[str, int]``.

    ``namespace`` gives the class or alias of a name.  Read as a tree and never evaluated.
    """
    return unfolded(_hint(ast.parse(text, mode="eval").body, namespace))


def _hint(node: ast.expr, namespace: Callable[[str], Any]) -> Any:
    match node:
        case ast.Constant(value=None):
            return None.__class__
        case ast.Name(id=name):
            return _BUILTIN.get(name) or namespace(name)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return typing.Union[_hint(left, namespace), _hint(right, namespace)]  # noqa: UP007  # made at run time
        case ast.Subscript(value=ast.Name(id="list"), slice=item):
            return list[_hint(item, namespace)]  # type: ignore[misc]  # made at run time
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[key, value])):
            return dict[_hint(key, namespace), _hint(value, namespace)]  # type: ignore[misc]  # made at run time
        case _:
            raise ValueError(f"not the name of a returned type: {ast.unparse(node)}")


_BUILTIN: Mapping[str, Any] = {"str": str, "bytes": bytes, "int": int, "float": float, "bool": bool, "object": object}


def _names(parts: Sequence[Any]) -> str:
    return " | ".join(_shown(part) for part in parts) or "nothing"


def _member(title: str) -> str:
    return re.sub(r"\W", "_", title).upper()
