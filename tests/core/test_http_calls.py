"""The client over real sockets: attempts, and the life of calls and clients."""

import asyncio
import gc
import warnings
from typing import Any

import httpx
import pytest

from acord.core import decoders, errors
from acord.core.abc import Route
from acord.core.call import Attempt
from acord.core.http import HTTPClient
from acord.core.types import Token
from acord.sandbox.faults import Step, answer, cut, honest, send, stall
from acord.testing.clock import virtual_time
from tests.core.http_kit import GET_ME, ME, SEND, TOKEN, FakeClock, Limiter, awaited
from tests.turning import until


async def test_the_limiter_is_asked_first_and_told_after(rest: Any) -> None:
    limiter = Limiter()
    r = await rest(answer(200, ME, {"X-RateLimit-Bucket": "abcd"}), ratelimiter=limiter)

    await r.http.request(GET_ME.route({}, {}), max_wait=2.0, priority=3)

    assert [
        ("acquire", "GET /users/@me", Token.bot(TOKEN).fingerprint, 2.0, 3),
        ("report", 200, "abcd", None),
    ] == limiter.log


async def test_the_limiter_learns_what_a_429_says(rest: Any) -> None:
    limiter = Limiter()
    r = await rest(answer(429, {"retry_after": 1.5}, {"Retry-After": "2"}), ratelimiter=limiter)

    with pytest.raises(errors.RateLimited):
        await r.http.request(GET_ME.route({}, {}))

    assert ("report", 429, None, 1.5) == limiter.log[-1]


@pytest.mark.parametrize(("script", "sent"), [(honest(send(b""), cut), True), (None, False)])
async def test_the_limiter_learns_whether_a_lost_request_was_sent(rest: Any, script: Step | None, sent: bool) -> None:
    limiter = Limiter()
    base_url = {} if script else {"base_url": "http://127.0.0.1:1/api"}
    r = await rest(script or stall(), ratelimiter=limiter, **base_url)

    with pytest.raises(errors.TransportError):
        await r.http.request(GET_ME.route({}, {}))

    assert ("cancel", sent) == limiter.log[-1]


async def test_the_limiter_learns_of_a_call_that_was_cancelled(rest: Any) -> None:
    limiter = Limiter()
    r = await rest(stall(), ratelimiter=limiter)
    task = asyncio.ensure_future(awaited(r.http.request(GET_ME.route({}, {}))))
    await until(lambda: r.server.seen)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert ("cancel", True) == limiter.log[-1]


async def test_R3_headers_seen_before_a_reset_are_reported(rest: Any) -> None:
    limiter = Limiter()
    answer = b"HTTP/1.1 200 OK\r\nX-RateLimit-Bucket: abcd\r\nContent-Length: 9\r\n\r\nabc"
    r = await rest(honest(send(answer), cut), ratelimiter=limiter)

    with pytest.raises(errors.TransportError) as caught:
        await r.http.request(GET_ME.route({}, {}))

    assert "unknown" == caught.value.outcome
    assert ("report", 200, "abcd", None) == limiter.log[-1]


async def test_an_attempt_follows_where_the_decision_says_so(rest: Any) -> None:
    clock, seen = FakeClock(), list[Attempt]()

    def decide(attempt: Attempt) -> float | None:
        seen.append(attempt)
        return 0.5 * attempt.number if attempt.number < 4 else None

    scripts = honest(send(b""), cut), answer(502), answer(429, {"retry_after": 1}), answer(200, ME)
    r = await rest(*scripts, decide=decide, clock=clock)

    user = await r.http.request(GET_ME.route({}, {}))

    assert 7 == user.id
    assert [0.5, 1.0, 1.5] == clock.slept
    assert [("unknown", None, 0, None), ("done", 502, 0, None), ("done", 429, 1, 1.0)] == [
        (a.outcome, a.status, a.limited, a.retry_after) for a in seen
    ]
    assert [1, 2, 3] == [a.number for a in seen]
    assert all(a.idempotent for a in seen)


async def test_the_last_failure_says_how_many_attempts_it_took(rest: Any) -> None:
    r = await rest(answer(502), decide=lambda attempt: 0 if attempt.number < 3 else None, clock=FakeClock())

    with pytest.raises(errors.ServerError) as caught:
        await r.http.request(GET_ME.route({}, {}))

    assert 3 == caught.value.attempts


async def test_each_attempt_sends_the_whole_body(rest: Any) -> None:
    r = await rest(answer(502), answer(200, ME), decide=lambda attempt: 0, clock=FakeClock())

    await r.http.request(SEND.route({"channel_id": 1}, {}, {"content": "x"}))

    assert [b'{"content":"x"}'] * 2 == [seen.body for seen in r.server.seen]


async def test_a_call_ends_by_its_deadline_rather_than_waiting_beyond(rest: Any) -> None:
    clock = FakeClock()
    r = await rest(answer(502), decide=lambda attempt: 4.0, clock=clock)

    with pytest.raises(errors.ServerError):
        await r.http.request(GET_ME.route({}, {}), deadline=10.0)

    assert [4.0, 4.0] == clock.slept


async def test_a_deadline_that_has_passed_sends_nothing(rest: Any) -> None:
    r = await rest(answer(200, ME))

    with pytest.raises(errors.TransportError, match="GET /users/@me: the deadline of the call has passed"):
        await r.http.request(GET_ME.route({}, {}), deadline=0)

    assert [] == r.server.seen


