"""Hooks: who is told of what, and that nothing else changes."""

import dataclasses
import logging
from collections.abc import Callable
from typing import Any

import pytest

from acord.core import hook_events as events
from acord.core.abc import Route
from acord.core.errors import HTTPError, TransportError
from acord.core.hooks import Hooks, note
from acord.core.http import HTTPClient
from acord.core.ratelimiter import DefaultHTTPRatelimiter
from acord.sandbox.faults import answer, cut, honest, send, stall
from tests.core.http_kit import DELETE, GET_ME, ME, OPEN, TOKEN, FakeClock
from tests.turning import until

WEBHOOK = Route("POST", path="/webhooks/1/secret-token-of-a-webhook")


def everything(seen: list[events.Event]) -> Hooks:
    hooks = Hooks()
    hooks.add(events.Event, seen.append)
    return hooks


async def test_a_request_and_its_answer_are_told_in_order(rest: Callable[..., Any]) -> None:
    seen: list[events.Event] = []
    r = await rest(answer(200, ME, {"X-RateLimit-Bucket": "abc", "CF-Ray": "77"}), hooks=everything(seen))

    await r.http.request(GET_ME.route({}, {}))

    started, received = seen
    assert isinstance(started, events.RequestStarted)
    assert isinstance(received, events.ResponseReceived)
    assert ("GET", "/users/@me", 1, "get_my_user", "bot") == (
        started.method,
        started.template,
        started.attempt,
        started.operation,
        started.auth,
    )
    assert (200, "abc", "77", started.call) == (received.status, received.bucket, received.request_id, received.call)


async def test_headers_that_a_hook_returns_are_sent(rest: Callable[..., Any]) -> None:
    hooks = Hooks(on_request=lambda event: {"traceparent": f"00-{event.call:032x}-{event.attempt:016x}-01"})
    r = await rest(answer(200, ME), hooks=hooks)

    await r.http.request(GET_ME.route({}, {}))

    assert r.seen.headers["traceparent"].endswith("-0000000000000001-01")


async def test_a_hook_may_replace_a_header_of_the_call(rest: Callable[..., Any]) -> None:
    r = await rest(answer(200, ME), hooks=Hooks(on_request=lambda event: {"X-Trace": "hook"}))

    await r.http.request(GET_ME.route({}, {}), headers={"x-trace": "call"})

    assert "hook" == r.seen.headers["x-trace"]


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bot stolen"}, {"X-Trace": "a\r\nAuthorization: Bot stolen"}, {"X\n": "a"}]
)
async def test_T14_headers_that_cannot_be_sent_are_left_out(rest: Callable[..., Any], headers: dict[str, str]) -> None:
    hooks = Hooks(on_request=lambda event: headers)
    r = await rest(answer(200, ME), hooks=hooks)

    await r.http.request(GET_ME.route({}, {}))

    assert f"Bot {TOKEN}" == r.seen.headers["authorization"]
    assert 1 == hooks.failures.total()


