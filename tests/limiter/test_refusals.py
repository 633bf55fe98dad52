"""The pure core: each kind of 429, bans, invalid requests, the global gate."""

import pytest

from acord.core.buckets import read_reply
from acord.core.scheduler import Refusal, Scheduler
from tests.limiter.replies import HTML, LANE, known, reply, states, submit

# ---- 429s


def test_R23_a_429_blocks_its_bucket_for_the_bodys_retry_after_and_keeps_the_order() -> None:
    core = Scheduler()
    known(core, limit=5)
    first, *others = submit(core, 6, 0.1)
    reply(core, first, 0.2, 429, wait=2.5, remaining=0, after=60.0, at=0.2, retry_after="9", x_ratelimit_scope="user")
    again = core.submit(LANE, 0.2, place=first.key)
    other_channel = core.submit(LANE._replace(major="2"), 0.2)
    for ticket in others[:3]:
        core.cancel(ticket, 2.6, sent=False)
    core.advance(2.69)
    before = again.state
    core.advance(2.7)

    assert ("waiting", "sent", "sent") == (before, again.state, other_channel.state)
    assert "ww" == states(others[-2:])


def test_a_429_before_any_reply_named_the_bucket_lets_one_through_and_not_two() -> None:
    core = Scheduler()
    probe = core.submit(LANE, 0.0)
    reply(core, probe, 0.1, 429, wait=0.3, remaining=0, limit=3, after=1.0, at=0.1, x_ratelimit_scope="user")
    again = core.submit(LANE, 0.1, place=probe.key)
    core.advance(0.5)
    reply(core, again, 0.5, remaining=0, limit=3, after=1.0, at=0.5)

    assert "waiting" == core.submit(LANE, 0.6).state


def test_R24_a_global_429_stops_every_route_of_the_credential_but_interactions() -> None:
    core = Scheduler()
    ticket = core.submit(LANE, 0.0)
    reply(core, ticket, 0.1, 429, wait=3.0, remaining=4, x_ratelimit_global="true", x_ratelimit_scope="global")
    other = core.submit(LANE._replace(template="/other"), 0.2)
    stranger = core.submit(LANE._replace(auth="another"), 0.2)
    follow_up = core.submit(LANE._replace(template="/webhooks", exempt=True), 0.2)
    callback = core.submit(LANE._replace(template="/callback", exempt=True, callback=True), 0.2)
    before = states([other, stranger, follow_up, callback])
    core.advance(3.1)

    assert "wsss" == before
    assert "sent" == other.state


def test_R25_a_shared_429_waits_is_not_counted_as_invalid_and_leaves_the_bucket() -> None:
    core = Scheduler()
    known(core)
    ticket = core.submit(LANE, 0.1)
    reply(core, ticket, 0.2, 429, wait=3.0, remaining=3, after=4.8, at=0.2, x_ratelimit_scope="shared")
    same, other = core.submit(LANE, 0.3), core.submit(LANE._replace(template="/other"), 0.3)

    assert 0 == core.meter.read(0.3)
    assert ("waiting", "sent") == (same.state, other.state)


def test_a_sublimit_429_stops_only_requests_with_the_same_keys_in_the_body() -> None:
    core = Scheduler()
    rename, other = LANE._replace(keys=frozenset({"name"})), LANE._replace(keys=frozenset({"nsfw"}))
    known(core, rename)
    ticket = core.submit(rename, 0.1)
    reply(core, ticket, 0.2, 429, wait=600.0, remaining=3, after=4.8, at=0.2, x_ratelimit_scope="user")

    assert ("waiting", "sent") == (core.submit(rename, 0.3).state, core.submit(other, 0.3).state)


def test_after_a_sublimit_429_one_is_out_while_the_queue_holds() -> None:
    core = Scheduler()
    known(core, limit=30)
    ticket = core.submit(LANE, 0.1)
    reply(core, ticket, 0.2, 429, wait=2.0, remaining=28, limit=30, after=4.8, at=0.2, x_ratelimit_scope="user")
    tickets = submit(core, 4, 0.3)
    core.advance(3.0)

    assert "swww" == states(tickets)


