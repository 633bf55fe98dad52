"""One edit of a document -> the change that it is, and whether it breaks."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.codegen.diff.compared import Json, after, base, between, body, ref, rows
from tests.codegen.mini import operation


def cat(data: Json) -> Json:
    return data["components"]["schemas"]["CatResponse"]


def request(data: Json) -> Json:
    return data["components"]["schemas"]["CatCreateRequest"]


def schemas(data: Json) -> Json:
    return data["components"]["schemas"]


def op(data: Json, method: str = "get", path: str = "/cats") -> Json:
    return data["paths"][path][method]


def limit(data: Json) -> Json:
    return op(data)["parameters"][0]


def renamed(data: Json, old: str, new: str) -> None:
    text = json.dumps(data).replace(f'"{old}"', f'"{new}"').replace(f'/{old}"', f'/{new}"')
    data.clear()
    data |= json.loads(text)


Edit = Callable[[Json], Any]
CASES: dict[str, tuple[Edit, list[tuple[str, str, object, object, bool]]]] = {
    "a route is added": (
        lambda d: d["paths"].update({"/dogs": {"get": operation("get_dogs")}}),
        [("route_added", "GET /dogs", None, "get_dogs", False)],
    ),
    "a route is removed": (
        lambda d: d["paths"]["/cats/{cat_id}"].pop("delete"),
        [("route_removed", "DELETE /cats/{cat_id}", "delete_cat", None, True)],
    ),
    "a route moves": (
        lambda d: d["paths"].update({"/felines": {"get": d["paths"]["/cats"].pop("get")}}),
        [("route_path_changed", "GET /felines", "GET /cats", "GET /felines", True)],
    ),
    "an operation is renamed": (
        lambda d: op(d).update(operationId="cats"),
        [("operation_renamed", "GET /cats", "list_cats", "cats", False)],
    ),
    "a route is deprecated": (
        lambda d: op(d).update(deprecated=True),
        [("route_deprecated", "GET /cats", False, True, False)],
    ),
    "a route lets in more": (
        lambda d: op(d)["security"].append({"OAuth2": []}),
        [("auth_changed", "GET /cats", "bot", "bot, oauth2", False)],
    ),
    "a route lets in others": (
        lambda d: op(d).update(security=[{"OAuth2": []}]),
        [("auth_changed", "GET /cats", "bot", "oauth2", True)],
    ),
    "a parameter is added": (
        lambda d: op(d)["parameters"].append({"in": "query", "name": "after", "schema": {"type": "string"}}),
        [("parameter_added", "GET /cats query:after", None, "string", False)],
    ),
    "a required parameter is added": (
        lambda d: op(d)["parameters"].append(
            {"in": "query", "name": "after", "required": True, "schema": {"type": "string"}}
        ),
        [("parameter_added", "GET /cats query:after", None, "string", True)],
    ),
    "a parameter is removed": (
        lambda d: op(d)["parameters"].clear(),
        [("parameter_removed", "GET /cats query:limit", "integer(1..100)", None, True)],
    ),
    "a parameter becomes required": (
        lambda d: limit(d).update(required=True),
        [("parameter_required_changed", "GET /cats query:limit", False, True, True)],
    ),
    "a parameter takes less": (
        lambda d: limit(d)["schema"].update(maximum=50),
        [("parameter_limit_changed", "GET /cats query:limit", "integer(1..100)", "integer(1..50)", True)],
    ),
    "a parameter takes more": (
        lambda d: limit(d)["schema"].update(maximum=200),
        [("parameter_limit_changed", "GET /cats query:limit", "integer(1..100)", "integer(1..200)", False)],
    ),
    "a parameter is of another type": (
        lambda d: limit(d).update(schema={"type": "string"}),
        [("parameter_type_changed", "GET /cats query:limit", "integer(1..100)", "string", True)],
    ),
    "a body is another": (
        lambda d: op(d, "post").update(requestBody=body(ref("BallResponse"))),
        [
            ("body_type_changed", "POST /cats body", "CatCreateRequest", "BallResponse", True),
        ],
    ),
    "a body may come in another form": (
        lambda d: op(d, "post")["requestBody"]["content"].update({"multipart/form-data": {"schema": ref("CatCreateRequest")}}),
        [("request_content_type_added", "POST /cats body", None, "multipart/form-data", False)],
    ),
    "an answer is added": (
        lambda d: op(d)["responses"].update({"202": {"description": ""}}),
        [("response_added", "GET /cats response 202", None, "nothing", True)],
    ),
    "an answer that was known already is added": (
        lambda d: op(d, "delete", "/cats/{cat_id}")["responses"].update({"200": {"description": ""}}),
        [("response_added", "DELETE /cats/{cat_id} response 200", None, "nothing", False)],
    ),
    "an answer is of another type": (
        lambda d: op(d, "get", "/cats/{cat_id}")["responses"]["200"]["content"].update(
            {"application/json": {"schema": ref("BallResponse")}}
        ),
        [("response_type_changed", "GET /cats/{cat_id} response 200", "CatResponse", "BallResponse", True)],
    ),
    "a schema is added": (
        lambda d: schemas(d).update(Dog={"type": "object", "properties": {}}),
        [("schema_added", "Dog", None, "object", False)],
    ),
    "a schema is renamed": (
        lambda d: renamed(d, "BallResponse", "SphereResponse"),
        [("schema_renamed", "SphereResponse", "BallResponse", "SphereResponse", False)],
    ),
    "what is read gains a field": (
        lambda d: cat(d)["properties"].update(age={"type": "integer"}),
        [("field_added", "CatResponse.age", None, "integer", False)],
    ),
    "what is read gains a required field": (
        lambda d: (cat(d)["properties"].update(age={"type": "integer"}), cat(d)["required"].append("age")),
        [("field_added", "CatResponse.age", None, "integer", False)],
    ),
    "what is sent gains a required field": (
        lambda d: (request(d)["properties"].update(age={"type": "integer"}), request(d)["required"].append("age")),
        [("field_added", "CatCreateRequest.age", None, "integer", True)],
    ),
    "a field goes": (
        lambda d: cat(d)["properties"].pop("name"),
        [("field_removed", "CatResponse.name", "?string(..32)", None, True)],
    ),
    "what is read may be absent": (
        lambda d: cat(d)["required"].remove("kind"),
        [("field_required_changed", "CatResponse.kind", True, False, True)],
    ),
    "what is read is always there": (
        lambda d: cat(d)["required"].append("name"),
        [("field_required_changed", "CatResponse.name", False, True, False)],
    ),
    "what is sent must be there": (
        lambda d: request(d)["required"].append("name"),
        [("field_required_changed", "CatCreateRequest.name", False, True, True)],
    ),
    "what is sent may be left out": (
        lambda d: request(d)["required"].remove("kind"),
        [("field_required_changed", "CatCreateRequest.kind", True, False, False)],
    ),
    "what is read is never null": (
        lambda d: cat(d)["properties"]["name"].update(type="string"),
        [("field_nullable_changed", "CatResponse.name", True, False, False)],
    ),
    "what is read may be null": (
        lambda d: cat(d)["properties"]["id"].update(type=["string", "null"]),
        [("field_nullable_changed", "CatResponse.id", False, True, True)],
    ),
    "what is sent may be null": (
        lambda d: request(d)["properties"]["name"].update(type=["string", "null"]),
        [("field_nullable_changed", "CatCreateRequest.name", False, True, False)],
    ),
    "a field is of another type": (
        lambda d: cat(d)["properties"].update(name={"type": ["integer", "null"]}),
        [("field_type_changed", "CatResponse.name", "string(..32)", "integer", True)],
    ),
    "a field has a format that is another class": (
        lambda d: cat(d)["properties"]["name"].update(format="date-time"),
        [("field_format_changed", "CatResponse.name", "string(..32)", "timestamp(..32)", True)],
    ),
    "a number has another size": (
        lambda d: schemas(d)["BallResponse"]["properties"]["weight"].update(format="int32"),
        [("field_format_changed", "BallResponse.weight", "integer", "int32", False)],
    ),
    "what is sent may be longer": (
        lambda d: request(d)["properties"]["name"].update(maxLength=64),
        [("field_limit_changed", "CatCreateRequest.name", "string(1..32)", "string(1..64)", False)],
    ),
    "what is sent must be longer": (
        lambda d: request(d)["properties"]["name"].update(minLength=2),
        [("field_limit_changed", "CatCreateRequest.name", "string(1..32)", "string(2..32)", True)],
    ),
    "what is read may be shorter": (
        lambda d: cat(d)["properties"]["name"].update(maxLength=8),
        [("field_limit_changed", "CatResponse.name", "string(..32)", "string(..8)", False)],
    ),
    "a field is deprecated": (
        lambda d: cat(d)["properties"]["name"].update(deprecated=True),
        [("field_deprecated", "CatResponse.name", False, True, False)],
    ),
    "an enum grows": (
        lambda d: schemas(d)["CatKinds"]["oneOf"].append({"title": "BLUE", "const": 4}),
        [("enum_member_added", "CatKinds:BLUE", None, 4, False)],
    ),
    "an enum shrinks": (
        lambda d: schemas(d)["CatKinds"]["oneOf"].pop(),
        [("enum_member_removed", "CatKinds:RED", 3, None, True)],
    ),
    "a member of an enum is renamed": (
        lambda d: schemas(d)["CatKinds"]["oneOf"][2].update(title="GINGER"),
        [("enum_member_renamed", "CatKinds:GINGER", "RED", "GINGER", False)],
    ),
    "a union that is read grows": (
        lambda d: cat(d)["properties"]["toys"]["items"]["oneOf"].append(ref("CatCreateRequest")),
        [("union_member_added", "CatResponse.toys", None, "CatCreateRequest", False)],
    ),
    "a union that is read grows by what is no object": (
        lambda d: cat(d)["properties"]["toys"]["items"]["oneOf"].append({"type": "string"}),
        [("union_member_added", "CatResponse.toys", None, "string", True)],
    ),
    "a schema is another kind of thing": (
        lambda d: schemas(d).update(BallResponse={"type": "string"}),
        [("schema_type_changed", "BallResponse", "object", "string", True)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_an_edit_is_found_and_judged(case: str, tmp_path: Path) -> None:
    edit, expected = CASES[case]

    assert expected == rows(after(tmp_path, edit))


def test_a_document_against_itself_is_empty(tmp_path: Path) -> None:
    assert [] == after(tmp_path, lambda data: None)


def test_the_order_of_arms_values_and_fields_means_nothing(tmp_path: Path) -> None:
    def edit(data: Json) -> None:
        cat(data)["properties"]["toys"]["items"]["oneOf"].reverse()
        cat(data)["properties"] = dict(reversed(cat(data)["properties"].items()))
        cat(data)["required"].reverse()

    assert [] == after(tmp_path, edit)


def test_a_renamed_schema_is_found_beside_what_changed_in_it(tmp_path: Path) -> None:
    def edit(data: Json) -> None:
        renamed(data, "MouseResponse", "RodentResponse")
        schemas(data)["RodentResponse"]["properties"]["squeaks"] = {"type": ["boolean", "null"]}

    assert [
        ("schema_renamed", "RodentResponse", "MouseResponse", "RodentResponse", False),
        ("field_nullable_changed", "RodentResponse.squeaks", False, True, True),
    ] == rows(after(tmp_path, edit))


def test_two_schemas_whose_tags_differ_are_no_rename(tmp_path: Path) -> None:
    old, new = base(), base()
    schemas(old)["BallResponse"]["properties"]["type"] = {"type": "integer", "enum": [1]}
    renamed(new, "BallResponse", "StickResponse")
    schemas(new)["StickResponse"]["properties"]["type"] = {"type": "integer", "enum": [2]}

    found = rows(between(tmp_path, old, new))

    assert {"schema_added", "schema_removed", "union_member_added", "union_member_removed"} == {row[0] for row in found}


def test_a_body_that_gets_a_name_is_the_same_body(tmp_path: Path) -> None:
    old = base()
    inline = schemas(old).pop("CatCreateRequest")
    op(old, "post")["requestBody"] = body(inline)
    new = base()
    request(new)["properties"]["age"] = {"type": "integer"}

    assert [
        ("schema_added", "CatCreateRequest", None, "object", False),
        ("field_added", "CatCreateRequest.age", None, "integer", False),
        ("body_type_changed", "POST /cats body", "{kind, name?}", "CatCreateRequest", False),
    ] == rows(between(tmp_path, old, new))


def test_a_field_of_a_body_without_a_name_has_the_operations_place(tmp_path: Path) -> None:
    old, new = base(), base()
    for data in (old, new):
        op(data, "post")["requestBody"] = body(schemas(data).pop("CatCreateRequest"))
    op(new, "post")["requestBody"]["content"]["application/json"]["schema"]["required"] = []

    assert [("field_required_changed", "POST /cats body.kind", True, False, False)] == rows(between(tmp_path, old, new))


def test_a_parameter_of_the_path_with_another_name_breaks_but_is_no_other_route(tmp_path: Path) -> None:
    def edit(data: Json) -> None:
        item = data["paths"].pop("/cats/{cat_id}")
        item["parameters"][0]["name"] = "id"
        data["paths"]["/cats/{id}"] = item

    assert {"route_path_changed"} == {change.kind for change in after(tmp_path, edit)}


def test_an_enum_that_had_no_members_gains_them(tmp_path: Path) -> None:
    old = base()
    schemas(old)["CatKinds"] = {"type": "integer", "oneOf": []}

    assert [("enum_member_added", f"CatKinds:{name}") for name in ("BLACK", "RED", "WHITE")] == [
        (c.kind, c.where) for c in between(tmp_path, old, base())
    ]
