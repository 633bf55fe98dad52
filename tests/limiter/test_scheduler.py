"""The pure core: order, waits, cancelling, what is forgotten and what is told."""

import math
import sys

import pytest

from acord.core.buckets import GRAIN, read_reply
from acord.core.scheduler import Event, Refusal, Scheduler, Ticket
from tests.limiter.replies import HTML, LANE, known, reply, states, submit

# ---- order, limits, cancelling


def test_a_higher_priority_leaves_first_and_equals_in_order() -> None:
    core = Scheduler()
    known(core, limit=1)
    tickets = [core.submit(LANE, 0.1, priority=priority) for priority in (0, 5, 0, 5)]
    order: list[int] = []
    for now in (5.1, 10.2, 15.3, 20.4):
        core.advance(now)
        sent = next(ticket for ticket in tickets if ticket.state == "sent")
        order.append(tickets.index(sent))
        reply(core, sent, now, remaining=0, limit=1, at=now)

    assert [1, 3, 0, 2] == order


def test_a_wait_that_is_known_to_be_too_long_fails_at_once_with_its_length() -> None:
    core = Scheduler()
    known(core, limit=1, after=10.0)
    ticket = core.submit(LANE, 1.0, max_wait=5.0)

    assert Refusal("bucket", 9.0 + GRAIN, "h") == ticket.refusal


def test_a_wait_that_turns_out_too_long_fails_when_its_time_is_over() -> None:
    core = Scheduler()
    tickets = submit(core, 3, 0.0, max_wait=5.0)
    core.advance(5.0)

    assert "soo" == states(tickets)


def test_an_interactions_follow_up_does_not_outlive_its_token() -> None:
    core = Scheduler()
    lane = LANE._replace(exempt=True, interaction=True)
    core.submit(lane, 0.0)
    waiting = core.submit(lane, 0.0)
    core.advance(900.0)

    assert "over" == waiting.state


def test_an_estimate_says_when_one_more_would_be_sent() -> None:
    core = Scheduler()
    known(core, limit=2, after=10.0)
    free = core.estimate(LANE, 1.0)
    submit(core, 2, 1.0)

    assert (0.0, 9.0 + GRAIN) == (free, core.estimate(LANE, 1.0))
    submit(core, 1, 1.0)
    assert pytest.approx(19.0 + GRAIN) == core.estimate(LANE, 1.0)


def test_R39_ten_thousand_waiters_half_of_them_cancelled_leave_in_order() -> None:
    core = Scheduler(global_limit=math.inf)
    known(core, limit=100, after=1.0)
    tickets = submit(core, 10_000, 0.1)
    for ticket in tickets[1::2]:
        core.cancel(ticket, 0.2, sent=False)
    now, sent = 0.2, list[Ticket]()
    while core.waiting or core.flying:
        batch = [ticket for ticket in core.settled if ticket.state == "sent"]
        core.settled.clear()
        for index, ticket in enumerate(batch):
            reply(core, ticket, now, remaining=max(0, 99 - index), limit=100, after=1.0, at=ticket.sent)
        sent += batch
        now = core.wake_at() or now
        core.advance(now)

    assert tickets[::2] == sent
    assert 0 == core.waiting == core.flying


def test_R39_a_wake_up_takes_as_many_steps_with_ten_thousand_waiters_as_with_a_hundred() -> None:
    def steps(waiters: int) -> int:
        """Calls made for one reply, one cancellation and the wake-up that grants the next two."""
        core, calls = Scheduler(global_limit=math.inf), 0
        known(core, limit=2, after=1.0)
        first, *others = submit(core, waiters, 0.1)

        def count(*_: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        try:
            reply(core, first, 0.2, remaining=0, limit=2, after=0.8, at=0.2)
            core.cancel(others[50], 0.3, sent=False)
            core.advance(1.1)
        finally:
            sys.setprofile(None)
        return calls

    steps(100)  # fills what is cached
    assert steps(100) == steps(10_000)


# ---- forgetting and telling


def test_what_is_not_used_is_forgotten_and_the_routes_hash_is_not() -> None:
    core = Scheduler()
    known(core)
    core.advance(10.0)

    assert ({}, {}) == (core.pools, core.queues)
    assert "sssssw" == states(submit(core, 6, 20.0))


def test_credentials_that_come_and_go_leave_no_gates_behind() -> None:
    core = Scheduler()
    for n in range(2_000):
        ticket = core.submit(LANE._replace(auth=f"user{n}"), n * 1.0)
        reply(core, ticket, n * 1.0, remaining=4, after=1.0, at=n * 1.0)

    assert len(core.gates) <= 257


def test_times_of_requests_that_did_not_need_them_are_forgotten() -> None:
    core = Scheduler()
    for n in range(20_000):
        first, second = submit(core, 2, n * 1.0, max_wait=1e6)
        core.cancel(second, n * 1.0, sent=False)
        core.cancel(first, n * 1.0 + 0.5, sent=False)

    assert len(core.timers) < 5_000


def test_every_wait_429_and_ban_is_told_without_ids() -> None:
    events: list[Event] = []
    core = Scheduler(on_event=events.append)
    known(core, limit=2)
    ticket = core.submit(LANE, 1.0)
    core.submit(LANE, 1.0)
    reply(core, ticket, 1.0, 429, wait=3.0, remaining=0, after=4.0, at=1.0, x_ratelimit_scope="user")
    core.report(core.submit(LANE._replace(template="/x"), 1.0), read_reply(429, HTML), 1.0)

    assert [
        Event("wait", "GET", "/channels/{}", "h", "bucket", 4.0 + GRAIN),
        Event("limited", "GET", "/channels/{}", "h", "user", 3.0),
        Event("ban", "GET", "/x", None, None, 30.0),
    ] == events


def test_a_429_that_names_a_known_bucket_holds_that_buckets_own_lanes_and_binds_no_other() -> None:
    core, other = Scheduler(), LANE._replace(template="/guilds/{}")
    known(core)
    stranger = core.submit(other, 0.1)
    fields = {"name": "h", "at": 0.2, "after": 4.8, "x_ratelimit_scope": "user"}
    reply(core, stranger, 0.2, 429, wait=4.8, remaining=0, **fields)
    own = core.submit(LANE, 0.3)
    bound = core.queues[other].pool is core.queues[LANE].pool
    core.advance(5.0)

    assert (False, "sent", 5.0) == (bound, own.state, own.sent)
