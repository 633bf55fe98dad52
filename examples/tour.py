"""What there is, on one page: requests, pages, errors, and a bot that answers.  Its token is in DISCORD_TOKEN."""

# fmt: off
# pyright: reportUnusedImport=false, reportUnusedVariable=false
import os

from acord import Client, File, HTTPClient, Intents, Route, Token, errors, events
from acord.routes import messages, webhooks       # one module per documented resource; names are the operationIds

async def rest(channel_id: int) -> None:
    async with HTTPClient(token=os.environ["DISCORD_TOKEN"]) as http:            # or HTTPClient.from_env()
        message = await http.request(messages.create_message(channel_id, content="hi", files=[File("cat.png")]))  # Message
        async with http.request(messages.delete_message(channel_id, message.id, reason="spam")) as r:             # Response
            assert r.status == 204                                               # entering never raises on a status
        anything = await http.request(Route("GET", path=f"/channels/{channel_id}/brand-new-thing"))               # Any
        typed = await http.request(Route("GET", path="/users/@me"), model=dict[str, object])                      # typed raw
        async for old in http.paginate(messages.list_messages(channel_id), max_items=1_000):                      # Message
            print(old.content)
        await http.request(messages.list_messages(channel_id), deadline=10.0, max_wait=2.0, auth=Token.bot("..."))
        try:
            await http.request(messages.delete_message(channel_id, 1))
        except errors.NotFound as exc:
            print(exc.code, exc.route, exc.errors)                               # UNKNOWN_MESSAGE  DELETE /channels/{}/messages/{}  {}

client = Client(token=os.environ["DISCORD_TOKEN"], intents=Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT)

@client.on(events.MessageCreate)
async def ping(message: events.MessageCreate) -> None:
    if message.content == "!ping":
        await client.http.request(messages.create_message(message.channel_id, content="pong"))

client.run()                                       # inside a loop: async with client: await client.run_forever()
                                                   # or: async for m in client.events(events.MessageCreate): ...
