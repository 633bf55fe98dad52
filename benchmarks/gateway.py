"""CPU of one gateway event, from the bytes of a frame to whoever reads it.  Run: python benchmarks/gateway.py

    python benchmarks/gateway.py [--peers PYTHON] [--keep]

The floor is what nobody can leave out: inflate the frame, within the bound of a message, and have msgspec read the
envelope with its body left raw; for a typed object also pydantic's own ``validate_json`` of that body.  All rows of a
run take the same frames, one after the other, several times; the best time counts.  PYTHON has discord.py and hikari,
and takes its turns with them.  Before anything is timed, each way has to have seen each event once, in order, with its
content.  No sockets but in the rows that say so: what is measured is what this library adds to them.
"""

import argparse
import asyncio
import gc
import json
import platform
import subprocess
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import process_time
from typing import Any

from gateway_frames import BUSY, MOST, bodies, envelope, floor, frame, frames, names, several
from gateway_peers import served
from measure import keep

from acord import Client, Dispatch, Intents, events
from acord.core import performer, websocket
from acord.core.base import prepare
from acord.core.frames import MAX_RUN

EVENTS: dict[str, type[Any]] = {
    "MESSAGE_CREATE": events.MessageCreate,
    "TYPING_START": events.TypingStart,
    "MESSAGE_DELETE": events.MessageDelete,
    "GUILD_CREATE": events.GuildCreate,
}
INTENTS = Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.GUILD_MESSAGE_TYPING | Intents.MESSAGE_CONTENT
AT_ONCE = 50  # frames that one read of a busy socket may bring


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
        wire.say(10, {"heartbeat_interval": 600_000})
        return wire

    performer.dial = dial  # type: ignore[assignment]
    client = Client(
        token="bench.mark.token",
        intents=INTENTS,
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


Finish = Callable[[], Awaitable[object]] | None
"""What waits until all events have been dealt with; None where they are when they have been taken."""
Seen = Callable[[Any], None] | None
"""Is told each event; None while time is taken."""
Way = Callable[[Client, Any, int, Seen], tuple[Finish, Callable[[], object]]]
"""Begins to read so many events; what waits for them, and what ends it."""


def nobody(client: Client, cls: Any, count: int, seen: Seen) -> tuple[Finish, Callable[[], object]]:
    return None, lambda: None


def unread(client: Client, cls: Any, count: int, seen: Seen) -> tuple[Finish, Callable[[], object]]:
    listener = client.on(Dispatch)(seen or (lambda event: None))
    return None, lambda: client.off(listener)


def sync_callback(client: Client, cls: Any, count: int, seen: Seen) -> tuple[Finish, Callable[[], object]]:
    listener = client.on(cls)(seen or (lambda event: None))
    return None, lambda: client.off(listener)


def async_for(client: Client, cls: Any, count: int, seen: Seen) -> tuple[Finish, Callable[[], object]]:
    stream = client.events(cls)

    async def read() -> None:
        left = count
        async for event in stream:
            if seen is not None:
                seen(event)
            left -= 1
            if not left:
                return

    reader = asyncio.ensure_future(read())
    return lambda: reader, lambda: None


def async_listener(client: Client, cls: Any, count: int, seen: Seen) -> tuple[Finish, Callable[[], object]]:
    left, done = count, asyncio.Event()

    @client.on(cls)
    async def listener(event: Any) -> None:
        nonlocal left
        if seen is not None:
            seen(event)
        left -= 1
        if not left:
            done.set()

    return done.wait, lambda: client.off(listener)


WAYS: dict[str, Way] = {
    "nobody": nobody,
    "Dispatch": unread,
    "sync": sync_callback,
    "async for": async_for,
    "async def": async_listener,
}


def as_read(made: list[bytes], at_once: int) -> list[list[bytes]]:
    """These frames as a socket hands them on: so many at most, and 16 KiB."""
    reads: list[list[bytes]] = []
    room = 0
    for one in made:
        room -= len(one)
        if room < 0 or len(reads[-1]) >= at_once:
            reads.append([])
            room = MAX_RUN - len(one)
        reads[-1].append(one)
    return reads


class Bench:
    """One client: with several, nested objects would have to be told whose they are."""

    def __init__(self, client: Client, wire: Wire) -> None:
        self.client, self.wire = client, wire
        self._seq, self._turns = 1, 0

    async def turn(self, name: str, way: Way, count: int, at_once: int = AT_ONCE) -> float:
        """Seconds of CPU for an event."""
        return await self._take(name, way, bodies(name, count, self._another()), at_once, None)

    async def check(self, name: str, way: Way, count: int) -> None:
        """Each event comes once, in order, with its content; SystemExit where one does not."""
        sent = bodies(name, count, self._another())
        got: list[Any] = []
        await self._take(name, way, sent, AT_ONCE, got.append)
        if self.client.gateway.shards[0].sequence != self._seq:
            raise SystemExit(f"{name}: the last event is not the last that was sent")
        if way is nobody:
            return
        if sent != [one.value if isinstance(one, Dispatch) else one.dump() for one in got]:
            raise SystemExit(f"{name}, {way.__name__}: something else than was sent")
        if way is unread and [one.s for one in got] != [*range(self._seq - count + 1, self._seq + 1)]:
            raise SystemExit(f"{name}, {way.__name__}: out of order")

    async def _take(self, name: str, way: Way, sent: list[Any], at_once: int, seen: Seen) -> float:
        count = len(sent)
        made = [self.wire.frame(0, body, self._next(), one) for one, body in zip(names(name, count), sent, strict=True)]
        reads = as_read(made, at_once)
        finish, end = way(self.client, EVENTS.get(name), count, seen)
        gc.collect()
        take = self.wire.handler.on_messages
        begun = process_time()
        for read in reads:
            take(read, binary=True)
            if finish is not None:
                await asyncio.sleep(0)
        if finish is not None:
            await finish()
        took = (process_time() - begun) / count
        end()
        return took

    def _another(self) -> int:
        self._turns += 1
        return self._turns

    def _next(self) -> int:
        self._seq += 1
        return self._seq


def typed_floor(name: str, made: list[bytes]) -> float:
    """As `floor`, and pydantic's own function on each body."""
    cls = EVENTS[name]
    prepare(cls)
    decompress, validate = zlib.decompressobj().decompress, cls.__pydantic_validator__.validate_json
    read = envelope()
    begun = process_time()
    for one in made:
        validate(bytes(read(decompress(one, MOST)).d))
    return (process_time() - begun) / len(made)


async def socket_turn(name: str, count: int, way: Any) -> float:
    """Over a socket, from its bytes on."""
    with served(name, count) as port:
        dial = websocket.dial

        async def here(url: str, handler: Any, **options: Any) -> Any:
            return await dial(url.replace("wss://gateway.discord.gg", f"ws://127.0.0.1:{port}"), handler, **options)

        performer.dial = here  # type: ignore[assignment]
        seen, all_came = 0, asyncio.Event()

        def note(event: Any) -> None:
            nonlocal seen
            seen += 1
            if seen == count:
                all_came.set()

        client = Client(token="bench.mark.token", intents=INTENTS, url="wss://gateway.discord.gg", shard_count=1,
                        max_concurrency=1, compress="zlib-stream", keepalive=NoBeats)  # fmt: skip
        async with client:
            client.on(EVENTS[name] if way is sync_callback else Dispatch)(note)
            running = asyncio.ensure_future(client.run_forever())
            while not client.gateway.shards or client.gateway.shards[0].state != "ready":  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            seen, begun = 0, process_time()
            await all_came.wait()
            took = process_time() - begun
        await asyncio.gather(running, return_exceptions=True)
        return took / count


async def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=3_000)
    asked.add_argument("--repeats", type=int, default=7)
    asked.add_argument("--peers", metavar="PYTHON", help="an interpreter that has discord.py, hikari and msgspec")
    asked.add_argument("--keep", action="store_true")
    args = asked.parse_args()
    best: dict[str, dict[str, float]] = {name: {} for name in (*EVENTS, BUSY)}

    def seen(name: str, what: str, took: float) -> None:
        best[name][what] = min(took, best[name].get(what, took))

    bench = Bench(*await connected())
    made = {name: frames(name, several(name, args.count)) for name in best}
    ways = {name: WAYS if name in EVENTS else {"nobody": nobody, "Dispatch": unread} for name in best}
    for name in best:
        for way in ways[name].values():
            await bench.check(name, way, several(name, 300))
    for _ in range(args.repeats):
        for name in best:
            seen(name, "floor", floor(made[name]))
            seen(name, "floor, and a call", floor(made[name], lambda event: None))
            if name in EVENTS:
                seen(name, "typed floor", typed_floor(name, made[name]))
            for what, way in ways[name].items():
                seen(name, what, await bench.turn(name, way, several(name, args.count)))
            seen(name, "nobody, one a read", await bench.turn(name, nobody, several(name, args.count), 1))
        if args.peers:
            for name, found in _peers(args).items():
                for what, took in found.items():
                    seen(name, "floor, theirs" if what == "floor" else what, took)
    memory = await resident(bench, args.count)
    await bench.client.close()
    for _ in range(args.repeats):
        for what, way in (("Dispatch, socket", unread), ("sync, socket", sync_callback)):
            seen("MESSAGE_CREATE", what, await socket_turn("MESSAGE_CREATE", args.count, way))
    shown = {name: {what: round(took * 1e6, 2) for what, took in found.items()} for name, found in best.items()}
    ratios = {name: _ratios(found) for name, found in shown.items()}
    print(f"Python {platform.python_version()}, {platform.machine()}; us of CPU an event")
    for name in best:
        print(f"\n{name}")
        for what, took in shown[name].items():
            print(f"  {what:22}{took:10.2f}  {took / shown[name]['floor']:6.2f} x the floor")
        for what, ratio in ratios[name].items():
            print(f"  {ratio:6.2f} = {what}")
    print(
        f"\nresident MiB after {memory[0][0]:,} to {memory[-1][0]:,} events: "
        + " ".join(f"{mib:.1f}" for _, mib in memory)
    )
    boot = {what: round(14 * took / 1000, 1) for what, took in shown["GUILD_CREATE"].items()}
    print(
        "\nms of a boot with 14 guilds and 4,000 members: " + ", ".join(f"{what} {took}" for what, took in boot.items())
    )
    if args.keep:
        print(keep("gateway", {"us_of_cpu": shown, "ratios": ratios, "ms_of_boot": boot, "resident_mib": memory}))


