"""What the gateway session remembers, and how it gives up a connection.  The base of `session.Session`."""

import random as _random
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from acord.core.actions import Action, Close, DropSlot, Fatal, Report, Settle, StopBeats
from acord.core.budget import MAX_PAYLOAD, SendBudget
from acord.core.changes import changes
from acord.core.errors import InvalidRequest
from acord.core.origin import Origin, gateway_url
from acord.core.outbox import Command, Outbox
from acord.core.pulse import Pulse
from acord.core.session_state import SessionState
from acord.core.session_table import OPEN, State
from acord.core.signals.gateway import CloseCode, Opcode

__all__ = ["ACK_GRACE", "CLOSE_KEEPING", "SessionCore"]

# Close with 4000, not 1000: a 1000 (or 1001) from us ends the session and RESUME would be refused.
CLOSE_KEEPING, CLOSE_ENDING = 4000, 1000

STEADY: Final = 60.0  # seconds in READY after which earlier failures are forgotten (ours)
ACK_GRACE: Final = 10.0  # seconds that an answer may take before something is wrong (ours)
MAX_BACKOFF: Final = 60.0  # seconds
RESUME_TRIES, RESUME_PATIENCE = 3, 90.0  # a session can be bricked: every resume is closed for about 90 s
TOKEN_ROOM: Final = 128  # bytes that the token adds to an Identify


