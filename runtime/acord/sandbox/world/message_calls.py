"""Operations on messages: read, write, change, delete, crosspost."""

from typing import Any

from acord.core.abc import DISCORD_EPOCH
from acord.core.signals.rest import ErrorCode
from acord.flags import MessageFlags, Permissions
from acord.models import ChannelType, MessageType
from acord.sandbox.answers import Json, Refusal
from acord.sandbox.calls import Call
from acord.sandbox.world import followers, messages, notify, sending
from acord.sandbox.world.audit import AuditLogActionType, log
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import World

__all__ = ["change", "delete", "page"]

TOO_OLD = 14 * 86400.0  # seconds; older messages are not deleted in bulk (Resources > Message > Bulk Delete Messages)
BULK = range(2, 101)
_UNDELETABLE = frozenset(
    {
        MessageType.RECIPIENT_ADD,
        MessageType.RECIPIENT_REMOVE,
        MessageType.CALL,
        MessageType.CHANNEL_NAME_CHANGE,
        MessageType.CHANNEL_ICON_CHANGE,
        MessageType.THREAD_STARTER_MESSAGE,
    }
)
"""Resources > Message > Message Types."""


@handles("list_messages")
def list_messages(world: World, call: Call) -> list[Json]:
    channel = world.channel(call.path["channel_id"])
    sending.text_channel(world, channel, call.user_id)
    if channel["type"] in (ChannelType.GUILD_VOICE, ChannelType.GUILD_STAGE_VOICE):
        world.need(call.user_id, channel, Permissions.CONNECT)
    if Permissions.READ_MESSAGE_HISTORY not in world.permissions(call.user_id, channel):
        return []
    kept = sorted(world.messages.get(channel["id"], {}).values(), key=lambda one: int(one["id"]))
    return [messages.view(world, one, call.user_id) for one in page(kept, call.query, 50)]


def page(kept: list[Json], query: Any, default: int) -> list[Json]:
    """Of things that are sorted by id, oldest first, those that the query asks for, newest first."""
    limit = int(query.get("limit", default))
    if (around := query.get("around")) is not None:
        older = [one for one in kept if int(one["id"]) < int(around)]
        newer = [one for one in kept if int(one["id"]) > int(around)]
        middle = [one for one in kept if one["id"] == str(around)]
        half = limit // 2
        # An even limit has its odd one out on the older side.
        found = [*older[len(older) - half :], *middle, *newer[: max(0, limit - half - 1)]] if limit > 1 else middle
    elif (before := query.get("before")) is not None:
        found = [one for one in kept if int(one["id"]) < int(before)][-limit:]
    elif (after := query.get("after")) is not None:
        found = [one for one in kept if int(one["id"]) > int(after)][:limit]
    else:
        found = kept[-limit:]
    return found[::-1]


