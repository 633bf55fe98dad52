"""The list of what can go wrong, `faults.yaml`, and which tests of the project carry which of its ids."""

import ast
import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["ROOT", "Fault", "Guard", "carriers", "faults"]

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("faults.yaml")
ID = re.compile(r"(?<=_)[rgpstiRGPSTI]\d{1,2}(?=_)")


@dataclass(frozen=True, slots=True)
class Guard:
    """The code that sees to it."""

    file: str
    """From the root of the project."""
    code: str
    """What stands there, once."""
    instead: str
    """What stands there without the guard."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that can go wrong; of an invariant, what must hold whatever goes wrong."""

    id: str
    name: str
    holds: tuple[str, ...] = ()
    """Ids of the invariants that it tries."""
    guard: Guard | None = None
    red: str | None = None
    """The test that fails without the guard, as pytest is given it."""
    later: str | None = None
    """Why nothing tests it yet."""


@functools.cache
def faults() -> dict[str, Fault]:
    """All by id, in the order of the list."""
    listed: dict[str, dict[str, Any]] = yaml.safe_load(LIST.read_text("utf-8"))
    return {
        name: Fault(
            name,
            about["name"],
            tuple(about.get("holds", ())),
            Guard(**about["guard"]) if "guard" in about else None,
            about.get("red"),
            about.get("later"),
        )
        for name, about in listed.items()
    }


@functools.cache
def carriers() -> dict[str, tuple[str, ...]]:
    """Id -> the tests that have it in their names, as pytest is given them."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if "/consumer/" in path.as_posix():
            continue
        for node in _functions(ast.parse(path.read_text("utf-8"))):
            for name in dict.fromkeys(map(str.upper, ID.findall(node))):
                found.setdefault(name, []).append(f"{path.relative_to(ROOT).as_posix()}::{node}")
    return {name: tuple(tests) for name, tests in found.items()}


def _functions(tree: ast.AST) -> list[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node.name for node in ast.walk(tree) if isinstance(node, kinds) and node.name.startswith("test_")]
