"""`make soak`: as many rounds as fit into ACORD_SOAK_MINUTES (3); a hundred, which is the full size, with
ACORD_SOAK_FULL=1: 1,000,000 requests, 10,000,000 events, 1,000 reconnects and more.
"""

import asyncio
import os
import sys
import time

from tests.soak.memory import per_bucket, per_shard, resident
from tests.soak.soak import FLAT, Round, Soak, grown

FULL = 100  # rounds
LEAST = 8
MIB = 1 << 20


async def run() -> int:
    full = os.environ.get("ACORD_SOAK_FULL") == "1"
    ends = time.monotonic() + 60 * float(os.environ.get("ACORD_SOAK_MINUTES", "3"))
    size = Round()
    print(f"one idle bucket  {per_bucket():8.0f} bytes")
    print(f"one idle shard   {await per_shard():8.0f} bytes, without its socket")
    sizes: list[int] = []
    async with Soak() as soak:
        while len(sizes) < (FULL if full else LEAST) or (not full and time.monotonic() < ends):
            await soak.round(size)
            sizes.append(resident())
            print(
                f"round {len(sizes):3}: {soak.requests:9,} requests {soak.events:11,} events "
                f"{soak.reconnects:6,} reconnects {sizes[-1] / MIB:8.1f} MiB resident",
                flush=True,
            )
    factor = grown(sizes)
    print(f"resident at the end: {factor:.3f} times what it was after the first fifth; at most {FLAT}")
    print(f"left behind: {', '.join(soak.left) or 'nothing'}")
    return int(factor > FLAT or bool(soak.left))


if __name__ == "__main__":
    sys.exit(asyncio.run(run()))
