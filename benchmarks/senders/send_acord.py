"""Sends with ACord what one line of its input says; its last line says what became of it.

Arguments: the API's URL, the token.
"""

import asyncio
import json
import sys
from collections import Counter

from acord import HTTPClient, errors
from acord.routes import messages, users


async def main() -> None:
    api, token = sys.argv[1:3]
    failed: Counter[str] = Counter()
    async with HTTPClient(token=token, base_url=api) as http:

        async def send(channel: str, text: str) -> None:
            try:
                await http.request(messages.create_message(channel, content=text))
            except errors.ACordError as exc:
                failed[type(exc).__name__] += 1

        await http.request(users.get_my_user())
        print("ready", flush=True)
        load = json.loads(await asyncio.to_thread(sys.stdin.readline))
        if load["one_by_one"]:
            for one in load["sends"]:
                await send(*one)
        else:
            await asyncio.gather(*(send(*one) for one in load["sends"]))
    print(json.dumps(failed), flush=True)


asyncio.run(main())
