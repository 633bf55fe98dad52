"""A session: who it is, what it wants to hear, and what it has been told."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from acord.core.signals.gateway import Intents
from acord.sandbox.answers import Json
from acord.sandbox.calls import Account
from acord.sandbox.gateway.rates import Recent

if TYPE_CHECKING:
    from acord.sandbox.gateway.links import Link

__all__ = ["Identified", "Session", "Told"]


class Identified(NamedTuple):
    """An identify that is in order."""

    token: str
    account: Account
    intents: Intents
    shard: int
    shards: int
    sharded: bool
    """Whether it named its shard."""
    compress: bool
    large_threshold: int
    presence: Json | None


class Told(NamedTuple):
    """An event as the session was told: its number, its name, its data as JSON text."""

    s: int
    name: str
    data: str


class Session:
    """Goes on while connections come and go, until it is ended or has been alone for too long."""

    def __init__(self, session_id: str, who: Identified, replay: int) -> None:
        self.id = session_id
        self.who = who
        self.link: Link | None = None
        self.seq = 0
        self.told: deque[Told] = deque(maxlen=replay)
        self.expires: Callable[[], None] | None = None
        """Cancels its end, while it has no connection."""
        self.presence: Json = {"status": "online", "activities": []} if who.presence is None else who.presence
        self.voice: dict[str, str] = {}
        """Guild to the voice channel that it speaks in."""
        self.presences: Recent | None = None
        """How often it changed that."""

    @property
    def user_id(self) -> str:
        return self.who.account.user_id

    @property
    def intents(self) -> Intents:
        return self.who.intents

    def covers(self, guild_id: str | None) -> bool:
        """Whether events of this guild, or of none, are this shard's.

        Source: Discord docs, Events > Gateway > Sharding.
        """
        if guild_id is None:
            return self.who.shard == 0
        return (int(guild_id) >> 22) % self.who.shards == self.who.shard

    def tell(self, name: str, data: str) -> None:
        """Number an event, keep it, and send it where there is a connection."""
        self.seq += 1
        told = Told(self.seq, name, data)
        self.told.append(told)
        if self.link is not None:
            self.link.dispatch(told)

    def has_since(self, seq: int) -> bool:
        """Whether all that was told after this number is still there."""
        return seq == self.seq or (seq < self.seq and bool(self.told) and self.told[0].s <= seq + 1)

    def replay(self, seq: int) -> int:
        """Tell again what was told after this number: how many events.

        An earlier RESUMED among them never arrived and says nothing any more; what comes after it moves up, and the
        numbers have no gap.
        """
        again = [told for told in self.told if told.s > seq and told.name != "RESUMED"]
        while self.told and self.told[-1].s > seq:
            self.told.pop()
        self.seq = seq
        for told in again:
            self.tell(told.name, told.data)
        return len(again)
