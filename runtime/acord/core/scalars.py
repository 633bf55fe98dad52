"""Shapes of single values: what an argument may be, checked without pydantic, and how it is written as JSON.

`core.shapes` has those made of others, and these again. `str` of a shape is the spec's notation.
"""

import enum
import re
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, cast

from acord.core.errors import InvalidRequest
from acord.core.frozen import Frozen
from acord.core.types import DigitFlags, File
from acord.core.values import jsonable, plain

__all__ = [
    "Anything",
    "Binary",
    "Boolean",
    "Enum",
    "Id",
    "Image",
    "Integer",
    "Number",
    "Shape",
    "String",
    "Timestamp",
    "span",
]

_ID_END: Final = 2**64


class Shape(Frozen):
    """What a value may be."""

    __slots__ = ()

    def check(self, value: object, where: str) -> Any:
        """``value`` as JSON-ready data. Raises `InvalidRequest`, naming ``where``, if Discord would refuse it."""
        raise NotImplementedError

    def loose(self, value: object, where: str) -> Any:
        """As `check`, but what is merely not allowed passes; only what no JSON can say raises."""
        try:
            return self.check(value, where)
        except InvalidRequest:
            return jsonable(value, where)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


def span(low: object, high: object, *more: str) -> str:
    """Limits in the notation of the spec: ``1..80``, ``..10``, ``0..``; "" where there are none."""
    parts = [] if low is None and high is None else [f"{'' if low is None else low}..{'' if high is None else high}"]
    return ", ".join([*parts, *more])


class String(Shape):
    """Text. ``pattern`` is ECMAScript's; one that Python's `re` cannot read is left to Discord."""

    __slots__ = _fields = ("min", "max", "pattern", "format")

    min: int | None
    max: int | None
    pattern: str | None
    format: str | None

    def __init__(
        self, min: int | None = None, max: int | None = None, pattern: str | None = None, format: str | None = None
    ) -> None:
        self._fill(min, max, pattern, format)

    def check(self, value: object, where: str) -> Any:
        if type(value) is not str:
            if isinstance(value, DigitFlags) or (self.format == "permissions" and type(value) is int):
                value = str(int(value))
            elif isinstance(value, str):
                value = str(value.value) if isinstance(value, enum.Enum) else str.__str__(value)
            else:
                raise InvalidRequest(where, value, str(self))
        if (
            (self.max is not None and len(value) > self.max)
            or (self.min is not None and len(value) < self.min)
            or (self.pattern is not None and not _matches(self.pattern, value))
        ):
            raise InvalidRequest(where, value, str(self))
        return value

    def __str__(self) -> str:
        name = self.format or "string"
        limits = span(self.min, self.max, *([f'"{self.pattern}"'] if self.pattern else []))
        return f"{name}({limits})" if limits else name


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _matches(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(text) is not None


class Integer(Shape):
    """A whole number, an enum's member or a bit set."""

    __slots__ = _fields = ("min", "max")

    min: int | None
    max: int | None

    def __init__(self, min: int | None = None, max: int | None = None) -> None:
        self._fill(min, max)

    def check(self, value: object, where: str) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidRequest(where, value, str(self))
        number = int(value)
        if (self.min is not None and number < self.min) or (self.max is not None and number > self.max):
            raise InvalidRequest(where, value, str(self))
        return number

    def __str__(self) -> str:
        limits = span(self.min, self.max)
        return f"integer({limits})" if limits else "integer"


class Number(Shape):
    """A number that JSON can write: neither infinite nor NaN."""

    __slots__ = _fields = ("min", "max")

    min: float | None
    max: float | None

    def __init__(self, min: float | None = None, max: float | None = None) -> None:
        self._fill(min, max)

    def check(self, value: object, where: str) -> Any:
        if not isinstance(value, (int, float)) or isinstance(value, bool) or value - value != 0:
            raise InvalidRequest(where, value, str(self))
        if (self.min is not None and value < self.min) or (self.max is not None and value > self.max):
            raise InvalidRequest(where, value, str(self))
        return int(value) if isinstance(value, int) else float(value)

    def __str__(self) -> str:
        limits = span(self.min, self.max)
        return f"number({limits})" if limits else "number"


class Boolean(Shape):
    """True or False."""

    __slots__ = ()

    def check(self, value: object, where: str) -> Any:
        if value is True or value is False:
            return value
        raise InvalidRequest(where, value, "True or False")

    def __str__(self) -> str:
        return "boolean"


class Id(Shape):
    """A snowflake: a number, its digits, or anything with ``.id``. Written as digits.

    Source: Discord docs, API Reference > Snowflakes.
    """

    __slots__ = ()

    def check(self, value: object, where: str) -> Any:
        inner = value
        if not isinstance(inner, (int, str)):
            inner = getattr(inner, "id", None)
        if isinstance(inner, str):
            # isdecimal() is true of other scripts' digits, too
            if inner.isascii() and inner.isdecimal() and len(inner) <= 20 and int(inner) < _ID_END:
                return str(int(inner)) if inner[0] == "0" else str(inner)
        elif isinstance(inner, int) and not isinstance(inner, (bool, enum.Enum)) and 0 <= inner < _ID_END:
            return str(int(inner))
        fix = "pass the id alone, not the mention or name" if isinstance(inner, str) else None
        raise InvalidRequest(where, value, "an id of up to 64 bits (int, digits, or an object with .id)", fix=fix)

    def __str__(self) -> str:
        return "snowflake"


class Timestamp(Shape):
    """A datetime with its time zone, or ISO 8601 text."""

    __slots__ = ()

    def check(self, value: object, where: str) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                fix = "a naive one names a different moment on each machine; use datetime.now(timezone.utc)"
                raise InvalidRequest(where, value, "a datetime with tzinfo", fix=fix)
            return value.isoformat()
        if isinstance(value, str):
            try:
                datetime.fromisoformat(value)
            except ValueError:
                pass
            else:
                return str(value)
        raise InvalidRequest(where, value, "a datetime with tzinfo, or ISO 8601 text")

    def __str__(self) -> str:
        return "timestamp"


_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
)


