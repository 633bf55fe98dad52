"""Reads an input as a list of edits of a tree of mappings, lists and scalars: bytes alone would not get past its shape.

Four bytes are an edit: what is done, to which of the tree's places (two bytes), with which word or other place.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

EDITS = 12  # of one input
MOST = 4000  # places of a tree that still grows
STEP = 4

Place = tuple[Any, Any]  # a mapping and a key, or a list and an index


def edited(tree: Any, script: bytes, words: Sequence[Any], names: Sequence[str]) -> Any:
    """A copy of ``tree`` with the edits carried out; ``words`` are values, ``names`` keys and pieces of text."""
    root = [deepcopy(tree)]
    for at in range(0, min(len(script), EDITS * STEP) - STEP + 1, STEP):
        what, high, low, which = script[at : at + STEP]
        places = list(_places(root))
        _edit(places, what % 8, places[(high << 8 | low) % len(places)], which, words, names)
        if len(places) > MOST:
            break
    return root[0]


def _places(node: Any) -> Iterator[Place]:
    """Every place of the tree, from above."""
    pending = [node]
    while pending:
        holder = pending.pop()
        for key, inner in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
            yield holder, key
            if isinstance(inner, dict | list):
                pending.append(inner)


def _edit(
    places: Sequence[Place], what: int, place: Place, which: int, words: Sequence[Any], names: Sequence[str]
) -> None:
    holder, key = place
    name, word = names[which % len(names)], deepcopy(words[which % len(words)])
    other, spot = places[which * 31 % len(places)]
    if place == places[0]:  # the root stays
        return
    match what:
        case 0:
            del holder[key]
        case 1:
            holder[key] = word
        case 2:
            holder[key] = deepcopy(other[spot])
        case 3 if isinstance(holder, dict):
            found = [(name if old == key else old, value) for old, value in holder.items()]
            holder.clear()
            holder.update(found)
        case 4 if isinstance(holder, dict):
            holder[name] = deepcopy(holder[key])
        case 5:
            holder[key] = [holder[key]] if which % 2 else {name: holder[key]}
        case 6 if isinstance(holder[key], str):
            at = which * 7 % (len(holder[key]) + 1)
            holder[key] = holder[key][:at] + name + holder[key][at + which % 3 :]
        case 7 if isinstance(holder, dict):
            holder[name] = word
        case _:
            pass


def script(*edits: tuple[int, int, int]) -> bytes:
    """An input of these edits: what, where, which."""
    return b"".join(bytes((what, where >> 8, where & 255, which)) for what, where, which in edits)
