"""Messages as such: made, published, changed, removed. Who may do it is asked by those who call.

The bot's own messages, webhooks, answers to interactions and people all come through here.
"""

from collections.abc import Sequence
from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.flags import MessageFlags
from acord.models import MessageType
from acord.sandbox.answers import Json, Refusal, invalid
from acord.sandbox.calls import Upload
from acord.sandbox.world import attachments, components, embeds, mentions, notify, poll_parts, replies, thread_state
from acord.sandbox.world.message_views import extras, view
from acord.sandbox.world.state import THREADS, World
from acord.sandbox.world.sticker_items import sticker_items

__all__ = ["build", "changed", "edit", "find", "forget", "publish", "remove", "system", "view"]

CONTENT_MOST = 2000  # characters (Resources > Message > Create Message)
SENDABLE = (
    MessageFlags.SUPPRESS_EMBEDS
    | MessageFlags.SUPPRESS_NOTIFICATIONS
    | MessageFlags.IS_VOICE_MESSAGE
    | MessageFlags.IS_COMPONENTS_V2
)
"""Flags that a request may set; the others are dropped."""


def build(
    world: World,
    channel: Json,
    author: Json,
    body: Json,
    files: Sequence[Upload] = (),
    *,
    # What stands on the message that the request does not say
    kind: int = MessageType.DEFAULT,
    flags: int = 0,
    fields: Json | None = None,
    # What the request may do
    parse: tuple[str, ...] = mentions.ALL,
    allowed: int = SENDABLE,
    acting: str | None = "",
) -> Json:
    """A message that nobody has seen yet, for `publish`; 50006 for an empty one, 50035 for what does not fit.

    ``fields`` are added as they are (``webhook_id``, ``interaction_metadata``); ``acting``: the id of whose
    permissions count, the author's unless said, None for nobody's.
    """
    asking = author["id"] if acting == "" else acting
    refers = replies.reference(world, channel, body.get("message_reference"), asking)
    message = system(world, channel, author, kind)
    message["tts"] = bool(body.get("tts"))
    message |= {**refers.fields, **(fields or {})}
    message["flags"] = ((body.get("flags") or 0) & int(allowed)) | int(flags) | int(refers.flags)
    _fill(world, channel, message, body, files)
    if message["flags"] & MessageFlags.EPHEMERAL:
        for one in message["attachments"]:
            one["ephemeral"] = True
    if body.get("poll"):
        message["poll"] = poll_parts.poll(world, body["poll"])
    if body.get("sticker_ids"):
        message["sticker_items"] = sticker_items(world, channel, body["sticker_ids"])
    if body.get("shared_client_theme"):
        message["shared_client_theme"] = body["shared_client_theme"]
    _refuse_v2_mix(message, body)
    if _is_voice(message):
        _refuse_no_voice(message, body)
    if _is_empty(message) and not flags & MessageFlags.LOADING:
        raise Refusal(400, ErrorCode.CANNOT_SEND_EMPTY_MESSAGE, "Cannot send an empty message")
    _mention(world, channel, message, body.get("allowed_mentions"), parse, asking, refers.replied_to)
    return message


def system(
    world: World, channel: Json, author: Json, kind: int, *, content: str = "", reference: Json | None = None
) -> Json:
    """A message with nothing in it but what is said here, as Discord itself writes them."""
    message: Json = {
        "id": world.ids(),
        "channel_id": channel["id"],
        "type": int(kind),
        "content": content,
        "author": author,
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "attachments": [],
        "embeds": [],
        "components": [],
        "timestamp": world.time(),
        "edited_timestamp": None,
        "flags": 0,
        "pinned": False,
        "tts": False,
    }
    if reference is not None:
        message["message_reference"] = reference
    return message


