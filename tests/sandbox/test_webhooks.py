"""Webhooks: made, listed, changed, deleted; and what they write."""

from __future__ import annotations

import base64

import pytest

from acord import File
from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.routes import audit_logs, channels, messages, webhooks
from acord.sandbox.answers import Json
from acord.sandbox.calls import Account
from acord.sandbox.world import build
from tests.sandbox.kit import Town, refused, town

PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG....").decode()


def made(channel: int = 0) -> tuple[Town, Json]:
    place = town()
    home = place.general if channel == 0 else build.add_channel(place.world, place.guild, "forum", channel)
    webhook = place.ask(webhooks.create_webhook(home["id"], name="Squirrel", avatar=PNG))
    place.events()
    return place, webhook


def say(place: Town, webhook: Json, **body: object) -> Json:
    route = webhooks.execute_webhook(webhook["id"], webhook["token"], wait=True, **body)  # type: ignore[arg-type]
    sent: Json = place.ask(route)
    return sent


def test_a_webhook_has_a_token_and_an_address_and_is_told() -> None:
    place = town()

    webhook = place.ask(webhooks.create_webhook(place.general["id"], name="Squirrel", reason="news"))

    assert webhook["url"].endswith(f"/webhooks/{webhook['id']}/{webhook['token']}")
    assert {"guild_id": place.guild.id, "channel_id": place.general["id"]} == place.events("WEBHOOKS_UPDATE")[0][1]
    assert (50, "news") == (place.guild.audit_log[0]["action_type"], place.guild.audit_log[0]["reason"])
    assert webhook["token"] not in str(place.guild.audit_log)


def test_webhooks_are_listed_by_channel_and_by_guild_and_fetched() -> None:
    place, webhook = made()

    for route in (webhooks.list_channel_webhooks(place.general["id"]), webhooks.get_guild_webhooks(place.guild.id)):
        assert [webhook["id"]] == [one["id"] for one in place.ask(route)]
    assert webhook == place.ask(webhooks.get_webhook(webhook["id"]))
    by_token = place.ask(webhooks.get_webhook_by_token(webhook["id"], webhook["token"]))
    assert {**by_token, "user": webhook["user"]} == webhook


def test_a_webhook_is_changed_moved_and_deleted() -> None:
    place, webhook = made()
    other = build.add_channel(place.world, place.guild, "other")

    place.ask(webhooks.update_webhook_by_token(webhook["id"], webhook["token"], name="Jay"))
    moved = place.ask(webhooks.update_webhook(webhook["id"], channel_id=other["id"], avatar=None))
    place.ask(webhooks.delete_webhook(webhook["id"]))

    assert ("Jay", None, other["id"]) == (moved["name"], moved["avatar"], moved["channel_id"])
    homes = [data["channel_id"] for _, data in place.events("WEBHOOKS_UPDATE")]
    assert [place.general["id"], other["id"], place.general["id"], other["id"]] == homes
    assert [50, 51, 52] == [one["action_type"] for one in place.guild.audit_log]
    with refused(ErrorCode.UNKNOWN_WEBHOOK):
        place.ask(webhooks.get_webhook(webhook["id"]))


def test_a_wrong_token_and_a_forbidden_name_are_refused() -> None:
    place, webhook = made()

    with refused(ErrorCode.INVALID_WEBHOOK_TOKEN):
        place.ask(webhooks.get_webhook_by_token(webhook["id"], "wrong"))
    with refused(ErrorCode.INVALID_FORM_BODY):
        place.ask(webhooks.create_webhook(place.general["id"], name="My Discord"))


def test_to_manage_webhooks_takes_a_permission() -> None:
    place = town()
    place.demote(Permissions.VIEW_CHANNEL)

    for route in (
        webhooks.create_webhook(place.general["id"], name="a"),
        webhooks.list_channel_webhooks(place.general["id"]),
        webhooks.get_guild_webhooks(place.guild.id),
    ):
        with refused(ErrorCode.MISSING_PERMISSIONS):
            place.ask(route)


