"""Messages: written, read page by page, changed, deleted, and who is told."""

from __future__ import annotations

import pytest

from acord import File
from acord.core.signals.rest import ErrorCode
from acord.flags import MessageFlags, Permissions
from acord.routes import channels, messages
from acord.sandbox.answers import Json, Refusal
from acord.sandbox.world import build
from tests.sandbox.kit import Town, refused, town

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")


def several(place: Town, count: int) -> list[str]:
    return [place.message(str(number))["id"] for number in range(count)]


def ids(found: list[Json]) -> list[str]:
    return [one["id"] for one in found]


def test_what_was_sent_can_be_fetched() -> None:
    place = town()
    sent = place.ask(messages.create_message(place.general["id"], content="  hello "))

    found = place.ask(messages.get_message(place.general["id"], sent["id"]))

    assert sent == found
    assert ("hello", place.bot.user_id) == (found["content"], found["author"]["id"])


def test_a_message_tells_of_its_guild_its_author_and_whom_it_mentions() -> None:
    place = town()
    place.ask(messages.create_message(place.general["id"], content=f"hi <@{place.bob['id']}>"))

    [(name, data)] = place.events()

    assert "MESSAGE_CREATE" == name
    assert (place.guild.id, 0) == (data["guild_id"], data["channel_type"])
    assert "user" not in data["member"]
    assert place.guild.members[place.bob["id"]]["joined_at"] == data["mentions"][0]["member"]["joined_at"]


def test_fifty_messages_are_listed_newest_first_unless_told_otherwise() -> None:
    place = town()
    sent = several(place, 60)

    found = place.ask(messages.list_messages(place.general["id"]))

    assert sent[:9:-1] == ids(found)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"before": 5, "limit": 2}, [4, 3]),
        ({"after": 5, "limit": 2}, [7, 6]),
        ({"around": 5, "limit": 3}, [6, 5, 4]),
        ({"around": 5, "limit": 4}, [6, 5, 4, 3]),
        ({"around": 5, "limit": 1}, [5]),
        ({"around": 0, "limit": 3}, [1, 0]),
    ],
)
def test_a_page_lies_before_after_or_around_a_message(query: dict[str, int], expected: list[int]) -> None:
    place = town()
    sent = several(place, 10)
    values = {name: value if name == "limit" else sent[value] for name, value in query.items()}

    found = place.ask(messages.list_messages(place.general["id"], **values))

    assert [sent[number] for number in expected] == ids(found)


def test_without_the_history_there_is_nothing_to_read() -> None:
    place = town()
    sent = place.message()
    place.demote(Permissions.VIEW_CHANNEL)
    place.forbid(place.bot.user_id, place.general, Permissions.READ_MESSAGE_HISTORY)

    assert [] == place.ask(messages.list_messages(place.general["id"]))
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(messages.get_message(place.general["id"], sent["id"]))


def test_nothing_can_be_said_where_one_may_not() -> None:
    place = town()
    place.demote(Permissions.VIEW_CHANNEL)
    place.forbid(place.bot.user_id, place.general, Permissions.SEND_MESSAGES)

    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(messages.create_message(place.general["id"], content="hi"))


def test_what_one_does_not_see_is_no_access_and_what_is_not_there_unknown() -> None:
    place = town()
    place.demote()
    place.forbid(place.bot.user_id, place.general, Permissions.VIEW_CHANNEL)

    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(messages.create_message(place.general["id"], content="hi"))
    with refused(ErrorCode.UNKNOWN_CHANNEL):
        place.ask(messages.create_message(1, content="hi"))


@pytest.mark.parametrize("body", [{}, {"content": "  "}, {"embeds": []}])
def test_an_empty_message_is_refused(body: Json) -> None:
    place = town()

    with refused(ErrorCode.CANNOT_SEND_EMPTY_MESSAGE):
        place.ask(messages.create_message(place.general["id"], **body))


def test_two_thousand_and_one_characters_are_one_too_many() -> None:
    place = town()

    with pytest.raises(Refusal) as caught:
        place.ask(messages.create_message(place.general["id"], content="a" * 2001))

    assert {
        "content": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}]}
    } == (caught.value.errors)


def test_an_enforced_nonce_gives_the_message_that_is_there() -> None:
    place = town()
    route = messages.create_message(place.general["id"], content="once", nonce="n1", enforce_nonce=True)

    first, second = place.ask(route), place.ask(route)

    assert ("n1", first["id"]) == (second["nonce"], second["id"])
    assert ["MESSAGE_CREATE"] == [name for name, _ in place.events()]


