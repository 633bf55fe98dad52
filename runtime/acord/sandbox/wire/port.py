"""One port on loopback: accepts connections, keeps count of them, and ends them all."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from acord.sandbox.wire.peer import HEAD, Peer

__all__ = ["Port"]


class Port:
    """Serves every connection by ``serve`` until it is closed.

    ``serve`` returns, or raises OSError or IncompleteReadError, when a connection is over; whatever else it
    raises is kept in `errors`, and closing raises the first of them: a fault of the server is no client's fault.
    """

    def __init__(
        self,
        serve: Callable[[Peer], Awaitable[None]],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``port`` 0 takes a free one. ValueError where ``host`` is not an address of this machine alone."""
        if not ip_address(host).is_loopback:
            raise ValueError(f"host {host!r} can be reached from outside; a sandbox listens on 127.0.0.1 or ::1")
        self._serve = serve
        self._host, self._wanted, self._tls = host, port, tls
        self._server: asyncio.Server | None = None
        self._tasks = set[asyncio.Task[None]]()
        self.number = 0
        """The port, once it is open."""
        self.connections = 0
        """How many there have been."""
        self.open = 0
        """How many there are."""
        self.errors: list[BaseException] = []

    @property
    def authority(self) -> str:
        """``127.0.0.1:4000``"""
        return f"[{self._host}]:{self.number}" if ":" in self._host else f"{self._host}:{self.number}"

    @property
    def secure(self) -> bool:
        return self._tls is not None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, self._host, self._wanted, ssl=self._tls, limit=HEAD)
        self.number = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Ends every connection; raises what a connection's service failed with."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.errors:
            raise self.errors[0]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        try:
            await self._serve(Peer(reader, writer, self.connections))
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            pass
        except BaseException as exc:
            self.errors.append(exc)
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.transport.abort()
