"""Inflaters: the frames of one gateway connection in, complete messages out.  Bounded, and one per connection.

A context is worthless after any error: whoever gets a `DecodeError` closes the connection, and takes a new
inflater for the next.
"""

import json
import zlib
from importlib import import_module
from typing import Any, Final, Literal, Protocol, TypeAlias, cast

from acord.core import etf
from acord.core.errors import DecodeError

__all__ = ["MAX_INFLATED", "MAX_WIRE", "Context", "Form", "Inflater", "best_form", "inflater"]

Form: TypeAlias = Literal["zlib-stream", "zstd-stream", "zlib-payload"]

MAX_WIRE: Final = 16 << 20  # bytes of the frames of one compressed message (ours)
MAX_INFLATED: Final = 64 << 20  # bytes of one message (ours; a large READY or member chunk has a few MiB)
MAX_WINDOW_LOG: Final = 23  # 8 MiB: what every zstd encoder stays under unless told otherwise

_SUFFIX: Final = b"\x00\x00\xff\xff"  # ends what zlib flushed, and with it a message
_MAX_FRAMES: Final = 64  # zstd frames within one WebSocket frame; each costs a context and a copy of the rest
_BLANK: Final = b" \t\r\n"


class Context(Protocol):
    """What a frame goes through when it is looked at by itself: see `Inflater.context`."""

    @property
    def eof(self) -> bool:
        """Whether the compressed stream has ended."""
        ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """What the frame inflates to, at most so many bytes of it."""
        ...


class Inflater(Protocol):
    """Takes the frames of one connection and gives back complete messages."""

    @property
    def context(self) -> Context | None:
        """For who would rather inflate a frame and look for a message itself, between two messages.

        Where it has `eof`, or what came out is no message, `take` is to get both.  None where there is no such way.
        """
        ...

    @property
    def pending(self) -> int:
        """Bytes of the message that has begun and not ended; 0 between messages."""
        ...

    def feed(self, frame: bytes) -> list[bytes]:
        """The messages that this frame finished.  `DecodeError` where it is corrupt or grows over the bound."""
        ...

    def take(self, frame: bytes, part: bytes) -> list[bytes]:
        """As `feed`, for a frame that `context` has inflated to `part` already, allowed one byte over the bound."""
        ...


def inflater(form: str | None, *, max_wire: int = MAX_WIRE, max_inflated: int = MAX_INFLATED) -> Inflater:
    """A new inflater for one connection.

    ``"zlib-stream"`` and ``"zstd-stream"`` keep one context over all frames, ``"zlib-payload"`` inflates each
    frame on its own and lets plain ones pass, None checks only the size.

    Raises ValueError for another form, and for zstd where Python has no decoder (Python 3.14, or the package
    backports.zstd).

    Source: Discord docs, Events > Gateway > Encoding and Compression.
    """
    if form is None:
        return _Plain(max_inflated)
    if form == "zlib-payload":
        return _ZlibPayload(max_wire, max_inflated)
    if form == "zlib-stream":
        return _ZlibStream(max_wire, max_inflated)
    if form == "zstd-stream":
        return _ZstdStream(max_wire, max_inflated)
    raise ValueError(f"compression {form!r} is unknown: zlib-stream, zstd-stream, zlib-payload or None")


def best_form() -> Form:
    """The transport compression that costs least here: zstd where a decoder is installed, zlib otherwise."""
    return "zlib-stream" if _zstd() is None else "zstd-stream"


def _zstd() -> Any:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


class _Through:
    """A context that does nothing."""

    eof = False

    @staticmethod
    def decompress(data: bytes, max_length: int, /) -> bytes:
        return data


class _Plain:
    """No compression: every frame is a message."""

    pending = 0
    context = _Through()

    def __init__(self, bound: int) -> None:
        self._bound = bound

    def feed(self, frame: bytes) -> list[bytes]:
        if len(frame) > self._bound:
            raise _too_large(len(frame), self._bound, "on the wire")
        return [frame]

    def take(self, frame: bytes, part: bytes) -> list[bytes]:
        return self.feed(frame)


