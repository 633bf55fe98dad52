"""Scheduled events of guilds, and who is interested.

Source: Discord docs, Resources > Guild Scheduled Event.
"""

from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models.enums import (
    AuditLogActionType,
    ChannelType,
    GuildScheduledEventEntityType,
    GuildScheduledEventStatus,
    GuildScheduledEventUserResponse,
)
from acord.sandbox.answers import Json, Refusal, invalid, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.audit import diff, log, made, unmade
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.ids import moment
from acord.sandbox.world.images import with_images
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import member_view, only

__all__ = ["asked_event", "event_of", "interested", "may_change", "uninterested"]

MOST = 100  # events that are scheduled or going on
_HOMES = {
    GuildScheduledEventEntityType.STAGE_INSTANCE: ChannelType.GUILD_STAGE_VOICE,
    GuildScheduledEventEntityType.VOICE: ChannelType.GUILD_VOICE,
}
_STAGE = (Permissions.MANAGE_CHANNELS, Permissions.MUTE_MEMBERS, Permissions.MOVE_MEMBERS)
_NEXT = {
    GuildScheduledEventStatus.SCHEDULED: (GuildScheduledEventStatus.ACTIVE, GuildScheduledEventStatus.CANCELED),
    GuildScheduledEventStatus.ACTIVE: (GuildScheduledEventStatus.COMPLETED,),
}
_TIMES = ("scheduled_start_time", "scheduled_end_time")
_FIELDS = ("name", "description", "privacy_level", "channel_id", "entity_type", "entity_metadata", "status", *_TIMES)


