"""Commands on their way to the gateway: held until the session is ready, paced by the budget.  No I/O, no clock."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from acord.core.budget import Purpose, SendBudget
from acord.core.signals.gateway import Opcode

__all__ = ["Command", "Outbox"]

PRESENCE, VOICE_STATE = Opcode.PRESENCE_UPDATE, Opcode.VOICE_STATE_UPDATE
MAX_HELD: Final = 1000  # commands; eight minutes of the whole budget (ours)


@dataclass(frozen=True, slots=True)
class Command:
    """One encoded command, and what its sender knows it by."""

    op: int
    data: bytes
    ticket: object = None


class Outbox:
    """A bounded queue where only the newest presence, and the newest voice state of a guild, is kept."""

    def __init__(self) -> None:
        self._held: dict[tuple[object, ...], Command] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._held)

    def put(self, command: Command, d: object) -> Command | None:
        """Queue it.  Gives back the command whose place it took; itself where there is no place."""
        key = self._key(command.op, d)
        replaced = self._held.get(key)
        if replaced is None and len(self._held) >= MAX_HELD:
            return command
        self._held[key] = command
        return replaced

    def take(self, now: float, budget: SendBudget) -> Command | None:
        """The next command that may be written now, taken out and paid for; None where none may."""
        if not self._held or budget.free_at(now, Purpose.COMMAND) > now:
            return None
        for key, command in self._held.items():
            presence = command.op == PRESENCE
            # A presence that has to wait holds nothing up behind it; there is only one.
            if presence and budget.presence_free_at(now) > now:
                continue
            del self._held[key]
            budget.spend(now, presence=presence)
            return command
        return None

    def ready_at(self, now: float, budget: SendBudget) -> float:
        """When `take` will give something; infinite where nothing is held."""
        if not self._held:
            return math.inf
        if any(command.op != PRESENCE for command in self._held.values()):
            return budget.free_at(now, Purpose.COMMAND)
        return budget.presence_free_at(now)

    def drop_requests(self) -> list[Command]:
        """Take out what makes no sense in another session: all but presence and voice states."""
        dropped = [command for command in self._held.values() if command.op not in (PRESENCE, VOICE_STATE)]
        self._held = {key: c for key, c in self._held.items() if c.op in (PRESENCE, VOICE_STATE)}
        return dropped

    def drop_all(self) -> list[Command]:
        dropped = list(self._held.values())
        self._held = {}
        return dropped

    def has_presence(self) -> bool:
        return (PRESENCE,) in self._held

    def _key(self, op: int, d: object) -> tuple[object, ...]:
        if op == PRESENCE:
            return (PRESENCE,)
        if op == VOICE_STATE and isinstance(d, Mapping):
            return VOICE_STATE, str(cast(Mapping[str, object], d).get("guild_id"))
        self._count += 1
        return "request", self._count
