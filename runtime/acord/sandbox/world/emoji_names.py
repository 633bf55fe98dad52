"""Emojis as they stand in paths and requests, and which are known."""

import re

from acord.sandbox.answers import Json, unknown
from acord.sandbox.world.state import World

__all__ = ["custom_emoji", "emoji_key", "emoji_of", "partial"]

_CUSTOM = re.compile(r"(?:<?a?:)?(\w{1,32}):(\d{1,20})>?")


def custom_emoji(world: World, emoji_id: str) -> tuple[Json, str | None] | None:
    """A custom emoji and its guild's id, None for that of an application's; None where there is none."""
    for guild in world.guilds.values():
        if emoji_id in guild.emojis:
            return guild.emojis[emoji_id], guild.id
    for emojis in world.more.get("application_emojis", {}).values():
        if emoji_id in emojis:
            return emojis[emoji_id], None
    return None


def emoji_of(world: World, text: str) -> tuple[Json, str | None]:
    """The emoji of a path (``%F0%9F%94%A5`` decoded, ``name:id``) and its guild's id; 10014 where it is none."""
    if found := _CUSTOM.fullmatch(text):
        emoji = custom_emoji(world, found[2])
        if emoji is None:
            raise unknown("emoji")
        return partial(emoji[0]), emoji[1]
    if not text or len(text) > 32 or not any(ord(letter) > 0xA0 for letter in text) or any(map(str.isalpha, text)):
        raise unknown("emoji")
    return {"id": None, "name": text}, None


def partial(emoji: Json) -> Json:
    """What a reaction or an answer of a poll says of an emoji."""
    shown: Json = {"id": emoji["id"], "name": emoji["name"]}
    if emoji.get("animated"):
        shown["animated"] = True
    return shown


def emoji_key(emoji: Json) -> str:
    """The emoji as it stands in a path."""
    return f"{emoji['name']}:{emoji['id']}" if emoji["id"] else str(emoji["name"])