class _ZlibPayload:
    """Payload compression: each compressed frame is a zlib stream of its own."""

    pending = 0
    context = None

    def __init__(self, max_wire: int, max_inflated: int) -> None:
        self._max_wire, self._max_inflated = max_wire, max_inflated

    def take(self, frame: bytes, part: bytes) -> list[bytes]:
        return self.feed(frame)

    def feed(self, frame: bytes) -> list[bytes]:
        # A zlib header's low bits say 8 (deflate); neither "{" nor ETF's 131 does, so plain frames are told apart.
        if not frame or frame[0] & 0x0F != 8:
            return _Plain(self._max_inflated).feed(frame)
        if len(frame) > self._max_wire:
            raise _too_large(len(frame), self._max_wire, "on the wire")
        context = zlib.decompressobj()
        message = _inflate(context, frame, self._max_inflated)
        if not context.eof or context.unused_data:
            raise DecodeError("zlib: a payload that is not one whole stream")
        return [message]


class _Stream:
    """What both transport compressions share: the parts of a message, and their bounds."""

    def __init__(self, max_wire: int, max_inflated: int) -> None:
        self._max_wire, self._max_inflated = max_wire, max_inflated
        self._head = b""  # the first part, which mostly is all
        self._rest = bytearray()  # one buffer: a list of a million tiny parts would cost fifty times their size
        self._last = b""  # its last sign that is no blank: to look for it later would cost all that there is each time
        self._inflated = self._wire = 0

    @property
    def pending(self) -> int:
        return self._wire

    def _room(self, frame: bytes) -> int:
        """How much more this message may inflate to; counts the frame."""
        self._wire += len(frame)
        if self._wire > self._max_wire:
            raise _too_large(self._wire, self._max_wire, "on the wire")
        return self._max_inflated - self._inflated

    def _keep(self, part: bytes) -> None:
        self._inflated += len(part)
        if self._head:
            self._rest += part
        else:
            self._head = part
        self._last = part.rstrip(_BLANK)[-1:] or self._last

    def _is_begun(self) -> bool:
        """Whether what is there is visibly a beginning only: an object whose brace is open."""
        return self._head[:1] == b"{" and self._last != b"}"

    def _message(self) -> bytes:
        """All parts so far, taken out."""
        head, rest = self._head, self._rest
        self._head = self._last = b""
        self._inflated = self._wire = 0
        if not rest:
            return head
        self._rest = bytearray()
        return head + rest


class _ZlibStream(_Stream):
    """zlib-stream: a message is complete when a frame ends with the suffix of a flush."""

    def __init__(self, max_wire: int, max_inflated: int) -> None:
        super().__init__(max_wire, max_inflated)
        self.context = zlib.decompressobj()
        self._tail = b""
        self._flushes = 0

    def feed(self, frame: bytes) -> list[bytes]:
        return self._take(frame, _inflate(self.context, frame, self._room(frame)))

    def take(self, frame: bytes, part: bytes) -> list[bytes]:
        self._room(frame)
        return self._take(frame, part)

    def _take(self, frame: bytes, part: bytes) -> list[bytes]:
        if len(part) > self._max_inflated:
            raise _too_large(len(part), self._max_inflated, "inflated")
        self._keep(part)
        if self.context.eof:
            raise DecodeError("zlib: the stream has ended, which a gateway never lets it")
        # The suffix may come in pieces; only the last three bytes can belong to it.
        seen = self._tail + frame
        self._tail = seen[-3:]
        self._flushes += seen.count(_SUFFIX)
        if not seen.endswith(_SUFFIX):
            return []
        # The suffix may be part of compressed data by chance; where nothing was flushed, more will come.
        if self._is_begun() and not _is_flushed(self.context):
            return []
        several = self._flushes > 1
        message = self._message()
        self._tail = b""
        self._flushes = 0
        if not message:
            return []
        return _split(message) if several else [message]


