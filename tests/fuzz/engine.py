"""Throws inputs at a reader for as long as it is told to, and keeps those that reach new parts of it.

With atheris a target runs under libFuzzer in a process of its own.  Without, an input is kept as a seed when it takes
an edge (from one line to another of the same function) that none took before, by `sys.settrace`, at a hundredth of the
speed.  Either says how many edges it has reached.
"""

import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

SLOWEST = 2  # seconds for one input
LONGEST = 1 << 16  # bytes of an input
ESCAPE = "\\x{:02x}"  # of a byte, in a dictionary of libFuzzer's
LARGEST = 512  # MiB by which one input may make the process grow

# Concern (a module of this folder) -> the modules whose edges count.  Named here, not there: under atheris they are to
# be instrumented while the concern imports them.
READ = {
    "gateway_bytes": tuple(f"acord.core.{name}" for name in ("frames", "inflate", "etf", "envelope", "express")),
    "reply_headers": tuple(
        f"acord.core.{name}"
        for name in (
            "buckets", "download", "gates", "knowledge", "outcome", "queues", "refusals", "response", "scheduler",
            "verdict",
        )
    ),
    "openapi_documents": tuple(
        f"codegen.importer.{name}" for name in ("convert", "document", "naming", "operations", "ours", "run", "same")
    ),
    "spec_folders": tuple(
        f"codegen.{name}"
        for name in (
            "absent", "bitsets", "derive", "documented", "filters", "gateway", "load", "notation", "overlay", "reader",
            "yaml",
        )
    ),
}  # fmt: skip

Edge = tuple[CodeType, int, int]


@dataclass(frozen=True)
class Target:
    """What reads an input.  Anything it raises but ``refusals`` is a finding, what it asserts included."""

    run: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    refusals: tuple[type[Exception], ...]
    words: tuple[bytes, ...] = ()
    """Pieces that random bytes would not hit upon."""

    def __call__(self, data: bytes) -> None:
        try:
            self.run(data)
        except self.refusals:
            pass


def targets(wanted: str = "all") -> Iterator[tuple[str, str, Target]]:
    """Concern, name and target, of all targets, those of a concern, or one."""
    for concern in READ:
        for name, target in import_module(f"tests.fuzz.{concern}").TARGETS.items():
            if wanted in ("all", concern, name):
                yield concern, name, target


def mutated(seed: bytes, pool: list[bytes], chance: random.Random, words: tuple[bytes, ...] = ()) -> bytes:
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(7 if words else 6):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(data):
                data[at] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
            case 2:
                del data[at : at + chance.randrange(1, 9)]
            case 3:
                data[at:at] = chance.randbytes(chance.randrange(1, 9))
            case 4:
                other = chance.choice(pool)
                data[at:] = other[chance.randrange(len(other) + 1) :]
            case 6:
                data[at : at + chance.randrange(9)] = chance.choice(words)
            case _:
                data[at:at] = data[: chance.randrange(64)] * chance.randrange(1, 5)
    return bytes(data[:LONGEST])


def edges_of(target: Target, data: bytes, watched: frozenset[str], seen: set[Edge]) -> bool:
    """Run it; whether it took edges that are not in `seen`, which gets them."""
    before = len(seen)

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        code = frame.f_code
        if code.co_filename not in watched:
            return None
        last = frame.f_lineno

        def line(frame: FrameType, event: str, arg: object) -> Any:
            nonlocal last
            if event == "line":
                seen.add((code, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line

    sys.settrace(trace)
    try:
        target(data)
    finally:
        sys.settrace(None)
    return len(seen) > before


def _most_memory() -> int:
    """The most that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10)


def fuzz(concern: str, name: str, target: Target, seconds: float, *, seed: int | None = None) -> int:
    """Fuzz one target; the number of findings."""
    watched = frozenset(str(import_module(module).__file__) for module in READ[concern])
    seed = random.randrange(2**32) if seed is None else seed
    chance, seen, runs, pool = random.Random(seed), set[Edge](), 0, list(target.seeds)
    end = time.monotonic() + seconds
    # The seeds themselves come first, so that none is broken.
    while (fresh := runs < len(target.seeds)) or time.monotonic() < end:
        data = target.seeds[runs] if fresh else mutated(chance.choice(pool), pool, chance, target.words)
        start, size = time.process_time(), _most_memory()
        problem = ""
        new = False
        try:
            new = edges_of(target, data, watched, seen)
        except BaseException as exc:
            problem = f"{type(exc).__name__}: {exc}"
        if (took := time.process_time() - start) > SLOWEST:
            problem = problem or f"took {took:.1f} s"
        if (grown := _most_memory() - size) > LARGEST:
            problem = problem or f"took {grown} MiB"
        if problem:
            print(f"{name}: {problem}\n  input {data!r}\n  seed {seed}")
            return 1
        runs += 1
        if new and not fresh:
            pool.append(data)
    print(f"{name}: {runs} inputs, {len(pool)} kept, {len(seen)} edges reached, nothing found (seed {seed})")
    return 0


def fuzz_with_atheris(concern: str, name: str, target: Target, seconds: float) -> int:
    """The same under libFuzzer, which counts the edges of the bytecode."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, words = Path(folder, "corpus"), Path(folder, "words")
        corpus.mkdir()
        for number, data in enumerate(target.seeds):
            (corpus / str(number)).write_bytes(data)
        for word in target.words:
            with words.open("a") as file:
                file.write(f'"{"".join(map(ESCAPE.format, word))}"\n')
        script = str(Path(__file__).with_name("under_atheris.py"))
        options = [
            f"-max_total_time={seconds:.0f}",
            f"-max_len={LONGEST}",
            f"-timeout={SLOWEST}",
            "-rss_limit_mb=2048",
            *([f"-dict={words}"] if target.words else []),
            f"-artifact_prefix={folder}/found-",
        ]
        run = subprocess.run(
            [sys.executable, script, concern, name, *options, str(corpus)], capture_output=True, text=True
        )
        kept = len(list(corpus.iterdir()))
        found = [path.read_bytes() for path in Path(folder).glob("found-*")]
    edges = re.findall(r"cov: (\d+)", run.stderr)
    runs = re.findall(r"Done (\d+) runs", run.stderr)
    if run.returncode or not edges or not runs:
        print(f"{name}: {run.stdout}{run.stderr[-4000:]}", *(f"  input {data!r}" for data in found), sep="\n")
        return 1
    print(f"{name}: {runs[-1]} inputs, {kept} kept, {edges[-1]} edges reached, nothing found (atheris)", flush=True)
    return 0


def main(wanted: str = "all", seconds: float = 60.0) -> int:
    """Fuzz what is wanted, one after another; 1 where there was a finding."""
    chosen = list(targets(wanted))
    if not chosen:
        print(f"no target is called {wanted!r}; there are {', '.join((*READ, *(name for _, name, _ in targets())))}")
        return 2
    engine = fuzz_with_atheris if find_spec("atheris") else fuzz
    return int(sum(engine(*each, seconds) for each in chosen) > 0)
