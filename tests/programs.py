"""Programs of their own for tests of what only a process can show: forks, signals, the end of an interpreter."""

import asyncio
import os
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

__all__ = ["Program", "program"]

ROOT = Path(__file__).parents[1]


class Program:
    """A Python program that runs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        """What it has printed."""

    async def says(self, line: str, within: float = 60.0) -> None:
        """Wait until it prints this.  AssertionError with its errors where it ends before."""
        while line not in self.lines:
            await self.line(within)

    async def line(self, within: float = 60.0) -> None:
        """Wait for the next line that it prints.  AssertionError with its errors where it ends before."""
        assert self.process.stdout is not None
        async with asyncio.timeout(within):
            read = await self.process.stdout.readline()
        assert read, f"it ended: {self.lines} {await self.errors()}"
        self.lines.append(read.decode().rstrip())

    async def errors(self) -> str:
        assert self.process.stderr is not None
        return (await self.process.stderr.read()).decode()

    async def ends(self, within: float = 60.0) -> tuple[int, str]:
        """Its exit code and what it wrote to stderr.  TimeoutError where it does not end."""
        assert self.process.stdout is not None
        async with asyncio.timeout(within):
            out, errors, code = await asyncio.gather(self.process.stdout.read(), self.errors(), self.process.wait())
        self.lines += out.decode().splitlines()
        return code, errors


@asynccontextmanager
async def program(
    source: str, *args: str, warnings: str = "error", before: tuple[str, ...] = ()
) -> AsyncIterator[Program]:
    """Run this source, with the project and `tests` on its path; it is killed where it outlives the block.

    `warnings` is Python's ``-W``; `before` a command that starts it.
    """
    path = os.pathsep.join(map(str, (ROOT, ROOT / "generated", ROOT / "runtime")))
    process = await asyncio.create_subprocess_exec(
        *before,
        sys.executable,
        "-u",
        *("-W", warnings),
        "-c",
        textwrap.dedent(source),
        *args,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Debug mode writes of slow callbacks to where a program's own complaints are looked for.
        env={**os.environ, "PYTHONPATH": path, "PYTHONASYNCIODEBUG": ""},
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
