"""An event as it came, not yet looked into."""

import json
from typing import Any

import msgspec

from acord.core import envelope as envelopes
from acord.core.envelope import Envelope

__all__ = ["Dispatch", "decoder", "dispatch_of"]


class Dispatch(Envelope, gc=False):
    """One event of the gateway: its name, its number, and its body as bytes until somebody reads it.

    What is on the wire is decoded into it directly: an object more for each event would cost as much again.
    """

    # Written by the shard, whatever the peer may have put there.
    _shard: Any = 0

    @property
    def shard_id(self) -> int:
        """The shard that received it."""
        return int(self._shard)

    @property
    def name(self) -> str:
        """As ``MESSAGE_CREATE``; ``OP_<number>`` for an opcode that this version does not know."""
        return self.t or f"OP_{self.op}"

    @property
    def seq(self) -> int | None:
        """The session's number of this event."""
        return self.s

    @property
    def raw(self) -> bytes:
        """The body as JSON text: the received bytes where they were JSON."""
        if isinstance(self.d, msgspec.Raw):
            return bytes(self.d)
        return json.dumps(self.d, separators=(",", ":"), ensure_ascii=True).encode()

    @property
    def value(self) -> Any:
        """The body as plain Python values, decoded now.  `DecodeError` where it cannot be read."""
        return envelopes.body(self)

    def __repr__(self) -> str:
        return f"<Dispatch {self.name} seq={self.seq} shard={self.shard_id}>"


# Twice: `d` is any value to who reads it, and raw to the decoder.
class _Undecoded(Dispatch, gc=False):
    d: msgspec.Raw = msgspec.Raw(b"null")


decoder: "msgspec.json.Decoder[Envelope]" = msgspec.json.Decoder(_Undecoded)


def dispatch_of(envelope: Envelope, shard_id: int) -> Dispatch:
    """The envelope as an event of this shard; itself, where it was decoded as one."""
    if isinstance(envelope, Dispatch):
        envelope._shard = shard_id  # pyright: ignore[reportPrivateUsage] - of the class above
        return envelope
    return Dispatch(envelope.op, envelope.d, envelope.s, envelope.t, shard_id)
