"""Which gateway a token may be sent to: gateway URLs, checked and rebuilt from their parts.

A gateway URL comes from the network (``resume_gateway_url``, Get Gateway Bot); whoever could choose it would
be sent the token with the next Identify or Resume.
"""

import re
from collections.abc import Collection
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

__all__ = ["Origin", "connect_url", "gateway_url", "is_loopback", "origin_of"]

DISCORD_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+discord\.gg")
_URL: Final = re.compile(r"[!-~]{1,512}")  # visible ASCII: urlsplit drops control characters in silence
_PORTS: Final = {"wss": 443, "ws": 80}


class Origin(NamedTuple):
    """Where a WebSocket URL leads."""

    scheme: str
    host: str
    port: int


def origin_of(url: object) -> Origin | None:
    """Scheme, host and port of a bare WebSocket URL; None for everything else.

    Bare: no user, no path but ``/``.  A query or fragment is let go by whoever rebuilds the URL.
    """
    if not isinstance(url, str) or not _URL.fullmatch(url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme, parts.hostname
    if scheme not in _PORTS or not host or "@" in parts.netloc or parts.path not in ("", "/"):
        return None
    return Origin(scheme, host, _PORTS[scheme] if port is None else port)


def gateway_url(url: object, allowed: Collection[Origin] = ()) -> str | None:
    """The bare URL rebuilt from its parts, or None where no token may be sent there.

    Right are ``wss`` on port 443 of ``gateway.discord.gg`` or another host under ``discord.gg``, and the
    origins that the user named in code.
    """
    origin = origin_of(url)
    if origin is None:
        return None
    discord = origin.scheme == "wss" and origin.port == 443 and DISCORD_HOST.fullmatch(origin.host)
    if not discord and origin not in allowed:
        return None
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    port = "" if origin.port == _PORTS[origin.scheme] else f":{origin.port}"
    return f"{origin.scheme}://{host}{port}"


def connect_url(base: str, *, version: int, encoding: str, compress: str | None) -> str:
    """What to open: the bare URL with the query of this client, the same for a resume as for the first connect.

    Source: Discord docs, Events > Gateway > Connecting, Preparing to Resume.
    """
    query: dict[str, str] = {"v": str(version), "encoding": encoding}
    if compress is not None:
        query["compress"] = compress
    return f"{base.rstrip('/')}/?{urlencode(query)}"


def is_loopback(origin: Origin) -> bool:
    """Whether it lies on this machine, so that nobody between can listen."""
    if origin.host == "localhost":
        return True
    try:
        return ip_address(origin.host).is_loopback
    except ValueError:
        return False
