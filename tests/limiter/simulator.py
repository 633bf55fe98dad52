"""A Discord made of limits alone, in simulated time: it refuses as Discord does and says which 429s were avoidable.

Written from what is documented and measured of Discord (fixed windows and leaky buckets side by side, hidden layers,
shared limits, shared and doubled hashes, the global limit, Cloudflare), without knowing any limiter: a client is four
methods (`Client`). Latency, loss and order of the replies are the script's.

A 429 is *avoidable* unless one of these holds:

- no reply had told of the limit yet: a hidden limit surprises once, and once more before its size can be known. That
  the first is not enough: a window of k requests and a leaky bucket of k refuse the same one of a burst, with the same
  delay. Who then sends k at once is refused by the bucket, who sends one at a time takes k windows for what one holds;
  so no client that knows as little is both without a second 429 and within a twentieth of the optimum. Nor is the
  second, where a ban lay in between: both are full again after a silence, and answer alike once more. What was sent
  before the first of these refusals came back belongs to it; later one at a time may be refused;
- two routes spend from one bucket, and no reply had yet shown that of one of them (a 429 does not show it: its hash
  may be another layer's); or none had shown the bucket at all, and the request was the only one out;
- the scope is shared, or others spend from the same limit;
- Cloudflare bans the address for what others did.

Whatever is sent before an announced wait is over is avoidable, whichever limit it was.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal, NamedTuple, Protocol

from tests.limiter.world import Counter, Limit, Request, Script, Window, make_counter, opens_anew

EPOCH = 1_790_000_000.0  # Discord's wall clock when the simulation begins
SURPRISES = 2


class Client(Protocol):
    """What is driven."""

    def submit(self, number: int, request: Request, now: float) -> None: ...
    def reply(
        self, number: int, status: int, headers: Mapping[str, str], retry_after: float | None, now: float
    ) -> None:
        """Of a refused request: the client sends it again."""
        ...

    def lost(self, number: int, now: float) -> None: ...
    def sends(self, now: float) -> list[int]:
        """Called after everything else: what leaves now."""
        ...

    def wake(self) -> float | None: ...


class Refused(NamedTuple):
    """A 429, and why."""

    at: float
    number: int
    scope: Literal["user", "global", "shared", "ban"]
    limit: str
    avoidable: str
    """The reason; empty where it could not be avoided."""


@dataclass
class _Fame:
    """What a client can know of one count."""

    delivered: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """(when the refusal came back, until when it said to wait), newest last."""
    surprises: int = 0
    ends: float = -math.inf
    """End of the exhaustion that was met last."""
    tried: bool = False
    """Whether one that could know of the limit was refused in it."""
    foreign: bool = False
    taken: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    """(when, template) of what was accepted, for the length of a window."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    retry_after: float | None
    told: "tuple[_Fame, float] | None"


