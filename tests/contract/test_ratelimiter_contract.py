"""The contract of the rate limiter: the class a user implements, the default, and what stays readable."""

import inspect
from collections.abc import Mapping
from typing import Any

import pytest

from acord.core import errors
from acord.core.abc import Route
from acord.core.http import HTTPClient
from acord.core.ratelimiter import DefaultHTTPRatelimiter, HTTPRatelimiter, Permit
from acord.sandbox.faults import answer
from acord.sandbox.scripted import scripted


def test_the_default_takes_the_ceiling_of_invalid_requests() -> None:
    assert (10000, 600) == inspect.signature(DefaultHTTPRatelimiter).parameters["max_requests"].default
    assert (500, 60.0) == DefaultHTTPRatelimiter(max_requests=(500, 60.0)).max_requests


def test_a_client_has_the_default_without_being_asked() -> None:
    assert isinstance(HTTPClient(token="x").ratelimiter, DefaultHTTPRatelimiter)


def test_none_means_none() -> None:
    assert HTTPClient(token="x", ratelimiter=None).ratelimiter is None


def test_the_remaining_fields_stay_readable() -> None:
    limiter = DefaultHTTPRatelimiter()

    assert ({}, 0, False, None, 0) == (
        limiter.cache,
        limiter.awaiting_requests,
        limiter.global_lock,
        limiter.locked_until,
        limiter.current_requests,
    )


def test_ten_thousand_is_a_budget_of_invalid_requests_and_never_a_throttle() -> None:
    limiter = DefaultHTTPRatelimiter(max_requests=(10, 600))

    assert 0.0 == limiter.estimate(Route("GET", path="/users/@me"))
    assert 0 == limiter.current_requests


async def test_what_a_user_implements_is_asked_and_told() -> None:
    log: list[Any] = []

    class Mine(HTTPRatelimiter):
        async def acquire(self, route: Any, *, auth_id: str, max_wait: float | None, priority: int) -> Permit:
            log.append((str(route), max_wait, priority))
            return Told()

    class Told(Permit):
        def report(self, status: int, headers: Mapping[str, str], retry_after: float | None) -> None:
            log.append((status, headers["x-ratelimit-bucket"], retry_after))

        def cancel(self, sent: bool) -> None:
            log.append(sent)

    async with (
        scripted(answer(200, {}, {"X-RateLimit-Bucket": "abcd"})) as server,
        HTTPClient(token="x", base_url=server.url, ratelimiter=Mine()) as conn,
    ):
        await conn.request(Route("GET", path="/users/@me"), max_wait=5.0, priority=2)

    assert [("GET /users/@me", 5.0, 2), (200, "abcd", None)] == log


def test_the_base_class_cannot_be_used_as_it_is() -> None:
    with pytest.raises(TypeError, match="acquire"):
        HTTPRatelimiter()  # type: ignore[abstract]


@pytest.mark.parametrize("name", ["max_wait", "deadline"])
async def test_a_call_that_would_wait_too_long_raises_without_waiting(name: str) -> None:
    headers = {
        "X-RateLimit-Bucket": "abcd",
        "X-RateLimit-Limit": "1",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1790000000",
        "X-RateLimit-Reset-After": "500",
    }
    async with scripted(answer(200, {}, headers)) as server, HTTPClient(token="x", base_url=server.url) as conn:
        await conn.request(Route("GET", path="/users/@me"))

        with pytest.raises(errors.RateLimited) as caught:
            await conn.request(Route("GET", path="/users/@me"), **{name: 10.0})

    assert caught.value.retry_after == pytest.approx(500, abs=60)
    assert 1 == len(server.seen)
