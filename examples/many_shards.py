"""A slice of a large bot: some of its shards in this process, the others elsewhere; restarts lose no event.

Run it:      DISCORD_TOKEN=... python examples/many_shards.py 0-3 16     (the shards 0 to 3 of 16)
No token?    python examples/on_sandbox.py many_shards 0-3 4
Each process takes other shards and a file of its own for sessions.  They identify one after another, as Discord
wants it; where several processes start at once, give them a common `gate=`.
"""

import asyncio
import os
import sys
from collections import Counter
from contextlib import suppress

from acord import FileSession, Gateway, Intents


async def main(shards: str, count: str, sessions: str = "sessions.json") -> None:
    first, _, last = shards.partition("-")
    seen: Counter[str] = Counter()
    async with Gateway(
        os.environ["DISCORD_TOKEN"],
        intents=Intents.GUILDS | Intents.GUILD_MESSAGES,
        shard_ids=range(int(first), int(last or first) + 1),
        shard_count=int(count),
        sessions=FileSession(sessions),
    ) as gateway:
        async for dispatch in gateway:
            # `dispatch.raw` are the bytes, for a queue or a broker; `dispatch.data` decodes them into a typed event.
            seen[dispatch.name] += 1
            if dispatch.name in ("READY", "RESUMED"):
                print(f"shard {dispatch.shard_id} of {gateway.shard_count}: {dispatch.name}", flush=True)
            if seen.total() % 1000 == 0:
                print(", ".join(f"{name} {number}" for name, number in seen.most_common(3)), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    with suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:4]))
