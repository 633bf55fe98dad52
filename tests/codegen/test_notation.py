"""The notation of types: shown and read back, and refused with the character that is wrong."""

import pytest
from hypothesis import given, settings, strategies as st

from codegen.notation import (
    ANY,
    DEPTH,
    NULL,
    WORDS,
    Array,
    Map,
    NotationError,
    Nullable,
    Primitive,
    Ref,
    Type,
    Union,
    depth,
    parse,
    refs,
    show,
)  # fmt: skip

NAMES = st.from_regex(r"[A-Z][A-Za-z0-9_]{0,8}", fullmatch=True)
LIMIT = st.none() | st.integers(0, 10**6)
BOUND = LIMIT | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.lists(TEXT | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans(), max_size=3)
PRIMITIVES = st.builds(
    lambda word, low, high, pattern, values: Primitive(*WORDS[word], low, high, pattern, tuple(values)),
    st.sampled_from(sorted(WORDS)), BOUND, BOUND, TEXT, VALUES,
) | st.builds(Primitive, st.sampled_from(["string", "integer"]), st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True))  # fmt: skip
TYPES: st.SearchStrategy[Type] = st.recursive(
    PRIMITIVES | st.builds(Ref, NAMES, VALUES.map(tuple)) | st.just(ANY) | st.just(NULL),
    lambda inner: (
        st.builds(Array, inner, LIMIT, LIMIT, st.booleans())
        | st.builds(Map, inner, LIMIT, LIMIT)
        | st.builds(Nullable, inner)
        | st.lists(inner, min_size=2, max_size=3).map(lambda arms: Union(tuple(arms)))
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(TYPES)
def test_a_type_that_is_shown_reads_back_the_same(kind: Type) -> None:
    assert depth(kind) > DEPTH or kind == parse(show(kind))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30) | st.text('?|()[]{}<>,."\\19eaAmpstring ', max_size=30))
def test_any_text_is_a_type_or_refused_as_notation_error(text: str) -> None:
    try:
        found = parse(text)
    except NotationError:
        return
    assert depth(found) > DEPTH or found == parse(show(found))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("string", Primitive("string")),
        ("snowflake", Primitive("string", "snowflake")),
        ("string(1..80)", Primitive("string", "", 1, 80)),
        ("integer(0..)", Primitive("integer", "", 0)),
        ('string(..7, "^#")', Primitive("string", "", None, 7, "^#")),
        ("ComponentType{2}", Ref("ComponentType", (2,))),
        ('string{"a", "b"}', Primitive("string", values=("a", "b"))),
        ("Embed[..10]", Array(Ref("Embed"), None, 10)),
        ("snowflake[1..25 unique]", Array(Primitive("string", "snowflake"), 1, 25, True)),
        ("map(string(..100), ..34)", Map(Primitive("string", "", None, 100), None, 34)),
        ("?string", Nullable(Primitive("string"))),
        ("A | B[]", Union((Ref("A"), Array(Ref("B"))))),
        ("?(A | B)", Nullable(Union((Ref("A"), Ref("B"))))),
        ("string<new-thing>", Primitive("string", "new-thing")),
        ("number(0.5..1e+16)", Primitive("number", "", 0.5, 1e16)),
    ],
)
def test_each_form_is_read(text: str, expected: Type) -> None:
    assert expected == parse(text)
    assert text == show(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "expected a type at character 1, found the end"),
        ("strin", "unknown type 'strin' (known: "),
        ("string(1..80", "expected ')' at character 13, found the end"),
        ("string(1)", "expected '..' at character 9, found ')'"),
        ("string[1.5..]", "expected a whole number at character 8"),
        ("integer(007..)", "'007' at character 9 is not JSON"),
        ("integer(1e999..)", "'1e999' at character 9 is too large"),
        (r'string("\q")', r"""'"\\q"' at character 8 is not JSON"""),
        ("Message]", "expected end of the type at character 8, found ']'"),
        ("Message; import os", "unexpected ';' at character 8"),
        ("string<9>", "expected the name of a format at character 8, found '9'"),
        ('string{"a" "b"}', "expected ',' or '}' at character 12"),
        ("Enum{null}", "expected a value at character 6, found 'null'"),
        ("(" * 3000, "nested deeper than 24"),
        ("?" * 3000 + "A", "nested deeper than 24"),
        ("A" + "[]" * 3000, "nested deeper than 24"),
        ("map(" * 3000, "nested deeper than 24"),
    ],
)
def test_a_refusal_says_where_and_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse(text)

    assert expected in str(caught.value)


def test_refs_name_every_schema_once_for_each_place() -> None:
    assert ["A", "B", "A"] == list(refs(parse("?(A[] | map(B) | A{1} | string)")))


@given(TYPES)
def test_a_type_is_as_deep_as_its_text_at_most(found: Type) -> None:
    text = show(found)
    for _ in range(DEPTH - depth(found)):  # so many brackets it takes in any case
        text = f"({text})"

    assert found == parse(text)
