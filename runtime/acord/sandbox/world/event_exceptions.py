"""Exceptions of events that recur: one time it is at another hour, or not at all.

Source: Discord docs, Resources > Guild Scheduled Event.
"""

from acord.sandbox.answers import Json, invalid, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.ids import moment
from acord.sandbox.world.scheduled_events import asked_event, may_change
from acord.sandbox.world.state import Guild, World

__all__: list[str] = []


@handles("create_guild_scheduled_event_exception")
def create_guild_scheduled_event_exception(world: World, call: Call) -> Json:
    guild, event = _changed(world, call)
    if event["recurrence_rule"] is None:
        text = "Only events that recur have exceptions"
        raise invalid("original_scheduled_start_time", text, "GUILD_SCHEDULED_EVENT_NOT_RECURRING")
    exception: Json = {
        "event_id": event["id"],
        "event_exception_id": world.ids(),
        "scheduled_start_time": None,
        "scheduled_end_time": None,
        "is_canceled": False,
    }
    _apply(exception, call.body)
    event["guild_scheduled_event_exceptions"] = [*event["guild_scheduled_event_exceptions"], exception]
    _tell(world, guild, event)
    return exception


@handles("update_guild_scheduled_event_exception")
def update_guild_scheduled_event_exception(world: World, call: Call) -> Json:
    guild, event = _changed(world, call)
    exception = _exception(event, call.path["exception_id"])
    _apply(exception, call.body)
    _tell(world, guild, event)
    return exception


@handles("delete_guild_scheduled_event_exception")
def delete_guild_scheduled_event_exception(world: World, call: Call) -> None:
    guild, event = _changed(world, call)
    exception = _exception(event, call.path["exception_id"])
    event["guild_scheduled_event_exceptions"] = [
        one for one in event["guild_scheduled_event_exceptions"] if one is not exception
    ]
    _tell(world, guild, event)


@handles("list_guild_scheduled_event_exception_users")
def list_guild_scheduled_event_exception_users(world: World, call: Call) -> list[Json]:
    """Nobody of the sandbox is interested in one exception alone."""
    _, event = asked_event(world, call)
    _exception(event, call.path["guild_scheduled_event_exception_id"])
    return []


def _changed(world: World, call: Call) -> tuple[Guild, Json]:
    guild, event = asked_event(world, call)
    may_change(world, guild, call, event)
    return guild, event


def _apply(exception: Json, body: Json) -> None:
    for time in ("scheduled_start_time", "scheduled_end_time"):
        if time in body:
            exception[time] = body[time] and moment(body[time])
    if body.get("is_canceled") is not None:
        exception["is_canceled"] = body["is_canceled"]


def _exception(event: Json, exception_id: str) -> Json:
    exceptions: list[Json] = event["guild_scheduled_event_exceptions"]
    for exception in exceptions:
        if exception["event_exception_id"] == exception_id:
            return exception
    raise unknown("scheduled event")


def _tell(world: World, guild: Guild, event: Json) -> None:
    world.emit("GUILD_SCHEDULED_EVENT_UPDATE", event, guild_id=guild.id)
