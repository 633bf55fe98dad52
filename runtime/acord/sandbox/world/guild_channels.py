"""The channels of a guild: made, listed, put in order."""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models import ChannelType
from acord.sandbox.answers import Json, Refusal, invalid
from acord.sandbox.calls import Call
from acord.sandbox.world import build, channel_changes, channel_fields, overwrites, shown
from acord.sandbox.world.audit import AuditLogActionType, log, made
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import THREADS, Guild, World

MOST = 500  # channels of a guild (error 30013)
_COMMUNITY = frozenset({ChannelType.GUILD_ANNOUNCEMENT, ChannelType.GUILD_STAGE_VOICE, ChannelType.GUILD_MEDIA})
"""Kinds that only guilds with the feature COMMUNITY have."""


@handles("list_guild_channels")
def list_guild_channels(world: World, call: Call) -> list[Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    return [shown.channel(world, one, call.user_id) for one in _channels(world, guild)]


@handles("create_guild_channel")
def create_guild_channel(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_CHANNELS)
    body: Json = call.body
    kind = int(body.get("type") or 0)
    if kind in _COMMUNITY and "COMMUNITY" not in guild.data["features"]:
        raise invalid("type", "Value must be one of the types that this guild may have.", "BASE_TYPE_CHOICES")
    if len(_channels(world, guild)) >= MOST:
        raise Refusal(400, ErrorCode.MAX_CHANNELS, f"Maximum number of guild channels reached ({MOST})")
    values = channel_fields.settings(world, guild, kind, body)
    given = body.get("permission_overwrites")
    kept = [] if given is None else overwrites.overwrites(world, guild, None, given, call.user_id)
    if given is None and values.get("parent_id"):
        parent = world.channels[values["parent_id"]]
        kept = [dict(one) for one in parent["permission_overwrites"]]
    channel = build.add_channel(world, guild, values.pop("name"), kind)
    channel_fields.apply(channel, values)
    channel["permission_overwrites"] = kept
    data = shown.channel(world, channel, None)
    world.emit("CHANNEL_CREATE", data, guild_id=guild.id, channel_id=channel["id"])
    log(world, guild, call, AuditLogActionType.CHANNEL_CREATE, channel["id"], changes=made(channel))
    return shown.channel(world, channel, call.user_id)


@handles("bulk_update_guild_channels")
def bulk_update_guild_channels(world: World, call: Call) -> None:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_CHANNELS)
    mine = {one["id"]: one for one in _channels(world, guild)}
    for index, one in enumerate(call.body):
        if str(one.get("id")) not in mine:
            raise invalid(f"{index}.id", "Unknown channel", "BASE_TYPE_CHOICES")
    if sum("parent_id" in one and one["parent_id"] != mine[str(one["id"])]["parent_id"] for one in call.body) > 1:
        text = "Only one channel can be moved to another category at a time"
        raise Refusal(400, ErrorCode.ONE_PARENT_CHANGE_AT_A_TIME, text)
    with channel_changes.telling(world, guild, *mine.values()):
        for one in call.body:
            _move(world, guild, mine[str(one["id"])], one)


def _move(world: World, guild: Guild, channel: Json, given: Json) -> None:
    wanted: Json = {key: given[key] for key in ("position", "parent_id") if key in given}
    channel_fields.apply(channel, channel_fields.settings(world, guild, channel["type"], wanted))
    if given.get("lock_permissions") and channel["parent_id"]:
        parent = world.channels[channel["parent_id"]]
        channel["permission_overwrites"] = [dict(one) for one in parent["permission_overwrites"]]


def _channels(world: World, guild: Guild) -> list[Json]:
    return [one for one in world.channels.values() if one.get("guild_id") == guild.id and one["type"] not in THREADS]
