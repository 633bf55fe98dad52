"""Enums and bit sets that Discord may extend.  Import them from `core.types`."""

import enum
import functools
import warnings
from typing import TYPE_CHECKING, Any, Literal, Self, cast

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["AsDigits", "DigitFlags", "OpenFlags", "OpenIntEnum", "OpenStrEnum", "RenamedMember", "digits"]


def digits(value: Any) -> Any:
    """The serializer of ids and permissions. Odd values, which lenient loading keeps, pass."""
    return str(int(value)) if isinstance(value, int) else value


class _Members(dict[Any, Any]):
    """Value to member, for decoding."""

    __slots__ = ("_of",)

    def __init__(self, of: type[enum.Enum]) -> None:
        super().__init__((member.value, member) for member in of)
        self._of = of

    def __missing__(self, value: object) -> enum.Enum:
        return self._of(value)


@functools.cache
def _members(of: type[enum.Enum], kind: Literal["int", "str"]) -> "CoreSchema":
    """Members by values of their own type: pydantic's enum takes ``true`` and ``"1"`` for 1, but knows how to dump."""
    from pydantic_core import core_schema as cs

    value = cs.int_schema(strict=True) if kind == "int" else cs.str_schema(strict=True)
    return cs.lax_or_strict_schema(
        cs.no_info_after_validator_function(_Members(of).__getitem__, value),
        cs.enum_schema(of, [*of.__members__.values()], sub_type=kind),
    )


class OpenIntEnum(enum.IntEnum):
    """Integers with names, of which Discord may add more: an unknown value is a member-to-be of the same class.

    ``ChannelType(99)`` compares, hashes, pickles and dumps as 99, and ``is_known`` is false. Two of
    them are equal, not identical: compare with ``==``.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if type(value) is not int:
            return None
        # Not stored anywhere: whatever a server sends, memory does not grow.
        member = int.__new__(cls, value)
        member._name_, member._value_ = f"UNKNOWN_{value}", value
        return member

    @property
    def is_known(self) -> bool:
        """Whether this version of the library has a name for the value."""
        return self._value_ in type(self)._value2member_map_

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        return cast("CoreSchema", {**_members(cls, "int")})


class OpenStrEnum(enum.StrEnum):
    """Strings with names, of which Discord may add more. As `OpenIntEnum`; an unknown member's name is its value."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if type(value) is not str:
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Whether this version of the library has a name for the value."""
        return self._value_ in type(self)._value2member_map_

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        return cast("CoreSchema", {**_members(cls, "str")})


_COMBINATIONS = 256  # values an OpenFlags class remembers; enum itself would keep each one for ever
_WIDTH = 128  # bits that `~` keeps; permissions travel as text because they outgrow numbers
_DECODED = 4_096  # values a decoding table remembers


class OpenFlags(enum.IntFlag, boundary=enum.KEEP):
    """A bit set that keeps the bits it has no name for."""

    @classmethod
    def _missing_(cls, value: object) -> Any:
        if isinstance(value, int) and value < 0:
            # `~X` asks for this. enum's own answer has the named bits only, and `flags & ~X` would drop
            # all others; here it has every bit but those of X, so that X is taken away and nothing else.
            return cls(value + (1 << max(_WIDTH, (~value).bit_length())))
        member = super()._missing_(value)
        known = cls._value2member_map_
        if len(known) > _COMBINATIONS and member._name_ not in cls._member_map_:
            known.pop(value, None)
            known.pop(member._value_, None)
        return member

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        from pydantic_core import core_schema as cs

        return cs.no_info_after_validator_function(_table(cls).__getitem__, cs.int_schema(strict=True))


class DigitFlags(OpenFlags):
    """A bit set that travels as a string of decimal digits, as permissions do."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        return AsDigits().__get_pydantic_core_schema__(cls, handler)


class AsDigits:
    """The mark on a class of `OpenFlags` where it travels as a string of decimal digits."""

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        from pydantic_core import core_schema as cs

        return cs.no_info_after_validator_function(
            _table(source).__getitem__,
            cs.int_schema(strict=False),  # a number or its digits
            serialization=cs.plain_serializer_function_ser_schema(digits, when_used="json"),
        )


class _Table(dict[int, OpenFlags]):
    """Value to member, for decoding: ten times as fast as calling the class, and bounded."""

    __slots__ = ("_of",)

    def __init__(self, of: type[OpenFlags]) -> None:
        self._of = of

    def __missing__(self, value: int) -> OpenFlags:
        if value < 0:
            raise ValueError("a bit set is not negative")
        member = self._of(value)
        if len(self) < _DECODED:
            self[value] = member
        return member


_tables: dict[type[OpenFlags], _Table] = {}


def _table(of: type[OpenFlags]) -> _Table:
    return _tables.setdefault(of, _Table(of))


class RenamedMember:
    """An old name of an enum's member: gives the member, with a warning that says when the name goes."""

    def __init__(self, old: str, new: str, until: str) -> None:
        self.old, self.new, self.until = old, new, until

    def __get__(self, instance: object, owner: type[enum.Enum]) -> enum.Enum:
        text = f"{owner.__name__}.{self.old} is called {self.new} now; the old name goes in {self.until}"
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        return owner[self.new]
