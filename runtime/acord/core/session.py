"""Gateway session: what to do about each thing that happens to a shard.  No I/O: `gateway.Shard` performs the actions.

The table in `session_table` says what is done in which state; `session_effects` and `session_core` do it.
Times are arguments (seconds of one monotonic clock), chance is injected.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from acord.core import envelope as envelopes
from acord.core.actions import Action, Changed
from acord.core.budget import MAX_PAYLOAD
from acord.core.envelope import Envelope
from acord.core.errors import DecodeError, InvalidRequest
from acord.core.outbox import Command
from acord.core.session_effects import Effects
from acord.core.session_table import OPEN, TABLE, On, State
from acord.core.signals.gateway import CloseCode, Opcode, Verdict

__all__ = ["SPECIAL", "Session"]

MAX_PAUSE: Final = 300.0  # seconds of paused reading after which the connection is given up (ours)

_ON_OP: Final[Mapping[int, On]] = {
    Opcode.HEARTBEAT: On.BEAT_REQUEST,
    Opcode.RECONNECT: On.RECONNECT,
    Opcode.HELLO: On.HELLO,
    Opcode.HEARTBEAT_ACK: On.ACK,
}
_READY: Final = State.READY  # looked up with every event; a member of an enum takes as long as the rest
_ON_DISPATCH: Final[Mapping[str, On]] = {"READY": On.READY, "RESUMED": On.RESUMED}
SPECIAL: Final = frozenset(_ON_DISPATCH)
"""Names of events that are about the session itself."""
_ON_VERDICT: Final[Mapping[Verdict, On]] = {
    Verdict.RESUME: On.CLOSED_RESUME,
    Verdict.NEW_SESSION: On.CLOSED_NEW,
    Verdict.FATAL: On.CLOSED_FATAL,
}


class Session(Effects):
    """One shard's session over all its connections.

    Every input returns the actions to perform, in order.  Inputs of a connection carry its number; those of
    an earlier one are dropped, so that a dying socket cannot disturb its successor.
    """

    # Inputs

    def start(self, now: float) -> list[Action]:
        return self._step(On.START, now)

    def opened(self, connection: int, now: float) -> list[Action]:
        """The WebSocket is open."""
        return self._step(On.OPENED, now) if self._is_current(connection) else []

    def failed(
        self, connection: int, now: float, *, retry_after: float | None = None, reason: str = ""
    ) -> list[Action]:
        """The WebSocket could not be opened; `retry_after` is what an answer to the upgrade said, in seconds."""
        return self._step(On.FAILED, now, (retry_after or 0.0, reason)) if self._is_current(connection) else []

    def next_plain(self, connection: int) -> int | None:
        """The number of the next event of a ready session; None where it is not ready, or on another connection.

        Of an event with that number, and a name that is not in `SPECIAL`, there is nothing to decide: `sequence`
        is to become that number, and the event is to be delivered.  For all else there is `message`.
        """
        if self.state is not _READY or connection != self.connection or self.sequence is None:
            return None
        return self.sequence + 1

    def message(self, connection: int, message: Envelope, now: float) -> list[Action]:
        """A message has arrived."""
        if not self._is_current(connection):
            return []
        if message.op == Opcode.DISPATCH:
            on = On.MALFORMED if message.t is None else _ON_DISPATCH.get(message.t, On.DISPATCH)
        elif message.op == Opcode.INVALID_SESSION:
            on = On.INVALID_RESUMABLE if self._body(message) is True else On.INVALID_FINAL
        else:
            on = _ON_OP.get(message.op, On.UNKNOWN_OP)
        return self._step(on, now, message)

    def malformed(self, connection: int, detail: str, now: float) -> list[Action]:
        """A message could be read and is no envelope: dropped, reported."""
        return self._step(On.MALFORMED, now, detail) if self._is_current(connection) else []

    def fault(self, connection: int, reason: str, now: float) -> list[Action]:
        """The connection cannot be trusted any longer: corrupt data, a dead heartbeat, a machine that slept."""
        return self._step(On.FAULT, now, reason) if self._is_current(connection) else []

    def closed(self, connection: int, code: int | None, now: float) -> list[Action]:
        """The connection has ended; `code` is the server's, None where it sent none."""
        if not self._is_current(connection):
            return []
        verdict = Verdict.RESUME if code is None else CloseCode(code).verdict
        return self._step(_ON_VERDICT[verdict], now, code)

    def beat(self, connection: int, now: float, *, due: float | None = None) -> list[Action]:
        """A heartbeat is due; `due` is when it was, where that is known to differ."""
        return self._step(On.BEAT_DUE, now, due) if self._is_current(connection) else []

    def granted(self, connection: int, now: float) -> list[Action]:
        """The leave to identify is there."""
        return self._step(On.GRANTED, now) if self._is_current(connection) else []

    def paused(self, connection: int, now: float) -> None:
        """Reading stands still, for the user is slow: acknowledgements are not seen any more."""
        if self._is_current(connection) and self.state in OPEN and self._pause_until is None:
            self._pause_until = now + MAX_PAUSE

    def unpaused(self, connection: int, now: float) -> None:
        """Reading goes on."""
        if self._is_current(connection) and self._pause_until is not None:
            self._pause_until = None
            self._progress = now
            self.pulse.forgive()

    def command(self, op: int, d: object, now: float, ticket: object = None) -> list[Action]:
        """Send a command as soon as session and budget allow; `Settle` says what became of it.

        Of presences (3), and of voice states (4) of one guild, only the newest is kept while they wait.
        Requests (all others) fail when the session is replaced, since nobody would answer them.

        Raises `InvalidRequest` where it is larger than Discord accepts, or an opcode that is sent from here.

        Source: Discord docs, Events > Gateway > Sending Events.
        """
        if op in (Opcode.HEARTBEAT, Opcode.IDENTIFY, Opcode.RESUME):
            raise InvalidRequest("op", op, "a command", fix="heartbeats, Identify and Resume are sent by the shard")
        data = self._encode({"op": op, "d": d})
        if len(data) > MAX_PAYLOAD:
            raise InvalidRequest("d", data, f"at most {MAX_PAYLOAD} bytes when encoded")
        return self._step(On.COMMAND, now, (Command(op, data, ticket), d))

    def stop(self, now: float, *, keep: bool) -> list[Action]:
        """Close for good.  With `keep` the session stays alive at Discord for a minute or two: see `export`."""
        return self._step(On.STOP_KEEPING if keep else On.STOP, now)

    def tick(self, now: float) -> list[Action]:
        """Time has passed."""
        out: list[Action] = []
        if self._pause_until is not None and now >= self._pause_until:
            out += self._step(On.FAULT, now, "reading was paused too long")
        if self._beats_by is not None and now >= self._beats_by:
            out += self._step(On.FAULT, now, "the heartbeat has stopped")
        if self._timer is not None and now >= self._timer:
            self._timer = None
            out += self._step(On.EXPIRED, now)
        if self.state is State.READY and len(self._outbox):
            out += self._collect(self._drain, now)
        return out

    # Machinery

    def _is_current(self, connection: int) -> bool:
        if connection == self.connection:
            return True
        self.counts["stale"] += 1
        return False

    def _step(self, on: On, now: float, arg: Any = None) -> list[Action]:
        row = TABLE[self.state, on]
        old = self.state
        actions = self._collect(lambda: self._perform(row.effect, arg), now)
        if self.state not in row.to:
            raise AssertionError(f"{old} and {on} led to {self.state}")
        if self.state is not old:
            actions.append(Changed(old.value, self.state.value))
        return actions

    def _collect(self, effect: Callable[[], None], now: float) -> list[Action]:
        self._now = now
        out: list[Action] = []
        self._out = out
        effect()
        self._out = []
        return out

    def _body(self, message: Envelope) -> Any:
        try:
            return envelopes.body(message)
        except DecodeError:
            return None
