"""Roles of guilds and who has them; who stands higher may move, change and give what stands lower.

Source: Discord docs, Resources > Guild; Topics > Permissions > Permission Hierarchy.
"""

from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.sandbox.answers import Json, Refusal, missing_permissions, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.audit import AuditLogActionType, diff, log, made, unmade
from acord.sandbox.world.build import EVERYONE, add_role
from acord.sandbox.world.channel_changes import syncing
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.images import with_images
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import by_position, highest_role, member_view, role_rank

__all__ = ["drop_role", "give_role", "may_give", "role_of", "take_role"]

MAX_ROLES = 250
_FIELDS = ("name", "permissions", "colors", "color", "hoist", "mentionable", "icon", "unicode_emoji")
_RESETS: Json = {"name": "new role", "permissions": 0, "color": 0, "hoist": False, "mentionable": False}
"""What null means, where it is not null itself."""


@handles("list_guild_roles")
def list_guild_roles(world: World, call: Call) -> list[Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    return by_position(guild.roles.values())


@handles("get_guild_role")
def get_guild_role(world: World, call: Call) -> Json:
    return role_of(world.guild(call.path["guild_id"], member=call.user_id), call.path["role_id"])


@handles("guild_role_member_counts")
def guild_role_member_counts(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    return {
        role: sum(role in member["roles"] for member in guild.members.values())
        for role in guild.roles
        if role != guild.id
    }


@handles("create_guild_role")
def create_guild_role(world: World, call: Call) -> Json:
    guild = _managed_by(world, call)
    if len(guild.roles) >= MAX_ROLES:
        raise Refusal(400, ErrorCode.MAX_ROLES, f"Maximum number of server roles reached ({MAX_ROLES})")
    body: Json = call.body or {}
    fields = {"name": "new role", "permissions": int(EVERYONE) & _bits(world, call, guild)} | body
    values = _values(world, call, guild, fields, old=0)
    role = add_role(world, guild, "new role")
    # It comes in right above @everyone; those above move up without a word.
    for other in guild.roles.values():
        if other["id"] not in (guild.id, role["id"]):
            other["position"] += 1
    role.update(values, position=1)
    world.emit("GUILD_ROLE_CREATE", {"guild_id": guild.id, "role": role}, guild_id=guild.id)
    log(world, guild, call, AuditLogActionType.ROLE_CREATE, role["id"], changes=made(_told(role)))
    return role


@handles("update_guild_role")
def update_guild_role(world: World, call: Call) -> Json:
    guild = _managed_by(world, call)
    role = role_of(guild, call.path["role_id"])
    may_give(guild, call.user_id, role)
    body: Json = call.body or {}
    if role["id"] == guild.id and body.keys() - {"permissions"}:
        raise _invalid_role()
    before = dict(role)
    values = _values(world, call, guild, body, old=int(role["permissions"]))
    with syncing(world, guild):
        role.update(values)
        if role != before:
            world.emit("GUILD_ROLE_UPDATE", {"guild_id": guild.id, "role": role}, guild_id=guild.id)
    if role != before:
        log(
            world,
            guild,
            call,
            AuditLogActionType.ROLE_UPDATE,
            role["id"],
            changes=diff(_told(before), _told(role)),
        )
    return role


@handles("bulk_update_guild_roles")
def bulk_update_guild_roles(world: World, call: Call) -> list[Json]:
    guild = _managed_by(world, call)
    moves: dict[str, int] = {}
    for move in call.body:
        if move.get("id") is None:
            continue
        role = role_of(guild, str(move["id"]))
        if move.get("position") is None or move["position"] == role["position"]:
            continue
        if role["id"] == guild.id or move["position"] < 1:
            raise _invalid_role()
        may_give(guild, call.user_id, role)
        if guild.data["owner_id"] != call.user_id and move["position"] >= highest_role(guild, call.user_id)[0]:
            raise missing_permissions()
        moves[role["id"]] = move["position"]
    order = [one for one in sorted(guild.roles.values(), key=role_rank) if one["id"] not in moves][1:]
    for role_id, position in sorted(moves.items(), key=lambda move: move[1]):
        order.insert(position - 1, guild.roles[role_id])
    for position, role in enumerate(order, 1):
        if role["position"] != position:
            before, role["position"] = role["position"], position
            world.emit("GUILD_ROLE_UPDATE", {"guild_id": guild.id, "role": role}, guild_id=guild.id)
            if role["id"] in moves:
                changes = diff({"position": before}, {"position": position})
                log(world, guild, call, AuditLogActionType.ROLE_UPDATE, role["id"], changes=changes)
    return by_position(guild.roles.values())


@handles("delete_guild_role")
def delete_guild_role(world: World, call: Call) -> None:
    guild = _managed_by(world, call)
    role = role_of(guild, call.path["role_id"])
    may_give(guild, call.user_id, role)
    if role["managed"] or role["id"] == guild.id:
        raise _invalid_role()
    drop_role(world, guild, role)
    log(world, guild, call, AuditLogActionType.ROLE_DELETE, role["id"], changes=unmade(_told(role)))


@handles("add_guild_member_role")
def add_guild_member_role(world: World, call: Call) -> None:
    guild, role, user_id = _given(world, call)
    if give_role(world, guild, user_id, role):
        _log_roles(world, guild, call, user_id, "$add", role)


@handles("delete_guild_member_role")
def delete_guild_member_role(world: World, call: Call) -> None:
    guild, role, user_id = _given(world, call)
    if take_role(world, guild, user_id, role):
        _log_roles(world, guild, call, user_id, "$remove", role)


# What the other resources do with roles


def role_of(guild: Guild, role_id: str) -> Json:
    """10011 where there is none."""
    if (role := guild.roles.get(role_id)) is None:
        raise unknown("role")
    return role


def may_give(guild: Guild, user_id: str, role: Json) -> None:
    """50013 where the role is not below the user's highest; the owner stands above all."""
    if guild.data["owner_id"] != user_id and role_rank(role) >= highest_role(guild, user_id):
        raise missing_permissions()


def give_role(world: World, guild: Guild, user_id: str, role: Json) -> bool:
    """Whether the member did not have it yet."""
    member = guild.members[user_id]
    if role["id"] in member["roles"]:
        return False
    with syncing(world, guild):
        member["roles"] = [*member["roles"], role["id"]]
        data = {"guild_id": guild.id, **member_view(world, guild, user_id)}
        world.emit("GUILD_MEMBER_UPDATE", data, guild_id=guild.id)
    return True


def take_role(world: World, guild: Guild, user_id: str, role: Json) -> bool:
    """Whether the member had it."""
    member = guild.members[user_id]
    if role["id"] not in member["roles"]:
        return False
    # Without a role that hides channels one sees more.
    with syncing(world, guild):
        member["roles"] = [one for one in member["roles"] if one != role["id"]]
        data = {"guild_id": guild.id, **member_view(world, guild, user_id)}
        world.emit("GUILD_MEMBER_UPDATE", data, guild_id=guild.id)
    return True


def drop_role(world: World, guild: Guild, role: Json) -> None:
    """A role goes, and with it what it gave; those above move down, without a word as on the way up."""
    with syncing(world, guild):
        _drop(world, guild, role)
        world.emit("GUILD_ROLE_DELETE", {"guild_id": guild.id, "role_id": role["id"]}, guild_id=guild.id)


def _drop(world: World, guild: Guild, role: Json) -> None:
    del guild.roles[role["id"]]
    for other in guild.roles.values():
        other["position"] -= other["position"] > role["position"]
    for member in guild.members.values():
        member["roles"] = [one for one in member["roles"] if one != role["id"]]
    for channel in world.channels.values():
        if channel.get("guild_id") == guild.id and "permission_overwrites" in channel:
            channel["permission_overwrites"] = [
                one for one in channel["permission_overwrites"] if one["id"] != role["id"]
            ]


def _given(world: World, call: Call) -> tuple[Guild, Json, str]:
    guild = _managed_by(world, call)
    user_id = call.path["user_id"]
    if user_id not in guild.members:
        raise unknown("member")
    role = role_of(guild, call.path["role_id"])
    may_give(guild, call.user_id, role)
    if role["managed"] or role["id"] == guild.id:
        raise _invalid_role()
    return guild, role, user_id


def _log_roles(world: World, guild: Guild, call: Call, user_id: str, key: str, role: Json) -> None:
    changes = [{"key": key, "new_value": [{"id": role["id"], "name": role["name"]}]}]
    log(world, guild, call, AuditLogActionType.MEMBER_ROLE_UPDATE, user_id, changes=changes)


def _managed_by(world: World, call: Call) -> Guild:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_ROLES)
    return guild


def _bits(world: World, call: Call, guild: Guild) -> int:
    return int(world.permissions(call.user_id, guild))


def _values(world: World, call: Call, guild: Guild, body: Json, *, old: int) -> Json:
    """The fields of a role that this body sets; 50013 where it grants or takes what the caller does not have."""
    values: Json = {}
    for field in _FIELDS:
        if field not in body:
            continue
        value: Any = body[field]
        if value is None:
            value = _RESETS.get(field)
        match field:
            case "permissions":
                if (int(value) ^ old) & ~_bits(world, call, guild):
                    raise missing_permissions()
                value = str(int(value))
            case "icon" | "unicode_emoji" if value is not None and "ROLE_ICONS" not in guild.data["features"]:
                raise Refusal(
                    400, ErrorCode.MORE_BOOSTS_REQUIRED, "This server needs more boosts to perform this action"
                )
            case "color":
                values["colors"] = _colors(int(value or 0))
            case "colors":
                value = _colors(0)
                given: Json = body["colors"] or {}
                value |= {key: one for key, one in given.items() if one is not None}
                values["color"] = value["primary_color"]
            case _:
                pass
        values[field] = value
    return with_images(values, "icon")


def _colors(primary: int) -> Json:
    return {"primary_color": primary, "secondary_color": None, "tertiary_color": None}


def _told(role: Json) -> Json:
    return {key: role[key] for key in _FIELDS if key in role}


def _invalid_role() -> Refusal:
    return Refusal(400, ErrorCode.INVALID_ROLE, "Invalid Role")
