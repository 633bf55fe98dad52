"""Settings of guild channels: what a request may say of each kind, and how it is kept."""

from collections.abc import Sequence
from typing import Any

from acord.models import ChannelType
from acord.sandbox.answers import Json, invalid
from acord.sandbox.world.state import Guild, World

__all__ = ["apply", "settings", "tags"]

_TEXT = frozenset({ChannelType.GUILD_TEXT, ChannelType.GUILD_ANNOUNCEMENT})
_POSTS = frozenset({ChannelType.GUILD_FORUM, ChannelType.GUILD_MEDIA})
_VOICE = frozenset({ChannelType.GUILD_VOICE, ChannelType.GUILD_STAGE_VOICE})
_EVERY = frozenset({*_TEXT, *_POSTS, *_VOICE, ChannelType.GUILD_CATEGORY, ChannelType.GUILD_DIRECTORY})

_KINDS: dict[str, frozenset[Any]] = {
    "name": _EVERY,
    "position": _EVERY,
    "parent_id": _EVERY - {ChannelType.GUILD_CATEGORY},
    "topic": _TEXT | _POSTS,
    "nsfw": _TEXT | _POSTS | _VOICE,
    "rate_limit_per_user": _TEXT | _POSTS | _VOICE,
    "bitrate": _VOICE,
    "user_limit": _VOICE,
    "rtc_region": _VOICE,
    "video_quality_mode": _VOICE,
    "default_auto_archive_duration": _TEXT | _POSTS,
    "default_thread_rate_limit_per_user": _TEXT | _POSTS,
    "available_tags": _POSTS,
    "default_reaction_emoji": _POSTS,
    "default_sort_order": _POSTS,
    "default_forum_layout": frozenset({ChannelType.GUILD_FORUM}),
    "default_tag_setting": _POSTS,
    "flags": _POSTS,
}
"""Resources > Channel > Modify Channel: which kinds of channel have a setting; elsewhere it is passed over."""

_NULL: Json = {
    "nsfw": False,
    "rate_limit_per_user": 0,
    "bitrate": 64000,
    "user_limit": 0,
    "available_tags": [],
    "default_forum_layout": 0,
    "flags": 0,
}
"""What null means, where it is not null itself."""
_LEFT_OUT = frozenset({
    "video_quality_mode", "default_auto_archive_duration", "default_thread_rate_limit_per_user", "default_tag_setting"
})  # fmt: skip
"""Settings that a channel does not show while they are null."""
_SHORT_TOPIC = 1024  # characters; 4096 in forum and media channels


def settings(world: World, guild: Guild, kind: int, body: Json) -> Json:
    """What a request sets on a channel of this kind, None for what is to be taken off; 50035 where it does not fit."""
    values: Json = {}
    for name, kinds in _KINDS.items():
        if name not in body or kind not in kinds:
            continue
        value = body[name]
        if value is None and name in ("name", "position"):
            continue
        values[name] = _NULL.get(name) if value is None else value
    if "name" in values:
        values["name"] = _named(kind, values["name"])
    if kind in _TEXT and len(values.get("topic") or "") > _SHORT_TOPIC:
        raise invalid("topic", f"Must be {_SHORT_TOPIC} or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    if values.get("parent_id") is not None:
        values["parent_id"] = _parent(world, guild, str(values["parent_id"]))
    if "available_tags" in values:
        values["available_tags"] = tags(world, values["available_tags"])
    if (emoji := values.get("default_reaction_emoji")) is not None:
        values["default_reaction_emoji"] = {"emoji_id": emoji.get("emoji_id"), "emoji_name": emoji.get("emoji_name")}
    if values.get("bitrate") is not None and values["bitrate"] > 96000 + 128000 * guild.data["premium_tier"]:
        raise invalid("bitrate", "Value is above what the guild's boosts allow.", "NUMBER_TYPE_MAX")
    return values


def apply(channel: Json, values: Json) -> None:
    """Put settings on a channel."""
    for name, value in values.items():
        if value is None and name in _LEFT_OUT:
            channel.pop(name, None)
        else:
            channel[name] = value


def tags(world: World, given: Sequence[Json | None]) -> list[Json]:
    """The tags of a forum; new ones get an id. 50035 where two have one name."""
    kept: list[Json] = [
        {
            "id": str(one["id"]) if one.get("id") else world.ids(),
            "name": one["name"],
            "moderated": bool(one.get("moderated")),
            "emoji_id": one.get("emoji_id"),
            "emoji_name": one.get("emoji_name"),
        }
        for one in given
        if one is not None
    ]
    if len({one["name"] for one in kept}) < len(kept):
        raise invalid("available_tags", "Tag names must be unique", "TAG_NAMES_NOT_UNIQUE")
    return kept


def _named(kind: int, name: str) -> str:
    if kind in _TEXT | _POSTS:
        return "-".join(name.lower().split()) or "-"
    return name.strip() or name


def _parent(world: World, guild: Guild, parent_id: str) -> str:
    parent = world.channels.get(parent_id)
    if parent is None or parent.get("guild_id") != guild.id or parent["type"] != ChannelType.GUILD_CATEGORY:
        raise invalid("parent_id", "Category does not exist", "CHANNEL_PARENT_INVALID")
    if sum(one.get("parent_id") == parent_id for one in world.channels.values()) >= 50:
        raise invalid("parent_id", "Maximum number of channels in category reached (50)", "CHANNEL_PARENT_MAX_CHANNELS")
    return parent_id
