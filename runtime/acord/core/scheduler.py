"""The rate limiter's decisions: what a request waits for, what a reply teaches.  No I/O, no clock.

Rules are named as in the tests: L2 is how a hash is learned, L9 to L13 are the kinds of 429. Sources: Discord docs,
Topics > Rate Limits; discord-api-docs#2190, #4043 (layered limits), #7394, #8330 (a 429's hash may be another layer's).
"""

import math
from collections.abc import Callable
from heapq import heappush
from typing import Final, Literal, NamedTuple

from acord.core.buckets import Reply
from acord.core.gates import SLOW, Hold, InvalidMeter
from acord.core.knowledge import Knowledge, siblings
from acord.core.lanes import Lane
from acord.core.queues import LINGER
from acord.core.tickets import Cause, Key, Pool, Queue, Refusal, Ticket

__all__ = ["Event", "Refusal", "Scheduler", "Ticket"]

LIFETIME: Final = 900.0  # seconds that an interaction's token lives (L17)
NO_DELAY: Final = 1.0  # seconds to back off where a 429 names no delay; doubles each time
REPORTED: Final = (1_000, 5_000)  # invalid requests that are told of before the budget is spent (L14)


class Event(NamedTuple):
    """Something a user may want to see (L20). Holds no id and no token."""

    kind: Literal["wait", "limited", "ban", "invalid"]
    method: str
    template: str
    bucket: str | None
    scope: str | None
    """Of a 429; of a wait, what is waited for."""
    delay: float
    """Seconds; of ``invalid`` the count."""


