"""The small types that everything else speaks: ids, absence, open enums and flags, credentials, files.

Standard library only. What pydantic needs to know of them is imported inside the hooks it calls.
"""

import enum
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeAlias

from acord.core.credentials import Token, TokenKind
from acord.core.enums import AsDigits, DigitFlags, OpenFlags, OpenIntEnum, OpenStrEnum, RenamedMember, digits
from acord.core.upload import File, FileSource

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = [
    "MISSING",
    "AsDigits",
    "DigitFlags",
    "File",
    "FileSource",
    "HasId",
    "Missing",
    "OpenFlags",
    "OpenIntEnum",
    "OpenStrEnum",
    "RenamedMember",
    "Snowflake",
    "SnowflakeLike",
    "Token",
    "TokenKind",
]

EPOCH: Final = 1_420_070_400_000  # 2015-01-01T00:00:00Z in Unix milliseconds (API Reference > Snowflakes)
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Missing(enum.Enum):
    """The type of `MISSING`, for annotations: ``name: str | None | Missing = MISSING``."""

    MISSING = object()  # not a string: a string would be taken as input where strings are allowed

    def __repr__(self) -> str:
        return "MISSING"

    def __reduce_ex__(self, proto: Any) -> Any:
        return "MISSING"  # by name, as a global is: there is one in each process


MISSING: Final = Missing.MISSING
"""Not given, as opposed to ``None``, which is sent as ``null``."""


def _epoch() -> int:
    # `abc.DISCORD_EPOCH` may be rebound, and lies two floors above. Where that module was never
    # imported, nobody can have rebound it.
    return int(getattr(sys.modules.get("acord.core.abc"), "DISCORD_EPOCH", EPOCH))


class Snowflake(int):
    """An id: an unsigned 64-bit integer that knows when it was made.

    Discord writes ids as strings in JSON; both spellings load, strings are sent.

    Source: Discord docs, API Reference > Snowflakes.
    """

    __slots__ = ()

    @property
    def created_at(self) -> datetime:
        """When Discord made this id, in UTC, to the millisecond. OverflowError beyond the year 9999."""
        return _UNIX + ((self >> 22) + _epoch()) * _MILLISECOND

    @classmethod
    def from_datetime(cls, when: datetime, *, high: bool = False) -> Self:
        """The smallest id of that millisecond, or the greatest with ``high``.

        ValueError for a naive datetime (it names a different moment on each machine) and for one
        before Discord's epoch, 2015.
        """
        if when.tzinfo is None:
            raise ValueError("a naive datetime is ambiguous: pass one with tzinfo, such as datetime.now(UTC)")
        since = (when - _UNIX) // _MILLISECOND - _epoch()
        if since < 0:
            raise ValueError(f"no id is older than Discord's epoch, {_UNIX + _epoch() * _MILLISECOND:%Y-%m-%d}")
        return cls((since << 22) + (2**22 - 1 if high else 0))

    @classmethod
    def between(cls, start: datetime, end: datetime) -> tuple[Self, Self]:
        """``(after, before)`` to ask for what was made from ``start`` on and before ``end``.

        Discord leaves out both bounds themselves, so ``after`` is the last id that lies before
        ``start``. A ``start`` before 2015 means from the beginning.
        """
        early = start.tzinfo is not None and start <= _UNIX + _epoch() * _MILLISECOND
        return cls(0 if early else cls.from_datetime(start) - 1), cls.from_datetime(end)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        from pydantic_core import core_schema as cs

        return cs.no_info_after_validator_function(
            cls,
            cs.int_schema(strict=False),  # a number or its digits; to tell `true` from 1 would cost a tenth more
            serialization=cs.plain_serializer_function_ser_schema(digits, when_used="json"),
        )


class HasId(Protocol):
    """Anything with an ``.id``: a model, or a class of the user's own."""

    @property
    def id(self) -> int | str: ...


SnowflakeLike: TypeAlias = int | str | HasId
"""What every id argument takes: the number, its digits, or an object with ``.id``."""
