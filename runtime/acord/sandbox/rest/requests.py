"""What comes in over HTTP, and what the REST side is told about how to treat it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["MAX_BODY", "Options", "Request"]

MAX_BODY = 110 << 20  # bytes: ten files of 10 MiB, which a bot may send without boosts, and what describes them


class Request(NamedTuple):
    """A whole request, as it was received."""

    method: str
    target: str
    """What stands in the request line: ``/api/v10/users/@me?x=1``."""
    headers: Mapping[str, str]
    """Names in lower case; of a header that came twice the values with ``, `` between them."""
    body: bytes = b""
    address: str = "127.0.0.1"
    """Of the client, whose invalid requests are counted."""
    heard: bool = True
    """Whether the answer will reach it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the REST side behaves."""

    strict: bool = True
    """Whether an answer of ours that contradicts the specification becomes a 500 that names the contradiction."""
    real_tokens: bool = False
    """Whether a token that looks like one of the real Discord's is taken."""
    hosts: frozenset[str] = frozenset()
    """Names in ``Host`` and ``Origin`` that are allowed beside those of the loopback interface."""
    max_body: int = MAX_BODY
    versions: frozenset[int] = frozenset({9, 10})
