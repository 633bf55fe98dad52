"""Replies as Discord sends them, and short words for what tests of the core do."""

from collections.abc import Iterable
from typing import Any

from acord.core.buckets import read_reply
from acord.core.lanes import Lane
from acord.core.scheduler import Scheduler, Ticket

EPOCH = 1_790_000_000.0
HTML = {"content-type": "text/html", "retry-after": "30"}
LANE = Lane("bot", "GET", "/channels/{}", major="1")


def headers(
    remaining: int, *, limit: int = 5, after: float = 5.0, at: float = 0.0, name: str = "h", **more: str
) -> dict[str, str]:
    """Of a reply whose window ends ``after`` seconds from ``at``."""
    return {
        "x-ratelimit-bucket": name,
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": f"{EPOCH + at + after:.3f}",
        "x-ratelimit-reset-after": f"{after:.3f}",
        "via": "1.1 google",
        "content-type": "application/json",
    } | {key.replace("_", "-"): value for key, value in more.items()}


def reply(core: Scheduler, ticket: Ticket, now: float, status: int = 200, *, wait: Any = None, **fields: Any) -> None:
    core.report(ticket, read_reply(status, headers(**fields) if fields else {"via": "x"}, wait), now)


def known(core: Scheduler, lane: Lane = LANE, *, limit: int = 5, after: float = 5.0) -> None:
    """Lets the core learn the lane's bucket at 0 s; ``limit`` - 1 are left."""
    reply(core, core.submit(lane, 0.0), 0.0, remaining=limit - 1, limit=limit, after=after)


def submit(core: Scheduler, count: int, now: float, lane: Lane = LANE, **options: Any) -> list[Ticket]:
    return [core.submit(lane, now, **options) for _ in range(count)]


def states(tickets: Iterable[Ticket]) -> str:
    """One letter for each: sent, waiting, over."""
    return "".join(ticket.state[0] for ticket in tickets)
