"""One WebSocket as a client: websockets' sans-I/O core on an asyncio transport.

No redirects, no proxy, no compression, no pings of our own: a connection leads where it was told to, or nowhere.
"""

import asyncio
import logging
import ssl
from typing import Final, Protocol, cast

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import WebSocketURI

from acord.core.frames import Cutter
from acord.core.origin import origin_of

__all__ = ["Handler", "Rejected", "WebSocket", "dial"]

_HEAD_END: Final = b"\r\n\r\n"
CLOSE_TIMEOUT: Final = 4.0  # seconds for the peer to answer our close, after which TCP is dropped

# websockets prints frames at DEBUG, and Identify is a frame: its logger is outside of everybody's reach.
_silent: Final = logging.Logger("acord.websocket", logging.CRITICAL)


class Handler(Protocol):
    """Who is told what arrives; called in the event loop, never after `on_end`."""

    def on_open(self, socket: "WebSocket") -> None:
        """The upgrade was accepted; messages may follow in the same breath."""
        ...

    def on_messages(self, messages: list[bytes], *, binary: bool) -> None:
        """Whole messages, in order, as many as one read brought: one, or several of 16 KiB together at most."""
        ...

    def on_end(self, code: int | None, reason: str) -> None:
        """The end: the peer's close code, or None and what went wrong."""
        ...


class Rejected(Exception):
    """The upgrade was answered with something else."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        self.status, self.retry_after = status, retry_after
        super().__init__(f"the gateway answered the upgrade with HTTP {status}")


class WebSocket(asyncio.Protocol):
    """A connection; made by `dial`."""

    def __init__(self, core: ClientProtocol, handler: Handler, *, max_size: int, user_agent: str) -> None:
        self._core = core
        self._handler: Handler | None = handler
        self._user_agent = user_agent
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._is_open = False
        self._cutter = Cutter(max_size)
        self._answer = b""  # the last bytes of the answer to the upgrade
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._opened.add_done_callback(_seen)
        self._fragments: bytearray | None = None
        self._binary = False
        self._deadline: asyncio.TimerHandle | None = None
        self.closed: asyncio.Future[None] = self._loop.create_future()
        """Done when TCP is."""

    # What the shell does

    async def opened(self) -> None:
        """Wait for the upgrade.  Raises `Rejected` or `OSError`."""
        await self._opened

    def send(self, data: bytes, *, binary: bool) -> None:
        """Write one message; nothing where the connection is ending."""
        # The peer's close may have been read already, while what came before it is still looked at.
        if self._handler is None or self._core.state is not State.OPEN:
            return
        if binary:
            self._core.send_binary(data)
        else:
            self._core.send_text(data)
        self._flush()

    def close(self, code: int) -> None:
        """Say goodbye; the handler hears no more, and `closed` is done soon."""
        if self._handler is None:
            return
        self._handler = None
        if self._is_open and not self._core.close_expected():
            self._core.send_close(code)
            self._flush()
            self.resume()
            self._deadline = self._loop.call_later(CLOSE_TIMEOUT, self.abort)
        else:
            self.abort()

    def abort(self) -> None:
        """Drop TCP."""
        self._handler = None
        if self._transport is not None:
            self._transport.abort()

    def pause(self) -> None:
        """Read nothing more for now."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    @property
    def pending(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._fragments is not None

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        request = self._core.connect()
        request.headers["User-Agent"] = self._user_agent
        self._core.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        if not self._is_open:
            data = self._to_upgrade(data)
        for run in self._cutter.feed(data) if data else ():
            if isinstance(run, bytes):
                self._to_core(run)
            elif self._handler is not None:
                self._handler.on_messages(run.messages, binary=run.binary)

    def _to_upgrade(self, data: bytes) -> bytes:
        """Give the core its answer to the upgrade; what came behind it."""
        seen = self._answer + data
        end = seen.find(_HEAD_END)
        cut = len(data) if end < 0 else end + len(_HEAD_END) - len(self._answer)
        self._answer = seen[1 - len(_HEAD_END) :]
        self._to_core(data[:cut])
        if self._is_open:
            return data[cut:]
        if cut < len(data):
            self._to_core(data[cut:])
        return b""

    def _to_core(self, data: bytes) -> None:
        self._core.receive_data(data)
        self._flush()
        for event in self._core.events_received():
            if isinstance(event, Frame):
                self._on_frame(event)
            elif isinstance(event, Response):
                self._on_response(event)
        if self._core.parser_exc is not None:
            self._end(None, f"the peer broke the protocol ({type(self._core.parser_exc).__name__})")
        elif self._core.close_rcvd is not None:
            # The peer may take its time to drop TCP; we have heard what there was to hear.
            self._end(self._core.close_rcvd.code, "closed")

    def eof_received(self) -> None:
        self._core.receive_eof()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._end(None, "the connection was lost")
        if not self._opened.done():
            self._opened.set_exception(exc or ConnectionResetError("closed during the upgrade"))
        if not self.closed.done():
            self.closed.set_result(None)

    # Inside

    def _on_response(self, response: Response) -> None:
        if self._opened.done():
            return
        if self._core.handshake_exc is None:
            self._is_open = True
            self._opened.set_result(None)
            if self._handler is not None:
                self._handler.on_open(self)
            return
        self._opened.set_exception(Rejected(response.status_code, _seconds(response.headers.get("Retry-After"))))
        self.abort()

    def _on_frame(self, frame: Frame) -> None:
        # Pings are answered and closes echoed by the core.
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._binary = frame.opcode is Opcode.BINARY
            if not frame.fin:
                self._fragments = bytearray(frame.data)
                return
            data = bytes(frame.data)
        elif frame.opcode is Opcode.CONT and self._fragments is not None:
            self._fragments += frame.data
            if not frame.fin:
                return
            data = bytes(self._fragments)
            self._fragments = None
        else:
            return
        if self._handler is not None:
            self._handler.on_messages([data], binary=self._binary)

    def _end(self, code: int | None, reason: str) -> None:
        handler, self._handler = self._handler, None
        if self._transport is not None:
            self._transport.close()
        if (
            handler is not None
            and self._opened.done()
            and not self._opened.cancelled()
            and not self._opened.exception()
        ):
            handler.on_end(code, reason)

    def _flush(self) -> None:
        assert self._transport is not None
        for data in self._core.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()


async def dial(
    url: str,
    handler: Handler,
    *,
    max_size: int,
    user_agent: str,
    tls: ssl.SSLContext | None = None,
) -> WebSocket:
    """An open connection to exactly this host and port; messages are at most `max_size` bytes.

    Raises `Rejected` where the upgrade is refused, `OSError` (TLS failures among them) where nobody is reached.
    Cancelled, it leaves nothing open.
    """
    bare, _, query = url.partition("/?")
    origin = origin_of(bare)
    if origin is None:
        raise ValueError("not a bare WebSocket URL with a query")
    secure = origin.scheme == "wss"
    uri = WebSocketURI(secure, origin.host, origin.port, "/", query)
    core = ClientProtocol(uri, max_size=max_size, logger=_silent)
    _, socket = await asyncio.get_running_loop().create_connection(
        lambda: WebSocket(core, handler, max_size=max_size, user_agent=user_agent),
        host=origin.host,
        port=origin.port,
        ssl=(tls or ssl.create_default_context()) if secure else None,
    )
    try:
        await socket.opened()
    except BaseException:
        socket.abort()
        raise
    return socket


def _seen(future: asyncio.Future[None]) -> None:
    """Whether anybody waits or not, its exception is no news."""
    if not future.cancelled():
        future.exception()


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
