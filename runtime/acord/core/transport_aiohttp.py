"""HTTP transport over aiohttp: what the `speed` extra brings, behind the same seam as httpx.

Why this one: bare, a GET costs a quarter of what httpx's stock transport takes, and with 32 at once a tenth; it is
written for asyncio, so that times and cancellations are the event loop's own, and it passes the whole REST gauntlet.

Why not pyreqwest (0.15.1, bare, beside aiohttp in one run): it took 169 us of CPU to aiohttp's 134 one after the
other, 59 to 81 with 32 at once. It raised one and the same `ConnectError` for a refused connection and for one that
was cut after the request had arrived, told apart by the text of its details alone: what must not be sent twice
could not be told from what may. The process that measured it was aborted as it ended, by a thread of its runtime.

Of aiohttp only the connector, the writer and the parser are used: no redirects, no cookies, no environment, no
inflating, no time limits but ours. Its session, requests and responses would cost as much again as all that the wire
needs, measured, and bring nothing that is not done here anyway.
"""

import asyncio
import functools
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

from acord.core.aiohttp_parts import AT_ONCE, Peer, Stage, whole
from acord.core.errors import Outcome, TransportError
from acord.core.slots import Slots, read_less
from acord.core.transport import (
    CLOSE_TIMEOUT,
    CONNECT_TIMEOUT,
    KEEPALIVE,
    POOL_SIZE,
    TransportRequest,
    default_tls,
    ready,
)

__all__ = ["AIOHTTPTransport"]

_LINE: Final = 64 << 10  # bytes of one header line
_PEERS: Final = 64  # origins that are remembered


