"""Inflaters: the frames of one gateway connection in, complete messages out.  Bounded, and one per connection.

A context is worthless after any error: whoever gets a `DecodeError` closes the connection, and takes a new
inflater for the next.
"""

import json
import sys
import zlib
from collections.abc import Sequence
from importlib import import_module
from itertools import repeat
from typing import Any, Final, Literal, Protocol, TypeAlias, cast

from acord.core import etf
from acord.core.errors import DecodeError

__all__ = ["AHEAD", "MAX_INFLATED", "MAX_WIRE", "Form", "Inflater", "best_form", "inflater"]

Form: TypeAlias = Literal["zlib-stream", "zstd-stream", "zlib-payload"]

MAX_WIRE: Final = 16 << 20  # bytes of the frames of one compressed message (ours)
MAX_INFLATED: Final = 64 << 20  # bytes of one message (ours; a large READY or member chunk has a few MiB)
AHEAD: Final = 64  # frames that are inflated before the first of them is looked at (ours)
AHEAD_INFLATED: Final = 1 << 20  # bytes from which on no other is (ours)
MAX_WINDOW_LOG: Final = 23  # 8 MiB: what every zstd encoder stays under unless told otherwise

_SUFFIX: Final = b"\x00\x00\xff\xff"  # ends what zlib flushed, and with it a message
_MAX_FRAMES: Final = 64  # zstd frames within one WebSocket frame; each costs a context and a copy of the rest
_BLANK: Final = b" \t\r\n"


class Inflater(Protocol):
    """Takes the frames of one connection and gives back complete messages."""

    @property
    def pending(self) -> int:
        """Bytes of the message that has begun and not ended; 0 between messages."""
        ...

    def feed(self, frame: bytes) -> list[bytes]:
        """The messages that this frame finished.  `DecodeError` where it is corrupt or grows over the bound."""
        ...

    def ahead(self, frames: Sequence[bytes]) -> Sequence[bytes] | None:
        """What these frames inflate to, each its own part, for who would rather look for messages himself.

        At least the first frame's; not those of a damaged frame and all behind it, for which the next call raises
        `DecodeError`; no more where they grow large.  Each frame goes to `take` next, with its part, but where the
        part was found to be a message, between two messages.  None where there is no such way.

        To inflate several and then to look at them costs a sixth less than to do both in turn.
        """
        ...

    def take(self, frame: bytes, part: bytes, *, newest: bool = True) -> list[bytes]:
        """As `feed`, for a frame that `ahead` has inflated to `part`; `newest` where none behind it has been since.

        Of the others the stream no longer says whether it was flushed behind them: their text has to.
        """
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
    # One name: to look for another that is not there reads folders, which a process without descriptors cannot.
    try:
        return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    except ImportError:
        return None


class _Plain:
    """No compression: every frame is a message."""

    pending = 0

    def __init__(self, bound: int) -> None:
        self._bound = bound

    def feed(self, frame: bytes) -> list[bytes]:
        if len(frame) > self._bound:
            raise _too_large(len(frame), self._bound, "on the wire")
        return [frame]

    def ahead(self, frames: Sequence[bytes]) -> Sequence[bytes]:
        return frames

    def take(self, frame: bytes, part: bytes, *, newest: bool = True) -> list[bytes]:
        return self.feed(frame)


class _ZlibPayload:
    """Payload compression: each compressed frame is a zlib stream of its own."""

    pending = 0

    def __init__(self, max_wire: int, max_inflated: int) -> None:
        self._max_wire, self._max_inflated = max_wire, max_inflated

    def ahead(self, frames: Sequence[bytes]) -> None:
        return None

    def take(self, frame: bytes, part: bytes, *, newest: bool = True) -> list[bytes]:
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
        self._inflated = self.pending = 0

    def _room(self, frame: bytes) -> int:
        """How much more this message may inflate to; counts the frame."""
        self.pending += len(frame)
        if self.pending > self._max_wire:
            raise _too_large(self.pending, self._max_wire, "on the wire")
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
        self._inflated = self.pending = 0
        if not rest:
            return head
        self._rest = bytearray()
        return head + rest


