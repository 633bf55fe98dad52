"""What the docs are made with: the layout of examples, the reading of generated modules, Markdown."""

import ast

import pytest

from acord.routes import OPERATIONS
from docs._make.examples import WIDTH, example
from docs._make.layout import laid_out
from docs._make.markdown import anchor, code, link, table
from docs._make.objects import linked
from docs._make.sources import classes, helper, unions


def test_a_short_statement_stays_on_its_line() -> None:
    assert 'x = await f(1, "a")' == laid_out("x = await f(1, 'a')", 40)


def test_a_long_call_is_broken_once_where_that_is_enough() -> None:
    made = laid_out("answer = await request(create(1, content='hello'), auth=token)", 50)

    assert 'answer = await request(\n    create(1, content="hello"), auth=token\n)' == made


def test_a_longer_one_has_an_argument_on_each_line() -> None:
    made = laid_out("await request(create(first, second, content='hello', name='again'))", 40)

    arguments = ("first", "second", 'content="hello"', 'name="again"')
    expected = "await request(\n    create(\n" + "".join(f"        {one},\n" for one in arguments) + "    )\n)"
    assert expected == made


def test_comments_stay_before_their_line() -> None:
    assert "a = 1\n# Why.\nb = 2" == laid_out("a = 1\n# Why.\nb = 2", 40)


def test_what_is_laid_out_means_the_same() -> None:
    text = "x = f({'a': [1, 2, {'b': 'it\\'s'}], 'c': g(h(i), j=k)}, name='n', *rest)"

    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(laid_out(text, 20)))


@pytest.mark.parametrize("name", ["create_message", "update_guild_scheduled_event_exception", "create_lobby_message"])
def test_an_example_is_no_wider_than_the_page(name: str) -> None:
    assert WIDTH >= max(map(len, example(name).splitlines()))


def test_a_helper_is_shown_as_it_is_called() -> None:
    (signature,) = helper("delete_message").signatures

    assert signature.startswith("def delete_message(\n    channel_id: SnowflakeLike, message_id: SnowflakeLike, *,")
    assert signature.endswith("-> Route[None]: ...")


def test_a_helper_with_several_forms_shows_each() -> None:
    assert 1 < len(helper("create_auto_moderation_rule").signatures)


def test_notes_are_told_from_lists_of_arguments() -> None:
    assert ("A command of the same name and type is overwritten, so repeating is harmless.",) == helper(
        "create_application_command"
    ).notes
    assert all(not note.startswith("channel_id:") for name in OPERATIONS for note in helper(name).notes)


def test_a_class_and_a_union_are_read_from_their_text() -> None:
    (deleted,) = [one for one in classes("events/messages.py") if one.name == "MessageDelete"]
    (channel,) = [one for one in unions("models/channels.py") if one.name == "Channel"]

    assert [("id", True), ("channel_id", True), ("guild_id", False)] == [
        (field.name, field.required) for field in deleted.fields
    ]
    assert "A message was deleted." == deleted.about
    assert "GuildChannel" in channel.arms and "UnknownChannel" in channel.arms


def test_a_bar_in_a_table_is_no_column() -> None:
    assert "| `a \\| b` |" in table(("T",), [(code("a | b"),)])
    assert "&#124;" in linked("User | None", "reference/x.md")


def test_a_type_leads_to_its_object() -> None:
    assert '<a href="../../models/messages.html#message">Message</a>' in linked(
        "list[Message]", "reference/operations/messages/x.md"
    )


def test_links_are_relative_to_their_page() -> None:
    assert "[a](../intents.md#b)" == link("a", "reference/events/x.md", "reference/intents.md#b")


@pytest.mark.parametrize(
    ("heading", "expected"), [("The whole table", "the-whole-table"), ("What is `x`?", "what-is-x")]
)
def test_a_heading_has_the_id_that_the_site_gives_it(heading: str, expected: str) -> None:
    assert expected == anchor(heading)
