"""Runs every test that carries an id of `faults.yaml`, and writes the table of them where all are green.

Run by `make gauntlet`, with the file to write.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.gauntlet.faults import ROOT, Fault, carriers, faults

KINDS = {"R": "REST", "G": "Gateway", "P": "Process", "S": "Several processes", "T": "Threats", "I": "Invariants"}


def lines(today: str) -> Iterator[str]:
    """The table, a line at a time."""
    yield "# The gauntlet\n"
    yield f"Written by `make gauntlet`; all green on {today}. `make gauntlet-guards` takes guards away to see it red.\n"
    for kind, title in KINDS.items():
        mine = [fault for fault in faults().values() if fault.id[0] == kind]
        yield f"## {title}\n"
        yield "| id | what goes wrong | what holds | tests | guard |" if kind != "I" else "| id | what holds | tests |"
        yield "| --- | --- | --- | --- | --- |" if kind != "I" else "| --- | --- | --- |"
        yield from map(_row, mine)
        yield ""


def _row(fault: Fault) -> str:
    tests = carriers().get(fault.id, ())
    files: dict[str, int] = {}
    for test in tests:
        name = test.partition("::")[0].removeprefix("tests/")
        files[name] = files.get(name, 0) + 1
    shown = ", ".join(f"{name} ({count})" for name, count in files.items()) or f"later: {fault.later}"
    if fault.id[0] == "I":
        return f"| {fault.id} | {fault.name} | {shown} |"
    guard = fault.guard.file.rpartition("/")[2] if fault.guard else ""
    return f"| {fault.id} | {fault.name} | {', '.join(fault.holds)} | {shown} | {guard} |"


def main() -> int:
    target = Path(sys.argv[1])
    tests = sorted({test for some in carriers().values() for test in some})
    print(f"{len(faults())} ids, {len(tests)} tests", flush=True)
    run = [sys.executable, "-m", "pytest", "-q", "--no-header", "-n", "auto", "--dist", "loadgroup", *tests]
    code = subprocess.run(run, cwd=ROOT).returncode
    if code:
        print(f"not all green: {target} stays as it is", file=sys.stderr)
        return code
    text = "\n".join(lines(datetime.now(UTC).date().isoformat()))
    print(text)
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
