"""Requests for guild members: what is asked, and the chunks that answer.  No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from acord.core.buckets import sane_delay
from acord.core.errors import InvalidRequest
from acord.core.types import MISSING, HasId, Missing

__all__ = ["MemberChunks", "Members", "body_of"]

MAX_USER_IDS: Final = 100  # of one request (Gateway Events > Request Guild Members)
MAX_CHUNKS: Final = 100_000  # 1,000 members each; more is nonsense (ours)


@dataclass(slots=True)
class Members:
    """What a request for members has brought, as Discord sent it."""

    members: list[Any] = field(default_factory=list[Any])
    presences: list[Any] = field(default_factory=list[Any])
    not_found: list[Any] = field(default_factory=list[Any])
    complete: bool = False
    """Whether everything came; False where the time was up before."""


def body_of(
    guild_id: int | str | HasId,
    nonce: str,
    *,
    query: str | Missing = MISSING,
    limit: int = 0,
    user_ids: Sequence[int | str | HasId] | Missing = MISSING,
    presences: bool = False,
) -> dict[str, Any]:
    """The body of Request Guild Members (8).

    Raises `InvalidRequest` for an id that is no number (it would cost the session), for both or neither of
    `query` and `user_ids`, and for more than 100 of the latter.
    """
    d: dict[str, Any] = {"guild_id": _id(guild_id, "guild_id"), "nonce": nonce}
    if (query is MISSING) is (user_ids is MISSING):
        raise InvalidRequest("query", query, "either query or user_ids", fix='query="" with limit=0 asks for everybody')
    if not isinstance(user_ids, Missing):
        if not 0 < len(user_ids) <= MAX_USER_IDS:
            raise InvalidRequest("user_ids", list(user_ids), f"1 to {MAX_USER_IDS} ids")
        d["user_ids"] = [_id(one, f"user_ids[{at}]") for at, one in enumerate(user_ids)]
    else:
        d["query"], d["limit"] = query, limit
    if presences:
        d["presences"] = True
    return d


def _id(value: int | str | HasId, where: str) -> str:
    given = value if isinstance(value, int | str) else value.id
    text = str(int(given)) if isinstance(given, int) else str(given)
    if not (text.isascii() and text.isdigit()):
        raise InvalidRequest(where, value, "an id: digits, or something that has one")
    return text


class MemberChunks:
    """Collects the answer to one request: in any order, doubled or not."""

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce
        self.retry_after: float | None = None
        """Seconds after which to ask again, where the request was refused as one too many."""
        self._chunks: dict[int, Mapping[str, Any]] = {}
        self._count: int | None = None

    @property
    def is_complete(self) -> bool:
        return self._count is not None and len(self._chunks) >= self._count

    def chunk(self, body: object) -> bool:
        """Take a GUILD_MEMBERS_CHUNK.  Whether it belonged here."""
        if not isinstance(body, Mapping):
            return False
        chunk = cast(Mapping[str, Any], body)
        index, count = chunk.get("chunk_index"), chunk.get("chunk_count")
        if chunk.get("nonce") != self.nonce or type(index) is not int or type(count) is not int:
            return False
        if not 0 <= index < count <= MAX_CHUNKS:
            return False
        self._count = count
        self._chunks.setdefault(index, chunk)
        return True

    def limited(self, body: object) -> bool:
        """Take a RATE_LIMITED.  Whether it was about this request."""
        if not isinstance(body, Mapping):
            return False
        told = cast(Mapping[str, Any], body)
        meta, wait = told.get("meta"), told.get("retry_after")
        if told.get("opcode") != 8 or not isinstance(meta, Mapping):
            return False
        if cast(Mapping[str, Any], meta).get("nonce") != self.nonce or not isinstance(wait, int | float):
            return False
        self.retry_after = sane_delay(wait) or 0.0
        return True

    def result(self) -> Members:
        """All that has come, in the order of the chunks."""
        found = Members(complete=self.is_complete)
        for index in sorted(self._chunks):
            for name, into in (
                ("members", found.members),
                ("presences", found.presences),
                ("not_found", found.not_found),
            ):
                part = self._chunks[index].get(name)
                if isinstance(part, list):
                    into.extend(cast(Sequence[Any], part))
        return found