class _ZlibStream(_Stream):
    """zlib-stream: a message is complete when a frame ends with the suffix of a flush."""

    def __init__(self, max_wire: int, max_inflated: int) -> None:
        super().__init__(max_wire, max_inflated)
        self._context = zlib.decompressobj()
        self._bound = repeat(max_inflated + 1)
        self._damage: DecodeError | None = None  # of the frame behind those that were inflated ahead
        self._tail = b""
        self._flushes = 0

    def feed(self, frame: bytes) -> list[bytes]:
        if self._damage is not None:
            raise self._damage
        return self._take(frame, _inflate(self._context, frame, self._room(frame)), newest=True)

    def ahead(self, frames: Sequence[bytes]) -> Sequence[bytes]:
        if self._damage is not None:
            raise self._damage
        parts: list[bytes] = []
        try:
            # Several have 16 KiB together at most (`frames.MAX_RUN`), which is 17 MiB inflated, and mostly what a
            # cache holds.  What was there before an error stays in the list.
            if len(frames) == 1:
                parts = [self._context.decompress(frames[0], self._max_inflated + 1)]
            else:
                parts.extend(map(self._context.decompress, frames, self._bound))
        except zlib.error as exc:
            self._damage = DecodeError(f"zlib: {exc}")
        if self._context.eof:
            self._damage = _ended()
            del parts[_last_of(self._context, frames[: len(parts)]) :]
        if self._damage is not None and not parts:
            raise self._damage
        return parts

    def take(self, frame: bytes, part: bytes, *, newest: bool = True) -> list[bytes]:
        return self._take(frame, _within(part, self._room(frame)), newest=newest)

    def _take(self, frame: bytes, part: bytes, *, newest: bool) -> list[bytes]:
        self._keep(part)
        if self._context.eof and self._damage is None:
            raise _ended()
        # The suffix may come in pieces; only the last three bytes can belong to it.
        seen = self._tail + frame
        self._tail = seen[-3:]
        self._flushes += seen.count(_SUFFIX)
        if not seen.endswith(_SUFFIX):
            return []
        # The suffix may be part of compressed data by chance; where nothing was flushed, more will come.
        if self._is_begun() and not (newest and _is_flushed(self._context)):
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
        self._context = zstd.ZstdDecompressor(options=self._options)
        self._damage: DecodeError | None = None

    def feed(self, frame: bytes) -> list[bytes]:
        if self._damage is not None:
            raise self._damage
        return self._take(self._inflate(frame, self._room(frame)))

    def ahead(self, frames: Sequence[bytes]) -> Sequence[bytes]:
        if self._damage is not None:
            raise self._damage
        parts: list[bytes] = []
        room = AHEAD_INFLATED
        for frame in frames:
            try:
                part = self._inflate(frame, self._max_inflated)
            except DecodeError as exc:
                if not parts:
                    raise
                self._damage = exc
                break
            parts.append(part)
            room -= len(part)
            if room < 0:
                break
        return parts

    def take(self, frame: bytes, part: bytes, *, newest: bool = True) -> list[bytes]:
        return self._take(_within(part, self._room(frame)))

    def _take(self, part: bytes) -> list[bytes]:
        self._keep(part)
        # A frame flushes one message; where it came in pieces, the text shows that it is not at its end.
        message = b"" if self._is_begun() else self._message()
        return [message] if message else []

    def _inflate(self, data: bytes, room: int) -> bytes:
        part = self._once(data, room)
        if not self._context.eof:
            return part
        parts, ends = [part], 0
        while self._context.eof:
            # Frames may follow each other; each brings its own window.
            ends += 1
            if ends > _MAX_FRAMES:
                raise DecodeError(f"zstd: more than {_MAX_FRAMES} frames at once")
            room -= len(part)
            data = self._context.unused_data
            self._context = self._zstd.ZstdDecompressor(options=self._options)
            if data:
                parts.append(part := self._once(data, room))
        return b"".join(parts)

    def _once(self, data: bytes, room: int) -> bytes:
        try:
            part = cast(bytes, self._context.decompress(data, room + 1))
        except self._zstd.ZstdError as exc:
            raise DecodeError(f"zstd: {exc}") from None
        return _within(part, room)


def _inflate(context: Any, data: bytes, room: int) -> bytes:
    try:
        # One byte more than allowed: then "full" and "too much" are not the same.
        out: bytes = context.decompress(data, room + 1)
    except zlib.error as exc:
        raise DecodeError(f"zlib: {exc}") from None
    if len(out) > room:
        raise _too_large(len(out), room, "inflated")
    return out


def _within(part: bytes, room: int) -> bytes:
    if len(part) > room:
        raise _too_large(len(part), room, "inflated")
    return part


def _ended() -> DecodeError:
    return DecodeError("zlib: the stream has ended, which a gateway never lets it")


def _last_of(context: Any, frames: Sequence[bytes]) -> int:
    """Which of these frames a stream that has ended has ended in: those behind it are unused."""
    unused = len(context.unused_data)
    for at in reversed(range(len(frames))):
        if unused < len(frames[at]):
            return at
        unused -= len(frames[at])
    return 0


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
