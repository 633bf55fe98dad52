"""The sandbox's limits in simulated time: a script of requests, latencies and losses, and whoever has to cope with it.

The server and what it calls avoidable are `acord.sandbox.limits`, which knows no limiter; a client is four methods
(`Client`). Latency, loss and order of the replies are the script's.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple, Protocol

from acord.sandbox.limits.counting import Limit, Window, opens_anew
from acord.sandbox.limits.judging import Asked, Judge, Layer, Outcome, Refused
from tests.limiter.world import Request, Script

EPOCH = 1_790_000_000.0  # Discord's wall clock when the simulation begins
BOT = "bot"


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


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    retry_after: float | None
    asked: Asked
    outcome: Outcome


class Discord(Judge):
    """The server: `handle_request` at the moment a request arrives."""

    def __init__(self, script: Script) -> None:
        super().__init__(self._wall, global_rate=script.global_limit, global_kind=script.global_kind)
        self.script = script
        self.flying: dict[tuple[str, str], int] = defaultdict(int)
        self.unheard: set[int] = set()
        """Who is being answered, where the answer gets lost."""

    def _wall(self, t: float) -> float:
        step = self.script.clock_step
        return EPOCH + t + (step[1] if step and t >= step[0] else 0.0)

    def others(self, t: float, limit: Limit, major: str, times: int) -> None:
        self.spend(t, limit, BOT, major, times)

    def handle_request(self, t: float, number: int, request: Request, sent: float) -> Answer:
        for begin, end in self.script.bans:
            if begin <= t:
                self.bans[BOT] = max(end, self.bans.get(BOT, 0.0))
        place = (request.route.template, request.major)
        layers = tuple(Layer(limit, request.major) for limit in request.route.limits)
        alone = self.flying[place] <= 1
        asked = Asked(number, BOT, BOT, *place, layers, sent, alone, heard=number not in self.unheard)
        outcome = self.handle(t, asked)
        status = 200 if outcome.refused is None else 429
        return Answer(status, outcome.headers, outcome.retry_after, asked, outcome)

    def deliver(self, t: float, answer: Answer) -> None:
        """The answer has come back."""
        self.flying[answer.asked.route, answer.asked.major] -= 1
        self.delivered(t, answer.asked, answer.outcome)


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


class Connections:
    """Open ones are used again; what finds none idle waits for a new one."""

    def __init__(self, script: Script) -> None:
        self._most, self._random = script.setup, Random(script.seed)
        self._idle = 0

    def take(self) -> float:
        """Seconds before the request leaves."""
        if self._idle:
            self._idle -= 1
            return 0.0
        return self._random.uniform(self._most / 3, self._most)

    def give(self) -> None:
        """One is idle again; what is given up breaks its connection."""
        self._idle += 1


def run(script: Script, client: Client, *, horizon: float = 1e6, dawdling: Mapping[int, float] | None = None) -> Result:
    """Drives the client until everything is answered or lost.

    ``dawdling``: seconds that the server takes for some, by number, after it has counted them.
    """
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
    connections = Connections(script)
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
                server.others(now, limit, major, times)
            elif what == "arrive":
                request, first = script.requests[number], attempts[number] == 1
                server.unheard = {number} if first and request.fate in ("reply_lost", "cancelled") else set()
                answer = server.handle_request(now, number, request, sent_at[number])
                if not server.unheard:
                    back = latencies(script, number, attempts[number])[1] + (dawdling or {}).get(number, 0.0)
                    later(now + back, "deliver", number, answer)
            elif what == "deliver":
                assert answer is not None
                server.deliver(now, answer)
                connections.give()
                if answer.status != 429:
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
            left = now + connections.take()
            if not (first and request.fate == "request_lost"):
                later(left + latencies(script, number, attempts[number])[0], "arrive", number)
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
            server.others(at, limit, major, times)
        counters = [server.counter(limit, BOT, request.major) for limit in request.route.limits]
        if (globally := server.global_counter(BOT)) is not None:
            counters.append(globally)
        earliest = when
        for begin, end in script.bans:
            if begin <= earliest < end:
                earliest = end
        # Taken on arrival, and that is the base latency later for each: compare arrivals with arrivals.
        for counter in counters:
            free = counter.free_at(earliest + script.base)
            if free > earliest + script.base + 1e-9:
                if opens_anew(counter):
                    free += told.get(id(counter), (free, 0.0))[1] if counter is not globally else 0.0
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
