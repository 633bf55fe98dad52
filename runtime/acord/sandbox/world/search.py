"""The search through the messages of a guild."""

import re
from collections.abc import Callable
from typing import Any

from acord.flags import Permissions
from acord.sandbox.answers import Json
from acord.sandbox.calls import Call
from acord.sandbox.world import messages, shown
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import THREADS, World

__all__: list[str] = []

PAGE = 25
_LINK = re.compile(r"https?://([^\s/<>]+)")


@handles("guild_search")
def guild_search(world: World, call: Call) -> Json:
    """What was found newest first, each in a list of its own as Discord has it, since it once had its neighbours."""
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    query = dict(call.query)
    wanted = set(map(str, query.get("channel_id") or ()))
    found: list[Json] = []
    for channel in world.channels.values():
        if channel.get("guild_id") != guild.id or (wanted and channel["id"] not in wanted):
            continue
        needed = Permissions.VIEW_CHANNEL | Permissions.READ_MESSAGE_HISTORY
        if needed not in world.permissions(call.user_id, channel) or not _shows(world, channel, query):
            continue
        found += [one for one in world.messages.get(channel["id"], {}).values() if _fits(one, query)]
    if answered := set(map(str, query.get("replied_to_user_id") or ())):
        found = [one for one in found if _answered(world, one) in answered]
    found.sort(key=lambda one: int(one["id"]), reverse=query.get("sort_order") != "asc")
    offset, limit = query.get("offset", 0), query.get("limit", PAGE)
    shown_ = found[offset : offset + limit]
    threads = [world.channels[one] for one in dict.fromkeys(message["channel_id"] for message in shown_)]
    threads = [one for one in threads if one["type"] in THREADS]
    mine = [one for one in threads if call.user_id in world.thread_members.get(one["id"], {})]
    return {
        "messages": [[{**_without_reactions(world, one, call.user_id), "hit": True}] for one in shown_],
        "doing_deep_historical_index": False,
        "total_results": len(found),
        "threads": [shown.channel(world, one, None) for one in threads],
        "members": [shown.thread_member(world, one, call.user_id) for one in mine],
    }


def _without_reactions(world: World, message: Json, viewer: str) -> Json:
    seen = messages.view(world, message, viewer)
    seen.pop("reactions", None)
    return seen


def _shows(world: World, channel: Json, query: Json) -> bool:
    home = world.channels.get(str(channel.get("parent_id")), {}) if channel["type"] in THREADS else channel
    return bool(query.get("include_nsfw")) or not home.get("nsfw")


def _fits(message: Json, query: Json) -> bool:
    return all(test(message, query[name]) for name, test in _TESTS.items() if query.get(name) not in (None, []))


def _content(message: Json, text: str) -> bool:
    said = message["content"].lower()
    return all(word in said for word in text.lower().split())


def _author_type(message: Json, kinds: list[str]) -> bool:
    kind = "webhook" if "webhook_id" in message else "bot" if message["author"].get("bot") else "user"
    return _either(kinds, lambda one: one == kind)


def _has(message: Json, kinds: list[str]) -> bool:
    types = [str(one.get("content_type")) for one in message["attachments"]]
    has = {
        "link": bool(_LINK.search(message["content"])),
        "embed": bool(message["embeds"]),
        "file": bool(types),
        "image": any(one.startswith("image/") for one in types),
        "video": any(one.startswith("video/") for one in types),
        "sound": any(one.startswith("audio/") for one in types),
        "sticker": bool(message.get("sticker_items")),
        "poll": "poll" in message,
        "snapshot": "message_snapshots" in message,
    }
    return _either(kinds, lambda one: has.get(one, False))


def _either(kinds: list[str], is_one: Callable[[str], bool]) -> bool:
    """One of the wanted kinds, where there are any, and none of those with a minus."""
    wanted = [one for one in kinds if not one.startswith("-")]
    unwanted = [one[1:] for one in kinds if one.startswith("-")]
    return (not wanted or any(map(is_one, wanted))) and not any(map(is_one, unwanted))


def _ids(several: list[Json]) -> set[str]:
    return {str(one["id"]) for one in several}


def _answered(world: World, message: Json) -> str | None:
    """Whose message this one is a reply to."""
    there = world.messages.get(message["channel_id"], {}).get(_reference(message))
    return None if there is None else str(there["author"]["id"])


def _reference(message: Json) -> str:
    return str(message.get("message_reference", {}).get("message_id"))


_TESTS: dict[str, Callable[[Json, Any], bool]] = {
    "content": _content,
    "author_id": lambda message, ids: message["author"]["id"] in set(map(str, ids)),
    "author_type": _author_type,
    "mentions": lambda message, ids: bool(_ids(message["mentions"]) & set(map(str, ids))),
    "mentions_role_id": lambda message, ids: bool(set(message["mention_roles"]) & set(map(str, ids))),
    "replied_to_message_id": lambda message, ids: _reference(message) in set(map(str, ids)),
    "mention_everyone": lambda message, wanted: message["mention_everyone"] is bool(wanted),
    "min_id": lambda message, one: int(message["id"]) > int(one),
    "max_id": lambda message, one: int(message["id"]) < int(one),
    "has": _has,
    "pinned": lambda message, wanted: message["pinned"] is bool(wanted),
    "link_hostname": lambda message, hosts: bool(set(_LINK.findall(message["content"])) & set(hosts)),
    "embed_provider": lambda message, names: any(
        one.get("provider", {}).get("name") in names for one in message["embeds"]
    ),
    "embed_type": lambda message, kinds: any(one["type"] in kinds for one in message["embeds"]),
    "attachment_filename": lambda message, names: any(one["filename"] in names for one in message["attachments"]),
    "attachment_extension": lambda message, ends: any(
        one["filename"].rpartition(".")[2] in ends for one in message["attachments"]
    ),
}
"""By the name of a parameter: whether a message fits it."""
