"""Samples spoilt on purpose: with one documented constraint broken, or as Discord may send them tomorrow.

``breaks`` and ``tomorrows`` list everything that can be done to one sample; the strategies choose from it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import strategies as st

from tests.tools.facts import Facts, Of, bounds, official
from tests.tools.json_schemas import checker
from tests.tools.official_facts import Fact, is_object

Path: TypeAlias = tuple[str | int, ...]

MANY = 2_000  # limits above this many characters or items are not broken: the sample would be too large
FLAGS = ("flags", "public_flags", "flags_new", "system_channel_flags", "user_flags", "member_flags")
PERMISSIONS = ("permissions", "allow", "deny", "permissions_new", "app_permissions")
UNKNOWN = {"integer": 987_654, "string": "NOBODY_KNOWS_THIS"}
NEW_FIELD = "brand_new_field"

_ABSENT = object()
_WRONG_SCALAR: Any = {"wrong": ["type"]}
_WRONG_COMPOUND: Any = "wrong type"


@dataclass(frozen=True, slots=True)
class Broken:
    """A sample that breaks one constraint: where (keys and indices from the root) and which."""

    sample: Any
    path: Path
    how: str


@dataclass(frozen=True, slots=True)
class Tomorrow:
    """A sample as a later Discord may send it, and what was done: (where, what) for each change."""

    sample: Any
    changes: tuple[tuple[Path, str], ...]


@dataclass(frozen=True, slots=True)
class _Change:
    path: Path
    how: str
    value: Any  # what stands there afterwards; _ABSENT: nothing
    sure: bool = True  # False: another arm of a union without a tag may accept the result


_Changes: TypeAlias = Iterator[_Change]


def breaks(of: Of, sample: Any, *, facts: Facts | None = None) -> Iterator[Broken]:
    """Every way to break one documented constraint of a valid sample, the shortest paths first."""
    known = facts or official()
    for change in _breaks(known.fact(of), sample, (), known):
        spoilt = _applied(sample, change)
        if change.sure or not checker(of, facts=facts).is_valid(spoilt):
            yield Broken(spoilt, change.path, change.how)


def break_one(of: Of, sample: Any, *, facts: Facts | None = None) -> st.SearchStrategy[Broken]:
    """Valid samples with one constraint broken; ``st.nothing()`` where a fact has none (``any``)."""
    known = facts or official()
    changes = list(_breaks(known.fact(of), sample, (), known))
    if not changes:
        return st.nothing()
    broken = st.sampled_from(changes).map(
        lambda change: (change, Broken(_applied(sample, change), change.path, change.how))
    )
    return broken.filter(lambda b: b[0].sure or not checker(of, facts=facts).is_valid(b[1].sample)).map(lambda b: b[1])


def tomorrows(of: Of, sample: Any, *, facts: Facts | None = None) -> Iterator[Tomorrow]:
    """Every single change that a later Discord may make to a valid answer."""
    known = facts or official()
    for change in _tomorrows(known.fact(of), sample, (), known):
        yield Tomorrow(_applied(sample, change), ((change.path, change.how),))


def mutate_tomorrow(of: Of, sample: Any, *, facts: Facts | None = None) -> st.SearchStrategy[Tomorrow]:
    """A valid answer with one to four changes at places that do not contain each other."""
    known = facts or official()
    changes = list(_tomorrows(known.fact(of), sample, (), known))
    if not changes:
        return st.nothing()
    return st.lists(st.sampled_from(changes), min_size=1, max_size=4).map(lambda chosen: _together(sample, chosen))


def _together(sample: Any, chosen: Sequence[_Change]) -> Tomorrow:
    done: list[_Change] = []
    for change in chosen:
        if not any(_overlap(change.path, other.path) for other in done):
            sample = _applied(sample, change)
            done.append(change)
    return Tomorrow(sample, tuple((change.path, change.how) for change in done))


def _overlap(left: Path, right: Path) -> bool:
    shorter = min(len(left), len(right))
    return left[:shorter] == right[:shorter]


def _applied(sample: Any, change: _Change) -> Any:
    """The sample with one place changed; everything beside the way to it is shared with the original."""
    return _put(sample, change.path, change.value)


def _put(node: Any, path: Path, value: Any) -> Any:
    if not path:
        return copy.deepcopy(value)
    changed: Any = copy.copy(node)
    if value is _ABSENT and len(path) == 1:
        del changed[path[0]]
    else:
        absent = is_object(node) and path[0] not in node
        changed[path[0]] = _put(None if absent else changed[path[0]], path[1:], value)
    return changed


# --- one broken constraint ---------------------------------------------------------------------------------------


def _breaks(fact: Fact, value: Any, path: Path, facts: Facts) -> _Changes:
    fact = facts.resolve(fact)
    kind = fact["type"]
    if kind in ("any", "null"):
        return
    if kind == "union":
        yield from _union_breaks(fact, value, path, facts)
        return
    compound = kind in ("object", "map", "array")
    yield _Change(path, "wrong type", _WRONG_COMPOUND if compound else _WRONG_SCALAR)
    if not fact.get("null"):
        yield _Change(path, "null", None)
    if value is not None:
        yield from _BREAKS.get(kind, _no_breaks)(fact, value, path, facts)


def _no_breaks(fact: Fact, value: Any, path: Path, facts: Facts) -> _Changes:
    return iter(())


def _string_breaks(fact: Fact, value: str, path: Path, facts: Facts) -> _Changes:
    low, high = fact.get("min", 0), fact.get("max")
    shaped = fact.get("format") in _MISFORMED or "pattern" in fact or fact.get("encoding") == "base64"
    if shaped:
        kind = "base64" if fact.get("encoding") == "base64" else fact.get("format", "pattern")
        yield _Change(path, f"wrong {kind}", _MISFORMED[kind])
    if low and not shaped:
        yield _Change(path, "too short", "x" * (low - 1))
    if high is not None and high <= MANY and "pattern" not in fact:
        start = "https://example.org/" if fact.get("format") == "uri" else ""
        yield _Change(path, "too long", start + "x" * (high + 1 - len(start)))


_MISFORMED = {
    "snowflake": "12 monkeys",
    "date-time": "yesterday",
    "uri": "no place at all",
    "base64": "not an image",
    "pattern": "#12345",
}


def _number_breaks(fact: Fact, value: float, path: Path, facts: Facts) -> _Changes:
    if allowed := facts.allowed(fact):
        yield _Change(path, "unknown enum value", max(allowed) + UNKNOWN["integer"])
        return
    low, high = bounds(fact)
    if low is not None:
        yield _Change(path, "below the range" if "min" in fact else "below int32", low - 1)
    if high is not None:
        yield _Change(path, "above the range" if "max" in fact else "above int32", high + 1)


def _enum_breaks(fact: Fact, value: Any, path: Path, facts: Facts) -> _Changes:
    allowed = facts.allowed(fact)
    if allowed:
        yield _Change(path, "unknown enum value", UNKNOWN[fact["of"]])
    if fact["type"] == "narrowed":
        others = [member for member in facts.allowed(facts.schemas[fact["ref"]]) if member not in allowed]
        if others:
            yield _Change(path, "a member not allowed here", others[0])


def _array_breaks(fact: Fact, value: list[Any], path: Path, facts: Facts) -> _Changes:
    low, high = fact.get("min", 0), fact.get("max")
    if low and value:
        yield _Change(path, "too few items", value[: low - 1])
    if high is not None and high <= MANY and (more := _more(fact, value, high + 1, facts)):
        yield _Change(path, "too many items", more)
    if fact.get("unique") and value:
        twice = [*value, value[0]] if high is None or len(value) < high else [*value[:-1], value[0]]
        if len(value) > 1 or len(twice) > 1:
            yield _Change(path, "an item twice", twice)
    for index, item in enumerate(value):
        yield from _breaks(fact["items"], item, (*path, index), facts)


def _more(fact: Fact, value: list[Any], count: int, facts: Facts) -> list[Any] | None:
    """``count`` valid items, distinct where they must be; None where that cannot be had from this sample."""
    if not fact.get("unique"):
        return [value[index % len(value)] for index in range(count)] if value else None
    item = facts.resolve(fact["items"])
    if allowed := facts.allowed(item):
        return list(allowed[:count]) if len(allowed) >= count else None
    if item["type"] == "string" and "pattern" not in item and item.get("format") in (None, "snowflake"):
        return [str(10**17 + index) if item.get("format") else f"{index:04}" for index in range(count)]
    return None


def _map_breaks(fact: Fact, value: dict[str, Any], path: Path, facts: Facts) -> _Changes:
    low, high = fact.get("min", 0), fact.get("max")
    if low:
        yield _Change(path, "too few entries", dict(list(value.items())[: low - 1]))
    if high is not None and high <= MANY and value:
        first = next(iter(value.values()))
        yield _Change(path, "too many entries", {str(key): first for key in range(high + 1)})
    for key, item in value.items():
        yield from _breaks(fact["values"], item, (*path, key), facts)


def _object_breaks(fact: Fact, value: dict[str, Any], path: Path, facts: Facts, tag: str | None = None) -> _Changes:
    for name, field in (fact["required"] | fact["optional"]).items():
        if name not in value or name == tag:
            continue
        if name in fact["required"]:
            yield _Change((*path, name), "missing", _ABSENT)
        yield from _breaks(field, value[name], (*path, name), facts)
    if fact.get("closed"):
        yield _Change((*path, NEW_FIELD), "unknown field", 1)


def _union_breaks(fact: Fact, value: Any, path: Path, facts: Facts) -> _Changes:
    wrongs: tuple[Any, ...] = (_WRONG_COMPOUND, True, {})
    for wrong in wrongs:
        yield _Change(path, "wrong type", wrong, sure=False)
    if not fact.get("null"):
        yield _Change(path, "null", None, sure=False)
    if value is None:
        return
    arm = facts.arm(fact, value)
    if arm is not None:
        field = fact["tag"]["field"]
        kind = "string" if isinstance(value[field], str) else "integer"
        yield _Change((*path, field), "unknown tag", UNKNOWN[kind])
        yield _Change((*path, field), "missing tag", _ABSENT)
        yield _Change((*path, field), "wrong type of tag", _WRONG_SCALAR)
        yield from _object_breaks(facts.resolve(arm), value, path, facts, tag=field)
        return
    for candidate in fact["arms"]:
        if checker(candidate, facts=facts).is_valid(value):
            for change in _breaks(candidate, value, path, facts):
                yield _Change(change.path, change.how, change.value, sure=False)


_BREAKS: dict[str, Callable[[Fact, Any, Path, Facts], _Changes]] = {
    "string": _string_breaks,
    "integer": _number_breaks,
    "number": _number_breaks,
    "enum": _enum_breaks,
    "narrowed": _enum_breaks,
    "array": _array_breaks,
    "map": _map_breaks,
    "object": _object_breaks,
}


# --- tomorrow's Discord ------------------------------------------------------------------------------------------


def _tomorrows(fact: Fact, value: Any, path: Path, facts: Facts) -> _Changes:
    fact = facts.resolve(fact)
    kind = fact["type"]
    if kind == "union":
        arm = facts.arm(fact, value)
        if arm is not None:
            field = fact["tag"]["field"]
            unknown = UNKNOWN["string" if isinstance(value[field], str) else "integer"]
            yield _Change(path, "unknown union arm", {field: unknown, NEW_FIELD: [{"deep": 1}]})
            yield from _object_tomorrows(facts.resolve(arm), value, path, facts, tag=field)
        return
    if value is None:
        return
    if kind == "object":
        yield from _object_tomorrows(fact, value, path, facts)
    elif kind == "array":
        for index, item in enumerate(value):
            yield _Change((*path, index), "null", None)
            yield from _tomorrows(fact["items"], item, (*path, index), facts)
    elif kind == "map":
        for key, item in value.items():
            yield _Change((*path, key), "null", None)
            yield from _tomorrows(fact["values"], item, (*path, key), facts)
    elif kind in ("enum", "narrowed"):
        yield _Change(path, "unknown enum value", UNKNOWN[fact["of"]])
    elif fact.get("format") == "snowflake":
        yield _Change(path, "integer id", int(value))


def _object_tomorrows(fact: Fact, value: dict[str, Any], path: Path, facts: Facts, tag: str | None = None) -> _Changes:
    yield _Change((*path, NEW_FIELD), "unknown field", {"deep": [1, None, "text"]})
    fields = fact["required"] | fact["optional"]
    for name, item in value.items():
        if name not in fields or name == tag:
            continue
        here = (*path, name)
        if item is not None:
            yield _Change(here, "null", None)
        yield _Change(here, "absence", _ABSENT)
        kind = facts.resolve(fields[name])["type"]
        if name in FLAGS and kind == "integer" and item is not None:
            yield _Change(here, "flag bit above 53", item | 1 << 60 if item >= 0 else 1 << 60)
        if name in PERMISSIONS and isinstance(item, str):
            yield _Change(here, "flag bit above 53", str(1 << 75))
        yield from _tomorrows(fields[name], item, here, facts)
