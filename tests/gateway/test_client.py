"""The client: listeners, iterators, what they cost each other, and how it all ends."""

import asyncio
import functools
import gc
import json
import warnings
from typing import Any

import pytest

from acord import Client, Dispatch, Intents, MemorySession, Token, commands, events
from acord.core import dispatch as module
from acord.core.actions import Report
from acord.core.errors import (
    AuthenticationFailed,
    ClientClosed,
    ForkedClient,
    GatewayError,
    InvalidIntents,
    InvalidRequest,
)
from acord.core.event import Event, decode
from acord.core.listeners import Failure
from tests.gateway.fleet import API, Beats, Fleet, VirtualClock, Wire, limits

TOKEN = "canary.token.value"
ALL = Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT


def message(**changes: Any) -> dict[str, Any]:
    user = {"id": "1", "username": "mina", "discriminator": "0", "avatar": None, "global_name": None}
    return {
        "id": "5",
        "channel_id": "6",
        "guild_id": "7",
        "author": user,
        "content": "hi",
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
    } | changes


class Bot:
    """A client on a gateway without sockets, and what goes wrong in it."""

    def __init__(self, clock: VirtualClock, **options: Any) -> None:
        self.failures: list[Failure] = []
        settings: dict[str, Any] = {
            "token": TOKEN,
            "intents": ALL,
            "url": "wss://gateway.discord.gg",
            "shard_count": 1,
            "max_concurrency": 1,
            "keepalive": Beats,
            "compress": None,
            "clock": clock,
            "on_error": self.failures.append,
        }
        self.clock = clock
        self.client = Client(**(settings | options))
        self.running: asyncio.Task[None] | None = None
        self.seq = 1

    async def __aenter__(self) -> "Bot":
        await self.client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()
        if self.running is not None:
            await asyncio.gather(self.running, return_exceptions=True)

    async def start(self, fleet: Fleet) -> Wire:
        self.running = asyncio.ensure_future(self.client.run_forever())
        await self.clock.until(lambda: fleet.open)
        await self.clock.settle()
        return fleet.open[0]

    async def say(self, wire: Wire, name: str = "MESSAGE_CREATE", body: Any = None) -> None:
        self.seq += 1
        wire.say(0, message() if body is None else body, self.seq, name)
        await self.clock.settle()


# Listening


async def test_listeners_get_the_typed_event_sync_and_async_in_order(fleet: Fleet, clock: VirtualClock) -> None:
    bot, seen = Bot(clock), list[Any]()

    @bot.client.on(events.MessageCreate)
    def first(event: events.MessageCreate) -> None:
        seen.append(("sync", event.content))

    @bot.client.on(events.MessageCreate)
    async def second(event: events.MessageCreate) -> None:
        seen.append(("async", event.content))

    async with bot:
        wire = await bot.start(fleet)
        await bot.say(wire)

    assert [("sync", "hi"), ("async", "hi")] == seen


async def test_an_event_knows_the_client_it_came_through(fleet: Fleet, clock: VirtualClock) -> None:
    bot, seen = Bot(clock), list[Any]()
    bot.client.on(events.MessageCreate)(seen.append)
    async with bot:
        await bot.say(await bot.start(fleet))

        assert seen[0].conn is bot.client.http


async def test_partials_methods_and_callable_objects_listen(fleet: Fleet, clock: VirtualClock) -> None:
    bot, seen = Bot(clock), list[str]()

    class Callable:
        async def __call__(self, event: Any) -> None:
            seen.append("object")

        async def method(self, event: Any) -> None:
            seen.append("method")

    async def partial(word: str, event: Any) -> None:
        seen.append(word)

    for function in (Callable(), Callable().method, functools.partial(partial, "partial")):
        bot.client.on(events.MessageCreate)(function)
    async with bot:
        await bot.say(await bot.start(fleet))

    assert ["method", "object", "partial"] == sorted(seen)
    assert [] == bot.failures


