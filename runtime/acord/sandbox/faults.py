"""What can go wrong on a connection, as steps that a script or a fault plays in order.

discord.fault("create_message", faults.answer(503), times=2)
discord.fault("get_channel", faults.reset)
discord.fault("*", faults.send("HTTP/1.1 200 OK\\r\\nContent-Le"), faults.stall(5.0), faults.cut)
"""

import asyncio
import gzip
import math
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from json import dumps
from typing import Any, Literal, NamedTuple, TypeAlias

from acord.sandbox.wire.peer import Peer

__all__ = [
    "Peer", "Script", "Step", "answer", "corrupt", "cut", "drain", "honest", "on_connect", "on_head", "read", "repeat",
    "reset", "send", "shut", "stall", "trickle", "wait_for",
]  # fmt: skip

Step: TypeAlias = Callable[[Peer], Awaitable[None]]


class Script(NamedTuple):
    """Steps, and what has been read of the request when they begin."""

    steps: tuple[Step, ...]
    at: Literal["connect", "head", "request"] = "request"


# Steps


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
    """The same bytes again and again, with a pause of so many seconds after each."""

    async def step(peer: Peer) -> None:
        done = 0
        while done < times and not peer.gone:
            peer.writer.write(piece)
            await peer.writer.drain()
            await asyncio.sleep(every)
            done += 1

    return step


def stall(seconds: float = math.inf) -> Step:
    """Nothing for so many seconds; by default until the server closes."""

    async def step(peer: Peer) -> None:
        await (asyncio.Event().wait() if seconds == math.inf else asyncio.sleep(seconds))

    return step


def wait_for(event: asyncio.Event) -> Step:
    """Nothing until somebody sets it."""

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
    headers: Mapping[str, str | None] | None = None,
    *,
    kind: str = "application/json",
    zipped: bool = False,
) -> Step:
    """An answer: bytes as they are, None for no body, anything else as JSON.

    A header of None takes away one that would have been sent (``Via``, ``Content-Length``, ``Content-Type``).
    """
    raw = b"" if body is None else body if isinstance(body, bytes) else dumps(body).encode()
    lines: dict[str, str | None] = {"Via": "1.1 google"}
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


# Scripts


def honest(*steps: Step) -> Script:
    """Played when the request has been read."""
    return Script(steps)


def on_head(*steps: Step) -> Script:
    """Played when the request's head has been read, its body has not."""
    return Script(steps, "head")


def on_connect(*steps: Step) -> Script:
    """Played as soon as the client is connected."""
    return Script(steps, "connect")
