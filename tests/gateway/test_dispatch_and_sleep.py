"""Typed events of a shard, typed commands, a machine that sleeps, a gateway that is newer."""

import asyncio
from typing import Any

import pytest

from acord import commands, events
from acord.core.actions import Report
from acord.core.dispatch import Dispatch, Source, decoder, dispatch_of
from acord.core.envelope import read
from acord.core.errors import InvalidRequest, ModelError
from acord.core.gateway import Shard
from acord.core.suspend import SleepWatch, boot_clock
from tests.gateway.fleet import Beats, Fleet, VirtualClock

TOKEN = "canary.token.value"
DELETE = b'{"op":0,"t":"MESSAGE_DELETE","s":5,"_source":"theirs","d":{"id":"5","channel_id":"6"}}'


def dispatch(data: bytes, **options: Any) -> Dispatch:
    return dispatch_of(read(data, decoder), Source(3, **options))


def shard(clock: VirtualClock, **options: Any) -> Shard:
    settings: dict[str, Any] = {"intents": 1, "keepalive": Beats, "compress": None, "random": lambda: 0.5}
    return Shard(TOKEN, clock=clock, **(settings | options))


def test_the_body_becomes_the_class_of_its_name_once() -> None:
    event = dispatch(DELETE)

    assert isinstance(event.data, events.MessageDelete)
    assert 6 == event.data.channel_id
    assert event.data is event.data
    assert (3, "MESSAGE_DELETE", 5) == (event.shard_id, event.name, event.seq)
    assert b'{"id":"5","channel_id":"6"}' == event.raw


def test_an_event_without_a_class_is_unknown_with_all_it_has() -> None:
    event = dispatch(b'{"op":0,"t":"BRAND_NEW","s":5,"d":{"x":[1]}}').data

    assert isinstance(event, events.Unknown)
    assert ("BRAND_NEW", {"x": [1]}) == (event.name, event.data)


def test_an_opcode_without_a_name_is_unknown_too() -> None:
    event = dispatch(b'{"op":99,"d":7}').data

    assert isinstance(event, events.Unknown)
    assert ("OP_99", 7) == (event.name, event.data)


def test_an_event_made_by_hand_has_data_as_well() -> None:
    event = Dispatch(0, {"id": "5", "channel_id": "6"}, 1, "MESSAGE_DELETE")

    assert isinstance(event.data, events.MessageDelete)
    assert 0 == event.shard_id


def test_what_contradicts_the_schema_is_delivered_and_told() -> None:
    drifts: list[Any] = []
    event = dispatch(b'{"op":0,"t":"MESSAGE_DELETE","s":5,"d":{"id":"5","channel_id":[]}}', on_drift=drifts.append).data

    assert isinstance(event, events.MessageDelete)
    assert (5, []) == (event.id, event.channel_id)
    assert ["channel_id"] == [place for place, _ in drifts[0].problems]


def test_a_body_of_another_kind_raises() -> None:
    with pytest.raises(ModelError):
        _ = dispatch(b'{"op":0,"t":"MESSAGE_DELETE","s":5,"d":[]}').data


async def test_a_typed_command_is_what_is_written(fleet: Fleet, clock: VirtualClock) -> None:
    command = commands.RequestSoundboardSounds(guild_ids=[1, 2])
    async with shard(clock) as under_test:
        await clock.until(lambda: under_test.state == "ready")
        await under_test.send(command)
        await clock.settle()

    assert [command.payload()] == [payload for _, payload in fleet.commands]


async def test_a_command_that_the_shard_sends_itself_is_refused(fleet: Fleet, clock: VirtualClock) -> None:
    async with shard(clock) as under_test:
        with pytest.raises(InvalidRequest, match="sent by the shard"):
            under_test.send(commands.Heartbeat(value=1))


# P5: a machine that sleeps


def test_p5_sleep_is_what_one_clock_counts_and_the_other_does_not() -> None:
    watch = SleepWatch(100.0, 1100.0)

    assert 0.0 == watch.look(110.0, 1110.1)
    assert 3600.0 == pytest.approx(watch.look(120.0, 4720.1))
    assert 0.0 == watch.look(130.0, 4730.1)


def test_p5_the_boot_clock_is_read_where_there_is_one() -> None:
    read = boot_clock()

    assert read is None or read() > 0


async def test_p5_after_an_hour_of_sleep_the_session_is_resumed_at_once(fleet: Fleet, clock: VirtualClock) -> None:
    slept, kinds = 0.0, list[str]()
    async with shard(
        clock,
        boot=lambda: clock.now + slept,
        on_report=lambda what: kinds.append(what.detail) if isinstance(what, Report) else None,
    ) as under_test:
        await clock.until(lambda: under_test.state == "ready")
        await clock.run(65)
        assert [] == fleet.resumes
        slept, woke = 3600.0, clock.now
        await clock.until(lambda: fleet.resumes)

        assert clock.now - woke <= 11
        assert kinds == ["this machine slept for 3600 s"]


async def test_p5_nothing_waits_for_the_wall_clock(
    fleet: Fleet, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shard(clock, boot=lambda: clock.now) as under_test:
        await clock.until(lambda: under_test.state == "ready")
        monkeypatch.setattr("time.time", lambda: 0.0)
        await clock.run(600)

        assert "ready" == under_test.state
    assert 1 == len(fleet.connects)


# G44


@pytest.mark.parametrize(("version", "expected"), [(11, 1), (10, 0), (9, 0), ("11", 0), (True, 0)])
async def test_g44_a_newer_gateway_is_said_once(
    fleet: Fleet, clock: VirtualClock, version: object, expected: int, caplog: pytest.LogCaptureFixture
) -> None:
    fleet.ready = {"v": version}
    async with shard(clock) as under_test:
        await clock.until(lambda: under_test.state == "ready")
        fleet.wires[0].say(9, False)
        await clock.until(lambda: len(fleet.identifies) == 2)
        await clock.settle()
        assert "ready" == under_test.state
        assert expected == under_test.counts["newer_version"]

    assert expected == sum("speaks API version 11" in record.message for record in caplog.records)


async def test_nothing_is_left_of_a_shard_that_watches_for_sleep(fleet: Fleet, clock: VirtualClock) -> None:
    async with shard(clock, boot=lambda: clock.now) as under_test:
        await clock.until(lambda: under_test.state == "ready")

    assert {asyncio.current_task()} == asyncio.all_tasks()
