"""Processor time of a channel's 100 newest messages over loopback, as the objects that each library makes of them.

    python benchmarks/objects.py [--quick] [--keep]

The server and every candidate are processes of their own. Candidates take turns; a ratio is the median of those of the
rounds. Each has shown before that it gets the same hundred messages.
"""

import argparse
import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Awaitable, Callable
from math import floor
from pathlib import Path
from statistics import median
from time import process_time, time
from typing import Any

import peers
from measure import keep, table

ROUNDS, EACH = 12, 150  # in a turn of few requests one full collection is a third of its time, and most have none
CHANNEL = 290926798999357250
USER = {"id": "80351110224678912", "username": "mina", "discriminator": "0", "global_name": "Mina", "avatar": None}
MESSAGE = json.loads((Path(__file__).parent / "data" / "message.json").read_bytes())
MESSAGES = [MESSAGE | {"id": str(int(MESSAGE["id"]) - n), "channel_id": str(CHANNEL)} for n in range(100)]
Get = Callable[[], Awaitable[Any]]


def _answer(body: bytes) -> bytes:
    now = time()
    end = floor(now) + 1
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVia: 1.1 google\r\nX-RateLimit-Bucket: abcd\r\n"
        b"X-RateLimit-Limit: 9999\r\nX-RateLimit-Remaining: 9998\r\nX-RateLimit-Reset: %.3f\r\n"
        b"X-RateLimit-Reset-After: %.3f\r\nContent-Length: %d\r\n\r\n%s" % (end, end - now, len(body), body)
    )


class Server(asyncio.Protocol):
    """Answers whatever ends with an empty line."""

    bodies = tuple(json.dumps(body, separators=(",", ":")).encode() for body in (MESSAGES, USER))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        for head in data.split(b"\r\n\r\n")[:-1]:
            self.transport.write(_answer(self.bodies[b"/messages" not in head]))  # type: ignore[attr-defined]


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def turns(get: Get) -> None:
    got = await get()
    if [int(one.id) for one in got] != [int(one["id"]) for one in MESSAGES] or got[0].content != MESSAGE["content"]:
        raise SystemExit("these are other messages")
    for _ in range(30):
        await get()
    print("ready", flush=True)
    for _ in sys.stdin:
        begun = process_time()
        for _ in range(EACH):
            await get()
        print((process_time() - begun) / EACH * 1e6, flush=True)


async def ours(url: str, speed: bool) -> None:
    from acord import HTTPClient
    from acord.core.ratelimiter import DefaultHTTPRatelimiter
    from acord.core.transport import HTTPXTransport
    from acord.core.transport_aiohttp import AIOHTTPTransport
    from acord.routes import messages

    limiter = DefaultHTTPRatelimiter(global_limit=float("inf"))
    connector = AIOHTTPTransport() if speed else HTTPXTransport()
    async with HTTPClient(token="token", base_url=url, connector=connector, ratelimiter=limiter) as http:
        await turns(lambda: http.request(messages.list_messages(CHANNEL, limit=100)))


async def bare(url: str) -> None:
    """What nobody can do without who has these objects: aiohttp's answer, and pydantic's validator on it."""
    import aiohttp
    from pydantic import TypeAdapter

    from acord.models import Message

    validate = TypeAdapter(list[Message]).validator.validate_json
    async with aiohttp.ClientSession() as session:

        async def get() -> Any:
            async with session.get(f"{url}/v10/channels/{CHANNEL}/messages?limit=100") as answer:
                return validate(await answer.read())

        await turns(get)


async def discord_py(url: str) -> None:
    import discord
    import discord.http

    discord.http.Route.BASE = f"{url}/v10"
    async with discord.Client(intents=discord.Intents.none(), max_messages=None) as client:
        await client.http.static_login("token")
        channel = client.get_partial_messageable(CHANNEL)

        async def get() -> Any:
            return [one async for one in channel.history(limit=100)]

        await turns(get)


async def hikari(url: str) -> None:
    import hikari as library

    logging.getLogger("hikari").setLevel(logging.ERROR)  # it takes windows for sliding, and warns of each new one
    app = library.RESTApp(url=f"{url}/v10")
    await app.start()
    async with app.acquire("token", library.TokenType.BOT) as rest:

        async def get() -> Any:
            return await rest.fetch_messages(CHANNEL).limit(100)

        await turns(get)
    await app.close()


CANDIDATES: dict[str, Callable[[str], Any]] = {
    "acord": lambda url: ours(url, False),
    "acord[speed]": lambda url: ours(url, True),
    "aiohttp and pydantic, bare": bare,
    "discord.py": discord_py,
    "hikari": hikari,
}


OURS = {"acord", "acord[speed]", "aiohttp and pydantic, bare"}
"""What this interpreter runs."""


class Candidate:
    def __init__(self, name: str, url: str) -> None:
        python = sys.executable if name in OURS else str(peers.python())
        command = [python, "-W", "ignore", __file__, "--candidate", name, url]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._line() != "ready\n":
            raise SystemExit(f"{name} did not get ready")

    def turn(self) -> float:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


def measured(rounds: int) -> dict[str, list[float]]:
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/api"
    there = {peer.name for peer in peers.peers()} | OURS
    running = {name: Candidate(name, url) for name in CANDIDATES if name in there}
    seen: dict[str, list[float]] = {name: [] for name in running}
    try:
        for turn in range(rounds):
            for name in running if turn % 2 else reversed(running):
                seen[name].append(running[name].turn())
    finally:
        for process in (*(one.process for one in running.values()), server):
            process.terminate()
            process.wait()
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the rounds")
    parser.add_argument("--keep", action="store_true", help="write the results to benchmarks/results/")
    arguments = parser.parse_args()
    seen = measured(ROUNDS // 3 if arguments.quick else ROUNDS)
    spent = {name: round(median(turns), 1) for name, turns in seen.items()}
    ratios = {
        f"{one} / {other}": round(median(a / b for a, b in zip(seen[one], seen[other], strict=True)), 3)
        for one in ("acord[speed]", "acord", "aiohttp and pydantic, bare")
        for other in ("aiohttp and pydantic, bare", "discord.py", "hikari")
        if other in seen and other != one
    }
    table("100 messages as objects, us of CPU", ("", "us"), [(name, f"{each:.0f}") for name, each in spent.items()])
    table("Ratios", ("", ""), [(name, f"{each:.2f}") for name, each in ratios.items()])
    if arguments.keep:
        print(keep("objects", {"us_of_cpu": spent, "ratios": ratios, "peers": peers.versions()}))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--serve"]:
            asyncio.run(serve())
        case ["--candidate", name, url]:
            asyncio.run(CANDIDATES[name](url))
        case _:
            main()
