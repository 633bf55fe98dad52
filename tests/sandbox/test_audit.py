"""The audit log of the sandbox as a list to look through, and whom its events concern."""

from typing import Any

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models.enums import AuditLogActionType
from acord.routes import audit_logs
from acord.sandbox.world.audit import diff, log
from tests.sandbox.kit import Town, refused, town


@pytest.fixture
def place() -> Town:
    return town()


@pytest.fixture
def written(place: Town) -> list[str]:
    """Five entries: Alice's three roles, Bob's two kicks; oldest first."""
    kinds = [(place.alice["id"], AuditLogActionType.ROLE_CREATE)] * 3 + [
        (place.bob["id"], AuditLogActionType.MEMBER_KICK)
    ] * 2
    return [log(place.world, place.guild, user, kind, place.alice["id"])["id"] for user, kind in kinds]


def listed(place: Town, **query: Any) -> list[str]:
    route = audit_logs.list_guild_audit_log_entries(place.guild.id, **query)
    return [entry["id"] for entry in place.ask(route)["audit_log_entries"]]


def test_the_newest_entries_come_first(place: Town, written: list[str]) -> None:
    assert written[::-1] == listed(place)


def test_after_an_entry_the_oldest_come_first(place: Town, written: list[str]) -> None:
    assert written[1:3] == listed(place, after=written[0], limit=2)


def test_before_an_entry_the_newest_come_first(place: Town, written: list[str]) -> None:
    assert written[2:0:-1] == listed(place, before=written[3], limit=2)


def test_entries_are_filtered_by_who_and_what(place: Town, written: list[str]) -> None:
    assert written[:2:-1] == listed(place, user_id=place.bob["id"])
    assert written[2::-1] == listed(place, action_type=AuditLogActionType.ROLE_CREATE)


def test_the_users_behind_the_ids_come_along(place: Town, written: list[str]) -> None:
    answer = place.ask(audit_logs.list_guild_audit_log_entries(place.guild.id))

    assert [place.alice["id"], place.bob["id"]] == [user["id"] for user in answer["users"]]


def test_without_view_audit_log_there_is_neither_list_nor_event(place: Town) -> None:
    place.demote(Permissions.MANAGE_ROLES)

    log(place.world, place.guild, place.alice["id"], AuditLogActionType.MEMBER_KICK, place.bob["id"])

    assert [frozenset()] == [one.users for one in place.heard]
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(audit_logs.list_guild_audit_log_entries(place.guild.id))


def test_a_value_that_is_or_was_null_is_left_out_of_a_change() -> None:
    changes = diff({"nick": None, "topic": "old", "same": 1}, {"nick": "Al", "topic": None, "same": 1})

    assert [{"key": "nick", "new_value": "Al"}, {"key": "topic", "old_value": "old"}] == changes