def test_a_429_with_another_hash_is_never_taken_for_the_lanes_bucket() -> None:
    core = Scheduler()
    known(core)
    ticket = core.submit(LANE, 0.1)
    reply(core, ticket, 0.2, 429, wait=2.0, remaining=0, limit=1, after=2.0, at=0.2, name="layer")

    assert "h" == core.queues[LANE].pool.name


@pytest.mark.parametrize("name", ["h", "layer"])
def test_the_429_of_a_probe_holds_when_another_channel_names_the_bucket(name: str) -> None:
    core = Scheduler()
    probe, late = submit(core, 2, 0.0)
    reply(core, probe, 0.1, 429, wait=9.0, remaining=0, after=9.0, at=0.1, name=name, x_ratelimit_scope="user")
    reply(core, core.submit(LANE._replace(major="2"), 1.0), 1.1, remaining=4, after=5.0, at=1.1)
    core.advance(9.0)
    before = late.state
    core.advance(9.2)

    assert ("waiting", "sent") == (before, late.state)


def test_R28_a_429_without_headers_obeys_the_body() -> None:
    core = Scheduler()
    known(core)
    ticket = core.submit(LANE, 0.1)
    core.report(ticket, read_reply(429, {"via": "x", "content-type": "application/json"}, 7.0), 0.2)
    late = core.submit(LANE, 0.3)
    core.advance(7.1)
    before = late.state
    core.advance(7.3)

    assert ("waiting", "sent") == (before, late.state)


@pytest.mark.parametrize("silly", [None, 0, -1.0, float("nan"), float("inf"), "soon", True, [1]])
def test_R29_a_senseless_retry_after_is_replaced_by_a_backoff(silly: object) -> None:
    core = Scheduler()
    known(core)
    ticket = core.submit(LANE, 0.1)
    reply(core, ticket, 0.2, 429, wait=silly, remaining=0, after=4.8, at=0.2, x_ratelimit_scope="user")

    assert 1.2 == pytest.approx(core.submit(LANE, 0.3).queue.pool.bucket.blocked)  # type: ignore[union-attr]


def test_R29_a_delay_beyond_what_the_caller_waits_fails_at_once() -> None:
    core = Scheduler()
    known(core)
    ticket = core.submit(LANE, 0.1)
    patient, hasty = core.submit(LANE, 0.1), core.submit(LANE, 0.1, max_wait=60.0)
    extra = submit(core, 3, 0.1, max_wait=60.0)
    reply(core, ticket, 0.2, 429, wait=1e18, remaining=0, after=4.8, at=0.2, x_ratelimit_scope="user")
    late = core.submit(LANE, 0.2, max_wait=60.0)

    assert "over" == late.state
    assert Refusal("bucket", 86_400.0, "h") == late.refusal
    assert ("sent", "sent") == (patient.state, hasty.state)
    assert "over" == extra[-1].state


# ---- Cloudflare, invalid requests, a refused credential


@pytest.mark.parametrize(
    ("found", "body"),
    [(HTML, None), (HTML, 30.0), ({"content-type": "application/json"}, None), ({"via": "x"}, None)],
    ids=["R26-html", "R26-html-with-header", "R27-static-json", "R27-with-via"],
)
def test_R26_R27_a_ban_stops_everything_in_the_process(found: dict[str, str], body: float | None) -> None:
    core = Scheduler()
    known(core)
    core.report(core.submit(LANE, 0.1), read_reply(429, found, body), 0.2)
    waiting = core.submit(LANE._replace(auth="another", template="/x"), 0.3)
    hasty = core.submit(LANE, 0.3, max_wait=5.0)
    callback = core.submit(LANE._replace(callback=True), 0.3)

    assert "woo" == states([waiting, hasty, callback])
    assert ("ban", "ban") == (hasty.refusal and hasty.refusal.cause, callback.refusal and callback.refusal.cause)


