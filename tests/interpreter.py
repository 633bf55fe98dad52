"""A new interpreter for tests of what an import loads."""

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["loaded", "roots"]


def roots() -> list[str]:
    """Where this interpreter finds modules."""
    return [str(Path(entry)) for entry in sys.path if entry]


def loaded(statement: str) -> set[str]:
    """The modules that a new interpreter holds after a statement.  CalledProcessError where it fails."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {roots()!r}; {statement}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        # Coverage's start in a subprocess would load what the statement does not.
        env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
    )
    return set(done.stdout.split())
