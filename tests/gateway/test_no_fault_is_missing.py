"""Every fault of the gateway and of the process, and every threat to them, has a test that carries its id."""

import ast
import functools
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.tools.guards import GUARDS, source_without

TESTS = Path(__file__).parent.parent
GATEWAY = [f"G{number}" for number in range(1, 45)]
PROCESS = [f"P{number}" for number in range(1, 19)]
THREATS = [f"T{number}" for number in (3, 9, 10, 11, 12, 17, 18)]
ELSEWHERE = {
    "P17": "`make test-strict` runs the tests themselves under other switches of Python's",
}
"""What no single test can show, and where it is shown."""


@functools.cache
def covered() -> dict[str, set[str]]:
    """Fault or threat -> names of the tests that carry its id, in either case of its letter."""
    found: dict[str, set[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_"):
                for name in re.findall(r"(?<=_)[gptGPT]\d+(?=_)", node.name):
                    found.setdefault(name.upper(), set()).add(f"{path.name}::{node.name}")
    return found


def missing(ids: Sequence[str]) -> list[str]:
    return [name for name in ids if name not in ELSEWHERE and name not in covered()]


@pytest.mark.parametrize("ids", [GATEWAY, PROCESS, THREATS], ids=["gateway", "process", "threats"])
def test_each_has_a_test_of_its_name(ids: list[str]) -> None:
    assert [] == missing(ids)


@pytest.mark.parametrize(("fault", "number"), [(fault, at) for fault in GUARDS for at in range(len(GUARDS[fault]))])
def test_each_guard_is_where_the_test_of_guards_looks_for_it(fault: str, number: int) -> None:
    compile(source_without(*GUARDS[fault][number]), fault, "exec")


def test_each_fault_of_a_connection_has_a_guard() -> None:
    ids = [*GATEWAY[:31], *GATEWAY[35:], "P3", "P4", "P5", "P8", "P13", "P14", "P15", "P16", *THREATS]

    assert sorted(ids) == sorted(GUARDS)


def test_what_is_shown_elsewhere_has_no_test_here() -> None:
    assert set() == ELSEWHERE.keys() & covered().keys()


def test_no_test_names_a_fault_that_does_not_exist() -> None:
    assert set() == {name for name in covered() if name[0] in "GP"} - {*GATEWAY, *PROCESS}
