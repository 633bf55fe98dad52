"""Values that do not change: slots, comparison by content, a readable repr, pickling.  Without `dataclasses`.

`dataclasses` brings `inspect`, which costs more to import than all of ours: modules that describe
requests are loaded by tools that never open a connection.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NoReturn, Self, cast, dataclass_transform

__all__ = ["Frozen", "Record"]


class Frozen:
    """Base of such values. A subclass names its content in ``_fields``; slots beside those are caches."""

    __slots__ = ()
    _fields: ClassVar[tuple[str, ...]] = ()

    def _fill(self, *values: object) -> Self:
        """Set the fields in their order. For constructors."""
        for name, value in zip(self._fields, values, strict=True):
            object.__setattr__(self, name, value)
        return self

    def _content(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self._fields)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} does not change: make another one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} does not change: make another one")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash((type(self), *map(_hashable, self._content())))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self._content())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._shown())})"

    def _shown(self) -> Iterator[str]:
        for name, value in zip(self._fields, self._content(), strict=True):
            if value is not None and value != ():
                yield f"{name}={value!r}"


@dataclass_transform(frozen_default=True)
class Record(Frozen):
    """A `Frozen` that is made of its fields, by place or by name, all of them required.

    Its fields are what is annotated and has a slot; those of a subclass follow those of its base.
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        slots = cast("tuple[str, ...]", cls.__slots__)
        own = (name for name in cls.__annotations__ if name in slots)
        cls._fields = tuple(dict.fromkeys((*cls._fields, *own)))
        type.__setattr__(cls, "__match_args__", cls._fields)  # which checkers fix, too, by the annotations

    def __init__(self, *values: object, **named: object) -> None:
        wanted = self._fields[len(values) :]
        if len(values) > len(self._fields) or named.keys() != set(wanted):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._fields)}")
        self._fill(*values, *(named[name] for name in wanted))

    def _shown(self) -> Iterator[str]:
        for name, value in zip(self._fields, self._content(), strict=True):
            yield f"{name}={value!r}"


def _restore(cls: type[Frozen], content: tuple[Any, ...]) -> Frozen:
    return object.__new__(cls)._fill(*content)  # pyright: ignore[reportPrivateUsage]  # its own module


def _hashable(value: object) -> object:
    if isinstance(value, Mapping):
        return tuple((key, _hashable(item)) for key, item in cast(Mapping[object, object], value).items())
    if isinstance(value, (list, tuple)):
        return tuple(map(_hashable, cast(list[object], value)))
    return value
