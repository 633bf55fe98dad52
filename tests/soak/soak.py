"""A long life in fast time: requests, events and reconnects by the million, and nothing grows.

Each round asks a whole client for answers of a transport that answers at once, feeds a whole gateway client events,
names that nobody knows among them, and breaks its connections; then it opens a sandbox on real sockets, does an
hour's work there, and closes it.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from acord import Client, Dispatch, Intents
from acord.core import performer
from acord.core.abc import Route
from acord.core.http import HTTPClient
from acord.core.transport import TransportRequest
from acord.routes import get_channel
from acord.sandbox import Sandbox
from acord.testing.clock import virtual_time
from acord.testing.leftovers import Snapshot
from tests.gateway.fleet import Beats, Fleet, VirtualClock
from tests.limiter.replies import headers
from tests.soak.memory import TOKEN

__all__ = ["FLAT", "Round", "Soak", "grown"]

FLAT = 1.05


class Round(NamedTuple):
    """How much of everything one round does."""

    requests: int = 10_000
    events: int = 100_000
    reconnects: int = 10
    sandbox: int = 50
    """Requests and events over sockets."""


class _Answers:
    """A transport that answers at once, on paths that it is not told of."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock, self.count = clock, 0

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, request: TransportRequest, **_: Any) -> "_Answer":
        self.count += 1
        self.clock.now += 0.5
        return _Answer(headers(4, at=self.clock.now, name=f"h{self.count % 40}"))


class _Answer:
    status = 200

    def __init__(self, fields: dict[str, str]) -> None:
        self.headers = [(name.encode(), value.encode()) for name, value in fields.items()]

    async def chunks(self) -> AsyncIterator[bytes]:
        yield b'{"n": 1}'

    async def close(self) -> None: ...


class Soak:
    """One process's life.  Entered, it runs; `round` by round."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.fleet = Fleet(self.clock)
        self.transport = _Answers(self.clock)
        self.requests = self.events = self.reconnects = self.seen = 0
        self.left: list[str] = []
        """After the end: tasks, threads, sockets and files that are still there."""
        carrier: Any = self.transport
        self.http = HTTPClient(token=TOKEN, connector=carrier, clock=self.clock)
        self.client = Client(
            token=TOKEN,
            intents=Intents.GUILDS,
            url="wss://gateway.discord.gg",
            shard_count=1,
            max_concurrency=1,
            keepalive=Beats,
            compress=None,
            clock=self.clock,
            http=self.http,
        )
        self.client.on("CHANNEL_PINS_UPDATE")(self._pinned)
        self.client.on(Dispatch, where=lambda dispatch: (dispatch.seq or 0) % 50 == 0)(self._whole)
        self._seq = 1
        self._quiet = [logging.getLogger(f"acord.core.{name}") for name in ("performer", "shards", "subscriptions")]

    def _pinned(self, event: object) -> None:
        self.seen += 1

    async def _whole(self, dispatch: Dispatch) -> None:
        self.seen += bool(dispatch.data)

    async def __aenter__(self) -> "Soak":
        self._before = Snapshot()
        for logger in self._quiet:
            logger.disabled = True  # a test keeps every line
        with self._dialling():
            await self.client.__aenter__()
            self._running = asyncio.ensure_future(self.client.run_forever())
            await self.clock.until(lambda: self.fleet.open)
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.client.close()
            await asyncio.gather(self._running, return_exceptions=True)
            self.left = await self._before.left()
        finally:
            for logger in self._quiet:
                logger.disabled = False

    @contextmanager
    def _dialling(self) -> Iterator[None]:
        real, performer.dial = performer.dial, self.fleet.dial
        try:
            yield
        finally:
            performer.dial = real

    async def round(self, size: Round) -> None:
        """Once of everything."""
        for _ in range(size.requests):
            # Paths that no other request has, as a raw call may have them.
            await self.http.request(Route("GET", path=f"/channels/{self.requests + 10**17}/messages"))
            self.requests += 1
        with self._dialling():
            for _ in range(size.reconnects):
                await self._life(size.events // size.reconnects)
        await self._on_sockets(size.sandbox)

    async def _life(self, events: int) -> None:
        fleet, wire = self.fleet, self.fleet.open[0]
        for number in range(self._seq + 1, self._seq + 1 + events):
            name = "CHANNEL_PINS_UPDATE" if number % 5 == 0 else f"NEW_{number}" if number % 3 else "MESSAGE_CREATE"
            data = {"op": 0, "s": number, "t": name, "d": {"type": number, "flags": number, "id": "1"}}
            wire.handler.on_messages([json.dumps(data).encode()], binary=False)
            if number % 250 == 0:
                wire.say(900 + number, {"n": number})
                await asyncio.sleep(0)
        self._seq += events + 1
        self.events += events
        del fleet.wires[:-1], fleet.resumes[:], fleet.connects[:], fleet.closes[:]
        wire.drop(1006)
        await self.clock.run(70.0)  # the backoff, and a minute of peace, which forgets it
        assert wire is not fleet.open[0]
        self.reconnects += 1

    async def _on_sockets(self, count: int) -> None:
        with virtual_time() as time:
            async with Sandbox(seed=self.requests) as discord:
                client = discord.client(intents=Intents.all(), clock=time, http=discord.http(clock=time))
                seen: list[Dispatch] = []
                client.on(Dispatch)(seen.append)
                async with client:
                    running = asyncio.ensure_future(client.run_forever())
                    await discord.until(lambda: any(one.name == "GUILD_CREATE" for one in seen), timeout=60)
                    for number in range(count):
                        await client.http.request(get_channel(discord.general))
                        discord.alice.send(discord.general, str(number))
                        if number % 10 == 9:
                            discord.gateway.drop()
                            self.reconnects += 1
                    said = count
                    await discord.until(
                        lambda: sum(one.name == "MESSAGE_CREATE" for one in seen) == said, timeout=3_600
                    )
                    await client.close()
                    await asyncio.gather(running, return_exceptions=True)
        self.requests += count
        self.events += len(seen)


def grown(sizes: Sequence[int], *, warm: int | None = None) -> float:
    """How many times as much there is at the end as there was after a fifth of the rounds, or after ``warm``."""
    warm = warm or max(3, len(sizes) // 5)
    return max(sizes[-2:]) / max(sizes[max(0, warm - 2) : warm])
