"""One call: attempts until an answer stands.  What to do after each is decided elsewhere (`decide`)."""

import warnings
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar, cast

from acord.core.errors import ACordError, ClientClosed, DecodeError, Outcome, TransportError
from acord.core.response import Response, retry_after

if TYPE_CHECKING:
    from acord.core.abc import Route
    from acord.core.http import HTTPClient
    from acord.core.operation import Operation
    from acord.core.types import Token

__all__ = ["Attempt", "Call", "Decide", "Limiter", "Order", "Permit"]

T_co = TypeVar("T_co", covariant=True)


class Permit(Protocol):
    """Leave to send one request.  Exactly one of the two is called, once."""

    def report(self, status: int, headers: Mapping[str, str], retry_after: float | None) -> None: ...

    def cancel(self, sent: bool) -> None: ...


class Limiter(Protocol):
    """What `HTTPClient` asks of a rate limiter."""

    async def acquire(self, route: Any, *, auth_id: str, max_wait: float | None, priority: int) -> Permit: ...


class _NoPermit:
    """Without a limiter, everything is allowed."""

    def report(self, status: int, headers: Mapping[str, str], retry_after: float | None) -> None:
        pass

    def cancel(self, sent: bool) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Order:
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
    auth: "Token | None"
    timeout: float | None
    max_wait: float | None
    deadline: float | None
    priority: int
    strict: bool
    model: Any


@dataclass(frozen=True, slots=True)
class Attempt:
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
    error: TransportError | None = None


Decide: TypeAlias = Callable[[Attempt], "float | None"]
"""Seconds until the next attempt; None where the call ends with this one."""


def end_with_the_first(attempt: Attempt) -> float | None:
    """No attempt is repeated."""
    return None


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
        client = self._client
        begun = client.clock.monotonic()
        number = limited = 0
        while True:
            client.require_usable()
            number += 1
            left = self._left(begun)
            if left is not None and left <= 0:
                raise TransportError(
                    "the deadline of the call has passed", outcome="not_sent", route=self.route, attempts=number - 1
                )
            response, attempt = await self._attempt(number, limited, left, whole)
            if attempt is None:
                assert response is not None
                return response
            limited = attempt.limited
            delay = client.decide(attempt) if self._order.repeatable else None
            left = self._left(begun)
            if delay is None or (left is not None and delay >= left):
                if response is not None and attempt.error is None:
                    return response
                raise self._final(attempt)
            if response is not None:
                await response.close()
            client.hooks.retried(self, attempt, delay)
            await client.clock.sleep(delay)

    def _left(self, begun: float) -> float | None:
        deadline = self._order.deadline
        return None if deadline is None else deadline - (self._client.clock.monotonic() - begun)

    async def _attempt(
        self, number: int, limited: int, left: float | None, whole: bool
    ) -> "tuple[Response[T_co] | None, Attempt | None]":
        """One exchange: the answer, and how it ended where it is no plain success."""
        client, order, route = self._client, self._order, self.route
        token = client.credential(route, order)
        base, url = client.address(route)
        permit = await self._permit(token, left)
        if client.closed:  # while this call waited
            permit.cancel(False)
            raise ClientClosed
        response: Response[T_co] | None = None
        error: TransportError | None = None
        body: Mapping[str, Any] | None = None
        pause: float | None = None
        watch = client.hooks.watch(route, self, number, token.kind, client.clock)  # None where nobody wants to know
        try:
            if watch is not None:
                order = watch.started(order)
            carrier = await client.transmit(route, order, base, url, token, left)
            response = Response(route, carrier, self._settle, attempts=number, max_body=client.max_body)
            if watch is not None:
                watch.answered(response)
            if response.status != 202 and response.ok:
                if whole:
                    await response.read()
            else:
                body = await _problem(response)
                pause = retry_after(response.headers, body)
        except TransportError as exc:
            error = exc
        finally:
            if response is not None:
                permit.report(response.status, response.headers, pause)
            else:
                # Cancelled in mid-flight counts as sent: the server may have counted it.
                permit.cancel(error is None or error.outcome != "not_sent")
            if watch is not None and (error is not None or response is None):
                watch.failed(error)
        if response is not None and error is None and response.status != 202 and response.ok:
            return response, None
        status = None if response is None else response.status
        return response, Attempt(
            number=number,
            limited=limited + (status == 429),
            route=route,
            idempotent=client.is_idempotent(route, order),
            outcome="done" if error is None else error.outcome,
            status=status,
            headers=None if response is None else response.headers,
            body=body,
            retry_after=pause,
            error=error,
        )

    async def _permit(self, token: "Token", left: float | None) -> Permit:
        limiter, order = self._client.ratelimiter, self._order
        if limiter is None:
            return _NO_PERMIT
        wait = order.max_wait if left is None else left if order.max_wait is None else min(left, order.max_wait)
        return await limiter.acquire(self.route, auth_id=token.fingerprint, max_wait=wait, priority=order.priority)

    def _final(self, attempt: Attempt) -> ACordError:
        assert attempt.error is not None
        if self._client.closed:
            return ClientClosed()
        attempt.error.route, attempt.error.attempts = self.route, attempt.number
        return attempt.error


_NO_PERMIT = _NoPermit()


async def _problem(response: Response[Any]) -> Mapping[str, Any] | None:
    """The JSON object that came with a refusal.  None where there is none, it is broken or breaks off."""
    try:
        body = await response.read()
        value = response.decoded(body) if response.is_json and body else None
    except (DecodeError, TransportError):
        return None
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else None
