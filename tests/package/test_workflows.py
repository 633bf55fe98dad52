"""The workflows: pinned, with least rights, and nothing that could not be run here."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text()
# What `make test` tells the makes that it starts is none of theirs.
OWN = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
TARGETS = set(re.findall(r"^([a-z-]+):(?!=)", MAKEFILE, re.MULTILINE))


def workflow(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_text(), yaml.BaseLoader)  # `on` is a key, not a boolean
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in workflow(path)["jobs"].values():
        yield from job["steps"]


def commands() -> list[str]:
    return [step["run"] for path in FILES for step in steps(path) if "run" in step]


def test_there_are_workflows_for_tests_updates_and_releases() -> None:
    assert ["release", "test", "update"] == [path.stem for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_its_commit_and_says_its_version(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if "uses:" in line]

    assert lines == [
        line for line in lines if re.fullmatch(r"\s*- uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ]
    assert len(lines) == sum("uses" in step for step in steps(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_step_is_an_action_or_one_target_of_the_makefile(path: Path) -> None:
    for step in steps(path):
        assert ("uses" in step) != ("run" in step)
        if "run" in step:
            assert (match := re.fullmatch(r"make ([a-z-]+)( [A-Z]+=[\w./-]+)*", step["run"])), step
            assert match[1] in TARGETS


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("command", sorted(set(commands())))
def test_every_command_can_be_made_here(command: str) -> None:
    done = subprocess.run(
        [*command.split(), "--dry-run", "TAG=v0.1.0"], cwd=ROOT, env=OWN, capture_output=True, text=True, check=False
    )

    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rights_are_given_to_jobs_and_nobody_keeps_credentials(path: Path) -> None:
    found = workflow(path)

    assert found["permissions"] in ({}, {"contents": "read"})
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert "false" == step["with"]["persist-credentials"]
    for job in found["jobs"].values():
        assert int(job["timeout-minutes"]) <= 45


def test_only_publishing_may_prove_who_it_is_and_no_secret_is_used() -> None:
    holders = {
        (path.stem, name)
        for path in FILES
        for name, job in workflow(path)["jobs"].items()
        if "id-token" in job.get("permissions", {})
    }

    assert {("release", "publish")} == holders
    assert not any("secrets." in path.read_text() for path in FILES)


def test_every_python_that_the_package_names_is_tested() -> None:
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())

    matrix = workflow(ROOT / ".github/workflows/test.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert named == matrix["python"]


def test_the_update_commits_what_an_update_writes() -> None:
    (step,) = (s for s in steps(ROOT / ".github/workflows/update.yml") if "create-pull-request" in s.get("uses", ""))

    assert ["spec", "generated", "tests/data", "CHANGELOG.md"] == step["with"]["add-paths"].split()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(("tag", "code"), [("right", 0), ("v9.9.9", 2), ("v0x1x0", 2)])
def test_a_tag_of_another_version_is_refused(tag: str, code: int) -> None:
    text = (ROOT / "runtime/acord/__init__.py").read_text()
    version = re.search(r'^__version__ = "(.+)"', text, re.MULTILINE)
    assert version
    given = f"v{version[1]}" if tag == "right" else tag

    done = subprocess.run(
        ["make", "check-version", f"TAG={given}"], cwd=ROOT, env=OWN, capture_output=True, text=True, check=False
    )

    assert code == done.returncode, done.stdout + done.stderr
