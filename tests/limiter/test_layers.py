"""The core where several limits lie on top of each other: holds, global limit, bans, callbacks, what leaves at once."""

import logging

import pytest

from acord.core import knowledge
from acord.core.buckets import Reply, read_reply
from acord.core.ratelimiter import DefaultHTTPRatelimiter
from acord.core.scheduler import Event, Refusal, Scheduler, Ticket
from tests.limiter.replies import LANE, known, reply, states, submit

CALLBACK = LANE._replace(method="POST", template="/interactions/{}/{}/callback", exempt=True, callback=True)
OTHER = LANE._replace(major="2")


def banned(delay: float = 30.0) -> Reply:
    return Reply(429, retry_after=delay, banned=True)


def held(core: Scheduler, *, limit: int = 30) -> None:
    """Has a hidden limit refuse a request of a known bucket until 2.2 s."""
    known(core, limit=limit)
    ticket = core.submit(LANE, 0.1)
    reply(core, ticket, 0.2, 429, wait=2.0, remaining=28, limit=limit, after=4.8, at=0.2, x_ratelimit_scope="user")


def close(seconds: float) -> object:
    return pytest.approx(seconds, abs=0.02)


# ---- at once


def test_a_request_that_nothing_is_in_the_way_of_leaves_at_once_and_is_counted() -> None:
    core = Scheduler()
    known(core, limit=2)

    one = core.at_once(LANE, 0.1)

    assert one is not None
    assert ("sent", 1) == (one.state, core.flying)
    assert core.at_once(LANE, 0.1) is None


def test_nothing_leaves_at_once_that_has_to_be_looked_into() -> None:
    core = Scheduler()
    unknown = core.at_once(LANE, 0.0)
    known(core, limit=1)
    reply(core, core.submit(LANE, 6.0), 6.0, remaining=0, limit=1, after=5.0, at=6.0)
    core.submit(LANE, 6.1)
    someone_waits = core.at_once(LANE, 6.2)
    something_is_due = core.at_once(LANE, 12.0)

    assert (None, None, None) == (unknown, someone_waits, something_is_due)


def test_nothing_leaves_at_once_under_a_hold_a_ban_or_without_a_credential() -> None:
    core, behind = Scheduler(), Scheduler()
    held(core)
    under_a_hold = core.at_once(LANE, 3.0)
    known(behind)
    behind.refuse("bot", Refusal("credential"), 1.0)
    refused = behind.at_once(LANE, 1.0)
    behind.refuse("bot", None, 1.0)
    ticket = behind.submit(LANE, 1.0)
    behind.report(ticket, banned(), 1.0)

    assert (None, None, None) == (under_a_hold, refused, behind.at_once(LANE, 40.0))


# ---- callbacks


def test_a_global_429_to_a_callback_stops_the_bots_other_requests() -> None:
    core = Scheduler()
    known(core)
    ticket = core.submit(CALLBACK, 1.0)
    core.report(ticket, Reply(429, scope="global", retry_after=2.0, limited=True), 1.0)

    assert ("sent", 2.0) == (core.submit(CALLBACK, 1.0).state, core.estimate(LANE, 1.0))


def test_any_other_429_to_a_callback_stops_nothing() -> None:
    core = Scheduler()
    known(core)
    ticket = core.submit(CALLBACK, 1.0)
    core.report(ticket, Reply(429, scope="user", retry_after=2.0, limited=True), 1.0)

    assert (0.0, 0.0) == (core.estimate(LANE, 1.0), core.estimate(CALLBACK, 1.0))


def test_a_callback_that_was_cancelled_is_over() -> None:
    core = Scheduler()
    ticket = core.submit(CALLBACK, 0.0)
    core.cancel(ticket, 0.1, sent=True)

    assert ("over", 0) == (ticket.state, core.flying)


# ---- holds


