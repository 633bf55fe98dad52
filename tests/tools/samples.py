"""Valid JSON for every official schema, body, answer and parameter, as hypothesis strategies made from the facts.

A sample costs one choice for each value and for sixteen optional fields, so that a whole message takes milliseconds
and still shrinks: to the required fields, first arms and first values.  Depth and size are bounded.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from hypothesis import reject, strategies as st

from tests.tools.facts import INT53, JSON, Facts, Of, bounds, official
from tests.tools.json_schemas import Checker, checker, json_schema
from tests.tools.official_facts import Fact
from tests.tools.spoilt import Broken, Path, Tomorrow, break_one, breaks, mutate_tomorrow, tomorrows

__all__ = [
    "Broken",
    "Checker",
    "Facts",
    "Path",
    "Tomorrow",
    "answers",
    "bodies",
    "break_one",
    "breaks",
    "checker",
    "json_schema",
    "mutate_tomorrow",
    "official",
    "parameters",
    "samples",
    "tomorrows",
]

DEPTH = 5  # optional fields below this many objects stay away
SIZE = 160  # ... and so they do once a sample has this many values
LONG = 6_000  # a string limit up to which a sample tries its very length

Draw: TypeAlias = Callable[["st.SearchStrategy[Any]"], Any]
Make: TypeAlias = Callable[["_State", int], Any]

_TIMES = (
    "2026-07-18T12:34:56.789000+00:00",
    "2015-05-13T00:00:00+00:00",
    "1970-01-01T00:00:00.000001+00:00",
    "2024-02-29T23:59:59.999999+00:00",
    "2026-07-18T14:34:56.789000+02:00",
    "9999-12-31T23:59:59.999999+00:00",
)
_URIS = (
    "https://example.org/",
    "https://cdn.example.org/a/b.png?size=64&x=%C3%A9#part",
    "http://127.0.0.1:8080/hook",
    "attachment://cat.png",
)
_DATA = (
    "data:image/png;base64,iVBORw0KGgo=",
    "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
    "data:audio/ogg;base64,T2dnUw==",
)
_TEXTS = (
    "text",
    "",
    "two words",
    "ünïcödé \u2713 \U0001f600",
    "<@!1> **bold** `code`\n> quote",
    "\"'\\ \u0000 \u2028",
    "0",
)
_PATTERNS = {"^#(([0-9a-fA-F]{2}){3}|([0-9a-fA-F]){3})$": ("#fff", "#A1b2C3")}
_ANYTHING: Sequence[Any] = ("text", 1, None, True, [], {"a": [1, None]}, 1.5)
_FIRST_ID = 175928847299117063


class _State:
    """One sample in the making: where choices come from, and how many values it has so far."""

    __slots__ = ("draw", "size")

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.size = 0

    def choose(self, count: int) -> int:
        """A number below ``count``; 0 without a choice where there is none."""
        return 0 if count <= 1 else int(self.draw(_below(count)))


@functools.cache
def _below(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, count - 1)


def samples(of: Of, *, facts: Facts | None = None) -> st.SearchStrategy[Any]:
    """Valid JSON values of a fact, or of the official schema of that name."""
    facts = facts or official()
    return _strategy(_maker(facts)(facts.fact(of)))


def bodies(operation: str, media: str = JSON, *, facts: Facts | None = None) -> st.SearchStrategy[Any]:
    """Valid bodies of an operation; ``st.nothing()`` where it takes none of that media type."""
    fact = (facts or official()).body(operation, media)
    return st.nothing() if fact is None else samples(fact, facts=facts)


def parameters(operation: str, location: str, *, facts: Facts | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Valid ``path`` or ``query`` parameters of an operation by name."""
    return samples((facts or official()).parameters(operation, location), facts=facts)


def answers(operation: str, *, facts: Facts | None = None) -> st.SearchStrategy[tuple[str, str | None, Any]]:
    """Valid answers of an operation: status, media type and value; ``(status, None, None)`` is an empty one."""
    known = facts or official()
    ways: list[st.SearchStrategy[tuple[str, str | None, Any]]] = []
    for status, contents in known.operations[operation]["answers"].items():
        if not contents:
            ways.append(st.just((status, None, None)))
        ways += [st.tuples(st.just(status), st.just(m), samples(f, facts=facts)) for m, f in contents.items()]
    return st.one_of(ways)


