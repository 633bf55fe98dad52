"""Says that something has changed which decides how the next event is read, and who gets it.

Whoever changes such a thing notes it here: a table of readers that is made, a connection that is left, a request that
wants to see events, a decoder that is assigned.  Who hands on many events looks here after each; to look at all of that
itself would cost it a tenth of what a small event does.
"""

from typing import Final

__all__ = ["Changes", "changes"]


class Changes:
    """The last change, of whatever kind and wherever; only whether it is another one means anything."""

    __slots__ = ("last",)

    def __init__(self) -> None:
        self.last = object()

    def note(self) -> None:
        """Something has changed."""
        self.last = object()  # not a count: threads that count at once would lose one


changes: Final = Changes()
"""Those of this process."""
