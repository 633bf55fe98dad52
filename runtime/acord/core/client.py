"""`Client`: an account's REST API and gateway under one roof, and the functions that listen to its events."""

import asyncio
import os
import random as _random
import sys
import warnings
import weakref
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, Unpack, overload

from acord.core import alive
from acord.core.actions import Changed, Report
from acord.core.beats import user_frame
from acord.core.clock import Clock, SystemClock
from acord.core.errors import ClientClosed, ForkedClient, GatewayError, InvalidRequest
from acord.core.event import Event
from acord.core.gateway import QUEUE_BYTES
from acord.core.hooks import GatewayDrift, Hooks
from acord.core.http import HTTPClient
from acord.core.identify import Gate
from acord.core.interrupts import on_signals
from acord.core.listeners import AsyncListener, Dropped, Failure, Stream, SyncListener, first, is_async
from acord.core.sessions import SessionStore
from acord.core.shards import Gateway, ShardOptions
from acord.core.subscriptions import Subscriptions
from acord.core.types import Token

if TYPE_CHECKING:
    from acord.core.base import Drift

__all__ = ["Client"]

CONCURRENCY: Final = 64  # events that one async listener deals with at the same time (ours)

E = TypeVar("E")
E2 = TypeVar("E2")
E3 = TypeVar("E3")
E4 = TypeVar("E4")
R = TypeVar("R")


