"""The pure core against a simulated Discord: no refusal that could be avoided, and done almost as soon as possible.

``ACORD_SOAK=1`` runs 5,000 scripts instead of 200 and a million requests instead of 50,000.
"""

import gc
import heapq
import os
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

import acord.core.gates
import acord.core.knowledge
from acord.core.buckets import Bucket, Reply, read_reply
from acord.core.lanes import Lane
from acord.core.scheduler import Scheduler, Ticket
from acord.core.tickets import Queue
from acord.sandbox.limits.counting import Limit
from tests.limiter.driver import Driver
from tests.limiter.replies import LANE, reply
from tests.limiter.scripts import scripts
from tests.limiter.simulator import Discord, Result, run
from tests.limiter.world import GLOBAL, Request, Script, SimRoute

SOAK = os.environ.get("ACORD_SOAK") == "1"
SCRIPTS = 5_000 if SOAK else 200


def bucket(kind: str, size: int, window: float, name: str = "a") -> Limit:
    return Limit(name, kind, size, window, f"hash-{name}")  # type: ignore[arg-type]


def bursts(*routes: tuple[int, SimRoute]) -> tuple[tuple[int, Request], ...]:
    return tuple((count, Request(0.0, route)) for count, route in routes)


def allowed(script: Script, result: Result) -> float:
    """Latest finish: the optimum and a twentieth, or an eighth where the global limit binds; and a round trip.

    The round trip is that of unknown routes, which learn at the same time. One more shows that a bucket is leaky: the
    first reply is the same as that of a window. Each of these may have to open a connection, and so may all that follow
    at once. Where the windows of the global limit begin is never told: who has to stay below it, whatever they are, may
    miss all of one, unless nothing was sent before and they begin with it.
    Of a request that is lost, nobody knows before it is given up, and two seconds later, whether it is counted; and
    not then whether a reply had it in its number. It is taken off once more, and for want of one place the last request
    may have to wait for another window.

    A window of the clock's had begun before its first request, and that one's reply tells to within a round trip when
    it ends (``Reset-After`` counts from when the server wrote it, which no header ties to the client's clock). What
    is sent then, and arrives when it may be over, counts in this window or in the next, so the client has to take it
    off both: where what is left is no more than the first two trips, it has missed a window.
    """
    trip = 2 * (script.base + script.spread)
    leaky = any(limit.kind == "leaky" for _, request in script.bursts for limit in request.route.limits)
    most = result.optimum * 1.05 + trip * (1 + leaky) + script.setup * (2 + leaky)
    for _, request in script.bursts:
        if request.fate != "answered":
            most += script.timeout + 2.0 + max((limit.window for limit in request.route.limits), default=0.0)
    most += max((limit.window for limit in _cut_short(script, 2 * (trip + script.setup))), default=0.0)
    if len(script.requests) > GLOBAL:
        most += result.optimum * 0.07
        if script.global_kind == "aligned" or len({request.at for _, request in script.bursts}) > 1:
            most += 1.1
    return most


def _cut_short(script: Script, within: float) -> list[Limit]:
    """Limits by the clock with more requests than a window takes, and an end so soon after some of these ask."""
    asked: dict[tuple[Limit, str], list[float]] = {}
    for count, request in script.bursts:
        for limit in request.route.limits:
            if limit.kind == "aligned":
                asked.setdefault((limit, request.major), []).extend([request.at] * count)
    # Where the global limit binds as well, nobody can say when a request gets its turn.
    busy = len(script.requests) > GLOBAL
    return [
        limit
        for (limit, _), times in asked.items()
        if len(times) > limit.size and (busy or any(limit.window - at % limit.window < within for at in times))
    ]


def is_plain(script: Script) -> bool:
    """Whether every limit is announced by headers and nobody else spends from it: only then is there an optimum.

    A global limit that were leaky would let more through at first than windows of a second do, which is what the
    documentation speaks of: it must not refuse anything, but is no measure of speed for a few requests.
    """
    if script.global_kind == "leaky" and len(script.requests) > GLOBAL:
        return False
    # Where a bucket refills within a round trip, what may be in flight at once decides, and not its rate.
    trip = 2 * (script.base + script.spread) + script.setup
    if any(limit.window < trip for _, request in script.bursts for limit in request.route.limits):
        return False
    odd = ("/hidden", "/layered", "/apart0", "/apart1")
    return not (script.bans or script.others) and all(request.route.template not in odd for _, request in script.bursts)


