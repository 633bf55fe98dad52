"""The short way from frames to readers: events that are next in order, each whole in a frame, in one loop.

Nearly all that a gateway sends goes this way, and no call is made for it that can be left out.  Whatever is anything
else stops here, untouched, and takes the long way, through `Incoming` and `Session.message`; what comes out is the
same.  No I/O.
"""

from collections.abc import Iterator, Mapping, Sized
from typing import Any, Final, Literal, cast

import msgspec

from acord.core import decoders
from acord.core.dispatch import Dispatch, Source
from acord.core.errors import DecodeError
from acord.core.incoming import Incoming
from acord.core.inflate import MAX_INFLATED
from acord.core.intake import Intake, Table
from acord.core.session import SPECIAL, Session

__all__ = ["Express", "plain"]


# An event with all that an event has.  Anything else is refused by the decoder, so that nobody has to look.
_Plain = msgspec.defstruct(
    "_Plain",
    [("op", Literal[0]), ("d", msgspec.Raw), ("s", int), ("t", str)],
    bases=(Dispatch,),
    module=__name__,
    gc=False,
)
_decode: Final = msgspec.json.Decoder(cast("type[Dispatch]", _Plain)).decode
_MOST: Final = MAX_INFLATED + 1  # then "full" and "too much" are not the same
_STOP: Final = ("the long way",)
_REFUSED: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)


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
        self._source, self._intake, self._closed = source, intake, closed
        self._table: Table | None = None
        self._by_name: Mapping[Any, tuple[Any, ...]] = {}

    def run(self, frames: Iterator[bytes], *, binary: bool) -> tuple[bytes | None, bytes | None]:
        """Hand on the events of these frames, as far as they may go this way.

        The first frame that may not, None at the end; and what it has inflated to, where that was done already.
        Raises `DecodeError` where the connection is of no more use.
        """
        session, connection, intake, source = self._session, self._connection, self._intake, self._source
        number = session.next_plain(connection)
        context = self._incoming.context(binary=binary)
        if number is None or context is None or self._closed:
            return next(frames, None), None
        table = intake.readers.table
        if table is not self._table:
            self._table, self._by_name = table, {**table.by_name, **dict.fromkeys(SPECIAL, _STOP)}
        decompress, find, others = context.decompress, self._by_name.get, table.others
        for frame in frames:
            try:
                message = decompress(frame, _MOST)
            except Exception as exc:
                raise DecodeError(f"{self._incoming.form}: {exc}") from None
            try:
                event = _decode(message)
            except _REFUSED:
                return frame, message
            if event.s != number or context.eof or not (message.isascii() or _is_utf8(message)):
                return frame, message
            readers = find(event.t, others)
            if readers:
                size = len(message)
                if readers is _STOP or size > MAX_INFLATED:
                    return frame, message
                session.sequence = number
                event._source = source  # pyright: ignore[reportPrivateUsage]
                intake.hand(event, readers, size)
                # Whoever got it may have changed anything; a session that is ready no longer has left the connection.
                if (
                    session.connection != connection
                    or intake.readers.table is not table
                    or not decoders.is_ours()
                    or self._closed
                ):
                    return next(frames, None), None
            else:
                session.sequence = number
            number += 1
        return None, None


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
