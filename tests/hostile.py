"""A hostile HTTP server on loopback, driven by a script: it sends what no honest server would, and when it likes.

A script is a few steps, played for one request (or, with `on_connect` and `on_head`, before it has been read).
The scripts of a server are played in turn, the last one for ever.
"""

import asyncio
import gzip
import math
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from json import dumps
from typing import Any, Literal, NamedTuple, TypeAlias

__all__ = [
    "Hostile", "Peer", "Received", "Script", "Step", "answer", "corrupt", "cut", "drain", "hostile", "honest",
    "on_connect", "on_head", "read", "repeat", "reset", "send", "shut", "stall", "trickle", "wait_for",
]  # fmt: skip


@dataclass
class Received:
    """A request as it arrived; the body may be missing where the script did not read it."""

    method: str
    target: str
    headers: dict[str, str]
    connection: int
    body: bytes = b""
    at: float = 0.0
    """By the event loop's clock."""


class Peer:
    """One connection, as a step sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self.reader, self.writer, self.number = reader, writer, number
        self.request = Received("", "", {}, number)

    @property
    def gone(self) -> bool:
        return self.writer.is_closing()


Step: TypeAlias = Callable[[Peer], Awaitable[None]]


class Script(NamedTuple):
    """Steps, and what has been read of the request when they begin."""

    steps: tuple[Step, ...]
    at: Literal["connect", "head", "request"] = "request"


# ---- steps


def send(*pieces: bytes | str) -> Step:
    """These bytes, whatever they mean, each in a segment of its own."""

    async def step(peer: Peer) -> None:
        for piece in pieces:
            peer.writer.write(piece.encode("latin-1") if isinstance(piece, str) else piece)
            await peer.writer.drain()

    return step


def repeat(piece: bytes, times: float = math.inf) -> Step:
    """The same bytes again and again, as fast as they are taken."""

    async def step(peer: Peer) -> None:
        done = 0
        while done < times and not peer.gone:
            peer.writer.write(piece)
            await peer.writer.drain()
            await asyncio.sleep(0)
            done += 1

    return step


def trickle(piece: bytes, every: float, times: float = math.inf) -> Step:
    """The same bytes again and again, with a pause after each."""

    async def step(peer: Peer) -> None:
        done = 0
        while done < times and not peer.gone:
            peer.writer.write(piece)
            await peer.writer.drain()
            await asyncio.sleep(every)
            done += 1

    return step


def stall(seconds: float = math.inf) -> Step:
    """Nothing for so long; without end until the test is over."""

    async def step(peer: Peer) -> None:
        await (asyncio.Event().wait() if seconds == math.inf else asyncio.sleep(seconds))

    return step


def wait_for(event: asyncio.Event) -> Step:
    """Nothing until the test sets it."""

    async def step(peer: Peer) -> None:
        await event.wait()

    return step


def read(count: int) -> Step:
    """So many bytes of the request's body, and no more."""

    async def step(peer: Peer) -> None:
        peer.request.body += await peer.reader.readexactly(count)

    return step


async def drain(peer: Peer) -> None:
    """Whatever the client still sends, until it closes."""
    while await peer.reader.read(1 << 16):
        pass


async def cut(peer: Peer) -> None:
    """The connection ends in order (FIN)."""
    peer.writer.close()


async def shut(peer: Peer) -> None:
    """Nothing more will be sent, but what comes is still taken (half-closed)."""
    peer.writer.write_eof()


async def reset(peer: Peer) -> None:
    """The connection breaks (RST), and what was not read is lost."""
    peer.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.writer.transport.abort()


def answer(
    status: int,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    *,
    kind: str = "application/json",
    zipped: bool = False,
) -> Step:
    """An honest answer: bytes as they are, None for no body, anything else as JSON."""
    raw = b"" if body is None else body if isinstance(body, bytes) else dumps(body).encode()
    lines = {"Via": "1.1 google"}
    if zipped:
        raw = gzip.compress(raw)
        lines["Content-Encoding"] = "gzip"
    if raw:
        lines["Content-Type"] = kind
    lines |= {"Content-Length": str(len(raw)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return send(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode("utf-8", "surrogateescape") + raw)


def corrupt(data: bytes, at: int, mask: int = 0xFF) -> bytes:
    """The data with bits of one byte flipped."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]


# ---- scripts


def honest(*steps: Step) -> Script:
    """Played when the request has been read."""
    return Script(steps)


def on_head(*steps: Step) -> Script:
    """Played when the request's head has been read, its body has not."""
    return Script(steps, "head")


def on_connect(*steps: Step) -> Script:
    """Played as soon as the client is connected."""
    return Script(steps, "connect")


# ---- the server


@dataclass
class Hostile:
    """A running server, and what it has seen."""

    url: str = ""
    scripts: tuple[Script, ...] = ()
    turn: int = 0
    """How many scripts have begun."""
    seen: list[Received] = field(default_factory=list[Received])
    connections: int = 0
    open: int = 0
    """Connections now."""
    errors: list[BaseException] = field(default_factory=list[BaseException])

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def next(self) -> Script:
        return self.scripts[min(self.turn, len(self.scripts) - 1)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        peer = Peer(reader, writer, self.connections)
        try:
            if self.next().at == "connect":
                await self._play(peer)
                return
            while not peer.gone:
                await self._head(peer)
                self.seen.append(peer.request)
                if self.next().at == "request":
                    await _body(peer)
                await self._play(peer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError, ssl.SSLError):
            pass
        except BaseException as exc:
            self.errors.append(exc)
        finally:
            self.open -= 1
            writer.transport.abort()

    async def _play(self, peer: Peer) -> None:
        script = self.next()
        self.turn += 1
        for step in script.steps:
            await step(peer)

    async def _head(self, peer: Peer) -> None:
        head = (await peer.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        now = asyncio.get_running_loop().time()
        peer.request = Received(method, target, headers, peer.number, at=now)


async def _body(peer: Peer) -> None:
    seen = peer.request
    seen.body = await peer.reader.readexactly(int(seen.headers.get("content-length", "0")))
    while seen.headers.get("transfer-encoding") == "chunked":
        size = int(await peer.reader.readline(), 16)
        seen.body += (await peer.reader.readexactly(size + 2))[:-2]
        if not size:
            return


@asynccontextmanager
async def hostile(
    *scripts: Script | Step, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Hostile]:
    """A server that plays the scripts in turn; a single step is a script, too."""
    server = Hostile(scripts=tuple(one if isinstance(one, Script) else Script((one,)) for one in scripts))
    tasks = set[asyncio.Task[Any]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await server.serve(reader, writer)
        finally:
            tasks.discard(task)

    listener = await asyncio.start_server(connected, host, 0, ssl=tls)
    shown = f"[{host}]" if ":" in host else host
    server.url = f"http{'s' if tls else ''}://{shown}:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert [] == server.errors
