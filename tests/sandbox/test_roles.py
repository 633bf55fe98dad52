"""Roles on the sandbox: made, moved, changed, given and deleted, by those who stand high enough."""

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.routes import audit_logs, roles
from acord.sandbox.world import build
from tests.sandbox.kit import Town, refused, town


@pytest.fixture
def place() -> Town:
    return town()


def positions(place: Town) -> dict[str, int]:
    return {role["name"]: role["position"] for role in place.ask(roles.list_guild_roles(place.guild.id))}


def test_a_role_is_made_found_changed_listed_and_deleted(place: Town) -> None:
    made = place.ask(roles.create_guild_role(place.guild.id, name="oak", hoist=True))
    found = place.ask(roles.get_guild_role(place.guild.id, made["id"]))
    changed = place.ask(roles.update_guild_role(place.guild.id, made["id"], name="elm", color=0xFF0000))
    listed = place.ask(roles.list_guild_roles(place.guild.id))
    place.ask(roles.delete_guild_role(place.guild.id, made["id"]))

    assert made == found
    assert ("elm", True, 0xFF0000) == (changed["name"], changed["hoist"], changed["colors"]["primary_color"])
    assert changed in listed
    assert [
        "GUILD_ROLE_CREATE",
        "GUILD_AUDIT_LOG_ENTRY_CREATE",
        "GUILD_ROLE_UPDATE",
        "GUILD_AUDIT_LOG_ENTRY_CREATE",
        "GUILD_ROLE_DELETE",
        "GUILD_AUDIT_LOG_ENTRY_CREATE",
    ] == [name for name, _ in place.events()]
    with refused(ErrorCode.UNKNOWN_ROLE):
        place.ask(roles.get_guild_role(place.guild.id, made["id"]))


def test_a_new_role_comes_in_right_above_everyone(place: Town) -> None:
    place.ask(roles.create_guild_role(place.guild.id, name="new"))

    assert {"@everyone": 0, "new": 1, "acorn": 2} == positions(place)


def test_roles_move_and_the_others_make_room(place: Town) -> None:
    low, mid = build.add_role(place.world, place.guild, "low"), build.add_role(place.world, place.guild, "mid")
    place.guild.roles[place.guild.members[place.bot.user_id]["roles"][0]]["position"] = 9
    low["position"], mid["position"] = 1, 2

    place.ask(roles.bulk_update_guild_roles(place.guild.id, [{"id": low["id"], "position": 2}]))

    assert {"@everyone": 0, "mid": 1, "low": 2, "acorn": 3} == positions(place)
    assert 3 == len(place.events("GUILD_ROLE_UPDATE"))


def test_a_role_at_or_above_the_own_highest_cannot_be_changed_moved_given_or_deleted(place: Town) -> None:
    high = build.add_role(place.world, place.guild, "high")
    member = place.bob["id"]

    for route in (
        roles.update_guild_role(place.guild.id, high["id"], name="mine"),
        roles.bulk_update_guild_roles(place.guild.id, [{"id": high["id"], "position": 1}]),
        roles.delete_guild_role(place.guild.id, high["id"]),
        roles.add_guild_member_role(place.guild.id, member, high["id"]),
    ):
        with refused(ErrorCode.MISSING_PERMISSIONS):
            place.ask(route)


def test_the_owner_stands_above_every_role(place: Town) -> None:
    high = build.add_role(place.world, place.guild, "high")

    place.ask(roles.update_guild_role(place.guild.id, high["id"], name="mine"), place.person(place.alice))

    assert "mine" == high["name"]


def test_nobody_grants_a_permission_that_they_lack(place: Town) -> None:
    place.demote(Permissions.MANAGE_ROLES)

    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(roles.create_guild_role(place.guild.id, permissions=Permissions.BAN_MEMBERS))


def test_everyone_can_be_given_permissions_and_nothing_else(place: Town) -> None:
    place.ask(roles.update_guild_role(place.guild.id, place.guild.id, permissions=Permissions.VIEW_CHANNEL))

    assert str(int(Permissions.VIEW_CHANNEL)) == place.guild.roles[place.guild.id]["permissions"]
    with refused(ErrorCode.INVALID_ROLE):
        place.ask(roles.update_guild_role(place.guild.id, place.guild.id, name="all"))
    with refused(ErrorCode.INVALID_ROLE):
        place.ask(roles.delete_guild_role(place.guild.id, place.guild.id))


def test_giving_and_taking_a_role_tells_and_is_written_down_once(place: Town) -> None:
    role = place.ask(roles.create_guild_role(place.guild.id, name="oak"))
    place.events()

    for _ in range(2):
        place.ask(roles.add_guild_member_role(place.guild.id, place.bob["id"], role["id"], reason="earned"))
    given = place.events("GUILD_MEMBER_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE")
    place.ask(roles.delete_guild_member_role(place.guild.id, place.bob["id"], role["id"]))

    (_, update), (_, entry) = given
    assert [role["id"]] == update["roles"]
    assert ("earned", place.bob["id"]) == (entry["reason"], entry["target_id"])
    assert [{"key": "$add", "new_value": [{"id": role["id"], "name": "oak"}]}] == entry["changes"]
    assert [] == place.guild.members[place.bob["id"]]["roles"]


def test_a_deleted_role_is_gone_from_members_and_channels(place: Town) -> None:
    role = place.ask(roles.create_guild_role(place.guild.id, name="oak"))
    place.ask(roles.add_guild_member_role(place.guild.id, place.bob["id"], role["id"]))
    place.general["permission_overwrites"].append({"id": role["id"], "type": 0, "allow": "0", "deny": "0"})

    place.ask(roles.delete_guild_role(place.guild.id, role["id"]))

    assert [] == place.guild.members[place.bob["id"]]["roles"]
    assert [] == place.general["permission_overwrites"]


def test_the_251st_role_is_refused(place: Town) -> None:
    while len(place.guild.roles) < 250:
        build.add_role(place.world, place.guild, "one more")

    with refused(ErrorCode.MAX_ROLES):
        place.ask(roles.create_guild_role(place.guild.id))


def test_roles_count_their_members(place: Town) -> None:
    own = place.guild.members[place.bot.user_id]["roles"][0]

    assert {own: 1} == place.ask(roles.guild_role_member_counts(place.guild.id))


def test_the_log_has_what_a_role_was_before_and_is_after(place: Town) -> None:
    role = place.ask(roles.create_guild_role(place.guild.id, name="oak"))
    place.ask(roles.update_guild_role(place.guild.id, role["id"], name="elm", reason="blight"))

    entry = place.ask(audit_logs.list_guild_audit_log_entries(place.guild.id))["audit_log_entries"][0]

    assert [{"key": "name", "old_value": "oak", "new_value": "elm"}] == entry["changes"]
    assert ("blight", 31, role["id"]) == (entry["reason"], entry["action_type"], entry["target_id"])
