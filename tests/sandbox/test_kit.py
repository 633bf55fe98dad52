"""The kit: what is wrong with an answer or an event does not slip through; and everything here is kept."""

from __future__ import annotations

import pytest

from acord.core.errors import ModelError
from acord.core.signals.rest import TEMPLATES
from acord.routes import channels
from acord.sandbox.answers import Json
from acord.sandbox.world import handlers
from tests.sandbox.kit import refused, town


@pytest.mark.parametrize("resource", ["channels", "messages", "webhooks", "emojis", "stickers", "polls"])
def test_every_operation_of_a_resource_of_everyday_life_is_kept(resource: str) -> None:
    there = {name for name, (_, _, home) in TEMPLATES.items() if home == resource}

    assert set() == there - handlers.load().keys()


def test_a_field_that_discord_does_not_have_fails_the_test() -> None:
    place = town()
    place.general["moss"] = True

    with pytest.raises(AssertionError, match="moss"):
        place.ask(channels.get_channel(place.general["id"]))


def test_a_field_of_the_wrong_kind_fails_the_test() -> None:
    place = town()
    place.general["position"] = "first"

    with pytest.raises(ModelError):
        place.ask(channels.get_channel(place.general["id"]))


@pytest.mark.parametrize("wrong", [{"moss": 1}, {"user_id": "nobody"}])
def test_an_event_that_discord_would_not_send_fails_the_test(wrong: Json) -> None:
    place = town()
    data: Json = {"channel_id": "1", "user_id": "1", "timestamp": 1, **wrong}

    with pytest.raises((AssertionError, ModelError)):
        place.world.emit("TYPING_START", data)


def test_what_is_refused_otherwise_than_expected_fails_the_test() -> None:
    place = town()

    with pytest.raises(AssertionError), refused(1):
        place.ask(channels.get_channel(1))
    with pytest.raises(pytest.fail.Exception), refused(1):
        place.ask(channels.get_channel(place.general["id"]))
