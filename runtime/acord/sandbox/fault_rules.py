"""Which request or event a fault is for, and how often it still is."""

from collections.abc import Callable
from random import Random

from acord.sandbox.faults import Step

__all__ = ["Fault", "Faults"]


class Fault:
    """A fault that waits for its turn; made by `Sandbox.fault`."""

    def __init__(self, what: str, steps: tuple[Step, ...], times: int | None, after: bool, chance: float) -> None:
        self.what, self.steps, self.after, self.chance = what, steps, after, chance
        self.left = times
        """How often it will still be played; None without end."""
        self.played = 0
        """How often it was."""

    def cancel(self) -> None:
        """It is played no more."""
        self.left = 0

    def __repr__(self) -> str:
        left = "for ever" if self.left is None else f"{self.left} more"
        return f"<Fault {self.what}: played {self.played}, {left}>"


class Faults:
    """The faults that were asked for, in their order; the first that fits is played."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._all: list[Fault] = []

    def add(
        self,
        what: str,
        *steps: Step,
        times: int | None = 1,
        after: bool = False,
        chance: float = 1.0,
    ) -> Fault:
        fault = Fault(what, steps, times, after, chance)
        self._all.append(fault)
        return fault

    def take(self, fits: Callable[[str], bool]) -> Fault | None:
        """The fault that is played now: the first whose ``what`` fits, whose turns are not over, that chance takes."""
        for fault in self._all:
            if fault.left == 0 or not fits(fault.what) or self._random.random() >= fault.chance:
                continue
            fault.played += 1
            if fault.left is not None:
                fault.left -= 1
            self._all = [one for one in self._all if one.left != 0]
            return fault
        return None

    def clear(self) -> None:
        """None is played any more."""
        for fault in self._all:
            fault.cancel()
        self._all = []
