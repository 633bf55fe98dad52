"""The server's end of a WebSocket: sound frames by websockets' sans-I/O core, and whatever else by hand."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from acord.sandbox.wire.peer import Peer

__all__ = ["Socket"]

_silent = logging.Logger("acord.sandbox.socket", logging.CRITICAL)  # what the core would log holds tokens
MESSAGE = 1024 * 1024
"""Bytes that a client's message may have here: Discord's own bound (4096) is the session's to enforce."""

_BAD = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Socket:
    """One WebSocket. Nothing here waits for the client, but `messages` and `drain`."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.target = ""
        self.headers: dict[str, str] = {}
        self.latency: float | None = None
        """Seconds from the newest `ping` to its answer."""
        self._pinged = 0.0
        self._core = ServerProtocol(max_size=MESSAGE, logger=_silent)

    @property
    def query(self) -> Mapping[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def closed_with(self) -> int | None:
        """The client's close code, if it has sent one."""
        return None if self._core.close_rcvd is None else self._core.close_rcvd.code

    async def handshake(self, *, status: int = 101, headers: Mapping[str, str] | None = None, body: str = "") -> None:
        """Accept the upgrade that `Peer.read_head` has read (or read it), or answer with something else."""
        data = self.peer.request.raw
        while True:
            self._core.receive_data(data or await self.peer.reader.read(1 << 16))
            for event in self._core.events_received():
                if isinstance(event, Request):
                    self.target, self.headers = event.path, dict(event.headers.raw_items())
                    response = self._core.accept(event) if status == 101 else self._core.reject(status, body)
                    response.headers.update(headers or {})
                    self._core.send_response(response)
                    self.flush()
                    return
            if self._core.handshake_exc is not None:
                self.raw(b"".join(self._core.data_to_send()) or _BAD)
                raise ConnectionResetError
            if not data and self.peer.reader.at_eof():
                raise ConnectionResetError
            data = b""

    # Sending

    def send(self, data: bytes, text: bool) -> None:
        """One message."""
        if self._core.state is State.OPEN and not self.peer.gone:
            (self._core.send_text if text else self._core.send_binary)(data)
            self.flush()

    def frame(self, opcode: Opcode, data: bytes, *, fin: bool = True) -> None:
        """One frame, sound or not."""
        self.raw(Frame(opcode, data, fin).serialize(mask=False))

    def raw(self, data: bytes) -> None:
        """Bytes, whatever they mean."""
        if not self.peer.gone:
            self.peer.writer.write(data)

    def ping(self) -> None:
        if self._core.state is State.OPEN and not self.peer.gone:
            self._pinged = asyncio.get_running_loop().time()
            self._core.send_ping(b"")
            self.flush()

    def close(self, code: int, reason: str = "") -> None:
        if self._core.state is State.OPEN and not self.peer.gone:
            self._core.send_close(code, reason)
            self.flush()

    def cut(self) -> None:
        """The connection ends (FIN) without a closing frame."""
        self.peer.writer.close()

    def abort(self) -> None:
        """The connection breaks without a word."""
        self.peer.writer.transport.abort()

    def flush(self) -> None:
        for data in self._core.data_to_send():
            if data:
                self.raw(data)
            elif self.peer.writer.can_write_eof() and not self.peer.gone:
                self.peer.writer.write_eof()

    async def drain(self) -> None:
        """Wait until the client has taken most of what was sent."""
        await self.peer.writer.drain()

    # Receiving

    async def messages(self) -> AsyncIterator[str | bytes]:
        """What the client says, until it has gone: then `closed_with` is its close code, None where it sent none."""
        whole = bytearray()
        text = False
        while True:
            data = await self.peer.reader.read(1 << 16)
            if data:
                self._core.receive_data(data)
            else:
                self._core.receive_eof()
            self.flush()
            for event in self._core.events_received():
                if isinstance(event, Frame) and event.opcode is Opcode.PONG:
                    self.latency = asyncio.get_running_loop().time() - self._pinged
                if not isinstance(event, Frame) or event.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                    continue
                if event.opcode is not Opcode.CONT:
                    text = event.opcode is Opcode.TEXT
                whole += event.data
                if event.fin:
                    message = bytes(whole)
                    whole.clear()
                    yield message.decode("utf-8", "replace") if text else message
            if not data or self._core.close_rcvd is not None:
                return
            await asyncio.sleep(0)
