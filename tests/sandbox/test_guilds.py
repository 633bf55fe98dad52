"""Guilds on the sandbox: their settings, what strangers see, and how they receive people."""

from typing import Any

import pytest

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.routes import guilds, onboarding, voice
from acord.sandbox.world import build
from tests.sandbox.kit import Town, refused, town


@pytest.fixture
def place() -> Town:
    return town()


def test_a_guild_comes_with_counts_when_asked(place: Town) -> None:
    place.guild.presences[place.bob["id"]] = {"status": "online"}

    plain = place.ask(guilds.get_guild(place.guild.id))
    counted = place.ask(guilds.get_guild(place.guild.id, with_counts=True))

    assert "approximate_member_count" not in plain
    assert (3, 1) == (counted["approximate_member_count"], counted["approximate_presence_count"])


def test_who_is_no_member_has_no_access_and_what_is_no_guild_is_unknown(place: Town) -> None:
    elsewhere = build.add_guild(place.world, "The elm", place.alice["id"])

    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(guilds.get_guild(elsewhere.id))
    with refused(ErrorCode.UNKNOWN_GUILD):
        place.ask(guilds.get_guild(1))


def test_settings_change_and_only_what_changed_is_told(place: Town) -> None:
    place.ask(guilds.update_guild(place.guild.id, name="The oak", verification_level=None))
    quiet = place.events()

    place.ask(guilds.update_guild(place.guild.id, name="The yew", verification_level=2, reason="spring"))
    (_, update), (_, entry) = place.events()

    assert [] == quiet
    assert ("The yew", 2) == (update["name"], update["verification_level"])
    assert ["name", "verification_level"] == [change["key"] for change in entry["changes"]]
    assert "spring" == entry["reason"]


def test_settings_need_manage_guild(place: Town) -> None:
    place.demote(Permissions.MANAGE_CHANNELS)

    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(guilds.update_guild(place.guild.id, name="The yew"))


def test_a_channel_of_the_settings_lies_in_the_guild_and_is_of_the_right_kind(place: Town) -> None:
    with refused(ErrorCode.INVALID_FORM_BODY):
        place.ask(guilds.update_guild(place.guild.id, system_channel_id=1))
    with refused(ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE):
        place.ask(guilds.update_guild(place.guild.id, afk_channel_id=place.general["id"]))


def test_a_request_switches_some_features_and_cannot_grant_others(place: Town) -> None:
    changed = place.ask(guilds.update_guild(place.guild.id, features=["INVITES_DISABLED", "VANITY_URL"]))

    assert ["INVITES_DISABLED"] == changed["features"]


def test_a_picture_becomes_its_hash(place: Town) -> None:
    changed = place.ask(guilds.update_guild(place.guild.id, icon="data:image/gif;base64,R0lGODlhAQABAAAAACw="))

    assert changed["icon"].startswith("a_")


def test_strangers_preview_discoverable_guilds_only(place: Town) -> None:
    elsewhere = build.add_guild(place.world, "The elm", place.alice["id"])
    with refused(ErrorCode.UNKNOWN_GUILD):
        place.ask(guilds.get_guild_preview(elsewhere.id))
    elsewhere.data["features"] = ["DISCOVERABLE"]

    assert "The elm" == place.ask(guilds.get_guild_preview(elsewhere.id))["name"]


def test_the_widget_shows_who_is_there_once_it_is_enabled(place: Town) -> None:
    place.guild.presences[place.bob["id"]] = {"status": "idle"}
    with refused(ErrorCode.WIDGET_DISABLED):
        place.ask(guilds.get_guild_widget(place.guild.id))

    settings = place.ask(guilds.update_guild_widget_settings(place.guild.id, enabled=True))
    widget = place.ask(guilds.get_guild_widget(place.guild.id))

    assert settings == place.ask(guilds.get_guild_widget_settings(place.guild.id))
    assert [("bob", "idle")] == [(one["username"], one["status"]) for one in widget["members"]]
    assert place.ask(guilds.get_guild_widget_png(place.guild.id)).startswith(b"\x89PNG")


def test_the_welcome_screen_is_unknown_until_it_is_made(place: Town) -> None:
    with refused(ErrorCode.UNKNOWN_WELCOME_SCREEN):
        place.ask(guilds.get_guild_welcome_screen(place.guild.id))
    channel: Any = {"channel_id": place.general["id"], "description": "Say hi"}

    made = place.ask(guilds.update_guild_welcome_screen(place.guild.id, enabled=True, welcome_channels=[channel]))

    assert made == place.ask(guilds.get_guild_welcome_screen(place.guild.id))
    assert "Say hi" == made["welcome_channels"][0]["description"]


def test_onboarding_is_put_and_keeps_the_ids_of_its_prompts(place: Town) -> None:
    option = {"title": "Trees", "channel_ids": [place.general["id"]]}
    asked: Any = {"id": 0, "title": "What do you like?", "options": [option]}
    made = place.ask(onboarding.put_guilds_onboarding(place.guild.id, prompts=[asked], enabled=True))
    prompt = made["prompts"][0]

    again: Any = {"id": prompt["id"], "title": "And now?", "options": [option]}
    changed = place.ask(onboarding.put_guilds_onboarding(place.guild.id, prompts=[again]))

    assert changed == place.ask(onboarding.get_guilds_onboarding(place.guild.id))
    assert (prompt["id"], "And now?") == (changed["prompts"][0]["id"], changed["prompts"][0]["title"])
    assert None is place.ask(onboarding.get_guild_new_member_welcome(place.guild.id))


def test_a_guild_without_the_feature_has_no_vanity_url(place: Town) -> None:
    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(guilds.get_guild_vanity_url(place.guild.id))
    place.guild.data |= {"features": ["VANITY_URL"], "vanity_url_code": "oak"}

    assert {"code": "oak", "uses": 0} == place.ask(guilds.get_guild_vanity_url(place.guild.id))


def test_incident_actions_are_kept(place: Town) -> None:
    until = "2030-01-01T00:00:00+00:00"

    actions = place.ask(guilds.update_guild_incident_actions(place.guild.id, invites_disabled_until=until))

    assert actions == place.ask(guilds.get_guild(place.guild.id))["incidents_data"]


def test_bots_of_the_guild_are_its_integrations(place: Town) -> None:
    (integration,) = place.ask(guilds.list_guild_integrations(place.guild.id))

    assert ("acorn", place.bot.application_id) == (integration["name"], integration["application"]["id"])


def test_there_are_voice_regions_and_one_is_the_nearest(place: Town) -> None:
    everywhere = place.ask(voice.list_voice_regions())

    assert 1 == sum(region["optimal"] for region in everywhere)
    assert everywhere == place.ask(guilds.list_guild_voice_regions(place.guild.id))
