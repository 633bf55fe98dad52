"""A few lines of spec, and the helpers they become."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.errors import CodegenError
from tests.codegen.mini import CAT, pages

Mini = Callable[..., Path]


def signature(source: str, name: str) -> str:
    """The signature of a helper on one line."""
    found = re.findall(rf"^def {name}\((.*)\) -> (.*):$", source, re.MULTILINE)
    return "({}) -> {}".format(*found[-1])


def cats(mini: Mini, operation: str, schemas: str = "", **more: str) -> str:
    text = f"operations:\n  do_it:\n{operation}\nschemas:\n  Cat:\n    fields: {{id: snowflake, name?: '?string(..32)'}}\n{schemas}"
    return pages(mini(text, **more))["acord/routes/cats.py"]


def test_a_helper_is_a_typed_function_that_fills_a_descriptor(mini: Mini) -> None:
    source = pages(mini(CAT))["acord/routes/cats.py"]

    assert (
        '_GET_CAT = Operation("get_cat", "GET", "/cats/{cat_id}", parameters=(Parameter("cat_id", "path", Id(), required=True),), '
        'returns={200: "Cat"})\n'
    ) in source
    assert "(cat_id: SnowflakeLike, *, validate: bool = True) -> Route[Cat]" == signature(source, "get_cat")
    assert '    return _GET_CAT.route({"cat_id": cat_id}, {}, validate=validate)\n' in source
    assert (
        "    ``GET /cats/{cat_id}``\n\n    cat_id: snowflake\n\n    Auth: bot token. Answers: 200 Cat.\n"
        in source.replace('"""``', "``")
    )


@pytest.mark.parametrize(
    ("returns", "expected"),
    [
        ("Cat", "Route[Cat]"),
        ("Cat[]", "Route[list[Cat]]"),
        ("?Cat", "Route[Cat | None]"),
        ("map(Cat)", "Route[dict[str, Cat]]"),
        ("nothing", "Route[None]"),
        ('{"204": nothing}', "Route[None]"),
        ('{"200": Cat, "204": nothing}', "Route[Cat | None]"),
        ('{"204": nothing, "201": Cat}', "Route[Cat | None]"),
        ("any", "Route[Any]"),
        ("Cat | integer", "Route[Cat | int]"),
    ],
)
def test_an_answer_has_its_type(mini: Mini, returns: str, expected: str) -> None:
    source = cats(mini, f"    get: /cats\n    returns: {returns}\n")

    assert f"(*, validate: bool = True) -> {expected}" == signature(source, "do_it")


def test_query_parameters_are_keywords_that_may_be_missing(mini: Mini) -> None:
    source = cats(
        mini,
        '    get: /cats\n    query:\n      limit?: integer(1..100)\n      ids: "snowflake[]"\n    comma: [ids]\n    returns: Cat\n',
    )

    assert (
        "(*, limit: int | Missing = MISSING, ids: Sequence[SnowflakeLike], validate: bool = True) -> Route[Cat]"
    ) == signature(source, "do_it")
    assert 'Parameter("limit", "query", Integer(min=1, max=100))' in source
    assert 'Parameter("ids", "query", Array(Id()), required=True, style="comma")' in source


BODY = "    post: /cats/{cat_id}\n    path:\n      cat_id: snowflake\n"


def test_an_object_body_is_flat_keywords_required_first(mini: Mini) -> None:
    source = cats(
        mini,
        BODY + "    body: Sent\n    returns: nothing\n",
        "  Sent:\n    fields: {note?: '?string', colour: string}\n",
    )

    assert (
        "(cat_id: SnowflakeLike, *, colour: str, note: str | None | Missing = MISSING, validate: bool = True) -> Route[None]"
    ) == signature(source, "do_it")
    assert '_DO_IT.route({"cat_id": cat_id}, {}, {"note": note, "colour": colour}, validate=validate)' in source
    assert 'body=Ref("Sent"), body_required=True' in source


