"""Frames of a gateway connection, and what nobody can do them without; no library but msgspec is needed.

    python benchmarks/gateway_frames.py EVENT COUNT

serves so many such events on a port of loopback, which it prints, to each who connects.
"""

import asyncio
import base64
import hashlib
import json
import random
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
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

GUILD = json.loads((Path(__file__).parent / "data" / "guild_create.json").read_text())
GUILD["members"] = [GUILD["members"][at % len(GUILD["members"])] for at in range(286)]  # fourteen such: 4,000 members
PRESENCE = {
    "user": {"id": "80351110224678912"},
    "guild_id": "290926798626357999",
    "status": "online",
    "activities": [
        {
            "id": "ec0b28a579ecb4bd",
            "name": "A game of chess",
            "type": 0,
            "state": "Against the harbour master",
            "created_at": 1785153247000,
            "timestamps": {"start": 1785153247000},
        }
    ],
    "client_status": {"desktop": "online"},
}
REACTION = {
    "user_id": "80351110224678912",
    "channel_id": "290926798999357250",
    "message_id": "334385199974967042",
    "guild_id": "290926798626357999",
    "member": MEMBER | {"user": USER},
    "emoji": {"id": None, "name": "+1"},
    "message_author_id": "80351110224678912",
    "burst": False,
    "type": 0,
}
VOICE = {
    "channel_id": "290926798999357250",
    "guild_id": "290926798626357999",
    "user_id": "80351110224678912",
    "member": MEMBER | {"user": USER},
    "session_id": "90326bd25d71d39b9ef95b299e3872ff",
    "deaf": False,
    "mute": False,
    "self_deaf": False,
    "self_mute": True,
    "self_video": False,
    "suppress": False,
    "request_to_speak_timestamp": None,
}
KINDS: dict[str, dict[str, Any]] = {
    "MESSAGE_CREATE": MESSAGE,
    "TYPING_START": TYPING,
    "MESSAGE_DELETE": DELETE,
    "GUILD_CREATE": GUILD,
}
BODIES = KINDS | {"PRESENCE_UPDATE": PRESENCE, "MESSAGE_REACTION_ADD": REACTION, "VOICE_STATE_UPDATE": VOICE}
BUSY = "a busy guild"
"""Of a hundred events there, what a bot with all intents gets: an assumption, nobody publishes such figures."""
SHARES = {
    "PRESENCE_UPDATE": 50,
    "TYPING_START": 15,
    "MESSAGE_CREATE": 15,
    "MESSAGE_REACTION_ADD": 8,
    "VOICE_STATE_UPDATE": 7,
    "MESSAGE_DELETE": 5,
}


