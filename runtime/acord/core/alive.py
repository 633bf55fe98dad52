"""The clients that are open in this process, so that a nested object can find the only one."""

import weakref
from typing import Any

__all__ = ["CLIENTS"]

CLIENTS: "weakref.WeakSet[Any]" = weakref.WeakSet()
