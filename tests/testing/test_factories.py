"""Objects for tests: said is what matters, the rest is filled in."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from acord.core.types import MISSING, Snowflake
from acord.errors import ModelError
from acord.events import MessageCreate, Ready
from acord.models import ActionRowComponent, ButtonComponent, ChannelType, Message, MessageCreateRequest, Role, User
from acord.testing import Factory, make


def test_what_is_said_is_there_and_the_rest_is_valid() -> None:
    message = make(Message, content="hi")

    assert "hi" == message.content
    assert isinstance(message.author, User)
    assert message == Message.load(message.dump(), strict=True)


def test_the_same_call_gives_an_equal_object() -> None:
    assert make(Message, content="hi") == make(Message, content="hi")


def test_ids_of_a_factory_differ() -> None:
    factory = Factory()

    assert factory.make(User).id != factory.make(User).id


def test_ids_and_times_and_enums_may_be_given_as_what_they_are() -> None:
    now = datetime(2026, 5, 4, tzinfo=UTC)

    message = make(Message, id=5, timestamp=now, channel_id=Snowflake(7), author=make(User, username="alice"))

    assert (5, now, 7, "alice") == (message.id, message.timestamp, message.channel_id, message.author.username)


def test_nested_dicts_are_filled_in() -> None:
    message = make(Message, author={"username": "alice"}, mentions=[{"username": "bob"}, make(User, id=3)])

    assert "alice" == message.author.username
    assert isinstance(message.author.id, Snowflake)
    assert ["bob", "username"] == [user.username for user in message.mentions]


def test_a_dict_in_a_union_is_of_the_kind_that_its_tag_says() -> None:
    message = make(Message, components=[{"type": 1, "components": [{"type": 2, "label": "Go"}]}])

    row = message.components[0] if message.components else None
    assert isinstance(row, ActionRowComponent)
    button = row.components[0]
    assert isinstance(button, ButtonComponent)
    assert "Go" == button.label


def test_a_field_that_may_be_absent_is_absent_until_it_is_said() -> None:
    assert "nonce" not in make(Message).model_fields_set
    assert "nonce" not in make(Message, nonce=MISSING).model_fields_set
    assert make(Message, nonce="5").nonce == "5"


def test_events_and_requests_are_made_too() -> None:
    event = make(MessageCreate, content="hi", guild_id=1)
    request = make(MessageCreateRequest, content="hi")

    assert ("hi", 1) == (event.content, event.guild_id)
    assert {"content": "hi"} == request.dump()
    assert make(Ready).session_id


def test_a_field_that_does_not_exist_is_an_error_that_names_the_right_one() -> None:
    with pytest.raises(TypeError, match=r"Message has no field 'contnet': did you mean 'content'\?"):
        make(Message, contnet="hi")


def test_without_a_similar_name_all_are_listed() -> None:
    with pytest.raises(TypeError, match=r"Role has no field 'zzz'; it has .*permissions"):
        make(Role, zzz=1)


def test_a_misspelt_field_of_a_nested_dict_is_an_error_too() -> None:
    with pytest.raises(TypeError, match=r"User has no field 'usrname': did you mean 'username'\?"):
        make(Message, author={"usrname": "alice"})


def test_a_value_that_a_field_cannot_have_is_an_error() -> None:
    with pytest.raises(ModelError, match="timestamp"):
        make(Message, timestamp="yesterday")
    with pytest.raises(ValidationError):
        make(MessageCreateRequest, content="x" * 5000)


def test_a_member_of_an_enum_is_taken_for_what_it_is() -> None:
    from acord.models import Thread

    assert ChannelType.PUBLIC_THREAD == make(Thread, type=ChannelType.PUBLIC_THREAD).type
