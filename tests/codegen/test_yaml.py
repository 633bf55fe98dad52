"""The strict YAML of the spec: what is written reads back, what is refused names its place."""

import math
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from codegen import yaml
from codegen.errors import CodegenError, SpecError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from([
    "yes", "No", "on", "null", "~", "", " ", "1", "1.0", "1e3", "0x10", "0o7", "2026-07-18", "12:30:00", "- x", "? x",
    "?x", "?", "? ", "a: b", "a:", ":a", "a #b", "#a", "@a", "`a", "&a", "*a", "!a", "!!python/object:os.system", "|", ">",
    "%TAG", "---", "...", "{{ x }}", "[x", "a, b", "'", '"', "\\", "\x00", "\u2028", "\ufeff", "\x85", "\u202e", "😀\n",
    "=", "<<", "a\tb", "trailing ", "\ud7ff", "/channels/{channel_id}", "map(string)", "?Message[..10]",
])  # fmt: skip
SCALAR = TEXT | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
DATA = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20
)


@settings(max_examples=250, deadline=None)
@given(st.dictionaries(TEXT, DATA, max_size=5))
def test_what_is_written_reads_back_the_same(value: dict[str, Any]) -> None:
    assert value == yaml.loads(yaml.dumps(value))


@settings(max_examples=60, deadline=None)
@example({"": {"": "?"}}, "")
@given(st.dictionaries(TEXT, st.dictionaries(TEXT, DATA, max_size=3), max_size=3), TEXT)
def test_headers_and_spacing_change_nothing(value: dict[str, Any], header: str) -> None:
    text = yaml.dumps(value, header=header, spaced=list(value))

    assert value == yaml.loads(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=80))
def test_any_text_is_read_or_refused_as_spec_error(text: str | bytes) -> None:
    try:
        yaml.loads(text, "x.yaml")
    except SpecError as exc:
        assert str(exc).startswith("x.yaml")


@pytest.mark.parametrize(
    "word", ["yes", "no", "on", "off", "Yes", "y", "n", "True", "0x10", "0o7", "1_000", "2026-07-18"]
)
def test_words_of_yaml_1_1_are_text(word: str) -> None:
    assert {"key": word} == yaml.loads(f"key: {word}\n")


def test_a_key_is_text_whatever_it_looks_like() -> None:
    assert {"200": 1, "true": 2, "": 3} == yaml.loads('200: 1\ntrue: 2\n"": 3\n')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "x.yaml:3: b.c: this key stands twice (again at line 4)"),
        ("a: &x 1\n", "x.yaml:1: a: anchors and aliases are not used here: write the value out"),
        ("a: 1\nb: *a\n", "x.yaml:2: b: anchors and aliases are not used here: write the value out"),
        ("a:\n  b: !!python/object/apply:os.system [id]\n", "x.yaml:2: a.b: tags are not used here (found tag:yaml"),
        ("a: 1\n---\nb: 2\n", "x.yaml:1: expected one document, found several"),
        ("a: \x00\n", "x.yaml: a NUL character is not allowed"),
        ("- a\n", "x.yaml:1: expected a mapping, found a list"),
        ("", "x.yaml:1: expected a mapping, found nothing"),
        ("a: [1\nb: 2\n", "x.yaml:2: not YAML: "),
        ("? [a]\n: 1\n", "x.yaml:1: expected a plain key"),
        ("<<: {a: 1}\n!!str b: 1\n", "x.yaml:2: expected a plain key"),
        ("a: 1e999\n", "x.yaml:1: a: the number 1e999... is too large"),
        (f"a: {'9' * 5000}\n", "x.yaml:1: a: the number 99999999999999999999... is too large"),
        ("a: " + "[" * 40 + "]" * 40, "x.yaml:1: a[0][0]"),
        ("a: " + "x" * yaml.LIMIT, "x.yaml: larger than 4 MiB"),
    ],
)  # fmt: skip
def test_T21_a_refusal_names_file_line_and_key(text: str, expected: str) -> None:
    with pytest.raises(SpecError) as caught:
        yaml.loads(text, "x.yaml")

    assert str(caught.value)[: len(expected)] == expected


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    with pytest.raises(SpecError, match=r"x.yaml: not UTF-8"):
        yaml.loads(b"a: \xff\n", "x.yaml")


@pytest.mark.parametrize(
    "value",
    [{"a": math.inf}, {"a": [math.nan]}, {"a": "\ud800"}, {"\udfff": 1}, {"k" * 2000: 1}, {"a": {"k" * 2000: 1}}],
)
def test_what_could_not_be_read_back_is_not_written(value: dict[str, Any]) -> None:
    with pytest.raises(CodegenError):
        yaml.dumps(value)


@pytest.mark.parametrize("value", [{"a": ["x:?y", "?", ":?"]}, {"a": [{"k:?": 1}]}])
def test_a_colon_before_a_question_mark_is_read_back_in_a_list(value: dict[str, Any]) -> None:
    assert value == yaml.loads(yaml.dumps(value))


NODE = "text: x\nflag: true\nwhole: 3\nmap:\n  inner: 1\nlist: [a]\n"


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda n: n.text("flag"), "x.yaml:2: flag: expected text, found True"),
        (lambda n: n.text("gone"), "x.yaml:1: gone: this key is missing"),
        (lambda n: n.flag("text"), "x.yaml:1: text: expected true or false, found 'x'"),
        (lambda n: n.whole("flag"), "x.yaml:2: flag: expected a whole number, found True"),
        (lambda n: n.node("list"), "x.yaml:6: list: expected a mapping, found a list"),
        (lambda n: n.texts("map"), "x.yaml:4: map: expected a list of texts, found a mapping"),
        (lambda n: n.node("map").text("inner"), "x.yaml:5: map.inner: expected text, found 1"),
        (lambda n: n.only(["texts", "flag"]), "x.yaml:1: text: unknown key (did you mean 'texts'?)"),
        (lambda n: n.node("map").only(["zzz"]), "x.yaml:5: map.inner: unknown key (allowed: zzz)"),
        (lambda n: list(n.nodes("map")), "x.yaml:5: map.inner: expected a mapping, found 1"),
    ],
)
def test_a_wrong_value_names_its_place_what_was_found_and_expected(read: Any, expected: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(yaml.loads(NODE, "x.yaml"))

    assert expected == str(caught.value)
