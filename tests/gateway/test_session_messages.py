"""What a connected session does with messages, beats and commands."""

import math

import msgspec
import pytest
from hypothesis import given, strategies as st

from acord.core.actions import Ack, Close, Deliver, Report, Settle, StartBeats, Write
from acord.core.budget import SendBudget
from acord.core.envelope import Envelope, read
from acord.core.errors import InvalidRequest
from acord.core.outbox import Outbox
from acord.core.session_table import State
from tests.gateway.driver import INTERVAL, Drive, sent, stored


def delivered(drive: Drive) -> list[int | None]:
    return [action.envelope.s for action in drive.ever(Deliver)]


def written(drive: Drive) -> list[tuple[int, object]]:
    return [(action.op, sent(action.data)["d"]) for action in drive.found(Write)]


# G3 to G5


def test_g3_hello_starts_beats_at_its_interval_and_a_beat_carries_the_sequence() -> None:
    drive = Drive().start().opened().hello()
    assert [StartBeats(0, 41.25)] == drive.found(StartBeats)

    drive.beat()
    assert [(1, None)] == written(drive)

    drive.granted()
    drive.ready(s=5)
    drive.receive(11)
    drive.now += 41.25
    drive.beat()
    assert [(1, 5)] == written(drive)


def test_g4_a_beat_that_is_not_acknowledged_by_the_next_ends_the_connection_resumably() -> None:
    drive = Drive().to_ready()
    drive.beat()
    drive.wait(41.25)

    drive.beat()

    assert [Close(0, 4000)] == drive.found(Close)
    drive.reconnect()
    assert State.RESUMING is drive.state


def test_g4_a_new_connection_owes_no_acknowledgement() -> None:
    drive = Drive().to_ready()
    drive.beat()
    drive.receive(7)
    drive.reconnect()

    drive.beat()

    assert State.RESUMING is drive.state
    assert [(1, 1)] == written(drive)


def test_g4_beats_begin_before_the_leave_to_identify_is_there() -> None:
    drive = Drive().start().opened().hello()
    drive.beat()
    drive.receive(11)
    drive.wait(41.25)

    drive.beat()

    assert State.WAIT_SLOT is drive.state


def test_g5_an_acknowledgement_of_nothing_is_ignored() -> None:
    drive = Drive().to_ready()

    drive.receive(11)
    drive.beat()
    drive.now += 0.25
    drive.receive(11)
    drive.receive(11)

    assert [Ack(0, None)] == drive.found(Ack)
    assert (0.25,) == drive.session.pulse.latencies


def test_g5_an_acknowledgement_after_the_end_is_ignored() -> None:
    drive = Drive().to_ready()
    drive.beat()
    drive.close(1006)

    assert [] == drive.receive(11)


# G6


def test_g6_a_requested_beat_is_sent_at_once_and_does_not_arm_the_zombie_test() -> None:
    drive = Drive().to_ready()
    drive.receive(1)
    assert [(1, 1)] == written(drive)

    drive.now += 1.0
    drive.beat()

    assert State.READY is drive.state
    assert [(1, 1)] == written(drive)


def test_g6_a_burst_of_requests_stays_within_the_send_budget_and_leaves_beats_theirs() -> None:
    drive = Drive().to_ready()

    for _ in range(200):
        drive.receive(1)
    answered = len([w for w in drive.ever(Write) if w.op == 1])

    assert 120 - (2 + 1) - 1 - 1 == answered  # two beats and one more in a minute, one login, the Identify sent
    drive.beat()
    assert [(1, 1)] == written(drive)


# P3, P4, pauses


def test_p3_beats_handed_over_late_and_at_once_are_one_beat_and_no_zombie() -> None:
    drive = Drive().to_ready()
    drive.beat()
    drive.now += 60.0

    drive.beat(due=drive.now - 19.0)
    assert [(1, 1)] == written(drive)
    drive.beat(due=drive.now)

    assert State.READY is drive.state
    assert [] == written(drive)


