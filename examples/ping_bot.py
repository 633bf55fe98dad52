"""A bot that answers "!ping".

Run it:      DISCORD_TOKEN=... python examples/ping_bot.py
No token?    python examples/on_sandbox.py ping_bot, and say "!ping" on the page that it names
It needs:    the Message Content Intent (Developer Portal > your application > Bot)
"""

import os

from acord import Client, Intents, events
from acord.routes import create_message

client = Client(
    token=os.environ["DISCORD_TOKEN"],
    intents=Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT,
)


@client.on(events.MessageCreate)
async def ping(message: events.MessageCreate) -> None:
    if message.content == "!ping":
        await client.http.request(create_message(message.channel_id, content="pong"))


if __name__ == "__main__":
    client.run()  # until Ctrl-C or SIGTERM
