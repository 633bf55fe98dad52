"""Hooks: whom a client tells of its work.  What it tells are the values of `hook_events`.  Decides nothing."""

import itertools
import logging
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

from acord.core import wire
from acord.core.errors import Outcome, TransportError
from acord.core.hook_events import (
    Banned,
    DriftSeen,
    Event,
    InvalidCounted,
    LimitHit,
    RequestFailed,
    RequestStarted,
    ResponseReceived,
    RetryScheduled,
    WaitStarted,
)

if TYPE_CHECKING:
    from acord.core.abc import Route
    from acord.core.base import Drift
    from acord.core.call import Attempt, Call, Order
    from acord.core.clock import Clock
    from acord.core.credentials import TokenKind
    from acord.core.response import Response

__all__ = [
    "Banned",
    "DriftSeen",
    "Event",
    "Hooks",
    "InvalidCounted",
    "LimitHit",
    "RequestFailed",
    "RequestStarted",
    "ResponseReceived",
    "RetryScheduled",
    "WaitStarted",
    "Watch",
    "note",
]

E = TypeVar("E", bound="Event")

_log = logging.getLogger(__name__)
_serials = itertools.count(1)


Headers: TypeAlias = Mapping[str, str]


class Hooks:
    """Whom to tell of what: plain functions by kind of event.

    A function is called in the event loop and must return at once; what it returns is ignored, but
    for ``on_request``, which may return headers to send. One that raises, or is a coroutine
    function, is counted in ``failures`` and logged, and changes nothing else.
    """

    __slots__ = ("_by_kind", "_watched", "failures")

    failures: Counter[str]
    """How often which function failed, by its name."""

    def __init__(
        self,
        *,
        on_request: "Callable[[RequestStarted], Headers | None] | None" = None,
        on_response: Callable[[ResponseReceived], object] | None = None,
        on_failure: Callable[[RequestFailed], object] | None = None,
        on_wait: Callable[[WaitStarted], object] | None = None,
        on_limit: Callable[[LimitHit], object] | None = None,
        on_retry: Callable[[RetryScheduled], object] | None = None,
        on_ban: Callable[[Banned], object] | None = None,
        on_invalid: Callable[[InvalidCounted], object] | None = None,
        on_drift: Callable[[DriftSeen], object] | None = None,
    ) -> None:
        self._by_kind: dict[type[Event], tuple[Callable[[Any], object], ...]] = {}
        self._watched = False
        self.failures = Counter()
        given = (on_request, on_response, on_failure, on_wait, on_limit, on_retry, on_ban, on_invalid, on_drift)
        for kind, function in zip(_KINDS, given, strict=True):
            if function is not None:
                self.add(kind, function)

    def add(self, kind: type[E], function: Callable[[E], object]) -> None:
        """Tell ``function`` of every event of this kind, too; of every event at all with `Event` itself."""
        for one in _KINDS if kind is Event else (kind,):
            self._by_kind[one] = (*self._by_kind.get(one, ()), function)
        self._watched = not _OF_ATTEMPTS.isdisjoint(self._by_kind)

    @classmethod
    def join(cls, parts: "Iterable[Hooks]") -> "Hooks":
        """All of them as one; what is added to a part later is not seen."""
        whole = cls()
        for part in parts:
            for kind, functions in part._by_kind.items():
                for function in functions:
                    whole.add(kind, function)
        return whole

    def wants(self, kind: type[Event]) -> bool:
        """Whether anybody would be told: a function, or the log."""
        return kind in self._by_kind or _log.isEnabledFor(kind.LEVEL)

    def tell(self, event: Event, *, log: bool = True) -> Headers | None:
        """Call every function of the event's kind; the headers they returned, None where there are none.

        ``log=False`` where who tells has written the line already.
        """
        if log:
            note(_log, event.level, "%s", event)
        added: Headers | None = None
        for function in self._by_kind.get(type(event), ()):
            result = self._call(function, event)
            if result is not None and isinstance(event, RequestStarted):
                lines = self._call(_headers, result)
                added = {**(added or {}), **lines} if lines else added
        return added

    def checked(self, headers: Headers) -> list[tuple[str, str]]:
        """Headers of a hook, fit for the wire; none where one of them is not."""
        lines: list[tuple[str, str]] | None = self._call(wire.checked_headers, headers)
        return lines or []

    def _call(self, function: Callable[[Any], Any], value: object) -> Any:
        """What it returns; None where it failed."""
        try:
            result = function(value)
            if hasattr(result, "__await__"):
                _refuse_coroutine(result)
            return result
        except Exception as exc:
            self._failed(function, exc)
        except BaseException as exc:
            # No await lies in between: a cancellation that comes out of a plain function is none of ours.
            if type(exc).__name__ != "CancelledError":
                raise
            self._failed(function, exc)
        return None

    def watch(
        self, route: "Route[Any]", call: "Call[Any]", attempt: int, auth: "TokenKind", clock: "Clock"
    ) -> "Watch | None":
        """One attempt, to be told of from its start to its end; None where nobody would be."""
        if not (self._watched or _log.isEnabledFor(logging.INFO)):
            return None
        return Watch(self, route, call, attempt, auth, clock)

    def retried(self, call: "Call[Any]", attempt: "Attempt", delay: float) -> None:
        """The attempt failed and another one follows in ``delay`` seconds."""
        if self.wants(RetryScheduled):
            where = call.route.method, call.route.template, _number(call), attempt.number
            self.tell(RetryScheduled(*where, delay, attempt.status, attempt.outcome))

    def drifted(self, route: "Route[Any]", also: "Callable[[Drift], object] | None", drift: "Drift") -> None:
        """An answer contradicted its schema; ``also`` is told of it, too."""
        if also is not None:
            self._call(also, drift)
        self.tell(DriftSeen(route.method, route.template, drift))

    def hears_waits(self) -> bool:
        """Whether a function would be told of a wait."""
        return WaitStarted in self._by_kind

    def limited(self, event: Any) -> None:
        """An event of the default rate limiter, which has logged it."""
        if event.kind == "wait" and not self.hears_waits():
            return
        where = event.method, event.template
        if event.kind == "wait":
            self.tell(WaitStarted(*where, event.delay, event.scope, event.bucket), log=False)
        elif event.kind == "limited":
            self.tell(LimitHit(*where, event.delay, event.scope, event.bucket), log=False)
        elif event.kind == "ban":
            self.tell(Banned(*where, event.delay), log=False)
        elif event.kind == "invalid":
            self.tell(InvalidCounted(*where, int(event.delay)), log=False)

    def _failed(self, function: Callable[[Any], object], exc: BaseException) -> None:
        frames = traceback.extract_tb(exc.__traceback__)
        where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown place"
        # Without its text, which may quote anything.
        self._count(
            getattr(function, "__qualname__", type(function).__name__), f"raised {type(exc).__name__} ({where})"
        )

    def _count(self, name: str, what: str) -> None:
        self.failures[name] += 1
        count = self.failures[name]
        if count & (count - 1) == 0:  # 1, 2, 4, 8, ...: a hook that always fails must not fill the disk
            note(_log, logging.WARNING, "the hook %s %s; %d so far", name, what, count)