def test_a_nonce_is_forgotten_after_some_minutes() -> None:
    place = town()
    route = messages.create_message(place.general["id"], content="once", nonce="n1", enforce_nonce=True)

    first = place.ask(route)
    place.clock.now += 301

    assert first["id"] != place.ask(route)["id"]


def test_another_nonce_or_one_that_is_not_enforced_is_another_message() -> None:
    place = town()
    first = place.ask(messages.create_message(place.general["id"], content="a", nonce=1))

    assert first["id"] != place.ask(messages.create_message(place.general["id"], content="a", nonce=1))["id"]


def test_mentions_are_those_that_the_request_and_the_permissions_allow() -> None:
    place = town()
    role = build.add_role(place.world, place.guild, "oaks")
    text = f"@everyone <@{place.bob['id']}> <@{place.alice['id']}> <@&{role['id']}>"

    def mentioned(**allowed: object) -> tuple[list[str], list[str], bool]:
        body = {"allowed_mentions": allowed} if allowed else {}
        sent = place.ask(messages.create_message(place.general["id"], content=text, **body))
        return ids(sent["mentions"]), sent["mention_roles"], sent["mention_everyone"]

    both = [place.bob["id"], place.alice["id"]]
    assert (both, [role["id"]], True) == mentioned()
    assert ([], [], False) == mentioned(parse=[])
    assert ([place.bob["id"]], [], False) == mentioned(users=[place.bob["id"]])
    assert ([], [role["id"]], False) == mentioned(parse=["roles"])
    place.demote(Permissions.VIEW_CHANNEL | Permissions.SEND_MESSAGES)
    assert (both, [], False) == mentioned()


def test_parse_and_a_list_of_the_same_exclude_each_other() -> None:
    place = town()

    with refused(ErrorCode.INVALID_FORM_BODY):
        allowed: Json = {"parse": ["users"], "users": [place.bob["id"]]}
        place.ask(messages.create_message(place.general["id"], content="hi", allowed_mentions=allowed))


def test_a_reply_shows_what_it_answers_and_null_once_that_is_gone() -> None:
    place = town()
    first = place.message("first", account=place.person(place.bob))
    answer = place.ask(
        messages.create_message(place.general["id"], content="second", message_reference={"message_id": first["id"]})
    )

    place.ask(messages.delete_message(place.general["id"], first["id"]))

    assert (19, "first", [place.bob["id"]]) == (
        answer["type"],
        answer["referenced_message"]["content"],
        ids(answer["mentions"]),
    )
    later = place.ask(messages.get_message(place.general["id"], answer["id"]))
    assert later["referenced_message"] is None


def test_a_reply_to_nothing_is_refused_unless_it_need_not_exist() -> None:
    place = town()
    reference: Json = {"message_id": "123"}

    with refused(ErrorCode.INVALID_FORM_BODY):
        place.ask(messages.create_message(place.general["id"], content="a", message_reference=reference))
    reference["fail_if_not_exists"] = False
    sent = place.ask(messages.create_message(place.general["id"], content="a", message_reference=reference))
    assert (0, False) == (sent["type"], "message_reference" in sent)


def test_a_forward_carries_a_snapshot() -> None:
    place = town()
    other = build.add_channel(place.world, place.guild, "other")
    first = place.message("look at this")
    reference: Json = {"type": 1, "message_id": first["id"], "channel_id": place.general["id"]}

    sent = place.ask(messages.create_message(other["id"], message_reference=reference))

    assert "look at this" == sent["message_snapshots"][0]["message"]["content"]
    assert MessageFlags.HAS_SNAPSHOT & sent["flags"]
    assert "" == sent["content"]


def test_an_upload_lies_on_the_cdn_under_the_address_that_the_message_says() -> None:
    place = town()
    place.world.cdn_url = "http://127.0.0.1:1"
    file = File(PNG, "my cat.png", description="A cat", content_type="image/png")

    sent = place.ask(messages.create_message(place.general["id"], files=[file]))

    [found] = sent["attachments"]
    assert ("my_cat.png", "A cat", len(PNG), 640, 480) == (
        found["filename"],
        found["description"],
        found["size"],
        found["width"],
        found["height"],
    )
    path = f"/attachments/{place.general['id']}/{found['id']}/my_cat.png"
    assert f"http://127.0.0.1:1{path}" == found["url"]
    assert PNG == place.world.attachments[path]


