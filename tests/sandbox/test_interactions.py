"""Interactions on the sandbox: what the bot is told, how it may answer, and until when."""

from typing import Any

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import MessageFlags
from acord.routes import commands, interactions, messages, webhooks
from acord.sandbox.answers import Refusal
from acord.sandbox.people import Interaction, Person
from tests.sandbox.kit import Town, refused, town

BUTTON: Any = {"type": 2, "style": 1, "label": "Water it", "custom_id": "water"}
ROW: Any = {"type": 1, "components": [BUTTON]}
EPHEMERAL = int(MessageFlags.EPHEMERAL)


class Stage:
    """A town with a command, and Bob to run it."""

    def __init__(self) -> None:
        self.place: Town = town()
        self.bob = Person(self.place.world, self.place.bob["id"])
        self.general = self.place.general["id"]
        kind: Any = {"type": 3, "name": "kind", "description": "Which", "autocomplete": True}
        self.command = self.place.ask(
            commands.create_application_command(
                self.place.bot.application_id, name="plant", description="Plant a tree", options=[kind]
            )
        )

    def run(self) -> Interaction:
        return self.bob.run_command(self.general, "plant", kind="oak")

    def answer(self, interaction: Interaction, kind: int, data: Any = None, *, with_response: bool = False) -> Any:
        body: Any = {"type": kind} if data is None else {"type": kind, "data": data}
        payload = interaction.record["payload"]
        route = interactions.create_interaction_response(
            payload["id"], payload["token"], **body, with_response=with_response
        )
        return self.place.ask(route)

    def hook(self, interaction: Interaction) -> tuple[str, str]:
        payload = interaction.record["payload"]
        return payload["application_id"], payload["token"]

    def watered(self) -> Interaction:
        """Bob has pressed the button of a message of the bot."""
        sent = self.place.ask(messages.create_message(self.general, content="A tree", components=[ROW]))
        look = self.bob.look(self.message(sent["id"]))
        return self.bob.press(look, "water")

    def message(self, message_id: str) -> Any:
        from acord.sandbox.responses import seen

        return seen(self.place.world, self.place.world.message(self.general, message_id), self.place.bob["id"])


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_the_bot_is_told_everything_about_a_command(stage: Stage) -> None:
    stage.place.events()

    stage.run()

    happening = stage.place.heard[-1]
    data = happening.data
    assert ("INTERACTION_CREATE", frozenset({stage.place.bot.user_id})) == (happening.name, happening.users)
    assert (2, 1, 0, "en-US") == (data["type"], data["version"], data["context"], data["locale"])
    assert {"0": stage.place.guild.id} == data["authorizing_integration_owners"]
    assert stage.place.bob["id"] == data["member"]["user"]["id"]
    assert {"permissions", "roles"} <= data["member"].keys()
    assert (10 << 20, []) == (data["attachment_size_limit"], data["entitlements"])
    assert [{"name": "kind", "type": 3, "value": "oak"}] == data["data"]["options"]
    assert int(data["app_permissions"]) & 8


def test_an_answer_is_a_message_that_says_what_it_answers(stage: Stage) -> None:
    interaction = stage.run()

    answer = stage.answer(interaction, 4, {"content": "Planted"}, with_response=True)

    message = answer["resource"]["message"]
    assert ("Planted", 20) == (message["content"], message["type"])
    assert interaction.record["payload"]["id"] == message["interaction_metadata"]["id"]
    assert (message["id"], False) == (
        answer["interaction"]["response_message_id"],
        answer["interaction"]["response_message_ephemeral"],
    )
    assert message["id"] in stage.place.world.messages[stage.general]
    assert 1 == len(stage.place.events("MESSAGE_CREATE"))


def test_without_with_response_nothing_comes_back(stage: Stage) -> None:
    assert None is stage.answer(stage.run(), 4, {"content": "Planted"})


