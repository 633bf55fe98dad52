"""Seldom used things of the sandbox: stages, sounds, rules, templates, entitlements, grants."""

from typing import Any

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models.enums import SKUType
from acord.routes import auto_moderation, entitlements, guilds, oauth2, soundboard, stages, templates, voice
from acord.sandbox.calls import Account
from acord.sandbox.people import Person
from acord.sandbox.world import build
from acord.sandbox.world.entitlements import add_sku
from acord.sandbox.world.voice import join_voice
from tests.sandbox.kit import Town, refused, town


@pytest.fixture
def place() -> Town:
    return town()


@pytest.fixture
def stage(place: Town) -> str:
    """The id of a stage channel."""
    return str(build.add_channel(place.world, place.guild, "stage", 13)["id"])


def told(place: Town) -> list[str]:
    return [name for name, _ in place.events() if name != "GUILD_AUDIT_LOG_ENTRY_CREATE"]


# Stages


def test_a_stage_is_opened_once_changed_and_closed(place: Town, stage: str) -> None:
    opened = place.ask(stages.create_stage_instance(topic="Trees", channel_id=stage))
    with refused(ErrorCode.STAGE_ALREADY_OPEN):
        place.ask(stages.create_stage_instance(topic="Trees", channel_id=stage))
    changed = place.ask(stages.update_stage_instance(stage, topic="Old trees"))
    found = place.ask(stages.get_stage_instance(stage))
    place.ask(stages.delete_stage_instance(stage))

    assert (opened["id"], "Old trees") == (changed["id"], changed["topic"])
    assert changed == found
    assert [f"STAGE_INSTANCE_{what}" for what in ("CREATE", "UPDATE", "DELETE")] == told(place)
    with refused(ErrorCode.UNKNOWN_STAGE_INSTANCE):
        place.ask(stages.get_stage_instance(stage))
    with refused(ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE):
        place.ask(stages.create_stage_instance(topic="Trees", channel_id=place.general["id"]))


def test_on_a_stage_one_listens_asks_and_is_let_speak(place: Town, stage: str) -> None:
    join_voice(place.world, place.guild, place.bob["id"], stage)
    listening = place.ask(voice.get_voice_state(place.guild.id, place.bob["id"]))["suppress"]

    place.ask(voice.update_voice_state(place.guild.id, place.bob["id"], suppress=False))
    speaking = place.ask(voice.get_voice_state(place.guild.id, place.bob["id"]))["suppress"]

    assert (True, False) == (listening, speaking)
    with refused(ErrorCode.UNKNOWN_VOICE_STATE):
        place.ask(voice.get_self_voice_state(place.guild.id))


def test_a_bot_speaks_on_a_stage_by_itself(place: Town, stage: str) -> None:
    join_voice(place.world, place.guild, place.bot.user_id, stage)

    place.ask(voice.update_self_voice_state(place.guild.id, suppress=False))

    assert False is place.ask(voice.get_self_voice_state(place.guild.id))["suppress"]


# Sounds

SOUND = "data:audio/ogg;base64,T2dnUw=="


def test_a_sound_is_made_found_changed_listed_and_deleted(place: Town) -> None:
    made = place.ask(soundboard.create_guild_soundboard_sound(place.guild.id, name="rustle", sound=SOUND))
    changed = place.ask(
        soundboard.update_guild_soundboard_sound(place.guild.id, made["sound_id"], name="crack", volume=0.5)
    )
    found = place.ask(soundboard.get_guild_soundboard_sound(place.guild.id, made["sound_id"]))
    listed = place.ask(soundboard.list_guild_soundboard_sounds(place.guild.id))
    place.ask(soundboard.delete_guild_soundboard_sound(place.guild.id, made["sound_id"]))

    assert ("crack", 0.5) == (changed["name"], changed["volume"])
    assert changed == found
    assert {"items": [changed]} == listed
    assert [f"GUILD_SOUNDBOARD_SOUND_{what}" for what in ("CREATE", "UPDATE", "DELETE")] == told(place)
    with refused(ErrorCode.UNKNOWN_SOUND):
        place.ask(soundboard.get_guild_soundboard_sound(place.guild.id, made["sound_id"]))


