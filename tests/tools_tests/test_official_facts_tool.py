"""The extractor: what it writes of a document, and that it refuses what it cannot hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tools.facts import COMMITTED, official
from tests.tools.official_facts import LINE, Fact, UnknownKeyword, extract, main, render


def _document(schemas: dict[str, Any], paths: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"info": {"version": "10"}, "paths": paths or {}, "components": {"schemas": schemas}}


def _fact(schema: dict[str, Any], **others: Any) -> Fact:
    found: Fact = extract(_document({"It": schema, **others}))["schemas"]["It"]
    return found


def _kind(value: int) -> dict[str, Any]:
    tag = {"type": "integer", "enum": [value], "allOf": [{"$ref": "#/components/schemas/Kinds"}], "format": "int32"}
    return {"type": "object", "properties": {"kind": tag}, "required": ["kind"]}


@pytest.mark.parametrize(
    ("schema", "fact"),
    [
        ({}, {"type": "any"}),
        ({"type": ["string", "null"], "maxLength": 3}, {"type": "string", "max": 3, "null": True}),
        ({"type": "integer", "minimum": 0, "format": "int32"}, {"type": "integer", "format": "int32", "min": 0}),
        ({"type": "integer", "enum": [2, 1]}, {"type": "integer", "values": [1, 2]}),
        ({"oneOf": [{"type": "null"}, {"$ref": "#/x/A"}]}, {"type": "ref", "ref": "A", "null": True}),
        (
            {"type": "array", "items": {"type": "boolean"}, "maxItems": 2, "uniqueItems": True},
            {"type": "array", "max": 2, "unique": True, "items": {"type": "boolean"}},
        ),
        (
            {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 2},
            {"type": "map", "max": 2, "values": {"type": "string"}},
        ),
        (
            {"type": "object", "properties": {"b": {}, "a": {}}, "required": ["b"], "additionalProperties": False},
            {"type": "object", "required": {"b": {"type": "any"}}, "optional": {"a": {"type": "any"}}, "closed": True},
        ),
        (
            {"type": "integer", "oneOf": [{"title": "B", "const": 10}, {"title": "A", "const": 9}], "format": "int32"},
            {"type": "enum", "of": "integer", "members": {"A": 9, "B": 10}, "format": "int32"},
        ),
        (
            {"type": "string", "enum": [], "allOf": [{"$ref": "#/x/A"}]},
            {"type": "narrowed", "ref": "A", "of": "string", "values": []},
        ),
    ],
)
def test_a_schema_becomes_a_fact(schema: dict[str, Any], fact: Fact) -> None:
    assert fact == _fact(schema)


def test_words_are_left_out() -> None:
    fact = _fact({"type": "string", "description": "What it is for.", "title": "It"})

    assert {"type": "string"} == fact


def test_a_union_says_which_field_tells_its_arms_apart() -> None:
    union = {"oneOf": [{"$ref": "#/x/One"}, {"$ref": "#/x/Two"}]}

    fact = _fact(union, One=_kind(1), Two=_kind(2), Kinds={"type": "integer", "oneOf": []})

    assert {"field": "kind", "values": [[1], [2]]} == fact["tag"]


def test_a_union_whose_arms_share_a_value_has_no_tag() -> None:
    union = {"anyOf": [{"$ref": "#/x/One"}, {"$ref": "#/x/Two"}], "x-discord-union": "oneOf"}

    fact = _fact(union, One=_kind(1), Two=_kind(1), Kinds={"type": "integer", "oneOf": []})

    assert "tag" not in fact


def test_an_unknown_keyword_is_refused_by_name_and_place() -> None:
    with pytest.raises(UnknownKeyword, match=r"#/schemas/It\.a: .*multipleOf"):
        _fact({"type": "object", "properties": {"a": {"type": "integer", "multipleOf": 2}}})


def test_an_operation_has_its_parameters_body_successes_and_security() -> None:
    get: Fact = {
        "operationId": "get_it",
        "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}}],
        "requestBody": {"content": {"application/json": {"schema": {"type": "boolean"}}}, "required": True},
        "responses": {"204": {"description": "nothing"}, "4XX": {"$ref": "#/components/responses/Failed"}},
        "security": [{}, {"BotToken": []}],
    }
    shared = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]

    facts = extract(_document({}, {"/it/{id}": {"parameters": shared, "get": get}}))

    expected: Fact = {
        "method": "GET",
        "path": "/it/{id}",
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "required": False, "schema": {"type": "integer", "max": 9}},
        ],
        "body": {"required": True, "media": {"application/json": {"type": "boolean"}}},
        "answers": {"204": {}},
        "security": [{}, {"BotToken": []}],
    }
    assert {"get_it": expected} == facts["operations"]


def test_a_parameter_of_the_operation_replaces_the_one_of_its_path() -> None:
    get: Fact = {"operationId": "get_it", "responses": {}, "parameters": [{"name": "id", "in": "path", "schema": {}}]}
    shared = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]

    facts = extract(_document({}, {"/it/{id}": {"parameters": shared, "get": get}}))

    assert [{"type": "any"}] == [p["schema"] for p in facts["operations"]["get_it"]["parameters"]]


def test_the_order_of_a_document_does_not_matter() -> None:
    schemas: Fact = {"A": {"type": "object", "properties": {"x": {}, "y": {}}}, "B": {"type": "string"}}
    turned: Fact = {"B": {"type": "string"}, "A": {"properties": {"y": {}, "x": {}}, "type": "object"}}

    assert render(extract(_document(schemas))) == render(extract(_document(turned)))


def test_the_command_prints_facts_that_read_back(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(_document({"A": {"type": "string"}})))

    assert 0 == main([str(path)])

    assert {"A": {"type": "string"}} == json.loads(capsys.readouterr().out)["schemas"]


def test_the_committed_facts_are_as_the_extractor_writes_them() -> None:
    text = COMMITTED.read_text(encoding="utf-8")

    assert text == render(json.loads(text)) + "\n"


def test_the_committed_facts_are_complete() -> None:
    head = json.loads(COMMITTED.read_text(encoding="utf-8"))["document"]

    assert (242, 539) == (len(official().operations), len(official().schemas)) == (head["operations"], head["schemas"])


def test_what_does_not_fit_a_line_is_spread() -> None:
    text = render({"a": ["x" * LINE, 1], "b": {}})

    assert '{\n "a": [\n  "' + "x" * LINE + '",\n  1\n ],\n "b": {}\n}' == text
