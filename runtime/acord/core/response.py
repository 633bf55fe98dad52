"""What came back: headers, bounded bodies, inflating, and what to read out of them.  Sends nothing."""

import re
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar, overload

from acord.core import decoders
from acord.core.buckets import MAX_DELAY, read_reply
from acord.core.errors import DecodeError, TransportError

if TYPE_CHECKING:
    from acord.core.abc import Route
    from acord.core.transport import TransportResponse

__all__ = ["Headers", "RateLimit", "Response"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_BODY: Final = 64 << 20  # bytes of one answer, inflated or not
MAX_HEADERS: Final = 256  # lines; Discord sends about 20
_STEP: Final = 1 << 20  # bytes inflated at a time
_CHARSET: Final = (
    r"utf-?8|utf-(?:16|32)(?:[bl]e)?|(?:us-)?ascii|latin-?1|iso-8859-\d\d?|windows-125\d|koi8-[ru]"
    r"|gb2312|gbk|gb18030|big5|shift_jis|euc-(?:jp|kr)"
)


# Names as they come, and in lower case: a server sends the same few with every answer.
_NAMES: Final[dict[bytes, str]] = {}


def _lowered(name: bytes) -> str:
    text = name.decode("latin-1").lower()
    if len(_NAMES) < MAX_HEADERS and len(name) < 64:
        _NAMES[name] = text
    return text


class Headers(Mapping[str, str]):
    """The headers of an answer by name, in any case; lines of one name are joined by a comma."""

    __slots__ = ("lowered",)

    def __init__(self, raw: Sequence[tuple[bytes, bytes]] = ()) -> None:
        lines = {_NAMES.get(name) or _lowered(name): value.decode("latin-1") for name, value in raw}
        if len(lines) < len(raw):  # a name comes twice
            lines = {}
            for name, value in raw:
                key, text = _lowered(name), value.decode("latin-1")
                lines[key] = f"{lines[key]}, {text}" if key in lines else text
        self.lowered = lines
        """The same as a plain dict, names in lower case."""

    def __getitem__(self, name: str) -> str:
        return self.lowered[name.lower()]

    # Both are what a `Mapping` has anyway, without an exception for each header that is not there.
    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self.lowered

    @overload
    def get(self, name: str, /) -> str | None: ...

    @overload
    def get(self, name: str, default: str | T, /) -> str | T: ...

    def get(self, name: str, default: Any = None, /) -> Any:
        return self.lowered.get(name.lower(), default)

    def __iter__(self) -> Iterator[str]:
        return iter(self.lowered)

    def __len__(self) -> int:
        return len(self.lowered)

    def __repr__(self) -> str:
        return f"<Headers {', '.join(self.lowered)}>"  # names only: cookies are values


class RateLimit(NamedTuple):
    """What an answer says about its limit."""

    bucket: str | None
    """Discord's name of it."""
    limit: int | None
    remaining: int | None
    reset_after: float | None
    """Seconds until it is full again."""


class Response(Generic[T_co]):
    """An answer, whatever its status.  Inside ``async with``; what was not read by its end is dropped."""

    def __init__(
        self,
        route: "Route[T_co]",
        carrier: "TransportResponse",
        decode: Callable[["Response[Any]", bytes], T_co],
        *,
        attempts: int = 1,
        max_body: int = MAX_BODY,
    ) -> None:
        self.route = route
        self.status = carrier.status
        self.headers = Headers(carrier.headers)
        self.attempts = attempts
        """How often the request was sent until this answer came."""
        self.gone = False
        """A 404 to a DELETE whose earlier attempt got no answer: it had worked."""
        self._carrier, self._decode, self._max_body = carrier, decode, max_body
        self._body: bytes | None = None
        self._broken: DecodeError | TransportError | None = None
        self._taken = self._closed = False

    def __repr__(self) -> str:
        return f"<Response {self.status} to {self.route!r}>"

    @property
    def ok(self) -> bool:
        """Whether it worked: the status is 2xx, or the answer is `gone`."""
        return 200 <= self.status < 300 or self.gone

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case; empty where none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        if self.headers.lowered.get("content-type") == "application/json":
            return True  # as Discord spells it
        kind = self.content_type
        return kind == "application/json" or kind.endswith("+json")

    @property
    def request_id(self) -> str | None:
        """What Discord's support can find this request by."""
        return self.headers.get("x-request-id") or self.headers.get("cf-ray")

    @property
    def ratelimit(self) -> RateLimit | None:
        """The limit that this request was counted by; None where no header tells of one."""
        reply = read_reply(self.status, self.headers)
        if not reply.limited:
            return None
        return RateLimit(reply.bucket, reply.limit, reply.remaining, reply.reset_after)

    async def read(self) -> bytes:
        """The whole body, inflated; kept, so that it can be read again.

        Raises `DecodeError` where it is corrupt or grows over 64 MiB, `TransportError` where it breaks off.
        """
        if self._broken is not None:
            raise self._broken
        if self._body is None:
            try:
                self._body = await self._whole()
            except (DecodeError, TransportError) as exc:
                self._broken = exc
                raise
        return self._body

    async def _whole(self) -> bytes:
        read = getattr(self._carrier, "read", None)
        if read is None:
            return b"".join([chunk async for chunk in self.iter_bytes()])
        self._begin()
        try:
            coding = self._coding()
            body: bytes = await read(self._max_body)
            if coding and body and len(body) <= self._max_body:
                return self._bounded(coding, body)
        finally:
            await self._carrier.close()
        if len(body) > self._max_body:
            raise self._too_large()
        return body

    async def text(self) -> str:
        """The body as text, in the stated character set or UTF-8; what cannot be read becomes U+FFFD."""
        charset = self.headers.get("content-type", "").lower().partition("charset=")[2].split(";")[0].strip(' "')
        body = await self.read()
        try:
            # Python's other codecs are no character sets: some know no "replace", some are loaded to raise.
            return body.decode(charset if re.fullmatch(_CHARSET, charset) else "utf-8", "replace")
        except LookupError:  # some of their numbers do not exist
            return body.decode("utf-8", "replace")

    async def json(self) -> Any:
        """The body, decoded by whatever `acord.core.decoders` says; None where it is empty."""
        body = await self.read()
        return self.decoded(body) if body else None

    async def value(self) -> T_co:
        """What awaiting the call would have returned: the typed answer.  Raises what that would raise."""
        return self._decode(self, await self.read())

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """The body piece by piece, inflated.  Once only, unless it was read before."""
        if self._body is not None:
            yield self._body
            return
        self._begin()
        size = 0
        try:
            async for chunk in self._inflated():
                size += len(chunk)
                if size > self._max_body:
                    raise self._too_large()
                yield chunk
        finally:
            # Read to its end or not: nothing more is wanted.
            await self._carrier.close()

    async def close(self) -> None:
        """Drop what was not read.  `async with` does it."""
        self._closed = True
        await self._carrier.close()

    # For those who decode

    def decoded(self, body: bytes) -> Any:
        """``body`` as untyped JSON; the error says what was received instead."""
        try:
            return decoders.decode(body)
        except DecodeError as exc:
            raise self.unreadable(str(exc), body) from None

    def unreadable(self, why: str, body: bytes = b"") -> DecodeError:
        """The error for an answer that cannot be read: status, media type, how it begins."""
        return DecodeError(
            why,
            route=self.route,
            status=self.status,
            content_type=self.content_type,
            excerpt=redact(body[:2000].decode("utf-8", "replace"))[:200],
        )

    def _too_large(self) -> DecodeError:
        return self.unreadable(f"larger than the bound of {self._max_body} bytes")

    def _begin(self) -> None:
        if self._closed or self._taken:
            raise RuntimeError("this response was closed before its body was read: read it inside `async with`")
        self._taken = True

    def _coding(self) -> "_Gzip | None":
        """What inflates the body; None where nothing has to."""
        if len(self._carrier.headers) > MAX_HEADERS:
            raise TransportError(f"more than {MAX_HEADERS} headers were received", outcome="unknown")
        stated = self.headers.lowered.get("content-encoding")
        if stated is None or (coding := stated.strip().lower()) in ("", "identity"):
            return None
        if coding not in ("gzip", "x-gzip"):
            raise self.unreadable(f"compressed as {coding[:40]!r}, though only gzip was asked for")
        return _Gzip(self)

    def _bounded(self, gzip: "_Gzip", body: bytes) -> bytes:
        """A whole body, inflated as far as it may grow."""
        pieces, size = list[bytes](), 0
        try:
            for piece in gzip.feed(body):
                size += len(piece)
                if size > self._max_body:
                    raise self._too_large()
                pieces.append(piece)
            gzip.end()
            return b"".join(pieces)
        finally:
            pieces.clear()  # else the traceback of an error would keep them

    async def _inflated(self) -> AsyncIterator[bytes]:
        gzip = self._coding()
        async for chunk in self._carrier.chunks():
            if gzip is None:
                yield chunk
            else:
                for piece in gzip.feed(chunk):
                    yield piece
        if gzip is not None:
            gzip.end()


class _Gzip:
    """Inflates a body as it comes, by no more than a step at a time."""

    def __init__(self, response: Response[Any]) -> None:
        self._response = response
        self._gzip, self._begun = zlib.decompressobj(zlib.MAX_WBITS | 16), False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        self._begun, rest, full = True, chunk, False
        while rest or full:
            if self._gzip.eof:  # a member may follow a member
                self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                piece = self._gzip.decompress(rest, _STEP)
            except zlib.error as exc:
                raise self._response.unreadable(f"corrupt gzip ({exc})") from None
            yield piece
            # All input may be used up while output is still held back.
            gzip = self._gzip
            rest, full = gzip.unconsumed_tail or gzip.unused_data, len(piece) == _STEP and not gzip.eof

    def end(self) -> None:
        if self._begun and not self._gzip.eof:
            raise self._response.unreadable("the gzip data is cut off")


_SECRETS: Final = (  # compiled with the first text that is shown
    r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}"  # bot tokens
    r"|(?<=/webhooks/)\d+/[\w-]+|(?<=/interactions/)\d+/[\w-]+"  # tokens in paths
    r"|(?<=token\":)\s*\"[^\"]*\"?|(?<=secret\":)\s*\"[^\"]*\"?"
)


def redact(text: str) -> str:
    """``text`` with what looks like a credential of Discord's replaced by ``***``."""
    return re.sub(_SECRETS, "***", text)


def retry_after(headers: Mapping[str, str], body: Mapping[str, Any] | None) -> float | None:
    """Seconds to wait before the same request may be sent again, a day at most; None where nothing sensible is said.

    The body's ``retry_after`` (seconds with milliseconds); the ``Retry-After`` header (whole
    seconds, rounded up) only where there is no JSON body.

    Source: Discord docs, Topics > Rate Limits > Exceeding A Rate Limit.
    """
    stated: Any = headers.get("retry-after") if body is None else body.get("retry_after")
    if isinstance(stated, bool) or not isinstance(stated, (int, float, str)):
        return None
    try:
        seconds = float(stated)
    except (OverflowError, ValueError):
        return None
    return min(seconds, MAX_DELAY) if 0 <= seconds < float("inf") else None
