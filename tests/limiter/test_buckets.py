"""The pure core: how a bucket is learned and spent."""

from types import MappingProxyType

import pytest
from hypothesis import given, strategies as st

from acord.core.buckets import GRAIN, Bucket, read_reply
from acord.core.gates import Hold
from acord.core.scheduler import Scheduler
from tests.limiter.replies import LANE, headers, known, reply, states, submit

# ---- learning a bucket


def test_R32_one_request_probes_an_unknown_bucket_and_the_others_wait() -> None:
    core = Scheduler()
    tickets = submit(core, 8, 0.0)
    before = states(tickets)
    reply(core, tickets[0], 0.1, remaining=4)

    assert "swwwwwww" == before
    assert "osssswww" == states(tickets)


def test_a_probe_that_failed_without_headers_lets_the_next_probe() -> None:
    core = Scheduler()
    tickets = submit(core, 3, 0.0)
    core.cancel(tickets[0], 0.1, sent=True)

    assert "lsw" == states(tickets)


def test_a_success_without_headers_means_that_there_is_no_limit() -> None:
    core = Scheduler()
    tickets = submit(core, 30, 0.0)
    reply(core, tickets[0], 0.1)

    assert "o" + 29 * "s" == states(tickets)


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_failure_without_headers_teaches_nothing(status: int) -> None:
    core = Scheduler()
    tickets = submit(core, 3, 0.0)
    reply(core, tickets[0], 0.1, status)

    assert "osw" == states(tickets)


def test_a_new_channel_of_a_known_route_starts_with_a_full_bucket() -> None:
    core = Scheduler()
    known(core)

    assert "sssssw" == states(submit(core, 6, 0.1, LANE._replace(major="2")))


def test_channels_that_wait_for_their_probe_go_on_when_another_one_is_back() -> None:
    core = Scheduler()
    others = submit(core, 4, 0.0, LANE._replace(major="2"))
    reply(core, core.submit(LANE, 0.0), 0.1, remaining=2, limit=3)

    assert "sssw" == states(others)


def test_R31_two_routes_that_turn_out_to_share_a_bucket_share_its_requests_in_order() -> None:
    core = Scheduler()
    known(core, limit=2)
    other = LANE._replace(template="/other")
    probe, first = core.submit(other, 1.0), core.submit(LANE, 1.1)
    second, third = core.submit(other, 1.2), core.submit(LANE, 1.3)
    for ticket in (first, probe):
        reply(core, ticket, 1.4, remaining=0, limit=2, after=3.6, at=1.4)
    before = states([second, third])
    core.advance(5.0 + GRAIN)

    assert ("ww", "ss") == (before, states([second, third]))
    assert [second, third] == core.settled[-2:]


def test_R31_a_hash_that_changes_takes_the_queue_along_in_order() -> None:
    core = Scheduler()
    known(core, limit=2)
    flying, *waiting = submit(core, 4, 0.1)
    reply(core, flying, 0.2, remaining=2, limit=3, after=9.0, at=0.2, name="new")

    assert "ssw" == states(waiting)


def test_R31_a_limit_that_shrinks_is_obeyed_at_once() -> None:
    core = Scheduler()
    known(core, limit=10)
    flying = core.submit(LANE, 0.1)
    reply(core, flying, 0.2, remaining=0, limit=2, after=4.8, at=0.2)

    assert "ww" == states(submit(core, 2, 0.3))


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_R31_R37_a_server_clock_that_steps_moves_no_reset(step: float) -> None:
    core = Scheduler()
    known(core, limit=3)
    flying = core.submit(LANE, 1.0)
    reply(core, flying, 1.1, remaining=1, limit=3, after=3.9, at=1.1 + step)
    tickets = submit(core, 2, 1.2)
    before = states(tickets)
    core.advance(5.0 + GRAIN)

    assert "sw" == before
    assert "ss" == states(tickets)


def test_R31_replies_from_before_a_step_raise_no_count_that_one_from_after_it_lowered() -> None:
    bucket = Bucket(5)
    for now, remaining, step in ((1.0, 4, 0.0), (1.1, 3, 0.0), (1.2, 0, -3600.0), (1.3, 2, 0.0), (1.4, 1, 0.0)):
        fields = headers(remaining, after=6.0 - remaining - now, at=now + step)
        bucket.apply(read_reply(200, fields), now, 0.9)

    assert (True, 0) == (bucket.sliding, bucket.room(1.5))


def test_R31_what_was_sent_after_a_step_was_noticed_is_believed_over_what_was_known() -> None:
    bucket = Bucket(5)
    for now, remaining, at in ((1.0, 4, 1.0), (1.1, 3, 1.1), (2.4, 0, 1.2 - 3600.0)):
        fields = headers(remaining, after=6.0 - remaining - at % 3600, at=at)
        bucket.apply(read_reply(200, fields), now, 0.9)
    before = bucket.room(4.0)
    bucket.apply(read_reply(200, headers(2, after=3.0, at=4.0 - 3600.0)), 4.0, 3.9)

    assert (1, 2) == (before, bucket.room(4.0))


