"""Multipart bodies: files beside the JSON of a request, read while they are sent.

Source: Discord docs, API Reference > Uploading Files.
"""

import asyncio
import functools
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, NamedTuple, TypeAlias, cast

from acord.core.errors import InvalidRequest
from acord.core.types import File

__all__ = ["encode_multipart"]

CHUNK: Final = 1 << 16  # bytes of a file that are in memory at a time


class Content(NamedTuple):
    """A file at its place in the body."""

    part: str
    file: File
    size: int | None
    """Bytes that were announced; None where nothing was."""


Piece: TypeAlias = bytes | Content


def encode_multipart(
    fields: Mapping[str, bytes], files: Sequence[tuple[str, File]], *, boundary: str | None = None
) -> tuple[str, int | None, "functools.partial[AsyncIterator[bytes]]"]:
    """Media type, length and maker of a body: ``fields`` first, then ``files``, by the names of their parts.

    A field whose name ends in ``json`` says so. The length is None where a file cannot tell its size. The
    maker reads the files anew each time. Both raise `InvalidRequest` for a file that cannot be read, or that
    is not as long as it was: one that vanished, was closed, or is still being written.
    """
    mark = boundary or f"acord-{secrets.token_hex(12)}"
    pieces = list(_pieces(fields, files, mark))
    sizes = [len(piece) if isinstance(piece, bytes) else piece.size for piece in pieces]
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
        try:
            size = file.measure()
        except (OSError, ValueError) as exc:
            raise _unreadable(name, file, exc) from exc
        yield Content(name, file, size)
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


async def _sent(pieces: Sequence[Piece]) -> AsyncIterator[bytes]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        sent = 0
        async with aclosing(_content(piece)) as content:
            async for chunk in content:
                sent += len(chunk)
                if piece.size is not None and sent > piece.size:
                    break
                yield chunk
        if piece.size is not None and sent != piece.size:
            error = InvalidRequest(
                piece.part,
                piece.file,
                f"the {piece.size} bytes that it had when the request was made",
                fix="nobody may write to it meanwhile",
            )
            error.given = f"{sent} bytes" if sent < piece.size else "more"
            raise error


async def _content(piece: Content) -> AsyncGenerator[bytes]:
    file = piece.file
    if isinstance(file.source, bytes):
        for start in range(0, len(file.source), CHUNK):
            yield file.source[start : start + CHUNK]
        return
    try:
        content: Any = file.begin() if file.is_stream or callable(file.source) else await _opened(file)
        try:
            if hasattr(content, "__aiter__") and not hasattr(content, "read"):
                async for chunk in cast("AsyncIterable[bytes]", content):
                    yield bytes(memoryview(chunk))
            else:
                # In a thread: so may a pipe.
                while chunk := await asyncio.to_thread(content.read, CHUNK):
                    yield bytes(memoryview(chunk))
        finally:
            if hasattr(content, "aclose"):
                await content.aclose()
            else:
                file.finish(content)
    except Exception as exc:
        raise _unreadable(piece.part, file, exc) from exc


async def _opened(file: File) -> Any:
    """In a thread, for a disk may take its time; closed again where nobody waits for it any more."""
    opening = asyncio.ensure_future(asyncio.to_thread(file.begin))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(lambda done: None if done.exception() else file.finish(done.result()))
        raise


def _unreadable(part: str, file: File, exc: Exception) -> InvalidRequest:
    why = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
    return InvalidRequest(part, file, "a file that can be read", fix=f"{type(exc).__name__}: {why}")
