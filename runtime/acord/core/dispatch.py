"""An event as it came, not yet looked into."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import msgspec

from acord.core import envelope as envelopes
from acord.core.envelope import Envelope

if TYPE_CHECKING:
    from acord.core.base import Drift
    from acord.core.event import Event

__all__ = ["Dispatch", "Source", "decoder", "dispatch_of", "keep", "typed"]


class Source:
    """Where events come from, and whom to tell that one contradicts its schema."""

    __slots__ = ("conn", "decode", "on_drift", "shard_id")

    def __init__(self, shard_id: int, *, on_drift: "Callable[[Drift], object] | None" = None, conn: Any = None) -> None:
        """`conn` is what the models of these events answer as `Model.conn`."""
        self.shard_id, self.on_drift, self.conn = shard_id, on_drift, conn
        self.decode: Callable[[bytes], Dispatch] | None = None
        """The decoder of the short way, which makes events of this source; made there."""


_NOWHERE = Source(0)


class Dispatch(Envelope, gc=False):
    """One event of the gateway: its name, its number, and its body as bytes until somebody reads it.

    What is on the wire is decoded into it directly: an object more for each event would cost as much again.
    """

    # Written by the shard, whatever the peer may have put there: a Source, and once it has been decoded the shard's
    # number and the event, in a tuple, which nothing on the wire becomes.
    _source: Any = None

    @property
    def shard_id(self) -> int:
        """The shard that received it."""
        source = self._source
        return cast("int", source[0]) if type(source) is tuple else (source or _NOWHERE).shard_id

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

    @property
    def data(self) -> "Event":
        """The typed event, decoded when this is first asked for; `acord.events.Unknown` where no class has the name.

        What contradicts the schema stays raw in its place, and the drift hook is told.  Raises `DecodeError`
        where the body cannot be read, `ModelError` where it is of another kind altogether.
        """
        event = typed(self)
        if type(self._source) is not tuple:
            keep(self, event)
        return event

    def __repr__(self) -> str:
        return f"<Dispatch {self.name} seq={self.seq} shard={self.shard_id}>"


# Twice: `d` is any value to who reads it, and raw to the decoder.
class _Undecoded(Dispatch, gc=False):
    d: msgspec.Raw = msgspec.Raw(b"null")


decoder: "msgspec.json.Decoder[Envelope]" = msgspec.json.Decoder(_Undecoded)


def dispatch_of(envelope: Envelope, source: Source) -> Dispatch:
    """The envelope as an event from there; itself, where it was decoded as one."""
    if isinstance(envelope, Dispatch):
        envelope._source = source  # pyright: ignore[reportPrivateUsage] - of the class above
        return envelope
    return Dispatch(envelope.op, envelope.d, envelope.s, envelope.t, source)


def typed(dispatch: Dispatch) -> "Event":
    """`Dispatch.data`, for who asks for it with every event: as a function it costs less, and less if nobody else asks.

    The event is not kept: see `keep`.
    """
    source = dispatch._source  # pyright: ignore[reportPrivateUsage] - of the class above
    if type(source) is tuple:
        return cast("Event", source[1])
    fitting, decode_odd, own = _models or _load_models()
    name, body = dispatch.t or dispatch.name, dispatch.d
    data = bytes(body) if type(body) is msgspec.Raw else body
    event = fitting(name, data)
    if event is None:
        event = decode_odd(name, data, False, (source or _NOWHERE).on_drift)
    if source is not None and source.conn is not None:
        own(event, source.conn)
    return event


def keep(dispatch: Dispatch, event: "Event") -> None:
    """Have `Dispatch.data` give this event, which `typed` has made of it, from now on."""
    dispatch._source = (dispatch.shard_id, event)  # pyright: ignore[reportPrivateUsage]


_models: "tuple[Callable[..., Event | None], Callable[..., Event], Callable[[Any, Any], None]] | None" = None


def _load_models() -> "tuple[Callable[..., Event | None], Callable[..., Event], Callable[[Any, Any], None]]":
    # Here, and once: who only hands events on has no use for models, and an import statement, even of what is
    # loaded, takes longer than decoding a small event.
    global _models
    from acord.core.base import own
    from acord.core.event import decode_odd, fitting

    _models = fitting, decode_odd, own
    return _models
