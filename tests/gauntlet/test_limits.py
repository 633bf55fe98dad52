"""Rate limits over a real socket: what each kind of 429 holds back, and for how long."""

import asyncio
import json
import logging
from typing import Any

import pytest
from hypothesis import given, strategies as st

from acord.core import errors
from acord.core.buckets import read_reply
from acord.core.hook_events import WaitStarted
from acord.core.operation import Operation, Parameter
from acord.core.response import retry_after
from acord.core.shapes import Id, Object, String
from acord.sandbox.faults import Step, answer, honest, wait_for
from tests.core.http_kit import ME
from tests.gauntlet.kit import OK, Rest, limited, refused
from tests.turning import until

CALLBACK = Operation(
    "create_interaction_response",
    "POST",
    "/interactions/{interaction_id}/{interaction_token}/callback",
    auth=("none",),
    parameters=(Parameter("interaction_id", "path", Id()), Parameter("interaction_token", "path", String())),
    body=Object("Body", optional={"content": String()}),
    returns={204: None},
)


def told(remaining: int, after: float = 1.0, **more: Any) -> Step:
    """Success on a limited route."""
    return answer(200, ME, limited(remaining, after, **more))


async def call_back(r: Rest, **options: Any) -> Any:
    route = CALLBACK.route({"interaction_id": 5, "interaction_token": "t"}, {}, {"content": "x"})
    return await r.http.request(route, **options)


def times(r: Rest) -> list[float]:
    return [round(seen.at - r.time.begun, 2) for seen in r.server.seen]


async def test_R23_a_429_waits_for_what_the_body_says_and_nothing_else(rest: Any) -> None:
    r: Rest = await rest(refused(2.5, headers=limited(0, 40.0)), told(4))

    assert 7 == (await r.create()).id

    assert [0.0, 2.5] == times(r)


async def test_R23_only_that_bucket_waits_and_in_order(rest: Any) -> None:
    r: Rest = await rest(refused(5.0, headers=limited(0, 5.0)), OK)
    first = r.start(r.create(body={"content": "0"}))
    await until(lambda: r.server.seen)
    others = [r.start(r.create(body={"content": str(number)})) for number in (1, 2)]

    await r.get()
    now = r.time.passed
    await asyncio.gather(first, *others)

    assert now < 1
    sent = [json.loads(seen.body)["content"] for seen in r.server.seen if seen.body]
    assert ["0", "0", "1", "2"] == sent


async def test_R24_a_global_429_holds_every_route_but_interactions(rest: Any) -> None:
    r: Rest = await rest(refused(3.0, scope="global"), answer(204), OK)
    first = r.start(r.create())
    await until(lambda: r.limiter.global_lock)

    await call_back(r)
    now = r.time.passed
    await r.get()

    assert now < 1
    assert r.time.passed >= 3
    await first


async def test_R25_a_shared_429_waits_and_is_not_held_against_us(rest: Any) -> None:
    r: Rest = await rest(refused(2.0, scope="shared"), OK)

    await r.create()

    assert ([0.0, 2.0], 0) == (times(r), r.limiter.current_requests)


async def test_R28_without_headers_the_body_is_obeyed(rest: Any) -> None:
    bare = answer(429, {"message": "x", "retry_after": 1.5}, {"X-RateLimit-Scope": "user"})
    r: Rest = await rest(bare, OK)

    await r.create()

    assert [0.0, 1.5] == times(r)


@pytest.mark.parametrize("wait", [-1, 0, "soon", None, True, [1], {}])
async def test_R29_a_wait_that_makes_no_sense_is_none(rest: Any, wait: Any) -> None:
    r: Rest = await rest(refused(wait, headers={"Retry-After": ""}), OK)

    await r.create()

    assert 2 == len(r.server.seen)
    assert 0.1 < r.time.passed < 10


@pytest.mark.parametrize("text", [b"NaN", b"1e999", b"-Infinity", b'"7"', b"1e18"])
async def test_R29_no_number_that_json_can_hold_makes_a_call_hang(rest: Any, text: bytes) -> None:
    headers = {"X-RateLimit-Scope": "user", "Content-Type": "application/json"}
    r: Rest = await rest(answer(429, b'{"retry_after": %s, "message": "x"}' % text, headers))

    with pytest.raises(errors.RateLimited):
        await r.create(deadline=100.0)

    assert r.time.passed <= 100.1


