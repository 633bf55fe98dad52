"""Every exception of the library, one tree.  Texts name the route's template, never a URL, a header or a credential.

`core.refusals` makes an `HTTPError` out of an answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from acord.core.describe import kind_of

__all__ = [
    "ACordError",
    "AuthMismatch",
    "AuthenticationFailed",
    "BadRequest",
    "ClientClosed",
    "CloudflareBan",
    "ConnectionClosed",
    "DecodeError",
    "DisallowedIntents",
    "Forbidden",
    "ForkedClient",
    "GatewayError",
    "HTTPError",
    "InvalidAPIVersion",
    "InvalidIntents",
    "InvalidRequest",
    "InvalidShard",
    "ModelError",
    "NotFound",
    "Outcome",
    "RateLimited",
    "ServerError",
    "ShardingRequired",
    "TransportError",
    "Unauthorized",
    "UnsafeOrigin",
    "closed",
]

Outcome: TypeAlias = Literal["not_sent", "unknown", "done"]
"""What became of a request: Discord never saw it; nobody knows; it was carried out and only the answer is lost."""


class ACordError(Exception):
    """Root of the tree."""

    def __reduce__(self) -> tuple[Any, ...]:
        # BaseException's own calls the class with `args`, that is with the finished text.
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: type[ACordError], args: tuple[Any, ...], state: dict[str, Any]) -> ACordError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


# ---- before anything is sent


class InvalidRequest(ACordError, ValueError):
    """An argument that Discord would refuse; nothing was sent."""

    argument: str
    """Path of the argument, as ``embeds[0].title``."""
    given: str
    """Kind and size of what was given, never the text itself."""
    expected: str
    """What is allowed."""
    fix: str | None
    """What to do, where that is not plain."""

    def __init__(self, argument: str, value: object, expected: str, *, fix: str | None = None) -> None:
        super().__init__(argument)
        self.argument = argument
        self.given = kind_of(value)
        self.expected = expected
        self.fix = fix

    def __str__(self) -> str:
        head = f"{self.argument}: " if self.argument else ""
        return f"{head}expected {self.expected}, got {self.given}" + (f"; {self.fix}" if self.fix else "")

    def renamed(self, argument: str) -> "InvalidRequest":
        """The same, said of another argument: Python's name for what the wire calls otherwise."""
        other = InvalidRequest(argument, None, self.expected, fix=self.fix)
        other.given = self.given
        return other


class AuthMismatch(ACordError):
    """The credential is not one that this operation takes; nothing was sent. Says which kind or scope is needed."""

    def __init__(self, route: object, needed: str, given: str) -> None:
        self.route = str(route)
        self.needed = needed
        self.given = given
        super().__init__(f"{self.route} needs {needed}, but the credential is {given}; pass auth= with the right one")


class UnsafeOrigin(ACordError):
    """A credential was about to go to a host that nobody allowed; nothing was sent."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        super().__init__(
            f"no credential is sent to {origin}: allowed are https on discord.com and what base_url= names in your "
            "code (http only on loopback)"
        )


class ClientClosed(ACordError):
    """The client was closed before or while the call ran."""

    def __init__(self) -> None:
        super().__init__("this client is closed: make a new one, or keep the call inside its `async with`")


class ForkedClient(ACordError):
    """The process was forked; connections cannot be shared by two processes."""

    def __init__(self) -> None:
        super().__init__("this client belongs to the parent process: make one in this process, after the fork")


# ---- the exchange


class TransportError(ACordError):
    """No answer. ``outcome`` says whether the request can have been carried out; ``__cause__`` says why."""

    def __init__(
        self, reason: str, *, outcome: Outcome = "unknown", route: object = None, attempts: int | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.outcome: Outcome = outcome
        # Where the exchange fails, neither is known; the call adds them.
        self.route = route
        self.attempts = attempts
        self.final = False
        """Whether another attempt would end alike: a certificate, the proxy's credentials."""
        self.stale = False
        """Whether it was a connection that had idled, and that ended before any byte of an answer."""

    def __str__(self) -> str:
        head = "" if self.route is None else f"{self.route}: "
        count = "" if self.attempts is None else f", attempts: {self.attempts}"
        return f"{head}{self.reason} ({_MEANING[self.outcome]}{count})"


_MEANING: Final[Mapping[Outcome, str]] = {
    "not_sent": "it was not sent",
    "unknown": "whether it was carried out is unknown",
    "done": "it was carried out",
}


class DecodeError(ACordError):
    """Bytes that cannot be read as what they should be. ``outcome`` is "done" where they answered a request."""

    def __init__(
        self,
        reason: str,
        *,
        route: object = None,
        status: int | None = None,
        content_type: str | None = None,
        excerpt: str | None = None,
    ) -> None:
        self.reason = reason
        self.route = None if route is None else str(route)
        self.status = status
        self.content_type = content_type
        self.excerpt = excerpt
        self.outcome: Outcome | None = None if status is None else "done"
        where = " ".join(str(part) for part in (self.route, status, content_type) if part is not None)
        text = f"{where}: {reason}" if where else reason
        super().__init__(f"{text}; it begins {excerpt!r}" if excerpt else text)


class ModelError(ACordError):
    """A shape that contradicts the schema, where ``strict=True`` asked to be told."""

    def __init__(self, returns: str, problems: Sequence[tuple[str, str]]) -> None:
        self.returns = returns
        self.problems = tuple(problems)
        shown = "; ".join(f"{where}: {text}" if where else text for where, text in self.problems[:5])
        more = f"; and {len(self.problems) - 5} more" if len(self.problems) > 5 else ""
        super().__init__(f"not a {returns}: {shown}{more}")


