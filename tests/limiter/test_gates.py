"""What is limited beside the buckets: hidden limits, the global one, bans, and the count of what was refused."""

import math

import pytest

from acord.core.gates import GLOBAL_WINDOW, BanGate, GlobalGate, Hold, InvalidMeter


def refused(delay: float = 10.0, *, at: float = 0.0, shared: bool = False) -> Hold:
    """A limit that was found by a 429."""
    hold = Hold()
    hold.refuse(at, delay, at, shared=shared, counted=False)
    return hold


def test_a_hold_lets_nobody_through_until_its_delay_is_over_and_then_one_at_a_time() -> None:
    hold = refused()

    assert 10.0 == hold.opens(3.0)
    assert 10.0 == hold.opens(10.0)
    hold.send(10.0)
    assert hold.opens(10.1) is None
    hold.succeed(10.2)
    assert 10.3 == hold.opens(10.3)


def test_what_passed_between_two_refusals_is_the_plan_from_then_on() -> None:
    hold = refused()
    for at in (10.0, 10.5, 11.0):
        hold.send(at)
        if at < 11.0:
            hold.succeed(at + 0.1)
    hold.refuse(11.1, 8.9, 11.0, shared=False, counted=True)

    times: list[float] = []
    now = 20.0
    while len(times) < 4:
        opens = hold.opens(now)
        if opens is None or opens > now:
            now = now + 0.1 if opens is None else opens
            continue
        times.append(round(now, 3))
        hold.send(now)
        hold.succeed(now)
    assert [20.0, 20.5] == times[:2]
    assert times[2] - times[0] >= 10.0


def test_a_plan_that_is_refused_again_comes_round_more_rarely() -> None:
    hold = refused()
    hold.send(10.0)
    hold.succeed(10.1)
    hold.send(11.0)
    hold.refuse(11.1, 8.9, 11.0, shared=False, counted=True)
    hold.send(20.0)
    hold.succeed(20.1)
    again = hold.opens(20.2)
    assert again is not None
    hold.opens(again)
    hold.send(again)
    hold.refuse(again + 0.1, 5.0, again, shared=False, counted=True)

    assert again + 5.1 == pytest.approx(hold.opens(again + 1.0))


def test_a_plan_that_was_a_little_too_fast_is_kept_and_lengthened() -> None:
    hold = refused()
    for at in (10.0, 10.5):
        hold.send(at)
        hold.succeed(at + 0.1)
    hold.send(11.0)
    hold.refuse(11.1, 8.9, 11.0, shared=False, counted=True)
    hold.send(20.0)
    hold.succeed(20.1)
    hold.send(20.5)
    hold.refuse(20.52, 0.01, 20.5, shared=False, counted=True)
    hold.send(21.0)
    hold.succeed(21.1)

    assert pytest.approx(21.53) == hold.opens(21.2)


def out_at_once(hold: Hold, now: float) -> int:
    before = hold.flying
    while hold.opens(now) == now:
        hold.send(now)
    return hold.flying - before


def test_the_number_out_of_a_shared_limit_grows_with_what_passes() -> None:
    hold = refused(shared=True)
    waves = list[int]()
    for now in range(10, 20):
        waves.append(out_at_once(hold, now))
        for _ in range(waves[-1]):
            hold.succeed(now + 0.1)

    assert [1, 1, 1, 1, 1, 1, 1, 1, 2, 2] == waves


def test_a_shared_limit_is_asked_for_half_of_what_is_expected_and_for_its_last_one_by_one() -> None:
    hold = refused(shared=True)
    for number in range(8):
        hold.send(10.0 + number)
        hold.succeed(10.1 + number)
    hold.send(18.0)
    hold.refuse(18.1, 1.0, 18.0, shared=True, counted=True)
    waves = list[int]()
    for now in (20.0, 21.0, 22.0, 23.0, 24.0):
        waves.append(out_at_once(hold, now))
        for _ in range(waves[-1]):
            hold.succeed(now + 0.1)

    assert [4, 2, 1, 1, 1] == waves


def test_a_request_that_was_lost_is_counted_where_that_costs_a_wait_and_not_where_it_would_teach() -> None:
    new, planned = refused(), refused()
    new.send(10.0)
    new.lose(10.5, 10.0)
    planned.send(10.0)
    planned.succeed(10.1)
    planned.send(11.0)
    planned.refuse(11.1, 8.9, 11.0, shared=False, counted=True)
    planned.send(20.0)
    planned.lose(20.5, 20.0)

    assert (0, 10.6) == (new.flying, new.opens(10.6))
    opens = planned.opens(20.6)
    assert planned.flying == 0 and opens is not None and opens > 20.6


def test_a_hold_that_was_open_and_used_for_long_has_lapsed() -> None:
    hold = refused()

    assert not hold.lapsed(1_000.0)  # never used
    hold.send(1_000.0)
    assert not hold.lapsed(5_000.0)  # one is out
    hold.succeed(1_000.1)
    assert not hold.lapsed(1_100.0)
    assert hold.lapsed(1_131.0)


