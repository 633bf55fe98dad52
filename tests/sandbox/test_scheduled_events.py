"""Scheduled events on the sandbox, and who is interested."""

from datetime import UTC, datetime
from typing import Any

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.routes import scheduled_events
from acord.sandbox.people import Person
from acord.sandbox.world import build
from tests.sandbox.kit import START, Town, refused, town


@pytest.fixture
def place() -> Town:
    return town()


def at(hours: float) -> datetime:
    return datetime.fromtimestamp(START + hours * 3600, UTC)


def fair(place: Town, **fields: Any) -> Any:
    """An event in the wood, in an hour, for an hour."""
    fields = {
        "name": "Fair",
        "privacy_level": 2,
        "entity_type": 3,
        "entity_metadata": {"location": "The wood"},
        "scheduled_start_time": at(1),
        "scheduled_end_time": at(2),
        **fields,
    }
    return place.ask(scheduled_events.create_guild_scheduled_event(place.guild.id, **fields))


def change(place: Town, event: Any, **fields: Any) -> Any:
    route = scheduled_events.update_guild_scheduled_event(place.guild.id, event["id"], **fields)
    return place.ask(route)


def test_an_event_is_made_found_changed_listed_and_deleted(place: Town) -> None:
    made = fair(place)
    found = place.ask(scheduled_events.get_guild_scheduled_event(place.guild.id, made["id"]))
    changed = change(place, made, name="Great fair")
    listed = place.ask(scheduled_events.list_guild_scheduled_events(place.guild.id))
    place.ask(scheduled_events.delete_guild_scheduled_event(place.guild.id, made["id"]))

    assert made == found
    assert "Great fair" == changed["name"]
    assert [changed] == listed
    names = [name for name, _ in place.events() if name != "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert [f"GUILD_SCHEDULED_EVENT_{what}" for what in ("CREATE", "UPDATE", "DELETE")] == names
    assert [100, 101, 102] == [entry["action_type"] for entry in place.guild.audit_log]
    with refused(ErrorCode.UNKNOWN_SCHEDULED_EVENT):
        place.ask(scheduled_events.get_guild_scheduled_event(place.guild.id, made["id"]))


def test_an_event_begins_ends_and_is_over(place: Town) -> None:
    event = fair(place)
    with refused(ErrorCode.INVALID_FORM_BODY):
        change(place, event, status=3)

    for status in (2, 3):
        change(place, event, status=status)

    with refused(ErrorCode.CANNOT_UPDATE_FINISHED_EVENT):
        change(place, event, name="Too late")


def test_an_event_somewhere_else_needs_an_end_that_is_after_its_start(place: Town) -> None:
    for end in (None, at(0.5)):
        with refused(ErrorCode.INVALID_FORM_BODY):
            fair(place, scheduled_end_time=end)
    with refused(ErrorCode.INVALID_FORM_BODY):
        fair(place, scheduled_start_time=at(-1))


def test_an_event_in_a_channel_fits_the_channel(place: Town) -> None:
    hall = build.add_channel(place.world, place.guild, "hall", 2)

    event = fair(place, entity_type=2, channel_id=hall["id"], entity_metadata=None)

    assert (hall["id"], None) == (event["channel_id"], event["entity_metadata"])
    with refused(ErrorCode.EVENT_ENTITY_TYPE_MISMATCH):
        fair(place, entity_type=1, channel_id=hall["id"], entity_metadata=None)


def test_another_ones_event_is_changed_by_who_manages_events(place: Town) -> None:
    event = fair(place)
    event = place.guild.scheduled_events[event["id"]]
    event["creator_id"] = place.alice["id"]
    place.demote(Permissions.CREATE_EVENTS)

    with refused(ErrorCode.MISSING_PERMISSIONS):
        change(place, event, name="Mine")


def test_who_is_interested_is_told_listed_and_counted(place: Town) -> None:
    event = fair(place)
    place.events()
    alice, bob = (Person(place.world, one["id"]) for one in (place.alice, place.bob))

    alice.interested(place.guild.id, event["id"])
    bob.interested(place.guild.id, event["id"])
    users = place.ask(
        scheduled_events.list_guild_scheduled_event_users(place.guild.id, event["id"], with_member=True, limit=1)
    )
    counted = place.ask(scheduled_events.count_guild_scheduled_event_users(place.guild.id, event["id"]))
    with_count = place.ask(
        scheduled_events.get_guild_scheduled_event(place.guild.id, event["id"], with_user_count=True)
    )
    bob.interested(place.guild.id, event["id"], False)

    assert [place.alice["id"]] == [one["member"]["user"]["id"] for one in users]
    assert (2, 2) == (counted["guild_scheduled_event_count"], with_count["user_count"])
    assert ["ADD", "ADD", "REMOVE"] == [name.rpartition("_")[2] for name, _ in place.events()]


def test_the_101st_event_is_refused(place: Town) -> None:
    for _ in range(100):
        fair(place)

    with refused(ErrorCode.MAX_UNCOMPLETED_SCHEDULED_EVENTS):
        fair(place)


def test_one_time_of_an_event_that_recurs_is_at_another_hour_or_not_at_all(place: Town) -> None:
    rule: Any = {"start": at(1), "frequency": 2, "interval": 1, "by_weekday": [6]}
    event, guild = fair(place, recurrence_rule=rule)["id"], place.guild.id
    route = scheduled_events.create_guild_scheduled_event_exception

    made = place.ask(route(guild, event, original_scheduled_start_time=at(169), scheduled_start_time=at(170)))
    exception = made["event_exception_id"]
    changed = place.ask(
        scheduled_events.update_guild_scheduled_event_exception(guild, event, exception, is_canceled=True)
    )
    found = place.ask(scheduled_events.get_guild_scheduled_event(guild, event))
    nobody = place.ask(scheduled_events.list_guild_scheduled_event_exception_users(guild, event, exception))
    place.ask(scheduled_events.delete_guild_scheduled_event_exception(guild, event, exception))

    assert (at(170).isoformat(timespec="microseconds"), True) == (
        changed["scheduled_start_time"],
        changed["is_canceled"],
    )
    assert [changed] == found["guild_scheduled_event_exceptions"]
    assert [] == nobody
    assert 3 == len(place.events("GUILD_SCHEDULED_EVENT_UPDATE"))


def test_an_event_that_does_not_recur_has_no_exceptions(place: Town) -> None:
    route = scheduled_events.create_guild_scheduled_event_exception

    with refused(ErrorCode.INVALID_FORM_BODY):
        place.ask(route(place.guild.id, fair(place)["id"], original_scheduled_start_time=at(1)))