class SessionCore:
    """State, timers, endings."""

    def __init__(
        self,
        *,
        # Where to
        url: str,
        version: Callable[[], int],
        encoding: str,
        compress: str | None,
        origins: Collection[Origin] = (),
        # Who
        identify: Mapping[str, Any],
        fingerprint: str,
        session: SessionState | None = None,
        # How
        encode: Callable[[object], bytes],
        fleet: int = 1,
        random: Callable[[], float] = _random.random,
    ) -> None:
        """`url` is the bare main gateway, `origins` what the user named beside Discord's own.

        `version` is asked at every connect that does not resume.  `identify` is the body of Identify without
        the token, with ``intents`` and ``shard``.  `fleet` is the number of shards of this process.

        Raises `InvalidRequest` where Identify would be larger than Discord accepts.
        """
        self.url = url
        self.state = State.IDLE
        self.connection = 0
        self.fails = 0
        self.counts: Counter[str] = Counter()
        self.pulse = Pulse(1.0)
        self._version, self._encoding, self._compress, self._origins = version, encoding, compress, origins
        self._identity = identify
        self._encode, self._fleet, self._random = encode, fleet, random
        size = len(encode({"op": Opcode.IDENTIFY, "d": identify})) + TOKEN_ROOM
        if size > MAX_PAYLOAD:
            raise InvalidRequest("presence", identify, f"an Identify of at most {MAX_PAYLOAD} bytes, not {size}")
        shard = identify.get("shard") or (0, 1)
        self._blank = SessionState(
            session_id="",
            resume_gateway_url=None,
            seq=0,
            shard_id=int(shard[0]),
            shard_count=int(shard[1]),
            version=version(),
            encoding=encoding,
            intents=int(identify.get("intents", 0)),
            fingerprint=fingerprint,
        )
        self._stored = session
        self._session: SessionState | None = None
        self.sequence: int | None = None
        """The number of the last event, for heartbeats and resumes."""
        self._budget = SendBudget()
        self._outbox = Outbox()
        self._presence: Command | None = None  # the last one written, for the next session
        self._out: list[Action] = []
        self._now = 0.0
        self._beating = False
        self._last_op = 0
        self._early = False  # the last READY did not last
        self._version_told = False
        self._resume_fails = 0
        self._lost_at: float | None = None
        # Timers; None where nothing is due.
        self._timer: float | None = None
        self._progress = 0.0
        self._beats_by: float | None = None
        self._pause_until: float | None = None

    # What is known

    def export(self, handled: int | None = None) -> SessionState | None:
        """The session as a value, None where there is none; `handled` is the last dispatch that was dealt with."""
        if self._session is None:
            return None
        return replace(self._session, seq=(self.sequence or 0) if handled is None else handled)

    def renamed(self, fingerprint: str) -> None:
        """The token has changed: the session that is open goes on, the next is this one's."""
        self._blank = replace(self._blank, fingerprint=fingerprint)
        self._session = None if self._session is None else replace(self._session, fingerprint=fingerprint)

    def deadline(self) -> float | None:
        """When `tick` is due next; None where nothing waits for time."""
        times = [at for at in (self._timer, self._beats_by, self._pause_until) if at is not None]
        if self.state is State.READY and len(self._outbox):
            times.append(self._outbox.ready_at(self._now, self._budget))
        return min(times, default=None)

    # Telling the shell

    def _do(self, action: Action) -> None:
        self._out.append(action)

    def _report(self, kind: str, detail: str = "") -> None:
        self.counts[kind] += 1
        self._do(Report(kind, detail))

    def _between(self, low: float, high: float) -> float:
        return low + (high - low) * self._random()

    def _ignore(self, _: Any) -> None:
        self.counts["ignored"] += 1

    # Effects: endings

    def _drop_slot(self) -> None:
        if self.state is State.WAIT_SLOT:
            self._do(DropSlot(self.connection))

    def _lost(self, code: int | None) -> None:
        self._report_close(code)
        self._leave(None)

    def _lost_session(self, code: int | None) -> None:
        self._report_close(code)
        self._end_session()
        self._leave(None)

    def _report_close(self, code: int | None) -> None:
        kind = "client_bug" if code is not None and CloseCode(code).is_client_bug else "closed"
        self._report(kind, f"close code {code}" + (f" after op {self._last_op}" if kind == "client_bug" else ""))

    def _fatal(self, code: int | None) -> None:
        self._end_session()
        self._finish(State.FATAL, None)
        self._do(Fatal(code or 0))

    def _stop(self, _: Any) -> None:
        self._finish(State.CLOSED, CLOSE_ENDING)
        self._end_session()

    def _stop_keeping(self, _: Any) -> None:
        self._finish(State.CLOSED, CLOSE_KEEPING)

    def _finish(self, state: State, code: int | None) -> None:
        self._part(code)
        for command in self._outbox.drop_all():
            self._do(Settle(command.ticket, "closed"))
        self._enter(state, None)

    def _end_session(self) -> None:
        self._session = None
        self.sequence = None
        self._resume_fails = 0
        for command in self._outbox.drop_requests():
            self._do(Settle(command.ticket, "dropped"))

    def _leave(self, code: int | None, *, wait: float = 0.0) -> None:
        """Give up this connection, and count what has to be counted before the next."""
        if self.state is State.READY:
            self._lost_at = self._now
            # A session that is accepted and dropped again and again must not loop without delay.
            if self._early:
                self.fails += 1
            self._early = self._timer is not None
        else:
            self.fails += 1
        if self.state is State.RESUMING:
            self._resume_fails += 1
            waited = self._now - (self._now if self._lost_at is None else self._lost_at)
            if self._resume_fails >= RESUME_TRIES or waited >= RESUME_PATIENCE:
                self._report("resume_given_up", f"after {self._resume_fails} attempts")
                self._end_session()
        self._part(code)
        if self._session is None:
            self.sequence = None
        delay = max(wait, min(MAX_BACKOFF, 2.0 ** min(self.fails, 10)) * self._between(0.5, 1.0) if self.fails else 0.0)
        self._enter(State.BACKOFF, delay + self._between(0.0, min(5.0, 0.05 * self._fleet)))

    def _part(self, code: int | None) -> None:
        """Let go of the connection; what still comes of it is stale from here on."""
        self._drop_slot()
        if self._beating:
            self._do(StopBeats(self.connection))
            self._beating = False
        if code is not None and self.state in (State.CONNECTING, *OPEN):
            self._do(Close(self.connection, code))
        self._beats_by = self._pause_until = None
        self.connection += 1
        changes.note()

    def _enter(self, state: State, timeout: float | None) -> None:
        self.state = state
        self._timer = None if timeout is None else self._now + timeout

    def _safe_url(self, url: object) -> str | None:
        checked = gateway_url(url, self._origins)
        if checked is None and url is not None:
            self._report("resume_url", "the resume url leads elsewhere than to Discord, and is not used")
        return checked
