"""An endpoint that this library does not know yet: same rate limits, retries and errors as all others.

Run it:      DISCORD_TOKEN=... python examples/unreleased_endpoint.py CHANNEL_ID
No token?    python examples/on_sandbox.py unreleased_endpoint GENERAL
For more than one call write a few lines of YAML and let `python -m acord generate` make typed helpers of them.
"""

import asyncio
import sys

from acord import HTTPClient, Route, errors


async def main(channel_id: str) -> None:
    async with HTTPClient.from_env() as http:
        # What follows the path is the query; what else a call needs are arguments of `request`.
        look = Route("GET", path=f"/channels/{channel_id}/sparks", limit=5)
        make = Route("POST", path=f"/channels/{channel_id}/sparks")
        try:
            print(await http.request(look))  # decoded JSON
            # Typed and checked, with a body and a reason for the audit log.
            spark = await http.request(make, json={"name": "first"}, reason="to try it", model=dict[str, bool])
            print(f"lit: {spark['lit']}")
        except errors.NotFound as error:
            print(f"not released here: {error}")
        # Entering a call gives the answer whatever it is.
        async with http.request(look) as response:
            print(response.status, response.content_type)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