def test_a_body_that_may_be_left_out_requires_nothing(mini: Mini) -> None:
    source = cats(mini, BODY + "    body?: Sent\n    returns: nothing\n", "  Sent:\n    fields: {colour: string}\n")

    assert "colour: str | Missing = MISSING" in signature(source, "do_it")
    assert "body_required" not in source


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Cat[1..25]", "items: Sequence[CatLike]"),
        ("map(string)", "items: Mapping[str, str]"),
        ("?Cat[]", "items: Sequence[CatLike] | None"),
        ("string", "items: str"),
        ("List", "items: Sequence[CatLike]"),
    ],
)
def test_a_body_that_is_no_object_is_one_positional_value(mini: Mini, body: str, expected: str) -> None:
    source = cats(mini, BODY + f"    body: '{body}'\n    returns: nothing\n", "  List:\n    type: Cat[]\n")

    assert f"(cat_id: SnowflakeLike, {expected}, *, validate: bool = True) -> Route[None]" == signature(source, "do_it")
    assert '_DO_IT.route({"cat_id": cat_id}, {}, items, validate=validate)' in source


UNION = """  Kind:
    enum: integer
    values: {BLACK: 1, WHITE: 2}
  Black:
    fields: {kind: "Kind{1}", dark: boolean, name: string(..5)}
  White:
    fields: {kind: "Kind{2}", name?: string(..9)}
  Either:
    union: [Black, White]
"""


def test_a_union_body_has_an_overload_for_each_arm_where_a_tag_tells_them_apart(mini: Mini) -> None:
    source = cats(mini, BODY + "    body: Either\n    returns: nothing\n", UNION + "    tag: kind\n")

    overloads = re.findall(r"@overload\ndef do_it\((.*)\) -> Route\[None\]: \.\.\.", source)
    assert [
        "cat_id: SnowflakeLike, *, kind: Literal[Kind.BLACK, 1], dark: bool, name: str, validate: bool = True",
        "cat_id: SnowflakeLike, *, kind: Literal[Kind.WHITE, 2], name: str | Missing = MISSING, validate: bool = True",
    ] == overloads
    assert "kind: Literal[Kind.BLACK, 1, Kind.WHITE, 2]" in signature(source, "do_it")
    assert "dark: bool | Missing = MISSING" in signature(source, "do_it")


def test_a_union_body_without_a_tag_has_the_fields_of_all_arms(mini: Mini) -> None:
    source = cats(mini, BODY + "    body: Either\n    returns: nothing\n", UNION)

    assert "@overload" not in source
    assert "name: str | Missing = MISSING" in signature(source, "do_it")


@pytest.mark.parametrize("field", ["class", "reason", "files", "validate", "items", "cat_id", "from", "_x"])
def test_a_field_named_as_something_else_gets_an_underscore_and_keeps_its_wire_name(mini: Mini, field: str) -> None:
    source = cats(
        mini,
        BODY + "    body: Sent\n    reason: true\n    returns: nothing\n",
        f"  Sent:\n    fields: {{{field}: integer}}\n",
    )

    name = "field_x" if field == "_x" else f"{field}_"
    assert f"*, {name}: int," in signature(source, "do_it")
    assert f'{{"{field}": {name}}}' in source


def test_a_reason_and_uploads_are_keywords(mini: Mini) -> None:
    source = cats(
        mini, BODY + "    body: Sent\n    media: [json, multipart]\n    uploads:\n      files[0..9]?: binary\n    reason: true\n    returns: nothing\n",
        "  Sent:\n    fields: {}\n",
    )  # fmt: skip

    assert (
        "(cat_id: SnowflakeLike, *, files: Sequence[File] | Missing = MISSING, reason: str | None = None, validate: bool = True)"
        in signature(source, "do_it")
    )
    assert 'media=("json", "multipart")' in source and 'reason=True, files="files[n]"' in source
    assert "files=files, reason=reason, validate=validate)" in source


def test_one_named_upload_is_one_keyword_under_a_name_of_python(mini: Mini) -> None:
    source = cats(
        mini,
        BODY + "    body: Sent\n    uploads:\n      my-file: binary\n    returns: nothing\n",
        "  Sent:\n    fields: {my_file: string}\n",
    )

    assert "*, my_file: str, my_file_: File, validate" in signature(source, "do_it")
    assert 'files="my-file"' in source and "files=my_file_," in source


