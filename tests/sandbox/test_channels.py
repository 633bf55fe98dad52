"""Channels: made, changed, put in order, overwritten, deleted; direct messages; typing."""

from __future__ import annotations

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.routes import channels, guilds, messages
from acord.sandbox.answers import Json
from acord.sandbox.calls import Account
from acord.sandbox.world import build
from tests.sandbox.kit import Town, refused, town


def told(place: Town) -> list[str]:
    return [name for name, _ in place.events() if name != "GUILD_AUDIT_LOG_ENTRY_CREATE"]


def test_a_new_channel_can_be_fetched_listed_changed_and_deleted() -> None:
    place = town()
    made = place.ask(guilds.create_guild_channel(place.guild.id, name="The Den", topic="quiet", reason="why not"))
    changed = place.ask(channels.update_channel(made["id"], topic="loud", nsfw=True))
    listed = place.ask(guilds.list_guild_channels(place.guild.id))
    deleted = place.ask(channels.delete_channel(made["id"]))

    assert ("the-den", "loud", True) == (changed["name"], changed["topic"], changed["nsfw"])
    assert [place.general["id"], made["id"]] == [one["id"] for one in listed]
    assert changed == deleted
    assert ["CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"] == told(place)
    assert [10, 11, 12] == [one["action_type"] for one in place.guild.audit_log]
    assert "why not" == place.guild.audit_log[0]["reason"]
    with refused(ErrorCode.UNKNOWN_CHANNEL):
        place.ask(channels.get_channel(made["id"]))


@pytest.mark.parametrize("kind", [0, 2, 4, 5, 13, 15, 16])
def test_every_kind_of_channel_can_be_made(kind: int) -> None:
    place = town()
    place.guild.data["features"] = ["COMMUNITY"]
    body: Json = {"name": "a", "type": kind, "bitrate": 9000, "available_tags": [{"name": "t"}], "nsfw": True}

    made = place.ask(guilds.create_guild_channel(place.guild.id, **body))

    assert (kind, kind in (2, 13), kind in (15, 16)) == (made["type"], "bitrate" in made, "available_tags" in made)


def test_a_change_of_nothing_is_not_told() -> None:
    place = town()

    place.ask(channels.update_channel(place.general["id"], name="general"))

    assert [] == place.events()


def test_who_may_not_manage_channels_changes_none() -> None:
    place = town()
    bob = place.person(place.bob)

    for route in (
        guilds.create_guild_channel(place.guild.id, name="a"),
        channels.update_channel(place.general["id"], name="a"),
        channels.delete_channel(place.general["id"]),
    ):
        with refused(ErrorCode.MISSING_PERMISSIONS):
            place.ask(route, bob)


def test_a_channel_takes_the_overwrites_of_the_category_it_is_made_in() -> None:
    place = town()
    category = build.add_channel(place.world, place.guild, "c", 4)
    place.forbid(place.bob["id"], category, Permissions.SEND_MESSAGES)

    made = place.ask(guilds.create_guild_channel(place.guild.id, name="a", parent_id=category["id"]))

    assert category["permission_overwrites"] == made["permission_overwrites"]
    with refused(ErrorCode.INVALID_FORM_BODY):
        place.ask(guilds.create_guild_channel(place.guild.id, name="a", parent_id=place.general["id"]))


def test_the_channels_of_a_deleted_category_stand_alone() -> None:
    place = town()
    category = build.add_channel(place.world, place.guild, "c", 4)
    child = build.add_channel(place.world, place.guild, "a", parent_id=category["id"])

    place.ask(channels.delete_channel(category["id"]))

    assert place.ask(channels.get_channel(child["id"]))["parent_id"] is None
    assert ["CHANNEL_DELETE", "CHANNEL_UPDATE"] == told(place)


def test_channels_are_put_in_order_with_an_event_for_each_that_moved() -> None:
    place = town()
    other = build.add_channel(place.world, place.guild, "other")

    place.ask(
        guilds.bulk_update_guild_channels(
            place.guild.id, [{"id": place.general["id"], "position": 1}, {"id": other["id"], "position": 0}]
        )
    )

    assert [("CHANNEL_UPDATE", 1), ("CHANNEL_UPDATE", 0)] == [(name, one["position"]) for name, one in place.events()]


def test_an_overwrite_is_set_changed_and_taken_away() -> None:
    place = town()
    route = channels.set_channel_permission_overwrite
    bob = place.bob["id"]

    place.ask(route(place.general["id"], bob, type=1, deny=int(Permissions.SEND_MESSAGES)))
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(messages.create_message(place.general["id"], content="hi"), place.person(place.bob))
    place.ask(route(place.general["id"], bob, type=1, allow=int(Permissions.SEND_MESSAGES)))
    place.message(account=place.person(place.bob))
    place.ask(channels.delete_channel_permission_overwrite(place.general["id"], bob))

    assert [] == place.general["permission_overwrites"]
    assert [13, 14, 15] == [one["action_type"] for one in place.guild.audit_log]
    with refused(ErrorCode.UNKNOWN_PERMISSION_OVERWRITE):
        place.ask(channels.delete_channel_permission_overwrite(place.general["id"], bob))


