"""Values that do not fit: Discord's tree of all of them."""

from typing import Any

import pytest

from acord.core.shapes import AnyOf, Array, Id, Integer, Map, Nullable, Number, Object, String, Tagged, Timestamp
from acord.sandbox.reading import Faults, read
from tests.sandbox.rest_kit import Kit, faults

MESSAGES = "/api/v10/channels/1/messages"


def test_all_faults_are_told_each_in_its_place() -> None:
    body: Any = {
        "content": "x" * 4001,
        "tts": "maybe",
        "flags": "four",
        "nonce": [],
        "sticker_ids": ["1", "x"],
        "embeds": [{"title": "fine"}, {"color": -1, "fields": [{"name": "n"}], "timestamp": "yesterday"}],
        "allowed_mentions": {"parse": ["nobody"]},
        "components": [{"type": 1, "components": [{"type": 2}]}, {"type": 99}, {}],
        "message_reference": 5,
        "poll": {},
    }

    found = faults(Kit().send("POST", MESSAGES, body))

    assert {
        "content": ["BASE_TYPE_MAX_LENGTH"],
        "tts": ["BOOLEAN_TYPE_CONVERT"],
        "flags": ["NUMBER_TYPE_COERCE"],
        "nonce": ["NUMBER_TYPE_COERCE"],
        "sticker_ids.1": ["NUMBER_TYPE_COERCE"],
        "embeds.1.color": ["NUMBER_TYPE_MIN"],
        "embeds.1.fields.0.value": ["BASE_TYPE_REQUIRED"],
        "embeds.1.timestamp": ["DATE_TIME_TYPE_PARSE"],
        "allowed_mentions.parse.0": ["BASE_TYPE_CHOICES"],
        "components.0.components.0.style": ["BASE_TYPE_REQUIRED"],
        "components.1.type": ["UNION_TYPE_CHOICES"],
        "components.2.type": ["BASE_TYPE_REQUIRED"],
        "message_reference": ["MODEL_TYPE_CONVERT"],
        "poll.question": ["BASE_TYPE_REQUIRED"],
        "poll.answers": ["BASE_TYPE_REQUIRED"],
    } == found


def test_path_query_and_body_are_told_together() -> None:
    found = faults(Kit().send("POST", "/api/v10/webhooks/x/token?wait=perhaps", {"content": 1}, authorization=None))

    assert {"webhook_id", "wait", "content"} == found.keys()


@pytest.mark.parametrize(("query", "value"), [("wait=true", True), ("wait=0", False), ("wait=1&wait=0", True)])
def test_booleans_of_a_query_have_three_spellings(query: str, value: bool) -> None:
    kit = Kit()

    kit.send("POST", f"/api/v10/webhooks/1/token?{query}", {"content": "hi"}, authorization=None)

    assert {"wait": value} == kit.calls[0].query


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("include_roles=1,2", {"include_roles": ["1", "2"]}),
        ("include_roles=1&include_roles=2", {"include_roles": ["1", "2"]}),
        ("include_roles=1", {"include_roles": ["1"]}),
        ("days=7", {"days": 7}),
        ("", {}),
    ],
)
def test_lists_of_a_query_are_read_as_the_specification_writes_them(query: str, value: object) -> None:
    kit = Kit()

    kit.send("GET", f"/api/v10/guilds/1/prune?{query}")

    assert value == kit.calls[0].query


def test_a_query_out_of_its_bounds_is_refused() -> None:
    found = faults(Kit().send("GET", f"{MESSAGES}?limit=101&before=x"))

    assert {"limit": ["NUMBER_TYPE_MAX"], "before": ["NUMBER_TYPE_COERCE"]} == found


def test_a_query_that_is_required_is_missed() -> None:
    assert {"query": ["BASE_TYPE_REQUIRED"]} == faults(Kit().send("GET", "/api/v10/guilds/1/members/search"))


def test_a_body_that_is_missing_lacks_what_is_required() -> None:
    assert {"name": ["BASE_TYPE_REQUIRED"]} == faults(Kit().send("POST", "/api/v10/guilds/1/channels"))


def test_a_list_for_a_body_is_checked_as_one() -> None:
    found = faults(Kit().send("PATCH", "/api/v10/guilds/1/channels", [{"id": "1", "position": -1}, 5]))

    assert {"0.position": ["NUMBER_TYPE_MIN"], "1": ["MODEL_TYPE_CONVERT"]} == found
    assert {"": ["LIST_TYPE_CONVERT"]} == faults(Kit().send("PATCH", "/api/v10/guilds/1/channels", {}))


def test_of_a_union_the_arm_that_was_meant_is_checked() -> None:
    kit = Kit()

    kit.send("PATCH", "/api/v10/channels/1", {"archived": True, "auto_archive_duration": 60})
    found = faults(kit.send("PATCH", "/api/v10/channels/1", {"archived": 5, "auto_archive_duration": 60}))

    assert {"archived": True, "auto_archive_duration": 60} == kit.calls[0].body
    assert {"archived": ["BOOLEAN_TYPE_CONVERT"]} == found


