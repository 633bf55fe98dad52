import json
import pickle
import sys
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, strategies as st

from acord.core import errors
from acord.core.describe import kind_of
from acord.core.refusals import flatten, http_error
from acord.core.signals import rest
from acord.core.types import MISSING, OpenIntEnum


class ErrorCode(OpenIntEnum):
    UNKNOWN_MESSAGE = 10008
    INVALID_FORM_BODY = 50035


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("acord.core.signals.rest")
    module.ErrorCode = ErrorCode
    module.HINTS = {10008: "It was deleted."}
    monkeypatch.setitem(sys.modules, "acord.core.signals.rest", module)


# ---- the tree


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        (errors.InvalidRequest, ValueError),
        (errors.InvalidRequest, errors.ACordError),
        (errors.AuthMismatch, errors.ACordError),
        (errors.UnsafeOrigin, errors.ACordError),
        (errors.ClientClosed, errors.ACordError),
        (errors.ForkedClient, errors.ACordError),
        (errors.TransportError, errors.ACordError),
        (errors.DecodeError, errors.ACordError),
        (errors.ModelError, errors.ACordError),
        (errors.BadRequest, errors.HTTPError),
        (errors.Unauthorized, errors.HTTPError),
        (errors.Forbidden, errors.HTTPError),
        (errors.NotFound, errors.HTTPError),
        (errors.ServerError, errors.HTTPError),
        (errors.RateLimited, errors.HTTPError),
        (errors.CloudflareBan, errors.HTTPError),
        (errors.ConnectionClosed, errors.GatewayError),
        (errors.AuthenticationFailed, errors.ConnectionClosed),
        (errors.DisallowedIntents, errors.ConnectionClosed),
        (errors.GatewayError, errors.ACordError),
    ],
)
def test_each_error_is_caught_as_its_kind(child: type[Exception], parent: type[Exception]) -> None:
    assert issubclass(child, parent)


EVERY = [
    errors.InvalidRequest("a", 1, "string", fix="do"),
    errors.AuthMismatch("GET /x", "bot", "none"),
    errors.UnsafeOrigin("http://x"),
    errors.ClientClosed(),
    errors.ForkedClient(),
    errors.TransportError("reset", outcome="unknown", route="GET /x", attempts=2),
    errors.DecodeError("no JSON", route="GET /x", status=200, content_type="text/html", excerpt="<p>"),
    errors.ModelError("Message", [("a.0", "int expected")]),
    errors.NotFound(404, 10008, "Unknown", {"a": "b"}, "GET /x", 1, "ray", hint="look"),
    errors.RateLimited("GET /x", retry_after=2.0, scope="user", bucket="b"),
    errors.CloudflareBan("GET /x", retry_after=60.0),
    errors.closed(4004, "fatal", "look"),
]


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
def test_every_error_survives_the_way_to_another_process(error: errors.ACordError) -> None:
    other = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert type(error) is type(other)
    assert str(error) == str(other)
    assert vars(error) == vars(other)


# ---- what the texts say


def test_an_invalid_request_names_argument_kind_limit_and_fix() -> None:
    error = errors.InvalidRequest("embeds[0].title", "x" * 300, "string(..256)", fix="shorten it")

    assert "embeds[0].title: expected string(..256), got a string of 300 characters; shorten it" == str(error)
    assert ("embeds[0].title", "string(..256)") == (error.argument, error.expected)


def test_an_http_error_names_route_status_code_places_and_cure() -> None:
    places = {"embeds.0.title": "Too long."}
    code = ErrorCode.INVALID_FORM_BODY
    error = errors.BadRequest(400, code, "Invalid Form Body", places, "POST /x", hint="Read it.")

    assert [
        "POST /x -> 400 (INVALID_FORM_BODY 50035): Invalid Form Body",
        "  embeds.0.title: Too long.",
        "  What to do: Read it.",
    ] == str(error).splitlines()


def test_a_transport_error_says_what_became_of_the_request_once_that_is_known() -> None:
    error = errors.TransportError("connection refused", outcome="not_sent")
    error.route, error.attempts = "GET /x", 3

    assert "GET /x: connection refused (it was not sent, attempts: 3)" == str(error)


def test_a_rate_limit_says_when_it_ends() -> None:
    error = errors.RateLimited("GET /x", retry_after=1.5, scope="shared")

    assert "GET /x -> 429: rate limited (shared scope); free again in 1.5 s" == str(error)


def test_a_model_error_lists_five_places_at_most() -> None:
    error = errors.ModelError("Message", [(f"a.{index}", "wrong") for index in range(7)])

    assert str(error).endswith("a.4: wrong; and 2 more")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (MISSING, "nothing"),
        (None, "None"),
        (True, "True"),
        (101, "the integer 101"),
        (1 << 70, "an integer of more than 64 bits"),
        (1.5, "the number 1.5"),
        ("", "an empty string"),
        ("x", "a string of 1 character"),
        (b"ab", "2 bytes"),
        ([1], "a list of 1 item"),
        (int, "the class int"),
        (object(), "an object"),
    ],
)
def test_values_are_described_by_kind_and_size(value: object, expected: str) -> None:
    assert expected == kind_of(value)


