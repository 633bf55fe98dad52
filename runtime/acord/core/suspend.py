"""Whether the machine has slept: a clock that goes on through that, against one that stands still."""

import sys
import time
from collections.abc import Callable
from typing import Final

__all__ = ["SleepWatch", "boot_clock"]

SLEPT: Final = 5.0  # seconds of difference from which it was no accident of reading two clocks


class SleepWatch:
    """Times are arguments: seconds of the monotonic clock, and of one that counts a suspended machine's time, too."""

    def __init__(self, monotonic: float, boot: float) -> None:
        self.looked_at = monotonic
        self._ahead = boot - monotonic

    def look(self, monotonic: float, boot: float) -> float:
        """Seconds that the machine has slept since the last look, 0.0 where it has not."""
        ahead, self._ahead = self._ahead, boot - monotonic
        self.looked_at = monotonic
        slept = self._ahead - ahead
        return slept if slept >= SLEPT else 0.0


def boot_clock() -> Callable[[], float] | None:
    """The clock that goes on while the machine sleeps; None where `time.monotonic` does so itself, or nothing does."""
    # Linux counts it apart; macOS calls it CLOCK_MONOTONIC, which is not what time.monotonic reads there.
    number = getattr(
        time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None) if sys.platform == "darwin" else None
    )
    read = getattr(time, "clock_gettime", None)
    if number is None or read is None:
        return None
    return lambda: float(read(number))
