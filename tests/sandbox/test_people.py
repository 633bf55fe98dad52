"""People of the sandbox: what they do, what they cannot, and what they are told then."""

from typing import Any

import pytest

from acord.core.abc import Route
from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.routes import channels, commands, invites, members, messages
from acord.sandbox.people import Mistake, Person
from acord.sandbox.world import build
from tests.sandbox.kit import Town, refused, town

OPTIONS: Any = [
    {"type": 3, "name": "kind", "description": "Which", "required": True, "choices": [{"name": "Oak", "value": "oak"}]},
    {"type": 4, "name": "many", "description": "How many", "min_value": 1, "max_value": 9},
    {"type": 10, "name": "size", "description": "How tall"},
    {"type": 5, "name": "alive", "description": "Is it"},
    {"type": 6, "name": "who", "description": "By whom"},
    {"type": 7, "name": "where", "description": "Where", "channel_types": [0]},
    {"type": 8, "name": "team", "description": "Which role"},
    {"type": 9, "name": "whom", "description": "For whom"},
    {"type": 11, "name": "photo", "description": "Of it"},
]
SELECTS: Any = [
    {"type": 1, "components": [{"type": 3, "custom_id": "kinds", "options": [{"label": "Oak", "value": "oak"}]}]},
    {"type": 1, "components": [{"type": 5, "custom_id": "users"}]},
    {"type": 1, "components": [{"type": 6, "custom_id": "roles"}]},
    {"type": 1, "components": [{"type": 8, "custom_id": "channels", "placeholder": "Where?"}]},
    {
        "type": 1,
        "components": [
            {"type": 2, "style": 1, "label": "Go", "custom_id": "go"},
            {"type": 2, "style": 1, "label": "Stay", "custom_id": "stay", "disabled": True},
        ],
    },
]


class Stage:
    def __init__(self) -> None:
        self.place: Town = town()
        self.world, self.guild, self.general = self.place.world, self.place.guild, self.place.general["id"]
        self.alice, self.bob = (Person(self.world, one["id"]) for one in (self.place.alice, self.place.bob))

    def command(self, **fields: Any) -> None:
        fields = {"name": "plant", "description": "Plant a tree", **fields}
        self.place.ask(commands.create_application_command(self.place.bot.application_id, **fields))

    def menus(self) -> Any:
        """A message of the bot with menus and buttons, as Bob sees it."""
        sent = self.place.ask(messages.create_message(self.general, content="Choose", components=SELECTS))
        self.place.events()
        found = self.bob.send(self.general, "ok")
        return self.bob.look(found.model_copy(update={"id": sent["id"]}))

    def told(self) -> Any:
        """The data of the interaction that the bot was told of just now."""
        ((_, data),) = self.place.events("INTERACTION_CREATE")
        return data["data"]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_person_writes_changes_and_deletes(stage: Stage) -> None:
    message = stage.bob.send(stage.general, "Hello", files=[("oak.txt", b"O")])
    changed = stage.bob.edit(message, "Hello there")
    stage.bob.delete(changed)

    assert ("Hello", "bob", "text/plain") == (
        message.content,
        message.author.username,
        message.attachments[0].content_type,
    )
    assert "Hello there" == changed.content
    assert ["MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"] == [name for name, _ in stage.place.events()]


def test_a_person_answers_reacts_and_types(stage: Stage) -> None:
    message = stage.alice.send(stage.general, "Hello")

    stage.bob.type(stage.general)
    answer = stage.bob.send(stage.general, "Hi!", reply_to=message)
    stage.bob.react(message, "🌳")
    liked = stage.bob.look(message)
    stage.bob.unreact(message, "🌳")

    assert answer.message_reference is not None
    assert message.id == answer.message_reference.message_id
    assert [("🌳", True)] == [(one.emoji.name, one.me) for one in liked.reactions or ()]
    assert ["TYPING_START", "MESSAGE_CREATE", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"] == [
        name for name, _ in stage.place.events()
    ][1:]


def test_a_person_may_do_what_their_permissions_allow(stage: Stage) -> None:
    stage.place.forbid(stage.place.bob["id"], stage.place.general, Permissions.SEND_MESSAGES)

    with refused(ErrorCode.MISSING_PERMISSIONS):
        stage.bob.send(stage.general, "Hello")


def test_a_person_writes_to_the_bot_in_person(stage: Stage) -> None:
    first = stage.bob.dm(stage.place.bot.user_id, "Hello")
    second = stage.bob.dm(stage.place.bot.user_id, "Again")

    assert first.channel_id == second.channel_id
    assert stage.place.ask(messages.list_messages(first.channel_id))


