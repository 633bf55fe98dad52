"""`python -m codegen update`: a new document becomes a change of everything, or of nothing."""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from codegen import generate, update, write
from codegen.__main__ import main
from codegen.errors import CodegenError
from codegen.importer import naming
from codegen.load import load
from tests.codegen.diff.compared import Json, base, ref
from tests.codegen.mini import imported, operation, tree

NEW = "acord/models/page.py"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of a small document; its generated tree is one file that names the schemas."""
    root = tmp_path / "project"
    imported(root / "spec", base())
    (root / "document.json").unlink()

    def render(spec: Path) -> dict[str, str]:
        return {NEW: "\n".join(load(spec).schemas) + "\n"}

    monkeypatch.setattr(generate, "render", render)
    write.apply(root / "generated", render(root / "spec"), generate.OWNED)
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- Older.\n\n## 0.1\n\n- Oldest.\n")
    return root


def document(folder: Path, data: Json, name: str = "discord-openapi-2026-08-01.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(data))
    return path


def grown() -> Json:
    data = base()
    data["components"]["schemas"]["DogResponse"] = {"type": "object", "properties": {"id": {"type": "string"}}}
    data["paths"]["/dogs"] = {"get": operation("get_dog", ref("DogResponse"))}
    del data["components"]["schemas"]["CatResponse"]["properties"]["name"]
    return data


def test_everything_is_written_and_noted(project: Path, tmp_path: Path) -> None:
    assert 0 == main(["update", str(document(tmp_path, grown())), "--root", str(project), "--no-tests"])

    changelog = (project / "CHANGELOG.md").read_text()
    assert 'published: "2026-08-01"' in (project / "spec/api.yaml").read_text()
    assert "get_dog" in (project / "spec/rest/dogs.yaml").read_text()
    assert "Dog\n" in (project / "generated" / NEW).read_text()
    assert (
        "# Changelog\n\n## Unreleased\n\n- Older.\n"
        "- Discord's API as its document of 2026-08-01 describes it: 3 changes, 1 of them breaking.\n"
        "  - Breaking: `Cat.name`: field removed `?string(..32)` (it no longer comes).\n"
        "  - New helpers: `get_dog`.\n"
        "  - New classes: `Dog`.\n"
        "\n## 0.1\n\n- Oldest.\n"
    ) == changelog


def test_a_second_run_changes_no_byte(project: Path, tmp_path: Path) -> None:
    path = str(document(tmp_path, grown()))
    main(["update", path, "--root", str(project), "--no-tests"])
    before = tree(project)

    assert 0 == main(["update", path, "--root", str(project), "--no-tests"])
    assert before == tree(project)


def test_a_person_is_told_what_to_decide(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    overlay = "corrections:\n- {where: Cat.name, optional: false, reason: r, source: s, drop_when: never}\n"
    (project / "spec/overlay.yaml").write_text(overlay)
    data = grown()
    data["components"]["schemas"]["CatResponse"]["properties"]["toy"] = {
        "oneOf": [ref("BallResponse"), ref("DogResponse")]
    }

    main(["update", str(document(tmp_path, data)), "--root", str(project), "--no-tests"])

    out = capsys.readouterr().out
    assert "decide: schema DogResponse is called Dog in other.yaml" in out
    assert "no resource: schema Dog stands in other.yaml" in out
    assert "no discriminator: the arms of CatToy are told apart by no field" in out
    assert "drop: Cat.name changes nothing any more" in out


OTHER = base() | {"servers": [{"url": "https://api.example.org"}]}
BAD: dict[str, tuple[str, str]] = {
    "not JSON": ("hello", " line 1: not JSON (truncated?): Expecting value"),
    "truncated": (json.dumps(base(), indent=1)[:-40], "not JSON (truncated?)"),
    "not OpenAPI": (json.dumps({"swagger": "2.0", "paths": {}}), " #/openapi: expected an OpenAPI 3.1 document, found None"),
    "another vendor's": (json.dumps(OTHER), " #/servers/0/url: this is the API of api.example.org, the spec describes that of discord.com"),
    "another vendor's, numbered otherwise": (json.dumps(base() | {"info": {"version": "1.1.4"}}), " #/info/version: expected the number of the API's version, found '1.1.4'"),
    "nothing": (json.dumps(base() | {"paths": {}}), " #/paths: no operation stands here"),
    "a missing $ref": (json.dumps(base()).replace("schemas/CatResponse", "schemas/NoResponse"), " #/paths/~1cats/get/responses/200/content/application/json/schema/items/$ref: $ref '#/components/schemas/NoResponse' leads nowhere"),
    "the same id twice": (json.dumps(base()).replace("get_cat", "list_cats"), "operationId 'list_cats' stands twice: GET /cats and GET /cats/{cat_id}"),
    "the same path twice": (
        json.dumps(base() | {"paths": base()["paths"] | {"/cats/{id}": {"get": operation("again")}}}),
        " #/paths/~1cats~1{id}/get: the same path as GET /cats/{cat_id} but for the names of its parameters",
    ),
    "a circle of references": (
        json.dumps({**base(), "components": {"schemas": {**base()["components"]["schemas"], "A": ref("B"), "B": ref("A")}}}),
        " #/components/schemas/A: $ref goes in a circle: A -> B -> A",
    ),
    "50 MB": (" " * 50 * 1024 * 1024, ": 50 MiB; at most 32 are read"),
}  # fmt: skip


# Importing nothing is allowed: what is left then is our own part of the spec.
@pytest.mark.parametrize(
    ("kind", "command"), [(k, c) for k in BAD for c in ("update", "import") if (k, c) != ("nothing", "import")]
)
def test_a_bad_document_is_one_line_with_the_place_and_leaves_the_tree(
    kind: str, command: str, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, expected = BAD[kind]
    before = tree(project)
    path = tmp_path / "bad.json"
    path.write_text(text)
    into = ["--root", str(project), "--no-tests"] if command == "update" else ["--spec", str(project / "spec")]

    code = main([command, str(path), *into])

    said = capsys.readouterr().err
    assert (1, 1) == (code, len(said.splitlines()))
    assert said.startswith("codegen: bad.json") and expected in said
    assert before == tree(project)


def test_the_document_of_somebody_with_the_same_version_and_no_server_is_another_api(tmp_path: Path) -> None:
    many = {f"/cats/{n}": {"get": operation(f"get_{n}")} for n in range(30)}
    imported(tmp_path / "spec", base() | {"paths": many})

    with pytest.raises(
        CodegenError, match="#/paths: none of the 30 operations of the spec is here: this is another API"
    ):
        imported(tmp_path / "spec", base() | {"paths": {"/dogs": {"get": operation("get_dogs")}}})


@pytest.mark.parametrize("reason", [CodegenError("no"), KeyboardInterrupt(), OSError(28, "disk full")])
@pytest.mark.parametrize("at", [1, 2])
def test_stopped_half_way_the_tree_is_as_it_was(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: BaseException, at: int
) -> None:
    before = tree(project)
    apply, calls = write.apply, list[Path]()

    def failing(root: Path, files: Mapping[str, str], owned: Any) -> write.Changes:
        done = apply(root, files, owned)
        calls.extend([root] if project in root.parents else [])
        if len(calls) == at:
            raise reason
        return done

    monkeypatch.setattr(write, "apply", failing)

    with pytest.raises(type(reason)):
        update.main(document(tmp_path, grown()), project, tests=False)
    assert at == len(calls)
    assert before == tree(project)


def test_a_request_to_stop_is_obeyed_and_undone(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(project)
    apply = write.apply

    def stopped(root: Path, files: Mapping[str, str], owned: Any) -> write.Changes:
        done = apply(root, files, owned)
        if root == project / "spec":
            os.kill(os.getpid(), signal.SIGTERM)
        return done

    monkeypatch.setattr(write, "apply", stopped)

    with pytest.raises(KeyboardInterrupt):
        update.main(document(tmp_path, grown()), project, tests=False)
    assert before == tree(project)


@pytest.mark.parametrize(("test", "code"), [("assert True", 0), ("assert False", 1)])
def test_the_fast_tests_run_before_anything_is_written(project: Path, tmp_path: Path, test: str, code: int) -> None:
    folder = project / "tests/spec"
    folder.mkdir(parents=True)
    # The test sees the new tree, in the copy.
    (folder / "test_it.py").write_text(
        f"from pathlib import Path\ndef test_it():\n    assert 'Dog' in Path('generated/{NEW}').read_text()\n    {test}\n"
    )
    before = tree(project)

    assert code == main(["update", str(document(tmp_path, grown())), "--root", str(project)])
    assert (code == 1) == (before == tree(project))


def test_what_discord_renames_keeps_our_name_or_leaves_an_alias(project: Path, tmp_path: Path) -> None:
    text = json.dumps(base()).replace("BallResponse", "SphereResponse").replace('"get_cat"', '"fetch_cat"')
    text = text.replace('"RED"', '"GINGER"')

    assert 0 == main(["update", str(document(tmp_path, json.loads(text))), "--root", str(project), "--no-tests"])

    names = naming.load(project / "spec/names.yaml")
    assert "Ball" == names.schemas["SphereResponse"][1]
    assert {"get_cat": "fetch_cat", "CatKind.RED": "CatKind.GINGER"} == {
        old: name.new for old, name in names.renamed.items()
    }
    assert "BallResponse" not in names.schemas
    assert {"Ball", "Cat", "CatKind"} <= set(load(project / "spec").schemas)


def test_without_a_place_for_it_in_the_changelog_nothing_is_written(project: Path, tmp_path: Path) -> None:
    (project / "CHANGELOG.md").write_text("# Changelog\n")
    before = tree(project)

    assert 1 == main(["update", str(document(tmp_path, grown())), "--root", str(project), "--no-tests"])
    assert before == tree(project)
