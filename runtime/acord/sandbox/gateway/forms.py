"""How the messages of one connection are written and read: JSON or ETF, compressed or not. One per connection."""

import json
import zlib
from importlib import import_module
from typing import Any, Final, Literal, TypeAlias, cast

from acord.core import etf
from acord.core.errors import DecodeError
from acord.sandbox.answers import Json

__all__ = ["Compression", "Form", "Frame", "Unreadable", "text_of"]

Compression: TypeAlias = Literal["zlib-stream", "zstd-stream"]
Frame: TypeAlias = tuple[bytes, bool]
"""A WebSocket message, and whether it is text."""

_ATOMS: Final = frozenset({100, 115, 118, 119})
_PAYLOAD_LEAST: Final = 512  # bytes from which payload compression pays; "not all payloads will be compressed"


class Unreadable(Exception):
    """What came is no message."""


def text_of(data: object) -> str:
    """The data of an event as JSON text: from then on nothing that happens to the world changes it."""
    return json.dumps(data, separators=(",", ":"))


class Form:
    """Writes and reads; raises ValueError for a form that does not exist, or that Python cannot write here."""

    __slots__ = ("_deflate", "_zstd", "compress", "encoding", "payloads")

    def __init__(self, encoding: str = "json", compress: str | None = None) -> None:
        if encoding not in ("json", "etf"):
            raise ValueError(f"encoding {encoding!r} is unknown: json or etf")
        self.encoding, self.compress = encoding, compress
        self.payloads = False
        """Whether the identify asked for payload compression."""
        self._deflate = zlib.compressobj() if compress == "zlib-stream" else None
        self._zstd: Any = None
        if compress == "zstd-stream":
            self._zstd = _zstd()
        elif compress not in (None, "zlib-stream"):
            raise ValueError(f"compression {compress!r} is unknown: zlib-stream or zstd-stream")

    def write(self, op: int, data: str = "null", s: int | None = None, t: str | None = None) -> Frame:
        """``data`` is JSON text."""
        if self.encoding == "etf":
            plain = etf.pack({"t": t, "s": s, "op": op, "d": json.loads(data)})
        else:
            plain = f'{{"t":{json.dumps(t)},"s":{json.dumps(s)},"op":{op},"d":{data}}}'.encode()
        return self.pack(plain)

    def pack(self, plain: bytes) -> Frame:
        """A message that is written already, compressed as this connection's are."""
        if self._deflate is not None:
            return self._deflate.compress(plain) + self._deflate.flush(zlib.Z_SYNC_FLUSH), False
        if self._zstd is not None:
            return bytes(self._zstd.compress(plain, mode=self._zstd.FLUSH_BLOCK)), False
        if self.payloads and self.encoding == "json" and len(plain) >= _PAYLOAD_LEAST:
            return zlib.compress(plain), False
        return plain, self.encoding == "json"

    def read(self, data: str | bytes) -> Json:
        """The message that a client sent. Raises `Unreadable`."""
        try:
            value = self._value(data)
        except (ValueError, RecursionError, DecodeError) as exc:
            raise Unreadable(f"no {self.encoding}: {exc}") from None
        if not isinstance(value, dict):
            raise Unreadable("no object")
        message = cast(Json, value)
        op = message.get("op")
        if type(op) is not int or not 0 <= op < 1 << 32:
            raise Unreadable("op is no integer")
        return message

    def _value(self, data: str | bytes) -> object:
        if self.encoding == "json":
            value = json.loads(data)
            if "\\ud" in (data if isinstance(data, str) else data.decode()).lower():
                json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair cannot be sent on
            return value
        raw = data.encode() if isinstance(data, str) else data
        # Version, MAP, four bytes of count, then the first key: Discord takes no atoms as keys.
        if raw[1:2] == b"\x74" and len(raw) > 6 and raw[6] in _ATOMS:
            raise Unreadable("keys are binaries, not atoms")
        return etf.unpack(raw)


def _zstd() -> Any:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name).ZstdCompressor()
        except ImportError:
            continue
    raise ValueError("zstd-stream needs Python 3.14 or the package backports.zstd (pip install acord[zstd])")
