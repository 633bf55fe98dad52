"""What a checker makes of route helpers: what they take, what they answer; never run."""

from datetime import datetime
from typing import Any, assert_type

from acord import MISSING, File, HTTPClient, Missing, PaginatedRoute, Permissions, Route, Snowflake
from acord.flags import ChannelFlags, MessageFlags
from acord.models import (
    ActionRowComponentForMessageRequest,
    ApplicationCommand,
    AutomodRule,
    AutomodTriggerType,
    ButtonComponentForMessageRequest,
    ButtonStyle,
    ChannelType,
    DirectChannel,
    GuildMember,
    InteractionCallbackResponse,
    InteractionCallbackType,
    KeywordTriggerMetadataParams,
    Message,
    PinnedMessage,
    PinnedMessages,
    RichEmbed,
    RichEmbedField,
    SearchIndexNotReady,
    Thread,
    ThreadSearch,
    VerificationLevel,
)
from acord.routes import (
    auto_moderation,
    channels,
    commands,
    create_message,
    guilds,
    interactions,
    members,
    messages,
    roles,
    webhooks,
)

CHANNEL = 1


class Mine:
    """A class of the user's own with an id."""

    id = 7


def a_helper_returns_a_route_of_its_answer() -> None:
    assert_type(messages.create_message(CHANNEL, content="hi"), Route[Message])
    assert_type(create_message(CHANNEL, content="hi"), Route[Message])
    assert_type(messages.delete_message(CHANNEL, 2, reason="spam"), Route[None])
    assert_type(messages.list_messages(CHANNEL, limit=5), PaginatedRoute[list[Message], Message])
    assert_type(messages.list_pins(CHANNEL), PaginatedRoute[PinnedMessages, PinnedMessage])
    assert_type(members.list_guild_members(1), PaginatedRoute[list[GuildMember], GuildMember])
    assert_type(guilds.get_guild_widget_png(1), Route[bytes])
    assert_type(webhooks.execute_webhook(1, "token", content="hi"), Route[Message | None])
    assert_type(channels.thread_search(CHANNEL), PaginatedRoute[ThreadSearch | SearchIndexNotReady, Thread])
    assert_type(Route("GET", path="/new/thing"), Route[Any])


async def a_call_of_a_helper_has_its_type(http: HTTPClient) -> None:
    assert_type(await http.request(messages.create_message(CHANNEL, content="hi")), Message)
    assert_type(await http.request(messages.delete_message(CHANNEL, 2)), None)
    assert_type(await http.request(messages.list_messages(CHANNEL)), list[Message])
    assert_type(await http.request(webhooks.execute_webhook(1, "token", content="hi")), Message | None)
    found = await http.request(channels.thread_search(CHANNEL))
    assert_type(found, ThreadSearch | SearchIndexNotReady)
    if isinstance(found, SearchIndexNotReady):
        assert_type(found.retry_after, int)
    async with http.request(messages.get_message(CHANNEL, 2), timeout=1.0) as response:
        assert_type(response.status, int)
        assert_type(await response.value(), Message)
        assert_type(await response.json(), Any)


def routes_are_covariant(route: Route[Message]) -> Route[object]:
    return route


def a_page_is_a_route(route: PaginatedRoute[list[Message], Message]) -> Route[list[Message]]:
    return route


async def a_route_is_not_sent_by_awaiting_it(route: Route[Message]) -> None:
    await route  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]