def test_several_named_uploads_are_refused_with_their_names(mini: Mini) -> None:
    with pytest.raises(
        CodegenError, match=r"do_it.uploads: one named part or files\[n\] has a helper form, found a, b"
    ):
        cats(mini, BODY + "    body: Cat\n    uploads:\n      a: binary\n      b: binary\n    returns: nothing\n")


PAGE = "    get: /cats\n    query:\n      after?: snowflake\n      limit?: integer\n    paginate: {cursor: [after], item: '%s', key: id, limit: 100}\n    returns: '%s'\n"


@pytest.mark.parametrize(
    ("item", "returns", "expected"),
    [("", "Cat[]", "PaginatedRoute[list[Cat], Cat]"), ("cats", "Page", "PaginatedRoute[Page, Cat]"), ("inner.cats", "Book", "PaginatedRoute[Book, Cat]")],
)  # fmt: skip
def test_a_paginated_answer_names_the_type_of_its_items(mini: Mini, item: str, returns: str, expected: str) -> None:
    source = cats(
        mini, PAGE % (item, returns), "  Page:\n    fields: {cats: 'Cat[]'}\n  Book:\n    fields: {inner: Page}\n"
    )

    assert expected == signature(source, "do_it").rpartition(" -> ")[2]
    assert f'paginates=Pagination(("after",), item="{item}", key="id", limit=100)' in source
    assert "_DO_IT.paginated_route(" in source


@pytest.mark.parametrize(
    ("item", "returns", "problem"),
    [("dogs", "Page", "'dogs' is not in the answer"), ("", "Page", "'' is no list"), ("cats.x", "Page", "'cats.x' is not in the answer")],
)  # fmt: skip
def test_a_page_whose_items_are_not_in_the_answer_is_refused(mini: Mini, item: str, returns: str, problem: str) -> None:
    with pytest.raises(CodegenError, match=f"do_it.paginate.item: {problem}"):
        cats(mini, PAGE % (item, returns), "  Page:\n    fields: {cats: 'Cat[]'}\n")


def test_what_the_limiter_should_know_goes_with_the_descriptor(mini: Mini) -> None:
    source = cats(
        mini, BODY + "    body: Cat\n    major: [cat_id]\n    nonce: true\n    idempotent: true\n    global_exempt: true\n"
        "    variants:\n      by: body\n      lanes:\n      - {name: rename, any_of: [name]}\n      - {name: other}\n    returns: nothing\n",
    )  # fmt: skip

    assert 'idempotent=True, nonce=True, major=("cat_id",)' in source
    assert (
        'limits={"global_exempt": True, "variants": {"by": "body", "lanes": [{"name": "rename", "any_of": ["name"]}, {"name": "other"}]}}'
    ) in source


def test_who_may_call_and_what_is_deprecated_is_said(mini: Mini) -> None:
    source = cats(
        mini,
        "    get: /cats\n    auth: [oauth2, none]\n    scopes: [identify]\n    deprecated: true\n    docs: https://x/y\n    returns: Cat\n",
    )

    assert 'auth=("bearer", "none"), scopes=("identify",)' in source
    assert 'deprecated="deprecated by Discord", source="https://x/y"' in source
    assert "Deprecated: deprecated by Discord." in source
    assert "Auth: OAuth2 bearer, no token with identify." in source


def test_another_name_of_an_operation_is_the_same_helper(mini: Mini) -> None:
    text = "operations:\n  do_it:\n    get: /cats\n    also: do_that\n    returns: nothing\n"

    files = pages(mini(text))

    assert "\ndo_that = do_it\n" in files["acord/routes/cats.py"]
    assert '    "do_that": "cats",' in files["acord/routes/__init__.py"]


def test_another_name_that_is_taken_is_refused(mini: Mini) -> None:
    text = "operations:\n  do_it:\n    get: /cats\n    also: do_that\n    returns: nothing\n  do_that:\n    get: /dogs\n    returns: nothing\n"

    with pytest.raises(CodegenError, match="'do_that' is the name of another operation already"):
        pages(mini(text))


def test_models_are_imported_for_type_checkers_alone(mini: Mini) -> None:
    source = pages(mini(CAT))["acord/routes/cats.py"]

    assert "if TYPE_CHECKING:\n    from acord.models.cats import Cat\n" in source
    assert 1 == source.count("acord.models")
