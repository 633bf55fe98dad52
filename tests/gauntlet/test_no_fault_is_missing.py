"""Every fault and every threat of the REST client has a test that carries its id."""

import ast
import functools
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
FAULTS = [f"R{number}" for number in range(1, 45)]
THREATS = [f"T{number}" for number in (1, 2, 4, 6, 7, 8, 11, 12, 13, 14, 15, 16)]


@functools.cache
def covered() -> dict[str, set[str]]:
    """Fault or threat -> names of the tests that carry its id."""
    found: dict[str, set[str]] = {}
    for path in sorted(TESTS.glob("gauntlet/test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_"):
                for name in re.findall(r"(?<=_)[RT]\d+(?=_)", node.name):
                    found.setdefault(name, set()).add(f"{path.name}::{node.name}")
    return found


@pytest.mark.parametrize("name", FAULTS + THREATS)
def test_each_has_a_test_of_its_name(name: str) -> None:
    assert covered().get(name)


def test_no_test_names_a_fault_that_does_not_exist() -> None:
    assert set() == {name for name in covered() if name[0] == "R"} - set(FAULTS)
