"""What a thread is made of: its members, whether it is archived, and who is told when that changes."""

from acord.flags import ChannelFlags, Permissions
from acord.sandbox.answers import Json
from acord.sandbox.world import notify, shown
from acord.sandbox.world.state import World

__all__ = ["archive", "is_active", "join", "leave", "listeners", "unarchive", "updated"]

MOST_SHOWN = 50  # member_count stops there (Topics > Threads > Thread Fields)


def is_active(thread: Json) -> bool:
    return not thread["thread_metadata"]["archived"]


def unarchive(world: World, thread: Json) -> None:
    """Members are told of the thread and of their membership, in this order. Nothing where it is active."""
    if is_active(thread):
        return
    thread["thread_metadata"] |= {"archived": False, "archive_timestamp": world.time()}
    updated(world, thread)
    for user_id in world.thread_members[thread["id"]]:
        data = shown.thread_member(world, thread, user_id)
        notify.in_channel(world, "THREAD_MEMBER_UPDATE", thread, data, users=frozenset({user_id}))


def archive(world: World, thread: Json) -> None:
    """Archiving takes the pin away as well."""
    thread["thread_metadata"] |= {"archived": True, "archive_timestamp": world.time()}
    thread["flags"] &= ~int(ChannelFlags.PINNED)


def updated(world: World, thread: Json) -> None:
    notify.in_channel(world, "THREAD_UPDATE", thread, shown.channel(world, thread, None))


def join(world: World, thread: Json, *user_ids: str, tell: bool = True) -> bool:
    """False where they all are in it already."""
    members = world.thread_members.setdefault(thread["id"], {})
    new = [one for one in dict.fromkeys(user_ids) if one not in members]
    if not new:
        return False
    for user_id in new:
        members[user_id] = {"id": thread["id"], "user_id": user_id, "join_timestamp": world.time(), "flags": 0}
    thread["member_count"] = min(len(members), MOST_SHOWN)
    if not tell:
        return True
    guild = world.guilds[thread["guild_id"]]
    added: list[Json] = []
    for user_id in new:
        one = shown.thread_member(world, thread, user_id, with_member=True)
        one["presence"] = guild.presences.get(user_id)
        added.append(one)
        # Whoever comes in may never have heard of the thread.
        known = shown.channel(world, thread, user_id)
        notify.in_channel(world, "THREAD_CREATE", thread, known, users=frozenset({user_id}))
    data: Json = {"id": thread["id"], "member_count": thread["member_count"], "added_members": added}
    notify.in_channel(world, "THREAD_MEMBERS_UPDATE", thread, data)
    return True


def leave(world: World, thread: Json, user_id: str) -> bool:
    """False where they were not in it."""
    members = world.thread_members.get(thread["id"], {})
    if members.pop(user_id, None) is None:
        return False
    thread["member_count"] = min(len(members), MOST_SHOWN)
    data: Json = {"id": thread["id"], "member_count": thread["member_count"], "removed_member_ids": [user_id]}
    # Who leaves a private thread does not see it any more, and is told all the same.
    told = listeners(world, thread) | {user_id}
    notify.in_channel(world, "THREAD_MEMBERS_UPDATE", thread, data, users=told)
    return True


def listeners(world: World, channel: Json) -> frozenset[str]:
    """The bots and people of the guild who see the channel."""
    guild = world.guilds[channel["guild_id"]]
    return frozenset(one for one in guild.members if Permissions.VIEW_CHANNEL in world.permissions(one, channel))
