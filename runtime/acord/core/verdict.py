"""What follows an attempt: another one, and when, or the end.  Pure: chance is injected, nobody waits here.

Two counts that do not mix: failed attempts (at most five, full jitter, paid from a quota), and 429s (at most five, at
the time Discord names). Sources: Discord docs, Topics > Opcodes and Status Codes > HTTP, Topics > Rate Limits;
botocore's standard mode for the quota.
"""

import math
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, Literal, NamedTuple, Protocol, cast

__all__ = ["Attempt", "Kind", "Policy", "Quota", "Verdict", "classify", "gone", "with_nonce"]

MAX_ATTEMPTS: Final = 5
MAX_LIMITED: Final = 5
BACKOFF: Final = 0.5  # seconds, doubled for each attempt
BACKOFF_MOST: Final = 16.0
INDEX_PAUSE: Final = 0.5  # seconds where a search that is not ready names none (Message > Search Guild Messages)


class Kind(Enum):
    """What an outcome means for the next step."""

    DONE = "done"
    REFUSED = "refused"
    """Discord's final word: the same request gets the same answer."""
    LIMITED = "limited"
    UNSENT = "unsent"
    """Discord did not carry it out: any method may be repeated."""
    UNKNOWN = "unknown"
    """It may have been carried out: repeated only where that is safe."""
    NOT_READY = "not_ready"
    """A search whose index is being built."""


_BY_STATUS: Final[Mapping[int, Kind]] = {
    202: Kind.NOT_READY,
    304: Kind.DONE,
    429: Kind.LIMITED,
    **dict.fromkeys((502, 503), Kind.UNSENT),  # "no gateway available to process the request"
    **dict.fromkeys((500, 504, *range(520, 525), 529, 530), Kind.UNKNOWN),
}


class Attempt(Protocol):
    """How one attempt ended."""

    @property
    def number(self) -> int:
        """1 for the first."""
        ...

    @property
    def limited(self) -> int:
        """Attempts of this call that ended in a 429, this one included."""
        ...

    @property
    def idempotent(self) -> bool: ...
    @property
    def outcome(self) -> Literal["not_sent", "unknown", "done"]: ...
    @property
    def status(self) -> int | None: ...
    @property
    def body(self) -> Mapping[str, Any] | None:
        """A JSON object that came with a refusal or a 202."""
        ...

    @property
    def retry_after(self) -> float | None: ...


class Verdict(NamedTuple):
    """``delay`` is None where the call ends."""

    delay: float | None
    reason: str


def classify(attempt: Attempt) -> Kind:
    """The outcome's kind. A status counts only where the whole exchange ended well."""
    if attempt.outcome == "not_sent":
        return Kind.UNSENT
    status = attempt.status
    if attempt.outcome == "unknown" or status is None:
        return Kind.UNKNOWN
    if status == 202 and not _names_delay(attempt.body):
        return Kind.DONE
    found = _BY_STATUS.get(status)
    if found is None:
        found = Kind.DONE if 200 <= status < 300 else Kind.REFUSED
    return found


def _names_delay(body: Mapping[str, Any] | None) -> bool:
    return body is not None and "retry_after" in body


class Quota:
    """Retries pay, successes pay back: in an outage there is about one attempt a call.

    500 tokens at first and at most; a retry costs 5, one after an outcome that is unknown 10; a call that succeeds
    without retrying returns 1, with retrying what its last retry had cost.
    """

    __slots__ = ("most", "tokens")

    def __init__(self, most: int = 500) -> None:
        self.most = self.tokens = most

    def pay(self, kind: Kind) -> bool:
        """Whether there was enough."""
        cost = _COST[kind]
        if cost > self.tokens:
            return False
        self.tokens -= cost
        return True

    def give_back(self, last: Kind | None = None) -> None:
        """A call succeeded; ``last`` is what its last retry was for."""
        self.tokens = min(self.most, self.tokens + (1 if last is None else _COST[last]))


_COST: Final[Mapping[Kind, int]] = {Kind.UNSENT: 5, Kind.UNKNOWN: 10}


