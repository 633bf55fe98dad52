"""T29: nothing that others wrote acts upon the terminal, and no credential is printed."""

import json

import pytest
from hypothesis import given, strategies as st

from acord.cli.text import harmless, hidden, json_text, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, größer, 木, 🌳", "plain, größer, 木, 🌳"),
        ("\x1b[2J\x1b]0;owned\x07", "␛[2J␛]0;owned␇"),
        ("\x9b31m", "\\u009b31m"),
        ("safe\u202egnp.exe", "safe\\u202egnp.exe"),
        ("a\u200bb\u2066c", "a\\u200bb\\u2066c"),
        ("one\r\ntwo", "one␍␊two"),
        ("\x7f", "␡"),
        ("\ud83d", "\\ud83d"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_a_terminal_would_obey_becomes_a_sign(text: str, shown: str) -> None:
    assert shown == harmless(text)


def test_lines_may_be_kept() -> None:
    assert "one\n\ttwo␍" == harmless("one\n\ttwo\r", lines=True)


@given(st.text(alphabet=st.characters()))
def test_harmless_text_is_printable_whatever_it_was(text: str) -> None:
    assert harmless(text).isprintable()


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
def test_json_stays_the_same_json_without_a_character_that_acts(value: object) -> None:
    compact, indented = json_text(value), json_text(value, indent=2)

    assert value == json.loads(compact) == json.loads(indented)
    assert compact.isprintable()
    assert indented.replace("\n", "").isprintable()


def test_an_error_of_several_lines_becomes_one() -> None:
    assert "GET /x -> 400; content: too long ␛" == one_line(ValueError("GET /x -> 400\n  content: too long \x1b\n"))


def test_what_looks_like_a_token_is_not_printed() -> None:
    token = "MTE4MDAwMDAwMDAwMDAwMDAwMQ.GabcdE.abcdefghijklmnopqrstuvwxyz012345"

    assert "unexpected (***), my-*** too" == hidden(f"unexpected ({token}), my-hush too", ["hush", ""])
