"""Writes all messages of a channel into a file, one JSON object a line, with a bar that shows how far it is.

Run it:      DISCORD_TOKEN=... python examples/bulk_export.py CHANNEL_ID messages.jsonl
No token?    python examples/on_sandbox.py bulk_export GENERAL messages.jsonl
It needs:    VIEW_CHANNEL and READ_MESSAGE_HISTORY there, and the Message Content Intent for their text
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from acord import HTTPClient, Snowflake
from acord.routes import list_messages


def bar(done: float, text: str) -> None:
    """A bar on stderr, so that nothing of it gets into a pipe."""
    if sys.stderr.isatty():
        print(f"\r[{'#' * int(30 * done):30}] {text}", end="", file=sys.stderr, flush=True)


async def export(channel_id: Snowflake, path: Path) -> int:
    """Write the file and return the number of messages; where it fails, the file is not there."""
    begin, now, count = channel_id.created_at, datetime.now(UTC), 0
    beside = path.with_suffix(".part")
    async with HTTPClient.from_env() as http:
        with beside.open("w", encoding="utf-8") as file:
            # Page after page, newest first, the next one on its way while this one is written. Rate limits are kept.
            async for message in http.paginate(list_messages(channel_id)):
                file.write(json.dumps(message.dump()) + "\n")
                count += 1
                # How many there are nobody knows; how far back in time it has come is known.
                written = message.id.created_at
                bar((now - written) / (now - begin), f"{count} messages, back to {written:%Y-%m-%d}")
    beside.replace(path)
    bar(1.0, f"{count} messages{' ' * 20}\n")
    return count


async def main(channel_id: str, path: str) -> None:
    print(f"{await export(Snowflake(channel_id), Path(path))} messages in {path}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
