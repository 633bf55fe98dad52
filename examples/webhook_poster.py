"""Posts through a webhook: no bot, no token, only the webhook's URL.

Run it:      WEBHOOK_URL=https://discord.com/api/webhooks/... python examples/webhook_poster.py "Build 7 is done"
             Names of files may follow. The URL is a credential: it belongs into the environment, not into the code.
"""

import asyncio
import os
import sys

from acord import File, HTTPClient, Webhook, errors


async def main(text: str, *files: str) -> None:
    hook = Webhook.from_url(os.environ["WEBHOOK_URL"])
    async with HTTPClient() as http:
        try:
            # With wait=True the message comes back; without it Discord answers before it is there.
            message = await http.request(
                hook.execute(
                    content=text,
                    username="Build",
                    embeds=[{"title": "acord", "description": "posted by a webhook", "color": 0x5865F2}],
                    files=[File(name) for name in files],
                    allowed_mentions={"parse": []},  # whatever the text says, nobody is pinged
                    wait=True,
                )
            )
        except errors.NotFound:
            sys.exit("the webhook is gone: somebody deleted it")  # and is not asked for again by this client
        assert message is not None
        print(f"posted {message.id}")
        await http.request(hook.edit(message.id, content=f"{text} (edited)"))


if __name__ == "__main__":
    if len(sys.argv) < 2 or "WEBHOOK_URL" not in os.environ:
        sys.exit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
