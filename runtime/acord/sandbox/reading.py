"""Values against the shapes that the specification gives them: all faults, in Discord's words.

Two spellings are read: JSON, where a number is a number, and text (a query, a form, a path), where it is digits.
Fields that the specification does not know are left out, as Discord does, and told apart in `Faults.ignored`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

from acord.core.errors import InvalidRequest
from acord.core.shapes import (
    AnyOf,
    Anything,
    Array,
    Boolean,
    Enum,
    Id,
    Image,
    Integer,
    Map,
    Nullable,
    Number,
    Object,
    Ref,
    Shape,
    String,
    Tagged,
    Timestamp,
)
from acord.core.signals.rest import ErrorCode
from acord.sandbox.answers import Json, Refusal

__all__ = ["REQUIRED", "Faults", "read"]

Place: TypeAlias = tuple[str | int, ...]

MOST = 100  # faults of one request that are told
DEEPEST = 64  # levels of a value that are looked into


class Faults:
    """What is wrong with the values of one request, by place."""

    __slots__ = ("found", "ignored")

    def __init__(self) -> None:
        self.found: list[tuple[Place, str, str]] = []
        self.ignored: list[str] = []
        """Places of fields that the specification does not know."""

    def add(self, place: Place, code: str, message: str) -> None:
        if len(self.found) < MOST:
            self.found.append((place, code, message))

    def take(self, other: "Faults") -> None:
        self.found += other.found[: MOST - len(self.found)]
        self.ignored += other.ignored[: MOST - len(self.ignored)]

    def tree(self) -> Json:
        """As Discord writes it: by place, each with a list called ``_errors``."""
        root: Json = {}
        for place, code, message in self.found:
            node = root
            for step in place:
                node = node.setdefault(str(step), {})
            node.setdefault("_errors", []).append({"code": code, "message": message})
        return root

    def refuse(self) -> None:
        """Raise 400, 50035, with all of them, where there are any."""
        if self.found:
            raise Refusal(400, ErrorCode.INVALID_FORM_BODY, "Invalid Form Body", self.tree())


def read(shape: Shape, value: object, place: Place, faults: Faults, *, text: bool = False) -> Any:
    """``value`` as the operation gets it: enough to go on with where there is a fault, which is then in ``faults``."""
    while isinstance(shape, (Ref, Nullable)):
        if isinstance(shape, Nullable):
            if value is None:
                return None
            shape = shape.shape
        else:
            shape = shape.target
    if value is None and not isinstance(shape, _ANY):
        faults.add(place, *REQUIRED)
        return None
    if len(place) > DEEPEST:
        faults.add(place, "MODEL_TYPE_CONVERT", "This is too deep inside")
        return None
    reader = _READERS.get(type(shape))
    if reader is None:
        return value
    return reader(shape, _first(value) if text and not isinstance(shape, _SEVERAL) else value, place, faults, text)


def _first(value: object) -> object:
    """Of a name that was given several times where one value is wanted."""
    return next(iter(cast(list[object], value)), "") if isinstance(value, list) else value


# What is not in the table is taken as it is: Anything, Binary.
REQUIRED = ("BASE_TYPE_REQUIRED", "This field is required")
_ANY = (AnyOf, Anything)
_SEVERAL = (AnyOf, Array)


def _shown(value: object) -> str:
    """A value in a message: short, and as text."""
    shown = value if isinstance(value, str) else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _string(shape: String, value: object, place: Place, faults: Faults, text: bool) -> Any:
    if shape.format == "permissions" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        faults.add(place, "STRING_TYPE_CONVERT", f'Could not interpret "{_shown(value)}" as string.')
    elif shape.format == "uri" and not _URL.fullmatch(value):
        faults.add(place, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    elif _length(shape, len(value), place, faults):
        try:
            shape.check(value, "")
        except InvalidRequest:
            faults.add(place, "STRING_TYPE_REGEX", "String value did not match validation regex.")
    return value


_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20]+")


def _length(shape: String | Array | Map, size: int, place: Place, faults: Faults) -> bool:
    low, high = shape.min, shape.max
    if (low is None or size >= low) and (high is None or size <= high):
        return True
    if not size and low == 1:
        faults.add(place, *REQUIRED)
    elif low is not None and high is not None:
        faults.add(place, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
    elif high is not None:
        faults.add(place, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
    else:
        faults.add(place, "BASE_TYPE_MIN_LENGTH", f"Must be {low} or more in length.")
    return False


_DIGITS = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,3})?")


def _integer(shape: Integer, value: object, place: Place, faults: Faults, text: bool) -> Any:
    number = int(value) if text and isinstance(value, str) and _DIGITS.fullmatch(value) else value
    if isinstance(number, float) and number.is_integer():
        number = int(number)  # JSON does not tell 1.0 and 1 apart
    if not isinstance(number, int) or isinstance(number, bool):
        faults.add(place, "NUMBER_TYPE_COERCE", f'Value "{_shown(value)}" is not int.')
        return value
    return _within(shape, number, place, faults)


def _number(shape: Number, value: object, place: Place, faults: Faults, text: bool) -> Any:
    number = float(value) if text and isinstance(value, str) and _DECIMAL.fullmatch(value) else value
    if not isinstance(number, (int, float)) or isinstance(number, bool) or number - number != 0:
        faults.add(place, "NUMBER_TYPE_COERCE", f'Value "{_shown(value)}" is not float.')
        return value
    return _within(shape, number, place, faults)


def _within(shape: Integer | Number, number: float, place: Place, faults: Faults) -> float:
    kind = "int" if isinstance(shape, Integer) else "number"
    if shape.min is not None and number < shape.min:
        faults.add(place, "NUMBER_TYPE_MIN", f"{kind} value should be greater than or equal to {shape.min}.")
    elif shape.max is not None and number > shape.max:
        faults.add(place, "NUMBER_TYPE_MAX", f"{kind} value should be less than or equal to {shape.max}.")
    return number


# API Reference > Boolean Query Strings.
_BOOLEANS = {"true": True, "True": True, "1": True, "false": False, "False": False, "0": False}


def _boolean(shape: Boolean, value: object, place: Place, faults: Faults, text: bool) -> Any:
    flag = _BOOLEANS.get(value, value) if text and isinstance(value, str) else value
    if not isinstance(flag, bool):
        faults.add(place, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
    return flag


def _id(shape: Id, value: object, place: Place, faults: Faults, text: bool) -> Any:
    try:
        return shape.check(value, "")
    except InvalidRequest:
        faults.add(place, "NUMBER_TYPE_COERCE", f'Value "{_shown(value)}" is not snowflake.')
        return value


def _timestamp(shape: Timestamp, value: object, place: Place, faults: Faults, text: bool) -> Any:
    """As Discord writes it, whatever the spelling; what names no zone is UTC."""
    try:
        when = datetime.fromisoformat(value if isinstance(value, str) else "")
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        faults.add(place, "DATE_TIME_TYPE_PARSE", f"Could not parse {_shown(value)}. Should be ISO8601.")
    return value


def _image(shape: Image, value: object, place: Place, faults: Faults, text: bool) -> Any:
    try:
        return shape.check(value if isinstance(value, str) else None, "")
    except InvalidRequest:
        faults.add(place, "IMAGE_INVALID", "Invalid image")
        return value


def _enum(shape: Enum, value: object, place: Place, faults: Faults, text: bool) -> Any:
    if text and isinstance(value, str):
        value = next((known for known in shape.values if str(known) == value), value)
    if not isinstance(value, (int, str)) or isinstance(value, bool) or value not in shape.values:
        faults.add(place, "BASE_TYPE_CHOICES", f"Value must be one of {_choices(shape.values)}.")
    return value


def _choices(values: object) -> str:
    return f"{{{', '.join(map(repr, cast(list[object], values)))}}}"


def _array(shape: Array, value: object, place: Place, faults: Faults, text: bool) -> Any:
    if text and isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        faults.add(place, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return value
    items = cast(list[object], value)
    if not _length(shape, len(items), place, faults):
        return items
    ready = [read(shape.item, item, (*place, index), faults, text=text) for index, item in enumerate(items)]
    if shape.unique:
        for index, item in enumerate(ready):
            if item in ready[:index]:
                faults.add((*place, index), "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
    return ready


def _map(shape: Map, value: object, place: Place, faults: Faults, text: bool) -> Any:
    if not isinstance(value, dict):
        faults.add(place, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return value
    fields = cast(dict[str, object], value)
    _length(shape, len(fields), place, faults)
    return {name: read(shape.value, item, (*place, name), faults, text=text) for name, item in fields.items()}


def _object(shape: Object, value: object, place: Place, faults: Faults, text: bool) -> Any:
    if not isinstance(value, dict):
        faults.add(place, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return value
    fields = cast(dict[str, object], value)
    ready: Json = {}
    for name, item in fields.items():
        of = shape.required.get(name) or shape.optional.get(name) or shape.others
        if of is None:
            if len(faults.ignored) < MOST:
                faults.ignored.append(".".join(map(str, (*place, name))))
        else:
            ready[name] = read(of, item, (*place, name), faults, text=text)
    for name in shape.required:
        if name not in fields:
            faults.add((*place, name), *REQUIRED)
    return ready


def _tagged(shape: Tagged, value: object, place: Place, faults: Faults, text: bool) -> Any:
    if not isinstance(value, dict):
        faults.add(place, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return value
    fields = cast(dict[str, object], value)
    tag = fields.get(shape.tag)
    if tag is None:
        faults.add((*place, shape.tag), *REQUIRED)
        return fields
    if text:
        tag = next((known for known in shape.arms if str(known) == tag), tag)
    if not isinstance(tag, (int, str)) or isinstance(tag, bool) or tag not in shape.arms:
        choices = f"({', '.join(map(str, shape.arms))})"
        message = f'Value of field "{shape.tag}" must be one of {choices}.'
        faults.add((*place, shape.tag), "UNION_TYPE_CHOICES", message)
        return fields
    return read(shape.arms[tag], fields, place, faults, text=text)


def _any_of(shape: AnyOf, value: object, place: Place, faults: Faults, text: bool) -> Any:
    best: tuple[tuple[int, int, int], Any, Faults] | None = None
    lists = [arm for arm in shape.shapes if isinstance(arm, Array)] if text else []
    for arm in lists or shape.shapes:  # as text, one value and a list of one are the same
        found = Faults()
        ready = read(arm, value, place, found, text=text)
        # The arm was meant that most of it fits; of those, that which knows its fields; then, whose fault lies deepest.
        depth = max((len(where) for where, _, _ in found.found), default=0)
        rank = len(found.found) + len(found.ignored), len(found.ignored), -depth
        if best is None or rank < best[0]:
            best = rank, ready, found
    assert best is not None, "a union has arms"
    faults.take(best[2])
    return best[1]


_READERS: Mapping[type[Shape], Callable[[Any, object, Place, Faults, bool], Any]] = {
    AnyOf: _any_of,
    Array: _array,
    Boolean: _boolean,
    Enum: _enum,
    Id: _id,
    Image: _image,
    Integer: _integer,
    Map: _map,
    Number: _number,
    Object: _object,
    String: _string,
    Tagged: _tagged,
    Timestamp: _timestamp,
}
