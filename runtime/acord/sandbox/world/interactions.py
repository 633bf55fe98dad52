"""Responses to interactions: the first one, and what is said afterwards by the token.

The webhooks' operations hand on to here what names an application instead of a webhook.

Source: Discord docs, Interactions > Receiving and Responding.
"""

from collections.abc import Callable
from typing import Any

from acord.flags import MessageFlags
from acord.models.enums import InteractionCallbackType, InteractionType, MessageType
from acord.sandbox.answers import Answer, Json, invalid, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world import messages
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.interaction_state import metadata, opened, spoken
from acord.sandbox.world.modals import modal
from acord.sandbox.world.state import World

__all__ = ["delete_message", "edit_message", "follow_up", "get_message", "is_interaction"]

_SENDABLE = messages.SENDABLE | MessageFlags.EPHEMERAL
_LOADING = MessageFlags.LOADING
_COMMANDS = frozenset({int(InteractionType.APPLICATION_COMMAND)})
_ON_MESSAGES = frozenset({int(InteractionType.MESSAGE_COMPONENT), int(InteractionType.MODAL_SUBMIT)})


@handles("create_interaction_response")
def create_interaction_response(world: World, call: Call) -> Answer | None:
    record = opened(world, call.path["interaction_id"], call.path["interaction_token"])
    kind = int(call.body["type"])
    respond = _RESPONSES.get(kind)
    if respond is None or not _fits(record, kind):
        raise invalid("type", "Invalid interaction callback type for this interaction.", "BASE_TYPE_CHOICES")
    message = respond(world, record, call)
    # Only now: what was refused does not count as a response.
    record["callback"] = kind
    _tell(record)
    if not call.query.get("with_response"):
        return None
    return Answer(200, _callback(world, record, kind, message))


def is_interaction(world: World, call: Call) -> bool:
    """Whether a path of webhooks means an interaction: it has an application where the webhook stands."""
    return call.path["webhook_id"] in world.applications


def follow_up(world: World, call: Call) -> Json:
    """A further message, as the answer to execute_webhook; the deferred response itself where that still waits."""
    record = _spoken(world, call)
    original = record["original"]
    if original is not None and original["flags"] & _LOADING:
        message = messages.edit(world, original, call.body or {}, call.files)
        _tell(record)
        return messages.view(world, message, _bot(world, record)["id"])
    told = metadata(world, record)
    fields: Json = {"interaction_metadata": told}
    kind = MessageType.DEFAULT
    if original is not None:
        told["original_response_message_id"] = original["id"]
        kind, fields["message_reference"] = MessageType.REPLY, _reference(world, original)
    message = _say(world, record, call, kind, fields)
    _tell(record)
    return messages.view(world, message, _bot(world, record)["id"])


def get_message(world: World, call: Call) -> Json:
    record = _spoken(world, call)
    return messages.view(world, _message(record, call), _bot(world, record)["id"])


def edit_message(world: World, call: Call) -> Json:
    record = _spoken(world, call)
    message = messages.edit(world, _message(record, call), call.body or {}, call.files)
    _tell(record)
    return messages.view(world, message, _bot(world, record)["id"])


def delete_message(world: World, call: Call) -> None:
    record = _spoken(world, call)
    message = _message(record, call)
    messages.remove(world, message)
    record["messages"] = [one for one in record["messages"] if one is not message]
    if message is record["original"]:
        record["original"] = None
    _tell(record)


# First responses, by type


def _pong(world: World, record: Json, call: Call) -> None:
    """Nothing but a sign of life."""


def _answer(world: World, record: Json, call: Call) -> Json:
    return _first(world, record, call, flags=0)


def _defer(world: World, record: Json, call: Call) -> Json:
    return _first(world, record, call, flags=int(_LOADING))


def _defer_update(world: World, record: Json, call: Call) -> None:
    record["original"] = record["message"]
    record["messages"].append(record["message"])


def _update(world: World, record: Json, call: Call) -> Json:
    message: Json = record["message"]
    messages.edit(world, message, call.body.get("data") or {}, call.files)
    _defer_update(world, record, call)
    return message


def _autocomplete(world: World, record: Json, call: Call) -> None:
    choices: list[Json] = call.body["data"].get("choices") or []
    record["choices"] = [{key: value for key, value in one.items() if value is not None} for one in choices]


def _modal(world: World, record: Json, call: Call) -> None:
    record["modal"] = modal(call.body["data"])


def _launch(world: World, record: Json, call: Call) -> None:
    application = world.applications[record["payload"]["application_id"]]
    if not application["flags"] & 1 << 17:
        raise invalid("type", "This application has no activity to launch.", "BASE_TYPE_CHOICES")


def _premium(world: World, record: Json, call: Call) -> None:
    """The person is asked to buy; old, and still understood."""


