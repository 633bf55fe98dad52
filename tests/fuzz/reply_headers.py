"""What reads the heads of Discord's answers, and the bodies that come with refusals.

An input is a few answers, each after a byte 0: status and seconds since the one before, header lines, an empty line,
the body.  A finding is an error that is not one of ours, a wait that is negative, endless or over the bound, and a
limiter that never lets the next request go.
"""

import math
from collections.abc import AsyncIterator, Sequence
from typing import Any

from acord.core import download, outcome
from acord.core.abc import Route
from acord.core.buckets import MAX_DELAY, Reply, read_reply
from acord.core.call import Attempt
from acord.core.errors import ACordError, HTTPError
from acord.core.lanes import Lane
from acord.core.response import Response, retry_after
from acord.core.scheduler import Scheduler, Ticket
from acord.core.types import MISSING
from acord.core.verdict import Policy
from tests.fuzz.engine import Target

ANSWERS = 8  # of one input
TURNS = 200  # looks at the clock until whoever waits must have gone
LANES = (Lane("bot", "GET", "/channels/{}", major="1"), Lane("bot", "POST", "/channels/{}/messages", major="1"))
ROUTE: Route[Any] = Route("GET", "users/@me")


class Answer:
    """An answer as a transport gives it."""

    def __init__(self, text: bytes) -> None:
        head, _, self.body = text.partition(b"\n\n")
        first, *lines = head.split(b"\n")
        status, _, pause = first.partition(b" ")
        self.status = int(status) if status[:3].isdigit() and len(status) == 3 else 200
        self.pause = int(pause[:6]) / 10 if pause[:6].isdigit() else 0.0
        self.tells = b"x-ratelimit-remaining" in head.lower() and b"x-ratelimit-reset-after" in head.lower()
        self.headers: Sequence[tuple[bytes, bytes]] = [
            (name, value.strip()) for name, found, value in (line.partition(b":") for line in lines) if found
        ]

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self.body

    async def read(self, most: int) -> bytes:
        return self.body

    async def close(self) -> None:
        pass


def _answers(data: bytes) -> list[Answer]:
    return [Answer(text) for text in data.split(b"\0")[:ANSWERS]]


def _decode(response: Response[Any], body: bytes) -> Any:
    return outcome.value_of(response, body, MISSING, strict=False, on_drift=None)


def _run(work: Any) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits")


def _fields(response: Response[Any]) -> dict[str, Any] | None:
    """The JSON object of a refusal, as a call reads it."""
    try:
        body = _run(response.read())
        value = response.decoded(body) if response.is_json and body else None
    except ACordError:
        return None
    return value if isinstance(value, dict) else None


def _sane(seconds: float | None, most: float = MAX_DELAY) -> None:
    assert seconds is None or 0 <= seconds <= most, f"a wait of {seconds} seconds"


# ---- one answer at a time


def _answer(data: bytes) -> None:
    for answer in _answers(data):
        _refused(answer)
        _read(answer)
        _downloaded(answer)


def _refused(answer: Answer) -> None:
    """What an answer is worth: a limit, a wait, an error."""
    response: Response[Any] = Response(ROUTE, answer, _decode)
    assert response.ratelimit is None or isinstance(response.ratelimit.remaining, int | None)
    fields = _fields(response)
    pause = retry_after(response.headers, fields)
    _sane(pause)
    _sane_reply(read_reply(answer.status, response.headers, pause))
    for limited in range(2):
        attempt = Attempt(1 + limited, limited, ROUTE, True, "done", answer.status, None, fields, pause, False, None)
        _sane(Policy(lambda: 0.5, limiter=False)(attempt))
    refusal = outcome.refusal(response, answer.body)
    _sane(getattr(refusal, "retry_after", None))
    str(refusal), repr(refusal)
    assert isinstance(refusal, HTTPError) or not 300 <= answer.status < 600


def _read(answer: Answer) -> None:
    """Its body in each of the ways there are."""
    for name in ("text", "json", "value"):
        response: Response[Any] = Response(ROUTE, answer, _decode)
        assert response.content_type == response.content_type.lower()
        try:
            _run(getattr(response, name)())
        except ACordError as exc:
            str(exc), repr(exc)


def _downloaded(answer: Answer) -> None:
    """Its length, as a download reads it."""
    one = object.__new__(download.Download)
    one._start, one._end = 0, None
    one._response = Response(ROUTE, answer, _decode)
    assert one.size is None or 0 <= one.size


def _sane_reply(reply: Reply) -> None:
    _sane(reply.retry_after)
    _sane(reply.reset_after)
    assert reply.reset is None or math.isfinite(reply.reset)
    assert reply.remaining is None or 0 <= reply.remaining
    assert reply.limit is None or 0 <= reply.limit


# ---- several answers to one bot


def _limits(data: bytes) -> None:
    """What the limiter makes of answers one after the other: who waits, and for how long at most."""
    core, now, sent, answers, silent = Scheduler(), 0.0, list[Ticket](), _answers(data), 0
    for number, answer in enumerate(answers):
        now += answer.pause
        for lane in LANES[: 1 + number % 2]:
            core.submit(lane, now)
        sent += _leave(core, now, silent)
        if sent:
            silent += not answer.tells
            response: Response[Any] = Response(ROUTE, answer, _decode)
            pause = retry_after(response.headers, _fields(response)) if answer.status == 429 else None
            core.report(sent.pop(0), read_reply(answer.status, response.headers, pause), now)
        _look(core, now, silent)
    for _ in range(TURNS):
        sent += _leave(core, now, silent)
        silent += len(sent)
        for ticket in sent:
            core.report(ticket, Reply(200), now)
        sent.clear()
        if not core.waiting:
            return
        _look(core, now, silent)
        sent += _leave(core, now, silent)
        when = core.wake_at()
        assert sent or when is not None, f"{core.waiting} wait for nothing"
        if not sent and when is not None:
            now = max(now, when)
            core.advance(now)
    raise AssertionError(f"{core.waiting} still wait after {TURNS} turns")


