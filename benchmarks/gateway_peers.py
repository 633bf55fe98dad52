"""The same events through discord.py and hikari, as far as a dict, an object, a listener, beside the same floor.

Run it with a Python that has them: pip install discord.py hikari msgspec; python benchmarks/gateway_peers.py
Caches are off where that can be asked for; the frames are those of `gateway.py`, which with ``--peers PYTHON`` runs
this file in turn with its own rows.
"""

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import zlib
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from time import process_time
from types import SimpleNamespace
from typing import Any

from gateway_frames import BODIES, BUSY, KINDS, MOST, bodies, floor, frames, guilds, names, several

Take = Callable[[bytes], Awaitable[None]]
Seen = Callable[[str, Any], None]
"""Told the event's name and what it has become: a dict, or the library's object."""
Run = Callable[[list[bytes]], Awaitable[None]]
"""Takes all these frames, and is done when all of them have been dealt with."""

AT_ONCE = 50  # frames that one read of a busy socket may bring; tasks run after so many


def _discord_py(seen: Seen, how: str) -> Take:
    import discord
    from discord.gateway import DiscordWebSocket

    client = discord.Client(
        intents=discord.Intents.all(),
        max_messages=None,
        chunk_guilds_at_startup=False,
        member_cache_flags=discord.MemberCacheFlags.none(),
    )
    client.loop = asyncio.get_running_loop()
    socket: Any = DiscordWebSocket(None, loop=client.loop)  # type: ignore[arg-type]
    state: Any = client._connection
    state._ready_task = None
    # It cannot do without guilds: a bot has got each before anything happens in it.
    for guild in guilds():
        state._add_guild_from_data(guild)
    socket._connection, socket._discord_parsers = state, state.parsers
    socket.shard_id = socket.session_id = socket._keep_alive = None
    socket._dispatch = lambda *_: None
    handlers = {
        "MESSAGE_CREATE": "message",
        "TYPING_START": "raw_typing",
        "MESSAGE_DELETE": "raw_message_delete",
        "GUILD_CREATE": "guild_available",
    }
    if how == "dicts":
        socket._discord_parsers = {name: partial(seen, name) for name in BODIES}
    elif how == "objects":
        names = {handler: name for name, handler in handlers.items()}

        def take_object(event: str, *args: Any) -> None:
            if event in names:
                seen(names[event], args[0])

        state.dispatch = take_object
    else:
        for name, handler in handlers.items():
            setattr(client, f"on_{handler}", _listener(name, seen))
    take: Take = socket.received_message
    return take


def _listener(name: str, seen: Seen) -> Callable[[Any], Awaitable[None]]:
    async def listener(event: Any) -> None:
        seen(name, event)

    return listener


def discord_py(how: str) -> Callable[[Seen], Run]:
    """Frame by frame by the websocket's own method."""

    def make(seen: Seen) -> Run:
        take = _discord_py(seen, how)

        async def run(made: list[bytes]) -> None:
            for at in range(0, len(made), AT_ONCE):
                for one in made[at : at + AT_ONCE]:
                    await take(one)
                await asyncio.sleep(0)
            await asyncio.sleep(0)

        return run

    return make


def _hikari_bot() -> tuple[Any, Any]:
    import hikari as library

    none = library.impl.CacheSettings(components=library.api.CacheComponents.NONE)
    bot = library.GatewayBot("MTIzNDU2Nzg5MDEyMzQ1Njc4.bench.mark", banner=None, logs=None, cache_settings=none)
    return library, bot


def _hikari_objects(seen: Seen) -> Callable[[str, Any, Any], None]:
    """As far as the object: what its event manager does before listeners."""
    library, bot = _hikari_bot()
    make: dict[str, Callable[..., Any]] = {
        "MESSAGE_CREATE": bot._event_factory.deserialize_message_create_event,
        "TYPING_START": bot._event_factory.deserialize_typing_start_event,
        "MESSAGE_DELETE": bot._event_factory.deserialize_message_delete_event,
        "GUILD_CREATE": bot._event_factory.deserialize_guild_available_event,
    }
    shard = SimpleNamespace(get_user_id=lambda: library.Snowflake(1))

    def consume(name: str, _: Any, payload: Any) -> None:
        seen(name, make[name](shard, payload))

    return consume


