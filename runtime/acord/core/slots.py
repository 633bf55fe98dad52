"""Places for the requests that one transport has under way, so that nobody waits in the HTTP library's own queue."""

import asyncio
from collections import deque
from typing import Any, Final

from acord.core.errors import TransportError

__all__ = ["Slots", "read_less"]

_RECEIVED: Final = 64 << 10  # bytes asked for at a time


def read_less(transport: Any) -> None:
    """Have asyncio's own transport of a plain socket ask for 64 KiB at a time.

    By itself it asks for 256, and memory of that size is taken from the system and given back for each small answer:
    measured, half of what a request costs that is read and written without any HTTP.
    """
    if hasattr(transport, "max_size"):
        transport.max_size = _RECEIVED


class Slots:
    """``size`` places, given out in order.  A request that waits in a library's queue can be lost there; here it
    has not been sent, and that is known."""

    __slots__ = ("_closings", "_free", "_size", "_waiting")

    def __init__(self, size: int) -> None:
        self._size = self._free = size
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closings = 0

    def take_now(self) -> bool:
        """Whether a place was free, and is taken."""
        if self._free:
            self._free -= 1
            return True
        return False

    async def take(self, timeout: float | None, deadline: float | None) -> float | None:
        """Seconds that the exchange may take; None without end.  What was taken is given back by `give`.

        Raises `TransportError` (not sent) where no place becomes free in time, or `end` was called meanwhile.
        """
        if self.take_now():
            return timeout if deadline is None or (timeout is not None and timeout < deadline) else deadline
        clock = asyncio.get_running_loop().time
        begun, closings = clock(), self._closings
        await self._wait(timeout if deadline is None else deadline)
        if closings != self._closings:
            self.give()
            raise TransportError("the connections were closed by this client", outcome="not_sent")
        if deadline is None:
            return timeout
        left = begun + deadline - clock()
        return left if timeout is None else min(left, timeout)

    async def _wait(self, patience: float | None) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(patience):
                await turn
        except BaseException as exc:
            if turn.done() and not turn.cancelled():
                self.give()  # it came in the very moment in which nobody wanted it any more
            elif turn in self._waiting:
                self._waiting.remove(turn)
            if isinstance(exc, TimeoutError):
                reason = f"none of {self._size} connections became free within {patience:g} s"
                raise TransportError(reason, outcome="not_sent") from exc
            raise

    def give(self) -> None:
        """A place is free again."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def end(self) -> None:
        """Who waits must not begin: the connections are being closed."""
        self._closings += 1
