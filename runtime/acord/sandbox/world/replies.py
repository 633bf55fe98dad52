"""Messages that refer to another one: replies and forwards."""

from dataclasses import dataclass, field

from acord.core.signals.rest import ErrorCode
from acord.flags import MessageFlags, Permissions
from acord.models import MessageReferenceType, MessageType
from acord.sandbox.answers import Json, Refusal, invalid, unknown
from acord.sandbox.world import shown
from acord.sandbox.world.state import World

__all__ = ["Reference", "reference"]

_SNAPSHOT = ("type", "content", "mention_roles", "attachments", "embeds", "timestamp", "edited_timestamp", "flags")


@dataclass
class Reference:
    """What a reference adds to a message."""

    fields: Json = field(default_factory=dict[str, object])
    flags: int = 0
    replied_to: str | None = None
    """The author of the message that is answered."""


def reference(world: World, channel: Json, given: Json | None, user_id: str | None) -> Reference:
    """50035 for what does not exist (unless the request says never mind) or lies in another channel; 160002 and
    160014 for what ``user_id`` may not read.
    """
    if given is None:
        return Reference()
    if given.get("type") == MessageReferenceType.FORWARD:
        return _forward(world, given, user_id)
    home = str(given.get("channel_id") or channel["id"])
    if home != channel["id"]:
        raise invalid("message_reference", "Cannot reply to a message in a different channel", "REPLIES_CROSS_CHANNEL")
    found = world.messages.get(home, {}).get(str(given["message_id"]))
    if found is None:
        if given.get("fail_if_not_exists") is False:
            return Reference()
        raise invalid("message_reference", "Unknown message", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE")
    if user_id is not None and Permissions.READ_MESSAGE_HISTORY not in world.permissions(user_id, channel):
        message = "Cannot reply without permission to read message history"
        raise Refusal(403, ErrorCode.CANNOT_REPLY_WITHOUT_READ_HISTORY, message)
    if found["type"] not in _ANSWERABLE:
        raise invalid("message_reference", "Cannot reply to a system message", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE")
    fields: Json = {"type": int(MessageType.REPLY), "message_reference": _reference(channel, found, 0)}
    return Reference(fields, replied_to=found["author"]["id"])


_ANSWERABLE = frozenset(
    {
        MessageType.DEFAULT,
        MessageType.REPLY,
        MessageType.CHAT_INPUT_COMMAND,
        MessageType.CONTEXT_MENU_COMMAND,
        MessageType.THREAD_STARTER_MESSAGE,
    }
)


def _forward(world: World, given: Json, user_id: str | None) -> Reference:
    source = world.channels.get(str(given.get("channel_id")))
    if source is None:
        raise invalid("message_reference.channel_id", "This field is required")
    needed = Permissions.VIEW_CHANNEL | Permissions.READ_MESSAGE_HISTORY
    if user_id is not None and needed not in world.permissions(user_id, source):
        raise Refusal(
            403, ErrorCode.CANNOT_FORWARD_UNREADABLE_MESSAGE, "Cannot forward message whose content you cannot read"
        )
    found = world.messages.get(source["id"], {}).get(str(given["message_id"]))
    if found is None:
        raise unknown("message")
    snapshot: Json = {key: shown.copied(found[key]) for key in _SNAPSHOT}
    snapshot["mentions"] = []
    for key in ("components", "sticker_items"):
        if found.get(key):
            snapshot[key] = shown.copied(found[key])
    # What is forwarded once more is what was forwarded first.
    snapshots = shown.copied(found.get("message_snapshots")) or [{"message": snapshot}]
    fields: Json = {"message_reference": _reference(source, found, 1), "message_snapshots": snapshots}
    return Reference(fields, int(MessageFlags.HAS_SNAPSHOT))


def _reference(channel: Json, message: Json, kind: int) -> Json:
    shown: Json = {"type": kind, "channel_id": channel["id"], "message_id": message["id"]}
    if "guild_id" in channel:
        shown["guild_id"] = channel["guild_id"]
    return shown
