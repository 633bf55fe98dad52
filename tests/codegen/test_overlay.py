"""Corrections of the document: each kind changes its place, and says when it changes nothing any more."""

from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.errors import SpecError
from codegen.ir import Object, Spec
from codegen.load import load
from codegen.notation import show
from tests.codegen.mini import CAT

Mini = Callable[..., Path]
REST = CAT.replace(
    "    returns: Cat\n",
    """    query:
      limit?: integer(1..100)
    returns: Cat

  list_cats:
    get: /cats
    returns: ?Cat[]
""",
)


def corrected(mini: Mini, *lines: str) -> Spec:
    body = "\n  ".join(lines)
    return load(mini(REST, overlay=f"corrections:\n- {body}\n  reason: r\n  source: s\n  drop_when: d\n"))


def fields(spec: Spec) -> dict[str, str]:
    cat = spec.schemas["Cat"]
    assert isinstance(cat, Object)
    return {f.name + "?" * (not f.required): show(f.type) for f in cat.fields}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("where: Cat.id", "optional: true"), {"id?": "snowflake", "name?": "?string(1..32)"}),
        (("where: Cat.name", "optional: false"), {"id": "snowflake", "name": "?string(1..32)"}),
        (("where: Cat.name", '"null": false'), {"id": "snowflake", "name?": "string(1..32)"}),
        (("where: Cat.id", '"null": true'), {"id": "?snowflake", "name?": "?string(1..32)"}),
        (("where: Cat.name", "type: Cat[]", "optional: false"), {"id": "snowflake", "name": "Cat[]"}),
    ],
)
def test_a_field_is_corrected(mini: Mini, lines: tuple[str, ...], expected: dict[str, str]) -> None:
    spec = corrected(mini, *lines)

    assert expected == fields(spec)
    assert ((lines[0].removeprefix("where: "),), ()) == (spec.corrections, spec.obsolete)


def test_the_answer_of_one_operation_is_corrected(mini: Mini) -> None:
    spec = corrected(mini, "where: get_cat returns", "type: Cat[]")

    assert "Cat[]" == show(spec.operations["get_cat"].returns[0][1])  # type: ignore[arg-type]  # it answers something


def test_a_star_means_the_lists_among_all_answers(mini: Mini) -> None:
    spec = corrected(mini, 'where: "* returns"', '"null": false')

    assert ["Cat", "Cat[]"] == [show(op.returns[0][1]) for op in spec.operations.values()]  # type: ignore[arg-type]  # they all answer something


def test_a_query_parameter_is_corrected(mini: Mini) -> None:
    spec = corrected(mini, "where: get_cat query:limit", "type: integer(1..50)")

    assert "integer(1..50)" == show(spec.operations["get_cat"].query[0].type)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("where: get_cat auth", "auth: [none, bot]"), ("none", "bot")),
        (("where: get_cat scopes", "scopes: [identify]"), ("identify",)),
    ],
)
def test_who_may_call_is_corrected(mini: Mini, lines: tuple[str, ...], expected: tuple[str, ...]) -> None:
    operation = corrected(mini, *lines).operations["get_cat"]

    assert expected in {operation.auth, operation.scopes}


@pytest.mark.parametrize(
    "lines",
    [
        ("where: Cat.id", "optional: false"),
        ("where: Cat.id", '"null": false'),
        ("where: get_cat returns", '"null": false'),
        ("where: Cat.gone", "optional: true"),
        ("where: Dog.id", "optional: true"),
        ("where: get_dog returns", '"null": false'),
        ("where: get_cat query:gone", "optional: true"),
    ],
)
def test_a_correction_without_effect_is_named(mini: Mini, lines: tuple[str, ...]) -> None:
    spec = corrected(mini, *lines)

    assert ((), (lines[0].removeprefix("where: "),)) == (spec.corrections, spec.obsolete)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("where: Cat", "optional: true"), "spec/overlay.yaml:2: corrections[0].where: expected Schema.field"),
        (("where: get_cat body", "optional: true"), "corrections[0].where: expected `returns`, "),
        (("where: Cat.id", "type: Cta"), "spec/overlay.yaml:3: corrections[0].type: unknown schema 'Cta'"),
        (("where: Cat.id", "type: string("), "corrections[0].type: 'string(': expected ')'"),
        (("where: Cat.id", "optinal: true"), "corrections[0].optinal: unknown key (did you mean 'optional'?)"),
        (("where: Cat.id", "optional: maybe"), "corrections[0].optional: expected true or false, found 'maybe'"),
        (("optional: true",), "corrections[0].where: this key is missing"),
    ],
)
def test_a_wrong_correction_is_refused_with_its_place(mini: Mini, lines: tuple[str, ...], expected: str) -> None:
    with pytest.raises(SpecError) as caught:
        corrected(mini, *lines)

    assert expected in str(caught.value)


@pytest.mark.parametrize("key", ["reason", "source", "drop_when"])
def test_a_correction_says_why_whence_and_until_when(mini: Mini, key: str) -> None:
    text = "corrections:\n- where: Cat.id\n  reason: r\n  source: s\n  drop_when: d\n"

    with pytest.raises(SpecError, match=f"{key}: this key is missing"):
        load(mini(REST, overlay=text.replace(f"  {key}: {key[0]}\n", "")))


@pytest.mark.parametrize("text", ["corrections: {}\n", "corrections: x\n", "corrections: [x]\n", "fixes: []\n"])
def test_a_file_of_another_form_is_refused(mini: Mini, text: str) -> None:
    with pytest.raises(SpecError, match=r"spec/overlay.yaml:1: "):
        load(mini(REST, overlay=text))


def test_fields_that_the_documentation_leaves_out_become_optional_or_null(mini: Mini) -> None:
    optional = (
        "optional:\n  Cat:\n    source: s\n    table: [id]\nnullable:\n  Cat:\n    source: s\n    example: [id, gone]\n"
    )

    spec = load(mini(REST, optional_fields=optional))

    assert {"id?": "?snowflake", "name?": "?string(1..32)"} == fields(spec)
    assert ("Cat.gone",) == spec.obsolete


def test_what_the_documentation_adds_is_added_and_what_has_no_place_any_more_is_named(mini: Mini) -> None:
    added = """fields:
  Cat:
    source: s
    add: {fur?: string, id: integer}
  Dog:
    source: s
    add: {bark: boolean}
values:
  Kind:
    source: s
    add: {A: 1}
  Colour:
    source: s
    names: {BLUE: AZURE}
"""

    spec = load(mini(REST + "  Colour:\n    enum: integer\n    values: {RED: 1}\n", documented=added))

    assert {"id": "snowflake", "name?": "?string(1..32)", "fur?": "string"} == fields(spec)
    assert {"Cat.id", "Dog", "Kind", "Colour.AZURE"} == set(spec.obsolete)