_RESPONSES: dict[int, Callable[[World, Json, Call], Json | None]] = {
    InteractionCallbackType.PONG: _pong,
    InteractionCallbackType.CHANNEL_MESSAGE_WITH_SOURCE: _answer,
    InteractionCallbackType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE: _defer,
    InteractionCallbackType.DEFERRED_UPDATE_MESSAGE: _defer_update,
    InteractionCallbackType.UPDATE_MESSAGE: _update,
    InteractionCallbackType.APPLICATION_COMMAND_AUTOCOMPLETE_RESULT: _autocomplete,
    InteractionCallbackType.MODAL: _modal,
    InteractionCallbackType.PREMIUM_REQUIRED: _premium,
    InteractionCallbackType.LAUNCH_ACTIVITY: _launch,
}


def _fits(record: Json, kind: int) -> bool:
    """Whether this type of response goes with that type of interaction."""
    what = record["payload"]["type"]
    match kind:
        case InteractionCallbackType.PONG:
            return bool(what == InteractionType.PING)
        case InteractionCallbackType.APPLICATION_COMMAND_AUTOCOMPLETE_RESULT:
            return bool(what == InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE)
        case InteractionCallbackType.DEFERRED_UPDATE_MESSAGE | InteractionCallbackType.UPDATE_MESSAGE:
            return what in _ON_MESSAGES and record["message"] is not None
        case InteractionCallbackType.MODAL:
            return what in _COMMANDS or bool(what == InteractionType.MESSAGE_COMPONENT)
        case _:
            return what in _COMMANDS or what in _ON_MESSAGES


def _first(world: World, record: Json, call: Call, *, flags: int) -> Json:
    payload = record["payload"]
    fields: Json = {"interaction_metadata": metadata(world, record)}
    kind = MessageType.DEFAULT
    if payload["type"] in _COMMANDS:
        data = payload["data"]
        kind = MessageType.CHAT_INPUT_COMMAND if data["type"] == 1 else MessageType.CONTEXT_MENU_COMMAND
        told = fields["interaction_metadata"]
        fields["interaction"] = {"id": payload["id"], "type": 2, "name": data["name"], "user": told["user"]}
    elif record["message"] is not None:
        kind, fields["message_reference"] = MessageType.REPLY, _reference(world, record["message"])
    message = _say(world, record, call, kind, fields, flags=flags)
    record["original"] = message
    return message


def _say(world: World, record: Json, call: Call, kind: int, fields: Json, *, flags: int = 0) -> Json:
    """A message of the bot's in the channel of the interaction; nobody but the user sees it where it is ephemeral."""
    application_id = record["payload"]["application_id"]
    said: Any = call.body or {}
    # A response has its message in `data`, a follow-up is one.
    body: Json = (said.get("data") or {}) if "type" in said else said
    message = messages.build(
        world,
        world.channel(record["payload"]["channel_id"]),
        _bot(world, record),
        body,
        call.files,
        kind=kind,
        flags=flags,
        fields={"application_id": application_id, "webhook_id": application_id, **fields},
        allowed=int(_SENDABLE),
    )
    messages.publish(world, message)
    record["messages"].append(message)
    return message


def _callback(world: World, record: Json, kind: int, message: Json | None) -> Json:
    payload = record["payload"]
    told: Json = {"id": payload["id"], "type": payload["type"], "channel_id": payload["channel_id"]}
    if "guild_id" in payload:
        told["guild_id"] = payload["guild_id"]
    if message is None:
        return {"interaction": told}
    told["response_message_id"] = message["id"]
    told["response_message_loading"] = bool(message["flags"] & _LOADING)
    told["response_message_ephemeral"] = bool(message["flags"] & MessageFlags.EPHEMERAL)
    if kind == InteractionCallbackType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE:
        return {"interaction": told}
    seen = messages.view(world, message, _bot(world, record)["id"])
    return {"interaction": told, "resource": {"type": kind, "message": seen}}


def _tell(record: Json) -> None:
    """Say to who watches it that something became of the interaction."""
    for listener in list(record["listeners"]):
        listener()


def _spoken(world: World, call: Call) -> Json:
    return spoken(world, call.path["webhook_id"], call.path["webhook_token"])


def _message(record: Json, call: Call) -> Json:
    """One of the interaction's own messages; 10008 where it is none of them."""
    wanted = call.path.get("message_id", "@original")
    if wanted == "@original" and record["original"] is not None:
        original: Json = record["original"]
        return original
    for message in record["messages"]:
        if message["id"] == wanted:
            found: Json = message
            return found
    raise unknown("message")


def _bot(world: World, record: Json) -> Json:
    bot: Json = world.applications[record["payload"]["application_id"]]["bot"]
    return bot


def _reference(world: World, message: Json) -> Json:
    channel = world.channels[message["channel_id"]]
    guild = {"guild_id": channel["guild_id"]} if "guild_id" in channel else {}
    return {"type": 0, "channel_id": channel["id"], "message_id": message["id"], **guild}
