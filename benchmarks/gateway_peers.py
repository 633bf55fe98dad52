"""The same events through discord.py and hikari, beside the same floor.

Run it with a Python that has them: pip install discord.py hikari msgspec; python benchmarks/gateway_peers.py
Caches are off where that can be asked for; the frames are those of `gateway.py`.
"""

import argparse
import asyncio
import json
import zlib
from collections.abc import Callable
from time import process_time
from typing import Any

from gateway_frames import DELETE, MESSAGE, TYPING, floor, frames

BODIES: dict[str, dict[str, Any]] = {"MESSAGE_CREATE": MESSAGE, "TYPING_START": TYPING, "MESSAGE_DELETE": DELETE}


async def discord_py(name: str, made: list[bytes]) -> float:
    """Frame to whatever ``on_message`` and its like are called with, by the websocket's own method."""
    import discord
    from discord.gateway import DiscordWebSocket

    client = discord.Client(
        intents=discord.Intents.all(), max_messages=None, member_cache_flags=discord.MemberCacheFlags.none()
    )
    socket: Any = DiscordWebSocket(None, loop=asyncio.get_running_loop())  # type: ignore[arg-type]
    state: Any = client._connection
    state._ready_task = None
    socket._connection, socket._discord_parsers = state, state.parsers
    socket.shard_id = socket.session_id = socket._keep_alive = None
    socket._dispatch = lambda *_: None
    state.dispatch = lambda *_: None
    begun = process_time()
    for one in made:
        await socket.received_message(one)
    return (process_time() - begun) / len(made)


async def hikari(name: str, made: list[bytes]) -> float:
    """Inflate, its JSON, then the event factory: what its shard and event manager do before listeners."""
    import hikari as library
    from hikari.internal import data_binding

    none = library.impl.CacheSettings(components=library.api.CacheComponents.NONE)
    bot: Any = library.GatewayBot("MTIzNDU2Nzg5MDEyMzQ1Njc4.bench.mark", banner=None, logs=None, cache_settings=none)
    make: Callable[..., Any] = {
        "MESSAGE_CREATE": bot._event_factory.deserialize_message_create_event,
        "TYPING_START": bot._event_factory.deserialize_typing_start_event,
        "MESSAGE_DELETE": bot._event_factory.deserialize_message_delete_event,
    }[name]
    inflate, shard = zlib.decompressobj(), object()
    loads: Callable[[bytes], Any] = getattr(data_binding, "default_json_loads", json.loads)
    begun = process_time()
    for one in made:
        payload = loads(inflate.decompress(one))
        make(shard, payload["d"])
    return (process_time() - begun) / len(made)


async def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=3_000)
    asked.add_argument("--repeats", type=int, default=5)
    args = asked.parse_args()
    for name, body in BODIES.items():
        least = min(floor(name, body, args.count) for _ in range(args.repeats))
        cells = [f"{name:16}{least * 1e6:8.2f}"]
        for peer in (discord_py, hikari):
            took = min([await peer(name, frames(name, body, args.count)) for _ in range(args.repeats)])
            cells.append(f"  {peer.__name__} {took * 1e6:7.2f} ({took / least:4.1f})")
        print("".join(cells))


if __name__ == "__main__":
    asyncio.run(main())
