"""What a GET costs the client, in CPU time: ours with each transport, each transport bare, and discord.py.

Run it: ``python benchmarks/rest.py [PYTHON] [--keep]``; PYTHON is an interpreter that has discord.py.  The server and
every candidate are processes of their own, started anew a few times: how one happens to lie in memory is worth some
hundredths.  Candidates take turns of a few hundred requests; a ratio is the median of those of the rounds, so that a
machine whose speed changes from second to second moves both sides of it.
"""

import asyncio
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from statistics import median
from typing import Any

from measure import keep

STARTS, ROUNDS, SEQUENTIAL, CONCURRENT, AT_ONCE = 5, 6, 160, 480, 32
BODY = json.dumps({"id": "80351110224678912", "username": "mina", "discriminator": "0", "global_name": "Mina"}).encode()
REMAINING = int(sys.argv[2]) if sys.argv[1:2] == ["--serve"] and sys.argv[2:] else 999_999
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVia: 1.1 google\r\nX-RateLimit-Bucket: abcd\r\n"
    b"X-RateLimit-Limit: %d\r\nX-RateLimit-Remaining: %d\r\nX-RateLimit-Reset: %.3f\r\n"
    b"X-RateLimit-Reset-After: %.3f\r\nContent-Length: %d\r\n\r\n%s"
)
# What each candidate does, in an interpreter that may have nothing but its own library.
TURNS = """
import asyncio, sys
from time import process_time
async def turns(get, sequential, concurrent, at_once):
    async def lane(count):
        for _ in range(count): await get()
    got = await get()
    if (got["username"] if isinstance(got, dict) else got.username) != "mina": raise SystemExit("this is another user")
    await lane(100)
    await asyncio.gather(*(lane(5) for _ in range(at_once)))
    print("ready", flush=True)
    for _ in sys.stdin:
        await lane(5)
        begun = process_time()
        await lane(sequential)
        between = process_time()
        await asyncio.gather(*(lane(concurrent // at_once) for _ in range(at_once)))
        done = process_time()
        print((between - begun) / sequential * 1e6, (done - between) / concurrent * 1e6, flush=True)
"""
PEER = (
    TURNS
    + """
import discord.http as dh
async def main():
    dh.Route.BASE = sys.argv[1]
    http = dh.HTTPClient(asyncio.get_running_loop())
    await http.static_login("token")
    try: await turns(lambda: http.request(dh.Route("GET", "/users/@me")), *map(int, sys.argv[2:]))
    finally: await http.close()
asyncio.run(main())
"""
)


