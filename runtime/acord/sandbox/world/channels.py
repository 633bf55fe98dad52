"""Channels: read, change, delete; typing in them, and the status of voice channels."""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models import ChannelType
from acord.sandbox.answers import Json, Refusal, invalid
from acord.sandbox.calls import Call
from acord.sandbox.world import (
    channel_changes,
    channel_fields,
    direct,
    notify,
    overwrites,
    sending,
    shown,
    stages,
    thread_changes,
    voice,
)
from acord.sandbox.world.audit import AuditLogActionType, diff, log, unmade
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.invites import drop_invites
from acord.sandbox.world.state import THREADS, Guild, World

__all__ = ["remove", "typing"]

_SWITCHED = {ChannelType.GUILD_TEXT, ChannelType.GUILD_ANNOUNCEMENT}


@handles("get_channel")
def get_channel(world: World, call: Call) -> Json:
    return shown.channel(world, world.channel(call.path["channel_id"], seen_by=call.user_id), call.user_id)


@handles("update_channel")
def update_channel(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    body: Json = call.body or {}
    if "guild_id" not in channel:
        direct.update(world, channel, body)
    elif channel["type"] in THREADS:
        thread_changes.update(world, channel, body, call)
    else:
        _update(world, channel, body, call)
    return shown.channel(world, channel, call.user_id)


def _update(world: World, channel: Json, body: Json, call: Call) -> None:
    guild = world.guild(channel["guild_id"])
    needed = (Permissions.MANAGE_ROLES,) if body.get("permission_overwrites") is not None else ()
    world.need(call.user_id, channel, Permissions.MANAGE_CHANNELS, *needed)
    after = dict(channel)
    kind = body.get("type")
    if kind is not None and kind != channel["type"]:
        if {kind, channel["type"]} != _SWITCHED:
            raise invalid("type", "Cannot convert to this channel type", "CHANNEL_TYPE_INVALID")
        after["type"] = int(kind)
    channel_fields.apply(after, channel_fields.settings(world, guild, after["type"], body))
    if body.get("permission_overwrites") is not None:
        given = body["permission_overwrites"]
        after["permission_overwrites"] = overwrites.overwrites(world, guild, channel, given, call.user_id)
    changes = diff(channel, after)
    with channel_changes.telling(world, guild, channel):
        channel.clear()
        channel.update(after)
    if changes:
        log(world, guild, call, AuditLogActionType.CHANNEL_UPDATE, channel["id"], changes=changes)


@handles("delete_channel")
def delete_channel(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    seen = shown.channel(world, channel, call.user_id)
    if "guild_id" not in channel:
        direct.close(world, channel, call.user_id)
        return seen
    guild = world.guild(channel["guild_id"])
    if channel["type"] in THREADS:
        world.need(call.user_id, channel, Permissions.MANAGE_THREADS)
        thread_changes.remove(world, channel)
        log(world, guild, call, AuditLogActionType.THREAD_DELETE, channel["id"], changes=unmade(channel))
        return seen
    world.need(call.user_id, channel, Permissions.MANAGE_CHANNELS)
    if "COMMUNITY" in guild.data["features"] and channel["id"] in (
        guild.data["rules_channel_id"],
        guild.data["public_updates_channel_id"],
    ):
        text = "Cannot delete a channel required for Community guilds"
        raise Refusal(400, ErrorCode.CHANNEL_REQUIRED_FOR_COMMUNITY, text)
    remove(world, guild, channel)
    log(world, guild, call, AuditLogActionType.CHANNEL_DELETE, channel["id"], changes=unmade(channel))
    return seen


def remove(world: World, guild: Guild, channel: Json) -> None:
    """A channel goes with all that hangs on it; those of a category stay, and stand alone."""
    inside = [one for one in world.channels.values() if one.get("parent_id") == channel["id"]]
    for one in inside:
        if one["type"] in THREADS:
            thread_changes.forget(world, one)
    for webhook in [one for one in world.webhooks.values() if one["channel_id"] == channel["id"]]:
        del world.webhooks[webhook["id"]]
    drop_invites(world, channel["id"])
    stages.close(world, guild, channel["id"])
    voice.empty(world, guild, channel["id"])
    for name in [name for name, value in guild.data.items() if name.endswith("channel_id") and value == channel["id"]]:
        guild.data[name] = None
    # Told while it is there: nobody could be said to see it afterwards.
    data = shown.channel(world, channel, None)
    world.emit("CHANNEL_DELETE", data, guild_id=guild.id, channel_id=channel["id"])
    thread_changes.forget(world, channel)
    for one in inside:
        if one["type"] not in THREADS:
            with channel_changes.telling(world, guild, one):
                one["parent_id"] = None


@handles("trigger_typing_indicator")
def trigger_typing_indicator(world: World, call: Call) -> None:
    typing(world, world.channel(call.path["channel_id"]), call.user_id)


def typing(world: World, channel: Json, user_id: str) -> None:
    """Somebody begins to type."""
    sending.may_type(world, channel, user_id)
    data: Json = {"channel_id": channel["id"], "user_id": user_id, "timestamp": int(world.now())}
    guild = world.guilds.get(str(channel.get("guild_id")))
    if guild is not None:
        data["member"] = shown.member(world, guild, user_id)
    notify.in_channel(world, "TYPING_START", channel, data)


@handles("update_voice_channel_status")
def update_voice_channel_status(world: World, call: Call) -> None:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    if channel["type"] != ChannelType.GUILD_VOICE:
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    guild = world.guild(channel["guild_id"])
    needed = [Permissions.SET_VOICE_CHANNEL_STATUS]
    if guild.voice_states.get(call.user_id, {}).get("channel_id") != channel["id"]:
        needed.append(Permissions.MANAGE_CHANNELS)
    world.need(call.user_id, channel, *needed)
    body: Json = call.body or {}
    status = body.get("status") or None
    statuses = guild.more.setdefault("voice_channel_statuses", {})
    if status is None:
        statuses.pop(channel["id"], None)
    else:
        statuses[channel["id"]] = {"status": status}
    notify.in_channel(world, "VOICE_CHANNEL_STATUS_UPDATE", channel, {"id": channel["id"], "status": status})
    action = AuditLogActionType.VOICE_CHANNEL_STATUS_CREATE
    if status is None:
        log(world, guild, call, AuditLogActionType.VOICE_CHANNEL_STATUS_DELETE, channel["id"])
    else:
        log(world, guild, call, action, channel["id"], options={"status": status})
