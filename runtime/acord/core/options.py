"""What a call may be given by name, and where its chances come from."""

import os
from collections.abc import Sequence
from typing import Any, TypedDict

from acord.core.types import File, Token

__all__ = ["CallOptions", "chance"]


class CallOptions(TypedDict, total=False):
    """What `HTTPClient.request` takes by name.  Times in seconds."""

    # The body, for routes that have none of their own
    json: Any
    """JSON-ready data: a list or a dict."""
    files: Sequence[File]
    """Sent as ``files[0]``, ``files[1]``, ...; helpers of `acord.routes` take them themselves."""
    reason: str | None
    """For the audit log, 1 to 512 characters; helpers of `acord.routes` take it themselves."""
    # Policy
    timeout: float | None
    """One attempt, from sending on."""
    max_wait: float | None
    """Waiting for rate limits, all attempts together; longer ones raise `RateLimited` at once."""
    deadline: float | None
    """The whole call, every wait and attempt included."""
    priority: int
    """Calls of a higher one leave a rate limit's queue first."""
    auth: Token
    """Another credential, for this call alone; ``Token.none()`` for none."""
    strict: bool
    """Raise `ModelError` where an answer contradicts its schema."""


def chance() -> float:
    """A number in [0, 1), also after a fork unlike that of another process: nonces are made of it."""
    return (int.from_bytes(os.urandom(7)) >> 3) / 2**53
