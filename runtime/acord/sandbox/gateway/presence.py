"""Bots appear and disappear with their sessions, and say what they do."""

from collections.abc import Iterable

from acord.sandbox.answers import Json
from acord.sandbox.gateway.sessions import Session
from acord.sandbox.world.state import Guild, World

__all__ = ["appear", "disappear"]


def appear(world: World, session: Session, *guilds: Guild) -> None:
    """Show the session's presence in these guilds, or all of its shard; who is in them is told."""
    status = session.presence["status"]
    status = "offline" if status == "invisible" else status
    activities = [{"created_at": round(world.now() * 1000), **one} for one in session.presence["activities"]]
    for guild in guilds or _guilds(world, session):
        if session.user_id in guild.members:
            _show(world, guild, session.user_id, status, activities)


def disappear(world: World, session: Session, others: Iterable[Session]) -> None:
    """Go offline in guilds that no other session of the bot covers."""
    rest = list(others)
    for guild in _guilds(world, session):
        if not any(other.covers(guild.id) for other in rest):
            _show(world, guild, session.user_id, "offline", [])


def _guilds(world: World, session: Session) -> list[Guild]:
    return [guild for guild in world.guilds.values() if session.user_id in guild.members and session.covers(guild.id)]


def _show(world: World, guild: Guild, user_id: str, status: str, activities: list[Json]) -> None:
    presence: Json = {
        "user": {"id": user_id},
        "status": status,
        "activities": activities,
        "client_status": {} if status == "offline" else {"web": status},
    }
    if status == "offline":
        guild.presences.pop(user_id, None)
    else:
        guild.presences[user_id] = presence
    world.emit("PRESENCE_UPDATE", {**presence, "guild_id": guild.id}, guild_id=guild.id)
