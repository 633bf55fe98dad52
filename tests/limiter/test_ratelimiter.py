"""The shell: waiting, waking, cancelling, and what it raises."""

import asyncio
import heapq
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from acord.core.buckets import GRAIN
from acord.core.errors import ACordError, CloudflareBan, RateLimited
from acord.core.ratelimiter import DefaultHTTPRatelimiter, Event, HTTPRatelimiter, Permit
from tests.limiter.replies import headers


class FakeClock:
    """Time passes when nothing else is left to do; `steps` counts the times that a task was let run."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self.sleepers, (self.now + max(0.0, seconds), id(woken), woken))
        await woken

    async def settle(self) -> None:
        """Lets all tasks run as far as they get without time."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        end = self.now + seconds
        await self.settle()
        while self.sleepers and self.sleepers[0][0] <= end:
            self.now, _, woken = heapq.heappop(self.sleepers)
            if not woken.done():
                woken.set_result(None)
            await self.settle()
        self.now = end


@dataclass
class Route:
    method: str = "GET"
    template: str = "/channels/{channel_id}"
    bucket: Mapping[str, str] = field(default_factory=dict[str, str])
    major: tuple[tuple[str, str], ...] = (("channel_id", "1"),)
    body: Any = None
    operation: Any = None


ROUTE = Route()


@dataclass
class Stage:
    clock: FakeClock = field(default_factory=FakeClock)
    events: list[Event] = field(default_factory=list[Event])
    limiter: DefaultHTTPRatelimiter = field(init=False)

    def __post_init__(self) -> None:
        self.limiter = DefaultHTTPRatelimiter(clock=self.clock, wall=lambda: 1.7e9, on_event=self.events.append)

    async def learn(self, *, limit: int = 1, after: float = 5.0) -> None:
        """One request that makes the bucket known, and ``limit`` - 1 of its requests left."""
        permit = await self.limiter.acquire(ROUTE)
        permit.report(200, headers(limit - 1, limit=limit, after=after), None)


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_a_free_bucket_grants_without_a_task(stage: Stage) -> None:
    await stage.learn(limit=3)
    before = len(asyncio.all_tasks())
    await stage.limiter.acquire(ROUTE)

    assert before == len(asyncio.all_tasks())


async def test_a_spent_bucket_makes_wait_until_its_reset(stage: Stage) -> None:
    await stage.learn()
    waiting = asyncio.create_task(stage.limiter.acquire(ROUTE))
    await stage.clock.advance(5.0)
    before = waiting.done()
    await stage.clock.advance(GRAIN)

    assert (False, True) == (before, waiting.done())


async def test_waiters_leave_in_the_order_they_came(stage: Stage) -> None:
    await stage.learn()
    order: list[int] = []

    async def call(number: int) -> None:
        permit = await stage.limiter.acquire(ROUTE)
        order.append(number)
        permit.report(200, headers(0, limit=1, at=stage.clock.now), None)

    tasks = [asyncio.create_task(call(number)) for number in range(5)]
    await stage.clock.advance(60.0)

    assert list(range(5)) == order
    assert all(task.done() for task in tasks)


async def test_nothing_is_left_running_when_nobody_waits(stage: Stage) -> None:
    await stage.learn()
    waiting = asyncio.create_task(stage.limiter.acquire(ROUTE))
    await stage.clock.settle()
    waiting.cancel()
    await stage.clock.settle()

    assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_a_wait_that_is_too_long_raises_at_once_and_says_how_long(stage: Stage) -> None:
    await stage.learn()

    with pytest.raises(RateLimited) as caught:
        await stage.limiter.acquire(ROUTE, max_wait=2.0)

    assert (5.0 + GRAIN, "user", "h") == (caught.value.retry_after, caught.value.scope, caught.value.bucket)
    assert "GET /channels/{}" == caught.value.route


async def test_a_429_keeps_its_turn(stage: Stage) -> None:
    await stage.learn(limit=2)
    permit = await stage.limiter.acquire(ROUTE)
    later = asyncio.create_task(stage.limiter.acquire(ROUTE))
    await stage.clock.settle()
    permit.report(429, headers(0, limit=2, after=9.0, x_ratelimit_scope="user"), 2.0)
    again = asyncio.create_task(stage.limiter.reacquire(permit, ROUTE))
    await stage.clock.advance(2.0)

    assert (True, False) == (again.done(), later.done())