class Client:
    """One account: ``http`` for requests, ``gateway`` for its shards, and listeners for events.

    ::

        client = Client(token=token, intents=Intents.GUILDS | Intents.GUILD_MESSAGES)

        @client.on(events.MessageCreate)
        async def greet(message: events.MessageCreate) -> None: ...

        client.run()

    Inside of a program: ``async with client: await client.run_forever()``, or ``async for`` over
    ``client.events(...)``.  Entering opens nothing on the gateway; these do.

    A plain function is called as the event arrives, an ``async def`` in one of a bounded number of tasks.  What a
    listener raises goes to the log and to `on_error`, and harms nobody else.
    """

    def __init__(
        self,
        *,
        # Identity
        token: str | Token,
        intents: int,
        shard_ids: Iterable[int] | None = None,
        shard_count: int | None = None,
        # REST
        http: HTTPClient | None = None,
        # Sessions
        sessions: SessionStore | None = None,
        save_every: float = 1.0,
        # Gateway
        url: str | None = None,
        max_concurrency: int | None = None,
        gate: Gate | None = None,
        # Policy
        concurrency: int = CONCURRENCY,
        queue_bytes: int = QUEUE_BYTES,
        # Hooks
        on_error: Callable[[Failure], object] | None = None,
        on_report: Callable[[int, Report | Changed], object] | None = None,
        on_drift: "Callable[[Drift], object] | None" = None,
        hooks: Hooks | Iterable[Hooks] = (),
        # What tests replace
        clock: Clock | None = None,
        random: Callable[[], float] = _random.random,
        **options: Unpack[ShardOptions],
    ) -> None:
        """`http` is the REST client, one with this token where none is given.  `sessions` keeps the gateway's sessions,
        so that a restart loses nothing.

        `concurrency` is how many events each async listener deals with at the same time, `queue_bytes` how many
        bytes of a shard's events may wait for listeners before reading pauses; heartbeats go on.
        The rest is `Gateway`'s.
        """
        known = Token.of(token)
        if known.kind != "bot":
            raise InvalidRequest("token", known, "the token of a bot", fix="other credentials are for HTTPClient")
        if concurrency < 1:
            raise InvalidRequest("concurrency", concurrency, "at least 1")
        caller = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]  # traceback would read source files
        self._made_at = user_frame(caller).partition(" in ")[0]
        self._token_from: str | None = None
        self.intents = int(intents)
        # No cycle: what is forgotten unclosed is to be collected, and said, at once.
        self.http = http or HTTPClient(weakref.proxy(self), token=known, on_drift=on_drift, hooks=hooks)
        self._token = known
        self._clock: Clock = clock or SystemClock()
        self._concurrency = concurrency
        self._subscriptions = Subscriptions(self.intents, on_error)
        self._settings: dict[str, Any] = {
            "intents": self.intents,
            "shard_ids": None if shard_ids is None else list(shard_ids),
            "shard_count": shard_count,
            "http": self.http,
            "sessions": sessions,
            "save_every": save_every,
            "url": url,
            "max_concurrency": max_concurrency,
            "gate": gate,
            "queue_bytes": queue_bytes,
            "on_report": on_report,
            "on_drift": GatewayDrift(self.http.hooks, on_drift),
            "readers": self._subscriptions,
            "on_end": self._subscriptions.end,
            "made_at": self._made_at,
            "clock": clock,
            "random": random,
            **options,
        }
        self._callers: set[object] = set()
        self.gateway = self._make_gateway()
        """The shards; they run from `run`, `run_forever`, `events` or `wait_for` on."""
        self._entered = False
        self._opening: asyncio.Task[None] | None = None
        self._pid = os.getpid()

    @classmethod
    def from_env(cls, variable: str = "DISCORD_TOKEN", **kwds: Any) -> Self:
        """A client with the bot token of an environment variable.  Raises `InvalidRequest` where it is not set."""
        value = os.environ.get(variable, "").strip()
        if not value:
            raise InvalidRequest(f"${variable}", value, "a bot token", fix=f"set {variable} in the environment")
        client = cls(token=value, **kwds)
        client._token_from = f"the environment variable {variable}"
        client.gateway = client._make_gateway()
        return client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._token!r}>"

    @property
    def token(self) -> Token:
        """The credential.  Assign another: requests use it at once, shards when their session ends."""
        return self._token

    @token.setter
    def token(self, value: str | Token) -> None:
        self._token = Token.of(value)
        self.http.token = self._token
        self.gateway.token = self._token

    # Listening

    @overload
    def on(
        self,
        event: type[E],
        /,
        *,
        where: Callable[[E], object] | None = None,
        concurrency: int | None = None,
        keep: int | None = None,
    ) -> Callable[[Callable[[E], R]], Callable[[E], R]]: ...

    @overload
    def on(
        self,
        event: str,
        /,
        *,
        where: Callable[[Event], object] | None = None,
        concurrency: int | None = None,
        keep: int | None = None,
    ) -> Callable[[Callable[[Event], R]], Callable[[Event], R]]: ...

    def on(
        self,
        event: type[Any] | str,
        /,
        *,
        where: Callable[[Any], object] | None = None,
        concurrency: int | None = None,
        keep: int | None = None,
    ) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
        """Call the decorated function with every such event; several may listen to one, in the order of their coming.

        `event` is a class of `acord.events`; `Event` stands for all, `Unknown` for those without a class, `Dispatch`
        for all as they came and undecoded; a name such as ``"BRAND_NEW_EVENT"`` for whatever has it.  `where` says
        which of them.  Of an ``async def`` `concurrency` run at the same time, 1 for one after the other; with
        `keep` only so many events wait for it, and the oldest give way.  `off` ends it.

        Raises `InvalidRequest` where the intents can never deliver the event, naming the one that is missing.
        """
        kind = self._subscriptions.kind(event)

        def register(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
            tell = self._subscriptions.tell
            if is_async(function):
                limit = concurrency or self._concurrency
                dropped = Dropped(function)
                self._subscriptions.add(
                    AsyncListener(kind, function, where, tell, concurrency=limit, keep=keep, on_dropped=dropped),
                    (kind,),
                )
            else:
                self._subscriptions.add(SyncListener(kind, function, where, tell), (kind,))
            return function

        return register

    def off(self, function: Callable[..., Any]) -> None:
        """Let this function listen no more; what it is at it may finish."""
        for listener in self._subscriptions.find(function):
            self._subscriptions.remove(listener)
            listener.close()

    @overload
    def events(self, kind: type[E], /) -> Stream[E]: ...
    @overload
    def events(self, kind: type[E], kind2: type[E2], /) -> Stream[E | E2]: ...
    @overload
    def events(self, kind: type[E], kind2: type[E2], kind3: type[E3], /) -> Stream[E | E2 | E3]: ...
    @overload
    def events(
        self, kind: type[E], kind2: type[E2], kind3: type[E3], kind4: type[E4], /
    ) -> Stream[E | E2 | E3 | E4]: ...
    @overload
    def events(
        self, kind: type[E], kind2: type[E], kind3: type[E], kind4: type[E], kind5: type[E], /, *more: type[E]
    ) -> Stream[E]: ...
    @overload
    def events(self, *names: str) -> Stream[Event]: ...

    def events(self, *kinds: type[Any] | str) -> Stream[Any]:
        """An iterator over the events of these kinds, all of them without one; it opens the gateway.

        Events wait from the call on, undecoded.  It ends when the client is closed, and raises what ended the
        gateway.  Raises `InvalidRequest` as `on` does.
        """
        wanted = tuple(map(self._subscriptions.kind, kinds or (Event,)))
        return Stream(
            wanted,
            opened=lambda reader: self._subscriptions.add(reader, wanted),
            left=self._subscriptions.remove,
            ensure_open=self._ensure_open,
            tell=self._subscriptions.tell,
        )

    async def wait_for(
        self, event: type[E], /, *, where: Callable[[E], object] | None = None, timeout: float | None = None
    ) -> E:
        """The next such event; it opens the gateway.  Raises `TimeoutError` after `timeout` seconds."""
        self._require_process()
        stream = self.events(event)
        work = asyncio.ensure_future(first(stream, where))
        waits: list[asyncio.Future[Any]] = [work]
        if timeout is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep(timeout)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise TimeoutError(f"no {event.__name__} within {timeout:g} seconds")
            return work.result()
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
            await stream.aclose()

    # Life

    async def __aenter__(self) -> Self:
        if self._entered:
            raise GatewayError("this client is entered already")
        if self._opening is not None:  # a second life
            self._opening, self.gateway = None, self._make_gateway()
        self._callers.clear()
        self._subscriptions.begin()
        alive.opened(self)
        await self.http.__aenter__()
        self._entered = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End all that runs, within five seconds: shards, listeners, connections.

        Where sessions are kept, they stand at the last event that was dealt with, and can be resumed.
        """
        self._require_process()
        if not self._entered:
            return
        # Whoever closes from inside of a listener is not waited for.
        self._callers.add(asyncio.current_task())
        try:
            if self._opening is not None and not self._opening.done():
                self._opening.cancel()
                await asyncio.wait((self._opening,), timeout=1.0)
            await self.gateway.close()
            await self._subscriptions.drain(self._callers)  # where the gateway was never opened
        finally:
            self._entered = False
            alive.closed(self)
            await self.http.logout()
            self._subscriptions.end(None)

    async def run_forever(self) -> None:
        """Open the gateway and return when the client is closed.

        Raises what ended it for good: `AuthenticationFailed`, `DisallowedIntents` and other `ConnectionClosed`.
        """
        await self._ensure_open()
        await self.gateway.wait()

    def run(self) -> None:
        """Run until SIGINT or SIGTERM, then close in good order; a second signal ends at once.

        Raises as `run_forever` does.  It makes an event loop of its own.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            raise GatewayError("an event loop runs already: use `async with client: await client.run_forever()`")
        asyncio.run(self._run())

    async def _run(self) -> None:
        stop = asyncio.Event()
        undo = on_signals(stop.set)
        try:
            async with self:
                running = asyncio.ensure_future(self.run_forever())
                waits: list[asyncio.Future[Any]] = [running, asyncio.ensure_future(stop.wait())]
                try:
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                    if running.done():
                        running.result()
                finally:
                    undo()
                    for one in waits:
                        one.cancel()
                    await asyncio.gather(*waits, return_exceptions=True)
        finally:
            undo()

    async def _ensure_open(self) -> None:
        self._require_process()
        if not self._entered:
            raise ClientClosed if self._opening is not None else GatewayError("use `async with client:` around this")
        if self._opening is None:
            self._opening = asyncio.ensure_future(self.gateway.open())
        await asyncio.shield(self._opening)

    def _make_gateway(self) -> Gateway:
        subscriptions, callers = self._subscriptions, self._callers
        return Gateway(
            self._token,
            **self._settings,
            token_from=self._token_from,
            before_save=lambda: subscriptions.drain(callers),
        )

    def _require_process(self) -> None:
        if self._pid != os.getpid():
            raise ForkedClient

    def __del__(self) -> None:
        if getattr(self, "_entered", False) and self._pid == os.getpid():
            # One warning is enough.
            self._entered = False
            self.gateway.disown()
            self.http._opened = False  # pyright: ignore[reportPrivateUsage]
            warnings.warn(f"{self!r} was not closed: use `async with`, or await close()", ResourceWarning, stacklevel=2)
