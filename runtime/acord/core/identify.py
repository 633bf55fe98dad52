"""Leave to identify: one Identify per key and five seconds.

The gate is a small interface, so that many processes with one token can share one.
"""

import asyncio
import random as _random
from collections.abc import Callable
from typing import Final, Protocol

from acord.core.clock import Clock, SystemClock

__all__ = ["Gate", "IdentifyGate", "Leave"]

EVERY: Final = 5.0  # seconds between two Identifies of a key (Events > Gateway > Max Concurrency)
JITTER: Final = 0.5  # seconds added at most (ours)


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
