"""Lobbies on the sandbox: made, joined, talked in, left."""

import pytest

from acord.core.signals.rest import ErrorCode
from acord.routes import lobbies
from acord.sandbox.calls import Account
from acord.sandbox.world import build
from tests.sandbox.kit import Town, refused, town


@pytest.fixture
def place() -> Town:
    return town()


def player(place: Town, user_id: str) -> Account:
    return Account("bearer", place.bot.application_id, user_id, frozenset({"sdk.social_layer"}))


def test_a_lobby_is_made_found_changed_and_deleted(place: Town) -> None:
    made = place.ask(lobbies.create_lobby(members=[{"id": place.bob["id"]}], metadata={"map": "oak"}))
    changed = place.ask(lobbies.edit_lobby(made["id"], members=[{"id": place.alice["id"], "flags": 1}]))
    found = place.ask(lobbies.get_lobby(made["id"]))
    for _ in range(2):
        place.ask(lobbies.delete_lobby(made["id"]))

    assert ({"map": "oak"}, [place.bob["id"]]) == (made["metadata"], [one["id"] for one in made["members"]])
    assert [(place.alice["id"], 1)] == [(one["id"], one["flags"]) for one in changed["members"]]
    assert changed == found
    with refused(ErrorCode.UNKNOWN_LOBBY):
        place.ask(lobbies.get_lobby(made["id"]))


def test_members_are_put_many_at_once_and_removed(place: Town) -> None:
    lobby = place.ask(lobbies.create_lobby())["id"]
    alice, bob = place.alice["id"], place.bob["id"]

    put = place.ask(lobbies.add_lobby_member(lobby, alice, additional_name="Al"))
    bulk = place.ask(
        lobbies.bulk_update_lobby_members(lobby, [{"id": bob, "flags": 1}, {"id": alice, "remove_member": True}])
    )
    place.ask(lobbies.delete_lobby_member(lobby, bob))

    assert "Al" == put["additional_name"]
    assert [bob] == [one["id"] for one in bulk]
    assert [] == place.ask(lobbies.get_lobby(lobby))["members"]
    with refused(ErrorCode.UNKNOWN_USER):
        place.ask(lobbies.add_lobby_member(lobby, 1))


def test_who_knows_the_secret_meets_the_others(place: Town) -> None:
    first = place.ask(lobbies.create_or_join_lobby(secret="oak"), player(place, place.alice["id"]))
    second = place.ask(lobbies.create_or_join_lobby(secret="oak"), player(place, place.bob["id"]))
    place.ask(lobbies.leave_lobby(first["id"]), player(place, place.alice["id"]))

    assert first["id"] == second["id"]
    assert 2 == len(second["members"])
    assert [place.bob["id"]] == [one["id"] for one in place.ask(lobbies.get_lobby(first["id"]))["members"]]


def test_members_talk_and_others_do_not(place: Town) -> None:
    bob, alice = player(place, place.bob["id"]), player(place, place.alice["id"])
    lobby = place.ask(lobbies.create_or_join_lobby(secret="oak"), bob)["id"]

    sent = [place.ask(lobbies.create_lobby_message(lobby, content=text), bob) for text in ("one", "two")]
    place.ask(lobbies.update_lobby_message_external_moderation_metadata(lobby, sent[0]["id"], {"seen": "yes"}))
    read = place.ask(lobbies.get_lobby_messages(lobby), bob)

    assert ["two", "one"] == [message["content"] for message in read]
    assert {"seen": "yes"} == read[1]["moderation_metadata"]
    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(lobbies.create_lobby_message(lobby, content="hi"), alice)


def test_a_member_with_the_flag_links_a_channel(place: Town) -> None:
    bob = player(place, place.bob["id"])
    lobby = place.ask(lobbies.create_or_join_lobby(secret="oak"), bob)["id"]
    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(lobbies.edit_lobby_channel_link(lobby, channel_id=place.general["id"]), bob)
    place.ask(lobbies.add_lobby_member(lobby, place.bob["id"], flags=1))

    linked = place.ask(lobbies.edit_lobby_channel_link(lobby, channel_id=place.general["id"]), bob)
    loose = place.ask(lobbies.edit_lobby_channel_link(lobby), bob)

    assert place.general["id"] == linked["linked_channel"]["id"]
    assert "linked_channel" not in loose


def test_another_applications_lobby_is_unknown(place: Town) -> None:
    lobby = place.ask(lobbies.create_lobby())["id"]
    other = build.add_bot(place.world, "other", "another token")

    with refused(ErrorCode.UNKNOWN_LOBBY):
        place.ask(lobbies.get_lobby(lobby), Account("bot", other["id"], other["id"]))
