"""The queue before the user, and the gate before Identify."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from acord.core.dispatch import Dispatch
from acord.core.errors import GatewayError
from acord.core.identify import IdentifyGate
from acord.core.inbox import Inbox
from tests.turning import until


def event(seq: int | None) -> Dispatch:
    return Dispatch(0, None, seq, "EVENT")


class Marks:
    def __init__(self) -> None:
        self.full = self.room = 0

    def on_full(self) -> None:
        self.full += 1

    def on_room(self) -> None:
        self.room += 1


def inbox(bound: int = 100) -> tuple[Inbox, Marks]:
    marks = Marks()
    return Inbox(bound, on_full=marks.on_full, on_room=marks.on_room), marks


async def test_events_come_out_in_order() -> None:
    box, _ = inbox()
    for seq in (1, 2, 3):
        box.put(event(seq), 1)

    assert [1, 2, 3] == [(await box.get()).seq for _ in range(3)]


async def test_a_reader_that_waits_is_woken() -> None:
    box, _ = inbox()
    waiting = asyncio.create_task(box.get())
    await asyncio.sleep(0)

    box.put(event(1), 1)

    assert 1 == (await waiting).seq


async def test_g38_reading_pauses_over_the_bound_and_goes_on_at_half_of_it() -> None:
    box, marks = inbox(100)
    for seq in range(5):
        box.put(event(seq), 30)
    assert (1, 0) == (marks.full, marks.room)

    for _ in range(3):
        await box.get()
    assert 0 == marks.room
    await box.get()

    assert (1, 1) == (marks.full, marks.room)


async def test_g21_an_event_is_dealt_with_when_the_next_is_asked_for() -> None:
    box, _ = inbox()
    box.put(event(1), 1, begins=True)
    box.put(event(2), 1)
    handled = [box.handled]

    for _ in range(2):
        await box.get()
        handled.append(box.handled)

    assert [1, 1, 1] == handled
    asking = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    assert 2 == box.handled
    asking.cancel()


async def test_g21_what_was_dealt_with_in_an_old_session_says_nothing_about_a_new_one() -> None:
    box, _ = inbox()
    box.put(event(1), 1, begins=True)
    box.put(event(500), 1)
    box.put(event(1), 1, begins=True)
    box.put(event(2), 1)

    await box.get()
    await box.get()
    await box.get()
    assert 1 == box.handled
    await box.get()
    assert 1 == box.handled


async def test_an_event_without_number_leaves_what_is_dealt_with() -> None:
    box, _ = inbox()
    box.put(event(1), 1, begins=True)
    box.put(event(None), 1)
    box.put(event(2), 1)

    for _ in range(3):
        await box.get()

    assert 1 == box.handled


async def test_a_second_reader_is_told() -> None:
    box, _ = inbox()
    first = asyncio.create_task(box.get())
    await asyncio.sleep(0)

    with pytest.raises(GatewayError, match="waits"):
        await box.get()
    first.cancel()


async def test_a_cancelled_reader_leaves_the_place_to_the_next() -> None:
    box, _ = inbox()
    first = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    box.put(event(1), 1)

    assert 1 == (await box.get()).seq


async def test_an_end_with_an_error_lets_the_rest_be_read_first() -> None:
    box, _ = inbox()
    box.put(event(1), 1)
    box.end(KeyError("end"))

    assert 1 == (await box.get()).seq
    for _ in range(2):
        with pytest.raises(KeyError):
            await box.get()


async def test_an_end_wakes_who_waits() -> None:
    box, _ = inbox()
    waiting = asyncio.ensure_future(_ended(box))
    await asyncio.sleep(0)

    box.end(None)

    assert await waiting


async def _ended(box: Inbox) -> bool:
    try:
        await box.get()
    except StopAsyncIteration:
        return True
    return False


# G33


class Clock:
    """Time that passes when somebody waits for it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sleeping = 0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        due = self.now + seconds
        self.sleeping += 1
        await asyncio.sleep(0)
        self.sleeping -= 1
        self.now = max(self.now, due)


async def storm(gate: IdentifyGate, clock: Clock, shards: int) -> list[tuple[int, float]]:
    written: list[tuple[int, float]] = []

    async def identify(shard_id: int) -> None:
        leave = await gate.acquire(shard_id)
        written.append((shard_id, clock.now))
        leave.written()

    async with asyncio.TaskGroup() as group:
        for shard_id in range(shards):
            group.create_task(identify(shard_id))
    return written


async def test_g33_a_storm_of_identifies_is_five_seconds_apart_and_in_order() -> None:
    clock = Clock()

    written = await storm(IdentifyGate(1, clock=clock, random=lambda: 0.0), clock, 64)

    assert [(n, 100.0 + 5.0 * n) for n in range(64)] == written


async def test_g33_keys_do_not_wait_for_each_other() -> None:
    clock = Clock()

    written = await storm(IdentifyGate(16, clock=clock, random=lambda: 0.0), clock, 64)

    assert list(range(64)) == [shard_id for shard_id, _ in written]
    for key in range(16):
        times = [at for shard_id, at in written if shard_id % 16 == key]
        assert all(later - earlier >= 5.0 for earlier, later in pairwise(times))
    assert 115.0 == written[-1][1]


async def test_g33_up_to_half_a_second_is_added_by_chance() -> None:
    clock = Clock()

    written = await storm(IdentifyGate(1, clock=clock, random=lambda: 1.0), clock, 2)

    assert 5.5 == written[1][1] - written[0][1]


async def test_a_leave_that_is_not_used_costs_nobody_time() -> None:
    clock = Clock()
    gate = IdentifyGate(1, clock=clock)
    (await gate.acquire(0)).cancel()

    leave = await gate.acquire(1)

    assert 100.0 == clock.now
    leave.written()
    leave.cancel()


async def test_who_gives_up_waiting_lets_the_next_go_on() -> None:
    clock = Clock()
    gate = IdentifyGate(1, clock=clock)
    first: Any = await gate.acquire(0)
    second = asyncio.create_task(gate.acquire(1))
    third = asyncio.create_task(gate.acquire(2))
    await asyncio.sleep(0)

    second.cancel()
    first.cancel()
    await until(third.done)

    assert third.result() is not None
