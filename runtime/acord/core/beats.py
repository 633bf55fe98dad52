"""One thread for all heartbeats of the process, and the watch over event loops that stand still.

A hundred shards need no hundred threads: a beat is one call every forty seconds.  `heartbeat` is what
users see of it.
"""

import heapq
import logging
import os
import sys
import sysconfig
import threading
import time
from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Final, Protocol

__all__ = ["LoopWatch", "Runner", "runner", "user_frame"]

_log = logging.getLogger(__name__)

PROBE_EVERY: Final = 2.0  # seconds between two questions to a loop whether it still turns
BLOCKED: Final = 10.0  # seconds without an answer after which that is said, then again after twice as long


class Beating(Protocol):
    """What a runner runs."""

    @property
    def due(self) -> float:
        """When the next beat is due, on the runner's clock."""
        ...

    def beat(self, now: float) -> bool:
        """Send what is due; False where there is nothing more to come."""
        ...


class LoopWatch:
    """Whether one event loop turns.  Asks it, and says what it stands in when it does not answer."""

    def __init__(self, loop: AbstractEventLoop, now: float, thread: int | None) -> None:
        self.due = now + PROBE_EVERY
        self.users = 0
        self._loop = loop
        self._thread = thread
        self._asked: float | None = None
        self._warn_after = BLOCKED

    def _answer(self) -> None:
        self._thread = threading.get_ident()
        self._asked = None

    def beat(self, now: float) -> bool:
        self.due = now + PROBE_EVERY
        asked = self._asked
        if asked is None:
            self._warn_after = BLOCKED
            self._asked = now
            try:
                self._loop.call_soon_threadsafe(self._answer)
            except RuntimeError:  # closed
                return False
        # What blocks it began between the last answer and the question after it.
        elif now - asked + PROBE_EVERY >= self._warn_after:
            self._warn_after *= 2
            # There is no public way to the stack of another thread.
            frames = sys._current_frames()  # pyright: ignore[reportPrivateUsage]
            frame = None if self._thread is None else frames.get(self._thread)
            where = "unknown code" if frame is None else user_frame(frame)
            _log.warning(
                "the event loop has been blocked for about %.0f seconds by %s: heartbeats cannot be sent",
                now - asked + PROBE_EVERY,
                where,
            )
        return self.users > 0


class Runner:
    """Runs beats when they are due, in a daemon thread that exists while there are any."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Condition()
        self._heap: list[tuple[float, int, Beating]] = []
        self._live: set[int] = set()
        self._numbers = count()
        self._watches: dict[int, LoopWatch] = {}
        self._thread: threading.Thread | None = None

    @property
    def thread(self) -> threading.Thread | None:
        """The thread, None while there is nothing to run."""
        return self._thread

    def add(self, beating: Beating) -> None:
        with self._lock:
            self._push(beating)
            self._wake()

    def remove(self, beating: Beating) -> None:
        """Forget it.  It may be running at this moment, for the last time."""
        with self._lock:
            if id(beating) in self._live:
                self._live.discard(id(beating))
                self._heap = [entry for entry in self._heap if entry[2] is not beating]
                heapq.heapify(self._heap)
                self._lock.notify()

    def watch(self, loop: AbstractEventLoop) -> None:
        """One more user of this loop: while there are any, it is asked whether it turns."""
        with self._lock:
            watch = self._watches.get(id(loop))
            if watch is None:
                try:
                    inside = get_running_loop() is loop
                except RuntimeError:
                    inside = False
                watch = LoopWatch(loop, self._clock(), threading.get_ident() if inside else None)
                self._watches[id(loop)] = watch
                self._push(watch)
                self._wake()  # a subclass of the heartbeat beats elsewhere, and its loop is watched here all the same
            watch.users += 1

    def unwatch(self, loop: AbstractEventLoop) -> None:
        """One user fewer."""
        with self._lock:
            watch = self._watches.get(id(loop))
            if watch is not None:
                watch.users -= 1
                if watch.users <= 0:
                    del self._watches[id(loop)]
                    self.remove(watch)

    def step(self, now: float) -> float | None:
        """Run all that is due, and say when the next is; None where nothing is left."""
        while True:
            with self._lock:
                if not self._heap:
                    return None
                due, _, beating = self._heap[0]
                if due > now:
                    return due
                heapq.heappop(self._heap)
            # Outside of the lock: what is called may add and remove.
            try:
                goes_on = beating.beat(now)
            except Exception:
                _log.exception("a heartbeat failed")
                goes_on = False
            with self._lock:
                if goes_on and id(beating) in self._live:
                    heapq.heappush(self._heap, (beating.due, next(self._numbers), beating))
                else:
                    self._live.discard(id(beating))

    def _push(self, beating: Beating) -> None:
        self._live.add(id(beating))
        heapq.heappush(self._heap, (beating.due, next(self._numbers), beating))

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="acord-heartbeats", daemon=True)
            self._thread.start()
        self._lock.notify()

    def _run(self) -> None:
        while True:
            due = self.step(self._clock())
            with self._lock:
                if not self._heap:
                    self._thread = None
                    return
                if due is None or self._heap[0][0] < due:
                    continue
                self._lock.wait(max(0.0, due - self._clock()))


runner = Runner()
"""The runner of this process."""


def _forget_the_parents_threads() -> None:
    global runner
    runner = Runner()


if hasattr(os, "register_at_fork"):  # pragma: no branch  # Windows, which has no fork
    os.register_at_fork(after_in_child=_forget_the_parents_threads)

_PATHS = sysconfig.get_paths()
_NOT_THE_USERS: Final = tuple(
    f"{path}{os.sep}"
    for path in {
        *(_PATHS[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        str(Path(__file__).resolve().parents[1]),
    }
)


def user_frame(frame: FrameType) -> str:
    """``file:line in function`` of the innermost frame in the user's own code, of the innermost where none is."""
    found: FrameType | None = frame
    while found is not None:
        name = found.f_code.co_filename
        if not name.startswith((*_NOT_THE_USERS, "<frozen ")):
            break
        found = found.f_back
    found = found or frame
    return f"{found.f_code.co_filename}:{found.f_lineno} in {found.f_code.co_name}"
