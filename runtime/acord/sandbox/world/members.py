"""Members of guilds: who they are there, how they come and go.

Source: Discord docs, Resources > Guild; Topics > Permissions > Permission Hierarchy.
"""

from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.flags import ApplicationFlags, Permissions, SystemChannelFlags
from acord.models.enums import MessageType
from acord.sandbox.answers import Json, Refusal, invalid, missing_access, missing_permissions, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world import messages
from acord.sandbox.world.audit import AuditLogActionType, diff, log
from acord.sandbox.world.build import add_member
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.ids import instant, moment
from acord.sandbox.world.images import with_images
from acord.sandbox.world.roles import drop_role, may_give, role_of
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import guild_create, member_view, only, outranks
from acord.sandbox.world.voice import leave_voice, move_voice, refresh_voice

__all__ = ["join", "kick_out", "needs_members_intent", "set_nick"]

TIMEOUT_MAX = 28 * 86400
"""Seconds that a timeout may last (Resources > Guild > Modify Guild Member)."""


@handles("list_guild_members")
def list_guild_members(world: World, call: Call) -> list[Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    needs_members_intent(world, call)
    after = int(call.query.get("after", 0))
    ids = sorted((one for one in guild.members if int(one) > after), key=int)
    return [member_view(world, guild, one) for one in ids[: call.query.get("limit", 1)]]


@handles("search_guild_members")
def search_guild_members(world: World, call: Call) -> list[Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    wanted = call.query["query"].lower()
    found = [
        one
        for one, member in sorted(guild.members.items(), key=lambda item: int(item[0]))
        for names in [(world.users[one]["username"], world.users[one]["global_name"], member["nick"])]
        if any(name is not None and name.lower().startswith(wanted) for name in names)
    ]
    return [member_view(world, guild, one) for one in found[: call.query.get("limit", 1)]]


@handles("get_guild_member")
def get_guild_member(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    return member_view(world, guild, _member(world, guild, call.path["user_id"]))


@handles("get_my_guild_member")
def get_my_guild_member(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"])
    if call.user_id not in guild.members:
        raise unknown("guild")
    return member_view(world, guild, call.user_id)


@handles("add_guild_member")
def add_guild_member(world: World, call: Call) -> Json | None:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    body: Json = call.body
    world.need(call.user_id, guild, Permissions.CREATE_INSTANT_INVITE)
    for field, needed in _NEEDED.items():
        if field in body:
            world.need(call.user_id, guild, needed)
    user_id = call.path["user_id"]
    world.user(user_id)
    grant = world.accounts.get(body["access_token"])
    if grant is None or grant.user_id != user_id or grant.application_id != call.application_id:
        raise Refusal(401, ErrorCode.INVALID_OAUTH2_ACCESS_TOKEN, "Invalid OAuth2 access token")
    if "guilds.join" not in grant.scopes:
        raise Refusal(403, ErrorCode.MISSING_OAUTH2_SCOPE, "Missing required OAuth2 scope")
    if user_id in guild.members:
        return None
    roles = [role_of(guild, str(one)) for one in body.get("roles") or () if str(one) != guild.id]
    for role in roles:
        may_give(guild, call.user_id, role)
    fields = {"nick": body.get("nick") or None, "mute": bool(body.get("mute")), "deaf": bool(body.get("deaf"))}
    join(world, guild, user_id, *(role["id"] for role in roles), fields=fields)
    return member_view(world, guild, user_id)


@handles("update_guild_member")
def update_guild_member(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    user_id = _member(world, guild, call.path["user_id"])
    body: Json = call.body
    _may_change(world, call, guild, user_id, body)
    roles = _roles(guild, call.user_id, user_id, body["roles"] or ()) if "roles" in body else None
    if body.keys() & {"mute", "deaf", "channel_id"} and user_id not in guild.voice_states:
        raise Refusal(400, ErrorCode.TARGET_NOT_CONNECTED_TO_VOICE, "Target user is not connected to voice.")
    member = guild.members[user_id]
    before = dict(member)
    if body.get("channel_id") is not None:
        _voice_channel(world, guild, str(body["channel_id"]))
    if "communication_disabled_until" in body:
        until = body["communication_disabled_until"]
        member["communication_disabled_until"] = until and moment(until)
    member.update({key: bool(body[key]) for key in ("mute", "deaf") if key in body})
    if "nick" in body:
        member["nick"] = body["nick"] or None
    if "flags" in body:
        member["flags"] = int(body["flags"] or 0)
    if roles is not None:
        member["roles"] = roles
    _told(world, guild, call, user_id, before)
    if body.keys() & {"mute", "deaf"}:
        refresh_voice(world, guild, user_id)
    if "channel_id" in body:
        _move(world, guild, call, user_id, body["channel_id"])
    return member_view(world, guild, user_id)


@handles("update_my_guild_member")
def update_my_guild_member(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    body: Json = with_images(call.body, "avatar", "banner")
    if "nick" in body:
        world.need(call.user_id, guild, Permissions.CHANGE_NICKNAME)
        body["nick"] = body["nick"] or None
    before = dict(guild.members[call.user_id])
    guild.members[call.user_id].update(only(body, "nick", "avatar", "banner"))
    _told(world, guild, call, call.user_id, before)
    return member_view(world, guild, call.user_id)


@handles("update_my_guild_member_nick")
def update_my_guild_member_nick(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.CHANGE_NICKNAME)
    set_nick(world, guild, call, call.user_id, call.body.get("nick"))
    return {"nick": guild.members[call.user_id]["nick"]}


@handles("delete_guild_member")
def delete_guild_member(world: World, call: Call) -> None:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.KICK_MEMBERS)
    user_id = _member(world, guild, call.path["user_id"])
    if not outranks(guild, call.user_id, user_id):
        raise missing_permissions()
    kick_out(world, guild, user_id)
    log(world, guild, call, AuditLogActionType.MEMBER_KICK, user_id)


# What the other resources do with members


def needs_members_intent(world: World, call: Call) -> None:
    """50001 where the application may not see all members: the switch of the privileged intent is off."""
    application = world.applications.get(call.application_id)
    if application is None:  # a person, whose client shows them all
        return
    flags = ApplicationFlags(application.get("flags") or 0)
    if not flags & (ApplicationFlags.GATEWAY_GUILD_MEMBERS | ApplicationFlags.GATEWAY_GUILD_MEMBERS_LIMITED):
        raise missing_access()


def join(world: World, guild: Guild, user_id: str, *roles: str, fields: Json | None = None) -> Json:
    """A user comes into a guild; gives the member. 40007 where the user is banned."""
    if user_id in guild.bans:
        raise Refusal(403, ErrorCode.USER_BANNED, "The user is banned from this guild.")
    member = add_member(world, guild, user_id, *roles)
    member |= fields or {}
    world.emit("GUILD_MEMBER_ADD", {**member_view(world, guild, user_id), "guild_id": guild.id}, guild_id=guild.id)
    _greet(world, guild, user_id)
    if world.users[user_id].get("bot"):
        world.emit("GUILD_CREATE", guild_create(world, guild, user_id), guild_id=guild.id, users=frozenset({user_id}))
    return member


def _greet(world: World, guild: Guild, user_id: str) -> None:
    """The message that somebody came, where the guild wants such messages."""
    quiet = SystemChannelFlags.SUPPRESS_JOIN_NOTIFICATIONS & guild.data["system_channel_flags"]
    channel = world.channels.get(guild.data["system_channel_id"] or "")
    if channel is not None and not quiet:
        greeting = messages.system(world, channel, world.users[user_id], MessageType.USER_JOIN)
        messages.publish(world, greeting)


def kick_out(world: World, guild: Guild, user_id: str) -> None:
    """A member goes, by own will or not: from voice, threads and lists; a bot's own role goes too."""
    leave_voice(world, guild, user_id)
    del guild.members[user_id]
    guild.presences.pop(user_id, None)
    for thread_id, members in world.thread_members.items():
        if world.channels.get(thread_id, {}).get("guild_id") == guild.id:
            members.pop(user_id, None)
    world.emit("GUILD_MEMBER_REMOVE", {"guild_id": guild.id, "user": world.users[user_id]}, guild_id=guild.id)
    if world.users[user_id].get("bot"):
        own = [role for role in guild.roles.values() if role.get("tags", {}).get("bot_id") == user_id]
        for role in own:
            drop_role(world, guild, role)
        world.emit(
            "GUILD_DELETE", {"id": guild.id, "unavailable": False}, guild_id=guild.id, users=frozenset({user_id})
        )


def set_nick(world: World, guild: Guild, by: Call | str, user_id: str, nick: str | None) -> None:
    before = dict(guild.members[user_id])
    guild.members[user_id]["nick"] = nick or None
    _told(world, guild, by, user_id, before)


_NEEDED = {
    "nick": Permissions.MANAGE_NICKNAMES,
    "roles": Permissions.MANAGE_ROLES,
    "mute": Permissions.MUTE_MEMBERS,
    "deaf": Permissions.DEAFEN_MEMBERS,
    "channel_id": Permissions.MOVE_MEMBERS,
    "communication_disabled_until": Permissions.MODERATE_MEMBERS,
}


def _member(world: World, guild: Guild, user_id: str) -> str:
    """10013 where nobody has this id, 10007 where the user is not here."""
    world.user(user_id)
    if user_id not in guild.members:
        raise unknown("member")
    return user_id


def _may_change(world: World, call: Call, guild: Guild, user_id: str, body: Json) -> None:
    for field, needed in _NEEDED.items():
        if field in body:
            world.need(call.user_id, guild, needed)
    if "flags" in body:
        has = world.permissions(call.user_id, guild)
        moderates = Permissions.MODERATE_MEMBERS | Permissions.KICK_MEMBERS | Permissions.BAN_MEMBERS
        if not (has & (Permissions.MANAGE_GUILD | Permissions.MANAGE_ROLES) or moderates in has):
            raise missing_permissions()
    ranked = body.keys() & {"nick", "communication_disabled_until"}
    if ranked and user_id != call.user_id and not outranks(guild, call.user_id, user_id):
        raise missing_permissions()
    until = body.get("communication_disabled_until")
    if until is not None:
        if Permissions.ADMINISTRATOR in world.permissions(user_id, guild):
            raise missing_permissions()
        if moment(until) > instant(world.now() + TIMEOUT_MAX):
            raise invalid(
                "communication_disabled_until",
                "The timeout must not end more than 28 days from now.",
                "DATE_TIME_TOO_FAR",
            )


def _roles(guild: Guild, by: str, user_id: str, wanted: Any) -> list[str]:
    """The member's roles to be; 50013 where one that comes or goes is not below those of ``by``."""
    new = [str(one) for one in wanted if str(one) != guild.id]
    old: list[str] = guild.members[user_id]["roles"]
    for role_id in set(new) ^ set(old):
        role = role_of(guild, role_id)
        may_give(guild, by, role)
        if role["managed"]:
            raise Refusal(400, ErrorCode.INVALID_ROLE, "Invalid Role")
    return new


def _voice_channel(world: World, guild: Guild, channel_id: str) -> Json:
    channel = world.channel(channel_id)
    if channel.get("guild_id") != guild.id or channel["type"] not in (2, 13):
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    return channel


def _move(world: World, guild: Guild, call: Call, user_id: str, channel_id: Any) -> None:
    if channel_id is None:
        leave_voice(world, guild, user_id)
        log(world, guild, call, AuditLogActionType.MEMBER_DISCONNECT, None, options={"count": 1})
        return
    move_voice(world, guild, user_id, str(channel_id))
    options = {"channel_id": channel_id, "count": 1}
    log(world, guild, call, AuditLogActionType.MEMBER_MOVE, None, options=options)


def _told(world: World, guild: Guild, by: Call | str, user_id: str, before: Json) -> None:
    """Say what became of a member, where anything did."""
    member = guild.members[user_id]
    if member == before:
        return
    world.emit("GUILD_MEMBER_UPDATE", {"guild_id": guild.id, **member_view(world, guild, user_id)}, guild_id=guild.id)
    fields = ("nick", "mute", "deaf", "communication_disabled_until", "flags")
    if changes := diff(only(before, *fields), only(member, *fields)):
        log(world, guild, by, AuditLogActionType.MEMBER_UPDATE, user_id, changes=changes)
    changes = [
        {"key": key, "new_value": [only(guild.roles[one], "id", "name") for one in ids]}
        for key, ids in (
            ("$add", [one for one in member["roles"] if one not in before["roles"]]),
            ("$remove", [one for one in before["roles"] if one not in member["roles"]]),
        )
        if ids
    ]
    if changes:
        log(world, guild, by, AuditLogActionType.MEMBER_ROLE_UPDATE, user_id, changes=changes)
