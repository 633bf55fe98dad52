"""The spec's notation for types, read and written.

string  integer  number  boolean  any  null          JSON's own
snowflake  timestamp  uri  int32  int64  int53 ...   formats; any other: string<name>
string(1..80)  integer(0..)  string(..7, "^#")       limits: length, range; a pattern as a JSON string
Message                                              a schema of the spec
ComponentType{2}  string{"a", "b"}                   only these values
Message[]  Embed[..10]  snowflake[1..25 unique]      arrays
map(string)  map(string(..100), ..34)                objects with free keys
?string                                              may be null (the documentation's sign)
A | B                                                one of
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

Number = int | float


@dataclass(frozen=True, slots=True)
class Primitive:
    """A JSON scalar; `format` refines it (``uri`` of string), limits are lengths for text and ranges for numbers.

    `flags` names the class of a bit set; it is stated beside the type (flag_fields.yaml), not in the notation.
    """

    kind: str
    format: str = ""
    low: Number | None = None
    high: Number | None = None
    pattern: str = ""
    values: tuple[object, ...] = ()
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """A schema by name; `values` narrows an enum to some of its values."""

    name: str
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Array:
    item: Type
    low: int | None = None
    high: int | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    value: Type
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Union:
    arms: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Nullable:
    inner: Type


Type = Primitive | Ref | Array | Map | Union | Nullable
ANY = Primitive("any")
NULL = Primitive("null")

# One word of the notation -> (JSON kind, format).
WORDS: dict[str, tuple[str, str]] = {
    **{kind: (kind, "") for kind in ("string", "integer", "number", "boolean", "any", "null")},
    "snowflake": ("string", "snowflake"),
    "timestamp": ("string", "date-time"),
    "uri": ("string", "uri"),
    "nonce": ("string", "nonce"),
    "base64": ("string", "base64"),
    "binary": ("string", "binary"),
    "int32": ("integer", "int32"),
    "int64": ("integer", "int64"),
    "int53": ("integer", "int53"),
    "uint32": ("integer", "uint32"),
    "double": ("number", "double"),
}
_WORD_OF = {pair: word for word, pair in WORDS.items()}
_TOKEN = re.compile(
    r"\s*(?:(?P<string>\"(?:[^\"\\]|\\.)*\")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<dots>\.\.)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_-]*)|(?P<sign>[?|()\[\]{}<>,]))"
)


# Deeper nesting than any document has; a bound for what is read by recursion.
DEPTH = 24


class NotationError(ValueError):
    """A type that cannot be read: what was found where, what was expected."""


def parse(text: str) -> Type:
    """Read a type; NotationError says at which character and what was expected."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0

    def whole(self) -> Type:
        found = self.union()
        if self.peek()[0] != "end":
            self.expect("end of the type")
        return found

    def peek(self) -> tuple[str, str, int]:
        return self.tokens[self.at]

    def take(self, *signs: str) -> str | None:
        kind, text, _ = self.peek()
        if kind in {"sign", "dots"} and text in signs:
            self.at += 1
            return text
        return None

    def expect(self, what: str) -> None:
        kind, text, place = self.peek()
        found = "the end" if kind == "end" else repr(text)
        raise NotationError(f"{self.text!r}: expected {what} at character {place + 1}, found {found}")

    def need(self, sign: str) -> None:
        if not self.take(sign):
            self.expect(repr(sign))

    def union(self, depth: int = 0) -> Type:
        if depth > DEPTH:
            raise NotationError(f"{self.text[:60]!r}...: nested deeper than {DEPTH}")
        if self.take("?"):
            return Nullable(self.union(depth + 1))
        arms = [self.postfix(depth)]
        while self.take("|"):
            arms.append(self.postfix(depth))
        return arms[0] if len(arms) == 1 else Union(tuple(arms))

    def postfix(self, depth: int) -> Type:
        found = self.atom(depth)
        while self.take("["):
            depth += 1
            if depth > DEPTH:
                raise NotationError(f"{self.text[:60]!r}...: nested deeper than {DEPTH}")
            low, high = self.lengths()
            unique = self.peek()[:2] == ("word", "unique")
            self.at += unique
            self.need("]")
            found = Array(found, low, high, unique)
        return found

    def lengths(self) -> tuple[int | None, int | None]:
        at = self.at
        low, high = self.bounds()
        if isinstance(low, float) or isinstance(high, float):
            self.at = at
            self.expect("a whole number")
        return cast("tuple[int | None, int | None]", (low, high))

    def bounds(self) -> tuple[Number | None, Number | None]:
        low = self.number()
        if self.take(".."):
            return low, self.number()
        if low is not None:
            self.expect("'..'")
        return None, None

    def number(self) -> Number | None:
        if self.peek()[0] != "number":
            return None
        found = self.value()
        return cast("Number", found)

    def value(self) -> object:
        """The token as JSON reads it."""
        _, text, place = self.peek()
        try:
            found: object = json.loads(text)
        except ValueError as exc:
            raise NotationError(f"{self.text!r}: {text!r} at character {place + 1} is not JSON") from exc
        if isinstance(found, float) and not math.isfinite(found):
            raise NotationError(f"{self.text!r}: {text!r} at character {place + 1} is too large")
        self.at += 1
        return found

    def atom(self, depth: int) -> Type:
        if self.take("("):
            inner = self.union(depth + 1)
            self.need(")")
            return inner
        kind, word, _ = self.peek()
        if kind != "word":
            self.expect("a type")
        self.at += 1
        if word == "map":
            self.need("(")
            value = self.union(depth + 1)
            few, many = self.lengths() if self.take(",") else (None, None)
            self.need(")")
            return Map(value, few, many)
        if word not in WORDS:
            if not word[0].isupper():
                raise NotationError(
                    f"{self.text!r}: unknown type {word!r} (known: {', '.join(WORDS)}; schemas are CamelCase)"
                )
            return Ref(word, self.values())
        json_kind, format_ = WORDS[word]
        if self.take("<"):
            if self.peek()[0] != "word":
                self.expect("the name of a format")
            format_ = self.peek()[1]
            self.at += 1
            self.need(">")
        bounds: tuple[Number | None, Number | None] = (None, None)
        pattern = ""
        if self.take("("):
            bounds = self.bounds()
            if (bounds != (None, None) and self.take(",")) or self.peek()[0] == "string":
                pattern = self.string()
            self.need(")")
        return Primitive(json_kind, format_, *bounds, pattern, self.values())

    def string(self) -> str:
        if self.peek()[0] != "string":
            self.expect("a JSON string")
        return str(self.value())

    def values(self) -> tuple[object, ...]:
        if not self.take("{"):
            return ()
        found: list[object] = []
        while not self.take("}"):
            kind, text, _ = self.peek()
            if kind not in {"number", "string"} and text not in {"true", "false"}:
                self.expect("a value")
            found.append(self.value())
            if not self.take(",") and self.peek()[1] != "}":
                self.expect("',' or '}'")
        return tuple(found)


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if not match:
            raise NotationError(f"{text!r}: unexpected {text[at:].strip()[:1]!r} at character {at + 1}")
        kind = match.lastgroup or ""
        yield kind, match[kind], match.start(kind)
        at = match.end()
    yield "end", "", len(text)