def one(shape: Any, value: object, *, text: bool = False) -> tuple[object, list[str]]:
    found = Faults()
    ready = read(shape, value, (), found, text=text)
    return ready, [code for _, code, _ in found.found]


@pytest.mark.parametrize(
    ("shape", "value", "code"),
    [
        (String(min=1), "", "BASE_TYPE_REQUIRED"),
        (String(min=2, max=3), "x", "BASE_TYPE_BAD_LENGTH"),
        (String(min=2), "x", "BASE_TYPE_MIN_LENGTH"),
        (String(pattern="^a$"), "b", "STRING_TYPE_REGEX"),
        (String(), None, "BASE_TYPE_REQUIRED"),
        (String(format="uri"), "oak", "URL_TYPE_INVALID_URL"),
        (String(format="uri"), "https://exa mple", "URL_TYPE_INVALID_URL"),
        (String(format="uri", max=9), "https://example.com", "BASE_TYPE_MAX_LENGTH"),
        (Integer(max=5), 6, "NUMBER_TYPE_MAX"),
        (Integer(), True, "NUMBER_TYPE_COERCE"),
        (Integer(), "5", "NUMBER_TYPE_COERCE"),
        (Integer(), 1.5, "NUMBER_TYPE_COERCE"),
        (Number(min=0), -0.5, "NUMBER_TYPE_MIN"),
        (Number(), "x", "NUMBER_TYPE_COERCE"),
        (Id(), -1, "NUMBER_TYPE_COERCE"),
        (Id(), "1" * 30, "NUMBER_TYPE_COERCE"),
        (Timestamp(), 5, "DATE_TIME_TYPE_PARSE"),
        (Array(Integer(), max=1), [1, 2], "BASE_TYPE_MAX_LENGTH"),
        (Array(Integer(), unique=True), [1, 1], "SET_TYPE_ALREADY_CONTAINS_VALUE"),
        (Map(String()), [], "DICT_TYPE_CONVERT"),
        (Map(String(), max=0), {"a": "b"}, "BASE_TYPE_MAX_LENGTH"),
        (Object("X"), "x", "MODEL_TYPE_CONVERT"),
        (Tagged("type", {1: Object("X")}), [], "MODEL_TYPE_CONVERT"),
        (Tagged("type", {1: Object("X")}), {"type": {}}, "UNION_TYPE_CHOICES"),
        (AnyOf(String(), Integer()), None, "BASE_TYPE_REQUIRED"),
    ],
)
def test_each_fault_has_discords_code(shape: Any, value: object, code: str) -> None:
    assert [code] == one(shape, value)[1]


@pytest.mark.parametrize(
    ("shape", "value", "ready"),
    [
        (Integer(), "-5", -5),
        (Number(), "1.5e3", 1500.0),
        (Id(), "007", "7"),
        (Nullable(Array(Id())), "7", ["7"]),
        (Object("X", others=Integer()), {"a": "1"}, {"a": 1}),
        (Tagged("type", {1: Object("X", {"type": Integer()})}), {"type": "1"}, {"type": 1}),
    ],
)
def test_text_is_read_as_what_it_stands_for(shape: Any, value: object, ready: object) -> None:
    assert (ready, []) == one(shape, value, text=True)


def test_a_whole_number_may_be_written_as_a_fraction() -> None:
    assert (1, []) == one(Integer(), 1.0)


@pytest.mark.parametrize(
    "spelt", ["2025-06-15T14:00:00+02:00", "2025-06-15T12:00:00Z", "2025-06-15T12:00:00.000", "2025-06-15 12:00"]
)
def test_an_instant_is_kept_in_discords_spelling(spelt: str) -> None:
    assert ("2025-06-15T12:00:00.000000+00:00", []) == one(Timestamp(), spelt)


@pytest.mark.parametrize("spelt", ["0001-01-01T00:00:00+10:00", "2025-06-15T12:00:00+99:00", "now"])
def test_an_instant_that_is_none_is_refused(spelt: str) -> None:
    assert ["DATE_TIME_TYPE_PARSE"] == one(Timestamp(), spelt)[1]


def test_a_value_that_refers_to_itself_for_ever_is_not_followed() -> None:
    option: Any = {"type": 2, "name": "a", "description": "a"}
    command: Any = {"name": "a", "description": "a", "options": [option]}
    for _ in range(200):
        option["options"] = [dict(option)]
        option = option["options"][0]

    answer = Kit().send("POST", "/api/v10/applications/1/commands", command)

    assert 400 == answer.status


def test_no_more_than_a_hundred_faults_are_told() -> None:
    found = Faults()

    read(Array(Integer()), ["x"] * 1000, (), found)

    assert 100 == len(found.found)
