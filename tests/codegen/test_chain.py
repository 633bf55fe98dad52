"""Documents one after the other: each update ends where a fresh import of the same document ends, whatever came before.

"Fresh" is the spec as people wrote it, with nothing imported yet: what is left when a document of nothing is imported.
"""

import contextlib
import io
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from codegen import gateway, generate, update, write, yaml
from codegen.importer import naming, run
from codegen.load import load
from tests.codegen.conftest import ROOT
from tests.codegen.mini import document, imported, operation, tree
from tests.codegen.test_gateway import FILES

Json = dict[str, Any]
NOTHING = document({}, {})
EVENTS = """source: https://docs.discord.com/x
events:
  DOG_ADD:
    class: DogAdd
    about: A dog came.
    shard: guild
    payload: Dog
    extra: {guild_id: snowflake}
schemas:
  Kennel:
    source: https://x
    about: Where pets live.
    fields: {first?: Dog, kind?: DogKind, all: "Cat[]"}
  Pup:
    source: https://x
    about: A dog without its id.
    base: Dog
    omit: [id, collar]
  Guest:
    source: https://x
    about: Whoever comes.
    union: [Sitter, Walker]
    tag: kind
  Sitter:
    source: https://x
    about: Sits.
    fields: {kind: "DogKind{1}"}
  Walker:
    source: https://x
    about: Walks.
    fields: {kind: "DogKind{2}"}
"""


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def thing(**fields: Json) -> Json:
    return {"type": "object", "properties": {"id": {"type": "string"}, **fields}, "required": ["id"]}


def kinds(*values: int) -> Json:
    return {"type": "integer", "oneOf": [{"title": f"KIND_{v}", "const": v} for v in values]}