def show(found: Type) -> str:
    """The notation of a type; ``parse(show(t)) == t``."""
    match found:
        case Nullable(inner):
            return "?" + _tight(inner)
        case Union(arms):
            return " | ".join(_tight(arm) for arm in arms)
        case Array(item, low, high, unique):
            limits = " ".join(filter(None, (_bounds(low, high), "unique" if unique else "")))
            return f"{_tight(item)}[{limits}]"
        case Map(value, low, high):
            limits = _bounds(low, high)
            return f"map({show(value)}{limits and ', ' + limits})"
        case Ref(name, values):
            return name + _values(values)
        case Primitive():
            word = _WORD_OF.get((found.kind, found.format)) or f"{found.kind}<{found.format}>"
            limits = _bounds(found.low, found.high)
            inside = ", ".join(filter(None, (limits, found.pattern and json.dumps(found.pattern))))
            return word + (inside and f"({inside})") + _values(found.values)


def depth(found: Type) -> int:
    """How deep `parse` has to go at most into what `show` prints: it refuses more than `DEPTH`."""
    match found:
        case Nullable(inner):
            return 1 + _within(inner)
        case Union(arms):
            return max(map(_within, arms))
        case Array(item):
            return 1 + _within(item)
        case Map(value):
            return 1 + depth(value)
        case _:
            return 0


def _within(found: Type) -> int:
    return depth(found) + isinstance(found, Union | Nullable)


def _tight(found: Type) -> str:
    return f"({show(found)})" if isinstance(found, Union | Nullable) else show(found)


def _bounds(low: Number | None, high: Number | None) -> str:
    if low is None and high is None:
        return ""
    return f"{'' if low is None else low}..{'' if high is None else high}"


def _values(values: tuple[object, ...]) -> str:
    return "{" + ", ".join(json.dumps(v) for v in values) + "}" if values else ""


def refs(found: Type) -> Iterator[str]:
    """Every schema a type names."""
    match found:
        case Ref(name):
            yield name
        case Array(inner) | Map(inner) | Nullable(inner):
            yield from refs(inner)
        case Union(arms):
            for arm in arms:
                yield from refs(arm)
        case Primitive():
            return
