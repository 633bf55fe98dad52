"""Beats, budgets and reports: arithmetic on times."""

import math

import pytest
from hypothesis import example, given, strategies as st

from acord.core.budget import Purpose, SendBudget, SlidingLog
from acord.core.pulse import Pulse, Schedule, interval_of
from acord.core.reports import Throttle
from acord.core.session_state import SessionState
from tests.gateway.driver import stored

# Schedule


@pytest.mark.parametrize(("jitter", "due"), [(0.0, 100.0), (0.5, 120.0), (0.999, 139.96)])
def test_g3_the_first_beat_comes_after_a_random_part_of_the_interval(jitter: float, due: float) -> None:
    assert due == Schedule(100.0, 40.0, jitter).due


def test_g3_beats_do_not_drift_however_late_each_is_sent() -> None:
    schedule = Schedule(100.0, 40.0, 0.5)
    dues = []

    for _ in range(1000):
        schedule.advance(schedule.due + 3.0)
        dues.append(schedule.due)

    assert [120.0 + 40.0 * n for n in range(1, 1001)] == dues


def test_g3_beats_missed_in_a_stall_are_not_made_up_for() -> None:
    schedule = Schedule(100.0, 40.0, 0.5)

    schedule.advance(315.0)

    assert 320.0 == schedule.due


@given(st.floats(0, 1e6), st.floats(1, 600), st.floats(0, 1), st.floats(0, 1e5))
@example(0.0, 1.0, 0.36473106385265225, 128.0)  # where rounding ends at `now`
def test_g3_the_next_beat_is_ahead_and_not_further_than_an_interval(
    start: float, interval: float, jitter: float, late: float
) -> None:
    schedule = Schedule(start, interval, jitter)
    now = schedule.due + late

    schedule.advance(now)

    assert now < schedule.due <= now + interval * 1.001


# Pulse


def test_g43_latency_is_the_mean_of_five_samples() -> None:
    pulse = Pulse(40.0)
    for number in range(7):
        pulse.beat(number * 40.0, scheduled=True)
        pulse.ack(number * 40.0 + number)

    assert (2.0, 3.0, 4.0, 5.0, 6.0) == pulse.latencies
    assert 4.0 == pulse.latency


def test_g43_before_the_first_sample_nothing_is_claimed() -> None:
    assert None is Pulse(40.0).latency


def test_g43_a_clock_that_steps_back_gives_no_negative_latency() -> None:
    pulse = Pulse(40.0)
    pulse.beat(100.0, scheduled=True)

    assert 0.0 == pulse.ack(90.0)


def test_g5_acknowledgements_belong_to_beats_in_their_order() -> None:
    pulse = Pulse(40.0)
    pulse.beat(0.0, scheduled=True)
    pulse.beat(1.0, scheduled=False)

    assert (2.0, 1.5, None) == (pulse.ack(2.0), pulse.ack(2.5), pulse.ack(3.0))


def test_g5_a_lost_acknowledgement_does_not_lengthen_those_after_it() -> None:
    pulse = Pulse(40.0)
    pulse.beat(0.0, scheduled=False)
    pulse.beat(40.0, scheduled=True)

    assert 0.25 == pulse.ack(40.25)


def test_g43_latency_outlives_a_reconnect_and_open_beats_do_not() -> None:
    pulse = Pulse(40.0)
    pulse.beat(0.0, scheduled=True)
    pulse.ack(0.5)
    pulse.beat(40.0, scheduled=True)

    pulse.restart(30.0)

    assert 0.5 == pulse.latency
    assert None is pulse.ack(41.0)


# Budget


@given(st.lists(st.floats(0.0, 5.0), max_size=400), st.integers(1, 20), st.floats(1.0, 30.0))
def test_a_sliding_log_never_allows_more_than_its_limit(gaps: list[float], limit: int, window: float) -> None:
    log = SlidingLog(limit, window)
    now = 0.0
    times: list[float] = []
    for gap in gaps:
        now = max(now + gap, log.free_at(now + gap))
        assert now == log.free_at(now)
        log.add(now)
        times.append(now)

    for index in range(len(times) - limit):
        assert times[index + limit] - times[index] >= window * (1 - 1e-9)


def test_a_limit_of_nothing_is_never_free() -> None:
    assert math.inf == SlidingLog(5, 1.0).free_at(0.0, 0)


@given(st.floats(1.0, 600.0), st.lists(st.sampled_from(list(Purpose)), max_size=300))
def test_g32_a_beat_is_never_kept_waiting_by_commands(interval: float, wanted: list[Purpose]) -> None:
    budget = SendBudget(interval)
    for purpose in wanted:
        if purpose in (Purpose.COMMAND, Purpose.REQUESTED_BEAT) and budget.free_at(0.0, purpose) <= 0.0:
            budget.spend(0.0)

    # The beats of a whole window fit behind whatever commands have taken.
    beats = min(math.ceil(60.0 / interval), 60)
    for number in range(beats):
        at = min(number * interval, 59.9)
        assert at == budget.free_at(at, Purpose.BEAT)
        budget.spend(at)


