"""Rate limiter: makes each request wait until Discord would take it.  What to wait for is decided in `scheduler`.

A limiter of your own implements `HTTPRatelimiter`: a proxy that limits, or a store that several processes share.
"""

import asyncio
import logging
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping
from copy import copy
from typing import Any, Final, NamedTuple

from acord.core.buckets import read_reply
from acord.core.clock import Clock, SystemClock
from acord.core.errors import ACordError, CloudflareBan, RateLimited
from acord.core.lanes import RouteLike, lane_of
from acord.core.scheduler import Event, Refusal, Scheduler, Ticket
from acord.core.tickets import Key, Pool

__all__ = ["BucketState", "DefaultHTTPRatelimiter", "Event", "HTTPRatelimiter", "Permit", "Snapshot"]

GLOBAL_LIMIT: Final = 50  # requests per second for a bot (Topics > Rate Limits > Global Rate Limit)
MAX_REQUESTS: Final = (10_000, 600.0)  # invalid requests, seconds (Topics > Rate Limits > Invalid Request Limit)
LONG: Final = 1.0  # seconds: longer waits are logged as they begin

logger = logging.getLogger(__name__)


class Permit(ABC):
    """Leave to send one request. It ends by `report` or by `cancel`; whatever comes after the first does nothing."""

    @abstractmethod
    def report(self, status: int, headers: Mapping[str, str], retry_after: float | None) -> None:
        """Discord's reply, as soon as its headers are there.

        ``retry_after`` is what the body of a 429 says, in seconds; None where there is no JSON, or it does not say.
        """

    @abstractmethod
    def cancel(self, sent: bool) -> None:
        """There will be no reply. ``sent`` where the request may have reached Discord, and thus may be counted."""


class HTTPRatelimiter(ABC):
    """What an `HTTPClient` asks before it sends."""

    @abstractmethod
    def acquire(
        self, route: RouteLike, *, auth_id: str, max_wait: float | None, priority: int
    ) -> Coroutine[Any, Any, Permit]:
        """Leave to send, as soon as Discord would take the request; yours may be an ``async def``.

        ``auth_id`` stands for the credential and tells nothing of it. ``max_wait`` is in seconds, None without end;
        raises `RateLimited` or `CloudflareBan` at once where that is not enough. A higher ``priority`` leaves first.
        """

    def at_once(self, route: RouteLike, *, auth_id: str) -> Permit | None:
        """Leave to send where nothing has to be waited for; None where `acquire` is to be asked, as always here."""
        return None

    def reacquire(
        self, permit: Permit, route: RouteLike, *, auth_id: str, max_wait: float | None, priority: int
    ) -> Coroutine[Any, Any, Permit]:
        """Leave to send again what came back with a 429. Keeps the turn of ``permit`` where the limiter knows turns."""
        return self.acquire(route, auth_id=auth_id, max_wait=max_wait, priority=priority)

    def refuse(self, auth_id: str, error: ACordError | None) -> None:  # noqa: B027  # nothing to do where nothing waits
        """Fails all that waits for a credential with ``error``, and all that comes, until called with None."""


class BucketState(NamedTuple):
    """One bucket, as it is known. Times in seconds from now."""

    name: str | None
    """Discord's hash; None where it is not known yet, or there is none."""
    limit: float | None
    remaining: float
    in_flight: int
    waiting: int
    resets_in: float
    blocked_for: float
    sliding: bool


class Snapshot(NamedTuple):
    """The limiter at one moment. Times in seconds from now."""

    waiting: int
    in_flight: int
    invalid: int
    """Requests of the last ten minutes that Discord calls invalid (401, 403, most 429)."""
    banned_for: float
    global_closed_for: float
    buckets: tuple[BucketState, ...]


