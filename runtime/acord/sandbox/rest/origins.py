"""Requests from elsewhere: a page in a browser must not reach a sandbox that runs on the same machine."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from acord.core.signals.rest import ErrorCode
from acord.sandbox.answers import Refusal

__all__ = ["from_elsewhere", "is_here"]

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_here(authority: str, hosts: frozenset[str] = frozenset()) -> bool:
    """Whether ``host``, ``host:port`` or ``[::1]:port`` names the loopback interface, or one of ``hosts``."""
    try:
        parts = urlsplit(f"//{authority}")
        host = parts.hostname or ""
        _ = parts.port  # raises where it is no number
    except ValueError:
        return False
    plain = parts.netloc == authority and not parts.username and parts.password is None
    return plain and (host in _LOOPBACK or host.endswith(".localhost") or host in hosts)


def from_elsewhere(headers: Mapping[str, str], hosts: frozenset[str] = frozenset()) -> None:
    """Refuse with 403 what a foreign page sent (``Origin``), or what came by a foreign name (``Host``).

    A name of somebody else that leads to this machine is how a page gets around the browser's rules.
    """
    if not is_here(headers.get("host", ""), hosts):
        raise _refusal(f"The sandbox answers to localhost alone, not to the host {headers.get('host', '')[:100]!r}")
    origin = headers.get("origin")
    if origin is None:
        return
    scheme, _, authority = origin.partition("://")
    if scheme not in ("http", "https") or not is_here(authority, hosts):
        raise _refusal(f"The sandbox takes no requests from {origin[:100]!r}")


def _refusal(message: str) -> Refusal:
    return Refusal(403, ErrorCode.INVALID_REQUEST_ORIGIN, message)
