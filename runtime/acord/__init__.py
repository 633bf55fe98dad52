"""ACord: a typed, low-level client for the Discord API."""

from importlib import import_module
from pkgutil import extend_path
from typing import TYPE_CHECKING

__path__ = extend_path(__path__, __name__)  # in a checkout acord lies in generated/ and runtime/
__version__ = "0.1.0"

if TYPE_CHECKING:
    from acord.core.front import *
else:

    def __getattr__(name):
        """Load what is asked for on first use; `import acord.core.decoders` must not pay for it."""
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
