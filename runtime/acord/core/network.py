"""Sockets and a pool for httpcore's connections: its own cost more than the request, the more the larger the pool.

Its stock network (httpcore 1.0 over anyio) asks the operating system about each idle connection before every request;
here the event loop tells when one ends.  Its stock pool looks at every connection for every other one, twice a request.
"""

import asyncio
import functools
import ipaddress
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import zip_longest
from typing import Any, Final, cast

import httpcore

from acord.core.slots import read_less

__all__ = ["Network", "Pool"]

_READ_AHEAD: Final = 256 << 10  # bytes that lie here unread before the sender has to wait
_HEAD_START: Final = 0.25  # seconds after which the next address is tried, too (RFC 8305)


class Pool:
    """Connections as httpcore's ``pool`` makes them, each for one request at a time (HTTP/1.1).

    A request gets the connection that was used last, or a new one: how many there may be is its caller's business.
    Whatever goes wrong, a cancellation included, ends the connection that it went wrong on.
    """

    def __init__(self, pool: Any) -> None:
        pool._network_backend = Network()
        self._pool = pool
        self._idle: dict[tuple[bytes, bytes, int], deque[Any]] = {}
        self._busy: set[Any] = set()

    async def handle_async_request(self, request: Any) -> Any:
        origin = request.url.origin
        key = origin.scheme, origin.host, origin.port
        connection = await self._take(key)
        if connection is None:
            connection = self._pool.create_connection(origin)
        self._busy.add(connection)
        try:
            response = await connection.handle_async_request(request)
        except BaseException:
            await self._give(key, connection)
            raise
        response.stream = _Body(response.stream, functools.partial(self._give, key, connection))
        return response

    async def _take(self, key: tuple[bytes, bytes, int]) -> Any:
        idle = self._idle.get(key, ())
        while idle and idle[0].has_expired():
            await idle.popleft().aclose()
        while idle:
            connection = idle.pop()
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    async def _give(self, key: tuple[bytes, bytes, int], connection: Any) -> None:
        if connection not in self._busy:
            return
        self._busy.discard(connection)
        if connection.is_available():
            self._idle.setdefault(key, deque()).append(connection)
        else:
            await connection.aclose()

    async def aclose(self) -> None:
        for connection in [*self._busy, *(one for idle in self._idle.values() for one in idle)]:
            await connection.aclose()
        self._busy.clear()
        self._idle.clear()


class _Body:
    """The body of an answer; gives the connection back when it is closed."""

    def __init__(self, stream: Any, give: Callable[[], Awaitable[None]]) -> None:
        self._stream, self._give = stream, give

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            await self._give()


