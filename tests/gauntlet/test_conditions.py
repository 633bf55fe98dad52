"""The main job under other event loops and switches of Python: nothing is said, and nothing is left."""

import pytest

from tests.programs import program

DAY = """
import asyncio, logging, sys

from acord import Intents, events
from acord.routes import create_message
from acord.sandbox import Sandbox

async def main():
    async with Sandbox() as discord, discord.client(intents=Intents.all()) as client:
        @client.on(events.MessageCreate)
        async def answer(message):
            if not message.author.bot:
                await client.http.request(create_message(message.channel_id, content="pong"))

        running = asyncio.create_task(client.run_forever())
        await discord.until(lambda: any(one.t == "GUILD_CREATE" for one in discord.frames), timeout=60)
        discord.alice.send(discord.general, "ping")
        await discord.until(lambda: discord.said(discord.general)[-1] == "pong", timeout=60)
        await client.close()
        await running

# A loop that takes its time on a loaded machine is no finding.
logging.getLogger("asyncio").setLevel(logging.ERROR)
if "uvloop" in sys.argv:
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
print("done")
"""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("switch", ["PYTHONASYNCIODEBUG=1", "PYTHONOPTIMIZE=2", "PYTHONDEVMODE=1"])
async def test_P17_a_day_of_work_leaves_no_word_under_other_conditions(loop: str, switch: str) -> None:
    """With every warning an error, which at the end of an interpreter is a line on stderr."""
    if loop == "uvloop":
        pytest.importorskip("uvloop")

    async with program(DAY, loop, before=("env", switch)) as day:
        code, errors = await day.ends()

    assert (0, "") == (code, errors)
    assert ["done"] == day.lines
