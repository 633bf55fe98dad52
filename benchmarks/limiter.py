"""What waiting costs: CPU a request of the rate limiter alone and of the whole client, with few and with many waiting.

Run it: ``python benchmarks/limiter.py [--keep]``.  The limiter alone is driven by a clock that jumps; the client talks
to a server in a process of its own that allows seven requests at a time, so that all others wait in the limiter.  The
candidates take turns, and the best of their rounds counts.
"""

import asyncio
import gc
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from time import process_time
from typing import Any

from measure import keep, table

from acord.core.abc import Route
from acord.core.http import HTTPClient
from acord.core.ratelimiter import DefaultHTTPRatelimiter
from acord.core.transport import HTTPXTransport, Transport
from acord.core.transport_aiohttp import AIOHTTPTransport

ROUNDS, ALONE, WHOLE = 6, 10_000, 2_000
FEW, MANY, CROWD = 8, 1_000, 10_000
LIMIT, WINDOW = 5, 1.0  # of the simulated bucket: each wake-up lets five go


class Jumping:
    """A clock on which nobody ever waits: who sleeps wakes in the next turn of the loop, and it is that much later."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += max(0.0, seconds)
        await asyncio.sleep(0)


@dataclass
class Asked:
    """The least that the limiter asks of a route."""

    method: str = "POST"
    template: str = "/channels/{channel_id}/messages"
    bucket: Mapping[str, str] = field(default_factory=lambda: {"channel_id": "1"})
    major: tuple[tuple[str, str], ...] = (("channel_id", "1"),)
    body: Any = None
    operation: Any = None


class Bucket:
    """Discord's side of one bucket: a fixed window."""

    def __init__(self, clock: Jumping) -> None:
        self.clock, self.end, self.used = clock, 0.0, 0

    def take(self) -> dict[str, str]:
        now = self.clock.now
        if now >= self.end:
            self.end, self.used = now + WINDOW, 0
        self.used += 1
        assert self.used <= LIMIT, "a 429"
        return {
            "x-ratelimit-bucket": "abcd",
            "x-ratelimit-limit": str(LIMIT),
            "x-ratelimit-remaining": str(LIMIT - self.used),
            "x-ratelimit-reset": f"{1.79e9 + self.end:.3f}",
            "x-ratelimit-reset-after": f"{self.end - now:.3f}",
        }


def answering() -> float:
    """Seconds of CPU that the simulated server's side of all requests takes, which is nobody's cost."""
    clock = Jumping()
    server = Bucket(clock)
    begun = process_time()
    for number in range(ALONE):
        if not number % LIMIT:
            clock.now += WINDOW
        server.take()
    return process_time() - begun


async def alone(waiting: int) -> float:
    """Microseconds of CPU from `acquire` to `report`, while so many wait in one bucket."""
    clock, route = Jumping(), Asked()
    limiter, server = DefaultHTTPRatelimiter(global_limit=float("inf"), clock=clock), Bucket(clock)
    left = waiting * 2 + ALONE

    async def caller() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            permit = await limiter.acquire(route)
            permit.report(200, server.take(), None)

    callers = [asyncio.ensure_future(caller()) for _ in range(waiting)]
    while left > ALONE:  # noqa: ASYNC110 - until as many wait as shall; an event would be work of its own
        await asyncio.sleep(0)
    begun = process_time()
    while left > 0:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)
    used = process_time() - begun
    await asyncio.gather(*callers)
    return (used - answering()) / ALONE * 1e6


async def waited(waiting: int) -> float:
    """Microseconds of CPU for what no limiter can do without: a future, and a switch of tasks."""
    clock = Jumping()
    server, queue, left = Bucket(clock), deque[asyncio.Future[None]](), waiting * 2 + ALONE

    async def caller() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            turn = asyncio.get_running_loop().create_future()
            queue.append(turn)
            await turn
            server.take()

    async def let_go() -> None:
        while queue or left > 0:
            clock.now += WINDOW
            for _ in range(min(LIMIT, len(queue))):
                queue.popleft().set_result(None)
            await asyncio.sleep(0)

    tasks = [asyncio.ensure_future(caller()) for _ in range(waiting)]
    tasks.append(asyncio.ensure_future(let_go()))
    while left > ALONE:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)
    begun = process_time()
    while left > 0:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)
    used = process_time() - begun
    await asyncio.gather(*tasks)
    return (used - answering()) / ALONE * 1e6


async def whole(url: str, transport: Transport, waiting: int) -> float:
    """Microseconds of CPU a GET of the whole client, while so many calls are under way or wait."""
    limiter, route = DefaultHTTPRatelimiter(global_limit=float("inf")), Route("GET", path="/users/@me")
    async with HTTPClient(token="token", base_url=url, connector=transport, ratelimiter=limiter) as http:

        async def lane(count: int) -> None:
            for _ in range(count):
                await http.request(route)

        async def all_lanes(total: int) -> None:
            await asyncio.gather(*(lane(total // waiting) for _ in range(waiting)))

        await all_lanes(max(200, waiting))
        begun = process_time()
        await all_lanes(WHOLE)
        return (process_time() - begun) / (WHOLE // waiting * waiting) * 1e6


def main() -> int:
    server_code = Path(__file__).parent / "rest.py"
    server = subprocess.Popen([sys.executable, server_code, "--serve", "7"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/api"
    runs: dict[tuple[str, int], Callable[[], float]] = {}
    for waiting in (FEW, MANY, CROWD):
        runs["waiting alone", waiting] = lambda waiting=waiting: asyncio.run(waited(waiting))
        runs["limiter alone", waiting] = lambda waiting=waiting: asyncio.run(alone(waiting))
    for waiting in (FEW, MANY):
        runs["acord", waiting] = lambda waiting=waiting: asyncio.run(whole(url, HTTPXTransport(), waiting))
        runs["acord[speed]", waiting] = lambda waiting=waiting: asyncio.run(whole(url, AIOHTTPTransport(), waiting))
    best = dict.fromkeys(runs, float("inf"))
    try:
        for _ in range(ROUNDS):
            for name, run in runs.items():
                gc.collect()
                best[name] = min(best[name], run())
    finally:
        server.terminate()
        server.wait()
    rows = [
        [name, f"{waiting:,}", f"{spent:.1f}", f"{spent / best[name, FEW]:.2f}"]
        for (name, waiting), spent in best.items()
    ]
    table("CPU a request, by how many wait", ["", "waiting", "us", f"/ {FEW} waiting"], rows)
    if "--keep" in sys.argv:
        measured = {f"{name}, {waiting} waiting": round(spent, 1) for (name, waiting), spent in best.items()}
        versions = {name: version(name) for name in ("httpx", "httpcore", "aiohttp")}
        print(keep("limiter", {"us_of_cpu": measured, "transports": versions}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
