"""A request's way: from elsewhere? which version, which operation, banned, who asks, too often, does it fit, the
handler, and whether what the handler said is what Discord would say.  No sockets.
"""

import traceback
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol
from urllib.parse import quote

from acord.core.operation import Operation
from acord.sandbox.answers import Answer, Refusal
from acord.sandbox.calls import Account, Call
from acord.sandbox.reading import Faults
from acord.sandbox.rest.answering import completed, contradictions, exemplary
from acord.sandbox.rest.checks import checked_body, checked_path, checked_query
from acord.sandbox.rest.credentials import account_of
from acord.sandbox.rest.origins import from_elsewhere
from acord.sandbox.rest.parsing import Body, body_of, query_of, reason_of
from acord.sandbox.rest.requests import Options, Request
from acord.sandbox.rest.routing import routed, segments
from acord.sandbox.world import handlers
from acord.sandbox.world.handlers import Handler
from acord.sandbox.world.state import World

__all__ = ["Api", "Limiting", "NoLimits", "Violation"]


class Limiting(Protocol):
    """Who says how often is too often."""

    def is_banned(self, address: str) -> bool:
        """Whether an address sent too many invalid requests, so that `before` raises whoever asks for what."""
        ...

    def before(
        self,
        operation: Operation,
        path: Mapping[str, str],
        account: Account | None,
        address: str,
        body: Callable[[], object],
        *,
        heard: bool,
    ) -> Mapping[str, str]:
        """Headers of an answer to a request that is allowed; raises the 429 of one that is not.

        ``body`` gives the JSON of the request, None where there is none that could be read. ``heard``: whether either
        reaches the client, who cannot know otherwise what it says.
        """
        ...

    def after(self, address: str, status: int) -> None:
        """A request of this address was answered with this status."""
        ...


class NoLimits:
    """No limits at all."""

    def is_banned(self, address: str) -> bool:
        return False

    def before(
        self,
        operation: Operation,
        path: Mapping[str, str],
        account: Account | None,
        address: str,
        body: Callable[[], object],
        *,
        heard: bool,
    ) -> Mapping[str, str]:
        return {}

    def after(self, address: str, status: int) -> None:
        pass


class Violation(NamedTuple):
    """An answer of the sandbox that Discord would not give, or a handler that failed: a mistake in the sandbox."""

    operation: str
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.operation}: {'; '.join(self.problems)}"


class Api:
    """Discord's REST API over a world."""

    def __init__(self, world: World, limits: Limiting | None = None, options: Options | None = None) -> None:
        self.world = world
        self.limits: Limiting = limits or NoLimits()
        self.options = options or Options()
        self.handlers: dict[str, Handler] = dict(handlers.load())
        """By operationId; those of this API alone may be put here."""
        self.violations: list[Violation] = []
        """What the sandbox did wrong."""
        self.on_call: Callable[[Call], None] = lambda call: None
        """Told of each request that fits its operation, before it is carried out."""

    def answer(self, request: Request) -> Answer:
        """What Discord would say; never raises. To a HEAD it is the answer to a GET, whose body nobody is to write."""
        try:
            answer = self._answer(request)
        except Refusal as refusal:
            answer = refusal.answer()
        self.limits.after(request.address, answer.status)
        return answer

    def _answer(self, request: Request) -> Answer:
        target, headers = request.target, request.headers
        if "://" in target[:8]:  # as to a proxy; what it names stands over the header (RFC 9112, 3.2.2)
            authority, slash, rest = target.partition("://")[2].partition("/")
            target, headers = slash + rest, {**headers, "host": authority}
        path, _, query = target.partition("?")
        from_elsewhere(headers, self.options.hosts)
        operation, values = routed(request.method, segments(path, self.options.versions))
        if operation is None:
            return Answer(204, headers={"Allow": values["allow"]})
        account = self._account(operation, request)
        body, unread = self._body(operation, request)
        limits = self.limits.before(
            operation, values, account, request.address, lambda: body.value, heard=request.heard
        )
        try:
            if unread is not None:
                raise unread
            answer = self._carried_out(operation, values, query, request, account, body)
        except Refusal as refusal:
            answer = refusal.answer()
        return answer._replace(headers={**limits, **answer.headers})

    def _account(self, operation: Operation, request: Request) -> Account | None:
        header, options = request.headers.get("authorization"), self.options
        try:
            return account_of(operation, header, self.world.accounts, real_tokens=options.real_tokens)
        except Refusal:
            if self.limits.is_banned(request.address):
                return None  # gets the page, whoever it is
            raise

    def _body(self, operation: Operation, request: Request) -> tuple[Body, Refusal | None]:
        """Limits come first, and some lie over what is in the body: so its refusal waits for theirs."""
        try:
            content_type = request.headers.get("content-type")
            return body_of(operation, content_type, request.body, self.options.max_body), None
        except Refusal as refusal:
            return Body(given=False), refusal

    def _carried_out(
        self,
        operation: Operation,
        path: Mapping[str, str],
        query: str,
        request: Request,
        account: Account | None,
        body: Body,
    ) -> Answer:
        faults = Faults()
        call = Call(
            operation,
            checked_path(operation, path, faults),
            checked_query(operation, query_of(query), faults),
            checked_body(operation, body, faults),
            body.files,
            account,
            reason_of(operation, request.headers),
        )
        faults.refuse()
        self.on_call(call)
        handler = self.handlers.get(operation.name)
        answer = exemplary(operation.name) if handler is None else self._handled(handler, call)
        if faults.ignored:
            return answer._replace(
                headers={**answer.headers, "X-Sandbox-Ignored": quote(", ".join(faults.ignored[:10]))}
            )
        return answer

    def _handled(self, handler: Handler, call: Call) -> Answer:
        try:
            answer = completed(call.operation, handler(self.world, call))
        except Refusal:
            raise
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            what = f"its handler raised {type(error).__name__}: {error} ({where.name}, line {where.lineno})"
            return self._violated(call.operation, (what,), None)
        found = contradictions(call.operation, answer)
        return self._violated(call.operation, found, answer) if found else answer

    def _violated(self, operation: Operation, found: tuple[str, ...], answer: Answer | None) -> Answer:
        violation = Violation(operation.name, found)
        self.violations.append(violation)
        if answer is not None and not self.options.strict:
            return answer
        return Answer(500, {"message": f"The sandbox is wrong about {violation}", "code": 0})
