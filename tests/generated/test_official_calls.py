"""Every helper called as the official document allows, and with one thing of it broken.

The arguments come from the facts alone (tests/tools/samples.py) and so does the judge of what came out: the address
is taken apart by urllib, the query and the body are held against the document's own schemas.
"""

from __future__ import annotations

import inspect
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given, strategies as st

from acord.core.errors import InvalidRequest
from acord.core.types import MISSING, File
from tests.tools.effort import PATIENCE, effort
from tests.tools.facts import official
from tests.tools.judge import flat
from tests.tools.judge_calls import ARRAY, MULTIPART, argument
from tests.tools.official_facts import Fact, is_list
from tests.tools.samples import Broken, Path, breaks, checker, parameters, samples

routes: Any = import_module("acord.routes")

pytestmark = PATIENCE
SOME = effort(12, soak=100)
FEW = effort(4, soak=20)
CHUNKS = 6
BREAKS = 80  # of one sample; the shortest paths come first
# What helpers leave to the server: which URIs it takes is its own affair (`attachment://` is one), and a number
# without a documented range may be a flag set whose next bit leaves 32 bits behind.
UNCHECKED = {"wrong uri", "above int32", "below int32"}
NAMES = sorted(official().operations)


class Call:
    """One call in the document's terms: what stands in the path, in the query and in the body."""

    def __init__(self, name: str, path: Any, query: Any, body: Any) -> None:
        self.name, self.path, self.query, self.body = name, path, query, body

    def route(self) -> Any:
        """What the helper makes of it."""
        keywords = (self.query, self.body) if _takes_keywords(self.name) else (self.query,)
        given = {argument(key): value for part in keywords for key, value in part.items()}
        items = [] if _takes_keywords(self.name) else [self.body]
        files = {key: File(b"x", filename="x.png") for key in _parts(self.name)}
        path = [self.path[part] for part in _placeholders(self.name)]
        return getattr(routes, self.name)(*path, *items, **given, **files)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_valid_call_makes_the_request_that_the_document_describes(chunk: int) -> None:
    for name in NAMES[chunk::CHUNKS]:
        _sends(name)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_call_with_one_thing_broken_is_refused_by_its_name(chunk: int) -> None:
    for name in NAMES[chunk::CHUNKS]:
        _refuses(name)


def test_an_argument_that_must_be_given_is_asked_for_by_its_name() -> None:
    for name in NAMES:
        fact = official().parameters(name, "query")
        body = _body(name) or {"type": "object", "required": {}}
        required = {*_placeholders(name), *fact["required"], *(body["required"] if body["type"] == "object" else ())}
        without = inspect.signature(getattr(routes, name)).parameters

        optional = {key for key in required if without[argument(key)].default is not inspect.Parameter.empty}

        assert set() == optional, name


def _sends(name: str) -> None:
    @SOME
    @given(_calls(name))
    def judge(call: Call) -> None:
        route = call.route()

        operation = official().operations[name]
        address = urlsplit(route.url)
        assert operation["method"] == route.method
        assert _plain(call.path) == _filled(operation["path"], address.path)
        query = _read(name, parse_qsl(address.query, keep_blank_values=True, strict_parsing=bool(address.query)))
        assert [] == checker(official().parameters(name, "query")).errors(query)
        assert _plain(_without_nothing(call.query)) == _plain(query)
        if (fact := _body(name)) is not None:
            sent = {} if route.body is MISSING else route.body
            assert [] == checker(fact).errors(sent)
            assert _text(call.body) == _text(sent)

    judge()


def _refuses(name: str) -> None:
    @FEW
    @given(_calls(name))
    def judge(call: Call) -> None:
        wrong: list[str] = []
        for broken, spoilt, start in _spoilt(call):
            said = _said(spoilt)
            if not re.fullmatch(_pattern(broken, start), said, re.DOTALL):
                wrong.append(f"{name}: {broken.how} at {broken.path}: {said}")
        assert [] == wrong

    judge()


def _spoilt(call: Call) -> Iterator[tuple[Broken, Call, str]]:
    """The call with each thing in turn broken, and what the path to it begins with."""
    name = call.name
    for broken in breaks(official().parameters(name, "path"), call.path):
        if broken.path and broken.how != "missing":
            yield broken, Call(name, broken.sample, call.query, call.body), ""
    for broken in breaks(official().parameters(name, "query"), call.query):
        # None is how a query parameter is left out.
        if broken.path and broken.how not in {"missing", "null", *UNCHECKED}:
            yield broken, Call(name, call.path, broken.sample, call.body), ""
    if (fact := _body(name)) is not None:
        start = "" if _takes_keywords(name) else ARRAY
        for broken in itertools.islice(breaks(fact, call.body), BREAKS):
            by_python = not start and len(broken.path) < 2 and broken.how in {"missing", "missing tag"}
            if (broken.path or start) and broken.how not in UNCHECKED and not by_python:
                yield broken, Call(name, call.path, call.query, broken.sample), start


