"""HTTP client: one account's way to the REST API.  Attempts live in `call`, bytes in `transport`, types in `base`."""

import asyncio
import functools
import os
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar, Unpack, cast, overload

from acord.core import abc, outcome, wire
from acord.core.addressing import Secret
from acord.core.agent import USER_AGENT
from acord.core.alive import CLIENTS
from acord.core.authorization import choose
from acord.core.call import Attempt, Call, Decide, Limiter, Order
from acord.core.clock import Clock, SystemClock
from acord.core.errors import ACordError, ClientClosed, CloudflareBan, ForkedClient, InvalidRequest, TransportError
from acord.core.helpers import Helpers
from acord.core.hook_events import DriftSeen
from acord.core.hooks import Hooks
from acord.core.lifetimes import Dead
from acord.core.options import CallOptions, chance
from acord.core.ordering import make_order
from acord.core.ratelimiter import DefaultHTTPRatelimiter, HTTPRatelimiter
from acord.core.response import MAX_BODY, Response
from acord.core.transport import Transport, TransportRequest, TransportResponse
from acord.core.transports import make_transport
from acord.core.types import MISSING, Missing, Token
from acord.core.verdict import Kind, Policy
from acord.core.waits import Waits

if TYPE_CHECKING:
    from acord.core.base import Drift

__all__ = ["CallOptions", "HTTPClient"]

T = TypeVar("T")

