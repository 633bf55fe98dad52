"""The gateway, whole: `Gateway` runs the shards of an account, or a slice of them, by Discord's rules.

What each shard does is `gateway.Shard`'s; here is the order in which they identify, what is stored of them, and
what happens when one of them comes to a final end.
"""

import asyncio
import logging
import os
import random as _random
import warnings
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from acord.core import alive
from acord.core.actions import Changed, Report
from acord.core.clock import Clock, SystemClock
from acord.core.command import Command
from acord.core.desk import Desk, Queue
from acord.core.dispatch import Dispatch
from acord.core.errors import (
    ConnectionClosed,
    ForkedClient,
    GatewayError,
    InvalidRequest,
    Unauthorized,
)
from acord.core.explain import ending, span, too_few_identifies
from acord.core.gateway import CLOSE_PATIENCE, QUEUE_BYTES, Shard
from acord.core.identify import Gate, IdentifyBudget, IdentifyGate, ThriftyGate
from acord.core.intake import Readers, Table
from acord.core.keeper import Keeper
from acord.core.members import Members
from acord.core.session_state import SessionState
from acord.core.sessions import SessionStore
from acord.core.start import Start, ask_api
from acord.core.turns import Turns
from acord.core.types import HasId, Token

if TYPE_CHECKING:
    from acord.core.base import Drift

__all__ = ["Gateway", "ShardOptions"]

_log = logging.getLogger(__name__)


class ShardOptions(TypedDict, total=False):
    """What `Gateway` and `Client` hand to every `Shard`, which says what each is."""

    presence: Mapping[str, Any] | None
    large_threshold: int
    encoding: str | None
    compress: str | None
    api_version: int | None
    tls: Any
    keepalive: Callable[[Any, int], Any] | None