def test_an_ephemeral_answer_is_seen_by_the_person_only(stage: Stage) -> None:
    interaction = stage.run()
    stage.place.events()

    stage.answer(interaction, 4, {"content": "Psst", "flags": EPHEMERAL})

    assert [] == stage.place.events("MESSAGE_CREATE")
    assert interaction.response is not None
    assert "Psst" == interaction.response.content
    with refused(ErrorCode.UNKNOWN_MESSAGE):
        stage.place.ask(messages.get_message(stage.general, interaction.response.id))


def test_nobody_else_uses_what_an_ephemeral_answer_bears(stage: Stage) -> None:
    interaction = stage.run()
    stage.answer(interaction, 4, {"content": "Psst", "flags": EPHEMERAL, "components": [ROW]})
    response = interaction.response
    assert response is not None

    stage.bob.press(response, "water")
    with refused(ErrorCode.UNKNOWN_MESSAGE):
        Person(stage.place.world, stage.place.alice["id"]).press(response, "water")


def test_who_hears_over_http_does_not_hear_over_the_gateway(stage: Stage) -> None:
    application = stage.place.world.applications[stage.place.bot.application_id]
    application["interactions_endpoint_url"] = "https://example.com/interactions"

    stage.run()

    assert [] == stage.place.events("INTERACTION_CREATE")


def test_a_second_answer_is_refused(stage: Stage) -> None:
    interaction = stage.run()
    stage.answer(interaction, 5)

    with refused(ErrorCode.INTERACTION_ALREADY_ACKNOWLEDGED):
        stage.answer(interaction, 4, {"content": "Planted"})


def test_after_three_seconds_nobody_knows_the_interaction(stage: Stage) -> None:
    interaction = stage.run()
    stage.place.clock.now += 3.001

    with refused(ErrorCode.UNKNOWN_INTERACTION):
        stage.answer(interaction, 4, {"content": "Planted"})
    assert interaction.failed


def test_an_answer_that_is_refused_can_be_given_again(stage: Stage) -> None:
    interaction = stage.run()
    with refused(ErrorCode.CANNOT_SEND_EMPTY_MESSAGE):
        stage.answer(interaction, 4, {"content": ""})

    stage.answer(interaction, 4, {"content": "Planted"})

    assert interaction.answered


def test_a_deferred_answer_is_filled_in_later_and_keeps_to_whom_it_is_shown(stage: Stage) -> None:
    interaction = stage.run()
    stage.answer(interaction, 5, {"flags": EPHEMERAL})
    thinking = interaction.thinking

    filled = stage.place.ask(
        webhooks.update_original_webhook_message(*stage.hook(interaction), content="Planted at last")
    )

    assert thinking
    assert not interaction.thinking
    assert ("Planted at last", EPHEMERAL, None) == (filled["content"], filled["flags"], filled["edited_timestamp"])
    assert filled == stage.place.ask(webhooks.get_original_webhook_message(*stage.hook(interaction)))


def test_the_first_follow_up_of_a_deferred_answer_fills_it_in(stage: Stage) -> None:
    interaction = stage.run()
    stage.answer(interaction, 5)

    stage.place.ask(webhooks.execute_webhook(*stage.hook(interaction), content="Planted"))

    assert [] == interaction.followups
    assert interaction.response is not None
    assert "Planted" == interaction.response.content


def test_follow_ups_are_sent_changed_found_and_deleted(stage: Stage) -> None:
    interaction = stage.run()
    stage.answer(interaction, 4, {"content": "Planted"})
    hook = stage.hook(interaction)

    sent = stage.place.ask(webhooks.execute_webhook(*hook, content="And watered", wait=True))
    changed = stage.place.ask(webhooks.update_webhook_message(*hook, sent["id"], content="And pruned"))
    found = stage.place.ask(webhooks.get_webhook_message(*hook, sent["id"]))
    heard = [one.content for one in interaction.followups]
    stage.place.ask(webhooks.delete_webhook_message(*hook, sent["id"]))

    assert (19, interaction.record["original"]["id"]) == (sent["type"], sent["message_reference"]["message_id"])
    assert "And pruned" == changed["content"]
    assert changed == found
    assert ["And pruned"] == heard
    assert [] == interaction.followups
    with refused(ErrorCode.UNKNOWN_MESSAGE):
        stage.place.ask(webhooks.get_webhook_message(*hook, sent["id"]))


