"""Counts requests, refuses as Discord does, and says of each 429 whether the client could have avoided it.

Written from what is documented and measured of Discord (fixed windows and leaky buckets side by side, hidden layers,
shared limits, shared and doubled hashes, the global limit, Cloudflare), without knowing any limiter.

A 429 is *avoidable* unless one of these holds:

- no reply had told of the limit yet: a hidden limit surprises once, and once more before its size can be known. That
  the first is not enough: a window of k requests and a leaky bucket of k refuse the same one of a burst, with the same
  delay. Who then sends k at once is refused by the bucket, who sends one at a time takes k windows for what one holds;
  so no client that knows as little is both without a second 429 and within a twentieth of the optimum. Nor is the
  second, where a ban lay in between, or the limit was not asked for longer than the second then says to wait: after a
  silence both hold all that they can, and answer alike once more. What was sent before the first of these refusals came
  back belongs to it; later one at a time may be refused;
- two routes spend from one bucket, and no reply had yet shown that of one of them (a 429 does not show it: its hash
  may be another layer's); or none had shown the bucket at all, and the request was the only one out;
- the scope is shared, or others spend from the same limit;
- Cloudflare bans the address for what others did.

A reply that got lost has told nothing. Whatever arrives before an announced wait is over is avoidable, whichever limit
it was, once that wait is known.
"""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from acord.sandbox.limits.counting import Counter, Kind, Limit, make_counter

__all__ = ["Asked", "Judge", "Layer", "Outcome", "Refused", "Scope"]

SURPRISES = 2
MANY = 10_000  # counts beyond which those that are full again are dropped

Scope: TypeAlias = Literal["user", "global", "shared", "ban"]


class Layer(NamedTuple):
    """A limit, and the value that it is counted apart by."""

    limit: Limit
    major: str


class Asked(NamedTuple):
    """A request, as far as limits look at it."""

    number: int
    who: str
    """Whose count it is: a bot, or an address where there is no credential."""
    address: str
    route: str
    """The operation, or a template."""
    major: str
    layers: tuple[Layer, ...]
    sent: float
    """When it left."""
    alone: bool
    """Whether nothing else of its route and major was under way."""
    heard: bool = True
    """Whether its answer reaches the client."""
    exempt: bool = False
    """Of the global limit."""

    @property
    def shown(self) -> Layer | None:
        return next((layer for layer in self.layers if layer.limit.hash), None)


class Refused(NamedTuple):
    """A 429, and why."""

    operation: str
    bucket: str
    """The limit that refused; ``global`` and ``ban`` are those."""
    scope: Scope
    why: str
    at: float
    avoidable: bool
    number: int


@dataclass
class Fame:
    """What a client can know of one count."""

    delivered: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """(when the refusal came back, until when it said to wait), newest last."""
    surprises: int = 0
    ends: float = -math.inf
    """End of the exhaustion that was met last."""
    tried: bool = False
    """Whether one that could know of the limit was refused in it."""
    silenced: bool = False
    """Whether a refusal came after a silence that hid what the limit is."""
    foreign: bool = False
    taken: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    """(when, route) of what was accepted, for the length of a window."""

    @property
    def first(self) -> float:
        """When the first refusal came back."""
        return self.delivered[0][0] if self.delivered else math.inf


class Outcome(NamedTuple):
    """What the client is told of its limits."""

    headers: dict[str, str]
    refused: Refused | None = None
    retry_after: float | None = None
    """In the body of a 429; None where that is no JSON."""
    told: tuple[Fame, float] | None = None
    """Of a refusal: what a client knows when it comes back."""


class _Reason(NamedTuple):
    avoidable: bool
    why: str


