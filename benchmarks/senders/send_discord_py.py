"""Sends with discord.py what one line of its input says; its last line says what became of it.

Arguments: the API's URL, the token.
"""

import asyncio
import json
import sys
from collections import Counter

import discord
import discord.http


async def main() -> None:
    api, token = sys.argv[1:3]
    discord.http.Route.BASE = f"{api}/v10"
    failed: Counter[str] = Counter()
    async with discord.Client(intents=discord.Intents.none()) as client:

        async def send(channel: str, text: str) -> None:
            try:
                await client.get_partial_messageable(int(channel)).send(text)
            except discord.DiscordException as exc:
                failed[type(exc).__name__] += 1

        await client.login(token)
        print("ready", flush=True)
        load = json.loads(await asyncio.to_thread(sys.stdin.readline))
        if load["one_by_one"]:
            for one in load["sends"]:
                await send(*one)
        else:
            await asyncio.gather(*(send(*one) for one in load["sends"]))
    print(json.dumps(failed), flush=True)


asyncio.run(main())
