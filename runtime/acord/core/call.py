"""One call: attempts until an answer stands.  What to do after each is decided in `verdict`."""

import warnings
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, Protocol, TypeAlias, TypeVar, cast

from acord.core.buckets import read_reply
from acord.core.errors import ClientClosed, DecodeError, HTTPError, Outcome, TransportError
from acord.core.lanes import is_callback
from acord.core.outcome import refusal
from acord.core.ratelimiter import HTTPRatelimiter
from acord.core.response import Response, retry_after
from acord.core.verdict import gone

if TYPE_CHECKING:
    from acord.core.abc import Route
    from acord.core.hooks import Watch
    from acord.core.http import HTTPClient
    from acord.core.operation import Operation
    from acord.core.types import Token

__all__ = ["Attempt", "Call", "Decide", "Limiter", "Order", "Permit"]

T_co = TypeVar("T_co", covariant=True)

CALLBACK: Final = 3.0  # seconds in which an interaction takes its first answer (Interactions > Receiving)


class Permit(Protocol):
    """Leave to send one request.  Exactly one of the two is called, once."""

    def report(self, status: int, headers: Mapping[str, str], retry_after: float | None) -> None: ...

    def cancel(self, sent: bool) -> None: ...


class Limiter(Protocol):
    """The least that `HTTPClient` asks of a rate limiter; `HTTPRatelimiter` is the whole."""

    async def acquire(self, route: Any, *, auth_id: str, max_wait: float | None, priority: int) -> Permit: ...


class _NoPermit:
    """Without a limiter, everything is allowed."""

    def report(self, status: int, headers: Mapping[str, str], retry_after: float | None) -> None:
        pass

    def cancel(self, sent: bool) -> None:
        pass


class Order(NamedTuple):
    """What one call asks for, beside its route.  Times in seconds."""

    headers: list[tuple[str, str]]
    body: "Callable[[], bytes | AsyncIterator[bytes]]"
    """A new body for each attempt: a stream is used up by the first."""
    length: int | None
    """Bytes of the body; None where that is not known before."""
    operation: "Operation | None"
    """What the spec says of the route."""
    repeatable: bool
    """Whether the body can be made a second time."""
    idempotent: bool
    """Whether carrying it out twice is as good as once."""
    auth: "Token | None"
    timeout: float | None
    max_wait: float | None
    deadline: float | None
    priority: int
    strict: bool
    model: Any


class Attempt(NamedTuple):
    """How an attempt ended: all that the decision about another one needs."""

    number: int
    """1 for the first."""
    limited: int
    """How many attempts of this call ended in a 429, this one included."""
    route: "Route[Any]"
    idempotent: bool
    outcome: Outcome
    status: int | None = None
    headers: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None
    """The answer, where it was a JSON object and no success."""
    retry_after: float | None = None
    banned: bool = False
    """Whether Cloudflare answered in Discord's place."""
    error: TransportError | None = None


Decide: TypeAlias = Callable[[Attempt], "float | None"]
"""Seconds until the next attempt; None where the call ends with this one."""


class _Course:
    """How far a call has come."""

    __slots__ = ("begun", "doubtful", "limited", "number", "permit", "renewed", "waited")

    def __init__(self, begun: float) -> None:
        self.begun = begun
        self.number = self.limited = 0
        self.waited = 0.0
        """Seconds in queues and for 429s."""
        self.doubtful = False
        """Whether an attempt may have been carried out, though nobody said so."""
        self.renewed = False
        """Whether a connection that had ended was replaced without further ado."""
        self.permit: Any = None
        """Of an attempt that ended in a 429: its turn is kept."""