def _leave(core: Scheduler, now: float, silent: int) -> list[Ticket]:
    core.advance(now)
    settled, core.settled[:] = core.settled[:], []
    for ticket in settled:
        _sane(None if ticket.refusal is None else ticket.refusal.delay, _most(core, silent))
    return [ticket for ticket in settled if ticket.state == "sent"]


def _look(core: Scheduler, now: float, silent: int) -> None:
    for lane in LANES:
        _sane(core.estimate(lane, now), _most(core, silent))
    when = core.wake_at()
    assert when is None or when <= now + _most(core, silent), f"the next look is in {when - now} seconds"


def _most(core: Scheduler, silent: int) -> float:
    """Each of those that wait may have a window of its own; and each may have spent one whose reply told nothing."""
    return MAX_DELAY * (core.waiting + silent + 2) + 60


def _text(*lines: str, body: str = "") -> bytes:
    return "\n".join([*lines, "", body]).encode("latin-1")


_BUCKET = ("X-RateLimit-Bucket: abc", "X-RateLimit-Limit: 5", "X-RateLimit-Reset: 1790000005.123")
_LEFT = ("X-RateLimit-Remaining: 4", "X-RateLimit-Reset-After: 4.8")
_OVER = ("X-RateLimit-Remaining: 0", "X-RateLimit-Reset-After: 0.2")
_JSON = "Content-Type: application/json"
REAL = (
    b"\0".join([
        _text("200 0", *_BUCKET, *_LEFT, _JSON, "Via: 1.1 google", body='{"id": "1"}'),
        _text("429 3", *_BUCKET, *_OVER, "X-RateLimit-Scope: user", _JSON, body='{"retry_after": 0.25, "global": false}'),
        _text("429 1", "X-RateLimit-Scope: global", "X-RateLimit-Global: true", _JSON, body='{"retry_after": 2}'),
        _text("429 1", *_BUCKET, "X-RateLimit-Scope: shared", "Retry-After: 7", _JSON, body='{"retry_after": 6.4}'),
    ]),
    _text("429 0", "Content-Type: text/html; charset=utf-8", "Retry-After: 120", body="error code: 1015"),
    _text("503 0", "Retry-After: 5", "Content-Type: text/plain; charset=iso-8859-1", body="down"),
    _text("403 0", _JSON, "CF-Ray: x", body='{"code": 50013, "message": "no", "errors": {"a": {"_errors": [{"message": "b"}]}}}'),
    _text("202 0", _JSON, body='{"code": 110000, "retry_after": 5}'),
    _text("302 0", "Location: https://example.com/x?token=y", "Content-Length: 0"),
    _text("206 0", "Content-Type: image/png", "Content-Length: 5", "Content-Encoding: identity", body="abcde"),
)  # fmt: skip
LINES = (
    *(f"X-RateLimit-{name}: " for name in ("Bucket", "Limit", "Remaining", "Reset", "Reset-After", "Scope", "Global")),
    "Retry-After: ", "Content-Type: text/plain; charset=", "Content-Type: ", "Content-Encoding: ", "Content-Length: ",
    "Location: ", "Via: ", "CF-Ray: ",
)  # fmt: skip
ODD = (
    "", "-1", "-0.0", "0", "0.0001", "1e18", "1e308", "1e400", "nan", "inf", "-inf", "1_0", "\xb2", "99999999999", "9" * 400,
    "9" * 5000, "true", "global", "user", "idna", "punycode", "undefined", "unicode_escape", "hex", "utf-7", "utf-16", "gzip",
    "application/json", "a/b+json", "http://[", "//", "\x01", ",", "; ;", "5, 5", "a" * 300,
)  # fmt: skip
BODIES = ("", "[]", '"x"', "null", "{", '{"retry_after": %s}', '{"code": %s}', '{"errors": %s}', '{"message": [%s]}')
# Two routes that change their buckets under those that wait: one was never sent, until a test found it.
CHANGING = b"\0".join(
    [
        _text("200 0", *([f"X-RateLimit-Bucket: {name}"] if name else []))
        for name in ("a", "b", "", "", "b", "a", "", "c")
    ]
)
# Of each line every odd value, between two answers as they should be; and of each number in a body.
SEEDS = (
    *REAL,
    CHANGING,
    *(
        b"\0".join([_text("200 0", *_BUCKET, *_LEFT), _text(f"{status} 1", *_BUCKET, *_OVER, line + odd, body="\\d+\xff")])
        for line in LINES for odd in ODD for status in ((503,) if line == "Retry-After: " else (200, 429))
    ),
    *(
        _text(f"{status} 0", _JSON, body=body % odd if "%" in body else body)
        for body in BODIES for odd in (ODD if "%" in body else ODD[:1]) for status in (429, 403, 202)
    ),
)  # fmt: skip
WORDS = (
    *(text.encode("latin-1") for text in (*LINES, *ODD) if text),
    b'"retry_after": ', b"\n\n", b"\0" b"429 0\n", b"\0" b"200 9\n", b"\xff", b"404", b"401", b"[" * 2000, b'{"a":' * 500,
)  # fmt: skip
TARGETS = {
    "answers": Target(_answer, SEEDS, (), WORDS),
    "limits": Target(_limits, SEEDS, (), WORDS),
}
