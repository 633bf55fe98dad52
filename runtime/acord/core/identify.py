"""Leave to identify: one Identify per key and five seconds.

The gate is a small interface, so that many processes with one token can share one.
"""

import asyncio
import math
import random as _random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from acord.core.clock import Clock, SystemClock

__all__ = ["Gate", "IdentifyBudget", "IdentifyGate", "Leave", "ThriftyGate"]

EVERY: Final = 5.0  # seconds between two Identifies of a key (Events > Gateway > Max Concurrency)
JITTER: Final = 0.5  # seconds added at most (ours)
DAY: Final = 86_400.0  # seconds in which the number of Identifies is counted (Gateway > Session Start Limit)


class Leave(Protocol):
    """Permission to identify once.  Exactly one of the two ends it."""

    def written(self) -> None:
        """Identify has been written."""
        ...

    def cancel(self) -> None:
        """It will not be."""
        ...


class Gate(Protocol):
    """Who gives leave."""

    async def acquire(self, shard_id: int) -> Leave:
        """Wait for this shard's turn."""
        ...


class IdentifyGate:
    """The gate of one process: shards of one key in the order in which they asked, five seconds apart.

    Source: Discord docs, Events > Gateway > Max Concurrency.
    """

    def __init__(
        self,
        max_concurrency: int = 1,
        *,
        clock: Clock | None = None,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self.max_concurrency = max_concurrency
        self._clock: Clock = clock or SystemClock()
        self._random = random
        self._turns: dict[int, asyncio.Lock] = {}
        self._free_at: dict[int, float] = {}

    async def acquire(self, shard_id: int) -> Leave:
        key = shard_id % self.max_concurrency
        turn = self._turns.setdefault(key, asyncio.Lock())
        await turn.acquire()
        try:
            while (wait := self._free_at.get(key, 0.0) - self._clock.monotonic()) > 0:
                await self._clock.sleep(wait)
        except BaseException:
            turn.release()
            raise
        return _Leave(self, key, turn)

    def spent(self, key: int) -> None:
        """An Identify of this key was written now."""
        self._free_at[key] = self._clock.monotonic() + EVERY + JITTER * self._random()


class _Leave:
    def __init__(self, gate: IdentifyGate, key: int, turn: asyncio.Lock) -> None:
        self._gate, self._key, self._turn = gate, key, turn
        self._over = False

    def written(self) -> None:
        if not self._over:
            self._gate.spent(self._key)
        self.cancel()

    def cancel(self) -> None:
        if not self._over:
            self._over = True
            self._turn.release()


@dataclass(slots=True)
class IdentifyBudget:
    """The Identifies that are left of a day.  No I/O; times are seconds of one monotonic clock.

    Above the day's number Discord ends all sessions and resets the token, so the last of them stay unused.

    Source: Discord docs, Events > Gateway > Identifying; Gateway > Get Gateway Bot > Session Start Limit Object.
    """

    reserve: float = 0.05
    """The part of the day's number that is never used."""
    total: int | None = None
    """None: nobody has said."""
    remaining: int = 0
    resets_at: float = 0.0

    def told(self, total: int, remaining: int, reset_after: float, now: float) -> None:
        """What Discord says now; `reset_after` in seconds."""
        self.total, self.remaining, self.resets_at = total, remaining, now + reset_after

    def spend(self, now: float) -> None:
        """An Identify was written."""
        self.renew(now)
        self.remaining -= 1

    def renew(self, now: float) -> None:
        """Begin a new day where the old one is over."""
        if self.total is not None and now >= self.resets_at:
            self.remaining, self.resets_at = self.total, self.resets_at + DAY

    @property
    def floor(self) -> int:
        """How many are kept."""
        return math.ceil((self.total or 0) * self.reserve)

    def available(self, now: float) -> float:
        """How many may still be used; infinite where nobody has said."""
        if self.total is None:
            return math.inf
        self.renew(now)
        return max(0, self.remaining - self.floor)


class ThriftyGate:
    """A gate that lets nobody through while the day's Identifies are used up but for the reserve."""

    def __init__(
        self,
        gate: Gate,
        budget: IdentifyBudget,
        *,
        clock: Clock,
        on_written: Callable[[int], object] = lambda shard_id: None,
        on_spent: Callable[[float], object] = lambda seconds: None,
    ) -> None:
        """`on_written` is told of each shard whose Identify was written, `on_spent` how long none can be."""
        self.budget = budget
        self._gate, self._clock = gate, clock
        self._on_written, self._on_spent = on_written, on_spent
        self._promised = 0  # leaves that are out and not ended

    async def acquire(self, shard_id: int) -> Leave:
        while True:
            now = self._clock.monotonic()
            if self.budget.available(now) > self._promised:
                break
            wait = self.budget.resets_at - now
            self._on_spent(wait)
            await self._clock.sleep(max(wait, 1.0))
        self._promised += 1
        try:
            leave = await self._gate.acquire(shard_id)
        except BaseException:
            self._promised -= 1
            raise
        return _Counted(self, leave, shard_id)

    def ended(self, shard_id: int, *, written: bool) -> None:
        """A leave was used, or was not."""
        self._promised -= 1
        if written:
            self.budget.spend(self._clock.monotonic())
            self._on_written(shard_id)


class _Counted:
    def __init__(self, gate: ThriftyGate, leave: Leave, shard_id: int) -> None:
        self._gate, self._leave, self._shard_id = gate, leave, shard_id
        self._over = False

    def written(self) -> None:
        self._leave.written()
        self._end(written=True)

    def cancel(self) -> None:
        self._leave.cancel()
        self._end(written=False)

    def _end(self, *, written: bool) -> None:
        if not self._over:
            self._over = True
            self._gate.ended(self._shard_id, written=written)
