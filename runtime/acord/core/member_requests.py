"""Guild members on request: each request waits for the chunks that answer it, and lets none of the others wait."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from acord.core.changes import changes
from acord.core.clock import Clock
from acord.core.envelope import Envelope, body
from acord.core.errors import DecodeError
from acord.core.members import MemberChunks, Members, body_of
from acord.core.types import HasId, Missing

__all__ = ["MEMBERS_DEADLINE", "MemberRequests"]

MEMBERS_DEADLINE: Final = 60.0  # seconds for all chunks of a guild (ours)


class MemberRequests:
    """The requests of one shard that wait for members; as long as there are any, it wants to look at events."""

    def __init__(self, send: Callable[[Mapping[str, Any]], Awaitable[None]], *, clock: Clock, prefix: str) -> None:
        """`send` writes the body of a request; `prefix` begins the nonces, which no other shard may use."""
        self._send, self._clock, self._prefix = send, clock, prefix
        self.waiting: dict[str, tuple[MemberChunks, asyncio.Event]] = {}
        """The requests that are not answered yet; always the same mapping."""
        self._asked = 0

    def __len__(self) -> int:
        return len(self.waiting)

    async def ask(
        self,
        guild_id: int | str | HasId,
        *,
        query: str | Missing,
        limit: int,
        user_ids: Sequence[int | str | HasId] | Missing,
        presences: bool,
        deadline: float,
    ) -> Members:
        """What `Shard.request_guild_members` gives."""
        self._asked += 1
        nonce = f"{self._prefix}{self._asked}"
        d = body_of(guild_id, nonce, query=query, limit=limit, user_ids=user_ids, presences=presences)
        chunks, news = self.waiting[nonce] = MemberChunks(nonce), asyncio.Event()
        changes.note()
        work = asyncio.ensure_future(self._collect(d, chunks, news))
        time_is_up = asyncio.ensure_future(self._clock.sleep(deadline))
        try:
            await asyncio.wait((work, time_is_up), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            del self.waiting[nonce]
            work.cancel()
            time_is_up.cancel()
            await asyncio.gather(work, time_is_up, return_exceptions=True)
        return chunks.result()

    async def _collect(self, d: Mapping[str, Any], chunks: MemberChunks, news: asyncio.Event) -> None:
        while True:
            await self._send(d)
            while not chunks.is_complete and chunks.retry_after is None:
                news.clear()
                await news.wait()
            if chunks.retry_after is None:
                return
            wait, chunks.retry_after = chunks.retry_after, None
            await self._clock.sleep(wait)

    def look_at(self, envelope: Envelope) -> None:
        """Whether this event answers a request; it goes its usual way as well."""
        if envelope.t not in ("GUILD_MEMBERS_CHUNK", "RATE_LIMITED"):
            return
        try:
            value = body(envelope)
        except DecodeError:
            return
        for chunks, news in self.waiting.values():
            if chunks.chunk(value) if envelope.t == "GUILD_MEMBERS_CHUNK" else chunks.limited(value):
                news.set()
                return