def _peers(args: argparse.Namespace) -> dict[str, dict[str, float]]:
    script = str(Path(__file__).parent / "gateway_peers.py")
    # -O, as hikari asks its users to.
    command = [args.peers, "-O", "-W", "ignore", script, "--json", "--count", str(args.count), "--repeats", "1"]
    found: dict[str, dict[str, float]] = json.loads(
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    )
    return found


def _ratios(found: dict[str, float]) -> dict[str, float]:
    pairs = [
        ("nobody", "floor"),
        ("Dispatch", "floor"),
        ("Dispatch", "floor, and a call"),
        ("nobody", "discord.py, dicts"),
        ("nobody", "hikari, dicts"),
        ("nobody", "orjson, dicts"),
        ("sync", "typed floor"),
        ("sync", "discord.py"),
        ("sync", "hikari"),
        ("async def", "discord.py"),
        ("async def", "hikari"),
        ("sync", "discord.py, objects"),
        ("sync", "hikari, objects"),
        ("typed floor", "discord.py, objects"),
        ("typed floor", "hikari, objects"),
        ("sync, socket", "discord.py, socket"),
        ("sync, socket", "hikari, socket"),
    ]
    return {f"{a} / {b}": round(found[a] / found[b], 2) for a, b in pairs if a in found and b in found}


async def resident(bench: Bench, count: int) -> list[tuple[int, float]]:
    """Resident MiB after so many events of three kinds, two of them read."""
    seen, steps = 0, list[tuple[int, float]]()
    while seen < 220_000:
        for name, way in (("MESSAGE_CREATE", sync_callback), ("TYPING_START", async_for), ("MESSAGE_DELETE", nobody)):
            await bench.turn(name, way, count)
            seen += count
        if not steps or seen - steps[-1][0] >= 40_000:
            gc.collect()
            steps.append((seen, round(_resident(), 1)))
    return steps


def _resident() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * 4096 / 2**20


if __name__ == "__main__":
    asyncio.run(main())
