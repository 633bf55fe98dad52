"""Which limits lie over which operation, and to which of its requests they apply."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, TypeAlias, cast

from acord.core.abc import DISCORD_EPOCH
from acord.core.addressing import major
from acord.core.operation import Operation
from acord.sandbox.limits.counting import Limit
from acord.sandbox.limits.judging import Layer

__all__ = ["INTERACTION", "Per", "Rule", "bucket_hash", "layers_of", "spell_major"]

Per: TypeAlias = Callable[[Mapping[str, str]], str]
"""What a limit is counted apart by, out of the values of the path."""

INTERACTION: Final = b64encode(b"interaction:").decode().rstrip("=")[:16]
"""How the tokens of interactions begin; those of webhooks do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A limit, and which requests of its operation it counts."""

    limit: Limit
    keys: frozenset[str] | None = None
    """Only bodies with one of these fields."""
    younger: float | None = None
    """Only where the message, the last id of the path, is younger than so many seconds..."""
    older: float | None = None
    """...or at least as old as this."""
    per: Per | None = None
    """None: the operation's major parameters."""

    def counts(self, path: Mapping[str, str], body: Callable[[], object], wall: float) -> bool:
        if self.keys is not None:
            given = body()
            if not isinstance(given, Mapping) or not self.keys & cast("Mapping[str, Any]", given).keys():
                return False
        if self.younger is None and self.older is None:
            return True
        message_id = path.get("message_id", "")
        if not message_id.isdecimal():
            return False
        age = wall - ((int(message_id) >> 22) + DISCORD_EPOCH) / 1000
        return (self.younger is None or age < self.younger) and (self.older is None or age >= self.older)


def bucket_hash(seed: int, name: str) -> str:
    """What the headers call a bucket: looks like Discord's, says nothing, is the same for the same seed."""
    return blake2b(name.encode(), digest_size=16, salt=str(seed).encode()[:16]).hexdigest()


def spell_major(operation: Operation, path: Mapping[str, str]) -> str:
    """The operation's major parameters as one text; credentials only as a digest."""
    return ",".join(value for _, value in major(operation.path, path, operation.major))


def layers_of(
    rules: tuple[Rule, ...], operation: Operation, path: Mapping[str, str], body: Callable[[], object], wall: float
) -> tuple[Layer, ...]:
    """What this request spends from."""
    own = spell_major(operation, path)
    return tuple(
        Layer(rule.limit, own if rule.per is None else rule.per(path))
        for rule in rules
        if rule.counts(path, body, wall)
    )