class Watch:
    """One attempt, of which hooks and log are told."""

    __slots__ = ("_begun", "_clock", "_hooks", "_kind", "_operation", "_where")

    _kind: "TokenKind"

    def __init__(
        self, hooks: Hooks, route: "Route[Any]", call: "Call[Any]", attempt: int, kind: "TokenKind", clock: "Clock"
    ) -> None:
        operation = route.operation
        self._hooks, self._clock, self._kind = hooks, clock, kind
        self._where = route.method, route.template, _number(call), attempt
        self._operation = None if operation is None else operation.name
        self._begun = clock.monotonic()

    def started(self, order: "Order") -> "Order":
        """The order, with the headers that hooks add."""
        added = self._hooks.tell(RequestStarted(*self._where, self._operation, self._kind))
        if not added:
            return order
        lines = self._hooks.checked(added)
        own = {name.lower() for name, _ in lines}
        return order._replace(headers=[*(line for line in order.headers if line[0].lower() not in own), *lines])

    def answered(self, response: "Response[Any]") -> None:
        """The head is there."""
        seconds = self._clock.monotonic() - self._begun
        bucket = response.headers.get("x-ratelimit-bucket")
        self._hooks.tell(ResponseReceived(*self._where, response.status, seconds, response.request_id, bucket))

    def failed(self, error: TransportError | None) -> None:
        """There will be no answer, or no whole one; None where something else is being raised."""
        outcome: Outcome = "unknown" if error is None else error.outcome
        passing = sys.exception() if error is None else error.__cause__ or error
        cause = type(passing).__name__.removesuffix("Error")
        self._hooks.tell(RequestFailed(*self._where, outcome, cause, self._clock.monotonic() - self._begun))


class GatewayDrift:
    """Hands on that an event contradicted its schema."""

    def __init__(self, hooks: Hooks, also: "Callable[[Drift], object] | None") -> None:
        self._hooks, self._also = hooks, also

    def __call__(self, drift: "Drift") -> None:
        self._hooks.tell(DriftSeen("GATEWAY", drift.returns, drift))
        if self._also is not None:
            try:
                self._also(drift)
            except Exception:
                _log.exception("on_drift failed")


def _number(call: "Call[Any]") -> int:
    """A number for a call, unlike that of any other in this process."""
    if not call.serial:
        call.serial = next(_serials)
    return call.serial


def note(logger: logging.Logger, level: int, text: str, *values: object) -> None:
    """Log a line; a handler that raises changes nothing (P15: the log is not what the program is for)."""
    if logger.isEnabledFor(level):
        try:
            logger.log(level, text, *values, stacklevel=2)
        except Exception:
            lost["log"] += 1


lost: Counter[str] = Counter()
"""Lines that a log handler raised on."""

_KINDS: Final[tuple[type[Any], ...]] = (
    RequestStarted,
    ResponseReceived,
    RequestFailed,
    WaitStarted,
    LimitHit,
    RetryScheduled,
    Banned,
    InvalidCounted,
    DriftSeen,
)
_OF_ATTEMPTS: Final = frozenset({RequestStarted, ResponseReceived, RequestFailed})


def _headers(result: object) -> dict[str, str]:
    if isinstance(result, Mapping):
        lines = cast("Mapping[object, object]", result)
        if all(isinstance(name, str) and isinstance(value, str) for name, value in lines.items()):
            return dict(cast("Headers", lines))
    _refuse_coroutine(result)
    raise TypeError("a hook of requests returns headers as a mapping of strings, or None")


def _refuse_coroutine(result: Any) -> None:
    if hasattr(result, "__await__"):
        if hasattr(result, "close"):
            result.close()  # else Python warns that it was never awaited
        raise TypeError("a hook is a plain function, not a coroutine function: start a task in it")
