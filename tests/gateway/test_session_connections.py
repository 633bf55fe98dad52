"""Connecting, resuming, giving up: what the session does when connections come and go."""

import pytest

from acord.core.actions import AskSlot, Changed, Close, Connect, DropSlot, Fatal, Login, Report, StopBeats
from acord.core.session_table import State
from tests.gateway.driver import MAIN, QUERY, RESUME_URL, Drive, stored


def test_a_session_begins_at_the_main_gateway_with_the_clients_query() -> None:
    drive = Drive().start()

    assert [Connect(0, MAIN + QUERY)] == drive.found(Connect)


def test_hello_asks_for_leave_to_identify_and_identify_waits_for_it() -> None:
    drive = Drive().start().opened().hello()

    assert State.WAIT_SLOT is drive.state
    assert [AskSlot(0)] == drive.found(AskSlot)
    assert [] == drive.ever(Login)


def test_identify_carries_intents_and_shard_and_no_token() -> None:
    drive = Drive().to_identifying()

    (login,) = drive.found(Login)
    assert (2, {"intents", "properties", "shard"}) == (login.op, set(login.d))


def test_a_stored_session_is_resumed_at_its_own_url_with_the_same_query() -> None:
    drive = Drive(session=stored()).start()

    assert [Connect(0, RESUME_URL + QUERY)] == drive.found(Connect)

    drive.opened().hello()

    assert [Login(0, 6, {"session_id": "abc", "seq": 7})] == drive.found(Login)


