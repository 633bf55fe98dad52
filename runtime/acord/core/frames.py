"""Cuts what a WebSocket's server sends into frames: the payloads of plain ones, and the bytes of all others.

Plain is a whole message in one frame without mask or extension that is there from end to end, as nearly all of a
gateway are.  Whatever else there is (control frames, fragments, frames that are cut off, what breaks the protocol) is
left to a parser of the whole protocol.  To that one the plain frames never existed, so what it is given always begins
between two frames.  No I/O.

Source: RFC 6455, section 5.2.
"""

from typing import Final, NamedTuple, TypeAlias

__all__ = ["Cutter", "Plain", "Run"]

_TEXT, _BINARY = 1, 2
_PING_PONG: Final = (9, 10)
_OPCODES: Final = frozenset({0, _TEXT, _BINARY, 8, *_PING_PONG})
_FIN: Final = 0x80
_RESERVED: Final = 0x70
_PLAIN: Final = frozenset({_FIN | _TEXT, _FIN | _BINARY})
MAX_CONTROL: Final = 125  # bytes that a control frame may carry
MAX_RUN: Final = 1 << 14  # bytes of the messages of a run, where it has several: they may be inflated at once (ours)


class Plain(NamedTuple):
    """Messages that follow each other, whole; one, or at most `MAX_RUN` bytes."""

    messages: list[bytes]
    binary: bool


Run: TypeAlias = Plain | bytes
"""Whole messages, or bytes for the parser of the whole protocol."""


class Cutter:
    """One connection, from the first byte behind its opening handshake on."""

    def __init__(self, max_size: int) -> None:
        """Frames of more than `max_size` bytes are left to the parser, which refuses them."""
        self._max_size = max_size
        self._owed = 0  # bytes of a frame whose beginning the parser has
        self._head = b""  # a frame's header that is not whole
        self._fragmented = False
        self._over = False  # the parser gets all that comes

    def feed(self, data: bytes) -> list[Run]:
        """What has been read, in runs, in the order of coming."""
        if self._over:
            return [data]
        if self._head:
            data, self._head = self._head + data, b""
        runs: list[Run] = []
        messages: list[bytes] | None = None
        kind = full = 0
        end = len(data)
        at = min(self._owed, end)
        self._owed -= at
        left = 0  # where that begins which is the parser's, and in no run yet
        while end - at > 1:
            head, size = data[at], data[at + 1]
            start = at + 2
            if size > MAX_CONTROL:
                if size > 127 or head & 0x0F not in _OPCODES:  # masked, as only clients do
                    self._over = True
                    break
                start += 2 if size == 126 else 8
                if start > end:
                    break
                size = int.from_bytes(data[at + 2 : start], "big")
            stop = start + size
            if head in _PLAIN and stop <= end and size <= self._max_size and not self._fragmented:
                if left < at:
                    runs.append(data[left:at])
                    messages = None
                if messages is None or head != kind or stop > full:
                    kind, messages, full = head, [], at + MAX_RUN
                    runs.append(Plain(messages, head == _FIN | _BINARY))
                messages.append(data[start:stop])
                left = at = stop
                continue
            if self._ends(head, size):
                self._over = True
                break
            if stop > end:
                self._owed = stop - end
                at = end
                break
            at = stop
        if at < end and not self._over:
            self._head, end = data[at:], at
        if left < end:
            runs.append(data[left:end])
        return runs

    def _ends(self, head: int, size: int) -> bool:
        """Whether all from this frame on is the parser's: a close, or what it refuses.  Notes where messages end."""
        opcode, last = head & 0x0F, bool(head & _FIN)
        if head & _RESERVED or size > self._max_size:
            return True
        if opcode in _PING_PONG:
            return not last or size > MAX_CONTROL
        # Of the rest, a continuation, where and only where a message has begun.
        if opcode not in (0, _TEXT, _BINARY) or (opcode == 0) is not self._fragmented:
            return True
        self._fragmented = not last
        return False
