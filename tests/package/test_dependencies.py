"""What the package asks for, and what development pins: by name and version, from wherever pip is pointed."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = [one for extra in PROJECT["optional-dependencies"].values() for one in extra]


@pytest.mark.parametrize("needed", [*PROJECT["dependencies"], *EXTRAS])
def test_T27_everything_that_is_installed_has_a_lower_and_an_upper_bound(needed: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]+(>=[0-9.]+,<[0-9.]+|==[0-9.]+)( *;.*)?", needed)


def test_T27_what_is_pinned_is_a_name_and_a_version_and_no_address() -> None:
    lines = [line.partition("#")[0].strip() for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()]

    assert [] == [line for line in lines if line and not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9a-z.+]+", line)]


@pytest.mark.xdist_group("alone")
def test_tests_that_belong_to_one_worker_are_sent_to_one(request: pytest.FixtureRequest) -> None:
    """Else each worker builds and prints for itself what takes most of the time."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("tests are not sent to workers by their groups")

    assert request.node.nodeid.endswith("@alone")
