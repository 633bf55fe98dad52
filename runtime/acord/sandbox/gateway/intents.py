"""Which event reaches which session, and what of it: intents, shards, permissions, the content of messages."""

from typing import Final

from acord.core.signals.gateway import EVENT_INTENTS, Intents
from acord.flags import Permissions
from acord.sandbox.answers import Json
from acord.sandbox.gateway.options import GatewayOptions
from acord.sandbox.gateway.sessions import Session
from acord.sandbox.gateway.snapshot import guild_create
from acord.sandbox.world.content import stripped
from acord.sandbox.world.state import Happening, World

__all__ = ["heard", "lets_through", "told", "without_content"]

_DIRECT: Final = (
    Intents.DIRECT_MESSAGES
    | Intents.DIRECT_MESSAGE_REACTIONS
    | Intents.DIRECT_MESSAGE_TYPING
    | Intents.DIRECT_MESSAGE_POLLS
)

# Any one of these, on the channel where there is one (Gateway Events, under each event).
_NEEDED: Final = {
    "GUILD_AUDIT_LOG_ENTRY_CREATE": (Permissions.VIEW_AUDIT_LOG,),
    "GUILD_BAN_ADD": (Permissions.BAN_MEMBERS, Permissions.VIEW_AUDIT_LOG),
    "GUILD_BAN_REMOVE": (Permissions.BAN_MEMBERS, Permissions.VIEW_AUDIT_LOG),
    "INVITE_CREATE": (Permissions.MANAGE_CHANNELS,),
    "INVITE_DELETE": (Permissions.MANAGE_CHANNELS,),
    "AUTO_MODERATION_RULE_CREATE": (Permissions.MANAGE_GUILD,),
    "AUTO_MODERATION_RULE_UPDATE": (Permissions.MANAGE_GUILD,),
    "AUTO_MODERATION_RULE_DELETE": (Permissions.MANAGE_GUILD,),
    "AUTO_MODERATION_ACTION_EXECUTION": (Permissions.MANAGE_GUILD,),
}


def lets_through(name: str, intents: Intents, *, direct: bool) -> bool:
    """Whether these intents let an event through; ``direct``: it happened outside of guilds.

    Source: Discord docs, Events > Gateway > List of Intents.
    """
    gates = EVENT_INTENTS.get(name, Intents(0))
    # Of the events that come both from guilds and from direct messages, each side has intents of its own.
    if gates & _DIRECT and gates & ~_DIRECT:
        gates &= _DIRECT if direct else ~_DIRECT
    return not gates or bool(gates & intents)


def told(world: World, session: Session, happening: Happening, options: GatewayOptions) -> Json | None:
    """The data of the event as this session gets it; None where it gets nothing.

    The very ``happening.data`` where nothing is left out of it.
    """
    if not session.covers(happening.guild_id) or not world.concerns(happening, session.user_id):
        return None
    if not heard(world, session, happening):
        return None
    data = happening.data
    match happening.name:
        case "GUILD_CREATE" if not data.get("unavailable") and happening.guild_id in world.guilds:
            return guild_create(world, world.guilds[happening.guild_id], session, options)
        case "MESSAGE_CREATE" | "MESSAGE_UPDATE":
            return data if happening.guild_id is None else without_content(data, session)
        case "THREAD_MEMBERS_UPDATE" if Intents.GUILD_MEMBERS not in session.intents:
            return _own_membership(data, session.user_id)
        case _:
            return data


def heard(world: World, session: Session, happening: Happening) -> bool:
    """Whether intents and permissions let a session hear of it that it concerns."""
    own_member = happening.name == "GUILD_MEMBER_UPDATE" and happening.data["user"]["id"] == session.user_id
    if not own_member and not lets_through(happening.name, session.intents, direct=happening.guild_id is None):
        return False
    needed = _NEEDED.get(happening.name, ())
    guild = world.guilds.get(happening.guild_id or "")
    if not needed or guild is None:
        return True
    has = world.permissions(session.user_id, world.channels.get(happening.channel_id or "", guild))
    return any(one in has for one in needed)


def without_content(message: Json, session: Session) -> Json:
    """A guild's message without what needs MESSAGE_CONTENT, where the session has neither that nor a right to this one.

    The bot's own messages and those that mention it come whole.

    Source: Discord docs, Events > Gateway > Message Content Intent.
    """
    if Intents.MESSAGE_CONTENT in session.intents:
        return message
    return stripped(message, session.user_id)


def _own_membership(data: Json, user_id: str) -> Json | None:
    """Of who came into a thread or left it only the bot itself."""
    added: list[Json] = [one for one in data.get("added_members", ()) if one.get("user_id") == user_id]
    removed: list[str] = [one for one in data.get("removed_member_ids", ()) if one == user_id]
    if not added and not removed:
        return None
    rest = {key: value for key, value in data.items() if key not in ("added_members", "removed_member_ids")}
    if added:
        rest["added_members"] = added
    if removed:
        rest["removed_member_ids"] = removed
    return rest
