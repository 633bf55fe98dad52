"""The same events through discord.py and hikari, beside the same floor.

Run it with a Python that has them: pip install discord.py hikari msgspec; python benchmarks/gateway_peers.py
Caches are off where that can be asked for; the frames are those of `gateway.py`, which with ``--peers PYTHON`` runs
this file in turn with its own rows.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import process_time
from types import SimpleNamespace
from typing import Any

from gateway_frames import BODIES, floor, frames, several

Take = Callable[[bytes], Awaitable[None]]


def discord_py() -> Take:
    """Frame to whatever ``on_message`` and its like are called with, by the websocket's own method."""
    import discord
    from discord.gateway import DiscordWebSocket

    client = discord.Client(
        intents=discord.Intents.all(),
        max_messages=None,
        chunk_guilds_at_startup=False,
        member_cache_flags=discord.MemberCacheFlags.none(),
    )
    socket: Any = DiscordWebSocket(None, loop=asyncio.get_running_loop())  # type: ignore[arg-type]
    state: Any = client._connection
    state._ready_task = None
    socket._connection, socket._discord_parsers = state, state.parsers
    socket.shard_id = socket.session_id = socket._keep_alive = None
    socket._dispatch = lambda *_: None
    state.dispatch = lambda *_: None
    take: Take = socket.received_message
    return take


def discord_py_dicts() -> Take:
    """As far as the dict: what an event costs that nobody listens to."""
    import discord.utils

    inflate, loads = zlib.decompressobj(), discord.utils._from_json

    async def take(frame: bytes) -> None:
        loads(inflate.decompress(frame).decode("utf-8"))

    return take


def _hikari(*, dicts: bool) -> Take:
    import hikari as library
    from hikari.internal import data_binding

    none = library.impl.CacheSettings(components=library.api.CacheComponents.NONE)
    bot: Any = library.GatewayBot("MTIzNDU2Nzg5MDEyMzQ1Njc4.bench.mark", banner=None, logs=None, cache_settings=none)
    make: dict[str, Callable[..., Any]] = {
        "MESSAGE_CREATE": bot._event_factory.deserialize_message_create_event,
        "TYPING_START": bot._event_factory.deserialize_typing_start_event,
        "MESSAGE_DELETE": bot._event_factory.deserialize_message_delete_event,
        "GUILD_CREATE": bot._event_factory.deserialize_guild_available_event,
    }
    inflate, shard = zlib.decompressobj(), SimpleNamespace(get_user_id=lambda: library.Snowflake(1))
    loads: Callable[[bytes], Any] = getattr(data_binding, "default_json_loads", json.loads)

    async def take(frame: bytes) -> None:
        payload = loads(inflate.decompress(frame))
        if not dicts and payload["t"] in make:
            make[payload["t"]](shard, payload["d"])

    return take


def hikari() -> Take:
    """Inflate, its JSON, then the event factory: what its shard and event manager do before listeners."""
    return _hikari(dicts=False)


def hikari_dicts() -> Take:
    return _hikari(dicts=True)


PEERS = {
    "discord.py": discord_py,
    "hikari": hikari,
    "discord.py, dicts": discord_py_dicts,
    "hikari, dicts": hikari_dicts,
}


async def row(make: Callable[[], Take], made: list[bytes]) -> float:
    take = make()
    begun = process_time()
    for one in made:
        await take(one)
    return (process_time() - begun) / len(made)


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
    for name, body in BODIES.items():
        count = several(name, args.count)
        made = frames(name, body, count)
        best = found[name] = {"floor": min(floor(made) for _ in range(args.repeats))}
        for peer, make in PEERS.items():
            best[peer] = min([await row(make, made) for _ in range(args.repeats)])
        if name == "MESSAGE_CREATE":
            for peer in ("discord.py", "hikari"):
                best[f"{peer}, socket"] = min([await socket_row(PEERS[peer], name, count) for _ in range(args.repeats)])
    if args.json:
        print(json.dumps(found))
        return
    for name, best in found.items():
        cells = [f"{what} {took * 1e6:.2f} ({took / best['floor']:.1f})" for what, took in best.items()]
        print(f"{name:16}" + "  ".join(cells))


if __name__ == "__main__":
    asyncio.run(main())
