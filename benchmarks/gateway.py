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
import sys
import zlib
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import msgspec

from acord import Client, Intents, events
from acord.core import performer

USER = {"id": "80351110224678912", "username": "mina", "discriminator": "0", "avatar": None, "global_name": "Mina"}
MEMBER = {
    "roles": ["41771983423143936", "41771983423143937"],
    "joined_at": "2015-04-26T06:26:56.936000+00:00",
    "deaf": False,
    "mute": False,
    "nick": None,
    "avatar": None,
    "premium_since": None,
    "flags": 0,
    "pending": False,
    "communication_disabled_until": None,
}
MESSAGE = {
    "id": "334385199974967042",
    "type": 0,
    "content": "Supa Hot",
    "channel_id": "290926798999357250",
    "guild_id": "290926798626357999",
    "author": USER,
    "member": MEMBER,
    "attachments": [],
    "embeds": [],
    "mentions": [],
    "mention_roles": [],
    "pinned": False,
    "mention_everyone": False,
    "tts": False,
    "timestamp": "2017-07-11T17:27:07.299000+00:00",
    "edited_timestamp": None,
    "flags": 0,
    "components": [],
    "nonce": "334385199974967000",
}
TYPING = {
    "channel_id": "290926798999357250",
    "guild_id": "290926798626357999",
    "user_id": "80351110224678912",
    "timestamp": 1499794027,
    "member": MEMBER | {"user": USER},
}
DELETE = {"id": "334385199974967042", "channel_id": "290926798999357250", "guild_id": "290926798626357999"}
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
        message = json.dumps({"t": t, "s": s, "op": op, "d": d}, separators=(",", ":")).encode()
        return self.deflate.compress(message) + self.deflate.flush(zlib.Z_SYNC_FLUSH)

    def say(self, op: int, d: object, s: int | None = None, t: str | None = None) -> None:
        self.handler.on_message(self.frame(op, d, s, t), binary=True)

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


def floor(name: str, body: object, count: int) -> float:
    """Seconds for an event: inflate, envelope."""

    class Envelope(msgspec.Struct, gc=False):
        op: int
        d: msgspec.Raw = msgspec.Raw(b"null")
        s: int | None = None
        t: str | None = None

    deflate, inflate, read = zlib.compressobj(), zlib.decompressobj(), msgspec.json.Decoder(Envelope).decode
    frames: list[bytes] = []
    for s in range(count):
        text = json.dumps({"t": name, "s": s, "op": 0, "d": body}, separators=(",", ":")).encode()
        frames.append(deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH))
    decompress = inflate.decompress
    begun = perf_counter()
    for frame in frames:
        read(decompress(frame))
    return (perf_counter() - begun) / count


async def row(way: Any, name: str, cls: type[Any], body: object, count: int, repeats: int) -> float:
    client, wire = await connected()
    finish = await way(client, cls, count)
    best, seq = float("inf"), 1
    for _ in range(repeats):
        frames = [wire.frame(0, body, seq := seq + 1, name) for _ in range(count)]
        gc.collect()
        take = wire.handler.on_message
        begun = perf_counter()
        for at in range(0, count, 50):  # as many as one read of a socket may bring
            for frame in frames[at : at + 50]:
                take(frame, binary=True)
            await asyncio.sleep(0)
        await finish()
        best = min(best, (perf_counter() - begun) / count)
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
