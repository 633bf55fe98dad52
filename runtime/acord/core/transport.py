"""HTTP transport: how one request reaches a server and its answer comes back.  It decides nothing.

The seam is three methods, `open`, `send` and `close`, and two small types.  Retries, limits, bounds
on bodies, inflating and decoding are the business of `http` and `response`.
"""

import asyncio
import contextvars
import functools
import logging
import ssl
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, cast

from acord.core.errors import Outcome, TransportError

__all__ = ["HTTPXTransport", "Transport", "TransportRequest", "TransportResponse"]

POOL_SIZE: Final = 32  # requests in flight; httpcore's own cost a request grows with the square of its pool
CONNECT_TIMEOUT: Final = 10.0  # seconds, name resolution and TLS included
KEEPALIVE: Final = 60.0  # seconds a connection may idle
READ_AHEAD: Final = 1 << 20  # bytes of an answer that are read before anybody asks for them
CLOSE_TIMEOUT: Final = 5.0  # seconds that `close` may take, whatever the peers do


@dataclass(frozen=True, slots=True)
class TransportRequest:
    """One request as it goes on the wire.  URL and headers may hold secrets: neither is shown."""

    method: str
    url: str = field(repr=False)
    headers: Sequence[tuple[str, str]] = field(repr=False)
    body: bytes | AsyncIterator[bytes] = field(repr=False, default=b"")


class TransportResponse(Protocol):
    """An answer whose head has arrived.  It must be closed, read or not."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    """As received, in their order, repeated names included."""

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as received (not inflated).  Raises `TransportError` where it breaks off."""
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
        self,
        request: TransportRequest,
        *,
        timeout: float | None,
        deadline: float | None = None,
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
    cancellation inside httpcore 1.0 can leave a connection that is never used nor closed.
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
        self._connect_timeout = connect_timeout
        self._pool_size = pool_size
        # Ours, so that httpcore's queue stays empty: a request that waits there can be lost.
        self._slots = asyncio.Semaphore(pool_size)
        self.running: set[_Exchange] = set()
        self._httpx: Any = None

    async def open(self) -> None:
        if self._httpx is not None:
            return
        self._httpx = _library_of(self._connector)
        _quieten(self._httpx.__name__)
        if self._connector is None:
            self._connector = self._httpx.AsyncHTTPTransport(
                verify=self._verify or _default_tls(self._http2),
                trust_env=False,
                http2=self._http2,
                proxy=self._proxy,
                limits=self._httpx.Limits(
                    max_connections=self._pool_size,
                    max_keepalive_connections=self._pool_size,
                    keepalive_expiry=KEEPALIVE,
                ),
            )

    async def send(
        self,
        request: TransportRequest,
        *,
        timeout: float | None,
        deadline: float | None = None,
    ) -> TransportResponse:
        await self.open()
        clock = asyncio.get_running_loop().time
        begun = clock()
        await self._slot(timeout if deadline is None else deadline)
        try:
            if deadline is not None:
                left = begun + deadline - clock()
                timeout = left if timeout is None else min(left, timeout)
            # No local variables for what shows URL and headers: tracebacks may print those.
            exchange = _Exchange(
                self._connector,
                self._native(self._httpx, request),
                timeout,
                tells=self._owned,
                finished=self._finished,
            )
        except BaseException:
            self._slots.release()
            raise
        self.running.add(exchange)
        return await exchange.head()

    async def close(self) -> None:
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

    async def _slot(self, patience: float | None) -> None:
        try:
            async with asyncio.timeout(patience):
                await self._slots.acquire()
        except TimeoutError as exc:
            reason = f"none of {self._pool_size} connections became free within {patience:g} s"
            raise TransportError(reason, outcome="not_sent") from exc

    def _finished(self, exchange: "_Exchange") -> None:
        self.running.discard(exchange)
        self._slots.release()


