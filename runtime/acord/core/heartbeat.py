"""Heartbeats: the interface that users may replace, and the default behind it.

The gateway module looks up its own `GatewayKeepAlive` at each Hello, calls it with the shard and the interval
in milliseconds, then ``start()``, ``ack()`` for each acknowledgement, and sets ``_ended`` at the end.  Whether
a connection is dead is the session's to say: it sees what was really written and read.
"""

import abc
import logging
import random as _random
import threading
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from acord.core import beats
from acord.core.pulse import Pulse, Schedule
from acord.core.signals.gateway import Opcode

__all__ = ["GatewayKeepAlive", "HeartbeatShard", "KeepAlive"]

_log = logging.getLogger(__name__)

_LOOK_UP: Final = 1.0  # seconds after which a waiting thread looks at `_ended`, in case nothing woke it


class HeartbeatShard(Protocol):
    """What a heartbeat needs of its shard; all of it is safe in any thread."""

    def send(self, payload: Mapping[str, Any], /) -> object:
        """Hand a payload to the connection."""
        ...

    @property
    def sequence(self) -> int | None:
        """The number of the last dispatch."""
        ...

    @property
    def shard_id(self) -> int: ...

    @property
    def loop(self) -> AbstractEventLoop: ...


class KeepAlive(threading.Thread, abc.ABC):
    """A thread that beats every ``_interval`` seconds until ``_ended`` is true.

    A subclass says what a beat is, what is in it, and what its acknowledgement means.
    """

    _interval: float

    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        daemon: bool | None = True,
    ) -> None:
        super().__init__(group, target, name, args, kwargs, daemon=daemon)
        self._wakes = self._waker  # made here, before there is a second thread

    # On the class, since a subclass may set `_ended` before it calls our __init__.
    _over = False
    _wakes: threading.Event | None = None

    @property
    def _ended(self) -> bool:
        return self._over

    @_ended.setter
    def _ended(self, value: bool) -> None:
        # A plain flag to whoever sets it; and the thread does not sleep through it.
        self._over = bool(value)
        if value:
            self._waker.set()
            self._on_end()

    @property
    def _waker(self) -> threading.Event:
        if self._wakes is None:
            self._wakes = threading.Event()
        return self._wakes

    def _on_end(self) -> None:
        """Called when ``_ended`` has become true, in any thread."""

    @abc.abstractmethod
    def send_heartbeat(self) -> None:
        """Send one beat."""

    @abc.abstractmethod
    def get_payload(self) -> Any:
        """What a beat consists of."""

    @abc.abstractmethod
    def ack(self) -> None:
        """The beat was acknowledged."""

    def run(self) -> None:
        """Beat until the end.  An error of a beat ends it, and is logged; the shard will notice and reconnect."""
        due = time.monotonic()
        while True:
            due = max(due + self._interval, time.monotonic())
            if not self._wait(due):
                return
            try:
                self.send_heartbeat()
            except Exception:
                if not self._ended:
                    _log.exception("%s stopped: a heartbeat could not be sent", self.name)
                self._ended = True
                return

    def _wait(self, due: float) -> bool:
        """Wait for that moment; False where the end came first."""
        while not self._ended:
            left = due - time.monotonic()
            if left <= 0:
                return True
            self._waker.wait(min(left, _LOOK_UP))
        return False


class GatewayKeepAlive(KeepAlive):
    """The heartbeat of a gateway connection: the first after a random part of the interval, then no drift.

    It behaves as a thread of its own, but this class itself shares one with all others of the process;
    a subclass gets its own.  While it runs, its event loop is watched: code that blocks it is named in the log.

    Source: Discord docs, Events > Gateway > Heartbeat Interval.
    """

    def __init__(
        self,
        shard: HeartbeatShard,
        interval_ms: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self._begun = False
        super().__init__(name=f"acord-heartbeat-{shard.shard_id}", daemon=True)
        self._shard = shard
        self._interval = interval_ms / 1000
        self._clock = clock
        self._schedule = Schedule(clock(), self._interval, random())
        self._pulse = Pulse(self._interval)
        self._finished = threading.Event()
        self._runner = beats.runner

    # What it knows

    @property
    def latency(self) -> float | None:
        """Seconds from beat to acknowledgement, the mean of the last five; None before the first."""
        return self._pulse.latency

    @property
    def latencies(self) -> tuple[float, ...]:
        """The last five, oldest first."""
        return self._pulse.latencies

    @property
    def is_zombie(self) -> bool:
        """Whether the last scheduled beat is unacknowledged though the next is due."""
        now = self._clock()
        return now >= self._schedule.due and self._pulse.is_zombie(now)

    @property
    def due(self) -> float:
        """When the next beat is due, on the monotonic clock."""
        return self._schedule.due

    # What a subclass may replace

    def get_payload(self) -> dict[str, Any]:
        return {"op": Opcode.HEARTBEAT, "d": self._shard.sequence}

    def send_heartbeat(self) -> None:
        self._pulse.beat(self._clock(), scheduled=True)
        self._shard.send(self.get_payload())

    def ack(self) -> None:
        self._pulse.ack(self._clock())

    # Being a thread

    def beat(self, now: float) -> bool:
        """Send what is due and plan the next; False at the end."""
        if self._ended:
            return False
        try:
            self.send_heartbeat()
        except Exception as exc:
            # A loop that was closed under us is the usual end of a program, and nobody's mistake.
            if not isinstance(exc, RuntimeError) or not self._shard.loop.is_closed():
                _log.exception("%s stopped: a heartbeat could not be sent", self.name)
            self._ended = True
            return False
        self._schedule.advance(now)
        return True

    def run(self) -> None:
        while self._wait(self.due):
            if not self.beat(self._clock()):
                return

    def start(self) -> None:
        if self._begun:
            raise RuntimeError("threads can only be started once")
        self._begun = True
        self._runner.watch(self._shard.loop)
        if self._ended:
            self._on_end()
        elif type(self) is GatewayKeepAlive:
            self._runner.add(self)
        else:
            # It may do anything in its beats, and must not hold up those of others.
            super().start()

    def _on_end(self) -> None:
        if not self._begun or self._finished.is_set():
            return
        self._finished.set()
        self._runner.remove(self)
        self._runner.unwatch(self._shard.loop)

    def is_alive(self) -> bool:
        if type(self) is not GatewayKeepAlive:
            return super().is_alive()
        return self._begun and not self._finished.is_set()

    def join(self, timeout: float | None = None) -> None:
        if type(self) is not GatewayKeepAlive:
            super().join(timeout)
            return
        if not self._begun:
            raise RuntimeError("cannot join thread before it is started")
        if threading.current_thread() is self._runner.thread and not self._finished.is_set():
            raise RuntimeError("cannot join current thread")
        self._finished.wait(timeout)