@pytest.mark.timeout(3_600 if SOAK else 300)
@settings(max_examples=SCRIPTS, deadline=None, derandomize=not SOAK, suppress_health_check=[*HealthCheck])
@given(scripts())
def test_R31_R32_R37_no_script_earns_an_avoidable_429_and_all_are_answered_in_time(script: Script) -> None:
    result = run(script, Driver())

    assert [] == result.avoidable
    assert 0 == result.unfinished
    if is_plain(script):
        assert [] == [one for one in result.refused if one.scope == "global"]
        assert result.finish <= allowed(script, result) + 1e-6


@pytest.mark.parametrize("kind", ["fixed", "aligned", "leaky"])
@pytest.mark.parametrize(("size", "window"), [(5, 5.0), (30, 4.0), (10, 10.0), (2, 20.0)])
def test_a_bucket_that_binds_is_drained_within_a_twentieth_of_the_optimum(kind: str, size: int, window: float) -> None:
    route = SimRoute("/a", (bucket(kind, size, window),))
    script = Script(bursts((size * 6, route)), base=0.04, spread=0.04, global_limit=None)

    result = run(script, Driver())

    assert [] == result.refused
    assert result.finish <= 1.05 * result.optimum + 0.16


@pytest.mark.parametrize("seed", range(5))
def test_two_routes_that_find_out_by_429s_that_they_share_a_leaky_bucket_keep_its_pace(seed: int) -> None:
    one, other = (SimRoute(path, (bucket("leaky", 2, 2.0),)) for path in ("/a", "/b"))
    script = Script(
        ((40, Request(0.3, one)), (5, Request(1.0, other))), base=0.25, spread=0.02, seed=seed, global_limit=None
    )

    result = run(script, Driver())

    assert [] == result.avoidable
    assert result.finish <= 1.05 * result.optimum


@pytest.mark.parametrize("base", [0.0, 0.0003, 0.001])
@pytest.mark.parametrize("kind", ["fixed", "aligned", "leaky"])
@pytest.mark.parametrize(("size", "window"), [(3, 0.7), (5, 1.3), (7, 7.777), (30, 4.0)])
def test_a_server_close_by_whose_headers_end_at_the_millisecond_is_asked_for_nothing_early(
    kind: str, size: int, window: float, base: float
) -> None:
    route = SimRoute("/a", (bucket(kind, size, window),))
    times = [(2 * size, 0.1234), (size, 1.01 * window), (3, 2.456 * window)]
    script = Script(
        tuple((count, Request(at, route)) for count, at in times), base=base, spread=base, global_limit=None
    )

    result = run(script, Driver())

    assert [] == result.refused


@pytest.mark.parametrize("kind", ["fixed", "aligned", "leaky"])
def test_the_global_limit_is_used_within_an_eighth_of_the_optimum(kind: str) -> None:
    script = Script(bursts((1_000, SimRoute("/free"))), spread=0.1, global_kind=kind)  # type: ignore[arg-type]

    result = run(script, Driver())

    assert [] == result.refused
    assert result.finish <= 1.12 * result.optimum + 0.3


@pytest.mark.parametrize("seed", range(5))
def test_the_global_gate_holds_with_a_latency_spread_of_its_own_slack(seed: int) -> None:
    script = Script(bursts((300, SimRoute("/free"))), base=0.05, spread=0.1, seed=seed)

    result = run(script, Driver())

    assert [] == result.refused


def everywhere() -> dict[str, tuple[tuple[int, Request], ...]]:
    """300 requests: of one route, of one route in 50 channels, of 30 routes."""
    message = bucket("leaky", 30, 2.0)
    return {
        "route": bursts((300, SimRoute("/free"))),
        "channels": tuple((6, Request(0.0, SimRoute("/a", (message,)), str(n))) for n in range(50)),
        "routes": bursts(*((10, SimRoute(f"/{n}")) for n in range(30))),
    }


