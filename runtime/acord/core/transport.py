"""HTTP transport: how one request reaches a server and its answer comes back.  It decides nothing.

The seam is three methods, `open`, `send` and `close`, and two small types.  Retries, limits, bounds
on bodies, inflating and decoding are the business of `http` and `response`.
"""

import asyncio
import functools
import logging
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Any, Final, Protocol, cast
from urllib.parse import urlsplit

from acord.core.errors import TransportError
from acord.core.exchange import Exchange, quieten
from acord.core.slots import Slots

__all__ = ["HTTPXTransport", "Transport", "TransportRequest", "TransportResponse", "default_tls"]

POOL_SIZE: Final = 32  # requests in flight; httpcore's own cost a request grows with the square of its pool
CONNECT_TIMEOUT: Final = 10.0  # seconds, name resolution and TLS included
KEEPALIVE: Final = 60.0  # seconds a connection may idle
CLOSE_TIMEOUT: Final = 5.0  # seconds that `close` may take, whatever the peers do


class TransportRequest:
    """One request as it goes on the wire.  URL and headers may hold secrets: neither is shown."""

    __slots__ = ("body", "headers", "method", "url")

    def __init__(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | AsyncIterator[bytes] = b"",
    ) -> None:
        self.method, self.url, self.headers, self.body = method, url, headers, body

    def __repr__(self) -> str:
        return f"TransportRequest(method={self.method!r})"


class TransportResponse(Protocol):
    """An answer whose head has arrived.  It must be closed, read or not."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    """As received, in their order, repeated names included."""

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as received (not inflated).  Raises `TransportError` where it breaks off."""
        ...

    async def read(self, most: int) -> bytes:
        """The whole body as received; more than ``most`` bytes where it grows beyond them, and then not its end.

        May be left out: then `chunks` is asked instead, which costs more.
        """
        ...

    async def close(self) -> None:
        """Give the connection back, or drop it where the answer was not read to its end."""
        ...


class Transport(Protocol):
    """What carries requests.  Every failure is a `TransportError` that says whether the request was sent."""

    async def open(self) -> None:
        """Get ready; called once per client, before the first `send`."""
        ...

    async def send(
        self, request: TransportRequest, *, timeout: float | None, deadline: float | None = None
    ) -> TransportResponse:
        """The answer's head.

        ``timeout`` seconds bound the exchange, from the start of sending to the last byte read;
        ``deadline`` seconds from now bound it together with the wait for a free connection.
        """
        ...

    async def close(self) -> None:
        """End every exchange and connection within five seconds."""
        ...