def test_after_a_ban_one_request_tries_before_the_others_follow() -> None:
    core = Scheduler()
    known(core)
    core.report(core.submit(LANE, 0.1), read_reply(429, HTML), 0.2)
    tickets = submit(core, 3, 0.3)
    core.advance(30.2)
    before = states(tickets)
    reply(core, tickets[0], 30.3, remaining=4, at=30.3)

    assert ("sww", "oss") == (before, states(tickets))


def test_a_ban_without_an_end_doubles_up_to_a_quarter_of_an_hour() -> None:
    core, delays, now = Scheduler(), list[float](), 0.0
    for _ in range(6):
        ticket = core.submit(LANE, now)
        core.report(ticket, read_reply(429, {"content-type": "text/html"}), now)
        delays.append(core.ban.until - now)
        now = core.ban.until + 1

    assert [60.0, 120.0, 240.0, 480.0, 900.0, 900.0] == delays


def test_a_403_of_discord_is_no_ban_and_one_of_cloudflare_is() -> None:
    json, html = {"content-type": "application/json"}, {"content-type": "text/html"}

    assert not read_reply(403, json).banned
    assert not read_reply(403, html | {"via": "1.1 google"}).banned
    assert read_reply(403, html).banned


def test_R22_401_403_and_429_are_counted_as_invalid_for_ten_minutes() -> None:
    core = Scheduler()
    for status in (200, 401, 403, 404, 500, 429):
        ticket = core.submit(LANE._replace(template=f"/{status}"), 0.0)
        reply(core, ticket, 0.0, status, wait=1.0, remaining=4)

    assert 3 == core.meter.read(600.0)
    assert 0 == core.meter.read(601.0)


def test_the_budget_of_invalid_requests_refuses_everything_until_it_recovers() -> None:
    core = Scheduler(max_requests=(20, 600.0))
    known(core, limit=1000)
    for ticket in submit(core, 19, 0.0):
        reply(core, ticket, 0.0, 403, remaining=900, limit=1000)
    refused, later = core.submit(LANE, 1.0), core.submit(LANE, 602.0)

    assert "invalid" == (refused.refusal and refused.refusal.cause)
    assert "sent" == later.state


def test_R21_a_refused_credential_fails_what_waits_for_it_and_what_comes() -> None:
    core = Scheduler()
    tickets = submit(core, 4, 0.0)
    core.refuse("bot", Refusal("credential"), 0.1)
    after, other = core.submit(LANE, 0.2), core.submit(LANE._replace(auth="another"), 0.2)
    core.refuse("bot", None, 0.3)

    assert "sooo" == states(tickets)
    assert ("over", "sent") == (after.state, other.state)
    assert "over" != core.submit(LANE._replace(template="/new"), 0.4).state


# ---- the global gate


def test_fifty_requests_leave_in_any_window_of_eleven_tenths() -> None:
    core = Scheduler()
    tickets = [core.submit(LANE._replace(template=f"/{n}"), 0.0) for n in range(60)]
    core.advance(1.09)
    before = states(tickets)
    core.advance(1.1)

    assert 50 * "s" + 10 * "w" == before
    assert 60 * "s" == states(tickets)


def test_interactions_spend_nothing_of_the_global_limit() -> None:
    core = Scheduler()
    for n in range(100):
        core.submit(LANE._replace(template=f"/{n}", exempt=True), 0.0)

    assert "sent" == core.submit(LANE, 0.0).state


def test_a_request_that_was_not_sent_gives_its_global_place_back() -> None:
    core = Scheduler(global_limit=1)
    core.cancel(core.submit(LANE, 0.0), 0.0, sent=False)

    assert "sent" == core.submit(LANE._replace(template="/x"), 0.0).state
