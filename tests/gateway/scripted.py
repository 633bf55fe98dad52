"""A scripted gateway on loopback: websockets' sans-I/O server, and raw bytes where no honest server would send them."""

import asyncio
import json
import logging
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from acord.core import etf

_silent = logging.Logger("scripted", logging.CRITICAL)  # Identify is a frame: only the client's own logs are looked at

Script = Callable[["Peer"], Awaitable[None]]


class Gone(Exception):
    """The client has gone."""

    def __init__(self, code: int | None) -> None:
        self.code = code
        super().__init__(f"the client has gone with {code}")


class Peer:
    """One connection, from the server's side."""

    def __init__(self, server: "Server", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.target = ""
        self.headers: dict[str, str] = {}
        self.received: list[dict[str, Any]] = []
        self.tcp = writer
        self._reader = reader
        self._core = ServerProtocol(max_size=None, logger=_silent)
        self._deflate = zlib.compressobj()
        self._zstd: Any = None

    @property
    def query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.target).query).items()}

    # Opening

    async def handshake(self, *, status: int = 101, headers: dict[str, str] | None = None, body: str = "") -> None:
        """Read the upgrade, and accept it or answer with something else."""
        while True:
            self._core.receive_data(await self._reader.read(65536) or b"")
            for event in self._core.events_received():
                if isinstance(event, Request):
                    self.target, self.headers = event.path, dict(event.headers.raw_items())
                    response = self._core.accept(event) if status == 101 else self._core.reject(status, body)
                    response.headers.update(headers or {})
                    self._core.send_response(response)
                    await self.flush()
                    return

    # Sending

    async def send(self, op: int, d: object = None, s: int | None = None, t: str | None = None) -> None:
        """One gateway message, in the encoding and compression that the client asked for."""
        message = {"op": op, "d": d, "s": s, "t": t}
        plain = etf.pack(message) if self.query.get("encoding") == "etf" else json.dumps(message).encode()
        await self.send_message(plain)

    async def send_message(self, plain: bytes) -> None:
        if self._core.close_rcvd is not None:
            raise Gone(self._core.close_rcvd.code)
        compress = self.query.get("compress")
        if compress is None:
            binary = self.query.get("encoding") == "etf"
            (self._core.send_binary if binary else self._core.send_text)(plain)
        else:
            self._core.send_binary(self.compressed(plain))
        await self.flush()

    def compressed(self, plain: bytes) -> bytes:
        if self.query.get("compress") == "zlib-stream":
            return self._deflate.compress(plain) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        if self._zstd is None:
            from backports import zstd  # type: ignore[import-not-found, unused-ignore]

            self._zstd = zstd.ZstdCompressor()
        data: bytes = self._zstd.compress(plain, mode=self._zstd.FLUSH_BLOCK)
        return data

    async def frame(self, opcode: Opcode, data: bytes, *, fin: bool = True) -> None:
        """One WebSocket frame, sound or not."""
        self.tcp.write(Frame(opcode, data, fin).serialize(mask=False))
        await self.tcp.drain()

    async def raw(self, data: bytes) -> None:
        self.tcp.write(data)
        await self.tcp.drain()

    async def flush(self) -> None:
        for data in self._core.data_to_send():
            if data:
                self.tcp.write(data)
            elif self.tcp.can_write_eof():
                self.tcp.write_eof()
        await self.tcp.drain()

    # Receiving

    async def receive(self) -> dict[str, Any]:
        """The client's next payload.  Raises `Gone`."""
        while not self.received:
            data = await self._reader.read(65536)
            if data:
                self._core.receive_data(data)
            else:
                self._core.receive_eof()
            await self.flush()
            for event in self._core.events_received():
                if isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.BINARY):
                    raw = bytes(event.data)
                    payload = etf.unpack(raw) if event.opcode is Opcode.BINARY else json.loads(raw)
                    self.server.payloads.append(payload)
                    self.received.append(payload)
            if not self.received:
                if self._core.close_rcvd is not None:
                    raise Gone(self._core.close_rcvd.code)
                if not data:
                    raise Gone(None)
        return self.received.pop(0)

    async def expect(self, op: int) -> Any:
        """The body of the next payload of this opcode; heartbeats on the way are acknowledged."""
        while True:
            payload = await self.receive()
            if payload["op"] == op:
                return payload["d"]
            if payload["op"] == 1:
                await self.send(11)

    async def gone(self) -> int | None:
        """Wait until the client goes, acknowledging heartbeats: its close code."""
        try:
            await self.expect(-1)
        except Gone as gone:
            return gone.code

    # Going

    async def close(self, code: int) -> None:
        self._core.send_close(code)
        await self.flush()

    async def drop(self) -> None:
        self.tcp.transport.abort()
        await asyncio.sleep(0)

    # Usual beginnings

    async def hello(self, interval_ms: object = 41_250) -> None:
        await self.handshake()
        await self.send(10, {"heartbeat_interval": interval_ms})

    async def ready(self, *, s: int = 1, session_id: str = "abc") -> Any:
        """Hello, Identify, READY: the Identify."""
        await self.hello()
        identify = await self.expect(2)
        await self.send(0, {"session_id": session_id, "resume_gateway_url": self.server.url}, s, "READY")
        return identify

    async def resume(self, *events: int) -> Any:
        """Hello, Resume, these events, RESUMED: the Resume."""
        await self.hello()
        resume = await self.expect(6)
        for s in events:
            await self.send(0, {"n": s}, s, "EVENT")
        await self.send(0, {}, max((resume["seq"], *events)) + 1, "RESUMED")
        return resume


class Server:
    def __init__(self) -> None:
        self.url = ""
        self.peers: list[Peer] = []
        self.payloads: list[dict[str, Any]] = []
        self.errors: list[BaseException] = []

    def sent(self, op: int) -> list[Any]:
        """The bodies of all payloads of this opcode, over all connections."""
        return [payload["d"] for payload in self.payloads if payload["op"] == op]


@asynccontextmanager
async def gateway(*scripts: Script) -> AsyncIterator[Server]:
    """A gateway whose connections follow the scripts in turn, those after the last one the last one."""
    server = Server()
    tasks: set[asyncio.Task[Any]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        peer = Peer(server, reader, writer)
        script = scripts[min(len(server.peers), len(scripts) - 1)]
        server.peers.append(peer)
        try:
            await script(peer)
        except (Gone, OSError, asyncio.CancelledError):
            pass
        except BaseException as exc:
            server.errors.append(exc)
        finally:
            writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()[:2]
    server.url = f"ws://{host}:{port}"
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if server.errors:
        raise server.errors[0]
