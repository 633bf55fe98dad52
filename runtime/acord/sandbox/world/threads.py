"""Threads are started: from a message, without one, as a post of a forum."""

from collections.abc import Sequence
from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.flags import ChannelFlags, MessageFlags, Permissions
from acord.models import ChannelType, MessageType
from acord.sandbox.answers import Json, Refusal, invalid
from acord.sandbox.calls import Call, Upload
from acord.sandbox.world import messages, notify, sending, shown, thread_changes, thread_state
from acord.sandbox.world.audit import AuditLogActionType, log, made
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import World

__all__ = ["post", "start"]

MINUTES = 4320  # until a thread leaves the list, where nothing else is said
_POSTS = (ChannelType.GUILD_FORUM, ChannelType.GUILD_MEDIA)
_TALKED_IN = (ChannelType.GUILD_TEXT, ChannelType.GUILD_ANNOUNCEMENT)


@handles("create_thread_from_message")
def create_thread_from_message(world: World, call: Call) -> Json:
    parent = world.channel(call.path["channel_id"], seen_by=call.user_id)
    _talked_in(parent)
    message = world.message(parent["id"], call.path["message_id"])
    world.need(call.user_id, parent, Permissions.CREATE_PUBLIC_THREADS, Permissions.READ_MESSAGE_HISTORY)
    if message["id"] in world.channels:
        raise Refusal(400, ErrorCode.THREAD_ALREADY_CREATED, "A thread has already been created for this message")
    if message["type"] not in (MessageType.DEFAULT, MessageType.REPLY, MessageType.CHAT_INPUT_COMMAND):
        raise Refusal(403, ErrorCode.CANNOT_ACT_ON_SYSTEM_MESSAGE, "Cannot execute action on a system message")
    thread = start(world, parent, call.user_id, call.body, public_type(parent), thread_id=message["id"])
    message["flags"] |= int(MessageFlags.HAS_THREAD)
    messages.changed(world, message)
    reference = _reference(parent, message["id"])
    author = world.user(call.user_id)
    messages.publish(
        world, messages.system(world, thread, author, MessageType.THREAD_STARTER_MESSAGE, reference=reference)
    )
    _log(world, thread, call)
    return shown.channel(world, thread, call.user_id)


@handles("create_thread")
def create_thread(world: World, call: Call) -> Json:
    parent = world.channel(call.path["channel_id"], seen_by=call.user_id)
    body: Json = call.body
    if parent["type"] in _POSTS:
        first: Json = body.get("message") or {}
        world.need(call.user_id, parent, Permissions.SEND_MESSAGES, *sending.needed_for(first, call.files))
        thread = post(world, parent, call.user_id, body, call.files)
        _log(world, thread, call)
        opening = world.message(thread["id"], thread["id"])
        seen = shown.channel(world, thread, call.user_id)
        return {**seen, "message": messages.view(world, opening, call.user_id)}
    _talked_in(parent)
    kind = int(body.get("type") or ChannelType.PRIVATE_THREAD)
    if kind == ChannelType.PRIVATE_THREAD:
        world.need(call.user_id, parent, Permissions.CREATE_PRIVATE_THREADS)
        fits = parent["type"] == ChannelType.GUILD_TEXT
    else:
        world.need(call.user_id, parent, Permissions.CREATE_PUBLIC_THREADS)
        fits = kind == public_type(parent)
    if not fits:
        raise invalid("type", "Value must be a type of thread that this channel may have.", "BASE_TYPE_CHOICES")
    thread = start(world, parent, call.user_id, body, kind)
    if kind != ChannelType.PRIVATE_THREAD:
        reference = {"type": 0, "channel_id": thread["id"], "guild_id": thread["guild_id"]}
        author, said = world.user(call.user_id), MessageType.THREAD_CREATED
        messages.publish(
            world, messages.system(world, parent, author, said, content=thread["name"], reference=reference)
        )
    _log(world, thread, call)
    return shown.channel(world, thread, call.user_id)


