"""Official facts beside the shapes that check a helper's arguments.

Reads shapes by the names of their classes and attributes only, so that it judges them without importing them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.tools.facts import INT32, bounds
from tests.tools.judge import Difference, World, flat, keys
from tests.tools.official_facts import Fact

EXPECTED = {
    "any": "Anything",
    "boolean": "Boolean",
    "integer": "Integer",
    "number": "Number",
    "array": "Array",
    "map": "Map",
    "object": "Object",
    "enum": "Enum",
    "narrowed": "Enum",
    "null": "Nullable",
    "union": "AnyOf",
}
_STRINGS = {"snowflake": "Id", "date-time": "Timestamp"}
_ENCODED = {"base64": "Image", "binary": "Binary"}


def kind(shape: Any) -> str:
    """The name of a shape's class."""
    return type(shape).__name__


def compare(fact: Fact, shape: Any, where: str, world: World) -> Iterator[Difference]:
    """Every difference between a fact and a shape, those of the schemas they name included, each schema once."""
    null = False
    while kind(shape) == "Nullable":
        null, shape = True, shape.shape
    if bool(world.facts.resolve(fact).get("null")) != null:
        yield Difference(where, "null", not null, null)
    if kind(shape) == "Ref":
        yield from _reference(fact, shape, where, world)
        return
    fact = world.facts.resolve(fact)
    if fact["type"] == "union":
        yield from _union(fact, shape, where, world)
    elif kind(shape) != (wanted := expected(fact)):
        if not _same_integers(fact, shape):
            yield Difference(where, "type", wanted, str(shape))
    else:
        yield from _inside(fact, shape, where, world)


def expected(fact: Fact) -> str:
    """The class of shape that a resolved fact wants."""
    if fact["type"] == "string":
        return _ENCODED.get(fact.get("encoding", ""), _STRINGS.get(fact.get("format", ""), "String"))
    return EXPECTED[fact["type"]]


def _same_integers(fact: Fact, shape: Any) -> bool:
    """An integer with listed values may be an enum of just these."""
    values = fact.get("values", ()) if fact["type"] == "integer" else ()
    return bool(values) and kind(shape) == "Enum" and set(values) == set(shape.values)


def _reference(fact: Fact, shape: Any, where: str, world: World) -> Iterator[Difference]:
    if fact["type"] == "ref":
        if (wanted := world.name(fact)) != shape.name:
            yield Difference(where, "type", wanted, shape.name)
        elif world.first_time(fact["ref"], shape.name):
            yield from _bare(fact, world.lookup(shape.name), shape.name, world)
    elif world.first_time(where, shape.name):
        yield from _bare(fact, world.lookup(shape.name), where, world)


def _bare(fact: Fact, shape: Any, where: str, world: World) -> Iterator[Difference]:
    """Compare apart from null, which the place of the reference has said."""
    resolved = {key: value for key, value in world.facts.resolve(fact).items() if key != "null"}
    yield from compare(resolved, shape, where, world)


def _inside(fact: Fact, shape: Any, where: str, world: World) -> Iterator[Difference]:
    if fact["type"] in ("enum", "narrowed"):
        allowed = set(world.facts.allowed(fact))
        if allowed != set(shape.values) and not (fact["type"] == "enum" and not fact["members"]):
            yield Difference(where, "values", sorted(allowed), list(shape.values))
        if fact["type"] == "narrowed" and world.name(fact) != shape.name:
            yield Difference(where, "type", world.name(fact), shape.name)
    if fact["type"] == "object":
        yield from fields(fact, shape.required, shape.optional, where, world)
    if fact["type"] in ("string", "integer", "number", "array", "map"):
        yield from _limits(fact, shape, where)
    if fact["type"] == "array":
        yield from compare(fact["items"], shape.item, f"{where}[]", world)
    if fact["type"] == "map":
        yield from compare(fact["values"], shape.value, f"{where}{{}}", world)


def fields(
    fact: Fact, required: Mapping[str, Any], optional: Mapping[str, Any], where: str, world: World
) -> Iterator[Difference]:
    """The fields of an object fact beside ours, by name, requiredness and shape."""
    ours = dict(required) | dict(optional)
    theirs: Fact = fact["required"] | fact["optional"]
    yield from keys(where, theirs, ours)
    for name in sorted(theirs.keys() & ours.keys()):
        here = f"{where}.{name}"
        if (name in fact["required"]) != (name in required):
            yield Difference(here, "required", name in fact["required"], name in required)
        yield from compare(theirs[name], ours[name], here, world)


def _limits(fact: Fact, shape: Any, where: str) -> Iterator[Difference]:
    low, high = bounds(fact)
    nothing = (None, 0) if fact["type"] in ("string", "array", "map") else (None,)
    wanted: Mapping[str, tuple[Any, tuple[Any, ...]]] = {
        "min": (low, nothing),
        "max": (high, (None,)),
        "pattern": (fact.get("pattern") if kind(shape) == "String" else None, (None,)),  # the others imply theirs
        "unique": (fact.get("unique"), (None, False)),
    }
    for name, (theirs, silent) in wanted.items():
        ours = getattr(shape, name, None)
        # int32's own range need not be repeated.
        implied = name not in fact and theirs in INT32
        if ours != theirs and not (ours in silent and (implied or theirs in silent)):
            yield Difference(where, "limits", f"{name} {theirs}", f"{name} {ours}")


def _union(fact: Fact, shape: Any, where: str, world: World) -> Iterator[Difference]:
    if kind(shape) == "Tagged":
        yield from _tagged(fact, shape, where, world)
    elif kind(shape) == "AnyOf":
        if len(fact["arms"]) != len(shape.shapes):
            yield Difference(where, "type", [arm.get("ref", arm["type"]) for arm in fact["arms"]], str(shape))
            return
        for arm, ours in zip(_in_order(fact["arms"], world), _shapes_in_order(shape.shapes), strict=True):
            yield from compare(arm, ours, f"{where}|{arm.get('ref', arm['type'])}", world)
    elif kind(shape) == "Object" and (merged := flat(world.facts, fact)) is not None:
        yield from fields(merged, shape.required, shape.optional, where, world)
    else:
        yield Difference(where, "type", [arm.get("ref", arm["type"]) for arm in fact["arms"]], str(shape))


def _tagged(fact: Fact, shape: Any, where: str, world: World) -> Iterator[Difference]:
    tag = fact.get("tag", {"field": None, "values": []})
    if tag["field"] != shape.tag:
        yield Difference(where, "type", f"told apart by {tag['field']}", f"by {shape.tag}")
        return
    arms = {value: arm for arm, values in zip(fact["arms"], tag["values"], strict=True) for value in values}
    ours = {getattr(value, "value", value): arm for value, arm in shape.arms.items()}
    if arms.keys() != ours.keys():
        yield Difference(where, "values", sorted(arms), sorted(ours))
    for value in sorted(arms.keys() & ours.keys()):
        yield from compare(arms[value], ours[value], f"{where}|{value}", world)


def _in_order(arms: list[Fact], world: World) -> list[Fact]:
    return sorted(arms, key=lambda arm: world.name(arm) if arm["type"] == "ref" else expected(world.facts.resolve(arm)))


def _shapes_in_order(shapes: Any) -> list[Any]:
    return sorted(shapes, key=lambda shape: str(shape.name if kind(shape) == "Ref" else kind(shape)))