def test_an_estimate_knows_of_hidden_and_shared_limits() -> None:
    core, shared, events = Scheduler(), Scheduler(), list[Event]()
    held(core)
    known(shared)
    reply(
        shared, shared.submit(LANE, 0.1), 0.2, 429, wait=2.0, remaining=3, after=4.8, at=0.2, x_ratelimit_scope="shared"
    )
    for one in (core, shared):
        one.on_event = events.append
        one.submit(LANE, 0.2)

    assert [("sublimit", close(2.0)), ("shared", close(2.0))] == [(event.scope, event.delay) for event in events]


def test_how_long_a_hold_lasts_that_waits_for_a_reply_nobody_can_say() -> None:
    core = Scheduler()
    held(core)
    core.submit(LANE, 3.0)

    assert 0.0 == core.estimate(LANE, 3.1)


def test_a_global_429_under_a_hold_is_none_of_the_holds() -> None:
    core = Scheduler()
    held(core)
    ticket = core.submit(LANE, 3.0)
    core.report(ticket, Reply(429, scope="global", retry_after=1.0, limited=True), 3.1)
    core.advance(4.2)

    assert "s" == states(submit(core, 1, 4.2))


def test_a_429_of_the_bucket_under_a_hold_is_none_of_the_holds() -> None:
    core = Scheduler()
    held(core)
    ticket = core.submit(LANE, 3.0)
    reply(core, ticket, 3.1, 429, wait=1.0, remaining=0, limit=30, after=1.0, at=3.1, x_ratelimit_scope="user")
    core.advance(4.2)

    assert "s" == states(submit(core, 1, 4.2))


@pytest.mark.parametrize("sent", [False, True])
def test_a_request_that_was_cancelled_under_a_hold_lets_the_next_one_go(sent: bool) -> None:
    core = Scheduler()
    held(core)
    one, two = submit(core, 2, 3.0)
    core.cancel(one, 3.1, sent=sent)
    core.advance(5.2)  # what was sent may be counted for two seconds

    assert "os" == states([one, two])


def test_a_ban_under_a_hold_is_none_of_the_holds() -> None:
    core = Scheduler()
    held(core)
    ticket = core.submit(LANE, 3.0)
    core.report(ticket, banned(), 3.1)
    core.advance(40.0)

    assert "s" == states(submit(core, 1, 40.0))


def test_a_hold_that_was_open_and_used_for_long_is_forgotten() -> None:
    core = Scheduler()
    held(core)
    for now in range(3, 140, 20):
        reply(core, core.submit(LANE, now), now + 0.1, remaining=20, limit=30, after=5.0, at=now + 0.1)
        same_bucket = core.submit(LANE._replace(keys=frozenset({"name"})), now + 0.2)

    assert "sss" == states([same_bucket, *submit(core, 2, 140.0)])


def test_requests_under_way_when_a_hidden_limit_is_found_out_count_for_it() -> None:
    core = Scheduler()
    reply(core, core.submit(LANE, 0.0), 0.0)  # without headers: no limit is known
    first, second, third = submit(core, 3, 1.0)
    reply(core, first, 1.1, 429, wait=1.0, remaining=0, after=1.0, at=1.1, name="layer", x_ratelimit_scope="user")
    reply(core, second, 1.2, remaining=4, after=5.0, at=1.2)
    reply(core, third, 1.3, remaining=3, after=4.9, at=1.3)

    hold = core.queues[LANE].hold
    assert hold is not None
    assert (0, 2) == (hold.flying, len(hold._passed))


# ---- bans, waits, timers


def test_the_one_that_tries_after_a_ban_may_be_cancelled_and_another_tries() -> None:
    core = Scheduler()
    known(core)
    core.report(core.submit(LANE, 1.0), banned(), 1.0)
    one, two = submit(core, 2, 31.5)
    before = states([one, two])
    core.cancel(one, 31.6, sent=False)

    assert ("sw", "os") == (before, states([one, two]))


