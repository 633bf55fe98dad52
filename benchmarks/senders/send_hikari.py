"""Sends with hikari what one line of its input says; its last line says what became of it.

Arguments: the API's URL, the token.
"""

import asyncio
import json
import sys
from collections import Counter

import hikari


async def main() -> None:
    api, token = sys.argv[1:3]
    failed: Counter[str] = Counter()
    app = hikari.RESTApp(url=f"{api}/v10")
    await app.start()
    async with app.acquire(token, hikari.TokenType.BOT) as rest:

        async def send(channel: str, text: str) -> None:
            try:
                await rest.create_message(int(channel), text)
            except hikari.HikariError as exc:
                failed[type(exc).__name__] += 1

        await rest.fetch_my_user()
        print("ready", flush=True)
        load = json.loads(await asyncio.to_thread(sys.stdin.readline))
        if load["one_by_one"]:
            for one in load["sends"]:
                await send(*one)
        else:
            await asyncio.gather(*(send(*one) for one in load["sends"]))
    await app.close()
    print(json.dumps(failed), flush=True)


asyncio.run(main())