async def test_R26_a_ban_fails_at_once_who_may_not_wait_for_its_end(stage: Stage) -> None:
    permit = await stage.limiter.acquire(ROUTE)
    permit.report(429, {"content-type": "text/html", "retry-after": "90"}, None)

    with pytest.raises(CloudflareBan) as caught:
        await stage.limiter.acquire(ROUTE, max_wait=30.0)

    assert 90.0 == caught.value.retry_after
    assert stage.limiter.global_lock


async def test_R21_a_refused_credential_fails_every_waiter_with_the_same_error(stage: Stage) -> None:
    error = ACordError("the token was refused")
    await stage.learn()
    waiting = [asyncio.create_task(stage.limiter.acquire(ROUTE)) for _ in range(3)]
    await stage.clock.settle()
    stage.limiter.refuse("", error)
    results = await asyncio.gather(*waiting, return_exceptions=True)

    assert ["the token was refused"] * 3 == [str(result) for result in results]
    with pytest.raises(ACordError, match="the token was refused"):
        await stage.limiter.acquire(ROUTE)
    stage.limiter.refuse("", None)
    assert isinstance(await stage.limiter.acquire(Route(template="/other")), Permit)


async def test_too_many_invalid_requests_are_stopped_here(stage: Stage) -> None:
    limiter = DefaultHTTPRatelimiter((20, 600.0), clock=stage.clock)
    for number in range(19):
        (await limiter.acquire(Route(template=f"/{number}"))).report(403, headers(4), None)

    with pytest.raises(RateLimited, match="401, 403 and 429"):
        await limiter.acquire(ROUTE)
    assert 19 == limiter.current_requests


# ---- cancelling


async def scenario(stage: Stage, step: int) -> int:
    """Three calls on a bucket of one; the middle one is cancelled after ``step`` turns of the loop. How far it got."""
    await stage.learn()
    turns = 0

    async def call() -> None:
        permit = await stage.limiter.acquire(ROUTE)
        sent = False
        try:
            sent = True
            await stage.clock.sleep(0.1)
            permit.report(200, headers(0, limit=1, at=stage.clock.now), None)
        except BaseException:
            permit.cancel(sent)
            raise

    tasks = [asyncio.create_task(call()) for _ in range(3)]
    while not tasks[1].done() and turns < step:
        await asyncio.sleep(0)
        turns += 1
        if turns % 3 == 0 and stage.clock.sleepers:
            stage.clock.now, _, woken = heapq.heappop(stage.clock.sleepers)
            if not woken.done():
                woken.set_result(None)
    tasks[1].cancel()
    await stage.clock.advance(100.0)
    await asyncio.gather(*tasks, return_exceptions=True)
    return turns


@pytest.mark.parametrize("step", range(40))
async def test_R38_cancelling_at_any_step_leaves_no_permit_and_the_next_request_works(step: int) -> None:
    stage = Stage()
    await scenario(stage, step)
    await stage.clock.advance(10.0)
    found = stage.limiter.snapshot()
    tasks = asyncio.all_tasks()

    assert (0, 0) == (found.waiting, found.in_flight)
    assert {asyncio.current_task()} == tasks
    assert isinstance(await stage.limiter.acquire(ROUTE), Permit)


async def test_R38_the_steps_reach_from_before_the_start_to_the_end() -> None:
    assert 40 > await scenario(Stage(), 10_000) > 10


async def test_R38_a_waiter_cancelled_in_the_step_that_grants_it_passes_its_turn_on(stage: Stage) -> None:
    await stage.learn(limit=2)
    permit = await stage.limiter.acquire(ROUTE)
    first, second = (asyncio.create_task(stage.limiter.acquire(ROUTE)) for _ in range(2))
    await stage.clock.settle()
    permit.cancel(False)
    first.cancel()
    await stage.clock.settle()

    assert (True, True) == (first.cancelled(), second.done())