@pytest.mark.parametrize("limiter", [True, False])
async def test_R29_who_waits_less_long_is_told_at_once(rest: Any, limiter: bool) -> None:
    r: Rest = await rest(refused(90.0), **({} if limiter else {"ratelimiter": None}))

    with pytest.raises(errors.RateLimited) as caught:
        await r.create(max_wait=60.0)

    assert (90.0, "user", 1) == (caught.value.retry_after, caught.value.scope, len(r.server.seen))
    assert r.time.passed < 1


@given(value=st.one_of(st.none(), st.booleans(), st.text(), st.floats(), st.integers(), st.lists(st.integers())))
def test_R29_what_is_read_is_a_wait_or_nothing(value: Any) -> None:
    for said in (retry_after({"retry-after": str(value)}, None), retry_after({}, {"retry_after": value})):
        assert said is None or 0 <= said < float("inf")


@pytest.mark.parametrize("limiter", [True, False])
async def test_R30_a_429_that_never_ends_is_raised_after_five(rest: Any, limiter: bool) -> None:
    r: Rest = await rest(refused(1.0), **({} if limiter else {"ratelimiter": None}))

    with pytest.raises(errors.RateLimited) as caught:
        await r.create()

    assert (5, 5) == (caught.value.attempts, len(r.server.seen))
    assert [0.0, 1.0, 2.0, 3.0, 4.0] == times(r)


async def test_R30_failures_and_429s_are_counted_apart(rest: Any) -> None:
    r: Rest = await rest(*[answer(502), refused(1.0)] * 4, OK)

    assert 7 == (await r.create()).id


async def test_R30_an_interaction_waits_in_no_queue_and_not_beyond_its_three_seconds(rest: Any) -> None:
    r: Rest = await rest(refused(1.0))

    with pytest.raises(errors.RateLimited):
        await call_back(r)

    assert [0.0, 1.0, 2.0] == times(r)


async def test_R31_a_route_that_moves_to_another_bucket_keeps_order_and_permits(rest: Any, wire: Any) -> None:
    one = wire(pool_size=1)  # over several connections Discord may see another order
    r: Rest = await rest(told(2, 3.0, limit=3), told(9, 3.0, limit=10, bucket="other"), connector=one)

    bodies = [{"content": str(number)} for number in range(8)]
    await asyncio.gather(*(r.create(body=body) for body in bodies))

    assert [body["content"] for body in bodies] == [json.loads(seen.body)["content"] for seen in r.server.seen]
    assert (0, 0) == (r.limiter.snapshot().in_flight, r.limiter.awaiting_requests)


async def test_R32_a_burst_on_an_unknown_route_sends_one_probe(rest: Any) -> None:
    gate = asyncio.Event()
    window = [told(left, 2.0) for left in (3, 2, 1, 0)]
    later = [told(left, 2.0, reset=1_790_000_004) for left in (4, 3, 2, 1, 0)]
    r: Rest = await rest(honest(wait_for(gate), told(4, 2.0)), *window, *later)
    burst = [r.start(r.create()) for _ in range(10)]
    await until(lambda: r.server.seen)
    for _ in range(200):
        await asyncio.sleep(0)
    probes = len(r.server.seen)

    gate.set()
    await asyncio.gather(*burst)

    assert 1 == probes
    assert 5 == sum(at < 1.9 for at in times(r))


@pytest.mark.parametrize("skew", [3600.0, -3600.0])
async def test_R37_the_servers_clock_does_not_matter(rest: Any, skew: float) -> None:
    headers = limited(0, 2.0, limit=1, reset=1_000.0 + skew) | {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}
    r: Rest = await rest(answer(200, ME, headers), OK)

    await r.create()
    await r.create()

    assert [0.0, 2.0] == times(r)


