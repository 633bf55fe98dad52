"""Pins by the old and the new endpoints; polls and votes."""

from __future__ import annotations

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.routes import channels, messages, polls
from acord.sandbox.answers import Json
from acord.sandbox.world import polls as voting
from acord.sandbox.world.passing import settle
from tests.sandbox.kit import Town, refused, town

NEW = messages.create_pin, messages.delete_pin
OLD = messages.deprecated_create_pin, messages.deprecated_delete_pin


@pytest.mark.parametrize("routes", [NEW, OLD])
def test_a_pin_changes_the_message_tells_of_the_channel_and_says_so_in_it(routes: tuple[object, object]) -> None:
    place = town()
    sent = place.message()
    create, delete = routes

    place.ask(create(place.general["id"], sent["id"]))  # type: ignore[operator]

    told = place.events("MESSAGE_UPDATE", "CHANNEL_PINS_UPDATE", "MESSAGE_CREATE")
    assert ["MESSAGE_UPDATE", "CHANNEL_PINS_UPDATE", "MESSAGE_CREATE"] == [name for name, _ in told]
    assert (True, place.world.time(), 6) == (
        told[0][1]["pinned"],
        told[1][1]["last_pin_timestamp"],
        told[2][1]["type"],
    )
    assert sent["id"] == told[2][1]["message_reference"]["message_id"]
    place.ask(delete(place.general["id"], sent["id"]))  # type: ignore[operator]
    assert not place.ask(messages.get_message(place.general["id"], sent["id"]))["pinned"]
    assert [74, 75] == [one["action_type"] for one in place.guild.audit_log]


def test_pins_are_listed_by_the_time_of_pinning_page_by_page() -> None:
    place = town()
    sent = [place.message(str(number))["id"] for number in range(3)]
    for one in (sent[1], sent[0], sent[2]):
        place.ask(messages.create_pin(place.general["id"], one))
        place.clock.now += 1

    first = place.ask(messages.list_pins(place.general["id"], limit=2))
    rest = place.ask(messages.list_pins(place.general["id"], before=first["items"][-1]["pinned_at"]))
    old = place.ask(messages.deprecated_list_pins(place.general["id"]))

    assert ([sent[2], sent[0]], True) == ([one["message"]["id"] for one in first["items"]], first["has_more"])
    assert ([sent[1]], False) == ([one["message"]["id"] for one in rest["items"]], rest["has_more"])
    assert [sent[2], sent[0], sent[1]] == [one["id"] for one in old]


def test_to_pin_takes_a_permission_in_a_guild_and_none_among_two() -> None:
    place = town()
    sent = place.message()
    direct = place.ask(channels.create_dm(recipient_id=place.bob["id"]))
    place.demote(Permissions.VIEW_CHANNEL, Permissions.MANAGE_MESSAGES)

    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(messages.create_pin(place.general["id"], sent["id"]))
    place.ask(messages.create_pin(direct["id"], place.message("hi", direct)["id"]))


def test_a_deleted_message_is_no_pin() -> None:
    place = town()
    sent = place.message()
    place.ask(messages.create_pin(place.general["id"], sent["id"]))

    place.ask(messages.delete_message(place.general["id"], sent["id"]))

    assert {"items": [], "has_more": False} == place.ask(messages.list_pins(place.general["id"]))


def poll(*, several: bool = False) -> tuple[Town, Json]:
    place = town()
    answers: list[Json] = [{"poll_media": {"text": "yes", "emoji": {"name": "🔥"}}}, {"poll_media": {"text": "no"}}]
    question: Json = {"question": {"text": "Oak?"}, "answers": answers, "allow_multiselect": several, "duration": 1}
    sent = place.ask(messages.create_message(place.general["id"], poll=question))
    place.events()
    return place, place.world.message(place.general["id"], sent["id"])


