"""CPU of one gateway event, from the bytes of a frame to whoever reads it.  Run: python benchmarks/gateway.py

The floor is what nobody can leave out: inflate the frame, and have msgspec read the envelope with its body left raw.
All rows of a run take the same frames, one after the other, several times; the best time counts.  No sockets: what is
measured is what this library adds to them.
"""

import argparse
import asyncio
import gc
import json
import platform
import random
import sys
import zlib
from collections.abc import Awaitable, Callable
from time import process_time
from typing import Any

from gateway_frames import DELETE, MESSAGE, TYPING, floor, frame, varied

from acord import Client, Intents, events
from acord.core import performer

EVENTS: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "MESSAGE_CREATE": (events.MessageCreate, MESSAGE),
    "TYPING_START": (events.TypingStart, TYPING),
    "MESSAGE_DELETE": (events.MessageDelete, DELETE),
}


class Wire:
    """A connection without a socket."""

    def __init__(self, handler: Any) -> None:
        self.handler = handler
        self.deflate = zlib.compressobj()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def frame(self, op: int, d: object, s: int | None = None, t: str | None = None) -> bytes:
        return frame(self.deflate, op, d, s, t)

    def say(self, op: int, d: object, s: int | None = None, t: str | None = None) -> None:
        self.handler.on_messages([self.frame(op, d, s, t)], binary=True)

    def send(self, data: bytes, *, binary: bool) -> None:
        if json.loads(data)["op"] == 2:
            asyncio.get_running_loop().call_soon(self.say, 0, {"session_id": "x"}, 1, "READY")

    def close(self, code: int) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def abort(self) -> None:
        self.close(0)

    def pause(self) -> None: ...

    def resume(self) -> None: ...


class NoBeats:
    def __init__(self, shard: Any, interval_ms: int) -> None:
        self._ended = False

    def start(self) -> None: ...

    def ack(self) -> None: ...


async def connected(**options: Any) -> tuple[Client, Wire]:
    """A client that is ready, and its wire."""
    wires: list[Wire] = []

    async def dial(url: str, handler: Any, **_: Any) -> Any:
        wires.append(wire := Wire(handler))
        handler.on_open(wire)
        wire.say(10, {"heartbeat_interval": 41_250})
        return wire

    performer.dial = dial  # type: ignore[assignment]
    client = Client(
        token="bench.mark.token",
        intents=Intents.GUILD_MESSAGES | Intents.GUILD_MESSAGE_TYPING | Intents.MESSAGE_CONTENT,
        url="wss://gateway.discord.gg",
        shard_count=1,
        max_concurrency=1,
        compress="zlib-stream",
        keepalive=NoBeats,
        queue_bytes=1 << 30,
        **options,
    )
    await client.__aenter__()
    asyncio.ensure_future(client.run_forever())  # noqa: RUF006
    while not wires or client.gateway.shards[0].state != "ready":  # noqa: ASYNC110
        await asyncio.sleep(0)
    return client, wires[0]


async def nobody(client: Client, cls: type[Any], count: int) -> Callable[[], Awaitable[object]]:
    return lambda: asyncio.sleep(0)


async def sync_callback(client: Client, cls: type[Any], count: int) -> Callable[[], Awaitable[object]]:
    client.on(cls)(lambda event: None)
    return lambda: asyncio.sleep(0)


async def async_for(client: Client, cls: type[Any], count: int) -> Callable[[], Awaitable[object]]:
    stream = client.events(cls)

    async def read() -> None:
        left = count
        async for _ in stream:
            left -= 1
            if not left:
                return

    return read


async def async_listener(client: Client, cls: type[Any], count: int) -> Callable[[], Awaitable[object]]:
    seen, done = 0, asyncio.Event()

    @client.on(cls)
    async def listener(event: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == count:
            seen = 0
            done.set()

    async def wait() -> None:
        await done.wait()
        done.clear()

    return wait


async def row(way: Any, name: str, cls: type[Any], body: object, count: int, repeats: int) -> float:
    client, wire = await connected()
    finish = await way(client, cls, count)
    best, seq, chance = float("inf"), 1, random.Random(7)
    for _ in range(repeats):
        frames = [wire.frame(0, varied(body, chance), seq := seq + 1, name) for _ in range(count)]
        gc.collect()
        take = wire.handler.on_messages
        begun = process_time()
        for at in range(0, count, 50):  # as many as one read of a socket may bring
            take(frames[at : at + 50], binary=True)
            await asyncio.sleep(0)
        await finish()
        best = min(best, (process_time() - begun) / count)
    await client.close()
    return best


async def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=5_000)
    asked.add_argument("--repeats", type=int, default=5)
    args = asked.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}; us an event, and times the floor\n")
    ways = {"nobody": nobody, "sync": sync_callback, "async for": async_for, "async def": async_listener}
    print(f"{'':16}{'floor':>8}" + "".join(f"{way:>17}" for way in ways))
    for name, (cls, body) in EVENTS.items():
        least = min(floor(name, body, args.count) for _ in range(args.repeats))
        cells = [f"{name:16}{least * 1e6:8.2f}"]
        for way in ways.values():
            took = await row(way, name, cls, body, args.count, args.repeats)
            cells.append(f"{took * 1e6:10.2f} ({took / least:4.1f})")
        print("".join(cells))
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
