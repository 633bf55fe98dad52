"""The front door: one list of names, each loaded on first use and with nothing that it does not need."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import acord
import pytest
from acord.core import errors, front


def promised() -> dict[str, str]:
    """What type checkers are told: name to home."""
    homes: dict[str, str] = {}
    for node in ast.walk(ast.parse(inspect.getsource(front))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("acord"):
            homes |= {alias.asname or alias.name: node.module for alias in node.names}
        elif isinstance(node, ast.Import):
            homes |= {alias.asname or alias.name: alias.name for alias in node.names}
    return homes


def test_checkers_and_the_interpreter_are_told_the_same() -> None:
    told = promised()

    assert sorted(told) == sorted(front.__all__)
    assert front.HOME == {name: home for name, home in told.items() if home != f"acord.{name}"}


def test_dir_lists_what_there_is() -> None:
    assert {*front.__all__, "__version__"} <= set(dir(acord))


def test_a_misspelt_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="HTPPClient"):
        acord.HTPPClient  # type: ignore[attr-defined]  # noqa: B018 - the access is the test


def test_every_exception_is_importable_from_acord_errors() -> None:
    from acord import errors as public

    tree = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}

    assert tree == set(public.__all__)
    assert all(getattr(public, name) is getattr(errors, name) for name in tree)


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import acord", {"asyncio", "pydantic", "httpx", "websockets", "msgspec"}),
        ("from acord import HTTPClient", {"pydantic", "httpx", "websockets"}),
        ("from acord import Route, Token, File, Snowflake", {"asyncio", "pydantic", "httpx", "websockets"}),
        ("from acord import errors", {"asyncio", "pydantic", "httpx", "websockets"}),
        ("from acord import Intents", {"asyncio", "pydantic", "httpx", "websockets"}),
        ("import acord.core.decoders", {"asyncio", "pydantic", "httpx", "websockets"}),
    ],
)
def test_an_import_loads_only_what_it_needs(statement: str, absent: set[str]) -> None:
    script = f"import sys; {statement}; print(*sorted({absent!r} & sys.modules.keys()))"
    roots = [str(Path(entry)) for entry in sys.path if entry]

    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {roots!r}; {script}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "" == done.stdout.strip()