def test_a_sound_is_played_from_inside_the_channel(place: Town) -> None:
    hall = build.add_channel(place.world, place.guild, "hall", 2)["id"]
    sound = place.ask(soundboard.get_soundboard_default_sounds())[0]["sound_id"]
    route = soundboard.send_soundboard_sound(hall, sound_id=sound)
    with refused(ErrorCode.TARGET_NOT_CONNECTED_TO_VOICE):
        place.ask(route)
    join_voice(place.world, place.guild, place.bot.user_id, hall)
    place.events()

    place.ask(route)

    assert ["VOICE_CHANNEL_EFFECT_SEND"] == told(place)


def test_a_small_guild_has_room_for_eight_sounds(place: Town) -> None:
    for _ in range(8):
        place.ask(soundboard.create_guild_soundboard_sound(place.guild.id, name="rustle", sound=SOUND))

    with refused(ErrorCode.MAX_SOUNDBOARD_SOUNDS):
        place.ask(soundboard.create_guild_soundboard_sound(place.guild.id, name="rustle", sound=SOUND))


# Auto moderation


def rule(place: Town, kind: Any = 1, **fields: Any) -> Any:
    fields = {"name": "No axes", "event_type": 1, "trigger_metadata": {"keyword_filter": ["axe"]}, **fields}
    return place.ask(auto_moderation.create_auto_moderation_rule(place.guild.id, trigger_type=kind, **fields))


def test_a_rule_is_made_found_changed_listed_and_deleted(place: Town) -> None:
    flag: Any = {"type": 2, "metadata": {"channel_id": place.general["id"]}}
    made = rule(place, actions=[flag])
    changed = place.ask(auto_moderation.update_auto_moderation_rule(place.guild.id, made["id"], enabled=True))
    found = place.ask(auto_moderation.get_auto_moderation_rule(place.guild.id, made["id"]))
    listed = place.ask(auto_moderation.list_auto_moderation_rules(place.guild.id))
    place.ask(auto_moderation.delete_auto_moderation_rule(place.guild.id, made["id"]))

    assert (["axe"], [flag], True) == (
        changed["trigger_metadata"]["keyword_filter"],
        changed["actions"],
        changed["enabled"],
    )
    assert changed == found
    assert [changed] == listed
    assert [f"AUTO_MODERATION_RULE_{what}" for what in ("CREATE", "UPDATE", "DELETE")] == told(place)
    with refused(0):
        place.ask(auto_moderation.get_auto_moderation_rule(place.guild.id, made["id"]))


def test_every_kind_of_rule_comes_with_its_own_metadata(place: Town) -> None:
    kinds: dict[int, Any] = {3: {}, 4: {"presets": [1]}, 5: {"mention_total_limit": 5}, 6: {"keyword_filter": ["x"]}}
    made = {kind: rule(place, kind, trigger_metadata=metadata) for kind, metadata in kinds.items()}

    assert 5 == made[5]["trigger_metadata"]["mention_total_limit"]
    assert {"presets": [1], "allow_list": []} == made[4]["trigger_metadata"]


def test_there_are_six_rules_on_keywords_and_one_of_every_other_kind(place: Town) -> None:
    for kind, number in ((1, 6), (3, 1)):
        for _ in range(number):
            rule(place, kind, trigger_metadata={})

        with refused(ErrorCode.INVALID_FORM_BODY):
            rule(place, kind, trigger_metadata={})


# Templates


def test_a_template_is_made_once_found_by_everybody_and_deleted(place: Town) -> None:
    made = place.ask(templates.create_guild_template(place.guild.id, name="Oaks"))
    with refused(ErrorCode.GUILD_ALREADY_HAS_TEMPLATE):
        place.ask(templates.create_guild_template(place.guild.id, name="Oaks"))
    found = place.ask(templates.get_guild_template(made["code"]))
    place.ask(templates.delete_guild_template(place.guild.id, made["code"]))

    assert made == found
    assert ["general"] == [channel["name"] for channel in made["serialized_source_guild"]["channels"]]
    with refused(ErrorCode.UNKNOWN_GUILD_TEMPLATE):
        place.ask(templates.get_guild_template(made["code"]))