def test_fifteen_webhooks_are_the_most_of_a_channel() -> None:
    place, _ = made()
    for _ in range(14):
        place.ask(webhooks.create_webhook(place.general["id"], name="a"))

    with refused(ErrorCode.MAX_WEBHOOKS):
        place.ask(webhooks.create_webhook(place.general["id"], name="a"))


def test_a_webhook_writes_under_its_name_or_another() -> None:
    place, webhook = made()

    own = say(place, webhook, content="hi")
    other = say(place, webhook, content="hi", username="Fox", avatar_url="https://a.example/fox.png")

    assert ("Squirrel", webhook["avatar"], True) == (
        own["author"]["username"],
        own["author"]["avatar"],
        own["author"]["bot"],
    )
    assert (webhook["id"], "Fox") == (other["webhook_id"], other["author"]["username"])
    [first, _] = place.events("MESSAGE_CREATE")
    assert "member" not in first[1]


def test_without_wait_nothing_comes_back_and_the_message_is_there() -> None:
    place, webhook = made()

    answer = place.ask(webhooks.execute_webhook(webhook["id"], webhook["token"], content="hi"))

    assert answer is None
    assert ["hi"] == [one["content"] for one in place.ask(messages.list_messages(place.general["id"]))]


def test_a_webhook_fetches_edits_and_deletes_its_own_messages_only() -> None:
    place, webhook = made()
    sent = say(place, webhook, content="hi", files=[File(b"a", "a.txt")])
    other = place.message()
    key = webhook["id"], webhook["token"]

    edited = place.ask(webhooks.update_webhook_message(*key, sent["id"], content="ho", attachments=[]))
    fetched = place.ask(webhooks.get_webhook_message(*key, sent["id"]))
    place.ask(webhooks.delete_webhook_message(*key, sent["id"]))

    assert ("ho", []) == (fetched["content"], fetched["attachments"])
    assert edited == fetched
    for gone in (sent["id"], other["id"]):
        with refused(ErrorCode.UNKNOWN_MESSAGE):
            place.ask(webhooks.get_webhook_message(*key, gone))


def test_a_webhook_writes_in_a_thread_of_its_channel() -> None:
    place, webhook = made()
    thread = place.ask(channels.create_thread(place.general["id"], name="t", type=11))

    sent = say(place, webhook, content="hi", thread_id=thread["id"])

    assert thread["id"] == sent["channel_id"]
    place.ask(webhooks.delete_webhook_message(webhook["id"], webhook["token"], sent["id"], thread_id=thread["id"]))
    with refused(ErrorCode.UNKNOWN_CHANNEL):
        say(place, webhook, content="hi", thread_id=place.general["id"])


def test_a_webhook_of_a_forum_starts_a_post() -> None:
    place, webhook = made(15)

    sent = say(place, webhook, content="hi", thread_name="post")

    thread = place.ask(channels.get_channel(sent["id"]))
    assert ("post", webhook["id"], 0) == (thread["name"], thread["owner_id"], thread["member_count"])
    with refused(ErrorCode.FORUM_WEBHOOK_NEEDS_THREAD):
        say(place, webhook, content="hi")
    with refused(ErrorCode.FORUM_WEBHOOK_HAS_TWO_THREADS):
        say(place, webhook, content="hi", thread_name="a", thread_id=thread["id"])


def test_a_thread_name_is_for_forums() -> None:
    place, webhook = made()

    with refused(ErrorCode.WEBHOOK_THREADS_ONLY_IN_FORUMS):
        say(place, webhook, content="hi", thread_name="a")


def test_by_default_a_webhook_mentions_users_only() -> None:
    place, webhook = made()
    role = build.add_role(place.world, place.guild, "r")
    text = f"@everyone <@&{role['id']}> <@{place.bob['id']}>"

    plain = say(place, webhook, content=text)
    loud = say(place, webhook, content=text, allowed_mentions={"parse": ["everyone", "roles"]})

    assert ([place.bob["id"]], [], False) == (
        [one["id"] for one in plain["mentions"]],
        plain["mention_roles"],
        plain["mention_everyone"],
    )
    assert ([], [role["id"]], True) == (loud["mentions"], loud["mention_roles"], loud["mention_everyone"])


