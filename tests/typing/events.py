"""What a checker makes of events and commands; never run."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_type

import acord
from acord import Intents, Snowflake, commands, events
from acord.core.event import VoicePayload
from acord.events import Event, MessageCreate, webhook
from acord.models import ChannelType, InteractionType, Message, MessageMember, Role, User
from acord.voice_payloads import PAYLOADS, VoiceReady


def an_event_is_what_it_carries(message: MessageCreate, banned: events.GuildBanAdd, guild: events.GuildCreate) -> None:
    as_message: Message = message
    as_event: Event = message
    assert_type(message.channel_type, ChannelType | None)
    assert_type(message.member, MessageMember | None)
    assert_type(message.guild_id, Snowflake | None)
    assert_type([user.member for user in as_message.mentions], list[MessageMember | None])
    assert_type(as_event.event_name, str)
    assert_type(MessageCreate.event_intents, Intents)
    assert_type(banned.user, User)
    assert_type(guild.joined_at, datetime)
    assert_type(guild.roles, list[Role])


def a_class_is_found_by_name() -> None:
    assert_type(events.EVENTS, Mapping[str, type[Event]])
    assert_type(acord.events.decode("MESSAGE_CREATE", b"{}"), Event)
    assert_type(webhook.EVENTS["ENTITLEMENT_CREATE"].event_name, str)
    assert_type(PAYLOADS[2], type[VoicePayload])  # type: ignore[index]  # pyright: ignore[reportArgumentType]  # an Opcode
    events.NoSuchEvent  # type: ignore[attr-defined]  # pyright: ignore  # noqa: B018


def the_data_of_an_interaction_is_narrowed_by_class(interaction: events.InteractionCreate) -> None:
    assert_type(interaction.type, InteractionType)
    match interaction.data:
        case events.CommandInteractionData() as command:
            assert_type(command.name, str)
        case events.ComponentInteractionData() as component:
            assert_type(component.values, list[str] | None)
        case events.ModalInteractionData() as modal:
            assert_type(modal.custom_id, str)
        case _:
            pass


def payloads_that_are_no_objects_are_values(invalid: events.InvalidSession, ready: VoiceReady) -> None:
    assert_type(invalid.value, bool)
    assert_type(ready.ssrc, int)


def commands_are_checked_argument_by_argument() -> None:
    command = commands.RequestGuildMembers(guild_id="1", query="", limit=0)
    assert_type(command.payload(), dict[str, Any])
    assert_type(command.d(), Any)
    commands.UpdatePresence(since=None, activities=[{"name": "x", "type": 0}], status="idle", afk=False)
    commands.UpdatePresence(since=None, activities=[], status=events.Status.IDLE, afk=False)
    commands.UpdateVoiceState(guild_id=1, channel_id=None, self_mute=False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    commands.RequestChannelInfo(guild_id=1, fields=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
