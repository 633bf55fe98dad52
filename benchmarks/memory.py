"""What stays in memory: a client that is ready, 100,000 requests, 200,000 events.

    python benchmarks/memory.py [--quick] [--keep]

Resident size of processes that do nothing else, each against a server in a process of its own. Flat means: after the
first fifth, which fills caches, it grows no more.
"""

import argparse
import asyncio
import gc
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from measure import keep, resident, table

REQUESTS, EVENTS, STEPS = 100_000, 200_000, 10
AT_ONCE = 32
AHEAD = 250  # events that this script itself holds at once
HERE = str(Path(__file__))


# In processes of their own


async def ready(url: str, token: str) -> list[float]:
    """MiB of a client that has read READY; and of one that has seen its guild, sent a message and read it, too."""
    from acord import Client, HTTPClient, Intents, events
    from acord.routes import messages

    http = HTTPClient(token=token, base_url=url)
    async with Client(token=token, intents=Intents.all(), http=http) as client:
        begun, said = client.events(events.Ready), client.events(events.MessageCreate)
        seen: Any = client.events(events.GuildCreate)
        running = asyncio.ensure_future(client.run_forever())
        assert (await anext(aiter(begun))).session_id
        gc.collect()
        at_first = resident()
        guild = await anext(aiter(seen))
        channel = next(one for one in guild.channels if one.type == 0)
        sent = await client.http.request(messages.create_message(channel.id, content="hello"))
        assert (await anext(aiter(said))).content == sent.content == "hello"
        gc.collect()
        sizes = [at_first, resident()]
    await asyncio.gather(running, return_exceptions=True)
    return sizes


async def requests(url: str, count: int) -> list[float]:
    """MiB after each tenth of so many requests, typed, over 500 routes."""
    from acord import HTTPClient
    from acord.core.ratelimiter import DefaultHTTPRatelimiter
    from acord.routes import users

    sizes: list[float] = []
    limiter = DefaultHTTPRatelimiter(global_limit=float("inf"))
    async with HTTPClient(token="token", base_url=url, ratelimiter=limiter) as http:

        async def lane(number: int, each: int) -> None:
            for n in range(each):
                assert (await http.request(users.get_user(10**17 + (number * each + n) % 500))).username == "mina"

        for _ in range(STEPS):
            await asyncio.gather(*(lane(number, count // STEPS // AT_ONCE) for number in range(AT_ONCE)))
            gc.collect()
            sizes.append(resident())
    return sizes


async def events_read(count: int) -> list[float]:
    """MiB after each tenth of so many events of three kinds, two of which are read."""
    from gateway import EVENTS as KINDS, Bench, async_for, connected, nobody, sync_callback

    assert {"MESSAGE_CREATE", "TYPING_START", "MESSAGE_DELETE"} <= KINDS.keys()
    bench, sizes = Bench(*await connected()), list[float]()
    ways = (("MESSAGE_CREATE", sync_callback), ("TYPING_START", async_for), ("MESSAGE_DELETE", nobody))
    for _ in range(STEPS):
        for _ in range(-(-count // (STEPS * 3 * AHEAD))):
            for name, way in ways:
                await bench.turn(name, way, AHEAD)
        gc.collect()
        sizes.append(resident())
    await bench.client.close()
    return sizes


# What starts them


async def elsewhere(*arguments: object) -> list[float]:
    command = (sys.executable, HERE, *map(str, arguments))
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    out, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"{arguments[0]} could not be measured")
    sizes: list[float] = json.loads(out)
    return [round(size, 1) for size in sizes]


async def against_a_sandbox() -> list[float]:
    from acord.sandbox import Sandbox

    async with Sandbox() as discord:
        return await elsewhere("ready", discord.url, discord.token)


async def against_a_server(count: int) -> list[float]:
    script = str(Path(__file__).parent / "rest.py")
    server = await asyncio.create_subprocess_exec(sys.executable, script, "--serve", stdout=subprocess.PIPE)
    assert server.stdout is not None
    port = (await server.stdout.readline()).decode().strip()
    try:
        return await elsewhere("requests", f"http://127.0.0.1:{port}/api", count)
    finally:
        server.terminate()
        await server.wait()


def growth(sizes: list[float]) -> float:
    """The largest size after the first fifth, over that at its end."""
    settled = sizes[max(1, len(sizes) // 5) - 1 :]
    return round(max(settled) / settled[0], 3)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests and events")
    parser.add_argument("--keep", action="store_true", help="write the results to benchmarks/results/")
    arguments = parser.parse_args()
    share = 10 if arguments.quick else 1
    # What is ready: when READY was read, then when a guild and a message of its own were, too.
    runs: dict[str, Callable[[], Awaitable[list[float]]]] = {
        "client ready": against_a_sandbox,
        f"{REQUESTS // share:,} requests": lambda: against_a_server(REQUESTS // share),
        f"{EVENTS // share:,} events": lambda: elsewhere("events", EVENTS // share),
    }
    sizes = {name: await run() for name, run in runs.items()}
    grown = {name.split()[1]: growth(found) for name, found in sizes.items() if len(found) == STEPS}
    rows = [
        (name, f"{found[0]:.1f}", f"{found[-1]:.1f}", f"{growth(found):.3f}" if len(found) == STEPS else "")
        for name, found in sizes.items()
    ]
    table("Resident size, MiB", ("", "first", "last", "growth"), rows)
    if arguments.keep:
        print(keep("memory", {"mib": sizes, "growth": grown, "ready_mib": sizes["client ready"][0]}))


if __name__ == "__main__":
    said: Any = None
    match sys.argv[1:]:
        case ["ready", url, token]:
            said = asyncio.run(ready(url, token))
        case ["requests", url, count]:
            said = asyncio.run(requests(url, int(count)))
        case ["events", count]:
            said = asyncio.run(events_read(int(count)))
        case _:
            asyncio.run(main())
    if said is not None:
        print(json.dumps(said))
