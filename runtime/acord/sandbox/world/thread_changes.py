"""Threads are changed and deleted."""

from acord.core.signals.rest import ErrorCode
from acord.flags import ChannelFlags, Permissions
from acord.models import ChannelType, MessageType
from acord.sandbox.answers import Json, Refusal, invalid, missing_permissions
from acord.sandbox.calls import Call
from acord.sandbox.world import attachments, messages, notify, thread_state
from acord.sandbox.world.audit import AuditLogActionType, diff, log
from acord.sandbox.world.state import World

__all__ = ["applied_tags", "forget", "remove", "update"]

_OWNERS = frozenset({"name", "archived", "auto_archive_duration", "applied_tags", "invitable"})
"""What the owner of a thread may change without MANAGE_THREADS (Topics > Threads > Editing & Deleting Threads)."""
_METADATA = frozenset({"archived", "locked", "invitable", "auto_archive_duration"})
MOST_PINNED = 1  # threads of a forum


def update(world: World, thread: Json, body: Json, call: Call) -> None:
    """What a request changes; 50013 for whom it is not, 50083 where the thread stays archived."""
    given: Json = {name: value for name, value in body.items() if value is not None or name == "applied_tags"}
    _may(world, thread, given, call.user_id)
    metadata: Json = thread["thread_metadata"]
    before = {**thread, **metadata}
    if metadata["archived"] and given.get("archived") is not False and given.keys() - {"archived", "locked"}:
        raise Refusal(400, ErrorCode.THREAD_ARCHIVED, "Thread is archived")
    if "applied_tags" in given:
        thread["applied_tags"] = applied_tags(world, thread["parent_id"], given["applied_tags"] or [], call.user_id)
    for name in ("name", "rate_limit_per_user"):
        if name in given:
            thread[name] = given[name]
    if "flags" in given:
        _pin(world, thread, given["flags"])
    if {"auto_archive_duration", "archived"} & given.keys():
        metadata["archive_timestamp"] = world.time()
    for name in _METADATA - {"archived"}:
        if name in given and (name != "invitable" or thread["type"] == ChannelType.PRIVATE_THREAD):
            metadata[name] = given[name]
    if given.get("archived") is False and metadata["archived"]:
        thread_state.unarchive(world, thread)
    else:
        if given.get("archived"):
            thread_state.archive(world, thread)
        if before != {**thread, **metadata}:
            thread_state.updated(world, thread)
    if changes := diff(before, {**thread, **metadata}):
        log(
            world,
            world.guild(thread["guild_id"]),
            call,
            AuditLogActionType.THREAD_UPDATE,
            thread["id"],
            changes=changes,
        )
    if before["name"] != thread["name"]:
        kind = MessageType.CHANNEL_NAME_CHANGE
        said = messages.system(world, thread, world.user(call.user_id), kind, content=thread["name"])
        messages.publish(world, said)


def applied_tags(world: World, parent_id: str, given: list[str], user_id: str | None) -> list[str]:
    """50035 for a tag that the forum has not, 40066 for a moderated one of somebody who does not moderate."""
    parent = world.channels[parent_id]
    there = {one["id"]: one for one in parent.get("available_tags", ())}
    for index, one in enumerate(given):
        if str(one) not in there:
            raise invalid(f"applied_tags.{index}", "Unknown tag", "BASE_TYPE_CHOICES")
        moderates = user_id is not None and Permissions.MANAGE_THREADS in world.permissions(user_id, parent)
        if there[str(one)]["moderated"] and not moderates:
            raise Refusal(403, ErrorCode.NO_TAGS_FOR_NON_MODERATORS, "There are no tags available to non-moderators")
    return [str(one) for one in dict.fromkeys(given)]


def remove(world: World, thread: Json) -> None:
    """The thread is gone, and those who saw it are told."""
    data = {key: thread[key] for key in ("id", "guild_id", "parent_id", "type")}
    notify.in_channel(world, "THREAD_DELETE", thread, data)
    forget(world, thread)


def forget(world: World, channel: Json) -> None:
    """Take away a channel or thread with its messages and members, without telling."""
    for message in world.messages.pop(channel["id"], {}).values():
        attachments.forget(world, channel["id"], message["attachments"])
        world.reactions.pop(message["id"], None)
        world.more.get("votes", {}).pop(message["id"], None)
    world.thread_members.pop(channel["id"], None)
    world.more.get("pins", {}).pop(channel["id"], None)
    world.channels.pop(channel["id"], None)


def _may(world: World, thread: Json, given: Json, user_id: str) -> None:
    has = world.permissions(user_id, thread)
    if Permissions.MANAGE_THREADS in has:
        return
    locked = thread["thread_metadata"]["locked"]
    if given == {"archived": False} and not locked:
        world.need(user_id, thread, Permissions.SEND_MESSAGES_IN_THREADS)
        return
    if user_id != thread["owner_id"] or given.keys() - _OWNERS or (locked and given != {"archived": False}):
        raise missing_permissions()


def _pin(world: World, thread: Json, flags: int) -> None:
    parent = world.channels[thread["parent_id"]]
    if parent["type"] not in (ChannelType.GUILD_FORUM, ChannelType.GUILD_MEDIA):
        return
    pinned = int(ChannelFlags.PINNED)
    others = [one for one in world.channels.values() if one.get("parent_id") == parent["id"] and one is not thread]
    if flags & pinned and sum(bool(one["flags"] & pinned) for one in others) >= MOST_PINNED:
        text = f"Maximum number of pinned threads in a forum channel has been reached ({MOST_PINNED})"
        raise Refusal(400, ErrorCode.MAX_PINNED_FORUM_THREADS, text)
    thread["flags"] = thread["flags"] & ~pinned | flags & pinned