def _strategy(make: Make) -> st.SearchStrategy[Any]:
    @st.composite
    def sample(draw: st.DrawFn) -> Any:
        return make(_State(draw), 0)

    return sample()


@functools.cache
def _maker(facts: Facts) -> Callable[[Fact], Make]:
    """Turns facts into functions, each schema of ``facts`` once."""
    named: dict[str, Make] = {}

    def make(fact: Fact) -> Make:
        inner = (
            _ref(fact["ref"]) if fact["type"] == "ref" else _MAKERS[resolved(fact)["type"]](resolved(fact), make, facts)
        )
        return _or_null(inner) if fact.get("null") else inner

    def resolved(fact: Fact) -> Fact:
        return facts.resolve(fact) if fact["type"] == "merge" else fact

    def _ref(name: str) -> Make:
        def look_up(state: _State, depth: int) -> Any:
            if name not in named:  # on first use: schemas may refer to themselves
                named[name] = make(facts.schemas[name])
            return named[name](state, depth)

        return look_up

    return make


def _or_null(inner: Make) -> Make:
    return lambda state, depth: None if state.choose(5) == 4 else inner(state, depth)


def _one_of(values: Sequence[Any]) -> Make:
    count = len(values)
    return lambda state, depth: values[state.choose(count)]


def _drawn(strategy: st.SearchStrategy[Any]) -> Make:
    return lambda state, depth: state.draw(strategy)


def _any(fact: Fact, make: Callable[[Fact], Make], facts: Facts) -> Make:
    return _one_of(_ANYTHING)


def _null(fact: Fact, make: Callable[[Fact], Make], facts: Facts) -> Make:
    return _one_of((None,))


def _boolean(fact: Fact, make: Callable[[Fact], Make], facts: Facts) -> Make:
    return _one_of((False, True))


def _string(fact: Fact, make: Callable[[Fact], Make], facts: Facts) -> Make:
    low, high = fact.get("min", 0), fact.get("max")

    def fits(text: str) -> bool:
        return low <= len(text) and (high is None or len(text) <= high)

    if fact.get("format") == "snowflake":
        return _snowflake
    if "pattern" in fact:
        known = _PATTERNS.get(fact["pattern"])
        return _one_of(known) if known else _drawn(st.from_regex(str(fact["pattern"]), fullmatch=True).filter(fits))
    if fact.get("encoding") == "base64":
        return _one_of(_DATA)
    pools = {"date-time": _TIMES, "uri": _URIS}
    if fact.get("format") in pools:
        return _one_of([text for text in pools[fact["format"]] if fits(text)])
    texts = [text for text in _TEXTS if fits(text)]
    texts += [text for text in {"é" * low, "x" * (high or 0)} if fits(text) and len(text) <= LONG]
    short = low + 8 if high is None else min(low + 8, high)
    free = st.text(min_size=low, max_size=short)
    count = len(texts) + 1

    def text(state: _State, depth: int) -> str:
        chosen = state.choose(count)
        return texts[chosen] if chosen < len(texts) else str(state.draw(free))

    return text


def _snowflake(state: _State, depth: int) -> str:
    number = state.draw(_SNOWFLAKES)
    return str(number if number < 8 else _FIRST_ID + number)


_SNOWFLAKES = st.integers(0, 2**62)


def _integer(fact: Fact, make: Callable[[Fact], Make], facts: Facts) -> Make:
    if allowed := facts.allowed(fact):
        return _one_of(allowed)
    low, high = bounds(fact)
    return _drawn(st.integers(INT53[0] if low is None else int(low), INT53[1] if high is None else int(high)))


def _number(fact: Fact, make: Callable[[Fact], Make], facts: Facts) -> Make:
    low, high = bounds(fact)
    exact = st.floats(low, high, allow_nan=False, allow_infinity=False)
    whole = st.integers(INT53[0] if low is None else int(low), INT53[1] if high is None else int(high))
    return _drawn(st.one_of(whole, exact))


