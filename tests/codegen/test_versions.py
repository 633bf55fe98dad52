"""A second version of the API beside the first: tried with a copy of a document that differs in its number alone."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from acord.core import abc
from codegen import generate, versions
from codegen.__main__ import main
from codegen.load import load
from tests.codegen.conftest import SPEC
from tests.codegen.mini import imported, pages, tree
from tests.codegen.test_chain import THIRD, spec as spec  # a fixture


def relabelled(folder: Path, data: dict[str, Any], version: str = "11") -> Path:
    path = folder / "v11.json"
    text = json.dumps(data | {"info": {**data["info"], "version": version}})
    path.write_text(text.replace("/api/v10", f"/api/v{version}"))
    return path


def import_second(spec: Path, document: Path, version: str = "11") -> int:
    return main(["import", str(document), "--spec", str(spec), "--api-version", version])


def test_api_version_is_the_one_that_the_spec_describes() -> None:
    assert load(SPEC).api_version == abc.API_VERSION


def test_a_document_of_another_version_is_refused_with_the_cure(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(spec)
    document = relabelled(tmp_path, THIRD)

    codes = [
        main(["import", str(document), "--spec", str(spec)]),
        main(["update", str(document), "--root", str(spec.parent)]),
    ]

    line = (
        "codegen: v11.json #/info/version: this is version 11 of the API, the spec describes 10: "
        "`python -m codegen import --api-version 11` gives it a folder of its own\n"
    )
    assert ([1, 1], line * 2) == (codes, capsys.readouterr().err)
    assert before == tree(spec)


def test_a_document_of_yet_another_version_is_not_the_second(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 1 == import_second(spec, relabelled(tmp_path, THIRD, "12"))
    assert "this is version 12 of the API, not 11" in capsys.readouterr().err
    assert not (spec / "v11").exists()


def test_a_relabelled_copy_gives_the_same_code_from_a_folder_of_its_own(spec: Path, tmp_path: Path) -> None:
    before = tree(spec)

    assert 0 == import_second(spec, relabelled(tmp_path, THIRD))

    assert before == {name: text for name, text in tree(spec).items() if not name.startswith("v11/")}
    own = tree(spec / "v11")
    assert {"api.yaml", "names.yaml", "rest/cats.yaml", "rest/dogs.yaml", "rest/other.yaml"} == set(own)
    whole = versions.composed(spec, spec / "v11", tmp_path / "scratch")
    assert (10, 11) == (load(spec).api_version, load(whole).api_version)
    assert pages(spec) == pages(whole)


def test_our_own_keys_and_names_come_along(spec: Path, tmp_path: Path) -> None:
    import_second(spec, relabelled(tmp_path, THIRD))

    assert (spec / "rest/dogs.yaml").read_bytes() == (spec / "v11/rest/dogs.yaml").read_bytes()
    assert b"note: Barks." in (spec / "v11/rest/dogs.yaml").read_bytes()


def test_both_versions_can_be_compared(spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_second(spec, relabelled(tmp_path, THIRD))
    sides = ["diff", str(spec), str(spec / "v11"), "--spec", str(spec)]
    same = main(sides)
    data = json.loads(json.dumps(THIRD))
    data["components"]["schemas"]["DogResponse"]["properties"]["wings"] = {"type": "integer"}
    import_second(spec, relabelled(tmp_path, data))
    capsys.readouterr()

    assert (0, 1) == (same, main([*sides, "--format", "json"]))
    assert [("field_added", "DogResponse.wings")] == [
        (c["kind"], c["where"]) for c in json.loads(capsys.readouterr().out)["changes"]
    ]


def test_a_file_of_its_own_stands_for_the_first_versions(spec: Path, tmp_path: Path) -> None:
    import_second(spec, relabelled(tmp_path, THIRD))
    (spec / "v11/documented.yaml").write_text("fields:\n  Dog:\n    source: x\n    add: {weight?: integer}\n")

    whole = versions.composed(spec, spec / "v11", tmp_path / "scratch")

    assert "weight: int" in pages(whole)["acord/models/other.py"]
    assert "weight" not in pages(spec)["acord/models/other.py"]


def test_a_second_import_changes_no_byte(spec: Path, tmp_path: Path) -> None:
    document = relabelled(tmp_path, THIRD)
    import_second(spec, document)
    before = tree(spec)

    import_second(spec, document)

    assert before == tree(spec)


def test_the_first_version_goes_on_without_the_second(spec: Path, tmp_path: Path) -> None:
    import_second(spec, relabelled(tmp_path, THIRD))
    second = tree(spec / "v11")

    imported(spec, THIRD)

    assert second == tree(spec / "v11")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--api-version", "12", "--out", "x"], "spec/v12/ is missing: import a document of that version first"),
        (["--api-version", "../x", "--out", "x"], "expected the number of a version of the API, found '../x'"),
    ],
)
def test_generating_a_version_that_is_not_there_is_refused(
    spec: Path, arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 1 == main(["generate", "--spec", str(spec), *arguments])
    assert f"codegen: {problem}\n" == capsys.readouterr().err


FOLDER = os.environ.get("ACORD_OPENAPI_DIR", "")


@pytest.mark.skipif(not FOLDER, reason="ACORD_OPENAPI_DIR names no folder of official documents")
def test_discords_own_document_relabelled_gives_what_is_committed(tmp_path: Path) -> None:
    data = json.loads((Path(FOLDER) / "discord-openapi-2026-07-18.json").read_text())
    whole = versions.composed(SPEC, tmp_path / "none", tmp_path / "first")
    document = relabelled(tmp_path, data)
    main(["import", str(document), "--spec", str(whole), "--api-version", "11", "--published", "2026-07-18", "--quiet"])

    second = generate.render(versions.composed(whole, whole / "v11", tmp_path / "second"))

    assert generate.render(SPEC) == second
