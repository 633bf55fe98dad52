"""Reactions: put, listed, taken back, and who is told."""

from __future__ import annotations

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.routes import messages
from acord.sandbox.answers import Json
from tests.sandbox.kit import Town, refused, town

FIRE = "🔥"


def reacted() -> tuple[Town, str, str]:
    place = town()
    sent = place.message(account=place.person(place.bob))
    place.ask(messages.add_my_message_reaction(place.general["id"], sent["id"], FIRE))
    return place, place.general["id"], sent["id"]


def test_a_reaction_is_told_with_the_author_of_the_message_and_the_member() -> None:
    place, channel, message = reacted()

    [(name, data)] = place.events()

    assert "MESSAGE_REACTION_ADD" == name
    assert (message, place.bob["id"], {"id": None, "name": FIRE}) == (
        data["message_id"],
        data["message_author_id"],
        data["emoji"],
    )
    assert (place.bot.user_id, False, 0) == (data["member"]["user"]["id"], data["burst"], data["type"])
    assert channel == data["channel_id"]


def test_the_same_reaction_twice_is_one() -> None:
    place, channel, message = reacted()
    place.events()

    place.ask(messages.add_my_message_reaction(channel, message, FIRE))

    assert [] == place.events()
    assert 1 == len(place.ask(messages.list_message_reactions_by_emoji(channel, message, FIRE)))


def test_a_message_shows_its_reactions_to_each_with_their_own() -> None:
    place, channel, message = reacted()
    route = messages.get_message(channel, message)

    [mine] = place.ask(route)["reactions"]
    [bobs] = place.ask(route, place.person(place.bob))["reactions"]

    assert (1, True, {"burst": 0, "normal": 1}) == (mine["count"], mine["me"], mine["count_details"])
    assert False is bobs["me"]


def test_those_who_reacted_are_listed_by_id_page_by_page() -> None:
    place, channel, message = reacted()
    for user in (place.bob, place.alice):
        place.ask(messages.add_my_message_reaction(channel, message, FIRE), place.person(user))
    everybody = sorted((place.alice["id"], place.bob["id"], place.bot.user_id), key=int)

    first = place.ask(messages.list_message_reactions_by_emoji(channel, message, FIRE, limit=2))
    rest = place.ask(messages.list_message_reactions_by_emoji(channel, message, FIRE, after=first[-1]["id"]))

    assert everybody == [one["id"] for one in (*first, *rest)]


def test_reactions_are_taken_back_by_who_put_them_or_who_manages_messages() -> None:
    place, channel, message = reacted()
    place.ask(messages.add_my_message_reaction(channel, message, FIRE), place.person(place.bob))
    place.events()

    place.ask(messages.delete_my_message_reaction(channel, message, FIRE))
    with refused(ErrorCode.MISSING_PERMISSIONS):
        route = messages.delete_user_message_reaction(channel, message, FIRE, place.alice["id"])
        place.ask(route, place.person(place.bob))
    place.ask(messages.delete_user_message_reaction(channel, message, FIRE, place.bob["id"]))

    gone = [data["user_id"] for _, data in place.events("MESSAGE_REACTION_REMOVE")]
    assert [place.bot.user_id, place.bob["id"]] == gone
    assert "reactions" not in place.ask(messages.get_message(channel, message))


@pytest.mark.parametrize("whole", [True, False])
def test_all_reactions_or_all_of_one_emoji_go_with_one_event(whole: bool) -> None:
    place, channel, message = reacted()
    place.ask(messages.add_my_message_reaction(channel, message, "🌳"))
    place.events()

    if whole:
        place.ask(messages.delete_all_message_reactions(channel, message))
    else:
        place.ask(messages.delete_all_message_reactions_by_emoji(channel, message, FIRE))

    expected = "MESSAGE_REACTION_REMOVE_ALL" if whole else "MESSAGE_REACTION_REMOVE_EMOJI"
    assert [expected] == [name for name, _ in place.events()]
    left: list[Json] = place.ask(messages.get_message(channel, message)).get("reactions", [])
    assert ([] if whole else ["🌳"]) == [one["emoji"]["name"] for one in left]


@pytest.mark.parametrize("text", ["x", "nope:123456789012345678", "🔥🔥a"])
def test_what_is_no_emoji_is_unknown(text: str) -> None:
    place, channel, message = reacted()

    with refused(ErrorCode.UNKNOWN_EMOJI):
        place.ask(messages.add_my_message_reaction(channel, message, text))


def test_a_new_emoji_takes_a_permission_and_one_that_is_there_does_not() -> None:
    place, channel, message = reacted()
    place.forbid(place.bob["id"], place.general, Permissions.ADD_REACTIONS)
    bob = place.person(place.bob)

    place.ask(messages.add_my_message_reaction(channel, message, FIRE), bob)
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(messages.add_my_message_reaction(channel, message, "🌳"), bob)


def test_twenty_emojis_are_the_most() -> None:
    place, channel, message = reacted()
    for number in range(19):
        place.ask(messages.add_my_message_reaction(channel, message, chr(0x1F400 + number)))

    with refused(ErrorCode.MAX_REACTIONS):
        place.ask(messages.add_my_message_reaction(channel, message, "🌳"))


def test_the_reactions_of_a_deleted_message_are_gone() -> None:
    place, channel, message = reacted()

    place.ask(messages.delete_message(channel, message))

    assert {} == place.world.reactions
