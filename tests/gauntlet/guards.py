"""Takes guards away, one at a time in a copy of the project, and looks whether their tests notice.

Run by `make gauntlet-guards`: a dozen by chance, ``--all``, or ``--only R26,G18``.
"""

import argparse
import asyncio
import os
import random
import shutil
import sys
import tempfile
from itertools import count
from pathlib import Path

from tests.gauntlet.faults import ROOT, Fault, faults

DOZEN = 12
TIMEOUT = 300  # seconds for one test, start of the interpreter included: a guard may be all that ends something
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "*_cache", ".hypothesis", "__pycache__", "dist", "docs", "benchmarks"
)


class Copy:
    """A copy of the project that may be spoilt."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        shutil.copytree(ROOT, self.root, ignore=LEFT_OUT, symlinks=True)
        self._times = count(2_000_000_000)  # no two versions of a file look alike to what caches them

    def write(self, file: str, text: str) -> None:
        path, when = self.root / file, next(self._times)
        path.write_text(text, "utf-8")
        os.utime(path, (when, when))

    async def test(self, *tests: str) -> tuple[int, str]:
        """Exit code of pytest, and what it said."""
        options = ("-q", "--no-header", "--tb=line", "-p", "no:randomly", "-p", "no:cacheprovider", "--timeout=120")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pytest", *options, *tests, cwd=self.root, env=os.environ | {"PYTHONPATH": ""},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            async with asyncio.timeout(TIMEOUT * (1 + len(tests) // 10)):
                out, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            return 1, "it did not end"
        return process.returncode or 0, out.decode(errors="replace")

    async def without(self, fault: Fault) -> str | None:
        """Take the guard away and run its test; what is wrong with that, None where the test turned red."""
        assert fault.guard is not None and fault.red is not None
        file, text = fault.guard.file, (self.root / fault.guard.file).read_text("utf-8")
        self.write(file, text.replace(fault.guard.code, fault.guard.instead))
        try:
            code, said = await self.test(fault.red)
        finally:
            self.write(file, text)
        if code == 1 and " skipped" in said and "failed" not in said and "error" not in said:
            return "its test is skipped here"
        return None if code == 1 else f"{fault.red} stays green" if code == 0 else f"pytest ended with {code}:\n{said}"


async def prove(chosen: list[Fault], jobs: int) -> dict[str, str]:
    """What is wrong, by id."""
    wrong: dict[str, str] = {}
    todo = list(reversed(chosen))
    with tempfile.TemporaryDirectory(prefix="acord-guards-") as folder:

        async def work(number: int) -> None:
            copy = Copy(Path(folder) / str(number))
            if not number:
                code, said = await copy.test(*dict.fromkeys(fault.red or "" for fault in chosen))
                if code:
                    raise SystemExit(f"with every guard in its place they must be green:\n{said}")
            while todo:
                fault = todo.pop()
                problem = await copy.without(fault)
                print(f"{fault.id:5} {'red' if problem is None else problem}", flush=True)
                if problem is not None:
                    wrong[fault.id] = problem

        await asyncio.gather(*map(work, range(min(jobs, len(chosen)))))
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gauntlet.guards", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every guard")
    parser.add_argument("--only", default="", help="these ids, with commas between them")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="which dozen")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    guarded = [fault for fault in faults().values() if fault.guard is not None]
    if arguments.only:
        chosen = [faults()[name] for name in arguments.only.split(",")]
    elif arguments.all:
        chosen = guarded
    else:
        print(f"seed {arguments.seed}")
        chosen = random.Random(arguments.seed).sample(guarded, DOZEN)
    wrong = asyncio.run(prove(chosen, arguments.jobs))
    print(f"{len(chosen) - len(wrong)} of {len(chosen)} tests turn red without their guard")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
