"""What the sandbox says, against the specification: answers and events must be what Discord would send."""

import enum
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

from acord.core.base import Model, load
from acord.core.errors import ModelError
from acord.core.shapes import jsonable

__all__ = ["problems"]

MOST = 20  # problems of one answer that are told


def problems(kind: Any, body: object) -> tuple[str, ...]:
    """Places and what is wrong there; nothing where ``body`` (JSON-ready) is what the type or its name allows.

    Wrong are fields that the specification does not know, kinds and enum values without a name, and spellings that
    Discord does not use: an id as a number, an instant without its six digits.
    """
    try:
        value = load(kind, json.dumps(body) if isinstance(body, str) else cast(Any, body), strict=True)
    except ModelError as error:
        return tuple(f"{place or 'the whole'}: {what}" for place, what in error.problems[:MOST])
    found = (*_unknown(value, ""), *_differences(body, _written(value), ""))
    return tuple(islice(found, MOST))


def _unknown(value: object, place: str) -> Iterator[str]:
    """What the models kept because they do not know it."""
    if isinstance(value, Model):
        if type(value).__name__.startswith("Unknown"):
            yield f"{place or 'the whole'}: a kind that the specification does not know"
            return
        for name in value.model_extra or ():
            yield f"{_at(place, name)}: a field that {type(value).__name__} does not have"
        for name in value.model_fields_set:
            if name in value.__dict__:
                yield from _unknown(value.__dict__[name], _at(place, name))
    elif isinstance(value, list):
        for index, item in enumerate(cast(list[object], value)):
            yield from _unknown(item, _at(place, index))
    elif isinstance(value, dict):
        for name, item in cast(dict[str, object], value).items():
            yield from _unknown(item, _at(place, name))
    elif isinstance(value, enum.Enum) and not getattr(value, "is_known", True):
        yield f"{place or 'the whole'}: {type(value).__name__} has no {value.value!r}"


def _written(value: object) -> object:
    if isinstance(value, list):
        return [_written(item) for item in cast(list[object], value)]
    return value.dump() if isinstance(value, Model) else jsonable(value, "")


def _differences(said: object, meant: object, place: str) -> Iterator[str]:
    if isinstance(said, dict) and isinstance(meant, dict):
        told, read = cast(dict[str, object], said), cast(dict[str, object], meant)
        for name in told.keys() | read.keys():
            if name not in told or name not in read:
                yield f"{_at(place, name)}: lost on the way"
            else:
                yield from _differences(told[name], read[name], _at(place, name))
    elif isinstance(said, (list, tuple)) and isinstance(meant, list):
        for index, (one, other) in enumerate(zip(cast(list[object], said), cast(list[object], meant), strict=False)):
            yield from _differences(one, other, _at(place, index))
    elif said != meant or isinstance(said, bool) != isinstance(meant, bool):
        yield f"{place or 'the whole'}: {said!r:.60} is written {meant!r:.60}"


def _at(place: str, step: object) -> str:
    return f"{place}.{step}" if place else str(step)