def _said(call: Call) -> str:
    try:
        call.route()
    except InvalidRequest as error:
        return error.argument
    return "(nothing)"


def _pattern(broken: Broken, start: str) -> str:
    """How the broken argument may be written: a key of an object after a dot, one of a map in brackets."""
    first, rest = (start, broken.path) if start else (argument(str(broken.path[0])), broken.path[1:])
    path = re.escape(first) + "".join(
        rf"\[{part}\]" if isinstance(part, int) else rf"(\.{re.escape(part)}|\[{re.escape(repr(part))}\])"
        for part in rest
    )
    # An empty object where a kind of object is told by its tag: it is the tag that is asked for.
    return rf"{path}(\.\w+)?" if _at(broken.sample, broken.path) == {} else path


def _at(sample: Any, path: Path) -> Any:
    for part in path:
        absent = part not in sample if isinstance(sample, dict) else part >= len(sample)
        if absent:
            return None
        sample = sample[part]
    return sample


def _calls(name: str) -> st.SearchStrategy[Call]:
    fact = _body(name)
    body = st.just({}) if fact is None else samples(fact)
    path = parameters(name, "path").filter(lambda values: all(map(_is_segment, values.values())))
    # The document lets an id in a query be null, which no query can say.
    query = parameters(name, "query").filter(lambda values: not any(_holds_null(value) for value in values.values()))
    return st.builds(Call, st.just(name), path, query, body)


def _holds_null(value: object) -> bool:
    return isinstance(value, list) and None in value


def _is_segment(value: object) -> bool:
    """The document forbids no text in a path; what would lead elsewhere, nobody may send."""
    return not isinstance(value, str) or (value.isprintable() and value.strip(".") != "")


def _body(name: str) -> Fact | None:
    """The body as one object or array, without the files that may go beside it."""
    fact = official().body(name)
    if fact is not None:
        return fact
    parts = official().body(name, MULTIPART)
    whole = None if parts is None else flat(official(), parts)
    if whole is None:
        return None
    kept = {
        group: {key: of for key, of in whole[group].items() if of.get("encoding") != "binary"}
        for group in ("required", "optional")
    }
    return {"type": "object", **kept} if any(kept.values()) else None


def _takes_keywords(name: str) -> bool:
    fact = official().body(name)
    return fact is None or flat(official(), fact) is not None


def _parts(name: str) -> list[str]:
    """The files without which there is no call."""
    parts = None if official().body(name) else official().body(name, MULTIPART)
    return [] if parts is None else [key for key, of in parts["required"].items() if of.get("encoding") == "binary"]


def _placeholders(name: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", official().operations[name]["path"])


def _filled(template: str, path: str) -> dict[str, str]:
    """What stands in the places of a template, each exactly one segment."""
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
    found = re.fullmatch(rf"/api/v\d+{pattern}", path)
    assert found, (template, path)
    return {key: unquote(value) for key, value in found.groupdict().items()}


def _read(name: str, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """A query as a server reads it: each value by the type that the document gives to its parameter."""
    fact = official().parameters(name, "query")
    facts: Mapping[str, Fact] = fact["required"] | fact["optional"]
    found: dict[str, Any] = {}
    for key, text in pairs:
        of = official().resolve(facts[key])
        if of["type"] == "union":  # ids, one by one or as one text
            ids = found.get(key, [])
            found[key] = [*ids, text] if text.isdecimal() else text
        elif of["type"] == "array":
            comma = next(p.style for p in routes.OPERATIONS[name].parameters if p.name == key) == "comma"
            found.setdefault(key, []).extend(_value(of["items"], one) for one in (text.split(",") if comma else [text]))
        else:
            assert key not in found
            found[key] = _value(of, text)
    return found


def _value(fact: Fact, text: str) -> Any:
    of = official().resolve(fact)
    kind = of.get("of", of["type"])
    if kind == "boolean":
        return {"true": True, "false": False}[text]
    return json.loads(text) if kind in ("integer", "number") else text


def _without_nothing(query: Mapping[str, Any]) -> dict[str, Any]:
    """None and an empty list are no part of a query."""
    return {key: value for key, value in query.items() if value is not None and value != []}


def _plain(values: Mapping[str, Any]) -> dict[str, str]:
    """Numbers as they are written; a list as the one text as which some go, so that one of one is the one."""
    return {key: ",".join(map(str, value)) if is_list(value) else str(value) for key, value in values.items()}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
