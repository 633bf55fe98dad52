"""The canary: whatever the gauntlet's calls log, show or raise is kept as text, and searched for credentials."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from acord.core.call import Call
from acord.core.response import Response
from tests.core.http_kit import TOKEN

WEBHOOK_TOKEN = "canary-webhook-token-that-nobody-may-see"
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246canary-interaction-token"
ENOUGH = 20_000  # texts of one test, after which one failure is like the other
SECRETS = (TOKEN, WEBHOOK_TOKEN, INTERACTION_TOKEN)


def leaks(text: str) -> list[str]:
    """The credentials that a text shows; four fifths of one are as good as the whole."""
    return [secret for secret in SECRETS if secret[: len(secret) * 4 // 5] in text]


class Kept(logging.Handler):
    """Everything that was logged at any level, with arguments and tracebacks as a handler would print them."""

    def __init__(self) -> None:
        super().__init__(1)
        self.texts: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))
        self.texts.append(f"{record.args!r} {vars(record)!r}"[:10_000])

    def keep(self, value: object) -> None:
        """What a value shows of itself to a debugger."""
        self.texts.append(f"{value!r} {value!s}"[:100_000])
        self.texts.append(repr(getattr(value, "__dict__", None))[:100_000])

    def raised(self, error: BaseException) -> None:
        """What a reporter of errors would send: every frame with its locals, every cause."""
        self.texts += traceback.TracebackException.from_exception(error, capture_locals=True).format()
        link: BaseException | None = error
        while link is not None:
            self.keep(link)
            link = link.__cause__ or link.__context__


@contextmanager
def canary(monkeypatch: Any) -> Iterator[Kept]:
    """Keeps what calls log, show and raise; at the end none of it may hold a credential."""
    kept, root = Kept(), logging.getLogger()
    answer: Any = Call._answer  # pyright: ignore[reportPrivateUsage]
    made: Any = Response.__init__

    async def watched(self: Any, **options: Any) -> Any:
        if len(kept.texts) < ENOUGH:
            for one in (self, self.route, self._client):
                kept.keep(one)
        try:
            return await answer(self, **options)
        except BaseException as exc:
            if len(kept.texts) < ENOUGH:
                kept.raised(exc)
            raise

    def shown(self: Any, *args: Any, **options: Any) -> None:
        made(self, *args, **options)
        kept.keep(self)
        kept.keep(self.headers)

    monkeypatch.setattr(Call, "_answer", watched)
    monkeypatch.setattr(Response, "__init__", shown)
    level = root.level
    root.addHandler(kept)
    root.setLevel(1)
    try:
        yield kept
    finally:
        root.removeHandler(kept)
        root.setLevel(level)
    found = {secret[:8] for text in kept.texts for secret in leaks(text)}
    assert set() == found, next(text for text in kept.texts if leaks(text))
