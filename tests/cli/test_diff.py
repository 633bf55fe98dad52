"""`acord diff` and `acord generate`: the generator's own, from this command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done

pytest.importorskip("datamodel_code_generator")
Alone = Callable[..., Done]
DATA = Path(__file__).parents[1] / "data"
OLD, NEW = sorted(DATA.glob("cut_*.json"))[:2]


def test_two_documents_are_compared_and_what_breaks_can_fail(alone: Alone) -> None:
    shown, told = alone("diff", str(OLD), str(NEW)), alone("diff", str(OLD), str(NEW), "--json")
    failing, same = alone("diff", str(OLD), str(NEW), "--fail-on-breaking"), alone("diff", str(NEW), str(NEW))

    assert (0, 0, 1, 0) == (shown.code, told.code, failing.code, same.code)
    assert json.loads(told.out)
    assert shown.out == failing.out


def test_helpers_are_generated(alone: Alone, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("operations: {get_x: {get: /x, returns: Message}}")

    done = alone("generate", str(tmp_path / "x.yaml"), "--out", str(tmp_path / "mypkg"))

    assert (0, "") == (done.code, done.err)
    assert done.out.startswith("mypkg: 1 helpers, ")
    assert (tmp_path / "mypkg/__init__.py").exists()
