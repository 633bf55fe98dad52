"""A gateway connection between a socket and the gateway: bytes one way, calls the other."""

import asyncio
from collections.abc import Callable

from acord.sandbox.faults import Step
from acord.sandbox.gateway.links import Link
from acord.sandbox.wire.socket import Socket

__all__ = ["PATIENCE", "Conversation"]

PATIENCE = 10.0
"""Seconds, by the event loop's clock, in which a close is to be answered."""


class Conversation:
    """What a `Gateway` sends through. While a fault plays, what follows waits behind it."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._instead: tuple[Step, ...] = ()
        self._behind: list[Callable[[], None]] = []
        self._playing: asyncio.Task[None] | None = None
        self._late: asyncio.TimerHandle | None = None

    # Wire

    def send(self, data: bytes, text: bool) -> None:
        steps, self._instead = self._instead, ()
        if steps:
            self._behind.append(lambda: self._play(steps))
            self._go_on()
        else:
            self._in_turn(lambda: self._socket.send(data, text))

    def raw(self, data: bytes) -> None:
        self._in_turn(lambda: self._socket.raw(data))

    def close(self, code: int, reason: str = "") -> None:
        """Close, and end the connection of a client that does not answer within `PATIENCE`."""

        def close() -> None:
            self._socket.close(code, reason)
            self._late = asyncio.get_running_loop().call_later(PATIENCE, self._socket.abort)

        self._in_turn(close)

    def abort(self) -> None:
        self._socket.abort()

    # Measuring

    @property
    def latency(self) -> float | None:
        """Seconds from the newest ping of ours to its answer; None before."""
        return self._socket.latency

    def ping(self) -> None:
        self._in_turn(self._socket.ping)

    # Faults

    def instead(self, steps: tuple[Step, ...]) -> None:
        """Play these in the place of the next message."""
        self._instead = steps

    def _in_turn(self, action: Callable[[], None]) -> None:
        if self._playing is None:
            action()
        else:
            self._behind.append(action)

    def _go_on(self) -> None:
        while self._playing is None and self._behind:
            self._behind.pop(0)()

    def _play(self, steps: tuple[Step, ...]) -> None:
        async def play() -> None:
            try:
                for step in steps:
                    await step(self._socket.peer)
            except OSError:
                pass  # the client has gone meanwhile
            finally:
                self._playing = None
                self._go_on()

        self._playing = asyncio.get_running_loop().create_task(play())

    # The other way

    async def run(self, link: Link) -> None:
        """Hand over what the client says until it has gone."""
        try:
            async for message in self._socket.messages():
                link.received(message)
                # Who does not read what is sent is not read either.
                await self._socket.drain()
        finally:
            if self._late is not None:
                self._late.cancel()
            if self._playing is not None:
                self._playing.cancel()
            link.gone(self._socket.closed_with)
