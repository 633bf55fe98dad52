"""A bot at work against a Discord on this machine: it answers, its connection breaks, it comes back.  Run: make demo"""

import asyncio
import os
import sys
from time import perf_counter

from acord import Client, Intents, errors, events
from acord.events.interactions import CommandInteractionData
from acord.models.dicts import ApplicationCommandUpdateRequestDict
from acord.routes import (
    bulk_set_application_commands,
    create_interaction_response,
    create_message,
    get_channel,
    get_my_user,
    list_messages,
)
from acord.sandbox import Sandbox
from acord.sandbox.recorder import Frame, Request

COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def paint(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if COLOUR else text


def heading(text: str) -> None:
    print(f"\n{paint('1', text)}")


def wire(entry: Request | Frame) -> None:
    """What went over the wire, as it goes."""
    if isinstance(entry, Request):
        print(f"    {paint('2', f'->  {entry.method} {entry.path}  {entry.status}')}")
    elif entry.op not in (1, 11):
        arrow = "<= " if entry.direction == "out" else "=> "
        what = entry.t or {2: "IDENTIFY", 6: "RESUME", 10: "HELLO"}.get(entry.op or 0, f"op {entry.op}")
        print(f"    {paint('2', f'{arrow} {what}')}")


def code(text: str) -> None:
    print(f"  {paint('36', text)}")


def result(text: str) -> None:
    print(f"    {paint('32', '=')} {text}")


def say(who: str, text: str) -> None:
    print(f"  {paint('33', who + ':')} {text}")


# The bot: twelve lines, and all that a user would write

client: Client


async def ping(message: events.MessageCreate) -> None:
    if message.content.startswith("!ping"):
        await client.http.request(create_message(message.channel_id, content="pong"))


async def greet(interaction: events.InteractionCreate) -> None:
    data = interaction.data
    name = data.options[0].value if isinstance(data, CommandInteractionData) and data.options else "stranger"
    answer = create_interaction_response(interaction.id, interaction.token, type=4, data={"content": f"Hello {name}!"})
    await client.http.request(answer)


# What happens to it


async def calls(discord: Sandbox) -> None:
    heading("Typed calls: a helper makes the request, the client sends it, a model comes back")
    code("me = await http.request(get_my_user())")
    me = await client.http.request(get_my_user())
    result(f"{type(me).__name__} {me.username!r}, made on {me.id.created_at:%d %B %Y}")
    code("older = await http.request(list_messages(channel_id, limit=2))")
    older = await client.http.request(list_messages(discord.general, limit=2))
    result(", ".join(f"{one.author.username}: {one.content!r}" for one in older))

    heading("What Discord would refuse is not sent; what it refuses is a typed error")
    code("await http.request(list_messages(channel_id, limit=500))")
    try:
        await client.http.request(list_messages(discord.general, limit=500))
    except errors.InvalidRequest as error:
        result(f"{paint('31', type(error).__name__)} {error}")
    code("await http.request(get_channel(1))")
    try:
        await client.http.request(get_channel(1))
    except errors.NotFound as error:
        result(f"{paint('31', type(error).__name__)} {str(error).splitlines()[0]}")


async def answers(discord: Sandbox) -> None:
    heading("The bot answers a message")
    say("Alice", "!ping")
    discord.alice.send(discord.general, "!ping")
    await discord.until(lambda: discord.said(discord.general)[-1] == "pong")
    say("acorn", discord.said(discord.general)[-1])

    heading("... and a slash command")
    command: ApplicationCommandUpdateRequestDict = {
        "name": "greet",
        "description": "Greets somebody",
        "options": [{"type": 3, "name": "name", "description": "Whom to greet", "required": True}],
    }
    await client.http.request(bulk_set_application_commands(discord.seeds.application_id, [command]))
    say("Bob", "/greet name:Alice")
    interaction = discord.bob.run_command(discord.general, "greet", name="Alice")
    await discord.until(lambda: interaction.response)
    assert interaction.response is not None
    say("acorn", interaction.response.content)


async def comes_back(discord: Sandbox) -> None:
    heading("The network breaks while somebody writes: the session is resumed, and nothing is lost")
    code("discord.gateway.drop()")
    discord.gateway.drop()
    say("Alice", "!ping, are you still there?")
    discord.alice.send(discord.general, "!ping, are you still there?")
    await discord.until(lambda: discord.said(discord.general)[-1] == "pong")
    say("acorn", discord.said(discord.general)[-1])


async def main() -> None:
    global client
    begun = perf_counter()
    async with Sandbox() as discord:
        intents = Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT
        drifts = list[object]()
        client = discord.client(intents=intents, on_drift=drifts.append)
        client.on(events.MessageCreate)(ping)
        client.on(events.InteractionCreate)(greet)
        print(f"{paint('1', 'ACord')}, and a Discord on this machine: {discord.url}")
        discord.record.watch(wire)
        async with client:
            heading("A bot logs in")
            code("await client.run_forever()")
            running = asyncio.create_task(client.run_forever())
            await discord.until(lambda: any(one.t == "GUILD_CREATE" for one in discord.frames))
            await calls(discord)
            await answers(discord)
            await comes_back(discord)
        await running
    fitted = f"{len(drifts)} answers did not fit" if drifts else "every answer fitted"
    took = f"Done in {perf_counter() - begun:.1f} s"
    print(paint("2", f"\n{took}; {fitted} the specification; nothing left this machine."))
    print("\nWhat to look at next:")
    print(f"  {paint('36', '.venv/bin/python -m acord.sandbox')}   a page to talk to your bot on, and to break things")
    print(f"  {paint('36', 'examples/demo.py')}                    what ran just now")
    print(f"  {paint('36', 'examples/tour.py')}                    everything else, on one page")


if __name__ == "__main__":
    asyncio.run(main())
