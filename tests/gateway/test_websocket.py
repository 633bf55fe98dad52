"""One connection, fed with bytes: whatever comes is a message, or its end."""

import asyncio
from typing import Any

from hypothesis import given, settings, strategies as st
from websockets.client import ClientProtocol
from websockets.uri import WebSocketURI

from acord.core.websocket import WebSocket

MAX = 4096
ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "


class Wire(asyncio.Transport):
    """Takes what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.over = bytearray(), False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.over = True

    abort = close

    def is_closing(self) -> bool:
        return self.over


class Ear:
    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.ends = 0

    def on_open(self, socket: WebSocket) -> None: ...

    def on_messages(self, messages: list[bytes], *, binary: bool) -> None:
        assert not self.ends
        self.heard += messages

    def on_end(self, code: int | None, reason: str) -> None:
        self.ends += 1


def opened() -> tuple[WebSocket, Wire, Ear]:
    """A connection that the other side has accepted."""
    ear, wire = Ear(), Wire()
    core = ClientProtocol(WebSocketURI(False, "localhost", 80, "/", "v=10"), max_size=MAX)
    socket = WebSocket(core, ear, max_size=MAX, user_agent="test")
    socket.connection_made(wire)
    key = next(line for line in wire.written.decode().splitlines() if line.startswith("Sec-WebSocket-Key: "))
    from websockets.utils import accept_key

    socket.data_received(ACCEPTED + accept_key(key.partition(": ")[2]).encode() + b"\r\n\r\n")
    return socket, wire, ear


# Frames as a hostile peer makes them: any first byte, a length that need not be true, masked or not.
frames = st.builds(
    lambda head, mask, size, data: bytes([head, mask | size]) + data,
    st.integers(0, 255),
    st.sampled_from([0, 0, 0, 128]),
    st.integers(0, 127),
    st.binary(max_size=140),
)


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(st.one_of(frames, st.binary(max_size=40)), max_size=6))
async def test_T31_whatever_bytes_come_the_connection_ends_or_lives_and_nothing_is_raised(pieces: list[bytes]) -> None:
    socket, _, ear = opened()
    for piece in pieces:
        socket.data_received(piece)
    socket.connection_lost(None)

    assert 1 == ear.ends
    assert all(len(message) <= MAX for message in ear.heard)


async def test_T31_a_length_of_64_bits_ends_the_connection_at_once() -> None:
    socket, wire, ear = opened()

    socket.data_received(b"\x82\x7f" + b"\xff" * 8)

    assert (1, True) == (ear.ends, wire.over)
