"""What the gateway session asks its shell to do.  Values only; `gateway.Shard` performs them in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from acord.core.envelope import Envelope

__all__ = [
    "Ack",
    "Action",
    "AskSlot",
    "Changed",
    "Close",
    "Connect",
    "Deliver",
    "DropSlot",
    "Fatal",
    "Login",
    "Outcome",
    "Report",
    "Settle",
    "StartBeats",
    "StopBeats",
    "Write",
]

Outcome: TypeAlias = Literal["written", "superseded", "dropped", "full", "closed"]


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a WebSocket to `url`; all that comes of it carries the number `connection`."""

    connection: int
    url: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close that connection with `code`, or give up opening it."""

    connection: int
    code: int


@dataclass(frozen=True, slots=True)
class Write:
    """Send an encoded payload."""

    connection: int
    op: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Login:
    """Send Identify (2) or Resume (6): `d` with the token, which only the shell holds, added."""

    connection: int
    op: int
    d: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AskSlot:
    """Ask for leave to identify, and answer with `Session.granted`."""

    connection: int


@dataclass(frozen=True, slots=True)
class DropSlot:
    """The leave asked for is no longer wanted."""

    connection: int


@dataclass(frozen=True, slots=True)
class StartBeats:
    """Let `Session.beat` be called every `interval` seconds, the first time after a random part of it."""

    connection: int
    interval: float


@dataclass(frozen=True, slots=True)
class StopBeats:
    """No more beats for this connection."""

    connection: int


@dataclass(frozen=True, slots=True)
class Ack:
    """A heartbeat was acknowledged after `took` seconds, None where none was open."""

    connection: int
    took: float | None


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand a message to the user: a dispatch, or an opcode that nobody here knows."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Settle:
    """What became of a command: `ticket` is what came with it."""

    ticket: object
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """Something for the log and the hooks.  `detail` never holds a token or a body."""

    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """The state has changed, for hooks; values of `session_table.State`."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fatal:
    """Connecting again cannot help; raise to the owner."""

    code: int


Action: TypeAlias = (
    Connect
    | Close
    | Write
    | Login
    | AskSlot
    | DropSlot
    | StartBeats
    | StopBeats
    | Ack
    | Deliver
    | Settle
    | Report
    | Changed
    | Fatal
)
