"""Where a shard puts its events, and how it knows of which nobody wants any."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from acord.core.changes import changes
from acord.core.dispatch import Dispatch

__all__ = ["Direct", "Intake", "Readers", "Table"]


class Direct:
    """A reader that deals with an event before its function returns, and may be called without a detour.

    What it is then told of otherwise its own `call` would notice.
    """

    __slots__ = ()

    direct: Callable[[Dispatch], Any]
    """Deal with an event that nobody else reads.  Raises what goes wrong."""

    def returned(self, result: object) -> None:
        """`direct` has returned something.  Raises where that is not how it should be."""
        raise NotImplementedError

    def failed(self, dispatch: Dispatch, error: Exception) -> None:
        """`direct` has raised, or `returned` has."""
        raise NotImplementedError


class Table:
    """Who reads which events.  Replaced as a whole when that changes, so that no event sees half of a change."""

    __slots__ = ("by_name", "others")

    def __init__(self, by_name: Mapping[str, tuple[Any, ...]] | None = None, others: tuple[Any, ...] = ()):
        """`others` get what no name in `by_name` is for."""
        self.by_name = dict(by_name or {})
        self.others = others
        changes.note()


class Readers(Protocol):
    """Who knows who reads what."""

    @property
    def table(self) -> Table:
        """Who gets which event now."""
        ...


class Intake(Protocol):
    """Where a shard puts its events."""

    is_full: bool
    """Whether it has asked the shard to stop reading, and not yet to go on."""
    readers: Readers
    """Who reads what."""

    def hand(self, dispatch: Dispatch, readers: tuple[Any, ...], size: int) -> None:
        """Take an event for these `readers`, which its table names for it."""
        ...

    def put(self, dispatch: Dispatch, size: int, *, begins: bool = False) -> None:
        """Take an event of that many bytes; one that `begins` a session starts its own count."""
        ...

    def end(self, error: BaseException | None) -> None:
        """No more events will come."""
        ...

    @property
    def size(self) -> int:
        """Bytes of events that wait."""
        ...

    @property
    def handled(self) -> int | None:
        """The last event of this session up to which all are dealt with; None where that is all that came."""
        ...
