"""A broken spec is refused with file, line, key path, what was found and what was expected."""

from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.errors import SpecError
from codegen.load import load
from tests.codegen.mini import API, CAT

Mini = Callable[..., Path]
UNION = """schemas:
  Kind:
    enum: integer
    values: {BLACK: 1, WHITE: 2}
  Black:
    fields: {kind: "Kind{1}"}
  White:
    fields: {kind: "Kind{2}"}
  Any-cat:
"""

CASES: dict[str, tuple[str, str, str]] = {
    "unknown key": ("    get: /cats", "    gte: 1\n    get: /cats", "cats.yaml:3: operations.get_cat.gte: unknown key (did you mean 'get'?)"),
    "unknown top key": ("operations:", "operation:", "cats.yaml:1: operation: unknown key (did you mean 'operations'?)"),
    "no method": ("    get: /cats/{cat_id}\n", "", "cats.yaml:2: operations.get_cat: an operation has one of get, post, put, patch, delete; found none"),
    "two methods": ("    path:\n", "    put: /x\n    path:\n", "cats.yaml:2: operations.get_cat: an operation has one of get, post, put, patch, delete; found get, put"),
    "wrong type": ("returns: Cat", "returns: [Cat]", "cats.yaml:6: operations.get_cat.returns: expected a mapping, found a list"),
    "unknown schema": ("returns: Cat", "returns: Cta", "cats.yaml:6: operations.get_cat.returns: unknown schema 'Cta' (did you mean 'Cat'?)"),
    "unknown type": ("id: snowflake\n      name", "id: snowflak\n      name", "cats.yaml:12: schemas.Cat.fields.id: 'snowflak': unknown type 'snowflak' (known: string"),
    "broken type": ("?string(1..32)", "?string(1..32", "cats.yaml:13: schemas.Cat.fields.name?: '?string(1..32': expected ')' at character 14, found the end"),
    "no path": ("/cats/{cat_id}", "cats/{cat_id}", "cats.yaml:3: operations.get_cat.get: 'cats/{cat_id}' is no path like /channels/{channel_id}"),
    "a path that climbs": ("/cats/{cat_id}", "/cats/../{cat_id}", "cats.yaml:3: operations.get_cat.get: '/cats/../{cat_id}' is no path"),
    "a path with a query": ("/cats/{cat_id}", "/cats/{cat_id}?x=1", "cats.yaml:3: operations.get_cat.get: '/cats/{cat_id}?x=1' is no path"),
    "path and parameters differ": ("/cats/{cat_id}", "/cats/{id}", "cats.yaml:4: operations.get_cat.path: the path names ['id'], this block describes ['cat_id']"),
    "bad status": ("returns: Cat", "returns: {\"404\": Cat}", "cats.yaml:6: operations.get_cat.returns.404: expected a status 2xx, found '404'"),
    "bad status of an answer": ("returns: Cat", "returns: Cat\n    answers: {x: image/png}", "cats.yaml:7: operations.get_cat.answers.x: expected a status 2xx, found 'x'"),
    "unknown scope": ("returns: Cat", "returns: Cat\n    scopes: [fly]", "cats.yaml:7: operations.get_cat.scopes: unknown scope 'fly'"),
    "unknown auth": ("returns: Cat", "returns: Cat\n    auth: [robot]", "cats.yaml:7: operations.get_cat.auth: unknown kind 'robot' (known: none, bot"),
    "operation name": ("get_cat:", "getCat:", "cats.yaml:2: operations.getCat: 'getCat' is no operation name"),
    "operation named as a word of Python's": ("get_cat:", "import:", "cats.yaml:2: operations.import: 'import' is no operation name"),
    "schema name": ("  Cat:", "  cat:", "cats.yaml:9: schemas.cat: 'cat' is no schema name (CamelCase, letters and digits)"),
    "schema named as what modules import": ("  Cat:", "  Field:\n    fields: {}\n  Cat:", "cats.yaml:9: schemas.Field: 'Field' is a name that generated modules import"),
    "required and optional": ("name?:", "id?:", "cats.yaml:13: schemas.Cat.fields.id?: 'id' is described twice, as required and as optional"),
    "two forms of schema": ("    fields:", "    type: string\n    fields:", "cats.yaml:9: schemas.Cat: a schema has one of fields, enum, union, type, base; found fields, type"),
    "no form of schema": ("    fields:\n      id: snowflake\n      name?: ?string(1..32)\n", "", "cats.yaml:9: schemas.Cat: a schema has one of fields, enum, union, type, base; found none"),
    "bad field": ("?string(1..32)", "{type: string, defualt: 1}", "cats.yaml:13: schemas.Cat.fields.name?.defualt: unknown key (did you mean 'default'?)"),
    "field without a type": ("?string(1..32)", "{deprecated: true}", "schemas.Cat.fields.name?.type: expected a type, found nothing"),
    "enum of what": ("    fields:", "    enum: colour\n    values: {A: 1}\n  Dog:\n    fields:", "cats.yaml:11: schemas.Cat.enum: expected string, integer, int32 or int64, found 'colour'"),
    "value of an enum": ("    fields:", "    enum: integer\n    values: {A: 1, B: x}\n  Dog:\n    fields:", "cats.yaml:12: schemas.Cat.values.B: expected a whole number, found 'x'"),
    "truth as a value of an enum": ("    fields:", "    enum: integer\n    values: {A: true}\n  Dog:\n    fields:", "cats.yaml:12: schemas.Cat.values.A: expected a whole number, found True"),
    "union of nothing": ("    fields:", "    union: []\n  Dog:\n    fields:", "cats.yaml:11: schemas.Cat.union: expected a list of schemas"),
    "union of a scalar": ("    fields:", "    union: [string]\n  Dog:\n    fields:", "cats.yaml:11: schemas.Cat.union: expected a list of schemas"),
    "base that is no object": ("    fields:", "    extends: [Kind]\n    fields:", "cats.yaml:11: schemas.Cat.extends: Kind is no schema with fields"),
    "base of itself": ("    fields:", "    extends: [Cat]\n    fields:", "cats.yaml:11: schemas.Cat.extends: Cat leads back to itself"),
    "type of itself": ("  Cat:", "  Loop:\n    type: map(Loop[])\n  Cat:", "cats.yaml:10: schemas.Loop.type: Loop leads back to itself"),
    "answer written by hand": ("    fields:", "    handwritten: acord.core.errors\n    fields:", "cats.yaml:2: operations.get_cat: Cat is written by hand in the runtime"),
    "page without an answer": ("returns: Cat", "paginate: {cursor: [after], item: '', key: id, limit: 9}", "cats.yaml:6: operations.get_cat.paginate: an operation that answers nothing has no pages"),
    "variants": ("returns: Cat", "returns: Cat\n    variants: [x]", "cats.yaml:7: operations.get_cat.variants: expected a mapping, found a list"),
    "too many uploads": ("returns: Cat", "returns: Cat\n    uploads:\n      files[0..99999999999]?: binary", "cats.yaml:8: operations.get_cat.uploads.files[0..99999999999]?: at most 100 parts"),
    "documented": ("returns: Cat", "returns: Cat\n    documented: maybe", "cats.yaml:7: operations.get_cat.documented: expected true or false, found 'maybe'"),
    "duplicate key": ("returns: Cat", "returns: Cat\n    returns: Cat", "cats.yaml:6: operations.get_cat.returns: this key stands twice (again at line 7)"),
}  # fmt: skip
KIND = "\n  Kind:\n    enum: integer\n    values: {A: 1}\n"


