"""What replies teach the rate limiter of routes and buckets.  No I/O, no clock.

Rules are named as in `scheduler`: L2 is how a hash is learned, L3 what to do where it alternates, L4 what is done
while nothing is known, L6 how a reply's numbers are taken over.
"""

import math
from typing import Final

from acord.core.buckets import Bucket, Reply
from acord.core.gates import Hold
from acord.core.lanes import Lane
from acord.core.queues import LINGER, Queues
from acord.core.tickets import Gate, Pool, Queue, RouteFacts, Ticket

__all__ = ["Knowledge", "siblings"]

UNLIMITED_FOR: Final = 600.0  # seconds for which a route that sent no headers is believed to have no limit (L4)
_ROUTES: Final = 20_000  # templates known at once: routes bound it, but for credentials that change
_GATES: Final = 256  # gates above which unused ones are dropped


class Knowledge(Queues):
    """Which bucket a lane spends from, as far as replies have told."""

    def __init__(self, global_limit: float) -> None:
        super().__init__()
        self.global_limit = global_limit
        self._facts: dict[tuple[object, ...], RouteFacts] = {}
        self._shapes: dict[tuple[str, str], Bucket] = {}

    # ---- queues and what they spend from

    def _queue(self, lane: Lane, now: float) -> Queue:
        name = lane[:4]
        facts = self._facts.get(name)
        if facts is None:
            if len(self._facts) >= _ROUTES:
                del self._facts[next(iter(self._facts))]
            facts = self._facts[name] = RouteFacts()
        if facts.hash is not None:
            pool = self._known(lane, facts.hash)
        else:
            key = lane[:5]
            pool = self.pools.get(key) or Pool(key, Bucket(math.inf if now < facts.unlimited else None), None)
            self.pools[key] = pool
        queue = self.queues[lane] = Queue(lane, facts, self._gate(lane, now), pool)
        pool.queues.append(queue)
        if facts.hash is None:
            facts.probing[queue] = None
        else:
            self._ask(queue, self._others(queue))
        return queue

    def _gate(self, lane: Lane, now: float) -> Gate:
        key = (lane.auth, lane.exempt)
        gate = self.gates.get(key)
        if gate is None:
            if len(self.gates) >= _GATES:
                for other in [one for one, gate in self.gates.items() if not gate.uses and gate.idle(now)]:
                    del self.gates[other]
            gate = self.gates[key] = Gate(math.inf if lane.exempt else self.global_limit)
        gate.uses += 1
        return gate

    def _known(self, lane: Lane, name: str) -> Pool:
        """The pool of a hash; a new one is full, of the size last seen (L4)."""
        key = (lane.auth, name, lane.major)
        pool = self.pools.get(key)
        if pool is None:
            shape = self._shapes.get((lane.auth, name))
            bucket = Bucket(1)
            pool = self.pools[key] = Pool(key, bucket if shape is None else bucket.like(shape), name)
        return pool

    def _others(self, queue: Queue) -> tuple[Pool, ...]:
        """One route seen in several buckets in turn: which one a request falls into is unknown, so ask all (L3)."""
        facts = queue.facts
        if not facts.alternates:
            return ()
        return tuple([self._known(queue.lane, name) for name in facts.hashes if name != facts.hash])

    # ---- replies

    def _learn(self, ticket: Ticket, queue: Queue, reply: Reply, now: float) -> None:
        """A reply that is no 429 (L2, L4, L6)."""
        pool, status = queue.pool, reply.status
        if reply.bucket is not None and reply.bucket != pool.name and status != 401 and status < 500:
            self._bind(ticket, queue, reply.bucket, reply, now)
        elif pool.name is None:
            if 200 <= status < 300 and not reply.limited:
                queue.facts.unlimited = now + UNLIMITED_FOR
                for one in tuple(queue.facts.probing):
                    one.pool.bucket.limit = math.inf
                    self._ready(one.pool, now)
        elif reply.limited and reply.bucket in (None, pool.name):
            pool.bucket.apply(reply, now, ticket.sent)
            self._shapes[queue.lane.auth, pool.name] = pool.bucket
        else:
            pool.bucket.lose(now)

    def _bind(self, ticket: Ticket, queue: Queue, name: str, reply: Reply, now: float) -> None:
        """A reply names another bucket than the lane's. Never for a 429: its hash may be another layer's (L2)."""
        facts, lane = queue.facts, queue.lane
        if facts.hash != name and name in facts.hashes:
            facts.alternates = True
        if name not in facts.hashes:
            facts.hashes = (*facts.hashes, name)[-3:]
        facts.hash = name
        alike = siblings(queue)
        if queue.pool.accused not in (None, name):
            # The 429 of a probe was another layer's, after all.
            for one in alike:
                one.hold = one.hold or Hold()
            if queue.hold is not None and ticket.hold is None:
                queue.hold.begin(ticket.sent, now)
        pool = self._known(lane, name)
        # First the numbers, then the queues that will spend by them. A 429's wait that is over must not let another one
        # through after them.
        pool.bucket.room(now)
        pool.bucket.apply(reply, now, ticket.sent)
        probe = queue.pool.bucket
        if ticket.sent < probe.lost_at:
            # This reply may be older than what a lost request spent.
            for _ in range(probe.lost):
                pool.bucket.lose(now)
        probe.lost = 0
        if len(self._shapes) >= _ROUTES:
            del self._shapes[next(iter(self._shapes))]
        self._shapes[lane.auth, name] = pool.bucket
        probing, facts.probing = facts.probing, {}
        for one in alike:
            self._move(one, pool, self._others(one), now)
        # Queues with other majors know their hash now, too; those on another hash move by their own replies.
        for one in probing:
            if one.pool.name is None:
                target = self._known(one.lane, name)
                self._inherit(one, target, now)
                self._move(one, target, (), now)

    @staticmethod
    def _inherit(queue: Queue, target: Pool, now: float) -> None:
        """What the queue's probes had met holds for the bucket that it moves to."""
        old = queue.pool.bucket
        for _ in range(old.lost):
            target.bucket.lose(now)
        old.lost = 0
        foreign = queue.pool.accused not in (None, target.name)
        if foreign:
            queue.hold = queue.hold or Hold()
        if now < old.blocked:
            if queue.hold is not None and foreign:
                queue.hold.refuse(now, old.blocked - now, now - LINGER, shared=False, counted=False)
            else:
                target.bucket.close(old.blocked)


def siblings(queue: Queue) -> list[Queue]:
    """Queues of the same lane that differ only in the keys of the body."""
    return [one for one in queue.pool.queues if one.facts is queue.facts and one.lane.major == queue.lane.major]
