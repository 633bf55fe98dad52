"""Frames of a gateway connection, and what nobody can do them without; no library but msgspec is needed."""

import json
import random
import zlib
from time import process_time
from typing import Any

import msgspec

USER = {"id": "80351110224678912", "username": "mina", "discriminator": "0", "avatar": None, "global_name": "Mina"}
MEMBER = {
    "roles": ["41771983423143936", "41771983423143937"],
    "joined_at": "2015-04-26T06:26:56.936000+00:00",
    "deaf": False,
    "mute": False,
    "nick": None,
    "avatar": None,
    "premium_since": None,
    "flags": 0,
    "pending": False,
    "communication_disabled_until": None,
}
MESSAGE = {
    "id": "334385199974967042",
    "type": 0,
    "content": "Supa Hot",
    "channel_id": "290926798999357250",
    "guild_id": "290926798626357999",
    "author": USER,
    "member": MEMBER,
    "attachments": [],
    "embeds": [],
    "mentions": [],
    "mention_roles": [],
    "pinned": False,
    "mention_everyone": False,
    "tts": False,
    "timestamp": "2017-07-11T17:27:07.299000+00:00",
    "edited_timestamp": None,
    "flags": 0,
    "components": [],
    "nonce": "334385199974967000",
}
TYPING = {
    "channel_id": "290926798999357250",
    "guild_id": "290926798626357999",
    "user_id": "80351110224678912",
    "timestamp": 1499794027,
    "member": MEMBER | {"user": USER},
}
DELETE = {"id": "334385199974967042", "channel_id": "290926798999357250", "guild_id": "290926798626357999"}

# What people say most often.
TEXT = "the of and to in is you that it he was for on are as with his they at be this have from or one had by word but"
WORDS = TEXT.split()


def varied(body: Any, chance: random.Random) -> Any:
    """The same with other ids, times and texts: what repeats itself costs zlib nothing, and no guild does."""
    if isinstance(body, dict):
        return {key: _other(key, value, chance) for key, value in body.items()}
    return body


def _other(key: str, value: Any, chance: random.Random) -> Any:
    if key == "content":
        return " ".join(chance.choices(WORDS, k=chance.randrange(3, 30)))
    if key in ("id", "nonce"):
        return str(chance.getrandbits(60))
    if key in ("channel_id", "guild_id", "user_id"):
        return str(290926798626357999 + chance.randrange(200) * 7919 * 2**24)
    if key == "timestamp" and isinstance(value, str):
        return (
            f"2026-07-{chance.randrange(10, 29)}T{chance.randrange(10, 24)}:27:07.{chance.randrange(100, 999)}000+00:00"
        )
    if key == "username":
        return chance.choice(WORDS) + str(chance.randrange(1000))
    return varied(value, chance)


def frame(deflate: Any, op: int, d: object, s: int | None = None, t: str | None = None) -> bytes:
    """One message of a zlib stream."""
    message = json.dumps({"t": t, "s": s, "op": op, "d": d}, separators=(",", ":")).encode()
    data: bytes = deflate.compress(message) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return data


def frames(name: str, body: object, count: int) -> list[bytes]:
    """So many events of this name, numbered from 1."""
    deflate, chance = zlib.compressobj(), random.Random(7)
    return [frame(deflate, 0, varied(body, chance), s, name) for s in range(1, count + 1)]


def floor(name: str, body: object, count: int) -> float:
    """Seconds for an event: inflate, envelope."""

    class Envelope(msgspec.Struct, gc=False):
        op: int
        d: msgspec.Raw = msgspec.Raw(b"null")
        s: int | None = None
        t: str | None = None

    read, decompress = msgspec.json.Decoder(Envelope).decode, zlib.decompressobj().decompress
    made = frames(name, body, count)
    begun = process_time()
    for one in made:
        read(decompress(one))
    return (process_time() - begun) / count
