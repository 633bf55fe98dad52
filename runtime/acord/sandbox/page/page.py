"""The page's own addresses: itself, its stream of news, and what its buttons do."""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from msgspec import DecodeError, json

from acord.core.signals.gateway import Opcode
from acord.sandbox.answers import Answer, Json, Refusal
from acord.sandbox.page.actions import Wrong, act
from acord.sandbox.page.snapshot import sections
from acord.sandbox.people import Interaction
from acord.sandbox.recorder import Entry, Request
from acord.sandbox.rest.origins import from_elsewhere
from acord.sandbox.wire.answering import write
from acord.sandbox.wire.peer import Peer, Received

if TYPE_CHECKING:
    from acord.sandbox.sandbox import Sandbox

__all__ = ["PATH", "Page"]

PATH = "/_sandbox"
CALM = 0.05
"""Seconds in which news is gathered before it is sent."""
KEPT = 500
"""Entries that a browser which does not read may be behind."""
OLD = 200
"""Entries that a browser is told when it comes."""
PING = 5.0
"""Seconds between measurements of latency while somebody looks."""


class Page:
    """Serves everything below ``/_sandbox``."""

    def __init__(self, discord: "Sandbox") -> None:
        self._discord = discord
        self._streams: set[asyncio.Event] = set()
        self.open: dict[str, Interaction] = {}
        """What was begun on the page and may still be answered with a modal, by id."""

    def follow(self, interaction: Interaction) -> None:
        """The page shows the modal with which this is answered, if it is."""
        self.open[str(interaction.id)] = interaction
        while len(self.open) > KEPT:
            del self.open[next(iter(self.open))]
        interaction.watch(self._stir)

    def _stir(self) -> None:
        for stirred in self._streams:
            stirred.set()

    def _modal(self) -> Json | None:
        """The newest that nobody has answered yet."""
        for key, interaction in reversed(self.open.items()):
            if (modal := interaction.record["modal"]) is not None:
                user = str(interaction.user_id)
                return {"id": key, "user": user, "title": modal["title"], "components": modal["components"]}
        return None

    async def serve(self, peer: Peer, seen: Received) -> None:
        try:
            from_elsewhere(seen.headers)
            match seen.method, seen.target.partition("?")[0].removeprefix(PATH):
                case "GET", "" | "/":
                    await write(peer, _page())
                case "GET", "/stream":
                    await self._stream(peer)
                case "POST", "/do":
                    await write(peer, self._do(seen))
                case _:
                    await write(peer, Answer(404, {"error": "there is nothing here"}))
        except Refusal as refusal:
            await write(peer, Answer(refusal.status, {"error": refusal.message}))

    def _do(self, seen: Received) -> Answer:
        origin, host = seen.headers.get("origin"), seen.headers.get("host", "")
        # Another page on this machine is not this one; what is no browser says no origin.
        if origin is not None and origin.partition("://")[2] != host:
            return Answer(403, {"error": "this page's buttons are its own"})
        if not seen.headers.get("content-type", "").startswith("application/json"):
            return Answer(415, {"error": "say it in JSON, with Content-Type: application/json"})
        try:
            asked = json.decode(seen.body, type=dict[str, Any])
            return Answer(200, act(self._discord, self, asked) or {})
        except (Wrong, DecodeError) as exc:
            return Answer(400, {"error": str(exc)})
        except Refusal as refusal:
            return Answer(400, {"error": refusal.message, "errors": refusal.errors})

    async def _stream(self, peer: Peer) -> None:
        discord = self._discord
        peer.writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
            b"X-Content-Type-Options: nosniff\r\n\r\nretry: 1000\n\n"
        )
        news: asyncio.Queue[Entry] = asyncio.Queue(KEPT)
        stirred = asyncio.Event()
        for entry in list(discord.record.entries)[-OLD:]:
            news.put_nowait(entry)

        def told(entry: Entry) -> None:
            if news.full():
                news.get_nowait()
            news.put_nowait(entry)
            stirred.set()

        def changed(_: object) -> None:
            stirred.set()

        self._streams.add(stirred)
        unwatch = discord.record.watch(told)
        discord.world.listeners.append(changed)
        shown: dict[str, bytes] = {}
        try:
            while not peer.gone:
                self._tell_state(peer, shown)
                while not news.empty():
                    _tell(peer, "entry", _shown(news.get_nowait()))
                await peer.writer.drain()
                with suppress(TimeoutError):
                    async with asyncio.timeout(PING):
                        await stirred.wait()
                        await asyncio.sleep(CALM)
                stirred.clear()
                for conversation in discord.conversations.values():
                    conversation.ping()
                peer.writer.write(b": still here\n\n")
        finally:
            unwatch()
            self._streams.discard(stirred)
            discord.world.listeners.remove(changed)

    def _tell_state(self, peer: Peer, shown: dict[str, bytes]) -> None:
        for section, value in (*sections(self._discord), ("modal", self._modal())):
            text = json.encode(value)
            if shown.get(section) != text:
                shown[section] = text
                _tell(peer, "state", {"section": section, "value": value})


def _tell(peer: Peer, event: str, data: Any) -> None:
    peer.writer.write(f"event: {event}\ndata: {json.encode(data).decode()}\n\n".encode())


def _shown(entry: Entry) -> Json:
    if isinstance(entry, Request):
        return {"kind": "request", **asdict(entry)}
    name = "" if entry.op is None else Opcode(entry.op).name
    return {"kind": "frame", "name": name, **asdict(entry)}


@cache
def _source() -> str:
    return files("acord.sandbox.page").joinpath("index.html").read_text("utf-8")


def _page() -> Answer:
    """The page asks nobody but where it came from, and runs no script but its own."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Answer(200, _source().replace("{{nonce}}", nonce).encode(), headers, "text/html; charset=utf-8")
