"""A very small Discord on this machine, for the examples: it keeps the messages of one channel in memory."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

__all__ = ["BOT", "CHANNEL", "GUILD", "Loopback", "loopback"]

BOT, CHANNEL, GUILD = "1180000000000000001", "1180000000000000002", "1180000000000000003"
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)

USER: dict[str, Any] = {
    "id": BOT,
    "username": "acorn",
    "discriminator": "0",
    "global_name": "Acorn",
    "avatar": None,
    "public_flags": 0,
    "flags": 0,
    "bot": True,
    "primary_guild": None,
}
ME: dict[str, Any] = {**USER, "mfa_enabled": True, "locale": "en-US"}
CHANNEL_OBJECT: dict[str, Any] = {
    "id": CHANNEL,
    "type": 0,
    "guild_id": GUILD,
    "name": "general",
    "topic": "where the demo talks",
    "position": 0,
    "flags": 0,
    "nsfw": False,
    "parent_id": None,
    "last_message_id": None,
    "rate_limit_per_user": 0,
    "permission_overwrites": [],
}


@dataclass
class Loopback:
    """Where it listens, and what it was asked."""

    url: str = ""
    requests: list[str] = field(default_factory=list[str])
    messages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """Status and JSON for a request; the path lies below ``/api/v<n>``."""
        for verb, pattern, handle in _ROUTES:
            if verb == method and (match := re.fullmatch(pattern, path)):
                return handle(self, match.groups(), query, body)
        return 404, {"message": "404: Not Found", "code": 0}

    def me(self, values: tuple[str, ...], query: dict[str, str], body: Any) -> tuple[int, Any]:
        return 200, ME

    def channel(self, values: tuple[str, ...], query: dict[str, str], body: Any) -> tuple[int, Any]:
        if values[0] != CHANNEL:
            return 404, {"message": "Unknown Channel", "code": 10003}
        last = self.messages[-1]["id"] if self.messages else None
        return 200, {**CHANNEL_OBJECT, "last_message_id": last}

    def guilds(self, values: tuple[str, ...], query: dict[str, str], body: Any) -> tuple[int, Any]:
        return 200, [{"id": GUILD, "name": "The oak", "icon": None, "owner": False, "permissions": "0", "features": []}]

    def listed(self, values: tuple[str, ...], query: dict[str, str], body: Any) -> tuple[int, Any]:
        known = [m for m in self.messages if int(m["id"]) < int(query.get("before", 1 << 63))]
        return 200, known[::-1][: int(query.get("limit", 50))]

    def created(self, values: tuple[str, ...], query: dict[str, str], body: Any) -> tuple[int, Any]:
        if values[0] != CHANNEL:
            return 404, {"message": "Unknown Channel", "code": 10003}
        now = datetime.now(UTC)
        number = int((now - EPOCH).total_seconds() * 1000) << 22 | len(self.messages)
        message = {
            "id": str(number),
            "channel_id": values[0],
            "type": 0,
            "content": body.get("content", ""),
            "author": USER,
            "timestamp": now.isoformat(timespec="microseconds"),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [{"type": "rich", "content_scan_version": 0, **embed} for embed in body.get("embeds", [])],
            "components": [],
            "pinned": False,
            "flags": 0,
        }
        self.messages.append(message)
        return 200, message

    def deleted(self, values: tuple[str, ...], query: dict[str, str], body: Any) -> tuple[int, Any]:
        for message in self.messages:
            if message["id"] == values[1]:
                self.messages.remove(message)
                return 204, None
        return 404, {"message": "Unknown Message", "code": 10008}

    def unreleased(self, values: tuple[str, ...], query: dict[str, str], body: Any) -> tuple[int, Any]:
        return 200, {"seen": query, "mood": "promising"}


Handler = Callable[[Loopback, tuple[str, ...], dict[str, str], Any], tuple[int, Any]]
_ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/users/@me", Loopback.me),
    ("GET", "/users/@me/guilds", Loopback.guilds),
    ("GET", r"/channels/(\d+)", Loopback.channel),
    ("GET", r"/channels/(\d+)/messages", Loopback.listed),
    ("POST", r"/channels/(\d+)/messages", Loopback.created),
    ("DELETE", r"/channels/(\d+)/messages/(\d+)", Loopback.deleted),
    ("GET", r"/channels/(\d+)/brand-new-thing", Loopback.unreleased),
]


@asynccontextmanager
async def loopback() -> AsyncGenerator[Loopback, None]:
    """Serve on a free port of this machine until the block ends; ``url`` is what BASE_API_URL should be."""
    discord = Loopback()
    open_ones: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones[asyncio.current_task()] = writer
        try:
            while True:
                await _serve_one(discord, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
        finally:
            del open_ones[asyncio.current_task()]

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    discord.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api"
    try:
        yield discord
    finally:
        server.close()
        for writer in open_ones.values():
            writer.close()
        await asyncio.gather(*(task for task in open_ones if task))


async def _serve_one(discord: Loopback, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    method, target, _ = head.split(" ")
    discord.requests.append(f"{method} {target}")
    url = urlsplit(target)
    if headers.get("authorization", "").startswith("Bot "):
        path = re.sub(r"^/api/v\d+", "", url.path)
        status, value = discord.answer(method, path, dict(parse_qsl(url.query)), json.loads(raw or "null"))
    else:
        status, value = 401, {"message": "401: Unauthorized", "code": 0}
    body = b"" if value is None else json.dumps(value).encode()
    writer.write(
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    await writer.drain()
