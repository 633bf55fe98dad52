"""The short way from frames to readers: events that are next in order, each whole in a frame, in one loop.

Nearly all that a gateway sends goes this way, and no call is made for it that can be left out.  Whatever is anything
else stops here, untouched, and takes the long way, through `Incoming` and `Session.message`; what comes out is the
same.  No I/O.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

import msgspec

from acord.core.changes import changes
from acord.core.dispatch import Dispatch, Source
from acord.core.incoming import Incoming
from acord.core.inflate import AHEAD, MAX_INFLATED
from acord.core.intake import Direct, Intake, Table
from acord.core.session import SPECIAL, Session

__all__ = ["Express", "Odd", "plain"]


def _decoder(source: Source) -> Callable[[bytes], Dispatch]:
    """What makes events of this source out of messages.

    A class for each, with the source as a default: to write it into each event takes a tenth of what a small one costs.
    """
    if source.decode is None:
        # An event with all that an event has.  Anything else is refused by the decoder, so that nobody has to look;
        # and so is whatever the peer may call a source.
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [
            ("op", Literal[0]),
            ("d", msgspec.Raw),
            ("s", int),
            ("t", str),
            ("_source", Source, source),
        ]
        plain = msgspec.defstruct("_Plain", fields, bases=(Dispatch,), module=__name__, gc=False)
        source.decode = msgspec.json.Decoder(cast("type[Dispatch]", plain)).decode
    return source.decode


_decode: Final = _decoder(Source(0))
_REFUSED: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)

_Way: TypeAlias = tuple[Callable[[Dispatch], Any] | None, Direct, tuple[Any, ...]]
"""To whom an event goes: to the function of a reader, called from here, or to these readers, by the intake."""
_NONE: Final = Direct()
_STOP: Final[_Way] = (None, _NONE, ("the long way",))


class Odd(NamedTuple):
    """A frame that may not go the short way."""

    frame: bytes
    part: bytes | None
    """What it has inflated to, where that was done already."""
    newest: bool
    """Whether nothing behind it has been inflated."""


class Express:
    """The short way of one connection."""

    def __init__(
        self,
        session: Session,
        connection: int,
        incoming: Incoming,
        source: Source,
        intake: Intake,
        *,
        closed: Sized = (),
    ) -> None:
        """As long as there is anything in `closed`, nothing goes this way."""
        self._session, self._connection, self._incoming = session, connection, incoming
        self._decode, self._intake, self._closed = _decoder(source), intake, closed
        self._table: Table | None = None
        self._ways: Mapping[Any, _Way | None] = {}
        self._others: _Way | None = None

    def run(self, frames: Sequence[bytes], binary: bool) -> Iterable[Odd]:
        """Hand on the events of these frames; yields, in its place, each frame that may not go this way.

        Ends early where the connection has been left.  Raises `DecodeError` where it is of no more use.
        """
        number = self._session.next_plain(self._connection)
        if number is None or len(frames) > AHEAD or self._closed or not self._incoming.is_between(binary):
            return self._slowly(frames, (), 0, binary)
        parts = self._incoming.ahead(frames) or ()
        at = self._hand(parts, number)
        # Nearly always all of them.
        return () if at == len(frames) else self._slowly(frames, parts, at, binary)

    def _slowly(self, frames: Sequence[bytes], parts: Sequence[bytes], at: int, binary: bool) -> Iterator[Odd]:
        """`run` from one of the frames on; `parts` is what the first of them have inflated to."""
        session, connection, incoming, count = self._session, self._connection, self._incoming, len(frames)
        first = 0  # the frame that parts[0] is of
        while at < count and session.connection == connection:
            left = first + len(parts) - at
            number = session.next_plain(connection)
            if number is not None and not self._closed and incoming.is_between(binary):
                if left <= 0:
                    parts = incoming.ahead(frames[at : at + AHEAD]) or ()
                    first, left = at, len(parts)
                taken = self._hand(parts if at == first else parts[at - first :], number)
                if taken:  # whatever it stopped at is looked at anew: anything may have changed
                    at += taken
                    continue
            yield Odd(frames[at], parts[at - first] if left > 0 else None, left <= 1)
            at += 1

    def _hand(self, parts: Sequence[bytes], number: int) -> int:
        """Hand on the events that begin these, numbered from there; how many they were.

        Stops behind an event that has changed anything, too.
        """
        session, intake, decode = self._session, self._intake, self._decode
        before, table = changes.last, intake.readers.table
        if table is not self._table:
            self._know(table)
        find, others, begun = self._ways.get, self._others, number
        for message in parts:
            try:
                event = decode(message)
            except _REFUSED:
                break
            if event.s != number or not (message.isascii() or _is_utf8(message)):
                break
            way = find(event.t, others)
            if way is not None:
                direct, reader, several = way
                if direct is not None:
                    session.sequence = number
                    try:
                        if (result := direct(event)) is not None:
                            reader.returned(result)
                    except Exception as exc:
                        reader.failed(event, exc)
                elif way is _STOP or len(message) > MAX_INFLATED:
                    break
                else:
                    session.sequence = number
                    intake.hand(event, several, len(message))
                number += 1
                # Whoever got it may have changed anything: who listens, the decoders, whether there is a connection.
                if changes.last is not before:
                    return number - begun
            else:
                number += 1
        session.sequence = number - 1
        return number - begun

    def _know(self, table: Table) -> None:
        """Who gets what from now on."""
        self._table = table
        self._ways = {name: _way(readers) for name, readers in table.by_name.items()} | dict.fromkeys(SPECIAL, _STOP)
        self._others = _way(table.others)


def _way(readers: tuple[Any, ...]) -> _Way | None:
    if len(readers) == 1 and isinstance(readers[0], Direct):
        return readers[0].direct, readers[0], ()
    return (None, _NONE, readers) if readers else None


def plain(message: bytes) -> Dispatch | None:
    """A message as an event, where it is one and the short way reads it; what `Express` does in its loop."""
    try:
        event = _decode(message)
    except _REFUSED:
        return None
    return event if message.isascii() or _is_utf8(message) else None


def _is_utf8(message: bytes) -> bool:
    """msgspec skips over `d` without a look at its characters."""
    try:
        message.decode()
    except UnicodeError:
        return False
    return True