def test_an_edit_keeps_the_attachments_that_it_lists_and_adds_new_ones() -> None:
    place = town()
    first = place.ask(messages.create_message(place.general["id"], files=[File(b"a", "a.txt"), File(b"b", "b.txt")]))
    keep: Json = {"id": first["attachments"][1]["id"]}

    edited = place.ask(
        messages.update_message(
            place.general["id"], first["id"], attachments=[keep, {"id": 0}], files=[File(b"c", "c.txt")]
        )
    )

    assert ["b.txt", "c.txt"] == [one["filename"] for one in edited["attachments"]]
    assert {b"b", b"c"} == set(place.world.attachments.values())


def test_an_edit_without_a_list_appends() -> None:
    place = town()
    first = place.ask(messages.create_message(place.general["id"], files=[File(b"a", "a.txt")]))

    edited = place.ask(messages.update_message(place.general["id"], first["id"], files=[File(b"c", "c.txt")]))

    assert ["a.txt", "c.txt"] == [one["filename"] for one in edited["attachments"]]


def test_an_embed_is_rich_and_shows_an_uploaded_picture_by_its_address() -> None:
    place = town()
    embed: Json = {
        "title": "T",
        "url": "https://a.example",
        "color": 5,
        "timestamp": "2026-01-01T00:00:00Z",
        "image": {"url": "attachment://a.png"},
        "footer": {"text": "f", "icon_url": "https://a.example/i.png"},
        "author": {"name": "n"},
        "fields": [{"name": "a", "value": "b"}],
    }

    sent = place.ask(messages.create_message(place.general["id"], embeds=[embed], files=[File(PNG, "a.png")]))

    [found] = sent["embeds"]
    assert ("rich", "2026-01-01T00:00:00.000000+00:00") == (found["type"], found["timestamp"])
    assert sent["attachments"][0]["url"] == found["image"]["url"]
    assert [{"name": "a", "value": "b", "inline": False}] == found["fields"]


@pytest.mark.parametrize(
    "embed",
    [
        {"color": 1},
        {"title": "a", "url": "ftp://a.example"},
        {"image": {"url": "attachment://none.png"}},
        {"description": "a" * 4000, "fields": [{"name": "n", "value": "v" * 1000}] * 3},
        {"author": {"icon_url": "https://a.example/i.png"}},
    ],
)
def test_an_embed_that_discord_would_refuse_is_refused(embed: Json) -> None:
    place = town()

    with refused(ErrorCode.INVALID_FORM_BODY):
        place.ask(messages.create_message(place.general["id"], embeds=[embed], validate=False))


def test_components_get_ids_and_defaults() -> None:
    place = town()
    row: Json = {
        "type": 1,
        "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}],
    }
    menu: Json = {
        "type": 1,
        "components": [{"type": 3, "custom_id": "pick", "options": [{"label": "a", "value": "a"}]}],
    }

    sent = place.ask(messages.create_message(place.general["id"], components=[row, menu]))

    assert [1, 2, 3, 4] == [number for one in sent["components"] for number in (one["id"], one["components"][0]["id"])]
    assert (1, 1) == (
        sent["components"][1]["components"][0]["min_values"],
        sent["components"][1]["components"][0]["max_values"],
    )


def test_every_component_of_the_second_kind_is_shown() -> None:
    place = town()
    container: Json = {
        "type": 17,
        "components": [
            {"type": 10, "content": f"hello <@{place.bob['id']}>"},
            {
                "type": 9,
                "components": [{"type": 10, "content": "side"}],
                "accessory": {"type": 11, "media": {"url": "attachment://a.png"}},
            },
            {"type": 12, "items": [{"media": {"url": "https://a.example/b.png"}}]},
            {"type": 13, "file": {"url": "attachment://a.png"}},
            {"type": 14},
        ],
    }

    sent = place.ask(
        messages.create_message(
            place.general["id"],
            components=[container],
            flags=MessageFlags.IS_COMPONENTS_V2,
            files=[File(PNG, "a.png")],
        )
    )

    assert [place.bob["id"]] == ids(sent["mentions"])
    inner = sent["components"][0]["components"]
    assert sent["attachments"][0]["id"] == inner[1]["accessory"]["media"]["attachment_id"]
    assert ("a.png", len(PNG)) == (inner[3]["name"], inner[3]["size"])


