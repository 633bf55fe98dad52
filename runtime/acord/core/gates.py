"""Limits beside the buckets: hidden ones, the global one, Cloudflare's, and the count of invalid requests.  Pure."""

import math
from bisect import insort
from collections import deque
from typing import Final

__all__ = ["SLOW", "BanGate", "GlobalGate", "Hold", "InvalidMeter"]

GLOBAL_WINDOW: Final = 1.1  # seconds; the slack over Discord's 1.0 covers requests that travel at different speeds
SLACK: Final = GLOBAL_WINDOW - 1.0
SLOW: Final = 2 * SLACK  # seconds more than others that a round trip may take, half of it on the way there
_BAN_FIRST, _BAN_MOST = 60.0, 900.0  # seconds, where a ban names no end
_PLANNED: Final = 512  # requests of a hidden limit that are remembered one by one
_MEMORY: Final = 130.0  # seconds for which a hold outlasts its last 429, at least: two windows of a slow bucket
_TENTH: Final = 0.1  # of a pause: by which it may turn out too short without being wrong
_RARE: Final = 30.0  # seconds, where the 429 told of fewer


class Hold:
    """A limit that no header announces, found by a 429: the queue waits, then one request at a time is out (L10, L11).

    What passed between one refusal and the next is a plan that Discord takes: repeated at the same pace, nothing is
    refused again, be the limit a window or leaky. A shared limit is spent by others, so what passed is no plan but a
    guess: half of what is still expected goes out at once, and one at a time beyond it, until it proves too low.
    """

    __slots__ = (
        "_expected", "_last", "_memory", "_passed", "_plan", "_rare", "_reopens", "_since", "_window", "flying",
        "forget", "shared", "until",
    )  # fmt: skip

    def __init__(self) -> None:
        self.until = -math.inf
        self.forget = -math.inf
        self.shared = False
        self.flying = 0
        self._expected = 0  # of a shared limit: how many passed last time
        self._passed: list[float] = []  # when requests were sent since it opened, in order
        self._since = -math.inf  # lower bound of the moment when Discord opened again
        self._plan: list[float] | None = None  # when to send, counted from the first
        self._window = 0.0  # from one first to the next
        self._reopens = math.inf
        self._memory = _MEMORY
        self._rare = math.inf  # seconds between two requests beyond which they are too few to tell anything
        self._last = math.inf  # when the last round began

    def opens(self, now: float) -> float | None:
        """``now`` where a request may be sent; a later moment; None where only a reply can tell."""
        if now < self.until:
            return self.until
        if self._plan is None:
            return now if self.flying < self._width() else None
        if now >= self._reopens:
            self._last = self._passed[0]
            self._passed, self._reopens = [], math.inf
        number = len(self._passed)
        if not number:
            return now
        if number < len(self._plan):
            return max(now, self._passed[0] + self._plan[number])
        return self._reopens if self._reopens < math.inf else None

    def _width(self) -> int:
        """How many may be out at once, where there is no plan."""
        if not self.shared:
            return 1
        over = len(self._passed) - self.flying - self._expected
        return max(1, over // 4, -over // 2)  # whoever shares it does so over seconds: there is time

    def lapsed(self, now: float) -> bool:
        """Whether it was open for so long, and used, that the limit seems gone."""
        return now >= self.forget and not self.flying and bool(self._passed)

    def send(self, now: float) -> None:
        self.flying += 1
        if self._plan is None and 0 < len(self._passed) < _PLANNED and now - self._passed[-1] > self._rare:
            self._passed = []  # at so slow a pace, any limit lets pass what it can hold
        if not self._passed:
            # What was waited for elsewhere is no sign that the limit is gone.
            self.forget = max(self.forget, now + self._memory)
        if len(self._passed) < _PLANNED:
            self._passed.append(now)

    def begin(self, sent: float, now: float) -> None:
        """The limit was found out late: this request had passed since it opened."""
        self.send(sent)
        self._passed.sort()
        self.succeed(now)
        self._since = sent

    def unsend(self, sent: float) -> None:
        """Takes back a request that was not sent, or never came as far as this limit."""
        self.flying -= 1
        if sent in self._passed:
            self._passed.remove(sent)

    def succeed(self, now: float) -> None:
        """A request was answered."""
        self.flying -= 1
        if self._plan is not None:
            if self._reopens == math.inf and self._passed:
                self._reopens = now + self._window
            self.forget = max(self.forget, now + max(_MEMORY, 2 * self._window))

    def lose(self, now: float, sent: float) -> None:
        """Nobody knows whether a request was counted: yes, where that costs a wait; no, where it would teach."""
        if self._plan is None:
            self.unsend(sent)
        else:
            self.succeed(now)

    def _nearly(self, number: int, early: float) -> bool:
        """Whether the plan holds, but for so many seconds before this one."""
        plan = self._plan
        return plan is not None and 0 < number < len(plan) and early <= _TENTH * (plan[number] - plan[number - 1])

    def refuse(self, now: float, delay: float, sent: float, *, shared: bool, counted: bool) -> None:
        """A 429; ``counted`` where the request was sent under this hold, so that what passed before it is a plan."""
        if counted:
            self.unsend(sent)
            passed, ready = self._passed, now + delay
            if passed:
                self._expected = len(passed) - self.flying  # what is out may be refused as well
            if self._plan is not None and not passed:
                # Right in size, and too soon after the last round.
                self._window = max(self._window, ready - self._last)
            elif self._plan is not None and not shared and self._nearly(len(passed), ready - sent):
                # Right in number, and one was faster on its way than the one before it.
                later = ready - sent
                self._plan[len(passed) :] = [one + later for one in self._plan[len(passed) :]]
                self._window += later
            elif shared or not 0 < len(passed) < _PLANNED or passed[0] - self._since > ready - passed[0]:
                # Also after a long silence: what had gathered meanwhile tells neither size nor pace.
                self._plan = None
            else:
                # Tokens gather from the moment on when it opened, so count from there.
                window = ready - self._since
                self._window = window if self._plan is None else max(self._window, window)
                # The first may go at once, as it could have; the others may have lived on what gathered before it.
                self._plan = [0.0, *(one - self._since for one in passed[1:])]
            self._passed, self._reopens = [], math.inf
        self.shared = shared
        self.until = max(self.until, now + delay)
        self._since = max(self._since, sent + delay)
        self._rare, self._memory = max(_RARE, delay), max(_MEMORY, 2 * delay)
        self.forget = self.until + self._memory


class GlobalGate:
    """At most so many sends of one credential in any 1.1 s (L12).

    What is slow to leave, as where a connection has to be opened first, counts when it arrives. That its reply tells:
    not later than the fastest round trip before it.
    """

    __slots__ = ("_strange", "closed", "fastest", "limit", "log")

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.log: deque[float] = deque()  # when each was sent, or may have arrived, in order
        self.closed = -math.inf
        self.fastest = math.inf
        """Seconds of the fastest round trip."""
        self._strange = limit  # slow replies until it is known what is slow here

    def opens(self, now: float, place: int = 1) -> float:
        """When the waiter at ``place`` may be sent; ``now`` where it is free."""
        log, limit = self.log, self.limit
        if limit == math.inf:
            return now
        while log and log[0] <= now - GLOBAL_WINDOW:
            log.popleft()
        over = len(log) + place - int(limit)
        if over <= 0:
            return max(now, self.closed)
        rounds, index = divmod(over - 1, int(limit))
        start = log[index] if index < len(log) else now
        return max(start + GLOBAL_WINDOW * (rounds + 1), self.closed, now)

    def send(self, now: float) -> None:
        if self.limit != math.inf:
            self.log.append(now)

    def unsend(self, sent: float) -> None:
        """Takes back a send that did not happen."""
        if sent in self.log:
            self.log.remove(sent)

    def hear(self, sent: float, now: float, usual: float | None) -> None:
        """A reply that took more than `SLOW`, or less than any. ``usual``: how fast others of its route came."""
        late = now - sent
        self.fastest = min(self.fastest, late)
        if late <= SLOW or self.limit == math.inf:
            return
        if self._strange:
            # The fastest may itself have waited for a connection, as all may have that began at once: two trips for
            # TCP and TLS, and the request's own, of which the half is the way back; twice that for what else there is.
            self._strange -= 1
            base = self.fastest / 12
        else:
            base = self.fastest if usual is None else usual
        if late - base > SLOW:
            self.unsend(sent)
            insort(self.log, now - base - SLACK)

    def close(self, until: float) -> None:
        self.closed = max(self.closed, until)

    def idle(self, now: float) -> bool:
        """Whether it equals a new one."""
        return self.opens(now) <= now and not self.log


class BanGate:
    """Closed while Cloudflare refuses this address; then one request tries, before all others follow (L13)."""

    __slots__ = ("strikes", "trying", "until")

    def __init__(self) -> None:
        self.until = -math.inf
        self.strikes = 0
        self.trying = False

    def opens(self, now: float) -> float | None:
        if now < self.until:
            return self.until
        return None if self.trying else now

    def close(self, now: float, delay: float | None) -> float:
        """Seconds for which nothing is sent."""
        if delay is None:
            delay = min(_BAN_MOST, _BAN_FIRST * 2**self.strikes)
        if now >= self.until:
            self.strikes = min(self.strikes + 1, 10)
        self.until = max(self.until, now + delay)
        self.trying = False
        return self.until - now

    def relax(self) -> None:
        """An answer that is no ban came back."""
        self.strikes, self.trying = 0, False


class InvalidMeter:
    """Counts the requests that Discord calls invalid over the last ten minutes (L14)."""

    __slots__ = ("_seconds", "budget", "count", "most", "span")

    def __init__(self, most: int, span: float) -> None:
        self.most, self.span = most, span
        self.budget = int(most * 0.95)  # refuse ourselves before Cloudflare does
        self.count = 0
        self._seconds: deque[tuple[float, int]] = deque()  # by the second: memory does not grow with the count

    def add(self, now: float) -> int:
        """The count after one more."""
        self.read(now)
        if self._seconds and now - self._seconds[-1][0] < 1:
            start, count = self._seconds[-1]
            self._seconds[-1] = (start, count + 1)
        else:
            self._seconds.append((now, 1))
        self.count += 1
        return self.count

    def read(self, now: float) -> int:
        """The count now."""
        while self._seconds and self._seconds[0][0] <= now - self.span - 1:
            self.count -= self._seconds.popleft()[1]
        return self.count

    def opens(self, now: float) -> float:
        """When requests may be sent again; ``now`` where they may."""
        if self.count < self.budget or self.read(now) < self.budget:  # what is too old only makes it more
            return now
        return self._seconds[0][0] + self.span + 1