def test_a_person_comes_by_an_invite_takes_a_name_and_goes(stage: Stage) -> None:
    carol = Person(stage.world, build.add_user(stage.world, "Carol")["id"])
    code = stage.place.ask(invites.create_channel_invite(stage.general))["code"]
    stage.place.events()

    guild = carol.join(code)
    carol.rename(guild, "C")
    carol.leave(guild)

    assert ["GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"] == [
        name for name, _ in stage.place.events() if name != "GUILD_AUDIT_LOG_ENTRY_CREATE"
    ]


def test_an_owner_cannot_leave(stage: Stage) -> None:
    with pytest.raises(Mistake, match="owns 'The oak'"):
        stage.alice.leave(stage.guild.id)


def test_a_person_enters_and_leaves_voice(stage: Stage) -> None:
    hall = build.add_channel(stage.world, stage.guild, "hall", 2)

    stage.bob.enter_voice(hall["id"], muted=True)
    stage.bob.leave_voice(stage.guild.id)

    states = [(data["channel_id"], data["self_mute"]) for _, data in stage.place.events("VOICE_STATE_UPDATE")]
    assert [(hall["id"], True), (None, True)] == states


def test_every_kind_of_option_is_entered_and_resolved(stage: Stage) -> None:
    stage.command(options=OPTIONS)
    role = stage.guild.members[stage.place.bot.user_id]["roles"][0]
    stage.place.events()

    stage.bob.run_command(
        stage.general,
        "plant",
        kind="Oak",
        many=3,
        size=1.5,
        alive=True,
        who=stage.alice.id,
        where=stage.general,
        team=role,
        whom=role,
        photo=("oak.png", b"O"),
    )

    data = stage.told()
    values = {option["name"]: option["value"] for option in data["options"]}
    photo = values.pop("photo")
    assert {
        "kind": "oak",
        "many": 3,
        "size": 1.5,
        "alive": True,
        "who": str(stage.alice.id),
        "where": stage.general,
        "team": role,
        "whom": role,
    } == values
    resolved = data["resolved"]
    assert "oak.png" == resolved["attachments"][photo]["filename"]
    assert str(stage.alice.id) in resolved["users"]
    assert {"users", "members", "roles", "channels", "attachments"} == resolved.keys()
    assert "permissions" in resolved["channels"][stage.general]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "/plant needs the option 'kind'"),
        ({"kind": "oak", "sort": 1}, "has no option 'sort': there are 'kind', 'many'"),
        ({"kind": "elm"}, "has no choice 'elm': there are 'oak'"),
        ({"kind": "oak", "many": 10}, "takes a value from 1 to 9, not 10"),
        ({"kind": "oak", "many": "three"}, "takes integer values, not 'three'"),
        ({"kind": "oak", "alive": 1}, "takes True or False, not 1"),
        ({"kind": "oak", "who": 1}, "takes the id of a user; none has '1'"),
        ({"kind": "oak", "photo": "oak.png"}, "a file is bytes or"),
    ],
)
def test_an_option_that_does_not_fit_is_named(stage: Stage, options: dict[str, Any], told: str) -> None:
    stage.command(options=OPTIONS)

    with pytest.raises(Mistake, match=told):
        stage.bob.run_command(stage.general, "plant", options)


def test_a_subcommand_is_named_behind_its_command(stage: Stage) -> None:
    sub: Any = {"type": 1, "name": "plant", "description": "Plant", "options": [OPTIONS[1]]}
    group: Any = {"type": 2, "name": "many", "description": "Many", "options": [sub]}
    stage.command(name="tree", options=[sub, group])
    stage.place.events()

    stage.bob.run_command(stage.general, "tree many plant", many=2)

    (outer,) = stage.told()["options"]
    assert ("many", 2, "plant", 2) == (
        outer["name"],
        outer["type"],
        outer["options"][0]["name"],
        outer["options"][0]["options"][0]["value"],
    )
    with pytest.raises(Mistake, match="/tree is not a command by itself: there are '/tree plant', '/tree many'"):
        stage.bob.run_command(stage.general, "tree")
    with pytest.raises(Mistake, match="/tree many has no subcommand 'fell': there are 'plant'"):
        stage.bob.run_command(stage.general, "tree many fell")


def test_a_command_that_is_not_there_is_told_with_those_that_are(stage: Stage) -> None:
    stage.command()

    with pytest.raises(Mistake, match="no command 'fell' here: there are 'plant'"):
        stage.bob.run_command(stage.general, "fell")
    assert ["plant"] == stage.bob.commands(stage.general)


