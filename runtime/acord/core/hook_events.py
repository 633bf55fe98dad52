"""What a client tells of its work: one record for each kind of event.  Told by `hooks`.

No event holds an id, a credential, a header or a body; a route is its method and template.
"""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from acord.core.errors import Outcome
from acord.core.frozen import Record

if TYPE_CHECKING:
    from acord.core.base import Drift
    from acord.core.credentials import TokenKind

__all__ = [
    "Banned",
    "DriftSeen",
    "Event",
    "InvalidCounted",
    "LimitHit",
    "RequestFailed",
    "RequestStarted",
    "ResponseReceived",
    "RetryScheduled",
    "WaitStarted",
]

LONG: Final = 1.0  # seconds: a longer wait is logged for people to see


class Event(Record):
    """Something that happened.  ``str`` gives its line for the log."""

    __slots__ = ("method", "template")
    LEVEL: ClassVar[int] = logging.DEBUG

    method: str
    template: str
    """The path with names for values, as ``/channels/{channel_id}/messages``."""

    @property
    def level(self) -> int:
        """Of `logging`."""
        return self.LEVEL

    def __str__(self) -> str:
        return f"{self.method} {self.template}: {self._said()}"

    def _said(self) -> str:
        return type(self).__name__


class RequestStarted(Event):
    """An attempt is about to be sent.  A hook may return headers to send with it."""

    __slots__ = ("attempt", "auth", "call", "operation")

    call: int
    """Number of the call in this process; its attempts share it."""
    attempt: int
    """1 for the first."""
    operation: str | None
    """The operationId; None for a path that the specification does not know."""
    auth: "TokenKind"

    def _said(self) -> str:
        return f"attempt {self.attempt} of call {self.call} starts"


class ResponseReceived(Event):
    """The head of an answer is there, whatever its status."""

    __slots__ = ("attempt", "bucket", "call", "request_id", "seconds", "status")

    call: int
    attempt: int
    status: int
    seconds: float
    """From the start of sending."""
    request_id: str | None
    """What Discord's support can find the request by."""
    bucket: str | None
    """Discord's name of the rate limit."""

    def _said(self) -> str:
        return f"{self.status} after {self.seconds:.3f} s (attempt {self.attempt} of call {self.call})"


class RequestFailed(Event):
    """An attempt ended without a whole answer."""

    __slots__ = ("attempt", "call", "cause", "outcome", "seconds")
    LEVEL: ClassVar[int] = logging.INFO

    call: int
    attempt: int
    outcome: Outcome
    cause: str
    """Name of the exception's class without ``Error``: ``ConnectTimeout``, ``Cancelled`` where the caller gave up."""
    seconds: float

    def _said(self) -> str:
        return f"{self.cause}, {self.outcome} (attempt {self.attempt} of call {self.call})"


class WaitStarted(Event):
    """A request is held back, so that Discord need not refuse it."""

    __slots__ = ("bucket", "delay", "scope")

    delay: float
    """Seconds, as far as is known now."""
    scope: str | None
    """What is waited for: ``bucket``, ``global``, ..."""
    bucket: str | None

    @property
    def level(self) -> int:
        return logging.INFO if self.delay > LONG else logging.DEBUG

    def _said(self) -> str:
        return f"waits {self.delay:.1f} s ({self.scope}, bucket {self.bucket})"


class LimitHit(Event):
    """Discord answered 429."""

    __slots__ = ("bucket", "delay", "scope")
    LEVEL: ClassVar[int] = logging.INFO

    delay: float
    """Seconds until it takes the request."""
    scope: str | None
    """``user``, ``global`` or ``shared``."""
    bucket: str | None

    def _said(self) -> str:
        return f"429 (scope {self.scope}, bucket {self.bucket}), {self.delay:.3f} s"


class RetryScheduled(Event):
    """The attempt failed and another one follows."""

    __slots__ = ("attempt", "call", "delay", "outcome", "status")
    LEVEL: ClassVar[int] = logging.INFO

    call: int
    attempt: int
    """The one that failed."""
    delay: float
    """Seconds until the next one; 0.0 where the rate limiter knows when."""
    status: int | None
    outcome: Outcome

    def _said(self) -> str:
        why = self.outcome if self.status is None else str(self.status)
        return f"attempt {self.attempt} of call {self.call} ended with {why}, the next follows in {self.delay:.2f} s"


class Banned(Event):
    """This address is blocked in front of Discord; nothing is sent for ``delay`` seconds."""

    __slots__ = ("delay",)
    LEVEL: ClassVar[int] = logging.ERROR

    delay: float

    def _said(self) -> str:
        return f"this address is blocked by Cloudflare: nothing is sent for {self.delay:.0f} s"


class InvalidCounted(Event):
    """So many requests of the last ten minutes were refused that Discord may block this address."""

    __slots__ = ("count",)
    LEVEL: ClassVar[int] = logging.WARNING

    count: int

    def _said(self) -> str:
        return f"{self.count} invalid requests in ten minutes: Discord blocks an address for too many"


class DriftSeen(Event):
    """An answer contradicted its schema.  It was delivered all the same."""

    __slots__ = ("drift",)
    LEVEL: ClassVar[int] = logging.INFO

    drift: "Drift"
    """With the answer itself, which may hold names and content."""

    def _said(self) -> str:
        places = len(self.drift.problems)
        return f"the answer contradicts {self.drift.returns} at {places} place{'' if places == 1 else 's'}"

    def _shown(self) -> Iterator[str]:
        return (field for field in super()._shown() if not field.startswith("drift="))
