"""An event as it came, not yet looked into."""

import json
from typing import Any

import msgspec

from acord.core import envelope as envelopes
from acord.core.envelope import Envelope

__all__ = ["Dispatch"]


class Dispatch:
    """One event of the gateway: its name, its number, and its body as bytes until somebody reads it."""

    __slots__ = ("_envelope", "shard_id")

    def __init__(self, envelope: Envelope, shard_id: int) -> None:
        self._envelope = envelope
        self.shard_id = shard_id

    @property
    def name(self) -> str:
        """As ``MESSAGE_CREATE``; ``OP_<number>`` for an opcode that this version does not know."""
        return self._envelope.t or f"OP_{self._envelope.op}"

    @property
    def op(self) -> int:
        """0, but for an opcode that this version does not know."""
        return self._envelope.op

    @property
    def seq(self) -> int | None:
        """The session's number of this event."""
        return self._envelope.s

    @property
    def raw(self) -> bytes:
        """The body as JSON text: the received bytes where they were JSON."""
        body = self._envelope.d
        if isinstance(body, msgspec.Raw):
            return bytes(body)
        return json.dumps(body, separators=(",", ":"), ensure_ascii=True).encode()

    @property
    def value(self) -> Any:
        """The body as plain Python values, decoded now.  `DecodeError` where it cannot be read."""
        return envelopes.body(self._envelope)

    def __repr__(self) -> str:
        return f"<Dispatch {self.name} seq={self.seq} shard={self.shard_id}>"