def test_a_template_falls_behind_and_is_brought_up_to_date(place: Town) -> None:
    code = place.ask(templates.create_guild_template(place.guild.id, name="Oaks"))["code"]
    place.general["topic"] = "New"
    (behind,) = place.ask(templates.list_guild_templates(place.guild.id))

    synced = place.ask(templates.sync_guild_template(place.guild.id, code))
    renamed = place.ask(templates.update_guild_template(place.guild.id, code, description="Of oaks"))

    assert (True, None) == (behind["is_dirty"], synced["is_dirty"])
    assert "New" == renamed["serialized_source_guild"]["channels"][0]["topic"]
    assert "Of oaks" == renamed["description"]


# Entitlements


def test_a_test_entitlement_is_made_listed_told_to_interactions_and_deleted(place: Town) -> None:
    application = place.bot.application_id
    sku = add_sku(place.world, application, "Golden acorn")
    route = entitlements.create_entitlement(application, sku_id=sku["id"], owner_id=place.bob["id"], owner_type=2)

    made = place.ask(route)
    found = place.ask(entitlements.get_entitlement(application, made["id"]))
    listed = place.ask(entitlements.get_entitlements(application, user_id=place.bob["id"], sku_ids=[sku["id"]]))
    goods = place.ask(entitlements.list_skus(application))
    place.ask(entitlements.delete_entitlement(application, made["id"]))

    assert made == found
    assert [made] == listed
    assert [sku] == goods
    assert [] == place.ask(entitlements.get_entitlements(application))
    assert ["ENTITLEMENT_CREATE", "ENTITLEMENT_DELETE"] == told(place)


def test_consumables_are_consumed_and_durables_are_not(place: Town) -> None:
    application = place.bot.application_id
    ids: list[str] = []
    for name, kind in (("Acorn", SKUType.CONSUMABLE), ("Oak", SKUType.DURABLE)):
        sku = add_sku(place.world, application, name, kind)
        route = entitlements.create_entitlement(application, sku_id=sku["id"], owner_id=place.guild.id, owner_type=1)
        ids.append(place.ask(route)["id"])

    place.ask(entitlements.consume_entitlement(application, ids[0]))

    assert True is place.ask(entitlements.get_entitlement(application, ids[0]))["consumed"]
    with refused(ErrorCode.ONLY_CONSUMABLE_SKUS):
        place.ask(entitlements.consume_entitlement(application, ids[1]))
    with refused(ErrorCode.UNKNOWN_SKU):
        place.ask(entitlements.create_entitlement(application, sku_id=1, owner_id=place.guild.id, owner_type=1))


# Others


def test_a_grant_says_what_was_granted(place: Town) -> None:
    account = Account("bearer", place.bot.application_id, place.bob["id"], frozenset({"identify", "guilds"}))

    grant = place.ask(oauth2.get_my_oauth2_authorization(), account)

    assert (["guilds", "identify"], place.bob["id"]) == (grant["scopes"], grant["user"]["id"])


def test_with_its_integration_a_bot_goes(place: Town) -> None:
    place.ask(guilds.delete_guild_integration(place.guild.id, place.bot.application_id), place.person(place.alice))

    assert place.bot.user_id not in place.guild.members
    assert {"GUILD_DELETE", "INTEGRATION_DELETE"} <= set(told(place))


def test_who_comes_is_greeted_where_the_guild_wants_it(place: Town) -> None:
    from acord.routes import invites

    place.guild.data["system_channel_id"] = place.general["id"]
    carol = Person(place.world, build.add_user(place.world, "Carol")["id"])
    code = place.ask(invites.create_channel_invite(place.general["id"]))["code"]

    carol.join(code)
    carol.leave(place.guild.id)
    place.guild.data["system_channel_flags"] = 1
    carol.join(code)

    (greeting,) = place.world.messages[place.general["id"]].values()
    assert (7, "carol") == (greeting["type"], greeting["author"]["username"])


def test_who_may_not_manage_a_guild_sees_neither_rules_nor_templates(place: Town) -> None:
    place.demote(Permissions.VIEW_CHANNEL)

    for route in (
        auto_moderation.list_auto_moderation_rules(place.guild.id),
        templates.list_guild_templates(place.guild.id),
    ):
        with refused(ErrorCode.MISSING_PERMISSIONS):
            place.ask(route)