class Gateway:
    """Several shards of one account: each event once, in the order of its shard.

    ::

        async with Gateway(token, intents=Intents.GUILDS, shard_ids=range(16), shard_count=64) as gateway:
            async for dispatch in gateway:
                print(dispatch.shard_id, dispatch.name)

    Without numbers Discord is asked for them.  With a store for sessions a restarted process resumes them and gets
    what it missed.  A final end of one shard ends all, and is raised where events are read.
    """

    def __init__(
        self,
        token: str | Token,
        *,
        # Identity
        intents: int,
        shard_ids: Iterable[int] | None = None,
        shard_count: int | None = None,
        # Start
        http: Any = None,
        url: str | None = None,
        max_concurrency: int | None = None,
        gate: Gate | None = None,
        reserve: float = 0.05,
        # Sessions
        sessions: SessionStore | None = None,
        save_every: float = 1.0,
        # Policy
        queue_bytes: int = QUEUE_BYTES,
        # Hooks
        on_report: Callable[[int, Report | Changed], object] | None = None,
        on_drift: "Callable[[Drift], object] | None" = None,
        # Where events go, in the place of iterating
        readers: Readers | None = None,
        before_save: Callable[[], Coroutine[Any, Any, None]] | None = None,
        on_end: Callable[[BaseException | None], object] | None = None,
        made_at: str | None = None,
        token_from: str | None = None,
        # What tests replace
        clock: Clock | None = None,
        random: Callable[[], float] = _random.random,
        **options: Unpack[ShardOptions],
    ) -> None:
        """`http` is asked for Get Gateway Bot, an `HTTPClient` of its own is made where none is given.  With `url`,
        `shard_count` and `max_concurrency` nobody is asked.

        `gate` decides who may identify when, where several processes share one account; `sessions` keeps
        sessions, every `save_every` seconds and at the end.  `reserve` is the part of a day's Identifies that stays
        unused, for Discord resets the token of who needs more.  `queue_bytes` are the undelivered events of a shard
        at which reading pauses.  `on_report` gets the shard's number and what happened.

        Raises `InvalidRequest` for shards that do not fit their number.
        """
        if shard_ids is not None and shard_count is None:
            raise InvalidRequest("shard_count", None, "the number of all shards, where shard_ids= names some")
        ids = None if shard_ids is None else list(dict.fromkeys(shard_ids))
        if shard_count is not None and not all(0 <= one < shard_count for one in (ids or ())):
            raise InvalidRequest("shard_ids", ids, f"numbers from 0 to {shard_count - 1}")
        if ids == [] or (shard_count is not None and shard_count < 1):
            raise InvalidRequest("shard_ids", ids, "at least one shard")
        self._token = Token.of(token)
        self.intents = int(intents)
        self.shards: Mapping[int, Shard] = MappingProxyType({})
        """The shards that run here, by number."""
        self._ids, self._count = ids, shard_count
        self._http, self._url, self._concurrency, self._given_gate = http, url, max_concurrency, gate
        self._budget = IdentifyBudget(reserve)
        self._clock: Clock = clock or SystemClock()
        self._keeper = Keeper(sessions, save_every, self._clock)
        self._options, self._queue_bytes = options, queue_bytes
        self._on_report, self._on_drift = on_report, on_drift
        self._queue = Queue()
        self._on_end = on_end or self._queue.end
        self._readers: Readers = readers or _OneReader(self._queue)
        self._before_save, self._made_at, self._token_from = before_save, made_at, token_from
        self._random = random
        self._tasks: set[asyncio.Task[Any]] = set()
        self._turns = Turns({}, 1, clock=self._clock, random=random)
        self._over: asyncio.Future[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = os.getpid()
        self._disowned = False

    def __repr__(self) -> str:
        return f"<Gateway of {len(self.shards)} shards>"

    # What is known

    @property
    def shard_count(self) -> int | None:
        """The number of all shards of the account, None until that is known."""
        return self._count

    @property
    def latency(self) -> float | None:
        """Seconds from heartbeat to acknowledgement, the mean over all shards; None before the first."""
        known = [shard.latency for shard in self.shards.values() if shard.latency is not None]
        return sum(known) / len(known) if known else None

    @property
    def token(self) -> Token:
        """The credential.  Assign another, and every shard identifies with it when its session ends."""
        return self._token

    @token.setter
    def token(self, value: str | Token) -> None:
        self._token = Token.of(value)
        for shard in self.shards.values():
            shard.token = self._token

    def shard_of(self, guild_id: int | str | HasId) -> Shard:
        """The shard that gets the events of this guild.  `GatewayError` where it runs elsewhere.

        Source: Discord docs, Events > Gateway > Sharding Formula.
        """
        number = int(guild_id if isinstance(guild_id, int | str) else guild_id.id)
        shard_id = (number >> 22) % (self._count or 1)
        if shard_id not in self.shards:
            raise GatewayError(f"shard {shard_id}, to which this guild belongs, does not run here")
        return self.shards[shard_id]

    # Life

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Start the shards, and return while they connect.

        Raises `AuthenticationFailed` for a token that is refused, `GatewayError` where the day's Identifies do not
        suffice.
        """
        self._require_process()
        if self._loop is not None:
            raise GatewayError("a gateway is opened once: make a new one")
        self._loop = asyncio.get_running_loop()
        self._over = self._loop.create_future()
        self._over.add_done_callback(lambda over: over.cancelled() or over.exception())
        alive.opened(self)
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise

    async def _start(self) -> None:
        start = await self._where()
        self._count = self._count or start.shards
        ids = self._ids if self._ids is not None else list(range(self._count))
        now = self._clock.monotonic()
        if start.total is not None:
            self._budget.told(start.total, start.remaining, start.reset_after, now)
        known = self._token.fingerprint
        stored = {shard_id: await self._keeper.load(shard_id, self._count, known) for shard_id in ids}
        new = sum(1 for state in stored.values() if state is None)
        if new > self._budget.available(now):
            budget = self._budget
            raise GatewayError(
                too_few_identifies(budget.remaining, budget.total, budget.floor, new, budget.resets_at - now)
            )
        concurrency = self._concurrency or start.max_concurrency
        gate = ThriftyGate(
            self._given_gate or IdentifyGate(concurrency, clock=self._clock, random=self._random),
            self._budget,
            clock=self._clock,
            on_written=self._had_its_turn,
            on_spent=lambda seconds: _log.error(
                "the day's Identifies are used up but for the reserve: the next is sent in %s", span(seconds)
            ),
        )
        self.shards = MappingProxyType({one: self._make(one, start.url, gate, stored[one], len(ids)) for one in ids})
        self._turns = Turns(self.shards, concurrency, clock=self._clock, random=self._random)
        for entering in self._turns.all({one for one in ids if stored[one] is None}):
            self._spawn(entering)
        if self._keeper.keeps:
            self._spawn(self._keeper.run(self._sessions))

    async def _where(self) -> Start:
        if self._url is not None and self._count is not None and self._concurrency is not None:
            return Start(self._url)
        try:
            start = await ask_api(
                self._http,
                self._token,
                clock=self._clock,
                random=self._random,
                last_url=self._url,
                needed=self._count is None,
            )
        except Unauthorized as exc:
            raise self._ending(4004) from exc
        return start if self._url is None else replace(start, url=self._url)

    def _make(self, shard_id: int, url: str, gate: Gate, state: SessionState | None, fleet: int) -> Shard:
        def desk(shard: Shard) -> Desk:
            return Desk(
                self._readers,
                self._queue_bytes,
                on_full=shard.pause_reading,
                on_room=shard.resume_reading,
                on_end=lambda error: self._ended(shard_id, error),
                on_crowd=lambda size: self._told(
                    shard_id, Report("behind", f"{size} bytes of events wait for the program")
                ),
            )

        return Shard(
            self._token,
            intents=self.intents,
            shard=(shard_id, self._count or 1),
            session=state,
            url=url,
            gate=gate,
            fleet=fleet,
            intake=desk,
            on_report=lambda what: self._told(shard_id, what),
            on_drift=self._on_drift,
            conn=self._http,
            clock=None if isinstance(self._clock, SystemClock) else self._clock,
            random=self._random,
            **self._options,
        )

    # What shards say

    def _told(self, shard_id: int, what: Report | Changed) -> None:
        if isinstance(what, Changed):
            self._turns.told(shard_id, what)
            if what.new == "ready":
                self._keeper.soon()
        elif what.kind == "behind":
            _log.warning("shard %d: %s", shard_id, what.detail)
        if self._on_report is not None:
            self._on_report(shard_id, what)  # a shard catches what it raises

    def _had_its_turn(self, shard_id: int) -> None:
        self._turns.over(shard_id)

    def _ended(self, shard_id: int, error: BaseException | None) -> None:
        """A shard has come to an end that it did not choose, or to the one that we did."""
        if error is None or self._over is None or self._over.done():
            return
        if isinstance(error, ConnectionClosed) and error.code is not None:
            error = self._ending(error.code)
        _log.error("shard %d has ended for good, and with it all: %s", shard_id, error)
        self._over.set_exception(error)
        self._on_end(error)
        # Not awaited here: this is called by a shard that is in the middle of something.
        self._closing = self._closing or asyncio.ensure_future(self._close(None))

    def _ending(self, code: int) -> ConnectionClosed:
        return ending(int(code), intents=self.intents, made_at=self._made_at, token_from=self._token_from)

    async def wait(self) -> None:
        """Return when it is closed.  Raises what ended it: `AuthenticationFailed`, `DisallowedIntents`, ..."""
        if self._over is None:
            raise GatewayError("the gateway has not been opened: use `async with`")
        await asyncio.shield(self._over)

    async def save(self) -> None:
        """Store the sessions now, at the last events that were dealt with; it happens by itself as well."""
        await self._keeper.save(self._sessions())

    def _sessions(self) -> list[SessionState]:
        return [state for shard in self.shards.values() if (state := shard.export()) is not None]

    # Ending

    async def close(self, *, keep: bool | None = None) -> None:
        """Close all shards, within five seconds; with `keep` so that their sessions can be resumed.

        Kept by default where there is a store.  Calling it again waits for the end.
        """
        if self._loop is None:
            return
        self._require_process()
        alive.closed(self)
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close(keep))
        while not self._closing.done():
            try:
                await asyncio.shield(self._closing)
            except asyncio.CancelledError:
                if self._closing.cancelled():
                    return
                # Bounded anyway: nothing is left open because somebody lost patience.
                await asyncio.wait((self._closing,), timeout=CLOSE_PATIENCE)
                raise

    async def _close(self, keep: bool | None) -> None:
        keep = self._keeper.keeps if keep is None else keep
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        entered = [shard for shard in self.shards.values() if shard.state != "idle"]
        work: list[Coroutine[Any, Any, object]] = [shard.close(keep=keep) for shard in entered]
        if self._before_save is not None:
            work.append(self._before_save())
        for result in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(result, BaseException):
                _log.error("closing failed", exc_info=result)
        await self._keeper.end(self._sessions() if keep else [], [] if keep else list(self.shards), self._count or 1)
        self._on_end(None)
        if self._over is not None and not self._over.done():
            self._over.set_result(None)

    def disown(self) -> None:
        """Say nothing when this is left without being closed: somebody else does."""
        self._disowned = True

    def __del__(self) -> None:
        over = getattr(self, "_over", None)
        if over is not None and self._closing is None and self._pid == os.getpid() and not self._disowned:
            self._disowned = True
            warnings.warn(f"{self!r} was not closed: use `async with`, or await close()", ResourceWarning, stacklevel=2)

    # Receiving and sending

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Dispatch:
        self._require_process()
        return await self._queue.get()

    async def send(self, command: Command, *, shard_id: int | None = None) -> None:
        """Send one of `acord.commands` to that shard; without one to the guild's shard, or to all where it has none.

        Returns when it is written.  Raises as `Shard.send` does.
        """
        self._require_process()
        guild_id = getattr(command, "guild_id", None)
        if shard_id is not None:
            if shard_id not in self.shards:
                raise GatewayError(f"shard {shard_id} does not run here")
            chosen = [self.shards[shard_id]]
        elif guild_id is not None:
            chosen = [self.shard_of(guild_id)]
        else:
            chosen = list(self.shards.values())
        await asyncio.gather(*(shard.send(command) for shard in chosen))

    async def request_guild_members(self, guild_id: int | str | HasId, **options: Any) -> Members:
        """Members of a guild, from the shard it belongs to; see `Shard.request_guild_members`."""
        return await self.shard_of(guild_id).request_guild_members(guild_id, **options)

    def _require_process(self) -> None:
        if self._pid != os.getpid():
            raise ForkedClient
        if self._loop is not None and asyncio.get_running_loop() is not self._loop:
            raise GatewayError("this gateway runs in another event loop or thread: hand the call over to it")

    def _spawn(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(what)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)

    def _task_done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._ended(-1, error)


class _OneReader:
    """Everything to whoever iterates over the gateway."""

    def __init__(self, queue: Queue) -> None:
        self.table = Table(others=(queue,))
