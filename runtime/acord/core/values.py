"""Values as JSON has them: models as objects, ids as digits, members as what they stand for.  Judges nothing."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from acord.core.errors import InvalidRequest
from acord.core.types import MISSING, DigitFlags, Snowflake

__all__ = ["dumped", "jsonable", "plain", "sequence"]


def plain(value: object) -> object:
    """An enum's member or an id as the value it stands for; everything else as it is."""
    if isinstance(value, enum.Enum):
        return cast(object, value.value)
    return value


def dumped(value: object) -> object:
    """A model as a dict; everything else as it is. `Request` and `Model` are known by what they can do."""
    if isinstance(value, (str, int, float, list, tuple, dict)) or value is None:
        return cast(object, value)
    if isinstance(value, type) or not hasattr(value, "model_dump"):
        return value
    if (body := getattr(value, "__acord_body__", None)) is not None:
        return cast(object, body())
    dump: Any = getattr(value, "dump", None)
    return cast(object, dump() if dump is not None else cast(Any, value).model_dump(mode="json", by_alias=True))


def jsonable(value: object, where: str) -> Any:
    """Data that JSON can write, whatever it means: ids as digits, instants as ISO 8601, models as objects.

    MISSING is dropped from objects. Raises `InvalidRequest` for what has no form in JSON.
    """
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, (Snowflake, DigitFlags)):
        return str(int(value))
    value = plain(dumped(value))
    if isinstance(value, (str, bool)) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and value - value == 0:
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = cast(Iterable[tuple[object, object]], value.items())
        return {
            key: jsonable(item, f"{where}.{key}" if where else key)
            for key, item in ((_key(key, where), item) for key, item in pairs)
            if item is not MISSING
        }
    items = sequence(value)
    if items is not None:
        return [jsonable(item, f"{where}[{index}]") for index, item in enumerate(items)]
    inner: object = getattr(value, "id", None)
    if isinstance(inner, (int, str)) and not isinstance(value, type):
        return str(inner)
    raise InvalidRequest(where, value, "something that JSON can write")


def sequence(value: object) -> Sequence[object] | None:
    """The items of a list, a tuple and their like; None for text, bytes and everything else."""
    if isinstance(value, (str, bytes, bytearray, memoryview)) or not isinstance(value, Sequence):
        return None
    return cast(Sequence[object], value)


def _key(key: object, where: str) -> str:
    key = plain(key)
    if isinstance(key, str):
        return str(key)
    if isinstance(key, int) and not isinstance(key, bool):
        return str(int(key))
    raise InvalidRequest(where, key, "text as a key")
