"""Pinned messages: pinned, listed, let go."""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models import MessageType
from acord.sandbox.answers import Json, Refusal
from acord.sandbox.calls import Call
from acord.sandbox.world import messages, notify, sending
from acord.sandbox.world.audit import AuditLogActionType, log
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.ids import moment
from acord.sandbox.world.state import World

__all__: list[str] = []

MOST = 250  # pins of a channel (error 30003)
PAGE = 50


@handles("list_pins")
def list_pins(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    found = _readable(world, channel, call.user_id)
    if (before := call.query.get("before")) is not None:
        found = [one for one in found if one[0] < moment(before)]
    limit = call.query.get("limit", PAGE)
    items = [{"pinned_at": at, "message": messages.view(world, one, call.user_id)} for at, one in found[:limit]]
    return {"items": items, "has_more": len(found) > limit}


@handles("deprecated_list_pins")
def deprecated_list_pins(world: World, call: Call) -> list[Json]:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    found = _readable(world, channel, call.user_id)[:PAGE]
    return [messages.view(world, one, call.user_id) for _, one in found]


@handles("create_pin", "deprecated_create_pin")
def create_pin(world: World, call: Call) -> None:
    channel, message = _pinnable(world, call)
    if message["pinned"]:
        return
    pins = _pins(world, channel)
    if len(pins) >= MOST:
        raise Refusal(400, ErrorCode.MAX_PINS, f"Maximum number of pinned messages reached ({MOST})")
    message["pinned"] = True
    pins[message["id"]] = {"pinned_at": world.time()}
    channel["last_pin_timestamp"] = world.time()
    messages.changed(world, message)
    _told(world, channel)
    reference: Json = {"type": 0, "channel_id": channel["id"], "message_id": message["id"]}
    if "guild_id" in channel:
        reference["guild_id"] = channel["guild_id"]
    author, kind = world.user(call.user_id), MessageType.CHANNEL_PINNED_MESSAGE
    messages.publish(world, messages.system(world, channel, author, kind, reference=reference))
    _log(world, channel, message, call, AuditLogActionType.MESSAGE_PIN)


@handles("delete_pin", "deprecated_delete_pin")
def delete_pin(world: World, call: Call) -> None:
    channel, message = _pinnable(world, call)
    if not message["pinned"]:
        return
    message["pinned"] = False
    _pins(world, channel).pop(message["id"], None)
    messages.changed(world, message)
    _told(world, channel)
    _log(world, channel, message, call, AuditLogActionType.MESSAGE_UNPIN)


def _pinnable(world: World, call: Call) -> tuple[Json, Json]:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    message = world.message(channel["id"], call.path["message_id"])
    world.need(call.user_id, channel, Permissions.PIN_MESSAGES)
    sending.may_change_in(world, channel, call.user_id)
    if message["type"] not in _PINNABLE:
        raise Refusal(403, ErrorCode.CANNOT_ACT_ON_SYSTEM_MESSAGE, "Cannot execute action on a system message")
    return channel, message


_PINNABLE = frozenset(
    {MessageType.DEFAULT, MessageType.REPLY, MessageType.CHAT_INPUT_COMMAND, MessageType.CONTEXT_MENU_COMMAND}
)


def _readable(world: World, channel: Json, user_id: str) -> list[tuple[str, Json]]:
    """When, and which message: what was pinned last comes first; nothing for whom there is no history."""
    if Permissions.READ_MESSAGE_HISTORY not in world.permissions(user_id, channel):
        return []
    there = world.messages.get(channel["id"], {})
    pins = [(str(pin["pinned_at"]), there[one]) for one, pin in _pins(world, channel).items()]
    return sorted(pins, key=lambda one: (one[0], int(one[1]["id"])), reverse=True)


def _pins(world: World, channel: Json) -> dict[str, Json]:
    pins: dict[str, Json] = world.more.setdefault("pins", {}).setdefault(channel["id"], {})
    return pins


def _told(world: World, channel: Json) -> None:
    data: Json = {"channel_id": channel["id"], "last_pin_timestamp": channel.get("last_pin_timestamp")}
    notify.in_channel(world, "CHANNEL_PINS_UPDATE", channel, data)


def _log(world: World, channel: Json, message: Json, call: Call, action: AuditLogActionType) -> None:
    if "guild_id" in channel:
        options = {"channel_id": channel["id"], "message_id": message["id"]}
        log(world, world.guild(channel["guild_id"]), call, action, message["author"]["id"], options=options)