async def test_a_filter_says_which_events(fleet: Fleet, clock: VirtualClock) -> None:
    bot, seen = Bot(clock), list[str]()
    bot.client.on(events.MessageCreate, where=lambda event: event.content == "!ping")(
        lambda event: seen.append(event.content)
    )
    async with bot:
        wire = await bot.start(fleet)
        await bot.say(wire)
        await bot.say(wire, body=message(content="!ping"))

    assert ["!ping"] == seen


async def test_unknown_events_and_opcodes_are_delivered(fleet: Fleet, clock: VirtualClock) -> None:
    bot, unknown, named, raw, everything = Bot(clock), list[Any](), list[Any](), list[Any](), list[Any]()
    bot.client.on(events.Unknown)(unknown.append)
    bot.client.on("BRAND_NEW")(named.append)
    bot.client.on(Dispatch)(raw.append)
    bot.client.on(Event)(everything.append)
    async with bot:
        wire = await bot.start(fleet)
        await bot.say(wire, "BRAND_NEW", {"x": 1})
        await bot.say(wire)
        wire.say(99, {"y": 2})
        await clock.settle()

    assert [("BRAND_NEW", {"x": 1}), ("OP_99", {"y": 2})] == [(one.name, one.data) for one in unknown]
    assert ["BRAND_NEW"] == [one.name for one in named]
    assert ["READY", "BRAND_NEW", "MESSAGE_CREATE", "OP_99"] == [one.name for one in raw]
    assert [events.Unknown, events.MessageCreate, events.Unknown] == [type(one) for one in everything[1:]]


async def test_a_class_that_stands_in_for_another_gets_its_own_events(fleet: Fleet, clock: VirtualClock) -> None:
    bot, down, whole = Bot(clock), list[Any](), list[Any]()
    bot.client.on(events.GuildCreateUnavailable)(down.append)
    bot.client.on(events.GuildCreate)(whole.append)
    async with bot:
        await bot.say(await bot.start(fleet), "GUILD_CREATE", {"id": "1", "unavailable": True})

    assert ([1], []) == ([one.id for one in down], whole)


