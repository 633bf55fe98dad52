"""Tells of what happened in a channel to whom it concerns."""

from acord.sandbox.answers import Json
from acord.sandbox.world.state import World

__all__ = ["in_channel"]


def in_channel(world: World, name: str, channel: Json, data: Json, *, users: frozenset[str] | None = None) -> None:
    """Emit with the channel's guild, where it has one, in ``data`` as well."""
    guild_id = channel.get("guild_id")
    if guild_id is not None:
        data["guild_id"] = guild_id
    world.emit(name, data, guild_id=guild_id, channel_id=channel["id"], users=users)