async def test_R39_half_of_ten_thousand_waiters_are_cancelled_and_the_rest_all_leave(stage: Stage) -> None:
    await stage.learn(limit=100, after=1.0)
    granted: list[int] = []

    async def call(number: int) -> None:
        permit = await stage.limiter.acquire(ROUTE, auth_id="")
        granted.append(number)
        permit.report(200, headers(0, limit=100, after=1.0, at=stage.clock.now), None)

    limiter = stage.limiter
    limiter._core.global_limit = 1e9  # pyright: ignore[reportPrivateUsage]
    for gate in limiter._core.gates.values():  # pyright: ignore[reportPrivateUsage]
        gate.limit = 1e9
    tasks = [asyncio.create_task(call(number)) for number in range(10_000)]
    await stage.clock.settle()
    for task in tasks[101::2]:
        task.cancel()
    await stage.clock.advance(100.0)

    kept = [number for number, task in enumerate(tasks) if not task.cancelled()]
    assert kept == granted


# ---- looking in


async def test_the_fields_of_old_stay_readable(stage: Stage) -> None:
    await stage.learn()
    waiting = asyncio.create_task(stage.limiter.acquire(ROUTE))
    await stage.clock.settle()
    limiter = stage.limiter

    assert ["h:1"] == list(limiter.cache)
    assert (1, False, None, 0) == (
        limiter.awaiting_requests,
        limiter.global_lock,
        limiter.locked_until,
        limiter.current_requests,
    )
    waiting.cancel()


async def test_an_estimate_and_a_snapshot_tell_what_is_known(stage: Stage) -> None:
    await stage.learn(limit=3)
    await stage.limiter.acquire(ROUTE)
    found = stage.limiter.snapshot()

    assert 0.0 == stage.limiter.estimate(ROUTE)
    assert (0, 1) == (found.waiting, found.in_flight)
    assert ("h", 3, 2, 1) == (
        found.buckets[-1].name,
        found.buckets[-1].limit,
        found.buckets[-1].remaining,
        found.buckets[-1].in_flight,
    )


async def test_a_wait_of_more_than_a_second_is_logged_as_it_begins(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "acord")
    await stage.learn()
    waiting = asyncio.create_task(stage.limiter.acquire(ROUTE))
    await stage.clock.settle()
    waiting.cancel()

    assert ["GET /channels/{} waits 5.0 s (bucket, bucket h)"] == caplog.messages
    assert ["wait"] == [event.kind for event in stage.events]


async def test_who_does_not_hear_of_waits_is_told_of_those_alone_that_are_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.limiter.hears_waits = lambda: False
    await stage.learn(after=5.0)
    told: list[int] = []
    for level in (logging.WARNING, logging.INFO):
        caplog.set_level(level, "acord")
        waiting = asyncio.create_task(stage.limiter.acquire(ROUTE))
        await stage.clock.settle()
        waiting.cancel()
        told.append(len(stage.events))

    assert [0, 1] == told


async def test_who_begins_to_hear_of_waits_is_told_of_the_next(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "acord")
    hears: list[bool] = []
    stage.limiter.hears_waits = lambda: bool(hears)
    await stage.learn()
    waiting = [asyncio.create_task(stage.limiter.acquire(ROUTE))]
    await stage.clock.settle()
    hears.append(True)
    waiting.append(asyncio.create_task(stage.limiter.acquire(ROUTE)))
    await stage.clock.settle()
    for task in waiting:
        task.cancel()

    assert [pytest.approx(10.0, abs=0.01)] == [event.delay for event in stage.events]


async def test_a_limiter_of_ones_own_needs_one_method() -> None:
    class Mine(HTTPRatelimiter):
        async def acquire(self, route: object, *, auth_id: str, max_wait: float | None, priority: int) -> Permit:
            return permit

    permit = await DefaultHTTPRatelimiter().acquire(ROUTE)
    mine = Mine()
    mine.refuse("", None)

    assert permit is await mine.reacquire(permit, ROUTE, auth_id="", max_wait=None, priority=0)


def test_one_limiter_serves_one_loop_after_another() -> None:
    limiter = DefaultHTTPRatelimiter()

    async def call() -> None:
        permit = await limiter.acquire(ROUTE)
        waiting = asyncio.create_task(limiter.acquire(ROUTE))
        await asyncio.sleep(0)
        permit.report(200, headers(3), None)
        (await waiting).cancel(False)

    runs: list[Callable[[], Coroutine[Any, Any, None]]] = [call, call]
    for one in runs:
        asyncio.run(one())

    assert (0, 0) == (limiter.snapshot().waiting, limiter.snapshot().in_flight)
