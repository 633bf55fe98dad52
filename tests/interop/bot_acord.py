"""The same bot on ACord; says in JSON lines what it sees.

Arguments: the API's URL, the gateway's URL (ACord asks for it itself), the token.
"""

import json
import sys
from typing import Any

from acord import Client, HTTPClient, Intents, events
from acord.models import InteractionCallbackType
from acord.routes import commands, interactions, messages

API, _, TOKEN = sys.argv[1:4]
client = Client(token=TOKEN, intents=Intents.all(), http=HTTPClient(token=TOKEN, base_url=API))


def say(what: str, **more: object) -> None:
    print(json.dumps({"what": what, **more}), flush=True)


@client.on(events.Ready)
async def ready(event: events.Ready) -> None:
    option = {"type": 3, "name": "name", "description": "Whom", "required": True}
    greet: Any = {"name": "greet", "description": "Greets somebody", "options": [option]}
    await client.http.request(commands.bulk_set_application_commands(event.application.id, [greet]))
    say("commands")


@client.on(events.GuildCreate)
def guild(event: Any) -> None:
    say("ready", user="acorn", guilds=[event.name])


@client.on(events.Resumed)
def resumed(_: events.Resumed) -> None:
    say("resumed")


@client.on(events.MessageCreate)
async def message(event: events.MessageCreate) -> None:
    if event.content.startswith("!ping"):
        pong = event.content.replace("ping", "pong")
        await client.http.request(messages.create_message(event.channel_id, content=pong))
    if event.content == "!button":
        button: Any = {"type": 2, "style": 1, "label": "Press me", "custom_id": "press"}
        row: Any = {"type": 1, "components": [button]}
        await client.http.request(messages.create_message(event.channel_id, content="A button:", components=[row]))


@client.on(events.InteractionCreate)
async def interaction(event: Any) -> None:
    options = getattr(event.data, "options", None)
    text = f"Hello {options[0].value}!" if options else "You pressed it."
    kind = InteractionCallbackType.CHANNEL_MESSAGE_WITH_SOURCE
    route = interactions.create_interaction_response(event.id, event.token, type=kind, data={"content": text})
    await client.http.request(route)


client.run()