def publish(world: World, message: Json, *, nonce: int | str | None = None) -> Json:
    """The message is there, and everybody in the channel is told. An ephemeral one is kept aside: `find` finds it."""
    if message["flags"] & MessageFlags.EPHEMERAL:
        world.more.setdefault("ephemeral", {})[message["id"]] = message
        return message
    channel = world.channels[message["channel_id"]]
    in_thread = channel["type"] in THREADS
    if in_thread:
        thread_state.unarchive(world, channel)
        message["position"] = channel["total_message_sent"]
        if message["type"] != MessageType.THREAD_STARTER_MESSAGE and message["id"] != channel["id"]:
            channel["message_count"] += 1
            channel["total_message_sent"] += 1
    world.messages.setdefault(channel["id"], {})[message["id"]] = message
    if "poll" in message:
        world.more.setdefault("open_polls", {})[message["id"]] = {"channel_id": channel["id"]}
    channel["last_message_id"] = message["id"]
    data = extras(world, message)
    if nonce is not None:
        data["nonce"] = nonce
    notify.in_channel(world, "MESSAGE_CREATE", channel, data)
    if in_thread and message["type"] in (MessageType.DEFAULT, MessageType.REPLY) and "webhook_id" not in message:
        thread_state.join(world, channel, message["author"]["id"])
    return message


def edit(
    world: World,
    message: Json,
    body: Json,
    files: Sequence[Upload] = (),
    *,
    parse: tuple[str, ...] = mentions.ALL,
    acting: str | None = "",
) -> Json:
    """The message with what the request changes; everybody is told.

    A deferred answer (LOADING) becomes a message by its first edit, and does not count as edited.
    """
    channel = world.channels[message["channel_id"]]
    asking = message["author"]["id"] if acting == "" else acting
    if "poll" in message:
        raise Refusal(400, ErrorCode.CANNOT_EDIT_POLL_MESSAGE, "Cannot edit a poll message")
    if _is_voice(message):
        raise Refusal(400, ErrorCode.CANNOT_EDIT_VOICE_MESSAGE, "Cannot edit voice messages")
    after = dict(message)
    loading = bool(message["flags"] & MessageFlags.LOADING)
    if body.get("flags") is not None:
        kept = message["flags"] & ~int(MessageFlags.SUPPRESS_EMBEDS)
        after["flags"] = kept | body["flags"] & int(MessageFlags.SUPPRESS_EMBEDS | MessageFlags.IS_COMPONENTS_V2)
    if loading:
        after["flags"] &= ~int(MessageFlags.LOADING)
        if body.get("poll"):
            after["poll"] = poll_parts.poll(world, body["poll"])
    _fill(world, channel, after, body, files)
    _refuse_v2_mix(after, after)
    if _is_empty(after):
        raise Refusal(400, ErrorCode.CANNOT_SEND_EMPTY_MESSAGE, "Cannot send an empty message")
    if {"content", "components", "allowed_mentions"} & body.keys():
        _mention(world, channel, after, body.get("allowed_mentions"), parse, asking, None)
    if not loading and (files or {"content", "embeds", "components", "attachments"} & body.keys()):
        after["edited_timestamp"] = world.time()
    gone = [one for one in message["attachments"] if all(one["id"] != kept["id"] for kept in after["attachments"])]
    attachments.forget(world, channel["id"], gone)
    message.update(after)
    changed(world, message)
    return message


def changed(world: World, message: Json) -> None:
    """Tell everybody in the channel that the message is another one now."""
    channel = world.channels[message["channel_id"]]
    if message["id"] in world.messages.get(channel["id"], {}):
        notify.in_channel(world, "MESSAGE_UPDATE", channel, {**extras(world, message), "tts": False})


def remove(world: World, message: Json) -> None:
    """The message is gone, and everybody is told; of an ephemeral one nobody is."""
    channel = world.channels[message["channel_id"]]
    if forget(world, message):
        notify.in_channel(world, "MESSAGE_DELETE", channel, {"id": message["id"], "channel_id": channel["id"]})