def test_nobody_grants_what_they_have_not() -> None:
    place = town()
    place.demote(Permissions.VIEW_CHANNEL, Permissions.MANAGE_ROLES)
    route = channels.set_channel_permission_overwrite

    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(route(place.general["id"], place.bob["id"], type=1, allow=int(Permissions.BAN_MEMBERS)))
    place.ask(route(place.general["id"], place.bob["id"], type=1, deny=int(Permissions.SEND_MESSAGES)))


def test_a_direct_channel_is_the_same_when_opened_again() -> None:
    place = town()

    first = place.ask(channels.create_dm(recipient_id=place.bob["id"]))
    again = place.ask(channels.create_dm(recipient_id=place.bob["id"]))

    assert first == again
    assert (1, [place.bob["id"]]) == (first["type"], [one["id"] for one in first["recipients"]])


def test_a_direct_message_concerns_its_two_and_has_no_guild() -> None:
    place = town()
    direct = place.ask(channels.create_dm(recipient_id=place.bob["id"]))

    place.ask(messages.create_message(direct["id"], content="psst"))

    [happening] = place.heard
    assert "guild_id" not in happening.data
    assert [True, True, False] == [
        place.world.concerns(happening, one) for one in (place.bot.user_id, place.bob["id"], place.alice["id"])
    ]


def test_nobody_else_reads_a_direct_channel() -> None:
    place = town()
    direct = place.ask(channels.create_dm(recipient_id=place.bob["id"]))

    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(channels.get_channel(direct["id"]), place.person(place.alice))


def test_a_direct_channel_with_oneself_or_nobody_is_refused() -> None:
    place = town()

    for who in (place.bot.user_id, "123"):
        with refused(ErrorCode.INVALID_RECIPIENTS):
            place.ask(channels.create_dm(recipient_id=who))


def test_who_takes_no_direct_messages_cannot_be_written_to_and_neither_can_a_bot() -> None:
    place = town()
    other = build.add_bot(place.world, "other", "t2")
    place.world.more["closed_dms"] = {place.bob["id"]: {}}

    for who in (place.bob["id"], other["bot"]["id"]):
        direct = place.ask(channels.create_dm(recipient_id=who))
        with refused(ErrorCode.CANNOT_MESSAGE_USER):
            place.ask(messages.create_message(direct["id"], content="hi"))


def test_a_closed_direct_channel_opens_with_what_was_said() -> None:
    place = town()
    direct = place.ask(channels.create_dm(recipient_id=place.bob["id"]))
    said = place.message("psst", direct)

    place.ask(channels.delete_channel(direct["id"]))
    place.ask(channels.create_dm(recipient_id=place.bob["id"]))

    assert [said["id"]] == [one["id"] for one in place.ask(messages.list_messages(direct["id"]))]


def test_a_group_is_opened_joined_and_left_by_those_who_allow_it() -> None:
    place = town()
    scopes = frozenset({"gdm.join"})
    for name, user in (("ta", place.alice), ("tb", place.bob)):
        place.world.accounts[name] = Account("bearer", place.bot.application_id, user["id"], scopes)

    group = place.ask(channels.create_dm(access_tokens=["ta"]))
    place.ask(channels.add_group_dm_user(group["id"], place.bob["id"], access_token="tb"))
    renamed = place.ask(channels.update_channel(group["id"], name="three"))
    place.ask(channels.delete_group_dm_user(group["id"], place.alice["id"]))

    assert (3, "three", 2) == (group["type"], renamed["name"], len(renamed["recipients"]))
    left = place.ask(channels.get_channel(group["id"]))
    assert [place.bob["id"]] == [one["id"] for one in left["recipients"]]
    assert [2, 1] == [one["type"] for one in place.ask(messages.list_messages(group["id"]))]
    with refused(ErrorCode.INVALID_OAUTH2_ACCESS_TOKEN):
        place.ask(channels.add_group_dm_user(group["id"], place.alice["id"], access_token="no"))


def test_typing_is_told_with_the_member_and_the_time_in_seconds() -> None:
    place = town()

    place.ask(channels.trigger_typing_indicator(place.general["id"]))

    [(name, data)] = place.events()
    assert ("TYPING_START", int(place.clock.now)) == (name, data["timestamp"])
    assert place.bot.user_id == data["member"]["user"]["id"]


def test_the_status_of_a_voice_channel_is_told_and_logged() -> None:
    place = town()
    voice = build.add_channel(place.world, place.guild, "voice", 2)

    place.ask(channels.update_voice_channel_status(voice["id"], status="singing"))
    place.ask(channels.update_voice_channel_status(voice["id"], status=None))

    assert ["singing", None] == [data["status"] for _, data in place.events("VOICE_CHANNEL_STATUS_UPDATE")]
    assert [192, 193] == [one["action_type"] for one in place.guild.audit_log]


def test_no_one_writes_in_a_category_or_a_forum() -> None:
    place = town()
    forum = build.add_channel(place.world, place.guild, "forum", 15)
    category = build.add_channel(place.world, place.guild, "c", 4)

    with refused(ErrorCode.CANNOT_SEND_IN_FORUM):
        place.ask(messages.create_message(forum["id"], content="hi"))
    with refused(ErrorCode.CANNOT_SEND_IN_NON_TEXT_CHANNEL):
        place.ask(messages.create_message(category["id"], content="hi"))
