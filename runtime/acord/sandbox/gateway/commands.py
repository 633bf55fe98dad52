"""What clients ask for over the gateway, once it is known to fit: members, sounds, channel info, presence, voice.

Source of all: Discord docs, Events > Gateway Events > Send Events.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from acord.commands import RequestGuildMembers, UpdatePresence
from acord.core.signals.gateway import Intents, Opcode
from acord.flags import Permissions
from acord.sandbox.answers import Json, Refusal
from acord.sandbox.gateway import presence
from acord.sandbox.gateway.rates import Recent
from acord.sandbox.gateway.sessions import Session
from acord.sandbox.gateway.snapshot import presence_of
from acord.sandbox.world import views, voice
from acord.sandbox.world.state import Guild

if TYPE_CHECKING:
    from acord.sandbox.gateway.server import Gateway

__all__ = ["COMMANDS", "lenient"]

_Command: TypeAlias = "Callable[[Gateway, Session, Json], None]"

_PREFIX_MOST: Final = 100  # members that a search by name gives
_NONCE_MOST: Final = 32  # bytes; a longer nonce is left out of the answer
_VOICE: Final = frozenset({2, 13})  # channel types

_PRESENCE: Final[Json] = {"since": None, "activities": [], "status": "online", "afk": False}
"""What a presence that leaves something out means: clients that are older than the fields do."""


def lenient(op: int, d: Json) -> Json:
    """Without what Discord forgives."""
    if op == Opcode.PRESENCE_UPDATE:
        # Of an update, but not of the presence in an identify, `since` is missed (discord-api-docs#2226).
        return {key: value for key, value in (_PRESENCE | d).items() if key != "since" or "since" in d}
    if op == Opcode.IDENTIFY and isinstance(d.get("presence"), dict):
        return {**d, "presence": _PRESENCE | d["presence"]}
    if op != Opcode.REQUEST_GUILD_MEMBERS:
        return d
    nonce: Any = d.get("nonce")
    if isinstance(nonce, str) and len(nonce.encode("utf-8", "surrogatepass")) > _NONCE_MOST:
        d = {key: value for key, value in d.items() if key != "nonce"}
    if isinstance(d.get("user_ids"), (str, int)):
        d = {**d, "user_ids": [d["user_ids"]]}
    return d


def request_guild_members(gateway: "Gateway", session: Session, d: Json) -> None:
    guild = _guild(gateway, session, d["guild_id"])
    if guild is None:
        return gateway.ignore(Opcode.REQUEST_GUILD_MEMBERS, "the bot is not in this guild, or it is another shard's")
    nonce: Json = {"nonce": d["nonce"]} if "nonce" in d else {}
    not_found: list[str] = []
    if "user_ids" in d:
        wanted = list(dict.fromkeys(d["user_ids"]))
        found = [user_id for user_id in wanted if user_id in guild.members]
        not_found = [user_id for user_id in wanted if user_id not in guild.members]
    elif d["query"]:
        found = [user_id for user_id in guild.members if _is_named(gateway, guild, user_id, d["query"])]
        found = found[: min(d["limit"] or _PREFIX_MOST, _PREFIX_MOST)]
    else:
        if Intents.GUILD_MEMBERS not in session.intents:
            return gateway.ignore(Opcode.REQUEST_GUILD_MEMBERS, "all members need the intent GUILD_MEMBERS")
        if wait := _all_members(gateway, session, guild):
            meta = {"guild_id": guild.id, **nonce}
            limited = {"opcode": int(Opcode.REQUEST_GUILD_MEMBERS), "retry_after": round(wait, 3), "meta": meta}
            return gateway.tell(session, "RATE_LIMITED", limited)
        found = list(guild.members)[: d["limit"] or None]
    with_presences = d.get("presences", False) and Intents.GUILD_PRESENCES in session.intents
    size = gateway.options.chunk
    parts = [found[at : at + size] for at in range(0, len(found), size)] or [[]]
    for index, part in enumerate(parts):
        chunk: Json = {
            "guild_id": guild.id,
            "members": [views.member_view(gateway.world, guild, user_id) for user_id in part],
            "chunk_index": index,
            "chunk_count": len(parts),
            **nonce,
        }
        if not_found and index == 0:
            chunk["not_found"] = not_found
        if with_presences:
            chunk["presences"] = [presence_of(guild, user_id) for user_id in part if user_id in guild.presences]
        gateway.tell(session, "GUILD_MEMBERS_CHUNK", chunk)
    return None


def _is_named(gateway: "Gateway", guild: Guild, user_id: str, query: str) -> bool:
    user, nick = gateway.world.users[user_id], guild.members[user_id].get("nick")
    names = (user["username"], user.get("global_name"), nick)
    return any(name.casefold().startswith(query.casefold()) for name in names if name)


def _all_members(gateway: "Gateway", session: Session, guild: Guild) -> float:
    """Seconds until all members of this guild may be asked for; 0 where that is now, and then it is counted."""
    (limit,) = RequestGuildMembers.limits
    key = (session.user_id, guild.id)
    if key not in gateway.member_requests:
        gateway.member_requests[key] = Recent(limit.count, limit.seconds)
    return gateway.member_requests[key].take(gateway.now())


def request_soundboard_sounds(gateway: "Gateway", session: Session, d: Json) -> None:
    for guild_id in dict.fromkeys(d["guild_ids"]):
        guild = _guild(gateway, session, guild_id)
        if guild is None:
            gateway.ignore(Opcode.REQUEST_SOUNDBOARD_SOUNDS, "the bot is not in this guild, or it is another shard's")
            continue
        sounds = list(guild.more.get("soundboard_sounds", {}).values())
        gateway.tell(session, "SOUNDBOARD_SOUNDS", {"soundboard_sounds": sounds, "guild_id": guild_id})


def request_channel_info(gateway: "Gateway", session: Session, d: Json) -> None:
    """Of voice channels that the bot sees; fields are there where a channel shows something."""
    guild = _guild(gateway, session, d["guild_id"])
    if guild is None:
        return gateway.ignore(Opcode.REQUEST_CHANNEL_INFO, "the bot is not in this guild, or it is another shard's")
    statuses, sessions = guild.more.get("voice_channel_statuses", {}), guild.more.get("voice_sessions", {})
    channels: list[Json] = []
    for channel in gateway.world.channels.values():
        if channel.get("guild_id") != guild.id or channel["type"] not in _VOICE:
            continue
        if Permissions.VIEW_CHANNEL not in gateway.world.permissions(session.user_id, channel):
            continue
        now = {**statuses.get(channel["id"], {}), **sessions.get(channel["id"], {})}
        shown = {name: now[name] for name in d["fields"] if name in now}
        if shown:
            channels.append({"id": channel["id"], **shown})
    return gateway.tell(session, "CHANNEL_INFO", {"guild_id": guild.id, "channels": channels})


def update_presence(gateway: "Gateway", session: Session, d: Json) -> None:
    (limit,) = UpdatePresence.limits
    if session.presences is None:
        session.presences = Recent(limit.count, limit.seconds)
    if session.presences.take(gateway.now()):
        return gateway.ignore(Opcode.PRESENCE_UPDATE, f"more than {limit.count} in {limit.seconds} seconds")
    session.presence = d
    return presence.appear(gateway.world, session)


def update_voice_state(gateway: "Gateway", session: Session, d: Json) -> None:
    """Into a channel, another, or out; nothing comes where the bot may not."""
    guild = _guild(gateway, session, d["guild_id"])
    if guild is None:
        return gateway.ignore(Opcode.VOICE_STATE_UPDATE, "the bot is not in this guild, or it is another shard's")
    world, user_id, channel_id = gateway.world, session.user_id, d["channel_id"]
    if channel_id is None:
        if user_id not in guild.voice_states:
            return gateway.ignore(Opcode.VOICE_STATE_UPDATE, "the bot is in no channel")
        return voice.leave_voice(world, guild, user_id)
    others = [one for other, one in guild.voice_states.items() if other != user_id and one["channel_id"] == channel_id]
    if 0 < world.channels.get(channel_id, {}).get("user_limit", 0) <= len(others):
        return gateway.ignore(Opcode.VOICE_STATE_UPDATE, "the channel is full")
    try:
        voice.join_voice(
            world,
            guild,
            user_id,
            channel_id,
            session_id=session.id,
            self_mute=d["self_mute"],
            self_deaf=d["self_deaf"],
        )
    except Refusal as refusal:
        gateway.ignore(Opcode.VOICE_STATE_UPDATE, refusal.message)
    return None


def _guild(gateway: "Gateway", session: Session, guild_id: str) -> Guild | None:
    guild = gateway.world.guilds.get(guild_id)
    return guild if guild is not None and session.user_id in guild.members and session.covers(guild_id) else None


COMMANDS: Final[Mapping[int, _Command]] = {
    Opcode.REQUEST_GUILD_MEMBERS: request_guild_members,
    Opcode.REQUEST_SOUNDBOARD_SOUNDS: request_soundboard_sounds,
    Opcode.REQUEST_CHANNEL_INFO: request_channel_info,
    Opcode.PRESENCE_UPDATE: update_presence,
    Opcode.VOICE_STATE_UPDATE: update_voice_state,
}
"""What has a session and is no beat."""
