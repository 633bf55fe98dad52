"""Permission overwrites of a channel: what a role or a member may do there otherwise than in the guild."""

from collections.abc import Sequence

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.sandbox.answers import Json, Refusal, invalid, missing_permissions, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world import channel_changes
from acord.sandbox.world.audit import AuditLogActionType, diff, log, made, unmade
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import THREADS, Guild, World

__all__ = ["overwrites"]

MOST = 1000  # overwrites of a channel (error 30060)


def overwrites(world: World, guild: Guild, channel: Json | None, given: Sequence[Json], user_id: str) -> list[Json]:
    """What a request says of all overwrites of a channel, as it is kept; 50013 for what the user has not."""
    before = {one["id"]: one for one in (channel or {}).get("permission_overwrites", ())}
    kept = {one["id"]: one for one in (_overwrite(guild, str(one["id"]), one) for one in given)}
    changed = [one for one in (*before.values(), *kept.values()) if before.get(one["id"]) != kept.get(one["id"])]
    for one in changed:
        _may_grant(world, guild, channel, user_id, one)
    return list(kept.values())


@handles("set_channel_permission_overwrite")
def set_channel_permission_overwrite(world: World, call: Call) -> None:
    channel, guild = _guild_channel(world, call)
    new = _overwrite(guild, call.path["overwrite_id"], call.body or {})
    _may_grant(world, guild, channel, call.user_id, new)
    kept: list[Json] = channel["permission_overwrites"]
    old = next((one for one in kept if one["id"] == new["id"]), None)
    if old is None and len(kept) >= MOST:
        text = f"Maximum number of channel permission overwrites reached ({MOST})"
        raise Refusal(400, ErrorCode.MAX_PERMISSION_OVERWRITES, text)
    with channel_changes.telling(world, guild, channel):
        channel["permission_overwrites"] = [*(one for one in kept if one["id"] != new["id"]), new]
    if old != new:
        actions = AuditLogActionType.CHANNEL_OVERWRITE_CREATE, AuditLogActionType.CHANNEL_OVERWRITE_UPDATE
        action, changes = (actions[0], made(new)) if old is None else (actions[1], diff(old, new))
        log(world, guild, call, action, channel["id"], changes=changes, options=_whose(guild, new))


@handles("delete_channel_permission_overwrite")
def delete_channel_permission_overwrite(world: World, call: Call) -> None:
    channel, guild = _guild_channel(world, call)
    kept: list[Json] = channel["permission_overwrites"]
    old = next((one for one in kept if one["id"] == call.path["overwrite_id"]), None)
    if old is None:
        raise unknown("permission overwrite")
    _may_grant(world, guild, channel, call.user_id, old)
    with channel_changes.telling(world, guild, channel):
        channel["permission_overwrites"] = [one for one in kept if one is not old]
    action = AuditLogActionType.CHANNEL_OVERWRITE_DELETE
    log(world, guild, call, action, channel["id"], changes=unmade(old), options=_whose(guild, old))


def _guild_channel(world: World, call: Call) -> tuple[Json, Guild]:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    if "guild_id" not in channel:
        raise Refusal(403, ErrorCode.NOT_IN_DM_CHANNEL, "Cannot execute action on a DM channel")
    if channel["type"] in THREADS:
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    world.need(call.user_id, channel, Permissions.MANAGE_ROLES)
    return channel, world.guild(channel["guild_id"])


def _overwrite(guild: Guild, whose: str, given: Json) -> Json:
    kind = given.get("type")
    if kind is None:
        kind = 0 if whose in guild.roles else 1
    if int(kind) == 0 and whose not in guild.roles:
        raise invalid("id", "Unknown role", "BASE_TYPE_CHOICES")
    allow, deny = int(given.get("allow") or 0), int(given.get("deny") or 0)
    return {"id": whose, "type": int(kind), "allow": str(allow & ~deny), "deny": str(deny)}


def _may_grant(world: World, guild: Guild, channel: Json | None, user_id: str, one: Json) -> None:
    """Only what one has can be given or taken; a MANAGE_ROLES overwrite in the channel lifts that."""
    has = world.permissions(user_id, guild if channel is None else channel)
    if Permissions.MANAGE_ROLES not in has:
        raise missing_permissions()
    if Permissions.ADMINISTRATOR in world.permissions(user_id, guild):
        return
    mine = {user_id, *guild.members[user_id]["roles"]}
    for other in (channel or {}).get("permission_overwrites", ()):
        if other["id"] in mine and int(other["allow"]) & Permissions.MANAGE_ROLES:
            return
    if (int(one["allow"]) | int(one["deny"])) & ~int(has | world.permissions(user_id, guild)):
        raise missing_permissions()


def _whose(guild: Guild, one: Json) -> Json:
    options: Json = {"id": one["id"], "type": one["type"]}
    if one["type"] == 0 and one["id"] in guild.roles:
        options["role_name"] = guild.roles[one["id"]]["name"]
    return options
