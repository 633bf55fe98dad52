"""How many sessions a bot may still start, and how soon after each other."""

from acord.commands import Identify
from acord.sandbox.answers import Json
from acord.sandbox.gateway.rates import Recent

__all__ = ["Starts"]

_SLOT, _DAY = ({limit.per: limit for limit in Identify.limits}[per] for per in ("identify slot", "bot"))


class Starts:
    """One bot's budget: so many a day, and one in five seconds for each shard id modulo the concurrency.

    Source: Discord docs, Events > Gateway > Session Start Limit Object, and Sharding > Max Concurrency.
    """

    def __init__(self, max_concurrency: int, slack: float) -> None:
        self.max_concurrency = max_concurrency
        self.total = self.remaining = _DAY.count
        self.resets: float | None = None
        """When the day is over, by the monotonic clock; None before the first start."""
        self._slack = slack
        self._slots: dict[int, Recent] = {}

    def spend(self, now: float) -> bool:
        """Count one identify; False where none was left."""
        self._turn(now)
        if not self.remaining:
            return False
        if self.resets is None:
            self.resets = now + _DAY.seconds
        self.remaining -= 1
        return True

    def slot(self, shard: int, now: float) -> bool:
        """Whether this shard may identify now."""
        key = shard % self.max_concurrency
        if key not in self._slots:
            self._slots[key] = Recent(_SLOT.count, _SLOT.seconds - self._slack)
        return not self._slots[key].take(now)

    def describe(self, now: float) -> Json:
        """The session start limit object."""
        self._turn(now)
        return {
            "total": self.total,
            "remaining": self.remaining,
            "reset_after": 0 if self.resets is None else round((self.resets - now) * 1000),
            "max_concurrency": self.max_concurrency,
        }

    def _turn(self, now: float) -> None:
        if self.resets is not None and now >= self.resets:
            self.remaining, self.resets = self.total, None
