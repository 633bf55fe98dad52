"""Measuring what must be quick, on machines that are not."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

__all__ = ["Stopwatch", "grows_no_faster", "stopwatch"]

STEP = 0.02


class Stopwatch:
    """Seconds since it was started, but for those that the machine kept this process waiting."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._late = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun - self._late

    async def run(self) -> None:
        """Notices for how long nobody was let go on: what comes late to us comes late to the program we wait for."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(STEP)
            self._late += max(0.0, time.monotonic() - before - 2 * STEP)


@asynccontextmanager
async def stopwatch() -> AsyncIterator[Stopwatch]:
    """Runs while the block does, whose tasks must leave the event loop alone meanwhile."""
    made = Stopwatch()
    running = asyncio.ensure_future(made.run())
    try:
        yield made
    finally:
        running.cancel()


def grows_no_faster(cost: Callable[[int], float], few: int, many: int, *, factor: float, tries: int = 5) -> bool:
    """Whether ``cost(many)`` is at most so many times ``cost(few)``, each in CPU seconds and the best of some tries.

    Other programs spoil a try; what costs too much does so every time.
    """
    small = large = float("inf")
    for _ in range(tries):
        small, large = min(small, cost(few)), min(large, cost(many))
        if large <= factor * small:
            return True
    return False