@pytest.mark.parametrize(("now", "lines"), [(4.5, 0), (1.0, 1)])
def test_a_wait_of_less_than_a_second_is_no_line_of_the_log(
    now: float, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    core = DefaultHTTPRatelimiter()._core
    known(core, limit=1)
    with caplog.at_level(logging.INFO, "acord"):
        core.submit(LANE, now)

    assert lines == len(caplog.records)


def test_a_limit_of_a_callers_patience_that_left_in_time_does_nothing_when_it_is_due() -> None:
    core = Scheduler()
    known(core, limit=1)
    ticket, other = core.submit(LANE, 1.0, max_wait=10.0), core.submit(LANE, 1.0)
    core.advance(5.1)
    core.advance(11.5)

    assert ("sent", "waiting") == (ticket.state, other.state)


def test_what_waits_for_the_global_limit_is_told_so() -> None:
    events = list[Event]()
    core = Scheduler(global_limit=1, on_event=events.append)
    known(core)
    core.submit(LANE, 0.1)

    assert [("global", close(1.0))] == [(event.scope, event.delay) for event in events]


def test_an_estimate_for_a_lane_that_nobody_used_yet_goes_by_its_bucket() -> None:
    core = Scheduler()
    known(core, limit=1, after=10.0)
    same = LANE._replace(keys=frozenset({"name"}))

    assert (close(9.0), 0.0, 0.0) == (
        core.estimate(same, 1.0), core.estimate(OTHER, 1.0), core.estimate(LANE._replace(template="/x"), 1.0),
    )  # fmt: skip


def test_an_end_that_turns_out_earlier_is_looked_at_then_and_not_again_later() -> None:
    core = Scheduler()
    known(core, limit=2, after=10.0)
    one, two = submit(core, 2, 0.5)
    reply(core, one, 1.0, remaining=0, limit=2, after=8.5, at=1.5)
    core.advance(9.6)
    core.advance(10.1)

    assert ("sent", None) == (two.state, core.wake_at())


def test_only_a_reply_wakes_who_waits_for_one_when_all_with_an_end_are_gone() -> None:
    core = Scheduler()
    _, impatient, _ = core.submit(LANE, 0.0), core.submit(LANE, 0.0, max_wait=5.0), core.submit(LANE, 0.0)
    before = core.wake_at()
    core.cancel(impatient, 1.0, sent=False)

    assert (5.0, None) == (before, core.wake_at())


def test_where_nobody_waits_any_more_there_is_nothing_to_wake_for() -> None:
    core = Scheduler()
    known(core, limit=1, after=10.0)
    for ticket in submit(core, 3, 1.0, max_wait=20.0):
        core.cancel(ticket, 1.1, sent=False)

    assert core.wake_at() is None


# ---- behind a global limit that is closed


def closed(core: Scheduler, now: float) -> None:
    """Has a global 429 stop the bot for two seconds."""
    ticket = core.submit(CALLBACK, now)
    core.report(ticket, Reply(429, scope="global", retry_after=2.0, limited=True), now)


def test_a_reply_lets_nobody_past_the_global_limit() -> None:
    core = Scheduler()
    known(core)
    sent = core.submit(LANE, 0.5)
    closed(core, 1.0)
    ticket = core.submit(LANE, 1.1)
    reply(core, sent, 1.2, remaining=3, after=3.8, at=1.2)
    before = ticket.state
    core.advance(3.1)

    assert ("waiting", "sent") == (before, ticket.state)


def test_the_next_one_takes_the_place_of_one_that_was_cancelled_before_the_global_limit_opened() -> None:
    core = Scheduler()
    known(core)
    closed(core, 1.0)
    one, two = submit(core, 2, 1.1)
    core.cancel(one, 1.2, sent=False)
    core.advance(3.1)

    assert "os" == states([one, two])


def test_a_request_that_spends_from_two_buckets_leaves_the_other_one_nothing() -> None:
    core, other = Scheduler(), LANE._replace(template="/other")
    for turn, name in enumerate("aba"):
        now = turn * 0.1
        reply(core, core.submit(LANE, now), now, remaining=1, limit=5, after=9.0 - now, at=now, name=name)
    reply(core, core.submit(other, 0.3), 0.3, remaining=1, limit=5, after=8.7, at=0.3, name="b")
    closed(core, 0.4)
    tickets = [core.submit(LANE, 0.5), core.submit(other, 0.5)]
    core.advance(2.5)

    assert "sw" == states(tickets)


def test_who_waits_behind_the_global_limit_when_its_bucket_becomes_known_leaves_once() -> None:
    core = Scheduler()
    probe = core.submit(OTHER, 0.0)
    closed(core, 1.0)
    ticket = core.submit(LANE, 1.1)
    reply(core, probe, 1.2, remaining=4, after=5.0, at=1.2)
    core.settled.clear()
    core.advance(3.1)

    assert ([ticket], 1) == (core.settled, core.flying)


# ---- routes and what is known of them


def test_a_new_channel_of_a_route_with_several_buckets_spends_from_all_of_them() -> None:
    core = Scheduler()
    for turn, name in enumerate("aba"):
        now = turn * 0.1
        reply(core, core.submit(LANE, now), now, remaining=3, after=9.0 - now, at=now, name=name)
    core.submit(OTHER, 0.4)

    assert {"a", "b"} == {pool.name for pool in core.pools.values() if pool.key[2] == "2" and pool.bucket.inflight}


def test_what_is_known_of_routes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge, "_ROUTES", 3)
    core = Scheduler()
    for number in range(10):
        known(core, LANE._replace(auth=f"bot {number}"))

    assert (3, 3) == (len(core._facts), len(core._shapes))


