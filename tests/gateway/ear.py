"""A client's end of a WebSocket, with the cutter in front of the whole protocol's parser, or that parser alone."""

import logging
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from acord.core.frames import Cutter, Plain, Run

MAX = 1 << 17


class Ear:
    """A client's end of a connection: what it hears, and what it answers."""

    def __init__(self, cutter: Cutter | None) -> None:
        self.cutter = cutter
        self.core = Protocol(
            Side.CLIENT, state=State.OPEN, max_size=MAX, logger=logging.Logger("ear", logging.CRITICAL)
        )
        self.whole: list[tuple[bool, bytes]] = []
        """The messages, binary or not."""
        self._parts: list[bytes] = []
        self._binary = False

    def feed(self, data: bytes) -> None:
        runs: list[Run] = [data] if self.cutter is None else self.cutter.feed(data)
        for run in runs:
            if isinstance(run, Plain):
                if not self.over:
                    self.whole += [(run.binary, message) for message in run.messages]
                continue
            self.core.receive_data(run)
            for event in self.core.events_received():
                assert isinstance(event, Frame)
                self._on_frame(event)

    def _on_frame(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._binary, self._parts = frame.opcode is Opcode.BINARY, []
        elif frame.opcode is not Opcode.CONT:
            return
        self._parts.append(bytes(frame.data))
        if frame.fin:
            self.whole.append((self._binary, b"".join(self._parts)))

    @property
    def over(self) -> bool:
        return self.core.parser_exc is not None or self.core.close_rcvd is not None

    @property
    def end(self) -> tuple[Any, ...]:
        exc, close = self.core.parser_exc, self.core.close_rcvd
        return (
            type(exc),
            str(exc),
            close and close.code,
            self.core.state,
            self.core.close_sent and self.core.close_sent.code,
        )
