"""The Makefile on machines where something is missing: one line says what."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"
TOOLS = ("make", "sh", "touch")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with the Makefile, and in bin/ the few commands that the machine has."""
    shutil.copy(MAKEFILE, tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "constraints.txt").touch()
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    return tmp_path


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def demo(machine: Path, *arguments: str) -> list[str]:
    """What `make demo` says before it gives up, without make's own closing line."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(
        ["make", "demo", *arguments],
        cwd=machine,
        env=environment | {"PATH": str(machine / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 != done.returncode
    return [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("make")]


def test_no_python_is_said_in_one_line(machine: Path) -> None:
    expected = "acord needs Python 3.11 or newer; none was found (PYTHON=/path/to/python3 make ... names one)"

    assert [expected] == demo(machine)


def test_an_old_python_is_as_good_as_none(machine: Path) -> None:
    script(machine / "bin" / "python3", "exit 1")

    assert ["none was found"] == [line[34:48] for line in demo(machine)]


def test_a_python_that_was_named_and_is_none_is_said_in_one_line(machine: Path) -> None:
    assert ["acord needs Python 3.11 or newer; gone/python3 is not one"] == demo(machine, "PYTHON=gone/python3")


def test_a_missing_venv_module_is_said_in_one_line(machine: Path) -> None:
    ours = shlex.quote(sys.executable)
    script(machine / "bin" / "python3", f'case "$*" in *ensurepip*) exit 1;; *) exec {ours} "$@";; esac')

    assert ["python3 lacks venv or ensurepip (Debian: apt install python3-venv)"] == demo(machine)


def test_a_failing_installation_is_said_in_one_line_and_pips_own_words_are_kept(machine: Path) -> None:
    (machine / ".venv" / "bin").mkdir(parents=True)
    (machine / ".venv" / ".python").touch()
    script(machine / ".venv" / "bin" / "python", "echo no route to the index >&2; exit 1")

    said = demo(machine)

    assert "pip could not install the runtime: is a package index reachable? It said why in .venv/pip.log" == said[-1]
    assert ["installing the runtime into .venv ..."] == said[:-1]
    assert "no route to the index\n" == (machine / ".venv" / "pip.log").read_text()
