"""What is open in this process: a nested object finds the only client here, and the interpreter's end is not silent."""

import atexit
import weakref
from typing import Any

__all__ = ["CLIENTS", "closed", "opened"]

CLIENTS: "weakref.WeakSet[Any]" = weakref.WeakSet()
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
