"""Bans, one by one and many at a time, and the pruning of who has been away.

Source: Discord docs, Resources > Guild.
"""

from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.sandbox.answers import Json, Refusal, missing_permissions, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.audit import AuditLogActionType, log
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.ids import instant
from acord.sandbox.world.members import kick_out
from acord.sandbox.world.messages import forget
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import allowed, outranks

__all__: list[str] = []


@handles("list_guild_bans")
def list_guild_bans(world: World, call: Call) -> list[Json]:
    guild = _banned_in(world, call)
    limit, before, after = call.query.get("limit", 1000), call.query.get("before"), call.query.get("after")
    ids = sorted(guild.bans, key=int)
    if before is not None:
        # The nearest to it, and still in rising order.
        ids = [one for one in ids if int(one) < int(before)][-limit:]
    elif after is not None:
        ids = [one for one in ids if int(one) > int(after)]
    return [_ban(world, guild, one) for one in ids[:limit]]


@handles("get_guild_ban")
def get_guild_ban(world: World, call: Call) -> Json:
    guild = _banned_in(world, call)
    if call.path["user_id"] not in guild.bans:
        raise unknown("ban")
    return _ban(world, guild, call.path["user_id"])


@handles("ban_user_from_guild")
def ban_user_from_guild(world: World, call: Call) -> None:
    guild = _banned_in(world, call)
    user_id = call.path["user_id"]
    world.user(user_id)
    if not outranks(guild, call.user_id, user_id):
        raise missing_permissions()
    _ban_one(world, guild, call, user_id, _seconds(call.body or {}))


@handles("bulk_ban_users_from_guild")
def bulk_ban_users_from_guild(world: World, call: Call) -> Json:
    guild = _banned_in(world, call)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    banned: list[str] = []
    failed: list[str] = []
    for user_id in map(str, call.body["user_ids"]):
        fits = user_id in world.users and user_id not in guild.bans and outranks(guild, call.user_id, user_id)
        (banned if fits else failed).append(user_id)
    if not banned:
        raise Refusal(400, ErrorCode.FAILED_TO_BAN_USERS, "Failed to ban users")
    for user_id in banned:
        _ban_one(world, guild, call, user_id, _seconds(call.body))
    return {"banned_users": banned, "failed_users": failed}


@handles("unban_user_from_guild")
def unban_user_from_guild(world: World, call: Call) -> None:
    guild = _banned_in(world, call)
    user_id = call.path["user_id"]
    if user_id not in guild.bans:
        raise unknown("ban")
    del guild.bans[user_id]
    _tell(world, guild, "GUILD_BAN_REMOVE", user_id)
    log(world, guild, call, AuditLogActionType.MEMBER_BAN_REMOVE, user_id)


# Pruning


@handles("preview_prune_guild")
def preview_prune_guild(world: World, call: Call) -> Json:
    guild = _pruned(world, call)
    return {"pruned": len(_away(world, guild, call.query.get("days") or 7, call.query.get("include_roles")))}


@handles("prune_guild")
def prune_guild(world: World, call: Call) -> Json:
    guild = _pruned(world, call)
    body: Json = call.body or {}
    days = body.get("days") or 7
    gone = _away(world, guild, days, body.get("include_roles"))
    for user_id in gone:
        kick_out(world, guild, user_id)
    options = {"delete_member_days": days, "members_removed": len(gone)}
    log(world, guild, call, AuditLogActionType.MEMBER_PRUNE, None, options=options)
    return {"pruned": None if body.get("compute_prune_count") is False else len(gone)}


def _pruned(world: World, call: Call) -> Guild:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD, Permissions.KICK_MEMBERS)
    return guild


def _away(world: World, guild: Guild, days: int, include: Any) -> list[str]:
    """Who was not seen for so long: neither came, nor wrote, nor is online; without roles but those included."""
    if isinstance(include, str):
        include = include.split(",")
    included = {str(one) for one in include or () if one}
    since = instant(world.now() - days * 86400)
    seen = {
        message["author"]["id"]
        for channel_id, messages in world.messages.items()
        if world.channels[channel_id].get("guild_id") == guild.id
        for message in messages.values()
        if message["timestamp"] > since
    }
    return [
        user_id
        for user_id, member in guild.members.items()
        if user_id not in seen
        and user_id not in guild.presences
        and user_id != guild.data["owner_id"]
        and not world.users[user_id].get("bot")
        and included.issuperset(member["roles"])
        and member["joined_at"] <= since
    ]


def _banned_in(world: World, call: Call) -> Guild:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.BAN_MEMBERS)
    return guild


def _ban(world: World, guild: Guild, user_id: str) -> Json:
    return {"user": world.users[user_id], "reason": guild.bans[user_id]}


def _ban_one(world: World, guild: Guild, call: Call, user_id: str, seconds: int) -> None:
    if user_id in guild.bans:
        return
    guild.bans[user_id] = call.reason
    _tell(world, guild, "GUILD_BAN_ADD", user_id)
    if user_id in guild.members:
        kick_out(world, guild, user_id)
    if seconds:
        _delete_messages(world, guild, user_id, instant(world.now() - seconds))
    log(world, guild, call, AuditLogActionType.MEMBER_BAN_ADD, user_id)


def _tell(world: World, guild: Guild, name: str, user_id: str) -> None:
    audience = allowed(world, guild, Permissions.BAN_MEMBERS, Permissions.VIEW_AUDIT_LOG)
    data = {"guild_id": guild.id, "user": world.users[user_id]}
    world.emit(name, data, guild_id=guild.id, users=audience)


def _seconds(body: Json) -> int:
    """For how long back messages go; days are the old way to say it."""
    return int(body.get("delete_message_seconds") or 0) or int(body.get("delete_message_days") or 0) * 86400


def _delete_messages(world: World, guild: Guild, user_id: str, since: str) -> None:
    for channel_id, messages in world.messages.items():
        if world.channels[channel_id].get("guild_id") != guild.id:
            continue
        gone = [one["id"] for one in messages.values() if one["author"]["id"] == user_id and one["timestamp"] >= since]
        if not gone:
            continue
        for message_id in gone:
            forget(world, messages[message_id])
        world.emit(
            "MESSAGE_DELETE_BULK",
            {"ids": gone, "channel_id": channel_id, "guild_id": guild.id},
            guild_id=guild.id,
            channel_id=channel_id,
        )
