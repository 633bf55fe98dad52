"""A slash command: it is registered, and answered.

Run it:      DISCORD_TOKEN=... python examples/slash_command.py, then type /greet in a guild of the bot's
No token?    python examples/on_sandbox.py slash_command, and use /greet on the page that it names
It needs:    no intent; interactions always come
"""

import os

from acord import Client, Intents, events
from acord.events.interactions import CommandInteractionData
from acord.models.dicts import ApplicationCommandUpdateRequestDict
from acord.routes import bulk_set_application_commands, create_interaction_response

# A dict with checked keys: type checkers and helpers know every field of a command.
GREET: ApplicationCommandUpdateRequestDict = {
    "name": "greet",
    "description": "Greets somebody",
    "options": [{"type": 3, "name": "name", "description": "Whom to greet", "required": True}],
}

client = Client(token=os.environ["DISCORD_TOKEN"], intents=Intents.none())


@client.on(events.Ready)
async def register(ready: events.Ready) -> None:
    # This replaces all commands that were registered before; they appear at once.
    await client.http.request(bulk_set_application_commands(ready.application.id, [GREET]))


@client.on(events.InteractionCreate)
async def greet(interaction: events.InteractionCreate) -> None:
    match interaction.data:
        case CommandInteractionData(name="greet", options=[option]):
            text = f"Hello {option.value}!"
        case _:
            text = "What was that?"
    # An interaction has to be answered within three seconds: this call goes before all others, and ends with them.
    await client.http.request(
        create_interaction_response(interaction.id, interaction.token, type=4, data={"content": text})
    )


if __name__ == "__main__":
    client.run()