@pytest.mark.parametrize("where", ["route", "channels", "routes"])
@pytest.mark.parametrize("kind", ["fixed", "aligned"])
def test_the_global_gate_allows_for_connections_that_are_opened_first(kind: str, where: str) -> None:
    """What counts the sends alone earns up to 50 a run here. What comes back after the gate has opened again, and what
    differs by less than twice the gate's slack, may still earn one now and then.
    """
    refused, rounds = 0, 8

    for seed in range(rounds):
        script = Script(
            everywhere()[where],
            base=0.05,
            seed=seed,
            setup=0.3 + 0.1 * (seed % 4),
            global_kind=kind,  # type: ignore[arg-type]
        )
        result = run(script, Driver())
        refused += len(result.refused)
        assert result.finish <= 1.12 * result.optimum + 2 * script.setup + 1.1

    assert refused <= rounds


def test_the_global_limit_is_used_well_by_a_route_that_discord_takes_long_for() -> None:
    script = Script(bursts((40, SimRoute("/quick")), (1_000, SimRoute("/slow"))), base=0.05, spread=0.0)
    slow = range(40, 1_040)

    result = run(script, Driver(), dawdling=dict.fromkeys(slow, 0.5))

    assert [] == result.refused
    assert result.finish <= 1.12 * result.optimum + 1.5


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
@pytest.mark.parametrize("seed", range(5))
def test_R31_a_clock_that_steps_among_the_replies_of_a_leaky_bucket_earns_nothing(seed: int, step: float) -> None:
    burst = bursts((11, SimRoute("/a", (bucket("leaky", 10, 10.0),))))
    script = Script(burst, base=0.1, spread=0.1, seed=seed, clock_step=(0.4, step))

    result = run(script, Driver())

    assert [] == result.refused


def test_two_routes_of_one_bucket_share_its_requests_oldest_first() -> None:
    shared = bucket("fixed", 5, 5.0)
    first, second = SimRoute("/a", (shared,)), SimRoute("/b", (shared,))
    alternating = [(1, Request(0.0, route)) for _ in range(10) for route in (first, second)]
    warm = [(1, Request(0.0, first)), (1, Request(2.0, second))]
    late = [(count, request._replace(at=6.0)) for count, request in alternating]
    script = Script((*warm, *late), base=0.05, spread=0.0)

    result = run(script, Driver())

    assert [] == result.refused
    assert list(range(2, 22)) == [number for _, number in result.starts if number >= 2]


def test_routes_with_one_hash_that_are_counted_apart_earn_nothing() -> None:
    routes = [SimRoute(f"/{name}", (Limit(name, "fixed", 5, 5.0, "hash-one"),)) for name in "ab"]
    script = Script(tuple((15, Request(1.3 * n, route)) for n, route in enumerate(routes)))

    result = run(script, Driver())

    assert [] == result.refused


def test_requests_lost_before_a_bucket_is_known_to_be_leaky_count_after_its_end_too() -> None:
    request = Request(0.0, SimRoute("/a", (bucket("leaky", 5, 5.0),)))
    script = Script(((3, request._replace(fate="cancelled")), (6, request)), base=0.02, spread=0.02)

    result = run(script, Driver())

    assert [] == result.refused


@pytest.mark.parametrize("kind", ["fixed", "leaky"])
def test_a_hidden_limit_is_found_once_and_sized_once(kind: str) -> None:
    hidden = Limit("hidden", kind, 2, 60.0)  # type: ignore[arg-type]
    script = Script(bursts((20, SimRoute("/a", (bucket("fixed", 10, 10.0), hidden)))), spread=0.0)

    result = run(script, Driver())

    at_once = [one for one in result.refused if one.at < 1]
    assert [] == result.avoidable
    assert 1 == len(result.refused) - len(at_once)
    assert result.finish <= 1.05 * result.optimum


def test_what_gathers_in_a_hidden_limit_while_another_bucket_is_busy_is_not_taken_for_its_pace() -> None:
    over = bucket("fixed", 5, 5.0)
    found = Request(0.3, SimRoute("/b", (over, Limit("hidden", "leaky", 2, 20.0))))
    busy = Request(2.5, SimRoute("/a", (over,)))
    lost = (1, busy._replace(fate="cancelled"))
    script = Script(((11, found), lost, lost, (40, busy)), base=0.25, spread=0.0)

    result = run(script, Driver())

    assert [] == result.avoidable


