"""What ends a command: one line for stderr, and the exit code that goes with it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from acord.core.errors import ACordError

__all__ = ["FAILED", "INTERRUPTED", "OK", "USAGE", "Failure", "UsageFailure", "whole"]

OK: Final = 0
FAILED: Final = 1
"""Refused, not found, unreachable: the command was right and did not succeed."""
USAGE: Final = 2
"""The command itself is wrong; nothing was sent."""
INTERRUPTED: Final = 130
"""Ctrl-C, as shells count it."""


class Failure(ACordError):
    """A command that cannot go on; its text is one line that says what to do."""

    code = FAILED


class UsageFailure(Failure):
    """An argument that is wrong."""

    code = USAGE


@contextmanager
def whole(path: Path) -> Generator[IO[bytes]]:
    """A file that is there when the block has ended well, and was never half there.

    What the path held before stays until then.  Raises Failure where it cannot be written, before the block begins.
    """
    beside = path.with_name(f".{path.name}.part")
    if path.is_dir():
        raise Failure(f"{path} is a folder: name a file in it")
    try:
        file = beside.open("wb")
    except OSError as exc:
        raise Failure(f"{path} cannot be written: {exc.strerror or exc}") from exc
    try:
        with file:
            yield file
        beside.replace(path)
    except BaseException as exc:
        beside.unlink(missing_ok=True)
        if isinstance(exc, OSError) and exc.filename in (None, str(beside), str(path)):
            raise Failure(f"{path} cannot be written: {exc.strerror or exc}") from exc
        raise
