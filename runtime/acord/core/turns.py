"""The order in which the shards of a fleet connect: those that identify in turn, those that resume spread out."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
from typing import Any, Final, Protocol

from acord.core.actions import Changed
from acord.core.clock import Clock

__all__ = ["Turns"]

STAGGER: Final = 0.05  # seconds for each shard over which resumes are spread, five at most (ours)
PATIENCE: Final = 30.0  # seconds after which the next shard of a key starts though the one before did nothing (ours)
# What a shard has reached when the next of its key may start; "Identify was written" comes beside.
_REACHED: Final = frozenset({"ready", "backoff", "closed", "fatal"})


class Enters(Protocol):
    """A shard, as far as it matters here."""

    async def __aenter__(self) -> Any: ...


class Turns:
    """Who connects when.

    Source: Discord docs, Events > Gateway > Max Concurrency.
    """

    def __init__(
        self, shards: Mapping[int, Enters], concurrency: int, *, clock: Clock, random: Callable[[], float]
    ) -> None:
        self._shards, self._concurrency = shards, concurrency
        self._clock, self._random = clock, random
        self._over = {shard_id: asyncio.Event() for shard_id in shards}

    def all(self, fresh: Collection[int]) -> Iterator[Coroutine[Any, Any, None]]:
        """What is to run for all shards to connect; those in `fresh` have no session to resume."""
        chains: dict[int, list[int]] = {}
        for one in self._shards:
            if one in fresh:
                chains.setdefault(one % self._concurrency, []).append(one)
        for key in sorted(chains):
            yield self._in_turn(chains[key])
        spread = min(5.0, STAGGER * len(self._shards))
        for one in (one for one in self._shards if one not in fresh):
            yield self._later(one, spread * self._random() if len(self._shards) > 1 else 0.0)

    def told(self, shard_id: int, what: Changed) -> None:
        """A shard stands elsewhere."""
        if what.new in _REACHED:
            self.over(shard_id)

    def over(self, shard_id: int) -> None:
        """It has had its turn."""
        if shard_id in self._over:
            self._over[shard_id].set()

    async def _in_turn(self, chain: list[int]) -> None:
        # The shards of a key identify in order: the next connects when the one before has had its turn.
        for shard_id in chain:
            await self._shards[shard_id].__aenter__()
            waiting = asyncio.ensure_future(self._over[shard_id].wait())
            patience = asyncio.ensure_future(self._clock.sleep(PATIENCE))
            try:
                await asyncio.wait((waiting, patience), return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()
                patience.cancel()

    async def _later(self, shard_id: int, seconds: float) -> None:
        await self._clock.sleep(seconds)
        await self._shards[shard_id].__aenter__()
