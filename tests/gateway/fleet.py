"""A clock that stands until everybody waits, and shards over a gateway without sockets: for tests of many shards."""

import asyncio
import heapq
import itertools
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit


class VirtualClock:
    """Time passes only when nothing else can happen, and then to the next moment that somebody waits for."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), future))
        await future

    async def settle(self) -> None:
        """Let everything happen that needs no time."""
        for _ in range(60):
            await asyncio.sleep(0)

    async def run(self, seconds: float) -> None:
        """So much time passes, in the steps that those who wait ask for."""
        end = self.now + seconds
        while True:
            await self.settle()
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            if not self._sleepers or self._sleepers[0][0] > end:
                break
            self.now, _, future = heapq.heappop(self._sleepers)
            future.set_result(None)
        self.now = end

    async def until(self, condition: Callable[[], object], most: float = 3600.0) -> None:
        end = self.now + most
        await self.settle()
        while not condition():
            assert self.now < end, "it did not happen"
            await self.run(0.05)


class Wire:
    """The client's end of a connection that has no socket; the gateway answers at once."""

    def __init__(self, fleet: "Fleet", url: str, handler: Any) -> None:
        self.fleet, self.handler = fleet, handler
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.shard: int | None = None
        self.paused = False

    def say(self, op: int, d: object, s: int | None = None, t: str | None = None) -> None:
        self.handler.on_messages([json.dumps({"op": op, "d": d, "s": s, "t": t}).encode()], binary=False)

    def send(self, data: bytes, *, binary: bool) -> None:
        payload = json.loads(data)
        asyncio.get_running_loop().call_soon(self.fleet.got, self, payload)

    def close(self, code: int) -> None:
        self.fleet.closes.append((self.shard, code))
        self._end(None)

    def abort(self) -> None:
        self._end(None)

    def drop(self, code: int | None = None) -> None:
        """The other side goes."""
        self._end(code)

    def _end(self, code: int | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)
            asyncio.get_running_loop().call_soon(self.handler.on_end, code, "")

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False


class Fleet:
    """A gateway for many shards: notes who identifies and resumes, and when."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.wires: list[Wire] = []
        self.identifies: list[tuple[float, int]] = []
        self.resumes: list[tuple[float, int, int]] = []
        self.connects: list[float] = []
        self.closes: list[tuple[int | None, int]] = []
        self.commands: list[tuple[int | None, dict[str, Any]]] = []
        self.refuse: dict[int, int] = {}
        """Shard -> the close code that its Identify gets."""
        self.ready: dict[str, Any] = {}
        """What READY says besides."""
        self.up = True

    async def dial(self, url: str, handler: Any, **_: Any) -> Any:
        self.connects.append(self.clock.now)
        if not self.up:
            raise OSError("nobody is there")
        wire = Wire(self, url, handler)
        self.wires.append(wire)
        await asyncio.sleep(0)
        handler.on_open(wire)
        wire.say(10, {"heartbeat_interval": 41_250})
        return wire

    @property
    def open(self) -> dict[int, Wire]:
        return {wire.shard: wire for wire in self.wires if wire.shard is not None and not wire.closed.done()}

    def got(self, wire: Wire, payload: dict[str, Any]) -> None:
        op, d = payload["op"], payload["d"]
        if wire.closed.done():
            return
        if op == 1:
            wire.say(11, None)
        elif op == 2:
            wire.shard = d["shard"][0]
            assert wire.shard is not None
            self.identifies.append((self.clock.now, wire.shard))
            if wire.shard in self.refuse:
                wire.drop(self.refuse[wire.shard])
                return
            wire.say(0, {"session_id": f"s{wire.shard}", **self.ready}, 1, "READY")
        elif op == 6:
            wire.shard = int(d["session_id"][1:])
            self.resumes.append((self.clock.now, wire.shard, d["seq"]))
            wire.say(0, {}, d["seq"] + 1, "RESUMED")
        else:
            self.commands.append((wire.shard, payload))


class API:
    """Answers Get Gateway Bot, or does not."""

    base_url: str | None = None

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def fetch_gateway(self) -> dict[str, Any]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, BaseException):
            raise answer
        found: dict[str, Any] = answer
        return found


def limits(shards: int = 1, concurrency: int = 1, remaining: int = 1000, **changes: Any) -> dict[str, Any]:
    limit = {"total": 1000, "remaining": remaining, "reset_after": 3_600_000, "max_concurrency": concurrency}
    return {"url": "wss://gateway.discord.gg", "shards": shards, "session_start_limit": limit} | changes


class Beats:
    """A heartbeat in virtual time, without a thread."""

    def __init__(self, shard: Any, interval_ms: int) -> None:
        self._shard, self._interval, self._ended = shard, interval_ms / 1000, False

    def start(self) -> None:
        self._shard._spawn(self._beat())

    async def _beat(self) -> None:
        while True:
            await self._shard._clock.sleep(self._interval)
            if self._ended:
                return
            self._shard.send({"op": 1, "d": self._shard.sequence})

    def ack(self) -> None: ...