def ids_are_numbers_digits_snowflakes_and_things_with_an_id(message: Message, mine: Mine) -> None:
    messages.delete_message("1", Snowflake(2))
    messages.delete_message(message.channel_id, message)
    messages.bulk_delete_messages(mine, messages=[1, "2", Snowflake(3), message])

    messages.delete_message(1.5, 2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    messages.delete_message(None, 2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    messages.delete_message(object(), 2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    messages.delete_message(1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    messages.bulk_delete_messages(mine)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    messages.bulk_delete_messages(mine, messages=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def arguments_have_three_states(topic: str | None | Missing) -> None:
    channels.update_channel(1, topic=topic)
    channels.update_channel(1, topic=MISSING)
    channels.update_channel(1, topic=None)
    if topic is not MISSING:
        assert_type(topic, str | None)

    # No parameter of a query is ever null.
    messages.list_messages(1, limit=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    channels.update_channel(1, topic=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    channels.update_channel(1, tpoic="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    channels.update_channel(1, "x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def nested_objects_are_models_or_dicts() -> None:
    button = ButtonComponentForMessageRequest(style=ButtonStyle.PRIMARY, label="go", custom_id="go")
    row = ActionRowComponentForMessageRequest(
        components=[button, {"type": 2, "style": 1, "custom_id": "dict in model"}]
    )
    messages.create_message(
        1,
        embeds=[
            RichEmbed(title="a model", fields=[RichEmbedField(name="n", value="v"), {"name": "n", "value": "v"}]),
            {
                "title": "a dict",
                "color": 0xFF,
                "fields": [{"name": "n", "value": "v"}, RichEmbedField(name="", value="")],
            },
            {"title": "a time", "timestamp": datetime(2026, 1, 1)},
        ],
        components=[row, {"type": 1, "components": [button, {"type": 2, "style": 1, "label": "x", "custom_id": "c"}]}],
        allowed_mentions={"parse": ["users"], "users": [1, "2"]},
        files=[File("cat.png"), File(b"text", filename="notes.txt")],
    )

    RichEmbed(title=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    RichEmbed(titel="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    RichEmbedField(name="n")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    messages.create_message(1, embeds=RichEmbed())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    messages.create_message(1, files=["cat.png"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    messages.create_message(1, embeds=[{"titel": "x"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    messages.create_message(1, embeds=[{"title": 5}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    messages.create_message(1, embeds=[{"fields": [{"name": "n"}]}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]


def an_array_body_is_one_argument() -> None:
    route = commands.bulk_set_application_commands(1, [{"name": "ping", "description": "pong"}])
    assert_type(route, Route[list[ApplicationCommand]])

    commands.bulk_set_application_commands(1, {"name": "ping"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_union_body_has_an_overload_for_each_arm() -> None:
    answer = interactions.create_interaction_response(1, "token", type=4, data={"content": "hi"})
    assert_type(answer, Route[InteractionCallbackResponse | None])
    interactions.create_interaction_response(1, "token", type=InteractionCallbackType.PONG)
    rule = auto_moderation.create_auto_moderation_rule(
        1,
        name="no spam",
        event_type=1,
        trigger_type=AutomodTriggerType.KEYWORD,
        trigger_metadata=KeywordTriggerMetadataParams(keyword_filter=["spam"]),
        actions=[{"type": 1}],
    )
    assert_type(rule, Route[AutomodRule])

    # A modal needs its data; a pong takes none.
    interactions.create_interaction_response(1, "token", type=9)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    interactions.create_interaction_response(1, "token", type=1, data={})  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]


def enums_and_flags_are_taken_by_name_and_by_value() -> None:
    channels.update_channel(1, type=ChannelType.GUILD_ANNOUNCEMENT, flags=ChannelFlags.REQUIRE_TAG)
    channels.update_channel(1, type=5, flags=16)
    messages.create_message(1, flags=MessageFlags.SUPPRESS_EMBEDS | MessageFlags.SUPPRESS_NOTIFICATIONS)
    roles.create_guild_role(1, permissions=Permissions.KICK_MEMBERS | Permissions.BAN_MEMBERS)
    guilds.update_guild(1, verification_level=VerificationLevel.HIGH)

    # Only some kinds of channels can be told to be.
    channels.update_channel(1, type=ChannelType.DM)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    channels.update_channel(1, type=99)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    roles.create_guild_role(1, permissions="8")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def what_a_call_takes_is_known(http: HTTPClient, dm: Route[DirectChannel]) -> None:
    await http.request(dm, timeout=1.0, max_wait=2.0, deadline=None, priority=1, strict=True)

    http.request(dm, timeout="1")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    http.request(dm, dead_line=1.0)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    http.request("/users/@me")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
