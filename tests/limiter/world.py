"""What a simulation is made of: routes with their limits, requests, and what happens to them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from acord.sandbox.limits.counting import Kind, Limit

GLOBAL = 50


class SimRoute(NamedTuple):
    template: str
    limits: tuple[Limit, ...] = ()


class Request(NamedTuple):
    at: float
    route: SimRoute
    major: str = "1"
    fate: Literal["answered", "reply_lost", "request_lost", "cancelled"] = "answered"
    keys: frozenset[str] | None = None


@dataclass(frozen=True)
class Script:
    """Everything that happens but for the client's decisions."""

    bursts: tuple[tuple[int, Request], ...]
    base: float = 0.05
    """One-way latency, least."""
    spread: float = 0.05
    """One-way latency, most beyond the least."""
    seed: int = 0
    global_limit: int | None = GLOBAL
    global_kind: Kind = "fixed"
    bans: tuple[tuple[float, float], ...] = ()
    """(from, until)"""
    others: tuple[tuple[float, Limit, str, int], ...] = ()
    """(when, limit, major, how many)"""
    clock_step: tuple[float, float] | None = None
    """(when, seconds) Discord's wall clock jumps."""
    timeout: float = 10.0
    setup: float = 0.0
    """Most seconds before a request leaves for which there is no open connection that is idle; at least a third."""

    @cached_property
    def requests(self) -> tuple[Request, ...]:
        return tuple(request for count, request in self.bursts for _ in range(count))