TIMEOUT: Final = 60.0  # seconds for one attempt, from sending on
_TRANSPORT_OPTIONS: Final = frozenset({"proxy", "http2", "verify", "pool_size", "connect_timeout"})
_REFUSED: Final = 256  # bot tokens that were refused and are remembered
_HAS_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class HTTPClient(Helpers):
    """One account's way to the REST API.

    ``client`` is whatever this one belongs to.  ``token`` is a bot's, as a string, or any `Token`.
    ``connector`` (also spelled ``connecter`` and ``transport``) is an httpx transport or a `Transport`
    of your own; who gives one closes it.  Without ``ratelimiter`` it is a `DefaultHTTPRatelimiter`;
    None sends at once, for use behind a proxy that limits.

    ``base_url`` and ``api_version`` stand for this client alone; without them `acord.core.abc`'s are
    read for each request.  Credentials go to discord.com over https, to this machine, to
    ``base_url`` over https, and to the origins in ``allowed_origins`` (such as ``http://proxy:8080``).

    The policy arguments are the defaults of the same arguments of `request`.
    """

    user_agent: str = USER_AGENT
    """Read for each request; give a subclass its own, in this form (API Reference > User Agent)."""

    transport_options: ClassVar[frozenset[str]] = _TRANSPORT_OPTIONS

    def __init__(
        self,
        client: Any = None,
        *,
        token: str | Token | None = None,
        # Transport
        connector: Any = None,
        loop: asyncio.AbstractEventLoop | None = None,
        connecter: Any = None,
        transport: Any = None,
        proxy: str | None = None,
        base_url: str | None = None,
        api_version: int | None = None,
        allowed_origins: Iterable[str] = (),
        # Policy
        ratelimiter: Limiter | Missing | None = MISSING,
        decide: Decide | None = None,
        timeout: float | None = TIMEOUT,
        max_wait: float | None = None,
        deadline: float | None = None,
        strict: bool = False,
        max_body: int = MAX_BODY,
        # Hooks
        hooks: Hooks | Iterable[Hooks] = (),
        on_drift: "Callable[[Drift], object] | None" = None,
        # What tests replace
        clock: Clock | None = None,
        random: Callable[[], float] = chance,
        wall: Callable[[], float] = time.time,
    ) -> None:
        if isinstance(client, (str, Token)):
            raise InvalidRequest("client", client, "the object this client belongs to", fix="pass a token as token=")
        given = [one for one in (connector, connecter, transport) if one is not None]
        if len(given) > 1:
            raise InvalidRequest("connector", given, "one of connector=, connecter= and transport=")
        self.client = client
        self._token = Token.none() if token is None else Token.of(token)
        self._connector = given[0] if given else None
        self._options: dict[str, Any] = {} if proxy is None else {"proxy": proxy}
        self.connection: Transport = make_transport(self._connector, self._options)
        self.prepared = False
        self.base_url, self.api_version = base_url, api_version
        self.clock: Clock = clock or SystemClock()
        self.random, self.wall = random, wall
        """Numbers in [0, 1): for the pauses between attempts, and nonces."""
        self.ratelimiter = (
            DefaultHTTPRatelimiter(clock=self.clock, wall=wall) if ratelimiter is MISSING else ratelimiter
        )
        self.decide: Decide = decide or Policy(random, limiter=ratelimiter is not None)
        """Whether and when an attempt is followed by another."""
        self.max_body = max_body
        """Bytes of an answer, inflated or not."""
        self.on_drift = on_drift
        self.hooks = hooks if isinstance(hooks, Hooks) else Hooks.join(hooks)
        """Whom to tell of requests, answers, waits, retries, bans and drift."""
        if isinstance(self.ratelimiter, DefaultHTTPRatelimiter) and self.ratelimiter.on_event is None:
            self.ratelimiter.on_event, self.ratelimiter.hears_waits = self.hooks.limited, self.hooks.hears_waits
        self.waits = Waits()
        self.dead = Dead()
        """Webhooks and interaction tokens that are gone, which are not asked for again."""
        self._refused: dict[str, ACordError] = {}  # fingerprint of a bot token -> what its 401 was raised as
        # The defaults of the arguments of `request` that have the same names.
        self.policy: Mapping[str, Any] = {
            "timeout": timeout,
            "max_wait": max_wait,
            "deadline": deadline,
            "strict": strict,
        }
        self.allowed = {wire.parse_base(origin).origin for origin in allowed_origins}
        if base_url is not None and (own := wire.parse_base(base_url)).scheme == "https":
            self.allowed.add(own.origin)
        self._given_loop, self._loop = loop, loop
        self._pid = os.getpid()
        self._opened = self._closed = False

    @classmethod
    def from_env(cls, variable: str = "DISCORD_TOKEN", **kwds: Any) -> Self:
        """A client with the bot token of an environment variable.  Raises `InvalidRequest` where it is not set."""
        value = os.environ.get(variable, "").strip()
        if not value:
            raise InvalidRequest(f"${variable}", value, "a bot token", fix=f"set {variable} in the environment")
        return cls(token=value, **kwds)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._token!r}{' closed' if self._closed else ''}>"

    @property
    def token(self) -> Token:
        """The default credential.  Assign a string or a `Token` to change it from the next request on.

        After a 401 nothing more is sent with a bot token until one is assigned.
        """
        return self._token

    @token.setter
    def token(self, value: str | Token | None) -> None:
        token = Token.none() if value is None else Token.of(value)
        for one in {self._token.fingerprint, token.fingerprint}:
            if self._refused.pop(one, None) is not None and isinstance(self.ratelimiter, HTTPRatelimiter):
                self.ratelimiter.refuse(one, None)
        self._token = token

    @property
    def closed(self) -> bool:
        return self._closed

    # Life

    async def __aenter__(self) -> Self:
        self._closed = False
        self.require_usable()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.logout()

    async def login(self, *, token: str | Token | None = None, **kwds: Any) -> dict[str, Any]:
        """The user whose token it is, as Discord describes them.  A ``token`` given here becomes the default.

        Other arguments are options of the transport: ``proxy``, ``http2``, ``verify``, ``pool_size``,
        ``connect_timeout``.  Raises `Unauthorized` where the token is refused.
        """
        for name in kwds:
            if name not in self.transport_options:
                known = ", ".join(sorted(self.transport_options))
                raise TypeError(f"login() takes the transport options {known}; {name!r} belongs to HTTPClient(...)")
        if kwds:
            if self._connector is not None:
                raise TypeError(f"{next(iter(kwds))!r} cannot be applied to the connector that was given: set it there")
            await self.connection.close()
            self._options |= kwds
            self.connection = make_transport(self._connector, self._options)
            self.prepared = False
        if token is not None:
            self.token = token
        self._closed = False
        return cast("dict[str, Any]", await self.request(abc.Route("GET", path="/users/@me")))

    async def logout(self) -> None:
        """Close every connection; calls under way raise `ClientClosed` within five seconds, later ones at once."""
        if self._closed:
            return
        self._closed = True
        self.waits.end(ClientClosed)
        if self._opened:
            self._opened = False
            CLIENTS.discard(self)
            await self.connection.close()
        self._loop = self._given_loop

    def __del__(self) -> None:
        if getattr(self, "_opened", False) and self._pid == os.getpid():
            self._opened = False
            warnings.warn(
                f"{self!r} was not closed: use `async with`, or await logout()", ResourceWarning, stacklevel=2
            )

    async def fetch_gateway(self) -> dict[str, Any]:
        """Where the gateway is: ``url``, and with a bot token ``shards`` and ``session_start_limit``, too."""
        path = "/gateway/bot" if self._token.kind == "bot" else "/gateway"
        return cast("dict[str, Any]", await self.request(abc.Route("GET", path=path)))

    # Calls

    @overload
    def request(
        self,
        route: "abc.Route[Any]",
        data: Any = None,
        headers: Mapping[str, str] = ...,
        *,
        model: type[T],
        **options: Unpack[CallOptions],
    ) -> Call[T]: ...

    @overload
    def request(
        self,
        route: "abc.Route[T]",
        data: Any = None,
        headers: Mapping[str, str] = ...,
        **options: Unpack[CallOptions],
    ) -> Call[T]: ...

    def request(
        self,
        route: "abc.Route[Any]",
        data: Any = None,
        headers: Mapping[str, str] = _NO_HEADERS,
        *,
        model: Any = MISSING,
        **options: Unpack[CallOptions],
    ) -> Call[Any]:
        """A call to await (the typed answer; errors raise) or to enter (the `Response`, whatever its status).

        A dict or list as ``data`` is the JSON body; bytes or str are sent as they are, with the
        Content-Type of ``headers`` or as JSON.  ``model`` is the type of the answer for a route that
        states none.  Nothing is sent yet, but arguments are checked: raises `InvalidRequest`.

        Attempts that fail are repeated where that is safe: `acord.core.verdict` says when.

        Raised when awaited: `HTTPError` and its kinds, `TransportError`, `DecodeError`, `ModelError`
        (``strict`` only), `AuthMismatch`, `UnsafeOrigin`, `ClientClosed`.
        """
        return Call(self, route, make_order(self, route, data, headers, model, options))

    # What a call needs of its client; subclasses may extend each

    def require_usable(self) -> None:
        """Raise where nothing can be sent from here: closed, forked, or on another event loop."""
        if self._closed:
            raise ClientClosed
        if self._pid != os.getpid():
            raise ForkedClient
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._loop is not None:
                raise RuntimeError("this client belongs to another event loop: make one client per loop")
            self._loop = loop
        if not self._opened:
            self._opened = True
            CLIENTS.add(self)

    def credential(self, route: "abc.Route[Any]", order: Order) -> Token:
        """The credential for a request: the call's own, else the client's where the route takes one.

        Raises `AuthMismatch` where the operation does not take that kind, or needs a scope that it lacks,
        `Unauthorized` again where Discord has refused this bot token, and `NotFound` where it has said
        that this webhook is gone.
        """
        auth = choose(route, order.operation, self._token, order.auth)
        if self._refused and (error := self._refused.get(auth.fingerprint)) is not None:
            raise copy(error)
        if (gone := self.dead.refusal(route)) is not None:
            raise gone
        return auth

    def address(self, route: "abc.Route[Any]") -> tuple[wire.Base, str]:
        """Where a request goes: the base, checked, and the URL, which does not show itself.  Raises `UnsafeOrigin`."""
        version = abc.API_VERSION if self.api_version is None else self.api_version
        base = wire.versioned(self.base_url or abc.BASE_API_URL, version)
        wire.require_safe(base, self.allowed)
        return base, Secret(base.url + route.target)

    def follow(
        self, attempt: Attempt, *, left: float | None, max_wait: float | None, queued: bool = True
    ) -> float | None:
        """Seconds until the next attempt; None where the call ends with this one.

        ``left`` is what remains of the deadline, ``max_wait`` of the patience with rate limits;
        ``queued`` is False where the limiter does not hold the request back.
        """
        if isinstance(self.decide, Policy):
            return self.decide.decide(attempt, left=left, max_wait=max_wait, queued=queued).delay
        return self.decide(attempt)

    def succeeded(self, *, retried: bool) -> None:
        """A call has ended well: what its retries cost is earned back."""
        if isinstance(self.decide, Policy):
            self.decide.quota.give_back(Kind.UNSENT if retried else None)

    def refuse(self, token: Token, error: ACordError) -> None:
        """Discord refused the credential: every call that waits with a bot's fails, and every later one.

        A bearer token's 401 may mean a scope that it lacks, so that one is not held against it.
        """
        if token.kind != "bot":
            return
        if len(self._refused) >= _REFUSED:
            del self._refused[next(iter(self._refused))]
        self._refused[token.fingerprint] = error
        self.waits.end(error, token.fingerprint)
        if isinstance(self.ratelimiter, HTTPRatelimiter):
            self.ratelimiter.refuse(token.fingerprint, error)

    async def prepare(self) -> None:
        """Load what carries requests before the first is permitted: limits count from the permit on, and a fifth of a
        second in between would let the next requests arrive too close behind. What cannot be loaded `send` will say.
        """
        self.prepared = True
        try:
            await self.connection.open()
        except (TransportError, OSError, ImportError):
            pass

    async def transmit(
        self, route: "abc.Route[Any]", order: Order, base: wire.Base, url: str, token: Token, left: float | None
    ) -> TransportResponse:
        """One request and the head of its answer."""
        headers = [*wire.own_headers(base.host, self.user_agent), *order.headers]
        if order.length is None:
            headers.append(("Transfer-Encoding", "chunked"))
        elif order.length or route.method in _HAS_BODY:
            headers.append(("Content-Length", str(order.length)))
        request = TransportRequest(route.method, url, _authorized(headers, token), order.body())
        return await self.connection.send(request, timeout=order.timeout, deadline=left)

    def settle(self, response: Response[Any], body: bytes, order: Order) -> Any:
        """What an answer is worth: the typed value, with `Model.conn` set, or the error it stands for."""
        if not response.ok:
            error = outcome.refusal(response, body)
            if isinstance(error, CloudflareBan) and isinstance(self.ratelimiter, DefaultHTTPRatelimiter):
                error.retry_after = (self.ratelimiter.locked_until or 0.0) - self.clock.monotonic()
            raise error
        returns = response.route.returns_for(response.status) if order.model is MISSING else order.model
        if returns is MISSING or returns is None:
            return outcome.value_of(response, body, returns, strict=order.strict, on_drift=None)
        value = outcome.value_of(response, body, returns, strict=order.strict, on_drift=self._drifted(response.route))
        if value is not None:
            from acord.core.base import attach

            attach(value, self)
        return value

    def _drifted(self, route: "abc.Route[Any]") -> "Callable[[Drift], object] | None":
        if self.on_drift is None and not self.hooks.wants(DriftSeen):
            return None
        return functools.partial(self.hooks.drifted, route, self.on_drift)


def _authorized(headers: list[tuple[str, str]], token: Token) -> list[tuple[str, str]]:
    """The one place where a credential is written: into headers bound for an address that was checked.

    A new list, so that it is no local variable of a frame that tracebacks could show.
    """
    return [*headers, ("Authorization", cast("str", token.header()))] if token else headers