def test_no_more_of_a_credentials_requests_go_out_in_a_window_than_allowed() -> None:
    gate = GlobalGate(2)
    gate.send(0.0)
    gate.send(0.5)

    assert GLOBAL_WINDOW == gate.opens(0.6)
    assert 0.5 + GLOBAL_WINDOW == gate.opens(0.6, place=2)
    assert 2 * GLOBAL_WINDOW == gate.opens(0.6, place=3)
    assert not gate.idle(0.6)
    gate.unsend(0.5)
    gate.unsend(0.5)  # once only
    assert 0.6 == gate.opens(0.6)


def test_what_was_slow_to_leave_counts_when_it_may_have_arrived() -> None:
    gate = GlobalGate(2)
    gate.send(0.0)
    gate.hear(0.0, 1.2, None)
    gate.send(1.2)

    # Not later than its reply, less a twelfth of that trip and the tenth of a second that the window is longer.
    assert pytest.approx(1.0 + GLOBAL_WINDOW) == gate.opens(1.2)


def test_where_all_replies_are_slow_a_slow_reply_is_no_sign_of_a_late_departure() -> None:
    gate = GlobalGate(1)
    gate.send(0.0)
    gate.hear(0.0, 0.5, None)
    gate.opens(5.0)
    gate.send(5.0)

    gate.hear(5.0, 5.6, None)
    assert 5.0 + GLOBAL_WINDOW == gate.opens(5.7)
    gate.hear(5.0, 6.0, 0.1)  # others of its route took a tenth of a second
    assert pytest.approx(5.8 + GLOBAL_WINDOW) == gate.opens(6.0)


def test_a_gate_that_is_closed_opens_at_the_latest_end_it_was_told() -> None:
    gate = GlobalGate(2)
    gate.close(5.0)
    gate.close(3.0)

    assert 5.0 == gate.opens(1.0)
    assert not gate.idle(1.0)
    assert gate.idle(6.0)


def test_a_gate_without_limit_counts_nothing_and_is_never_closed() -> None:
    gate = GlobalGate(math.inf)
    gate.send(0.0)
    gate.close(9.0)

    assert 1.0 == gate.opens(1.0)
    assert not gate.log


def test_a_ban_without_an_end_doubles_up_to_a_quarter_of_an_hour() -> None:
    gate = BanGate()
    ends: list[float] = []
    now = 0.0
    for _ in range(6):
        ends.append(gate.close(now, None))
        now += ends[-1]

    assert [60.0, 120.0, 240.0, 480.0, 900.0, 900.0] == ends


def test_after_a_ban_one_tries_and_an_answer_lets_the_others_follow() -> None:
    gate = BanGate()
    gate.close(0.0, 30.0)

    assert 30.0 == gate.opens(10.0)
    assert 30.0 == gate.opens(30.0)
    gate.trying = True
    assert gate.opens(31.0) is None
    gate.relax()
    assert (31.0, 0) == (gate.opens(31.0), gate.strikes)


def test_a_second_ban_within_the_first_is_no_new_strike() -> None:
    gate = BanGate()
    gate.close(0.0, 30.0)
    gate.close(1.0, 10.0)

    assert (1, 30.0) == (gate.strikes, gate.until)


def test_invalid_requests_are_counted_over_their_span_and_stop_all_before_discord_does() -> None:
    meter = InvalidMeter(20, 600.0)
    for number in range(19):
        assert number + 1 == meter.add(number * 0.5)

    assert 601.0 == meter.opens(10.0)
    assert 17 == meter.read(601.5)
    assert 601.5 == meter.opens(601.5)
    assert 0 == meter.read(1_300.0)


def test_what_passes_at_a_slow_pace_tells_nothing_of_a_limits_size() -> None:
    hold = refused()
    for at in (10.0, 100.0):
        hold.send(at)
        hold.succeed(at + 0.1)
    hold.send(100.5)
    hold.refuse(100.6, 9.4, 100.5, shared=False, counted=True)
    hold.send(110.0)

    assert hold.opens(110.1) is None


def test_of_a_limit_that_never_refuses_again_no_more_than_a_few_hundred_requests_are_remembered() -> None:
    hold = refused()
    for number in range(2_000):
        hold.send(10.0 + number / 100)
        hold.succeed(10.0 + number / 100)

    assert 512 == len(hold._passed)


def test_a_limit_that_is_found_out_late_counts_what_had_passed() -> None:
    hold = Hold()
    hold.begin(1.0, 1.2)
    hold.begin(0.5, 1.3)

    assert (0, [0.5, 1.0]) == (hold.flying, hold._passed)


def test_what_was_taken_back_after_its_round_is_over_changes_no_round() -> None:
    hold = refused()
    hold.send(10.0)
    hold.refuse(10.1, 5.0, 10.0, shared=False, counted=False)
    hold.unsend(9.0)

    assert 0 == hold.flying
