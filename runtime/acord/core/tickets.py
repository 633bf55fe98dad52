"""What waits, and for what: tickets, the queues of lanes, the pools that they spend from, the gates behind those."""

import math
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from acord.core.buckets import Bucket
from acord.core.gates import SLOW, GlobalGate, Hold
from acord.core.lanes import Lane

_ENOUGH: Final = 8  # slow replies that tell of a slow route, and not of connections that were opened

__all__ = ["Cause", "Gate", "Key", "Pool", "Queue", "Refusal", "RouteFacts", "Ticket"]

Key: TypeAlias = tuple[int, int]
"""Order of tickets: priority (negated), then number."""
Cause: TypeAlias = Literal["bucket", "global", "shared", "sublimit", "ban", "invalid", "wait", "credential"]


class Refusal(NamedTuple):
    """Why a ticket was not granted."""

    cause: Cause
    delay: float | None = None
    """Seconds until it could be sent, as far as known."""
    bucket: str | None = None


class _Entry:
    """Something in a heap: entries begin with unique keys, so what follows them is never really compared."""

    __slots__ = ()

    def __lt__(self, other: object) -> bool:
        return False


class Ticket(_Entry):
    """One request."""

    __slots__ = ("hold", "key", "lane", "limit", "queue", "refusal", "sent", "state", "waiter")

    def __init__(self, lane: Lane, key: Key, limit: float) -> None:
        self.lane, self.key, self.limit = lane, key, limit
        self.state: Literal["waiting", "sent", "lingering", "over"] = "waiting"
        self.refusal: Refusal | None = None
        self.queue: Queue | None = None
        self.hold: Hold | None = None
        self.sent = math.inf
        self.waiter: Any = None
        """The shell's own: what it wakes for each of ``settled``."""


class Pool(_Entry):
    """A bucket, and the queues that spend from it."""

    __slots__ = ("accused", "bucket", "guests", "heap", "key", "name", "offered", "queues", "sweep", "timer", "waiting")

    def __init__(self, key: tuple[str, ...], bucket: Bucket, name: str | None) -> None:
        self.key, self.bucket, self.name = key, bucket, name
        # No sets: an empty one takes a fifth of what a bucket may, and nearly all have one queue and no guest.
        self.queues: list[Queue] = []
        self.guests: tuple[Queue, ...] = ()  # queues of other pools that ask here, too
        self.heap: list[tuple[Key, Queue]] = []
        self.offered: Key | None = None
        self.timer = self.sweep = math.inf
        self.waiting = 0
        self.accused: str | None = None  # hash that a 429 named before a reply named the bucket


class Queue(_Entry):
    """The tickets of one lane."""

    __slots__ = (
        "also",
        "facts",
        "flying",
        "gate",
        "ghosts",
        "heap",
        "hold",
        "lane",
        "offered",
        "pool",
        "timer",
        "waiting",
    )

    def __init__(self, lane: Lane, facts: "RouteFacts", gate: "Gate", pool: Pool) -> None:
        self.lane, self.facts, self.gate, self.pool = lane, facts, gate, pool
        self.heap: list[tuple[Key, Ticket]] = []
        self.offered: Key | None = None
        self.hold: Hold | None = None
        self.also: tuple[Pool, ...] = ()
        self.timer = math.inf
        self.flying = self.ghosts = self.waiting = 0


class Gate(GlobalGate, _Entry):
    """The global gate of one credential, and the pools that could send."""

    __slots__ = ("pumping", "ready", "timer", "uses")

    def __init__(self, limit: float) -> None:
        super().__init__(limit)
        self.ready: list[tuple[Key, Pool]] = []
        self.timer = math.inf
        self.uses = 0
        self.pumping = False


class RouteFacts:
    """What is known of one template: its hash, or that no limit was seen."""

    __slots__ = ("_slow", "alternates", "fastest", "hash", "hashes", "probing", "unlimited")

    def __init__(self) -> None:
        self.hash: str | None = None
        self.hashes: tuple[str, ...] = ()  # the last ones seen, newest last
        self.alternates = False
        self.unlimited = -math.inf  # until when it is believed to have no limit
        # Queues that have no bucket of a known hash; a set would forget their order, and decide by addresses.
        self.probing: dict[Queue, None] = {}
        self.fastest = math.inf  # seconds that a reply took at least
        self._slow = 0

    def hear(self, late: float) -> None:
        """A reply that took so many seconds."""
        self.fastest = min(self.fastest, late)
        self._slow += late > SLOW

    @property
    def usual(self) -> float | None:
        """Seconds that Discord takes for it at least; None where it may have been the way."""
        return self.fastest if self._slow >= _ENOUGH else None
