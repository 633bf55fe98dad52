"""Performs what the gateway session decides: sockets, tasks, timers.  The base of `gateway.Shard`."""

import abc
import asyncio
import logging
import ssl
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, cast

from acord.core import etf, wire
from acord.core.actions import (
    Ack,
    Action,
    AskSlot,
    Changed,
    Close,
    Connect,
    Deliver,
    DropSlot,
    Fatal,
    Login,
    Report,
    Settle,
    StartBeats,
    StopBeats,
    Write,
)
from acord.core.clock import Clock
from acord.core.envelope import Envelope, Malformed
from acord.core.errors import ClientClosed, DecodeError, GatewayError, InvalidRequest
from acord.core.express import Express
from acord.core.identify import Gate, Leave
from acord.core.incoming import Incoming, max_frame
from acord.core.reports import Throttle
from acord.core.session import Session
from acord.core.signals.gateway import Opcode
from acord.core.suspend import SleepWatch
from acord.core.types import Token
from acord.core.websocket import Rejected, WebSocket, dial

__all__ = ["Performer"]

_log = logging.getLogger(__name__)

STALL: Final = 30.0  # seconds in which a message that has begun must end (ours)
LOOK_AROUND: Final = 10.0  # seconds between two looks whether the machine has slept (ours)
_QUIET: Final = frozenset({"duplicate", "surplus", "stray", "no_sequence", "gap", "unknown_op"})
_FAILED: Final = {"dropped": "the session ended before it was sent", "full": "too many commands wait already"}


