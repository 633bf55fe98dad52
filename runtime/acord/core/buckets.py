"""What the headers say of one bucket, and how many requests it takes now.  No I/O, no clock: times are arguments.

All times are seconds of one monotonic clock. Discord's own clock appears only as ``server_reset``, and only to tell
whether two replies speak of the same window. Rule numbers (L4, ...) are those of the limiter's specification:
Discord docs, Topics > Rate Limits, and what was measured beyond them.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["MAX_DELAY", "Bucket", "Reply", "read_reply", "sane_delay"]

MAX_DELAY: Final = 86_400.0  # Cloudflare's longest known ban; what claims more is clamped
SAME_WINDOW: Final = 0.05  # seconds by which two ends of one window may differ
NEXT_WINDOW: Final = 0.98  # of a window: by less, the end of a fixed one does not move
GRAIN: Final = 0.002  # seconds by which sums of what headers say may err: they end at the millisecond, rounded or cut
LEAKY: Final = 0.55  # periods that a missing token must take at least: in a window it is half of one at most
_NEVER: Final = -math.inf
_PREFIX: Final = "x-ratelimit-"


class Reply(NamedTuple):
    """What a reply says about limits. Every field is checked: what makes no sense is None."""

    status: int
    bucket: str | None = None
    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None
    """End of the window by Discord's clock."""
    reset_after: float | None = None
    """Seconds until then, a day at most."""
    scope: str | None = None
    retry_after: float | None = None
    limited: bool = False
    """Whether any rate-limit header was there."""
    banned: bool = False
    """Whether it comes from Cloudflare and not from Discord."""


