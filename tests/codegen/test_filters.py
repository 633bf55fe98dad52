"""The filters by which text enters Python: whatever comes in, the same value and nothing else comes out."""

import ast
import keyword

import pytest
from hypothesis import given, settings, strategies as st

from codegen import filters
from codegen.errors import CodegenError
from tests.codegen.hostile import STRINGS

TEXT = st.text() | st.sampled_from(STRINGS) | st.text("\"'\\\n {}%#ab", max_size=30)
SCALARS = TEXT | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
MANY = settings(max_examples=300, deadline=None)


@MANY
@given(TEXT)
def test_a_quoted_text_reads_back_the_same_and_shows_all_of_itself(text: str) -> None:
    printed = filters.quoted(text)

    assert text == ast.literal_eval(printed)
    assert printed.isprintable()


@MANY
@given(
    st.recursive(
        SCALARS,
        lambda i: st.lists(i, max_size=3) | st.tuples(i) | st.tuples(i, i) | st.dictionaries(TEXT, i, max_size=3),
        max_leaves=8,
    )
)
def test_a_literal_reads_back_the_same(value: object) -> None:
    assert value == ast.literal_eval(filters.literal(value))


def test_what_is_no_literal_is_refused() -> None:
    with pytest.raises(CodegenError, match="object cannot be printed"):
        filters.literal(object())


@MANY
@given(TEXT, st.sampled_from([0, 4, 8]))
def test_a_docstring_is_one_constant_that_hides_nothing(text: str, indent: int) -> None:
    printed = filters.docstring(text, indent)

    tree = ast.parse("if 1:\n" + " " * indent + "    pass\n" * (not indent) + printed if indent else printed)
    body = tree.body[0].body if isinstance(tree.body[0], ast.If) else tree.body  # type: ignore[attr-defined]
    docstring = body[-1]
    assert isinstance(docstring, ast.Expr) and isinstance(docstring.value, ast.Constant)
    assert isinstance(docstring.value.value, str)
    assert all(c.isprintable() or c == "\n" for c in printed)


@MANY
@given(TEXT)
def test_prose_never_ends_the_docstring_around_it(text: str) -> None:
    tree = ast.parse(f'"""Routes: {filters.prose(text)}."""')

    assert 1 == len(tree.body)


@MANY
@given(TEXT, st.frozensets(st.sampled_from(["files", "reason", "items"])))
def test_an_identifier_is_ascii_no_keyword_no_dunder_and_not_reserved(text: str, reserved: frozenset[str]) -> None:
    found = filters.identifier(text, reserved)

    assert found.isidentifier() and found.isascii() and not keyword.iskeyword(found)
    assert not found.startswith("_") and found not in reserved
    assert found == filters.checked(found)


@MANY
@given(st.lists(TEXT, max_size=6))
def test_members_are_upper_case_names_that_differ(titles: list[str]) -> None:
    found = filters.members((title, n) for n, title in enumerate(titles))

    names = [name for name, _ in found]
    assert len(titles) == len(set(names))
    assert all(n.isidentifier() and n.isascii() and n == n.upper() and not n.startswith("_") for n in names)
    assert list(range(len(titles))) == [value for _, value in found]


@MANY
@given(TEXT)
def test_checked_lets_only_names_through(text: str) -> None:
    try:
        assert text == filters.checked(text)
    except CodegenError:
        assert not (text.isidentifier() and text.isascii()) or keyword.iskeyword(text)
    else:
        assert text.isidentifier() and text.isascii() and not keyword.iskeyword(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("content", "content"), ("global", "global_"), ("match", "match_"), ("type", "type"), ("files", "files_"),
        ("__class__", "field__class__"), ("_errors", "field_errors"), ("1st", "field_1st"), ("", "field_"), ("a-b", "a_b"),
        ("ﬁles", "files_"), ("ｉmport", "import_"), ("None", "None_"),
    ],
)  # fmt: skip
def test_names_that_python_or_helpers_use_get_a_trailing_underscore(name: str, expected: str) -> None:
    assert expected == filters.identifier(name, {"files"})


def test_T22_a_template_with_an_unknown_name_is_an_error() -> None:
    with pytest.raises(Exception, match="'nothing' is undefined"):
        filters.environment().from_string("{{ nothing }}").render()


def test_a_link_is_never_broken() -> None:
    link = "https://discord.test/docs#" + "bulk-overwrite-" * 12

    assert link in filters.docstring(f"Does a thing.\n\nSource: {link}", 4)
