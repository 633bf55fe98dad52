"""Stickers in a message: which may be sent, and what the message says of them."""

from collections.abc import Sequence

from acord.core.signals.rest import ErrorCode
from acord.sandbox.answers import Json, Refusal
from acord.sandbox.world.state import World

__all__ = ["standard_packs", "sticker_items"]

PACK: Json = {
    "id": "810000000000000001",
    "sku_id": "810000000000000002",
    "name": "Acorns",
    "description": "What lies under an oak.",
    "cover_sticker_id": "810000000000000003",
    "stickers": [
        {
            "id": str(810000000000000003 + index),
            "name": name,
            "tags": f"{name.lower()}, acorn",
            "type": 1,
            "format_type": 1,
            "description": f"An acorn says {name.lower()}",
            "pack_id": "810000000000000001",
            "sort_value": index + 1,
        }
        for index, name in enumerate(("Hello", "Thanks", "Sleep"))
    ],
}


def standard_packs() -> list[Json]:
    """The packs that everybody may use."""
    return [PACK]


def sticker_items(world: World, channel: Json, ids: Sequence[str]) -> list[Json]:
    """50081 for what is no sticker, 50600 for one of another guild."""
    return [_item(_found(world, channel, str(one))) for one in dict.fromkeys(ids)]


def _found(world: World, channel: Json, sticker_id: str) -> Json:
    for guild in world.guilds.values():
        if sticker_id in guild.stickers:
            if guild.id != channel.get("guild_id"):
                raise Refusal(403, ErrorCode.CANNOT_SEND_STICKER, "You do not have permission to send this sticker.")
            return guild.stickers[sticker_id]
    for pack in standard_packs():
        for one in pack["stickers"]:
            if one["id"] == sticker_id:
                found: Json = one
                return found
    raise Refusal(400, ErrorCode.INVALID_STICKER, "Invalid sticker sent")


def _item(sticker: Json) -> Json:
    return {"id": sticker["id"], "name": sticker["name"], "format_type": sticker["format_type"]}
