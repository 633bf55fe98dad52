"""How a fleet begins: what Get Gateway Bot says of address, shards and Identifies, or what stands in for it."""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from acord.core import abc, wire
from acord.core.clock import Clock
from acord.core.errors import ACordError, AuthMismatch, ClientClosed, Forbidden, InvalidRequest, Unauthorized
from acord.core.origin import Origin, gateway_url, is_loopback, origin_of
from acord.core.types import Token

__all__ = ["GATEWAY_URL", "Start", "ask", "ask_api", "read"]

_log = logging.getLogger(__name__)

GATEWAY_URL: Final = "wss://gateway.discord.gg"
TRIES: Final = 5
MAX_SHARDS: Final = 100_000  # what is above is no number of shards (ours)
# Asking again changes nothing about these.
_FINAL: Final = (Unauthorized, Forbidden, AuthMismatch, ClientClosed, InvalidRequest)

Fetch = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Start:
    """What a fleet needs to know before its first connection."""

    url: str
    shards: int = 1
    max_concurrency: int = 1
    total: int | None = None
    """Identifies of a day, None where that is not known."""
    remaining: int = 0
    reset_after: float = 0.0
    """Seconds until the next day begins."""


def read(answer: Mapping[str, Any], allowed: Collection[Origin] = (), *, local: bool = False) -> Start:
    """The numbers of an answer of Get Gateway Bot; the usual ones where it makes no sense.

    A `local` API, one on this machine, may name a gateway on this machine.

    Source: Discord docs, Events > Gateway > Get Gateway Bot.
    """
    url = answer.get("url")
    origin = origin_of(url)
    if local and origin is not None and is_loopback(origin):
        allowed = (*allowed, origin)
    checked = gateway_url(url, allowed)
    if checked is None:
        _log.warning("Get Gateway names an address that is not Discord's, %s is used", GATEWAY_URL)
    limits = answer.get("session_start_limit")
    limit: Mapping[str, Any] = cast("Mapping[str, Any]", limits) if isinstance(limits, Mapping) else dict[str, Any]()
    total = _number(limit.get("total"), 0, 1 << 31, None)
    return Start(
        url=checked or GATEWAY_URL,
        shards=_number(answer.get("shards"), 1, MAX_SHARDS, 1) or 1,
        max_concurrency=_number(limit.get("max_concurrency"), 1, MAX_SHARDS, 1) or 1,
        total=total,
        remaining=_number(limit.get("remaining"), 0, 1 << 31, total or 0) or 0,
        reset_after=(_number(limit.get("reset_after"), 0, 1 << 31, 0) or 0) / 1000,
    )


async def ask(
    fetch: Fetch,
    *,
    clock: Clock,
    random: Callable[[], float],
    last_url: str | None = None,
    needed: bool = True,
    allowed: Collection[Origin] = (),
    local: bool = False,
) -> Start:
    """What Get Gateway Bot says; after five tries, or one where it is not `needed`, the last known address.

    Raises what asking again cannot change, such as `Unauthorized`.
    """
    for attempt in range(TRIES if needed else 1):
        if attempt:
            await clock.sleep(2.0**attempt * (0.5 + 0.5 * random()))
        try:
            return read(await fetch(), allowed, local=local)
        except _FINAL:
            raise
        except ACordError as exc:
            _log.warning("Get Gateway failed: %s", exc)
    url = last_url or GATEWAY_URL
    _log.warning("Get Gateway cannot be reached: going on with %s", url)
    return Start(url)


async def ask_api(
    http: Any,
    token: Token,
    *,
    clock: Clock,
    random: Callable[[], float],
    last_url: str | None,
    needed: bool,
) -> Start:
    """What the API behind `http` says, or a client of its own with that token where it is None; see `ask`."""
    own = None
    if http is None:
        from acord.core.http import HTTPClient

        http = own = HTTPClient(token=token)
    named = origin_of(last_url) if last_url is not None else None
    try:
        return await ask(
            http.fetch_gateway,
            clock=clock,
            random=random,
            last_url=last_url,
            needed=needed,
            allowed=[] if named is None else [named],
            local=_is_local(http),
        )
    finally:
        if own is not None:
            await own.logout()


def _is_local(http: Any) -> bool:
    base = wire.parse_base(getattr(http, "base_url", None) or abc.BASE_API_URL)
    return base.scheme == "http" and is_loopback(Origin("ws", base.name, 80))


def _number(value: object, low: int, high: int, otherwise: int | None) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        return otherwise
    return value
