"""Runs an example, or a program of your own, against a Discord on this machine: no token, no network.

Run it:      python examples/on_sandbox.py ping_bot
             python examples/on_sandbox.py bulk_export GENERAL messages.jsonl
GENERAL and GUILD among the arguments become the ids of the sandbox's channel and guild.
"""

import asyncio
import os
import runpy
import sys
import threading
from pathlib import Path

from acord.core import abc
from acord.sandbox import Sandbox


def serve(ready: "threading.Event", discord: Sandbox) -> None:
    async def run() -> None:
        async with discord:
            ready.set()
            await asyncio.Event().wait()

    asyncio.run(run())


def main(name: str, *arguments: str) -> None:
    program = Path(name) if name.endswith(".py") else Path(__file__).with_name(f"{name}.py")
    if not program.is_file():
        sys.exit(f"there is no {program}")
    discord, ready = Sandbox(), threading.Event()
    # In a thread of its own: the program has the event loop that it makes for itself.
    threading.Thread(target=serve, args=(ready, discord), daemon=True).start()
    ready.wait()
    print(f"A Discord on this machine: {discord.page_url}", file=sys.stderr)
    abc.BASE_API_URL = discord.url
    os.environ["DISCORD_TOKEN"] = discord.token
    ids = {"GENERAL": str(discord.general), "GUILD": str(discord.guild)}
    sys.argv = [str(program), *(ids.get(one, one) for one in arguments)]
    try:
        runpy.run_path(str(program), run_name="__main__")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["ping_bot"]))
