"""Users on the sandbox: the one behind a credential, others, and the guilds one is in."""

from typing import Any

import pytest

from acord.core.signals.rest import ErrorCode
from acord.routes import users
from acord.sandbox.calls import Account
from acord.sandbox.world import build
from tests.sandbox.kit import Town, refused, town


@pytest.fixture
def place() -> Town:
    return town()


def bearer(place: Town, *scopes: str) -> Account:
    return Account("bearer", place.bot.application_id, place.bob["id"], frozenset(scopes))


def test_a_bot_finds_itself_and_others(place: Town) -> None:
    assert (place.bot.user_id, True) == (lambda me: (me["id"], me["bot"]))(place.ask(users.get_my_user()))
    assert "bob" == place.ask(users.get_user(place.bob["id"]))["username"]
    with refused(ErrorCode.UNKNOWN_USER):
        place.ask(users.get_user(1))


def test_the_mail_address_is_shown_to_the_scope_that_asks_for_it(place: Town) -> None:
    assert "email" not in place.ask(users.get_my_user(), bearer(place, "identify"))
    assert "bob@example.com" == place.ask(users.get_my_user(), bearer(place, "identify", "email"))["email"]


def test_a_bot_that_changes_its_name_is_told_everywhere(place: Town) -> None:
    changed = place.ask(users.update_my_user(username="walnut"))

    assert "walnut" == changed["username"] == place.ask(users.get_user(place.bot.user_id))["username"]
    assert ["USER_UPDATE", "GUILD_MEMBER_UPDATE"] == [name for name, _ in place.events()]


def test_my_guilds_come_page_by_page_in_rising_order(place: Town) -> None:
    ids = [place.guild.id]
    for number in range(3):
        guild = build.add_guild(place.world, f"Tree {number}", place.alice["id"])
        build.add_member(place.world, guild, place.bot.user_id)
        ids.append(guild.id)

    def page(**query: Any) -> list[str]:
        return [guild["id"] for guild in place.ask(users.list_my_guilds(**query))]

    assert ids == page(with_counts=True)
    assert ids[1:3] == page(after=ids[0], limit=2)
    assert ids[1:3] == page(before=ids[3], limit=2)


def test_a_bot_leaves_a_guild_and_does_not_find_it_again(place: Town) -> None:
    place.ask(users.leave_guild(place.guild.id))

    assert [] == place.ask(users.list_my_guilds())
    assert ["GUILD_MEMBER_REMOVE", "GUILD_DELETE"] == [name for name, _ in place.events()]
    with refused(ErrorCode.UNKNOWN_GUILD):
        place.ask(users.leave_guild(place.guild.id))


def test_the_owner_cannot_leave(place: Town) -> None:
    with refused(ErrorCode.INVALID_GUILD):
        place.ask(users.leave_guild(place.guild.id), place.person(place.alice))


def test_a_role_connection_is_put_read_and_deleted(place: Town) -> None:
    account, application = bearer(place, "role_connections.write"), place.bot.application_id

    put = place.ask(users.update_application_user_role_connection(application, platform_name="Forest"), account)
    read = place.ask(users.get_application_user_role_connection(application), account)
    place.ask(users.delete_application_user_role_connection(application), account)

    assert "Forest" == put["platform_name"]
    assert put == read
    assert None is place.ask(users.get_application_user_role_connection(application), account)["platform_name"]


def test_nobody_is_connected_anywhere(place: Town) -> None:
    assert [] == place.ask(users.list_my_connections(), bearer(place, "connections"))