def post(
    world: World,
    forum: Json,
    user_id: str | None,
    body: Json,
    files: Sequence[Upload],
    *,
    author: Json | None = None,
    **how: Any,
) -> Json:
    """A thread of a forum with its first message, which has its id.

    Without ``user_id`` a webhook posts, as ``author``; ``how`` is passed on to `messages.build`.
    """
    if "message" not in body:
        raise invalid("message", "This field is required")
    owner_id = None if author is None else str(author["id"])
    tags = thread_changes.applied_tags(world, forum["id"], body.get("applied_tags") or [], user_id)
    if not tags and forum["flags"] & ChannelFlags.REQUIRE_TAG:
        raise Refusal(400, ErrorCode.TAG_REQUIRED, "A tag is required to create a forum post in this channel")
    # Built before there is a thread, so that a message which is refused leaves none.
    coming: Json = {**forum, "id": world.ids(), "type": int(ChannelType.PUBLIC_THREAD), "parent_id": forum["id"]}
    first = messages.build(world, coming, author or world.user(user_id or ""), body["message"], files, **how)
    first["id"] = coming["id"]
    thread = start(
        world, forum, user_id, body, ChannelType.PUBLIC_THREAD, thread_id=first["id"], tags=tags, owner_id=owner_id
    )
    messages.publish(world, first)
    return thread


def start(
    world: World,
    parent: Json,
    user_id: str | None,
    body: Json,
    kind: int,
    *,
    thread_id: str | None = None,
    tags: Sequence[str] | None = None,
    owner_id: str | None = None,
) -> Json:
    """A new thread with ``user_id`` in it; a webhook, its owner, does not come in. Those who see it are told."""
    slow = body.get("rate_limit_per_user")
    if slow is None:
        slow = parent.get("default_thread_rate_limit_per_user") or 0
    archives = body.get("auto_archive_duration") or parent.get("default_auto_archive_duration") or MINUTES
    thread: Json = {
        "id": thread_id or world.ids(),
        "type": int(kind),
        "guild_id": parent["guild_id"],
        "name": body["name"],
        "parent_id": parent["id"],
        "owner_id": user_id or owner_id,
        "last_message_id": None,
        "rate_limit_per_user": slow,
        "flags": 0,
        "message_count": 0,
        "member_count": 0,
        "total_message_sent": 0,
        "thread_metadata": {
            "archived": False,
            "archive_timestamp": world.time(),
            "auto_archive_duration": archives,
            "locked": False,
            "create_timestamp": world.time(),
        },
    }
    if kind == ChannelType.PRIVATE_THREAD:
        invitable = body.get("invitable")
        thread["thread_metadata"]["invitable"] = True if invitable is None else invitable
    if tags is not None:
        thread["applied_tags"] = list(tags)
        parent["last_message_id"] = thread["id"]
    world.channels[thread["id"]] = thread
    world.messages[thread["id"]] = {}
    world.thread_members[thread["id"]] = {}
    if user_id is not None:
        thread_state.join(world, thread, user_id, tell=False)
    everybody = thread_state.listeners(world, thread)
    for one, audience in ((user_id, everybody & {user_id or ""}), (None, everybody - {user_id or ""})):
        # Each is told of their own membership only.
        data = {**shown.channel(world, thread, one), "newly_created": True}
        if audience:
            notify.in_channel(world, "THREAD_CREATE", thread, data, users=audience)
    return thread


def public_type(parent: Json) -> int:
    """The kind of public threads that a channel has."""
    news = parent["type"] == ChannelType.GUILD_ANNOUNCEMENT
    return int(ChannelType.ANNOUNCEMENT_THREAD if news else ChannelType.PUBLIC_THREAD)


def _talked_in(parent: Json) -> None:
    if parent["type"] not in _TALKED_IN:
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")


def _reference(channel: Json, message_id: str) -> Json:
    return {"type": 0, "channel_id": channel["id"], "message_id": message_id, "guild_id": channel["guild_id"]}


def _log(world: World, thread: Json, call: Call) -> None:
    changes = made({**thread, **thread["thread_metadata"]})
    log(world, world.guild(thread["guild_id"]), call, AuditLogActionType.THREAD_CREATE, thread["id"], changes=changes)