def test_a_command_for_some_permission_is_for_who_has_it(stage: Stage) -> None:
    stage.command(default_member_permissions=Permissions.BAN_MEMBERS)

    stage.alice.run_command(stage.general, "plant")
    with pytest.raises(Mistake, match="bob may not use the command 'plant' here"):
        stage.bob.run_command(stage.general, "plant")
    assert [] == stage.bob.commands(stage.general)


def test_commands_in_menus_name_their_target(stage: Stage) -> None:
    stage.command(name="Praise", type=2, description="")
    stage.command(name="Keep this", type=3, description="")
    message = stage.alice.send(stage.general, "Hello")
    stage.place.events()

    stage.bob.use_on_user(stage.general, "Praise", stage.alice.id)
    praised = stage.told()
    stage.bob.use_on_message("Keep this", message)
    kept = stage.told()

    assert str(stage.alice.id) == praised["target_id"]
    assert str(stage.alice.id) in praised["resolved"]["members"]
    assert (str(message.id), "Hello") == (
        kept["target_id"],
        kept["resolved"]["messages"][str(message.id)]["content"],
    )


def test_a_button_is_pressed_by_what_is_written_on_it(stage: Stage) -> None:
    stage.bob.press(stage.menus(), "Go")

    assert ("go", 2) == (lambda data: (data["custom_id"], data["component_type"]))(stage.told())


def test_a_button_that_is_not_there_is_told_with_those_that_are(stage: Stage) -> None:
    message = stage.menus()

    with pytest.raises(Mistake, match="no button 'run': there are 'go', 'stay'"):
        stage.bob.press(message, "run")
    with pytest.raises(Mistake, match="'stay' is disabled"):
        stage.bob.press(message, "stay")


def test_choices_in_menus_come_with_the_objects_behind_them(stage: Stage) -> None:
    message = stage.menus()
    role = stage.guild.members[stage.place.bot.user_id]["roles"][0]

    told: list[Any] = []
    for menu, value in (("kinds", "oak"), ("users", stage.alice.id), ("roles", role), ("Where?", stage.general)):
        stage.bob.select(message, menu, value)
        told.append(stage.told())

    assert [["oak"], [str(stage.alice.id)], [role], [stage.general]] == [one["values"] for one in told]
    assert [set(), {"users", "members"}, {"roles"}, {"channels"}] == [set(one.get("resolved", ())) for one in told]


def test_what_a_menu_does_not_offer_or_too_much_of_it_is_told(stage: Stage) -> None:
    message = stage.menus()

    with pytest.raises(Mistake, match="does not offer 'elm': there are 'oak'"):
        stage.bob.select(message, "kinds", "elm")
    with pytest.raises(Mistake, match="takes 1 to 1 values, not 2"):
        stage.bob.select(message, "users", stage.alice.id, stage.bob.id)


def test_a_persons_message_bears_no_buttons(stage: Stage) -> None:
    message = stage.alice.send(stage.general, "Hello")

    with pytest.raises(Mistake, match="no button 'go': there are none"):
        stage.bob.press(message, "go")


def test_a_person_does_what_there_is_a_request_for(stage: Stage) -> None:
    thread = stage.bob.do(channels.create_thread(stage.general, name="Oaks", type=11))
    stage.bob.send(thread, "Here?")
    everybody = stage.bob.do(members.list_guild_members(stage.guild.id, limit=5))
    stage.alice.do(members.delete_guild_member(stage.guild.id, stage.bob.id, reason="noise"))

    assert ("Oaks", stage.bob.id, 3) == (thread.name, thread.owner_id, len(everybody))
    assert stage.guild.audit_log[-1]["user_id"] == str(stage.alice.id)
    assert "noise" == stage.guild.audit_log[-1]["reason"]


def test_a_person_is_refused_what_they_may_not(stage: Stage) -> None:
    with refused(ErrorCode.MISSING_PERMISSIONS):
        stage.bob.do(members.delete_guild_member(stage.guild.id, stage.place.bot.user_id))


def test_what_no_person_does_is_a_mistake(stage: Stage) -> None:
    for route, told in (
        (commands.list_application_commands(stage.place.bot.application_id), "nothing that a person does"),
        (invites.get_invite_target_users("code"), "does not carry out get_invite_target_users"),
        (Route("GET", path="/brand-new-thing"), "none of the operations"),
    ):
        with pytest.raises(Mistake, match=told):
            stage.bob.do(route)


def test_an_option_may_have_any_name(stage: Stage) -> None:
    option: Any = {"type": 3, "name": "channel", "description": "Which"}
    stage.command(options=[option, {**option, "name": "command"}])
    stage.place.events()

    stage.bob.run_command(stage.general, "plant", channel="a", command="b")

    assert ["a", "b"] == [one["value"] for one in stage.told()["options"]]