@pytest.mark.parametrize("case", CASES)
def test_a_broken_spec_names_place_key_and_cure(mini: Mini, case: str) -> None:
    old, new, expected = CASES[case]
    assert old in CAT

    with pytest.raises(SpecError) as caught:
        load(mini(CAT.replace(old, new, 1) + KIND))

    assert expected in str(caught.value)


def test_the_small_spec_itself_is_fine(mini: Mini) -> None:
    assert ("Cat", "Kind") == tuple(load(mini(CAT + KIND)).schemas)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("format: 1", "format: 2", "spec/api.yaml:1: format: this generator reads format 1, found 2"),
        ("format: 1\n", "", "spec/api.yaml:1: format: this generator reads format 1, found None"),
        ('"10"', "ten", "spec/api.yaml:3: api.version: expected a number, found 'ten'"),
        (
            '"2026-07-18"',
            '"2026\\nimport os"',
            "spec/api.yaml:6: document.published: expected a date such as 2026-07-18",
        ),
        ("[bot, identify]", "bot", "spec/api.yaml:7: scopes: expected a list of texts, found 'bot'"),
    ],
)
def test_a_broken_api_file_is_refused(mini: Mini, old: str, new: str, expected: str) -> None:
    with pytest.raises(SpecError) as caught:
        load(mini(api=API.replace(old, new)))

    assert expected in str(caught.value)


def test_a_name_that_stands_in_two_files_is_refused_with_both(mini: Mini) -> None:
    with pytest.raises(
        SpecError, match=r"rest/dogs.yaml:2: operations.get_cat: 'get_cat' already stands in spec/rest/cats.yaml:2"
    ):
        load(mini(rest_dogs=CAT))


@pytest.mark.parametrize(
    "name",
    ["enums", "message_enums", "likes", "dicts", "official", "requests_cats", "other_cats", "import", "Cats", "9cats"],
)
def test_a_resource_may_not_be_called_as_a_module_of_ours_or_a_word_of_python(mini: Mini, name: str) -> None:
    with pytest.raises(SpecError, match="is no resource name"):
        load(mini(**{f"rest_{name}": "schemas:\n  Dog:\n    fields: {}\n"}))


def test_a_spec_without_resources_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec/api.yaml").write_text(API)

    with pytest.raises(SpecError, match=r"spec/rest/: no resource here"):
        load(tmp_path / "spec")


@pytest.mark.parametrize(
    ("union", "expected"),
    [
        ("union: [Black, White]\n    tag: colour", "Black has no field 'colour' with values of its own"),
        ("union: [Black, Black2]\n    tag: kind", "kind 1 stands in both Black and Black2"),
        ("union: [Black, Kind]", "Kind is no schema with fields"),
        ("union: [Black, Wihte]", "unknown schema 'Wihte' (did you mean 'White'?)"),
    ],
)
def test_a_union_needs_objects_that_its_tag_tells_apart(mini: Mini, union: str, expected: str) -> None:
    text = UNION.replace("  Any-cat:\n", f'  Black2:\n    fields: {{kind: "Kind{{1}}"}}\n  AnyCat:\n    {union}\n')

    with pytest.raises(SpecError) as caught:
        load(mini(text))

    assert expected in str(caught.value)
    assert "schemas.AnyCat." in str(caught.value)


def test_what_travels_in_requests_is_known_to_the_last_object(mini: Mini) -> None:
    spec = load(
        mini(
            CAT.replace("    returns: Cat", "    body: Sent\n    returns: Cat")
            + '  Sent:\n    fields: {of: "Piece[]"}\n  Piece:\n    fields: {}\n'
        )
    )

    assert {"Sent", "Piece"} == spec.requests


@pytest.mark.parametrize("written", ["returns: nothing", 'returns: {"200": nothing}'])
def test_an_answer_may_be_nothing(mini: Mini, written: str) -> None:
    assert ((200, None),) == load(mini(CAT.replace("returns: Cat", written))).operations["get_cat"].returns
