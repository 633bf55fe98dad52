"""ETF, Erlang's external term format, as far as Discord speaks it: `pack` and `unpack`, both without recursion.

The input is hostile: every length is checked against the bytes that are there before anything is allocated,
nesting and the number of terms are bounded, and what Discord never sends (pids, funs, references, tuples,
compressed terms) is refused.  Atoms become `str` and are kept nowhere.

Source: Discord docs, Events > Gateway > Encoding and Compression; erlang.org, External Term Format.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from struct import Struct
from typing import Any, Final, TypeAlias, cast

from acord.core.errors import DecodeError, InvalidRequest

__all__ = ["pack", "unpack"]

VERSION: Final = 131
MAX_DEPTH: Final = 256  # as deep as any JSON we accept
MAX_TERMS: Final = 8_000_000  # an empty list is one byte on the wire and 56 in memory: bound what they add up to

_NEW_FLOAT, _COMPRESSED, _SMALL_INTEGER, _INTEGER, _FLOAT = 70, 80, 97, 98, 99
_ATOM, _SMALL_ATOM, _ATOM_UTF8, _SMALL_ATOM_UTF8 = 100, 115, 118, 119
_NIL, _STRING, _LIST, _BINARY, _SMALL_BIG, _MAP = 106, 107, 108, 109, 110, 116

_U16, _U32, _I32, _F64 = Struct(">H"), Struct(">I"), Struct(">i"), Struct(">d")
_OLD_FLOAT = re.compile(rb"[ ]*[+-]?[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]{1,3})?\0*")
_CONSTANTS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "nil": None, "null": None}


class _Open:
    """A list or map that still waits for members."""

    __slots__ = ("items", "key", "left", "map")

    def __init__(self, left: int, *, is_map: bool) -> None:
        self.left = left
        self.items: list[Any] = []
        self.map: dict[str, Any] | None = {} if is_map else None
        self.key = ""


def unpack(data: bytes) -> Any:
    """The value of one term: None, bool, int, float, str, list or a dict with keys of `str`.

    Ids stay exact.  Binaries and atoms are text, atoms ``true false nil null`` their Python constants; a key
    that is an integer or an atom is its spelling.  A STRING (short integers packed as bytes) is a list of int.

    Raises `DecodeError` for anything that is not exactly one such term.
    """
    if not data or data[0] != VERSION:
        raise DecodeError(f"not ETF: a term begins with {VERSION}, this with {data[0] if data else 'nothing'}")
    value, end = unpack_from(data, 1)
    if end != len(data):
        raise DecodeError(f"ETF: {len(data) - end} bytes follow the term")
    return value


def unpack_from(data: bytes, start: int) -> tuple[Any, int]:
    """The term at `start`, behind its version byte, and where it ends.  `DecodeError` where there is none."""
    reader = _Reader(data, start)
    stack: list[_Open] = []
    terms = 0
    while True:
        top = stack[-1] if stack else None
        if top is not None and not top.left:
            value = _finish(reader, top)
            stack.pop()
            top = stack[-1] if stack else None
        else:
            terms += 1
            if terms > MAX_TERMS:
                raise DecodeError(f"ETF: more than {MAX_TERMS} terms")
            if top is not None and top.map is not None:
                top.key = reader.key()
            value = reader.term()
            if type(value) is _Open:
                if len(stack) >= MAX_DEPTH:
                    raise DecodeError(f"ETF: nested deeper than {MAX_DEPTH}")
                stack.append(value)
                continue
        if top is None:
            return value, reader.at
        if top.map is None:
            top.items.append(value)
        else:
            top.map[top.key] = value
        top.left -= 1


def _finish(reader: "_Reader", done: _Open) -> Any:
    if done.map is not None:
        return done.map
    if reader.byte() != _NIL:
        raise DecodeError(f"ETF: improper list at byte {reader.at - 1}")
    return done.items


class _Reader:
    """Reads single terms, never past the end."""

    __slots__ = ("at", "data", "size")

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at, self.size = data, at, len(data)

    def byte(self) -> int:
        at = self.at
        if at >= self.size:
            raise DecodeError("ETF: the data ends within a term")
        self.at = at + 1
        return self.data[at]

    def take(self, count: int) -> bytes:
        at, end = self.at, self.at + count
        if end > self.size:
            raise DecodeError(f"ETF: {count} bytes announced at byte {at}, {self.size - at} are there")
        self.at = end
        return self.data[at:end]

    def u16(self) -> int:
        return int(_U16.unpack(self.take(2))[0])

    def u32(self) -> int:
        return int(_U32.unpack(self.take(4))[0])

    def members(self, each: int) -> int:
        """A count of members that take at least `each` bytes: as many as can still be there."""
        count = self.u32()
        if count * each > self.size - self.at:
            raise DecodeError(f"ETF: {count} members announced, only {self.size - self.at} bytes follow")
        return count

    def term(self) -> Any:
        """A scalar, or an `_Open` for a list or map whose members follow."""
        tag = self.byte()
        if tag == _BINARY:
            return self.text(self.u32())
        if tag == _SMALL_INTEGER:
            return self.byte()
        if tag == _MAP:
            return _Open(self.members(2), is_map=True)
        if tag in (_SMALL_ATOM, _SMALL_ATOM_UTF8, _ATOM, _ATOM_UTF8):
            name = self.atom(tag)
            return _CONSTANTS.get(name, name)
        if tag == _LIST:
            return _Open(self.members(1), is_map=False)
        if tag == _NIL:
            return []
        if tag == _STRING:
            return list(self.take(self.u16()))
        if tag == _NEW_FLOAT:
            return self.finite(float(_F64.unpack(self.take(8))[0]))
        if tag == _FLOAT:
            written = self.take(31)
            if not _OLD_FLOAT.fullmatch(written):
                raise DecodeError(f"ETF: a float that is none, at byte {self.at - 31}")
            return self.finite(float(written.rstrip(b"\0")))
        return self.integer(tag)

    def key(self) -> str:
        tag = self.byte()
        if tag == _BINARY:
            return self.text(self.u32())
        if tag in (_SMALL_ATOM, _SMALL_ATOM_UTF8, _ATOM, _ATOM_UTF8):
            return self.atom(tag)
        return str(self.integer(tag, "a key"))

    def integer(self, tag: int, due: str = "a term") -> int:
        if tag == _SMALL_INTEGER:
            return self.byte()
        if tag == _INTEGER:
            return int(_I32.unpack(self.take(4))[0])
        if tag == _SMALL_BIG:
            count, sign = self.byte(), self.byte()
            # 64 bits hold every id; more would be work for nothing.
            if count > 8 or sign > 1:
                raise DecodeError(f"ETF: an integer of {count} bytes and sign {sign}; at most 8 and 0 or 1")
            size = int.from_bytes(self.take(count), "little")
            return -size if sign else size
        kind = "a compressed term" if tag == _COMPRESSED else f"tag {tag}"
        raise DecodeError(f"ETF: {kind} where {due} is due, at byte {self.at - 1}")

    def atom(self, tag: int) -> str:
        raw = self.take(self.byte() if tag in (_SMALL_ATOM, _SMALL_ATOM_UTF8) else self.u16())
        if tag in (_ATOM, _SMALL_ATOM):
            return raw.decode("latin-1")
        return self.decoded(raw)

    def text(self, count: int) -> str:
        return self.decoded(self.take(count))

    def decoded(self, raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            pass
        try:
            # Lone surrogates exist in people's names and messages; JSON carries them, so this does.
            return raw.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise DecodeError(f"ETF: text that is not UTF-8, before byte {self.at}") from None

    def finite(self, value: float) -> float:
        if not math.isfinite(value):
            raise DecodeError(f"ETF: a float that is not finite, before byte {self.at}")
        return value


# Packing

_Members: TypeAlias = tuple[Iterator[tuple[object, object]], bool]  # (where, member) to come; a list is closed by NIL


def pack(value: object) -> bytes:
    """The value as one term, in the forms that Discord takes: text and keys as binaries, never as atoms.

    Takes None, bool, int of at most 64 bits, finite float, str, and mappings and sequences of them.  An enum
    member is its value, an integer key its digits.

    Raises `InvalidRequest`, naming the place, for everything else.

    Source: Discord docs, Events > Gateway > Encoding (keys as atoms are answered with close code 4002).
    """
    out = bytearray((VERSION,))
    # One entry for each container that is open: its members still to come, and where we are in it.
    stack: list[_Members] = [(iter((("", value),)), False)]
    path: list[object] = []
    while stack:
        members, is_list = stack[-1]
        for where, member in members:
            path[len(stack) - 1 :] = [where]
            opened = _pack_one(out, member, path)
            if opened is not None:
                if len(stack) > MAX_DEPTH:
                    raise InvalidRequest(_spell(path), member, f"at most {MAX_DEPTH} levels (does it contain itself?)")
                stack.append(opened)
                break
        else:
            stack.pop()
            if is_list:
                out.append(_NIL)
    return bytes(out)


def _pack_one(out: bytearray, value: object, path: Sequence[object]) -> _Members | None:
    """Write a scalar, or the head of a container and give back its members."""
    given = value
    if isinstance(value, Enum) and not isinstance(value, int | str):
        value = value.value
    if value is None or isinstance(value, bool):
        name = b"nil" if value is None else b"true" if value else b"false"
        out += bytes((_SMALL_ATOM_UTF8, len(name))) + name
    elif isinstance(value, str):
        _pack_text(out, value)
    elif isinstance(value, int):
        _pack_int(out, value, path)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidRequest(_spell(path), value, "a finite number")
        out.append(_NEW_FLOAT)
        out += _F64.pack(value)
    elif isinstance(value, Mapping):
        mapping = cast(Mapping[object, object], value)
        out.append(_MAP)
        out += _U32.pack(len(mapping))
        return _pairs(out, mapping, path), False
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        items = cast(Sequence[object], value)
        if not items:
            out.append(_NIL)
            return None
        out.append(_LIST)
        out += _U32.pack(len(items))
        return iter(enumerate(items)), True
    else:
        raise InvalidRequest(_spell(path), given, "None, bool, int, float, str, or a mapping or sequence of them")
    return None


def _pairs(out: bytearray, mapping: Mapping[object, object], path: Sequence[object]) -> Iterator[tuple[object, object]]:
    depth = len(path)
    for key, member in mapping.items():
        if isinstance(key, bool) or not isinstance(key, str | int):
            raise InvalidRequest(_spell(path[:depth]), key, "keys of str or int")
        text = key if isinstance(key, str) else str(int(key))
        _pack_text(out, text)
        yield text, member


def _pack_text(out: bytearray, text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    out.append(_BINARY)
    out += _U32.pack(len(raw))
    out += raw


def _pack_int(out: bytearray, value: int, path: Sequence[object]) -> None:
    number = int(value)
    if 0 <= number < 256:
        out += bytes((_SMALL_INTEGER, number))
    elif -(2**31) <= number < 2**31:
        out.append(_INTEGER)
        out += _I32.pack(number)
    elif abs(number) < 2**64:
        size = (abs(number).bit_length() + 7) // 8
        out += bytes((_SMALL_BIG, size, number < 0)) + abs(number).to_bytes(size, "little")
    else:
        raise InvalidRequest(_spell(path), value, "an integer of at most 64 bits")


def _spell(path: Sequence[object]) -> str:
    """``d.embeds[0].title`` for where a value lies; ``value`` for the whole."""
    spelled = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[1:])
    spelled = spelled.lstrip(".") or "value"
    return spelled if len(spelled) <= 100 else f"{spelled[:100]}..."
