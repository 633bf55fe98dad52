"""An HTTP server on loopback that does what a script says, and nothing else: for faults that no Discord has.

async with scripted(on_head(send("HTTP/1.1 200"), cut), answer(200, {"id": "1"})) as server:
    ...
"""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from acord.sandbox.faults import Script, Step
from acord.sandbox.wire.peer import Peer, Received
from acord.sandbox.wire.port import Port

__all__ = ["Scripted", "scripted"]


class Scripted:
    """A running server, and what it has seen."""

    def __init__(self, scripts: tuple[Script | Step, ...], *, host: str, tls: ssl.SSLContext | None) -> None:
        self.scripts = tuple(one if isinstance(one, Script) else Script((one,)) for one in scripts)
        self.turn = 0
        """How many scripts have begun."""
        self.seen: list[Received] = []
        self._port = Port(self._serve, host=host, tls=tls)

    @property
    def url(self) -> str:
        return f"http{'s' if self._port.secure else ''}://{self._port.authority}"

    @property
    def port(self) -> int:
        return self._port.number

    @property
    def connections(self) -> int:
        return self._port.connections

    @property
    def open(self) -> int:
        """Connections now."""
        return self._port.open

    async def start(self) -> None:
        await self._port.start()

    async def close(self) -> None:
        """Ends every connection; raises what a script failed with."""
        await self._port.close()

    def _next(self) -> Script:
        return self.scripts[min(self.turn, len(self.scripts) - 1)]

    async def _serve(self, peer: Peer) -> None:
        if self._next().at == "connect":
            await self._play(peer)
            return
        while not peer.gone:
            await peer.read_head()
            self.seen.append(peer.request)
            if self._next().at == "request":
                await peer.read_body()
            await self._play(peer)

    async def _play(self, peer: Peer) -> None:
        script = self._next()
        self.turn += 1
        for step in script.steps:
            await step(peer)


@asynccontextmanager
async def scripted(
    *scripts: Script | Step, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncGenerator[Scripted, None]:
    """A server that plays the scripts in turn, one for each request, the last one for ever; a step is a script, too.

    Leaving the block ends every connection, and raises what a script failed with.
    """
    server = Scripted(scripts, host=host, tls=tls)
    await server.start()
    try:
        yield server
    finally:
        await server.close()
