"""So many in so many seconds, as the gateway counts them: over the seconds just gone."""

from collections import deque

__all__ = ["Recent"]


class Recent:
    """What happened in the last ``seconds``; at most ``count``."""

    __slots__ = ("count", "seconds", "times")

    def __init__(self, count: int, seconds: float) -> None:
        self.count, self.seconds = count, seconds
        self.times: deque[float] = deque()

    def take(self, now: float) -> float:
        """Seconds until it is allowed; 0 where it is, and then it is counted."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        if len(self.times) >= self.count:
            return self.times[0] + self.seconds - now
        self.times.append(now)
        return 0.0
