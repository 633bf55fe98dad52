"""What a checker makes of models, enums, flags and ids; never run."""

from datetime import datetime
from typing import Any, assert_never, assert_type

import acord
from acord import HTTPClient, Permissions, Snowflake, models
from acord.flags import MessageFlags
from acord.models import (
    ActionRowComponent,
    ButtonComponent,
    ButtonStyle,
    ChannelType,
    ComponentType,
    ContainerComponent,
    FileComponent,
    InviteTargetType,
    MediaGalleryComponent,
    Message,
    MessageComponent,
    MessageMention,
    MessageType,
    Role,
    SectionComponent,
    SeparatorComponent,
    TextDisplayComponent,
    UnknownMessageComponent,
    User,
)


def fields_have_the_documented_types(message: Message, role: Role) -> None:
    assert_type(message.id, Snowflake)
    assert_type(message.id.created_at, datetime)
    assert_type(message.content, str)
    assert_type(message.author, User)
    assert_type(message.type, MessageType)
    assert_type(message.timestamp, datetime)
    assert_type(message.edited_timestamp, datetime | None)
    assert_type(message.mentions, list[MessageMention])
    assert_type(message.mention_roles, list[Snowflake])
    assert_type(message.flags, MessageFlags | None)
    assert_type(message.nonce, int | str | None)
    assert_type(message.author.global_name, str | None)
    assert_type(role.permissions, Permissions)

    message.contnet  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # noqa: B018
    message.edited_timestamp.year  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]  # noqa: B018


def models_load_and_dump(text: bytes) -> None:
    assert_type(Message.load(text), Message)
    assert_type(Message.load({"id": "1"}, strict=True), Message)
    assert_type(Message.load(text).dump(), dict[str, Any])
    assert_type(Message.load(text).conn, HTTPClient)
    assert_type(Message.load(text).model_fields_set, set[str])

    Message.load(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def the_door_of_models_knows_every_name(message: models.Message) -> None:
    assert_type(message, Message)
    assert_type(acord.models.ChannelType.GUILD_TEXT.is_known, bool)
    assert_type(models.OFFICIAL["MessageResponse"], str)

    models.Mesage  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # noqa: B018
    acord.Massage  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # noqa: B018


def components_narrow_by_class(component: MessageComponent) -> str:
    if isinstance(component, ActionRowComponent):
        for child in component.components:
            if isinstance(child, ButtonComponent):
                assert_type(child.style, ButtonStyle)
    match component:
        case TextDisplayComponent():
            return component.content
        case SectionComponent(accessory=ButtonComponent() as button):
            return button.label or ""
        case ContainerComponent(components=children):
            return str(len(children))
        case UnknownMessageComponent():
            assert_type(component.type, ComponentType)
            return f"a {component.type} of tomorrow: {component.model_extra}"
        case _:
            return ""


def every_arm_can_be_named(component: MessageComponent) -> int:
    # A union has an arm for what is unknown, so that all arms are all there is.
    match component:
        case ActionRowComponent() | ContainerComponent() | FileComponent() | MediaGalleryComponent():
            return 1
        case SectionComponent() | SeparatorComponent() | TextDisplayComponent() | UnknownMessageComponent():
            return 2
        case _:
            assert_never(component)


def the_unknown_arm_cannot_be_forgotten(component: MessageComponent) -> int:
    match component:
        case ActionRowComponent() | ContainerComponent() | FileComponent() | MediaGalleryComponent():
            return 1
        case SectionComponent() | SeparatorComponent() | TextDisplayComponent():
            return 2
        case _:
            assert_never(component)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def an_open_enum_is_never_exhausted(kind: InviteTargetType) -> str:
    match kind:
        case InviteTargetType.STREAM:
            return "stream"
        case InviteTargetType.EMBEDDED_APPLICATION:
            return "activity"
        case InviteTargetType.ROLE_SUBSCRIPTIONS_PURCHASE:
            return "purchase"
        case _:
            assert_never(kind)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_match_without_a_default_is_reported(kind: InviteTargetType) -> str:  # type: ignore[return]  # pyright: ignore[reportReturnType]
    match kind:  # pyright: ignore[reportMatchNotExhaustive]
        case InviteTargetType.STREAM:
            return "stream"
        case InviteTargetType.EMBEDDED_APPLICATION:
            return "activity"
        case InviteTargetType.ROLE_SUBSCRIPTIONS_PURCHASE:
            return "purchase"


def enums_are_their_values(kind: ChannelType) -> None:
    number: int = kind
    assert_type(kind.is_known, bool)
    assert_type(ChannelType(number), ChannelType)
    assert_type(kind == 5, bool)

    ChannelType("5")  # type: ignore[arg-type]  # pyright takes any value
    ChannelType.GUILD_TXET  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # noqa: B018


def flags_are_sets_of_bits(flags: MessageFlags, permissions: Permissions) -> None:
    assert_type(flags | MessageFlags.SUPPRESS_EMBEDS, MessageFlags)
    assert_type(flags & ~MessageFlags.SUPPRESS_EMBEDS, MessageFlags)
    assert_type(Permissions.ADMINISTRATOR in permissions, bool)
    assert_type([bit for bit in permissions], list[Permissions])  # noqa: C416 - the type of a bit

    number: int = permissions
    assert_type(Permissions(number), Permissions)


def a_snowflake_is_an_int(snowflake: Snowflake) -> None:
    number: int = snowflake
    assert_type(snowflake.created_at, datetime)
    assert_type(Snowflake.from_datetime(datetime.now()), Snowflake)
    assert_type(Snowflake(number) < snowflake, bool)