COMMON = {
    "CatResponse": thing(),
    "InteractionTypes": {"type": "integer", "oneOf": [{"title": "PING", "const": 1}]},
    "InteractionCallbackTypes": {"type": "integer", "oneOf": [{"title": "PONG", "const": 1}]},
}
CATS = {"/cats": {"get": operation("get_cats", ref("CatResponse"))}}
DOGS = {**CATS, "/dogs": {"get": operation("get_dog", ref("DogResponse"))}}
FIRST = document(CATS, COMMON)
SECOND = document(DOGS, {**COMMON, "DogResponse": thing(), "DogKinds": kinds(1)})
THIRD = document(
    DOGS, {**COMMON, "DogResponse": thing(collar={"type": "string"}), "DogKinds": kinds(1, 2), "BallResponse": thing()}
)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A spec as people wrote it, knowing the third document, before any import."""
    folder = tmp_path / "project/spec"
    for name, text in FILES.items():
        if name.startswith(("gateway", "voice", "webhook", "interaction")):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    imported(folder, THIRD)
    (folder / "gateway/events").mkdir()
    (folder / "gateway/events/dogs.yaml").write_text(EVENTS)
    path = folder / "rest/dogs.yaml"
    path.write_text(path.read_text().replace("returns: Dog", "returns: Dog\n    reason: true\n    note: Barks."))
    (folder / "documented.yaml").write_text("fields:\n  Dog:\n    source: x\n    add: {age?: integer}\n")
    (folder / "overlay.yaml").write_text(
        "corrections:\n- {where: Dog.id, type: snowflake, reason: r, source: s, drop_when: never}\n"
        "- {where: Cat.id, type: Dog, reason: r, source: s, drop_when: never}\n"
    )
    imported(folder, THIRD)
    return folder


def told(folder: Path) -> list[str]:
    """What the spec says that fits the document no longer; it can be read all the same."""
    loaded = load(folder)
    return [*loaded.obsolete, *loaded.told, *gateway.load(folder, loaded).told]


def test_what_we_name_and_the_document_has_is_no_matter_for_a_person(spec: Path) -> None:
    assert [] == told(spec)


def test_what_we_name_and_the_document_lacks_is_read_loosely_and_told_with_its_place(spec: Path) -> None:
    imported(spec, FIRST)

    assert [
        "Dog.id",
        "Cat.id",
        "Dog",
        "spec/gateway/events/dogs.yaml:7: events.DOG_ADD.payload: the document lacks Dog: left out",
        "spec/gateway/events/dogs.yaml:13: schemas.Kennel.fields.first?: the document lacks Dog: read loosely",
        "spec/gateway/events/dogs.yaml:13: schemas.Kennel.fields.kind?: the document lacks DogKind: read loosely",
        "spec/gateway/events/dogs.yaml:17: schemas.Pup.base: the document lacks Dog: left out",
        "spec/gateway/events/dogs.yaml:27: schemas.Sitter.fields.kind: the document lacks DogKind: read loosely",
        "spec/gateway/events/dogs.yaml:31: schemas.Walker.fields.kind: the document lacks DogKind: read loosely",
    ] == told(spec)


def test_a_field_of_the_base_that_the_document_lacks_is_told(spec: Path) -> None:
    imported(spec, SECOND)

    assert ["spec/gateway/events/dogs.yaml:18: schemas.Pup.omit: Dog has no field 'collar' (any more)"] == [
        line for line in told(spec) if "omit" in line
    ]


def test_a_name_that_no_document_ever_had_is_still_a_mistake(spec: Path) -> None:
    path = spec / "gateway/events/dogs.yaml"
    path.write_text(path.read_text().replace("payload: Dog", "payload: Dgo"))

    with pytest.raises(Exception, match=r"unknown schema 'Dgo' \(did you mean 'Dog'\?\)"):
        told(spec)


def test_our_keys_wait_for_what_they_belong_to(spec: Path) -> None:
    before = tree(spec)

    imported(spec, FIRST)
    waiting = yaml.load(spec / "kept.yaml").node("operations")["get_dog"]
    imported(spec, THIRD)

    assert {"reason": True, "note": "Barks."} == waiting
    assert before == tree(spec)


def test_a_chain_of_documents_ends_where_a_fresh_import_ends(spec: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh/spec"
    shutil.copytree(spec, fresh)
    imported(fresh, NOTHING)
    imported(fresh, THIRD)

    for data in (NOTHING, FIRST, SECOND, THIRD):
        imported(spec, data)

    assert tree(fresh) == tree(spec)


# --- names -------------------------------------------------------------------------------------------


def test_what_is_official_goes_around_the_names_of_our_own_classes(spec: Path) -> None:
    data = document(DOGS, {**THIRD["components"]["schemas"], "KennelResponse": thing(), "DogAdd": thing()})

    result = imported(spec, data)

    table = naming.load(spec / "names.yaml").schemas
    assert ("KennelResponse", "OfficialDogAdd") == (table["KennelResponse"][1], table["DogAdd"][1])
    assert any("Kennel is ours: spec/gateway/events/dogs.yaml" in line for line in result.summary)
    assert [] == told(spec)


@pytest.mark.parametrize("name", ["pet_cat", "stroke_cat"])
def test_an_operation_of_ours_that_becomes_official_gives_way(spec: Path, name: str) -> None:
    path = spec / "rest/cats.yaml"
    path.write_text(
        path.read_text() + "\n  pet_cat:\n    post: /cats/{cat_id}/pet\n    path: {cat_id: snowflake}\n"
        "    returns: nothing\n    origin: documentation\n    note: Softly.\n"
    )
    parameters = [{"in": "path", "name": "cat", "required": True, "schema": {"type": "string"}}]
    official = {"post": operation(name, parameters=parameters)}

    result = imported(spec, document({**DOGS, "/cats/{cat}/pet": official}, THIRD["components"]["schemas"]))

    found = yaml.load(path).node("operations")
    assert [name] == [key for key in found if key.endswith("_cat")]
    assert "origin" not in found[name]
    assert f"  operation {name} is official now: our entry pet_cat is dropped" in result.summary
    assert ([] if name == "pet_cat" else ["pet_cat"]) == [old.old for old in load(spec).renamed]


# --- the same names, back and forth ------------------------------------------------------------------


def project(root: Path, data: Json) -> Path:
    imported(root / "spec", data)
    (root / "document.json").unlink()
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
    return root


def renamed_by(root: Path, *names: str, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The aliases after an operation was called by each of these names in turn."""
    monkeypatch.setattr(generate, "render", lambda spec: {})
    for index, name in enumerate(names):
        path = root.parent / f"{index}.json"
        path.write_text(json.dumps(document({"/cats": {"get": operation(name, ref("CatResponse"))}}, COMMON)))
        update.main(path, root, tests=False)
    return {old.old: old.new for old in load(root / "spec").renamed}


