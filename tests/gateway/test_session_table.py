"""The table of the session: complete, true to the machine, and never left by any sequence of inputs."""

import json
from collections.abc import Callable
from itertools import pairwise, product

import pytest
from hypothesis import given, settings, strategies as st

from acord.core import session_core, session_effects
from acord.core.actions import Close, Connect, Deliver, StartBeats, StopBeats
from acord.core.errors import InvalidRequest
from acord.core.session import Session
from acord.core.session_table import OPEN, TABLE, On, State, _table, transitions
from tests.gateway.driver import RESUME_URL, Drive, stored


def test_every_pair_of_state_and_input_is_defined() -> None:
    assert set(product(State, On)) == set(TABLE)


def test_every_effect_is_a_method() -> None:
    missing = [row.effect for row in TABLE.values() if not callable(getattr(Session, f"_{row.effect}", None))]

    assert [] == missing


def test_every_state_but_the_last_two_can_be_left_and_every_one_but_the_first_reached() -> None:
    rows = transitions()

    assert set(State) - {State.CLOSED, State.FATAL} == {row.state for row in rows if set(row.to) != {row.state}}
    assert set(State) - {State.IDLE} == {to for row in rows for to in row.to if to is not row.state}


def test_what_the_docs_draw_leaves_out_what_does_nothing() -> None:
    assert {"ignore"} == {row.effect for row in TABLE.values()} - {row.effect for row in transitions()}


Put = Callable[[Drive], object]

REACH: dict[State, Put] = {
    State.IDLE: lambda d: None,
    State.CONNECTING: lambda d: d.start(),
    State.HELLO: lambda d: d.start().opened(),
    State.WAIT_SLOT: lambda d: d.start().opened().hello(),
    State.IDENTIFYING: lambda d: d.to_identifying(),
    State.RESUMING: lambda d: (d.to_ready().receive(7), d.reconnect()),
    State.READY: lambda d: d.to_ready(),
    State.BACKOFF: lambda d: d.to_ready().receive(7),
    State.CLOSED: lambda d: d.session.stop(d.now, keep=False),
    State.FATAL: lambda d: d.to_ready().close(4004),
}
READY_BODY = {"session_id": "abc", "resume_gateway_url": RESUME_URL}
INPUTS: dict[On, Put] = {
    On.START: lambda d: d.start(),
    On.OPENED: lambda d: d.opened(),
    On.FAILED: lambda d: d.did(d.session.failed(d.session.connection, d.now)),
    On.HELLO: lambda d: d.hello(),
    On.RECONNECT: lambda d: d.receive(7),
    On.INVALID_RESUMABLE: lambda d: d.receive(9, True),
    On.INVALID_FINAL: lambda d: d.receive(9, False),
    On.BEAT_REQUEST: lambda d: d.receive(1),
    On.ACK: lambda d: d.receive(11),
    On.READY: lambda d: d.dispatch(20, "READY", READY_BODY),
    On.RESUMED: lambda d: d.dispatch(20, "RESUMED"),
    On.DISPATCH: lambda d: d.dispatch(20),
    On.UNKNOWN_OP: lambda d: d.receive(77),
    On.MALFORMED: lambda d: d.receive(0),
    On.BEAT_DUE: lambda d: d.beat(),
    On.GRANTED: lambda d: d.granted(),
    On.EXPIRED: lambda d: d.wait(60.0),
    On.CLOSED_RESUME: lambda d: d.close(1006),
    On.CLOSED_NEW: lambda d: d.close(4009),
    On.CLOSED_FATAL: lambda d: d.close(4004),
    On.FAULT: lambda d: d.did(d.session.fault(d.session.connection, "corrupt", d.now)),
    On.COMMAND: lambda d: d.command(8, {}),
    On.STOP: lambda d: d.did(d.session.stop(d.now, keep=False)),
    On.STOP_KEEPING: lambda d: d.did(d.session.stop(d.now, keep=True)),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("on", [on for on in On if on is not On.EXPIRED])
def test_g20_the_machine_does_what_the_table_says(state: State, on: On) -> None:
    drive = Drive()
    REACH[state](drive)
    assert state is drive.state

    INPUTS[on](drive)

    assert drive.state in TABLE[state, on].to


@given(
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(list(On)), st.floats(0.0, 400.0), st.floats(0.0, 1.0)), max_size=60),
)
@settings(max_examples=200, deadline=None)
def test_g20_no_sequence_of_inputs_leaves_the_table(resumes: bool, script: list[tuple[On, float, float]]) -> None:
    drive = Drive(session=stored() if resumes else None)

    for on, pause, chance in script:
        drive.random = chance
        INPUTS[on](drive)
        drive.wait(pause)
        assert_sound(drive)


