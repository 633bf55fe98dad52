"""Measuring side by side: contenders take turns in one run, medians are compared, results kept with their machine."""

import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(os.environ.get("ACORD_BENCH_RESULTS") or Path(__file__).parent / "results")
ROOT = Path(__file__).parent.parent
_SLICE = 0.02  # seconds that one turn of a contender takes: long beside a timer's tick, short beside other load


def interleaved(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of one call of each contender.  Every round gives each of them a turn, in changing order."""
    loops = {name: _loops(call) for name, call in contenders.items()}
    seen: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    was_on = gc.isenabled()
    gc.disable()  # as timeit does; what models cost the collector is no part of these figures
    try:
        for turn in range(rounds):
            for name in names if turn % 2 else reversed(names):
                seen[name].append(_time(contenders[name], loops[name]))
    finally:
        if was_on:
            gc.enable()
    return {name: statistics.median(values) for name, values in seen.items()}


def _time(call: Callable[[], object], loops: int) -> float:
    many = range(loops)
    begun = time.perf_counter()
    for _ in many:
        call()
    return (time.perf_counter() - begun) / loops


def _loops(call: Callable[[], object]) -> int:
    call()
    return max(1, int(_SLICE / max(_time(call, 3), 1e-9)))


def start_ups(statements: Sequence[str], rounds: int) -> dict[str, list[float]]:
    """Seconds of processor time of a new interpreter that runs each statement, by rounds, its bytecode compiled before.

    Statements take turns in changing order.
    """
    seen: dict[str, list[float]] = {statement: [] for statement in statements}
    with tempfile.TemporaryDirectory() as cache:
        for turn in range(rounds + 1):
            for statement in statements if turn % 2 else reversed(statements):
                begun = _children()
                subprocess.run(
                    [sys.executable, "-X", f"pycache_prefix={cache}", "-c", statement],
                    env=environment(),
                    check=True,
                )
                if turn:  # the first turn compiles
                    seen[statement].append(_children() - begun)
    return seen


def environment() -> dict[str, str]:
    """Of a process that has this checkout and nothing of what Python was told otherwise."""
    roots = os.pathsep.join(str(ROOT / source) for source in ("generated", "runtime"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return clean | {"PYTHONPATH": roots}


def resident(process: int | str = "self") -> float:
    """MiB that a process has in memory; nan where the system does not say."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def _children() -> float:
    if sys.platform == "win32":
        return time.perf_counter()  # it does not tell the processor time of children
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def machine() -> dict[str, Any]:
    """What a figure depends on."""
    names = ("pydantic", "pydantic_core", "msgspec")
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "packages": {name: version(name) for name in names},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their heads, the first column to the left, figures to the right."""
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    print(f"\n{title}")
    for row in [heads, *rows]:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        print("  ".join(cells))


def keep(name: str, measured: Mapping[str, Any]) -> Path:
    """Write the results beside those of other days; the path."""
    where = machine()
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}-{where['date'][:10]}.json"
    path.write_text(json.dumps({"machine": where, **measured}, indent=1) + "\n")
    return path