class _Exchange:
    """One request and its answer, in a task that nobody cancels but we, and only where httpcore can bear it.

    The task reads ahead of the consumer, so that a small answer is complete, and its connection free
    again, before anybody has asked for the body.
    """

    def __init__(
        self,
        connector: Any,
        request: Any,
        timeout: float | None,
        *,
        tells: bool,
        finished: "Callable[[_Exchange], None]",
    ) -> None:
        loop = asyncio.get_running_loop()
        self._connector, self._request = connector, request
        self._tells = tells  # whether it says what it is doing; of another the worst is assumed
        self._finished = finished
        self._deadline = None if timeout is None else loop.time() + timeout
        self._timeout = timeout
        self._phase = ""  # the last thing httpcore said it was doing
        self._stream: Any = None  # the socket while nobody else owns it
        self._safe = False  # a task that has not started has nothing to clean up with
        self._abandoned = False
        self._chunks: deque[bytes] = deque()
        self._held = 0  # bytes in _chunks
        self._done = False
        self._error: BaseException | None = None
        self._news: asyncio.Future[None] | None = None  # the consumer waits for head, chunk or end
        self._room: asyncio.Future[None] | None = None  # the task waits for the consumer
        self.status = 0
        self.headers: Sequence[tuple[bytes, bytes]] = ()
        request.extensions["trace"] = self._trace
        context = contextvars.copy_context()
        context.run(_ours.set, True)
        self.task = loop.create_task(self._run(), context=context)

    # The consumer's side

    async def head(self) -> "_Exchange":
        try:
            while not self.status:
                if self._done:
                    raise self._failure()
                await self._wait()
        except BaseException:
            self.abandon()
            raise
        return self

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._held -= len(chunk)
                if self._room is not None and not self._room.done() and self._held < READ_AHEAD:
                    self._room.set_result(None)
                yield chunk
            if self._done:
                if self._error is not None or self._abandoned:
                    raise self._failure()
                return
            await self._wait()

    async def close(self) -> None:
        self.abandon()

    async def _wait(self) -> None:
        self._news = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout_at(self._deadline):
                await self._news
        except TimeoutError:
            error = TimeoutError(f"no answer within {self._timeout:g} s ({self._doing()})")
            self.abandon()
            raise TransportError(str(error), outcome=self._outcome()) from error

    # The task's side

    async def _run(self) -> None:
        response: Any = None
        try:
            if self._abandoned:
                return
            self._safe = not self._tells
            response = await self._connector.handle_async_request(self._request)
            self._stream = None
            self.headers, self.status = response.headers.raw, response.status_code
            self._tell()
            async for chunk in response.stream:
                if self._abandoned:
                    break
                if not chunk:
                    continue
                self._chunks.append(chunk)
                self._held += len(chunk)
                self._tell()
                if self._held >= READ_AHEAD:
                    self._room = asyncio.get_running_loop().create_future()
                    self._safe = True
                    await self._room
                    self._room = None
        except _Abandoned:
            pass
        except asyncio.CancelledError:
            if not self._abandoned:
                self._error = RuntimeError("the task of a request was cancelled from outside")
        except Exception as exc:
            self._error = exc
        finally:
            self._safe = False  # from here on a cancellation could only do harm
            try:
                await self._release(response)
            finally:
                self._done = True
                self._finished(self)
                self._tell()

    async def _release(self, response: Any) -> None:
        try:
            if response is not None:
                await response.aclose()
            elif self._stream is not None:
                await self._stream.aclose()  # cancelled between the connection and its TLS
        except Exception as exc:
            _log.debug("a connection did not close cleanly: %s", type(exc).__name__)

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def _trace(self, name: str, info: dict[str, Any]) -> None:
        """httpcore tells what it does.  Inside a step it cleans up after itself, between steps it may not."""
        request = info.get("request")
        if request is not None and request.method == b"CONNECT":
            name = f"proxy.tunnel.{name.rpartition('.')[2]}"  # to a proxy: nothing of the request has left yet
        if name.endswith(("closed.started", "close.started")):
            self._safe = False
        elif name.endswith(".started"):
            if self._abandoned:
                raise _Abandoned
            self._phase, self._safe = name, True
        else:
            self._safe = False
            if name == "connection.connect_tcp.complete":
                self._stream = info["return_value"]
            elif name == "http11.send_request_headers.complete":
                self._stream = None

    def abandon(self) -> None:
        """Nobody wants the rest: end now if that is safe, else at the next safe point."""
        if self._abandoned or self._done:
            return
        self._abandoned = True
        if self._safe and not self.task.done():
            self._safe = False  # once only: the second would hit the clean-up after the first
            self.task.cancel()

    # What went wrong

    def _outcome(self) -> Outcome:
        if self._phase == "" and self._tells:
            return "not_sent"
        return "not_sent" if self._phase.startswith(("connection.", "proxy.", "socks.")) else "unknown"

    def _doing(self) -> str:
        step = self._phase.removesuffix(".started").rpartition(".")[2]
        return _STEPS.get(step, "waiting for the answer")

    def _failure(self) -> BaseException:
        error = self._error
        if error is None:
            return TransportError("the connection was closed by this client", outcome=self._outcome())
        name = type(error).__name__
        unsent = name in _NOT_SENT or (name == "LocalProtocolError" and self._phase.endswith("headers.started"))
        reason = f"{name} while {self._doing()}"
        if name == "LocalProtocolError":  # its text quotes the header that it refuses, which may be the token
            return TransportError(reason, outcome="not_sent" if unsent else self._outcome())
        failure = TransportError(f"{reason}: {error}", outcome="not_sent" if unsent else self._outcome())
        failure.__cause__ = _bare(error)
        return failure


