"""The gateway, one connection: `Shard` connects, stays connected, and yields events.

What to do is `session.Session`'s decision, doing it is `performer.Performer`'s; here is what users see.
The heartbeat is looked up here at each Hello: ``import acord.core.gateway as gateway;
gateway.GatewayKeepAlive = Mine`` holds from then on.
"""

import asyncio
import logging
import os
import random as _random
import ssl
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, cast, overload

from acord.core import abc, decoders
from acord.core.actions import Changed, Report
from acord.core.agent import USER_AGENT
from acord.core.clock import Clock, SystemClock
from acord.core.command import Command
from acord.core.dispatch import Dispatch, Source, dispatch_of
from acord.core.envelope import Envelope
from acord.core.errors import ForkedClient, GatewayError, InvalidRequest, UnsafeOrigin, closed
from acord.core.express import Express
from acord.core.heartbeat import GatewayKeepAlive
from acord.core.identify import Gate, IdentifyGate
from acord.core.inbox import Inbox
from acord.core.incoming import Incoming
from acord.core.inflate import best_form, inflater
from acord.core.intake import Intake
from acord.core.member_requests import MEMBERS_DEADLINE, MemberRequests
from acord.core.members import Members
from acord.core.origin import gateway_url, is_loopback, origin_of
from acord.core.performer import Performer, encode
from acord.core.session import Session
from acord.core.session_state import SessionState
from acord.core.signals.gateway import CloseCode, Opcode
from acord.core.suspend import boot_clock
from acord.core.types import MISSING, HasId, Missing, Token

if TYPE_CHECKING:
    from acord.core.base import Drift

__all__ = ["GATEWAY_URL", "GatewayKeepAlive", "Shard"]

_log = logging.getLogger(__name__)

GATEWAY_URL: Final = "wss://gateway.discord.gg"
QUEUE_BYTES: Final = 16 << 20  # bytes of undelivered events at which reading pauses; it goes on at half of that
CLOSE_PATIENCE: Final = 5.0  # seconds that closing may take


