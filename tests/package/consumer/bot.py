"""A stranger's program: it type-checks but for what is planted; `E:` names what mypy and pyright must say there."""

import asyncio
from typing import assert_never

from acord import File, HTTPClient, Intents, Permissions, Route, Snowflake, Token, errors, formatting
from acord.models import Channel, ChannelType, Message, RichEmbed, TextDisplayComponent
from acord.routes import create_message, messages

INTENTS = Intents.GUILDS | Intents.GUILD_MESSAGES


async def report(http: HTTPClient, channel_id: int) -> Message:
    message = await http.request(messages.create_message(channel_id, content="hi", files=[File("cat.png")]))
    async with http.request(messages.delete_message(channel_id, message, reason="spam")) as response:
        assert response.status == 204
    for old in await http.request(messages.list_messages(channel_id, limit=5)):
        print(old.id.created_at, formatting.mention_user(old.author))
        for component in old.components or ():
            match component:
                case TextDisplayComponent():
                    print(component.content)
                case _:
                    print(component.type)
    try:
        await http.request(create_message(channel_id, embeds=[RichEmbed(title="x"), {"title": "y"}]))
    except errors.NotFound as exc:
        print(exc.code, exc.route, exc.errors)
    print(await http.request(Route("GET", path="/users/@me"), model=dict[str, object]))
    return message


def kind_of(channel: Channel) -> ChannelType:
    return channel.type


async def planted(http: HTTPClient, channel_id: int, kind: ChannelType) -> None:
    messages.create_message(channel_id, contnet="x")  # E: call-arg reportCallIssue
    messages.create_message(channel_id, content=5)  # E: arg-type reportArgumentType
    messages.create_message(channel_id, embeds=[{"titel": "x"}])  # E: list-item reportArgumentType
    messages.create_massage(channel_id)  # E: attr-defined reportAttributeAccessIssue,reportUnknownMemberType
    text: str = await http.request(messages.get_message(channel_id, 1))  # E: arg-type reportAssignmentType
    print(text)
    Permissions.ADMIN  # E: attr-defined reportAttributeAccessIssue,reportUnknownMemberType  # noqa: B018
    await messages.get_message(channel_id, 1)  # E: misc reportGeneralTypeIssues
    match kind:
        case ChannelType.DM:
            pass
        case _:
            assert_never(kind)  # E: arg-type reportArgumentType


if __name__ == "__main__":
    print(repr(HTTPClient(token=Token.bot("secret-of-mine"))), repr(messages.get_message(1, 2)), Snowflake(5))
    asyncio.run(asyncio.sleep(0))
