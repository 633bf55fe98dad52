"""The way of a request: what is looked at in which order, and what Discord would say to it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from acord.core.operation import Operation
from acord.routes import OPERATIONS
from acord.sandbox.answers import Answer, Refusal, unknown
from acord.sandbox.calls import Account, Call
from acord.sandbox.rest.answering import completed, unhandled
from acord.sandbox.world.state import World
from tests.sandbox.rest_kit import Kit

ME = "/api/v10/users/@me"


def body(answer: Answer) -> Any:
    return answer.body


def test_an_operation_that_nobody_carries_out_answers_with_an_example_and_says_so() -> None:
    answer = Kit().send("GET", ME)

    assert (200, "example") == (answer.status, answer.headers["X-Sandbox"])


def test_a_handler_gets_the_values_as_the_specification_reads_them() -> None:
    kit = Kit()

    kit.send("GET", "/api/v10/channels/0042/messages?limit=5&after=07&nobody=1")

    call = kit.calls[0]
    assert ({"channel_id": "42"}, {"limit": 5, "after": "7"}) == (call.path, call.query)
    assert "list_messages" == call.operation.name
    assert kit.bot["id"] == call.application_id


@pytest.mark.parametrize("version", ["", "/v9", "/v10"])
def test_the_versions_in_use_are_answered(version: str) -> None:
    assert 200 == Kit().send("GET", f"/api{version}/users/@me").status


@pytest.mark.parametrize("version", ["v8", "v11", "v0010", "v99999999999999999999"])
def test_another_version_is_refused(version: str) -> None:
    answer = Kit().send("GET", f"/api/{version}/users/@me")

    assert (400, 50041) == (answer.status, body(answer)["code"])


@pytest.mark.parametrize(
    "target",
    ["/", "/api", "/api/v10", "/api/v10/", "/api/v10/nothing", f"{ME}/", "/api//users/@me", "", "*", "/a%ffpi"],
)
def test_a_path_that_is_none_is_not_found(target: str) -> None:
    answer = Kit().send("GET", target)

    assert Answer(404, {"message": "404: Not Found", "code": 0}) == answer


def test_another_method_is_told_which_ones_there_are() -> None:
    answer = Kit().send("DELETE", ME)

    assert (405, {"message": "405: Method Not Allowed", "code": 0}) == (answer.status, answer.body)
    assert "GET, HEAD, OPTIONS, PATCH" == answer.headers["Allow"]


def test_options_names_the_methods() -> None:
    assert Answer(204, headers={"Allow": "GET, HEAD, OPTIONS, PATCH"}) == Kit().send("OPTIONS", ME, authorization=None)


def test_head_is_a_get_whose_body_is_left_out_on_the_wire() -> None:
    assert Kit().send("GET", ME) == Kit().send("HEAD", ME)


def test_a_literal_segment_may_be_percent_encoded() -> None:
    kit = Kit()

    kit.send("GET", "/api/v10/users/%40me")

    assert "get_my_user" == kit.calls[0].operation.name


def test_a_target_may_be_a_whole_url() -> None:
    assert 200 == Kit().send("GET", f"http://localhost:8080{ME}").status


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:80", "bot.localhost:5000"])
def test_names_of_this_machine_are_answered(host: str) -> None:
    assert 200 == Kit().send("GET", ME, host=host, origin=f"http://{host}").status


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "a@localhost", "localhost/x", "localhost:x", "", "[::1"]
)
def test_a_foreign_host_is_refused_before_anything_else(host: str) -> None:
    answer = Kit().send("GET", "/api/v10/nothing", host=host)

    assert (403, 50067) == (answer.status, body(answer)["code"])


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "file://localhost", "http://localhost.evil.example"]
)
def test_a_page_from_elsewhere_is_refused(origin: str) -> None:
    assert 403 == Kit().send("GET", ME, origin=origin).status


def test_another_name_is_allowed_where_the_options_say_so() -> None:
    assert 200 == Kit(hosts=frozenset({"sandbox.test"})).send("GET", ME, host="sandbox.test:80").status


# Limits


class Limits:
    """Limits that note what they are asked."""

    def __init__(self, *, banned: bool = False, limited: bool = False) -> None:
        self.banned, self.limited = banned, limited
        self.asked: list[str] = []
        self.answered: list[int] = []
        self.bodies: list[object] = []

    def is_banned(self, address: str) -> bool:
        return self.banned

    def before(
        self,
        operation: Operation,
        path: Mapping[str, str],
        account: Account | None,
        address: str,
        body: Callable[[], object],
        *,
        heard: bool,
    ) -> Mapping[str, str]:
        self.asked.append(operation.name)
        self.bodies.append(body())
        if self.banned:
            raise Refusal(429, 0, "error code: 1015")
        if self.limited:
            raise Refusal(429, 0, "You are being rate limited.", more={"retry_after": 1.0, "global": False})
        return {"X-RateLimit-Remaining": "4"}

    def after(self, address: str, status: int) -> None:
        self.answered.append(status)


def test_limits_are_asked_once_it_is_known_who_asks_and_told_how_it_ended() -> None:
    limits = Limits()
    kit = Kit(limits)

    fine, refused = kit.send("GET", ME), kit.send("GET", ME, authorization="Bot another")

    assert "4" == fine.headers["X-RateLimit-Remaining"]
    assert (["get_my_user"], [200, 401]) == (limits.asked, limits.answered)
    assert 401 == refused.status


def test_what_does_not_fit_its_operation_counts_and_carries_the_headers_of_the_limit() -> None:
    answer = Kit(Limits()).send("POST", "/api/v10/channels/x/messages", {})

    assert (400, "4") == (answer.status, answer.headers["X-RateLimit-Remaining"])


def test_a_limited_request_is_not_carried_out() -> None:
    kit = Kit(Limits(limited=True))

    answer = kit.send("GET", ME)

    assert (429, {"message": "You are being rate limited.", "code": 0, "retry_after": 1.0, "global": False}) == answer[
        :2
    ]
    assert [] == kit.calls


def test_a_banned_address_gets_the_page_whoever_it_is() -> None:
    answer = Kit(Limits(banned=True)).send("GET", ME, authorization=None)

    assert (429, "error code: 1015") == (answer.status, body(answer)["message"])


def test_limits_see_the_body_and_come_before_what_is_wrong_with_it() -> None:
    limits = Limits()
    kit = Kit(limits)

    kit.send("PATCH", "/api/v10/channels/1", {"name": "x"})
    limits.limited = True
    broken = kit.send("PATCH", "/api/v10/channels/1", b"{")

    assert [{"name": "x"}, None] == limits.bodies
    assert 429 == broken.status


# Answers


def test_a_refusal_of_a_handler_is_the_answer() -> None:
    kit = Kit()

    def handler(world: World, call: Call) -> object:
        raise unknown("channel")

    kit.api.handlers["get_channel"] = handler

    assert (404, {"message": "Unknown Channel", "code": 10003}) == kit.send("GET", "/api/v10/channels/1")[:2]


def test_what_a_handler_says_against_the_specification_is_a_500_that_names_it() -> None:
    kit = Kit()
    kit.api.handlers["get_my_user"] = lambda world, call: {"id": 5, "username": "a", "colour": 1}

    answer = kit.send("GET", ME)

    assert 500 == answer.status
    assert "get_my_user: " in body(answer)["message"]
    assert ["get_my_user"] == [violation.operation for violation in kit.api.violations]


def test_without_strict_it_is_answered_and_noted_all_the_same() -> None:
    kit = Kit(strict=False)
    kit.api.handlers["get_my_user"] = lambda world, call: {"id": "5"}

    assert (200, {"id": "5"}) == kit.send("GET", ME)[:2]
    assert 1 == len(kit.api.violations)


def test_a_handler_that_fails_is_noted_with_its_error() -> None:
    kit = Kit()

    def handler(world: World, call: Call) -> object:
        raise KeyError("nick")

    kit.api.handlers["get_my_user"] = handler

    assert 500 == kit.send("GET", ME).status
    assert "KeyError: 'nick'" in str(kit.api.violations[0])


def test_a_status_that_the_operation_does_not_have_is_a_violation() -> None:
    kit = Kit()
    kit.api.handlers["get_my_user"] = lambda world, call: Answer(206, {})

    kit.send("GET", ME)

    assert "206 is no status of it" in str(kit.api.violations[0])


def test_nothing_is_said_with_the_status_for_nothing() -> None:
    assert 204 == completed(OPERATIONS["execute_webhook"], None).status
    assert 200 == completed(OPERATIONS["execute_webhook"], {}).status
    assert 204 == completed(OPERATIONS["delete_message"], None).status


def test_fields_that_the_specification_does_not_know_are_left_out_and_told() -> None:
    kit = Kit()

    answer = kit.send(
        "POST", "/api/v10/channels/1/messages", {"content": "hi", "contnet": 1, "embeds": [{"titel": ""}]}
    )

    assert {"content": "hi", "embeds": [{}]} == kit.calls[0].body
    assert "contnet%2C%20embeds.0.titel" == answer.headers["X-Sandbox-Ignored"]


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_answers_with_an_example_that_fits(name: str) -> None:
    operation = OPERATIONS[name]
    kit = Kit()
    kit.api.handlers[name] = lambda world, call: example
    from acord.sandbox.rest.answering import exemplary

    example = exemplary(name)
    call = Call(operation, {}, {})

    assert example == kit.api._handled(kit.api.handlers[name], call)  # pyright: ignore[reportPrivateUsage]


def test_operations_without_a_handler_are_listed() -> None:
    assert sorted(OPERATIONS) == unhandled({})
