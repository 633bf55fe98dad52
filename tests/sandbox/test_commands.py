"""Application commands on the sandbox: made, replaced, listed, deleted, refused, and allowed to some."""

from typing import Any

import pytest

from acord.core.signals.rest import ErrorCode
from acord.routes import applications, commands
from acord.sandbox.answers import Refusal
from acord.sandbox.calls import Account
from acord.sandbox.world import build
from acord.sandbox.world.commands import commands_of, permissions_of
from tests.sandbox.kit import Town, refused, town

OPTION: Any = {"type": 3, "name": "kind", "description": "Which"}


@pytest.fixture
def place() -> Town:
    return town()


def made(place: Town, name: str = "plant", **fields: Any) -> Any:
    fields = {"description": "Plant a tree", **fields}
    return place.ask(commands.create_application_command(place.bot.application_id, name=name, **fields))


def test_a_command_is_made_found_changed_listed_and_deleted(place: Town) -> None:
    application = place.bot.application_id
    command = made(place, options=[OPTION])

    found = place.ask(commands.get_application_command(application, command["id"]))
    changed = place.ask(commands.update_application_command(application, command["id"], description="Plant one"))
    listed = place.ask(commands.list_application_commands(application, with_localizations=True))
    place.ask(commands.delete_application_command(application, command["id"]))

    assert command == found
    assert (command["id"], "Plant one") == (changed["id"], changed["description"])
    assert int(changed["version"]) > int(command["version"])
    assert [changed] == listed
    with refused(ErrorCode.UNKNOWN_APPLICATION_COMMAND):
        place.ask(commands.get_application_command(application, command["id"]))


def test_a_command_of_the_same_name_and_type_is_replaced(place: Town) -> None:
    first, second = made(place), made(place, description="Another")
    other = made(place, type=2, description="")

    assert first["id"] == second["id"]
    assert "Another" == second["description"]
    assert other["id"] != first["id"]


def test_an_overwrite_of_all_keeps_what_stays_and_deletes_what_is_not_named(place: Town) -> None:
    application = place.bot.application_id
    kept, gone = made(place, "kept"), made(place, "gone")

    after = place.ask(
        commands.bulk_set_application_commands(
            application,
            [
                {"name": "kept", "description": "Plant a tree"},
                {"name": "new", "description": "New"},
            ],
        )
    )

    assert [kept["id"], kept["version"]] == [after[0]["id"], after[0]["version"]]
    assert {"kept", "new"} == {one["name"] for one in place.ask(commands.list_application_commands(application))}
    assert gone["id"] not in place.world.commands


def test_commands_of_a_guild_stand_beside_those_of_everywhere(place: Town) -> None:
    application = place.bot.application_id
    everywhere = made(place)

    here = place.ask(
        commands.create_guild_application_command(application, place.guild.id, name="plant", description="Here")
    )

    assert [here] == place.ask(
        commands.list_guild_application_commands(application, place.guild.id, with_localizations=True)
    )
    assert ["Here", "Plant a tree"] == [one["description"] for one in commands_of(place.world, place.guild.id)]
    assert [everywhere["id"]] == [one["id"] for one in commands_of(place.world, None)]


def test_a_command_that_shall_not_be_in_direct_messages_is_not_found_there(place: Town) -> None:
    made(place, "here", contexts=[0])
    made(place, "there", contexts=[1])

    assert ["there"] == [one["name"] for one in commands_of(place.world, None)]
    assert ["here"] == [one["name"] for one in commands_of(place.world, place.guild.id)]


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("name", {"name": "Plant"}),
        ("name", {"name": "plant tree"}),
        ("description", {"description": None}),
        ("options", {"options": [OPTION, OPTION]}),
        ("options", {"options": [OPTION, {**OPTION, "name": "size", "required": True}]}),
        ("options", {"options": [OPTION, {"type": 1, "name": "sub", "description": "Sub"}]}),
        ("options", {"options": [{**OPTION, "autocomplete": True, "choices": [{"name": "a", "value": "a"}]}]}),
        ("options", {"options": [{**OPTION, "min_length": 9, "max_length": 3}]}),
        ("description", {"type": 3, "description": "A menu has none"}),
    ],
)
def test_what_is_no_command_is_refused_where_it_is_wrong(place: Town, where: str, fields: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refusal:
        made(place, **fields)

    assert ErrorCode.INVALID_FORM_BODY == refusal.value.code
    assert refusal.value.errors is not None
    assert where in refusal.value.errors


def test_the_sixteenth_menu_command_is_refused(place: Town) -> None:
    for number in range(15):
        made(place, f"Menu {number}", type=2, description="")

    with refused(ErrorCode.MAX_APPLICATION_COMMANDS):
        made(place, "One more", type=2, description="")


def test_the_commands_of_another_application_are_not_shown(place: Town) -> None:
    other = build.add_bot(place.world, "other", "another token")

    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(commands.list_application_commands(other["id"]))


def test_a_guild_allows_a_command_to_some(place: Town) -> None:
    application = place.bot.application_id
    command = made(place)
    scopes = frozenset({"applications.commands.permissions.update"})
    alice = Account("bearer", application, place.alice["id"], scopes)
    entries: Any = [
        {"id": place.guild.id, "type": 1, "permission": False},
        {"id": place.bob["id"], "type": 2, "permission": True},
    ]

    put = place.ask(
        commands.set_guild_application_command_permissions(
            application, place.guild.id, command["id"], permissions=entries
        ),
        alice,
    )

    assert put == place.ask(
        commands.get_guild_application_command_permissions(application, place.guild.id, command["id"])
    )
    assert [put] == place.ask(commands.list_guild_application_command_permissions(application, place.guild.id))
    channel = place.general["id"]
    assert True is permissions_of(place.guild, command, place.bob["id"], channel)
    assert False is permissions_of(place.guild, command, place.alice["id"], channel)
    assert ["APPLICATION_COMMAND_PERMISSIONS_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"] == [
        name for name, _ in place.events()
    ]


def test_a_command_without_entries_has_no_permissions_to_show(place: Town) -> None:
    command = made(place)

    with refused(ErrorCode.UNKNOWN_APPLICATION_COMMAND_PERMISSIONS):
        place.ask(
            commands.get_guild_application_command_permissions(place.bot.application_id, place.guild.id, command["id"])
        )


def test_an_application_changes_what_is_its_own_to_change(place: Town) -> None:
    changed = place.ask(applications.update_my_application(tags=["trees"], flags=1 << 19 | 1 << 17))

    assert (["trees"], 1 << 19) == (changed["tags"], changed["flags"])
    assert changed == place.ask(applications.get_application(place.bot.application_id))
    assert 1 == changed["approximate_guild_count"]


def test_role_connection_records_are_put_and_read(place: Town) -> None:
    record: Any = {"type": 2, "key": "trees", "name": "Trees", "description": "Planted"}
    application = place.bot.application_id

    put = place.ask(applications.update_application_role_connections_metadata(application, [record]))

    assert [record] == put == place.ask(applications.get_application_role_connections_metadata(application))