class HTTPXTransport:
    """Any httpx transport behind the seam; httpx's own by default, driven without its client.

    No redirects, no cookies, no environment: proxies, certificates and netrc come from arguments or
    not at all.  Each exchange runs in a task of its own, ended by us at points where that is safe: a
    cancellation inside httpcore 1.0 can leave a connection that is never used nor closed.  Unless a transport was
    given, or HTTP/2 asked for, pool and sockets are ours (`network`): those of httpcore cost more than the request.
    """

    def __init__(
        self,
        connector: Any = None,
        *,
        # Transport
        proxy: str | None = None,
        http2: bool = False,
        verify: ssl.SSLContext | None = None,
        # Policy
        pool_size: int = POOL_SIZE,
        connect_timeout: float = CONNECT_TIMEOUT,
    ) -> None:
        self._connector: Any = connector
        self._owned = connector is None
        self._proxy, self._http2, self._verify = proxy, http2, verify
        self._proxy_name = None if proxy is None else urlsplit(proxy).netloc.rpartition("@")[2]  # no credentials
        self._connect_timeout = connect_timeout
        self._pool_size = pool_size
        # Ours, so that httpcore's queue stays empty: a request that waits there can be lost.
        self._slots = Slots(pool_size)
        self._claims = asyncio.Lock()  # held while an exchange gets its connection from a pool that is not ours
        self._alone = False  # whether the pool is ours, and gives each connection to one exchange alone
        self.running: set[Exchange] = set()
        self._httpx: Any = None

    async def open(self) -> None:
        if self._httpx is not None:
            return
        self._httpx = _library_of(self._connector)
        quieten(self._httpx.__name__)
        if self._connector is None:
            self._connector = self._httpx.AsyncHTTPTransport(
                verify=self._verify or default_tls(self._http2),
                trust_env=False,
                http2=self._http2,
                proxy=self._proxy,
                limits=self._httpx.Limits(
                    max_connections=self._pool_size,
                    max_keepalive_connections=self._pool_size,
                    keepalive_expiry=KEEPALIVE,
                ),
            )
            if not self._http2:
                self._alone = _own_pool(self._connector)

    async def send(
        self, request: TransportRequest, *, timeout: float | None, deadline: float | None = None
    ) -> TransportResponse:
        if self._httpx is None:
            await ready(self.open())
        timeout = await self._slots.take(timeout, deadline)
        try:
            # No local variables for what shows URL and headers: tracebacks may print those.
            exchange = Exchange(
                self._connector,
                self._native(self._httpx, request),
                timeout,
                tells=self._owned,
                claims=self._claims if self._owned and not self._alone else None,
                proxy=self._proxy_name,
                finished=self._finished,
            )
        except BaseException:
            self._slots.give()
            raise
        self.running.add(exchange)
        return await exchange.head()

    async def close(self) -> None:
        self._slots.end()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                for exchange in list(self.running):
                    exchange.abandon()
                if self.running:
                    await asyncio.wait([exchange.task for exchange in self.running])
                if self._owned and self._connector is not None:  # a connector that was given belongs to the giver
                    await self._connector.aclose()
        except TimeoutError:
            _log.warning("%d exchanges did not end within %g s", len(self.running), CLOSE_TIMEOUT)
            for exchange in self.running:
                exchange.task.cancel()
        self._httpx = None
        if self._owned:
            self._connector = None

    def _native(self, library: Any, request: TransportRequest) -> Any:
        body = library.ByteStream(request.body) if isinstance(request.body, bytes) else _upload(library, request.body)
        patience = {"connect": self._connect_timeout, "read": None, "write": None, "pool": None}
        return library.Request(
            request.method, request.url, headers=request.headers, stream=body, extensions={"timeout": patience}
        )

    def _finished(self, exchange: "Exchange") -> None:
        self.running.discard(exchange)
        self._slots.give()


_log = logging.getLogger(__name__)


async def ready(opening: Awaitable[None]) -> None:
    """Loading an HTTP library and certificates takes files, of which no more may be open."""
    try:
        await opening
    except OSError as exc:
        raise TransportError(f"the HTTP library cannot be loaded ({exc.strerror})", outcome="not_sent") from exc


def _library_of(connector: Any) -> Any:
    """httpx, or the continuation of it that ``connector`` comes from."""
    for cls in type(connector).__mro__ if connector is not None else ():
        module = sys.modules.get(cls.__module__.partition(".")[0])
        if hasattr(module, "AsyncBaseTransport") and hasattr(module, "AsyncByteStream"):
            return module
    import httpx

    return httpx


def _own_pool(transport: Any) -> bool:
    """Have httpx's own transport use our pool and sockets, for which it has no argument; whether that was possible."""
    pool = getattr(transport, "_pool", None)
    if not (hasattr(pool, "_network_backend") and hasattr(pool, "create_connection")):
        return False
    from acord.core.network import Pool

    transport._pool = Pool(pool)
    return True


def _upload(library: Any, body: AsyncIterator[bytes]) -> Any:
    return _upload_type(library)(body)


@functools.cache
def _upload_type(library: Any) -> Any:
    """A body that is made while it is sent, as ``library`` wants to be given it."""

    def start(self: Any, body: AsyncIterator[bytes]) -> None:
        self.body = body

    def iterate(self: Any) -> AsyncIterator[bytes]:
        return cast("AsyncIterator[bytes]", self.body)

    async def aclose(self: Any) -> None:
        if hasattr(self.body, "aclose"):
            await self.body.aclose()

    members = {"__init__": start, "__aiter__": iterate, "aclose": aclose}
    return type("Upload", (library.AsyncByteStream,), members)


@functools.cache
def default_tls(http2: bool) -> ssl.SSLContext:  # one a protocol: httpcore writes the protocol into it
    # Not ssl.create_default_context: that one writes session keys to a file named by the environment.
    import certifi

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    return context
