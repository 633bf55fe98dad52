"""Who listens to events: callbacks that run at once, coroutines in a bounded number of tasks, iterators."""

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar, cast

from acord.core.desk import Queue, Ticket
from acord.core.dispatch import Dispatch, keep, typed
from acord.core.errors import ClientClosed
from acord.core.intake import Direct

__all__ = [
    "AsyncListener",
    "Dropped",
    "Failure",
    "Kind",
    "Listener",
    "Reader",
    "Stream",
    "SyncListener",
    "first",
    "is_async",
]

_log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong with an event: in a listener, in its filter, or in decoding the event."""

    dispatch: Dispatch
    error: BaseException
    listener: object
    """The function that listens."""


Tell = Callable[[Failure], object]


class Kind:
    """What a listener wants: a class of events, or events as they come."""

    __slots__ = ("_cls", "_look", "name")

    def __init__(self, cls: type[Any] | None, name: str | None, look: Callable[[Any], object] | None = None) -> None:
        """`cls` of None is `Dispatch` itself; `name` of None is every event.  `look` sees each event that fits."""
        self._cls, self.name, self._look = cls, name, look

    @property
    def is_raw(self) -> bool:
        """Whether it is events as they come."""
        return self._cls is None

    def of(self, dispatch: Dispatch) -> Any:
        """The event as it is wanted, None where it is another.  Raises where it cannot be decoded."""
        if self._cls is None:
            return dispatch
        event = dispatch.data
        return event if self.fits(event) else None

    def fits(self, event: Any) -> bool:
        """Whether this event is wanted, of a kind that is not raw."""
        # Not the other way round: of a model's base, `isinstance` is slower than decoding a small event.
        if type(event) is not self._cls and not isinstance(event, cast("type[Any]", self._cls)):
            return False
        if self._look is not None:
            self._look(event)
        return True


class Listener:
    """A function that wants events of a kind; `where` says which of them."""

    at_once = True

    def __init__(
        self, kind: Kind, function: Callable[[Any], Any], where: Callable[[Any], object] | None, tell: Tell
    ) -> None:
        self.kind, self.function = kind, function
        self._where, self._tell = where, tell
        self.gone = False

    def call(self, dispatch: Dispatch, /) -> None:
        raise NotImplementedError

    def put(self, dispatch: Dispatch, ticket: Ticket, /) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """It gets no more events."""
        self.gone = True


class SyncListener(Listener, Direct):
    """Called when the event arrives, in the middle of reading: the cheapest way, for work of microseconds."""

    def __init__(
        self, kind: Kind, function: Callable[[Any], Any], where: Callable[[Any], object] | None, tell: Tell
    ) -> None:
        super().__init__(kind, function, where, tell)
        # What a filter of raw events needs is in `call`.
        self.direct = self._direct if not kind.is_raw else function if where is None else self.call

    def _direct(self, dispatch: Dispatch) -> Any:
        event = typed(dispatch)
        try:
            if self.kind.fits(event) and (self._where is None or self._where(event)):
                return self.function(event)
        except BaseException:
            keep(dispatch, event)  # who hears of it gets the same
            raise
        return None

    def call(self, dispatch: Dispatch, /) -> None:
        if self.gone:
            return
        try:
            event = self.kind.of(dispatch)
            if event is None or (self._where is not None and not self._where(event)):
                return
            if (result := self.function(event)) is not None:
                self.returned(result)
        except Exception as exc:
            self.failed(dispatch, exc)

    def returned(self, result: object) -> None:
        if inspect.isawaitable(result):
            if inspect.iscoroutine(result):
                result.close()
            raise TypeError("the listener returned something to await: make it an `async def`")

    def failed(self, dispatch: Dispatch, error: Exception) -> None:
        self._tell(Failure(dispatch, error, self.function))


class AsyncListener(Listener):
    """Runs in tasks of its own, at most so many at a time, which stay for the next event.

    Events wait as they came, and are decoded by the task that deals with them.
    """

    at_once = False

    def __init__(
        self,
        kind: Kind,
        function: Callable[[Any], Awaitable[object]],
        where: Callable[[Any], object] | None,
        tell: Tell,
        *,
        concurrency: int,
        keep: int | None = None,
        on_dropped: Callable[[Dispatch, int], object] = lambda dispatch, count: None,
    ) -> None:
        """With `keep` at most so many events wait for it, and the oldest is dropped for another, which is told."""
        super().__init__(kind, function, where, tell)
        self.dropped = 0
        self._concurrency, self._keep, self._on_dropped = concurrency, keep, on_dropped
        self._waiting: deque[tuple[Dispatch, Ticket]] = deque()
        self._idle: list[asyncio.Future[None]] = []
        self._workers: set[asyncio.Task[None]] = set()

    @property
    def tasks(self) -> frozenset["asyncio.Task[None]"]:
        """The tasks that run now."""
        return frozenset(self._workers)

    def put(self, dispatch: Dispatch, ticket: Ticket, /) -> None:
        if self.gone:
            ticket.end()
            return
        if self._keep is not None and len(self._waiting) >= self._keep:
            old, its = self._waiting.popleft()
            its.end()
            self.dropped += 1
            self._on_dropped(old, self.dropped)
        self._waiting.append((dispatch, ticket))
        while self._idle:
            waiter = self._idle.pop()
            if not waiter.done():
                waiter.set_result(None)
                return
        if len(self._workers) < self._concurrency:
            worker = asyncio.get_running_loop().create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while not self.gone:
            while not self._waiting:
                if self.gone:
                    return
                waiter = loop.create_future()
                self._idle.append(waiter)
                await waiter
            dispatch, ticket = self._waiting.popleft()
            if await self._run(dispatch):
                ticket.end()

    async def _run(self, dispatch: Dispatch) -> bool:
        """Whether it is dealt with; False where we were stopped in the middle."""
        try:
            event = self.kind.of(dispatch)
            if event is not None and (self._where is None or self._where(event)):
                await self.function(event)
        except asyncio.CancelledError as exc:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # The listener cancelled itself, or awaited something that was.
            self._tell(Failure(dispatch, exc, self.function))
        except Exception as exc:
            self._tell(Failure(dispatch, exc, self.function))
        return True

    def close(self) -> None:
        """Start with no other event; what waits is dealt with by being left."""
        super().close()
        while self._waiting:
            self._waiting.popleft()[1].end()
        self._wake_all()

    def halt(self) -> None:
        """Start with no other event, and leave what waits undone: a later process gets it again."""
        self.gone = True
        self._waiting.clear()
        self._wake_all()

    def revive(self) -> None:
        """Listen again after `halt`."""
        self.gone = False

    def _wake_all(self) -> None:
        for waiter in self._idle:
            if not waiter.done():
                waiter.set_result(None)
        self._idle.clear()


class Dropped:
    """Says that events are dropped, at the first and then at each power of two."""

    def __init__(self, function: object) -> None:
        self._name = getattr(function, "__qualname__", repr(function))

    def __call__(self, dispatch: Dispatch, count: int) -> None:
        if not count & (count - 1):
            _log.warning("%s is too slow: %d events were dropped for it, last %s", self._name, count, dispatch.name)


class Stream(Generic[T]):
    """Events of some kinds, one by one: ``async for message in client.events(MessageCreate)``.

    Asking for the next says that the last one is dealt with.  Leaving the loop ends it; so does `aclose`.
    """

    def __init__(
        self,
        kinds: tuple[Kind, ...],
        *,
        opened: Callable[["Reader"], object],
        left: Callable[["Reader"], object],
        ensure_open: Callable[[], Awaitable[None]],
        tell: Tell,
    ) -> None:
        self._reader = Reader(kinds)
        self._left, self._ensure_open, self._tell = left, ensure_open, tell
        self._begun = False
        opened(self._reader)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if not self._begun:
            self._begun = True
            await self._ensure_open()
        while True:
            dispatch = await self._reader.get()
            try:
                for kind in self._reader.kinds:
                    if (event := kind.of(dispatch)) is not None:
                        return cast(T, event)
            except Exception as exc:
                self._tell(Failure(dispatch, exc, self))

    async def aclose(self) -> None:
        """Want no more events."""
        self._leave()

    def _leave(self) -> None:
        self._left(self._reader)
        self._reader.leave()

    def __del__(self) -> None:
        # `break` leaves an iterator without a word, and nobody would read what waits in it.
        if hasattr(self, "_left"):
            self._leave()


async def first(stream: Stream[T], where: Callable[[T], object] | None) -> T:
    """The first event that comes and fits.  Raises `ClientClosed` where none will."""
    async for event in stream:
        if where is None or where(event):
            return event
    raise ClientClosed


class Reader(Queue):
    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        super().__init__()
        self.kinds = kinds


def is_async(function: object) -> bool:
    """Whether calling it gives a coroutine: of functions, methods, partials and objects with a ``__call__``."""
    while hasattr(function, "func"):  # functools.partial
        function = cast(Any, function).func
    called: object = getattr(type(function), "__call__", None)  # noqa: B004  # what it is, not whether
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)
