"""Route helpers as users call them: three states, models or dicts, arrays and unions, ids in every spelling."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from acord import MISSING, File, Permissions, Route, Snowflake
from acord.core.errors import InvalidRequest
from acord.flags import MessageFlags
from acord.models import (
    ActionRowComponentForMessageRequest,
    ApplicationCommandUpdateRequest,
    ButtonComponentForMessageRequest,
    ButtonStyle,
    ChannelPermissionOverwriteRequest,
    ChannelPermissionOverwriteType,
    ChannelType,
    ContainerComponentForMessageRequest,
    Embed,
    InteractionCallbackType,
    MessageAllowedMentionsRequest,
    RichEmbed,
    RichEmbedField,
    User,
)
from acord.routes import auto_moderation, channels, commands, interactions, messages, roles, webhooks


def test_what_is_not_given_is_not_sent_and_none_is_null() -> None:
    given = channels.update_channel(1, topic=None, nsfw=False, position=0, name=MISSING)

    assert {"topic": None, "nsfw": False, "position": 0} == given.body
    assert {} == channels.update_channel(1).body


def test_what_is_not_given_is_no_part_of_the_query() -> None:
    assert "/channels/1/messages" == messages.list_messages(1, limit=MISSING).target
    assert "/channels/1/messages?limit=5" == messages.list_messages(1, limit=5).target


def test_a_model_and_a_dict_make_the_same_route() -> None:
    when = datetime(2026, 1, 2, tzinfo=UTC)
    models = messages.create_message(
        1,
        content="hi",
        embeds=[RichEmbed(title="t", color=255, timestamp=when, fields=[RichEmbedField(name="n", value="v")])],
        components=[
            ActionRowComponentForMessageRequest(
                components=[ButtonComponentForMessageRequest(style=ButtonStyle.PRIMARY, label="go", custom_id="c")]
            )
        ],
        allowed_mentions=MessageAllowedMentionsRequest(users=[1, "2"]),
        flags=MessageFlags.SUPPRESS_EMBEDS,
    )
    dicts = messages.create_message(
        1,
        content="hi",
        embeds=[{"title": "t", "color": 255, "timestamp": when, "fields": [{"name": "n", "value": "v"}]}],
        components=[
            {"type": 1, "components": [{"type": 2, "style": 1, "label": "go", "custom_id": "c"}]},
        ],
        allowed_mentions={"users": [Snowflake(1), Snowflake(2)]},
        flags=4,
    )

    assert models == dicts
    assert hash(models) == hash(dicts)
    assert {"users": ["1", "2"]} == models.body["allowed_mentions"]


def test_models_and_dicts_may_hold_each_other() -> None:
    button: Any = {"type": 2, "style": 1, "custom_id": "c"}
    made = ButtonComponentForMessageRequest(style=ButtonStyle.PRIMARY, custom_id="c")
    row = ActionRowComponentForMessageRequest

    bodies = [
        messages.create_message(1, components=[component]).body
        for component in [
            ContainerComponentForMessageRequest(components=[row(components=[made, button])]),
            ContainerComponentForMessageRequest(components=[{"type": 1, "components": [button, made]}]),
        ]
    ]
    bodies += [
        messages.create_message(1, components=[{"type": 17, "components": [row(components=[button, button])]}]).body,
        messages.create_message(
            1, components=[{"type": 17, "components": [{"type": 1, "components": [made, made]}]}]
        ).body,
    ]

    assert [bodies[0]] * 4 == bodies
    assert 17 == bodies[0]["components"][0]["type"]


def test_a_model_sends_null_and_leaves_out_what_was_not_given() -> None:
    route = messages.create_message(1, embeds=[RichEmbed(title=None, url=MISSING)])

    assert {"embeds": [{"title": None}]} == route.body


def test_a_model_and_a_dict_are_refused_alike() -> None:
    long = "x" * 257
    with pytest.raises(InvalidRequest) as of_a_dict:
        messages.create_message(1, embeds=[{"title": long}])
    with pytest.raises(ValidationError):
        RichEmbed(title=long)

    assert "embeds[0].title" in str(of_a_dict.value)
    with pytest.raises(InvalidRequest, match=r"embeds\[0\]\.titel"):
        messages.create_message(1, embeds=[{"titel": "x"}])  # type: ignore[list-item]
    with pytest.raises(ValidationError, match="titel"):
        RichEmbed(titel="x")  # type: ignore[call-arg]


def test_a_naive_time_is_refused_in_a_model_as_in_a_dict() -> None:
    naive = datetime(2026, 1, 2)

    for embed in (RichEmbed(timestamp=naive), {"timestamp": naive}):
        with pytest.raises(InvalidRequest, match=r"embeds\[0\]\.timestamp"):
            messages.create_message(1, embeds=[embed])  # type: ignore[list-item]


def test_an_answer_can_be_sent_back() -> None:
    received = {"title": "t", "color": 255, "timestamp": "2026-01-02T03:04:05.678000+00:00"}
    answer: Any = Embed.load(received)

    assert [received] == messages.create_message(1, embeds=[answer]).body["embeds"]


def test_a_model_changed_after_it_was_made_is_judged_again() -> None:
    embed = RichEmbed(title="x")
    embed.title = "x" * 257

    with pytest.raises(InvalidRequest, match="embeds"):
        messages.create_message(1, embeds=[embed])


def test_without_validation_what_discord_may_allow_tomorrow_is_sent() -> None:
    tomorrow: Any = [{"title": "x" * 500, "sparkle": True}]

    route = messages.create_message(1, embeds=tomorrow, content="x" * 9_000, validate=False)

    assert {"embeds": tomorrow, "content": "x" * 9_000} == route.body


class Mine:
    id = 7


@pytest.mark.parametrize("id_", [7, "7", Snowflake(7), Mine(), User.load({"id": "7"})])
def test_an_id_is_a_number_its_digits_or_a_thing_that_has_one(id_: Any) -> None:
    assert "/channels/7/messages/7" == messages.get_message(id_, id_).target
    assert {"messages": ["7", "8"]} == messages.bulk_delete_messages(1, messages=[id_, 8]).body


@pytest.mark.parametrize("wrong", [True, 1.0, "x", "", "-1", -1, None, b"7", 2**64, object(), "７"])
def test_what_is_no_id_is_refused_by_its_name(wrong: Any) -> None:
    with pytest.raises(InvalidRequest, match="message_id"):
        messages.get_message(1, wrong)
    with pytest.raises(InvalidRequest, match=r"messages\[0\]"):
        messages.bulk_delete_messages(1, messages=[wrong, 8])


def test_text_is_no_sequence_of_ids() -> None:
    with pytest.raises(InvalidRequest, match="messages"):
        messages.bulk_delete_messages(1, messages="12345")


def test_an_array_body_is_one_argument() -> None:
    command = ApplicationCommandUpdateRequest(name="ping", description="pong")

    route = commands.bulk_set_application_commands(1, [command, {"name": "pong", "description": "ping"}])

    assert [{"name": "ping", "description": "pong"}, {"name": "pong", "description": "ping"}] == route.body
    assert [] == commands.bulk_set_application_commands(1, []).body


def test_a_union_body_is_judged_by_the_arm_that_its_tag_names() -> None:
    pong = interactions.create_interaction_response(1, "token", type=InteractionCallbackType.PONG)
    answer = interactions.create_interaction_response(1, "token", type=4, data={"content": "hi"})

    assert {"type": 1} == pong.body
    assert {"type": 4, "data": {"content": "hi"}} == answer.body
    with pytest.raises(InvalidRequest, match="data"):
        interactions.create_interaction_response(1, "token", type=9)  # type: ignore[call-overload]
    with pytest.raises(InvalidRequest, match="trigger_metadata"):
        auto_moderation.create_auto_moderation_rule(  # type: ignore[call-overload]
            1, name="x", event_type=1, trigger_type=1, trigger_metadata={"presets": [1]}, actions=[{"type": 1}]
        )


def test_enums_and_flags_are_sent_as_the_document_says() -> None:
    assert {"type": 5} == channels.update_channel(1, type=ChannelType.GUILD_ANNOUNCEMENT).body
    assert {"flags": 4} == messages.create_message(1, flags=MessageFlags.SUPPRESS_EMBEDS).body
    assert {"permissions": 8} == roles.create_guild_role(1, permissions=Permissions.ADMINISTRATOR).body
    overwrite = ChannelPermissionOverwriteRequest(id=1, type=ChannelPermissionOverwriteType.ROLE, allow=Permissions(8))
    assert 8 == channels.update_channel(1, permission_overwrites=[overwrite]).body["permission_overwrites"][0]["allow"]


def test_an_enum_value_that_is_not_known_yet_is_sent_when_it_is_named() -> None:
    assert {"type": 99} == channels.update_channel(1, type=ChannelType(99)).body  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match=r"ChannelType\(99\)|validate=False"):
        channels.update_channel(1, type=99)  # type: ignore[arg-type]


def test_routes_are_values() -> None:
    first, second = (messages.create_message(1, content="hi", nonce=5) for _ in range(2))

    assert first == second
    assert first != messages.create_message(1, content="ho", nonce=5)
    assert 1 == len({first, second})
    assert isinstance(first, Route)


def test_a_secret_in_the_path_is_not_shown() -> None:
    route = webhooks.execute_webhook(1, "canary-token", content="hi", files=[File(b"x", filename="x.txt")])

    assert "canary" not in repr(route) + str(route)
    assert "canary" in route.url
