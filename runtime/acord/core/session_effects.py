"""What the gateway session does in each cell of its table.  The middle of `session.Session`; no I/O."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

import msgspec

from acord.core import envelope as envelopes
from acord.core.actions import Ack, AskSlot, Connect, Deliver, Login, Settle, StartBeats, Write
from acord.core.budget import Purpose, SendBudget
from acord.core.envelope import Envelope
from acord.core.origin import connect_url
from acord.core.outbox import Command
from acord.core.pulse import interval_of
from acord.core.session_core import ACK_GRACE, CLOSE_KEEPING, STEADY, SessionCore
from acord.core.session_state import SessionState
from acord.core.session_table import State
from acord.core.signals.gateway import Opcode

__all__ = ["Effects"]

CONNECT_TIMEOUT, HELLO_TIMEOUT, READY_TIMEOUT = 30.0, 20.0, 60.0  # seconds (ours)
MAX_RETRY_AFTER: Final = 3600.0  # seconds that an answer to the upgrade can make us wait
MAX_SESSION_ID: Final = 256


class _Hello(msgspec.Struct):
    heartbeat_interval: Any = None


class _Ready(msgspec.Struct):
    session_id: Any = None
    resume_gateway_url: Any = None
    v: Any = None


_hello_decoder = msgspec.json.Decoder(_Hello)
_ready_decoder = msgspec.json.Decoder(_Ready)


class Effects(SessionCore):
    """One method for each effect that `session_table` names; those of the end are in the base."""

    def _perform(self, effect: str, arg: Any) -> None:
        method: Callable[[Any], None] = getattr(self, f"_{effect}")
        method(arg)

    # Effects: connecting

    def _connect(self, _: Any) -> None:
        if self._stored is not None:
            self._adopt(self._stored)
            self._stored = None
        if self._session is None:
            # Read here, not once: the user may rebind the version between two sessions.
            self._blank = replace(self._blank, version=self._version())
        base = self.url
        if self._session is not None and self._session.resume_gateway_url is not None:
            base = self._session.resume_gateway_url
        url = connect_url(base, version=self._blank.version, encoding=self._encoding, compress=self._compress)
        self._enter(State.CONNECTING, CONNECT_TIMEOUT)
        self._do(Connect(self.connection, url))

    def _adopt(self, stored: SessionState) -> None:
        if differences := stored.differences(self._blank):
            self._report("session_refused", f"the stored session differs in {', '.join(differences)}")
            return
        self._session = replace(stored, resume_gateway_url=self._safe_url(stored.resume_gateway_url))
        self.sequence = stored.seq
        self._lost_at = self._now

    def _opened(self, _: Any) -> None:
        self._budget = SendBudget()
        self._enter(State.HELLO, HELLO_TIMEOUT)

    def _unreachable(self, arg: Any) -> None:
        retry_after, reason = cast(tuple[float, str], arg) if isinstance(arg, tuple) else (0.0, "")
        self._report("unreachable", reason)
        if self._session is not None:
            # The url of a session may be stale while the session is not: the main gateway takes it, too.
            self._session = replace(self._session, resume_gateway_url=None)
        self._leave(CLOSE_KEEPING, wait=min(retry_after, MAX_RETRY_AFTER))

    def _hello(self, message: Envelope) -> None:
        hello = envelopes.typed(message, _hello_decoder, _Hello)
        interval = interval_of(hello.heartbeat_interval if hello else None)
        if interval is None:
            self._report("hello", "the heartbeat interval makes no sense")
            self._leave(CLOSE_KEEPING)
            return
        self.pulse.restart(interval)
        self._budget.reserve_beats(interval)
        self._beating = True
        self._watch_beats()
        self._do(StartBeats(self.connection, interval))
        if self._session is None:
            self._enter(State.WAIT_SLOT, None)
            self._do(AskSlot(self.connection))
            return
        self._enter(State.RESUMING, READY_TIMEOUT)
        self._login(Opcode.RESUME, {"session_id": self._session.session_id, "seq": self.sequence or 0})

    def _overdue_hello(self, _: Any) -> None:
        self._report("overdue", "no Hello")
        self._leave(CLOSE_KEEPING)

    def _identify(self, _: Any) -> None:
        self._enter(State.IDENTIFYING, READY_TIMEOUT)
        self._login(Opcode.IDENTIFY, dict(self._identity))

    def _login(self, op: int, d: Mapping[str, Any]) -> None:
        self._progress = self._now
        self._last_op = op
        self._budget.spend(self._now)
        self._do(Login(self.connection, op, d))

    def _overdue(self, _: Any) -> None:
        """No READY or RESUMED: an outage while beats are answered, else a dead connection."""
        quiet_until = self._progress + READY_TIMEOUT
        since = self.pulse.unanswered_since
        if since is not None:
            quiet_until = max(quiet_until, since + ACK_GRACE)
        if since is None or self._now < quiet_until or self._pause_until is not None:
            self._timer = quiet_until if self._now < quiet_until else self._now + READY_TIMEOUT
            return
        self._report("overdue", f"no answer to op {self._last_op}")
        self._leave(CLOSE_KEEPING)

    def _steady(self, _: Any) -> None:
        self.fails = 0
        self._early = False

    # Effects: messages

    def _ready(self, message: Envelope) -> None:
        ready = envelopes.typed(message, _ready_decoder, _Ready)
        session_id = ready.session_id if ready else None
        self._note_version(ready.v if ready else None)
        old = self._session
        if old is not None and old.session_id == session_id and not self._is_new(message):
            return
        if not isinstance(session_id, str) or not 0 < len(session_id) <= MAX_SESSION_ID:
            self._report("malformed", "READY without a session id: it cannot be resumed")
            self._session = None
        else:
            url = self._safe_url(ready.resume_gateway_url if ready else None)
            self._session = replace(self._blank, session_id=session_id, resume_gateway_url=url)
        self.sequence = None if message.s is None or message.s < 0 else message.s
        self._do(Deliver(message))
        if self._presence is not None and not self._outbox.has_presence():
            self._outbox.put(self._presence, None)
        self._established()

    def _note_version(self, version: object) -> None:
        """Say once that the gateway speaks a newer version than was asked for."""
        if type(version) is int and version > self._blank.version and not self._version_told:
            self._version_told = True
            self._report(
                "newer_version", f"the gateway speaks API version {version}, {self._blank.version} was asked for"
            )

    def _resumed(self, message: Envelope) -> None:
        if self._is_new(message):
            self._do(Deliver(message))
        self._established()

    def _established(self) -> None:
        self._resume_fails = 0
        self._lost_at = None
        if self.state is not State.READY:
            self._enter(State.READY, STEADY)
        self._drain()

    def _dispatch(self, message: Envelope) -> None:
        self._progress = self._now
        if self._is_new(message):
            self._do(Deliver(message))

    def _surplus_dispatch(self, message: Envelope) -> None:
        self._report("surplus", "RESUMED without a Resume")
        self._dispatch(message)

    def _stray(self, message: Envelope) -> None:
        """A dispatch before Identify or Resume: data, but its number belongs to no session that we know."""
        self._report("stray", "a dispatch before Identify")
        self._do(Deliver(message))

    def _is_new(self, message: Envelope) -> bool:
        """Count a dispatch.  False for one that was delivered before; the sequence never goes back."""
        seq = message.s
        if seq is None or seq < 0:
            self._report("no_sequence", "a dispatch without sequence number")
            return True
        last = self.sequence
        if last is not None and seq <= last:
            self._report("duplicate", f"sequence {seq} after {last}")
            return False
        if last is not None and seq != last + 1:
            self._report("gap", f"sequence {seq} after {last}")
        self.sequence = seq
        return True

    def _reconnect(self, arg: Any) -> None:
        if isinstance(arg, str):
            self._report("fault", arg)
        self._leave(CLOSE_KEEPING)

    def _invalid_resumable(self, _: Any) -> None:
        self._report("invalid_session", "resumable")
        self._leave(CLOSE_KEEPING, wait=self._between(1.0, 5.0))

    def _invalid_final(self, _: Any) -> None:
        self._report("invalid_session", "final")
        self._end_session()
        self._leave(CLOSE_KEEPING, wait=self._between(1.0, 5.0))

    def _surplus(self, _: Any) -> None:
        self._report("surplus", "a second Hello")

    def _unknown_op(self, message: Envelope) -> None:
        self._report("unknown_op", f"op {message.op}" if abs(message.op) < 2**31 else "op out of range")
        self._do(Deliver(message))

    def _malformed(self, arg: Any) -> None:
        if isinstance(arg, Envelope):
            # A dispatch without a name has its number all the same: a resume must not repeat it for ever.
            if self.state not in (State.HELLO, State.WAIT_SLOT):
                self._is_new(arg)
            arg = "a dispatch without a name"
        self._report("malformed", str(arg))

    # Effects: beats

    def _beat(self, due: float | None) -> None:
        self._watch_beats()
        if self.pulse.too_soon(self._now):
            self.counts["ignored"] += 1
            return
        if self._pause_until is None and self.pulse.is_zombie(self._now, due):
            self._report("zombie", "the last heartbeat was not acknowledged")
            self._leave(CLOSE_KEEPING)
            return
        self._write_beat(scheduled=True)

    def _beat_request(self, _: Any) -> None:
        # A flood of requests must not use up what scheduled beats need.
        if self._budget.free_at(self._now, Purpose.REQUESTED_BEAT) > self._now:
            self._report("beat_flood", "heartbeats requested beyond the send budget")
            return
        self._write_beat(scheduled=False)

    def _write_beat(self, *, scheduled: bool) -> None:
        self._budget.spend(self._now)
        self.pulse.beat(self._now, scheduled=scheduled)
        self._last_op = Opcode.HEARTBEAT
        self._do(Write(self.connection, Opcode.HEARTBEAT, self._encode({"op": Opcode.HEARTBEAT, "d": self.sequence})))

    def _ack(self, _: Any) -> None:
        took = self.pulse.ack(self._now)
        if took is None:
            self.counts["ack_of_nothing"] += 1
        else:
            self._progress = self._now
        self._do(Ack(self.connection, took))

    def _watch_beats(self) -> None:
        self._beats_by = self._now + 1.5 * self.pulse.interval + ACK_GRACE

    # Effects: commands

    def _hold(self, arg: tuple[Command, object]) -> None:
        command, d = arg
        replaced = self._outbox.put(command, d)
        if replaced is None:
            return
        if replaced is command:
            self._report("outbox_full", f"op {command.op} refused")
        self._do(Settle(replaced.ticket, "full" if replaced is command else "superseded"))

    def _send(self, arg: tuple[Command, object]) -> None:
        self._hold(arg)
        self._drain()

    def _refuse(self, arg: tuple[Command, object]) -> None:
        self._do(Settle(arg[0].ticket, "closed"))

    def _drain(self) -> None:
        while (command := self._outbox.take(self._now, self._budget)) is not None:
            self._last_op = command.op
            if command.op == Opcode.PRESENCE_UPDATE:
                self._presence = replace(command, ticket=None)
            self._do(Write(self.connection, command.op, command.data))
            self._do(Settle(command.ticket, "written"))