async def test_nothing_is_decoded_that_nobody_reads(
    fleet: Fleet, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = Bot(clock)
    bot.client.on(events.MessageDelete)(lambda event: None)
    decoded: list[str] = []
    fitting, odd, own = module._load_models()

    def typed(name: str, data: Any) -> Any:
        decoded.append(name)
        return fitting(name, data)

    monkeypatch.setattr(module, "_models", (typed, odd, own))
    async with bot:
        wire = await bot.start(fleet)
        for _ in range(5):
            await bot.say(wire)
        assert [] == decoded
        await bot.say(wire, "MESSAGE_DELETE", {"id": "5", "channel_id": "6"})

    assert ["MESSAGE_DELETE"] == decoded


async def test_g39_a_listener_that_another_has_ended_is_not_called_again(fleet: Fleet, clock: VirtualClock) -> None:
    bot, seen = Bot(clock), list[str]()

    @bot.client.on(events.MessageCreate)
    def first(event: events.MessageCreate) -> None:
        seen.append("first")
        bot.client.off(second)

    @bot.client.on(events.MessageCreate)
    def second(event: events.MessageCreate) -> None:
        seen.append("second")

    async with bot:
        await bot.say(await bot.start(fleet))

    assert ["first"] == seen


async def test_g39_listeners_come_and_go_inside_of_themselves(fleet: Fleet, clock: VirtualClock) -> None:
    bot, seen = Bot(clock), list[str]()

    @bot.client.on(events.MessageCreate)
    def once(event: events.MessageCreate) -> None:
        seen.append("once")
        bot.client.off(once)
        bot.client.on(events.MessageCreate)(lambda event: seen.append("new"))

    bot.client.on(events.MessageCreate)(lambda event: seen.append("other"))
    async with bot:
        wire = await bot.start(fleet)
        await bot.say(wire)
        await bot.say(wire)

    assert ["once", "other", "other", "new"] == seen


async def test_g39_a_listener_closes_the_client_it_belongs_to(fleet: Fleet, clock: VirtualClock) -> None:
    bot, done = Bot(clock), list[str]()

    @bot.client.on(events.MessageCreate)
    async def listener(event: events.MessageCreate) -> None:
        await bot.client.close()
        done.append("closed")

    async with bot:
        await bot.say(await bot.start(fleet))
        async with asyncio.timeout(60):
            assert bot.running is not None
            await bot.running
        await clock.settle()

    assert ["closed"] == done


# What listeners do wrong


async def test_g37_what_a_listener_raises_is_told_and_harms_nobody(
    fleet: Fleet, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    bot, seen = Bot(clock), list[str]()

    @bot.client.on(events.MessageCreate)
    def bad(event: events.MessageCreate) -> None:
        raise ZeroDivisionError

    @bot.client.on(events.MessageCreate)
    async def also_bad(event: events.MessageCreate) -> None:
        raise KeyError("x")

    @bot.client.on(events.MessageCreate)
    async def cancels_itself(event: events.MessageCreate) -> None:
        raise asyncio.CancelledError

    bot.client.on(events.MessageCreate, where=lambda event: 1 / 0)(lambda event: None)
    bot.client.on(events.MessageCreate)(lambda event: seen.append(event.content))
    async with bot:
        wire = await bot.start(fleet)
        await bot.say(wire)
        await bot.say(wire)

    expected = [ZeroDivisionError, ZeroDivisionError, KeyError, asyncio.CancelledError] * 2
    assert expected == [type(failure.error) for failure in bot.failures]
    assert ["hi", "hi"] == seen
    assert bad in [failure.listener for failure in bot.failures]
    assert 8 == sum("failed with MESSAGE_CREATE" in record.message for record in caplog.records)


async def test_p15_an_error_hook_that_raises_changes_nothing(fleet: Fleet, clock: VirtualClock) -> None:
    def hook(failure: Failure) -> None:
        raise RuntimeError("hook")

    bot, seen = Bot(clock, on_error=hook), list[Any]()
    bot.client.on(events.MessageCreate)(lambda event: 1 / 0)
    bot.client.on(events.MessageCreate)(seen.append)
    async with bot:
        await bot.say(await bot.start(fleet))

    assert 1 == len(seen)


async def test_g37_what_failed_has_the_event_that_its_listener_was_given(fleet: Fleet, clock: VirtualClock) -> None:
    bot, given = Bot(clock), list[Any]()

    def fail(event: Any) -> None:
        given.append(event)
        raise ValueError

    bot.client.on(events.MessageCreate)(fail)
    async with bot:
        await bot.say(await bot.start(fleet))

    assert [given[0]] == [failure.dispatch.data for failure in bot.failures if failure.dispatch.data is given[0]]


async def test_g37_a_listener_to_everything_that_raises_is_told_of_each_event(
    fleet: Fleet, clock: VirtualClock
) -> None:
    bot = Bot(clock)
    async with bot:
        wire = await bot.start(fleet)
        bot.client.on(Dispatch)(lambda dispatch: 1 / 0)
        await bot.say(wire)
        await bot.say(wire, "AN_EVENT_OF_TOMORROW")

    assert ["MESSAGE_CREATE", "AN_EVENT_OF_TOMORROW"] == [failure.dispatch.name for failure in bot.failures]


async def test_a_plain_function_that_returns_a_coroutine_is_told(fleet: Fleet, clock: VirtualClock) -> None:
    bot = Bot(clock)

    async def work() -> None: ...

    bot.client.on(events.MessageCreate)(lambda event: work())
    async with bot:
        await bot.say(await bot.start(fleet))

    assert ["the listener returned something to await: make it an `async def`"] == [
        str(failure.error) for failure in bot.failures
    ]


async def test_an_event_of_another_kind_altogether_is_told(fleet: Fleet, clock: VirtualClock) -> None:
    bot, seen = Bot(clock), list[Any]()
    bot.client.on(events.MessageCreate)(seen.append)
    async with bot:
        await bot.say(await bot.start(fleet), body=[1, 2])

    assert ([], 1) == (seen, len(bot.failures))


async def test_g37_a_listener_that_hangs_holds_up_no_other_and_no_heartbeat(fleet: Fleet, clock: VirtualClock) -> None:
    bot, seen, drops = Bot(clock, queue_bytes=10_000), list[str](), list[str]()

    @bot.client.on(events.MessageCreate, concurrency=1, keep=3)
    async def hangs(event: events.MessageCreate) -> None:
        await asyncio.Event().wait()

    bot.client.on(events.MessageCreate)(lambda event: seen.append(event.content))
    async with bot:
        wire = await bot.start(fleet)
        for _ in range(100):
            await bot.say(wire)
        assert (100, False) == (len(seen), wire.paused)
        await clock.run(600)
        assert {0: wire} == fleet.open
        drops += [one for one in ("x",) if not wire.closed.done()]

    assert ["x"] == drops


async def test_g38_a_slow_listener_pauses_reading_and_it_goes_on_when_half_is_done(
    fleet: Fleet, clock: VirtualClock
) -> None:
    reports: list[str] = []
    bot = Bot(
        clock,
        queue_bytes=4_000,
        on_report=lambda shard, what: reports.append(what.kind) if isinstance(what, Report) else None,
    )
    gate = asyncio.Semaphore(0)

    @bot.client.on(events.MessageCreate, concurrency=1)
    async def slow(event: events.MessageCreate) -> None:
        await gate.acquire()

    async with bot:
        wire = await bot.start(fleet)
        size = len(json.dumps({"op": 0, "d": message(), "s": 2, "t": "MESSAGE_CREATE"}))
        while not wire.paused:
            await bot.say(wire)
        waiting = bot.seq - 1
        assert 4_000 < waiting * size <= 4_000 + size + waiting * 2
        assert {"behind", "paused"} <= {*reports}

        for _ in range(waiting // 2 + 1):
            gate.release()
            await clock.settle()
        assert not wire.paused
        for _ in range(waiting):
            gate.release()


async def test_at_most_so_many_of_an_async_listener_run_at_once(fleet: Fleet, clock: VirtualClock) -> None:
    bot = Bot(clock, concurrency=3)
    running, most, gate = 0, 0, asyncio.Semaphore(0)

    @bot.client.on(events.MessageCreate)
    async def listener(event: events.MessageCreate) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.acquire()
        running -= 1

    async with bot:
        wire = await bot.start(fleet)
        for _ in range(10):
            await bot.say(wire)
        before = len(asyncio.all_tasks())
        for _ in range(10):
            gate.release()
            await clock.settle()
        # The tasks stay for the next event.
        assert before == len(asyncio.all_tasks())

    assert (3, 0) == (most, running)


# What is asked for


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (events.MessageReactionAdd, "Intents.GUILD_MESSAGE_REACTIONS or Intents.DIRECT_MESSAGE_REACTIONS"),
        (events.PresenceUpdate, "Intents.GUILD_PRESENCES"),
        ("TYPING_START", "add Intents.GUILD_MESSAGE_TYPING to intents="),
        (events.Hello, "each shard deals with itself"),
        (Event.__base__, "a class of acord.events"),
        (7, "a class of acord.events"),
    ],
)
def test_an_event_that_can_never_come_is_said_at_once(clock: VirtualClock, what: Any, expected: str) -> None:
    client = Bot(clock).client

    with pytest.raises(InvalidRequest, match=expected):
        client.on(what)
    with pytest.raises(InvalidRequest, match=expected):
        client.events(what)


def test_the_bots_own_member_changes_come_without_the_intent(clock: VirtualClock) -> None:
    def listener(event: events.GuildMemberUpdate) -> None: ...

    assert listener is Bot(clock).client.on(events.GuildMemberUpdate)(listener)


def test_a_class_of_the_users_own_is_no_event(clock: VirtualClock) -> None:
    class Mine(events.MessageCreate): ...

    with pytest.raises(InvalidRequest, match="Mine is what no event becomes"):
        Bot(clock).client.on(Mine)


async def test_messages_without_content_and_without_the_intent_are_explained_once(
    fleet: Fleet, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    bot = Bot(clock, intents=Intents.GUILD_MESSAGES)
    bot.client.on(events.MessageCreate)(lambda event: None)

    def hints() -> int:
        return sum("MESSAGE_CONTENT" in record.message for record in caplog.records)

    async with bot:
        wire = await bot.start(fleet)
        for body in (
            message(),
            message(content="", sticker_items=[{"id": "1", "name": "x", "format_type": 1}]),
            message(content="", type=7),
            message(content="", guild_id=None),
        ):
            await bot.say(wire, body=body)
        assert 0 == hints()
        await bot.say(wire, body=message(content=""))
        await bot.say(wire, body=message(content=""))

    assert 1 == hints()


# Iterators


async def test_events_are_iterated_over_and_the_iterator_opens_the_gateway(fleet: Fleet, clock: VirtualClock) -> None:
    bot = Bot(clock)
    async with bot:
        assert [] == fleet.connects
        stream = bot.client.events(events.MessageCreate, events.MessageDelete)
        coming = asyncio.ensure_future(anext(stream))
        await clock.until(lambda: fleet.open)
        await bot.say(fleet.open[0])
        await bot.say(fleet.open[0], "TYPING_START", {})
        await bot.say(fleet.open[0], "MESSAGE_DELETE", {"id": "5", "channel_id": "6"})

        assert "hi" == getattr(await coming, "content", None)
        assert isinstance(await anext(stream), events.MessageDelete)


async def test_leaving_the_loop_leaves_nothing_that_waits(fleet: Fleet, clock: VirtualClock) -> None:
    bot = Bot(clock, queue_bytes=1_000)
    async with bot:
        wire = await bot.start(fleet)
        stream = bot.client.events(events.MessageCreate)
        for _ in range(5):
            await bot.say(wire)
        assert wire.paused
        async for _ in stream:
            break
        del stream
        gc.collect()

        assert not wire.paused
        for _ in range(20):
            await bot.say(wire)
        assert not wire.paused


async def test_iterators_end_with_the_client_and_raise_what_ended_the_gateway(
    fleet: Fleet, clock: VirtualClock
) -> None:
    bot = Bot(clock)
    async with bot:
        reading = asyncio.ensure_future(_all(bot.client))
        await clock.until(lambda: fleet.open)
        await bot.say(fleet.open[0])
        fleet.open[0].drop(4004)
        with pytest.raises(AuthenticationFailed):
            await reading

    bot = Bot(clock)
    async with bot:
        reading = asyncio.ensure_future(_all(bot.client))
        await clock.until(lambda: fleet.open)
        await bot.client.close()
        assert [] == await reading


async def _all(client: Client) -> list[Any]:
    return [event async for event in client.events(events.MessageCreate)]


async def test_wait_for_gives_the_next_that_fits_or_times_out(fleet: Fleet, clock: VirtualClock) -> None:
    bot = Bot(clock)
    async with bot:
        wire = await bot.start(fleet)
        waiting = asyncio.ensure_future(
            bot.client.wait_for(events.MessageCreate, where=lambda event: event.content == "b", timeout=5)
        )
        late = asyncio.ensure_future(bot.client.wait_for(events.MessageDelete, timeout=5))
        await clock.settle()
        for content in "abc":
            await bot.say(wire, body=message(content=content))
        assert "b" == (await waiting).content
        await clock.run(6)
        with pytest.raises(TimeoutError, match="no MessageDelete within 5 seconds"):
            await late


# Life


async def test_entering_opens_nothing_and_needs_no_gateway(fleet: Fleet, clock: VirtualClock) -> None:
    async with Bot(clock):
        await clock.run(10)

    assert [] == fleet.connects


async def test_nothing_survives_closing(fleet: Fleet, clock: VirtualClock) -> None:
    bot = Bot(clock)

    @bot.client.on(events.MessageCreate)
    async def hangs(event: events.MessageCreate) -> None:
        await asyncio.Event().wait()

    async with bot:
        wire = await bot.start(fleet)
        await bot.say(wire)
        stream = bot.client.events(events.MessageCreate)
        assert stream

    assert {asyncio.current_task()} == asyncio.all_tasks()
    assert wire.closed.done()
    assert bot.client.http.closed


async def test_p9_cancelling_the_close_still_closes(fleet: Fleet, clock: VirtualClock) -> None:
    bot = Bot(clock)
    await bot.client.__aenter__()
    wire = await bot.start(fleet)
    closing = asyncio.ensure_future(bot.client.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing

    assert wire.closed.done()
    await bot.__aexit__()


async def test_what_a_listener_did_not_finish_is_not_stored_as_handled(fleet: Fleet, clock: VirtualClock) -> None:
    store = MemorySession()
    bot = Bot(clock, sessions=store)

    @bot.client.on(events.MessageCreate, where=lambda event: event.content == "wait")
    async def hangs(event: events.MessageCreate) -> None:
        await asyncio.Event().wait()

    async with bot:
        wire = await bot.start(fleet)
        for content in ("a", "b", "wait", "c"):
            await bot.say(wire, body=message(content=content))

    assert 3 == store.sessions[0, 1].seq


async def test_a_client_can_be_entered_again(fleet: Fleet, clock: VirtualClock) -> None:
    bot, seen = Bot(clock), list[str]()
    bot.client.on(events.MessageCreate)(lambda event: seen.append("sync"))

    @bot.client.on(events.MessageCreate)
    async def listener(event: events.MessageCreate) -> None:
        seen.append("async")

    for _ in range(2):
        async with bot:
            bot.seq = 1
            await bot.say(await bot.start(fleet))

    assert ["sync", "async"] * 2 == seen


async def test_it_has_to_be_entered(clock: VirtualClock) -> None:
    client = Bot(clock).client

    with pytest.raises(GatewayError, match="async with client"):
        await client.run_forever()


async def test_after_closing_it_says_so(fleet: Fleet, clock: VirtualClock) -> None:
    bot = Bot(clock)
    async with bot:
        await bot.start(fleet)

    with pytest.raises(ClientClosed):
        await bot.client.run_forever()


async def test_run_inside_of_a_loop_says_what_to_do(clock: VirtualClock) -> None:
    with pytest.raises(GatewayError, match=r"await client\.run_forever"):
        Bot(clock).client.run()


async def test_p7_leaving_it_open_warns_once(fleet: Fleet, clock: VirtualClock) -> None:
    bot = Bot(clock)
    await bot.client.__aenter__()
    await bot.start(fleet)
    gateway = bot.client.gateway
    assert bot.running is not None
    bot.running.cancel()
    await asyncio.wait((bot.running,))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del bot
        gc.collect()
    await gateway.close()

    assert ["was not closed"] == [str(one.message).partition("> ")[2].partition(":")[0] for one in caught]
    assert TOKEN not in str(caught[0].message)


async def test_p6_a_fork_cannot_use_its_parents_client(
    fleet: Fleet, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Bot(clock) as bot:
        monkeypatch.setattr("os.getpid", lambda: -2)
        with pytest.raises(ForkedClient):
            await bot.client.run_forever()
        monkeypatch.undo()


async def test_p18_two_clients_with_one_token_do_not_mix(fleet: Fleet, clock: VirtualClock) -> None:
    one, other = Bot(clock), Bot(clock)
    seen: list[str] = []
    one.client.on(events.MessageCreate)(lambda event: seen.append("one"))
    other.client.on(events.MessageCreate)(lambda event: seen.append("other"))
    async with one, other:
        await one.start(fleet)
        first = fleet.wires[-1]
        other.running = asyncio.ensure_future(other.client.run_forever())
        await clock.until(lambda: len(fleet.identifies) == 2)
        await one.say(first)

    assert ["one"] == seen


async def test_p10_a_new_token_reaches_both_sides(fleet: Fleet, clock: VirtualClock) -> None:
    async with Bot(clock) as bot:
        await bot.start(fleet)
        bot.client.token = "other.token.value"

        assert "other.token.value" == bot.client.http.token == bot.client.gateway.shards[0].token


async def test_commands_are_sent_through_the_gateway(fleet: Fleet, clock: VirtualClock) -> None:
    async with Bot(clock) as bot:
        await bot.start(fleet)
        command = commands.RequestGuildMembers(guild_id=1, query="", limit=0)
        await bot.client.gateway.shards[0].send(command)
        await clock.settle()

        assert [command.payload()] == [payload for _, payload in fleet.commands]


# Guilds


@pytest.mark.parametrize("count", [0, 10_000])
async def test_g41_ready_with_any_number_of_guilds_is_data(fleet: Fleet, clock: VirtualClock, count: int) -> None:
    fleet.ready = {"guilds": [{"id": str(number), "unavailable": True} for number in range(count)]}
    bot, seen = Bot(clock), list[int]()
    bot.client.on(Dispatch, where=lambda one: one.name == "READY")(lambda one: seen.append(len(one.value["guilds"])))
    async with bot:
        await bot.start(fleet)

    assert [count] == seen


async def test_g41_a_guild_that_goes_and_comes_back_is_data(fleet: Fleet, clock: VirtualClock) -> None:
    bot, seen = Bot(clock), list[Any]()
    bot.client.on(Dispatch)(lambda one: seen.append((one.name, one.value.get("unavailable"))))
    async with bot:
        wire = await bot.start(fleet)
        await bot.say(wire, "GUILD_DELETE", {"id": "7", "unavailable": True})
        await bot.say(wire, "GUILD_CREATE", {"id": "7", "unavailable": False})

        assert "ready" == bot.client.gateway.shards[0].state
    assert [("GUILD_DELETE", True), ("GUILD_CREATE", False)] == seen[1:]


def test_g41_a_guild_that_is_in_an_outage_has_a_class_of_its_own_and_is_no_drift() -> None:
    drift: list[Any] = []

    event = decode("GUILD_CREATE", b'{"id":"7","unavailable":true}', on_drift=drift.append)

    assert (events.GuildCreateUnavailable, []) == (type(event), drift)


# What a newcomer reads


async def test_intents_that_do_not_exist_are_named_with_the_line_to_change(fleet: Fleet, clock: VirtualClock) -> None:
    fleet.refuse[0] = 4013
    bot = Bot(clock, intents=1 | 1 << 30)
    async with bot:
        with pytest.raises(InvalidIntents, match=r"bit 30 \(1073741824\) of intents= does not exist.*test_client\.py:"):
            await bot.client.run_forever()


async def test_a_refused_token_from_the_environment_names_the_variable(
    fleet: Fleet, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", TOKEN)
    fleet.refuse[0] = 4004
    client = Client.from_env("MY_TOKEN", intents=1, http=None, clock=clock, keepalive=Beats, compress=None, **_known())
    async with client:
        with pytest.raises(AuthenticationFailed, match="the environment variable MY_TOKEN") as caught:
            await client.run_forever()

    assert TOKEN not in str(caught.value)


def _known() -> dict[str, Any]:
    return {"url": "wss://gateway.discord.gg", "shard_count": 1, "max_concurrency": 1}


@pytest.mark.parametrize("options", [{"concurrency": 0}, {"token": Token.bearer("x" * 20)}])
def test_arguments_that_cannot_work_are_refused(clock: VirtualClock, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        Bot(clock, **options)


async def test_without_numbers_the_rest_client_is_asked(fleet: Fleet, clock: VirtualClock) -> None:
    api: Any = API(limits(2, 2))
    api.hooks = Client(token=TOKEN, intents=0).http.hooks

    async def nothing(*_: object) -> None: ...

    api.logout = api.__aenter__ = nothing
    bot = Bot(clock, http=api, url=None, shard_count=None, max_concurrency=None)
    bot.client.http.__class__.__aenter__ = nothing  # type: ignore[method-assign, assignment]
    async with bot:
        await bot.start(fleet)
        await clock.until(lambda: len(fleet.open) == 2)

    assert 1 == api.asked
