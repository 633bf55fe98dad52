"""Log lines about things that repeat: one per kind and minute, with the number of those left out."""

from typing import Final

__all__ = ["Throttle"]

MAX_KINDS: Final = 256  # kinds come from us, but for close codes and names that the peer chooses


class Throttle:
    """Decides which report becomes a line.  Times are arguments: seconds of one monotonic clock."""

    def __init__(self, every: float = 60.0) -> None:
        self._every = every
        self._kinds: dict[str, tuple[float, int]] = {}

    def pass_on(self, kind: str, now: float) -> int | None:
        """How many of this kind were left out since its last line; None where this one is left out, too."""
        last, left_out = self._kinds.get(kind, (None, 0))
        if last is not None and now - last < self._every:
            self._kinds[kind] = last, left_out + 1
            return None
        if last is None and len(self._kinds) >= MAX_KINDS:
            del self._kinds[min(self._kinds, key=lambda k: self._kinds[k][0])]
        self._kinds[kind] = now, 0
        return left_out