@pytest.mark.parametrize("asked", [True, False])
def test_the_components_of_a_webhook_that_is_nobodys_count_when_asked_for(asked: bool) -> None:
    place, webhook = made()
    place.world.webhooks[webhook["id"]]["application_id"] = None
    link: Json = {"type": 1, "components": [{"type": 2, "style": 5, "label": "a", "url": "https://a.example"}]}

    sent = say(place, webhook, content="hi", components=[link], with_components=asked)

    assert asked is bool(sent["components"])


def test_a_webhook_that_is_nobodys_sends_no_buttons() -> None:
    place, webhook = made()
    place.world.webhooks[webhook["id"]]["application_id"] = None
    button: Json = {"type": 1, "components": [{"type": 2, "style": 1, "label": "a", "custom_id": "a"}]}

    with refused(ErrorCode.INVALID_FORM_BODY):
        say(place, webhook, content="hi", components=[button], with_components=True)


def test_the_webhooks_of_a_deleted_channel_are_gone() -> None:
    place, webhook = made()

    place.ask(channels.delete_channel(place.general["id"]))

    with refused(ErrorCode.UNKNOWN_WEBHOOK):
        place.ask(webhooks.execute_webhook(webhook["id"], webhook["token"], content="hi"))


def test_slack_messages_become_embeds() -> None:
    place, webhook = made()
    attachment: Json = {
        "title": "T",
        "title_link": "https://a.example",
        "text": "body",
        "color": "#0f0",
        "author_name": "A",
        "footer": "F",
        "fields": [{"name": "n", "value": "v"}],
    }

    answer = place.ask(
        webhooks.execute_slack_compatible_webhook(
            webhook["id"], webhook["token"], text="hi", username="Slack", attachments=[attachment]
        )
    )

    [sent] = place.ask(messages.list_messages(place.general["id"]))
    assert ("ok", "hi", "Slack") == (answer, sent["content"], sent["author"]["username"])
    assert ("T", "body", 0x00FF00) == tuple(sent["embeds"][0][key] for key in ("title", "description", "color"))


def test_a_push_on_github_becomes_an_embed() -> None:
    place, webhook = made()
    sender: Json = {"id": 1, "login": "octo", "html_url": "https://a.example", "avatar_url": "https://a.example/a.png"}
    commit: Json = {
        "id": "0123456789",
        "url": "https://a.example/c",
        "message": "Grow\n\nslowly",
        "author": {"name": "octo"},
    }
    home: Json = {"id": 1, "html_url": "https://a.example/oak", "name": "oak", "full_name": "octo/oak"}

    place.ask(
        webhooks.execute_github_compatible_webhook(
            webhook["id"],
            webhook["token"],
            sender=sender,
            repository=home,
            ref="refs/heads/main",
            commits=[commit],
            compare="https://a.example/compare",
        )
    )

    [sent] = place.ask(messages.list_messages(place.general["id"]))
    assert ("[oak:main] 1 new commit", "octo") == (sent["embeds"][0]["title"], sent["embeds"][0]["author"]["name"])


def test_an_application_needs_no_permission_for_its_own_webhook() -> None:
    place, webhook = made()
    place.demote()
    place.forbid(place.bot.user_id, place.general, Permissions.VIEW_CHANNEL)

    assert webhook["id"] == place.ask(webhooks.get_webhook(webhook["id"]))["id"]
    stranger = Account("bot", "1", place.bot.user_id)
    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(webhooks.get_webhook(webhook["id"]), stranger)


def test_the_audit_log_shows_a_webhook_without_its_token() -> None:
    place, webhook = made()

    log = place.ask(audit_logs.list_guild_audit_log_entries(place.guild.id))

    assert [webhook["id"]] == [one["id"] for one in log["webhooks"]]
    assert webhook["token"] not in str(log)
