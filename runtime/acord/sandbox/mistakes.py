"""What somebody asked a person of the sandbox to do, and no person could."""

from collections.abc import Iterable

__all__ = ["Mistake", "among"]


class Mistake(Exception):
    """A test asks for what is not there: a button, a command, an option. The text says what there is."""


def among(names: Iterable[str]) -> str:
    """What there is, for the end of a sentence."""
    listed = ", ".join(repr(name) for name in names)
    return f"there are {listed}" if listed else "there are none"
