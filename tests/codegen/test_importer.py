"""Discord's document -> spec/: every construct it uses, those it might use, and documents that are none."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from codegen import generate, yaml
from codegen.errors import CodegenError, DocumentError, SpecError
from codegen.load import load
from tests.codegen.conftest import ROOT, SPEC
from tests.codegen.mini import document, imported, operation, pages, tree

Json = dict[str, Any]
CATS = {"type": "object", "properties": {"id": {"$ref": "#/components/schemas/SnowflakeType"}}, "required": ["id"]}
KINDS = {
    "type": "integer",
    "oneOf": [{"title": "BLACK", "const": 1}, {"title": "WHITE", "const": 2}],
    "format": "int32",
}
BASE = {"Cat": CATS, "Kind": KINDS, "SnowflakeType": {"type": "string", "format": "snowflake"}}


def field_of(tmp_path: Path, schema: Any, **more: Any) -> tuple[Any, list[str]]:
    """What a property of this schema becomes in the spec, and the notes."""
    holder = {"type": "object", "properties": {"it": schema}, "required": ["it"]}
    result = imported(tmp_path / "spec", document(schemas={**BASE, **more, "Holder": holder}))
    found = yaml.load(tmp_path / "spec/rest/other.yaml").node("schemas").node("Holder").node("fields")
    load(tmp_path / "spec")
    return found.get("it", found.get("it?")), _notes(result.summary)


def _notes(summary: list[str]) -> list[str]:
    notes: list[str] = []
    title = ""
    for line in summary:
        title = title if line.startswith("  ") else line
        if line.startswith("  ") and title.startswith(("read loosely", "left untyped")):
            notes.append(line.strip())
    return notes


def operations_of(tmp_path: Path, paths: Mapping[str, Any], **more: Any) -> tuple[Any, list[str]]:
    """The operations that a document of these paths becomes, and the notes."""
    result = imported(tmp_path / "spec", document(paths, BASE, **more))
    load(tmp_path / "spec")
    files = sorted((tmp_path / "spec/rest").glob("*.yaml"))
    blocks = [yaml.load(path).node("operations") for path in files]
    return {name: block[name] for block in blocks for name in block}, _notes(result.summary)


REF = {"$ref": "#/components/schemas/Cat"}
KIND = {"$ref": "#/components/schemas/Kind"}
KNOWN: dict[str, tuple[Json, str]] = {
    "text with limits": ({"type": "string", "minLength": 1, "maxLength": 80}, "string(1..80)"),
    "a pattern": ({"type": "string", "maxLength": 7, "pattern": '^"\\\\'}, 'string(..7, "^\\"\\\\\\\\")'),
    "a range": ({"type": "integer", "minimum": 0, "maximum": 5, "format": "int32"}, "int32(0..5)"),
    "a number": ({"type": "number", "format": "double", "minimum": 0.5}, "double(0.5..)"),
    "null by type": ({"type": ["string", "null"]}, "?string"),
    "null by anyOf": ({"anyOf": [REF, {"type": "null"}]}, "?Cat"),
    "null by oneOf": ({"oneOf": [{"type": "null"}, REF]}, "?Cat"),
    "only null": ({"type": "null"}, "null"),
    "several types": ({"type": ["integer", "string", "null"]}, "?(integer | string)"),
    "list": ({"type": "array", "items": REF, "maxItems": 10}, "Cat[..10]"),
    "list of numbers or null": ({"type": "array", "items": {"type": ["integer", "null"]}}, "(?integer)[]"),
    "list or null": ({"type": ["array", "null"], "items": REF, "uniqueItems": True}, "?Cat[unique]"),
    "map": ({"type": "object", "additionalProperties": REF}, "map(Cat)"),
    "map or null": ({"type": ["object", "null"], "additionalProperties": {"type": "string", "maxLength": 9}, "maxProperties": 34}, "?map(string(..9), ..34)"),
    "narrowed enum": ({"type": "integer", "enum": [1], "allOf": [KIND], "format": "int32"}, "Kind{1}"),
    "narrowed enum or null": ({"type": ["integer", "null"], "enum": [1, None], "allOf": [KIND]}, "?Kind{1}"),
    "empty enum": ({"type": "integer", "enum": [], "allOf": [KIND]}, "Kind"),
    "plain enum": ({"type": "string", "enum": ["a", "b"]}, 'string{"a", "b"}'),
    "const": ({"const": "a"}, 'string{"a"}'),
    "one part of allOf": ({"allOf": [REF]}, "Cat"),
    "one part of allOf or null": ({"type": ["object", "null"], "allOf": [REF]}, "?Cat"),
    "union of scalars": ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "string | integer"),
    "union marked by Discord": ({"x-discord-union": "oneOf", "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}, "string | string[]"),
    "data": ({"type": "string", "contentEncoding": "base64"}, "base64"),
    "time": ({"type": "string", "format": "date-time"}, "timestamp"),
    "inline object": ({"type": "object", "properties": {"a": {"type": "string"}}}, "HolderIt"),
    "inline object or null": ({"type": ["object", "null"], "properties": {"a": {"type": "string"}}}, "?HolderIt"),
    "list of inline objects": ({"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}}, "HolderIt[]"),
    "extended object": ({"allOf": [REF, {"type": "object", "properties": {"a": {"type": "string"}}}]}, "HolderIt"),
}  # fmt: skip


@pytest.mark.parametrize("case", KNOWN)
def test_a_construct_of_the_document_is_understood(tmp_path: Path, case: str) -> None:
    schema, expected = KNOWN[case]

    assert (expected, []) == field_of(tmp_path, schema)


IT = "#/components/schemas/Holder/properties/it"
UNKNOWN: dict[str, tuple[Any, str, str]] = {
    "keyword": ({"type": "string", "contains": {}}, "string", f"{IT}/contains: this keyword is not understood and left out"),
    "not": ({"type": "string", "not": {"const": "x"}}, "string", f"{IT}/not: this keyword"),
    "if": ({"type": "string", "if": {}, "then": {}}, "string", f"{IT}/then: this keyword"),
    "patternProperties": ({"type": "object", "patternProperties": {"^x": {}}}, "map(any)", f"{IT}/patternProperties: this"),
    "prefixItems": ({"type": "array", "prefixItems": [{"type": "string"}]}, "any[]", f"{IT}/prefixItems: this keyword"),
    "type": ({"type": "file"}, "any", f"{IT}: read as any: unknown type 'file'"),
    "format": ({"type": "string", "format": "rune"}, "string<rune>", f"{IT}: unknown format 'rune' of string; kept as string<rune>"),
    "format that is no word": ({"type": "string", "format": "a b>"}, "string", f"{IT}: format 'a b>' is no word; left out"),
    "format with letters of others": ({"type": "string", "format": "ünï"}, "string", f"{IT}: format 'ünï' is no word"),
    "nothing": ({}, "any", IT),
    "true": (True, "any", f"{IT}: the schema `true` is read as any"),
    "list of true": ({"type": "array", "items": True}, "any[]", f"{IT}/items: the schema `true` is read as any"),
    "union of nothing": ({"oneOf": []}, "any", f"{IT}/oneOf: read as any: a union of nothing"),
    "union with anything": ({"oneOf": [{"type": "string"}, {}]}, "any", f"{IT}/oneOf: read as any: a union with an arm"),
    "mixed enum": ({"enum": ["a", 1]}, "any", f"{IT}: read as any: values of several kinds"),
    "enum of lists": ({"enum": [["a"]]}, "any", f"{IT}: read as any: values that are no scalars"),
    "enum of lists beside a name": ({"enum": [["a"]], "allOf": [KIND]}, "any", f"{IT}: read as any: values that are no scalars"),
    "beside $ref": ({"$ref": "#/components/schemas/Cat", "minProperties": 1}, "Cat", f"{IT}/minProperties: beside a $ref"),
    "length that is no number": ({"type": "string", "maxLength": "9"}, "string", f"{IT}/maxLength: not a length ('9'); left out"),
    "length that is a half": ({"type": "array", "items": KIND, "maxItems": 1.5}, "Kind[]", f"{IT}/maxItems: not a length (1.5)"),
    "limit that is no number": ({"type": "integer", "minimum": True}, "integer", f"{IT}/minimum: not a number (True); left out"),
    "pattern that is none": ({"type": "string", "pattern": "("}, "string", f"{IT}/pattern: not a pattern that Python reads"),
    "pattern that is a number": ({"type": "string", "pattern": 1}, "string", f"{IT}/pattern: not a pattern that Python reads"),
    "default that is a list": ({"type": "string", "default": ["x"]}, "string", f"{IT}/default: a default that is no scalar"),
    "allOf of a scalar": ({"allOf": [REF, {"type": "string"}]}, "HolderIt", f"{IT}/allOf/1: this part of an allOf is not"),
    "allOf of an enum": ({"allOf": [REF, KIND]}, "HolderIt", f"{IT}/allOf/1: this part of an allOf is not understood"),
    "const beside properties": ({"type": "object", "properties": {"a": {}}, "oneOf": []}, "any", f"{IT}/oneOf: read as any"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_is_not_understood_is_looser_with_a_note_that_names_the_pointer(tmp_path: Path, case: str) -> None:
    schema, expected, note = UNKNOWN[case]

    found, notes = field_of(tmp_path, schema)

    found = found["type"] if isinstance(found, dict) else found
    assert expected == found
    assert any(line.startswith(note) for line in notes), notes


def test_a_required_property_that_is_not_described_is_any(tmp_path: Path) -> None:
    result = imported(
        tmp_path / "spec", document(schemas={"X": {"type": "object", "required": ["a"], "properties": {}}})
    )

    assert "  #/components/schemas/X: requires 'a' but does not describe it" in result.summary
    assert {"a": "any"} == yaml.load(tmp_path / "spec/rest/other.yaml").node("schemas").node("X")["fields"]


def test_an_object_or_null_keeps_both(tmp_path: Path) -> None:
    imported(
        tmp_path / "spec",
        document(schemas={"X": {"type": ["object", "null"], "properties": {"a": {"type": "string"}}}}),
    )

    schemas = yaml.load(tmp_path / "spec/rest/other.yaml").node("schemas")
    assert ("?XObject", {"a?": "string"}) == (schemas["X"]["type"], schemas["XObject"]["fields"])


def test_members_of_an_enum_that_share_a_title_are_all_kept(tmp_path: Path) -> None:
    arms = [{"title": "A", "const": 1}, {"title": "A", "const": 2}, {"title": "B", "const": 2}, {"const": 3}]

    result = imported(tmp_path / "spec", document(schemas={"X": {"type": "integer", "oneOf": arms}}))

    found = yaml.load(tmp_path / "spec/rest/other.yaml").node("schemas").node("X")
    assert {"A": 1, "A 2": 2, "3": 3} == found["values"]
    assert 2 == len(_notes(result.summary))


@pytest.mark.parametrize("consts", [[True, False], [1, "a"], [None], [1.5], [["x"]], [{"a": 1}]])
def test_an_enum_of_other_values_is_no_enum(tmp_path: Path, consts: list[Any]) -> None:
    imported(
        tmp_path / "spec",
        document(schemas={"X": {"oneOf": [{"title": f"T{i}", "const": c} for i, c in enumerate(consts)]}}),
    )

    assert "type" in yaml.load(tmp_path / "spec/rest/other.yaml").node("schemas").node("X")
    load(tmp_path / "spec")


def test_a_type_that_contains_itself_opens_up_inside(tmp_path: Path) -> None:
    tree_of = {
        "oneOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/X"}}]
    }

    result = imported(tmp_path / "spec", document(schemas={"X": tree_of}))

    assert "string | map(any)" == yaml.load(tmp_path / "spec/rest/other.yaml").node("schemas").node("X")["type"]
    assert "  #/components/schemas/X: read as any: it contains itself" in result.summary


# --- operations --------------------------------------------------------------------------------------


def test_shared_parameters_are_those_of_each_method_and_may_be_overruled(tmp_path: Path) -> None:
    cat = {"name": "cat_id", "in": "path", "required": True, "schema": {"$ref": "#/components/schemas/SnowflakeType"}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}}
    own = {**limit, "schema": {"type": "integer", "maximum": 5}}
    item = {
        "parameters": [cat, limit],
        "get": operation("get_cat", REF),
        "delete": operation("drop_cat", parameters=[own]),
    }

    found, notes = operations_of(tmp_path, {"/cats/{cat_id}": item})

    assert [] == notes
    assert ["integer(..9)", "integer(..5)"] == [found[name]["query"]["limit?"] for name in ("get_cat", "drop_cat")]
    assert {"cat_id": "SnowflakeType"} == found["get_cat"]["path"] == found["drop_cat"]["path"]


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"name": "X-Name", "in": "header", "schema": {"type": "string"}}, "/parameters/0: parameters in 'header' are not understood; left out"),
        ({"name": "c", "in": "cookie", "schema": {"type": "string"}}, "/parameters/0: parameters in 'cookie'"),
        ({"name": "q", "in": "query", "schema": {"type": "string"}, "style": "deepObject"}, "/parameters/0/style: this part of a parameter"),
        ({"name": "z", "in": "path", "required": True, "schema": {"type": "string"}}, "/parameters/0: parameter 'z' is not part of the path; left out"),
    ],
)  # fmt: skip
def test_a_parameter_of_another_kind_is_left_out_with_a_note(tmp_path: Path, more: Json, note: str) -> None:
    _, notes = operations_of(tmp_path, {"/cats": {"get": operation("get_cats", REF, parameters=[more])}})

    assert any(line.startswith(f"#/paths/~1cats/get{note}") for line in notes), notes


def test_a_path_parameter_that_is_not_described_is_text(tmp_path: Path) -> None:
    found, notes = operations_of(tmp_path, {"/cats/{cat_id}": {"get": operation("get_cat", REF)}})

    assert {"cat_id": "string"} == found["get_cat"]["path"]
    assert 1 == len(notes)


def test_path_parameters_get_names_that_python_can_have(tmp_path: Path) -> None:
    parameter = {"name": "catId", "in": "path", "required": True, "schema": {"type": "string"}}

    found, notes = operations_of(
        tmp_path, {"/cats/{catId}/{1}": {"get": operation("get_cat", REF, parameters=[parameter])}}
    )

    assert ("/cats/{cat_id}/{part_1}", ["cat_id", "part_1"]) == (
        found["get_cat"]["get"],
        list(found["get_cat"]["path"]),
    )
    assert any("'catId' is called cat_id" in note for note in notes)


def test_answers_and_parameters_by_reference_are_followed(tmp_path: Path) -> None:
    components = {
        "schemas": BASE,
        "responses": {"One": {"description": "", "content": {"application/json": {"schema": REF}}}},
        "parameters": {"P": {"name": "q", "in": "query", "schema": {"type": "string"}}},
    }
    get = {
        "operationId": "get_cats",
        "parameters": [{"$ref": "#/components/parameters/P"}],
        "responses": {"200": {"$ref": "#/components/responses/One"}},
    }

    found, _ = operations_of(tmp_path, {"/cats": {"get": get}}, components=components)

    assert ("Cat", {"q?": "string"}) == (found["get_cats"]["returns"], found["get_cats"]["query"])


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        ({"200": {"description": ""}}, "nothing"),
        ({"204": {"description": ""}}, {"204": "nothing"}),
        ({"200": {"description": "", "content": {"application/json": {"schema": REF}}}, "204": {"description": ""}}, {"200": "Cat", "204": "nothing"}),
        ({"2XX": {"description": "", "content": {"application/json": {"schema": REF}}}}, "Cat"),
        ({"default": {"description": ""}}, {}),
    ],
)  # fmt: skip
def test_every_success_is_an_answer(tmp_path: Path, responses: Json, expected: Any) -> None:
    found, _ = operations_of(tmp_path, {"/cats": {"get": {"operationId": "get_cats", "responses": responses}}})

    assert expected == found["get_cats"]["returns"]
    pages(tmp_path / "spec")


@pytest.mark.parametrize("media", ["image/png", "text/csv", "application/octet-stream"])
def test_an_answer_that_is_no_json_is_bytes(tmp_path: Path, media: str) -> None:
    schema = {"type": "string", "contentEncoding": "binary"}
    get = {"operationId": "get_cats", "responses": {"200": {"description": "", "content": {media: {"schema": schema}}}}}

    found, _ = operations_of(tmp_path, {"/cats": {"get": get}})

    assert {"200": media} == found["get_cats"]["answers"]
    assert "-> Route[bytes]" in pages(tmp_path / "spec")["acord/routes/cats.py"]


def _body(content: Json, *, required: bool = True) -> Json:
    return {"/cats": {"post": operation("create_cat", REF, requestBody={"content": content, "required": required})}}


def test_an_inline_body_is_named_after_its_operation(tmp_path: Path) -> None:
    inline = {"type": "object", "properties": {"name": {"type": "string"}}}

    found, _ = operations_of(tmp_path, _body({"application/json": {"schema": inline}}, required=False))

    assert "CreateCatRequest" == found["create_cat"]["body?"]


def test_multipart_uploads_beside_a_body_become_uploads(tmp_path: Path) -> None:
    files = {
        "type": "object",
        "properties": {f"files[{n}]": {"type": "string", "contentEncoding": "binary"} for n in range(10)},
    }
    content = {"application/json": {"schema": REF}, "multipart/form-data": {"schema": {"allOf": [REF, files]}}}

    found, notes = operations_of(tmp_path, _body(content))

    assert (["json", "multipart"], {"files[0..9]?": "binary"}, "Cat", []) == (
        found["create_cat"]["media"], found["create_cat"]["uploads"], found["create_cat"]["body"], notes,
    )  # fmt: skip
    assert "files: Sequence[File] | Missing = MISSING" in pages(tmp_path / "spec")["acord/routes/cats.py"]


def test_uploads_that_are_not_numbered_from_nought_are_kept_apart(tmp_path: Path) -> None:
    files = {
        "type": "object",
        "properties": {f"files[{n}]": {"type": "string", "contentEncoding": "binary"} for n in (3, 7)},
    }

    found, _ = operations_of(tmp_path, _body({"multipart/form-data": {"schema": {"allOf": [REF, files]}}}))

    assert {"files[3]?", "files[7]?"} == set(found["create_cat"]["uploads"])


def test_a_media_type_of_a_body_that_is_unknown_is_left_out(tmp_path: Path) -> None:
    found, notes = operations_of(tmp_path, _body({"application/xml": {"schema": REF}}))

    assert "body" not in found["create_cat"]
    assert any("application/xml: this media type of a body is not understood" in note for note in notes)


@pytest.mark.parametrize(
    ("schema", "signature"),
    [
        ({"type": "array", "items": REF}, "items: Sequence[CatLike]"),
        ({"type": "object", "additionalProperties": REF}, "items: Mapping[str, CatLike]"),
        ({"type": "string"}, "items: str"),
        ({"type": ["string", "integer"]}, "items: str | int"),
        ({"$ref": "#/components/schemas/Alias"}, "items: Sequence[CatLike]"),
        ({"$ref": "#/components/schemas/Same"}, "id: SnowflakeLike"),
        ({"anyOf": [REF, {"$ref": "#/components/schemas/Dog"}]}, "bark: bool | Missing = MISSING"),
        ({}, "items: Any"),
    ],
)
def test_a_body_of_any_form_has_a_helper(tmp_path: Path, schema: Json, signature: str) -> None:
    more = {
        "Alias": {"type": "array", "items": REF},
        "Same": {"allOf": [REF]},
        "Dog": {"type": "object", "properties": {"bark": {"type": "boolean"}}},
    }
    imported(tmp_path / "spec", document(_body({"application/json": {"schema": schema}}), {**BASE, **more}))

    assert signature in pages(tmp_path / "spec")["acord/routes/cats.py"]


@pytest.mark.parametrize(
    ("security", "expected"),
    [
        ([{"BotToken": []}], None),
        ([{}], ["none"]),
        ([], ["none"]),
        ([{"OAuth2": ["identify"]}, {"BotToken": []}], ["oauth2", "bot"]),
        (None, ["none"]),
    ],
)
def test_who_may_call_is_kept(tmp_path: Path, security: Any, expected: Any) -> None:
    schemes = {"OAuth2": {"type": "oauth2", "flows": {"implicit": {"scopes": {"identify": ""}}}}}
    more = {} if security is None else {"security": security}

    found, notes = operations_of(
        tmp_path,
        {"/cats": {"get": operation("get_cats", REF, **more)}},
        components={"schemas": BASE, "securitySchemes": schemes},
    )

    assert (expected, []) == (found["get_cats"].get("auth"), notes)


def test_who_may_call_is_the_documents_where_an_operation_does_not_say(tmp_path: Path) -> None:
    found, _ = operations_of(tmp_path, {"/cats": {"get": operation("get_cats", REF)}}, security=[{"BotToken": []}])

    assert "auth" not in found["get_cats"]


def test_a_scope_that_is_not_declared_and_an_unknown_scheme_are_left_out(tmp_path: Path) -> None:
    security = [{"OAuth2": ["fly"]}, {"Kerberos": []}, {"BotToken": []}]

    found, notes = operations_of(tmp_path, {"/cats": {"get": operation("get_cats", REF, security=security)}})

    assert (["oauth2", "bot"], False) == (found["get_cats"]["auth"], "scopes" in found["get_cats"])
    assert 2 == len(notes)


@pytest.mark.parametrize(
    ("name", "ours"),
    [("getCats", "get_cats"), ("class", "class_"), ("list", "list_"), ("get-cats", "get_cats"), ("9lives", "operation_9lives"),
     ("ﬁnd_cats", "nd_cats"), ("../x", "x"), ("__init__", "init"), ("名前", "operation")],
)  # fmt: skip
def test_an_operation_id_that_is_no_python_name_gets_one_that_stays(tmp_path: Path, name: str, ours: str) -> None:
    paths = {"/cats": {"get": operation(name, REF)}}

    first, _ = operations_of(tmp_path, paths)
    names = yaml.load(tmp_path / "spec/names.yaml")
    again, _ = operations_of(tmp_path, paths)

    assert ([ours], {name: ours}, [ours]) == (list(first), names["respelled"], list(again))


def test_two_operation_ids_never_become_one_name(tmp_path: Path) -> None:
    paths = {
        "/a": {"get": operation("getCats", REF)},
        "/b": {"get": operation("get_cats", REF)},
        "/c": {"get": operation("get-cats", REF)},
    }

    found, _ = operations_of(tmp_path, paths)

    assert 3 == len(found)


@pytest.mark.parametrize("path", ["/enums/x", "/Import/x", "/requests_a/x", "/9/x", "/@me", "/{a}", "/.../x.png"])
def test_a_new_path_finds_a_resource_that_can_be_a_module(tmp_path: Path, path: str) -> None:
    try:
        operations_of(tmp_path, {path: {"get": operation("get_cats", REF)}})
    except DocumentError as exc:
        assert "is no path like" in str(exc)
    else:
        pages(tmp_path / "spec")


@pytest.mark.parametrize(
    "name", ["Field", "Any", "Model", "None", "Route", "ValueError", "cat", "Cat-2", "9", "../X", "Ünï"]
)
def test_a_schema_gets_a_name_that_a_module_can_have(tmp_path: Path, name: str) -> None:
    imported(
        tmp_path / "spec",
        document(
            {"/cats": {"get": operation("get_cats", {"$ref": f"#/components/schemas/{name.replace('/', '~1')}"})}},
            {name: CATS | {"properties": {"id": {"type": "string"}}}},
        ),
    )

    printed = pages(tmp_path / "spec")
    assert any(path.startswith("acord/models/") and "(Model):" in text for path, text in printed.items())


# --- unions ------------------------------------------------------------------------------------------


def _arm(kind: int, **more: Json) -> Json:
    tag = {"type": "integer", "enum": [kind], "allOf": [KIND]}
    return {"type": "object", "properties": {"kind": tag, **more}, "required": ["kind"]}


def test_a_new_union_is_named_after_its_place_with_the_tag_that_tells_its_arms_apart(tmp_path: Path) -> None:
    union = {"oneOf": [{"$ref": "#/components/schemas/Black"}, {"$ref": "#/components/schemas/White"}]}

    found, notes = field_of(tmp_path, {"type": "array", "items": union}, Black=_arm(1), White=_arm(2))

    assert ("HolderIt[]", []) == (found, notes)
    assert {"union": ["Black", "White"], "tag": "kind"} == yaml.load(tmp_path / "spec/rest/other.yaml").node("schemas")[
        "HolderIt"
    ]


def test_arms_may_be_told_apart_by_plain_text_and_by_values_that_have_no_member(tmp_path: Path) -> None:
    def arm(**tag: Any) -> Json:
        return {"type": "object", "properties": {"tag": tag, "own": {"type": "string"}}, "required": ["tag", "own"]}

    kinds = {n: {"type": "integer", "enum": [n], "allOf": [KIND]} for n in (1, 77)}
    schemas = {
        "A": arm(type="string", const="a"),
        "B": arm(type="string", const="b-c"),
        "C": arm(**kinds[1]),
        "D": arm(**kinds[77]),
    }
    for one, other in ("AB", "CD"):
        schemas[f"{one}{other}"] = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in (one, other)]}
    answer = {"type": "object", "properties": {k: {"$ref": f"#/components/schemas/{k}"} for k in ("AB", "CD")}}

    operations_of(
        tmp_path, {"/cats": {"get": operation("get_cats", answer)}}, components={"schemas": {**BASE, **schemas}}
    )

    printed = "".join(text for path, text in pages(tmp_path / "spec").items() if path.startswith("acord/models/"))
    for literal in ("Literal['a']", "Literal['b-c']", "Literal[Kind.BLACK]", "Literal[77]"):
        assert f"tag: {literal}" in printed
    assert 2 == printed.count('discriminator="tag"')


@pytest.mark.parametrize(("word", "python"), [("integer", "int"), ("string", "str")])
def test_an_enum_that_says_no_members_is_its_plain_type_until_the_documentation_adds_some(
    tmp_path: Path, word: str, python: str
) -> None:
    spec = tmp_path / "spec"
    cat = {"type": "object", "properties": {"mood": {"$ref": "#/components/schemas/Moods"}}, "required": ["mood"]}
    moods = {"type": word, "oneOf": [], "format": "int32"}
    imported(spec, document({"/cats": {"get": operation("get_cats", cat)}}, {"Moods": moods}))

    plain = "".join(pages(spec).values())
    (spec / "documented.yaml").write_text(
        f"values:\n  Mood:\n    source: x\n    add: {{CALM: {1 if word == 'integer' else 'calm'}}}\n"
    )

    assert f"mood: {python}\n" in plain and "class Mood" not in plain
    assert "mood: Mood\n" in (known := "".join(pages(spec).values())) and "CALM = " in known


def test_two_unions_of_one_document_never_share_a_name(tmp_path: Path) -> None:
    arms = [{"$ref": f"#/components/schemas/{name}"} for name in ("Black", "White", "Grey")]
    holder = {"type": "object", "properties": {"all": {"oneOf": arms}, "two": {"oneOf": arms[:2]}}}
    schemas = {**BASE, "Black": _arm(1), "White": _arm(2), "Grey": _arm(3), "Holder": holder}

    for _ in range(2):
        imported(tmp_path / "spec", document(schemas=schemas))
        found = yaml.load(tmp_path / "spec/rest/other.yaml").node("schemas")

        assert {"all?": "HolderAll", "two?": "HolderTwo"} == found["Holder"]["fields"]
        assert (["Black", "White", "Grey"], ["Black", "White"]) == (
            found["HolderAll"]["union"],
            found["HolderTwo"]["union"],
        )


def test_a_union_that_gains_an_arm_keeps_its_name(tmp_path: Path) -> None:
    arms = [{"$ref": f"#/components/schemas/{name}"} for name in ("Black", "White", "Grey")]
    schemas = {**BASE, "Black": _arm(1), "White": _arm(2), "Grey": _arm(3)}

    for count in (2, 3):
        holder = {"type": "object", "properties": {"it": {"oneOf": arms[:count]}}}
        imported(tmp_path / "spec", document(schemas={**schemas, "Holder": holder}))

    assert ["Black", "White", "Grey"] == yaml.load(tmp_path / "spec/rest/other.yaml").node("schemas")["HolderIt"][
        "union"
    ]


# --- what is ours ------------------------------------------------------------------------------------


def test_a_second_import_changes_no_byte(tmp_path: Path) -> None:
    data = document(
        {"/cats": {"get": operation("getCats", REF)}},
        {**BASE, "Holder": {"type": "object", "properties": {k: v for k, (v, _) in KNOWN.items()}}},
    )

    imported(tmp_path / "spec", data)
    first = tree(tmp_path / "spec")
    imported(tmp_path / "spec", data)

    assert first == tree(tmp_path / "spec")


def test_what_is_ours_is_kept_and_what_is_discords_is_rewritten(tmp_path: Path) -> None:
    paths = {"/cats": {"get": operation("get_cats", REF)}}
    imported(tmp_path / "spec", document(paths, BASE))
    path = tmp_path / "spec/rest/cats.yaml"
    path.write_text(
        path.read_text().replace(
            "returns: Cat\n", "returns: Cat[]\n    reason: true\n    note: Purrs.\n    major: [cat_id]\n"
        )
        + "\n  pet_cat:\n    post: /cats/pet\n    returns: nothing\n    origin: documentation\n"
    )
    schemas = tmp_path / "spec/rest/other.yaml"
    schemas.write_text(schemas.read_text().replace("official: Cat\n", "official: Cat\n    note: Furry.\n"))
    before = yaml.load(path)

    imported(tmp_path / "spec", document(paths, BASE))

    found = yaml.load(path).node("operations")
    assert "Cat" == found["get_cats"]["returns"]
    assert (True, "Purrs.", ["cat_id"]) == tuple(found["get_cats"][key] for key in ("reason", "note", "major"))
    assert before.node("operations")["pet_cat"] == found["pet_cat"]
    assert "Furry." == yaml.load(schemas).node("schemas")["Cat"]["note"]


def test_names_once_given_stay_and_what_is_gone_is_told(tmp_path: Path) -> None:
    imported(tmp_path / "spec", document(schemas=BASE))
    path = tmp_path / "spec/names.yaml"
    path.write_text(path.read_text().replace("Kind: Kind", "Kind: CatColour"))

    result = imported(tmp_path / "spec", document(schemas={"Kind": KINDS}))

    assert "CatColour" in yaml.load(tmp_path / "spec/rest/other.yaml").node("schemas")
    assert "  schema Cat" in result.summary[result.summary.index("no longer in the document: 2") :]


NAMED = """hints: {paths: {/cats: %(hint)s}}
scalars: {Id: %(scalar)s}
operations: {%(resource)s: [get_cats%(again)s]}
respelled: {getDogs: %(helper)s}
schemas: {other: {Cat: %(schema)s}}
unions: {other: {%(union)s: [Cat]}}
"""
SOUND = {"hint": "cats", "scalar": "snowflake", "resource": "cats", "again": "", "helper": "get_dogs", "schema": "Cat", "union": "Pet"}  # fmt: skip


@pytest.mark.parametrize(
    ("slip", "problem"),
    [
        ({"hint": "../x"}, "names.yaml:1: hints.paths./cats: '../x' is no resource name"),
        ({"scalar": "word"}, "names.yaml:2: scalars.Id: expected one of string, integer"),
        ({"resource": "Cats"}, "names.yaml:3: operations.Cats: 'Cats' is no resource name"),
        ({"again": ", get_cats"}, "names.yaml:3: operations.cats: 'get_cats' has a place already"),
        ({"helper": "get-dogs"}, "names.yaml:4: respelled.getDogs: 'get-dogs' is no name that could be printed"),
        ({"schema": "../Cat"}, "names.yaml:5: schemas.other.Cat: '../Cat' is no name that could be printed"),
        ({"schema": "Model"}, "names.yaml:5: schemas.other.Cat: 'Model' is no name that could be printed"),
        ({"union": "Cat"}, "names.yaml:6: unions.other.Cat: 'Cat' is what 'Cat' is called"),
    ],
)
def test_a_name_that_no_file_could_hold_is_refused_where_it_stands(tmp_path: Path, slip: Json, problem: str) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec/names.yaml").write_text(NAMED % (SOUND | slip))

    with pytest.raises(SpecError, match=re.escape(problem)):
        imported(tmp_path / "spec", document(schemas=BASE))


def test_old_names_that_lead_to_each_other_end_nowhere(tmp_path: Path) -> None:
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec/names.yaml").write_text("renamed: {third: first, first: second, second: first}\n")

    imported(tmp_path / "spec", document(schemas=BASE))

    assert "renamed" not in yaml.load(tmp_path / "spec/names.yaml")


def test_a_type_deeper_than_the_notation_goes_is_open_inside_and_told(tmp_path: Path) -> None:
    deep: Json = {"type": "string"}
    for _ in range(10):
        deep = {"oneOf": [{"type": "integer"}, {"type": "array", "items": deep}, {"type": "null"}]}

    _, notes = field_of(tmp_path, deep)

    assert any("read as any: nested deeper than 24" in note for note in notes)
    load(tmp_path / "spec")


def test_a_date_is_of_one_document(tmp_path: Path) -> None:
    imported(tmp_path / "spec", document())
    api = tmp_path / "spec/api.yaml"
    api.write_text(api.read_text().replace("unknown", "2026-07-18"))

    dates = []
    for data in (document(), document(schemas=BASE)):
        imported(tmp_path / "spec", data)
        dates.append(yaml.load(api).node("document")["published"])

    assert ["2026-07-18", "unknown"] == dates


# --- documents that are none -------------------------------------------------------------------------

GOOD = document({"/cats": {"get": operation("get_cats", REF)}}, BASE)


def _with(**changes: Any) -> Json:
    return {**copy.deepcopy(GOOD), **changes}


def _schema(value: Any) -> Json:
    return document(schemas={"X": value})


BAD: dict[str, tuple[Any, str]] = {
    "empty": ("", "not JSON"),
    "text": ("hello", "not JSON"),
    "truncated": (json.dumps(GOOD)[:200], "not JSON (truncated?)"),
    "a list": ([], "expected an OpenAPI object, found list"),
    "not OpenAPI": ({"a": 1}, "#/openapi: expected an OpenAPI 3.1 document, found None"),
    "Swagger": ({"swagger": "2.0", "paths": {}}, "#/openapi: expected an OpenAPI 3.1 document"),
    "no paths": (_with(paths=None), "#/paths: an OpenAPI document without paths"),
    "keys twice": ('{"openapi": "3.1.0", "openapi": "3.1.0", "paths": {}}', "the key 'openapi' stands twice in one object"),
    "not a number": ('{"openapi": "3.1.0", "paths": {}, "x": NaN}', "'NaN' is no number"),
    "an infinite number": ('{"openapi": "3.1.0", "paths": {}, "x": 1e999}', "'1e999' is no number"),
    "a number of 5,000 digits": ('{"openapi": "3.1.0", "paths": {}, "x": ' + "9" * 5000 + "}", "is no number"),
    "half a surrogate pair": ('{"openapi": "3.1.0", "paths": {}, "x": "\\ud800"}', "half a surrogate pair"),
    "too deep for JSON": ("[" * 100_000, "nested too deeply"),
    "too deep for OpenAPI": (json.dumps(_schema(1)).replace("1}}}", '{"items":' * 450 + "{}" + "}" * 450 + "}}}"), "nested too deeply"),
    "missing $ref": (_schema({"$ref": "#/components/schemas/Y"}), "#/components/schemas/X/$ref: $ref '#/components/schemas/Y' leads nowhere"),
    "$ref to a file": (_schema({"$ref": "file:///etc/passwd"}), "$ref 'file:///etc/passwd' leads nowhere"),
    "$ref to a host": (_schema({"$ref": "http://127.0.0.1:9/x"}), "leads nowhere"),
    "$ref that is a number": (_schema({"$ref": 1}), "$ref 1 leads nowhere"),
    "cyclic $ref": (document(schemas={"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}), "$ref goes in a circle: A -> B -> A"),
    "cyclic allOf": (document(schemas={n: {"allOf": [{"$ref": f"#/components/schemas/{m}"}, {"type": "object", "properties": {"a": {}}}]} for n, m in ("AB", "BA")}), "allOf goes in a circle"),
    "cyclic $ref of answers": (document({"/c": {"get": {"operationId": "c", "responses": {"200": {"$ref": "#/components/responses/R"}}}}}, components={"responses": {"R": {"$ref": "#/components/responses/R"}}}), "$ref goes in a circle"),
    "operationId twice": (document({"/a": {"get": operation("x")}, "/b": {"get": operation("x")}}), "operationId 'x' stands twice: GET /a and GET /b"),
    "no operationId": (document({"/a": {"get": {"responses": {}}}}), "#/paths/~1a/get: this operation has no operationId"),
    "same path, other names": (document({"/a/{x}": {"get": operation("a")}, "/a/{y}": {"get": operation("b")}}), "the same path as GET /a/{x} but for the names"),
    "a parameter twice": (document({"/a/{x}/{x}": {"get": operation("a")}}), "names a parameter twice"),
    "a path that climbs": (document({"/a/../b": {"get": operation("a")}}), "'/a/../b' is no path like /channels/{channel_id}"),
    "a path with a query": (document({"/a?x=1": {"get": operation("a")}}), "is no path like"),
    "a path with a line break": (document({"/a\nb": {"get": operation("a")}}), "is no path like"),
    "no API version": (_with(info={"version": "ten"}), "#/info/version: expected the number of the API's version, found 'ten'"),
    "properties that are a list": (_schema({"type": "object", "properties": ["a"]}), "expected an object, found list"),
    "required that is true": (_schema({"type": "object", "properties": {"a": {}}, "required": True}), "#/components/schemas/X/required: expected a list, found bool"),
    "anyOf that is an object": (_schema({"anyOf": {}}), "#/components/schemas/X/anyOf: expected a list, found dict"),
    "allOf of texts": (_schema({"allOf": ["a", "b"]}), "#/components/schemas/X/allOf/0: expected an object, found str"),
    "enum that is text": (_schema({"enum": "a"}), "#/components/schemas/X/enum: expected a list, found str"),
    "a schema that is text": (_schema("string"), "#/components/schemas/X: expected an object, found str"),
    "parameters that are an object": (document({"/a": {"get": operation("a", parameters={})}}), "/parameters: expected a list, found dict"),
    "security that is text": (document({"/a": {"get": operation("a", security="x")}}), "/security: expected a list, found str"),
    "a key of 2,000 characters": (_schema({"type": "object", "properties": {"k" * 2000: {}}}), "is too long for a key"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_document_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path, case: str) -> None:
    data, expected = BAD[case]

    with pytest.raises(CodegenError) as caught:
        imported(tmp_path / "spec", data)

    assert expected in str(caught.value)
    assert 1 == len(str(caught.value).splitlines())
    assert not (tmp_path / "spec").exists()


@pytest.mark.parametrize("case", ["truncated", "cyclic $ref", "too deep for OpenAPI"])
def test_the_command_says_one_line_and_changes_nothing(
    tmp_path: Path, case: str, spec_files: Mapping[str, bytes]
) -> None:
    shutil.copytree(SPEC, tmp_path / "spec", ignore=shutil.ignore_patterns("*.md"))
    data, _ = BAD[case]
    (tmp_path / "x.json").write_text(data if isinstance(data, str) else json.dumps(data))

    done = subprocess.run(
        [sys.executable, "-m", "codegen", "import", str(tmp_path / "x.json"), "--spec", str(tmp_path / "spec")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (1, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert done.stderr.startswith("codegen: x.json")
    assert spec_files == tree(tmp_path / "spec")


def test_the_command_prints_a_summary(tmp_path: Path) -> None:
    (tmp_path / "x-2026-08-01.json").write_text(json.dumps(GOOD))

    done = subprocess.run(
        [sys.executable, "-m", "codegen", "import", str(tmp_path / "x-2026-08-01.json"), "--spec", str(tmp_path / "spec")],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip

    lines = done.stdout.splitlines()
    assert "x-2026-08-01.json: 1 operations, 1 objects, 1 enums, 1 other types, 0 named unions" == lines[0]
    assert "  operation get_cats (GET /cats) went to cats.yaml" in lines
    assert "2026-08-01" == yaml.load(tmp_path / "spec/api.yaml").node("document")["published"]


# --- the official documents --------------------------------------------------------------------------


def test_the_committed_spec_leaves_at_most_five_places_open() -> None:
    assert len(yaml.load(SPEC / "api.yaml").texts("untyped")) <= 5


DOCUMENTS = sorted(Path(os.environ["ACORD_OPENAPI_DIR"]).glob("*.json")) if "ACORD_OPENAPI_DIR" in os.environ else []


@pytest.mark.skipif(not DOCUMENTS, reason="ACORD_OPENAPI_DIR names no folder of official documents")
@pytest.mark.parametrize("into", ["nothing", "ours"])
@pytest.mark.parametrize("source", DOCUMENTS, ids=lambda path: path.stem)
def test_an_official_document_imports_twice_and_generates(tmp_path: Path, source: Path, into: str) -> None:
    spec = tmp_path / "spec"
    shutil.copytree(SPEC, spec)
    if into == "nothing":  # what people wrote, and nothing that was imported
        imported(spec, document({}, {}))
    data = source.read_text()
    imported(spec, data)
    first = tree(spec)
    imported(spec, data)
    assert first == tree(spec)

    assert len(generate.render(spec)) > 40
