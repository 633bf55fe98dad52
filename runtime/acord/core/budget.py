"""What one gateway connection may send, and when: the rules of the send budget.  No I/O, no clock.

Times are arguments: seconds of one monotonic clock.
"""

import enum
import math
from collections import deque
from typing import Final

__all__ = ["MAX_PAYLOAD", "Purpose", "SendBudget", "SlidingLog"]

MAX_PAYLOAD: Final = 4096  # bytes of an encoded payload; more is answered with 4002 (Events > Gateway > Sending Events)
SENDS, SENDS_WINDOW = 120, 60.0  # payloads per connection, heartbeats included (Events > Gateway > Rate Limiting)
PRESENCES, PRESENCES_WINDOW = 5, 20.0  # presence updates per connection (Gateway Events > Update Presence)
SLACK: Final = 0.5  # Discord counts at arrival: two payloads may arrive that much closer than they left (ours)


class Purpose(enum.Enum):
    """Who wants to send: the more a connection's life hangs on it, the more of the budget it may use up."""

    BEAT = "beat"
    LOGIN = "login"
    REQUESTED_BEAT = "requested beat"
    COMMAND = "command"


class SlidingLog:
    """When the last `limit` things happened; at most `limit` may in any `window` seconds."""

    def __init__(self, limit: int, window: float) -> None:
        self.limit, self.window = limit, window
        self._times: deque[float] = deque()

    def add(self, now: float) -> None:
        self._forget(now)
        self._times.append(now)

    def free_at(self, now: float, limit: int | None = None) -> float:
        """The moment from which one more fits under `limit` (the log's own by default); `now` where it does already."""
        self._forget(now)
        limit = self.limit if limit is None else limit
        if limit <= 0:
            return math.inf
        over = len(self._times) - limit
        return now if over < 0 else self._times[over] + self.window

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] + self.window <= now:
            self._times.popleft()


class SendBudget:
    """120 payloads per 60 s on one connection, with beats and one Identify or Resume set aside.

    Source: Discord docs, Events > Gateway > Rate Limiting.
    """

    def __init__(self, interval: float | None = None) -> None:
        self._log = SlidingLog(SENDS, SENDS_WINDOW + SLACK)
        self._presences = SlidingLog(PRESENCES, PRESENCES_WINDOW + SLACK)
        self._reserve = 0
        if interval is not None:
            self.reserve_beats(interval)

    def reserve_beats(self, interval: float) -> None:
        """Set aside what a beat every `interval` seconds needs in a window, one more for its edge, and one login."""
        beats = math.ceil(SENDS_WINDOW / interval) + 1
        # A gateway that wants a beat each second leaves little, but never nothing.
        self._reserve = min(beats + 1, SENDS // 2 + 2)

    def free_at(self, now: float, purpose: Purpose) -> float:
        """When a payload of this purpose may be written: `now`, or later."""
        if purpose in (Purpose.BEAT, Purpose.LOGIN):
            return self._log.free_at(now)
        return self._log.free_at(now, SENDS - self._reserve)

    def presence_free_at(self, now: float) -> float:
        return max(self._presences.free_at(now), self.free_at(now, Purpose.COMMAND))

    def spend(self, now: float, *, presence: bool = False) -> None:
        """A payload has been written."""
        self._log.add(now)
        if presence:
            self._presences.add(now)