def _enum(fact: Fact, make: Callable[[Fact], Make], facts: Facts) -> Make:
    allowed = facts.allowed(fact)
    return _one_of(allowed) if allowed else _MAKERS[fact["of"]]({"type": fact["of"]}, make, facts)


def _array(fact: Fact, make: Callable[[Fact], Make], facts: Facts) -> Make:
    item, low, high = make(fact["items"]), fact.get("min", 0), fact.get("max")
    leaf = facts.resolve(fact["items"])["type"] not in ("object", "array", "map", "union")
    sizes = [size for size in (low + 1, low, low + 2) if high is None or size <= high]
    if leaf and high is not None and high not in sizes and high <= 50:
        sizes.append(high)

    def items(state: _State, depth: int) -> list[Any]:
        full = depth > DEPTH or state.size > SIZE
        size = low if full else sizes[state.choose(len(sizes))]
        if not fact.get("unique"):
            return [item(state, depth) for _ in range(size)]
        found: dict[str, Any] = {}
        for _ in range(size + 40):  # enough to fill even an array of nearly all members of an enum
            if len(found) >= size:
                break
            value = item(state, depth)
            found.setdefault(json.dumps(value, sort_keys=True), value)
        if len(found) < low:
            reject()
        return list(found.values())

    return items


def _map(fact: Fact, make: Callable[[Fact], Make], facts: Facts) -> Make:
    value, low, high = make(fact["values"]), fact.get("min", 0), fact.get("max")
    sizes = [size for size in (low, low + 1, low + 2) if high is None or size <= high]

    def entries(state: _State, depth: int) -> dict[str, Any]:
        full = depth > DEPTH or state.size > SIZE
        # Digits: what the keys are (ids, locales, numbers of an enum) the document does not say; digits fit them all.
        keys = (
            str(key) if key < 2 else str(_FIRST_ID + key)
            for key in range(low if full else sizes[state.choose(len(sizes))])
        )
        return {key: value(state, depth + 1) for key in keys}

    return entries


def _object(fact: Fact, make: Callable[[Fact], Make], facts: Facts) -> Make:
    required = [(name, make(_bits(name, field, facts))) for name, field in fact["required"].items()]
    optional = [(name, make(_bits(name, field, facts))) for name, field in fact["optional"].items()]
    chunks = [optional[start : start + 16] for start in range(0, len(optional), 16)]

    def fields(state: _State, depth: int) -> dict[str, Any]:
        state.size += 1 + len(required)
        found = {name: field(state, depth + 1) for name, field in required}
        if not optional or depth > DEPTH or state.size > SIZE:
            return found
        density = state.choose(4)  # none, some, some, all
        for chunk in chunks if density else ():
            mask = -1 if density == 3 else state.choose(1 << len(chunk))
            for bit, (name, field) in enumerate(chunk):
                if mask >> bit & 1 and state.size <= SIZE:
                    state.size += 1
                    found[name] = field(state, depth + 1)
        return found

    return fields


_PERMISSIONS = {"allow", "default_member_permissions", "deny", "permissions", "permissions_new"}


def _bits(name: str, field: Fact, facts: Facts) -> Fact:
    """A set of bits is not negative and a permission string is a number, which the document does not say."""
    resolved = facts.resolve(field)
    if resolved["type"] == "integer" and ("flags" in name or name in _PERMISSIONS):
        return {**resolved, "min": max(0, int(resolved.get("min", 0)))}
    if resolved["type"] == "string" and (name in _PERMISSIONS or name == "flags_new"):
        return {"type": "string", "format": "snowflake", "null": bool(resolved.get("null"))}
    return field


def _union(fact: Fact, make: Callable[[Fact], Make], facts: Facts) -> Make:
    arms = [make(arm) for arm in fact["arms"]]
    return lambda state, depth: arms[state.choose(len(arms))](state, depth)


_MAKERS: dict[str, Callable[[Fact, Callable[[Fact], Make], Facts], Make]] = {
    "any": _any,
    "null": _null,
    "boolean": _boolean,
    "string": _string,
    "integer": _integer,
    "number": _number,
    "enum": _enum,
    "narrowed": _enum,
    "array": _array,
    "map": _map,
    "object": _object,
    "union": _union,
}