messages = st.builds(
    lambda op, d, s, t: {"op": op, "d": d, "s": s, "t": t},
    st.integers(-2, 12),
    st.none() | st.booleans() | st.integers() | st.fixed_dictionaries({"heartbeat_interval": st.integers()}),
    st.none() | st.integers(-5, 50),
    st.none() | st.sampled_from(["READY", "RESUMED", "MESSAGE_CREATE", ""]),
)


@given(st.lists(messages, max_size=40))
@settings(max_examples=200, deadline=None)
def test_g20_no_messages_leave_the_table(script: list[dict[str, object]]) -> None:
    from acord.core.envelope import read

    drive = Drive().to_ready()

    for message in script:
        drive.message(read(json.dumps(message)))
        if drive.state is State.BACKOFF:
            drive.redial()
            drive.opened().hello()
        assert_sound(drive)


def assert_sound(drive: Drive) -> None:
    """What holds at every moment, whatever has happened."""
    session = drive.session
    # Whoever is not at the end, and has begun, waits for something: time, the peer, or leave to identify.
    if session.state not in (State.IDLE, State.CLOSED, State.FATAL, State.WAIT_SLOT):
        assert session.deadline() is not None
    # Each connection is opened once, and closed at most once; beats run for one that is open.
    opened = [c.connection for c in drive.ever(Connect)]
    closed = [c.connection for c in drive.ever(Close)]
    assert sorted(set(opened)) == opened
    assert sorted(set(closed)) == closed
    assert set(closed) <= set(opened)
    beating = [a for a in drive.all if isinstance(a, StartBeats | StopBeats)]
    for first, second in pairwise(beating):
        assert isinstance(first, StartBeats) is isinstance(second, StopBeats)
    if beating and isinstance(beating[-1], StartBeats):
        assert session.state in OPEN
    # Whatever is closed by us but at the end can be resumed.
    if session.state is not State.CLOSED:
        assert {4000} >= {c.code for c in drive.ever(Close)}


@given(st.lists(st.sampled_from(["drop", "op7", "op9", "repeat", "send", "beat"]), max_size=50), st.data())
@settings(max_examples=150, deadline=None)
def test_between_ready_and_a_refused_resume_every_dispatch_is_seen_once_and_in_order(
    script: list[str], data: st.DataObject
) -> None:
    drive = Drive(random=0.5).to_ready()
    at_server = 1

    def resume() -> None:
        nonlocal at_server
        drive.redial()
        drive.opened().hello()
        if drive.state is not State.RESUMING:
            return
        seen = drive.session.sequence
        assert seen is not None
        # Discord may begin earlier than asked: the overlap is dropped.
        for seq in range(max(2, seen - data.draw(st.integers(0, 3))), at_server + 1):
            drive.dispatch(seq)
        at_server += 1
        drive.dispatch(at_server, "RESUMED")

    for what in script:
        if what == "drop":
            at_server += data.draw(st.integers(0, 3))  # sent, and lost with the connection
            drive.close(1006)
            resume()
        elif what == "op7":
            drive.receive(7)
            resume()
        elif what == "op9":
            drive.receive(9, True)
            resume()
        elif what == "repeat":
            drive.dispatch(at_server)
        elif what == "send":
            at_server += 1
            drive.dispatch(at_server)
        else:
            drive.beat()
            drive.receive(11)

    assert State.READY is drive.state
    assert list(range(1, at_server + 1)) == [a.envelope.s for a in drive.ever(Deliver)]


def test_an_effect_that_leaves_the_table_is_a_bug_that_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(session: session_core.SessionCore, _: object) -> None:
        session.state = State.READY

    monkeypatch.setattr(session_effects.Effects, "_connect", wrong)

    with pytest.raises(AssertionError, match=r"led to State\.READY"):
        Drive().start()


def test_commands_never_leave_the_table_in_any_state() -> None:
    for reach in REACH.values():
        drive = Drive()
        reach(drive)
        before = drive.state
        with pytest.raises(InvalidRequest):
            drive.command(2, {})
        assert before is drive.state


def test_two_rules_for_one_cell_are_a_mistake() -> None:
    rule = ((State.READY,), On.COMMAND, "send", ())

    with pytest.raises(AssertionError, match="two rules"):
        _table([rule, rule])