def test_p3_after_a_blocked_loop_the_next_unanswered_beat_resumes() -> None:
    drive = Drive().to_ready()
    drive.beat()
    drive.now += 60.0
    drive.beat(due=drive.now - 19.0)

    drive.now += 41.25
    drive.beat(due=drive.now)

    assert State.BACKOFF is drive.state
    drive.reconnect()
    assert State.RESUMING is drive.state


def test_p4_a_heartbeat_that_stops_ends_the_connection() -> None:
    drive = Drive().to_ready()
    drive.beat()
    drive.receive(11)

    drive.wait(41.25 * 1.5 + 10.0)

    assert State.BACKOFF is drive.state
    assert Report("fault", "the heartbeat has stopped") in drive.last


def test_while_reading_is_paused_nothing_is_taken_for_a_dead_connection() -> None:
    drive = Drive().to_ready()
    drive.beat()
    drive.session.paused(0, drive.now)

    for _ in range(5):
        drive.wait(41.25)
        drive.beat()
    drive.session.unpaused(0, drive.now)
    drive.now += 41.25
    drive.beat()

    assert State.READY is drive.state


def test_a_pause_of_five_minutes_ends_in_a_resume() -> None:
    drive = Drive().to_ready()
    drive.session.paused(0, drive.now)

    for _ in range(8):
        drive.wait(41.25)
        drive.beat()

    assert Close(0, 4000) in drive.all
    assert stored(seq=1) == drive.session.export()


# G16, G18 to G20


def test_g7_a_connection_on_which_nothing_comes_any_more_is_left_within_two_intervals() -> None:
    drive = Drive().to_ready()
    begun = drive.now

    for _ in range(5):
        drive.now += INTERVAL
        if drive.beat() and drive.state is State.BACKOFF:
            break

    assert [Close(0, 4000)] == drive.found(Close)
    assert 2 * INTERVAL >= drive.now - begun


def test_g16_a_replay_is_delivered_in_order_and_beats_go_on() -> None:
    drive = Drive(session=stored()).start().opened().hello()

    for seq in range(8, 10_008):
        drive.dispatch(seq)
        if seq == 5000:
            drive.beat()
            assert [(1, 5000)] == written(drive)
    drive.dispatch(10_008, "RESUMED")

    assert list(range(8, 10_009)) == delivered(drive)
    assert State.READY is drive.state


def test_g18_what_was_delivered_is_not_delivered_again() -> None:
    drive = Drive(session=stored()).start().opened().hello()

    for seq in (6, 7, 8, 8, 9, 7, 10):
        drive.dispatch(seq)

    assert [8, 9, 10] == delivered(drive)
    assert 4 == drive.session.counts["duplicate"]


def test_g19_a_gap_is_delivered_and_reported() -> None:
    drive = Drive().to_ready()

    drive.dispatch(5)

    assert [Report("gap", "sequence 5 after 1")] == drive.found(Report)
    assert [1, 5] == delivered(drive)


@pytest.mark.parametrize("seq", [None, -1])
def test_g19_a_dispatch_without_number_is_delivered_and_leaves_the_sequence(seq: int | None) -> None:
    drive = Drive().to_ready()

    drive.dispatch(seq)

    assert [1, seq] == delivered(drive)
    assert 1 == drive.session.sequence
    assert 1 == drive.session.counts["no_sequence"]


@given(st.lists(st.none() | st.integers(-5, 40)))
def test_g19_the_sequence_never_goes_back(seqs: list[int | None]) -> None:
    drive = Drive().to_ready()
    highest = 1

    for seq in seqs:
        drive.dispatch(seq)
        highest = max(highest, seq or 0)
        assert highest == drive.session.sequence

    numbered = [s for s in delivered(drive) if s is not None and s >= 0]
    assert sorted(set(numbered)) == numbered


def test_g20_a_second_ready_replaces_the_session() -> None:
    drive = Drive().to_ready()
    drive.dispatch(50)

    drive.ready(s=1, session_id="second")
    drive.dispatch(2)

    exported = drive.session.export()
    assert exported is not None
    assert ("second", 2) == (exported.session_id, exported.seq)