@given(st.text(min_size=12))
def test_T1_no_text_of_the_user_is_in_the_description_of_it(text: str) -> None:
    shown = kind_of(text) + kind_of([text]) + kind_of({text: text}) + kind_of(text.encode(errors="replace"))

    assert text not in shown


# ---- answers


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, errors.BadRequest),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (405, errors.HTTPError),
        (429, errors.RateLimited),
        (500, errors.ServerError),
        (503, errors.ServerError),
    ],
)
def test_the_status_chooses_the_class(status: int, cls: type[errors.HTTPError]) -> None:
    assert cls is type(http_error(status))


@pytest.mark.usefixtures("codes")
def test_a_known_code_has_a_name_and_a_usual_stumble_its_cure() -> None:
    error = http_error(404, {"code": 10008, "message": "Unknown Message"}, route="DELETE /x")

    assert ErrorCode.UNKNOWN_MESSAGE is error.code
    assert "It was deleted." == error.hint
    assert str(error).endswith("What to do: It was deleted.")


@pytest.mark.usefixtures("codes")
def test_an_unknown_code_stays_a_number() -> None:
    error = http_error(400, {"code": 77, "message": "New"})

    assert 77 == error.code
    assert error.hint is None


def test_oauth2_errors_are_read_too() -> None:
    error = http_error(400, {"error": "invalid_grant", "error_description": "Invalid code."})

    assert "Invalid code." == error.message


@pytest.mark.parametrize("body", [None, "<html>", [], {}, {"code": "x", "message": 5, "errors": "?"}, {"code": True}])
def test_a_body_of_any_other_form_is_no_obstacle(body: object) -> None:
    error = http_error(502, body)

    assert (0, "", {}) == (error.code, error.message, error.errors)


def test_a_429_keeps_what_the_headers_said() -> None:
    error = http_error(429, {"message": "slow"}, retry_after=2.0, scope="user", bucket="abc")

    assert isinstance(error, errors.RateLimited)
    assert (2.0, "user", "abc") == (error.retry_after, error.scope, error.bucket)


# ---- the error tree


def leaf(*texts: str) -> dict[str, object]:
    return {"_errors": [{"code": "X", "message": text} for text in texts]}


def test_the_tree_becomes_path_and_text() -> None:
    tree = {"embeds": {"0": {"title": leaf("Too long."), "fields": {"3": {"name": leaf("Required.")}}}}}

    assert {"embeds.0.title": "Too long.", "embeds.0.fields.3.name": "Required."} == flatten(tree)


def test_the_root_may_be_a_leaf() -> None:
    assert {"": "Nothing fits."} == flatten(leaf("Nothing fits."))


def test_a_node_may_be_a_leaf_and_have_children() -> None:
    assert {"a": "First.", "a.b": "Second."} == flatten({"a": {**leaf("First."), "b": leaf("Second.")}})


def test_several_texts_at_one_place_are_joined() -> None:
    assert {"a": "One. Two."} == flatten({"a": leaf("One.", "Two.")})


def test_a_leaf_without_text_shows_its_code() -> None:
    assert {"a": "BASE_TYPE_REQUIRED"} == flatten({"a": {"_errors": [{"code": "BASE_TYPE_REQUIRED"}]}})


def test_a_deep_tree_is_no_recursion() -> None:
    tree: dict[str, object] = leaf("deep")
    for _ in range(20_000):
        tree = {"a": tree}

    assert ["deep"] == list(flatten(tree).values())


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5) | st.just([None, {}, {"message": 1}]),
        lambda inner: (
            st.dictionaries(st.sampled_from(["a", "0", "_errors", ""]), inner, max_size=3) | st.lists(inner, max_size=3)
        ),
    )
)
def test_H_any_json_is_read_without_raising(tree: object) -> None:
    assert all(isinstance(key, str) and isinstance(text, str) for key, text in flatten(tree).items())


# ---- the gateway


@pytest.mark.parametrize(
    ("code", "cls"),
    [
        (4004, errors.AuthenticationFailed),
        (4010, errors.InvalidShard),
        (4011, errors.ShardingRequired),
        (4012, errors.InvalidAPIVersion),
        (4013, errors.InvalidIntents),
        (4014, errors.DisallowedIntents),
        (4000, errors.ConnectionClosed),
        (None, errors.ConnectionClosed),
    ],
)
def test_the_close_code_chooses_the_class(code: int | None, cls: type[errors.ConnectionClosed]) -> None:
    error = errors.closed(code, "fatal", "Do something.")

    assert cls is type(error)
    assert (code, "fatal") == (error.code, error.verdict)
    assert str(error).endswith("Do something.")


def test_a_code_is_a_number_that_is_written_by_its_name() -> None:
    known, new = rest.ErrorCode(10008), rest.ErrorCode(5)

    assert ("UNKNOWN_MESSAGE", "UNKNOWN_5") == (str(known), f"{new}")
    assert '{"code": 10008}' == json.dumps({"code": known})
    assert 10008 == known


def test_without_the_table_of_codes_the_number_must_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "acord.core.signals.rest", None)

    assert 10008 == http_error(404, {"code": 10008, "message": "Unknown Message"}).code