async def test_R39_of_ten_thousand_that_wait_half_may_go_and_the_rest_keep_their_order(rest: Any, wire: Any) -> None:
    # One connection: what leaves together over several may arrive in any order, and that is not the limiter's.
    one = wire(pool_size=1)
    r: Rest = await rest(told(0, 50.0, limit=1), told(9_999, 1000.0, limit=10_000), connector=one)
    await r.create()
    many = [r.start(r.create(body={"content": str(number)})) for number in range(10_000)]
    await until(lambda: r.limiter.awaiting_requests == 10_000)

    for task in many[1::2]:
        task.cancel()
    for _ in range(20):
        await asyncio.sleep(0)
    assert 5_000 == r.limiter.awaiting_requests
    for task in many[20::2]:
        task.cancel()
    await asyncio.gather(*many, return_exceptions=True)

    kept = [json.loads(seen.body)["content"] for seen in r.server.seen[1:]]
    assert [str(number) for number in range(0, 20, 2)] == kept
    assert (0, 0) == (r.limiter.snapshot().in_flight, r.limiter.awaiting_requests)


ODD = st.one_of(st.sampled_from(["", "-1", "NaN", "inf", "1e400", "\xe9", "0x10", "9" * 40]), st.text(max_size=8))


@given(
    status=st.sampled_from([200, 204, 404, 429]),
    values=st.dictionaries(
        st.sampled_from(["Bucket", "Limit", "Remaining", "Reset", "Reset-After", "Scope", "Global"]), ODD
    ),
)
def test_R43_odd_header_values_are_ignored_or_clamped(status: int, values: dict[str, str]) -> None:
    reply = read_reply(status, {f"X-RateLimit-{name}": value for name, value in values.items()})

    assert reply.bucket != ""
    for number in (reply.limit, reply.remaining, reply.reset_after, reply.retry_after):
        assert number is None or 0 <= number < float("inf")


@pytest.mark.parametrize(
    "odd",
    [
        {"X-RateLimit-Bucket": ""},
        {"X-RateLimit-Remaining": "-1"},
        {"X-Odd": "\udcff\udcfe"},
        {"X-RateLimit-Limit": "0"},
    ],
)
async def test_R43_an_odd_header_does_not_stop_the_next_request(rest: Any, odd: dict[str, str]) -> None:
    r: Rest = await rest(answer(200, ME, limited(3) | odd))

    for _ in range(3):
        assert 7 == (await r.create(deadline=60.0)).id


async def test_a_long_wait_is_logged_and_hooked_when_it_begins(rest: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "acord")
    waits = list[tuple[float, WaitStarted]]()
    r: Rest = await rest(told(0, 30.0, limit=1), OK)
    r.http.hooks.add(WaitStarted, lambda event: waits.append((r.time.passed, event)))

    await r.create()
    await r.create()

    ((when, event),) = waits
    assert when < 1
    assert 30.0 == pytest.approx(event.delay, abs=0.01)
    assert "waits 30.0 s (bucket, bucket abcd)" in caplog.text


async def test_patience_covers_all_waits_of_a_call_together(rest: Any) -> None:
    r: Rest = await rest(refused(4.0))

    with pytest.raises(errors.RateLimited):
        await r.create(max_wait=10.0)

    assert [0.0, 4.0, 8.0] == times(r)


async def test_a_call_of_higher_priority_leaves_first(rest: Any) -> None:
    r: Rest = await rest(told(0, 5.0, limit=1))
    await r.create()
    low = r.start(r.create(body={"content": "low"}))
    await until(lambda: r.limiter.awaiting_requests == 1)
    high = r.start(r.create(body={"content": "high"}, priority=5))

    await asyncio.gather(low, high)

    assert ["high", "low"] == [json.loads(seen.body)["content"] for seen in r.server.seen[1:]]


async def test_a_deadline_that_a_limit_would_outlast_fails_now(rest: Any) -> None:
    r: Rest = await rest(told(0, 30.0, limit=1))
    await r.create()

    with pytest.raises(errors.RateLimited) as caught:
        await r.create(deadline=10.0)

    assert (0, 1) == (caught.value.attempts, len(r.server.seen))
    assert r.time.passed < 1


async def test_many_invalid_requests_end_all_sending_before_discord_does(rest: Any) -> None:
    from acord.core.ratelimiter import DefaultHTTPRatelimiter

    r: Rest = await rest(answer(403, {"message": "No.", "code": 50001}), ratelimiter=None)
    r.http.ratelimiter = DefaultHTTPRatelimiter((20, 600.0), clock=r.time)

    for _ in range(19):
        with pytest.raises(errors.Forbidden):
            await r.get()
    with pytest.raises(errors.RateLimited, match="ban this address"):
        await r.get()

    assert 19 == len(r.server.seen)