@pytest.mark.parametrize(
    "body",
    [
        {"components": [{"type": 10, "content": "a"}]},
        {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "a"}]}]},
        {"components": [{"type": 1, "components": [{"type": 2, "style": 5, "label": "a"}]}]},
        {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "a"}]}]},
        {
            "components": [
                {"type": 1, "components": [{"type": 2, "style": 1, "label": "a", "custom_id": "a"}] * 2},
            ]
        },
        {"components": [{"type": 10, "content": "a"}], "content": "b", "flags": MessageFlags.IS_COMPONENTS_V2},
    ],
)
def test_components_that_discord_would_refuse_are_refused(body: Json) -> None:
    place = town()

    with refused(ErrorCode.INVALID_FORM_BODY):
        place.ask(messages.create_message(place.general["id"], **body))


def test_an_edit_is_told_whole_and_says_when() -> None:
    place = town()
    sent = place.message("before")
    place.clock.now += 5

    edited = place.ask(messages.update_message(place.general["id"], sent["id"], content="after"))

    [(name, data)] = place.events()
    assert ("MESSAGE_UPDATE", "after", place.world.time()) == (name, data["content"], data["edited_timestamp"])
    assert {**edited, "tts": False}.items() <= {**data, "mentions": edited["mentions"]}.items()


def test_what_an_edit_does_not_name_stays() -> None:
    place = town()
    sent = place.ask(messages.create_message(place.general["id"], content="text", embeds=[{"title": "a"}]))

    edited = place.ask(messages.update_message(place.general["id"], sent["id"], content=None))

    assert ("", sent["embeds"]) == (edited["content"], edited["embeds"])
    with refused(ErrorCode.CANNOT_SEND_EMPTY_MESSAGE):
        place.ask(messages.update_message(place.general["id"], sent["id"], embeds=[]))


def test_of_anothers_message_only_the_flags_can_be_changed() -> None:
    place = town()
    sent = place.message(account=place.person(place.bob))

    with refused(ErrorCode.CANNOT_EDIT_OTHERS_MESSAGE):
        place.ask(messages.update_message(place.general["id"], sent["id"], content="mine"))
    edited = place.ask(messages.update_message(place.general["id"], sent["id"], flags=MessageFlags.SUPPRESS_EMBEDS))
    assert (4, None) == (edited["flags"], edited["edited_timestamp"])


def test_a_deleted_message_is_unknown_and_everybody_is_told() -> None:
    place = town()
    sent = place.message()

    place.ask(messages.delete_message(place.general["id"], sent["id"]))

    assert [
        ("MESSAGE_DELETE", {"id": sent["id"], "channel_id": place.general["id"], "guild_id": place.guild.id})
    ] == place.events()
    with refused(ErrorCode.UNKNOWN_MESSAGE):
        place.ask(messages.get_message(place.general["id"], sent["id"]))


def test_to_delete_anothers_message_takes_a_permission_and_is_logged_with_the_reason() -> None:
    place = town()
    sent = place.message()

    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(messages.delete_message(place.general["id"], sent["id"]), place.person(place.bob))
    place.ask(messages.delete_message(place.general["id"], sent["id"], reason="spam"), place.person(place.alice))

    entry = place.guild.audit_log[-1]
    assert (72, place.bot.user_id, "spam", "1") == (
        entry["action_type"],
        entry["target_id"],
        entry["reason"],
        entry["options"]["count"],
    )


def test_many_messages_are_deleted_with_one_event() -> None:
    place = town()
    sent = several(place, 3)

    place.ask(messages.bulk_delete_messages(place.general["id"], messages=[*sent[:2], str(int(sent[0]) - 1)]))

    [(_, data)] = place.events("MESSAGE_DELETE_BULK")
    assert sent[:2] == data["ids"]
    assert sent[2:] == ids(place.ask(messages.list_messages(place.general["id"])))


def test_messages_of_more_than_two_weeks_stay() -> None:
    place = town()
    sent = several(place, 2)
    place.clock.now += 14 * 86400 + 1

    with refused(ErrorCode.MESSAGE_TOO_OLD_TO_BULK_DELETE):
        place.ask(messages.bulk_delete_messages(place.general["id"], messages=sent))

    assert 2 == len(place.ask(messages.list_messages(place.general["id"])))