class AIOHTTPTransport:
    """aiohttp's connections behind the seam.  Arguments as those of `HTTPXTransport`; HTTP/2 is not spoken."""

    def __init__(
        self,
        *,
        # Transport
        proxy: str | None = None,
        verify: ssl.SSLContext | None = None,
        # Policy
        pool_size: int = POOL_SIZE,
        connect_timeout: float = CONNECT_TIMEOUT,
    ) -> None:
        self._proxy, self._verify = proxy, verify
        self._proxy_name = None if proxy is None else urlsplit(proxy).netloc.rpartition("@")[2]  # no credentials
        self._connect_timeout = connect_timeout
        # Ours, so that aiohttp's queue stays empty: who waits here has not sent.
        self._slots = Slots(pool_size)
        self.running: set[_Answer] = set()
        self._stages: set[Stage] = set()
        self._peers: dict[str, Peer] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._connector: Any = None
        self._patience: Any = None
        self._writer: Any = None

    async def open(self) -> None:
        if self._connector is not None:
            return
        aiohttp: Any = import_module("aiohttp")
        self._writer = import_module("aiohttp.http").StreamWriter
        # Not rounded: tests hold the clock.
        self._patience = aiohttp.ClientTimeout(total=None, connect=self._connect_timeout, ceil_threshold=1e9)
        self._connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=KEEPALIVE, ssl=self._verify or default_tls(False), use_dns_cache=True
        )

    async def send(
        self, request: TransportRequest, *, timeout: float | None, deadline: float | None = None
    ) -> "_Answer":
        if self._connector is None:
            await ready(self.open())
        if deadline is not None or not self._slots.take_now():
            timeout = await self._slots.take(timeout, deadline)
        answer: _Answer | None = None
        try:
            answer = await self._exchange(request, timeout)
            return answer
        finally:
            if answer is None:
                self._slots.give()

    async def _exchange(self, request: TransportRequest, timeout: float | None) -> "_Answer":
        loop = asyncio.get_running_loop()
        now = loop.time()
        stage = Stage(asyncio.current_task(loop), None if timeout is None else now + timeout)
        self._stages.add(stage)
        if stage.until is not None and (self._alarm is None or stage.until < self._alarm.when()):
            self._arm(stage.until)
        failure: TransportError | None = None
        answer: _Answer | None = None
        try:
            peer = self._peer(request.url)
            line = peer.idle_line(now)
            if line is None:
                line = await self._connector.connect(peer.request, [], self._patience)
                stage.fresh = True
            stage.line, protocol = line, line.protocol
            stage.last = request.method == "HEAD"
            if stage.fresh or stage.last:
                self._prepare(line, skip_payload=stage.last)
            # No local variables for what shows URL and headers: tracebacks may print those.
            writer = self._writer(protocol, loop)
            await writer.write_headers(
                f"{request.method} {self._target(request.url)} HTTP/1.1", peer.lines(request.headers)
            )
            if request.body == b"":
                writer.set_eof()
            elif isinstance(request.body, bytes) and len(request.body) <= AT_ONCE:
                await writer.write_eof(request.body)
            else:
                stage.upload(request, writer, protocol)
            while True:
                message, payload = await protocol.read()
                if not 100 <= message.code < 200 or message.code == 101:
                    break
            answer = _Answer(message, payload, stage, peer, timeout, self._finished)
        except TimeoutError as exc:
            if stage.until is not None and loop.time() >= stage.until:
                failure = _late(timeout, stage.outcome, self._doing(stage))
            else:
                failure = self._failure(exc, stage)
        except asyncio.CancelledError as exc:
            if not stage.ended():
                exc.__context__ = None
                raise exc.with_traceback(None)  # noqa: B904  # the frames in between hold URL and headers
            failure = self._ended(stage, timeout)
        except Exception as exc:
            failure = self._ended(stage, timeout) if stage.closing else self._failure(exc, stage)
        finally:
            self._stages.discard(stage)
            if answer is None:
                await stage.abandon()
        if stage.unmade is not None:
            raise stage.unmade
        if failure is not None:
            raise failure  # here, where nothing is its context
        assert answer is not None
        self.running.add(answer)
        return answer

    @staticmethod
    def _prepare(line: Any, *, skip_payload: bool) -> None:
        """Make a connection ready for all its answers: one parser reads them one after the other."""
        read_less(line.transport)
        line.protocol.set_response_params(
            skip_payload=skip_payload,
            read_until_eof=True,
            auto_decompress=False,
            max_line_size=_LINE,
            max_field_size=_LINE,
        )

    def _arm(self, when: float) -> None:
        """Look at `when` whose time is up.  One alarm for all: one for each request costs more than its parsing."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_at(when, self._expire)

    def _expire(self) -> None:
        self._alarm, now = None, asyncio.get_running_loop().time()
        rest = [stage for stage in self._stages if stage.until is not None]
        for stage in rest:
            if stage.until is not None and stage.until <= now:
                stage.expire()
        if later := [stage.until for stage in rest if stage.until is not None and stage.until > now]:
            self._arm(min(later))

    def _peer(self, url: str) -> "Peer":
        """What is kept of the origin of ``url``."""
        end = url.find("/", 8)
        origin = url if end < 0 else url[:end]
        peer = self._peers.get(origin)
        if peer is None:
            if len(self._peers) >= _PEERS:
                self._peers.pop(next(iter(self._peers))).close()
            peer = self._peers[origin] = Peer(origin, self._proxy)
        return peer

    def _target(self, url: str) -> str:
        """What stands in the request's first line: the path, or the whole URL for a proxy that is to fetch it."""
        if self._proxy is not None and url.startswith("http://"):
            return url
        start = url.find("/", 8)
        return "/" if start < 0 else url[start:]

    async def close(self) -> None:
        self._slots.end()
        for stage in list(self._stages):
            stage.close()
        for answer in list(self.running):
            await answer.close()
        for peer in self._peers.values():
            peer.close()
        self._peers.clear()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        connector, self._connector = self._connector, None
        if connector is not None:
            try:
                async with asyncio.timeout(CLOSE_TIMEOUT):
                    await connector.close()
            except TimeoutError:
                _log.warning("connections did not close within %g s", CLOSE_TIMEOUT)

    def _ended(self, stage: "Stage", timeout: float | None) -> TransportError:
        return _late(timeout, stage.outcome, self._doing(stage)) if stage.late else _closed(stage.outcome)

    def _doing(self, stage: "Stage") -> str:
        if stage.line is not None:
            return "waiting for the answer"
        return "connecting" if self._proxy_name is None else f"connecting through the proxy {self._proxy_name}"

    def _failure(self, error: Exception, stage: "Stage") -> TransportError:
        name, text = type(error).__name__, _text(error)
        if stage.line is None:
            name = "ConnectTimeout" if isinstance(error, TimeoutError) else "ConnectError"
        failure = TransportError(f"{name} while {self._doing(stage)}: {text}", outcome=stage.outcome)
        failure.__cause__ = _cause(type(error).__name__)(text)
        failure.stale = stage.line is not None and not stage.fresh
        failure.final = _is_certificate(error) or getattr(error, "status", 0) == 407
        return failure

    def _finished(self, answer: "_Answer") -> None:
        self.running.discard(answer)
        self._slots.give()


