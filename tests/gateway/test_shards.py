"""Many shards in virtual time: who identifies when, what is stored, how it ends."""

import asyncio
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from acord import commands
from acord.core.errors import (
    AuthenticationFailed,
    DisallowedIntents,
    ForkedClient,
    GatewayError,
    InvalidRequest,
    TransportError,
    Unauthorized,
)
from acord.core.session_state import SessionState
from acord.core.sessions import MemorySession
from acord.core.shards import Gateway
from acord.core.signals.gateway import Intents
from acord.core.start import GATEWAY_URL, read
from tests.gateway.fleet import API, Beats, Fleet, VirtualClock, limits

TOKEN = "canary.token.value"


def gateway(clock: VirtualClock, http: Any, **options: Any) -> Gateway:
    chance = random.Random(5)
    settings: dict[str, Any] = {"intents": 1, "keepalive": Beats, "compress": None, "random": chance.random}
    return Gateway(TOKEN, http=http, clock=clock, **(settings | options))


def key_times(fleet: Fleet, key: int, concurrency: int) -> list[tuple[float, int]]:
    return [(at, shard) for at, shard in fleet.identifies if shard % concurrency == key]


@pytest.mark.parametrize(("shards", "concurrency"), [(64, 16), (6, 1), (64, 64)])
async def test_g33_each_key_identifies_in_order_and_five_seconds_apart(
    fleet: Fleet, clock: VirtualClock, shards: int, concurrency: int
) -> None:
    async with gateway(clock, API(limits(shards, concurrency))):
        await clock.until(lambda: len(fleet.identifies) == shards)

    for key in range(concurrency):
        times = key_times(fleet, key, concurrency)
        assert [*range(key, shards, concurrency)] == [shard for _, shard in times]
        gaps = [later - earlier for (earlier, _), (later, _) in pairwise(times)]
        assert all(5.0 <= gap <= 5.6 for gap in gaps), gaps
    # The keys do not wait for each other.
    assert all(at - 1000.0 < 0.1 for at, shard in fleet.identifies if shard < concurrency)


async def test_a_slice_runs_its_own_shards_alone(fleet: Fleet, clock: VirtualClock) -> None:
    async with gateway(clock, API(limits(64, 16)), shard_ids=range(16, 32), shard_count=64) as fleet_of_16:
        await clock.until(lambda: len(fleet.identifies) == 16)

        assert [*range(16, 32)] == sorted(fleet_of_16.shards)
        assert 64 == fleet_of_16.shard_count
        with pytest.raises(GatewayError, match="shard 0"):
            fleet_of_16.shard_of(1)
    assert [*range(16, 32)] == sorted(shard for _, shard in fleet.identifies)


async def test_g8_64_simultaneous_disconnects_resume_spread_and_without_an_identify(
    fleet: Fleet, clock: VirtualClock
) -> None:
    async with gateway(clock, API(limits(64, 64))):
        await clock.until(lambda: len(fleet.open) == 64)
        await clock.run(90)
        cut = clock.now
        for wire in list(fleet.open.values()):
            wire.drop()
        await clock.until(lambda: len(fleet.resumes) == 64)
        await clock.run(60)

    after = sorted(at - cut for at, _, _ in fleet.resumes)
    assert 64 == len(fleet.identifies) == len(after)
    assert after[-1] <= 0.05 * 64
    # Spread evenly, more or less: no more than a third in any sixth of the time.
    sixth = 0.05 * 64 / 6
    assert max(sum(n * sixth <= at < (n + 1) * sixth for at in after) for n in range(6)) <= 64 / 3