def forget(world: World, message: Json) -> bool:
    """Take away a message and what hangs on it without telling; false where it was ephemeral."""
    attachments.forget(world, message["channel_id"], message["attachments"])
    if world.more.get("ephemeral", {}).pop(message["id"], None) is not None:
        return False
    channel = world.channels[message["channel_id"]]
    world.messages[channel["id"]].pop(message["id"], None)
    world.reactions.pop(message["id"], None)
    world.more.get("votes", {}).pop(message["id"], None)
    world.more.get("pins", {}).get(channel["id"], {}).pop(message["id"], None)
    if channel["type"] in THREADS and message["type"] != MessageType.THREAD_STARTER_MESSAGE:
        channel["message_count"] = max(0, channel["message_count"] - (message["id"] != channel["id"]))
    return True


def find(world: World, channel_id: str, message_id: str) -> Json:
    """As `World.message`, ephemeral ones included."""
    hidden = world.more.get("ephemeral", {}).get(message_id)
    if hidden is not None and hidden["channel_id"] == channel_id:
        found: Json = hidden
        return found
    return world.message(channel_id, message_id)


# What the request says


def _fill(world: World, channel: Json, message: Json, body: Json, files: Sequence[Upload]) -> None:
    """Put content, embeds, attachments and components of a request into a message."""
    if "content" in body:
        content = (body["content"] or "").strip()
        if len(content) > CONTENT_MOST:
            message_ = f"Must be {CONTENT_MOST} or fewer in length."
            raise invalid("content", message_, "BASE_TYPE_MAX_LENGTH")
        message["content"] = content
    if "attachments" in body or files:
        described: list[Json] | None = (body["attachments"] or []) if "attachments" in body else None
        message["attachments"] = attachments.attach(world, channel["id"], described, files, message["attachments"])
    if "embeds" in body:

        def media(address: str) -> Json:
            return attachments.media_of(address, message["attachments"], "embeds")[0]

        message["embeds"] = embeds.embeds(body["embeds"], media)
    if "components" in body:
        message["components"] = components.components(
            world,
            body["components"],
            v2=bool(message["flags"] & MessageFlags.IS_COMPONENTS_V2),
            attachments=message["attachments"],
        )


def _refuse_v2_mix(message: Json, body: Json) -> None:
    if not message["flags"] & MessageFlags.IS_COMPONENTS_V2:
        return
    for name in ("content", "embeds", "sticker_ids", "sticker_items", "poll", "shared_client_theme"):
        if body.get(name):
            text = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            raise invalid(name, text, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")


def _is_empty(message: Json) -> bool:
    parts = ("content", "embeds", "attachments", "components", "sticker_items", "poll", "message_snapshots")
    return not any(message.get(part) for part in (*parts, "shared_client_theme"))


def _is_voice(message: Json) -> bool:
    return bool(message["flags"] & MessageFlags.IS_VOICE_MESSAGE)


def _refuse_no_voice(message: Json, body: Json) -> None:
    if message["content"] or message["embeds"]:
        raise Refusal(400, ErrorCode.VOICE_MESSAGE_HAS_CONTENT, "Voice messages do not support additional content")
    files: list[Any] = message["attachments"]
    if len(files) != 1 or not str(files[0]["content_type"]).startswith("audio/"):
        text = "Voice messages must have a single audio attachment"
        raise Refusal(400, ErrorCode.VOICE_MESSAGE_NEEDS_ONE_AUDIO, text)
    if not {"waveform", "duration_secs"} <= files[0].keys():
        text = "Voice messages must have supporting metadata"
        raise Refusal(400, ErrorCode.VOICE_MESSAGE_NEEDS_METADATA, text)


def _mention(
    world: World,
    channel: Json,
    message: Json,
    allowed: Json | None,
    parse: tuple[str, ...],
    asking: str | None,
    replied_to: str | None,
) -> None:
    text = "\n".join([message["content"], *mentions.texts(message["components"])])
    found = mentions.mentions(world, channel, text, allowed, default=parse, author_id=asking, replied_to=replied_to)
    message["mentions"] = [world.users[one] for one in found.users]
    message["mention_roles"], message["mention_everyone"] = found.roles, found.everyone
