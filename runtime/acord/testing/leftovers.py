"""What a test leaves behind: tasks, threads, open files and sockets."""

import asyncio
import gc
import os
import socket
import stat
import threading
from pathlib import Path
from typing import Any

__all__ = ["Snapshot"]

PATIENCE = 100  # looks, a hundredth of a second apart: whoever serves ends when it has read that the client is gone
_DESCRIPTORS = next((folder for folder in ("/proc/self/fd", "/dev/fd") if Path(folder).is_dir()), None)
_SHARED = ("asyncio_", "ThreadPoolExecutor", "pytest_timeout")
"""Threads of the loop's own pool, which end with the loop, and of pytest's."""


class Snapshot:
    """What there is now, so that what is new later can be told."""

    def __init__(self) -> None:
        """RuntimeError outside of an event loop."""
        self._tasks = asyncio.all_tasks()
        self._threads = set(threading.enumerate())
        self._open = _open()

    async def left(self) -> list[str]:
        """What is there that was not, each in a line; what is about to end is waited for, up to a second."""
        gc.collect()  # what nobody holds is not left, whenever it would be collected
        for _ in range(PATIENCE):
            if not self._new():
                return []
            await asyncio.sleep(0.01)
        gc.collect()
        return self._new()

    def _new(self) -> list[str]:
        tasks = asyncio.all_tasks() - self._tasks - {asyncio.current_task()}
        threads = [one for one in threading.enumerate() if one not in self._threads]
        return [
            *(_task(one) for one in tasks),
            *(f"the thread {one.name!r}" for one in threads if not one.name.startswith(_SHARED)),
            *(what for key, what in _open().items() if key not in self._open),
        ]


def _task(task: "asyncio.Task[Any]") -> str:
    coroutine = task.get_coro()
    frame = getattr(coroutine, "cr_frame", None)
    where = f" at {Path(frame.f_code.co_filename).name}:{frame.f_lineno}" if frame is not None else ""
    return f"the task {task.get_name()!r}, {getattr(coroutine, '__qualname__', coroutine)}{where}"


def _open() -> dict[tuple[int, int, int], str]:
    """Open sockets and files by descriptor and what it stands for; nothing where the system does not tell."""
    found: dict[tuple[int, int, int], str] = {}
    # uvloop makes a pair of local sockets whenever it begins to run, to be woken by signals.
    others = not type(asyncio.get_running_loop()).__module__.startswith("asyncio")
    for name in [one.name for one in Path(_DESCRIPTORS).iterdir()] if _DESCRIPTORS else ():
        try:
            about = os.fstat(int(name))
            kind = "socket" if stat.S_ISSOCK(about.st_mode) else "file" if stat.S_ISREG(about.st_mode) else None
            if kind == "socket" and others and _is_local(int(name)):
                continue
            if kind is not None:
                found[int(name), about.st_dev, about.st_ino] = f"the {kind} {_target(name)}"
        except OSError:
            continue  # of the listing itself
    return found


def _is_local(descriptor: int) -> bool:
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        return copy.family == getattr(socket, "AF_UNIX", None)


def _target(name: str) -> str:
    try:
        return str(Path(f"{_DESCRIPTORS}/{name}").readlink())
    except OSError:
        return name
