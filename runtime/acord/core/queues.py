"""Queues over buckets and gates: which ticket goes next.  No I/O, no clock: what replies mean is `scheduler`'s.

A *ticket* is one request. It waits in the queue of its lane; every queue spends from the bucket of one pool; every pool
offers the oldest ticket of its queues to the global gate of its credential; the gate grants the oldest of all. Each
offer is an entry in a heap that is dropped when it no longer holds, so that a wake-up costs O(log n).
"""

import math
from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final

from acord.core.gates import BanGate
from acord.core.lanes import Lane
from acord.core.tickets import Gate, Pool, Queue, Refusal, Ticket

__all__ = ["Queues"]

LINGER: Final = 2.0  # seconds after sending during which a request that nobody waits for may still be counted
IDLE: Final = 1.0  # seconds for which an unused queue is kept, so that one request after the other finds it again


class Queues:
    """The mechanism. ``settled`` receives every ticket that was granted or refused, for the shell to drain."""

    def __init__(self) -> None:
        self.settled: list[Ticket] = []
        self.waiting = self.flying = 0
        self.ban = BanGate()
        self.pools: dict[tuple[str, ...], Pool] = {}
        self.queues: dict[Lane, Queue] = {}
        self.gates: dict[tuple[str, bool], Gate] = {}
        self._numbers = count()
        self.timers: list[tuple[float, int, Ticket | Queue | Pool | Gate]] = []
        self.sweeps: list[tuple[float, int, Pool]] = []

    # ---- time

    def advance(self, now: float) -> None:
        """Does what has become due."""
        timers = self.timers
        while timers and timers[0][0] <= now:
            when, _, subject = heappop(timers)
            if isinstance(subject, Ticket):
                self._due(subject, now)
            elif subject.timer == when:
                subject.timer = math.inf
                if isinstance(subject, Queue):
                    self._offer(subject, now)
                elif isinstance(subject, Pool):
                    self._ready(subject, now)
                else:
                    self._pump(subject, now)
        sweeps = self.sweeps
        while sweeps and sweeps[0][0] <= now:
            _, _, pool = heappop(sweeps)
            pool.sweep = math.inf
            self._sweep(pool, now)

    def wake_at(self) -> float | None:
        """When `advance` is due next; None while nothing waits."""
        timers = self.timers
        while self.waiting and timers:
            when, _, subject = timers[0]
            if _live(when, subject):
                return when
            heappop(timers)
        return None

    def _arm(self, subject: Ticket | Queue | Pool | Gate, when: float | None) -> None:
        if when is None or when == math.inf:
            return
        if not isinstance(subject, Ticket):
            if when >= subject.timer:
                return
            subject.timer = when
        heappush(self.timers, (when, next(self._numbers), subject))
        if len(self.timers) > 1024 + 4 * (self.waiting + self.flying + len(self.queues) + len(self.pools)):
            # Tickets that did not need their time would otherwise stay until it has passed.
            self.timers = [entry for entry in self.timers if _live(entry[0], entry[2])]
            heapify(self.timers)

    def _due(self, ticket: Ticket, now: float) -> None:
        raise NotImplementedError

    # ---- offers

    def at_once(self, lane: Lane, now: float) -> Ticket | None:
        """A ticket that is granted on the spot; None, and nothing done, where anything has to be looked into.

        What `advance`, offers and grants would come to where nobody waits before this request.
        """
        timers, sweeps = self.timers, self.sweeps
        if (timers and timers[0][0] <= now) or (sweeps and sweeps[0][0] <= now) or self.ban.strikes:
            return None
        queue = self.queues.get(lane)
        if queue is None or queue.hold is not None or queue.also or lane.callback:
            return None
        pool, gate = queue.pool, queue.gate
        if pool.waiting or pool.guests or gate.ready or pool.bucket.room(now) <= 0 or gate.opens(now) != now:
            return None
        ticket = Ticket(lane, (0, next(self._numbers)), math.inf)
        ticket.queue, ticket.state, ticket.sent = queue, "sent", now
        gate.send(now)
        self.flying += 1
        queue.flying += 1
        pool.bucket.inflight += 1
        return ticket

    def _offer(self, queue: Queue, now: float) -> None:
        """Puts the head of the queue before its bucket, if nothing but the bucket and what follows is in its way."""
        heap, pool = queue.heap, queue.pool
        while heap and heap[0][1].state != "waiting":
            heappop(heap)
        if not heap:
            queue.offered = None
        elif (queue.hold is not None or queue.also) and (opens := self._opens(queue, now)) != now:
            queue.offered = None
            self._arm(queue, opens)
        elif queue.offered != (key := heap[0][0]):
            queue.offered = key
            heappush(pool.heap, (key, queue))
        self._ready(pool, now)

    def _opens(self, queue: Queue, now: float) -> float | None:
        """When the hold and the other buckets of the queue let a request through; None where only a reply can tell."""
        hold = queue.hold
        opens: float | None = now
        if hold is not None:
            if hold.lapsed(now):
                queue.hold = None
            else:
                opens = hold.opens(now)
        for pool in queue.also:
            if opens == now and pool.bucket.room(now) <= 0:
                opens = pool.bucket.wake(now)
        return opens

    def _ready(self, pool: Pool, now: float) -> None:
        """Puts the oldest ticket of a bucket before the global gate, if the bucket has room."""
        heap = pool.heap
        while heap:
            key, queue = heap[0]
            if queue.offered == key and queue.pool is pool:
                break
            heappop(heap)
        else:
            pool.offered = None
            return
        if pool.bucket.room(now) <= 0:
            pool.offered = None
            self._arm(pool, pool.bucket.wake(now))
            return
        gate = queue.gate
        if pool.offered != key:
            pool.offered = key
            heappush(gate.ready, (key, pool))
        if not gate.pumping:
            self._pump(gate, now)

    def _pump(self, gate: Gate, now: float) -> None:
        """Grants what the gate allows, oldest first."""
        ready = gate.ready
        gate.pumping = True
        while ready:
            key, pool = ready[0]
            if pool.offered != key:
                heappop(ready)
                continue
            opens = self.ban.opens(now) if self.ban.strikes else now
            if opens == now:
                opens = gate.opens(now)
            if opens != now:
                self._arm(gate, opens)
                break
            heappop(ready)
            pool.offered = None
            queue = pool.heap[0][1]
            if queue.offered == key and queue.pool is pool and queue.gate is gate and pool.bucket.room(now) > 0:
                heappop(pool.heap)
                queue.offered = None
                self._grant(heappop(queue.heap)[1], queue, now)
                self._offer(queue, now)
            else:
                self._ready(pool, now)
        gate.pumping = False

    def _pump_all(self, now: float) -> None:
        for gate in tuple(self.gates.values()):
            self._pump(gate, now)

    def _grant(self, ticket: Ticket, queue: Queue, now: float) -> None:
        ticket.state, ticket.sent = "sent", now
        self._count(queue, -1)
        queue.gate.send(now)
        self.flying += 1
        self._fly(queue, 1)
        if queue.hold is not None:
            ticket.hold = queue.hold
            queue.hold.send(now)
        if self.ban.strikes:
            self.ban.trying = True
        self.settled.append(ticket)

    def _release(self, queue: Queue) -> None:
        self.flying -= 1
        self._fly(queue, -1)

    def _refresh(self, queue: Queue, now: float) -> None:
        """After something that a queue or its buckets wait for; those that it moved out of know already."""
        pool = queue.pool
        alone = not (pool.guests or queue.also)
        if pool.waiting or not alone:
            self._offer(queue, now)
        if alone:
            self._retire(pool, now)
            return
        for one in (pool, *queue.also):
            self._wake(one, now)

    def _wake(self, pool: Pool, now: float) -> None:
        """A bucket may have room now: for its own queues, and for those that only send when it has some."""
        self._ready(pool, now)
        for guest in pool.guests:
            self._offer(guest, now)
        self._retire(pool, now)

    # ---- counting and moving

    def _count(self, queue: Queue, change: int) -> None:
        queue.waiting += change
        queue.pool.waiting += change
        self.waiting += change

    def _fly(self, queue: Queue, change: int) -> None:
        queue.flying += change
        queue.pool.bucket.inflight += change
        for pool in queue.also:
            pool.bucket.inflight += change

    def _move(self, queue: Queue, pool: Pool, also: tuple[Pool, ...], now: float) -> None:
        """Lets the queue, and what it has in flight, spend from other buckets. The order is in the tickets' keys."""
        old, left = queue.pool, queue.also
        self._ask(queue, ())
        for one, sign in ((old, -1), (pool, 1)):
            one.bucket.inflight += sign * queue.flying
            one.bucket.ghosts += sign * queue.ghosts
            one.waiting += sign * queue.waiting
        old.queues.remove(queue)
        pool.queues.append(queue)
        queue.pool, queue.offered = pool, None
        self._ask(queue, also)
        self._offer(queue, now)
        for one in (old, *left):
            self._wake(one, now)

    @staticmethod
    def _haunt(queue: Queue, change: int) -> None:
        """Counts a request that is in flight for the server alone."""
        queue.ghosts += change
        queue.pool.bucket.ghosts += change

    @staticmethod
    def _ask(queue: Queue, pools: tuple[Pool, ...]) -> None:
        """The queue sends only when these have room, too, and spends from them as well."""
        for pool in queue.also:
            pool.bucket.inflight -= queue.flying
            pool.guests = tuple(one for one in pool.guests if one is not queue)
        queue.also = pools
        for pool in pools:
            pool.bucket.inflight += queue.flying
            pool.guests = (*(one for one in pool.guests if one is not queue), queue)

    # ---- ends

    def _refuse(self, ticket: Ticket, refusal: Refusal) -> Ticket:
        ticket.state, ticket.refusal = "over", refusal
        self.settled.append(ticket)
        return ticket

    def _fail(self, ticket: Ticket, refusal: Refusal | None) -> None:
        """Takes a waiting ticket out. Its entry stays until it comes up or half of the queue is such entries."""
        queue = ticket.queue
        assert queue is not None
        self._count(queue, -1)
        ticket.state = "over"
        if refusal is not None:
            self._refuse(ticket, refusal)
        if len(queue.heap) > 64 and queue.waiting < len(queue.heap) // 2:
            queue.heap = [entry for entry in queue.heap if entry[1].state == "waiting"]
            heapify(queue.heap)

    def _fail_all(self, queues: Iterable[Queue], until: float, refusal: Refusal, now: float) -> None:
        """Refuses what waits in these queues and may not wait until then. No end means everything."""
        for queue in [one for one in queues if one.waiting]:
            for _, ticket in tuple(queue.heap):
                if ticket.state == "waiting" and (until == math.inf or ticket.limit < until):
                    self._fail(ticket, refusal)
            self._offer(queue, now)
            self._retire(queue.pool, now)

    def _retire(self, pool: Pool, now: float) -> None:
        """Plans to forget a bucket when nothing uses it and it would equal a fresh one (L18)."""
        if not pool.waiting and not pool.bucket.inflight and pool.sweep == math.inf:
            pool.sweep = max(now + IDLE, _needed(pool))
            heappush(self.sweeps, (pool.sweep, next(self._numbers), pool))

    def _sweep(self, pool: Pool, now: float) -> None:
        if pool.waiting or pool.bucket.inflight or self.pools.get(pool.key) is not pool:
            return
        if pool.guests or now < _needed(pool):
            self._retire(pool, now)
            return
        del self.pools[pool.key]
        for queue in pool.queues:
            self._ask(queue, ())
            del self.queues[queue.lane]
            queue.facts.probing.pop(queue, None)
            queue.gate.uses -= 1
        pool.queues.clear()  # each holds the other: so that nobody has to look for them later


def _live(when: float, subject: Ticket | Queue | Pool | Gate) -> bool:
    """Whether a timer's entry still stands."""
    if isinstance(subject, Ticket):
        return subject.state == "waiting" or subject.state == "lingering"
    return subject.timer == when


def _needed(pool: Pool) -> float:
    """Until when the pool holds knowledge that a fresh one would lack."""
    needed = pool.bucket.idle_at()
    for queue in pool.queues:
        if queue.hold is not None:
            needed = max(needed, queue.hold.forget)
    return needed
