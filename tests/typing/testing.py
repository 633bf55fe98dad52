"""What a checker makes of the test kit; never run."""

from typing import Any, assert_type

from acord.events import MessageCreate
from acord.models import Message, MessageCreateRequest
from acord.testing import Factory, example, make
from acord.testing.clock import VirtualTime, virtual_time


def what_is_made_has_the_type_that_was_asked_for() -> None:
    assert_type(make(Message, content="hi"), Message)
    assert_type(make(MessageCreate), MessageCreate)
    assert_type(make(MessageCreateRequest, content="hi"), MessageCreateRequest)
    assert_type(Factory(1).make(Message), Message)
    assert_type(example("Message"), Any)


def only_models_are_made() -> None:
    make(str)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
    make("Message")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def the_clock_is_one() -> None:
    with virtual_time() as time:
        assert_type(time, VirtualTime)
        assert_type(time.passed, float)
