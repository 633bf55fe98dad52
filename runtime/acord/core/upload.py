"""Something to upload.  Import it from `core.types`."""

import io
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import BinaryIO, TypeAlias

__all__ = ["File", "FileSource"]

FileSource: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Callable[[], BinaryIO]
"""What a `File` is made from: a path, its content, an open binary file, or a function that opens one."""


class File:
    """Something to upload: a path, bytes, an open binary file, or a function that opens one.

    ``filename`` is needed where the source has no name of its own. ``description`` becomes the alt
    text. ``spoiler`` puts ``SPOILER_`` in front of the name, which is how Discord marks it.

    A path or a function is opened anew, bytes are read anew, and an open file is rewound to where it
    stood, whenever a request is sent again; an open file that cannot seek is sent once only.
    """

    __slots__ = ("_start", "content_type", "description", "filename", "source", "spoiler")

    source: str | os.PathLike[str] | bytes | BinaryIO | Callable[[], BinaryIO]
    filename: str
    description: str | None
    spoiler: bool
    content_type: str | None
    _start: int | None

    def __init__(
        self,
        source: FileSource,
        filename: str | None = None,
        *,
        description: str | None = None,
        spoiler: bool = False,
        content_type: str | None = None,
    ) -> None:
        if isinstance(source, (bytearray, memoryview)):
            source = bytes(source)  # a copy: the caller may use the buffer again
        name = filename if filename is not None else _name_of(source)
        if not name:
            raise ValueError("this file has no name of its own: pass filename=")
        for text in (name, content_type or ""):
            if not text.isprintable():
                raise ValueError("control characters are not allowed in a file's name or content type")
        if spoiler and not name.startswith("SPOILER_"):
            name = f"SPOILER_{name}"
        self.source = source
        self.filename = name
        self.description = description
        self.spoiler = spoiler or name.startswith("SPOILER_")
        self.content_type = content_type
        self._start = None
        if not isinstance(source, (str, os.PathLike, bytes)) and not callable(source) and source.seekable():
            self._start = source.tell()

    @property
    def repeatable(self) -> bool:
        """Whether the content can be read a second time, that is, whether a request with it may be sent again."""
        return isinstance(self.source, (str, os.PathLike, bytes)) or callable(self.source) or self._start is not None

    @contextmanager
    def open(self) -> Generator[BinaryIO]:
        """The content from its beginning. What was opened here is closed afterwards; the caller's own file is not."""
        source = self.source
        if isinstance(source, bytes):
            with io.BytesIO(source) as stream:
                yield stream
        elif isinstance(source, (str, os.PathLike)):
            with open(os.fspath(source), "rb") as stream:  # noqa: PTH123  # pathlib costs 5 ms to import
                yield stream
        elif callable(source):
            with source() as stream:
                yield stream
        else:
            if self._start is not None:
                source.seek(self._start)
            yield source

    def __repr__(self) -> str:
        return f"File({self.filename!r})"


def _name_of(source: FileSource) -> str:
    if isinstance(source, (str, os.PathLike)):
        return os.path.basename(os.fspath(source))  # noqa: PTH119
    if isinstance(source, bytes):
        return ""
    name = getattr(source, "name", "")  # an open file's may be a number
    return os.path.basename(name) if isinstance(name, str) else ""  # noqa: PTH119
