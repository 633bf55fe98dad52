"""A rate limiter of your own: here one that is shy, with a second between any two requests.

Run it:      DISCORD_TOKEN=... python examples/custom_ratelimiter.py
No token?    python examples/on_sandbox.py custom_ratelimiter
A proxy that limits, or a store that several processes share, is put in here as well.  With `ratelimiter=None` there
is no limiter at all, and each 429 is waited out where it happens.
"""

import asyncio
from collections.abc import Mapping

from acord import HTTPClient, errors
from acord.core.lanes import RouteLike
from acord.core.ratelimiter import HTTPRatelimiter, Permit
from acord.routes import get_my_user


class Shy(HTTPRatelimiter):
    """One request at a time, and then a pause."""

    def __init__(self, pause: float) -> None:
        self.pause = pause
        self._free_at = 0.0

    async def acquire(self, route: RouteLike, *, auth_id: str, max_wait: float | None, priority: int) -> Permit:
        """Wait until it is this request's turn; each takes the next free moment, so that none overtakes another."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._free_at)
        if max_wait is not None and turn - now > max_wait:
            raise errors.RateLimited(f"{route.method} {route.template}", retry_after=turn - now)
        self._free_at = turn + self.pause
        await asyncio.sleep(turn - now)
        return Leave(self)

    def hold(self, seconds: float) -> None:
        """Nothing goes out for so long."""
        self._free_at = max(self._free_at, asyncio.get_running_loop().time() + seconds)


class Leave(Permit):
    """Leave to send one request; it hears how that went."""

    def __init__(self, limiter: Shy) -> None:
        self.limiter = limiter

    def report(self, status: int, headers: Mapping[str, str], retry_after: float | None) -> None:
        if status == 429:
            self.limiter.hold(retry_after or 1.0)

    def cancel(self, sent: bool) -> None:
        """There is no answer; nothing to learn from that."""


async def main(pause: float = 1.0) -> None:
    async with HTTPClient.from_env(ratelimiter=Shy(pause)) as http:
        begun = asyncio.get_running_loop().time()
        for me in await asyncio.gather(*(http.request(get_my_user()) for _ in range(3))):
            print(f"I am {me.username}")
        print(f"{asyncio.get_running_loop().time() - begun:.1f} s for three calls")


if __name__ == "__main__":
    asyncio.run(main())
