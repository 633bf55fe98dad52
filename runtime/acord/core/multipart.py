"""Multipart bodies: files beside the JSON of a request, read while they are sent.

Source: Discord docs, API Reference > Uploading Files.
"""

import asyncio
import functools
import os
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Final, TypeAlias

from acord.core.types import File

__all__ = ["encode_multipart"]

CHUNK: Final = 1 << 16  # bytes of a file that are in memory at a time

Piece: TypeAlias = bytes | File


def encode_multipart(
    fields: Mapping[str, bytes], files: Sequence[tuple[str, File]], *, boundary: str | None = None
) -> tuple[str, int | None, "functools.partial[AsyncIterator[bytes]]"]:
    """Media type, length and maker of a body: ``fields`` first, then ``files``, by the names of their parts.

    A field whose name ends in ``json`` says so. The length is None where a file cannot tell its size. The
    maker reads the files anew each time. Raises OSError for a path that cannot be read.
    """
    mark = boundary or f"acord-{secrets.token_hex(12)}"
    pieces = list(_pieces(fields, files, mark))
    sizes = [len(piece) if isinstance(piece, bytes) else _size(piece) for piece in pieces]
    length = None if None in sizes else sum(size for size in sizes if size)
    return f"multipart/form-data; boundary={mark}", length, functools.partial(_sent, pieces)


def _pieces(fields: Mapping[str, bytes], files: Sequence[tuple[str, File]], mark: str) -> Iterator[Piece]:
    for name, value in fields.items():
        kind = "Content-Type: application/json\r\n" if name.endswith("json") else ""
        yield f'--{mark}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n{kind}\r\n'.encode() + value
        yield b"\r\n"
    for name, file in files:
        # Brackets stay as they are: Discord looks for "files[0]" letter for letter.
        place = f'form-data; name="{_quoted(name)}"; filename="{_quoted(file.filename)}"'
        yield f"--{mark}\r\nContent-Disposition: {place}\r\nContent-Type: {_kind(file)}\r\n\r\n".encode()
        yield file
        yield b"\r\n"
    yield f"--{mark}--\r\n".encode()


def _quoted(text: str) -> str:
    """As browsers write names: UTF-8, but nothing that could end the quotes or the line."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _kind(file: File) -> str:
    return file.content_type or _types().guess_type(file.filename)[0] or "application/octet-stream"


@functools.cache
def _types() -> Any:
    from mimetypes import MimeTypes

    return MimeTypes()  # its own table alone: the same on every machine


def _size(file: File) -> int | None:
    source = file.source
    if isinstance(source, bytes):
        return len(source)
    if isinstance(source, (str, os.PathLike)):
        return os.stat(os.fspath(source)).st_size  # noqa: PTH116 - pathlib costs 5 ms to import
    if callable(source) or not file.repeatable:
        return None
    start = source.tell()
    end = source.seek(0, os.SEEK_END)
    source.seek(start)
    with file.open() as stream:  # where it stands is not where it begins
        return end - stream.tell()


async def _sent(pieces: Sequence[Piece]) -> AsyncIterator[bytes]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
        elif isinstance(piece.source, bytes):
            for start in range(0, len(piece.source), CHUNK):
                yield piece.source[start : start + CHUNK]
        else:
            with ExitStack() as stack:
                # In a thread: a disk or a pipe may take its time.
                stream = await asyncio.to_thread(stack.enter_context, piece.open())
                while chunk := await asyncio.to_thread(stream.read, CHUNK):
                    yield chunk
