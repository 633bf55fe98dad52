"""How much memory there is, and what one bucket and one shard take of it."""

import asyncio
import gc
import resource
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from acord.core import performer
from acord.core.buckets import read_reply
from acord.core.lanes import Lane
from acord.core.scheduler import Scheduler
from acord.core.shards import Gateway
from tests.gateway.fleet import Beats, Fleet, VirtualClock
from tests.limiter.replies import headers

TOKEN = "canary.token.value"


@contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """Gives a function that says how many bytes Python holds now."""

    def held() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        yield held
    finally:
        tracemalloc.stop()


def resident() -> int:
    """Bytes of this process that are in memory; the most there ever were where the system tells no more."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def per_bucket(count: int = 5_000) -> float:
    """Bytes of a bucket that is known and not used."""
    core = Scheduler(global_limit=1e9)
    lanes = [Lane("bot", "GET", "/channels/{}", major=str(number)) for number in range(count)]
    with traced() as held:
        before = held()
        for lane in lanes:
            ticket = core.submit(lane, 1000.0)
            core.report(ticket, read_reply(200, headers(4, at=1000.0)), 1000.0)
            core.settled.clear()
        del ticket
        each = (held() - before) / count
    assert len(core.pools) >= count
    return each


async def per_shard(count: int = 64) -> float:
    """Bytes of a shard that is connected and idle, without what the socket's own library holds."""
    clock = VirtualClock()
    fleet = Fleet(clock)
    real, performer.dial = performer.dial, fleet.dial
    options: dict[str, Any] = {
        "url": "wss://gateway.discord.gg",
        "max_concurrency": count,
        "keepalive": Beats,
        "compress": None,
        "clock": clock,
    }
    try:
        with traced() as held:
            before = held()
            async with Gateway(TOKEN, intents=1, shard_count=count, **options) as gateway:
                await clock.until(lambda: len(fleet.open) == count)
                await clock.until(lambda: all(shard.state == "ready" for shard in gateway.shards.values()))
                del fleet.identifies[:], fleet.connects[:]
                each = (held() - before) / count
    finally:
        performer.dial = real
    await asyncio.sleep(0)
    return each
