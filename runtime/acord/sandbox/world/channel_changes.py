"""Tells that a channel was changed, and brings the threads to bots that see more than before."""

from collections.abc import Generator
from contextlib import contextmanager

from acord.flags import Permissions
from acord.sandbox.answers import Json
from acord.sandbox.world import shown, thread_state
from acord.sandbox.world.state import THREADS, Guild, World

__all__ = ["syncing", "telling"]


@contextmanager
def telling(world: World, guild: Guild, *channels: Json) -> Generator[None]:
    """What is done to these channels inside becomes a CHANNEL_UPDATE of each that is another one afterwards."""
    before = [dict(one) for one in channels]
    with syncing(world, guild):
        yield
        for old, channel in zip(before, channels, strict=True):
            if old != channel:
                data = shown.channel(world, channel, None)
                world.emit("CHANNEL_UPDATE", data, guild_id=guild.id, channel_id=channel["id"])


@contextmanager
def syncing(world: World, guild: Guild) -> Generator[None]:
    """A bot that sees channels afterwards which it did not see before is sent their active threads.

    Put around everything that changes who sees what: overwrites, roles, roles of members.

    Source: Discord docs, Topics > Threads > Gaining Access to Channels.
    """
    before = _seen(world, guild)
    yield
    for user_id, seen in _seen(world, guild).items():
        gained = seen - before.get(user_id, seen)
        if not gained:
            continue
        threads = [one for one in _active(world, guild) if one["parent_id"] in gained and _sees(world, user_id, one)]
        joined = [one for one in threads if user_id in world.thread_members.get(one["id"], {})]
        data: Json = {
            "guild_id": guild.id,
            "channel_ids": sorted(gained, key=int),
            "threads": [shown.channel(world, one, None) for one in threads],
            "members": [shown.thread_member(world, one, user_id) for one in joined],
        }
        world.emit("THREAD_LIST_SYNC", data, guild_id=guild.id, users=frozenset({user_id}))


def _seen(world: World, guild: Guild) -> dict[str, set[str]]:
    """For each bot of the guild the channels it sees that have active threads."""
    homes = {one["parent_id"] for one in _active(world, guild)} & world.channels.keys()
    bots = [one.user_id for one in world.accounts.values() if one.kind == "bot" and one.user_id in guild.members]
    return {bot: {home for home in homes if _sees(world, bot, world.channels[home])} for bot in bots}


def _sees(world: World, user_id: str, channel: Json) -> bool:
    return Permissions.VIEW_CHANNEL in world.permissions(user_id, channel)


def _active(world: World, guild: Guild) -> list[Json]:
    return [
        one
        for one in world.channels.values()
        if one["type"] in THREADS and one["guild_id"] == guild.id and thread_state.is_active(one)
    ]