def sane_delay(value: object) -> float | None:
    """Seconds to wait; None where ``value`` is no positive finite number. Clamped to a day."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0 or value == math.inf:
        return None
    return float(min(value, MAX_DELAY))  # compared first: an integer may be too large for a float


def read_reply(status: int, headers: Mapping[str, str], retry_after: object = None) -> Reply:
    """The reply's numbers. ``retry_after`` is the body's; the header counts where that is None.

    Header names are matched in any case. Values that cannot be read are None; a negative ``Remaining`` is 0.
    """
    if not isinstance(headers, dict):
        headers = getattr(headers, "lowered", headers)  # of our own: a plain dict, several times as fast
    bucket = headers.get("x-ratelimit-bucket")
    if bucket is None or (status == 429 and "x-ratelimit-scope" not in headers):
        headers = {name.lower(): value for name, value in headers.items()}
        bucket = headers.get("x-ratelimit-bucket")
    get, plain = headers.get, status != 429 and status != 403
    if plain and bucket is None and "x-ratelimit-limit" not in headers:
        return Reply(status)
    limit, remaining = _integer(get("x-ratelimit-limit")), _integer(get("x-ratelimit-remaining"))
    ends, after = _seconds(get("x-ratelimit-reset")), _seconds(get("x-ratelimit-reset-after"))
    if after is not None and after > MAX_DELAY:
        after = MAX_DELAY
    if plain:
        if limit is None and bucket is None:
            return Reply(status)
        return Reply(status, bucket or None, limit, remaining, ends, after, None, None, True)
    scope = get("x-ratelimit-scope")
    if (get("x-ratelimit-global") or "").lower() == "true":
        scope = "global"
    delay = sane_delay(retry_after)
    limited = any(name.startswith(_PREFIX) for name in headers)
    json = "json" in (get("content-type") or "json").lower()
    # A local proxy may drop `Via`, so its absence alone proves nothing (L13).
    banned = not limited and (not json or delay is None) if status == 429 else not (limited or json or "via" in headers)
    return Reply(
        status,
        bucket or None,
        limit,
        remaining,
        ends,
        after,
        scope.lower() if scope else None,
        sane_delay(get("retry-after")) if delay is None else delay,
        limited,
        banned,
    )


@lru_cache(maxsize=1024)
def _integer(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        value = int(text) if len(text) < 12 else None
        return 0 if value is not None and value < 0 else value
    except ValueError:
        return None


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e11 else None


def _period(after: float, missing: float) -> float:
    """Seconds that one of the missing requests takes at least to come back."""
    return max(after - GRAIN, after / 2) / missing


class Bucket:
    """Accounting of one limit: how many requests it takes now, and when it takes the next.

    ``limit`` None is a bucket that is not known yet: one request probes, the others wait (L4). ``limit`` infinite is a
    route that Discord sends no limits for.
    """

    __slots__ = (
        "blocked", "ghosts", "inflight", "limit", "lost", "lost_at", "owed", "pauses", "period", "remaining",
        "reset", "server_reset", "sliding", "stepped", "strikes", "window",
    )  # fmt: skip

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self.remaining: float = 1.0 if limit is None else limit
        self.inflight = 0
        self.ghosts = 0  # of these, ones that nobody waits for any more
        self.lost = 0  # requests whose reply told nothing, while the bucket is not known
        self.lost_at = -math.inf  # when the last of them was given up
        self.owed = 0  # requests whose reply told nothing since the last end, of a bucket that is not known to be leaky
        self.server_reset: float | None = None
        self.reset: float = -math.inf  # upper bound of the moment when the bucket is full again
        self.stepped: float = -math.inf  # when it was noticed last that Discord's clock had jumped
        self.window = 0.0  # longest reset-after seen
        self.period = 0.0  # longest time per token seen: never above the truth for a sliding bucket
        self.sliding = False
        self.blocked: float = -math.inf
        self.strikes = 0  # 429s earned while it was believed to be sliding
        self.pauses = 0  # 429s in a row that named no delay

    def like(self, other: "Bucket") -> "Bucket":
        """Itself, with the shape learned from another bucket of the same hash, and full."""
        self.limit = self.remaining = 1.0 if other.limit is None else other.limit
        self.window, self.period = other.window, other.period
        self.sliding, self.strikes = other.sliding, other.strikes
        return self

    # ---- how many, and when

    def room(self, now: float) -> float:
        """How many requests may be sent at once (L5)."""
        limit = self.limit
        if self.blocked > _NEVER:
            if now < self.blocked:
                return 0
            if limit is not None:
                self.blocked = _NEVER
                if now < self.reset and not self.sliding:
                    # On a leaky bucket retry-after is the next token, reset-after all of them: let one through (L9).
                    self.remaining = max(self.remaining, 1)
        if limit is None:
            return 1 - (self.inflight - self.ghosts)
        if now >= self.reset:
            self.remaining = limit
            if self.owed:
                # In a leaky bucket they come back only now, one by one. Let at least one through: its reply tells.
                self.reset += min(self.owed, limit) * self.period
                if now < self.reset:
                    self.remaining = max(1, limit - self.owed)
                self.owed = 0
        elif self.sliding:
            back = limit - math.ceil((self.reset - now) / self.period - 1e-6)
            if back > self.remaining:
                self.remaining = back
        return self.remaining - self.inflight

    def when(self, now: float, place: int = 1) -> float | None:
        """When the waiter at ``place`` (1 is the first) can be sent, as things stand; None if only a reply can tell."""
        room = self.room(now)
        limit, needed = self.limit, self.inflight + place
        if now < self.blocked:
            if place == 1 or limit is None:
                return self.blocked
            start = max(self.blocked, self.reset)
            return start + max(0.0, math.ceil((place - 1) / limit) - 1) * self.window
        if room >= place:
            return now
        if limit is None or now >= self.reset:
            return None
        if self.sliding:
            return max(now, self.reset + (needed - limit) * self.period)
        return self.reset + (math.ceil((place - max(0.0, room)) / limit) - 1) * self.window

    def wake(self, now: float) -> float | None:
        """When time alone makes room; None where only a reply does."""
        if now < self.blocked:
            return self.blocked
        if self.limit is None or now >= self.reset:
            return None
        if not self.sliding:
            return self.reset
        return min(self.reset, max(now, self.reset + (self.inflight + 1 - self.limit) * self.period))

    def idle_at(self) -> float:
        """From when on the bucket, if unused, equals a fresh one (L18)."""
        return max(self.reset + self.owed * self.period, self.blocked)

    # ---- what replies teach

    def apply(self, reply: Reply, now: float, sent: float) -> None:
        """Takes over the numbers of a reply that is no 429 (L6, L7). The request is no longer in flight."""
        after, limit = reply.reset_after, reply.limit
        self.pauses = 0
        if after is None or reply.remaining is None:
            self.lose(now)
            return
        if (
            limit is not None
            and limit == self.limit
            and not self.sliding
            and reply.reset == self.server_reset is not None
            and sent + after - 1 <= self.reset <= now + after + 5
            and reply.remaining <= limit
        ):
            # The usual case of all that follows: the window that is known, whose end has not moved.
            if reply.remaining < self.remaining:
                self.remaining = reply.remaining
            if now + after + GRAIN < self.reset:
                self.reset = now + after + GRAIN
            if after > self.window:
                self.window = after
            period = _period(after, (limit - reply.remaining) or 1)
            if period > self.period:
                self.period = period
            return
        limit = max(1, reply.remaining if limit is None else limit)
        remaining, ends = min(reply.remaining, limit), reply.reset
        # Rounded: Discord writes milliseconds, and a float of the time of day errs by some tenths of a microsecond.
        moved = None if ends is None or self.server_reset is None else round(ends - self.server_reset, 4)
        jumped = moved is not None and self._jumped(self.reset + moved, now + after, sent + after)
        if not jumped and sent >= self.stepped:
            self._follow(limit, remaining, ends, after, now, moved)
            return
        # Replies from before and after a step cannot be put in order; nor, as long as one of those may still be under
        # way, what of either side looks newer than what both have told. Take the worse of both.
        if sent >= self.stepped:
            self.stepped = now
        self.room(now)
        known, reset, server_reset = self.remaining, self.reset, self.server_reset
        self._follow(limit, remaining, ends, after, now, None if jumped else moved)
        self.remaining = min(self.remaining, known)
        if reset > self.reset:
            self.reset = reset
            if jumped:
                self.server_reset = server_reset  # the end that is kept, by the clock that told it

    def _follow(
        self, limit: float, remaining: float, ends: float | None, after: float, now: float, moved: float | None
    ) -> None:
        """Takes over numbers whose end lies ``moved`` seconds after the last one, by Discord's clock."""
        if limit != self.limit:
            if self.limit is not None and moved is not None and moved < -SAME_WINDOW:
                return  # an older window's limit
            self._start(limit, remaining, ends, after, now)
            return
        missing, latest = max(1, limit - remaining), now + after + GRAIN
        self.window = max(self.window, after)
        if moved is None and self.server_reset is None and now < self.reset:
            # Without a server's end to compare with, the lower one.
            self.remaining = min(self.remaining, remaining)
            self.reset, self.server_reset = latest, ends
        elif moved is None or moved >= NEXT_WINDOW * self.window:
            self.remaining, self.server_reset, self.reset, self.owed = remaining, ends, latest, 0
        elif self.sliding:
            if moved >= 0:
                self.remaining, self.server_reset = remaining, ends
                self.reset = min(self.reset + moved, latest)
        elif moved > SAME_WINDOW or -NEXT_WINDOW * self.window < moved < -SAME_WINDOW:
            # A fixed window cannot move its end by less than itself. Either tokens return one by one (then what is
            # missing takes about a period each; a window's whole length is its period, and never more than half of what
            # is missing times it), or two routes with one hash are counted apart: take the worse of both.
            if missing >= 2 and after > LEAKY * missing * self.period and self.strikes < 2:
                self.sliding = True
                self.remaining = remaining if moved > 0 else min(self.remaining, remaining)
                self.reset = latest if moved > 0 else self.reset
            else:
                self.remaining = min(self.remaining, remaining)
                self.reset = max(self.reset, latest)
            if moved > 0:
                self.server_reset = ends
        elif moved >= -SAME_WINDOW:
            self.remaining = min(self.remaining, remaining)
            self.reset = min(self.reset, latest)
        self.period = max(self.period, _period(after, missing))

    def _start(self, limit: float, remaining: float, ends: float | None, after: float, now: float) -> None:
        self.limit, self.remaining, self.server_reset = limit, remaining, ends
        self.reset, self.window, self.sliding = now + after + GRAIN, after, False
        self.period = _period(after, max(1, limit - remaining))

    @staticmethod
    def _jumped(expected: float, latest: float, earliest: float) -> bool:
        """Whether the server's clock jumped: the end of its window, by ours, is not where it can be."""
        return not earliest - 1 <= expected <= latest + 5

    def exhaust(self, reply: Reply, now: float, delay: float, sent: float, *, counted: bool) -> None:
        """A 429 that speaks of this very bucket: nothing for ``delay`` seconds, then one request (L9).

        ``counted``: the request was sent because this bucket had room for it, so what was believed of it was wrong. Of
        another's request, a leaky bucket stays one, and goes on at its pace.
        """
        ends, after = reply.reset, reply.reset_after
        if ends is not None and self.server_reset is not None and after is not None:
            moved = ends - self.server_reset
            if moved <= -NEXT_WINDOW * self.window and not self._jumped(self.reset + moved, now + after, sent + after):
                return  # of a window that is over
        if counted:
            self.strikes += self.sliding
            self.sliding = False
        self.close(now + delay)
        if after is not None:
            self.reset, self.server_reset = now + after + GRAIN, ends
            self.window = max(self.window, after)

    def close(self, until: float) -> None:
        """Nothing before then, and no more is known."""
        self.remaining, self.server_reset = 0, None
        self.blocked, self.reset = max(self.blocked, until), max(self.reset, until)

    def lose(self, now: float) -> None:
        """A request whose reply told nothing: the server may have counted it (L8). It is no longer in flight."""
        if self.limit is None:
            self.lost, self.lost_at = self.lost + 1, now
            return
        if now >= self.reset:
            # It may have opened a window that we know nothing of.
            self.remaining, self.reset, self.server_reset = self.limit, now + self.window, None
        elif self.sliding:
            self.reset += self.period
        else:
            self.owed += 1
        self.remaining -= 1
