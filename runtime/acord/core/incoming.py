"""What one connection receives: frames in, envelopes out.

The short way (inflate, look at the envelope, leave the body alone) runs while `decoders` are ours; what a user
has bound there does the whole decoding instead.
"""

from collections.abc import Sequence

import msgspec

from acord.core import decoders, dispatch, envelope as envelopes
from acord.core.envelope import Envelope, Malformed
from acord.core.errors import DecodeError
from acord.core.inflate import MAX_INFLATED, MAX_WIRE, Inflater, inflater

__all__ = ["Incoming", "max_frame"]

_decode = dispatch.decoder.decode
_FLUSHED = b"\x00\x00\xff\xff"  # ends each message of a zlib stream


def max_frame(form: str | None) -> int:
    """The largest WebSocket message to accept, in bytes."""
    return MAX_INFLATED if form is None else MAX_WIRE


class _Rebound:
    """Lets the user's `decompressResponse` inflate, one message at a time."""

    def ahead(self, frames: Sequence[bytes]) -> None:
        return None

    def take(self, frame: bytes, part: bytes, *, newest: bool = True) -> list[bytes]:
        return self.feed(frame)

    def __init__(self, form: str | None) -> None:
        self._flushed = form == "zlib-stream"
        self._parts = bytearray()

    @property
    def pending(self) -> int:
        return len(self._parts)

    def feed(self, frame: bytes) -> list[bytes]:
        self._parts += frame
        if len(self._parts) > MAX_WIRE:
            raise DecodeError(f"a message of more than {MAX_WIRE} bytes on the wire")
        if self._flushed and not self._parts.endswith(_FLUSHED):
            return []
        message = bytes(self._parts)
        self._parts.clear()
        try:
            return [decoders.decompressResponse(message)]
        except DecodeError:
            raise
        except Exception as exc:
            raise DecodeError(f"decompressResponse failed: {type(exc).__name__}") from exc


class Incoming:
    """The reading side of one connection.  It is of no use to the next."""

    def __init__(self, form: str | None, encoding: str) -> None:
        self._binary = encoding == "etf"
        self.form = form
        rebound = form is not None and not decoders.inflates_itself()
        self._inflater: Inflater = _Rebound(form) if rebound else inflater(form)
        self._is_stream = form in ("zlib-stream", "zstd-stream")
        self._one_by_one = encoding == "json" and not rebound
        self.ahead = self._inflater.ahead

    @property
    def pending(self) -> int:
        """Bytes of a message that has begun and not ended."""
        return self._inflater.pending

    def is_between(self, binary: bool) -> bool:
        """Whether a JSON message may be read from the next frame alone, one of this kind.

        Not in the middle of a message, where frames are no part of a stream, and where decoders are the user's.
        """
        return self._one_by_one and not self._inflater.pending and binary is self._is_stream and decoders.is_ours()

    def feed(self, data: bytes, *, binary: bool, part: bytes | None = None, newest: bool = True) -> list[bytes]:
        """The messages that this frame finished; `part` is what `ahead` has made of it, where that was done.

        `newest` is for `Inflater.take`.  `DecodeError` where the connection is of no more use.
        """
        if part is not None:
            return self._inflater.take(data, part, newest=newest)
        if self._is_stream and binary:
            return self._inflater.feed(data)
        # Compressed frames are binary; of the rest, ETF is and JSON is not.
        if self.form is None and binary is not self._binary:
            raise DecodeError("a binary frame where text is due" if binary else "a text frame where binary is due")
        if self._is_stream:
            raise DecodeError("a text frame in a compressed stream")
        if self.form == "zlib-payload" and not binary:
            return [data]
        return self._inflater.feed(data)

    def read(self, message: bytes) -> Envelope:
        """The envelope of one message.

        Raises `Malformed` where the message alone is no good, `DecodeError` where the connection is not.
        """
        if not self._binary and decoders.is_ours():
            try:
                envelope = _decode(message)
                # msgspec skips over `d` without a look at its characters; ASCII, which most is, needs none.
                if not message.isascii():
                    message.decode()
            except (msgspec.MsgspecError, UnicodeError, RecursionError):
                return envelopes.read(message, dispatch.decoder)  # which says what is wrong, if anything is
            return envelope
        try:
            value = decoders.decode(message)
        except DecodeError as exc:
            if self._decodes_itself():
                raise
            # A user's function that fails says nothing about the stream.
            raise Malformed(exc.reason) from exc
        return envelopes.from_value(value)

    def _decodes_itself(self) -> bool:
        return decoders.etf_is_ours() if self._binary else decoders.is_ours()