def test_g20_a_repeated_ready_of_the_same_session_is_a_duplicate() -> None:
    drive = Drive().to_ready()
    drive.dispatch(50)

    drive.ready(s=1)

    assert 50 == drive.session.sequence
    assert [] == drive.found(Deliver)


def test_g20_ready_instead_of_resumed_is_taken() -> None:
    drive = Drive(session=stored()).start().opened().hello()

    drive.ready(s=1, session_id="other")

    assert State.READY is drive.state
    assert 1 == drive.session.sequence


def test_g20_resumed_without_asking_is_data_and_nothing_else() -> None:
    drive = Drive().to_identifying()

    drive.dispatch(1, "RESUMED")

    assert State.IDENTIFYING is drive.state
    assert [1] == delivered(drive)


def test_g20_dispatches_before_identify_are_data_without_a_sequence_of_ours() -> None:
    drive = Drive(session=stored()).start().opened()

    drive.dispatch(900)

    assert [900] == delivered(drive)
    assert 7 == drive.session.sequence


def test_g20_a_second_hello_changes_nothing() -> None:
    drive = Drive().to_ready()

    drive.hello(1000)

    assert [Report("surplus", "a second Hello")] == drive.last
    assert 41.25 == drive.session.pulse.interval


@pytest.mark.parametrize("d", [None, [], {}, {"session_id": 5}, {"session_id": ""}, "x"], ids=repr)
def test_g28_a_ready_that_cannot_be_resumed_is_lived_with(d: object) -> None:
    drive = Drive().to_identifying()
    drive.dispatch(1, "READY", d)
    assert State.READY is drive.state
    drive.close(1006)

    drive.reconnect()

    assert State.WAIT_SLOT is drive.state


def test_g28_a_dispatch_without_name_is_dropped_and_counted_once_for_all() -> None:
    drive = Drive().to_ready()

    drive.receive(0, {}, 2, None)

    assert [Report("malformed", "a dispatch without a name")] == drive.last
    assert (State.READY, 2) == (drive.state, drive.session.sequence)


def test_g28_a_message_that_is_no_envelope_is_reported_and_the_connection_lives() -> None:
    drive = Drive().to_ready()

    drive.did(drive.session.malformed(0, "not an envelope: no op", drive.now))

    assert [Report("malformed", "not an envelope: no op")] == drive.last
    assert State.READY is drive.state


@pytest.mark.parametrize("op", [2, 5, 6, 8, 12, 99, -1, 10**30])
def test_g29_an_unknown_op_is_delivered_raw_and_counted(op: int) -> None:
    drive = Drive().to_ready()

    drive.message(Envelope(op, {"new": 1}))

    assert [op] == [action.envelope.op for action in drive.found(Deliver)]
    assert 1 == drive.session.counts["unknown_op"]


def test_g29_an_unknown_event_is_delivered_raw() -> None:
    drive = Drive().to_ready()

    drive.dispatch(2, "BRAND_NEW_THING", {"x": 1})

    assert ["BRAND_NEW_THING"] == [action.envelope.t for action in drive.found(Deliver)]


# The short way


def test_of_the_next_event_of_a_ready_session_the_number_is_all_that_has_to_be_known() -> None:
    drive = Drive().to_ready()

    assert 2 == drive.session.next_plain(0)
    assert drive.session.next_plain(1) is None
    drive.dispatch(2)
    assert 3 == drive.session.next_plain(0)
    drive.receive(7)
    assert drive.session.next_plain(drive.session.connection) is None


@pytest.mark.parametrize("s", [None, -1])
def test_a_session_without_a_number_has_no_next_one(s: int | None) -> None:
    drive = Drive().to_identifying().ready(s=s)

    assert drive.session.next_plain(0) is None


def test_no_event_is_plain_until_the_session_is_ready() -> None:
    drive = Drive(session=stored()).start().opened().hello()

    assert drive.session.next_plain(0) is None
    drive.dispatch(8)
    assert drive.session.next_plain(0) is None


