"""Branch coverage of each pure module by its own tests alone: what is decided must not need a socket to be tried.

Run by `make coverage`: prints a line for each, with what is missed, and fails where one is below 100 %.  What the
whole suite takes of everything is read from where `coverage combine` has left it.

    python -m tests.tools.own_coverage [--write FILE] [MODULE ...]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
CORE = ROOT / "runtime/acord/core"
SESSION = ("gateway/test_session_messages", "gateway/test_session_connections", "gateway/test_session_table")
LIMITER = tuple(f"limiter/test_{name}" for name in ("accounts", "buckets", "gates", "layers", "refusals", "scheduler"))
OWN: dict[tuple[str, ...], tuple[str, ...]] = {
    ("session", "session_core", "session_effects", "session_table", "outbox"): SESSION,
    ("session_state", "pulse", "budget"): ("gateway/test_pulse",),
    ("buckets", "gates", "knowledge", "queues", "scheduler", "tickets"): LIMITER,
    ("lanes",): ("limiter/test_lanes",),
    ("verdict",): ("limiter/test_verdict",),
    ("envelope",): ("gateway/test_envelope",),
    ("etf",): ("gateway/test_etf",),
    ("inflate",): ("gateway/test_inflate",),
    ("shapes", "scalars"): ("core/test_shapes", "core/test_scalars"),
    ("addressing",): ("core/test_addressing",),
    ("permissions",): ("core/test_permissions",),
    ("members",): ("gateway/test_members",),
    ("beats",): ("gateway/test_heartbeat",),
    ("frames",): ("gateway/test_frames",),
    ("origin",): ("gateway/test_origin",),
    ("ledger",): ("gateway/test_sessions",),
    ("lifetimes",): ("core/test_webhook",),
    ("pages",): ("core/test_pages",),
    ("refusals",): ("core/test_errors",),
    ("formatting",): ("core/test_formatting",),
    ("images",): ("core/test_cdn",),
    ("multipart",): ("core/test_multipart", "core/test_uploads"),
    ("operation",): ("core/test_operation",),
    ("types",): ("core/test_types",),
}


class Measure(NamedTuple):
    """How much of a module its own tests take."""

    percent: float
    statements: int
    branches: int
    missed: str


NEVER = Measure(0.0, 0, 0, "never imported")


def measure(modules: tuple[str, ...], tests: tuple[str, ...]) -> dict[str, Measure]:
    """Module -> what these tests take of it."""
    with tempfile.TemporaryDirectory() as folder:
        settings, report = Path(folder) / "settings.toml", Path(folder) / "report.json"
        settings.write_text(_settings(folder, modules))
        files = [f"tests/{test}.py" for test in tests]
        with_settings = f"--rcfile={settings}"
        options = ["-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-summary"]
        done = _coverage("run", with_settings, "-m", "pytest", *options, *files)
        if done.returncode:
            raise SystemExit(f"{', '.join(files)} must be green:\n{done.stdout}{done.stderr}")
        _coverage("combine", "--quiet", with_settings).check_returncode()
        _coverage("json", "-q", with_settings, "-o", str(report)).check_returncode()
        found = json.loads(report.read_text())["files"]
    return {Path(name).stem: _measure(about) for name, about in found.items()}


def _coverage(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _measure(about: dict[str, Any]) -> Measure:
    counted = about["summary"]
    return Measure(counted["percent_covered"], counted["num_statements"], counted["num_branches"], _missed(about))


def whole() -> str:
    """Per cent of all branches and lines that the whole suite took, as it was measured last; empty where never."""
    done = _coverage("report", "--format=total", "--precision=1")
    return done.stdout.strip() if done.returncode == 0 else ""


def lines(found: Mapping[str, Measure], today: str) -> Iterator[str]:
    """The table for the docs, a line at a time."""
    yield "# Branches taken by tests\n"
    yield f"Written by `make coverage` on {today}.\n"
    if total := whole():
        yield f"The whole suite takes {total} % of the lines and branches of library and generator.\n"
    yield "What decides has no I/O, and tests of its own that take every branch without the rest of the suite:\n"
    yield "| module of `acord.core` | statements | branches | taken | own tests |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for modules, tests in OWN.items():
        for module in modules:
            one = found.get(module, NEVER)
            shown = ", ".join(f"{test}.py" for test in tests)
            yield f"| {module} | {one.statements} | {one.branches} | {one.percent:.0f} % | {shown} |"


def _settings(folder: str, modules: tuple[str, ...]) -> str:
    """The project's own settings, for these files alone: with `source` set, coverage would measure everything."""
    report = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["coverage"]["report"]
    include = [str(CORE / f"{module}.py") for module in modules]
    return (
        "[tool.coverage.run]\nbranch = true\nparallel = true\npatch = ['subprocess']\n"
        f"data_file = {json.dumps(str(Path(folder) / 'data'))}\ninclude = {json.dumps(include)}\n"
        f"[tool.coverage.report]\nexclude_also = {json.dumps(report['exclude_also'])}\n"
    )


def _missed(about: dict[str, Any]) -> str:
    lines = ", ".join(map(str, about["missing_lines"]))
    branches = ", ".join(f"{one[0]}->{one[1]}" for one in about["missing_branches"])
    return " ".join(
        part for part in (f"lines {lines}" if lines else "", f"branches {branches}" if branches else "") if part
    )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--write", type=Path, metavar="FILE", help="the table for the docs, where all are whole")
    arguments.add_argument("modules", nargs="*", metavar="MODULE", help="these alone, and what is measured with them")
    given = arguments.parse_args()
    found: dict[str, Measure] = {}
    for modules, tests in OWN.items():
        if given.modules and set(given.modules).isdisjoint(modules):
            continue
        measured = measure(modules, tests)
        for module in modules:
            one = found[module] = measured.get(module, NEVER)
            print(f"{module:16} {one.percent:6.2f} %  {one.missed}".rstrip(), flush=True)
    if any(one.percent < 100 for one in found.values()):
        return 1
    if given.write and not given.modules:
        given.write.write_text("\n".join((*lines(found, datetime.now(UTC).date().isoformat()), "")), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
