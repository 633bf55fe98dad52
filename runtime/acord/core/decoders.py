"""Decoders: bytes to Python values.  What is written in capitals or camel case here is yours to overwrite.

``JSON``, ``ETF``, ``decompressResponse`` and ``decodeResponse`` are plain module attributes.  Everybody
who decodes reads them here at the moment of use, so an assignment takes effect from then on::

    import json
    import acord.core.decoders as dec

    dec.JSON = json.loads

While they are ours, REST answers and events go straight from bytes to typed objects; once one of them
is yours, it does the whole decoding.
"""

import functools
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol, TypeAlias

from acord.core.changes import changes
from acord.core.errors import DecodeError

__all__ = ["ETF", "JSON", "Inflater", "decodeResponse", "decompressResponse", "inflater"]

Text: TypeAlias = bytes | str


@functools.cache
def _fast_json() -> tuple[Callable[[Text], Any], tuple[type[Exception], ...]]:
    """msgspec's decoder and what it raises, loaded with the first answer: to make a client needs neither."""
    import msgspec

    return msgspec.json.Decoder().decode, (msgspec.DecodeError, UnicodeError)


def _json(data: Text) -> Any:
    """The value of a JSON text.  ValueError where it is none; lone surrogates, which JSON permits, survive."""
    decode, refusals = _fast_json()
    try:
        return decode(data)
    except refusals:
        pass
    import json

    # msgspec refuses lone surrogates, and says no more about broken text than the standard library.
    text = data.decode() if isinstance(data, bytes) else data
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _etf(data: bytes) -> Any:
    """The value of a term in Erlang's external format, ``DecodeError`` where it is none."""
    return import_module("acord.core.etf").unpack(data)


def _decompress(data: bytes) -> bytes:
    """The one message that a payload-compressed frame holds (a whole zlib stream of its own)."""
    return b"".join(inflater("zlib-payload").feed(data))


def _decode(data: Text) -> Any:
    """The value of an answer or message: ETF where it begins with ETF's version byte, else JSON."""
    # 131 cannot begin a JSON text: in UTF-8 it only continues a character.
    if isinstance(data, bytes) and data[:1] == b"\x83":
        return ETF(data)
    return JSON(data)


JSON: Callable[[Text], Any] = _json
"""JSON text to value: any callable that takes bytes or str and raises on nonsense."""

ETF: Callable[[bytes], Any] = _etf
"""External term format to value."""

decompressResponse: Callable[[bytes], bytes] = _decompress
"""One compressed gateway message to its plain bytes."""

decodeResponse: Callable[[Text], Any] = _decode
"""A whole REST body or gateway message, bytes or str, to its value."""


class Inflater(Protocol):
    """Takes the frames of one connection and gives back complete messages."""

    def feed(self, frame: bytes) -> list[bytes]:
        """The messages that this frame finished.  `DecodeError` where it is corrupt or grows over the bound."""
        ...


def inflater(form: str | None) -> Inflater:
    """A new decompressor for one connection: ``"zlib-stream"``, ``"zstd-stream"``, ``"zlib-payload"`` or None."""
    made: Inflater = import_module("acord.core.inflate").inflater(form)
    return made


class _Module(ModuleType):
    """Notes assignments, so that who decodes many messages at once need not look at the names for each."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        changes.note()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        changes.note()


sys.modules[__name__].__class__ = _Module


# For those who decode


def is_ours() -> bool:
    """Whether JSON text is decoded by ACord: only then may a faster way be taken that skips these attributes."""
    return JSON is _json and decodeResponse is _decode


def etf_is_ours() -> bool:
    """Whether ETF is decoded by ACord."""
    return ETF is _etf and decodeResponse is _decode


def inflates_itself() -> bool:
    """Whether gateway messages are inflated by ACord, which keeps one context for each connection."""
    return decompressResponse is _decompress


def decode(data: Text) -> Any:
    """``decodeResponse(data)``, whatever is bound to that name now; any failure of it is a `DecodeError`."""
    try:
        return decodeResponse(data)
    except DecodeError:
        raise
    except (Exception, RecursionError) as exc:
        # Without the cause: the errors of parsers quote what they were given.
        kind = "JSON" if decodeResponse is _decode else "an answer"
        raise DecodeError(f"cannot be read as {kind}: {_reason(exc)}") from None


def _reason(exc: BaseException) -> str:
    import json

    if isinstance(exc, json.JSONDecodeError):
        return f"{exc.msg} at character {exc.pos}"
    return "nested too deeply" if isinstance(exc, RecursionError) else type(exc).__name__