# G31, G32


def test_g31_a_payload_over_4096_bytes_is_refused_before_it_is_sent() -> None:
    drive = Drive().to_ready()
    frame = len('{"op":3,"d":""}')

    drive.command(3, "x" * (4096 - frame))
    assert 1 == len(drive.found(Write))

    with pytest.raises(InvalidRequest) as caught:
        drive.command(3, "x" * (4097 - frame))
    assert "d" == caught.value.argument


@pytest.mark.parametrize("op", [1, 2, 6])
def test_g31_what_the_shard_sends_itself_is_refused_as_a_command(op: int) -> None:
    drive = Drive().to_ready()

    with pytest.raises(InvalidRequest):
        drive.command(op, {})


def test_g31_an_identify_that_would_be_too_large_is_refused_when_the_session_is_made() -> None:
    with pytest.raises(InvalidRequest) as caught:
        Drive(identify={"intents": 1, "presence": {"activities": [{"name": "x" * 4000}]}})

    assert "presence" == caught.value.argument


def test_g32_five_hundred_presences_are_paced_and_the_newest_wins() -> None:
    drive = Drive().to_ready()

    for number in range(500):
        drive.command(3, {"number": number}, ticket=number)
    first = [sent(w.data)["d"]["number"] for w in drive.ever(Write)]
    superseded = [s.ticket for s in drive.ever(Settle) if s.outcome == "superseded"]
    drive.wait(20.0)
    assert [] == drive.found(Write)
    drive.wait(1.0)

    assert [0, 1, 2, 3, 4] == first
    assert list(range(5, 499)) == superseded
    assert [(3, {"number": 499})] == written(drive)


def test_g32_a_flood_of_commands_keeps_to_the_budget_and_leaves_beats_theirs() -> None:
    drive = Drive().to_ready()
    times: list[float] = []

    for number in range(500):
        drive.command(8, {"guild_id": str(number)})
    times += [drive.now] * len(drive.ever(Write))
    for _ in range(300):
        drive.wait(1.0)
        times += [drive.now] * len(drive.found(Write))
        if drive.now % 41 == 0:
            drive.beat()
            drive.receive(11)
            times.append(drive.now)

    commands = [w for w in drive.ever(Write) if w.op == 8]
    assert 500 == len(commands)
    for start in times:
        assert len([t for t in times if start <= t < start + 60.0]) <= 120


def test_g32_commands_wait_for_ready_and_voice_states_keep_the_newest_of_each_guild() -> None:
    drive = Drive().start()
    drive.command(4, {"guild_id": "1", "channel_id": "10"}, ticket="a")
    drive.command(4, {"guild_id": "2", "channel_id": "20"}, ticket="b")
    drive.command(4, {"guild_id": 1, "channel_id": None}, ticket="c")
    assert [Settle("a", "superseded")] == drive.last

    drive.opened().hello()
    drive.granted()
    drive.ready()

    assert [(4, {"guild_id": 1, "channel_id": None}), (4, {"guild_id": "2", "channel_id": "20"})] == written(drive)
    assert [Settle("c", "written"), Settle("b", "written")] == drive.found(Settle)


def test_g32_requests_fail_when_their_session_ends_and_presences_do_not() -> None:
    drive = Drive().to_ready()
    drive.receive(7)
    drive.command(8, {"guild_id": "1"}, ticket="members")
    drive.command(3, {"status": "idle"}, ticket="presence")
    drive.reconnect()

    drive.receive(9, False)
    assert [Settle("members", "dropped")] == drive.found(Settle)

    drive.reconnect()
    drive.granted()
    drive.ready(session_id="new")
    assert [Settle("presence", "written")] == drive.found(Settle)


def test_g32_requests_made_before_the_first_session_wait_for_it() -> None:
    drive = Drive().start()
    drive.command(8, {"guild_id": "1"}, ticket="members")
    drive.did(drive.session.failed(0, drive.now))
    drive.reconnect()
    drive.granted()

    drive.ready()

    assert [Settle("members", "written")] == drive.found(Settle)


