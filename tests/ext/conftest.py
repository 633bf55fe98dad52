"""The adapters' tests talk to the same server as the core's."""

from tests.core.conftest import rest

__all__ = ["rest"]
