"""Virtual time: the running event loop's clock jumps to the next timer as soon as nothing else can happen.

Both ends of a test's sockets live in this process, and loopback delivers while `send` runs: when the selector
has nothing to tell, no answer is on its way, and only a timer can go on. So tests wait for no wall clock, and a
wait of an hour takes as long as one of a millisecond.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

__all__ = ["VirtualTime", "virtual_time"]

GRACE = 0.004  # seconds that the selector really waits before time jumps, for a kernel under load
LOOKS = 5  # so often it waits again where it was woken late: what kept us may keep the kernel from delivering, too


class VirtualTime:
    """The clock of a client under test, one with its event loop's: ``clock=`` of whatever takes one."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = self.begun = now
        """Seconds."""
        self.slept: list[float] = []
        """What was slept through this clock: pauses of the client, waits of the limiter."""

    @property
    def passed(self) -> float:
        """Seconds since the test began."""
        return self.now - self.begun

    def monotonic(self) -> float:
        """Now, in seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Returns when the time has come; others go on meanwhile."""
        self.slept.append(seconds)
        await asyncio.sleep(max(0.0, seconds))


@contextmanager
def virtual_time() -> Generator[VirtualTime]:
    """The time of the running loop, until the block ends.

    RuntimeError where the loop is not asyncio's own with a selector: its time cannot be had.
    """
    loop: Any = asyncio.get_running_loop()
    if not hasattr(loop, "_selector"):
        raise RuntimeError(f"virtual time needs asyncio's selector event loop, not {type(loop).__name__}")
    time, selector = VirtualTime(), loop._selector
    select, run_in_executor, real = selector.select, loop.run_in_executor, loop.time
    threads = 0

    def jump(timeout: float | None) -> Any:
        events = select(0)
        if events or timeout == 0:
            return events
        if timeout is None or threads:
            return select(None if timeout is None else 0.02)  # a thread at work ends by itself
        for _ in range(LOOKS):
            begun = perf_counter()
            if events := select(GRACE):
                return events
            if perf_counter() - begun < 2 * GRACE:
                break
        time.now += timeout
        return events

    def counted(*args: Any) -> Any:
        nonlocal threads

        def over(_: object) -> None:
            nonlocal threads
            threads -= 1

        threads += 1
        future = run_in_executor(*args)
        future.add_done_callback(over)
        return future

    selector.select, loop.run_in_executor, loop.time = jump, counted, lambda: time.now
    loop.is_virtual = True
    try:
        yield time
    finally:
        del selector.select, loop.run_in_executor, loop.is_virtual
        loop.time = real
