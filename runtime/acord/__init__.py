"""ACord: a typed, low-level client for the Discord API."""

import sys

# By name, not from `typing`, which costs more to load than all of this: checkers know the name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableSequence

__version__ = "0.1.0"


def _extend_path(__path__: "MutableSequence[str]") -> "MutableSequence[str]":
    """In a checkout acord lies in generated/ and runtime/; an installed acord is whole and looks no further.

    The stub marks a folder as part of this package.  `pkgutil.extend_path` would take in any folder
    called acord that lies on the path, and costs five times as much as all of this.
    """
    from os.path import isfile  # pathlib would cost more than all of this

    if isfile(f"{__path__[0]}/__init__.pyi"):  # noqa: PTH113
        return __path__
    folders = [f"{entry or '.'}/acord" for entry in sys.path]
    marked = [one for one in folders if isfile(f"{one}/__init__.pyi")]  # noqa: PTH113
    return [*__path__, *(one for one in marked if one not in __path__)]


__path__ = _extend_path(__path__)

if TYPE_CHECKING:
    from acord.core.front import *
else:

    def __getattr__(name):
        """Load what is asked for on first use; `import acord.core.decoders` must not pay for it."""
        from importlib import import_module

        front = import_module("acord.core.front") if name == "__all__" or not name.startswith("_") else None
        if front and name == "__all__":
            return front.__all__
        if front and name in front.HOME:
            return getattr(import_module(front.HOME[name]), name)
        if front and name in front.__all__:
            return import_module(f"acord.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return [*__getattr__("__all__"), "__version__"]