def test_the_original_answer_can_be_deleted(stage: Stage) -> None:
    interaction = stage.run()
    stage.answer(interaction, 4, {"content": "Planted"})

    stage.place.ask(webhooks.delete_original_webhook_message(*stage.hook(interaction)))

    assert None is interaction.response
    assert 1 == len(stage.place.events("MESSAGE_DELETE"))
    with refused(ErrorCode.UNKNOWN_MESSAGE):
        stage.place.ask(webhooks.get_original_webhook_message(*stage.hook(interaction)))


def test_nothing_is_said_before_the_answer_nor_after_a_quarter_of_an_hour(stage: Stage) -> None:
    interaction = stage.run()
    with refused(ErrorCode.UNKNOWN_WEBHOOK):
        stage.place.ask(webhooks.execute_webhook(*stage.hook(interaction), content="Too early"))
    stage.answer(interaction, 4, {"content": "Planted"})
    stage.place.clock.now += 15 * 60 + 1

    with refused(ErrorCode.INVALID_WEBHOOK_TOKEN):
        stage.place.ask(webhooks.execute_webhook(*stage.hook(interaction), content="Too late"))


def test_a_button_updates_the_message_that_bears_it(stage: Stage) -> None:
    interaction = stage.watered()

    answer = stage.answer(interaction, 7, {"content": "A wet tree", "components": []}, with_response=True)

    assert ("A wet tree", []) == (
        answer["resource"]["message"]["content"],
        answer["resource"]["message"]["components"],
    )
    assert interaction.response is not None
    assert interaction.record["message"]["id"] == str(interaction.response.id)
    assert 1 == len(stage.place.events("MESSAGE_UPDATE"))


def test_a_deferred_update_changes_the_message_later(stage: Stage) -> None:
    interaction = stage.watered()
    stage.answer(interaction, 6)

    stage.place.ask(webhooks.update_original_webhook_message(*stage.hook(interaction), content="A wet tree"))

    assert "A wet tree" == interaction.record["message"]["content"]


def test_an_answer_to_a_button_refers_to_its_message(stage: Stage) -> None:
    interaction = stage.watered()

    answer = stage.answer(interaction, 4, {"content": "Thanks"}, with_response=True)

    message = answer["resource"]["message"]
    assert interaction.record["message"]["id"] == message["interaction_metadata"]["interacted_message_id"]
    assert interaction.record["message"]["id"] == message["message_reference"]["message_id"]


@pytest.mark.parametrize("kind", [1, 7, 8])
def test_a_command_is_not_answered_by_what_answers_something_else(stage: Stage, kind: int) -> None:
    data = {8: {"choices": []}, 7: {"content": "x"}}.get(kind)

    with pytest.raises(Refusal) as refusal:
        stage.answer(stage.run(), kind, data)

    assert ErrorCode.INVALID_FORM_BODY == refusal.value.code


def test_choices_are_suggested_while_an_option_is_typed(stage: Stage) -> None:
    typed = stage.bob.autocomplete(stage.general, "plant", "kind", "o")
    ((_, data),) = stage.place.events("INTERACTION_CREATE")

    stage.answer(typed, 8, {"choices": [{"name": "Oak", "value": "oak"}]})

    assert (4, [{"name": "kind", "type": 3, "value": "o", "focused": True}]) == (data["type"], data["data"]["options"])
    assert [("Oak", "oak")] == [(choice.name, choice.value) for choice in typed.choices or ()]


