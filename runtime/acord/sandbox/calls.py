"""A request once it is understood: what an operation of the world works on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from acord.core.operation import Operation

__all__ = ["Account", "Call", "Upload"]


@dataclass(frozen=True, slots=True)
class Account:
    """Who a credential stands for."""

    kind: Literal["bot", "bearer", "basic"]
    application_id: str
    user_id: str
    """The bot's user, or the user who gave the bearer token."""
    scopes: frozenset[str] = frozenset()


class Upload(NamedTuple):
    """A file of a multipart body."""

    field: str
    """``files[0]``, ``file``, ..."""
    filename: str
    media: str
    content: bytes


@dataclass(slots=True)
class Call:
    """A request that fits its operation: authorised, its values checked against the spec."""

    operation: Operation
    path: Mapping[str, str]
    """By the names of the template, decoded; ``@me`` stays where it is a value."""
    query: Mapping[str, Any]
    """By name; integers, booleans and lists where the spec says so, ids as digits."""
    body: Any = None
    """The JSON (of a multipart body, its ``payload_json``); None where there is none."""
    files: list[Upload] = field(default_factory=list[Upload])
    account: Account | None = None
    """None where the operation takes no credential, or a token in its path."""
    reason: str | None = None
    """For the audit log, decoded."""

    @property
    def user_id(self) -> str:
        """The user who asks."""
        assert self.account is not None, f"{self.operation.name} takes no credential"
        return self.account.user_id

    @property
    def application_id(self) -> str:
        assert self.account is not None, f"{self.operation.name} takes no credential"
        return self.account.application_id