class Judge:
    """The server. Time is what it is given; ``wall`` makes seconds since 1970 of it."""

    def __init__(self, wall: Callable[[float], float], *, global_rate: int | None, global_kind: Kind = "fixed") -> None:
        self.wall = wall
        self.global_rate = global_rate
        self.global_kind: Kind = global_kind
        self.counters: dict[tuple[str, str, str], Counter] = {}
        self.fame: dict[tuple[str, str, str], Fame] = defaultdict(Fame)
        self.refused: list[Refused] = []
        self.accepted = 0
        self._room = MANY
        self.bans: dict[str, float] = {}
        """Address to the end of its ban."""
        self.introduced: dict[tuple[str, str], float] = {}
        """By who asks and route, when the first reply that was no 429 came back."""

    # Counts

    def counter(self, limit: Limit, who: str, major: str) -> Counter:
        key = ("" if limit.shared else who, limit.counter, major)
        counter = self.counters.get(key)
        if counter is None or counter.limit != limit:
            counter = self.counters[key] = make_counter(limit)
        return counter

    def global_counter(self, who: str) -> Counter | None:
        if self.global_rate is None:
            return None
        return self.counter(Limit("global", self.global_kind, self.global_rate, 1.0), who, "")

    def spend(self, t: float, limit: Limit, who: str, major: str, times: int) -> None:
        """Traffic of others."""
        self.fame[who, limit.counter, major].foreign = True
        counter = self.counter(limit, who, major)
        for _ in range(times):
            if counter.free_at(t) <= t:
                counter.take(t)

    # Requests

    def handle(self, t: float, asked: Asked) -> Outcome:
        """A request that arrives now."""
        if (end := self.bans.get(asked.address, -math.inf)) > t:
            return self._banned(t, end, asked)
        globally = None if asked.exempt else self.global_counter(asked.who)
        if globally is not None and globally.free_at(t) > t:
            return self._refuse(t, asked, None, globally.free_at(t) - t)
        for layer in asked.layers:
            wait = self.counter(layer.limit, asked.who, layer.major).free_at(t) - t
            if wait > 0:
                return self._refuse(t, asked, layer, wait)
        if globally is not None:
            globally.take(t)
        for limit, major in asked.layers:
            self.counter(limit, asked.who, major).take(t)
            taken = self.fame[asked.who, limit.counter, major].taken
            taken[:] = [one for one in taken if one[0] + limit.window > t]
            taken.append((t, asked.route))
        self.accepted += 1
        if len(self.counters) > self._room:
            self._tidy(t)
        return Outcome(self._headers(t, asked, asked.shown))

    def delivered(self, t: float, asked: Asked, outcome: Outcome) -> None:
        """The answer comes back now."""
        if outcome.told is not None:
            outcome.told[0].delivered.append((t, outcome.told[1]))
        if outcome.refused is None:
            self.introduced.setdefault((asked.who, asked.route), t)

    def _headers(self, t: float, asked: Asked, shown: Layer | None) -> dict[str, str]:
        headers = {"Via": "1.1 google", "Content-Type": "application/json"}
        if shown is not None:
            remaining, after = self.counter(shown.limit, asked.who, shown.major).shown(t)
            headers |= {
                "X-RateLimit-Bucket": str(shown.limit.hash),
                "X-RateLimit-Limit": str(shown.limit.size),
                "X-RateLimit-Remaining": str(remaining),
                "X-RateLimit-Reset": f"{self.wall(t) + after:.3f}",
                "X-RateLimit-Reset-After": f"{after:.3f}",
            }
        return headers

    def _refuse(self, t: float, asked: Asked, layer: Layer | None, wait: float) -> Outcome:
        wait = math.ceil(wait * 1000) / 1000
        scope: Scope = "global" if layer is None else "shared" if layer.limit.shared else "user"
        shown = layer if layer is not None and layer.limit.hash else asked.shown
        headers = self._headers(t, asked, shown)
        headers |= {"Retry-After": str(math.ceil(wait)), "X-RateLimit-Scope": scope}
        if layer is None:
            headers["X-RateLimit-Global"] = "true"
        name, major = ("global", "") if layer is None else (layer.limit.counter, layer.major)
        fame = self.fame[asked.who, name, major]
        reason = self._reason(fame, layer, asked, t, t + wait)
        refused = Refused(asked.route, name, scope, reason.why, t, reason.avoidable, asked.number)
        return self._record(refused, headers, wait, (fame, t + wait))

    def _banned(self, t: float, end: float, asked: Asked) -> Outcome:
        fame = self.fame[asked.address, "ban", ""]
        fame.foreign = True
        reason = self._reason(fame, None, asked, t, end)
        headers = {"Content-Type": "text/html", "Retry-After": str(math.ceil(end - t))}
        refused = Refused(asked.route, "ban", "ban", reason.why, t, reason.avoidable, asked.number)
        return self._record(refused, headers, None, (fame, end))

    def _record(
        self, refused: Refused, headers: dict[str, str], wait: float | None, told: tuple[Fame, float]
    ) -> Outcome:
        self.refused.append(refused)
        return Outcome(headers, refused, wait, told)

    # Why

    def _reason(self, fame: Fame, layer: Layer | None, asked: Asked, t: float, until: float) -> _Reason:
        announced = layer is None or layer is asked.shown
        unknown = self.introduced.get((asked.who, asked.route), math.inf) >= asked.sent
        if layer is not None and announced and unknown and asked.alone:
            return _Reason(False, "no reply had shown the bucket, and nothing else was under way")
        # By its arrival: where the way is only estimated, who waits to the very end would seem to have left before it.
        if any(delivered < asked.sent and t < end - 0.002 for delivered, end in fame.delivered):
            return _Reason(True, "sent before the announced wait was over")
        if fame.foreign or (layer is not None and layer.limit.shared):
            return _Reason(False, "others spend from the limit")
        if layer is not None and any(
            at + layer.limit.window > t
            and other != asked.route
            and self.introduced.get((asked.who, other), math.inf) >= asked.sent
            for at, other in fame.taken
        ):
            return _Reason(False, "another route spends from the bucket, and no reply had shown that")
        if announced:
            return _Reason(True, "the headers had announced it")
        if not asked.heard:
            # The next one is as much of a surprise.
            return _Reason(False, "a hidden limit, and nobody hears of this refusal")
        silenced = fame.silenced or self.bans.get(asked.address, -math.inf) > fame.first
        if t >= fame.ends - 0.002:
            begun = next((at for at, _ in fame.taken if at >= fame.ends), t)
            fame.silenced |= until - begun < begun - fame.ends < math.inf
            fame.ends, fame.tried = until, False
        if fame.first >= asked.sent:
            fame.surprises = max(1, fame.surprises)
            return _Reason(False, "the first of a hidden limit")
        if fame.tried:
            return _Reason(True, "several at once although the hidden limit was known")
        fame.tried = True
        fame.surprises += 1
        if fame.surprises <= SURPRISES + silenced:
            return _Reason(False, "the size of the hidden limit was not known")
        return _Reason(True, "the size of the hidden limit was known")

    def _tidy(self, t: float) -> None:
        self.counters = {key: one for key, one in self.counters.items() if one.shown(t)[1] > 0}
        self._room = max(MANY, 2 * len(self.counters))
        counted = {key[1:] for key in self.counters}
        for key, fame in list(self.fame.items()):
            if not fame.delivered and not fame.foreign and key[1:] not in counted:
                del self.fame[key]
