"""Branch coverage of each pure module by its own tests alone: what is decided must not need a socket to be tried.

Run by `make coverage`: prints a line for each, with what is missed, and fails where one is below 100 %.

    python -m tests.tools.own_coverage [MODULE ...]
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

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


def measure(modules: tuple[str, ...], tests: tuple[str, ...]) -> dict[str, tuple[float, str]]:
    """Module -> its coverage in per cent, and the lines and branches that were missed."""
    with tempfile.TemporaryDirectory() as folder:
        settings, report = Path(folder) / "settings.toml", Path(folder) / "report.json"
        settings.write_text(_settings(folder, modules))
        files = [f"tests/{test}.py" for test in tests]
        coverage = [sys.executable, "-m", "coverage"]
        with_settings = f"--rcfile={settings}"
        options = ["-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-summary"]
        run = [*coverage, "run", with_settings, "-m", "pytest", *options, *files]
        done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{', '.join(files)} must be green:\n{done.stdout}{done.stderr}")
        subprocess.run([*coverage, "combine", "--quiet", with_settings], cwd=ROOT, check=True, capture_output=True)
        subprocess.run([*coverage, "json", "-q", with_settings, "-o", str(report)], cwd=ROOT, check=True)
        found = json.loads(report.read_text())["files"]
    return {Path(name).stem: (about["summary"]["percent_covered"], _missed(about)) for name, about in found.items()}


def _settings(folder: str, modules: tuple[str, ...]) -> str:
    """The project's own settings, for these files alone: with `source` set, coverage would measure everything."""
    report = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["coverage"]["report"]
    include = [str(CORE / f"{module}.py") for module in modules]
    return (
        "[tool.coverage.run]\nbranch = true\nparallel = true\npatch = ['subprocess']\n"
        f"data_file = {json.dumps(str(Path(folder) / 'data'))}\ninclude = {json.dumps(include)}\n"
        f"[tool.coverage.report]\nexclude_also = {json.dumps(report['exclude_also'])}\n"
    )


def _missed(about: dict[str, list[object]]) -> str:
    lines = ", ".join(map(str, about["missing_lines"]))
    branches = ", ".join(f"{one[0]}->{one[1]}" for one in about["missing_branches"])  # type: ignore[index]
    return " ".join(
        part for part in (f"lines {lines}" if lines else "", f"branches {branches}" if branches else "") if part
    )


def main() -> int:
    whole, only = True, set(sys.argv[1:])
    for modules, tests in OWN.items():
        if only and only.isdisjoint(modules):
            continue
        found = measure(modules, tests)
        for module in modules:
            percent, missed = found.get(module, (0.0, "never imported"))
            whole &= percent == 100
            print(f"{module:16} {percent:6.2f} %  {missed}".rstrip(), flush=True)
    return int(not whole)


if __name__ == "__main__":
    raise SystemExit(main())
