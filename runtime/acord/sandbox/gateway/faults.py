"""What a gateway may do to its own messages: hold them, delay them, damage them, not acknowledge."""

from collections import deque
from collections.abc import Callable
from functools import partial
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from acord.sandbox.gateway.forms import Frame

__all__ = ["Cancel", "Faults", "Hold", "Later", "damage"]

Cancel: TypeAlias = Callable[[], None]
Later: TypeAlias = Callable[[float, Callable[[], None]], Cancel]
"""Calls back after so many seconds; what it gives cancels that."""


class Hold:
    """Keeps messages back until `release`, or until the ``with`` block ends; then they come in their order."""

    def __init__(self, faults: "Faults", name: str | None) -> None:
        self.name = name
        """The event, or the opcode's name for what is no event; None: everything."""
        self.kept: deque[tuple[str, Callable[[], None]]] = deque()
        self._faults = faults

    def release(self) -> None:
        """What was kept goes the way of everything: another hold may keep it, a delay makes it late."""
        self._faults.release(self)

    def __enter__(self) -> "Hold":
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.release()


class Faults:
    """Everything that goes out passes here first."""

    def __init__(self, later: Later) -> None:
        self.muted = False
        """Whether heartbeats are not acknowledged."""
        self._later = later
        self._holds: list[Hold] = []
        self._delays: dict[str | None, float] = {}
        self._late: dict[str | None, deque[Callable[[], None]]] = {}

    def hold(self, name: str | None) -> Hold:
        hold = Hold(self, name)
        self._holds.append(hold)
        return hold

    def release(self, hold: Hold) -> None:
        if hold in self._holds:
            self._holds.remove(hold)
        while hold.kept:
            self.passes(*hold.kept.popleft())

    def delay(self, seconds: float, name: str | None) -> None:
        """0 ends it; what is under way stays late."""
        self._delays[name] = seconds

    def passes(self, name: str, send: Callable[[], None]) -> None:
        """Send now, later, or when a hold is released."""
        for hold in self._holds:
            if hold.name in (None, name):
                hold.kept.append((name, send))
                return
        for key in (name, None):
            queue = self._late.setdefault(key, deque())
            seconds = self._delays.get(key, 0.0)
            if seconds > 0 or queue:  # none overtakes what was delayed before it
                queue.append(send)
                self._later(max(0.0, seconds), partial(_send_next, queue))
                return
        send()


def _send_next(queue: deque[Callable[[], None]]) -> None:
    queue.popleft()()


def damage(frame: "Frame", random: Random) -> "Frame":
    """The message so that it cannot be what was meant: text loses its end, of binary data one byte is flipped."""
    data, text = frame
    if text:
        return data[:-1], True
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :], False
