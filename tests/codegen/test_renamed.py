"""`renamed` in names.yaml: old names stay, warn, and lead to the new ones."""

import importlib.util
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codegen import generate
from codegen.errors import SpecError
from codegen.load import load
from tests.codegen.mini import CAT, pages

KIND = (
    CAT
    + """
  CatKind:
    enum: int32
    values:
      BLACK: 1
      GINGER: 2
"""
)
NAMES = """renamed:
  fetch_cat: {to: get_cat, until: "0.3"}
  Feline: Cat
  CatKind.RED: {to: CatKind.GINGER, until: "0.3"}
"""
Mini = Callable[..., Path]


@pytest.fixture
def printed(mini: Mini) -> dict[str, str]:
    return pages(mini(KIND, names=NAMES))


def door(folder: Path, source: str, name: str, home: str, **inside: Any) -> types.ModuleType:
    """A door as a module, with `inside` as what lies behind it."""
    behind = types.ModuleType(f"{name}.{home}")
    vars(behind).update(inside)
    sys.modules[f"{name}.{home}"] = behind  # put back by the test's monkeypatch
    return loaded(source, folder / "door.py", name)


def loaded(source: str, path: Path, name: str) -> types.ModuleType:
    """Printed source as a module that nothing else can import."""
    path.write_text(source)
    found = importlib.util.spec_from_file_location(name, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_an_old_helper_warns_with_the_version_in_which_it_goes(
    printed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("acord.core.signals.templates.TEMPLATES", {"get_cat": ("GET", "/cats/{cat_id}", "cats")})
    monkeypatch.setitem(sys.modules, "acord.routes.cats", types.ModuleType("acord.routes.cats"))
    module = door(tmp_path, printed["acord/routes/__init__.py"], "acord.routes", "cats", get_cat=len)

    with pytest.warns(
        DeprecationWarning, match=r"acord\.routes\.fetch_cat is called get_cat now; the old name goes in 0\.3"
    ):
        assert module.fetch_cat is len


def test_an_old_model_warns(printed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "acord.models.cats", types.ModuleType("acord.models.cats"))
    module = door(tmp_path, printed["acord/models/__init__.py"], "acord.models", "cats", Cat=int)

    with pytest.warns(
        DeprecationWarning, match=r"Feline is called Cat now; the old name goes in the next minor version"
    ):
        assert module.Feline is int


def test_an_old_member_of_an_enum_warns_and_is_no_member_of_its_own(printed: dict[str, str], tmp_path: Path) -> None:
    kind = loaded(printed["acord/models/enums.py"], tmp_path / "enums_of_cats.py", "enums_of_cats").CatKind

    with pytest.warns(DeprecationWarning, match=r"CatKind\.RED is called GINGER now; the old name goes in 0\.3"):
        assert kind.RED is kind.GINGER
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ["BLACK", "GINGER"] == [member.name for member in kind]


def test_checkers_know_the_old_names(printed: dict[str, str]) -> None:
    """By assignment: `from a import b as c` is nothing that a strict mypy lets others import."""
    assert "    fetch_cat = get_cat\n" in printed["acord/routes/__init__.py"]
    assert "    Feline = Cat\n" in printed["acord/models/__init__.py"]


def test_old_names_pass_the_wall_that_all_generated_text_passes(printed: dict[str, str]) -> None:
    assert printed.keys() == generate.finish(printed, "spec/").keys()


def test_without_old_names_nothing_is_printed_of_them(mini: Mini) -> None:
    assert not [path for path, text in pages(mini(KIND)).items() if "_RENAMED" in text or "RenamedMember" in text]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("fetch_cat: get_dog", "there is no 'get_dog'"),
        ("get_cat: get_cat", "this name is in use"),
        ("class: get_cat", "no name that could have been printed"),
        ("str: Cat", "no name that could have been printed"),
        ("CatKind.RED: CatKind.BLUE", "is no member of CatKind"),
        ("CatKind.BLACK: CatKind.GINGER", "cannot be another name"),
        ('fetch_cat: {to: get_cat, until: "soon"}', "expected a version"),
    ],
)
def test_an_old_name_that_leads_nowhere_or_hides_something_is_refused(mini: Mini, row: str, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        load(mini(KIND, names=f"renamed:\n  {row}\n"))