def hikari(how: str) -> Callable[[Seen], Run]:
    """The shard's own loop over its own transport, with a socket in whose place frames stand."""

    def make(seen: Seen) -> Run:
        import logging

        import aiohttp
        from hikari.impl import shard as shards
        from hikari.internal import data_binding

        library, bot = _hikari_bot()
        manager: Any = bot.event_manager
        if how == "objects":
            manager = SimpleNamespace(consume_raw_event=_hikari_objects(seen))
        elif how == "dicts":
            manager = SimpleNamespace(consume_raw_event=lambda name, _, payload: seen(name, payload))
        else:
            for cls, name in (
                (library.GuildMessageCreateEvent, "MESSAGE_CREATE"),
                (library.GuildTypingEvent, "TYPING_START"),
                (library.GuildMessageDeleteEvent, "MESSAGE_DELETE"),
                (library.GuildAvailableEvent, "GUILD_CREATE"),
            ):
                manager.subscribe(cls, _listener(name, seen))
        shard: Any = object.__new__(shards.GatewayShardImpl)
        shard._logger, shard._event_manager, shard._seq = logging.getLogger("hikari.gateway.0"), manager, None
        shard._handshake_event, shard._user_id = asyncio.Event(), library.Snowflake(1)
        shard._shard_id, shard._keep_alive_task = 0, asyncio.get_running_loop().create_future()
        shard._handshake_event.set()
        loads = getattr(data_binding, "default_json_loads", json.loads)

        async def run(made: list[bytes]) -> None:
            messages = [aiohttp.WSMessage(aiohttp.WSMsgType.BINARY, one, None) for one in made]
            left = iter(messages)

            class Socket:
                count = 0

                async def receive(self) -> Any:
                    self.count += 1
                    if not self.count % AT_ONCE:
                        await asyncio.sleep(0)
                    if (message := next(left, None)) is None:
                        raise EOFError
                    return message

            shard._ws = shards._GatewayZlibStreamTransport(
                ws=Socket(), exit_stack=None, logger=shard._logger, log_filterer=bytes, dumps=None, loads=loads
            )
            try:
                await shard._poll_events()
            except EOFError:
                pass
            await asyncio.sleep(0)

        return run

    return make


def bare_dicts(seen: Seen) -> Run:
    """What no library can do without that makes a dict of each event, with the fastest parser: not one of its own."""
    import orjson

    async def run(made: list[bytes]) -> None:
        loads, decompress = orjson.loads, zlib.decompressobj().decompress
        for one in made:
            message = loads(decompress(one, MOST))
            seen(message["t"], message["d"])

    return run


PEERS = {
    "discord.py": discord_py("listener"),
    "hikari": hikari("listener"),
    "discord.py, objects": discord_py("objects"),
    "hikari, objects": hikari("objects"),
    "discord.py, dicts": discord_py("dicts"),
    "hikari, dicts": hikari("dicts"),
    "orjson, dicts": bare_dicts,
}


async def row(make: Callable[[Seen], Run], made: list[bytes]) -> float:
    run = make(lambda name, what: None)
    gc.collect()
    begun = process_time()
    await run(made)
    return (process_time() - begun) / len(made)


# What of an event is compared with what was sent: an attribute's path of its object in discord.py, in hikari, and in d.
CONTENT: dict[str, tuple[tuple[str, str, str], ...]] = {
    "MESSAGE_CREATE": (
        ("id", "message.id", "id"),
        ("content", "message.content", "content"),
        ("author.name", "message.author.username", "author.username"),
        ("author.roles", "message.member.role_ids", ""),
        ("channel.id", "message.channel_id", "channel_id"),
    ),
    "TYPING_START": (
        ("user_id", "user_id", "user_id"),
        ("channel_id", "channel_id", "channel_id"),
        ("user.name", "member.username", "member.user.username"),
    ),
    "MESSAGE_DELETE": (
        ("message_id", "message_id", "id"),
        ("channel_id", "channel_id", "channel_id"),
        ("guild_id", "guild_id", "guild_id"),
    ),
    "GUILD_CREATE": (
        ("id", "guild.id", "id"),
        ("name", "guild.name", "name"),
        ("owner_id", "guild.owner_id", "owner_id"),
    ),
}


