"""Which events of a shard have been dealt with: what may be stored, and repeated from after a crash.  No I/O."""

__all__ = ["Ledger"]


class Ledger:
    """Notes the events that somebody still works on; all others that came are dealt with.

    So an event that nobody reads costs nothing here.
    """

    def __init__(self) -> None:
        self._first: int | None = None
        self._open: dict[int, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def begins(self, first: int | None) -> None:
        """A new session has begun with this number.  What is still open belongs to an older one, and counts no more."""
        self._first = first
        self._open = {}

    def open(self, seq: int | None) -> dict[int, None]:
        """Somebody works on this event; hand back to `close` what this returns."""
        if seq is not None:
            self._open[seq] = None
        return self._open

    @staticmethod
    def close(page: dict[int, None], seq: int | None) -> None:
        """The work on this event has ended."""
        if seq is not None:
            page.pop(seq, None)

    @property
    def handled(self) -> int | None:
        """The largest number such that the work on all events up to it has ended; None where none is open.

        At least the first of the session: Discord does not repeat READY.
        """
        if not self._open:
            return None
        # Numbers only grow, so the oldest is the smallest.
        before = next(iter(self._open)) - 1
        return before if self._first is None else max(before, self._first)
