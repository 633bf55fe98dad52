"""The canary: what calls log, show and raise is kept as text, and searched for credentials that must not be in it."""

import logging
import traceback
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from secrets import token_hex
from typing import Any, cast

from acord.core.call import Call
from acord.core.response import Response

__all__ = ["Canary", "leaks", "watching"]

ENOUGH = 20_000  # texts of one test, after which one failure is like the other
NEAR = 200  # characters around a credential that are shown


def leaks(text: str, secrets: Iterable[str]) -> list[str]:
    """The credentials that a text shows; four fifths of one are as good as the whole."""
    return [secret for secret in secrets if _most(secret) in text]


def _most(secret: str) -> str:
    return secret[: len(secret) * 4 // 5]


class Canary(logging.Handler):
    """A credential, `token`, and everything that was logged or shown while it was in use."""

    def __init__(self, *secrets: str) -> None:
        """Without ``secrets``, one is made."""
        super().__init__(1)
        self.secrets = list(secrets) or [f"canary-{token_hex(24)}"]
        """What is searched for; more may be added."""
        self.texts: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    @property
    def token(self) -> str:
        """The first of the secrets, for the program under test to log in with."""
        return self.secrets[0]

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record of any level, with its arguments and traceback as a handler would print them."""
        self.texts += self.format(record), f"{record.args!r} {vars(record)!r}"[:10_000]

    def keep(self, value: object) -> None:
        """What a value shows of itself to a debugger."""
        if len(self.texts) >= ENOUGH:
            return
        self.texts += f"{value!r} {value!s}"[:100_000], repr(getattr(value, "__dict__", None))[:100_000]

    def raised(self, error: BaseException) -> None:
        """What a reporter of errors would send: every frame with its locals, every cause."""
        if len(self.texts) >= ENOUGH:
            return
        self.texts += traceback.TracebackException.from_exception(error, capture_locals=True).format()
        link: BaseException | None = error
        while link is not None:
            self.keep(link)
            link = link.__cause__ or link.__context__

    def check(self) -> None:
        """AssertionError where a credential stands in what was kept; it shows where, not what."""
        for text in self.texts:
            if problem := self.problem(text):
                raise AssertionError(problem)

    def problem(self, text: str) -> str | None:
        """That a text shows a credential, and where in it; None where it shows none."""
        if not (found := leaks(text, self.secrets)):
            return None
        at = text.index(_most(found[0]))
        shown = text[max(0, at - NEAR) : at + NEAR]
        for secret in self.secrets:
            shown = shown.replace(secret, "<THE SECRET>").replace(_most(secret), "<THE SECRET>")
        return f"a credential ({found[0][:6]}...) was shown:\n{shown}"


@contextmanager
def watching(*secrets: str) -> Generator[Canary]:
    """Keep what is logged, and what every call of an `HTTPClient` shows and raises; at the end, check it."""
    canary, root = Canary(*secrets), logging.getLogger()
    call, response = cast(Any, Call), cast(Any, Response)
    answer, made = call._answer, response.__init__

    async def watched(self: Any, **options: Any) -> Any:
        for one in (self, self.route, self._client):
            canary.keep(one)
        try:
            return await answer(self, **options)
        except BaseException as exc:
            canary.raised(exc)
            raise

    def shown(self: Any, *args: Any, **options: Any) -> None:
        made(self, *args, **options)
        canary.keep(self)
        canary.keep(self.headers)

    call._answer, response.__init__ = watched, shown
    level = root.level
    root.addHandler(canary)
    root.setLevel(1)
    try:
        yield canary
    finally:
        root.removeHandler(canary)
        root.setLevel(level)
        call._answer, response.__init__ = answer, made
    canary.check()