def test_bulk_deletion_takes_two_to_a_hundred_different_messages_of_a_guild() -> None:
    place = town()
    one = place.message()["id"]
    direct = place.ask(channels.create_dm(recipient_id=place.bob["id"]))

    for few in ([one], [one, one]):
        with refused(ErrorCode.INVALID_BULK_DELETE_COUNT):
            place.ask(messages.bulk_delete_messages(place.general["id"], messages=few, validate=False))
    with refused(ErrorCode.NOT_IN_DM_CHANNEL):
        place.ask(messages.bulk_delete_messages(direct["id"], messages=[one, "1"]))


def test_a_crosspost_arrives_in_the_channels_that_follow() -> None:
    place = town()
    news = build.add_channel(place.world, place.guild, "news", 5)
    followed = place.ask(channels.follow_channel(news["id"], webhook_channel_id=place.general["id"]))
    sent = place.message("news!", news)

    published = place.ask(messages.crosspost_message(news["id"], sent["id"]))

    copy, notice = place.ask(messages.list_messages(place.general["id"]))
    assert MessageFlags.CROSSPOSTED & published["flags"]
    assert (12, "The oak #news") == (notice["type"], notice["content"])
    assert ("news!", followed["webhook_id"], sent["id"]) == (
        copy["content"],
        copy["webhook_id"],
        copy["message_reference"]["message_id"],
    )
    with refused(ErrorCode.MESSAGE_ALREADY_CROSSPOSTED):
        place.ask(messages.crosspost_message(news["id"], sent["id"]))


def test_slowmode_holds_people_and_not_bots() -> None:
    place = town()
    place.general["rate_limit_per_user"] = 10
    bob = place.person(place.bob)
    place.message(account=bob)
    place.clock.now += 4

    with pytest.raises(Refusal) as caught:
        place.message(account=bob)
    place.message()
    place.message()

    assert (429, 20016, 6.0) == (caught.value.status, caught.value.code, caught.value.more["retry_after"])


def test_a_voice_message_is_one_audio_file_with_its_waveform() -> None:
    place = town()
    described: Json = {"id": 0, "waveform": "AAAA", "duration_secs": 1.5}
    audio = File(b"ogg", "voice.ogg", content_type="audio/ogg")
    flags = MessageFlags.IS_VOICE_MESSAGE

    sent = place.ask(messages.create_message(place.general["id"], flags=flags, attachments=[described], files=[audio]))

    assert 1.5 == sent["attachments"][0]["duration_secs"]
    with refused(ErrorCode.VOICE_MESSAGE_NEEDS_METADATA):
        place.ask(messages.create_message(place.general["id"], flags=flags, files=[audio]))
    with refused(ErrorCode.CANNOT_EDIT_VOICE_MESSAGE):
        place.ask(messages.update_message(place.general["id"], sent["id"], content="a"))


def test_flags_that_a_request_may_not_set_are_dropped() -> None:
    place = town()

    sent = place.ask(messages.create_message(place.general["id"], content="a", flags=64 | 4096))

    assert 4096 == sent["flags"]


def test_embeds_that_are_suppressed_are_not_shown_until_they_are_again() -> None:
    place = town()
    sent = place.ask(messages.create_message(place.general["id"], embeds=[{"title": "a"}]))

    hidden = place.ask(messages.update_message(place.general["id"], sent["id"], flags=MessageFlags.SUPPRESS_EMBEDS))
    shown = place.ask(messages.update_message(place.general["id"], sent["id"], flags=0))

    assert ([], sent["embeds"]) == (hidden["embeds"], shown["embeds"])


def test_typing_is_no_message_for_slowmode() -> None:
    place = town()
    place.general["rate_limit_per_user"] = 10

    place.ask(channels.trigger_typing_indicator(place.general["id"]), place.person(place.bob))

    place.message(account=place.person(place.bob))


def test_a_bot_without_the_switch_reads_only_what_is_for_it() -> None:
    place = town()
    place.world.applications[place.bot.application_id]["flags"] = 0
    alice = place.person(place.alice)
    place.message("hello", account=alice)
    place.message(f"hello <@{place.bot.user_id}>", account=alice)
    place.message("mine")

    read = place.ask(messages.list_messages(place.general["id"]))
    of_alice = place.ask(messages.list_messages(place.general["id"]), alice)

    assert ["mine", f"hello <@{place.bot.user_id}>", ""] == [message["content"] for message in read]
    assert "hello" == of_alice[-1]["content"]
