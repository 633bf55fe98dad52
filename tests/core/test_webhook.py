"""Webhooks and interactions by token: URLs, what is refused locally, and answers in time."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from acord.core.abc import Route
from acord.core.errors import HTTPError, InvalidRequest, NotFound
from acord.core.http import HTTPClient
from acord.core.lifetimes import CALLBACK_PRIORITY, Dead, time_to_answer
from acord.core.types import Snowflake
from acord.core.webhook import HOSTS, Webhook
from acord.routes import interactions, messages, webhooks
from acord.sandbox.faults import Step, answer
from acord.sandbox.scripted import Scripted, scripted
from tests.core.http_kit import Limiter

TOKEN = "aB3-_" * 13
HOOK = Webhook(77, TOKEN)
UNKNOWN_WEBHOOK = {"message": "Unknown Webhook", "code": 10015}
UNKNOWN_MESSAGE = {"message": "Unknown Message", "code": 10008}
INTERACTION = "aW50ZXJhY3Rpb246" + "x" * 60


async def ends(call: Callable[[], Any]) -> HTTPError | None:
    try:
        await call()
    except HTTPError as exc:
        return exc
    return None


async def sent(*scripts: Step, calls: list[Any], **kwds: Any) -> tuple[Scripted, list[HTTPError | None]]:
    async with scripted(*scripts) as server, HTTPClient(base_url=server.url, **kwds) as http:
        return server, [await ends(lambda route=route: http.request(route)) for route in calls]  # type: ignore[misc]


@pytest.mark.parametrize("host", sorted(HOSTS))
@pytest.mark.parametrize("path", ["/api/webhooks", "/api/v10/webhooks", "/api/v9/webhooks"])
@pytest.mark.parametrize("end", ["", "/", "\n"])
def test_a_url_from_discord_is_taken(host: str, path: str, end: str) -> None:
    hook = Webhook.from_url(f"https://{host}{path}/77/{TOKEN}{end}")

    assert (77, TOKEN) == (hook.id, hook.token)
    assert HOOK == hook


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "begins with https"),
        ("77", "begins with https"),
        (f"http://discord.com/api/webhooks/77/{TOKEN}", "begins with https"),
        (f"https://discord.com.evil.test/api/webhooks/77/{TOKEN}", "a webhook of canary"),
        (f"https://evil.test/api/webhooks/77/{TOKEN}", "a webhook of canary"),
        (f"https://discord.com@evil.test/api/webhooks/77/{TOKEN}", "a webhook of canary"),
        (f"https://me:pw@discord.com/api/webhooks/77/{TOKEN}", "a webhook of canary"),
        (f"https://discord.com:8443/api/webhooks/77/{TOKEN}", "a webhook of canary"),
        (f"https://discord.com:x/api/webhooks/77/{TOKEN}", "a webhook's URL"),
        ("https://discord.com/api/webhooks/77", "ID/TOKEN"),
        (f"https://discord.com/api/webhooks/abc/{TOKEN}", "ID/TOKEN"),
        (f"https://discord.com/api/webhooks/77/{TOKEN}/slack", "ID/TOKEN"),
        (f"https://discord.com/api/webhooks/77/{TOKEN}/../88", "ID/TOKEN"),
        (f"https://discord.com/api/webhooks/77/{TOKEN}%2e", "ID/TOKEN"),
        (f"https://discord.com/channels/77/{TOKEN}", "ID/TOKEN"),
        (f"https://discord.com/api/webhooks/77/{TOKEN}?wait=true", "a webhook's URL alone"),
        (f"https://discord.com/api/webhooks/77/{TOKEN}#x", "a webhook's URL alone"),
        (f"https://discord.com/api/webhooks/99999999999999999999/{TOKEN}", "unsigned 64-bit"),
    ],
)
def test_any_other_url_is_refused_without_showing_it(url: str, expected: str) -> None:
    with pytest.raises(InvalidRequest, match=expected) as caught:
        Webhook.from_url(url)

    assert TOKEN not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("token", ["", "a/b", "a b", "a\nb", "a?b", "\u00e4"])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(InvalidRequest, match="token: expected a webhook's token"):
        Webhook(77, token)


def test_a_webhook_does_not_show_its_token() -> None:
    assert TOKEN not in repr(HOOK) + str(HOOK) + repr(HOOK.token) + repr(HOOK.url) + repr(HOOK.execute(content="x"))
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(HOOK)
    with pytest.raises(TypeError, match="not pickled"):
        copy.copy(HOOK)


def test_its_methods_are_the_helpers_with_id_and_token() -> None:
    pairs = [
        (HOOK.execute(content="hi", wait=True), webhooks.execute_webhook(77, TOKEN, content="hi", wait=True)),
        (HOOK.fetch(5), webhooks.get_webhook_message(77, TOKEN, 5)),
        (HOOK.edit(5, content="ho"), webhooks.update_webhook_message(77, TOKEN, 5, content="ho")),
        (HOOK.delete(5, thread_id=6), webhooks.delete_webhook_message(77, TOKEN, 5, thread_id=6)),
        (HOOK.fetch_self(), webhooks.get_webhook_by_token(77, TOKEN)),
        (HOOK.edit_self(name="x"), webhooks.update_webhook_by_token(77, TOKEN, name="x")),
        (HOOK.delete_self(), webhooks.delete_webhook_by_token(77, TOKEN)),
        (HOOK.fetch_original(), webhooks.get_original_webhook_message(77, TOKEN)),
        (HOOK.edit_original(content="x"), webhooks.update_original_webhook_message(77, TOKEN, content="x")),
        (HOOK.delete_original(), webhooks.delete_original_webhook_message(77, TOKEN)),
    ]

    for mine, helpers in pairs:
        assert helpers == mine


async def test_a_webhook_needs_no_bot() -> None:
    server, ended = await sent(answer(204), calls=[HOOK.execute(content="hi")])

    assert [None] == ended
    assert f"/v10/webhooks/77/{TOKEN}" == server.seen[0].target
    assert "authorization" not in server.seen[0].headers


@pytest.mark.parametrize("token", ["a-bots-token", None])
async def test_R22_a_webhook_that_is_gone_is_not_asked_for_again(token: str | None) -> None:
    calls = [HOOK.execute(content="1"), HOOK.execute(content="2"), HOOK.fetch(5), HOOK.fetch_self()]

    server, ended = await sent(answer(404, UNKNOWN_WEBHOOK), calls=calls, token=token)

    assert 1 == len(server.seen)
    assert [404] * 4 == [error.status for error in ended if error]
    assert [1, 0, 0, 0] == [error.attempts for error in ended if error]
    assert "nothing was sent" in str(ended[1])
    assert all(isinstance(error, NotFound) and TOKEN not in str(error) for error in ended)


async def test_R22_entering_a_call_learns_it_too() -> None:
    async with scripted(answer(404, UNKNOWN_WEBHOOK)) as server, HTTPClient(base_url=server.url) as http:
        async with http.request(HOOK.execute(content="1")) as response:
            assert 404 == response.status
        with pytest.raises(NotFound, match="nothing was sent"):
            await http.request(HOOK.execute(content="2"))
        http.dead.forget()
        with pytest.raises(NotFound, match="Unknown Webhook"):
            await http.request(HOOK.execute(content="3"))

    assert 2 == len(server.seen)


async def test_R22_a_404_without_a_code_is_the_webhooks_own() -> None:
    server, _ = await sent(answer(404, b"<html>", kind="text/html"), calls=[HOOK.fetch_self(), HOOK.fetch(5)])

    assert 1 == len(server.seen)


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        (answer(404, UNKNOWN_MESSAGE), HOOK.fetch(5)),
        (answer(404, {"message": "Unknown Channel", "code": 10003}), HOOK.execute(content="x", thread_id=9)),
        (answer(404, b"<html>", kind="text/html"), HOOK.fetch(5)),
        (answer(403, {"message": "Missing Access", "code": 50001}), HOOK.fetch(5)),
    ],
    ids=["message", "thread", "html", "403"],
)
async def test_R22_a_404_of_something_else_does_not_end_the_webhook(answer: Step, first: Any) -> None:
    server, _ = await sent(answer, calls=[first, HOOK.fetch_self()])

    assert 2 == len(server.seen)


async def test_R22_other_webhooks_live_on() -> None:
    others = [Webhook(77, "other-token"), Webhook(78, TOKEN)]
    server, _ = await sent(answer(404, UNKNOWN_WEBHOOK), calls=[HOOK.fetch_self(), *(o.fetch_self() for o in others)])

    assert 3 == len(server.seen)


async def test_R22_a_webhook_that_was_deleted_is_gone() -> None:
    server, ended = await sent(answer(204), calls=[HOOK.delete_self(), HOOK.execute(content="x")])

    assert 1 == len(server.seen)
    assert isinstance(ended[1], NotFound)


async def test_R22_a_token_that_is_invalid_is_not_tried_again() -> None:
    invalid = answer(401, {"message": "Invalid Webhook Token", "code": 50027})
    hook = Webhook.of_interaction(5, INTERACTION)

    server, ended = await sent(invalid, calls=[hook.execute(content="1"), hook.execute(content="2")])

    assert 1 == len(server.seen)
    assert [(401, 50027)] * 2 == [(error.status, error.code) for error in ended if error]


async def test_R22_a_followup_before_the_first_answer_does_not_end_the_interaction() -> None:
    hook = Webhook.of_interaction(5, INTERACTION)

    server, _ = await sent(
        answer(404, UNKNOWN_WEBHOOK), answer(204), calls=[hook.execute(content="1"), hook.execute(content="2")]
    )

    assert 2 == len(server.seen)


def test_R22_what_is_remembered_is_bounded_and_holds_no_token() -> None:
    dead = Dead(most=3)

    for number in range(10):
        dead.learn(Webhook(number, TOKEN).fetch_self(), 404, UNKNOWN_WEBHOOK)

    assert 3 == len(dead)
    assert dead.refusal(Webhook(0, TOKEN).fetch_self()) is None
    assert dead.refusal(Webhook(9, TOKEN).fetch_self()) is not None
    assert TOKEN not in repr([getattr(dead, name) for name in Dead.__slots__])


# Interactions

CREATED = 1_700_000_000.0
ID = Snowflake((int(CREATED * 1000) - 1_420_070_400_000) << 22)
CALLBACK = interactions.create_interaction_response(ID, INTERACTION, type=5)


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (CREATED + 0.5, 2.5),
        (CREATED + 2.9, 0.1),
        (CREATED, 3.0),
        # A clock that cannot be right, or an answer that is late anyway.
        (CREATED - 3600, 3.0),
        (CREATED + 3600, 3.0),
    ],
)
def test_L17_an_interaction_takes_its_answer_three_seconds_after_its_id(now: float, left: float) -> None:
    assert time_to_answer(CALLBACK, now) == pytest.approx(left, abs=1e-3)


def test_L17_an_interaction_whose_id_tells_no_time_has_three_seconds() -> None:
    route = Route("POST", "interactions", "some", INTERACTION, "callback")

    assert 3.0 == time_to_answer(route, CREATED)


def test_L17_other_routes_have_all_the_time() -> None:
    assert time_to_answer(messages.create_message(1, content="x"), CREATED) is None
    assert time_to_answer(HOOK.execute(content="x"), CREATED) is None


async def test_L17_a_callback_goes_first_and_ends_in_time() -> None:
    limiter = Limiter()
    asked: list[tuple[Any, int]] = []

    async def acquire(route: Any, *, auth_id: str, max_wait: float | None, priority: int) -> Any:
        asked.append((max_wait, priority))
        return limiter

    limiter.acquire = acquire  # type: ignore[method-assign]
    await sent(answer(204), calls=[CALLBACK], ratelimiter=limiter, wall=lambda: CREATED + 1.0)

    ((wait, priority),) = asked
    assert wait == pytest.approx(2.0, abs=0.1)
    assert CALLBACK_PRIORITY == priority


async def test_L17_what_the_call_says_counts_more() -> None:
    async with scripted(answer(204)) as server, HTTPClient(base_url=server.url, wall=lambda: CREATED) as http:
        call = http.request(CALLBACK, deadline=9.0, priority=7)
        order = call._order  # pyright: ignore[reportPrivateUsage]
        await call

    assert (9.0, 7) == (order.deadline, order.priority)