class Server(asyncio.Protocol):
    """Answers whatever ends with an empty line, out of a window of a second that is never used up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        now = time.time()
        end = math.floor(now) + 1  # by two clocks that agree: a server whose end stands still would be no Discord
        answer = ANSWER % (REMAINING + 1, REMAINING, end, end - now, len(BODY), BODY)
        self.transport.write(answer * data.count(b"\r\n\r\n"))  # type: ignore[attr-defined]


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


Get = Callable[[], Awaitable[object]]


async def take_turns(get: Get) -> None:
    scope: dict[str, Any] = {}
    exec(TURNS, scope)  # noqa: S102 - our own text, which others are to run as well
    await scope["turns"](get, SEQUENTIAL, CONCURRENT, AT_ONCE)


async def ours(url: str, speed: bool) -> None:
    from acord.core.abc import Route
    from acord.core.http import HTTPClient
    from acord.core.ratelimiter import DefaultHTTPRatelimiter
    from acord.core.transport import HTTPXTransport
    from acord.core.transport_aiohttp import AIOHTTPTransport

    transport = AIOHTTPTransport() if speed else HTTPXTransport()
    limiter, route = DefaultHTTPRatelimiter(global_limit=float("inf")), Route("GET", path="/users/@me")
    async with HTTPClient(token="token", base_url=url, connector=transport, ratelimiter=limiter) as http:
        await take_turns(lambda: http.request(route))
    await transport.close()


async def bare_httpx(url: str) -> None:
    import httpx

    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncHTTPTransport(limits=limits, trust_env=False) as transport:

        async def get() -> object:
            headers = [("Host", "x"), ("Authorization", "Bot token")]
            response = await transport.handle_async_request(httpx.Request("GET", f"{url}/users/@me", headers=headers))
            return json.loads(await response.aread())

        await take_turns(get)


async def bare_aiohttp(url: str) -> None:
    import aiohttp

    async with aiohttp.ClientSession(trust_env=False) as session:

        async def get() -> object:
            async with session.get(f"{url}/users/@me", headers={"Authorization": "Bot token"}) as response:
                return json.loads(await response.read())

        await take_turns(get)


CANDIDATES: dict[str, Callable[[str], Any]] = {
    "httpx's transport, bare": bare_httpx,
    "acord": lambda url: ours(url, False),
    "aiohttp, bare": bare_aiohttp,
    "acord[speed]": lambda url: ours(url, True),
}
PAIRS = [("acord", "httpx's transport, bare"), ("acord[speed]", "aiohttp, bare"), ("acord[speed]", "discord.py")]


def main() -> int:
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/api"
    commands = {name: [sys.executable, __file__, "--candidate", name, url] for name in CANDIDATES}
    if pythons := [argument for argument in sys.argv[1:] if argument != "--keep"]:
        numbers = map(str, (SEQUENTIAL, CONCURRENT, AT_ONCE))
        commands["discord.py"] = [pythons[0], "-c", PEER, f"{url}/v10", *numbers]
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    try:
        for _ in range(STARTS):
            _rounds(commands, seen)
    finally:
        server.terminate()
        server.wait()
    spent = {name: [median(column) for column in zip(*turns, strict=True)] for name, turns in seen.items()}
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; us of CPU a GET")
    print(f"{'':26}{'one by one':>12}{f'{AT_ONCE} at once':>12}")
    for name, (sequential, concurrent) in spent.items():
        print(f"{name:26}{sequential:12.0f}{concurrent:12.0f}")
    ratios: dict[str, list[float]] = {}
    for one, other in PAIRS:
        if other in seen:
            found = [
                round(median(a[kind] / b[kind] for a, b in zip(seen[one], seen[other], strict=True)), 2)
                for kind in (0, 1)
            ]
            ratios[f"{one} / {other}"] = found
            print(f"{one} / {other}: {found[0]:.2f}, {found[1]:.2f}")
    if "--keep" in sys.argv:
        rounded = {name: [round(one, 1) for one in both] for name, both in spent.items()}
        versions = {name: version(name) for name in ("httpx", "httpcore", "aiohttp")}
        print(keep("rest", {"us_of_cpu": rounded, "ratios": ratios, "at_once": [1, AT_ONCE], "transports": versions}))
    return 0


def _rounds(commands: dict[str, list[str]], seen: dict[str, list[tuple[float, float]]]) -> None:
    running = {name: _start(command) for name, command in commands.items()}
    try:
        for turn in range(ROUNDS):
            for name in running if turn % 2 else reversed(running):
                seen[name].append(_turn(running[name]))
    finally:
        for child in running.values():
            child.terminate()
            child.wait()


def _start(command: list[str]) -> "subprocess.Popen[str]":
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    if child.stdout.readline() != "ready\n":
        raise SystemExit(f"{command[0]} did not get ready")
    return child


def _turn(child: "subprocess.Popen[str]") -> tuple[float, float]:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("\n")
    child.stdin.flush()
    sequential, concurrent = child.stdout.readline().split()
    return float(sequential), float(concurrent)


if __name__ == "__main__":
    if "--serve" in sys.argv:
        asyncio.run(serve())
    elif "--candidate" in sys.argv:
        asyncio.run(CANDIDATES[sys.argv[2]](sys.argv[3]))
    else:
        sys.exit(main())
