"""Where calls wait before they send, so that closing a client, or a refused credential, ends the wait at once."""

import asyncio
from collections.abc import Callable
from copy import copy
from types import TracebackType

from acord.core.errors import ACordError

__all__ = ["Wait", "Waits"]


class Waits:
    """The waits of one client's calls.  Exchanges are no part of it: their transport ends those."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: set[Wait] = set()

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, key: str) -> "Wait":
        """For a `with` block that waits.  ``key`` stands for the credential."""
        return Wait(self._open, key)

    def end(self, error: Callable[[], ACordError] | ACordError, key: str | None = None) -> None:
        """Every wait raises the error, or only those with this key."""
        for wait in list(self._open):
            if key is None or wait.key == key:
                # A copy each: one exception raised in many tasks would gather all their tracebacks.
                wait.interrupt(copy(error) if isinstance(error, ACordError) else error())


class Wait:
    """One wait.  Ends as `asyncio.timeout` does, and like that tells its own cancellation from the caller's."""

    __slots__ = ("_before", "_error", "_open", "_task", "key")

    def __init__(self, open_: "set[Wait]", key: str) -> None:
        self._open, self.key = open_, key
        self._task = asyncio.current_task()
        self._error: ACordError | None = None
        self._before = 0

    def __enter__(self) -> None:
        if self._task is not None:
            self._before = self._task.cancelling()
            self._open.add(self)

    def interrupt(self, error: ACordError) -> None:
        # Who waits and ends the wait itself, in a hook say, will look by itself.
        if self._error is None and self._task is not None and self._task is not asyncio.current_task():
            self._error = error
            self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.discard(self)
        if self._error is None or self._task is None:
            return
        alone = self._task.uncancel() <= self._before
        if alone and kind is asyncio.CancelledError:
            raise self._error from None
