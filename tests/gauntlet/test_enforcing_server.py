"""The whole client against a Discord that enforces its limits over real sockets: no 429 that could be avoided.

The server's decisions are those of the sandbox's limits, which know no limiter; time is virtual.
"""

import asyncio
from random import Random
from typing import Any

import pytest

from acord.core import errors
from acord.core.abc import Route
from acord.sandbox.faults import Peer, answer
from acord.sandbox.limits.counting import Limit
from tests.gauntlet.kit import Rest
from tests.limiter.simulator import Discord, optimum
from tests.limiter.world import Request, Script, SimRoute

FIXED = Limit("fixed", "fixed", 5, 5.0, hash="aaaa")
ALIGNED = Limit("aligned", "aligned", 10, 10.0, hash="bbbb")
LEAKY = Limit("leaky", "leaky", 5, 5.0, hash="cccc")
WIDE = Limit("wide", "fixed", 1000, 1.0, hash="dddd")
HIDDEN = Limit("hidden", "fixed", 2, 60.0)

WORLDS = {
    "a fixed window": ((20, Request(0.0, SimRoute("one", (FIXED,)))),),
    "windows on the clock": ((25, Request(0.0, SimRoute("one", (ALIGNED,)))),),
    "a leaky bucket": ((15, Request(0.0, SimRoute("one", (LEAKY,)))),),
    "two routes that share a bucket": (
        (8, Request(0.0, SimRoute("one", (FIXED,)))),
        (8, Request(1.0, SimRoute("two", (FIXED,)))),
    ),
    "channels apart": tuple((6, Request(0.0, SimRoute("one", (FIXED,)), major=str(n))) for n in range(1, 9)),
    "the global limit": tuple((25, Request(0.0, SimRoute("one", (WIDE,)), major=str(n))) for n in range(1, 13)),
    "a route without any limit": ((120, Request(0.0, SimRoute("free"))),),
}


class Enforcer:
    """The server's side of one world: a step that hands each request to the simulator."""

    def __init__(self, script: Script) -> None:
        self.script, self.discord = script, Discord(script)
        self.begun = asyncio.get_running_loop().time()
        self.random = Random(script.seed)
        self.finished = 0.0

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time() - self.begun

    async def __call__(self, peer: Peer) -> None:
        number = int(peer.request.target.rpartition("=")[2])
        request, discord = self.script.requests[number], self.discord
        place, sent = (request.route.template, request.major), self.now
        discord.flying[place] += 1
        await self._travel()
        told = discord.handle_request(self.now, number, request, sent)
        await self._travel()
        discord.deliver(self.now, told)
        self.finished = self.now
        body = {} if told.retry_after is None else {"retry_after": told.retry_after, "message": "x"}
        await answer(told.status, body, told.headers)(peer)

    async def _travel(self) -> None:
        await asyncio.sleep(self.script.base + self.script.spread * self.random.random())


async def _play(rest: Any, script: Script) -> tuple[Enforcer, list[Any]]:
    enforcer = Enforcer(script)
    r: Rest = await rest(enforcer)

    async def one(number: int, request: Request) -> Any:
        await asyncio.sleep(request.at)
        route = Route("GET", path=f"/channels/{request.major}/{request.route.template}", n=number)
        return await r.http.request(route)

    calls = [one(number, request) for number, request in enumerate(script.requests)]
    return enforcer, await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.parametrize("world", WORLDS)
async def test_R32_no_429_is_earned_that_could_be_avoided(rest: Any, world: str) -> None:
    script = Script(WORLDS[world])

    enforcer, results = await _play(rest, script)

    assert [{}] * len(script.requests) == results
    assert [] == [one for one in enforcer.discord.refused if one.avoidable]
    trip = 2 * (script.base + script.spread)
    factor = 1.12 if world == "the global limit" else 1.05
    assert enforcer.finished <= factor * optimum(script) + trip * 2


async def test_a_limit_that_no_header_announces_costs_its_first_429_and_no_more_than_that_can_teach(rest: Any) -> None:
    script = Script(((6, Request(0.0, SimRoute("one", (WIDE, HIDDEN)))),))

    enforcer, results = await _play(rest, script)

    assert [{}] * 6 == results
    assert [] == [one for one in enforcer.discord.refused if one.avoidable]
    assert enforcer.discord.refused


async def test_without_a_limiter_the_same_world_refuses(rest: Any) -> None:
    """The server does enforce: what the tests above do not see would be seen."""
    script = Script(WORLDS["a fixed window"])
    enforcer = Enforcer(script)
    r: Rest = await rest(enforcer, ratelimiter=None, decide=lambda attempt: None)

    calls = [_raw(r, number) for number in range(20)]
    results = await asyncio.gather(*calls, return_exceptions=True)

    assert 15 == sum(isinstance(one, errors.RateLimited) for one in results)


async def _raw(r: Rest, number: int) -> Any:
    return await r.http.request(Route("GET", path="/channels/1/one", n=number))