@pytest.mark.parametrize(("interval", "commands"), [(41.25, 116), (60.0, 117), (1.0, 58), (600.0, 117)])
def test_g32_what_is_set_aside_follows_the_interval(interval: float, commands: int) -> None:
    budget = SendBudget(interval)
    count = 0
    while budget.free_at(0.0, Purpose.COMMAND) <= 0.0:
        budget.spend(0.0)
        count += 1

    assert commands == count


# Reports, stored sessions


def test_g42_one_line_per_kind_and_minute_and_the_next_says_how_many_were_left_out() -> None:
    throttle = Throttle(60.0)

    said = [throttle.pass_on("closed", now) for now in (0.0, 1.0, 59.9, 60.0, 61.0)]

    assert [0, None, None, 2, None] == said
    assert 0 == throttle.pass_on("other", 61.0)


def test_t13_kinds_that_the_peer_invents_are_bounded() -> None:
    throttle = Throttle(60.0)

    for number in range(10_000):
        throttle.pass_on(f"kind {number}", float(number))

    assert len(throttle._kinds) <= 256


def test_a_session_survives_being_stored() -> None:
    assert stored() == SessionState.from_dict(stored().to_dict())
    assert None is SessionState.from_dict(stored(resume_gateway_url=None).to_dict()).resume_gateway_url


@pytest.mark.parametrize("field", list(stored().to_dict()))
def test_p2_a_stored_session_that_is_damaged_is_refused_with_the_field(field: str) -> None:
    damaged = stored().to_dict()
    damaged[field] = True

    with pytest.raises(ValueError, match=field):
        SessionState.from_dict(damaged)


def test_t5_a_session_shows_neither_its_id_nor_whose_it_is() -> None:
    assert "SessionState(shard=0/1, seq=7)" == repr(stored())


# What is asked of each


@pytest.mark.parametrize("value", [True, None, "41250", 999, 600_001, 10**400, float("nan")])
def test_g2_an_interval_that_makes_no_sense_is_none(value: object) -> None:
    assert interval_of(value) is None


def test_g2_an_interval_is_read_in_seconds() -> None:
    assert (1.0, 41.25, 600.0) == (interval_of(1_000), interval_of(41_250), interval_of(600_000))


def test_the_oldest_unanswered_beat_is_known_until_it_is_answered() -> None:
    pulse = Pulse(40.0)
    assert pulse.unanswered_since is None

    pulse.beat(10.0, scheduled=True)
    pulse.beat(12.0, scheduled=False)
    assert 10.0 == pulse.unanswered_since
    pulse.ack(12.5)
    assert 12.0 == pulse.unanswered_since


def test_p3_a_scheduled_beat_just_behind_another_is_too_soon_and_one_asked_for_is_not() -> None:
    pulse = Pulse(40.0)
    pulse.beat(10.0, scheduled=False)
    assert not pulse.too_soon(10.1)

    pulse.beat(11.0, scheduled=True)
    assert (True, False) == (pulse.too_soon(30.9), pulse.too_soon(31.0))


def test_p3_a_beat_far_behind_its_time_says_nothing_of_the_peer() -> None:
    pulse = Pulse(40.0)
    pulse.beat(10.0, scheduled=True)

    assert (True, True, False) == (pulse.is_zombie(50.0), pulse.is_zombie(50.9, 50.0), pulse.is_zombie(51.1, 50.0))


def test_g38_what_was_open_while_nobody_read_is_no_sign_of_death() -> None:
    pulse = Pulse(40.0)
    pulse.beat(10.0, scheduled=True)
    pulse.forgive()

    assert not pulse.is_zombie(50.0)
    assert 10.0 == pulse.unanswered_since


def test_a_presence_waits_for_its_own_limit_as_well() -> None:
    budget = SendBudget()
    for _ in range(5):
        budget.spend(100.0, presence=True)

    assert (100.0, 120.5) == (budget.free_at(100.0, Purpose.COMMAND), budget.presence_free_at(100.0))


def test_a_session_names_what_keeps_it_from_being_resumed_by_another() -> None:
    assert () == stored().differences(stored(seq=99, session_id="x", resume_gateway_url=None))
    assert ("intents", "fingerprint") == stored().differences(stored(intents=1, fingerprint="beef"))


def test_p2_a_session_comes_back_from_its_own_dict_and_from_nothing_else() -> None:
    assert stored() == SessionState.from_dict(stored().to_dict())
    with pytest.raises(ValueError, match="an object, found list"):
        SessionState.from_dict([])
