"""Bans and pruning on the sandbox."""

from typing import Any

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.routes import guilds
from acord.sandbox.world import build
from tests.sandbox.kit import Town, refused, town

DAY = 86400


@pytest.fixture
def place() -> Town:
    return town()


def test_a_ban_is_made_found_listed_and_lifted(place: Town) -> None:
    bob = place.bob["id"]

    place.ask(guilds.ban_user_from_guild(place.guild.id, bob, reason="noise"))
    found = place.ask(guilds.get_guild_ban(place.guild.id, bob))
    listed = place.ask(guilds.list_guild_bans(place.guild.id))
    place.ask(guilds.unban_user_from_guild(place.guild.id, bob))

    assert ("noise", bob) == (found["reason"], found["user"]["id"])
    assert [found] == listed
    assert ["GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE", "GUILD_BAN_REMOVE"] == [
        name for name, _ in place.events("GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE", "GUILD_BAN_REMOVE")
    ]
    for route in (guilds.get_guild_ban(place.guild.id, bob), guilds.unban_user_from_guild(place.guild.id, bob)):
        with refused(ErrorCode.UNKNOWN_BAN):
            place.ask(route)


def test_who_never_was_a_member_can_be_banned_and_who_does_not_exist_cannot(place: Town) -> None:
    stranger = build.add_user(place.world, "Stranger")

    place.ask(guilds.ban_user_from_guild(place.guild.id, stranger["id"]))

    assert ["GUILD_BAN_ADD"] == [name for name, _ in place.events() if name != "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    with refused(ErrorCode.UNKNOWN_USER):
        place.ask(guilds.ban_user_from_guild(place.guild.id, 1))


def test_nobody_bans_the_owner_or_without_the_permission(place: Town) -> None:
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(guilds.ban_user_from_guild(place.guild.id, place.alice["id"]))
    place.demote(Permissions.KICK_MEMBERS)
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(guilds.ban_user_from_guild(place.guild.id, place.bob["id"]))


def test_a_ban_deletes_what_was_said_lately(place: Town) -> None:
    old = build.add_message(place.world, place.general["id"], place.bob["id"], "old")
    place.clock.now += DAY
    new = build.add_message(place.world, place.general["id"], place.bob["id"], "new")
    other = build.add_message(place.world, place.general["id"], place.alice["id"], "other")

    place.ask(guilds.ban_user_from_guild(place.guild.id, place.bob["id"], delete_message_seconds=3600))

    assert {old["id"], other["id"]} == place.world.messages[place.general["id"]].keys()
    ((_, data),) = place.events("MESSAGE_DELETE_BULK")
    assert [new["id"]] == data["ids"]


def test_bans_are_listed_page_by_page_in_rising_order(place: Town) -> None:
    ids = [build.add_user(place.world, f"User {number}")["id"] for number in range(5)]
    for one in reversed(ids):
        place.ask(guilds.ban_user_from_guild(place.guild.id, one))

    def page(**query: Any) -> list[str]:
        answer = place.ask(guilds.list_guild_bans(place.guild.id, limit=2, **query))
        return [ban["user"]["id"] for ban in answer]

    assert ids[:2] == page()
    assert ids[2:4] == page(after=ids[1])
    assert ids[1:3] == page(before=ids[3])


def test_many_are_banned_at_once_and_those_who_cannot_be_are_named(place: Town) -> None:
    ids = [place.bob["id"], place.alice["id"], 1]
    answer = place.ask(guilds.bulk_ban_users_from_guild(place.guild.id, user_ids=ids))

    assert {"banned_users": [place.bob["id"]], "failed_users": [place.alice["id"], "1"]} == answer
    with refused(ErrorCode.FAILED_TO_BAN_USERS):
        place.ask(guilds.bulk_ban_users_from_guild(place.guild.id, user_ids=[place.bob["id"]]))


def test_who_was_away_is_pruned_and_who_wrote_or_has_a_role_is_not(place: Town) -> None:
    away, wrote, ranked = (build.add_user(place.world, name)["id"] for name in ("Away", "Wrote", "Ranked"))
    role = build.add_role(place.world, place.guild, "oak")["id"]
    for user_id, roles in ((away, ()), (wrote, ()), (ranked, (role,))):
        build.add_member(place.world, place.guild, user_id, *roles)
    place.clock.now += 8 * DAY
    build.add_message(place.world, place.general["id"], wrote, "still here")

    counted = place.ask(guilds.preview_prune_guild(place.guild.id))
    with_role = place.ask(guilds.preview_prune_guild(place.guild.id, include_roles=[role]))
    pruned = place.ask(guilds.prune_guild(place.guild.id, days=7, compute_prune_count=False))

    assert ({"pruned": 2}, {"pruned": 3}, {"pruned": None}) == (counted, with_role, pruned)
    assert {place.alice["id"], place.bot.user_id, wrote, ranked} == place.guild.members.keys()
    assert {"delete_member_days": "7", "members_removed": "2"} == place.guild.audit_log[-1]["options"]
