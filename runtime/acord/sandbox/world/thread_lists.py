"""Threads are listed: the active ones of a guild, the archived ones of a channel, those that fit a search."""

from collections.abc import Callable, Iterable
from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.flags import ChannelFlags, Permissions
from acord.models import ChannelType
from acord.sandbox.answers import Json, Refusal
from acord.sandbox.calls import Call
from acord.sandbox.world import messages, shown, thread_state
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.ids import moment
from acord.sandbox.world.state import THREADS, World

__all__: list[str] = []

PAGE = 50
_PUBLIC = frozenset({ChannelType.PUBLIC_THREAD, ChannelType.ANNOUNCEMENT_THREAD})
_PRIVATE = frozenset({ChannelType.PRIVATE_THREAD})


@handles("get_active_guild_threads")
def get_active_guild_threads(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    there = [one for one in world.channels.values() if one["type"] in THREADS and one["guild_id"] == guild.id]
    found = [one for one in there if thread_state.is_active(one) and _sees(world, call, one)]
    return _answer(world, call, sorted(found, key=lambda one: -int(one["id"])), more=False)


@handles("list_public_archived_threads")
def list_public_archived_threads(world: World, call: Call) -> Json:
    world.need(call.user_id, _channel(world, call), Permissions.READ_MESSAGE_HISTORY)
    return _by_time(world, call, _archived(world, call, _PUBLIC))


@handles("list_private_archived_threads")
def list_private_archived_threads(world: World, call: Call) -> Json:
    needed = Permissions.READ_MESSAGE_HISTORY, Permissions.MANAGE_THREADS
    world.need(call.user_id, _channel(world, call), *needed)
    return _by_time(world, call, _archived(world, call, _PRIVATE))


@handles("list_my_private_archived_threads")
def list_my_private_archived_threads(world: World, call: Call) -> Json:
    world.need(call.user_id, _channel(world, call), Permissions.READ_MESSAGE_HISTORY)
    mine = [
        one
        for one in _archived(world, call, _PRIVATE)
        if call.user_id in world.thread_members.get(one["id"], {})
        and ("before" not in call.query or int(one["id"]) < int(call.query["before"]))
    ]
    return _page(world, call, sorted(mine, key=lambda one: -int(one["id"])))


@handles("thread_search")
def thread_search(world: World, call: Call) -> Json:
    channel = _channel(world, call)
    if channel["type"] not in (ChannelType.GUILD_FORUM, ChannelType.GUILD_MEDIA):
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    world.need(call.user_id, channel, Permissions.READ_MESSAGE_HISTORY)
    query = call.query
    there = [one for one in world.channels.values() if one.get("parent_id") == channel["id"] and _fits(one, call)]
    there.sort(key=_SORTED.get(query.get("sort_by", ""), _last), reverse=query.get("sort_order") != "asc")
    there.sort(key=lambda one: not one["flags"] & ChannelFlags.PINNED)
    offset, limit = query.get("offset", 0), query.get("limit", 25)
    found = there[offset : offset + limit]
    firsts = [world.messages[one["id"]].get(one["id"]) for one in found]
    answer = _answer(world, call, found, more=len(there) > offset + limit)
    answer["total_results"] = len(there)
    answer["first_messages"] = [messages.view(world, one, call.user_id) for one in firsts if one is not None]
    return answer


def _fits(thread: Json, call: Call) -> bool:
    query = call.query
    if query.get("name") and query["name"].lower() not in thread["name"].lower():
        return False
    if "archived" in query and bool(query["archived"]) is thread_state.is_active(thread):
        return False
    if int(thread["id"]) <= int(query.get("min_id", -1)):
        return False
    if "max_id" in query and int(thread["id"]) >= int(query["max_id"]):
        return False
    wanted: list[str] | str = query.get("tag") or []
    tags = {wanted} if isinstance(wanted, str) else set(map(str, wanted))
    if not tags:
        return True
    both = tags & set(thread.get("applied_tags", ()))
    return both == tags if query.get("tag_setting") == "match_all" else bool(both)


def _last(thread: Json) -> int:
    return int(thread["last_message_id"] or thread["id"])


def _made(thread: Json) -> int:
    return int(thread["id"])


def _when(thread: Json) -> str:
    return str(thread["thread_metadata"]["archive_timestamp"])


_SORTED: dict[str, Callable[[Json], Any]] = {"archive_time": _when, "creation_time": _made}
"""By ``sort_by``; everything else goes by the last message."""


def _channel(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    if "guild_id" not in channel or channel["type"] in THREADS:
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    return channel


def _archived(world: World, call: Call, kinds: Iterable[int]) -> list[Json]:
    there = [one for one in world.channels.values() if one.get("parent_id") == call.path["channel_id"]]
    return [one for one in there if one["type"] in kinds and not thread_state.is_active(one)]


def _by_time(world: World, call: Call, threads: list[Json]) -> Json:
    before = call.query.get("before")
    found = [one for one in threads if before is None or _when(one) < moment(before)]
    return _page(world, call, sorted(found, key=_when, reverse=True))


def _page(world: World, call: Call, found: list[Json]) -> Json:
    limit = call.query.get("limit", PAGE)
    return _answer(world, call, found[:limit], more=len(found) > limit)


def _answer(world: World, call: Call, found: list[Json], *, more: bool) -> Json:
    """Threads without one's own membership, which is listed beside them."""
    mine = [one for one in found if call.user_id in world.thread_members.get(one["id"], {})]
    return {
        "threads": [shown.channel(world, one, None) for one in found],
        "members": [shown.thread_member(world, one, call.user_id) for one in mine],
        "has_more": more,
    }


def _sees(world: World, call: Call, channel: Json) -> bool:
    return Permissions.VIEW_CHANNEL in world.permissions(call.user_id, channel)
