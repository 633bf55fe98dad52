"""All rows in turn.  `python benchmarks [SCRIPT ...] [--quick]` measures, keeps and sums up; `--check` only compares.

Scripts are run one after the other, each in a process of its own. Results go to `results/`: a file for each script
and day, and from the newest of all `summary.md`, `summary.json` and `bars.svg`. With ``--check`` nothing is kept: the
new ratios stand beside the committed ones, and the exit code is 1 where one is worse than its row's bound allows.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import peers
import plot
import report
import rows
from measure import RESULTS, ROOT, table

import acord

HERE = Path(__file__).parent
SCRIPTS = (
    "startup",
    "generation",
    "memory",
    "models",
    "limiter_simulated",
    "limiter",
    "gateway",
    "rest",
    "objects",
    "limits_peers",
    "sandbox",
)
QUICK = {"startup", "generation", "memory", "models", "limiter_simulated", "objects"}
"""Those that know ``--quick``."""


def arguments_of(script: str, quick: bool) -> list[str]:
    found = ["--keep", *(["--quick"] if quick and script in QUICK else [])]
    if (python := peers.python()) is not None:
        found += {"gateway": ["--peers", python], "rest": [python]}.get(script, [])
    return found


def run(scripts: Sequence[str], folder: Path, quick: bool) -> dict[str, float]:
    """Seconds that each took; those that failed are not there."""
    roots = os.pathsep.join(str(path) for path in (ROOT, ROOT / "generated", ROOT / "runtime"))
    environment = os.environ | {"ACORD_BENCH_RESULTS": str(folder), "PYTHONPATH": roots}
    took: dict[str, float] = {}
    for script in scripts:
        print(f"\n== {script}.py", flush=True)
        begun = perf_counter()
        command = [sys.executable, str(HERE / f"{script}.py"), *arguments_of(script, quick)]
        if subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode:
            print(f"{script}.py failed", flush=True)
        else:
            took[script] = perf_counter() - begun
    return took


def newest(folder: Path) -> dict[str, Any]:
    """The last results of each script."""
    found: dict[str, Any] = {}
    for script in SCRIPTS:
        files = sorted(folder.glob(f"{script}-[0-9]*.json"))
        if files:
            found[script] = json.loads(files[-1].read_text(encoding="utf-8"))
    return found


def versions() -> dict[str, str]:
    """Ours and theirs."""
    ours = {"acord": acord.__version__} | {name: version(name) for name in ("httpx", "aiohttp", "pydantic", "msgspec")}
    theirs = {peer.name: peer.version for peer in peers.peers()}
    extras = {name: one for name, one in peers.versions().items() if name not in ours | theirs}
    return ours | theirs | extras


def keep(folder: Path, command: str) -> None:
    """The summaries of what the folder has."""
    results = newest(folder)
    made = report.summary(results, command, versions())
    (folder / "summary.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    (folder / "summary.md").write_text(report.page(results, command, versions()), encoding="utf-8")
    label = "Processor time and avoidable 429s of ACord, discord.py, hikari and discord.js"
    (folder / "bars.svg").write_text(plot.bars(report.groups(results), label), encoding="utf-8")


def show(folder: Path) -> None:
    judged = [(one.row.key, report.goal(one), report.measured(one), report.verdict(one)) for one in
              rows.judge(newest(folder))]  # fmt: skip
    for key, goal, measured, holds in judged:
        print(f"{key:18}{goal:14}{holds.strip('*'):5}{measured}")


def check(scripts: Sequence[str], quick: bool) -> int:
    with tempfile.TemporaryDirectory() as folder:
        took = run(scripts, Path(folder), quick)
        new = newest(Path(folder))
    found = list(rows.compare({script: one for script, one in newest(RESULTS).items() if script in new}, new))
    table("Beside the committed results", ("row", "figure", "committed", "now", "at most", ""), report.compared(found))
    if not found:
        print("no results are committed to compare with: make bench writes them")
        return 1
    worse = [one for one in found if one.worse]
    print(f"\n{len(found)} figures compared, {len(worse)} worse than their bound")
    return 1 if worse or len(took) < len(scripts) else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python benchmarks", description=__doc__)
    parser.add_argument("scripts", nargs="*", metavar="SCRIPT", help=f"of {', '.join(SCRIPTS)}; all of them by default")
    parser.add_argument("--quick", action="store_true", help="fewer rounds where a script can")
    parser.add_argument("--check", action="store_true", help="compare with the committed results, and keep nothing")
    parser.add_argument("--sum", action="store_true", help="measure nothing: sum up what is in results/")
    arguments = parser.parse_args()
    unknown = set(arguments.scripts) - set(SCRIPTS)
    if unknown:
        parser.error(f"no script is called {', '.join(sorted(unknown))}; there are {', '.join(SCRIPTS)}")
    scripts = arguments.scripts or SCRIPTS
    if arguments.check:
        return check(scripts, arguments.quick)
    took = {} if arguments.sum else run(scripts, RESULTS, arguments.quick)
    keep(RESULTS, "make bench")
    print()
    show(RESULTS)
    if not arguments.sum:
        print(f"\n{sum(took.values()):.0f} s: " + ", ".join(f"{name} {one:.0f}" for name, one in took.items()))
    return 0 if arguments.sum or len(took) == len(scripts) else 1


if __name__ == "__main__":
    sys.exit(main())
