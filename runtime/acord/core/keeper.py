"""Keeps the sessions of a fleet in a store: read before the start, written as events are dealt with, and at the end."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from acord.core.clock import Clock
from acord.core.session_state import SessionState
from acord.core.sessions import SessionStore

__all__ = ["Keeper"]

_log = logging.getLogger(__name__)

LAST_PATIENCE: Final = 1.5  # seconds that the last save may take


class Keeper:
    """A store that fails is given up with a warning: it costs the resume after the next start, not the bot."""

    def __init__(self, store: SessionStore | None, every: float, clock: Clock) -> None:
        self._store, self._every, self._clock = store, every, clock
        self._saved: dict[int, SessionState] = {}
        self._dirty = asyncio.Event()

    @property
    def keeps(self) -> bool:
        """Whether there is a store, and it works."""
        return self._store is not None

    async def load(self, shard_id: int, shard_count: int, fingerprint: str) -> SessionState | None:
        """The stored session of this shard; None where there is none, or it is another token's."""
        if self._store is None:
            return None
        try:
            state = await self._store.load(shard_id, shard_count)
        except Exception:
            self._give_up("read")
            return None
        return state if state is not None and state.fingerprint == fingerprint else None

    def soon(self) -> None:
        """There is a new session: it is to be saved at once."""
        self._dirty.set()

    async def run(self, export: Callable[[], Iterable[SessionState]]) -> None:
        """Save what `export` gives again and again."""
        while self._store is not None:
            await self.save(export())
            waiting = asyncio.ensure_future(self._dirty.wait())
            interval = asyncio.ensure_future(self._clock.sleep(self._every))
            try:
                await asyncio.wait((waiting, interval), return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()
                interval.cancel()

    async def save(self, states: Iterable[SessionState]) -> None:
        """Store those that have changed: each at the last event that was *handled*."""
        self._dirty.clear()
        changed = [state for state in states if self._saved.get(state.shard_id) != state]
        if not changed or self._store is None:
            return
        try:
            await self._store.save(changed)
        except Exception:
            self._give_up("written")
        else:
            self._saved.update({state.shard_id: state for state in changed})

    async def end(self, states: Iterable[SessionState], ended: Sequence[int], shard_count: int) -> None:
        """The last save; the sessions of the shards in `ended` have come to their end.  Raises nothing."""
        store = self._store
        if store is None:
            return
        try:
            async with asyncio.timeout(LAST_PATIENCE):
                await self.save(states)
                if ended:
                    await store.drop(ended, shard_count)
                await store.close()
        except Exception:
            _log.warning("the sessions could not be saved at the end", exc_info=True)

    def _give_up(self, what: str) -> None:
        self._store = None
        _log.warning("sessions cannot be %s, and are not kept any longer", what, exc_info=True)
