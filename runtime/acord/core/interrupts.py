"""Signals that ask a program to end: the first has it close in good order, the second ends it at once."""

import asyncio
import logging
import signal
from collections.abc import Callable

__all__ = ["on_signals"]

_log = logging.getLogger(__name__)


def on_signals(stop: Callable[[], object]) -> Callable[[], None]:
    """Have SIGINT and SIGTERM call `stop` once, and give back what undoes it.  Nothing happens where there are none."""
    loop = asyncio.get_running_loop()
    held: list[int] = []

    def stopping(number: int) -> None:
        _log.info("%s: closing", signal.Signals(number).name)
        undo()
        stop()

    def undo() -> None:
        while held:
            loop.remove_signal_handler(held.pop())

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopping, number)
        except (NotImplementedError, RuntimeError, ValueError):  # Windows; a thread that is not the main one
            continue
        held.append(number)
    return undo
