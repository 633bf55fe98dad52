"""What hooks cost a request when nobody has set any.  Run it: ``python benchmarks/hooks.py``."""

import logging
import platform
import sys
from timeit import repeat
from typing import Any

from acord.core.abc import Route
from acord.core.clock import SystemClock
from acord.core.hook_events import DriftSeen, RequestStarted
from acord.core.hooks import Hooks

ROUNDS = 200_000
GOAL = 1.0  # microseconds a request


def cost(hooks: Hooks) -> float:
    """Microseconds for what a call asks of its hooks: once for the attempt, once for the answer's drift."""
    route, clock, call = Route("GET", path="/users/@me"), SystemClock(), Bare()

    def points() -> None:
        for _ in range(ROUNDS):
            watch = hooks.watch(route, call, 1, "bot", clock)
            if watch is not None:
                watch.started(order)
            hooks.wants(DriftSeen)

    order: Any = None
    return min(repeat(points, number=1, repeat=5)) / ROUNDS * 1e6


class Bare:
    """As much of a call as hooks look at."""

    serial = 0
    route = Route("GET", path="/users/@me")


def main() -> int:
    logging.getLogger("acord").setLevel(logging.WARNING)
    unset = cost(Hooks())
    one = cost(Hooks(on_request=lambda event: None))
    print(f"Python {platform.python_version()}, {platform.machine()}")
    print(f"no hooks       {unset:6.3f} us a request (goal: under {GOAL:g})")
    print(f"one on_request {one:6.3f} us a request")
    print(f"an event       {sys.getsizeof(RequestStarted('GET', '/', 1, 1, None, 'bot'))} bytes")
    return 0 if unset < GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