class _Answer:
    """A response of aiohttp as a `TransportResponse`."""

    def __init__(
        self,
        message: Any,
        payload: Any,
        stage: Stage,
        peer: Peer,
        timeout: float | None,
        finished: Callable[["_Answer"], None],
    ) -> None:
        self._content, self._stage, self._peer, self._finished = payload, stage, peer, finished
        self._timeout, self._until = timeout, stage.until
        self._over = self._closed = False
        self.status: int = message.code
        self.headers: Sequence[tuple[bytes, bytes]] = message.raw_headers

    async def chunks(self) -> AsyncIterator[bytes]:
        content = self._content
        while True:
            failure: TransportError | None = None
            chunk = b""
            try:
                if content.is_eof() or content._buffer:
                    chunk = await content.readany()  # nothing to wait for
                else:
                    async with asyncio.timeout_at(self._until):
                        chunk = await content.readany()
            except Exception as exc:
                failure = self._failure(exc)
            if failure is not None:
                self._end()
                raise failure
            if not chunk:
                break
            yield chunk
        self._end()

    async def read(self, most: int) -> bytes:
        content = self._content
        failure: TransportError | None = None
        parts, size = list[bytes](), 0
        try:
            if content.is_eof():
                parts.append(whole(content))  # it came with its head
            else:
                async with asyncio.timeout_at(self._until):
                    while size <= most and (chunk := await content.readany()):
                        parts.append(chunk)
                        size += len(chunk)
        except Exception as exc:
            failure = self._failure(exc)
        if failure is not None:
            self._end()
            raise failure
        self._end()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _failure(self, error: Exception) -> TransportError:
        if isinstance(error, TimeoutError):
            return _late(self._timeout, "unknown", "reading the answer")
        if self._closed:
            return _closed("unknown")
        name, text = type(error).__name__, _text(error)
        failure = TransportError(f"{name} while reading the answer: {text}", outcome="unknown")
        failure.__cause__ = _cause(name)(text)
        return failure

    async def close(self) -> None:
        self._closed = True
        self._end()

    def _end(self) -> None:
        if not self._over:
            self._over = True
            line, uploading = self._stage.line, self._stage.uploading
            # Gives the connection back where the exchange came to its end, else drops it.
            if self._content.at_eof() and not self._stage.last and (uploading is None or uploading.done()):
                self._peer.keep(line)
            else:
                line.close()
            if uploading is not None:
                uploading.cancel()
            self._finished(self)


def _late(timeout: float | None, outcome: Outcome, doing: str) -> TransportError:
    failure = TransportError(f"no answer within {timeout:g} s ({doing})", outcome=outcome)
    failure.__cause__ = TimeoutError(failure.reason)
    return failure


def _closed(outcome: Outcome) -> TransportError:
    return TransportError("the connection was closed by this client", outcome=outcome)


@functools.cache
def _cause(name: str) -> type[Exception]:
    """An exception of that name for ``__cause__``: aiohttp's own would carry URL and headers along."""
    return type(name, (ConnectionError,), {"__module__": __name__})


def _text(error: BaseException) -> str:
    """What aiohttp says, without the URL that some of its errors quote."""
    if hasattr(error, "request_info"):
        return f"{getattr(error, 'status', '')} {getattr(error, 'message', '')}".strip()
    return "" if "URL" in type(error).__name__ else str(error)


def _is_certificate(error: BaseException) -> bool:
    link: BaseException | None = error
    while link is not None and not isinstance(link, ssl.SSLCertVerificationError):
        link = link.__cause__ or link.__context__
    return link is not None


_log = logging.getLogger(__name__)
