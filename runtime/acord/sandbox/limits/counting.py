"""Limits and how they count: windows that begin with a request, windows of the clock, buckets that refill by drops."""

import math
from typing import Literal, NamedTuple, TypeAlias

__all__ = ["Counter", "Kind", "Leaky", "Limit", "Window", "make_counter", "opens_anew"]

Kind: TypeAlias = Literal["fixed", "aligned", "leaky"]


class Limit(NamedTuple):
    """One layer. Requests with the same ``counter`` and major parameter spend from one count."""

    counter: str
    kind: Kind
    size: int
    window: float
    """Of a leaky one the time until an empty bucket is full."""
    hash: str | None = None
    """What the headers call it; None where no header shows it. Headers show one: the first of a route with a hash,
    but on a 429 the one that refused."""
    shared: bool = False
    """Whether everyone spends from it."""


class Window:
    """Counts in windows; one begins with its first request, or on the clock's multiples."""

    def __init__(self, limit: Limit) -> None:
        self.limit, self.end, self.used = limit, -math.inf, 0

    def _at(self, t: float) -> int:
        return self.used if t < self.end else 0

    def free_at(self, t: float) -> float:
        """From when on a request is let through; ``t`` where that is now."""
        return t if self._at(t) < self.limit.size else self.end

    def take(self, t: float) -> None:
        if t >= self.end:
            width = self.limit.window
            self.end, self.used = (t // width + 1) * width if self.limit.kind == "aligned" else t + width, 0
        self.used += 1

    def shown(self, t: float) -> tuple[int, float]:
        """(remaining, seconds until full)"""
        return max(0, self.limit.size - self._at(t)), max(0.0, self.end - t)


class Leaky:
    """Gives back one token at a time."""

    def __init__(self, limit: Limit) -> None:
        self.limit, self.period = limit, limit.window / limit.size
        self.end = -math.inf  # when the bucket is full again

    def _missing(self, t: float) -> float:
        return max(0.0, (self.end - t) / self.period)

    def free_at(self, t: float) -> float:
        """From when on a request is let through; ``t`` where that is now."""
        over = self._missing(t) + 1 - self.limit.size
        return t if over <= 1e-7 else t + over * self.period

    def take(self, t: float) -> None:
        self.end = max(self.end, t) + self.period

    def shown(self, t: float) -> tuple[int, float]:
        """(remaining, seconds until full)"""
        missing = self._missing(t)
        return max(0, math.floor(self.limit.size - missing + 1e-7)), missing * self.period


Counter: TypeAlias = Window | Leaky


def opens_anew(counter: Counter) -> bool:
    """Whether it is closed until its end: a window, or a leaky bucket of one token, which is the same."""
    return isinstance(counter, Window) or counter.limit.size == 1


def make_counter(limit: Limit) -> Counter:
    return Leaky(limit) if limit.kind == "leaky" else Window(limit)