def test_a_hold_that_a_probe_was_sent_under_stays_when_the_bucket_is_named() -> None:
    core = Scheduler()
    reply(core, core.submit(LANE, 0.0), 0.1, 429, wait=1.0)
    layer = core.submit(LANE, 1.2)
    reply(core, layer, 1.3, 429, wait=1.0, remaining=0, after=1.0, at=1.3, name="layer", x_ratelimit_scope="user")
    core.advance(2.4)
    reply(core, core.submit(LANE, 2.4), 2.5, remaining=4, after=5.0, at=2.5)

    assert ("h", "sw") == (core.queues[LANE].pool.name, states(submit(core, 2, 2.6)))


# ---- buckets that change


def named(core: Scheduler, ticket: Ticket, bucket: str) -> None:
    """A reply that names its bucket and says nothing of its size: one at a time, then."""
    core.report(ticket, read_reply(200, {"x-ratelimit-bucket": bucket}), 0.0)


def alternating(core: Scheduler) -> None:
    """Has the lane be seen in two buckets in turn, so that it asks both."""
    for bucket in ("a", "b", "a"):
        named(core, core.submit(LANE, 0.0), bucket)


def test_who_asks_for_room_in_a_second_bucket_leaves_when_another_route_moves_out_of_it() -> None:
    core, other = Scheduler(), LANE._replace(method="POST")
    alternating(core)
    named(core, core.submit(other, 0.0), "b")
    occupies = core.submit(other, 0.0)
    waits = core.submit(LANE, 0.0)
    before = waits.state

    named(core, occupies, "c")

    assert ("waiting", "sent") == (before, waits.state)


def test_a_bucket_that_is_asked_no_longer_lets_its_own_go() -> None:
    """Of the buckets that a route was seen in it asks the last three."""
    core, other = Scheduler(), LANE._replace(method="POST")
    for bucket in ("a", "b", "a"):
        reply(core, core.submit(LANE, 0.0), 0.0, remaining=3, limit=3, name=bucket)
    reply(core, core.submit(other, 0.0), 0.0, remaining=3, limit=3, name="a")
    first, second, _ = submit(core, 3, 0.0)
    own = submit(core, 3, 0.0, other)
    before = states(own)

    reply(core, first, 0.0, remaining=3, limit=3, name="c")
    between = states(own)
    reply(core, second, 0.0, remaining=3, limit=3, name="d")

    assert ("www", "sww", "sss") == (before, between, states(own))