@pytest.mark.parametrize(
    ("names", "aliases"),
    [
        (["list_cats"], {"get_cats": "list_cats"}),
        (["list_cats", "get_cats"], {"list_cats": "get_cats"}),
        (["list_cats", "all_cats"], {"get_cats": "all_cats", "list_cats": "all_cats"}),
    ],
)
def test_an_old_name_leads_to_what_there_is_now(
    tmp_path: Path, names: list[str], aliases: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project(tmp_path / "project", document(CATS, COMMON))

    assert aliases == renamed_by(root, *names, monkeypatch=monkeypatch)


def test_an_old_name_of_what_is_gone_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project(tmp_path / "project", document(CATS, COMMON))
    renamed_by(root, "list_cats", monkeypatch=monkeypatch)

    result = imported(root / "spec", document({}, COMMON))

    assert () == load(root / "spec").renamed
    assert "  the old name get_cats has nothing to lead to: list_cats is gone; no alias is kept" in result.summary


def test_of_a_chain_from_nothing_only_names_remain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project(tmp_path / "project", FIRST)
    renamed_by(root, "list_cats", monkeypatch=monkeypatch)
    third = tmp_path / "third.json"
    third.write_text(json.dumps(THIRD).replace("get_cats", "list_cats"))
    update.main(third, root, tests=False)

    fresh = tmp_path / "fresh/spec"
    fresh.mkdir(parents=True)
    shutil.copy(root / "spec/names.yaml", fresh)
    imported(fresh, third.read_text())

    assert ["get_cats"] == [old.old for old in load(fresh).renamed]
    assert tree(fresh) == tree(root / "spec")


# --- Discord's own documents -------------------------------------------------------------------------

FOLDER = os.environ.get("ACORD_OPENAPI_DIR", "")
DATES = ("2025-05-09", "2026-01-14", "2026-07-18")


@pytest.mark.skipif(not FOLDER, reason="ACORD_OPENAPI_DIR names no folder of official documents")
@pytest.mark.timeout(600)
def test_from_the_oldest_document_by_update_to_the_newest_is_what_is_committed(tmp_path: Path) -> None:
    root = tmp_path / "project"
    for part in ("spec", "generated", "codegen", "runtime", "tests", "examples"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__", ".fresh"))
    for path in (p for p in ROOT.iterdir() if p.is_file() and p.name != ".git"):
        shutil.copy2(path, root / path.name)
    committed = {part: tree(root / part) for part in ("spec", "generated", "tests/data")}
    files = [Path(FOLDER) / f"discord-openapi-{date}.json" for date in DATES]
    imported(root / "spec", NOTHING)
    first = run.run(files[0], root / "spec")
    write.apply(root / "spec", first.files, run.OWNED)
    with contextlib.redirect_stderr(io.StringIO()):
        write.apply(root / "generated", generate.render(root / "spec"), generate.OWNED)

    codes = [update.main(path, root) for path in files[1:]]
    (root / "document.json").unlink()

    found = {part: tree(root / part) for part in committed}
    # names.yaml keeps the names of what came and went, so that a name is never given twice.
    names = found["spec"].pop("names.yaml").decode().splitlines()
    kept = [line for line in committed["spec"].pop("names.yaml").decode().splitlines() if line not in names]
    assert ([0, 0], []) == (codes, kept)
    assert committed == found


@pytest.mark.skipif(not FOLDER, reason="ACORD_OPENAPI_DIR names no folder of official documents")
def test_from_the_oldest_document_alone_only_names_remain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [Path(FOLDER) / f"discord-openapi-{date}.json" for date in DATES]
    known = naming.load(ROOT / "spec/names.yaml")
    hints = naming.Names(path_hints=known.path_hints, schema_hints=known.schema_hints, scalars=known.scalars)
    root = tmp_path / "project"
    (root / "spec").mkdir(parents=True)
    (root / "spec/names.yaml").write_text(naming.dump(hints))
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
    write.apply(root / "spec", run.run(files[0], root / "spec").files, run.OWNED)
    monkeypatch.setattr(generate, "render", lambda spec: {})

    for path in files[1:]:
        update.main(path, root, tests=False)

    fresh = tmp_path / "fresh/spec"
    fresh.mkdir(parents=True)
    shutil.copy(root / "spec/names.yaml", fresh)
    write.apply(fresh, run.run(files[2], fresh).files, run.OWNED)
    assert tree(fresh) == tree(root / "spec")
    assert {"list_pinned_messages", "pin_message", "unpin_message"} == {old.old for old in load(fresh).renamed}