class Discord:
    """The server: `handle` at the moment a request arrives."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.counters: dict[tuple[str, str], Counter] = {}
        self.fame: dict[tuple[str, str], _Fame] = defaultdict(_Fame)
        self.refused: list[Refused] = []
        self.accepted = 0
        self.introduced: dict[str, float] = {}
        """When the first reply of a template that was no 429 came back."""
        self.flying: dict[tuple[str, str], int] = defaultdict(int)
        self.unheard: set[int] = set()
        """Who is being answered, where the answer gets lost."""
        size = script.global_limit
        self.globally = None if size is None else make_counter(Limit("global", script.global_kind, size, 1.0))

    def counter(self, limit: Limit, major: str) -> Counter:
        key = (limit.counter, major)
        if key not in self.counters:
            self.counters[key] = make_counter(limit)
        return self.counters[key]

    def spend(self, t: float, limit: Limit, major: str, times: int) -> None:
        """Traffic of others."""
        self.fame[limit.counter, major].foreign = True
        counter = self.counter(limit, major)
        for _ in range(times):
            if counter.free_at(t) <= t:
                counter.take(t)

    def handle(self, t: float, number: int, request: Request, sent: float) -> Answer:
        for begin, end in self.script.bans:
            if begin <= t < end:
                return self._banned(t, end, number, request, sent)
        if self.globally is not None and self.globally.free_at(t) > t:
            wait = self.globally.free_at(t) - t
            return self._refuse(t, number, request, sent, None, wait)
        for limit in request.route.limits:
            wait = self.counter(limit, request.major).free_at(t) - t
            if wait > 0:
                return self._refuse(t, number, request, sent, limit, wait)
        if self.globally is not None:
            self.globally.take(t)
        for limit in request.route.limits:
            self.counter(limit, request.major).take(t)
            taken = self.fame[limit.counter, request.major].taken
            taken[:] = [one for one in taken if one[0] + limit.window > t]
            taken.append((t, request.route.template))
        self.accepted += 1
        return Answer(200, self._headers(t, request, request.route.shown), None, None)

    def _headers(self, t: float, request: Request, shown: Limit | None) -> dict[str, str]:
        headers = {"Via": "1.1 google", "Content-Type": "application/json"}
        if shown is not None:
            remaining, after = self.counter(shown, request.major).shown(t)
            step = self.script.clock_step
            wall = EPOCH + t + after + (step[1] if step and t >= step[0] else 0.0)
            headers |= {
                "X-RateLimit-Bucket": str(shown.hash),
                "X-RateLimit-Limit": str(shown.size),
                "X-RateLimit-Remaining": str(remaining),
                "X-RateLimit-Reset": f"{wall:.3f}",
                "X-RateLimit-Reset-After": f"{after:.3f}",
            }
        return headers

    def _refuse(self, t: float, number: int, request: Request, sent: float, limit: Limit | None, wait: float) -> Answer:
        wait = math.ceil(wait * 1000) / 1000
        scope: Literal["user", "global", "shared"] = "global" if limit is None else "shared" if limit.shared else "user"
        shown = limit if limit is not None and limit.hash else request.route.shown
        headers = self._headers(t, request, shown) | {
            "Retry-After": str(math.ceil(wait)), "X-RateLimit-Scope": scope,
        }  # fmt: skip
        if limit is None:
            headers["X-RateLimit-Global"] = "true"
        name = "global" if limit is None else limit.counter
        fame = self.fame[name, "" if limit is None else request.major]
        reason = self._reason(number, fame, limit, sent, t, t + wait, request)
        self.refused.append(Refused(t, number, scope, name, reason))
        return Answer(429, headers, wait, (fame, t + wait))

    def _banned(self, t: float, end: float, number: int, request: Request, sent: float) -> Answer:
        fame = self.fame["ban", ""]
        fame.foreign = True
        reason = self._reason(number, fame, None, sent, t, end, request)
        self.refused.append(Refused(t, number, "ban", "ban", reason))
        headers = {"Content-Type": "text/html", "Retry-After": str(math.ceil(end - t))}
        return Answer(429, headers, None, (fame, end))

    def _reason(
        self, number: int, fame: _Fame, limit: Limit | None, sent: float, t: float, until: float, request: Request
    ) -> str:
        """Why it could have been avoided; empty where it could not."""
        mine = request.route.template
        announced = limit is None or limit is request.route.shown
        unknown = self.introduced.get(mine, math.inf) >= sent
        if limit is not None and announced and unknown and self.flying[mine, request.major] <= 1:
            return ""
        if any(delivered < sent < end - 0.002 for delivered, end in fame.delivered):
            return "sent before the announced wait was over"
        if fame.foreign or (limit is not None and limit.shared):
            return ""
        if limit is not None and any(
            at + limit.window > t and other != mine and self.introduced.get(other, math.inf) >= sent
            for at, other in fame.taken
        ):
            return ""
        if limit is None or announced:
            return "the headers had announced it"
        if number in self.unheard:
            return ""  # nobody hears of it: the next one is as much of a surprise
        if t >= fame.ends - 0.002:
            fame.ends, fame.tried = until, False
        if not (fame.delivered and fame.delivered[0][0] < sent):
            fame.surprises = max(1, fame.surprises)
            return ""
        if fame.tried:
            return "several at once although the hidden limit was known"
        fame.tried = True
        fame.surprises += 1
        first = fame.delivered[0][0]
        most = SURPRISES + any(first < end and begin < t for begin, end in self.script.bans)
        return "" if fame.surprises <= most else "the size of the hidden limit was known"


@dataclass
class Result:
    finish: float
    optimum: float
    """What `optimum` says."""
    refused: list[Refused]
    accepted: int
    unfinished: int
    starts: list[tuple[float, int]]
    """(when, number) of every send, in order."""

    @property
    def avoidable(self) -> list[Refused]:
        return [one for one in self.refused if one.avoidable]


def latencies(script: Script, number: int, attempt: int) -> tuple[float, float]:
    """One way and back."""
    random = Random(hash((script.seed, number, attempt)))
    return script.base + script.spread * random.random(), script.base + script.spread * random.random()


def run(script: Script, client: Client, *, horizon: float = 1e6) -> Result:
    """Drives the client until everything is answered or lost."""
    server = Discord(script)
    events: list[tuple[float, int, str, int, Answer | None]] = []
    order = 0

    def later(t: float, what: str, number: int, answer: Answer | None = None) -> None:
        nonlocal order
        order += 1
        heapq.heappush(events, (t, order, what, number, answer))

    attempts: dict[int, int] = defaultdict(int)
    starts: list[tuple[float, int]] = []
    open_requests = set(range(len(script.requests)))
    finish = 0.0
    for number, request in enumerate(script.requests):
        later(request.at, "submit", number)
    for index, (when, _, _, _) in enumerate(script.others):
        later(when, "others", index)
    sent_at: dict[int, float] = {}
    now = 0.0
    while open_requests and now < horizon:
        wake = client.wake()
        if wake is None and not events:
            break
        if not events or (wake is not None and wake < events[0][0]):
            assert wake is not None
            now = max(now, wake)
        else:
            now, _, what, number, answer = heapq.heappop(events)
            if what == "submit":
                client.submit(number, script.requests[number], now)
            elif what == "others":
                _, limit, major, times = script.others[number]
                server.spend(now, limit, major, times)
            elif what == "arrive":
                request, first = script.requests[number], attempts[number] == 1
                server.unheard = {number} if first and request.fate in ("reply_lost", "cancelled") else set()
                answer = server.handle(now, number, request, sent_at[number])
                if not server.unheard:
                    later(now + latencies(script, number, attempts[number])[1], "deliver", number, answer)
            elif what == "deliver":
                assert answer is not None
                if answer.told is not None:
                    answer.told[0].delivered.append((now, answer.told[1]))
                request = script.requests[number]
                server.flying[request.route.template, request.major] -= 1
                if answer.status != 429:
                    server.introduced.setdefault(request.route.template, now)
                    open_requests.discard(number)
                    finish = max(finish, now)
                client.reply(number, answer.status, answer.headers, answer.retry_after, now)
            else:
                request = script.requests[number]
                server.flying[request.route.template, request.major] -= 1
                open_requests.discard(number)
                client.lost(number, now)
        for number in client.sends(now):
            attempts[number] += 1
            starts.append((now, number))
            sent_at[number] = now
            request, first = script.requests[number], attempts[number] == 1
            server.flying[request.route.template, request.major] += 1
            if not (first and request.fate == "request_lost"):
                later(now + latencies(script, number, attempts[number])[0], "arrive", number)
            if first and request.fate == "cancelled":
                later(now + script.base / 2, "lost", number)
            elif first and request.fate != "answered":
                later(now + script.timeout, "lost", number)
    return Result(finish, optimum(script), server.refused, server.accepted, len(open_requests), starts)


def optimum(script: Script) -> float:
    """When a client is done that knows every limit and its state, as soon as anybody can know of it.

    It sends each request at the very moment from which Discord would take it, does not gamble on the network, and
    learns that a window is over as every client does: from the reply that comes back the fastest, and that much later.
    Windows begin when the first arrives. Lost requests count, their loss is not waited for.
    """
    server = Discord(script)
    waiting = [(request.at, number) for number, request in enumerate(script.requests)]
    heapq.heapify(waiting)
    others = sorted(script.others, reverse=True)
    told: dict[int, tuple[float, float]] = {}
    """Of a window that headers show: its end, and how long the fastest of its replies took."""
    finish = 0.0
    while waiting:
        when, number = heapq.heappop(waiting)
        request = script.requests[number]
        while others and others[-1][0] <= when:
            at, limit, major, times = others.pop()
            server.spend(at, limit, major, times)
        counters = [server.counter(limit, request.major) for limit in request.route.limits]
        if server.globally is not None:
            counters.append(server.globally)
        earliest = when
        for begin, end in script.bans:
            if begin <= earliest < end:
                earliest = end
        # Taken on arrival, and that is the base latency later for each: compare arrivals with arrivals.
        for counter in counters:
            free = counter.free_at(earliest + script.base)
            if free > earliest + script.base + 1e-9:
                if opens_anew(counter):
                    free += told.get(id(counter), (free, 0.0))[1] if counter is not server.globally else 0.0
                    earliest = max(earliest, free)
                else:
                    earliest = max(earliest, free - script.base)
        if earliest > when + 1e-9:
            heapq.heappush(waiting, (earliest, number))
            continue
        forth, back = latencies(script, number, 1)
        for counter in counters:
            counter.take(earliest + forth)
            if isinstance(counter, Window) and counter.limit.kind == "fixed":
                # A window begins with whichever of its requests arrives first.
                counter.end = min(counter.end, earliest + forth + counter.limit.window)
            if opens_anew(counter):
                end, fastest = told.get(id(counter), (counter.end, back))
                told[id(counter)] = counter.end, min(back, fastest) if end == counter.end else back
        if request.fate == "answered":
            finish = max(finish, earliest + sum(latencies(script, number, 1)))
    return finish
