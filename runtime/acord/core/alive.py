"""What is open in this process: a nested object finds the only client here, and the interpreter's end is not silent."""

import atexit
import weakref
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["CLIENTS", "closed", "opened"]


class _Clients:
    """A set that keeps nobody alive, as `weakref.WeakSet`; whose size can be had without a call of Python."""

    def __init__(self) -> None:
        self.refs: dict[int, weakref.ref[Any]] = {}

    def __iter__(self) -> Iterator[Any]:
        return iter([one for ref in list(self.refs.values()) if (one := ref()) is not None])

    def add(self, one: object) -> None:
        key = id(one)
        self.refs[key] = weakref.ref(one, lambda _: self.refs.pop(key, None))

    def discard(self, one: object) -> None:
        self.refs.pop(id(one), None)

    def clear(self) -> None:
        self.refs.clear()


CLIENTS: Final = _Clients()
"""The REST clients that are open."""

_open: dict[int, "weakref.ref[Any]"] = {}  # in the order of their opening: who owns another warns for both


def opened(one: Any) -> None:
    """Have it warn at the interpreter's end, by its ``__del__``, unless it was `closed` before.

    What a heartbeat's thread or a module still holds is not collected by then.
    """
    key = id(one)
    _open[key] = weakref.ref(one, lambda _: _open.pop(key, None))


def closed(one: Any) -> None:
    """It needs no warning any more."""
    _open.pop(id(one), None)


@atexit.register
def _at_exit() -> None:
    for one in (*(ref() for ref in list(_open.values())), *CLIENTS):
        if one is not None:
            one.__del__()