def test_a_429_of_a_bucket_that_no_route_is_known_to_use_is_remembered_for_the_first_one_that_does() -> None:
    shared = bucket("aligned", 2, 2.0)
    first, second = SimRoute("/a", (shared,)), SimRoute("/b", (shared,))
    script = Script(
        (
            (1, Request(0.0, second, fate="reply_lost")),
            (3, Request(0.0, second)),
            (1, Request(0.4, second, "2")),  # tells which bucket it is
            (1, Request(0.3, first)),
        ),
        base=0.25,
        spread=0.0,
        others=((0.5, shared, "1", 2),),
    )

    result = run(script, Driver())

    assert [] == result.avoidable


def test_a_hidden_limit_that_a_busy_bucket_kept_unasked_is_sized_by_one_more_refusal() -> None:
    over = bucket("fixed", 3, 1.0)
    script = Script(
        bursts((123, SimRoute("/a", (over,))), (9, SimRoute("/b", (over, Limit("hidden", "fixed", 1, 20.0)))))
    )

    result = run(script, Driver())

    assert [] == result.avoidable
    assert 2 == len([one for one in result.refused if one.at > 30])


def test_a_hidden_limit_is_not_forgotten_because_another_one_let_little_through() -> None:
    over, hidden = bucket("fixed", 10, 60.0), Limit("hidden", "fixed", 1, 20.0)
    busy, both = Request(0.3, SimRoute("/a", (over,)), "3"), Request(0.0, SimRoute("/b", (over, hidden)), "3")
    script = Script(((1, busy._replace(at=0.0, major="1")), (36, busy), (7, both)), base=0.02, spread=0.0)

    result = run(script, Driver())

    assert [] == result.avoidable


def test_a_hidden_limit_that_two_channels_find_at_once_is_sized_once_in_each() -> None:
    layers = (bucket("fixed", 10, 5.0), Limit("layer", "fixed", 1, 20.0, "hash-layer"))
    request = Request(0.0, SimRoute("/a", layers))
    lost = request._replace(fate="reply_lost")
    other = (1, lost._replace(major="2")), (1, request._replace(major="2"))
    script = Script(((1, request._replace(fate="cancelled")), (1, lost), (3, request), *other), base=0.02, spread=0.0)

    result = run(script, Driver())

    assert [] == result.avoidable


def test_R25_a_shared_429_holds_the_queue_while_one_is_out() -> None:
    shared = Limit("shared", "fixed", 1, 5.0, shared=True)
    script = Script(bursts((12, SimRoute("/a", (bucket("fixed", 30, 1.0), shared)))), spread=0.0)

    result = run(script, Driver())

    rounds = [one for one in result.refused if one.at > 1]
    assert [] == result.avoidable
    assert len(rounds) <= 2 * 11


def test_a_ban_is_met_by_one_request_and_then_waited_out() -> None:
    routes = [(1, Request(0.1 * n, SimRoute("/free"), str(n))) for n in range(100)]
    script = Script(tuple(routes), base=0.02, spread=0.0, bans=((2.0, 100.0),))

    result = run(script, Driver())

    assert {"ban"} == {one.scope for one in result.refused}
    assert len(result.refused) <= 3  # what was under way, and one that tries at the end
    assert 0 == result.unfinished


# ---- limiters that are wrong, each in one thing


class NoInFlight(Bucket):
    def room(self, now: float) -> float:
        return super().room(now) + self.inflight


class RebindingOn429(Scheduler):
    def _limited(self, ticket: Ticket, queue: Queue, reply: Reply, now: float) -> None:
        if reply.bucket is not None and reply.bucket != queue.pool.name:
            self._bind(ticket, queue, reply.bucket, reply, now)
        super()._limited(ticket, queue, reply, now)


class PerPath(Driver):
    def lane(self, number: int, request: Request) -> Lane:
        return super().lane(number, request)._replace(template=f"{request.route.template}/{number}")


