"""Emojis and stickers, of guilds and of applications; the search through messages."""

from __future__ import annotations

import base64

import pytest

from acord import File
from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.routes import audit_logs, emojis, guilds, messages, stickers
from acord.sandbox.answers import Json
from acord.sandbox.world import build
from tests.sandbox.kit import Town, refused, town

PIXELS = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
PNG = "data:image/png;base64," + base64.b64encode(PIXELS).decode()
GIF = "data:image/gif;base64," + base64.b64encode(b"GIF89a" + b"\0" * 20).decode()


def test_a_guild_emoji_is_made_fetched_listed_renamed_and_deleted() -> None:
    place = town()
    role = build.add_role(place.world, place.guild, "r")

    made = place.ask(emojis.create_guild_emoji(place.guild.id, name="oak", image=PNG, roles=[role["id"]]))
    renamed = place.ask(emojis.update_guild_emoji(place.guild.id, made["id"], name="elm"))

    assert (False, [role["id"]], place.bot.user_id) == (made["animated"], made["roles"], made["user"]["id"])
    assert PIXELS == place.world.attachments[f"/emojis/{made['id']}.png"]
    assert renamed == place.ask(emojis.get_guild_emoji(place.guild.id, made["id"]))
    assert [renamed] == place.ask(emojis.list_guild_emojis(place.guild.id))
    place.ask(emojis.delete_guild_emoji(place.guild.id, made["id"]))
    told = [[one["name"] for one in data["emojis"]] for _, data in place.events("GUILD_EMOJIS_UPDATE")]
    assert [["oak"], ["elm"], []] == told
    assert [60, 61, 62] == [one["action_type"] for one in place.guild.audit_log]
    with refused(ErrorCode.UNKNOWN_EMOJI):
        place.ask(emojis.get_guild_emoji(place.guild.id, made["id"]))


def test_who_made_an_emoji_is_shown_to_those_who_manage_them() -> None:
    place = town()
    made = place.ask(emojis.create_guild_emoji(place.guild.id, name="oak", image=GIF))

    [seen] = place.ask(emojis.list_guild_emojis(place.guild.id), place.person(place.bob))

    assert (True, False) == (made["animated"], "user" in seen)


def test_one_changes_ones_own_emojis_and_others_with_a_permission() -> None:
    place = town()
    mine = place.ask(emojis.create_guild_emoji(place.guild.id, name="mine", image=PNG))
    hers = place.ask(emojis.create_guild_emoji(place.guild.id, name="hers", image=PNG), place.person(place.alice))
    place.demote(Permissions.CREATE_GUILD_EXPRESSIONS)

    place.ask(emojis.update_guild_emoji(place.guild.id, mine["id"], name="still_mine"))
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(emojis.delete_guild_emoji(place.guild.id, hers["id"]))
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(emojis.create_guild_emoji(place.guild.id, name="oak", image=PNG), place.person(place.bob))


@pytest.mark.parametrize("image", ["data:image/png;base64,!!", "data:text/plain;base64,AAAA"])
def test_what_is_no_picture_is_no_emoji(image: str) -> None:
    place = town()

    with refused(ErrorCode.INVALID_FORM_BODY):
        place.ask(emojis.create_guild_emoji(place.guild.id, name="oak", image=image, validate=False))


def test_fifty_emojis_of_each_kind_are_the_most_without_boosts() -> None:
    place = town()
    for _ in range(50):
        place.ask(emojis.create_guild_emoji(place.guild.id, name="oak", image=PNG))

    place.ask(emojis.create_guild_emoji(place.guild.id, name="oak", image=GIF))
    with refused(ErrorCode.MAX_EMOJIS):
        place.ask(emojis.create_guild_emoji(place.guild.id, name="oak", image=PNG))


def test_an_application_has_emojis_of_its_own() -> None:
    place = town()
    me = place.bot.application_id

    made = place.ask(emojis.create_application_emoji(me, name="oak", image=PNG))
    renamed = place.ask(emojis.update_application_emoji(me, made["id"], name="elm"))

    assert {"items": [renamed]} == place.ask(emojis.list_application_emojis(me))
    assert renamed == place.ask(emojis.get_application_emoji(me, made["id"]))
    place.ask(emojis.delete_application_emoji(me, made["id"]))
    assert {"items": []} == place.ask(emojis.list_application_emojis(me))
    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(emojis.list_application_emojis(1))


def test_a_custom_emoji_is_a_reaction_by_name_and_id_also_when_it_is_gone() -> None:
    place = town()
    emoji = place.ask(emojis.create_guild_emoji(place.guild.id, name="oak", image=GIF))
    sent = place.message()
    name = f"oak:{emoji['id']}"

    place.ask(messages.add_my_message_reaction(place.general["id"], sent["id"], name))
    [shown] = place.ask(messages.get_message(place.general["id"], sent["id"]))["reactions"]
    place.ask(emojis.delete_guild_emoji(place.guild.id, emoji["id"]))

    assert {"id": emoji["id"], "name": "oak", "animated": True} == shown["emoji"]
    users = place.ask(messages.list_message_reactions_by_emoji(place.general["id"], sent["id"], name))
    assert [place.bot.user_id] == [one["id"] for one in users]
    place.ask(messages.delete_my_message_reaction(place.general["id"], sent["id"], name))


def sticker(place: Town, content: bytes = PIXELS) -> Json:
    made: Json = place.ask(
        stickers.create_guild_sticker(place.guild.id, name="Hi", tags="wave", file=File(content, "hi.png"))
    )
    return made


