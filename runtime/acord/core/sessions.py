"""Where sessions are kept between two processes: in memory, in a file, or in a store of the same interface."""

import asyncio
import json
import logging
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar, cast

from acord.core.session_state import SessionState

__all__ = ["FileSession", "MemorySession", "SessionStore"]

_log = logging.getLogger(__name__)

FORMAT: Final = 1
MAX_FILE: Final = 64 << 20  # bytes; what is larger was not written here

T = TypeVar("T")


class SessionStore(Protocol):
    """Keeps the sessions of some shards.  What is handed in stands at the last event that was *handled*."""

    async def load(self, shard_id: int, shard_count: int) -> SessionState | None:
        """The session of this shard, None where none is known or it cannot be read."""
        ...

    async def save(self, sessions: Sequence[SessionState]) -> None:
        """Keep these in the place of older ones of the same shards.  Errors are raised."""
        ...

    async def drop(self, shard_ids: Sequence[int], shard_count: int) -> None:
        """The sessions of these shards have ended."""
        ...

    async def close(self) -> None:
        """Nothing more will be kept; what was, is."""
        ...


class MemorySession:
    """Sessions of this process: one client can end and another resume."""

    def __init__(self) -> None:
        self.sessions: dict[tuple[int, int], SessionState] = {}

    async def load(self, shard_id: int, shard_count: int) -> SessionState | None:
        return self.sessions.get((shard_id, shard_count))

    async def save(self, sessions: Sequence[SessionState]) -> None:
        for state in sessions:
            self.sessions[state.shard_id, state.shard_count] = state

    async def drop(self, shard_ids: Sequence[int], shard_count: int) -> None:
        for shard_id in shard_ids:
            self.sessions.pop((shard_id, shard_count), None)

    async def close(self) -> None:
        pass


class FileSession:
    """Sessions in one JSON file, which a restarted process resumes from.

    Written beside it, flushed to the disk, then put in its place: whoever reads it finds the old or the new, never
    a half.  It is readable for its owner alone and holds no token, but a hash that tells another one.  Every
    process needs a file of its own.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._known: dict[tuple[int, int], SessionState] | None = None
        self._thread: ThreadPoolExecutor | None = None

    async def load(self, shard_id: int, shard_count: int) -> SessionState | None:
        return (await self._sessions()).get((shard_id, shard_count))

    async def save(self, sessions: Sequence[SessionState]) -> None:
        known = await self._sessions()
        for state in sessions:
            known[state.shard_id, state.shard_count] = state
        await self._write(known)

    async def drop(self, shard_ids: Sequence[int], shard_count: int) -> None:
        known = await self._sessions()
        for shard_id in shard_ids:
            known.pop((shard_id, shard_count), None)
        await self._write(known)

    async def close(self) -> None:
        thread, self._thread, self._known = self._thread, None, None
        if thread is not None:
            thread.shutdown(wait=True)

    async def _sessions(self) -> dict[tuple[int, int], SessionState]:
        if self._known is None:
            self._known = await self._apart(lambda: _read(self.path))
        return self._known

    async def _write(self, known: Mapping[tuple[int, int], SessionState]) -> None:
        stored = {f"{shard}/{count}": state.to_dict() for (shard, count), state in known.items()}
        text = json.dumps({"format": FORMAT, "sessions": stored}, indent=1)
        await self._apart(lambda: _replace(self.path, text))

    async def _apart(self, work: Callable[[], T]) -> T:
        # A disk can take its time, in which heartbeats must go on.  One thread, so that writes keep their order.
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "acord-sessions")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _read(path: Path) -> dict[tuple[int, int], SessionState]:
    try:
        if path.stat().st_size > MAX_FILE:
            raise ValueError("it is too large")
        return _parsed(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as exc:
        _log.warning("the stored sessions in %s cannot be used, new ones are started: %s", path, exc)
        return {}


def _parsed(stored: object) -> dict[tuple[int, int], SessionState]:
    content: Mapping[str, Any] = cast("Mapping[str, Any]", stored) if isinstance(stored, dict) else dict[str, Any]()
    sessions = content.get("sessions")
    if content.get("format") != FORMAT or not isinstance(sessions, dict):
        raise ValueError("it is of another format")
    states = [SessionState.from_dict(one) for one in cast("dict[str, object]", sessions).values()]
    return {(state.shard_id, state.shard_count): state for state in states}


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes it readable for its owner alone.
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):
        # The name is in the folder, and the folder has to reach the disk as well.
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