async def test_one_shards_final_end_ends_the_others_and_is_raised_to_the_owner(
    fleet: Fleet, clock: VirtualClock
) -> None:
    fleet.refuse[2] = 4014
    async with gateway(clock, API(limits(4, 4)), intents=Intents.GUILDS | Intents.GUILD_MEMBERS) as under_test:
        await clock.settle()
        with pytest.raises(DisallowedIntents, match=r"Intents\.GUILD_MEMBERS .*Server Members Intent"):
            await under_test.wait()
        with pytest.raises(DisallowedIntents):
            while True:
                await anext(under_test)

    assert {} == fleet.open
    assert [(0, 1000), (1, 1000), (3, 1000)] == sorted(fleet.closes)


# G34: the day's Identifies


async def test_g34_too_few_identifies_are_left_to_start(fleet: Fleet, clock: VirtualClock) -> None:
    with pytest.raises(GatewayError, match=r"52 of 1000 .* 1 h 0 min .* 50 are kept .* 4 are needed"):
        await gateway(clock, API(limits(4, 4, remaining=52))).open()

    assert [] == fleet.connects


async def test_g34_sessions_that_end_again_and_again_stop_at_the_reserve_until_the_day_is_over(
    fleet: Fleet, clock: VirtualClock
) -> None:
    async with gateway(clock, API(limits(1, 1, remaining=60))):
        for _ in range(30):
            await clock.run(60)
            for wire in fleet.open.values():
                wire.say(9, False)
        assert 10 == len(fleet.identifies)

        await clock.run(3600)
        assert 11 == len(fleet.identifies)


async def test_g34_resumes_need_none(fleet: Fleet, clock: VirtualClock) -> None:
    store = MemorySession()
    async with gateway(clock, API(limits(2, 2)), sessions=store):
        await clock.until(lambda: len(fleet.open) == 2)
    async with gateway(clock, API(limits(2, 2, remaining=0)), sessions=store):
        await clock.until(lambda: len(fleet.resumes) == 2)

    assert 2 == len(fleet.identifies)


# G35: Get Gateway Bot


async def test_g35_get_gateway_that_fails_is_asked_again_and_then_done_without(
    fleet: Fleet, clock: VirtualClock
) -> None:
    api = API(TransportError("down"))
    under_test = gateway(clock, api)
    opening = asyncio.ensure_future(under_test.open())
    await clock.until(lambda: len(fleet.identifies) == 1)
    await opening

    assert 5 == api.asked
    assert (under_test.shard_count, clock.now > 1010) == (1, True)
    await under_test.close()


async def test_g35_given_numbers_need_no_answer(fleet: Fleet, clock: VirtualClock) -> None:
    api = API(TransportError("down"))
    async with gateway(clock, api, shard_count=2):
        await clock.until(lambda: len(fleet.identifies) == 2)
    assert 1 == api.asked

    async with gateway(clock, api, shard_count=2, max_concurrency=2, url="wss://gateway.discord.gg"):
        await clock.until(lambda: len(fleet.identifies) == 4)
    assert 1 == api.asked


async def test_g35_an_unreachable_gateway_is_tried_with_backoff(fleet: Fleet, clock: VirtualClock) -> None:
    fleet.up = False
    async with gateway(clock, API(limits())):
        await clock.run(600)
        tried = len(fleet.connects)
        fleet.up = True
        await clock.until(lambda: len(fleet.identifies) == 1)

    assert 10 < tried < 30


async def test_a_refused_token_is_one_error_wherever_it_is_noticed(fleet: Fleet, clock: VirtualClock) -> None:
    under_test = gateway(clock, API(Unauthorized(401)), made_at="bot.py:7", token_from="the environment variable T")

    with pytest.raises(AuthenticationFailed, match=r"It came from the environment variable T, in bot\.py:7"):
        await under_test.open()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"url": "wss://evil.example"}, (GATEWAY_URL, 4, 16)),
        ({"url": "ws://127.0.0.1:1"}, (GATEWAY_URL, 4, 16)),
        ({"url": 7, "shards": "many"}, (GATEWAY_URL, 1, 16)),
        ({"shards": -1}, (GATEWAY_URL, 1, 16)),
        ({"shards": 10**9}, (GATEWAY_URL, 1, 16)),
        ({"session_start_limit": None}, (GATEWAY_URL, 4, 1)),
        ({"session_start_limit": {"max_concurrency": True}}, (GATEWAY_URL, 4, 1)),
    ],
)
def test_an_answer_that_makes_no_sense_leads_to_the_usual_numbers(
    changes: dict[str, Any], expected: tuple[str, int, int]
) -> None:
    start = read(limits(4, 16) | changes)

    assert expected == (start.url, start.shards, start.max_concurrency)


