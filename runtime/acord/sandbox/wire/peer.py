"""One connection from the server's side: what the client sent, read as carefully as it was sent carelessly."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import h11

from acord.sandbox.answers import Refusal
from acord.sandbox.rest.requests import MAX_BODY

__all__ = ["HEAD", "LINGER", "Peer", "Received"]

HEAD = 64 * 1024
"""Bytes that a request's head may have, and a line of a chunked body."""

LINGER = 2.0
"""Seconds, by the event loop's clock, in which a client that was refused may go on sending."""


@dataclass(slots=True)
class Received:
    """A request as it arrived; the body may be missing where nobody has read it yet."""

    method: str = ""
    target: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """Names in lower case; the last of several."""
    connection: int = 0
    body: bytes = b""
    at: float = 0.0
    """By the event loop's clock, in seconds."""
    raw: bytes = field(default=b"", repr=False)
    """The head's bytes."""


_TLS = b"\x16"  # how its handshake begins (RFC 8446, 5.1)


class Peer:
    """A client's connection; what plays on it is a `Step`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self.reader, self.writer, self.number = reader, writer, number
        self.request = Received(connection=number)
        self._first = b""

    @property
    def gone(self) -> bool:
        return self.writer.is_closing()

    @property
    def address(self) -> str:
        """The client's IP address."""
        name = self.writer.get_extra_info("peername")
        return str(name[0]) if name else ""

    async def begin(self) -> None:
        """Wait for the next request's first byte. Raises `Refusal` where it begins none, as that of TLS."""
        self._first = await self.reader.readexactly(1)
        if not self._first.isalpha():
            raise Refusal(
                400, 0, "400: This is no HTTP; there is no TLS here" if self._first == _TLS else "400: Bad Request"
            )

    async def read_head(self) -> None:
        """The next request's head. Raises `Refusal` where it is none, IncompleteReadError where the client has gone."""
        try:
            first, self._first = self._first, b""
            raw = first + await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            raise Refusal(431, 0, "431: Request Header Fields Too Large") from None
        parser = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD)
        try:
            parser.receive_data(raw)
            event = parser.next_event()
        except h11.RemoteProtocolError as exc:
            raise Refusal(exc.error_status_hint, 0, f"{exc.error_status_hint}: {exc}") from None
        if not isinstance(event, h11.Request):
            raise Refusal(400, 0, "400: Bad Request")
        self.request = Received(
            event.method.decode("ascii"),
            event.target.decode("latin-1"),
            {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers},
            self.number,
            at=asyncio.get_running_loop().time(),
            raw=raw,
        )
        if event.http_version < b"1.1":
            self.request.headers.setdefault("connection", "close")

    async def read_body(self) -> None:
        """The rest of the request. Raises `Refusal` where it is malformed or too large."""
        headers = self.request.headers
        if headers.get("expect", "").lower() == "100-continue":
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            self.request.body = await self._chunks()
        elif length := _length(headers):
            self.request.body = await self.reader.readexactly(length)

    async def leave(self) -> None:
        """Say nothing more, and pass over what is still sent: bytes nobody takes would destroy the last answer."""
        if self.writer.can_write_eof():
            self.writer.write_eof()
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER):
                    while await self.reader.read(HEAD):
                        pass

    async def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            try:
                size = int((await self.reader.readline()).partition(b";")[0], 16)
            except ValueError:
                raise Refusal(400, 0, "400: Bad Request") from None
            if size < 0 or len(body) + size > MAX_BODY:
                raise _too_large()
            if not size:
                await self._trailers()
                return bytes(body)
            body += await self.reader.readexactly(size)
            if await self.reader.readexactly(2) != b"\r\n":
                raise Refusal(400, 0, "400: Bad Request")

    async def _trailers(self) -> None:
        """What may stand behind the last chunk, and says nothing here."""
        left = HEAD
        while (line := await self.reader.readline()) != b"\r\n":
            left -= len(line)
            if left < 0 or not line.endswith(b"\r\n"):
                raise Refusal(400, 0, "400: Bad Request")


def _length(headers: Mapping[str, str]) -> int:
    # h11 has refused what is no number, and two of them.
    length = int(headers.get("content-length", "0"))
    if length > MAX_BODY:
        raise _too_large()
    return length


def _too_large() -> Refusal:
    return Refusal(413, 40005, "Request entity too large")
