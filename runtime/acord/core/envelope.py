"""Envelopes: ``op``, ``s`` and ``t`` of a gateway message, with ``d`` left as it came.

Nobody reads most events: their body stays a slice of the received bytes until somebody does.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import msgspec

from acord.core.errors import DecodeError

__all__ = ["Envelope", "Malformed", "body", "decoder", "from_value", "read", "typed"]

MAX_DEPTH = 256  # of a message that has to be decoded here; deeper is no message of Discord's

T = TypeVar("T")


class Envelope(msgspec.Struct, gc=False):
    """One gateway message.

    ``d`` is `msgspec.Raw`, a slice of the message as it came, or a value that is decoded already (ETF, or a
    decoder of the user's); `body` gives the value of both.
    """

    op: int
    d: Any = None
    s: int | None = None
    t: str | None = None


class Malformed(DecodeError):
    """A message that can be read and is no envelope.  It is dropped; the stream behind it is sound."""


class _Undecoded(Envelope, gc=False):
    d: msgspec.Raw = msgspec.Raw(b"null")


decoder: "msgspec.json.Decoder[Envelope]" = msgspec.json.Decoder(_Undecoded)
_values = msgspec.json.Decoder()


def read(data: bytes | str, decoder: "msgspec.json.Decoder[Envelope]" = decoder) -> Envelope:
    """The envelope of one JSON text; of the class that `decoder` makes, where it can be read at once.

    Raises `Malformed` where the text is JSON but no envelope: not an object, ``op`` missing or no integer,
    ``s`` or ``t`` of another type.  Raises `DecodeError` where it is not JSON at all: then the connection
    cannot be trusted any longer.  Lone surrogates are JSON.
    """
    try:
        envelope = decoder.decode(data)
        # msgspec skips over `d` without a look at its characters; ASCII, which most is, needs none.
        if isinstance(data, bytes) and not data.isascii():
            data.decode()
    except msgspec.ValidationError as exc:
        # Raised at the first wrong member: the rest of the text may not even be JSON.
        _loads(data)
        raise Malformed(f"not an envelope: {exc}") from None
    except RecursionError:
        raise DecodeError("JSON nested too deeply") from None
    except (msgspec.DecodeError, UnicodeError):
        # msgspec refuses lone surrogates as well; the standard library does not.
        return from_value(_loads(data))
    return envelope


def from_value(value: object) -> Envelope:
    """The envelope of a message that was decoded as a whole.  `Malformed` where it is none."""
    if not isinstance(value, Mapping):
        raise Malformed(f"not an envelope: {_kind(value)} instead of an object")
    message = cast(Mapping[object, object], value)
    op, seq, name = message.get("op"), message.get("s"), message.get("t")
    if not isinstance(op, int) or isinstance(op, bool):
        raise Malformed(f"not an envelope: op is {_kind(op)}" if "op" in message else "not an envelope: no op")
    if seq is not None and (not isinstance(seq, int) or isinstance(seq, bool)):
        raise Malformed(f"not an envelope: s is {_kind(seq)}")
    if name is not None and not isinstance(name, str):
        raise Malformed(f"not an envelope: t is {_kind(name)}")
    return Envelope(op, message.get("d"), seq, name)


def body(envelope: Envelope) -> Any:
    """The value of ``d``.  `DecodeError` where it cannot be read, which its envelope did not need to notice."""
    raw = envelope.d
    if not isinstance(raw, msgspec.Raw):
        return raw
    try:
        return _values.decode(raw)
    except RecursionError:
        raise DecodeError("JSON nested too deeply") from None
    except (msgspec.DecodeError, UnicodeError):
        return _loads(bytes(raw))


def typed(envelope: Envelope, decoder: "msgspec.json.Decoder[T]", kind: type[T]) -> T | None:
    """``d`` as a `kind`, without decoding what `kind` does not name; None where it does not fit."""
    try:
        if isinstance(envelope.d, msgspec.Raw):
            return decoder.decode(envelope.d)
        return msgspec.convert(envelope.d, kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _loads(data: bytes | str) -> Any:
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        value = json.loads(text, parse_constant=_refuse)
        _check_depth(value)
    except RecursionError:
        raise DecodeError("JSON nested too deeply") from None
    except json.JSONDecodeError as exc:
        raise DecodeError(f"not JSON: {exc.msg} at character {exc.pos}") from None
    except UnicodeDecodeError as exc:
        raise DecodeError(f"not UTF-8: {exc.reason} at byte {exc.start}") from None
    except ValueError:
        raise DecodeError("not JSON") from None
    return value


def _check_depth(value: object) -> None:
    layer = [value]
    for _ in range(MAX_DEPTH):
        deeper: list[object] = []
        for item in layer:
            if isinstance(item, dict):
                deeper += cast(dict[str, object], item).values()
            elif isinstance(item, list):
                deeper += cast(list[object], item)
        if not deeper:
            return
        layer = deeper
    raise DecodeError(f"JSON nested deeper than {MAX_DEPTH}")


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__