@pytest.mark.parametrize(
    "change",
    [
        {"shard_id": 1},
        {"shard_count": 2},
        {"version": 9},
        {"encoding": "etf"},
        {"intents": 1},
        {"fingerprint": "other"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_stored_session_of_another_kind_is_not_resumed(change: dict[str, object]) -> None:
    drive = Drive(session=stored(**change)).start().opened().hello()

    assert State.WAIT_SLOT is drive.state
    assert 1 == drive.session.counts["session_refused"]


# G1


def test_g1_an_unreachable_gateway_is_tried_again_with_growing_delays_up_to_a_minute() -> None:
    drive = Drive(random=1.0, fleet=0).start()
    delays = []

    for _ in range(9):
        drive.did(drive.session.failed(drive.session.connection, drive.now))
        delays.append(drive.pause())
        drive.redial()

    assert [2, 4, 8, 16, 32, 60, 60, 60, 60] == delays


def test_g1_half_of_the_delay_is_chance() -> None:
    drive = Drive(random=0.0, fleet=0).start()
    drive.did(drive.session.failed(0, drive.now))

    assert 1.0 == drive.pause()


def test_g1_a_429_on_the_upgrade_is_obeyed() -> None:
    drive = Drive(fleet=0).start()
    drive.did(drive.session.failed(0, drive.now, retry_after=17))

    assert 17.0 == drive.pause()


def test_g1_a_handshake_that_never_ends_is_given_up() -> None:
    drive = Drive().start()

    drive.wait(30.0)

    assert [Close(0, 4000)] == drive.found(Close)
    assert State.BACKOFF is drive.state


def test_g1_a_stale_resume_url_costs_the_url_and_not_the_session() -> None:
    drive = Drive(session=stored()).start()
    drive.did(drive.session.failed(0, drive.now))
    drive.redial()

    assert [MAIN + QUERY] == [c.url for c in drive.found(Connect)]

    drive.opened().hello()

    assert State.RESUMING is drive.state


# G2


def test_g2_a_gateway_without_hello_is_left_after_20_seconds() -> None:
    drive = Drive().start().opened()

    drive.wait(19.9)
    assert State.HELLO is drive.state

    drive.wait(0.1)
    assert [Close(0, 4000)] == drive.found(Close)


@pytest.mark.parametrize(
    "interval", [0, -1, "41250", None, True, 999, 600_001, 864_000_000, 1e400, 10**400, [1]], ids=repr
)
def test_g2_an_interval_that_nobody_could_live_by_ends_the_connection(interval: object) -> None:
    drive = Drive().start().opened()

    if interval == 1e400:
        drive.message(_hello_with(float("inf")))
    else:
        drive.hello(interval)

    assert State.BACKOFF is drive.state


def _hello_with(value: object) -> object:
    from acord.core.envelope import from_value

    return from_value({"op": 10, "d": {"heartbeat_interval": value}})


@pytest.mark.parametrize("body", [None, [], "x", {}, 5], ids=repr)
def test_g2_a_hello_without_interval_ends_the_connection(body: object) -> None:
    drive = Drive().start().opened()

    drive.receive(10, body)

    assert State.BACKOFF is drive.state


@pytest.mark.parametrize("interval", [1000, 41_250, 41250.5, 600_000])
def test_g2_sane_intervals_are_believed(interval: float) -> None:
    drive = Drive().start().opened().hello(interval)

    assert State.WAIT_SLOT is drive.state


# G9, G10


def test_g9_op_7_closes_resumably_and_resumes_at_the_resume_url_with_the_same_query() -> None:
    drive = Drive(fleet=0).to_ready()

    drive.receive(7)
    assert [Close(0, 4000)] == drive.found(Close)
    assert 0.0 == drive.pause()

    drive.redial()
    assert [Connect(1, RESUME_URL + QUERY)] == drive.found(Connect)

    drive.opened().hello()
    assert [Login(1, 6, {"session_id": "abc", "seq": 1})] == drive.found(Login)


def test_g9_a_resume_keeps_the_version_of_its_session_though_the_module_was_rebound() -> None:
    versions = [10]
    drive = Drive(version=lambda: versions[-1]).to_ready()

    versions.append(9)
    drive.receive(7)
    drive.redial()
    assert [RESUME_URL + QUERY] == [c.url for c in drive.found(Connect)]

    drive.close(4009)
    drive.redial()
    assert [MAIN + QUERY.replace("v=10", "v=9")] == [c.url for c in drive.found(Connect)]


def test_g9_op_7_instead_of_hello_is_obeyed() -> None:
    drive = Drive().start().opened()

    drive.receive(7)

    assert State.BACKOFF is drive.state
    assert [Close(0, 4000)] == drive.found(Close)


@pytest.mark.parametrize(("chance", "delay"), [(0.0, 1.0), (0.5, 3.0), (1.0, 5.0)])
def test_g10_an_invalid_session_waits_one_to_five_seconds(chance: float, delay: float) -> None:
    drive = Drive(random=chance, fleet=0).to_ready()

    drive.receive(9, True)

    assert delay == drive.pause()


def test_g10_invalid_but_resumable_resumes() -> None:
    drive = Drive().to_ready()

    drive.receive(9, True)
    drive.reconnect()

    assert State.RESUMING is drive.state


@pytest.mark.parametrize("d", [False, None, "true", 1, {}], ids=repr)
def test_g10_anything_but_true_ends_the_session_and_identifies_through_the_gate(d: object) -> None:
    drive = Drive().to_ready()

    drive.receive(9, d)
    drive.reconnect()

    assert State.WAIT_SLOT is drive.state
    assert 1 == len(drive.ever(Login))


def test_g10_the_sequence_of_an_ended_session_does_not_filter_the_next() -> None:
    drive = Drive().to_ready()
    drive.dispatch(500)
    drive.receive(9, False)
    drive.reconnect()
    drive.granted()
    drive.ready(s=1, session_id="new")

    drive.dispatch(2)

    assert 2 == drive.session.sequence


# G11


@pytest.mark.parametrize("interval", [41.25, 150.0])
def test_g11_an_outage_with_acknowledgements_is_waited_out(interval: float) -> None:
    drive = Drive().start().opened().hello(interval * 1000)
    drive.granted()

    for _ in range(20):
        drive.wait(interval)
        drive.beat()
        drive.receive(11)

    assert State.IDENTIFYING is drive.state


def test_g11_without_acknowledgements_an_overdue_ready_ends_the_connection() -> None:
    drive = Drive().to_identifying()
    drive.wait(20.0)
    drive.beat()

    drive.wait(40.0)

    assert State.BACKOFF is drive.state


def test_g11_dispatches_while_resuming_show_that_it_goes_on() -> None:
    drive = Drive(session=stored()).start().opened().hello()
    drive.wait(10.0)
    drive.beat()
    drive.wait(40.0)
    drive.dispatch(8)

    drive.wait(15.0)

    assert State.RESUMING is drive.state


# G12 to G15


@pytest.mark.parametrize("code", [None, 1000, 1001, 1006, 1011, 4000, 4001, 4002, 4005, 4008])
def test_g12_these_codes_resume(code: int | None) -> None:
    drive = Drive().to_ready()

    drive.close(code)
    drive.reconnect()

    assert State.RESUMING is drive.state


@pytest.mark.parametrize("code", [4003, 4007, 4009])
def test_g13_these_codes_need_a_new_session(code: int) -> None:
    drive = Drive().to_ready()

    drive.close(code)
    drive.reconnect()

    assert State.WAIT_SLOT is drive.state


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
def test_g14_these_codes_end_it_for_good(code: int) -> None:
    drive = Drive().to_ready()

    drive.close(code)

    assert [Fatal(code)] == drive.found(Fatal)
    assert None is drive.session.deadline()
    assert None is drive.session.export()


@pytest.mark.parametrize("code", [4006, 4999, 3000, 1015, 0, 65535, -1])
def test_g15_codes_that_nobody_knows_resume(code: int) -> None:
    drive = Drive().to_ready()

    drive.close(code)
    drive.reconnect()

    assert State.RESUMING is drive.state


@pytest.mark.parametrize("code", [4001, 4002, 4005])
def test_g12_what_we_did_wrong_is_reported_with_its_opcode(code: int) -> None:
    drive = Drive().to_ready()
    drive.command(8, {"guild_id": "1", "query": "secret", "limit": 0})

    drive.close(code)

    assert [Report("client_bug", f"close code {code} after op 8")] == drive.found(Report)


# G17


def test_g17_the_third_failed_resume_starts_a_new_session() -> None:
    drive = Drive(random=0.0).to_ready()
    drive.close(1006)
    states = []

    for _ in range(4):
        drive.redial()
        drive.opened().hello()
        states.append(drive.state)
        drive.close(1006)

    assert [State.RESUMING, State.RESUMING, State.RESUMING, State.WAIT_SLOT] == states


def test_g17_a_failed_resume_90_seconds_after_the_loss_starts_a_new_session() -> None:
    drive = Drive().to_ready()
    drive.close(1006)
    drive.redial()
    drive.wait(29.0)
    for _ in range(2):
        drive.did(drive.session.failed(drive.session.connection, drive.now))
        drive.redial()
        drive.wait(29.0)
    drive.opened().hello()
    assert State.RESUMING is drive.state

    drive.close(1006)
    drive.reconnect()

    assert State.WAIT_SLOT is drive.state


def test_g17_a_resume_that_works_forgets_the_failures() -> None:
    drive = Drive().to_ready()
    for _ in range(2):
        drive.close(1006)
        drive.reconnect()
    drive.dispatch(2, "RESUMED")

    drive.close(1006)
    drive.reconnect()
    drive.close(1006)
    drive.reconnect()

    assert State.RESUMING is drive.state


# G42 and the rest of the backoff


def test_g42_accept_then_close_does_not_loop_without_delay() -> None:
    drive = Drive(random=1.0, fleet=0).to_ready()
    delays = []

    for _ in range(5):
        drive.close(1006)
        delays.append(drive.pause())
        drive.redial()
        drive.opened().hello()
        drive.dispatch(None, "RESUMED")

    assert [0, 2, 4, 8, 16] == delays


def test_g42_a_minute_of_peace_forgets_the_failures() -> None:
    drive = Drive(random=1.0, fleet=0).start()
    for _ in range(4):
        drive.did(drive.session.failed(drive.session.connection, drive.now))
        drive.redial()
    drive.opened().hello()
    drive.granted()
    drive.ready()
    drive.wait(60.0)

    drive.receive(7)

    assert 0.0 == drive.pause()


def test_g8_reconnects_of_many_shards_are_spread() -> None:
    few, many = Drive(random=1.0, fleet=1).to_ready(), Drive(random=1.0, fleet=1000).to_ready()

    few.close(1006)
    many.close(1006)

    assert (0.05, 5.0) == (round(few.pause(), 6), many.pause())


def test_a_server_that_closes_after_hello_is_met_with_growing_delays() -> None:
    drive = Drive(random=1.0, fleet=0).start()
    delays = []

    for _ in range(6):
        drive.opened().hello()
        drive.close(1000)
        delays.append(drive.pause())
        drive.redial()

    assert [2, 4, 8, 16, 32, 60] == delays


def test_inputs_of_an_earlier_connection_are_dropped_and_counted() -> None:
    drive = Drive().to_ready()
    drive.receive(7)
    drive.reconnect()

    late = drive.session.closed(0, 4004, drive.now)

    assert [] == late
    assert State.RESUMING is drive.state
    assert 1 == drive.session.counts["stale"]


def test_a_connection_lost_while_waiting_for_leave_gives_the_slot_back() -> None:
    drive = Drive().start().opened().hello()

    drive.close(1006)

    assert [DropSlot(0)] == drive.found(DropSlot)


def test_beats_stop_with_their_connection() -> None:
    drive = Drive().to_ready()

    drive.close(1006)

    assert [StopBeats(0)] == drive.found(StopBeats)


# Stopping


def test_stopping_ends_the_session_with_1000() -> None:
    drive = Drive().to_ready()

    drive.did(drive.session.stop(drive.now, keep=False))

    assert [Close(0, 1000)] == drive.found(Close)
    assert None is drive.session.export()
    assert [Changed("ready", "closed")] == drive.found(Changed)


def test_stopping_may_keep_the_session_for_another_process() -> None:
    drive = Drive().to_ready()
    drive.dispatch(2)

    drive.did(drive.session.stop(drive.now, keep=True))

    assert [Close(0, 4000)] == drive.found(Close)
    assert stored(seq=2) == drive.session.export()


def test_what_is_stored_is_the_sequence_that_was_handled() -> None:
    drive = Drive().to_ready()
    for seq in range(2, 10):
        drive.dispatch(seq)

    exported = drive.session.export(handled=4)

    assert exported is not None
    assert (4, 9) == (exported.seq, drive.session.sequence)


def test_another_process_resumes_what_one_exported() -> None:
    first = Drive().to_ready()
    first.did(first.session.stop(first.now, keep=True))

    second = Drive(session=first.session.export()).start().opened().hello()

    assert [Login(0, 6, {"session_id": "abc", "seq": 1})] == second.found(Login)


# Faults


def test_g22_corrupt_data_drops_the_connection_and_resumes() -> None:
    drive = Drive().to_ready()

    drive.did(drive.session.fault(0, "zlib: incorrect data check", drive.now))
    assert [Close(0, 4000)] == drive.found(Close)

    drive.reconnect()
    assert State.RESUMING is drive.state


# G36


@pytest.mark.parametrize(
    "url",
    [
        "http://gateway.discord.gg",
        "ws://gateway.discord.gg",
        "wss://evil.example",
        "wss://discord.gg.evil.example",
        "wss://162.159.130.234",
        "wss://user@gateway.discord.gg",
        "wss://gateway.discord.gg:8443",
        "",
        "wss://" + "a" * 10_000 + ".discord.gg",
        5,
    ],
    ids=lambda url: str(url)[:40],
)
def test_g36_a_resume_url_that_leads_elsewhere_is_not_used(url: object) -> None:
    drive = Drive().to_identifying().ready(url=url)
    assert ["resume_url"] == [r.kind for r in drive.found(Report)]

    drive.receive(7)
    drive.redial()

    assert [MAIN + QUERY] == [c.url for c in drive.found(Connect)]


def test_g36_a_stored_url_is_checked_as_well() -> None:
    drive = Drive(session=stored(resume_gateway_url="wss://evil.example")).start()

    assert [MAIN + QUERY] == [c.url for c in drive.found(Connect)]