def test_a_local_api_may_name_a_local_gateway() -> None:
    assert "ws://127.0.0.1:1" == read(limits() | {"url": "ws://127.0.0.1:1"}, local=True).url
    assert GATEWAY_URL == read(limits() | {"url": "ws://evil.example"}, local=True).url


# Sessions


async def test_a_restarted_gateway_resumes_every_shard_at_the_last_event_dealt_with(
    fleet: Fleet, clock: VirtualClock
) -> None:
    store = MemorySession()
    async with gateway(clock, API(limits(2, 2)), sessions=store) as first:
        await clock.until(lambda: len(fleet.open) == 2)
        for wire in fleet.open.values():
            for s in (2, 3, 4):
                wire.say(0, {}, s, "X")
        taken = [await anext(first) for _ in range(4)]  # READY twice, then two of shard 0
        assert [0, 1, 0, 0] == [one.shard_id for one in taken]
    async with gateway(clock, API(limits(2, 2)), sessions=store):
        await clock.until(lambda: len(fleet.resumes) == 2)

    assert {(0, 2), (1, 1)} == {(shard, seq) for _, shard, seq in fleet.resumes}
    assert {4000} == {code for _, code in fleet.closes}


async def test_a_session_of_another_token_is_not_resumed(fleet: Fleet, clock: VirtualClock) -> None:
    store = MemorySession()
    async with gateway(clock, API(limits()), sessions=store):
        await clock.until(lambda: fleet.open)
    store.sessions = {key: _of_another(state) for key, state in store.sessions.items()}
    async with gateway(clock, API(limits()), sessions=store):
        await clock.until(lambda: len(fleet.identifies) == 2)
    # It needs an Identify, which is known before anything is opened.
    store.sessions = {key: _of_another(state) for key, state in store.sessions.items()}
    with pytest.raises(GatewayError, match="1 are needed"):
        await gateway(clock, API(limits(remaining=0)), sessions=store).open()

    assert [] == fleet.resumes


def _of_another(state: SessionState) -> SessionState:
    return SessionState.from_dict(state.to_dict() | {"fingerprint": "0" * 16})


async def test_without_a_store_the_session_ends_with_the_gateway(fleet: Fleet, clock: VirtualClock) -> None:
    async with gateway(clock, API(limits())):
        await clock.until(lambda: fleet.open)

    assert [(0, 1000)] == fleet.closes


class BrokenStore(MemorySession):
    async def save(self, sessions: Sequence[SessionState]) -> None:
        raise OSError("no space left on device")


