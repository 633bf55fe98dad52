"""One life of a client against a sandbox, in virtual time, for state machines: what they share."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings

from acord.core.http import HTTPClient
from acord.sandbox import Sandbox
from acord.sandbox.limits import LimitOptions
from acord.testing.canary import Canary
from acord.testing.clock import virtual_time

__all__ = ["SOAK", "Distant", "Life", "bounded"]

T = TypeVar("T")
SOAK = os.environ.get("ACORD_SOAK") == "1"
TRAVEL = 0.001  # seconds of a request on its way
CLOSES = 5.0  # seconds that a client may take to close


def bounded(examples: int, steps: int) -> settings:
    """So many scripts every day, twenty times as many, and longer ones, with ``ACORD_SOAK=1``."""
    return settings(
        max_examples=examples * 20 if SOAK else examples,
        stateful_step_count=steps * 2 if SOAK else steps,
        deadline=None,
        derandomize=not SOAK,  # `make deep` looks for what is new
        # Looking for a smaller script takes minutes.
        phases=[*Phase] if SOAK else [Phase.explicit, Phase.generate],
        suppress_health_check=[*HealthCheck],
    )


class Distant(HTTPClient):
    """Its requests take their time to the server."""

    async def transmit(self, *args: Any, **options: Any) -> Any:
        await self.clock.sleep(TRAVEL)
        self.require_usable()  # nothing may be sent after the end
        return await super().transmit(*args, **options)


class Life:
    """A sandbox and an event loop of its own, whose time is virtual.  The client under test logs at DEBUG."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.random = Random(7)
        self.canary = Canary()
        self._logger = logging.getLogger("acord")
        self._level, self._spreads = self._logger.level, self._logger.propagate
        self._logger.addHandler(self.canary)
        self._logger.setLevel(logging.DEBUG)
        self._logger.propagate = False
        self.run(self._begin())

    async def _begin(self) -> None:
        self.time = self.stack.enter_context(virtual_time())
        self.discord = await self.stack.enter_async_context(Sandbox(wall=self.wall))
        self.discord.limits.options = LimitOptions(travel=TRAVEL)
        self.canary.secrets[:] = [self.discord.token]
        self.tasks = asyncio.all_tasks()

    def wall(self) -> float:
        """The time of day, of client and server."""
        return 1_790_000_000.0 + self.time.now

    def http(self) -> Distant:
        """A client of the sandbox."""
        discord = self.discord
        return Distant(
            token=discord.token, base_url=discord.url, clock=self.time, wall=self.wall, random=self.random.random,
            timeout=20.0,
        )  # fmt: skip

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(what)

    def do(self, call: Callable[..., T], *args: Any, **options: Any) -> T:
        """Call it inside of the loop."""

        async def inside() -> T:
            return call(*args, **options)

        return self.run(inside())

    def wait(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    async def left(self) -> list[str]:
        """Tasks of the client that are still there; the server's own end when it has read that the client is gone."""
        for _ in range(50):
            await asyncio.sleep(0.01)
        new = asyncio.all_tasks() - self.tasks - {asyncio.current_task()}
        return [repr(one) for one in new if "/sandbox/" not in repr(one) and "streams.py" not in repr(one)]

    def end(self) -> None:
        """What must hold of every life, when it is over."""
        try:
            assert [] == self.run(self.left()), "I6: a task is left"
            self.canary.check()  # I4
        finally:
            self.drop()

    def drop(self, *clients: Coroutine[Any, Any, object]) -> None:
        """Let go of everything, of these ``clients`` first."""
        for closing in clients:
            self.run(closing)
        self._logger.removeHandler(self.canary)
        self._logger.setLevel(self._level)
        self._logger.propagate = self._spreads
        self.run(self.stack.aclose())
        self.run(self.loop.shutdown_asyncgens())
        self.run(self.loop.shutdown_default_executor())
        self.loop.close()
