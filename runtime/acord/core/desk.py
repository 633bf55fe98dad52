"""Between a shard and who reads its events: what is handed to whom, what waits, what has been dealt with."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from acord.core.dispatch import Dispatch
from acord.core.errors import GatewayError
from acord.core.intake import Readers
from acord.core.ledger import Ledger

__all__ = ["Consumer", "Desk", "Queue", "Ticket"]

NEARLY_FULL: Final = 0.8  # of the bound, from which it is said that the program falls behind


class Consumer(Protocol):
    """Who reads events."""

    at_once: bool
    """Whether `call` deals with an event before it returns; else `put` takes it, and ends its ticket later."""

    def call(self, dispatch: Dispatch, /) -> object:
        """Deal with it now.  Raises nothing."""
        ...

    def put(self, dispatch: Dispatch, ticket: "Ticket", /) -> object:
        """Take it."""
        ...


class Ticket:
    """An event that somebody works on; whoever takes it counts one up, and ends it once."""

    __slots__ = ("_desk", "_holders", "_page", "_seq", "_size")

    def __init__(self, desk: "Desk", page: dict[int, None], seq: int | None, size: int) -> None:
        self._desk, self._page, self._seq, self._size = desk, page, seq, size
        self._holders = 1

    def hold(self) -> None:
        self._holders += 1

    def end(self) -> None:
        """One holder is done with it; after the last one it is dealt with."""
        self._holders -= 1
        if not self._holders:
            Ledger.close(self._page, self._seq)
            self._desk.less(self._size)


class Desk:
    """Takes the events of one shard, and hands each to those who read it.  An `intake.Intake`.

    Reading pauses while more than `bound` bytes of events wait or are worked on, until half of that is left.
    """

    def __init__(
        self,
        readers: Readers,
        bound: int,
        *,
        on_full: Callable[[], object],
        on_room: Callable[[], object],
        on_end: Callable[[BaseException | None], object],
        on_crowd: Callable[[int], object] = lambda size: None,
    ) -> None:
        """`on_crowd` is told the bytes that wait when four fifths of the bound are reached, once until they fall."""
        self.is_full = False
        self.size = 0
        self.readers: Readers = readers
        self._bound = bound
        self._on_full, self._on_room, self._on_end, self._on_crowd = on_full, on_room, on_end, on_crowd
        self._crowded = False
        self._ledger = Ledger()

    @property
    def handled(self) -> int | None:
        return self._ledger.handled

    def put(self, dispatch: Dispatch, size: int, *, begins: bool = False) -> None:
        if begins:
            self._ledger.begins(dispatch.s)
        table = self.readers.table
        self.hand(dispatch, table.by_name.get(dispatch.t or dispatch.name, table.others), size)

    def hand(self, dispatch: Dispatch, readers: tuple[Consumer, ...], size: int) -> None:
        """The same for an event whose `readers` are known."""
        ticket: Ticket | None = None
        for consumer in readers:
            if consumer.at_once:
                consumer.call(dispatch)
                continue
            if ticket is None:
                seq = dispatch.s
                ticket = Ticket(self, self._ledger.open(seq), seq, size)
                self._more(size)
            ticket.hold()
            consumer.put(dispatch, ticket)
        if ticket is not None:
            ticket.end()

    def end(self, error: BaseException | None) -> None:
        self._on_end(error)

    def _more(self, size: int) -> None:
        self.size += size
        if self.size > self._bound * NEARLY_FULL and not self._crowded:
            self._crowded = True
            self._on_crowd(self.size)
        if self.size > self._bound and not self.is_full:
            self.is_full = True
            self._on_full()

    def less(self, size: int) -> None:
        """So many bytes are dealt with."""
        self.size -= size
        if self.size <= self._bound // 2:
            self._crowded = False
            if self.is_full:
                self.is_full = False
                self._on_room()


class Queue:
    """A consumer for one reader, who takes events one by one; asking for the next says that the last is dealt with."""

    at_once = False

    def __init__(self) -> None:
        self._events: deque[tuple[Dispatch, Ticket]] = deque()
        self._current: Ticket | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._over = False
        self._error: BaseException | None = None

    def __len__(self) -> int:
        return len(self._events)

    def call(self, dispatch: Dispatch, /) -> None:
        raise AssertionError("events are put here")

    def put(self, dispatch: Dispatch, ticket: Ticket, /) -> None:
        if self._over:
            ticket.end()
            return
        self._events.append((dispatch, ticket))
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> Dispatch:
        """The next event.  Raises the error that it was ended with, `StopAsyncIteration` where there was none."""
        self._done()
        while not self._events:
            if self._error is not None:
                raise self._error
            if self._over:
                raise StopAsyncIteration
            if self._waiter is not None:
                raise GatewayError("somebody else waits for the next event here already: make one iterator for each")
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        dispatch, self._current = self._events.popleft()
        return dispatch

    def _done(self) -> None:
        ticket, self._current = self._current, None
        if ticket is not None:
            ticket.end()

    def end(self, error: BaseException | None) -> None:
        """No more will come.  What waits can still be had after an error, and is left undone without one."""
        if self._over:
            return
        self._over, self._error = True, error
        if error is None:
            self._events.clear()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def leave(self) -> None:
        """The reader has gone, and wants none of what waits."""
        self._over = True
        self._done()
        while self._events:
            self._events.popleft()[1].end()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