class HTTPError(ACordError):
    """Discord's answer is a refusal."""

    status: int
    code: int
    """The JSON error code, a `signals.rest.ErrorCode` where that is known; 0 where the body has none."""
    message: str
    errors: Mapping[str, str]
    """What is wrong with which part of the request: ``{"embeds.0.title": "..."}``; ``""`` is the whole."""
    route: str
    """Method and template, as ``DELETE /channels/{}/messages/{}``."""
    attempts: int
    request_id: str | None
    """What Cloudflare calls the exchange (``cf-ray``), for support requests."""
    hint: str | None
    """What to do about it, where this is a usual stumble."""

    def __init__(
        self,
        status: int,
        code: int = 0,
        message: str = "",
        errors: Mapping[str, str] | None = None,
        route: object = "",
        attempts: int = 1,
        request_id: str | None = None,
        *,
        hint: str | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.errors = dict(errors or {})
        self.route = str(route)
        self.attempts = attempts
        self.request_id = request_id
        self.hint = hint
        super().__init__(self._text())

    def _text(self) -> str:
        name = getattr(self.code, "name", None)
        number = f"{name} {int(self.code)}" if name else str(int(self.code))
        head = " ".join(part for part in (self.route, f"-> {self.status}") if part)
        lines = [f"{head} ({number})" if self.code else head]
        if self.message:
            lines[0] += f": {self.message}"
        lines += [f"  {where or '(request)'}: {text}" for where, text in self.errors.items()]
        if self.hint:
            lines.append(f"  What to do: {self.hint}")
        return "\n".join(lines)


class BadRequest(HTTPError):
    """400: the request is malformed; ``errors`` says where."""


class Unauthorized(HTTPError):
    """401: the credential was refused. The client sends nothing more with it."""


class Forbidden(HTTPError):
    """403: the credential is good, its rights are not enough."""


class NotFound(HTTPError):
    """404: what the request names does not exist, or is hidden from this credential."""


class ServerError(HTTPError):
    """5xx, after as many attempts as the operation allows."""


class RateLimited(HTTPError):
    """429 that was not waited out: the caller set a limit, or it was the fifth in a row."""

    retry_after: float | None
    """Seconds until Discord takes the request."""
    scope: str | None
    """``user``, ``global``, ``shared``; None where unsaid."""
    bucket: str | None

    def __init__(
        self,
        route: object = "",
        *,
        retry_after: float | None = None,
        scope: str | None = None,
        bucket: str | None = None,
        status: int = 429,
        code: int = 0,
        message: str = "",
        attempts: int = 1,
        request_id: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.retry_after = retry_after
        self.scope = scope
        self.bucket = bucket
        if not message and retry_after is not None:
            message = f"rate limited ({scope or 'unknown'} scope); free again in {retry_after:g} s"
        super().__init__(status, code, message, None, route, attempts, request_id, hint=hint)


class CloudflareBan(HTTPError):
    """The address is blocked in front of Discord. Nothing is sent until ``retry_after`` seconds have passed."""

    retry_after: float | None

    def __init__(
        self,
        route: object = "",
        *,
        retry_after: float | None = None,
        status: int = 429,
        message: str = "",
        attempts: int = 1,
        request_id: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.retry_after = retry_after
        super().__init__(
            status,
            0,
            message or "this address is blocked by Cloudflare",
            None,
            route,
            attempts,
            request_id,
            hint=hint
            or "Too many requests from this address were refused (401, 403, 429), by this process or its neighbours. "
            "Find and stop what sends them before anything is sent again.",
        )


# ---- the gateway


class GatewayError(ACordError):
    """The gateway connection cannot do what was asked."""


class ConnectionClosed(GatewayError):
    """The gateway ended the connection. ``verdict`` is what is right to do: resume, new_session or fatal."""

    def __init__(self, code: int | None, verdict: str, advice: str = "") -> None:
        self.code = code
        self.verdict = verdict
        self.advice = advice
        name = getattr(code, "name", None)
        number = "without a close code" if code is None else f"with {int(code)}" + (f" ({name})" if name else "")
        super().__init__(f"the gateway closed the connection {number}" + (f": {advice}" if advice else ""))


class AuthenticationFailed(ConnectionClosed):
    """4004: the token was refused."""


class InvalidShard(ConnectionClosed):
    """4010: no such shard for this shard count."""


class ShardingRequired(ConnectionClosed):
    """4011: too many guilds for this number of shards."""


class InvalidAPIVersion(ConnectionClosed):
    """4012: the gateway does not speak this API version."""


class InvalidIntents(ConnectionClosed):
    """4013: a bit of the intents does not exist."""


class DisallowedIntents(ConnectionClosed):
    """4014: a privileged intent is not switched on in the developer portal."""


_BY_CLOSE_CODE: Final[Mapping[int, type[ConnectionClosed]]] = {
    4004: AuthenticationFailed,
    4010: InvalidShard,
    4011: ShardingRequired,
    4012: InvalidAPIVersion,
    4013: InvalidIntents,
    4014: DisallowedIntents,
}


def closed(code: int | None, verdict: str, advice: str = "") -> ConnectionClosed:
    """The exception for a close code; `ConnectionClosed` itself where the code has no class of its own."""
    return _BY_CLOSE_CODE.get(code or 0, ConnectionClosed)(code, verdict, advice)
