"""Invites on the sandbox: made, found, used, used up, outlived, revoked."""

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.routes import guilds, invites
from acord.sandbox.world import build
from acord.sandbox.world.invites import accept
from tests.sandbox.kit import Town, refused, town


@pytest.fixture
def place() -> Town:
    return town()


@pytest.fixture
def code(place: Town) -> str:
    """Of an invite for one use within an hour."""
    made = place.ask(invites.create_channel_invite(place.general["id"], max_uses=1, max_age=3600))
    place.events()
    return str(made["code"])


def test_an_invite_is_made_found_listed_and_revoked(place: Town) -> None:
    made = place.ask(invites.create_channel_invite(place.general["id"], reason="party"))
    found = place.ask(invites.invite_resolve(made["code"], with_counts=True))
    listed = place.ask(invites.list_guild_invites(place.guild.id))
    place.ask(invites.invite_revoke(made["code"]))

    assert (86400, 0, 0) == (made["max_age"], made["max_uses"], made["uses"])
    assert (3, "The oak") == (found["approximate_member_count"], found["guild"]["name"])
    assert "uses" not in found
    assert [made] == listed
    names = [name for name, _ in place.events() if name != "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert ["INVITE_CREATE", "INVITE_DELETE"] == names
    assert [40, 42] == [entry["action_type"] for entry in place.guild.audit_log]
    with refused(ErrorCode.UNKNOWN_INVITE):
        place.ask(invites.invite_resolve(made["code"]))


def test_a_like_invite_is_used_again_unless_it_shall_be_unique(place: Town) -> None:
    first, second = (place.ask(invites.create_channel_invite(place.general["id"])) for _ in range(2))
    third = place.ask(invites.create_channel_invite(place.general["id"], unique=True))

    assert first == second
    assert first["code"] != third["code"]


def test_a_used_up_invite_is_gone(place: Town, code: str) -> None:
    first, second = (build.add_user(place.world, name)["id"] for name in ("First", "Second"))

    accept(place.world, first, code)

    assert first in place.guild.members
    assert ["GUILD_MEMBER_ADD", "INVITE_DELETE"] == [name for name, _ in place.events()]
    with refused(ErrorCode.UNKNOWN_INVITE):
        accept(place.world, second, code)


def test_an_invite_ends_in_time(place: Town, code: str) -> None:
    place.clock.now += 3600

    with refused(ErrorCode.UNKNOWN_INVITE):
        place.ask(invites.invite_resolve(code))
    assert [] == place.ask(invites.list_channel_invites(place.general["id"]))


def test_who_is_banned_or_already_there_does_not_use_an_invite(place: Town, code: str) -> None:
    carol = build.add_user(place.world, "Carol")["id"]
    place.ask(guilds.ban_user_from_guild(place.guild.id, carol))

    accept(place.world, place.bob["id"], code)
    with refused(ErrorCode.USER_BANNED):
        accept(place.world, carol, code)

    assert 0 == place.world.invites[code]["uses"]


def test_an_invite_gives_its_roles(place: Town) -> None:
    role = build.add_role(place.world, place.guild, "guest")
    role["position"] = 0
    made = place.ask(invites.create_channel_invite(place.general["id"], role_ids=[role["id"]]))
    carol = build.add_user(place.world, "Carol")["id"]

    accept(place.world, carol, made["code"])

    assert [role["id"]] == [one["id"] for one in made["roles"]] == place.guild.members[carol]["roles"]


def test_only_bots_that_manage_the_channel_are_told(place: Town) -> None:
    place.demote(Permissions.CREATE_INSTANT_INVITE, Permissions.VIEW_CHANNEL)

    place.ask(invites.create_channel_invite(place.general["id"]))

    assert [frozenset()] == [one.users for one in place.heard if one.name == "INVITE_CREATE"]
    for route in (invites.list_guild_invites(place.guild.id), invites.list_channel_invites(place.general["id"])):
        with refused(ErrorCode.MISSING_PERMISSIONS):
            place.ask(route)


def test_a_category_cannot_be_invited_to(place: Town) -> None:
    category = build.add_channel(place.world, place.guild, "wood", 4)

    with refused(ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE):
        place.ask(invites.create_channel_invite(category["id"]))
