"""A gateway on loopback whose connections follow scripts: for what no Discord would say.

async def script(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.send(0, {"content": "hi"}, s=2, t="MESSAGE_CREATE")
    await peer.close(4000)

async with scripted_gateway(script) as server:
    ...
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from websockets.frames import Opcode

from acord.core import etf
from acord.sandbox.gateway.forms import Form, text_of
from acord.sandbox.wire.peer import Peer
from acord.sandbox.wire.port import Port
from acord.sandbox.wire.socket import Socket

__all__ = ["GatewayPeer", "GatewayScript", "Gone", "ScriptedGateway", "scripted_gateway"]


class Gone(Exception):
    """The client has gone."""

    def __init__(self, code: int | None) -> None:
        self.code = code
        super().__init__(f"the client has gone with {code}")


class GatewayPeer:
    """One connection, from the server's side."""

    def __init__(self, server: "ScriptedGateway", peer: Peer) -> None:
        self.server = server
        self.socket = Socket(peer)
        self._peer = peer
        self._messages: AsyncIterator[str | bytes] | None = None
        self._form: Form | None = None

    @property
    def target(self) -> str:
        return self.socket.target

    @property
    def headers(self) -> dict[str, str]:
        return self.socket.headers

    @property
    def query(self) -> dict[str, str]:
        return dict(self.socket.query)

    # Opening

    async def handshake(self, *, status: int = 101, headers: dict[str, str] | None = None, body: str = "") -> None:
        """Read the upgrade, and accept it or answer with something else."""
        await self.socket.handshake(status=status, headers=headers, body=body)

    # Sending

    async def send(self, op: int, d: object = None, s: int | None = None, t: str | None = None) -> None:
        """One gateway message, in the encoding and compression that the client asked for."""
        await self._sent(*self.form.write(op, text_of(d), s, t))

    async def send_message(self, plain: bytes) -> None:
        """Bytes in the place of a message, compressed as messages are."""
        await self._sent(*self.form.pack(plain))

    async def _sent(self, data: bytes, text: bool) -> None:
        if (code := self.socket.closed_with) is not None:
            raise Gone(code)
        self.socket.send(data, text)
        await self.socket.drain()

    @property
    def form(self) -> Form:
        """How this connection's messages are written; one compressor for all of them."""
        if self._form is None:
            self._form = Form(self.query.get("encoding", "json"), self.query.get("compress"))
        return self._form

    def compressed(self, plain: bytes) -> bytes:
        """The bytes of one message, as the connection's compressor goes on."""
        return self.form.pack(plain)[0]

    async def frame(self, opcode: Opcode, data: bytes, *, fin: bool = True) -> None:
        """One WebSocket frame, sound or not."""
        self.socket.frame(opcode, data, fin=fin)
        await self.socket.drain()

    async def raw(self, data: bytes) -> None:
        self.socket.raw(data)
        await self.socket.drain()

    # Receiving

    async def receive(self) -> dict[str, Any]:
        """The client's next payload.  Raises `Gone`."""
        if self._messages is None:
            self._messages = self.socket.messages()
        async for message in self._messages:
            payload: dict[str, Any] = etf.unpack(message) if isinstance(message, bytes) else json.loads(message)
            self.server.payloads.append(payload)
            return payload
        raise Gone(self.socket.closed_with)

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
        raise AssertionError("no payload has the opcode -1")

    # Going

    async def close(self, code: int) -> None:
        self.socket.close(code)
        await self.socket.drain()

    async def drop(self) -> None:
        self.socket.abort()
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


GatewayScript: TypeAlias = Callable[[GatewayPeer], Awaitable[None]]


class ScriptedGateway:
    """A running gateway, and what it was told."""

    def __init__(self, scripts: tuple[GatewayScript, ...]) -> None:
        self._scripts = scripts
        self._port = Port(self._serve)
        self.peers: list[GatewayPeer] = []
        self.payloads: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"ws://{self._port.authority}"

    def sent(self, op: int) -> list[Any]:
        """The bodies of all payloads of this opcode, over all connections."""
        return [payload["d"] for payload in self.payloads if payload["op"] == op]

    async def start(self) -> None:
        await self._port.start()

    async def close(self) -> None:
        """Ends every connection; raises what a script failed with."""
        await self._port.close()

    async def _serve(self, peer: Peer) -> None:
        script = self._scripts[min(len(self.peers), len(self._scripts) - 1)]
        self.peers.append(GatewayPeer(self, peer))
        try:
            await script(self.peers[-1])
        except Gone:
            pass


@asynccontextmanager
async def scripted_gateway(*scripts: GatewayScript) -> AsyncGenerator[ScriptedGateway, None]:
    """A gateway whose connections follow the scripts in turn, those after the last one the last one.

    Leaving the block ends every connection, and raises what a script failed with.
    """
    server = ScriptedGateway(scripts)
    await server.start()
    try:
        yield server
    finally:
        await server.close()
