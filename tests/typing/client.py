"""What a checker makes of a client, its listeners and iterators, and of `examples/tour.py`; never run."""

from typing import Any, assert_type

from acord import (
    Client,
    Dispatch,
    File,
    FileSession,
    Gateway,
    HTTPClient,
    Intents,
    Route,
    Shard,
    Token,
    commands,
    errors,
    events,
)
from acord.core.call import Call
from acord.core.listeners import Failure, Stream
from acord.core.response import Response
from acord.core.session_state import SessionState
from acord.events import Event
from acord.models import Message
from acord.routes import messages


async def the_tour(http: HTTPClient, channel_id: int) -> None:
    assert_type(messages.create_message(channel_id, content="hi", files=[File("cat.png")]), Route[Message])
    assert_type(await http.request(messages.create_message(channel_id, content="hi")), Message)
    assert_type(http.request(messages.delete_message(channel_id, 1, reason="spam")), Call[None])
    async with http.request(messages.delete_message(channel_id, 1, reason="spam")) as r:
        assert_type(r, Response[None])
        assert_type(r.status, int)
    assert_type(await http.request(Route("GET", path="/brand-new-thing")), Any)
    assert_type(await http.request(Route("GET", path="/users/@me"), model=dict[str, object]), dict[str, object])
    async for old in http.paginate(messages.list_messages(channel_id), max_items=1_000):
        assert_type(old, Message)
        assert_type(old.content, str)
    assert_type(
        await http.request(messages.list_messages(channel_id), deadline=10.0, max_wait=2.0, auth=Token.bot("...")),
        list[Message],
    )
    try:
        assert_type(await http.request(messages.delete_message(channel_id, 1)), None)
    except errors.NotFound as exc:
        assert_type(exc.code, int)
        assert_type(exc.route, str)


def listeners_are_typed_by_the_class_of_their_event(client: Client) -> None:
    @client.on(events.MessageCreate, where=lambda message: message.content == "!ping")
    async def ping(message: events.MessageCreate) -> None:
        await client.http.request(messages.create_message(message.channel_id, content="pong"))

    @client.on(events.MessageDelete, concurrency=1, keep=100)
    def deleted(message: events.MessageDelete) -> int:
        return message.id

    @client.on(Event)
    def everything(event: Event) -> None: ...

    @client.on(Dispatch)
    def raw(dispatch: Dispatch) -> None:
        assert_type(dispatch.data, Event)

    @client.on("BRAND_NEW")
    def new(event: Event) -> None: ...

    # A listener can be called by hand, too, and its type is kept.
    assert_type(deleted(events.MessageDelete.model_construct()), int)
    client.off(ping)

    @client.on(events.MessageCreate)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # another event
    def wrong(message: events.MessageDelete) -> None: ...

    client.on(events.MessageCreate, where=lambda message: message.contents)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownLambdaType]


async def iterators_give_what_was_asked_for(client: Client) -> None:
    assert_type(client.events(events.MessageCreate), Stream[events.MessageCreate])
    async for message in client.events(events.MessageCreate):
        assert_type(message, events.MessageCreate)
    async for either in client.events(events.MessageCreate, events.MessageDelete):
        assert_type(either, events.MessageCreate | events.MessageDelete)
    async for one in client.events():
        assert_type(one, Event)
    async for dispatch in client.events(Dispatch):
        assert_type(dispatch, Dispatch)
    assert_type(await client.wait_for(events.GuildCreate, timeout=5.0), events.GuildCreate)


async def life() -> None:
    def failed(failure: Failure) -> None:
        assert_type(failure.dispatch, Dispatch)

    client = Client(
        token="x",
        intents=Intents.GUILDS,
        sessions=FileSession("sessions.json"),
        on_error=failed,
        presence={"status": "idle"},
    )
    async with client as same:
        assert_type(same, Client)
        assert_type(same.http, HTTPClient)
        assert_type(same.gateway, Gateway)
        assert_type(await same.run_forever(), None)
    assert_type(client.run(), None)
    Client("x", intents=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # the token has a name
    Client(token="x", intents=1, shard=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def shards(gateway: Gateway, shard: Shard) -> None:
    async for dispatch in gateway:
        assert_type(dispatch, Dispatch)
        assert_type(dispatch.shard_id, int)
    command = commands.RequestGuildMembers(guild_id=1, query="", limit=0)
    assert_type(await shard.send(command), None)
    assert_type(await shard.send(3, {}), None)
    assert_type(shard.send({"op": 1}), None)
    assert_type(await gateway.send(command), None)
    assert_type(shard.export(), SessionState | None)
    shard.send(command, {})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