MODAL: Any = {
    "custom_id": "tree",
    "title": "A tree",
    "components": [
        {"type": 10, "content": "Tell us"},
        {"type": 1, "components": [{"type": 4, "custom_id": "name", "label": "Name", "style": 1, "max_length": 9}]},
        {
            "type": 18,
            "label": "Kind",
            "component": {
                "type": 3,
                "custom_id": "kind",
                "options": [{"label": "Oak", "value": "oak"}, {"label": "Elm", "value": "elm", "default": True}],
            },
        },
        {"type": 18, "label": "Who", "component": {"type": 5, "custom_id": "who", "required": False}},
        {"type": 18, "label": "Photo", "component": {"type": 19, "custom_id": "photo"}},
        {"type": 18, "label": "Alive", "component": {"type": 23, "custom_id": "alive"}},
        {
            "type": 18,
            "label": "Size",
            "component": {
                "type": 21,
                "custom_id": "size",
                "options": [{"label": "S", "value": "s"}, {"label": "L", "value": "l"}],
            },
        },
        {
            "type": 18,
            "label": "Needs",
            "component": {"type": 22, "custom_id": "needs", "options": [{"label": "Sun", "value": "sun"}]},
        },
    ],
}
FILLED: Any = {
    "name": "Quercus",
    "who": ["BOB"],
    "photo": ("o.png", b"O"),
    "alive": True,
    "size": "l",
    "needs": ["sun"],
}


def test_a_modal_is_filled_in_and_sent(stage: Stage) -> None:
    interaction = stage.watered()
    stage.answer(interaction, 9, MODAL)
    stage.place.events()

    sent = stage.bob.submit(interaction, {**FILLED, "who": [stage.bob.id]})
    ((_, data),) = stage.place.events("INTERACTION_CREATE")
    stage.answer(sent, 7, {"content": "Noted"})

    assert interaction.modal is not None
    assert ("name", "kind", "who", "photo", "alive", "size", "needs") == interaction.modal.inputs
    text, row, *labels = data["data"]["components"]
    assert (5, 10, "Quercus") == (data["type"], text["type"], row["components"][0]["value"])
    kind, who, photo, alive, size, needs = (label["component"] for label in labels)
    assert (["elm"], [str(stage.bob.id)], True, "l", ["sun"]) == (
        kind["values"],
        who["values"],
        alive["value"],
        size["value"],
        needs["values"],
    )
    resolved = data["data"]["resolved"]
    assert photo["values"] == list(resolved["attachments"])
    assert [str(stage.bob.id)] == list(resolved["users"])
    assert "Noted" == interaction.record["message"]["content"]


def test_an_answer_to_a_modal_names_what_brought_it(stage: Stage) -> None:
    interaction = stage.run()
    stage.answer(interaction, 9, {**MODAL, "components": MODAL["components"][:2]})
    sent = stage.bob.submit(interaction, name="Quercus")

    answer = stage.answer(sent, 4, {"content": "Noted"}, with_response=True)

    told = answer["resource"]["message"]["interaction_metadata"]
    assert (5, str(interaction.id)) == (told["type"], told["triggering_interaction_metadata"]["id"])


def test_a_modal_is_not_answered_by_a_modal(stage: Stage) -> None:
    interaction = stage.run()
    stage.answer(interaction, 9, {**MODAL, "components": MODAL["components"][:2]})
    sent = stage.bob.submit(interaction, name="Quercus")

    with refused(ErrorCode.INVALID_FORM_BODY):
        stage.answer(sent, 9, MODAL)


def test_in_direct_messages_the_user_stands_where_the_member_would(stage: Stage) -> None:
    channel = stage.bob.dm(stage.place.bot.user_id, "hi").channel_id
    stage.place.events()

    interaction = stage.bob.run_command(channel, "plant")
    ((_, data),) = stage.place.events("INTERACTION_CREATE")
    stage.answer(interaction, 4, {"content": "Planted"})

    assert (1, {"0": "0"}) == (data["context"], data["authorizing_integration_owners"])
    assert stage.place.bob["id"] == data["user"]["id"]
    assert not {"member", "guild_id", "guild"} & data.keys()


def test_who_watches_an_interaction_is_called_when_something_became_of_it(stage: Stage) -> None:
    interaction = stage.run()
    seen: list[bool] = []
    end = interaction.watch(lambda: seen.append(interaction.answered))

    stage.answer(interaction, 4, {"content": "Planted"})
    stage.place.ask(webhooks.execute_webhook(*stage.hook(interaction), content="More"))
    end()
    stage.place.ask(webhooks.execute_webhook(*stage.hook(interaction), content="Unheard"))

    assert [True, True] == seen
