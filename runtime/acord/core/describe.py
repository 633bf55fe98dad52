"""What a value is, for the texts of exceptions."""

from collections.abc import Collection
from typing import cast

from acord.core.types import MISSING

__all__ = ["kind_of"]


def kind_of(value: object) -> str:
    """What a value is, in a few words that never contain its text: a credential may be in the wrong place."""
    if value is MISSING:
        return "nothing"
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"the integer {int(value)}" if value.bit_length() <= 64 else "an integer of more than 64 bits"
    if isinstance(value, float):
        return f"the number {value:g}"
    if isinstance(value, str):
        return f"a string of {_count(len(value), 'character')}" if value else "an empty string"
    if isinstance(value, (bytes, bytearray)):
        return _count(len(value), "byte")
    if isinstance(value, (list, tuple, set, frozenset)):
        return f"a {type(cast('object', value)).__name__} of {_count(len(cast('Collection[object]', value)), 'item')}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    article = "an" if type(value).__name__[:1] in "AEIOUaeiou" else "a"
    return f"{article} {type(value).__name__}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