def _bare(error: BaseException) -> BaseException:
    """``error`` and its causes without their frames: the locals of those are URLs and headers."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


class _Abandoned(Exception):
    """Ends an exchange from inside httpcore, where it cleans up."""


_NOT_SENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"})
_STEPS = {
    "": "connecting",
    "connect_tcp": "connecting",
    "connect_unix_socket": "connecting",
    "start_tls": "agreeing on TLS",
    "send_request_headers": "sending the request",
    "send_request_body": "sending the request",
    "receive_response_body": "reading the answer",
}

_log = logging.getLogger(__name__)
_ours: contextvars.ContextVar[bool] = contextvars.ContextVar("acord_exchange", default=False)


def _not_ours(record: logging.LogRecord) -> bool:
    # httpcore prints whole headers at DEBUG, some of them secret.  Other users of it keep their log.
    return record.levelno >= logging.WARNING or not _ours.get()


@functools.cache
def _quieten(library: str) -> None:
    core = library.replace("httpx", "httpcore")
    for name in (library, core, *(f"{core}.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))):
        logging.getLogger(name).addFilter(_not_ours)


def _library_of(connector: Any) -> Any:
    """httpx, or the continuation of it that ``connector`` comes from."""
    for cls in type(connector).__mro__ if connector is not None else ():
        module = sys.modules.get(cls.__module__.partition(".")[0])
        if hasattr(module, "AsyncBaseTransport") and hasattr(module, "AsyncByteStream"):
            return module
    import httpx

    return httpx


def _upload(library: Any, body: AsyncIterator[bytes]) -> Any:
    return _upload_type(library)(body)


@functools.cache
def _upload_type(library: Any) -> Any:
    """A body that is made while it is sent, as ``library`` wants to be given it."""

    def start(self: Any, body: AsyncIterator[bytes]) -> None:
        self.body = body

    def iterate(self: Any) -> AsyncIterator[bytes]:
        return cast("AsyncIterator[bytes]", self.body)

    return type("Upload", (library.AsyncByteStream,), {"__init__": start, "__aiter__": iterate})


@functools.cache
def _default_tls(http2: bool) -> ssl.SSLContext:  # one a protocol: httpcore writes the protocol into it
    # Not ssl.create_default_context: that one writes session keys to a file named by the environment.
    import certifi

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    return context