@pytest.mark.parametrize(
    "odd",
    [
        {"x-ratelimit-remaining": "-1"},
        {"x-ratelimit-remaining": "many"},
        {"x-ratelimit-limit": ""},
        {"x-ratelimit-reset-after": "nan"},
        {"x-ratelimit-reset-after": "-5"},
        {"x-ratelimit-reset": "inf"},
        {"x-ratelimit-bucket": ""},
        {"x-ratelimit-limit": "9" * 400},
        {"x-ratelimit-scope": "ähm"},
    ],
)
def test_R43_odd_header_values_are_ignored_and_nothing_gets_stuck(odd: dict[str, str]) -> None:
    core = Scheduler()
    tickets = submit(core, 3, 0.0)
    for now in range(0, 40, 10):
        for ticket in tickets:
            if ticket.state == "sent":
                core.report(ticket, read_reply(200, headers(2, limit=3) | odd), now + 0.1)
        core.advance(now + 9.0)

    assert "ooo" == states(tickets)


@pytest.mark.parametrize("stated", [1e18, 10**400, "1e18"])
def test_R29_a_wait_of_more_than_a_day_is_a_day(stated: object) -> None:
    assert 86_400.0 == read_reply(429, headers(0), stated).retry_after


def test_R43_a_window_of_more_than_a_day_is_a_day() -> None:
    core = Scheduler()
    known(core, limit=1, after=9e10)

    assert pytest.approx(86_400.0) == core.estimate(LANE, 0.0)


@given(st.dictionaries(st.sampled_from(sorted(headers(1))), st.text(max_size=8)), st.sampled_from([200, 404, 429, 500]))
def test_R43_no_header_can_break_the_core(odd: dict[str, str], status: int) -> None:
    core = Scheduler()
    for now in range(5):
        ticket = core.submit(LANE, now * 100.0)
        core.report(ticket, read_reply(status, headers(2) | odd, "x"), now * 100.0 + 1)

    assert 0 == core.flying


@pytest.mark.parametrize("name", ["X-RateLimit-Bucket", "x-ratelimit-bucket", "X-RATELIMIT-BUCKET"])
def test_header_names_are_read_in_any_case(name: str) -> None:
    assert "abc" == read_reply(200, {name: "abc", "X-RateLimit-Limit": "5"}).bucket


# ---- spending it


def test_what_is_in_flight_counts_as_spent() -> None:
    core = Scheduler()
    known(core, limit=3)

    assert "ssw" == states(submit(core, 3, 0.1))


def test_a_late_reply_of_an_older_window_changes_nothing() -> None:
    core = Scheduler()
    known(core, limit=3, after=1.0)
    late, _ = submit(core, 2, 0.9)
    fresh = core.submit(LANE, 1.2)
    reply(core, fresh, 1.4, remaining=2, limit=3, after=1.0, at=1.3)
    reply(core, late, 1.5, remaining=0, limit=3, after=0.05, at=0.95)

    assert "sw" == states(submit(core, 2, 1.6))


def test_a_leaky_bucket_is_used_as_its_tokens_return() -> None:
    core = Scheduler()
    known(core, limit=3, after=1.0)
    one, two = submit(core, 2, 0.0)
    reply(core, one, 0.0, remaining=1, limit=3, after=2.0)
    reply(core, two, 0.0, remaining=0, limit=3, after=3.0)
    tickets = submit(core, 3, 0.1)
    for now in (0.9, 1.1, 2.1, 3.1):
        core.advance(now)

    assert [1.1, 2.1, 3.1] == [ticket.sent for ticket in tickets]


def test_a_lost_reply_counts_as_spent_and_a_request_that_was_not_sent_does_not() -> None:
    core = Scheduler()
    known(core, limit=3, after=60.0)
    lost, unsent = submit(core, 2, 0.1)
    core.cancel(lost, 10.0, sent=True)
    core.cancel(unsent, 10.0, sent=False)

    assert "sw" == states(submit(core, 2, 10.0))


def test_a_request_cancelled_on_its_way_counts_in_the_next_window_too() -> None:
    core = Scheduler()
    known(core, limit=2, after=1.0)
    core.cancel(core.submit(LANE, 0.99), 1.0, sent=True)

    assert "sw" == states(submit(core, 2, 1.1))


def test_a_second_report_does_nothing() -> None:
    core = Scheduler()
    known(core, limit=3)
    ticket = core.submit(LANE, 0.1)
    for _ in range(3):
        reply(core, ticket, 0.2, remaining=1, limit=3, after=4.8, at=0.2)
    core.cancel(ticket, 0.2, sent=True)

    assert "sw" == states(submit(core, 2, 0.3))


