"""`acord version`, and what there is without the extra."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import acord
from acord.cli import versions
from tests.cli.conftest import Done
from tests.interpreter import loaded, roots

Alone = Callable[..., Done]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without the extra."""
    monkeypatch.setattr(versions, "missing", lambda extra: ["typer"] if extra == "cli" else [])


def test_version_names_the_library_and_what_it_is_built_on(alone: Alone) -> None:
    done = alone("version")

    assert done.out.startswith(f"acord {acord.__version__}, Python {sys.version.split()[0]}, pydantic 2.")
    assert (0, "", 1) == (done.code, done.err, len(done.out.splitlines()))
    assert done == alone("--version")


def test_version_is_json_for_programs(alone: Alone) -> None:
    told = json.loads(alone("version", "--json").out)

    assert {"acord", "python", "pydantic", "httpx", "websockets", "msgspec"} == set(told)


def _quietly(args: list[str]) -> str:
    """A statement that runs a command, whose output is no module's name."""
    silent = "kept = sys.stdout; sys.stdout = open(os.devnull, 'w')"
    return f"import os; from acord.__main__ import main; {silent}; main({args!r}); sys.stdout = kept"


def test_version_waits_for_nothing_that_it_does_not_need() -> None:
    names = loaded(_quietly(["version"]))

    assert not names & {"typer", "rich", "pydantic", "httpx", "websockets", "msgspec", "asyncio", "acord.core.errors"}


def test_a_list_of_routes_waits_for_no_network_and_no_models() -> None:
    names = loaded(_quietly(["routes", "pins"]))

    assert not names & {"httpx", "websockets", "acord.core.base", "acord.core.http", "acord.models"}


def test_without_the_extra_it_names_the_versions_and_how_to_get_it(bare: None, alone: Alone) -> None:
    done = alone()

    assert (0, "") == (done.code, done.err)
    assert done.out.startswith(f"acord {acord.__version__}, ")
    assert "pip install 'acord[cli]'" in done.out


@pytest.mark.parametrize("command", ["doctor", "call", "routes", "route", "gateway", "diff"])
def test_without_the_extra_a_command_is_one_line_with_the_cure(bare: None, alone: Alone, command: str) -> None:
    assert (1, "", "acord: the commands need the extra `cli`: pip install 'acord[cli]'\n") == alone(command)


def test_without_the_extra_a_wrong_command_is_still_one(bare: None, alone: Alone) -> None:
    done = alone("dance")

    assert (2, "") == (done.code, done.out)
    assert done.err.startswith("acord: unknown command")


def test_without_the_extra_generate_and_the_sandbox_run(bare: None, alone: Alone, tmp_path: Path) -> None:
    wanted = alone("generate", str(tmp_path / "x.yaml"), "--out", str(tmp_path / "mypkg"))
    with pytest.raises(SystemExit) as asked:
        alone("sandbox", "--help")

    assert (1, "acord: x.yaml: cannot be read: No such file or directory\n") == (wanted.code, wanted.err)
    assert 0 == asked.value.code


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "acord", "route", "no_such"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(roots())},
    )  # fmt: skip

    assert (2, "") == (done.returncode, done.stdout)
    assert done.stderr.startswith("acord: no operation is called no_such")
