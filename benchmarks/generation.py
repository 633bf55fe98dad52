"""How long `make generate` takes: from nothing, and where nothing changed.

    python benchmarks/generation.py [--quick] [--keep]

In a copy of the checkout, in processes of its own; what comes out must be what is committed.
"""

import argparse
import filecmp
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from measure import ROOT, keep, table

KEPT = ["__pycache__", "py.typed"]
"""What the generator does not write."""


def generate(root: Path) -> float:
    begun = perf_counter()
    subprocess.run([sys.executable, "-m", "codegen", "generate"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - begun


def differing(one: filecmp.dircmp[str]) -> list[str]:
    """Files that two folders do not have in common."""
    here = [*one.left_only, *one.right_only, *one.diff_files, *one.funny_files]
    return [*here, *(name for sub in one.subdirs.values() for name in differing(sub))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="once")
    parser.add_argument("--keep", action="store_true", help="write the results to benchmarks/results/")
    arguments = parser.parse_args()
    seconds: dict[str, list[float]] = {"cold": [], "nothing changed": []}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        ignored = shutil.ignore_patterns("__pycache__", ".fresh")
        for name in ("spec", "codegen", "generated"):
            shutil.copytree(ROOT / name, root / name, ignore=ignored)
        for name in ("pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, root / name)
        for _ in range(1 if arguments.quick else 2):
            shutil.rmtree(root / "generated" / "acord")
            (root / "generated" / ".fresh").unlink(missing_ok=True)
            seconds["cold"].append(generate(root))
            wrong = differing(filecmp.dircmp(ROOT / "generated" / "acord", root / "generated" / "acord", KEPT))
            if wrong:
                raise SystemExit(f"what was generated is not what is committed: {', '.join(wrong[:5])}")
            seconds["nothing changed"].append(generate(root))
    spent = {name: round(statistics.median(each), 2) for name, each in seconds.items()}
    table("make generate", ("", "seconds"), [(name, f"{each:.2f}") for name, each in spent.items()])
    if arguments.keep:
        print(keep("generation", {"seconds": spent}))


if __name__ == "__main__":
    main()
