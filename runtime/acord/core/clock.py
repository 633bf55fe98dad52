"""Time as an argument: what waits gets a clock, so that tests need not."""

from time import monotonic
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """Where seconds come from. Wall time is no part of it: it steps, and servers' clocks differ from ours."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never runs backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Returns after that many seconds; other tasks run meanwhile, at least once even for 0 or less."""
        ...


class SystemClock:
    """The machine's monotonic clock and the running event loop's sleep."""

    __slots__ = ()

    def monotonic(self) -> float:
        return monotonic()

    async def sleep(self, seconds: float) -> None:
        # Whoever builds routes imports this floor, too, and has no use for an event loop.
        import asyncio

        await asyncio.sleep(max(0.0, seconds))
