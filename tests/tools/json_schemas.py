"""Plain JSON Schemas (2020-12) of the official facts, and checkers that look at formats, too."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker

from tests.tools.facts import Facts, Of, bounds, official
from tests.tools.official_facts import Fact

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DATA_URI = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,([A-Za-z0-9+/]+={0,2})")

_LENGTH = {"string": "Length", "array": "Items", "map": "Properties"}
_FORMATS = FormatChecker(())
_checkers: dict[int | str, tuple[Of, Checker]] = {}


def json_schema(of: Of, *, facts: Facts | None = None) -> dict[str, Any]:
    """A self-contained JSON Schema: the fact's own, with every schema it reaches in ``$defs``.

    A union is an ``anyOf``: whether the arms exclude each other is their own affair.  ``int32`` states its range,
    base64 images are ``format: data-uri``; an enum without members allows whatever its type allows.
    """
    facts = facts or official()
    fact = facts.fact(of)
    reached: dict[str, Any] = {}
    waiting = [fact]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in reached:
                reached[name] = _plain(facts.schemas[name], facts)
                waiting.append(facts.schemas[name])
    return {"$schema": DIALECT, **_plain(fact, facts), "$defs": dict(sorted(reached.items()))}


class Checker:
    """A JSON Schema made ready, formats included."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        # Any: the stubs' idea of a JSON value is narrower than what json.loads returns.
        self._validator: Any = Draft202012Validator(schema, format_checker=_FORMATS)

    def is_valid(self, value: object) -> bool:
        """Whether a value fits."""
        return bool(self._validator.is_valid(value))

    def errors(self, value: object) -> list[str]:
        """What does not fit and where, one line each; empty for a valid value."""
        return [f"{error.json_path}: {error.message}" for error in self._validator.iter_errors(value)]


def checker(of: Of, *, facts: Facts | None = None) -> Checker:
    """The checker of a fact or schema name; those of the official facts are made once."""
    if facts is not None and facts is not official():
        return Checker(json_schema(of, facts=facts))
    key = of if isinstance(of, str) else id(of)
    if key not in _checkers:  # the fact is kept beside its checker, so that its id stays its own
        _checkers[key] = (of, Checker(json_schema(of)))
    return _checkers[key][1]


def _references(fact: Fact) -> Iterator[str]:
    if fact["type"] == "ref":
        yield fact["ref"]
    children = [*fact.get("arms", ()), *fact.get("parts", ())]
    if fact["type"] == "object":
        children += [*fact["required"].values(), *fact["optional"].values()]
    if fact["type"] in ("array", "map"):
        children.append(fact["items" if fact["type"] == "array" else "values"])
    for child in children:
        yield from _references(child)


def _plain(fact: Fact, facts: Facts) -> dict[str, Any]:
    schema = _not_null(fact, facts)
    return {"anyOf": [{"type": "null"}, schema]} if fact.get("null") else schema


def _not_null(fact: Fact, facts: Facts) -> dict[str, Any]:
    kind = fact["type"]
    if kind == "any":
        return {}
    if kind == "ref":
        return {"$ref": f"#/$defs/{fact['ref']}"}
    if kind == "union":
        return {"anyOf": [_plain(arm, facts) for arm in fact["arms"]]}
    if kind == "merge":
        return {"allOf": [_plain(part, facts) for part in fact["parts"]]}
    schema: dict[str, Any] = {"type": {"map": "object"}.get(kind, fact.get("of", kind))}
    if allowed := facts.allowed(fact):
        schema["enum"] = list(allowed)
    if kind == "object":
        schema["required"] = list(fact["required"])
        schema["properties"] = {k: _plain(v, facts) for k, v in (fact["required"] | fact["optional"]).items()}
        if fact.get("closed"):
            schema["additionalProperties"] = False
    if kind == "map":
        schema["additionalProperties"] = _plain(fact["values"], facts)
    if kind == "array":
        schema["items"] = _plain(fact["items"], facts)
    return schema | _limits(fact)


def _limits(fact: Fact) -> dict[str, Any]:
    kind = fact["type"]
    found: dict[str, Any] = {}
    if kind in _LENGTH:
        found = {end + _LENGTH[kind]: fact[end] for end in ("min", "max") if end in fact}
    if kind in ("integer", "number"):
        found = {name: end for name, end in zip(("minimum", "maximum"), bounds(fact), strict=True) if end is not None}
    if fact.get("unique"):
        found["uniqueItems"] = True
    if "pattern" in fact:
        found["pattern"] = fact["pattern"]
    if fact.get("encoding") == "base64":
        found["format"] = "data-uri"
    elif kind == "string" and "format" in fact:
        found["format"] = fact["format"]
    return found


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() is not None


@_FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return bool(parts.scheme and parts.netloc) and not re.search(r"[\s<>\"{}|\\^`]", value)


@_FORMATS.checks("snowflake")
def _is_snowflake(value: object) -> bool:
    return not isinstance(value, str) or (value.isascii() and value.isdecimal() and int(value) < 2**64)


@_FORMATS.checks("data-uri", raises=binascii.Error)
def _is_data_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    found = DATA_URI.fullmatch(value)
    return found is not None and bool(base64.b64decode(found[1], validate=True))
