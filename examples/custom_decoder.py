"""A JSON decoder of your own: for another library, or to see numbers as they were written.

Run it:      DISCORD_TOKEN=... python examples/custom_decoder.py
No token?    python examples/on_sandbox.py custom_decoder
"""

import asyncio
import json
from decimal import Decimal
from functools import partial

from acord import HTTPClient, Route
from acord.core import decoders

# From now on every answer and every event of this process is decoded by it; any callable from str or bytes will do,
# such as orjson.loads.  Typed models are made of bytes directly and do not need it.
decoders.JSON = partial(json.loads, parse_float=Decimal)


async def main() -> None:
    async with HTTPClient.from_env() as http:
        gateway = await http.request(Route("GET", path="/gateway/bot"))
        print(gateway["url"], gateway["session_start_limit"])


if __name__ == "__main__":
    asyncio.run(main())
