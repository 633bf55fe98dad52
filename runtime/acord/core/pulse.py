"""The pulse of one connection: when beats are due, which are unanswered, how long answers take.  No I/O, no clock.

Times are arguments: seconds of one monotonic clock.
"""

from collections import deque
from typing import Final

__all__ = ["MAX_INTERVAL", "MIN_INTERVAL", "Pulse", "Schedule", "interval_of"]

MIN_INTERVAL, MAX_INTERVAL = 1.0, 600.0  # seconds between which a Hello is believed (ours; Discord says about 41)
_SAMPLES: Final = 5
_FRESH: Final = 0.5  # of an interval: a beat that much younger has not had its time to be answered
_LATE: Final = 1.0  # seconds behind its schedule from which a beat says that this process stood still


def interval_of(interval_ms: object) -> float | None:
    """The interval of a Hello in seconds, or None where no connection could live by it."""
    if isinstance(interval_ms, bool) or not isinstance(interval_ms, int | float):
        return None
    # Compared before divided: an integer of a thousand digits has no float.
    if not MIN_INTERVAL * 1000 <= interval_ms <= MAX_INTERVAL * 1000:
        return None
    return interval_ms / 1000


class Schedule:
    """First beat after a random part of the interval, then every interval, counted from the first: no drift.

    Source: Discord docs, Events > Gateway > Heartbeat Interval.
    """

    def __init__(self, start: float, interval: float, jitter: float) -> None:
        self.interval = interval
        self.due = start + interval * jitter

    def advance(self, now: float) -> None:
        """The beat that was due has been sent.  Beats missed meanwhile are not made up for."""
        self.due += self.interval
        while self.due <= now:  # once; twice where rounding makes the next one due at this very moment
            missed = (now - self.due) // self.interval + 1
            self.due += missed * self.interval


class Pulse:
    """Beats sent and acknowledged."""

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self._open: deque[tuple[float, bool]] = deque(maxlen=128)  # (written, scheduled); a window holds 120
        self._samples: deque[float] = deque(maxlen=_SAMPLES)

    def restart(self, interval: float) -> None:
        """A new connection said Hello: nothing is unanswered on it.  Latency goes on."""
        self.interval = interval
        self._open.clear()

    @property
    def unanswered_since(self) -> float | None:
        """When the oldest beat without an acknowledgement was written."""
        return self._open[0][0] if self._open else None

    @property
    def latencies(self) -> tuple[float, ...]:
        """Seconds from beat to acknowledgement, the last five, oldest first."""
        return tuple(self._samples)

    @property
    def latency(self) -> float | None:
        """Their mean; None before the first."""
        return sum(self._samples) / len(self._samples) if self._samples else None

    def too_soon(self, now: float) -> bool:
        """Whether a scheduled beat was written just now: a blocked loop hands over several at once."""
        return any(scheduled and now - at < self.interval * _FRESH for at, scheduled in self._open)

    def is_zombie(self, now: float, due: float | None = None) -> bool:
        """Whether the beat that is due now finds the scheduled one before it unanswered.

        `due` is when it should have been: far behind, this process itself stood still and has not read what
        came meanwhile, so nothing is known until the next.

        Source: Discord docs, Events > Gateway > Sending Heartbeats.
        """
        if due is not None and now - due > _LATE:
            return False
        return any(scheduled for _, scheduled in self._open)

    def beat(self, now: float, *, scheduled: bool) -> None:
        """A beat was written; one that Discord asked for does not arm the zombie test."""
        if scheduled:
            # What was unanswered before has been judged; its late answer would be taken for this one's.
            self._open.clear()
        self._open.append((now, scheduled))

    def ack(self, now: float) -> float | None:
        """The seconds that the oldest open beat took; None for an acknowledgement of nothing."""
        if not self._open:
            return None
        at, _ = self._open.popleft()
        took = max(0.0, now - at)
        self._samples.append(took)
        return took

    def forgive(self) -> None:
        """What is open may have been answered while nobody read: it is no sign of death."""
        self._open = deque(((at, False) for at, _ in self._open), self._open.maxlen)