class Network(httpcore.AsyncNetworkBackend):
    """Makes connections.  Failures are httpcore's exceptions, with what the system said as their cause."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> "_Stream":
        try:
            async with asyncio.timeout(timeout):
                stream = await _dial(host, port, local_address)
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(str(exc)) from exc
        except OSError as exc:
            raise httpcore.ConnectError(str(exc)) from exc
        for option in socket_options or ():
            stream.transport.get_extra_info("socket").setsockopt(*option)
        return stream

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def _dial(host: str, port: int, local: str | None) -> "_Stream":
    """The first address of ``host`` that answers; each has a head start of a quarter of a second over the next."""
    loop = asyncio.get_running_loop()

    async def connect(address: str) -> _Stream:
        here = None if local is None else (local, 0)
        return (await loop.create_connection(_Stream, address, port, local_addr=here))[1]

    addresses = await _addresses(host, port)
    if len(addresses) == 1:
        return await connect(addresses[0])
    # Not create_connection's happy_eyeballs_delay: where that is cancelled it leaves sockets open (Python 3.11).
    running: set[asyncio.Task[_Stream]] = set()
    tried: list[asyncio.Task[_Stream]] = []
    found: _Stream | None = None
    try:
        for number, address in enumerate(addresses, 1):
            tried.append(loop.create_task(connect(address)))
            running.add(tried[-1])
            while running and found is None:
                patience = _HEAD_START if number < len(addresses) else None
                done, running = await asyncio.wait(running, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                if not done:
                    break
                found = next((task.result() for task in done if task.exception() is None), None)
            if found is not None:
                return found
        error = tried[0].exception()
        assert error is not None
        raise error
    finally:
        for task in running:
            task.cancel()
        for result in await asyncio.gather(*tried, return_exceptions=True):
            if isinstance(result, _Stream) and result is not found:
                result.transport.abort()


async def _addresses(host: str, port: int) -> list[str]:
    """Where ``host`` is, the families taking turns."""
    if _is_address(host):
        return [host]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not found:
        raise OSError("no address for this name")
    first = [cast("str", where[0]) for family, *_, where in found if family == found[0][0]]
    rest = [cast("str", where[0]) for family, *_, where in found if family != found[0][0]]
    return [address for pair in zip_longest(first, rest) for address in pair if address is not None]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Stream(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """One connection."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._held = 0  # bytes in _chunks
        self._ended = False
        self._lost: Exception | None = None
        self._news: asyncio.Future[None] | None = None  # a reader waits for bytes or the end
        self._room: asyncio.Future[None] | None = None  # a writer waits until the peer has taken some

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        read_less(transport)

    def data_received(self, data: bytes) -> None:
        self._chunks.append(data)
        self._held += len(data)
        if self._held >= _READ_AHEAD:
            self.transport.pause_reading()
        _resolve(self._news)

    def eof_received(self) -> None:
        self._ended = True
        _resolve(self._news)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended, self._lost = True, exc
        _resolve(self._news)
        self.resume_writing()

    def pause_writing(self) -> None:
        if self._room is None:
            self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        room, self._room = self._room, None
        _resolve(room)

    # What httpcore calls

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if not self._chunks and not self._ended:
            self._news = asyncio.get_running_loop().create_future()
            try:
                if timeout is None:
                    await self._news
                else:
                    async with asyncio.timeout(timeout):
                        await self._news
            except TimeoutError as exc:
                raise httpcore.ReadTimeout(str(exc)) from exc
            finally:
                self._news = None
        if not self._chunks:
            if self._lost is not None:
                raise httpcore.ReadError(str(self._lost)) from self._lost
            return b""
        chunk = self._chunks.popleft()
        if len(chunk) > max_bytes:
            self._chunks.appendleft(chunk[max_bytes:])
            chunk = chunk[:max_bytes]
        was_full = self._held >= _READ_AHEAD
        self._held -= len(chunk)
        if was_full and self._held < _READ_AHEAD and not self.transport.is_closing():
            self.transport.resume_reading()
        return chunk

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._lost is not None or self.transport.is_closing():
            raise httpcore.WriteError("the connection has ended") from self._lost
        self.transport.write(buffer)
        if self._room is None:
            return
        try:
            async with asyncio.timeout(timeout):
                # Shielded: the same future stands for the connection until it is written out.
                await asyncio.shield(self._room)
        except TimeoutError as exc:
            raise httpcore.WriteTimeout(str(exc)) from exc
        if self._lost is not None:
            raise httpcore.WriteError(str(self._lost)) from self._lost

    async def aclose(self) -> None:
        # Whoever closes wants nothing more: what is unsent goes, and no peer can hold this up.
        self.transport.abort()
        await asyncio.sleep(0)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        loop, plain = asyncio.get_running_loop(), self.transport
        try:
            async with asyncio.timeout(timeout):
                secure = await loop.start_tls(plain, self, ssl_context, server_hostname=server_hostname)
        except BaseException as exc:
            plain.abort()
            if isinstance(exc, TimeoutError):
                raise httpcore.ConnectTimeout(str(exc)) from exc
            if isinstance(exc, OSError):  # as are those of `ssl`
                raise httpcore.ConnectError(str(exc)) from exc
            raise
        if secure is None:
            raise httpcore.ConnectError("the connection was closed while agreeing on TLS")
        self.transport = secure
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # asked of a connection that is idle: if so it has ended, or says what nobody asked
            return bool(self._chunks) or self._ended or self.transport.is_closing()
        return self.transport.get_extra_info(_NAMES.get(info, info))


_NAMES: Final = {"client_addr": "sockname", "server_addr": "peername"}


def _resolve(future: "asyncio.Future[None] | None") -> None:
    if future is not None and not future.done():
        future.set_result(None)
