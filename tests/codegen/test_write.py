"""Writing a tree: nothing leaves it, only changes are written, what is stale goes."""

import os
from pathlib import Path

import pytest

from codegen import write
from codegen.errors import CodegenError

OWNED = ("acord/**/*.py",)


@pytest.mark.parametrize(
    "path",
    [
        "../x.py", "acord/../../x.py", "/etc/x.py", "acord//x.py", "acord/./x.py", "acord\\x.py", "acord/X.py", "",
        "acord/x y.py", "acord/x\n.py", "acord/x\x00.py", "acord/ｘ.py", "acord/.x.py", "~/x.py", "acord/$HOME.py", "c:x",
    ],
)  # fmt: skip
def test_T20_a_path_that_is_not_plain_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(CodegenError, match="refusing to write"):
        write.apply(tmp_path, {path: "x"}, OWNED)

    assert [] == list(tmp_path.iterdir())


def test_T20_a_folder_that_links_out_of_the_tree_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/acord").symlink_to(tmp_path / "out")

    with pytest.raises(CodegenError, match="it would leave tree/"):
        write.apply(tmp_path / "tree", {"acord/x.py": "x"}, OWNED)

    assert [] == list((tmp_path / "out").iterdir())


def test_T20_a_file_that_links_out_of_the_tree_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("mine")
    (tmp_path / "tree/acord").mkdir(parents=True)
    (tmp_path / "tree/acord/x.py").symlink_to(tmp_path / "mine.py")

    with pytest.raises(CodegenError, match="it would leave tree/"):
        write.apply(tmp_path / "tree", {"acord/x.py": "x"}, OWNED)

    assert "mine" == (tmp_path / "mine.py").read_text()


def test_a_stale_link_goes_and_what_it_points_to_stays(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("mine")
    (tmp_path / "tree/acord").mkdir(parents=True)
    (tmp_path / "tree/acord/Old-File.py").symlink_to(tmp_path / "mine.py")

    changes = write.apply(tmp_path / "tree", {}, OWNED)

    assert ("acord/Old-File.py",) == changes.removed
    assert "mine" == (tmp_path / "mine.py").read_text()


def test_T20_nothing_is_deleted_through_a_folder_that_links_out_of_the_tree(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.py").write_text("mine")
    (tmp_path / "tree/acord").mkdir(parents=True)
    (tmp_path / "tree/acord/link").symlink_to(tmp_path / "out")

    try:  # whether a glob looks into linked folders depends on the version of Python
        write.apply(tmp_path / "tree", {}, ("acord/**/*.py", "acord/*/*.py"))
    except CodegenError as exc:
        assert "refusing to delete" in str(exc)

    assert "mine" == (tmp_path / "out/mine.py").read_text()


def test_only_changes_are_written(tmp_path: Path) -> None:
    write.apply(tmp_path, {"acord/a.py": "a", "acord/b.py": "b", "acord/deep/er/c.py": "c"}, OWNED)
    for path in tmp_path.rglob("*.py"):
        os.utime(path, (1, 1))

    changes = write.apply(tmp_path, {"acord/a.py": "a", "acord/b.py": "B", "acord/d.py": "d"}, OWNED)

    assert ("1 added, 1 changed, 1 removed", 1) == (str(changes), (tmp_path / "acord/a.py").stat().st_mtime)
    assert {"a.py": "a", "b.py": "B", "d.py": "d"} == {p.name: p.read_text() for p in tmp_path.rglob("*.py")}
    assert ["acord"] == [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_dir()]


def test_what_is_not_owned_stays(tmp_path: Path) -> None:
    (tmp_path / "acord").mkdir()
    (tmp_path / "acord/py.typed").touch()
    (tmp_path / "mine.py").touch()

    changes = write.apply(tmp_path, {}, OWNED)

    assert (False, "nothing changed") == (bool(changes), str(changes))
    assert (tmp_path / "mine.py").exists()


def test_a_file_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write.apply(tmp_path, {"acord/a.py": "old"}, OWNED)

    def broken(source: object, destination: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        write.apply(tmp_path, {"acord/a.py": "new"}, OWNED)

    assert "old" == (tmp_path / "acord/a.py").read_text()


def test_a_diff_shows_both_sides_and_how_much_it_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "acord").mkdir()
    (tmp_path / "acord/a.py").write_bytes(b"x = 1\n\xff\n")
    files = {"acord/a.py": "x = 2\n", "acord/b.py": "".join(f"y{n} = 1\n" for n in range(300))}

    shown = write.diff(tmp_path, files, write.compare(tmp_path, files, OWNED), limit=20)

    assert "--- on disk/acord/a.py\n+++ generated/acord/a.py" in shown
    assert "-x = 1" in shown and "+x = 2" in shown
    assert shown.endswith("lines more")