async def test_p13_a_store_that_fails_is_given_up_with_a_warning(
    fleet: Fleet, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with gateway(clock, API(limits()), sessions=BrokenStore()) as under_test:
        await clock.until(lambda: fleet.open)
        await clock.run(30)
        assert "ready" == under_test.shards[0].state

    assert 1 == sum("not kept any longer" in record.message for record in caplog.records)


async def test_p10_a_new_token_is_used_for_the_next_session(fleet: Fleet, clock: VirtualClock) -> None:
    async with gateway(clock, API(limits())) as under_test:
        await clock.until(lambda: fleet.open)
        under_test.token = "other.token.value"
        await clock.run(30)
        assert 1 == len(fleet.identifies)

        fleet.open[0].say(9, False)
        await clock.until(lambda: len(fleet.identifies) == 2)
        assert under_test.shards[0].token == "other.token.value"
        state = under_test.shards[0].export()
        assert state is not None and state.fingerprint == under_test.token.fingerprint


# Sending


async def test_a_command_goes_to_the_guilds_shard_or_to_all(fleet: Fleet, clock: VirtualClock) -> None:
    async with gateway(clock, API(limits(4, 4))) as under_test:
        await clock.until(lambda: len(fleet.open) == 4)
        await under_test.send(commands.RequestChannelInfo(guild_id=2 << 22, fields=["status"]))
        await clock.settle()
        assert [(2, 43)] == [(shard, payload["op"]) for shard, payload in fleet.commands]
        fleet.commands.clear()

        await under_test.send(commands.UpdatePresence(since=None, activities=[], status="idle", afk=False))
        await clock.settle()
        assert [0, 1, 2, 3] == sorted(shard or 0 for shard, _ in fleet.commands)
        fleet.commands.clear()

        await under_test.send(commands.UpdatePresence(since=None, activities=[], status="idle", afk=False), shard_id=3)
        await clock.settle()
        assert [3] == [shard for shard, _ in fleet.commands]


async def test_g32_500_presences_in_a_second_are_one_or_few_and_the_newest_wins(
    fleet: Fleet, clock: VirtualClock
) -> None:
    async with gateway(clock, API(limits())) as under_test:
        await clock.until(lambda: fleet.open)
        shard = under_test.shards[0]
        for number in range(500):
            shard.send(
                commands.UpdatePresence(
                    since=None, activities=[{"name": str(number), "type": 0}], status="online", afk=False
                )
            )
        await clock.run(61)

    sent = [payload["d"]["activities"][0]["name"] for _, payload in fleet.commands]
    assert len(sent) <= 6
    assert "499" == sent[-1]


# Arguments and misuse


@pytest.mark.parametrize(
    "options",
    [
        {"shard_ids": [0]},
        {"shard_ids": [4], "shard_count": 4},
        {"shard_ids": [-1], "shard_count": 4},
        {"shard_ids": [], "shard_count": 4},
        {"shard_count": 0},
    ],
)
def test_shards_that_do_not_fit_their_number_are_refused(clock: VirtualClock, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="shard"):
        gateway(clock, None, **options)


async def test_p6_a_fork_cannot_use_its_parents_gateway(
    fleet: Fleet, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gateway(clock, API(limits())) as under_test:
        monkeypatch.setattr("os.getpid", lambda: -2)
        with pytest.raises(ForkedClient):
            await anext(under_test)
        monkeypatch.undo()


async def test_it_is_opened_once(fleet: Fleet, clock: VirtualClock) -> None:
    async with gateway(clock, API(limits())) as under_test:
        with pytest.raises(GatewayError, match="opened once"):
            await under_test.open()


async def test_nothing_is_left_after_closing(fleet: Fleet, clock: VirtualClock) -> None:
    async with gateway(clock, API(limits(8, 1)), sessions=MemorySession()):
        await clock.until(lambda: len(fleet.open) == 2)

    assert {asyncio.current_task()} == asyncio.all_tasks()
    assert {} == fleet.open


class ClosedGate:
    """Gives nobody leave."""

    async def acquire(self, shard_id: int) -> Any:
        await asyncio.Event().wait()


async def test_p1_closing_waits_neither_for_the_gate_nor_for_the_day_to_end(fleet: Fleet, clock: VirtualClock) -> None:
    async with gateway(clock, API(limits(2, 1)), gate=ClosedGate()) as under_test:
        await clock.until(lambda: fleet.wires)
        await clock.settle()
        assert "wait_slot" == under_test.shards[0].state
        begun = clock.now

    assert begun == clock.now
    assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_p1_closing_does_not_wait_for_get_gateway(fleet: Fleet, clock: VirtualClock) -> None:
    under_test = gateway(clock, API(TransportError("down")))
    opening = asyncio.ensure_future(under_test.open())
    await clock.settle()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening

    assert {asyncio.current_task()} == asyncio.all_tasks()