class Image(Shape):
    """A picture as a data URI; a `File` or the raw bytes of PNG, JPEG, GIF, WebP or AVIF are made into one.

    Or a sound: MP3 and Ogg. Source: Discord docs, API Reference > Image Data; Resources > Soundboard.
    """

    __slots__ = ()

    def check(self, value: object, where: str) -> Any:
        if isinstance(value, str):
            if value.startswith("data:") and ";base64," in value[:100]:
                return str(value)
            fix = "a file's content can be passed as bytes"
            raise InvalidRequest(where, value, "a data URI (data:image/png;base64,...)", fix=fix)
        if isinstance(value, File):
            try:
                with value.open() as stream:
                    value = stream.read()
            except (OSError, ValueError, TypeError) as exc:
                raise InvalidRequest(where, value, "a picture that can be read", fix=str(exc)) from exc
        if type(value) in (bytes, bytearray, memoryview):
            data = bytes(cast(bytes, value))
            media = next((media for magic, media in _MAGIC if data.startswith(magic)), None)
            if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
                media = "image/webp"
            elif data[4:12] in (b"ftypavif", b"ftypavis"):
                media = "image/avif"
            if media is None:
                raise InvalidRequest(where, value, "a PNG, JPEG, GIF, WebP or AVIF picture, a sound, or a data URI")
            from binascii import b2a_base64

            return f"data:{media};base64,{b2a_base64(data, newline=False).decode('ascii')}"
        raise InvalidRequest(where, value, "a File, the bytes of a picture, or a data URI")

    def __str__(self) -> str:
        return "image"


class Binary(Shape):
    """A file's content inside a JSON body or form; uploads are `Route.files`."""

    __slots__ = ()

    def check(self, value: object, where: str) -> Any:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(cast(bytes, value))
        raise InvalidRequest(where, value, "bytes")

    def loose(self, value: object, where: str) -> Any:
        return self.check(value, where)

    def __str__(self) -> str:
        return "binary"


class Enum(Shape):
    """One of the listed values; ``narrow`` says that they are not all that the enum has.

    A member of the enum's class that has no name yet is accepted: the class was asked for it.
    """

    __slots__ = ("_known", "name", "narrow", "values")
    _fields = ("name", "values", "narrow")

    name: str
    values: tuple[int | str, ...]
    narrow: bool
    _known: frozenset[int | str]

    def __init__(self, name: str, *values: int | str, narrow: bool = False) -> None:
        self._fill(name, values, narrow)

    def _fill(self, *values: object) -> "Enum":
        super()._fill(*values)
        object.__setattr__(self, "_known", frozenset(self.values))
        return self

    def check(self, value: object, where: str) -> Any:
        raw = plain(value)
        if isinstance(raw, (int, str)) and not isinstance(raw, bool):
            if raw in self._known:
                return raw
            if type(value).__name__ == self.name and not getattr(value, "is_known", True):
                return raw
        raise InvalidRequest(where, value, self._expected(), fix=self._cure(raw))

    def _expected(self) -> str:
        shown = ", ".join(map(repr, self.values[:40])) + (", ..." if len(self.values) > 40 else "")
        return f"{self.name}: one of {shown}"

    def _cure(self, raw: object) -> str:
        way = f"pass {self.name}(value) or validate=False for one that is newer than this library"
        names = [value for value in self.values if isinstance(value, str)]
        if isinstance(raw, str) and names:
            from difflib import get_close_matches

            if close := get_close_matches(raw, names, 1):
                return f"did you mean {close[0]!r}? Else {way}"
        return way

    def __str__(self) -> str:
        return f"{self.name}{{{', '.join(map(repr, self.values))}}}" if self.narrow else self.name


class Anything(Shape):
    """Whatever JSON can say."""

    __slots__ = ()

    def check(self, value: object, where: str) -> Any:
        return jsonable(value, where)

    def __str__(self) -> str:
        return "any"