class Performer(abc.ABC):
    """The hands of one shard."""

    user_agent: str

    def __init__(
        self,
        session: Session,
        token: Token,
        *,
        encoding: str,
        compress: str | None,
        tls: ssl.SSLContext | None,
        gate: Gate,
        clock: Clock,
        boot: Callable[[], float] | None = None,
        on_report: Callable[[Report | Changed], object] | None,
    ) -> None:
        self.encoding, self.compress = encoding, compress
        self._session, self._token = session, token
        self._tls, self._gate, self._clock, self._on_report = tls, gate, clock, on_report
        self._throttle = Throttle()
        self._sleep_watch = None if boot is None else SleepWatch(clock.monotonic(), boot())
        self._boot = boot
        self._loop: asyncio.AbstractEventLoop | None = None
        self._line: _Line | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._asking: asyncio.Task[Any] | None = None
        self._leave: Leave | None = None
        self._keepalive: Any = None
        self._timer: asyncio.Task[Any] | None = None
        self._timer_at: float | None = None
        self._size = 0  # of the message that is being looked at
        self._effects: Mapping[type, Callable[[Any], None]] = {
            Connect: self._connect,
            Close: self._close,
            Write: self._write,
            Login: self._login,
            AskSlot: self._ask_slot,
            DropSlot: self._drop_slot,
            StartBeats: self._start_beats,
            StopBeats: self._stop_beats,
            Ack: self._ack,
            Deliver: self._deliver,
            Settle: self._settle,
            Report: self._report,
            Changed: self._changed,
            Fatal: self._fatal,
        }

    # What the shard adds

    @property
    @abc.abstractmethod
    def shard_id(self) -> int: ...

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that the shard runs in."""
        if self._loop is None:
            raise GatewayError("the shard has not been entered: use `async with`")
        return self._loop

    @abc.abstractmethod
    def _heartbeat(self, interval_ms: int) -> Any:
        """A new heartbeat for this connection."""

    @abc.abstractmethod
    def _take(self, envelope: Envelope, size: int) -> None:
        """An event for the user."""

    @abc.abstractmethod
    def express(self, connection: int, incoming: Incoming) -> Express:
        """The short way of that connection's events to the user."""

    @abc.abstractmethod
    def _end(self, error: BaseException | None) -> None:
        """There will be no more events."""

    @abc.abstractmethod
    def _give_up(self, code: int) -> None:
        """This close code is final."""

    # What a connection says

    def opened(self, line: "_Line") -> None:
        self._perform(self._session.opened(line.connection, self._clock.monotonic()))

    def ended(self, line: "_Line", code: int | None, reason: str) -> None:
        _log.debug("shard %d: connection %d ended: %s %s", self.shard_id, line.connection, code, reason)
        self._perform(self._session.closed(line.connection, code, self._clock.monotonic()))

    def received(self, line: "_Line", frames: list[bytes], *, binary: bool) -> None:
        """Frames that were read at once; whatever is wrong with one costs the connection at most."""
        session, number, now = self._session, line.connection, self._clock.monotonic
        odd = False
        try:
            for frame, part, newest in line.express.run(frames, binary):
                odd = True
                self._look_into(line, line.incoming.feed(frame, binary=binary, part=part, newest=newest))
            if session.connection != number:
                return
        except DecodeError as exc:
            self._perform(session.fault(number, exc.reason, now()))
        except (MemoryError, RecursionError) as exc:
            self._perform(session.fault(number, type(exc).__name__, now()))
        except Exception:
            _log.exception("shard %d: an event could not be handed on", self.shard_id)
            self._perform(session.fault(number, "an error of this program", now()))
        if not odd or (line.begun_at is None and not line.incoming.pending):
            return
        if not line.incoming.pending:
            line.begun_at = None
        elif line.begun_at is None and line is self._line:
            line.begun_at = now()
            self._arm()

    def _look_into(self, line: "_Line", messages: list[bytes]) -> None:
        session, number, now = self._session, line.connection, self._clock.monotonic
        for message in messages:
            if session.connection != number:
                return
            try:
                envelope = line.incoming.read(message)
            except Malformed as exc:
                self._perform(session.malformed(number, exc.reason, now()))
                continue
            self._size = len(message)
            self._perform(session.message(number, envelope, now()))

    # Performing

    def _perform(self, actions: list[Action]) -> None:
        for action in actions:
            self._effects[type(action)](action)
        self._arm()

    def _connect(self, action: Connect) -> None:
        self._line = line = _Line(self, action.connection)
        line.dialing = self._spawn(self._dial(line, action.url))

    async def _dial(self, line: "_Line", url: str) -> None:
        retry_after = None
        try:
            await dial(url, line, max_size=max_frame(self.compress), user_agent=self.user_agent, tls=self._tls)
            return
        except Rejected as exc:
            reason, retry_after = str(exc), exc.retry_after
        except (OSError, EOFError, ValueError) as exc:
            reason = f"{type(exc).__name__}: {exc}"
        now = self._clock.monotonic()
        self._perform(self._session.failed(line.connection, now, retry_after=retry_after, reason=reason))

    def _close(self, action: Close) -> None:
        line = self._line
        if line is None or line.connection != action.connection:
            return
        if line.socket is not None:
            line.socket.close(action.code)
        elif line.dialing is not None:
            line.dialing.cancel()

    def _write(self, action: Write) -> None:
        self._put(action.connection, action.data)

    def _login(self, action: Login) -> None:
        # The one place where the token is a plain string, on its way into the socket.
        d = {**action.d, "token": self._token.reveal()}
        self._put(action.connection, self._encode({"op": action.op, "d": d}))
        if action.op == Opcode.IDENTIFY and self._leave is not None:
            self._leave.written()
            self._leave = None

    def _put(self, connection: int, data: bytes) -> None:
        line = self._line
        if line is not None and line.connection == connection and line.socket is not None:
            line.socket.send(data, binary=self.encoding == "etf")

    def _encode(self, payload: object) -> bytes:
        return encode(payload, self.encoding)

    def _ask_slot(self, action: AskSlot) -> None:
        self._asking = self._spawn(self._ask(action.connection))

    async def _ask(self, connection: int) -> None:
        leave = await self._gate.acquire(self.shard_id)
        if connection != self._session.connection:
            leave.cancel()
            return
        self._asking, self._leave = None, leave
        self._perform(self._session.granted(connection, self._clock.monotonic()))

    def _drop_slot(self, _: DropSlot) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def _start_beats(self, action: StartBeats) -> None:
        self._keepalive = self._heartbeat(round(action.interval * 1000))
        self._keepalive.start()

    def _stop_beats(self, _: StopBeats) -> None:
        keepalive, self._keepalive = self._keepalive, None
        if keepalive is not None:
            keepalive._ended = True

    def _ack(self, _: Ack) -> None:
        if self._keepalive is not None:
            self._keepalive.ack()

    def _deliver(self, action: Deliver) -> None:
        self._take(action.envelope, self._size)

    def _settle(self, action: Settle) -> None:
        future = cast("asyncio.Future[None] | None", action.ticket)
        if future is None or future.done():
            return
        if action.outcome in ("written", "superseded"):
            future.set_result(None)
        elif action.outcome == "closed":
            future.set_exception(ClientClosed())
        else:
            future.set_exception(GatewayError(_FAILED[action.outcome]))

    def _fatal(self, action: Fatal) -> None:
        self._give_up(action.code)

    def _changed(self, action: Changed) -> None:
        _log.debug("shard %d: %s -> %s", self.shard_id, action.old, action.new)
        self._tell(action)

    def _report(self, action: Report) -> None:
        level = logging.DEBUG if action.kind in _QUIET else logging.WARNING
        left_out = self._throttle.pass_on(action.kind, self._clock.monotonic())
        if left_out is not None:
            more = f" ({left_out} more since the last line)" if left_out else ""
            _log.log(level, "shard %d: %s: %s%s", self.shard_id, action.kind, action.detail, more)
        self._tell(action)

    def _tell(self, action: Report | Changed) -> None:
        if self._on_report is None:
            return
        try:
            self._on_report(action)
        except Exception:
            _log.exception("on_report failed")

    # Time and tasks

    def _arm(self) -> None:
        """Have `_wait` wake up when something is due."""
        due = self._session.deadline()
        line = self._line
        if self._sleep_watch is not None and due is not None:
            due = min(due, self._sleep_watch.looked_at + LOOK_AROUND)
        if line is not None and line.begun_at is not None:
            due = line.begun_at + STALL if due is None else min(due, line.begun_at + STALL)
        if due == self._timer_at:
            return
        self._timer_at = due
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if due is None else self._spawn(self._wait(due))

    async def _wait(self, due: float) -> None:
        await self._clock.sleep(due - self._clock.monotonic())
        # From here on this task is not to be cancelled by what it causes.
        self._timer, self._timer_at = None, None
        now, line = self._clock.monotonic(), self._line
        self._look_around(now)
        if line is not None and line.begun_at is not None and now >= line.begun_at + STALL:
            line.begun_at = None
            self._perform(self._session.fault(line.connection, "a message has begun and does not end", now))
        self._perform(self._session.tick(now))

    def _look_around(self, now: float) -> None:
        """Resume at once where the machine has slept: the other side has long given this connection up."""
        watch, boot, line = self._sleep_watch, self._boot, self._line
        if watch is None or boot is None:
            return
        slept = watch.look(now, boot())
        if slept and line is not None:
            self._perform(self._session.fault(line.connection, f"this machine slept for {slept:.0f} s", now))

    def _spawn(self, what: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = self.loop.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()) is not None:
            # Nothing here may fail; where it does, nobody shall wait for events for ever.
            self._end(exc)


class _Line:
    """One connection of a shard; passes on what happens to it."""

    def __init__(self, shard: Performer, connection: int) -> None:
        self.connection = connection
        self.incoming = Incoming(shard.compress, shard.encoding)
        self.express = shard.express(connection, self.incoming)
        self.socket: WebSocket | None = None
        self.dialing: asyncio.Task[None] | None = None
        self.begun_at: float | None = None  # when a message began that has not ended
        self._shard = shard

    def on_open(self, socket: WebSocket) -> None:
        self.socket = socket
        self._shard.opened(self)

    def on_messages(self, messages: list[bytes], *, binary: bool) -> None:
        self._shard.received(self, messages, binary=binary)

    def on_end(self, code: int | None, reason: str) -> None:
        self._shard.ended(self, code, reason)


def encode(payload: object, encoding: str) -> bytes:
    """A payload as it goes onto the wire.  `InvalidRequest` where the encoding cannot say it."""
    if encoding == "etf":
        return etf.pack(payload)
    try:
        return wire.encode_json(payload)
    except (TypeError, ValueError) as exc:
        raise InvalidRequest("d", payload, "values that JSON has", fix=str(exc)) from None