class Call(Generic[T_co]):
    """A request that has not been sent yet.

    Await it for the typed answer (errors of Discord raise), or enter it for the `Response` whatever
    its status.  Either may be done once.
    """

    __slots__ = ("_client", "_order", "_response", "_used", "route", "serial")

    def __init__(self, client: "HTTPClient", route: "Route[T_co]", order: Order) -> None:
        self._used = True  # until it is complete: a failure here is no forgotten call
        self.route = route
        self.serial = 0  # for `hooks`, which gives the number
        self._client, self._order = client, order
        self._response: Response[T_co] | None = None
        self._used = False

    def __repr__(self) -> str:
        return f"<Call {self.route!r}>"

    def __await__(self) -> Generator[Any, None, T_co]:
        self._use()
        return self._value().__await__()

    async def __aenter__(self) -> Response[T_co]:
        self._use()
        self._response = await self._answer(whole=False)
        return self._response

    async def __aexit__(self, *_: object) -> None:
        if self._response is not None:
            await self._response.close()

    def __del__(self) -> None:
        if not self._used:
            warnings.warn(f"{self!r} was never awaited: nothing was sent", RuntimeWarning, stacklevel=2, source=self)

    def _use(self) -> None:
        if self._used:
            raise RuntimeError("this call was already sent: call request() again for another one")
        self._used = True

    async def _value(self) -> T_co:
        response = await self._answer(whole=True)
        return self._settle(response, await response.read())

    def _settle(self, response: Response[Any], body: bytes) -> T_co:
        value: T_co = self._client.settle(response, body, self._order)
        return value

    async def _answer(self, *, whole: bool) -> Response[T_co]:
        """The answer that stands; ``whole`` where an attempt that breaks off in the body counts as failed."""
        client, order, method = self._client, self._order, self.route.method
        course = _Course(client.clock.monotonic())
        while True:
            client.require_usable()
            course.number += 1
            left = self._left(course)
            if left is not None and left <= 0:
                raise self._told(TransportError("the deadline of the call has passed", outcome="not_sent"), course, 1)
            response, attempt = await self._attempt(course, left, whole)
            if attempt is None:
                assert response is not None
                client.succeeded(retried=course.number - course.limited > 1)
                return response
            course.limited = attempt.limited
            if response is not None and attempt.error is None and course.doubtful and gone(attempt, method):
                response.gone = True
                return response
            course.doubtful |= attempt.outcome != "not_sent" and attempt.status != 429
            # Closing has ended every wait that there was; who comes after it must not begin another.
            delay = self._next(course, attempt) if order.repeatable and not client.closed else None
            if delay is None:
                if response is not None and attempt.error is None:
                    return response
                assert attempt.error is not None
                raise ClientClosed if client.closed else self._told(attempt.error, course)
            if response is not None:
                await response.close()
            client.hooks.retried(self, attempt, delay)
            if attempt.status == 429:
                course.waited += delay
            with client.waits.enter(client.credential(self.route, order).fingerprint):
                await client.clock.sleep(delay)

    def _next(self, course: _Course, attempt: Attempt) -> float | None:
        """Seconds until the next attempt; None where the call ends here."""
        if attempt.banned or (attempt.error is not None and attempt.error.final):
            return None
        left, limit, queued = self._left(course), self._order.max_wait, True
        if is_callback(self.route.method, self.route.template):
            rest = CALLBACK - (self._client.clock.monotonic() - course.begun)
            left, queued = rest if left is None else min(left, rest), False
        if attempt.error is not None and attempt.error.stale and attempt.idempotent and not course.renewed:
            course.renewed = True
            return 0.0
        patience = None if limit is None else limit - course.waited
        delay = self._client.follow(attempt, left=left, max_wait=patience, queued=queued)
        return None if delay is None or (left is not None and delay >= left) else delay

    def _left(self, course: _Course) -> float | None:
        deadline = self._order.deadline
        return None if deadline is None else deadline - (self._client.clock.monotonic() - course.begun)

    async def _attempt(
        self, course: _Course, left: float | None, whole: bool
    ) -> "tuple[Response[T_co] | None, Attempt | None]":
        """One exchange: the answer, and how it ended where it is no plain success."""
        client, order, route = self._client, self._order, self.route
        token = client.credential(route, order)
        base, url = client.address(route)
        permit = _NO_PERMIT if client.ratelimiter is None else await self._permit(token, course, left)
        response: Response[T_co] | None = None
        error: TransportError | None = None
        body: Mapping[str, Any] | None = None
        pause: float | None = None
        watch: Watch | None = None
        try:
            if client.closed:  # while this call waited
                error = TransportError("the client was closed", outcome="not_sent")
                raise ClientClosed
            watch = client.hooks.watch(route, self, course.number, token.kind, client.clock)  # None: nobody listens
            if watch is not None:
                order = watch.started(order)
            left = self._left(course)
            carrier = await client.transmit(route, order, base, url, token, left)
            response = Response(route, carrier, self._settle, attempts=course.number, max_body=client.max_body)
            if response.status != 429:  # of that one the limiter needs what the body says
                permit.report(response.status, response.headers, None)
            if watch is not None:
                watch.answered(response)
            if response.ok and response.status != 202:
                if whole:
                    await response.read()
                client.dead.learn(route, response.status, None)
                return response, None
            body = await _problem(response)
            pause = retry_after(response.headers, body)
            client.dead.learn(route, response.status, body)
        except TransportError as exc:
            error = exc
        finally:
            if response is None:
                # Cancelled in mid-flight counts as sent: the server may have counted it.
                permit.cancel(error is None or error.outcome != "not_sent")
            elif response.status == 429:
                permit.report(429, response.headers, pause)
            if watch is not None and (error is not None or response is None):
                watch.failed(error)
        status = None if response is None else response.status
        if response is not None and status == 401:
            client.refuse(token, refusal(response, await _bytes(response)))
        course.permit = permit if status == 429 else None
        return response, Attempt(
            number=course.number,
            limited=course.limited + (status == 429),
            route=route,
            idempotent=order.idempotent,
            outcome="done" if error is None else error.outcome,
            status=status,
            headers=None if response is None else response.headers,
            body=body,
            retry_after=pause,
            banned=response is not None
            and status in (403, 429)
            and read_reply(response.status, response.headers, pause).banned,
            error=error,
        )

    async def _permit(self, token: "Token", course: _Course, left: float | None) -> Permit:
        """Leave to send.  Raises `RateLimited` or `CloudflareBan` where the caller does not wait that long."""
        client, order, limiter = self._client, self._order, self._client.ratelimiter
        assert limiter is not None
        if course.permit is None and (at_once := getattr(limiter, "at_once", None)) is not None:
            granted: Permit | None = at_once(self.route, auth_id=token.fingerprint)
            if granted is not None:
                return granted
        begun, wait = client.clock.monotonic(), left
        if order.max_wait is not None:
            patience = max(0.0, order.max_wait - course.waited)
            wait = patience if left is None else min(left, patience)
        asked: dict[str, Any] = {"auth_id": token.fingerprint, "max_wait": wait, "priority": order.priority}
        try:
            with client.waits.enter(token.fingerprint):
                if course.permit is not None and isinstance(limiter, HTTPRatelimiter):
                    return await limiter.reacquire(course.permit, self.route, **asked)
                return await limiter.acquire(self.route, **asked)
        except HTTPError as exc:
            exc.attempts = course.number - 1
            raise
        finally:
            course.waited += client.clock.monotonic() - begun

    def _told(self, error: TransportError, course: _Course, unsent: int = 0) -> TransportError:
        """The error, told of the whole call: what its earlier attempts left open stays open."""
        error.route, error.attempts = self.route, course.number - unsent
        if course.doubtful and error.outcome == "not_sent":
            error.outcome = "unknown"
        return error


_NO_PERMIT = _NoPermit()


async def _bytes(response: Response[Any]) -> bytes:
    """The body as far as an error needs it."""
    try:
        return await response.read()
    except (DecodeError, TransportError):
        return b""


async def _problem(response: Response[Any]) -> Mapping[str, Any] | None:
    """The JSON object that came with a refusal.  None where there is none, it is broken or breaks off."""
    try:
        body = await response.read()
        value = response.decoded(body) if response.is_json and body else None
    except (DecodeError, TransportError):
        return None
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else None
