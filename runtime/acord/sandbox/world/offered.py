"""Files that people of the sandbox hand over, as uploads."""

from collections.abc import Iterable
from mimetypes import guess_type
from typing import TypeAlias

from acord.sandbox.calls import Upload
from acord.sandbox.mistakes import Mistake

__all__ = ["OfferedFile", "uploads"]

OfferedFile: TypeAlias = bytes | tuple[str, bytes]
"""The content, or (file name, content)."""


def uploads(files: Iterable[object]) -> list[Upload]:
    """As the parts of a request; the type follows from the name."""
    made: list[Upload] = []
    for number, file in enumerate(files):
        match file:
            case bytes():
                name, content = f"file{number}", file
            case (str() as name, bytes() as content):
                pass
            case _:
                raise Mistake(f"a file is bytes or (file name, bytes), not {file!r}")
        media = guess_type(name)[0] or "application/octet-stream"
        made.append(Upload(f"files[{number}]", name, media, content))
    return made
