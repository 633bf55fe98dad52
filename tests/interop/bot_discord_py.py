"""A bot on discord.py, unchanged but for the address of the API; says in JSON lines what it sees.

Arguments: the API's URL, the gateway's URL, the token.
"""

import asyncio
import json
import sys

import discord
import discord.gateway
import discord.http
import yarl

API, GATEWAY, TOKEN = sys.argv[1:4]
discord.http.Route.BASE = f"{API}/v10"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(GATEWAY)


def say(what: str, **more: object) -> None:
    print(json.dumps({"what": what, **more}), flush=True)


class Bot(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.all())
        self.tree = discord.app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        @self.tree.command(name="greet", description="Greets somebody")
        async def greet(interaction: discord.Interaction, name: str) -> None:
            await interaction.response.send_message(f"Hello {name}!")

        await self.tree.sync()
        say("commands")

    async def on_ready(self) -> None:
        assert self.user is not None
        say("ready", user=self.user.name, guilds=[guild.name for guild in self.guilds])

    async def on_resumed(self) -> None:
        say("resumed")

    async def on_message(self, message: discord.Message) -> None:
        if message.content.startswith("!ping"):
            await message.channel.send(message.content.replace("ping", "pong"))
        if message.content == "!button":
            view = discord.ui.View(timeout=None)
            button: discord.ui.Button[discord.ui.View] = discord.ui.Button(label="Press me", custom_id="press")
            button.callback = self.pressed  # type: ignore[method-assign]
            view.add_item(button)
            await message.channel.send("A button:", view=view)

    async def pressed(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message("You pressed it.")


async def main() -> None:
    async with Bot() as bot:
        await bot.start(TOKEN)


asyncio.run(main())