def test_one_route_seen_in_two_buckets_in_turn_asks_both() -> None:
    core = Scheduler()
    for turn, name in enumerate("aba"):
        now = turn * 0.1
        reply(core, core.submit(LANE, now), now, remaining=3, after=9.0 - now, at=now, name=name)
    one, two = submit(core, 2, 0.4)
    reply(core, one, 0.5, remaining=0, after=8.5, at=0.5, name="a")
    reply(core, two, 0.5, remaining=2, after=8.5, at=0.5, name="b")
    late = core.submit(LANE, 0.6)
    core.advance(8.9)
    before = late.state
    core.advance(9.1)

    assert ("waiting", "sent") == (before, late.state)


def test_a_lost_request_may_have_opened_a_window() -> None:
    core = Scheduler()
    known(core, limit=2, after=8.0)
    core.cancel(core.submit(LANE, 10.0), 13.0, sent=True)

    assert "sw" == states(submit(core, 2, 13.0))


def test_what_a_lost_probe_may_have_spent_is_remembered_until_the_bucket_is_known() -> None:
    core = Scheduler()
    core.cancel(core.submit(LANE, 0.0), 5.0, sent=True)
    core.submit(LANE, 5.0)
    reply(core, core.submit(LANE._replace(major="2"), 5.0), 5.1, remaining=2, limit=3, after=9.0, at=5.1)

    assert "sw" == states(submit(core, 2, 5.2))


def test_what_a_cancelled_probe_may_spend_after_the_next_ones_reply_was_written_is_kept_free() -> None:
    core = Scheduler()
    core.cancel(core.submit(LANE, 0.0), 0.1, sent=True)
    second = core.submit(LANE, 0.1)
    reply(core, second, 2.1, remaining=2, limit=3, after=5.0, at=1.0)

    assert "sw" == states(submit(core, 2, 2.2))


@pytest.mark.parametrize("status", [401, 500, 503])
def test_a_failure_binds_no_hash_even_with_headers(status: int) -> None:
    core = Scheduler()
    reply(core, core.submit(LANE, 0.0), 0.1, status, remaining=4)

    assert "sw" == states(submit(core, 2, 0.2))


def test_waiters_that_were_cancelled_take_no_memory() -> None:
    core = Scheduler()
    first, _, *others = submit(core, 5_000, 0.0)
    for ticket in others:
        core.cancel(ticket, 0.1, sent=False)

    assert first.queue is not None
    assert len(first.queue.heap) < 100


def test_a_bucket_that_refused_twice_as_a_leaky_one_is_taken_for_a_window() -> None:
    bucket, now = Bucket(5), 0.0
    for _ in range(3):
        for moved, remaining in ((0.0, 4), (1.0, 3), (2.0, 2)):
            fields = headers(remaining, after=1.0 + moved, at=now)
            bucket.apply(read_reply(200, fields), now, now)
        found = bucket.sliding
        bucket.exhaust(read_reply(429, headers(0, after=5.0, at=now), 1.0), now, 1.0, now, counted=True)
        now += 100.0

    assert (2, False) == (bucket.strikes, found)


def test_a_429_of_a_request_that_a_leaky_bucket_did_not_let_through_says_nothing_against_it() -> None:
    bucket = Bucket(5)
    for moved, remaining in ((0.0, 4), (1.0, 3), (2.0, 2)):
        bucket.apply(read_reply(200, headers(remaining, after=1.0 + moved)), 0.0, 0.0)
    bucket.exhaust(read_reply(429, headers(0, after=5.0), 1.0), 0.0, 1.0, 0.0, counted=False)

    assert (True, 0) == (bucket.sliding, bucket.strikes)
    assert [0, 1, 1, 2, 5] == [bucket.room(now) for now in (0.9, 1.1, 1.9, 2.1, 5.1)]


def test_a_hidden_limit_is_met_again_at_the_pace_that_passed() -> None:
    hold = Hold()
    hold.refuse(0.0, 10.0, 0.0, shared=False, counted=False)
    for now in (10.0, 15.0):
        hold.send(now)
        hold.succeed(now)
    hold.send(15.1)
    hold.refuse(15.1, 4.9, 15.1, shared=False, counted=True)
    first = hold.opens(20.0)
    hold.send(20.0)
    second = hold.opens(20.0)
    hold.succeed(20.1)
    hold.send(25.0)

    assert (20.0, 25.0) == (first, second)
    assert pytest.approx(30.1) == hold.opens(25.0)


def test_headers_need_not_be_a_dict() -> None:
    fields = MappingProxyType({"X-RateLimit-Bucket": "abcd", "X-RateLimit-Limit": "5"})

    reply = read_reply(200, fields)

    assert ("abcd", 5) == (reply.bucket, reply.limit)
