"""One request and its answer through an httpx transport, in a task that ends only where httpcore can bear it."""

import asyncio
import contextvars
import functools
import logging
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

from acord.core.errors import ACordError, Outcome, TransportError

__all__ = ["Exchange", "quieten"]

READ_AHEAD: Final = 1 << 20  # bytes of an answer that are read before anybody asks for them


class Exchange:
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
        claims: asyncio.Lock | None,
        proxy: str | None = None,
        finished: "Callable[[Exchange], None]",
    ) -> None:
        loop = asyncio.get_running_loop()
        self._connector, self._request = connector, request
        self._tells = tells  # False of a transport that may not say what it is doing: of that one the worst is assumed
        self._claims, self._claiming = claims, False
        self._finished = finished
        self._proxy = proxy
        self._fresh = not tells  # whether a connection was made for this exchange
        # Not asyncio.timeout for each wait, which costs several times as much.
        self._alarm = None if timeout is None else loop.call_later(timeout, self._expire)
        self._timeout, self._late = timeout, False
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

    async def head(self) -> "Exchange":
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
                yield self._take()
            if self._done:
                if self._error is not None or self._abandoned:
                    raise self._failure()
                return
            await self._wait()

    async def read(self, most: int) -> bytes:
        parts, size = list[bytes](), 0
        while size <= most:
            while self._chunks:
                parts.append(self._take())
                size += len(parts[-1])
            if self._done:
                if self._error is not None or self._abandoned:
                    raise self._failure()
                break
            await self._wait()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _take(self) -> bytes:
        chunk = self._chunks.popleft()
        self._held -= len(chunk)
        if self._room is not None and not self._room.done() and self._held < READ_AHEAD:
            self._room.set_result(None)
        return chunk

    async def close(self) -> None:
        self.abandon()

    async def _wait(self) -> None:
        if not self._late:
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        if self._late:
            error = TimeoutError(f"no answer within {self._timeout:g} s ({self._doing()})")
            self.abandon()
            raise TransportError(str(error), outcome=self._outcome()) from error

    def _expire(self) -> None:
        self._late = True
        self._tell()

    # The task's side

    async def _run(self) -> None:
        response: Any = None
        try:
            if self._abandoned:
                return
            self._safe = True
            if self._claims is not None:
                # One after the other: all that start at once would be sent to the same idle connection,
                # where one wins and the rest begin again (httpcore 1.0: ten times a request at 32 at once).
                self._claiming = await self._claims.acquire()
            self._safe = False
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
            _distrust(response)
        except _Abandoned:
            pass
        except asyncio.CancelledError:
            if not self._abandoned:
                self._error = RuntimeError("the task of a request was cancelled from outside")
        except Exception as exc:
            self._error = exc
        finally:
            self._claimed()
            self._safe = False  # from here on a cancellation could only do harm
            try:
                await self._release(response)
            finally:
                self._done = True
                if self._alarm is not None:
                    self._alarm.cancel()
                self._finished(self)
                self._tell()

    async def _release(self, response: Any) -> None:
        try:
            await self._request.stream.aclose()  # an upload may have files open
        except Exception as exc:
            _log.debug("an upload did not close cleanly: %s", type(exc).__name__)
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
            self._claimed()
            if self._abandoned:
                raise _Abandoned
            self._phase, self._safe = name, True
            if name == "connection.connect_tcp.started":
                self._fresh = True
        else:
            self._safe = False
            if name == "connection.connect_tcp.complete":
                self._stream = info["return_value"]
            elif name == "http11.send_request_headers.complete":
                self._stream = None

    def _claimed(self) -> None:
        if self._claiming and self._claims is not None:
            self._claiming = False
            self._claims.release()

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
        if self._proxy is not None and self._outcome() == "not_sent":
            return f"connecting through the proxy {self._proxy}"
        return _STEPS.get(step, "waiting for the answer")

    def _failure(self) -> BaseException:
        error = self._error
        if error is None:
            return TransportError("the connection was closed by this client", outcome=self._outcome())
        if isinstance(error, ACordError):  # of the body that was being sent: nothing is wrong with the connection
            error.__cause__ = error.__cause__ or error.__context__  # which httpcore took away
            return _bare(error)
        name = type(error).__name__
        unsent = name in _NOT_SENT or (name == "LocalProtocolError" and self._phase.endswith("headers.started"))
        reason = f"{name} while {self._doing()}"
        if name == "LocalProtocolError":  # its text quotes the header that it refuses, which may be the token
            return TransportError(reason, outcome="not_sent" if unsent else self._outcome())
        failure = TransportError(f"{reason}: {error}", outcome="not_sent" if unsent else self._outcome())
        failure.__cause__ = _bare(error)
        failure.stale = not (self._fresh or self.status or unsent)
        # A certificate does not get better by asking again, and a proxy's 407 means its credentials.
        failure.final = _is_certificate(error) or (name == "ProxyError" and str(error).startswith("407"))
        return failure


def _bare(error: BaseException) -> BaseException:
    """``error`` and its causes without their frames and requests: those are URLs and headers."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        if "_request" in vars(link):
            vars(link)["_request"] = None  # httpx's own
        link = link.__cause__ or link.__context__
    return error


def _distrust(response: Any) -> None:
    """Have the connection closed where bytes follow the answer: httpcore would take them for the next request's."""
    link: Any = response.stream
    for name in ("_httpcore_stream", "_stream", "_connection", "_h11_state"):
        link = getattr(link, name, None)
    if link is not None and link.trailing_data[0]:
        link.send_failed()  # h11's word for: nothing more here


def _is_certificate(error: BaseException) -> bool:
    link: BaseException | None = error
    while link is not None and not isinstance(link, ssl.SSLCertVerificationError):
        link = link.__cause__ or link.__context__
    return link is not None


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
def quieten(library: str) -> None:
    """Keep our exchanges out of the DEBUG log of ``library`` and its core."""
    core = library.replace("httpx", "httpcore")
    for name in (library, core, *(f"{core}.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))):
        logging.getLogger(name).addFilter(_not_ours)