@handles("list_guild_scheduled_events")
def list_guild_scheduled_events(world: World, call: Call) -> list[Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    return [
        _shown(guild, event, call)
        for event in guild.scheduled_events.values()
        if event["channel_id"] is None
        or Permissions.VIEW_CHANNEL in world.permissions(call.user_id, world.channels[event["channel_id"]])
    ]


@handles("get_guild_scheduled_event")
def get_guild_scheduled_event(world: World, call: Call) -> Json:
    guild, event = asked_event(world, call)
    return _shown(guild, event, call)


@handles("create_guild_scheduled_event")
def create_guild_scheduled_event(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    body: Json = with_images(call.body, "image")
    going = (GuildScheduledEventStatus.SCHEDULED, GuildScheduledEventStatus.ACTIVE)
    if sum(one["status"] in going for one in guild.scheduled_events.values()) >= MOST:
        text = f"Maximum number of uncompleted guild scheduled events reached ({MOST})"
        raise Refusal(400, ErrorCode.MAX_UNCOMPLETED_SCHEDULED_EVENTS, text)
    event: Json = {
        "id": world.ids(),
        "guild_id": guild.id,
        "name": body["name"],
        "description": body.get("description"),
        "channel_id": None,
        "creator_id": call.user_id,
        "creator": world.users[call.user_id],
        "image": body.get("image"),
        "scheduled_start_time": None,
        "scheduled_end_time": None,
        "status": int(GuildScheduledEventStatus.SCHEDULED),
        "entity_type": body["entity_type"],
        "entity_id": None,
        "entity_metadata": None,
        "recurrence_rule": None,
        "privacy_level": body["privacy_level"],
        "guild_scheduled_event_exceptions": [],
    }
    _apply(world, guild, call, event, body)
    _in_future(world, event)
    guild.scheduled_events[event["id"]] = event
    world.emit("GUILD_SCHEDULED_EVENT_CREATE", event, guild_id=guild.id)
    action = AuditLogActionType.GUILD_SCHEDULED_EVENT_CREATE
    log(world, guild, call, action, event["id"], changes=made(only(event, *_FIELDS)))
    return event


@handles("update_guild_scheduled_event")
def update_guild_scheduled_event(world: World, call: Call) -> Json:
    guild, event = asked_event(world, call)
    may_change(world, guild, call, event)
    body: Json = with_images(call.body, "image")
    if event["status"] not in _NEXT:
        raise Refusal(400, ErrorCode.CANNOT_UPDATE_FINISHED_EVENT, "Cannot update a finished event")
    status = body.get("status")
    if status is not None and status != event["status"] and status not in _NEXT[event["status"]]:
        raise invalid("status", "Invalid status transition", "GUILD_SCHEDULED_EVENT_INVALID_STATUS")
    after = dict(event)
    _apply(world, guild, call, after, body)
    if "scheduled_start_time" in body and after["status"] == GuildScheduledEventStatus.SCHEDULED:
        _in_future(world, after)
    before = dict(event)
    event.update(after)
    if event != before:
        world.emit("GUILD_SCHEDULED_EVENT_UPDATE", event, guild_id=guild.id)
        changes = diff(only(before, *_FIELDS), only(event, *_FIELDS))
        log(world, guild, call, AuditLogActionType.GUILD_SCHEDULED_EVENT_UPDATE, event["id"], changes=changes)
    return event


@handles("delete_guild_scheduled_event")
def delete_guild_scheduled_event(world: World, call: Call) -> None:
    guild, event = asked_event(world, call)
    may_change(world, guild, call, event)
    del guild.scheduled_events[event["id"]]
    guild.more.get("event_users", {}).pop(event["id"], None)
    world.emit("GUILD_SCHEDULED_EVENT_DELETE", event, guild_id=guild.id)
    action = AuditLogActionType.GUILD_SCHEDULED_EVENT_DELETE
    log(world, guild, call, action, event["id"], changes=unmade(only(event, *_FIELDS)))


# Who is interested


@handles("list_guild_scheduled_event_users")
def list_guild_scheduled_event_users(world: World, call: Call) -> list[Json]:
    guild, event = asked_event(world, call)
    limit, before, after = call.query.get("limit", 100), call.query.get("before"), call.query.get("after")
    ids = sorted(_users(guild, event["id"]), key=int)
    if before is not None:
        ids = [one for one in ids if int(one) < int(before)][-limit:]
    elif after is not None:
        ids = [one for one in ids if int(one) > int(after)]
    return [_user(world, guild, event, one, member=bool(call.query.get("with_member"))) for one in ids[:limit]]


@handles("count_guild_scheduled_event_users")
def count_guild_scheduled_event_users(world: World, call: Call) -> Json:
    guild, event = asked_event(world, call)
    return {
        "guild_scheduled_event_count": len(_users(guild, event["id"])),
        "guild_scheduled_event_exception_counts": {},
    }


def interested(world: World, guild: Guild, event_id: str, user_id: str) -> None:
    """A member says that an event interests them; nothing where they have."""
    event_of(guild, event_id)
    users = guild.more.setdefault("event_users", {}).setdefault(event_id, {})
    if user_id not in users:
        users[user_id] = {}
        _tell(world, "GUILD_SCHEDULED_EVENT_USER_ADD", guild, event_id, user_id)


def uninterested(world: World, guild: Guild, event_id: str, user_id: str) -> None:
    """And that it does not any more."""
    event_of(guild, event_id)
    if _users(guild, event_id).pop(user_id, None) is not None:
        _tell(world, "GUILD_SCHEDULED_EVENT_USER_REMOVE", guild, event_id, user_id)


def event_of(guild: Guild, event_id: str) -> Json:
    """10070 where there is none."""
    if (event := guild.scheduled_events.get(event_id)) is None:
        raise unknown("scheduled event")
    return event


def asked_event(world: World, call: Call) -> tuple[Guild, Json]:
    """Guild and event of a path; 10070 where there is none, 50001 where the caller does not see its channel."""
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    event = event_of(guild, call.path["guild_scheduled_event_id"])
    if event["channel_id"] is not None:
        world.channel(event["channel_id"], seen_by=call.user_id)
    return guild, event


def may_change(world: World, guild: Guild, call: Call, event: Json) -> None:
    """50013 for another's event without MANAGE_EVENTS, or an own one without CREATE_EVENTS."""
    where = guild if event["channel_id"] is None else world.channels[event["channel_id"]]
    own = event["creator_id"] == call.user_id
    if not (own and Permissions.CREATE_EVENTS in world.permissions(call.user_id, where)):
        world.need(call.user_id, where, Permissions.MANAGE_EVENTS)


def _apply(world: World, guild: Guild, call: Call, event: Json, body: Json) -> None:
    """Put what the request says into the event; refuses what does not go together or is not allowed there."""
    event |= {key: body[key] for key in ("name", "privacy_level", "entity_type", "status") if body.get(key) is not None}
    event |= only(body, "description", "image", "entity_metadata")
    event |= {key: body[key] and moment(body[key]) for key in _TIMES if key in body}
    if "recurrence_rule" in body:
        event["recurrence_rule"] = _rule(body["recurrence_rule"])
    if "channel_id" in body:
        event["channel_id"] = body["channel_id"] and str(body["channel_id"])
    kind = event["entity_type"]
    if kind == GuildScheduledEventEntityType.EXTERNAL:
        event["channel_id"] = None
        metadata: Json = event["entity_metadata"] or {}
        if not metadata.get("location"):
            raise invalid("entity_metadata.location", "This field is required")
        if event["scheduled_end_time"] is None:
            raise invalid("scheduled_end_time", "This field is required")
        world.need(call.user_id, guild, Permissions.CREATE_EVENTS)
    else:
        event["entity_metadata"] = None
        _in_channel(world, guild, call, event)
    end = event["scheduled_end_time"]
    if end is not None and event["scheduled_start_time"] is not None and end <= event["scheduled_start_time"]:
        text = "The end must be after the start"
        raise invalid("scheduled_end_time", text, "GUILD_SCHEDULED_EVENT_SCHEDULE_INVALID")


def _in_channel(world: World, guild: Guild, call: Call, event: Json) -> None:
    if event["channel_id"] is None:
        raise invalid("channel_id", "This field is required")
    channel = world.channels.get(event["channel_id"])
    if channel is None or channel.get("guild_id") != guild.id:
        raise unknown("channel")
    if channel["type"] != _HOMES.get(event["entity_type"]):
        text = "Entity type of the event does not match the type of its entity"
        raise Refusal(400, ErrorCode.EVENT_ENTITY_TYPE_MISMATCH, text)
    more = _STAGE if channel["type"] == ChannelType.GUILD_STAGE_VOICE else (Permissions.CONNECT,)
    world.need(call.user_id, channel, Permissions.CREATE_EVENTS, *more)


def _in_future(world: World, event: Json) -> None:
    if event["scheduled_start_time"] <= world.time():
        text = "Cannot schedule event in the past."
        raise invalid("scheduled_start_time", text, "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST")


def _rule(given: Any) -> Json | None:
    if given is None:
        return None
    fields = ("by_weekday", "by_n_weekday", "by_month", "by_month_day", "by_year_day", "count")
    return {
        "start": moment(given["start"]),
        "end": None,
        "frequency": given["frequency"],
        "interval": given.get("interval") or 1,
        **{field: given.get(field) for field in fields},
    }


def _shown(guild: Guild, event: Json, call: Call) -> Json:
    if not call.query.get("with_user_count"):
        return event
    return event | {"user_count": len(_users(guild, event["id"]))}


def _user(world: World, guild: Guild, event: Json, user_id: str, *, member: bool) -> Json:
    shown: Json = {
        "guild_scheduled_event_id": event["id"],
        "user_id": user_id,
        "user": world.users[user_id],
        "response": int(GuildScheduledEventUserResponse.INTERESTED),
    }
    if member and user_id in guild.members:
        shown["member"] = member_view(world, guild, user_id)
    return shown


def _users(guild: Guild, event_id: str) -> Json:
    return guild.more.get("event_users", {}).get(event_id, {})


def _tell(world: World, name: str, guild: Guild, event_id: str, user_id: str) -> None:
    data = {"guild_scheduled_event_id": event_id, "user_id": user_id, "guild_id": guild.id}
    world.emit(name, data, guild_id=guild.id)