async def test_P15_a_hook_that_raises_is_counted_and_changes_nothing(
    rest: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(event: object) -> Any:
        raise LookupError("text that may quote anything")

    hooks = Hooks(on_request=broken, on_response=broken)
    r = await rest(answer(200, ME), hooks=hooks)

    user = await r.http.request(GET_ME.route({}, {}))

    assert "mina" == user.username
    assert 2 == hooks.failures.total()
    assert "raised LookupError" in caplog.text
    assert "text that may quote anything" not in caplog.text


async def test_P15_a_cancellation_out_of_a_hook_does_not_cancel_the_call(rest: Callable[..., Any]) -> None:
    import asyncio

    def broken(event: object) -> Any:
        raise asyncio.CancelledError

    r = await rest(answer(200, ME), hooks=Hooks(on_response=broken))

    assert "mina" == (await r.http.request(GET_ME.route({}, {}))).username


async def test_P15_an_interrupt_out_of_a_hook_passes() -> None:
    def interrupted(event: object) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Hooks(on_ban=interrupted).tell(events.Banned("GET", "/", 60.0))


def test_P15_a_coroutine_function_is_refused_without_a_warning() -> None:
    async def late(event: object) -> None:
        raise AssertionError

    hooks = Hooks(on_ban=late)
    hooks.tell(events.Banned("GET", "/", 60.0))

    assert 1 == hooks.failures.total()


def test_a_hook_that_always_fails_is_logged_ever_more_rarely(caplog: pytest.LogCaptureFixture) -> None:
    hooks = Hooks(on_ban=lambda event: 1 / 0)

    for _ in range(100):
        hooks.tell(events.Banned("GET", "/", 60.0), log=False)

    assert 100 == hooks.failures.total()
    assert 7 == len(caplog.records)  # 1, 2, 4, ..., 64


def test_P15_a_log_handler_that_raises_changes_nothing() -> None:
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise OSError("disk full")

    logger = logging.getLogger("acord.tests.broken")
    logger.addHandler(Broken())

    note(logger, logging.ERROR, "%s", "text")  # does not raise


async def test_an_attempt_that_breaks_off_is_told(rest: Callable[..., Any]) -> None:
    seen: list[events.Event] = []
    r = await rest(honest(send(b""), cut), hooks=everything(seen))

    with pytest.raises(TransportError):
        await r.http.request(OPEN.route({}, {}))

    failed = seen[-1]
    assert isinstance(failed, events.RequestFailed)
    assert "unknown" == failed.outcome
    assert failed.cause in {"RemoteProtocol", "ServerDisconnected"}  # as the HTTP library calls it


async def test_an_attempt_that_the_caller_gives_up_is_told(rest: Callable[..., Any]) -> None:
    import asyncio

    seen: list[events.Event] = []
    r = await rest(stall(), hooks=everything(seen))

    async def call() -> None:
        await r.http.request(OPEN.route({}, {}))

    task = asyncio.create_task(call())
    await until(lambda: r.server.seen)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert isinstance(seen[-1], events.RequestFailed)
    assert "Cancelled" == seen[-1].cause


async def test_a_retry_is_told_before_it_waits(rest: Callable[..., Any]) -> None:
    seen: list[events.Event] = []
    clock = FakeClock()
    r = await rest(
        answer(500),
        answer(200, ME),
        hooks=everything(seen),
        clock=clock,
        decide=lambda attempt: 2.5 if attempt.status == 500 else None,
    )

    await r.http.request(GET_ME.route({}, {}))

    (retry,) = (event for event in seen if isinstance(event, events.RetryScheduled))
    assert (1, 2.5, 500, "done") == (retry.attempt, retry.delay, retry.status, retry.outcome)
    assert [1, 2] == [event.attempt for event in seen if isinstance(event, events.RequestStarted)]
    assert 1 == len({event.call for event in seen if isinstance(event, events.RequestStarted)})


async def test_drift_is_told_with_its_route(rest: Callable[..., Any]) -> None:
    seen: list[events.DriftSeen] = []
    r = await rest(answer(200, {"id": "7", "username": ["mina"]}), hooks=Hooks(on_drift=seen.append))

    await r.http.request(GET_ME.route({}, {}))

    assert "/users/@me" == seen[0].template
    assert ["username"] == [where for where, _ in seen[0].drift.problems]


async def test_P15_an_on_drift_that_raises_loses_no_answer(rest: Callable[..., Any]) -> None:
    def broken(drift: object) -> None:
        raise RuntimeError

    r = await rest(answer(200, {"id": "7", "username": ["mina"]}), on_drift=broken)

    assert 7 == (await r.http.request(GET_ME.route({}, {}))).id


async def test_no_event_and_no_line_shows_a_token_or_an_id(
    rest: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "acord")
    seen: list[events.Event] = []
    r = await rest(answer(404, {"message": "Unknown Webhook", "code": 10015}), hooks=everything(seen))

    with pytest.raises(HTTPError):
        await r.http.request(WEBHOOK, {"content": "private"})
    with pytest.raises(HTTPError):
        await r.http.request(DELETE.route({"channel_id": 123454321, "message_id": 987656789}, {}))

    shown = repr(seen) + caplog.text
    assert "secret-token" not in shown
    assert TOKEN not in shown
    assert "private" not in shown
    assert "123454321" not in shown
    assert 4 == len([record for record in caplog.records if record.name == "acord.core.hooks"])


def test_events_are_frozen_and_comparable() -> None:
    event = events.Banned("GET", "/", 60.0)

    assert events.Banned("GET", "/", delay=60.0) == event
    with pytest.raises(AttributeError):
        event.delay = 0.0  # type: ignore[misc]


@pytest.mark.parametrize("kind", [events.Event, *events.Event.__subclasses__()])
def test_an_event_is_made_of_what_its_annotations_say(kind: type[events.Event]) -> None:
    annotated = [name for one in reversed(kind.__mro__) for name in vars(one).get("__annotations__", ())]
    fields = [name for name in annotated if name not in ("LEVEL", "_fields")]

    event = kind(*fields)

    assert fields == [getattr(event, name) for name in fields]
    assert tuple(fields) == kind.__match_args__


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (("GET", "/"), {}),
        (("GET", "/", 1.0, 2.0), {}),
        (("GET", "/"), {"dealy": 1.0}),
        (("GET", "/", 1.0), {"delay": 1.0}),
    ],
)
def test_an_event_takes_each_of_its_fields_once(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Banned takes method, template, delay"):
        events.Banned(*values, **named)


@dataclasses.dataclass
class FromLimiter:
    kind: str
    method: str = "GET"
    template: str = "/channels/{channel_id}"
    bucket: str | None = "abc"
    scope: str | None = "user"
    delay: float = 3.0


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("wait", events.WaitStarted("GET", "/channels/{channel_id}", 3.0, "user", "abc")),
        ("limited", events.LimitHit("GET", "/channels/{channel_id}", 3.0, "user", "abc")),
        ("ban", events.Banned("GET", "/channels/{channel_id}", 3.0)),
        ("invalid", events.InvalidCounted("GET", "/channels/{channel_id}", 3)),
    ],
)
def test_what_the_limiter_tells_becomes_an_event_that_is_not_logged_again(
    kind: str, expected: events.Event, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "acord")
    seen: list[events.Event] = []

    everything(seen).limited(FromLimiter(kind))

    assert [expected] == seen
    assert [] == caplog.records


def test_a_hook_for_waits_that_comes_later_is_heard_of_by_the_limiter() -> None:
    limiter = DefaultHTTPRatelimiter()
    client = HTTPClient(token=TOKEN, ratelimiter=limiter)
    before = limiter.hears_waits()
    client.hooks.add(events.WaitStarted, lambda event: None)

    assert (False, True) == (before, limiter.hears_waits())


def test_hooks_are_joined_in_order() -> None:
    told: list[str] = []
    first = Hooks(on_ban=lambda event: told.append("first"))
    second = Hooks(on_ban=lambda event: told.append("second"))

    Hooks.join([first, second]).tell(events.Banned("GET", "/", 60.0))

    assert ["first", "second"] == told


@pytest.mark.parametrize(("delay", "level"), [(0.5, logging.DEBUG), (1.5, logging.INFO)])
def test_only_a_long_wait_is_logged_for_people(delay: float, level: int) -> None:
    assert level == events.WaitStarted("GET", "/", delay, None, None).level