class Policy:
    """Decides about attempts. One for each client: the quota is shared by its calls.

    ``random`` gives numbers in [0, 1). ``limiter`` tells whether a rate limiter makes 429s wait in its queues; without
    one the delay is returned here.
    """

    __slots__ = ("limiter", "quota", "random")

    def __init__(self, random: Callable[[], float], *, quota: Quota | None = None, limiter: bool = True) -> None:
        self.random, self.limiter = random, limiter
        self.quota = Quota() if quota is None else quota

    def __call__(self, attempt: Attempt) -> float | None:
        """Seconds until the next attempt; None where the call ends with this one."""
        return self.decide(attempt).delay

    def decide(
        self,
        attempt: Attempt,
        *,
        left: float | None = None,
        max_wait: float | None = None,
        queued: bool = True,
    ) -> Verdict:
        """What to do. ``left`` is what remains of the call's deadline, ``max_wait`` the caller's limit for 429s.

        ``queued`` is False for what the limiter does not hold back: an interaction's first answer.
        """
        kind = classify(attempt)
        failures = attempt.number - attempt.limited
        if kind is Kind.DONE:
            self.quota.give_back(Kind.UNSENT if failures > 1 else None)
            return Verdict(None, "done")
        if kind is Kind.REFUSED:
            return Verdict(None, f"{attempt.status} is final")
        if kind is Kind.LIMITED:
            verdict = self._limited(attempt, max_wait, queued)
        elif failures >= MAX_ATTEMPTS:
            return Verdict(None, f"{MAX_ATTEMPTS} attempts failed")
        elif kind is Kind.NOT_READY:
            verdict = Verdict(_sane(attempt.retry_after) or INDEX_PAUSE, "the search index is not ready")
        elif kind is Kind.UNKNOWN and not attempt.idempotent:
            return Verdict(None, "it may have been carried out, and repeating it is not safe")
        elif not self.quota.pay(kind):
            return Verdict(None, "too many retries of late")
        else:
            pause = _sane(attempt.retry_after) if attempt.status == 503 else None
            verdict = Verdict(self._jitter(failures) if pause is None else pause, kind.value)
        if left is not None and verdict.delay is not None and verdict.delay >= left:
            return Verdict(None, "the deadline comes first")
        return verdict

    def _limited(self, attempt: Attempt, max_wait: float | None, queued: bool) -> Verdict:
        if attempt.limited >= MAX_LIMITED:
            return Verdict(None, f"rate limited {MAX_LIMITED} times in a row")
        delay = _sane(attempt.retry_after)
        if max_wait is not None and delay is not None and delay > max_wait:
            return Verdict(None, "longer than the caller waits")
        if self.limiter and queued:
            return Verdict(0.0, "the limiter knows when")
        return Verdict(self._jitter(attempt.limited) if delay is None else delay, "rate limited")

    def _jitter(self, failures: int) -> float:
        """Full jitter: anything up to a bound that doubles."""
        return self.random() * min(BACKOFF_MOST, BACKOFF * 2.0 ** max(0, failures - 1))


def gone(attempt: Attempt, method: str) -> bool:
    """Whether a 404 is success: the DELETE before it, of which nothing is known, had worked."""
    return method == "DELETE" and attempt.status == 404 and attempt.number - attempt.limited > 1


def _sane(value: float | None) -> float | None:
    return None if value is None or not 0 < value < math.inf else value


def with_nonce(body: object, random: Callable[[], float]) -> tuple[object, bool]:
    """A message's body that may be sent twice and is carried out once, and whether that holds.

    Adds ``nonce`` and ``enforce_nonce`` where the caller set neither: call it once per call, not per attempt. What the
    caller set stays: a nonce of his own may be meant to come twice.

    Source: Discord docs, Resources > Message > Create Message.
    """
    if not isinstance(body, Mapping):
        return body, False
    fields = cast("Mapping[str, object]", body)
    if "nonce" in fields or "enforce_nonce" in fields:
        return fields, fields.get("nonce") is not None and fields.get("enforce_nonce") is True
    # At most 25 characters, and 63 bits: it also fits the integer that Discord may make of it.
    nonce = str(int(random() * 2**53) << 10 | int(random() * 2**10))
    return {**fields, "nonce": nonce, "enforce_nonce": True}, True
