"""Shapes: what an argument may be, checked without pydantic, and how it is written as JSON.  Pure data.

The generator prints them, `core.operation` calls `Shape.check`. `str` of a shape is the spec's
notation. Those of single values are in `core.scalars`; all can be imported from here.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from acord.core.errors import InvalidRequest
from acord.core.scalars import (
    Anything,
    Binary,
    Boolean,
    Enum,
    Id,
    Image,
    Integer,
    Number,
    Shape,
    String,
    Timestamp,
    span,
)
from acord.core.types import MISSING
from acord.core.values import dumped, jsonable, plain, sequence

__all__ = [
    "AnyOf",
    "Anything",
    "Array",
    "Binary",
    "Boolean",
    "Enum",
    "Id",
    "Image",
    "Integer",
    "Map",
    "Nullable",
    "Number",
    "Object",
    "Ref",
    "Shape",
    "String",
    "Tagged",
    "Timestamp",
    "jsonable",
]


class Nullable(Shape):
    """What may also be None, which is sent as ``null``."""

    __slots__ = _fields = ("shape",)

    shape: Shape

    def __init__(self, shape: Shape) -> None:
        self._fill(shape)

    def check(self, value: object, where: str) -> Any:
        return None if value is None else self.shape.check(value, where)

    def loose(self, value: object, where: str) -> Any:
        return None if value is None else self.shape.loose(value, where)

    def __str__(self) -> str:
        return f"?{self.shape}"


class Array(Shape):
    """A sequence of the same."""

    __slots__ = _fields = ("item", "min", "max", "unique")

    item: Shape
    min: int | None
    max: int | None
    unique: bool

    def __init__(self, item: Shape, min: int | None = None, max: int | None = None, unique: bool = False) -> None:
        self._fill(item, min, max, unique)

    def check(self, value: object, where: str) -> Any:
        items = sequence(value)
        if items is None:
            raise InvalidRequest(where, value, f"a list ({self})")
        if (self.max is not None and len(items) > self.max) or (self.min is not None and len(items) < self.min):
            raise InvalidRequest(where, value, str(self))
        item = self.item
        ready = [item.check(one, f"{where}[{index}]") for index, one in enumerate(items)]
        if self.unique and len(set(map(repr, ready))) < len(ready):
            raise InvalidRequest(where, value, f"{self}", fix="one item stands there twice")
        return ready

    def loose(self, value: object, where: str) -> Any:
        items = sequence(value)
        if items is None:
            return jsonable(value, where)
        return [self.item.loose(one, f"{where}[{index}]") for index, one in enumerate(items)]

    def __str__(self) -> str:
        return f"{_grouped(self.item)}[{' '.join(filter(None, [span(self.min, self.max), 'unique' * self.unique]))}]"


class Map(Shape):
    """An object with free keys."""

    __slots__ = _fields = ("value", "min", "max")

    value: Shape
    min: int | None
    max: int | None

    def __init__(self, value: Shape, min: int | None = None, max: int | None = None) -> None:
        self._fill(value, min, max)

    def check(self, value: object, where: str) -> Any:
        fields = _fields_of(value)
        if fields is None:
            raise InvalidRequest(where, value, f"a dict ({self})")
        ready = self._each(fields, where, self.value.check)
        if (self.max is not None and len(ready) > self.max) or (self.min is not None and len(ready) < self.min):
            raise InvalidRequest(where, value, str(self))
        return ready

    def loose(self, value: object, where: str) -> Any:
        fields = _fields_of(value)
        return jsonable(value, where) if fields is None else self._each(fields, where, self.value.loose)

    def _each(self, fields: Mapping[Any, object], where: str, check: Any) -> dict[str, Any]:
        ready: dict[str, Any] = {}
        for key, item in fields.items():
            name = plain(key)
            if not isinstance(name, (str, int)) or isinstance(name, bool):
                raise InvalidRequest(where, key, "text as a key")
            if item is not MISSING:
                ready[str(name)] = check(item, f"{where}[{str(name)!r}]")
        return ready

    def __str__(self) -> str:
        return f"map({', '.join(filter(None, [str(self.value), span(self.min, self.max)]))})"


class Object(Shape):
    """An object with these fields, and those of ``others`` where any name is allowed."""

    __slots__ = ("_all", "name", "optional", "others", "required")
    _fields = ("name", "required", "optional", "others")

    name: str
    required: Mapping[str, Shape]
    optional: Mapping[str, Shape]
    others: Shape | None
    _all: Mapping[str, Shape]

    def __init__(
        self,
        name: str,
        required: Mapping[str, Shape] | None = None,
        optional: Mapping[str, Shape] | None = None,
        others: Shape | None = None,
    ) -> None:
        self._fill(name, required or {}, optional or {}, others)

    def _fill(self, *values: object) -> "Object":
        super()._fill(*values)
        object.__setattr__(self, "_all", {**self.required, **self.optional})
        return self

    def check(self, value: object, where: str) -> Any:
        fields = _fields_of(value)
        if fields is None:
            raise InvalidRequest(where, value, f"{self} (a model or a dict)")
        shapes = self._all
        ready: dict[str, Any] = {}
        for key, item in fields.items():
            if item is MISSING:
                continue
            shape = shapes.get(key) or self.others
            at = f"{where}.{key}" if where else key
            if shape is None:
                if type(fields) is _Received:
                    continue
                raise InvalidRequest(at, item, f"a field of {self.name}", fix=self._meant(key))
            ready[key] = shape.check(item, at)
        for key in self.required:
            if key not in ready:
                raise InvalidRequest(f"{where}.{key}" if where else key, MISSING, str(self.required[key]))
        return ready

    def loose(self, value: object, where: str) -> Any:
        fields = _fields_of(value)
        if fields is None:
            return jsonable(value, where)
        ready: dict[str, Any] = {}
        for key, item in fields.items():
            if item is not MISSING:
                at = f"{where}.{key}" if where else key
                shape = self._all.get(key) or self.others
                ready[key] = jsonable(item, at) if shape is None else shape.loose(item, at)
        return ready

    def _meant(self, key: object) -> str:
        from difflib import get_close_matches

        close = get_close_matches(str(key), self._all, 1)
        return f"did you mean {close[0]!r}?" if close else "validate=False sends what this library does not know yet"

    def __str__(self) -> str:
        return self.name


def _fields_of(value: object) -> Mapping[Any, object] | None:
    """The fields of a dict, another mapping or a model; None for everything else."""
    if type(value) is not dict and type(value) is not _Received:
        came = hasattr(value, "model_dump") and not hasattr(value, "__acord_body__")
        value = _received(dumped(value)) if came else dumped(value)
        if not isinstance(value, Mapping):
            return None
    return cast(Mapping[Any, object], value)


class _Received(dict[Any, object]):
    """An object that Discord sent.  Where it is sent back, what only Discord says of it (a size, a URL) is left out."""


def _received(value: object) -> object:
    if isinstance(value, dict):
        return _Received({key: _received(item) for key, item in cast("dict[Any, object]", value).items()})
    return [_received(item) for item in cast("list[object]", value)] if isinstance(value, list) else value


class Tagged(Shape):
    """One of several objects, told apart by the value of one field."""

    __slots__ = _fields = ("tag", "arms")

    tag: str
    arms: Mapping[int | str, Shape]

    def __init__(self, tag: str, arms: Mapping[int | str, Shape]) -> None:
        self._fill(tag, arms)

    def check(self, value: object, where: str) -> Any:
        fields = _fields_of(value)
        if fields is None:
            raise InvalidRequest(where, value, f"{self} (a model or a dict)")
        tag = fields.get(self.tag, MISSING)
        at = f"{where}.{self.tag}" if where else self.tag
        raw = plain(tag)
        if not isinstance(raw, (int, str)) or isinstance(raw, bool) or raw not in self.arms:
            if getattr(tag, "is_known", True) is False:
                return jsonable(fields, where)  # asked for by name: newer than this library
            shown = ", ".join(f"{key!r} ({shape})" for key, shape in self.arms.items())
            raise InvalidRequest(at, tag, f"one of {shown}")
        return self.arms[raw].check(fields, where)

    def loose(self, value: object, where: str) -> Any:
        fields = _fields_of(value)
        tag = None if fields is None else plain(fields.get(self.tag))
        arm = self.arms.get(tag) if isinstance(tag, (int, str)) else None
        return jsonable(value, where) if arm is None else arm.loose(fields, where)

    def __str__(self) -> str:
        return " | ".join(dict.fromkeys(map(str, self.arms.values())))


class AnyOf(Shape):
    """One of several; the first that fits."""

    __slots__ = _fields = ("shapes",)

    shapes: tuple[Shape, ...]

    def __init__(self, *shapes: Shape) -> None:
        self._fill(shapes)

    def check(self, value: object, where: str) -> Any:
        found: list[tuple[int, tuple[int, bool], InvalidRequest]] = []
        for shape in self.shapes:
            try:
                return shape.check(value, where)
            except InvalidRequest as error:
                found.append((-_depth(error.argument), _misfits(shape, value), error))
        # The arm that failed inside the value got furthest, and of those the one with the fewest faults was meant, or
        # the one of the kind that the value says it is: its complaint is the one that helps.
        depth, _, closest = min(found, key=lambda failure: failure[:2])
        raise closest if -depth > _depth(where) else InvalidRequest(where, value, str(self))

    def loose(self, value: object, where: str) -> Any:
        for shape in self.shapes:
            try:
                return shape.check(value, where)
            except InvalidRequest:
                continue
        return jsonable(value, where)

    def __str__(self) -> str:
        return " | ".join(dict.fromkeys(map(str, self.shapes)))


class Ref(Shape):
    """A schema of the spec by its name; looked up when first needed, so that shapes may refer to each other freely.

    A full name such as ``mypkg.shapes.Gadget`` is that of a shape that a user generated for themselves.
    """

    __slots__ = ("_shape", "name")
    _fields = ("name",)

    name: str
    _shape: Shape | None

    def __init__(self, name: str) -> None:
        self._fill(name)

    def _fill(self, *values: object) -> "Ref":
        super()._fill(*values)
        object.__setattr__(self, "_shape", None)
        return self

    @property
    def target(self) -> Shape:
        """What it refers to."""
        shape = self._shape
        if shape is None:
            module, _, name = self.name.rpartition(".")
            found: Any = getattr(import_module(module), name) if module else import_module("acord.shapes").lookup(name)
            shape = cast(Shape, found)
            object.__setattr__(self, "_shape", shape)
        return shape

    def check(self, value: object, where: str) -> Any:
        return (self._shape or self.target).check(value, where)

    def loose(self, value: object, where: str) -> Any:
        return (self._shape or self.target).loose(value, where)

    def __str__(self) -> str:
        return self.name.rpartition(".")[2]


def _depth(argument: str) -> int:
    """How far inside an argument's path leads."""
    return bool(argument) + argument.count(".") + argument.count("[")


def _misfits(shape: Shape, value: object) -> tuple[int, bool]:
    """How many fields of a value are not as an object wants them, and whether one says that it is of another kind.

    1 for what is no object.
    """
    while isinstance(shape, (Ref, Nullable)):
        shape = shape.target if isinstance(shape, Ref) else shape.shape
    fields = _fields_of(value)
    if not isinstance(shape, Object) or fields is None:
        return 1, True
    wrong, other = sum(key not in fields for key in shape.required), False
    whole = {**shape.required, **shape.optional}
    partial = Object(shape.name, {}, whole, shape.others)
    for key, item in fields.items():
        try:
            partial.check({key: item}, "")
        except InvalidRequest:
            wrong += 1
            kind = whole.get(key)
            other |= isinstance(kind, Enum) and kind.narrow
    return wrong, other


def _grouped(shape: Shape) -> str:
    text = str(shape)
    return f"({text})" if " | " in text or text.startswith("?") else text
