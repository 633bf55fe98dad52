"""Downloads from Discord's content network: no credential, ranges, a cap on size.

Nothing is written to disk here, and no name that a server gave is used for anything (T28).
"""

from collections.abc import AsyncIterator, Generator
from typing import TYPE_CHECKING, Any, Final, Protocol, cast
from urllib.parse import urlsplit

from acord.core import outcome, wire
from acord.core.abc import Route
from acord.core.addressing import Secret
from acord.core.call import Attempt, Call, Order
from acord.core.errors import DecodeError, InvalidRequest
from acord.core.transport import TransportRequest, TransportResponse
from acord.core.types import MISSING, Token

if TYPE_CHECKING:
    from acord.core.http import HTTPClient
    from acord.core.response import Response

__all__ = ["Download", "HasURL"]

MAX_SIZE: Final = 64 << 20  # bytes
TIMEOUT: Final = 600.0  # seconds for one attempt, from sending on
# Where Discord keeps what users upload (API Reference > Image Formatting; Attachment Object).
HOSTS: Final = frozenset(
    {"cdn.discordapp.com", "media.discordapp.net", "images-ext-1.discordapp.net", "images-ext-2.discordapp.net"}
)


class HasURL(Protocol):
    """An attachment, or anything else with a ``.url``."""

    @property
    def url(self) -> str: ...


class Download:
    """A file that has not been asked for yet.

    Await it for its bytes, or enter it and read `iter_bytes`, `size` and `content_type`. Either may be done once.
    """

    def __init__(
        self,
        client: "HTTPClient",
        source: str | HasURL,
        *,
        start: int = 0,
        end: int | None = None,
        max_size: int = MAX_SIZE,
        timeout: float | None = TIMEOUT,
        deadline: float | None = None,
    ) -> None:
        if start < 0 or (end is not None and end <= start):
            raise InvalidRequest("start", start, "0 <= start < end", fix="end is the first byte that is left out")
        self._url = source if isinstance(source, str) else source.url
        self._start, self._end, self._max_size = start, end, max_size
        lines: list[tuple[str, str]] = []
        if start or end is not None:
            lines.append(("Range", f"bytes={start}-{'' if end is None else end - 1}"))
        order = Order(
            headers=lines,
            body=bytes,
            length=0,
            repeatable=True,
            idempotent=True,
            operation=None,
            auth=Token.none(),
            timeout=timeout,
            max_wait=None,
            deadline=deadline,
            priority=0,
            strict=False,
            model=MISSING,
        )
        view = _Elsewhere(client, self._url, max_size + start)
        self._call: Call[Any] = Call(cast("HTTPClient", view), _route(self._url), order)
        self._response: Response[Any] | None = None

    def __repr__(self) -> str:
        return f"<Download from {urlsplit(self._url).hostname}>"

    def __await__(self) -> Generator[Any, None, bytes]:
        return self._whole().__await__()

    async def _whole(self) -> bytes:
        async with self:
            return b"".join([chunk async for chunk in self.iter_bytes()])

    async def __aenter__(self) -> "Download":
        self._response = await self._call.__aenter__()
        try:
            if not self._response.ok:
                raise outcome.refusal(self._response, await self._response.read())
            if (size := self.size) is not None and size > self._max_size:
                raise self._too_large(size)
        except BaseException:
            await self._response.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._response is not None:
            await self._response.close()

    @property
    def size(self) -> int | None:
        """Bytes that `iter_bytes` will give; None where the server does not say."""
        text = self._entered.headers.get("content-length", "")
        if not text.isdecimal() or len(text) > 18:  # which no file has
            return None
        return int(text) if self._entered.status == 206 else max(0, min(int(text), self._stop) - self._start)

    @property
    def content_type(self) -> str:
        """What the server takes it for; whoever uploaded it had a say in that."""
        return self._entered.content_type

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """The bytes asked for, piece by piece.  Raises `DecodeError` where there are more than ``max_size``."""
        response, given = self._entered, 0
        # Who does not know ranges sends everything.
        skip, rest = (
            (0, self._stop - self._start) if response.status == 206 else (self._start, self._stop - self._start)
        )
        async for chunk in response.iter_bytes():
            if skip:
                skip, chunk = max(0, skip - len(chunk)), chunk[skip:]
            chunk = chunk[:rest]
            rest -= len(chunk)
            given += len(chunk)
            if given > self._max_size:
                raise self._too_large(given)
            if chunk:
                yield chunk
            if not rest:
                return

    @property
    def _stop(self) -> int:
        return 1 << 62 if self._end is None else self._end

    @property
    def _entered(self) -> "Response[Any]":
        if self._response is None:
            raise RuntimeError("enter the download first: async with http.download(...) as file")
        return self._response

    def _too_large(self, size: int) -> DecodeError:
        reason = f"{size} bytes or more, over max_size={self._max_size}"
        return DecodeError(reason, route=self._entered.route, status=self._entered.status)


class _Elsewhere:
    """The client as a call of its own sees it, but for where a download goes and what it takes along."""

    ratelimiter = None  # the content network has no part in the API's limits

    def __init__(self, client: "HTTPClient", url: str, max_body: int) -> None:
        self._client, self._url, self.max_body = client, url, max_body

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def credential(self, route: Route[Any], order: Order) -> Token:
        return Token.none()

    def address(self, route: Route[Any]) -> tuple[wire.Base, str]:
        parts = urlsplit(self._url)
        base = wire.parse_base(f"{parts.scheme}://{parts.netloc}")
        if not (base.scheme == "https" and base.name in HOSTS and base.host == base.name):
            wire.require_safe(base, self._client.allowed)
        return base, Secret(self._url)

    def follow(self, attempt: Attempt, *, left: float | None, max_wait: float | None, queued: bool = True) -> Any:
        # No limiter holds it back: a 429 is waited for here.
        return self._client.follow(attempt, left=left, max_wait=max_wait, queued=False)

    async def transmit(
        self, route: Route[Any], order: Order, base: wire.Base, url: str, token: Token, left: float | None
    ) -> TransportResponse:
        # Not compressed: a range of something compressed cannot be read.
        headers = [("Host", base.host), ("User-Agent", self._client.user_agent), ("Accept-Encoding", "identity")]
        request = TransportRequest("GET", url, [*headers, *order.headers])
        return await self._client.connection.send(request, timeout=order.timeout, deadline=left)


def _route(url: str) -> Route[Any]:
    """What hooks and errors call it: the kind of file, no more."""
    try:
        parts = urlsplit(url)
        port_is_readable = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_readable = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_readable or not url.isascii():
        raise InvalidRequest("source", url, "an http or https URL of Discord's content network")
    if not url.isprintable() or " " in url:
        raise InvalidRequest("source", url, "a URL without blanks and control characters")
    kind = parts.path.strip("/").partition("/")[0]
    return Route("GET", "content", kind if kind.isalpha() and len(kind) < 30 else "file")
