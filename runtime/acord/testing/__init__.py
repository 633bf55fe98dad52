"""To test what talks to Discord: the sandbox as a fixture, valid objects of every kind, a clock that jumps.

The pytest plugin is part of it and is found by itself; `acord.testing.plugin` names its fixtures.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acord.testing.examples import example as example
    from acord.testing.factories import Factory as Factory, make as make
else:
    # pytest loads the plugin, and with it this folder, in every run: nothing here may cost anything.
    _HOME = {"Factory": "factories", "example": "examples", "make": "factories"}

    def __getattr__(name):
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


__all__ = ["Factory", "example", "make"]
