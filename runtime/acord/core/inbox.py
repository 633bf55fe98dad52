"""Events that wait for the user: bounded in bytes, and what has been dealt with is known."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from acord.core.dispatch import Dispatch
from acord.core.errors import GatewayError
from acord.core.intake import Readers, Table

__all__ = ["Inbox"]


class _Everything:
    """One reads whatever comes."""

    def __init__(self) -> None:
        self.table = Table(others=("the reader",))


_EVERYTHING: Final = _Everything()


class Inbox:
    """A queue for one reader.  It never refuses an event; it says when reading should pause."""

    def __init__(self, bound: int, *, on_full: Callable[[], object], on_room: Callable[[], object]) -> None:
        """`on_full` is called when more than `bound` bytes wait, `on_room` when half of that do again."""
        self.is_full = False
        self.size = 0
        self.readers: Readers = _EVERYTHING
        self._bound, self._on_full, self._on_room = bound, on_full, on_room
        # Each event with its size and the session it belongs to.
        self._events: deque[tuple[Dispatch, int, int]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._session = 0
        self._first: int | None = None
        self._taken: tuple[int, int | None] = (0, None)
        self._handled: tuple[int, int | None] = (0, None)
        self._over = False
        self._error: BaseException | None = None

    def __len__(self) -> int:
        return len(self._events)

    def hand(self, dispatch: Dispatch, readers: tuple[object, ...], size: int) -> None:
        self.put(dispatch, size)

    def put(self, dispatch: Dispatch, size: int, *, begins: bool = False) -> None:
        """Add an event; one that `begins` a session starts its own count of what is dealt with."""
        if begins:
            self._session += 1
            self._first = dispatch.seq
        self._events.append((dispatch, size, self._session))
        self.size += size
        self._wake()
        if self.size > self._bound and not self.is_full:
            self.is_full = True
            self._on_full()

    async def get(self) -> Dispatch:
        """The next event; the one before is dealt with.

        Raises the error that it was ended with, `StopAsyncIteration` where there was none.
        """
        if self._taken[1] is not None:
            self._handled = self._taken
        while not self._events:
            if self._error is not None:
                raise self._error
            if self._over:
                raise StopAsyncIteration
            if self._waiter is not None:
                raise GatewayError("somebody else waits for the next event of this shard already")
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        dispatch, size, session = self._events.popleft()
        self._taken = session, dispatch.seq
        self.size -= size
        if self.is_full and self.size <= self._bound // 2:
            self.is_full = False
            self._on_room()
        return dispatch

    @property
    def handled(self) -> int | None:
        """The last event of this session that was dealt with; its first where none was, None where none came."""
        session, seq = self._handled
        return seq if session == self._session else self._first

    def end(self, error: BaseException | None) -> None:
        """No more events will come.  With an error, those that wait can still be had; without, they are dropped."""
        if self._over:
            return
        self._over, self._error = True, error
        if error is None:
            self._events.clear()
            self.size = 0
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
