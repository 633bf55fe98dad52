"""Official facts beside the annotations that a helper's arguments carry, read as text: what a user's checker sees."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.tools.judge import Difference, World
from tests.tools.official_facts import Fact

PLAIN = {"boolean": "bool", "integer": "int", "number": "float"}
TEXTS = {"snowflake": {"SnowflakeLike"}, "date-time": {"datetime", "str"}}


def compare(fact: Fact, required: bool, text: str, where: str, world: World) -> Iterator[Difference]:
    """``None`` where null is allowed, ``Missing`` where the argument may be omitted, and the type between them."""
    hints = _alternatives(ast.parse(text, mode="eval").body)
    if ("Missing" in hints) == required:
        yield Difference(where, "required", required, text)
    hints.pop("Missing", None)
    yield from _value(fact, hints, text, where, world)


def _value(fact: Fact, hints: dict[str, ast.expr], text: str, where: str, world: World) -> Iterator[Difference]:
    resolved = world.facts.resolve(fact)
    if bool(resolved.get("null")) != ("None" in hints):
        yield Difference(where, "null", bool(resolved.get("null")), text)
    hints.pop("None", None)
    kind = resolved["type"]
    if kind == "any" or (kind == "object" and fact["type"] != "ref" and _one_name(hints)):
        return  # a name that is ours alone; what it stands for is compared where the shapes are
    if kind in ("array", "map"):
        inner = _argument(hints, "Sequence" if kind == "array" else "Mapping")
        if inner is None:
            yield Difference(where, "type", kind, text)
        else:
            item = resolved["items" if kind == "array" else "values"]
            yield from _value(item, _alternatives(inner), text, where + ("[]" if kind == "array" else "{}"), world)
    elif (literals := _literals(hints)) is not None:
        if literals != (allowed := set(world.facts.allowed(resolved))):
            yield Difference(where, "values", sorted(allowed), text)
    elif (wanted := _wanted(fact, world)) != {name for hint in hints for name in _meant(hint, world)}:
        yield Difference(where, "type", " | ".join(sorted(wanted)), text)


def _wanted(fact: Fact, world: World) -> set[str]:
    """The names that an annotation of a fact that is no container has."""
    resolved = world.facts.resolve(fact)
    kind = resolved["type"]
    if kind == "union":
        return set[str]().union(*(_arm(arm, world) for arm in resolved["arms"]))
    if kind == "string":
        encoded = {"binary": {"File"}, "base64": {"File", "bytes", "str"}}.get(resolved.get("encoding", ""))
        return encoded or TEXTS.get(resolved.get("format", ""), {"str"})
    if kind in ("enum", "narrowed"):
        named = fact if fact["type"] == "ref" else resolved
        return {world.name(named), "int" if resolved["of"] == "integer" else "str"}
    return {PLAIN[kind]} if kind in PLAIN else {world.name(fact) + "Like"}


def _meant(hint: str, world: World) -> set[str]:
    """The names behind an alias that is ours alone: the arms of the union that it names.

    The name of a bit set adds names to bits and nothing else: the number beside it says what travels.
    """
    name = hint.removesuffix("Like")
    if name.endswith(("Flags", "Permissions")) and name not in world.names.values():
        return set()
    if name == hint or name in world.names.values() or hint == "SnowflakeLike":
        return {hint}
    shape = world.lookup(name)
    arms = shape.arms.values() if hasattr(shape, "arms") else getattr(shape, "shapes", ())
    return {f"{arm.name}Like" for arm in arms} or {hint}


def _arm(arm: Fact, world: World) -> set[str]:
    if arm["type"] != "array":
        return _wanted(arm, world)
    item = world.facts.resolve(arm["items"])
    return {f"Sequence[{' | '.join([*sorted(_wanted(arm['items'], world)), *(['None'] if item.get('null') else [])])}]"}


def _alternatives(node: ast.expr) -> dict[str, ast.expr]:
    """The arms of ``a | b`` by their text."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _alternatives(node.left) | _alternatives(node.right)
    return {ast.unparse(node): node}


def _one_name(hints: dict[str, ast.expr]) -> bool:
    return len(hints) == 1 and all(name.endswith("Like") and name != "SnowflakeLike" for name in hints)


def _argument(hints: dict[str, ast.expr], generic: str) -> ast.expr | None:
    """``X`` of ``Sequence[X]`` and ``Mapping[str, X]``, where that is all there is."""
    if len(hints) != 1:
        return None
    match next(iter(hints.values())):
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=[_, inner])) if name == generic == "Mapping":
            return inner
        case ast.Subscript(value=ast.Name(id=name), slice=inner) if name == generic == "Sequence":
            return inner
        case _:
            return None


def _literals(hints: dict[str, ast.expr]) -> set[object] | None:
    """The plain values of ``Literal[...]`` (enum members beside them say the same); None where it is no literal."""
    found: set[object] = set()
    for node in hints.values():
        if not (isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal"):
            return None
        values = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        found |= {value.value for value in values if isinstance(value, ast.Constant)}
    return found