async def test_R8_an_attempt_ends_by_its_timeout(rest: Any) -> None:
    r = await rest(stall())

    with virtual_time(), pytest.raises(errors.TransportError, match=r"no answer within 50 s") as caught:
        await r.http.request(SEND.route({"channel_id": 1}, {}, {"content": "x"}), timeout=50)

    assert ("unknown", 1) == (caught.value.outcome, caught.value.attempts)


async def test_a_call_that_is_never_sent_warns(rest: Any) -> None:
    r = await rest(answer(200, ME))

    with pytest.warns(RuntimeWarning, match="Call <Route GET /users/@me>> was never awaited: nothing was sent"):
        r.http.request(GET_ME.route({}, {}))
        gc.collect()

    assert [] == r.server.seen


async def test_a_call_is_sent_once(rest: Any) -> None:
    r = await rest(answer(200, ME))
    call = r.http.request(GET_ME.route({}, {}))
    await call

    with pytest.raises(RuntimeError, match="already sent"):
        await call


async def test_an_unknown_argument_is_refused(rest: Any) -> None:
    r = await rest(answer(200, ME))

    with pytest.raises(TypeError, match="'timeuot'"):
        r.http.request(GET_ME.route({}, {}), timeuot=1)


async def test_R40_after_logout_nothing_is_sent(rest: Any) -> None:
    r = await rest(answer(200, ME))
    await r.http.logout()
    await r.http.logout()

    with pytest.raises(errors.ClientClosed):
        await r.http.request(GET_ME.route({}, {}))


async def test_R40_calls_under_way_end_with_logout(rest: Any) -> None:
    r = await rest(stall())
    task = asyncio.ensure_future(awaited(r.http.request(GET_ME.route({}, {}))))
    await until(lambda: r.server.seen)

    await r.http.logout()

    with pytest.raises(errors.ClientClosed):
        await task


async def test_R40_a_client_that_was_closed_while_a_call_waited_sends_nothing(rest: Any) -> None:
    class Closing(Limiter):
        async def acquire(self, route: Any, **kwds: Any) -> Any:
            await r.http.logout()
            return self

    limiter = Closing()
    r = await rest(answer(200, ME), ratelimiter=limiter)

    with pytest.raises(errors.ClientClosed):
        await r.http.request(GET_ME.route({}, {}))

    assert [("cancel", False)] == limiter.log
    assert [] == r.server.seen


async def test_R40_a_client_that_was_closed_before_another_attempt_makes_none(rest: Any) -> None:
    class Closing(FakeClock):
        async def sleep(self, seconds: float) -> None:
            await r.http.logout()

    r = await rest(answer(502), decide=lambda attempt: 1.0, clock=Closing())

    with pytest.raises(errors.ClientClosed):
        await r.http.request(GET_ME.route({}, {}))

    assert 1 == len(r.server.seen)


async def test_R40_a_client_can_log_in_again(rest: Any) -> None:
    r = await rest(answer(200, ME))
    await r.http.login()
    await r.http.logout()

    assert ME == await r.http.login(token="another")
    assert "Bot another" == r.seen.headers["authorization"]


async def test_P7_a_client_that_is_not_closed_warns_once(rest: Any) -> None:
    connector = httpx.MockTransport(lambda request: httpx.Response(204))
    http = HTTPClient(token=TOKEN, connector=connector)
    await http.request(Route("GET", path="/x"))

    with pytest.warns(ResourceWarning, match="was not closed"):
        del http
        gc.collect()


async def test_P6_a_forked_child_is_told(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    r = await rest(answer(200, ME))
    monkeypatch.setattr("os.getpid", lambda: -1)

    with pytest.raises(errors.ForkedClient):
        await r.http.request(GET_ME.route({}, {}))
    monkeypatch.undo()


def test_P8_a_client_on_another_loop_is_told() -> None:
    connector = httpx.MockTransport(lambda request: httpx.Response(204))
    http = HTTPClient(token=TOKEN, connector=connector)

    async def use() -> None:
        await http.request(Route("GET", path="/x"))

    asyncio.run(use())
    with pytest.raises(RuntimeError, match="another event loop"):
        asyncio.run(use())
    asyncio.run(http.logout())


def test_a_client_without_a_loop_can_be_made_and_dropped() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        HTTPClient(token=TOKEN)
        gc.collect()


async def test_several_clients_do_not_mix(rest: Any) -> None:
    one, two = await rest(answer(200, ME)), await rest(answer(200, {**ME, "id": "8"}), token="another")

    first, second = await asyncio.gather(
        awaited(one.http.request(GET_ME.route({}, {}))), awaited(two.http.request(GET_ME.route({}, {})))
    )

    assert [(7, one.http), (8, two.http)] == [(first.id, first.conn), (second.id, second.conn)]


async def test_once_json_is_rebound_answers_are_decoded_by_it(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders, "JSON", lambda data: {**ME, "username": "rebound"})
    r = await rest(answer(200, ME))

    assert "rebound" == (await r.http.request(GET_ME.route({}, {}))).username
    assert "rebound" == (await r.http.request(Route("GET", path="/x")))["username"]
