"""Ids that look like Discord's and are the same in every run."""

from collections.abc import Callable
from datetime import UTC, datetime

from acord.core.abc import DISCORD_EPOCH

__all__ = ["Snowflakes", "instant", "moment"]


class Snowflakes:
    """Makes ids: each larger than the one before, with the wall time it was made at in its upper bits."""

    __slots__ = ("_last", "_now")

    def __init__(self, now: Callable[[], float]) -> None:
        """``now``: wall time in seconds since 1970."""
        self._now = now
        self._last = 0

    def __call__(self) -> str:
        made = (int(self._now() * 1000) - DISCORD_EPOCH) << 22
        self._last = max(made, self._last + 1)
        return str(self._last)


def instant(seconds: float) -> str:
    """Wall time (seconds since 1970) as Discord writes it: ISO 8601 with microseconds and an offset."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def moment(text: str) -> str:
    """A time of a request, in whatever zone, as Discord writes it; so written, the earlier one is the smaller text."""
    given = datetime.fromisoformat(text)
    known = given if given.tzinfo is not None else given.replace(tzinfo=UTC)
    return known.astimezone(UTC).isoformat(timespec="microseconds")