class DefaultHTTPRatelimiter(HTTPRatelimiter):
    """The limiter of an `HTTPClient` that was given none. One event loop at a time.

    ``max_requests`` is how many invalid requests Discord allows an address in how many seconds: shortly before,
    requests fail here. It slows nothing down. ``global_limit`` is requests per second of one credential: more for large
    bots; divide it where several processes share a token. ``on_event`` is told of waits, 429s and bans.

    Memory follows what is under way and not what was: about 1,100 bytes for each bucket (route and channel, say) that
    was used within its window, at most a second longer, and as much for each request that waits.
    """

    def __init__(
        self,
        max_requests: tuple[int, float] = MAX_REQUESTS,
        global_limit: float = GLOBAL_LIMIT,
        *,
        on_event: Callable[[Event], object] | None = None,
        # What tests replace
        clock: Clock | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.max_requests = max_requests
        self._clock: Clock = clock or SystemClock()
        self._wall = wall
        self._core = Scheduler(global_limit=global_limit, max_requests=max_requests, on_event=self._tell)
        self._core.told_from = self._told_from
        self.on_event = on_event
        """Told of waits, 429s and bans."""
        self.hears_waits: Callable[[], bool] = lambda: True
        """Whether ``on_event`` does anything about a wait: if not, nobody has to find out how long it will be."""
        self._errors: dict[str, ACordError] = {}
        self._waker: asyncio.Task[None] | None = None
        self._armed = 0.0

    # ---- what the client calls

    def at_once(self, route: RouteLike, *, auth_id: str = "") -> Permit | None:
        if type(self).acquire is not DefaultHTTPRatelimiter.acquire:
            return None  # a subclass has its own idea of it
        ticket = self._core.at_once(lane_of(route, auth_id, self._wall() * 1000), self._clock.monotonic())
        return None if ticket is None else _Permit(self, ticket)

    # Neither is a coroutine function: each that a waiting request goes through is one more to be resumed.

    def acquire(
        self, route: RouteLike, *, auth_id: str = "", max_wait: float | None = None, priority: int = 0
    ) -> Coroutine[Any, Any, Permit]:
        return self._acquire(route, auth_id, max_wait, priority, None)

    def reacquire(
        self, permit: Permit, route: RouteLike, *, auth_id: str = "", max_wait: float | None = None, priority: int = 0
    ) -> Coroutine[Any, Any, Permit]:
        return self._acquire(
            route, auth_id, max_wait, priority, permit.ticket.key if isinstance(permit, _Permit) else None
        )

    def refuse(self, auth_id: str, error: ACordError | None) -> None:
        if error is None:
            self._errors.pop(auth_id, None)
        else:
            self._errors[auth_id] = error
        self._core.refuse(auth_id, None if error is None else Refusal("credential"), self._clock.monotonic())
        self._settle()

    async def _acquire(
        self, route: RouteLike, auth_id: str, max_wait: float | None, priority: int, place: Key | None
    ) -> Permit:
        lane, now = lane_of(route, auth_id, self._wall() * 1000), self._clock.monotonic()
        ticket = self._core.submit(lane, now, max_wait=max_wait, priority=priority, place=place)
        if ticket.state == "waiting":
            ticket.waiter = asyncio.get_running_loop().create_future()
        self._settle()
        if ticket.waiter is not None:
            try:
                await ticket.waiter
            except BaseException:
                # It may have been granted in this very step: nobody will send it.
                self._core.cancel(ticket, self._clock.monotonic(), sent=False)
                self._settle()
                raise
        if ticket.refusal is not None:
            raise self._error(ticket, ticket.refusal)
        return _Permit(self, ticket)

    def _error(self, ticket: Ticket, refusal: Refusal) -> ACordError:
        route = f"{ticket.lane.method} {ticket.lane.template}"
        if refusal.cause == "credential":
            # A copy each: one exception raised in many tasks would gather all their tracebacks.
            return copy(self._errors.get(ticket.lane.auth) or RateLimited(route, scope="credential"))
        if refusal.cause == "ban":
            return CloudflareBan(route, retry_after=refusal.delay)
        hint = None
        if refusal.cause == "invalid":
            hint = "Discord would ban this address for so many 401, 403 and 429; find what sends them."
        return RateLimited(
            route, retry_after=refusal.delay, scope=_SCOPES.get(refusal.cause), bucket=refusal.bucket, hint=hint
        )

    # ---- waking

    def _settle(self) -> None:
        """After anything that the core was told: wakes who was granted or refused, and plans the next look."""
        core, waker = self._core, self._waker
        if core.settled:
            for ticket in core.settled:
                waiter: asyncio.Future[None] | None = ticket.waiter
                if waiter is not None and not waiter.done():
                    waiter.set_result(None)
            core.settled.clear()
        if waker is not None and core.waiting and core.timers and core.timers[0][0] >= self._armed and not waker.done():
            return  # it looks soon enough
        at = core.wake_at() if core.waiting else None
        if waker is not None and (waker.done() or at is None or at < self._armed):
            waker.cancel()
            self._waker = waker = None
        if at is not None and waker is None:
            self._armed = at
            self._waker = asyncio.get_running_loop().create_task(self._wake(), name="acord rate limiter")

    async def _wake(self) -> None:
        while True:
            await self._clock.sleep(self._armed - self._clock.monotonic())
            core = self._core
            core.advance(self._clock.monotonic())
            # Nothing to be woken for ends this task: it must not cancel itself on the way.
            self._waker = None
            at = core.wake_at() if core.waiting else None
            if at is None:
                self._settle()
                return
            self._armed, self._waker = at, asyncio.current_task()
            self._settle()
            if self._waker is not asyncio.current_task():
                return

    def _end(self, ticket: Ticket, status: int, headers: Mapping[str, str], retry_after: float | None) -> None:
        core = self._core
        core.report(ticket, read_reply(status, headers, retry_after), self._clock.monotonic())
        if core.settled or core.waiting or self._waker is not None:
            self._settle()

    def _drop(self, ticket: Ticket, sent: bool) -> None:
        self._core.cancel(ticket, self._clock.monotonic(), sent=sent)
        self._settle()

    def _told_from(self) -> float:
        """Seconds from which on a wait is told of: to whom listens from the first on, to the log from `LONG` on."""
        if self.on_event is not None and self.hears_waits():
            return 0.0
        return LONG if logger.isEnabledFor(logging.INFO) else math.inf

    def _tell(self, event: Event) -> None:
        if event.kind == "wait":
            if event.delay > LONG:
                name = f"{event.method} {event.template}"
                logger.info("%s waits %.1f s (%s, bucket %s)", name, event.delay, event.scope, event.bucket)
            if self.on_event is not None:
                self.on_event(event)
            return
        name = f"{event.method} {event.template}"
        if event.kind == "ban":
            logger.error("Cloudflare blocks this address: nothing is sent for %.0f s (%s)", event.delay, name)
        elif event.kind == "invalid":
            logger.warning("%d invalid requests in %g s; Discord bans at %d", event.delay, *reversed(self.max_requests))
        else:
            logger.info("%s: 429 (scope %s, bucket %s), %.3f s", name, event.scope, event.bucket, event.delay)
        if self.on_event is not None:
            self.on_event(event)

    # ---- looking in

    def estimate(self, route: RouteLike, *, auth_id: str = "") -> float:
        """Seconds that a request made now would wait, as things stand; 0.0 where it would not, or nobody can know."""
        return self._core.estimate(lane_of(route, auth_id, self._wall() * 1000), self._clock.monotonic())

    def snapshot(self) -> Snapshot:
        """What waits and what is known of the limits."""
        now, core = self._clock.monotonic(), self._core
        core.advance(now)
        self._settle_if_running()
        return Snapshot(
            core.waiting,
            core.flying,
            core.meter.read(now),
            max(0.0, core.ban.until - now),
            max((gate.opens(now) - now for gate in core.gates.values()), default=0.0),
            tuple(_state(pool, now) for pool in core.pools.values()),
        )

    def _settle_if_running(self) -> None:
        if self._core.settled:
            self._settle()

    @property
    def cache(self) -> Mapping[str, BucketState]:
        """The buckets by Discord's hash and major parameters."""
        now = self._clock.monotonic()
        return {f"{pool.name}:{pool.key[2]}": _state(pool, now) for pool in self._core.pools.values() if pool.name}

    @property
    def awaiting_requests(self) -> int:
        """Requests that wait."""
        return self._core.waiting

    @property
    def locked_until(self) -> float | None:
        """When requests go out again, by the monotonic clock; None where nothing keeps all of them back."""
        now = self._clock.monotonic()
        until = max((gate.closed for gate in self._core.gates.values()), default=now)
        until = max(until, self._core.ban.until, self._core.meter.opens(now))
        return until if until > now else None

    @property
    def global_lock(self) -> bool:
        """Whether something keeps all requests back: a global 429, a ban, the budget of invalid requests."""
        return self.locked_until is not None

    @property
    def current_requests(self) -> int:
        """How much of ``max_requests`` is spent."""
        return self._core.meter.read(self._clock.monotonic())


class _Permit(Permit):
    __slots__ = ("_limiter", "ticket")

    def __init__(self, limiter: DefaultHTTPRatelimiter, ticket: Ticket) -> None:
        self._limiter, self.ticket = limiter, ticket

    def report(self, status: int, headers: Mapping[str, str], retry_after: float | None) -> None:
        self._limiter._end(self.ticket, status, headers, retry_after)  # pyright: ignore[reportPrivateUsage]

    def cancel(self, sent: bool) -> None:
        self._limiter._drop(self.ticket, sent)  # pyright: ignore[reportPrivateUsage]


# What is waited for, as the scope of a `RateLimited`.
_SCOPES: Final[Mapping[str, str]] = {"bucket": "user", "sublimit": "user", "global": "global", "shared": "shared"}


def _state(pool: Pool, now: float) -> BucketState:
    bucket = pool.bucket
    bucket.room(now)
    return BucketState(
        pool.name,
        bucket.limit,
        bucket.remaining,
        bucket.inflight,
        pool.waiting,
        max(0.0, bucket.reset - now),
        max(0.0, bucket.blocked - now),
        bucket.sliding,
    )
