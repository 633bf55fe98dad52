"""Something to upload.  Import it from `core.types`."""

import io
import os
from collections.abc import AsyncIterable, Callable, Generator
from contextlib import contextmanager
from typing import Any, BinaryIO, TypeAlias, cast

__all__ = ["File", "FileSource"]

Content: TypeAlias = BinaryIO | AsyncIterable[bytes]

FileSource: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | Content | Callable[[], Content]
"""What a `File` is made from: a path, its content, an open binary file, pieces as they come, or a function that
begins one of the last two anew."""


class File:
    """Something to upload: a path, bytes, an open binary file, or a function that opens one.

    A function may also return an async iterable of bytes, as an async generator function does; such
    an iterable itself is taken, too. ``filename`` is needed where the source has no name of its own.
    ``description`` becomes the alt text. ``spoiler`` puts ``SPOILER_`` in front of the name, which is
    how Discord marks it. ``size`` in bytes is for sources that cannot tell it.

    A path or a function is opened anew, bytes are read anew, and an open file is rewound to where it
    stood, whenever a request is sent again; a file that cannot seek and an iterator are sent once only.
    """

    __slots__ = ("_size", "_start", "content_type", "description", "filename", "source", "spoiler")

    source: str | os.PathLike[str] | bytes | Content | Callable[[], Content]
    filename: str
    description: str | None
    spoiler: bool
    content_type: str | None
    _start: int | None
    _size: int | None

    def __init__(
        self,
        source: FileSource,
        filename: str | None = None,
        *,
        description: str | None = None,
        spoiler: bool = False,
        content_type: str | None = None,
        size: int | None = None,
    ) -> None:
        if isinstance(source, (bytearray, memoryview)):
            source = bytes(source)  # a copy: the caller may use the buffer again
        name = filename if filename is not None else _name_of(source)
        if problem := _unfit(name, content_type or ""):
            raise ValueError(problem)
        if spoiler and not name.startswith("SPOILER_"):
            name = f"SPOILER_{name}"
        self.source = source
        self.filename = name
        self.description = description
        self.spoiler = spoiler or name.startswith("SPOILER_")
        self.content_type = content_type
        self._size = size
        self._start = _where(source)

    @property
    def is_stream(self) -> bool:
        """Whether the source is an async iterable, and no function that makes one."""
        source: object = self.source
        return hasattr(source, "__aiter__") and not callable(source)

    @property
    def repeatable(self) -> bool:
        """Whether the content can be read a second time, that is, whether a request with it may be sent again."""
        source = self.source
        if isinstance(source, (str, os.PathLike, bytes)) or callable(source):
            return True
        # What is its own iterator is used up by the first reader.
        return not hasattr(source, "__anext__") if self.is_stream else self._start is not None

    def measure(self) -> int | None:
        """Bytes to send; None where that is not known before. OSError or ValueError where it cannot be read."""
        source = self.source
        if isinstance(source, bytes):
            return len(source)
        if isinstance(source, (str, os.PathLike)):
            status = os.stat(os.fspath(source))  # noqa: PTH116 - pathlib costs 5 ms to import
            return status.st_size if status.st_mode & 0o170000 == 0o100000 else None  # a pipe has no size
        if callable(source) or self._start is None:
            return self._size
        stream = cast("BinaryIO", source)
        stood = stream.tell()
        end = stream.seek(0, os.SEEK_END)
        stream.seek(stood)
        return max(0, end - self._start)  # where it stands is not where it begins

    def begin(self) -> Content:
        """The content from its beginning: an open file, or an async iterable. `finish` belongs to it."""
        source = self.source
        if isinstance(source, bytes):
            return io.BytesIO(source)
        if isinstance(source, (str, os.PathLike)):
            return open(os.fspath(source), "rb")  # noqa: PTH123 - pathlib costs 5 ms; `finish` closes it
        if callable(source):
            return source()
        if self._start is not None:
            cast("BinaryIO", source).seek(self._start)
        return source

    def finish(self, content: Content) -> None:
        """Close what `begin` has opened; the caller's own file stays open."""
        if content is not self.source and hasattr(content, "close"):
            cast("BinaryIO", content).close()

    @contextmanager
    def open(self) -> Generator[BinaryIO]:
        """The content from its beginning, closed afterwards. TypeError for an async iterable."""
        content: Any = self.begin()
        if not hasattr(content, "read"):
            raise TypeError("this file is an async iterable: it can be uploaded, but not opened")
        try:
            yield content
        finally:
            self.finish(content)

    def __repr__(self) -> str:
        return f"File({self.filename!r})"


def _name_of(source: object) -> str:
    if isinstance(source, (str, os.PathLike)):
        return os.path.basename(os.fspath(cast("str", source)))  # noqa: PTH119
    if isinstance(source, bytes):
        return ""
    name = getattr(source, "name", "")  # an open file's may be a number
    return os.path.basename(name) if isinstance(name, str) else ""  # noqa: PTH119


def _where(source: object) -> int | None:
    """Where an open file stands; None for what cannot be rewound, and for what is no open file."""
    if isinstance(source, (str, os.PathLike, bytes, AsyncIterable)) or callable(source):
        return None
    if isinstance(source, io.TextIOBase):
        raise ValueError("this file is open for text: open it with mode 'rb', or pass its path")
    stream = cast("BinaryIO", source)
    if getattr(stream, "closed", False):
        raise ValueError("this file is closed: open it again, or pass its path")
    return stream.tell() if stream.seekable() else None


def _unfit(name: str, content_type: str) -> str | None:
    """What is wrong with them as parts of a header (T14) or as the name of a file (T28)."""
    if not name:
        return "this file has no name of its own: pass filename="
    if any(map(_is_control, name + content_type)):
        return "control characters are not allowed in a file's name or content type: pass another filename="
    if "/" in name or "\\" in name or not name.strip(". "):
        return "a file's name has no folders in it: pass filename="
    return None


def _is_control(sign: str) -> bool:
    # C0, DEL, C1, the line and paragraph separators, and halves of surrogate pairs, which UTF-8 cannot hold.
    code = ord(sign)
    return code < 0x20 or 0x7F <= code < 0xA0 or 0x2028 <= code <= 0x2029 or 0xD800 <= code < 0xE000