def _at(value: Any, path: str) -> str:
    for step in path.split("."):
        value = value[step] if isinstance(value, dict) else getattr(value, step)
    return str(value)


async def check(peer: str, make: Callable[[Seen], Run], name: str, count: int) -> None:
    """Each event comes once, in order, with its content.  SystemExit where one does not."""
    got: list[tuple[str, Any]] = []
    await make(lambda *what: got.append(what))(frames(name, count))
    sent = bodies(name, count)
    if names(name, count) != [one for one, _ in got]:
        raise SystemExit(f"{peer}, {name}: {len(got)} of {count} events")
    for (_, what), body in zip(got, sent, strict=True):
        if peer.endswith("dicts"):
            if body != what:
                raise SystemExit(f"{peer}, {name}: another dict")
            continue
        for discord_path, hikari_path, path in CONTENT[name]:
            found = _at(what, hikari_path if peer.startswith("hikari") else discord_path)
            if not found or (path and found != _at(body, path)):
                raise SystemExit(f"{peer}, {name}: another {path}")


def _hikari_take() -> Take:
    from hikari.internal import data_binding

    consume, inflate = _hikari_objects(lambda name, what: None), zlib.decompressobj()
    loads: Callable[[bytes], Any] = getattr(data_binding, "default_json_loads", json.loads)

    async def take(frame: bytes) -> None:
        payload = loads(inflate.decompress(frame))
        if payload["t"] in KINDS:
            consume(payload["t"], None, payload["d"])

    return take


TAKES: dict[str, Callable[[], Take]] = {
    "discord.py": lambda: _discord_py(lambda name, what: None, "objects"),
    "hikari": _hikari_take,
}


async def socket_row(make: Callable[[], Take], name: str, count: int) -> float:
    """Over a socket, through aiohttp's WebSocket, which both libraries use."""
    import aiohttp

    with served(name, count) as port:
        take = make()
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"ws://127.0.0.1:{port}", max_msg_size=0, autoclose=False) as socket,
        ):
            await take_hello(socket, take)
            begun = process_time()
            for _ in range(count):
                await take((await socket.receive()).data)
            return (process_time() - begun) / count


async def take_hello(socket: Any, take: Take) -> None:
    # Neither library sees these two, but its inflater has to.
    import contextlib

    hello = (await socket.receive()).data
    await socket.send_str('{"op":2}')
    for one in (hello, (await socket.receive()).data):
        with contextlib.suppress(Exception):
            await take(one)


class served:
    """The port of a process that serves the events."""

    def __init__(self, name: str, count: int) -> None:
        script = str(Path(__file__).parent / "gateway_frames.py")
        self._process = subprocess.Popen([sys.executable, script, name, str(count)], stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


async def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=3_000)
    asked.add_argument("--repeats", type=int, default=5)
    asked.add_argument("--json", action="store_true", help="print seconds for gateway.py")
    args = asked.parse_args()
    found: dict[str, dict[str, float]] = {}
    for name in (*KINDS, BUSY):
        # Of a busy guild only what is the same whatever the event.
        peers = {peer: make for peer, make in PEERS.items() if name != BUSY or peer.endswith("dicts")}
        count = several(name, args.count)
        made = frames(name, count)
        for peer, make in peers.items():
            await check(peer, make, name, several(name, 300))
        best = found[name] = {"floor": min(floor(made) for _ in range(args.repeats))}
        for peer, make in peers.items():
            best[peer] = min([await row(make, made) for _ in range(args.repeats)])
        if name == "MESSAGE_CREATE":
            for peer in ("discord.py", "hikari"):
                best[f"{peer}, socket"] = min([await socket_row(TAKES[peer], name, count) for _ in range(args.repeats)])
    if args.json:
        print(json.dumps(found))
        return
    for name, best in found.items():
        cells = [f"{what} {took * 1e6:.2f} ({took / best['floor']:.1f})" for what, took in best.items()]
        print(f"{name:16}" + "  ".join(cells))


if __name__ == "__main__":
    asyncio.run(main())