@handles("get_message")
def get_message(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"])
    world.need(call.user_id, channel, Permissions.READ_MESSAGE_HISTORY)
    return messages.view(world, world.message(channel["id"], call.path["message_id"]), call.user_id)


@handles("create_message")
def create_message(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"])
    return sending.send(world, channel, call.user_id, call.body or {}, call.files)


@handles("update_message")
def update_message(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    message = world.message(channel["id"], call.path["message_id"])
    change(world, channel, message, call.user_id, call.body or {}, call.files)
    return messages.view(world, message, call.user_id)


def change(world: World, channel: Json, message: Json, user_id: str, body: Json, files: Any = ()) -> None:
    """Somebody edits a message; of another's only the flags, and only with MANAGE_MESSAGES."""
    sending.may_change_in(world, channel, user_id)
    own = message["author"]["id"] == user_id
    if own and message["type"] not in _EDITABLE:
        raise _system_message()
    if not own:
        if files or any(value is not None for name, value in body.items() if name != "flags"):
            text = "Cannot edit a message authored by another user"
            raise Refusal(403, ErrorCode.CANNOT_EDIT_OTHERS_MESSAGE, text)
        world.need(user_id, channel, Permissions.MANAGE_MESSAGES)
    messages.edit(world, message, body, files)


_EDITABLE = frozenset(
    {MessageType.DEFAULT, MessageType.REPLY, MessageType.CHAT_INPUT_COMMAND, MessageType.CONTEXT_MENU_COMMAND}
)


@handles("delete_message")
def delete_message(world: World, call: Call) -> None:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    delete(world, channel, world.message(channel["id"], call.path["message_id"]), call)


def delete(world: World, channel: Json, message: Json, by: Call | str) -> None:
    """Somebody deletes a message; another's only in a guild, with MANAGE_MESSAGES, and it is logged."""
    user_id = by if isinstance(by, str) else by.user_id
    own = message["author"]["id"] == user_id
    if message["type"] in _UNDELETABLE:
        raise _system_message()
    if own:
        messages.remove(world, message)
        return
    if "guild_id" not in channel:
        raise Refusal(403, ErrorCode.NOT_IN_DM_CHANNEL, "Cannot execute action on a DM channel")
    world.need(user_id, channel, Permissions.MANAGE_MESSAGES)
    messages.remove(world, message)
    options = {"channel_id": channel["id"], "count": 1}
    target = message["author"]["id"]
    log(world, world.guild(channel["guild_id"]), by, AuditLogActionType.MESSAGE_DELETE, target, options=options)


@handles("bulk_delete_messages")
def bulk_delete_messages(world: World, call: Call) -> None:
    channel = world.channel(call.path["channel_id"])
    if "guild_id" not in channel:
        raise Refusal(403, ErrorCode.NOT_IN_DM_CHANNEL, "Cannot execute action on a DM channel")
    world.need(call.user_id, channel, Permissions.MANAGE_MESSAGES)
    ids = [str(one) for one in call.body["messages"]]
    if len(ids) not in BULK or len(set(ids)) < len(ids):
        text = "Provided too few or too many messages to delete."
        raise Refusal(400, ErrorCode.INVALID_BULK_DELETE_COUNT, text)
    oldest = world.now() - TOO_OLD
    if any(((int(one) >> 22) + DISCORD_EPOCH) / 1000 < oldest for one in ids):
        text = "You can only bulk delete messages that are under 14 days old."
        raise Refusal(400, ErrorCode.MESSAGE_TOO_OLD_TO_BULK_DELETE, text)
    there = world.messages.get(channel["id"], {})
    found = [one for one in ids if one in there]
    for one in found:
        messages.forget(world, there[one])
    if not found:
        return
    notify.in_channel(world, "MESSAGE_DELETE_BULK", channel, {"ids": found, "channel_id": channel["id"]})
    guild = world.guild(channel["guild_id"])
    options = {"count": len(found)}
    log(world, guild, call, AuditLogActionType.MESSAGE_BULK_DELETE, channel["id"], options=options)


@handles("crosspost_message")
def crosspost_message(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    message = world.message(channel["id"], call.path["message_id"])
    if channel["type"] != ChannelType.GUILD_ANNOUNCEMENT:
        text = "Cannot execute action on this channel type"
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, text)
    others = () if message["author"]["id"] == call.user_id else (Permissions.MANAGE_MESSAGES,)
    world.need(call.user_id, channel, Permissions.SEND_MESSAGES, *others)
    if message["type"] != MessageType.DEFAULT:
        raise Refusal(400, ErrorCode.INVALID_MESSAGE_TYPE, "Cannot execute action on this message type")
    if message["flags"] & MessageFlags.CROSSPOSTED:
        raise Refusal(400, ErrorCode.MESSAGE_ALREADY_CROSSPOSTED, "This message has already been crossposted")
    message["flags"] |= int(MessageFlags.CROSSPOSTED)
    messages.changed(world, message)
    followers.spread(world, channel, message)
    return messages.view(world, message, call.user_id)


def _system_message() -> Refusal:
    return Refusal(403, ErrorCode.CANNOT_ACT_ON_SYSTEM_MESSAGE, "Cannot execute action on a system message")