class Shard(Performer):
    """One shard: connects, stays connected, and yields each event once and in order.

    ::

        async with Shard(token, intents=Intents.GUILDS) as shard:
            async for dispatch in shard:
                print(dispatch.name)

    Iterating raises the `ConnectionClosed` of a close code after which connecting again cannot help, and ends
    when the shard is closed.  Asking for the next event says that the one before is dealt with.

    Memory is bounded: 16 MiB of a compressed message that has not ended, 64 MiB of one that is inflated, and
    `queue_bytes` of events that wait.
    """

    user_agent: str = USER_AGENT

    def __init__(
        self,
        token: str | Token,
        *,
        # Identity
        intents: int,
        shard: tuple[int, int] = (0, 1),
        presence: Mapping[str, Any] | None = None,
        large_threshold: int | Missing = MISSING,
        session: SessionState | None = None,
        # Transport
        url: str | None = None,
        api_version: int | None = None,
        encoding: str | None = None,
        compress: str | None = "auto",
        tls: ssl.SSLContext | None = None,
        # Policy
        keepalive: Callable[[Any, int], Any] | None = None,
        gate: Gate | None = None,
        fleet: int = 1,
        queue_bytes: int = QUEUE_BYTES,
        intake: Callable[["Shard"], Intake] | None = None,
        # Hooks
        on_report: Callable[[Report | Changed], object] | None = None,
        on_drift: "Callable[[Drift], object] | None" = None,
        conn: Any = None,
        # What tests replace
        clock: Clock | None = None,
        boot: Callable[[], float] | None = None,
        random: Callable[[], float] = _random.random,
    ) -> None:
        """`url` is the bare gateway, Discord's by default; naming another here allows the token to go there.

        `compress` is ``"zstd-stream"``, ``"zlib-stream"``, ``"zlib-payload"``, None, or ``"auto"`` for the
        cheapest that is installed (messages one by one where `decompressResponse` is yours); `encoding` ``"json"``
        or ``"etf"``, by default `abc.GATEWAY_ENCODING`. `keepalive` is called as ``GatewayKeepAlive(shard,
        interval_ms)`` is.  `fleet` is the number of shards in this process.  `queue_bytes` are the undelivered
        events at which reading pauses.  `intake` makes what takes the events as they come, in the place of
        iterating.  `on_drift` is told of events that contradict their schema; `conn` is what their models answer
        as `Model.conn`.

        Raises `InvalidRequest` for what Discord would refuse, `UnsafeOrigin` for a `url` in clear text that
        leads off this machine.
        """
        encoding = encoding or abc.GATEWAY_ENCODING
        if encoding not in ("json", "etf"):
            raise InvalidRequest("encoding", encoding, '"json" or "etf"')
        if compress == "zlib-payload" and encoding == "etf":
            raise InvalidRequest("compress", compress, "a transport compression or None with ETF")
        form = compress
        if compress == "auto":
            # What a user has bound takes one message, and knows of no stream that goes on from one to the next.
            whole = "zlib-payload" if encoding == "json" else None
            form = best_form() if decoders.inflates_itself() else whole
        inflater(form)  # refuses what is unknown or not installed before anything is opened
        main = GATEWAY_URL if url is None else url
        origin = origin_of(main)
        if origin is None:
            raise InvalidRequest("url", url, "a bare WebSocket URL, as wss://gateway.discord.gg")
        if origin.scheme == "ws" and not is_loopback(origin):
            raise UnsafeOrigin(f"ws://{origin.host}:{origin.port}")
        identify: dict[str, Any] = {
            "intents": int(intents),
            "properties": {"os": sys.platform, "browser": "acord", "device": "acord"},
            "shard": list(shard),
        }
        if presence is not None:
            identify["presence"] = presence
        if large_threshold is not MISSING:
            identify["large_threshold"] = large_threshold
        if form == "zlib-payload":
            identify["compress"] = True
        if clock is None:
            boot = boot or boot_clock()
        clock = clock or SystemClock()
        known = Token.of(token)
        super().__init__(
            Session(
                url=cast(str, gateway_url(main, [origin])),
                version=lambda: api_version or abc.API_VERSION,
                encoding=encoding,
                compress=None if form == "zlib-payload" else form,
                origins=[origin],
                identify=identify,
                fingerprint=known.fingerprint,
                session=session,
                encode=partial(encode, encoding=encoding),
                fleet=fleet,
                random=random,
            ),
            known,
            encoding=encoding,
            compress=form,
            tls=tls,
            gate=gate or IdentifyGate(clock=clock),
            clock=clock,
            boot=boot,
            on_report=on_report,
        )
        self._shard = shard
        self._source = Source(shard[0], on_drift=on_drift, conn=conn)
        self._keepalive_factory = keepalive
        self._queue = Inbox(queue_bytes, on_full=self.pause_reading, on_room=self.resume_reading)
        self._inbox: Intake = self._queue if intake is None else intake(self)
        self._members = MemberRequests(
            lambda d: self.send(Opcode.REQUEST_GUILD_MEMBERS, d), clock=clock, prefix=f"{shard[0]}-"
        )
        self._pid = os.getpid()

    def __repr__(self) -> str:
        return f"<Shard {self._shard[0]}/{self._shard[1]} {self.state}>"

    # What a heartbeat and others may ask

    @property
    def shard_id(self) -> int:
        return self._shard[0]

    @property
    def token(self) -> Token:
        """The credential.  Assign another, and the next Identify uses it; the open session goes on."""
        return self._token

    @token.setter
    def token(self, value: str | Token) -> None:
        self._token = Token.of(value)
        self._session.renamed(self._token.fingerprint)

    @property
    def sequence(self) -> int | None:
        """The number of the last event that has arrived."""
        return self._session.sequence

    @property
    def state(self) -> str:
        """Where it stands: a value of `session_table.State`."""
        return self._session.state.value

    @property
    def latency(self) -> float | None:
        """Seconds from heartbeat to acknowledgement, the mean of the last five; None before the first."""
        return self._session.pulse.latency

    @property
    def counts(self) -> Mapping[str, int]:
        """How often what has been reported, by kind."""
        return self._session.counts

    def export(self) -> SessionState | None:
        """The session as a value that another process can resume, None where there is none.

        It stands at the last event that was dealt with, so that a resume repeats rather than loses.
        """
        return self._session.export(self._inbox.handled)

    # Life

    async def __aenter__(self) -> Self:
        if self._loop is not None:
            raise GatewayError("a shard is entered once: make a new one")
        self._loop = asyncio.get_running_loop()
        _log.info("shard %d: %s, %s", self.shard_id, self.encoding, self.compress or "not compressed")
        self._perform(self._session.start(self._clock.monotonic()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self, *, keep: bool = False) -> SessionState | None:
        """Close for good, within about five seconds.

        With `keep` the session lives on at Discord for a minute or two, the bot stays online that long, and
        what comes back can be given to another `Shard` as ``session=``.
        """
        if self._pid != os.getpid():
            raise ForkedClient
        state = self.export() if keep else None
        self._perform(self._session.stop(self._clock.monotonic(), keep=keep))
        self._end(None)
        socket = self._line.socket if self._line is not None else None
        if socket is not None:
            try:
                async with asyncio.timeout(CLOSE_PATIENCE):
                    await asyncio.shield(socket.closed)
            except TimeoutError:
                socket.abort()
        rest = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        return state

    # Receiving

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Dispatch:
        self._require_usable()
        return await self._queue.get()

    # Sending

    @overload
    def send(self, op: Mapping[str, Any], /) -> None: ...
    @overload
    def send(self, op: int, d: object, /) -> "asyncio.Future[None]": ...

    @overload
    def send(self, op: Command, /) -> "asyncio.Future[None]": ...

    def send(self, op: int | Mapping[str, Any] | Command, d: object = None, /) -> "asyncio.Future[None] | None":
        """Send a command, one of `acord.commands` or an opcode and its body.

        The future is done when it has been written, which session and budget decide.

        Of presences, and of voice states of one guild, only the newest is kept while they wait; those that it
        replaces are done at once.  The future raises `GatewayError` where the session has ended before, or no
        place is left to wait, `ClientClosed` after the end.

        With a whole payload, ``{"op": ..., "d": ...}``, it can be called in any thread, and says nothing; this
        is how heartbeats come.

        Raises `InvalidRequest` for more than 4096 bytes, and for opcodes that the shard sends by itself.
        """
        if isinstance(op, Mapping):
            # Raises where the loop is closed, which tells a heartbeat that it is over.
            self.loop.call_soon_threadsafe(self._send_payload, op, self._clock.monotonic())
            return None
        self._require_usable()
        if isinstance(op, Command):
            return self.send(int(op.op), op.d())
        future: asyncio.Future[None] = self.loop.create_future()
        future.add_done_callback(_seen)
        self._perform(self._session.command(int(op), d, self._clock.monotonic(), future))
        return future

    def _send_payload(self, payload: Mapping[str, Any], due: float) -> None:
        now, op = self._clock.monotonic(), payload.get("op")
        if op == Opcode.HEARTBEAT:
            self._perform(self._session.beat(self._session.connection, now, due=due))
        elif isinstance(op, int):
            self._perform(self._session.command(op, payload.get("d"), now))

    async def request_guild_members(
        self,
        guild_id: int | str | HasId,
        *,
        query: str | Missing = MISSING,
        limit: int = 0,
        user_ids: Sequence[int | str | HasId] | Missing = MISSING,
        presences: bool = False,
        deadline: float = MEMBERS_DEADLINE,
    ) -> Members:
        """Members of a guild: those whose name begins with `query`, or those with these ids.

        ``query=""`` with ``limit=0`` is everybody, which needs the intent GUILD_MEMBERS.  A request that
        Discord refuses as one too many is sent again when it allows.  What has not come after `deadline`
        seconds is left out, and ``complete`` is false.  The chunks are events as well.

        Raises `InvalidRequest`; `GatewayError` where the session ends before the request is sent.

        Source: Discord docs, Events > Gateway Events > Request Guild Members.
        """
        self._require_usable()
        return await self._members.ask(
            guild_id, query=query, limit=limit, user_ids=user_ids, presences=presences, deadline=deadline
        )

    # What the performer asks for

    def opened(self, line: Any) -> None:
        # The next event that is too much pauses this connection, as it did the last.
        self._inbox.is_full = False
        super().opened(line)

    def _heartbeat(self, interval_ms: int) -> Any:
        return (self._keepalive_factory or GatewayKeepAlive)(self, interval_ms)

    def _take(self, envelope: Envelope, size: int) -> None:
        if self._members:
            self._members.look_at(envelope)
        self._inbox.put(dispatch_of(envelope, self._source), size, begins=envelope.t == "READY")

    def express(self, connection: int, incoming: Incoming) -> Express:
        # While members are asked for, every event is looked at.
        return Express(self._session, connection, incoming, self._source, self._inbox, closed=self._members.waiting)

    def _end(self, error: BaseException | None) -> None:
        self._inbox.end(error)

    def _give_up(self, code: int) -> None:
        known = CloseCode(code)
        self._end(closed(known, known.verdict.value, known.advice))

    def pause_reading(self) -> None:
        """Read nothing more for now; heartbeats go on.  After five minutes the connection is given up and resumed."""
        line = self._line
        if line is not None and line.socket is not None:
            line.socket.pause()
            self._session.paused(line.connection, self._clock.monotonic())
            self._session.counts["paused"] += 1
            self._report(Report("paused", f"{self._inbox.size} bytes of events wait for the program"))

    def resume_reading(self) -> None:
        """Read again."""
        line = self._line
        if line is not None and line.socket is not None:
            self._session.unpaused(line.connection, self._clock.monotonic())
            line.socket.resume()
            self._arm()

    def _require_usable(self) -> None:
        if self._pid != os.getpid():
            raise ForkedClient
        if asyncio.get_running_loop() is not self.loop:
            raise GatewayError("this shard runs in another event loop or thread: hand the call over to it")


def _seen(future: "asyncio.Future[Any]") -> None:
    """Whoever does not wait for a command does not want to hear of it."""
    if not future.cancelled():
        future.exception()