def caught(make: Callable[[], Driver], script: Script) -> bool:
    """Whether the simulated Discord tells the broken limiter from the one that is in use."""
    good, bad = run(script, Driver()), run(script, make(), horizon=1e4)
    assert [] == good.avoidable
    return bool(bad.avoidable)


def test_a_limiter_that_forgets_what_is_in_flight_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(bursts((30, SimRoute("/a", (bucket("fixed", 5, 5.0),)))))

    def broken() -> Driver:
        monkeypatch.setattr(acord.core.knowledge, "Bucket", NoInFlight)
        return Driver()

    assert caught(broken, script)


def test_a_global_window_of_one_second_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(bursts((300, SimRoute("/free"))), base=0.05, spread=0.1)

    def broken() -> Driver:
        monkeypatch.setattr(acord.core.gates, "GLOBAL_WINDOW", 1.0)
        return Driver()

    assert caught(broken, script)


def test_a_limiter_that_rebinds_on_a_429_is_caught() -> None:
    layers = (bucket("fixed", 5, 5.0), Limit("layer", "fixed", 8, 30.0, "hash-layer"))
    script = Script(bursts((24, SimRoute("/a", layers))))

    assert caught(lambda: Driver(RebindingOn429()), script)


def test_a_limiter_with_a_key_for_each_path_is_caught() -> None:
    script = Script(bursts((30, SimRoute("/a", (bucket("fixed", 5, 5.0),)))))

    assert caught(PerPath, script)


def test_a_limiter_that_does_not_probe_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(bursts((30, SimRoute("/a", (bucket("leaky", 5, 5.0),)))))

    class Rash(Bucket):
        def room(self, now: float) -> float:
            return 99 if self.limit is None else super().room(now)

    def broken() -> Driver:
        monkeypatch.setattr(acord.core.knowledge, "Bucket", Rash)
        return Driver()

    assert caught(broken, script)


# ---- memory


@pytest.mark.timeout(3_600 if SOAK else 300)
def test_requests_to_ever_new_channels_keep_memory_bounded() -> None:
    """A million requests over 100,000 channels in the soak: what is kept follows what is under way, not the past."""
    total, channels = (1_000_000, 100_000) if SOAK else (50_000, 5_000)
    route = SimRoute("/channels/{}/messages", (bucket("fixed", 5, 5.0),))
    random, scheduler = Random(1), Scheduler(global_limit=10_000)
    server = Discord(Script((), global_limit=None))
    replies: list[tuple[float, int, Ticket, dict[str, str]]] = []
    now, most, refused = 0.0, 0, 0

    for number in range(total):
        now += 0.001
        while replies and replies[0][0] <= now:
            at, _, ticket, headers = heapq.heappop(replies)
            scheduler.report(ticket, read_reply(200, headers), at)
        scheduler.submit(Lane("bot", "GET", route.template, major=str(random.randrange(channels))), now)
        for ticket in scheduler.settled:
            answer = server.handle_request(now, number, Request(now, route, ticket.lane.major), now)
            refused += answer.status == 429
            heapq.heappush(replies, (now + 0.1, id(ticket), ticket, answer.headers))
        scheduler.settled.clear()
        if number % 1000 == 0:
            server.counters = {key: one for key, one in server.counters.items() if one.shown(now)[1] > 0}
            server.fame.clear()
            kept = len(scheduler.pools) + len(scheduler.queues) + len(scheduler.timers) + len(scheduler.sweeps)
            most = max(most, kept)

    assert 0 == refused
    # 1,000 a second, each bucket kept for its window of 5 s: 5,000 buckets, as many queues and sweeps, some timers.
    assert most <= 3 * 6_000 + 2_000


def test_a_bucket_takes_no_more_memory_than_stated_and_gives_it_back() -> None:
    scheduler, count = Scheduler(global_limit=10_000), 2_000
    names = [str(number) for number in range(count)]
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for name in names:
            ticket = scheduler.submit(LANE._replace(major=name), 0.0)
            scheduler.settled.clear()
            reply(scheduler, ticket, 0.0, remaining=4)
        del ticket
        full = tracemalloc.get_traced_memory()[0] - before
        scheduler.advance(10.0)
        left = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        gc.enable()

    assert 0 == len(scheduler.pools)
    assert full / count < 1_300
    assert left < full / 3  # tables do not shrink
