"""Files of a request: which were given, whether Discord takes them, how its body speaks of them.

What a file is lies in `upload`, how it is sent in `multipart`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from acord.core.errors import InvalidRequest
from acord.core.types import MISSING, File

if TYPE_CHECKING:
    from acord.core.operation import Operation

__all__ = ["described", "uploads"]

FILE_MOST: Final = 10 << 20  # bytes of a file, where no boost raises it (API Reference > Uploading Files)
REQUEST_MOST: Final = 25 << 20  # bytes of all files of a message (Resources > Message > Create Message)
LARGER: Final = "pass validate=False where the guild or the interaction allows more"


def uploads(given: object, part: str, validate: bool, most: int | None = None) -> tuple[File, ...]:
    """The files that a helper was given, for the part of this name: ``files[n]`` for several; ``most`` bytes each.

    Raises `InvalidRequest` for what is no file, or, with ``validate``, too large as far as is known.
    """
    several = part.endswith("[n]")
    name = "files" if several else part
    items = cast(Sequence[object], given) if type(given) in (list, tuple) else (given,)
    if not several and len(items) > 1:
        raise InvalidRequest(name, given, "one file")
    names = [f"{name}[{index}]" if several else name for index in range(len(items))]
    found = tuple(map(_as_file, items, names))
    if validate and (several or name == "file"):
        _check_sizes(name, names, found, most or FILE_MOST)
    return found


def _as_file(item: object, where: str) -> File:
    if isinstance(item, File):
        return item
    try:
        return File(cast(Any, item))
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidRequest(where, item, "a File, or a path to one", fix=str(error)) from None


def _check_sizes(name: str, names: Sequence[str], files: Sequence[File], file_most: int) -> None:
    total = 0
    for where, file in zip(names, files, strict=True):
        try:
            size = file.measure() or 0
        except (OSError, ValueError):
            continue  # it is read when the request is made, and named then
        total += size
        for found, most, whose in ((size, file_most, where), (total, REQUEST_MOST, name)):
            if found > most:
                error = InvalidRequest(whose, file, f"at most {_bytes(most)}", fix=LARGER)
                error.given = f"{found} bytes"
                raise error


def _bytes(count: int) -> str:
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count >> 10} KiB"


def described(operation: "Operation", body: dict[str, Any], files: Sequence[File]) -> dict[str, Any]:
    """The body with each new file in its list of attachments, where that list is needed.

    The body is what a shape has written: ours to change.

    Source: Discord docs, API Reference > Uploading Files, Editing Message Attachments.
    """
    *outer, last = operation.attachments.split(".")
    home = body
    for name in outer:
        if not isinstance(home.get(name), dict):
            return body
        home = home[name]
    # None says the same as []: keep nothing.
    listed: list[dict[str, Any]] | None = (home[last] or []) if last in home else None
    if listed is None:
        if not any(file.description for file in files):
            return body
        if operation.method == "PATCH":
            # The list replaces what the message has: writing one unasked would delete attachments.
            raise InvalidRequest(
                operation.attachments,
                MISSING,
                "the attachments to keep ([] for none)",
                fix="new files are added to it",
            )
        listed = []
    known = {str(entry.get("id")): index for index, entry in enumerate(listed)}
    for number, file in enumerate(files):
        if str(number) not in known:
            listed.append({"id": number, "filename": file.filename})
        entry = listed[known.get(str(number), -1)]
        if file.description is not None:
            entry.setdefault("description", file.description)
    home[last] = listed
    return body