def test_g32_the_queue_is_bounded() -> None:
    drive = Drive().start()

    for number in range(1001):
        drive.command(8, {}, ticket=number)

    assert [Settle(1000, "full")] == drive.found(Settle)


def test_a_new_session_gets_the_presence_of_the_last() -> None:
    drive = Drive().to_ready()
    drive.command(3, {"status": "idle"})
    drive.receive(9, False)
    drive.reconnect()
    drive.granted()

    drive.ready(session_id="new")

    assert [(3, {"status": "idle"})] == written(drive)


def test_a_resumed_session_still_has_its_presence() -> None:
    drive = Drive().to_ready()
    drive.command(3, {"status": "idle"})
    drive.receive(7)
    drive.reconnect()

    drive.dispatch(2, "RESUMED")

    assert [] == written(drive)


def test_commands_after_the_end_are_refused() -> None:
    drive = Drive().to_ready()
    drive.did(drive.session.stop(drive.now, keep=False))

    drive.command(8, {}, ticket="late")

    assert [Settle("late", "closed")] == drive.last


def test_commands_that_still_wait_at_the_end_are_told() -> None:
    drive = Drive().start()
    drive.command(8, {}, ticket="waiting")

    drive.did(drive.session.stop(drive.now, keep=True))

    assert [Settle("waiting", "closed")] == drive.found(Settle)


# What comes too late, or twice


def test_what_a_connection_that_is_gone_says_changes_nothing() -> None:
    drive = Drive().to_ready()
    gone = drive.session.connection
    drive.close(1006)
    before = drive.session.deadline()

    for late in (
        drive.session.message(gone, read('{"op":0,"s":2,"t":"X"}'), drive.now),
        drive.session.closed(gone, 4004, drive.now),
        drive.session.granted(gone, drive.now),
    ):
        assert [] == late
    drive.session.paused(gone, drive.now)
    drive.session.unpaused(gone, drive.now)
    assert (State.BACKOFF, before) == (drive.state, drive.session.deadline())


def test_g38_a_pause_counts_from_its_beginning_and_its_end_without_one_is_nothing() -> None:
    drive = Drive().to_ready()
    number = drive.session.connection
    drive.session.unpaused(number, drive.now)
    drive.session.paused(number, drive.now)
    due = drive.session.deadline()
    drive.now += 5.0
    drive.session.paused(number, drive.now)

    assert due == drive.session.deadline()


def test_g10_an_invalid_session_whose_word_cannot_be_read_is_final() -> None:
    drive = Drive().to_ready()
    drive.message(Envelope(9, msgspec.Raw(b"tru")))

    assert drive.session.export() is None


def test_p10_a_renamed_session_goes_on_and_the_next_is_the_new_tokens() -> None:
    drive = Drive().to_ready()
    drive.session.renamed("beef")
    kept = drive.session.export()
    assert kept is not None and ("beef", "abc") == (kept.fingerprint, kept.session_id)

    new = Drive()
    new.session.renamed("beef")
    new.to_ready()
    made = new.session.export()
    assert made is not None and "beef" == made.fingerprint


def test_g44_a_newer_version_is_reported_once_and_lived_with() -> None:
    drive = Drive().to_identifying()
    drive.dispatch(1, "READY", {"session_id": "abc", "v": 11})
    drive.dispatch(2, "READY", {"session_id": "def", "v": 11})

    assert 1 == drive.session.counts["newer_version"]
    assert State.READY is drive.state


def test_g20_resumed_that_repeats_a_number_is_no_event() -> None:
    drive = Drive(session=stored(seq=7)).start().opened().hello()
    drive.dispatch(7, "RESUMED", {})

    assert ([], State.READY) == (drive.found(Deliver), drive.state)


def test_an_outbox_that_holds_nothing_is_never_ready() -> None:
    assert math.inf == Outbox().ready_at(1000.0, SendBudget())