class _ZstdStream(_Stream):
    """zstd-stream: each frame of the connection flushes one message; the zstd frame itself may never end."""

    def __init__(self, max_wire: int, max_inflated: int) -> None:
        super().__init__(max_wire, max_inflated)
        zstd = _zstd()
        if zstd is None:
            raise ValueError("zstd-stream needs Python 3.14 or the package backports.zstd (pip install acord[zstd])")
        self._zstd = zstd
        self._options = {zstd.DecompressionParameter.window_log_max: MAX_WINDOW_LOG}
        self.context = zstd.ZstdDecompressor(options=self._options)

    def feed(self, frame: bytes) -> list[bytes]:
        return self._take(frame, None, self._room(frame))

    def take(self, frame: bytes, part: bytes) -> list[bytes]:
        return self._take(frame, part, self._room(frame))

    def _take(self, data: bytes, part: bytes | None, room: int) -> list[bytes]:
        frames = 0
        while True:
            if part is None:
                try:
                    part = cast(bytes, self.context.decompress(data, room + 1))
                except self._zstd.ZstdError as exc:
                    raise DecodeError(f"zstd: {exc}") from None
            room -= len(part)
            if room < 0:
                raise _too_large(self._max_inflated + 1, self._max_inflated, "inflated")
            self._keep(part)
            part = None
            if self.context.eof:
                # Frames may follow each other; each brings its own window.
                frames += 1
                if frames > _MAX_FRAMES:
                    raise DecodeError(f"zstd: more than {_MAX_FRAMES} frames at once")
                data = self.context.unused_data
                self.context = self._zstd.ZstdDecompressor(options=self._options)
            elif self.context.needs_input:
                break
            else:
                data = b""
        # A frame flushes one message; where it came in pieces, the text shows that it is not at its end.
        message = b"" if self._is_begun() else self._message()
        return [message] if message else []


def _inflate(context: Any, data: bytes, room: int) -> bytes:
    try:
        # One byte more than allowed: then "full" and "too much" are not the same.
        out: bytes = context.decompress(data, room + 1)
    except zlib.error as exc:
        raise DecodeError(f"zlib: {exc}") from None
    if len(out) > room:
        raise _too_large(len(out), room, "inflated")
    return out


def _is_flushed(context: Any) -> bool:
    """Whether the stream stands between two blocks, as a flush leaves it.

    Then what comes next can be the last block, an empty one, and a checksum; and only the checksum is wrong.
    """
    try:
        context.copy().decompress(b"\x03\x00" + b"\x00\x00\x00\x00")
    except zlib.error as exc:
        return "data check" in str(exc)
    return False


def _too_large(size: int, bound: int, where: str) -> DecodeError:
    return DecodeError(f"a message of {size} bytes or more {where}; at most {bound} are read")


def _split(data: bytes) -> list[bytes]:
    """The messages in what several flushes gave, or all of it as one where that makes no sense.

    One flush is one message, so this happens only where frames were joined on the way, or where the
    suffix occurs within compressed data.  Takes one pass, as the parser after it would.
    """
    ends: list[int] = []
    try:
        if data[:1] == bytes((etf.VERSION,)):
            while (start := ends[-1] if ends else 0) < len(data):
                if data[start] != etf.VERSION:
                    return [data]
                ends.append(etf.unpack_from(data, start + 1)[1])
        else:
            # latin-1 keeps one character per byte, and JSON's own signs are ASCII.
            text = data.decode("latin-1")
            read = json.JSONDecoder().raw_decode
            while (start := ends[-1] if ends else 0) < len(text):
                ends.append(read(text, start)[1])
    except (DecodeError, ValueError, RecursionError):
        return [data]
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