def test_a_guild_sticker_is_made_fetched_listed_changed_and_deleted() -> None:
    place = town()

    made = sticker(place)
    changed = place.ask(stickers.update_guild_sticker(place.guild.id, made["id"], description="Waves"))

    assert (2, 1, None) == (made["type"], made["format_type"], made["description"])
    assert changed == place.ask(stickers.get_guild_sticker(place.guild.id, made["id"]))
    assert [changed] == place.ask(stickers.list_guild_stickers(place.guild.id))
    assert "Waves" == place.ask(stickers.get_sticker(made["id"]))["description"]
    place.ask(stickers.delete_guild_sticker(place.guild.id, made["id"]))
    assert [1, 1, 0] == [len(data["stickers"]) for _, data in place.events("GUILD_STICKERS_UPDATE")]
    assert [90, 91, 92] == [one["action_type"] for one in place.guild.audit_log]
    with refused(ErrorCode.UNKNOWN_STICKER):
        place.ask(stickers.get_sticker(made["id"]))


def test_a_sticker_is_a_picture_and_five_are_the_most_without_boosts() -> None:
    place = town()

    with refused(ErrorCode.INVALID_FILE_UPLOADED):
        sticker(place, b"text")
    for _ in range(5):
        sticker(place)
    with refused(ErrorCode.MAX_STICKERS):
        sticker(place)


def test_everybody_has_the_standard_packs() -> None:
    place = town()

    [pack] = place.ask(stickers.list_sticker_packs())["sticker_packs"]

    assert pack == place.ask(stickers.get_sticker_pack(pack["id"]))
    assert pack["stickers"][0] == place.ask(stickers.get_sticker(pack["stickers"][0]["id"]))
    with refused(ErrorCode.UNKNOWN_STICKER_PACK):
        place.ask(stickers.get_sticker_pack(1))


def test_stickers_are_sent_where_they_belong() -> None:
    place = town()
    made = sticker(place)
    elsewhere = build.add_guild(place.world, "elsewhere", place.alice["id"])
    build.add_member(place.world, elsewhere, place.bot.user_id)
    other = build.add_channel(place.world, elsewhere, "there")

    sent = place.ask(messages.create_message(place.general["id"], sticker_ids=[made["id"]]))

    assert [{"id": made["id"], "name": "Hi", "format_type": 1}] == sent["sticker_items"]
    with refused(ErrorCode.CANNOT_SEND_STICKER):
        place.ask(messages.create_message(other["id"], sticker_ids=[made["id"]]))
    with refused(ErrorCode.INVALID_STICKER):
        place.ask(messages.create_message(other["id"], sticker_ids=["1"]))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"content": "oak"}, ["an oak https://oak.example/a", "red oak"]),
        ({"content": "oak", "limit": 1, "offset": 1}, ["red oak"]),
        ({"sort_order": "asc", "limit": 1}, ["red oak"]),
        ({"author_type": ["bot"]}, ["beech"]),
        ({"author_type": ["-bot"], "has": ["-link"]}, ["red oak"]),
        ({"has": ["link"]}, ["an oak https://oak.example/a"]),
        ({"has": ["file"], "attachment_extension": ["txt"]}, ["beech"]),
        ({"link_hostname": ["oak.example"]}, ["an oak https://oak.example/a"]),
        ({"pinned": True}, []),
    ],
)
def test_messages_are_found_by_what_is_in_them(query: Json, expected: list[str]) -> None:
    place = town()
    bob = place.person(place.bob)
    place.message("red oak", account=bob)
    place.message("an oak https://oak.example/a", account=bob)
    place.ask(messages.create_message(place.general["id"], content="beech", files=[File(b"a", "a.txt")]))

    found = place.ask(messages.guild_search(place.guild.id, **query))

    assert expected == [one["content"] for [one] in found["messages"]]


def test_a_search_shows_only_what_one_may_read() -> None:
    place = town()
    place.message("oak")
    place.forbid(place.bob["id"], place.general, Permissions.READ_MESSAGE_HISTORY)

    assert 0 == place.ask(messages.guild_search(place.guild.id), place.person(place.bob))["total_results"]
    assert 1 == place.ask(messages.guild_search(place.guild.id, author_id=[place.bot.user_id]))["total_results"]


def test_replies_are_found_by_whom_they_answer() -> None:
    place = town()
    first = place.message("oak?", account=place.person(place.bob))
    reference: Json = {"message_id": first["id"]}
    place.ask(messages.create_message(place.general["id"], content="yes", message_reference=reference))

    found = place.ask(messages.guild_search(place.guild.id, replied_to_user_id=[place.bob["id"]]))

    assert ["yes"] == [one["content"] for [one] in found["messages"]]


def test_a_guild_shows_its_emojis_and_stickers() -> None:
    place = town()
    emoji = place.ask(emojis.create_guild_emoji(place.guild.id, name="oak", image=PNG))
    made = sticker(place)

    guild = place.ask(guilds.get_guild(place.guild.id))
    log = place.ask(audit_logs.list_guild_audit_log_entries(place.guild.id))

    assert [emoji["id"]] == [one["id"] for one in guild["emojis"]]
    assert [made["id"]] == [one["id"] for one in guild["stickers"]]
    assert [90, 60] == [one["action_type"] for one in log["audit_log_entries"]]
