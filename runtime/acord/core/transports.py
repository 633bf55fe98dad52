"""Which transport carries a client's requests: the one that was given, else the fastest that is installed."""

import functools
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, cast

from acord.core.errors import InvalidRequest
from acord.core.transport import HTTPXTransport, Transport

__all__ = ["make_transport"]


def make_transport(connector: Any, options: Mapping[str, Any]) -> Transport:
    """``connector`` as a transport; without one aiohttp's where the `speed` extra is installed, else httpx's.

    ``options`` are the transport's arguments.  HTTP/2 is httpx's alone.
    """
    if connector is None:
        if not options.get("http2") and _has_aiohttp():
            from acord.core.transport_aiohttp import AIOHTTPTransport

            return AIOHTTPTransport(**{name: value for name, value in options.items() if name != "http2"})
        return HTTPXTransport(**options)
    if hasattr(connector, "handle_async_request"):
        return HTTPXTransport(connector, **options)
    if all(callable(getattr(connector, name, None)) for name in ("open", "send", "close")):
        return cast("Transport", connector)
    raise InvalidRequest("connector", connector, "an httpx transport, or an object with open, send and close")


@functools.cache
def _has_aiohttp() -> bool:
    return find_spec("aiohttp") is not None
