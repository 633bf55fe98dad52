"""What a session is told when it begins: READY, and each of its guilds."""

from acord.core.signals.gateway import Intents
from acord.flags import Permissions
from acord.sandbox.answers import Json
from acord.sandbox.gateway.identify import on_shard
from acord.sandbox.gateway.options import GatewayOptions
from acord.sandbox.gateway.sessions import Session
from acord.sandbox.world.state import THREADS, Guild, World

__all__ = ["guild_create", "member_of", "presence_of", "ready"]


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


def member_of(world: World, guild: Guild, user_id: str) -> Json:
    """A member with the user in it."""
    return {**guild.members[user_id], "user": world.users[user_id]}


def presence_of(guild: Guild, user_id: str) -> Json:
    """The presence of a member; who has none is offline."""
    nobody: Json = {"user": {"id": user_id}, "status": "offline", "activities": [], "client_status": {}}
    return {**guild.presences.get(user_id, nobody), "guild_id": guild.id}


def guild_create(world: World, guild: Guild, session: Session, options: GatewayOptions) -> Json:
    """The data of GUILD_CREATE, as this session may see it.

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
    channels = [channel for channel in world.channels.values() if channel.get("guild_id") == guild.id]
    return {
        **guild.data,
        "roles": list(guild.roles.values()),
        "emojis": list(guild.emojis.values()),
        "stickers": list(guild.stickers.values()),
        "joined_at": guild.members[session.user_id]["joined_at"],
        "large": large,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_of(world, guild, user_id) for user_id in guild.members if user_id in sent],
        "presences": [presence_of(guild, user_id) for user_id in guild.members if user_id in online & sent]
        if with_presences
        else [],
        "voice_states": [
            {key: value for key, value in state.items() if key not in ("guild_id", "member")}
            for state in guild.voice_states.values()
        ],
        "channels": [channel for channel in channels if channel["type"] not in THREADS],
        "threads": [
            _thread(world, channel, session.user_id)
            for channel in channels
            if channel["type"] in THREADS
            and not channel["thread_metadata"]["archived"]
            and Permissions.VIEW_CHANNEL in world.permissions(session.user_id, channel)
        ],
        "stage_instances": list(guild.more.get("stage_instances", {}).values()),
        "guild_scheduled_events": list(guild.scheduled_events.values()),
        "soundboard_sounds": list(guild.more.get("soundboard_sounds", {}).values()),
    }


def _thread(world: World, thread: Json, user_id: str) -> Json:
    joined = world.thread_members.get(thread["id"], {}).get(user_id)
    return thread if joined is None else {**thread, "member": joined}