def several(name: str, count: int) -> int:
    """So many events take about as long as `count` messages."""
    return max(14, count // 200) if name == "GUILD_CREATE" else count


GUILDS = [290926798626357999 + at * 7919 * 2**24 for at in range(200)]  # where events happen
CHANNELS = 5  # of each guild, with the ids after its own


def guilds() -> list[dict[str, Any]]:
    """Those guilds as a bot gets them before anything happens there."""
    return [
        {
            **GUILD,
            "id": str(one),
            "members": [],
            "threads": [],
            "presences": [],
            "channels": [_channel(one, at) for at in range(CHANNELS)],
        }
        for one in GUILDS
    ]


def _channel(guild: int, at: int) -> dict[str, Any]:
    return {
        "id": str(guild + 1 + at),
        "type": 0,
        "name": f"channel-{at}",
        "position": at,
        "permission_overwrites": [],
        "nsfw": False,
        "parent_id": None,
        "topic": None,
        "last_message_id": None,
        "rate_limit_per_user": 0,
    }


# What people say most often.
TEXT = "the of and to in is you that it he was for on are as with his they at be this have from or one had by word but"
WORDS = TEXT.split()


def varied(body: Any, chance: random.Random) -> Any:
    """The same with other ids, times and texts: what repeats itself costs zlib nothing, and no guild does."""
    guild = chance.choice(GUILDS)
    channel = guild + 1 + chance.randrange(CHANNELS)
    made = _varied(body, chance, {"guild_id": str(guild), "channel_id": str(channel)})
    if "user_id" in made:
        made["user_id"] = made["member"]["user"]["id"]
    return made


def _varied(body: Any, chance: random.Random, place: dict[str, str]) -> Any:
    if isinstance(body, dict):
        return {key: _other(key, value, chance, place) for key, value in body.items()}
    return body


def _other(key: str, value: Any, chance: random.Random, place: dict[str, str]) -> Any:
    if key == "content":
        return " ".join(chance.choices(WORDS, k=chance.randrange(3, 30)))
    if key in ("id", "nonce"):
        return str(chance.getrandbits(60))
    if key in place:
        return place[key]
    if key == "timestamp" and isinstance(value, str):
        return (
            f"2026-07-{chance.randrange(10, 29)}T{chance.randrange(10, 24)}:27:07.{chance.randrange(100, 999)}000+00:00"
        )
    if key == "username":
        return chance.choice(WORDS) + str(chance.randrange(1000))
    return _varied(value, chance, place)


def frame(deflate: Any, op: int, d: object, s: int | None = None, t: str | None = None) -> bytes:
    """One message of a zlib stream."""
    message = json.dumps({"t": t, "s": s, "op": op, "d": d}, separators=(",", ":")).encode()
    data: bytes = deflate.compress(message) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return data


def names(name: str, count: int) -> list[str]:
    """So many events: of this name, or those of a busy guild."""
    if name == BUSY:
        return random.Random(5).choices([*SHARES], [*SHARES.values()], k=count)
    return [name] * count


def bodies(name: str, count: int, seed: int = 7) -> list[Any]:
    """What so many of them carry."""
    chance = random.Random(seed)
    return [varied(BODIES[one], chance) for one in names(name, count)]


def frames(name: str, count: int) -> list[bytes]:
    """So many events, numbered from 1, each with its own of `names` and `bodies`."""
    deflate, made = zlib.compressobj(), zip(names(name, count), bodies(name, count), strict=True)
    return [frame(deflate, 0, body, s, one) for s, (one, body) in enumerate(made, 1)]


MOST = (64 << 20) + 1  # bytes of a message: nobody may read from the network without a bound


def envelope() -> Callable[[bytes], Any]:
    """msgspec's reader of an envelope, which leaves its body alone."""

    class Envelope(msgspec.Struct, gc=False):
        op: int
        d: msgspec.Raw = msgspec.Raw(b"null")
        s: int | None = None
        t: str | None = None

    return msgspec.json.Decoder(Envelope).decode


def floor(made: list[bytes], call: Callable[[Any], object] | None = None) -> float:
    """Seconds for an event: inflate, within the bound, and the envelope; and a call with it, where one is given."""
    read, decompress = envelope(), zlib.decompressobj().decompress
    begun = process_time()
    if call is not None:
        for one in made:
            call(read(decompress(one, MOST)))
        return (process_time() - begun) / len(made)
    for one in made:
        read(decompress(one, MOST))
    return (process_time() - begun) / len(made)


def websocket(payload: bytes) -> bytes:
    """The payload as a server's frame."""
    if len(payload) < 126:
        return bytes((0x82, len(payload))) + payload
    if len(payload) < 65536:
        return b"\x82\x7e" + struct.pack("!H", len(payload)) + payload
    return b"\x82\x7f" + struct.pack("!Q", len(payload)) + payload


async def serve(name: str, count: int) -> None:
    """Hello and READY, and on any text from the client that names one the events after it, 50 in one write."""
    deflate, chance = zlib.compressobj(), random.Random(7)
    made = [websocket(frame(deflate, 10, {"heartbeat_interval": 600_000}))]
    made.append(websocket(frame(deflate, 0, {"session_id": "x", "v": 10}, 1, "READY")))
    made += [websocket(frame(deflate, 0, varied(BODIES[name], chance), s, name)) for s in range(2, count + 2)]

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(
            line.split(":", 1)[1].strip() for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key")
        )
        accept = base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        writer.write(made[0])
        await reader.read(4096)  # Identify
        writer.write(made[1])
        await asyncio.sleep(0.2)  # what comes before is not measured
        for at in range(2, len(made), 50):
            writer.write(b"".join(made[at : at + 50]))
            await writer.drain()
        await reader.read(4096)
        writer.close()

    server = await asyncio.start_server(client, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
