"""What a GET costs the client, in CPU time: ours with each transport, each transport bare, and discord.py.

Run it: ``python benchmarks/rest.py [PYTHON] [--keep]``; PYTHON is an interpreter that has discord.py.  The server is
a process of its own, so that its work is not counted; the candidates take turns, and their best rounds count.
"""

import asyncio
import json
import os
import platform
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from time import process_time

from measure import keep

ROUNDS, SEQUENTIAL, CONCURRENT, AT_ONCE = 5, 1500, 3000, 32
BODY = json.dumps({"id": "80351110224678912", "username": "mina", "discriminator": "0", "global_name": "Mina"}).encode()
REMAINING = int(sys.argv[2]) if sys.argv[1:2] == ["--serve"] and sys.argv[2:] else 999_999
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVia: 1.1 google\r\nX-RateLimit-Bucket: abcd\r\n"
    b"X-RateLimit-Limit: %d\r\nX-RateLimit-Remaining: %d\r\nX-RateLimit-Reset: 1790000000.000\r\n"
    b"X-RateLimit-Reset-After: 1.000\r\nContent-Length: %d\r\n\r\n%s" % (REMAINING + 1, REMAINING, len(BODY), BODY)
)
PEER = """
import asyncio, sys
from time import process_time
import discord.http as dh
url, rounds, many, at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
async def main():
    dh.Route.BASE = url
    http = dh.HTTPClient(asyncio.get_running_loop())
    await http.static_login("token")
    async def one(): await http.request(dh.Route("GET", "/users/@me"))
    async def lane(count):
        for _ in range(count): await one()
    await lane(200)
    begun = process_time(); await lane(rounds); a = (process_time() - begun) / rounds
    begun = process_time(); await asyncio.gather(*(lane(many // at_once) for _ in range(at_once)))
    b = (process_time() - begun) / (many // at_once * at_once)
    await http.close()
    print(a * 1e6, b * 1e6)
asyncio.run(main())
"""


class Server(asyncio.Protocol):
    """Answers whatever ends with an empty line."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(ANSWER * data.count(b"\r\n\r\n"))  # type: ignore[attr-defined]


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


Get = Callable[[], Awaitable[object]]


async def measure(get: Get) -> tuple[float, float]:
    """Microseconds of CPU a request: one after the other, and many at once."""

    async def lane(count: int) -> None:
        for _ in range(count):
            await get()

    await lane(200)
    begun = process_time()
    await lane(SEQUENTIAL)
    sequential = (process_time() - begun) / SEQUENTIAL
    begun = process_time()
    await asyncio.gather(*(lane(CONCURRENT // AT_ONCE) for _ in range(AT_ONCE)))
    return sequential * 1e6, (process_time() - begun) / (CONCURRENT // AT_ONCE * AT_ONCE) * 1e6


async def ours(url: str, speed: bool) -> tuple[float, float]:
    from acord.core.abc import Route
    from acord.core.http import HTTPClient
    from acord.core.ratelimiter import DefaultHTTPRatelimiter
    from acord.core.transport import HTTPXTransport
    from acord.core.transport_aiohttp import AIOHTTPTransport

    transport = AIOHTTPTransport() if speed else HTTPXTransport()
    limiter, route = DefaultHTTPRatelimiter(global_limit=float("inf")), Route("GET", path="/users/@me")
    async with HTTPClient(token="token", base_url=url, connector=transport, ratelimiter=limiter) as http:
        return await measure(lambda: http.request(route))


async def bare_httpx(url: str) -> tuple[float, float]:
    import httpx

    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncHTTPTransport(limits=limits, trust_env=False) as transport:

        async def get() -> object:
            headers = [("Host", "x"), ("Authorization", "Bot token")]
            response = await transport.handle_async_request(httpx.Request("GET", f"{url}/users/@me", headers=headers))
            return json.loads(await response.aread())

        return await measure(get)


async def bare_aiohttp(url: str) -> tuple[float, float]:
    import aiohttp

    async with aiohttp.ClientSession(trust_env=False) as session:

        async def get() -> object:
            async with session.get(f"{url}/users/@me", headers={"Authorization": "Bot token"}) as response:
                return json.loads(await response.read())

        return await measure(get)


def main() -> int:
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/api"
    candidates: dict[str, Callable[[], tuple[float, float]]] = {
        "httpx's transport, bare": lambda: asyncio.run(bare_httpx(url)),
        "acord": lambda: asyncio.run(ours(url, False)),
        "aiohttp, bare": lambda: asyncio.run(bare_aiohttp(url)),
        "acord[speed]": lambda: asyncio.run(ours(url, True)),
    }
    if pythons := [argument for argument in sys.argv[1:] if argument != "--keep"]:
        command = [pythons[0], "-c", PEER, f"{url}/v10", str(SEQUENTIAL), str(CONCURRENT), str(AT_ONCE)]

        def peer() -> tuple[float, float]:
            first, second = subprocess.check_output(command, text=True, env={**os.environ}).split()
            return float(first), float(second)

        candidates["discord.py"] = peer
    best = {name: [float("inf"), float("inf")] for name in candidates}
    try:
        for _ in range(ROUNDS):
            for name, run in candidates.items():
                best[name] = [min(old, new) for old, new in zip(best[name], run(), strict=True)]
    finally:
        server.terminate()
        server.wait()
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; us of CPU a GET")
    print(f"{'':26}{'one by one':>12}{f'{AT_ONCE} at once':>12}")
    for name, (sequential, concurrent) in best.items():
        print(f"{name:26}{sequential:12.0f}{concurrent:12.0f}")
    ratios: dict[str, list[float]] = {}
    pairs = [("acord", "httpx's transport, bare"), ("acord[speed]", "aiohttp, bare"), ("acord[speed]", "discord.py")]
    for one, other in pairs:
        if other in best:
            found = [round(a / b, 2) for a, b in zip(best[one], best[other], strict=True)]
            ratios[f"{one} / {other}"] = found
            print(f"{one} / {other}: {found[0]:.2f}, {found[1]:.2f}")
    if "--keep" in sys.argv:
        spent = {name: [round(one, 1) for one in both] for name, both in best.items()}
        versions = {name: version(name) for name in ("httpx", "httpcore", "aiohttp")}
        print(keep("rest", {"us_of_cpu": spent, "ratios": ratios, "at_once": [1, AT_ONCE], "transports": versions}))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(serve()) if "--serve" in sys.argv else main())
