"""What one exchange over aiohttp is made of: the peer with its idle connections, and how far a request has come."""

import asyncio
import functools
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, Final, cast

from acord.core.errors import Outcome
from acord.core.transport import KEEPALIVE, TransportRequest

__all__ = ["AT_ONCE", "Peer", "Stage", "whole"]

AT_ONCE: Final = 32 << 10  # bytes of a body that are handed over together with the head, less than a socket buffers


class Peer:
    """An origin, and the connections to it that idle: asking aiohttp's connector for each costs as much as parsing."""

    __slots__ = ("_idle", "request")

    def __init__(self, origin: str, proxy: str | None) -> None:
        self.request: Any = import_module("aiohttp").ClientRequest(
            "GET", _url(origin + "/"), proxy=None if proxy is None else _url(proxy), loop=asyncio.get_running_loop()
        )
        """All that the connector asks of a request."""
        self._idle: deque[tuple[float, Any]] = deque()

    def idle_line(self, now: float) -> Any:
        """A connection that is open and free; None where there is none."""
        idle = self._idle
        while idle and idle[0][0] + KEEPALIVE < now:
            idle.popleft()[1].close()
        while idle:
            line = idle.pop()[1]
            if not line.closed:
                return line
            line.close()
        return None

    def keep(self, line: Any) -> None:
        """The exchange came to its end: the connection may serve another, if aiohttp agrees."""
        if line.protocol.should_close:  # as it is of one that was lost meanwhile, too
            line.close()
        else:
            self._idle.append((asyncio.get_running_loop().time(), line))

    def lines(self, headers: Sequence[tuple[str, str]]) -> Any:
        """The headers, and beside them what a proxy wants to know that fetches plain http itself."""
        made: Any = dict(headers)
        if len(made) < len(headers):  # a name comes twice
            made = _multidict()(headers)
        if self.request.proxy is not None and not self.request.is_ssl():
            with suppress(KeyError):
                made["Proxy-Authorization"] = self.request.headers["Proxy-Authorization"]
        return made

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()


class Stage:
    """How far one request has come."""

    __slots__ = ("_before", "_task", "closing", "fresh", "last", "late", "line", "unmade", "until", "uploading")

    def __init__(self, task: "asyncio.Task[Any] | None", until: float | None) -> None:
        self._task, self.until = task, until
        self._before = 0 if task is None else task.cancelling()
        self.fresh = self.last = self.closing = self.late = False
        self.line: Any = None
        """aiohttp's connection, as soon as there is one: from then on the request may have been sent."""
        self.uploading: asyncio.Task[None] | None = None
        self.unmade: Exception | None = None
        """Why the body could not be made: a file that is gone."""

    def upload(self, request: TransportRequest, writer: Any, protocol: Any) -> None:
        """Send the body while the answer is awaited: it may come before all is sent, and then counts."""
        body = _pieces(request.body) if isinstance(request.body, bytes) else request.body
        if any(name == "Transfer-Encoding" for name, _ in request.headers):
            writer.enable_chunking()
        self.uploading = asyncio.get_running_loop().create_task(self._upload(body, writer, protocol))

    async def _upload(self, body: AsyncIterator[bytes], writer: Any, protocol: Any) -> None:
        try:
            async for chunk in body:
                await writer.write(chunk)
            await writer.write_eof()
        except ConnectionError:
            pass  # whoever reads the answer is told
        except Exception as exc:
            self.unmade = exc
            protocol.set_exception(exc)
        finally:
            if isinstance(body, AsyncGenerator):
                await body.aclose()

    @property
    def outcome(self) -> Outcome:
        return "not_sent" if self.line is None else "unknown"

    def close(self) -> None:
        if self._task is not None and self._task is not asyncio.current_task() and not self.closing:
            self.closing = True
            self._task.cancel()

    def expire(self) -> None:
        """Its time is up."""
        self.late = not self.closing
        self.close()

    def ended(self) -> bool:
        """Whether it was `close` or `expire` alone that cancelled it."""
        return self.closing and self._task is not None and self._task.uncancel() <= self._before

    async def abandon(self) -> None:
        """Nobody wants the rest."""
        if self.line is not None:
            self.line.close()
        await self.rest()

    async def rest(self) -> None:
        """Ends what is left of the upload, so that its files are closed."""
        if self.uploading is not None and not self.uploading.done():
            self.uploading.cancel()
            await asyncio.wait([self.uploading])


def whole(content: Any) -> bytes:
    """A body whose end has come, and nothing of which was taken before.

    aiohttp's own way runs its parser once more, which takes a twentieth of a small request and finds nothing.
    """
    if content.exception() is not None or content.at_eof():
        return cast("bytes", content.read_nowait())
    body = b"".join(content._buffer)
    content._buffer.clear()
    return body


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), AT_ONCE):
        yield body[start : start + AT_ONCE]


@functools.cache
def _multidict() -> Any:
    return import_module("multidict").CIMultiDict


def _url(url: str) -> Any:
    return import_module("yarl").URL(url, encoded=True)
