"""Mentions, timestamps, escaping."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from acord.core import formatting as f
from acord.core.errors import InvalidRequest
from acord.core.types import Snowflake


class Thing:
    id = Snowflake(7)


@pytest.mark.parametrize("value", [7, "7", Snowflake(7), Thing()])
def test_an_id_is_a_number_its_digits_or_anything_with_an_id(value: int | str | Thing) -> None:
    assert "<@7>" == f.mention_user(value)


@pytest.mark.parametrize("value", [True, -1, 1 << 64, "", "7x", "٧", "-7", "9" * 30, None, object()])
def test_what_is_no_id_is_refused_by_the_arguments_name(value: object) -> None:
    with pytest.raises(InvalidRequest, match="role"):
        f.mention_role(value)  # type: ignore[arg-type]  # what the test is about


def test_each_mention_has_its_sign() -> None:
    assert ("<#1>", "<@&2>") == (f.mention_channel(1), f.mention_role(2))


def test_a_command_is_named_with_its_subcommands() -> None:
    assert "</foo group bar:5>" == f.mention_command("foo group bar", 5)


@pytest.mark.parametrize("name", ["", "a:b", "a>b", "a  b", "a b c d", "a\nb"])
def test_a_command_name_that_would_break_the_link_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="name"):
        f.mention_command(name, 5)


def test_an_emoji_of_a_message_tells_whether_it_is_animated() -> None:
    assert ("<:blob:5>", "<a:blob:5>") == (f.emoji("blob", 5), f.emoji("blob", 5, animated=True))


def test_an_emoji_name_with_other_signs_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="name"):
        f.emoji("bl:ob", 5)


def test_a_timestamp_is_whole_seconds_with_an_optional_style() -> None:
    when = datetime(2021, 4, 20, 23, 20, 30, 999_999, timezone(timedelta(hours=2)))

    assert "<t:1618953630>" == f.timestamp(when)
    assert "<t:1618953630:R>" == f.timestamp(when.astimezone(UTC), "R")
    assert "<t:-2>" == f.timestamp(-1.5)


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="tzinfo"):
        f.timestamp(datetime(2021, 4, 20))


@pytest.mark.parametrize("when", [float("inf"), float("nan")])
def test_no_time_at_all_is_refused(when: float) -> None:
    with pytest.raises(InvalidRequest, match="when"):
        f.timestamp(when)


def test_an_unknown_style_is_refused_with_the_list() -> None:
    with pytest.raises(InvalidRequest, match="t, T, d, D, f, F, s, S, R"):
        f.timestamp(0, "x")  # type: ignore[arg-type]  # what the test is about


def test_places_of_the_guild_are_links_and_one_takes_a_role() -> None:
    assert ("<id:guide>", "<id:linked-roles:9>") == (f.guild_link("guide"), f.guild_link("linked-roles", 9))
    with pytest.raises(InvalidRequest, match="role"):
        f.guild_link("browse", 9)
    with pytest.raises(InvalidRequest, match="place"):
        f.guild_link("nowhere")  # type: ignore[arg-type]  # what the test is about


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("**bold** _it_", r"\*\*bold\*\* \_it\_"),
        ("`code` ~~no~~ ||hush||", r"\`code\` \~\~no\~\~ \|\|hush\|\|"),
        ("# title\n## two\n#tag", "\\# title\n\\## two\n#tag"),
        ("- item\n  + item\n-# small\na - b", "\\- item\n  \\+ item\n\\-# small\na - b"),
        ("1. one\n1.5", "1\\. one\n1.5"),
        ("> quote", r"\> quote"),
        ("[a](https://x.y/a_b*c)", r"\[a\]\(https://x.y/a_b*c)"),
        ("see http://x.y/_a_ _b_", r"see http://x.y/_a_ \_b\_"),
        ("a\\b", r"a\\b"),
        ("<@5>", r"\<@5\>"),
    ],
)
def test_whatever_formats_is_escaped(text: str, escaped: str) -> None:
    assert escaped == f.escape_markdown(text)


@given(st.text(alphabet=st.sampled_from("ab1 \n\t.#-+*_~`|<>[]()\\:/@")))
def test_escaping_only_adds_backslashes_that_the_client_takes_away(text: str) -> None:
    assert text == re.sub(r"\\([^0-9A-Za-z\s])", r"\1", f.escape_markdown(text))


@pytest.mark.parametrize("mention", ["@everyone", "@here", "<@5>", "<@!5>", "<@&5>"])
def test_no_mention_survives(mention: str) -> None:
    assert mention not in f.escape_mentions(f"hi {mention}!")
    assert mention == f.escape_mentions(mention).replace("\u200b", "")


def test_other_at_signs_stay_as_they_are() -> None:
    assert "me@example.org" == f.escape_mentions("me@example.org")
