"""The front door: one list of names, each loaded on first use and with nothing that it does not need."""

import ast
import importlib
import inspect
import subprocess
from pathlib import Path

import pytest

import acord
from acord.core import errors, front
from tests.interpreter import loaded


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


HEAVY = {"asyncio", "pydantic", "httpx", "websockets", "msgspec"}


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import acord", HEAVY | {"typing", "pkgutil", "acord.core.front"}),
        ("from acord import HTTPClient", (HEAVY - {"asyncio"}) | {"acord.flags", "acord.models"}),
        ("from acord import Route, PaginatedRoute, Token, File, Snowflake, MISSING", HEAVY | {"acord.flags"}),
        ("from acord import Webhook", HEAVY | {"acord.routes"}),
        ("from acord import errors", HEAVY),
        ("from acord import Intents", HEAVY | {"acord.core.abc", "acord.flags"}),
        ("from acord import Permissions, compute_permissions, flags, formatting, cdn", HEAVY),
        ("from acord import preload", HEAVY | {"acord.models", "acord.routes"}),
        ("from acord import models; models.ChannelType", HEAVY | {"acord.models.messages"}),
        ("import acord.core.decoders", HEAVY),
    ],
)
def test_an_import_loads_only_what_it_needs(statement: str, absent: set[str]) -> None:
    assert set() == loaded(statement) & absent


@pytest.mark.parametrize("name", front.__all__)
def test_every_name_of_the_front_is_there(name: str) -> None:
    assert getattr(acord, name) is getattr(importlib.import_module(front.HOME.get(name, "acord")), name)


def test_a_folder_that_happens_to_be_called_acord_is_no_part_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "acord").mkdir()
    (tmp_path / "acord" / "intruder.py").write_text("")

    with pytest.raises(subprocess.CalledProcessError):
        loaded(f"sys.path.insert(0, {str(tmp_path)!r}); sys.path.append(sys.path.pop(0)); import acord.intruder")


def test_after_preload_nothing_is_left_to_load_or_to_build() -> None:
    built = (
        "import acord; acord.preload(); before = set(sys.modules); import acord.core.base as base; "
        "everything = [v for m in list(sys.modules.values()) if m.__name__.startswith('acord.models.') "
        "for v in vars(m).values() if isinstance(v, type) and issubclass(v, base.BaseModel)]; "
        "assert len(everything) > 400 and all(v.__pydantic_complete__ for v in everything); "
        "made = base._by_key.cache_info().misses; "
        "from acord import models, routes; base.load('Message', '{}'); base.load('list[Message]', '[]'); "
        "[getattr(models, n) for n in dir(models)]; [getattr(routes, n) for n in dir(routes)]; "
        "assert made == base._by_key.cache_info().misses; assert before == set(sys.modules)"
    )

    found = loaded(built)

    assert {"acord.models.messages", "acord.routes.webhooks", "acord.core.http", "httpx"} <= found
    assert not {"acord.models.dicts", "acord.models.likes"} & found
