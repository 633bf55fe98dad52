"""Commands: the base of what a client sends over the gateway.  Values that check themselves; no pydantic."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, cast

from acord.core.errors import InvalidRequest
from acord.core.frozen import Frozen
from acord.core.shapes import Shape
from acord.core.signals.gateway import Opcode
from acord.core.types import MISSING, Token

__all__ = ["Command", "Limit", "Part", "PlainCommand"]

_SECRET = frozenset({"token"})


class Limit(Frozen):
    """``count`` in ``seconds`` for each ``per``; ``when`` names the case where it holds, "" for every case."""

    __slots__ = _fields = ("count", "seconds", "per", "when")

    count: int
    seconds: int
    per: str
    when: str

    def __init__(self, count: int, seconds: int, per: str, when: str = "") -> None:
        self._fill(count, seconds, per, when)


class Part(Frozen):
    """An object inside a command.  Frozen, comparable; MISSING fields are not sent.

    Raises `InvalidRequest` when it is made; with ``validate=False`` nothing is checked but that JSON can say it.
    """

    __slots__ = ()
    shape: ClassVar[Shape]
    validate: bool

    def _make(self, *values: object) -> None:
        self._fill(*values)
        self._check()

    def _check(self) -> None:
        self.d()

    def d(self) -> Any:
        """The JSON-ready payload; a new one at every call."""
        value = _plain(self._value())
        return self.shape.check(value, "") if self.validate else self.shape.loose(value, "")

    def _value(self) -> object:
        return {name: getattr(self, name) for name in self._fields if name != "validate"}

    def _shown(self) -> Iterator[str]:
        for name, value in zip(self._fields, self._content(), strict=True):
            if value is not MISSING and (name, value) != ("validate", True):
                yield f"{name}=***" if name in _SECRET else f"{name}={value!r}"


class Command(Part):
    """What a client sends: opcode, payload, limits."""

    __slots__ = ()
    op: ClassVar[Opcode]
    max_bytes: ClassVar[int]
    """Of the whole message, as JSON; Discord closes the connection above it."""
    limits: ClassVar[tuple[Limit, ...]] = ()
    """Limits of its own, on top of the connection's."""
    answer: ClassVar[str] = ""
    """The event that answers it, where one does."""
    _one_of: ClassVar[tuple[str, ...]] = ()
    _together: ClassVar[tuple[str, ...]] = ()

    def payload(self) -> dict[str, Any]:
        """The whole message: ``{"op": ..., "d": ...}``."""
        return {"op": int(self.op), "d": self.d()}

    def _check(self) -> None:
        ready = self.payload()
        if not self.validate:
            return
        given = {name for name in (*self._one_of, *self._together) if getattr(self, name) is not MISSING}
        chosen = given & {*self._one_of}
        if self._one_of and len(chosen) != 1:
            name = self._one_of[-1 if chosen else 0]
            raise InvalidRequest(name, getattr(self, name), f"exactly one of {', '.join(self._one_of)}")
        for name in self._together:
            if name not in given and given & {*self._together}:
                raise InvalidRequest(name, MISSING, f"{' and '.join(self._together)} together")
        size = len(json.dumps(ready, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
        if size > self.max_bytes:
            raise InvalidRequest("", ready, f"at most {self.max_bytes} bytes as JSON, this has {size}")


class PlainCommand(Command):
    """A command whose payload is no object: it is the ``value``."""

    __slots__ = ()

    def _value(self) -> object:
        return getattr(self, "value")  # noqa: B009  # a slot of the subclasses


def _plain(value: object) -> object:
    if isinstance(value, Part):
        return value.d()
    if isinstance(value, Token):
        return value.reveal()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in cast("list[object]", value)]
    return value
