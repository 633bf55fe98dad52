"""The table of the gateway session: for every state and every input, what is done and where it leads.

Data, so that the machine, the tests and the drawing in the docs read the same thing.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final, TypeAlias

__all__ = ["OPEN", "TABLE", "On", "State", "Transition", "transitions"]


class State(enum.Enum):
    """Where one shard stands."""

    IDLE = "idle"
    CONNECTING = "connecting"
    HELLO = "hello"
    WAIT_SLOT = "wait_slot"
    IDENTIFYING = "identifying"
    RESUMING = "resuming"
    READY = "ready"
    BACKOFF = "backoff"
    CLOSED = "closed"
    FATAL = "fatal"


class On(enum.Enum):
    """What can happen."""

    START = "start"
    OPENED = "connection opened"
    FAILED = "connecting failed"
    HELLO = "op 10 Hello"
    RECONNECT = "op 7 Reconnect"
    INVALID_RESUMABLE = "op 9 Invalid Session, true"
    INVALID_FINAL = "op 9 Invalid Session, false"
    BEAT_REQUEST = "op 1 Heartbeat"
    ACK = "op 11 Heartbeat ACK"
    READY = "READY"
    RESUMED = "RESUMED"
    DISPATCH = "other dispatch"
    UNKNOWN_OP = "unknown op"
    MALFORMED = "malformed message"
    BEAT_DUE = "beat due"
    GRANTED = "identify slot granted"
    EXPIRED = "timer"
    CLOSED_RESUME = "closed, may resume"
    CLOSED_NEW = "closed, session gone"
    CLOSED_FATAL = "closed, fatal"
    FAULT = "fault"
    COMMAND = "command"
    STOP = "stop"
    STOP_KEEPING = "stop, keep session"


@dataclass(frozen=True, slots=True)
class Transition:
    """One cell: `effect` names the method of `session.Session` that runs; it ends in one of `to`."""

    state: State
    on: On
    effect: str
    to: tuple[State, ...]


S = State
OPEN: Final = (S.HELLO, S.WAIT_SLOT, S.IDENTIFYING, S.RESUMING, S.READY)
_LIVE = (S.CONNECTING, *OPEN)
_LOGGED_IN = (S.IDENTIFYING, S.RESUMING, S.READY)
_STRANGER = (S.HELLO, S.WAIT_SLOT)  # no session is bound to the connection yet
_UNFINISHED = (S.IDLE, *_LIVE, S.BACKOFF)
_SAME: tuple[State, ...] = ()  # stays

# (states, input, effect, next).  Without a session, whatever would resume identifies instead.
_Rule: TypeAlias = tuple[tuple[State, ...], On, str, tuple[State, ...]]
_RULES: Final[Iterable[_Rule]] = (
    ((S.IDLE,), On.START, "connect", (S.CONNECTING,)),
    ((S.CONNECTING,), On.OPENED, "opened", (S.HELLO,)),
    ((S.CONNECTING,), On.FAILED, "unreachable", (S.BACKOFF,)),
    ((S.CONNECTING,), On.EXPIRED, "unreachable", (S.BACKOFF,)),
    ((S.CONNECTING,), On.CLOSED_RESUME, "unreachable", (S.BACKOFF,)),
    ((S.HELLO,), On.HELLO, "hello", (S.RESUMING, S.WAIT_SLOT, S.BACKOFF)),
    ((S.WAIT_SLOT, *_LOGGED_IN), On.HELLO, "surplus", _SAME),
    (OPEN, On.RECONNECT, "reconnect", (S.BACKOFF,)),
    (OPEN, On.INVALID_RESUMABLE, "invalid_resumable", (S.BACKOFF,)),
    (OPEN, On.INVALID_FINAL, "invalid_final", (S.BACKOFF,)),
    (OPEN, On.BEAT_REQUEST, "beat_request", _SAME),
    (OPEN, On.ACK, "ack", _SAME),
    (_STRANGER, On.READY, "stray", _SAME),
    ((S.IDENTIFYING,), On.READY, "ready", (S.READY,)),
    # Not expected, and taken for what it says, unless it is a repetition.
    ((S.RESUMING,), On.READY, "ready", (S.READY, S.RESUMING)),
    ((S.READY,), On.READY, "ready", (S.READY,)),
    ((S.RESUMING,), On.RESUMED, "resumed", (S.READY,)),
    (_STRANGER, On.RESUMED, "stray", _SAME),
    ((S.IDENTIFYING, S.READY), On.RESUMED, "surplus_dispatch", _SAME),
    (_STRANGER, On.DISPATCH, "stray", _SAME),
    (_LOGGED_IN, On.DISPATCH, "dispatch", _SAME),
    (OPEN, On.UNKNOWN_OP, "unknown_op", _SAME),
    (OPEN, On.MALFORMED, "malformed", _SAME),
    ((S.WAIT_SLOT,), On.BEAT_DUE, "beat", (S.WAIT_SLOT, S.BACKOFF)),
    ((S.IDENTIFYING,), On.BEAT_DUE, "beat", (S.IDENTIFYING, S.BACKOFF)),
    ((S.RESUMING,), On.BEAT_DUE, "beat", (S.RESUMING, S.BACKOFF)),
    ((S.READY,), On.BEAT_DUE, "beat", (S.READY, S.BACKOFF)),
    ((S.WAIT_SLOT,), On.GRANTED, "identify", (S.IDENTIFYING,)),
    ((S.HELLO,), On.EXPIRED, "overdue_hello", (S.BACKOFF,)),
    ((S.IDENTIFYING,), On.EXPIRED, "overdue", (S.IDENTIFYING, S.BACKOFF)),
    ((S.RESUMING,), On.EXPIRED, "overdue", (S.RESUMING, S.BACKOFF)),
    ((S.READY,), On.EXPIRED, "steady", _SAME),
    ((S.BACKOFF,), On.EXPIRED, "connect", (S.CONNECTING,)),
    (OPEN, On.CLOSED_RESUME, "lost", (S.BACKOFF,)),
    (_LIVE, On.CLOSED_NEW, "lost_session", (S.BACKOFF,)),
    (_LIVE, On.CLOSED_FATAL, "fatal", (S.FATAL,)),
    ((S.CONNECTING,), On.FAULT, "unreachable", (S.BACKOFF,)),
    (OPEN, On.FAULT, "reconnect", (S.BACKOFF,)),
    ((S.READY,), On.COMMAND, "send", _SAME),
    ((S.IDLE, S.CONNECTING, *OPEN[:-1], S.BACKOFF), On.COMMAND, "hold", _SAME),
    ((S.CLOSED, S.FATAL), On.COMMAND, "refuse", _SAME),
    (_UNFINISHED, On.STOP, "stop", (S.CLOSED,)),
    (_UNFINISHED, On.STOP_KEEPING, "stop_keeping", (S.CLOSED,)),
)


def _table(rules: Iterable[_Rule]) -> Mapping[tuple[State, On], Transition]:
    # What is not ruled cannot happen, or comes too late, and changes nothing.
    table = {(state, on): Transition(state, on, "ignore", (state,)) for state, on in product(State, On)}
    ruled: set[tuple[State, On]] = set()
    for states, on, effect, to in rules:
        for state in states:
            if (state, on) in ruled:
                raise AssertionError(f"two rules for {state} and {on}")
            ruled.add((state, on))
            table[state, on] = Transition(state, on, effect, to or (state,))
    return table


TABLE: Final = _table(_RULES)


def transitions() -> tuple[Transition, ...]:
    """Every cell in which something is done, in the order of states and inputs: what the docs draw."""
    return tuple(row for row in TABLE.values() if row.effect != "ignore")