class Scheduler(Knowledge):
    """Pure core of the limiter. Tickets go in by `submit`, come out in ``settled``, and end by `report` or `cancel`."""

    def __init__(
        self,
        *,
        global_limit: float = 50,
        max_requests: tuple[int, float] = (10_000, 600.0),
        on_event: Callable[[Event], object] | None = None,
    ) -> None:
        super().__init__(global_limit)
        self.meter = InvalidMeter(*max_requests)
        self.on_event = on_event
        self.told_from: Callable[[], float] = lambda: 0.0 if self.on_event is not None else math.inf
        """Seconds from which on a wait is an event; infinite where nobody would be told of one."""
        self._refused: dict[str, Refusal] = {}

    # ---- what the shell calls

    def submit(
        self, lane: Lane, now: float, *, max_wait: float | None = None, priority: int = 0, place: Key | None = None
    ) -> Ticket:
        """A ticket: granted, refused or waiting. ``place`` is an earlier ticket's key, whose turn it keeps."""
        self.advance(now)
        limit = math.inf if max_wait is None else now + max_wait
        if lane.interaction:
            limit = min(limit, now + LIFETIME)
        ticket = Ticket(lane, place or (-priority, next(self._numbers)), limit)
        refusal = self._refused.get(lane.auth)
        if refusal is None and (again := self.meter.opens(now)) > now:
            refusal = Refusal("invalid", again - now)
        if refusal is not None:
            return self._refuse(ticket, refusal)
        if lane.callback:
            return self._call_back(ticket, now)
        queue = self.queues.get(lane) or self._queue(lane, now)
        ticket.queue, ticket.lane = queue, queue.lane  # the same; one for all that wait
        heappush(queue.heap, (ticket.key, ticket))
        self._count(queue, 1)
        if queue.heap[0][1] is ticket:
            self._offer(queue, now)
        # Looking ahead costs half of what being sent does: only where somebody wants to know.
        if ticket.state == "waiting" and ((told := self.told_from()) < math.inf or limit < math.inf):
            ahead = queue.pool.waiting if ticket.key[0] == 0 and place is None else 1
            wait, cause = self._estimate(lane, queue, now, ahead)
            if now + wait > limit:
                self._end_wait(ticket, queue, Refusal(cause, wait, queue.pool.name), now)
            else:
                self._arm(ticket, limit)
                if wait >= told:
                    self._emit("wait", lane, queue.pool.name, cause, wait)
        return ticket

    def at_once(self, lane: Lane, now: float) -> Ticket | None:
        if lane.auth in self._refused or self.meter.opens(now) > now:
            return None
        return super().at_once(lane, now)

    def report(self, ticket: Ticket, reply: Reply, now: float) -> None:
        """The reply to a granted ticket. A second report of the same one does nothing."""
        if ticket.state != "sent":
            return
        ticket.state = "over"
        self.advance(now)
        status, lane, queue = reply.status, ticket.lane, ticket.queue
        if status in (401, 403) or (status == 429 and reply.scope != "shared"):
            self._invalid(lane, now)
        if reply.banned:
            delay = self.ban.close(now, reply.retry_after)
            self._fail_all(self.queues.values(), now + delay, Refusal("ban", delay), now)
            self._emit("ban", lane, None, None, delay)
        elif self.ban.trying:
            self.ban.relax()
            self._pump_all(now)
        if queue is None:
            if status == 429 and reply.scope == "global":
                self._close_global(lane, reply.retry_after or NO_DELAY, now)
            return
        self._release(queue)
        if (late := now - ticket.sent) > SLOW or late < queue.facts.fastest:
            queue.facts.hear(late)
            queue.gate.hear(ticket.sent, now, queue.facts.usual)
        if status == 429 and not reply.banned:
            self._limited(ticket, queue, reply, now)
        else:
            if ticket.hold is not None:
                # Cloudflare's refusals never reach what the hold is about.
                ticket.hold.unsend(ticket.sent) if reply.banned else ticket.hold.succeed(now)
            elif queue.hold is not None and queue.hold.until == -math.inf and not reply.banned:
                # It was under way when another queue found the limit out.
                queue.hold.begin(ticket.sent, now)
            self._learn(ticket, queue, reply, now)
        self._refresh(queue, now)

    def cancel(self, ticket: Ticket, now: float, *, sent: bool) -> None:
        """Ends a ticket without a reply. One that was ``sent`` may have been counted (L8)."""
        self.advance(now)
        queue = ticket.queue
        if ticket.state == "waiting":
            assert queue is not None
            self._end_wait(ticket, queue, None, now)
        elif ticket.state == "sent":
            if self.ban.trying:
                self.ban.trying = False
                self._pump_all(now)
            if queue is None:
                ticket.state = "over"
            elif sent and now < ticket.sent + LINGER:
                ticket.state = "lingering"
                self._haunt(queue, 1)
                self._arm(ticket, ticket.sent + LINGER)
                if queue.pool.name is None:
                    self._offer(queue, now)
            else:
                self._drop(ticket, queue, now, sent=sent)

    def estimate(self, lane: Lane, now: float) -> float:
        """Seconds that a request submitted now would wait, as things stand."""
        self.advance(now)
        queue = self.queues.get(lane)
        return self._estimate(lane, queue, now, 1 if queue is None else queue.pool.waiting + 1)[0]

    def refuse(self, auth: str, refusal: Refusal | None, now: float) -> None:
        """Fails what waits for a credential and all that comes, until it is called with None."""
        if refusal is None:
            self._refused.pop(auth, None)
            return
        self._refused[auth] = refusal
        self._fail_all([one for one in self.queues.values() if one.lane.auth == auth], math.inf, refusal, now)

    # ---- 429s

    def _limited(self, ticket: Ticket, queue: Queue, reply: Reply, now: float) -> None:
        """A 429: which of the limits it speaks of decides who waits (L9 to L12)."""
        pool, bucket, lane = queue.pool, queue.pool.bucket, queue.lane
        delay = reply.retry_after
        if delay is None:
            bucket.pauses = min(bucket.pauses + 1, 6)
            delay = min(60.0, NO_DELAY * 2 ** (bucket.pauses - 1))
        self._emit("limited", lane, reply.bucket, reply.scope, delay)
        foreign = reply.bucket is not None and pool.name is not None and reply.bucket != pool.name
        hidden = reply.bucket is None and pool.name is None
        if reply.scope not in ("global", "shared") and not reply.remaining:
            self._exhaust_named(ticket, queue, reply, delay, now)
        if reply.scope == "global":
            if ticket.hold is not None:
                ticket.hold.unsend(ticket.sent)
            self._close_global(lane, delay, now)
        elif reply.scope == "shared" or foreign or hidden or reply.remaining:
            shared = reply.scope == "shared"
            if reply.remaining and not foreign and not shared:
                bucket.remaining = min(bucket.remaining, reply.remaining)
            queues = siblings(queue) if shared or foreign or hidden else [queue]
            for one in queues:
                one.hold = one.hold or Hold()
                one.hold.refuse(now, delay, ticket.sent, shared=shared, counted=ticket.hold is one.hold)
            cause: Cause = "shared" if shared else "sublimit"
            self._fail_all(queues, now + delay, Refusal(cause, delay, pool.name), now)
        else:
            if ticket.hold is not None:
                ticket.hold.unsend(ticket.sent)
            pool.accused = reply.bucket
            bucket.exhaust(reply, now, delay, ticket.sent, counted=True)
            self._fail_all(pool.queues, bucket.blocked, Refusal("bucket", delay, pool.name), now)

    def _exhaust_named(self, ticket: Ticket, queue: Queue, reply: Reply, delay: float, now: float) -> None:
        """The 429 binds no lane to the bucket that it names, but of that bucket it is a word: its own lanes wait."""
        if reply.bucket is None or reply.bucket == queue.pool.name:
            return
        named = self._known(queue.lane, reply.bucket)  # also where no lane is bound to it yet: one may be, meanwhile
        named.bucket.exhaust(reply, now, delay, ticket.sent, counted=False)
        self._fail_all(named.queues, named.bucket.blocked, Refusal("bucket", delay, named.name), now)
        self._ready(named, now)
        self._retire(named, now)

    def _close_global(self, lane: Lane, delay: float, now: float) -> None:
        gate = self._gate(lane._replace(exempt=False), now)
        gate.uses -= 1
        gate.close(now + delay)
        queues = [one for one in self.queues.values() if one.gate is gate]
        self._fail_all(queues, now + delay, Refusal("global", delay), now)

    def _invalid(self, lane: Lane, now: float) -> None:
        number, budget = self.meter.add(now), self.meter.budget
        if number in REPORTED or number == budget:
            self._emit("invalid", lane, None, None, number)
        if number == budget:
            self._fail_all(self.queues.values(), math.inf, Refusal("invalid", self.meter.opens(now) - now), now)

    # ---- ends

    def _call_back(self, ticket: Ticket, now: float) -> Ticket:
        """An interaction's first answer waits for nothing; under a ban it is refused at once (L13, L17)."""
        opens = self.ban.opens(now)
        if opens != now:
            return self._refuse(ticket, Refusal("ban", None if opens is None else opens - now))
        ticket.state, ticket.sent = "sent", now
        self.settled.append(ticket)
        return ticket

    def _end_wait(self, ticket: Ticket, queue: Queue, refusal: Refusal | None, now: float) -> None:
        self._fail(ticket, refusal)
        self._offer(queue, now)
        self._retire(queue.pool, now)

    def _due(self, ticket: Ticket, now: float) -> None:
        queue = ticket.queue
        assert queue is not None
        if ticket.state == "waiting":
            wait, cause = self._estimate(ticket.lane, queue, now, 1)
            self._end_wait(ticket, queue, Refusal(cause, wait or None, queue.pool.name), now)
        elif ticket.state == "lingering":
            self._haunt(queue, -1)
            self._drop(ticket, queue, now, sent=True)

    def _drop(self, ticket: Ticket, queue: Queue, now: float, *, sent: bool) -> None:
        ticket.state = "over"
        self._release(queue)
        if sent:
            if ticket.hold is not None:
                ticket.hold.lose(now, ticket.sent)
            for pool in (queue.pool, *queue.also):
                pool.bucket.lose(now)
        else:
            queue.gate.unsend(ticket.sent)
            if ticket.hold is not None:
                ticket.hold.unsend(ticket.sent)
            self._pump(queue.gate, now)
        self._refresh(queue, now)

    # ---- looking ahead and telling

    def _estimate(self, lane: Lane, queue: Queue | None, now: float, place: int) -> tuple[float, Cause]:
        """Seconds until the waiter at that place of the bucket is sent, and what it waits for the longest."""
        wait = 0.0
        cause: Cause = "wait"
        if self.ban.strikes and (when := self.ban.opens(now)) is not None and when > now:
            wait, cause = when - now, "ban"
        if queue is not None and (queue.hold is not None or queue.also):
            when = self._opens(queue, now)
            if when is not None and when - now > wait:
                wait, cause = when - now, "shared" if queue.hold and queue.hold.shared else "sublimit"
        if not lane.callback:
            pool = self._pool_of(lane) if queue is None else queue.pool
            gate = self.gates.get((lane.auth, lane.exempt)) if queue is None else queue.gate
            if pool is not None and (when := pool.bucket.when(now, place)) is not None and when - now > wait:
                wait, cause = when - now, "bucket"
            if gate is not None and (free := gate.opens(now)) - now > wait:
                wait, cause = free - now, "global"
        return wait, cause

    def _pool_of(self, lane: Lane) -> Pool | None:
        facts = self._facts.get(lane[:4])
        return None if facts is None or facts.hash is None else self.pools.get((lane.auth, facts.hash, lane.major))

    def _emit(
        self,
        kind: Literal["wait", "limited", "ban", "invalid"],
        lane: Lane,
        bucket: str | None,
        scope: str | None,
        delay: float,
    ) -> None:
        if self.on_event is not None:
            self.on_event(Event(kind, lane.method, lane.template, bucket, scope, delay))