def test_a_poll_numbers_its_answers_and_says_when_it_ends() -> None:
    place, message = poll()

    shown = place.ask(messages.get_message(place.general["id"], message["id"]))["poll"]

    assert [1, 2] == [one["answer_id"] for one in shown["answers"]]
    assert shown["expiry"] > place.world.time()
    assert {"answer_counts": [], "is_finalized": False} == shown["results"]


def test_votes_are_told_counted_and_listed() -> None:
    place, message = poll()

    voting.vote(place.world, message, place.bob["id"], 1)
    voting.vote(place.world, message, place.alice["id"], 1)
    voting.vote(place.world, message, place.alice["id"], 2)

    assert [("MESSAGE_POLL_VOTE_ADD", 1)] * 2 + [("MESSAGE_POLL_VOTE_REMOVE", 1), ("MESSAGE_POLL_VOTE_ADD", 2)] == [
        (name, data["answer_id"]) for name, data in place.events()
    ]
    route = messages.get_message(place.general["id"], message["id"])
    counts = place.ask(route, place.person(place.bob))["poll"]["results"]["answer_counts"]
    assert [{"id": 1, "count": 1, "me_voted": True}, {"id": 2, "count": 1, "me_voted": False}] == counts
    voters = place.ask(polls.get_answer_voters(place.general["id"], message["id"], 1))
    assert [place.bob["id"]] == [one["id"] for one in voters["users"]]


def test_voters_are_listed_by_id_page_by_page() -> None:
    place, message = poll(several=True)
    for user in (place.bob, place.alice):
        voting.vote(place.world, message, user["id"], 1, 2)

    first = place.ask(polls.get_answer_voters(place.general["id"], message["id"], 2, limit=1))["users"]
    rest = place.ask(polls.get_answer_voters(place.general["id"], message["id"], 2, after=first[0]["id"]))["users"]

    assert sorted((place.alice["id"], place.bob["id"]), key=int) == [one["id"] for one in (*first, *rest)]


def test_an_ended_poll_says_who_won_and_takes_no_votes() -> None:
    place, message = poll()
    voting.vote(place.world, message, place.bob["id"], 2)
    place.events()

    ended = place.ask(polls.poll_expire(place.general["id"], message["id"]))

    assert ended["poll"]["results"]["is_finalized"]
    assert [("MESSAGE_UPDATE", 0), ("MESSAGE_CREATE", 46)] == [(name, data["type"]) for name, data in place.events()]
    with refused(ErrorCode.POLL_EXPIRED):
        voting.vote(place.world, message, place.alice["id"], 1)
    with refused(ErrorCode.POLL_EXPIRED):
        place.ask(polls.poll_expire(place.general["id"], message["id"]))


def test_a_poll_ends_by_itself() -> None:
    place, message = poll()
    place.clock.now += 3601

    found = place.ask(messages.get_message(place.general["id"], message["id"]))

    assert found["poll"]["results"]["is_finalized"]


def test_what_cannot_be_done_with_a_poll_is_refused() -> None:
    place, message = poll()
    plain = place.message()

    with refused(ErrorCode.CANNOT_EDIT_POLL_MESSAGE):
        place.ask(messages.update_message(place.general["id"], message["id"], content="a"))
    with refused(ErrorCode.CANNOT_EXPIRE_NON_POLL_MESSAGE):
        place.ask(polls.poll_expire(place.general["id"], plain["id"]))
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(polls.poll_expire(place.general["id"], message["id"]), place.person(place.bob))
    with refused(ErrorCode.INVALID_FORM_BODY):
        voting.vote(place.world, message, place.bob["id"], 1, 2)


def test_what_a_poll_came_to_is_said_once_when_its_time_is_over() -> None:
    place, message = poll()
    settle(place.world)
    assert [] == place.events()
    place.clock.now += 3601

    settle(place.world)
    settle(place.world)

    assert [("MESSAGE_UPDATE", 0), ("MESSAGE_CREATE", 46)] == [(name, data["type"]) for name, data in place.events()]
    assert message["poll"]["expiry"] < place.world.time()
