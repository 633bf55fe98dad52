"""Members on the sandbox: listed, changed, timed out, moved in voice, added and kicked."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import ApplicationFlags, Permissions
from acord.routes import guilds, members
from acord.sandbox.calls import Account
from acord.sandbox.world import build
from acord.sandbox.world.voice import join_voice
from tests.sandbox.kit import START, Town, refused, town


@pytest.fixture
def place() -> Town:
    place = town()
    flags = ApplicationFlags.GATEWAY_GUILD_MEMBERS_LIMITED
    place.world.applications[place.bot.application_id]["flags"] = int(flags)
    return place


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(START, UTC) + timedelta(seconds=seconds)


def test_members_are_listed_by_id_page_by_page(place: Town) -> None:
    everybody = sorted(place.guild.members, key=int)

    first = place.ask(members.list_guild_members(place.guild.id, limit=2))
    rest = place.ask(members.list_guild_members(place.guild.id, limit=2, after=int(everybody[1])))

    assert everybody[:2] == [one["user"]["id"] for one in first]
    assert everybody[2:] == [one["user"]["id"] for one in rest]


def test_without_the_members_intent_there_is_no_list(place: Town) -> None:
    place.world.applications[place.bot.application_id]["flags"] = 0

    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(members.list_guild_members(place.guild.id))


def test_members_are_found_by_the_beginning_of_name_or_nick(place: Town) -> None:
    place.ask(members.update_guild_member(place.guild.id, place.bob["id"], nick="Alder"))

    found = place.ask(members.search_guild_members(place.guild.id, query="al", limit=5))

    assert {place.alice["id"], place.bob["id"]} == {one["user"]["id"] for one in found}


def test_who_is_no_member_and_who_does_not_exist_are_told_apart(place: Town) -> None:
    stranger = build.add_user(place.world, "Stranger")

    with refused(ErrorCode.UNKNOWN_MEMBER):
        place.ask(members.get_guild_member(place.guild.id, stranger["id"]))
    with refused(ErrorCode.UNKNOWN_USER):
        place.ask(members.get_guild_member(place.guild.id, 1))


def test_a_changed_nick_is_told_and_written_down(place: Town) -> None:
    changed = place.ask(members.update_guild_member(place.guild.id, place.bob["id"], nick="Bobby", reason="asked"))

    assert "Bobby" == changed["nick"] == place.ask(members.get_guild_member(place.guild.id, place.bob["id"]))["nick"]
    (_, update), (_, entry) = place.events()
    assert ("Bobby", place.bob["id"]) == (update["nick"], update["user"]["id"])
    assert ([{"key": "nick", "new_value": "Bobby"}], "asked") == (entry["changes"], entry["reason"])


def test_nobody_changes_the_nick_of_who_stands_higher(place: Town) -> None:
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(members.update_guild_member(place.guild.id, place.alice["id"], nick="Al"))


def test_a_timeout_takes_permissions_until_it_ends(place: Town) -> None:
    place.ask(members.update_guild_member(place.guild.id, place.bob["id"], communication_disabled_until=at(60)))

    during = place.world.permissions(place.bob["id"], place.general)
    place.clock.now += 61
    after = place.world.permissions(place.bob["id"], place.general)

    assert Permissions.SEND_MESSAGES not in during
    assert Permissions.SEND_MESSAGES in after


def test_the_end_of_a_timeout_counts_in_its_own_zone(place: Town) -> None:
    until = at(60).astimezone(timezone(timedelta(hours=-9)))

    member = place.ask(members.update_guild_member(place.guild.id, place.bob["id"], communication_disabled_until=until))

    assert at(60).isoformat(timespec="microseconds") == member["communication_disabled_until"]


def test_a_timeout_ends_within_28_days_and_never_begins_for_administrators(place: Town) -> None:
    chief = build.add_user(place.world, "Chief")
    role = build.add_role(place.world, place.guild, "chief", Permissions.ADMINISTRATOR)
    role["position"] = 0
    build.add_member(place.world, place.guild, chief["id"], role["id"])

    with refused(ErrorCode.INVALID_FORM_BODY):
        place.ask(
            members.update_guild_member(place.guild.id, place.bob["id"], communication_disabled_until=at(29 * 86400))
        )
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(members.update_guild_member(place.guild.id, chief["id"], communication_disabled_until=at(60)))


def test_roles_are_set_at_once_and_told_apart_in_the_log(place: Town) -> None:
    old, new = (build.add_role(place.world, place.guild, name) for name in ("old", "new"))
    old["position"] = new["position"] = 0
    place.guild.members[place.bob["id"]]["roles"] = [old["id"]]

    changed = place.ask(members.update_guild_member(place.guild.id, place.bob["id"], roles=[new["id"]]))

    assert [new["id"]] == changed["roles"]
    _, (_, entry) = place.events()
    assert ["$add", "$remove"] == [change["key"] for change in entry["changes"]]


def test_each_change_needs_its_own_permission(place: Town) -> None:
    place.demote(Permissions.MANAGE_NICKNAMES)

    place.ask(members.update_guild_member(place.guild.id, place.bob["id"], nick="B"))
    changes: list[dict[str, Any]] = [
        {"mute": True},
        {"roles": []},
        {"communication_disabled_until": at(9)},
        {"channel_id": None},
    ]
    for change in changes:
        with refused(ErrorCode.MISSING_PERMISSIONS):
            place.ask(members.update_guild_member(place.guild.id, place.bob["id"], **change))


def test_who_is_in_voice_can_be_muted_moved_and_disconnected(place: Town) -> None:
    hall, nook = (build.add_channel(place.world, place.guild, name, 2) for name in ("hall", "nook"))
    with refused(ErrorCode.TARGET_NOT_CONNECTED_TO_VOICE):
        place.ask(members.update_guild_member(place.guild.id, place.bob["id"], mute=True))
    join_voice(place.world, place.guild, place.bob["id"], hall["id"])
    place.events()

    place.ask(members.update_guild_member(place.guild.id, place.bob["id"], mute=True))
    place.ask(members.update_guild_member(place.guild.id, place.bob["id"], channel_id=nook["id"]))
    place.ask(members.update_guild_member(place.guild.id, place.bob["id"], channel_id=None))

    states = [(data["channel_id"], data["mute"]) for _, data in place.events("VOICE_STATE_UPDATE")]
    assert [(hall["id"], True), (nook["id"], True), (None, True)] == states
    assert [24, 26, 27] == [entry["action_type"] for entry in place.guild.audit_log]


def test_a_bot_changes_its_own_nick_by_two_ways(place: Town) -> None:
    member = place.ask(members.update_my_guild_member(place.guild.id, nick="Nut"))
    answer = place.ask(members.update_my_guild_member_nick(place.guild.id, nick=None))

    assert "Nut" == member["nick"]
    assert {"nick": None} == answer


def test_a_user_who_granted_guilds_join_is_brought_in_once(place: Town) -> None:
    carol = build.add_user(place.world, "Carol")
    scopes = frozenset({"guilds.join"})
    place.world.accounts["carol"] = Account("bearer", place.bot.application_id, carol["id"], scopes)
    route = members.add_guild_member(place.guild.id, carol["id"], access_token="carol", nick="C")

    came = place.ask(route)
    again = place.ask(route)

    assert ("C", carol["id"]) == (came["nick"], came["user"]["id"])
    assert None is again
    assert 1 == len(place.events("GUILD_MEMBER_ADD"))


def test_somebody_elses_token_or_a_ban_keeps_a_user_out(place: Town) -> None:
    carol = build.add_user(place.world, "Carol")
    with refused(ErrorCode.INVALID_OAUTH2_ACCESS_TOKEN):
        place.ask(members.add_guild_member(place.guild.id, carol["id"], access_token="nobody's"))
    scopes = frozenset({"guilds.join"})
    place.world.accounts["carol"] = Account("bearer", place.bot.application_id, carol["id"], scopes)
    place.ask(guilds.ban_user_from_guild(place.guild.id, carol["id"]))

    with refused(ErrorCode.USER_BANNED):
        place.ask(members.add_guild_member(place.guild.id, carol["id"], access_token="carol"))


def test_a_kick_removes_tells_and_is_written_down(place: Town) -> None:
    place.ask(members.delete_guild_member(place.guild.id, place.bob["id"], reason="noise"))

    assert place.bob["id"] not in place.guild.members
    (name, data), (_, entry) = place.events()
    assert ("GUILD_MEMBER_REMOVE", place.bob["id"]) == (name, data["user"]["id"])
    assert (20, "noise") == (entry["action_type"], entry["reason"])


def test_the_owner_cannot_be_kicked(place: Town) -> None:
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(members.delete_guild_member(place.guild.id, place.alice["id"]))


def test_a_kicked_bot_is_told_that_its_guild_is_gone_and_its_role_goes(place: Town) -> None:
    own = place.guild.roles[place.guild.members[place.bot.user_id]["roles"][0]]
    own["tags"] = {"bot_id": place.bot.user_id}

    place.ask(members.delete_guild_member(place.guild.id, place.bot.user_id), place.person(place.alice))

    assert own["id"] not in place.guild.roles
    gone = [one for one in place.heard if one.name == "GUILD_DELETE"]
    assert [frozenset({place.bot.user_id})] == [one.users for one in gone]


def test_a_user_reads_its_own_membership_by_bearer_token(place: Town) -> None:
    scopes = frozenset({"guilds.members.read"})
    account = Account("bearer", place.bot.application_id, place.bob["id"], scopes)

    assert place.bob["id"] == place.ask(members.get_my_guild_member(place.guild.id), account)["user"]["id"]
