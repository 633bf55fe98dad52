"""A bot on hikari, unchanged but for the address of the API; says in JSON lines what it sees.

Arguments: the API's URL, the gateway's URL (hikari asks for it itself), the token.
"""

import json
import sys

import hikari

API, _, TOKEN = sys.argv[1:4]
bot = hikari.GatewayBot(TOKEN, rest_url=API, intents=hikari.Intents.ALL, banner=None, force_color=False)


def say(what: str, **more: object) -> None:
    print(json.dumps({"what": what, **more}), flush=True)


@bot.listen()
async def started(_: hikari.StartedEvent) -> None:
    me = bot.get_me()
    assert me is not None
    command = bot.rest.slash_command_builder("greet", "Greets somebody")
    text = hikari.OptionType.STRING
    command.add_option(hikari.CommandOption(type=text, name="name", description="Whom", is_required=True))
    await bot.rest.set_application_commands(me.id, [command])
    say("commands")


@bot.listen()
async def ready(event: hikari.ShardReadyEvent) -> None:
    say("shard ready", user=event.my_user.username)


@bot.listen()
async def guild(event: hikari.GuildAvailableEvent) -> None:
    me = bot.get_me()
    say("ready", user=me.username if me else "", guilds=[event.guild.name])


@bot.listen()
async def resumed(_: hikari.ShardResumedEvent) -> None:
    say("resumed")


@bot.listen()
async def message(event: hikari.GuildMessageCreateEvent) -> None:
    content = event.content or ""
    if content.startswith("!ping"):
        await event.message.respond(content.replace("ping", "pong"))
    if content == "!button":
        row = bot.rest.build_message_action_row()
        row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "press", label="Press me")
        await event.message.respond("A button:", component=row)


@bot.listen()
async def interaction(event: hikari.InteractionCreateEvent) -> None:
    it = event.interaction
    create = hikari.ResponseType.MESSAGE_CREATE
    if isinstance(it, hikari.CommandInteraction):
        name = it.options[0].value if it.options else ""
        await it.create_initial_response(create, f"Hello {name}!")
    if isinstance(it, hikari.ComponentInteraction):
        await it.create_initial_response(create, "You pressed it.")


bot.run(check_for_updates=False)
