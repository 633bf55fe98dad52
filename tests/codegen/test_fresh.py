"""generated/ is what spec/ says, to the byte; and the commands that keep it so."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from codegen import generate, load, models, write
from codegen.__main__ import main
from codegen.errors import CodegenError
from tests.codegen.conftest import ROOT, SPEC
from tests.codegen.mini import tree


@pytest.fixture
def out(tmp_path: Path, rendered: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh tree of its own, and a `render` that costs nothing."""
    root = tmp_path / "generated"
    write.apply(root, rendered, generate.OWNED)
    (root / "acord/py.typed").touch()
    monkeypatch.setattr(generate, "render", lambda _: rendered)
    return root


def test_the_committed_tree_is_fresh(rendered: dict[str, str]) -> None:
    root = ROOT / "generated"
    changes = write.compare(root, rendered, generate.OWNED)

    assert not changes, f"{write.diff(root, rendered, changes)}\n\ngenerated/ is stale ({changes}): run `make generate`"


def test_the_committed_spec_has_no_correction_without_effect() -> None:
    assert () == load.load(SPEC).obsolete


def test_output_does_not_depend_on_the_hash_seed(unformatted: dict[str, str]) -> None:
    script = (
        "import json, sys; from pathlib import Path; from tests.codegen.mini import pages\n"
        "print(json.dumps(pages(Path(sys.argv[1]))))"
    )
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    done = subprocess.run(
        [sys.executable, "-c", script, str(SPEC)],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert unformatted == json.loads(done.stdout)


def test_a_second_generate_writes_nothing_and_renders_nothing(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == generate.main("generate", SPEC, out)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*")}
    monkeypatch.setattr(generate, "render", lambda _: pytest.fail("rendered again"))

    assert 0 == generate.main("generate", SPEC, out)

    assert before == {p: p.stat().st_mtime_ns for p in out.rglob("*")}
    assert "generated/: fresh" == capsys.readouterr().out.splitlines()[-1]


def _edit(out: Path) -> None:
    (out / "acord/models/users.py").write_text("x = 1\n")


def _delete(out: Path) -> None:
    (out / "acord/models/users.py").unlink()


def _add(out: Path) -> None:
    (out / "acord/models/Old-One.py").write_text("x = 1\n")


def _add_folder(out: Path) -> None:
    (out / "acord/old/er").mkdir(parents=True)
    (out / "acord/old/er/x.py").write_text("x = 1\n")


@pytest.mark.parametrize("spoil", [_edit, _delete, _add, _add_folder])
def test_what_differs_is_seen_by_check_and_repaired_by_generate(
    out: Path, spoil: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    generate.main("generate", SPEC, out)
    good = tree(out / "acord")
    spoil(out)

    codes = [generate.main(command, SPEC, out) for command in ("check", "generate", "check")]

    assert [1, 0, 0] == codes
    assert good == tree(out / "acord")
    assert sorted(p for p in out.rglob("*") if p.is_dir()) == sorted(
        {q for f in out.rglob("*") if f.is_file() for q in f.parents if out in q.parents}
    )  # no empty folder stays
    assert "run `make generate` and commit the result" in capsys.readouterr().err


def test_check_shows_the_diff(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _edit(out)

    assert 1 == generate.main("check", SPEC, out)

    shown = capsys.readouterr()
    assert "--- on disk/acord/models/users.py\n+++ generated/acord/models/users.py" in shown.out
    assert "-x = 1" in shown.out
    assert "generated/ is stale (1 changed)" in shown.err


def test_check_changes_no_file_of_the_tree(out: Path) -> None:
    _edit(out)
    before = tree(out)

    generate.main("check", SPEC, out)

    assert before == tree(out)


def test_another_datamodel_code_generator_is_refused_with_the_cure(
    mini: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(models, "version", lambda _: "0.1.0")

    assert 1 == main(["generate", "--spec", str(mini()), "--out", str(tmp_path / "generated")])

    said = capsys.readouterr().err
    assert 1 == len(said.splitlines())
    assert f"0.1.0 is installed, {models.PINNED} is pinned: run `pip install -c constraints.txt" in said
    assert not (tmp_path / "generated").exists()


def test_the_pinned_datamodel_code_generator_is_the_one_of_the_constraints() -> None:
    assert f"datamodel-code-generator=={models.PINNED}" in (ROOT / "constraints.txt").read_text()


def test_a_broken_spec_is_one_line_and_leaves_the_tree(
    mini: Callable[..., Path], out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    before = tree(out)

    assert 1 == main(["generate", "--spec", str(mini("operation: {}\n")), "--out", str(out)])

    assert (
        "codegen: spec/rest/cats.yaml:1: operation: unknown key (did you mean 'operations'?)\n"
        == capsys.readouterr().err
    )
    assert before == tree(out)


def test_a_folder_that_is_no_spec_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == main(["check", "--spec", str(tmp_path), "--out", str(tmp_path / "generated")])

    assert "no api.yaml here: this is not a spec folder" in capsys.readouterr().err


def test_the_header_names_generator_and_source(rendered: Mapping[str, str]) -> None:
    assert {"# Generated by `make generate` from spec/ (2026-07-18). Do not edit."} == {
        text.splitlines()[0] for text in rendered.values()
    }


def test_a_source_that_cannot_stand_in_a_comment_is_refused() -> None:
    with pytest.raises(CodegenError, match="cannot stand in a comment"):
        generate.finish({"acord/x.py": "x = 1\n"}, "spec/ (2026\nimport os)")


def test_the_formatter_takes_no_setting_from_the_environment(rendered: Mapping[str, str], tmp_path: Path) -> None:
    source = {"acord/models/users.py": rendered["acord/models/users.py"]}

    assert source == generate.formatted(source)
    shutil.rmtree(tmp_path)
