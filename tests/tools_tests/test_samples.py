"""The samples are valid everywhere, whatever is broken is invalid, and tomorrow's Discord says what it did."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from tests.tools.facts import Facts, official
from tests.tools.official_facts import Fact, is_list, is_object
from tests.tools.samples import (
    SIZE,
    Path,
    answers,
    bodies,
    break_one,
    breaks,
    checker,
    json_schema,
    mutate_tomorrow,
    parameters,
    samples,
    tomorrows,
)

PLACES = list(official().places())
CHUNKS = 12
FEW = settings(
    max_examples=2,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    phases=[Phase.generate],
)
SOME = settings(FEW, max_examples=30)

KIND = {"type": "enum", "of": "integer", "members": {"A": 1, "B": 2}}


def _arm(value: int, **optional: Fact) -> Fact:
    tag = {"type": "narrowed", "ref": "Kind", "of": "integer", "values": [value]}
    return {"type": "object", "required": {"kind": tag}, "optional": optional}


MINI = Facts(
    {
        "operations": {},
        "schemas": {
            "Kind": KIND,
            "A": _arm(1, name={"type": "string", "min": 2, "max": 3}),
            "B": _arm(2, flags={"type": "integer"}, id={"type": "string", "format": "snowflake"}),
            "Either": {
                "type": "union",
                "arms": [{"type": "ref", "ref": "A"}, {"type": "ref", "ref": "B"}],
                "tag": {"field": "kind", "values": [[1], [2]]},
            },
        },
    }
)


def _hows(of: Fact | str, sample: Any) -> dict[Path, list[str]]:
    found: dict[Path, list[str]] = {}
    for broken in breaks(of, sample, facts=MINI):
        found.setdefault(broken.path, []).append(broken.how)
    return found


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_sample_is_valid_and_every_break_is_not(chunk: int) -> None:
    for name, fact in PLACES[chunk::CHUNKS]:
        _judge(name, fact)


def _judge(name: str, fact: Fact) -> None:
    check = checker(fact)

    @FEW
    @given(samples(fact))
    def judge(sample: Any) -> None:
        assert [] == check.errors(sample), name
        for broken in itertools.islice(breaks(fact, sample), 25):
            assert not check.is_valid(broken.sample), (name, broken.how, broken.path)

    judge()


@settings(SOME, max_examples=100)
@given(st.data())
def test_a_message_breaks_in_one_place_only(data: st.DataObject) -> None:
    sample = data.draw(samples("MessageCreateRequest"))
    before = copy.deepcopy(sample)

    broken = data.draw(break_one("MessageCreateRequest", sample))

    assert not checker("MessageCreateRequest").is_valid(broken.sample)
    assert before == sample
    assert _only_changed_at([broken.path], sample, broken.sample)


@settings(SOME, max_examples=100)
@given(st.data())
def test_tomorrow_says_every_place_it_changed(data: st.DataObject) -> None:
    sample = data.draw(samples("MessageResponse"))

    tomorrow = data.draw(mutate_tomorrow("MessageResponse", sample))

    assert _only_changed_at([path for path, _ in tomorrow.changes], sample, tomorrow.sample)


def _only_changed_at(paths: list[Path], before: Any, after: Any) -> bool:
    """Whether something changed at or below each of the paths, and nothing elsewhere."""
    changed = set(_changed(before, after, ()))
    covered = {path for path in changed for start in paths if path[: len(start)] == start}
    return changed == covered and all(any(path[: len(start)] == start for path in changed) for start in paths)


def _changed(before: Any, after: Any, path: Path) -> Iterator[Path]:
    if is_object(before) and is_object(after):
        for key in before.keys() | after.keys():
            yield from _changed(before.get(key, ...), after.get(key, ...), (*path, key))
    elif is_list(before) and is_list(after) and len(before) == len(after):
        for index, item in enumerate(before):
            yield from _changed(item, after[index], (*path, index))
    elif before != after or type(before) is not type(after):
        yield path


@pytest.mark.parametrize("operation", ["create_message", "get_channel", "create_thread", "get_guild_widget_png"])
def test_an_operations_answers_fit_their_statuses(operation: str) -> None:
    @SOME
    @given(answers(operation))
    def judge(answer: tuple[str, str | None, Any]) -> None:
        status, media, value = answer
        fact = official().operations[operation]["answers"][status].get(media) if media else None
        assert value is None if fact is None else checker(fact).is_valid(value)

    judge()


def test_an_operation_without_a_body_has_no_samples_of_it() -> None:
    assert bodies("get_channel").is_empty


def test_parameters_come_by_location() -> None:
    @SOME
    @given(parameters("list_messages", "path"), parameters("list_messages", "query"))
    def judge(path: dict[str, Any], query: dict[str, Any]) -> None:
        assert {"channel_id"} == path.keys()
        assert {"around", "before", "after", "limit"} >= query.keys()

    judge()


def test_a_sample_of_a_message_stays_small() -> None:
    sizes = list[int]()

    @SOME
    @given(samples("MessageResponse"))
    def measure(sample: Any) -> None:
        sizes.append(len(list(_values(sample))))

    measure()

    # Required fields are always there, so that the last one in may pass the bound; a message has few of them.
    assert SIZE * 3 > max(sizes)


def _values(value: Any) -> Iterator[Any]:
    yield value
    inner = value.values() if is_object(value) else value if is_list(value) else ()
    for item in inner:
        yield from _values(item)


def test_the_samples_reach_optional_fields_nulls_and_every_arm() -> None:
    kinds, shapes = set[Any](), set[Any]()

    @settings(SOME, max_examples=300)
    @given(samples("Either", facts=MINI), samples({"type": "string", "null": True}))
    def look(sample: dict[str, Any], text: str | None) -> None:
        kinds.add((sample["kind"], len(sample)))
        shapes.add(type(text))

    look()

    assert {(1, 1), (1, 2), (2, 1), (2, 2), (2, 3)} == kinds
    assert {str, type(None)} == shapes


def test_a_tagged_arm_breaks_by_its_tag_and_by_its_fields() -> None:
    hows = _hows("Either", {"kind": 1, "name": "abc"})

    assert ["unknown tag", "missing tag", "wrong type of tag"] == hows["kind",]
    assert ["wrong type", "null", "too short", "too long"] == hows["name",]


def test_what_another_arm_accepts_is_no_break() -> None:
    either: Fact = {"type": "union", "arms": [{"type": "string", "max": 3}, {"type": "boolean"}]}

    broken = [(b.how, b.sample) for b in breaks(either, "abc")]

    assert ("too long", "xxxx") in broken
    assert True not in [sample for _, sample in broken]


@pytest.mark.parametrize(
    ("fact", "sample", "hows"),
    [
        ({"type": "integer", "min": 1, "max": 5}, 3, {"below the range": 0, "above the range": 6}),
        ({"type": "integer", "format": "int32"}, 3, {"below int32": -(2**31) - 1, "above int32": 2**31}),
        ({"type": "string", "min": 2, "max": 3}, "ab", {"too short": "x", "too long": "xxxx"}),
        ({"type": "string", "format": "snowflake"}, "1", {"wrong snowflake": "12 monkeys"}),
        ({"type": "ref", "ref": "Kind"}, 1, {"unknown enum value": 987_654}),
        ({"type": "integer", "values": [1]}, 1, {"unknown enum value": 987_655}),
        (
            {"type": "narrowed", "ref": "Kind", "of": "integer", "values": [1]},
            1,
            {"unknown enum value": 987_654, "a member not allowed here": 2},
        ),
        (
            {"type": "array", "items": {"type": "any"}, "min": 1, "max": 2, "unique": True},
            [7],
            {"too few items": [], "an item twice": [7, 7]},
        ),
        ({"type": "array", "items": {"type": "any"}, "max": 2}, [7], {"too many items": [7, 7, 7]}),
        ({"type": "map", "values": {"type": "any"}, "max": 1}, {"a": 7}, {"too many entries": {"0": 7, "1": 7}}),
        ({"type": "map", "values": {"type": "any"}, "min": 1}, {"a": 7}, {"too few entries": {}}),
    ],
)
def test_each_constraint_breaks_in_its_own_way(fact: Fact, sample: Any, hows: dict[str, Any]) -> None:
    broken = {b.how: b.sample for b in breaks(fact, sample, facts=MINI) if b.how not in ("wrong type", "null")}

    assert hows == broken


def test_a_required_field_goes_missing_and_an_optional_one_does_not() -> None:
    fact: Fact = {"type": "object", "required": {"a": {"type": "any"}}, "optional": {"b": {"type": "any"}}}

    missing = [b.path for b in breaks(fact, {"a": 1, "b": 2}) if b.how == "missing"]

    assert [("a",)] == missing


def test_null_is_no_break_where_it_is_allowed() -> None:
    assert "null" not in _hows({"type": "string", "null": True}, "x")[()]


def test_tomorrow_brings_fields_kinds_arms_bits_nulls_absences_and_integer_ids() -> None:
    sample = {"kind": 2, "flags": 1, "id": "17"}

    done = {(t.changes[0]): t.sample for t in tomorrows("Either", sample, facts=MINI)}

    assert 987_654 == done[(), "unknown union arm"]["kind"]
    assert "brand_new_field" in done[("brand_new_field",), "unknown field"]
    assert 1 | 1 << 60 == done[("flags",), "flag bit above 53"]["flags"]
    assert 17 == done[("id",), "integer id"]["id"]
    assert done[("id",), "null"]["id"] is None
    assert "id" not in done[("id",), "absence"]
    assert [987_654] == [t.sample for t in tomorrows("Kind", 1, facts=MINI)]


def test_a_json_schema_carries_what_it_refers_to() -> None:
    schema = json_schema("Either", facts=MINI)

    assert "#/$defs/Either" == schema["$ref"]
    assert ["A", "B", "Either"] == list(schema["$defs"])


@pytest.mark.parametrize(
    ("fact", "good", "bad"),
    [
        ({"type": "string", "format": "date-time"}, "2026-07-18T12:00:00+00:00", "2026-07-18T12:00:00"),
        ({"type": "string", "format": "uri"}, "https://example.org/", "example.org"),
        ({"type": "string", "format": "snowflake"}, "18446744073709551615", "18446744073709551616"),
        ({"type": "string", "encoding": "base64"}, "data:image/png;base64,iVBORw0KGgo=", "iVBORw0KGgo="),
        ({"type": "enum", "of": "string", "members": {}}, "whatever", 1),
    ],
)
def test_formats_are_checked(fact: Fact, good: Any, bad: Any) -> None:
    assert [True, False] == [checker(fact).is_valid(good), checker(fact).is_valid(bad)]
