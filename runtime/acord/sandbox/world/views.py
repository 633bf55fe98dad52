"""Objects put together from the world's tables, in the forms in which Discord shows them."""

from collections.abc import Iterable

from acord.flags import Permissions
from acord.sandbox.answers import Json
from acord.sandbox.world import shown
from acord.sandbox.world.state import THREADS, Guild, World

__all__ = [
    "allowed",
    "by_position",
    "channels_of",
    "expressions",
    "guild_create",
    "guild_view",
    "highest_role",
    "member_view",
    "only",
    "outranks",
    "role_rank",
    "threads_of",
]


def member_view(world: World, guild: Guild, user_id: str) -> Json:
    """A member with its user."""
    return {**guild.members[user_id], "user": world.user(user_id)}


def guild_view(world: World, guild: Guild) -> Json:
    """A guild with its roles, emojis and stickers, as REST and GUILD_UPDATE give it."""
    return {
        **guild.data,
        "roles": by_position(guild.roles.values()),
        **expressions(guild),
    }


def only(thing: Json, *fields: str) -> Json:
    """Of an object these fields, where it has them."""
    return {field: thing[field] for field in fields if field in thing}


def expressions(guild: Guild) -> Json:
    """``emojis`` and ``stickers`` of a guild, without who made them."""
    return {
        "emojis": [_without(one, "user") for one in guild.emojis.values()],
        "stickers": [_without(one, "user") for one in guild.stickers.values()],
    }


def by_position(things: Iterable[Json]) -> list[Json]:
    """Roles or channels, lowest position first; the older first where two share one."""
    return sorted(things, key=lambda one: (one["position"], int(one["id"])))


def channels_of(world: World, guild: Guild, among: Iterable[Json] | None = None) -> list[Json]:
    """The guild's channels, threads not among them; ``among`` spares a look at all channels of the world."""
    return by_position(
        one
        for one in (world.channels.values() if among is None else among)
        if one.get("guild_id") == guild.id and one["type"] not in THREADS
    )


def threads_of(world: World, guild: Guild, user_id: str, among: Iterable[Json] | None = None) -> list[Json]:
    """The guild's threads that are active and seen by this user, with their membership where they are in it.

    ``among`` spares a look at all channels of the world.
    """
    return [
        shown.channel(world, one, user_id)
        for one in (world.channels.values() if among is None else among)
        if one.get("guild_id") == guild.id
        and one["type"] in THREADS
        and not one["thread_metadata"]["archived"]
        and Permissions.VIEW_CHANNEL in world.permissions(user_id, one)
        and (one["type"] != 12 or user_id in world.thread_members.get(one["id"], {}))
    ]


def guild_create(
    world: World, guild: Guild, user_id: str, *, large_threshold: int = 50, among: Iterable[Json] | None = None
) -> Json:
    """GUILD_CREATE for this bot, with everything that an intent could ask for.

    ``among``: channels with all of the guild's, which spares a look at all channels of the world.

    A guild of more members than ``large_threshold`` comes with those who are online, the bot and who is in voice.
    """
    members = list(guild.members)
    if len(members) > large_threshold:
        members = [one for one in members if one == user_id or one in guild.voice_states or one in guild.presences]
    return {
        **guild_view(world, guild),
        "joined_at": guild.members[user_id]["joined_at"],
        "large": len(guild.members) > large_threshold,
        "unavailable": False,
        "member_count": len(guild.members),
        "voice_states": [_without(state, "guild_id", "member") for state in guild.voice_states.values()],
        "members": [member_view(world, guild, one) for one in members],
        "channels": channels_of(world, guild, among),
        "threads": threads_of(world, guild, user_id, among),
        "presences": list(guild.presences.values()),
        "stage_instances": list(guild.more.get("stage_instances", {}).values()),
        "guild_scheduled_events": list(guild.scheduled_events.values()),
        "soundboard_sounds": list(guild.more.get("soundboard_sounds", {}).values()),
    }


def allowed(world: World, guild: Guild, *any_of: Permissions, channel: Json | None = None) -> frozenset[str]:
    """The bots in this guild that have one of these permissions: whom an event that needs one concerns."""
    where = guild if channel is None else channel
    return frozenset(
        account.user_id
        for account in world.accounts.values()
        if account.kind == "bot" and any(need in world.permissions(account.user_id, where) for need in any_of)
    )


def highest_role(guild: Guild, user_id: str) -> tuple[int, int]:
    """The rank of a member by its highest role, to be compared; of two roles at one position the older is higher."""
    ranks = [role_rank(guild.roles[one]) for one in guild.members[user_id]["roles"] if one in guild.roles]
    return max(ranks, default=role_rank(guild.roles[guild.id]))


def role_rank(role: Json) -> tuple[int, int]:
    """Where a role stands among others, to be compared."""
    return int(role["position"]), -int(role["id"])


def outranks(guild: Guild, user_id: str, other_id: str) -> bool:
    """Whether a member may act on another: the owner on everybody, nobody on the owner, else by highest role.

    Source: Discord docs, Topics > Permissions > Permission Hierarchy.
    """
    owner: str = guild.data["owner_id"]
    if other_id == owner or user_id == owner:
        return user_id == owner and other_id != owner
    if other_id not in guild.members:
        return True
    return highest_role(guild, user_id) > highest_role(guild, other_id)


def _without(thing: Json, *fields: str) -> Json:
    return {key: value for key, value in thing.items() if key not in fields}
