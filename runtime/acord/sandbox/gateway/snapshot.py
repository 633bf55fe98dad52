"""What a session is told when it begins: READY, and each of its guilds."""

from acord.core.signals.gateway import Intents
from acord.sandbox.answers import Json
from acord.sandbox.gateway.identify import on_shard
from acord.sandbox.gateway.options import GatewayOptions
from acord.sandbox.gateway.sessions import Session
from acord.sandbox.world import views
from acord.sandbox.world.state import Guild, World

__all__ = ["by_guild", "guild_create", "presence_of", "ready"]


def ready(world: World, session: Session, version: int, url: str) -> Json:
    """The data of READY; every guild is still unavailable."""
    who = session.who
    application = world.applications[who.account.application_id]
    data: Json = {
        "v": version,
        "user": {
            **world.users[session.user_id],
            "bot": True,
            "email": None,
            "verified": True,
            "mfa_enabled": True,
            "locale": "en-US",
        },
        "guilds": [
            {"id": guild_id, "unavailable": True}
            for guild_id in on_shard(world, session.user_id, who.shard, who.shards)
        ],
        "session_id": session.id,
        "resume_gateway_url": url,
        "application": {"id": application["id"], "flags": application.get("flags", 0)},
    }
    if who.sharded:
        data["shard"] = [who.shard, who.shards]
    return data


def presence_of(guild: Guild, user_id: str) -> Json:
    """The presence of a member; who has none is offline."""
    nobody: Json = {"user": {"id": user_id}, "status": "offline", "activities": [], "client_status": {}}
    return {**guild.presences.get(user_id, nobody), "guild_id": guild.id}


def by_guild(world: World) -> dict[str, list[Json]]:
    """Channels and threads by guild, for those who look at many guilds."""
    found: dict[str, list[Json]] = {}
    for channel in world.channels.values():
        found.setdefault(channel.get("guild_id", ""), []).append(channel)
    return found


def guild_create(
    world: World, guild: Guild, session: Session, options: GatewayOptions, channels: list[Json] | None = None
) -> Json:
    """The data of GUILD_CREATE, as this session may see it; ``channels``: the guild's, where they are at hand.

    Without GUILD_PRESENCES, and of the largest guilds, only those in voice and the bot itself come as members; of a
    guild with more than ``large_threshold`` also who is online, or has a role or a nickname.

    Source: Discord docs, Events > Gateway Events > Guild Create.
    """
    large = len(guild.members) > session.who.large_threshold
    online = {user_id for user_id, presence in guild.presences.items() if presence.get("status") != "offline"}
    with_presences = Intents.GUILD_PRESENCES in session.intents and len(guild.members) <= options.large_guild
    sent = {session.user_id, *guild.voice_states}
    if with_presences:
        sent |= {
            user_id
            for user_id, member in guild.members.items()
            if not large or user_id in online or member["roles"] or member.get("nick")
        }
    return {
        **views.guild_create(
            world, guild, session.user_id, large_threshold=session.who.large_threshold, among=channels
        ),
        "members": [views.member_view(world, guild, user_id) for user_id in guild.members if user_id in sent],
        "presences": [presence_of(guild, user_id) for user_id in guild.members if user_id in online & sent]
        if with_presences
        else [],
    }
