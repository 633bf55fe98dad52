"""A gateway session as a value: stored, carried to another process, resumed there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self, cast

__all__ = ["SessionState"]


@dataclass(frozen=True, slots=True)
class SessionState:
    """All that a Resume needs but the token, and all that must be the same for it to work.

    A session outlives its connection by a minute or two; nothing binds it to a process.

    Source: Discord docs, Events > Gateway > Resuming.
    """

    session_id: str
    resume_gateway_url: str | None
    seq: int
    """The last dispatch that was handled; a resume repeats what came after it."""
    shard_id: int
    shard_count: int
    version: int
    encoding: str
    intents: int
    fingerprint: str
    """Tells another token; says nothing about this one (`Token.fingerprint`)."""

    def __repr__(self) -> str:
        # A session id and the token suffice to take a session over: half of that stays out of logs.
        return f"SessionState(shard={self.shard_id}/{self.shard_count}, seq={self.seq})"

    def differences(self, other: "SessionState") -> tuple[str, ...]:
        """The fields that keep this session from being resumed by who would make `other`."""
        fixed = ("shard_id", "shard_count", "version", "encoding", "intents", "fingerprint")
        return tuple(name for name in fixed if getattr(self, name) != getattr(other, name))

    def to_dict(self) -> dict[str, str | int | None]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: object) -> Self:
        """The value that `to_dict` gave.  ValueError where it is none, a field is missing or has another type."""
        if not isinstance(stored, Mapping):
            raise ValueError(f"a stored session is an object, found {type(stored).__name__}")
        fields = cast(Mapping[str, Any], stored)
        values: dict[str, Any] = {}
        for name, kind in _FIELDS.items():
            value = cast(object, fields.get(name))
            if name == "resume_gateway_url" and value is None:
                values[name] = None
            elif not isinstance(value, kind) or isinstance(value, bool):
                found = "nothing" if value is None else type(value).__name__
                raise ValueError(f"a stored session needs {name} ({kind.__name__}), found {found}")
            else:
                values[name] = value
        return cls(**values)


_FIELDS: Mapping[str, type] = {
    "session_id": str,
    "resume_gateway_url": str,
    "seq": int,
    "shard_id": int,
    "shard_count": int,
    "version": int,
    "encoding": str,
    "intents": int,
    "fingerprint": str,
}
