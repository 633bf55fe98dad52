"""For each resource of the everyday world: make one, read it, change it, find it in the list, delete it; over a real
socket with the real client, whose gateway tells of it. Every answer and every event fits the exported documents.
"""

from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from acord import routes
from acord.core.client import Client
from acord.core.types import File
from acord.events import Ready
from acord.models import AuditLogActionType
from acord.sandbox.sandbox import Sandbox
from acord.testing.clock import VirtualTime
from tests.sandbox.walker import Walker

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6300010000000500010d0a2db4"
    "0000000049454e44ae426082"
)


@pytest.fixture
async def walk(sandbox: Sandbox, acord_client: Client, fake_clock: VirtualTime) -> AsyncGenerator[Walker]:
    walker = Walker(sandbox, acord_client)
    await acord_client.wait_for(Ready)
    await walker.hears("GUILD_CREATE")
    yield walker
    walker.judge()


def ids(found: Any) -> list[str]:
    return [one["id"] for one in found]


async def test_a_message(walk: Walker) -> None:
    general = walk.sandbox.general
    made = await walk(
        routes.create_message(
            general,
            content="hi <@1>",
            embeds=[{"title": "An oak", "fields": [{"name": "age", "value": "300"}]}],
            components=[{"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}],
            files=[File(b"leaf", filename="leaf.txt", description="a leaf")],
            nonce="1",
            enforce_nonce=True,
        )
    )
    message_id = made["id"]
    assert made == await walk(routes.get_message(general, message_id)) | {"nonce": "1"}
    await walk(routes.update_message(general, message_id, content="ho"))
    assert message_id == ids(await walk(routes.list_messages(general, limit=2)))[0]
    assert [] == await walk(routes.list_messages(general, after=message_id))
    await walk(routes.trigger_typing_indicator(general))
    await walk(routes.delete_message(general, message_id))
    assert 10008 == await walk.gone(routes.get_message(general, message_id))
    await walk.hears("MESSAGE_CREATE", "MESSAGE_UPDATE", "TYPING_START", "MESSAGE_DELETE")


async def test_a_reply_and_many_messages_at_once(walk: Walker) -> None:
    general = walk.sandbox.general
    first = await walk(routes.create_message(general, content="one"))
    reply = await walk(routes.create_message(general, content="two", message_reference={"message_id": first["id"]}))
    assert first["id"] == reply["referenced_message"]["id"]
    await walk(routes.bulk_delete_messages(general, messages=[first["id"], reply["id"]]))
    await walk.hears("MESSAGE_CREATE", "MESSAGE_DELETE_BULK")


async def test_a_pin(walk: Walker) -> None:
    general, (message_id, _) = walk.sandbox.general, walk.sandbox.seeds.message_ids
    await walk(routes.create_pin(general, message_id, reason="keep"))
    assert [message_id] == [pin["message"]["id"] for pin in (await walk(routes.list_pins(general)))["items"]]
    await walk(routes.delete_pin(general, message_id))
    assert [] == (await walk(routes.list_pins(general)))["items"]
    await walk.hears("CHANNEL_PINS_UPDATE", "MESSAGE_UPDATE")


async def test_a_reaction(walk: Walker) -> None:
    general, (message_id, _) = walk.sandbox.general, walk.sandbox.seeds.message_ids
    await walk(routes.add_my_message_reaction(general, message_id, "🌳"))
    who = await walk(routes.list_message_reactions_by_emoji(general, message_id, "🌳"))
    assert [walk.sandbox.seeds.bot_id] == ids(who)
    await walk(routes.delete_my_message_reaction(general, message_id, "🌳"))
    await walk(routes.add_my_message_reaction(general, message_id, "🌰"))
    await walk(routes.delete_all_message_reactions_by_emoji(general, message_id, "🌰"))
    await walk(routes.add_my_message_reaction(general, message_id, "🌿"))
    await walk(routes.delete_all_message_reactions(general, message_id))
    await walk.hears(
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
        "MESSAGE_REACTION_REMOVE_EMOJI",
        "MESSAGE_REACTION_REMOVE_ALL",
    )


async def test_a_poll(walk: Walker) -> None:
    general = walk.sandbox.general
    poll: Any = {"question": {"text": "Oak?"}, "answers": [{"poll_media": {"text": "yes"}}], "duration": 1}
    made = await walk(routes.create_message(general, poll=poll))
    assert {"users": []} == await walk(routes.get_answer_voters(general, made["id"], 1))
    await walk(routes.poll_expire(general, made["id"]))
    await walk.hears("MESSAGE_CREATE", "MESSAGE_UPDATE")


@pytest.mark.parametrize("kind", [0, 2, 4, 5, 13, 15])
async def test_a_channel(walk: Walker, kind: int) -> None:
    guild = walk.sandbox.guild
    walk.sandbox.world.guilds[guild].data["features"] = ["COMMUNITY"]  # where kinds 5 and 13 are allowed
    made = await walk(routes.create_guild_channel(guild, name="leaves", type=kind, reason="autumn"))
    channel_id = made["id"]
    assert made == await walk(routes.get_channel(channel_id))
    changed = await walk(routes.update_channel(channel_id, name="branches"))
    assert "branches" == changed["name"]
    assert channel_id in ids(await walk(routes.list_guild_channels(guild)))
    await walk(routes.bulk_update_guild_channels(guild, [{"id": channel_id, "position": 0}]))
    await walk(routes.set_channel_permission_overwrite(channel_id, guild, type=0, deny=1 << 11))
    await walk(routes.delete_channel_permission_overwrite(channel_id, guild))
    await walk(routes.delete_channel(channel_id))
    assert 10003 == await walk.gone(routes.get_channel(channel_id))
    await walk.hears("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE")


async def test_a_thread(walk: Walker) -> None:
    general, guild = walk.sandbox.general, walk.sandbox.guild
    made = await walk(routes.create_thread(general, name="a walk", type=11))
    thread_id = made["id"]
    await walk(routes.get_channel(thread_id))
    assert thread_id in ids((await walk(routes.get_active_guild_threads(guild)))["threads"])
    await walk(routes.add_thread_member(thread_id, walk.sandbox.seeds.bob_id))
    assert 2 == len(await walk(routes.list_thread_members(thread_id)))
    await walk(routes.get_thread_member(thread_id, walk.sandbox.seeds.bob_id))
    await walk(routes.delete_thread_member(thread_id, walk.sandbox.seeds.bob_id))
    await walk(routes.leave_thread(thread_id))
    await walk(routes.join_thread(thread_id))
    await walk(routes.create_message(thread_id, content="in here"))
    await walk(routes.update_channel(thread_id, archived=True))
    assert thread_id in ids((await walk(routes.list_public_archived_threads(general)))["threads"])
    await walk(routes.delete_channel(thread_id))
    await walk.hears("THREAD_CREATE", "THREAD_UPDATE", "THREAD_MEMBERS_UPDATE", "THREAD_DELETE")


async def test_threads_of_a_message_and_of_a_forum(walk: Walker) -> None:
    general, (message_id, _) = walk.sandbox.general, walk.sandbox.seeds.message_ids
    from_message = await walk(routes.create_thread_from_message(general, message_id, name="about this"))
    assert message_id == from_message["id"]
    post = await walk(
        routes.create_thread(walk.sandbox.seeds.forum_id, name="a post", message={"content": "the first"})
    )
    assert "the first" == (await walk(routes.list_messages(post["id"])))[0]["content"]
    await walk.hears("THREAD_CREATE", "MESSAGE_CREATE")


async def test_a_direct_message(walk: Walker) -> None:
    channel = await walk(routes.create_dm(recipient_id=walk.sandbox.seeds.bob_id))
    made = await walk(routes.create_message(channel["id"], content="psst"))
    await walk(routes.get_channel(channel["id"]))
    await walk(routes.update_message(channel["id"], made["id"], content="psst!"))
    await walk(routes.delete_message(channel["id"], made["id"]))
    await walk.hears("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE")


async def test_a_role(walk: Walker) -> None:
    guild, bob = walk.sandbox.guild, walk.sandbox.seeds.bob_id
    made = await walk(routes.create_guild_role(guild, name="gardener", color=0x228B22, permissions=1 << 10))
    role_id = made["id"]
    assert made == await walk(routes.get_guild_role(guild, role_id))
    assert "forester" == (await walk(routes.update_guild_role(guild, role_id, name="forester")))["name"]
    assert role_id in ids(await walk(routes.list_guild_roles(guild)))
    await walk(routes.bulk_update_guild_roles(guild, [{"id": role_id, "position": 1}]))
    await walk(routes.add_guild_member_role(guild, bob, role_id))
    assert [role_id] == (await walk(routes.get_guild_member(guild, bob)))["roles"]
    await walk(routes.delete_guild_member_role(guild, bob, role_id))
    await walk(routes.guild_role_member_counts(guild))
    await walk(routes.delete_guild_role(guild, role_id, reason="winter"))
    assert role_id not in ids(await walk(routes.list_guild_roles(guild)))
    await walk.hears("GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE", "GUILD_MEMBER_UPDATE")


async def test_a_member(walk: Walker) -> None:
    guild, bob = walk.sandbox.guild, walk.sandbox.seeds.bob_id
    assert "Bobby" == (await walk(routes.update_guild_member(guild, bob, nick="Bobby")))["nick"]
    assert 3 == len(await walk(routes.list_guild_members(guild, limit=10)))
    assert [bob] == [one["user"]["id"] for one in await walk(routes.search_guild_members(guild, query="bob"))]
    await walk(routes.update_my_guild_member(guild, nick="Acorn"))
    await walk(routes.delete_guild_member(guild, bob))
    assert 10007 == await walk.gone(routes.get_guild_member(guild, bob))
    await walk.hears("GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE")


async def test_a_ban(walk: Walker) -> None:
    guild, bob = walk.sandbox.guild, walk.sandbox.seeds.bob_id
    await walk(routes.ban_user_from_guild(guild, bob, reason="sawing"))
    assert "sawing" == (await walk(routes.get_guild_ban(guild, bob)))["reason"]
    assert [bob] == [ban["user"]["id"] for ban in await walk(routes.list_guild_bans(guild))]
    await walk(routes.unban_user_from_guild(guild, bob))
    assert 10026 == await walk.gone(routes.get_guild_ban(guild, bob))
    await walk.hears("GUILD_BAN_ADD", "GUILD_BAN_REMOVE", "GUILD_MEMBER_REMOVE")


async def test_an_emoji(walk: Walker) -> None:
    guild = walk.sandbox.guild
    made = await walk(routes.create_guild_emoji(guild, name="leaf", image=PNG))
    await walk(routes.get_guild_emoji(guild, made["id"]))
    await walk(routes.update_guild_emoji(guild, made["id"], name="twig"))
    assert [made["id"]] == ids(await walk(routes.list_guild_emojis(guild)))
    await walk(routes.delete_guild_emoji(guild, made["id"]))
    assert 10014 == await walk.gone(routes.get_guild_emoji(guild, made["id"]))
    await walk.hears("GUILD_EMOJIS_UPDATE")


async def test_a_sticker(walk: Walker) -> None:
    guild = walk.sandbox.guild
    made = await walk(routes.create_guild_sticker(guild, name="bark", tags="dog", file=File(PNG, filename="b.png")))
    await walk(routes.get_guild_sticker(guild, made["id"]))
    await walk(routes.update_guild_sticker(guild, made["id"], name="moss"))
    assert [made["id"]] == ids(await walk(routes.list_guild_stickers(guild)))
    await walk(routes.create_message(walk.sandbox.general, sticker_ids=[made["id"]]))
    await walk(routes.delete_guild_sticker(guild, made["id"]))
    await walk.hears("GUILD_STICKERS_UPDATE", "MESSAGE_CREATE")


async def test_a_webhook(walk: Walker) -> None:
    general, guild = walk.sandbox.general, walk.sandbox.guild
    made = await walk(routes.create_webhook(general, name="post"))
    hook, token = made["id"], made["token"]
    await walk(routes.get_webhook(hook))
    await walk(routes.update_webhook(hook, name="mail"))
    assert [hook] == ids(await walk(routes.list_channel_webhooks(general)))
    assert [hook] == ids(await walk(routes.get_guild_webhooks(guild)))
    said = await walk(routes.execute_webhook(hook, token, content="hear", wait=True, username="The wind"))
    await walk(routes.get_webhook_message(hook, token, said["id"]))
    await walk(routes.update_webhook_message(hook, token, said["id"], content="hear, hear"))
    await walk(routes.delete_webhook_message(hook, token, said["id"]))
    await walk(routes.execute_webhook(hook, token, content="no answer"), status=204)
    await walk(routes.get_webhook_by_token(hook, token))
    await walk(routes.delete_webhook(hook))
    assert 10015 == await walk.gone(routes.get_webhook(hook))
    await walk.hears("WEBHOOKS_UPDATE", "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE")


async def test_an_invite(walk: Walker) -> None:
    general, guild = walk.sandbox.general, walk.sandbox.guild
    made = await walk(routes.create_channel_invite(general, max_age=60))
    code = made["code"]
    await walk(routes.invite_resolve(code, with_counts=True))
    assert [code] == [one["code"] for one in await walk(routes.list_guild_invites(guild))]
    assert [code] == [one["code"] for one in await walk(routes.list_channel_invites(general))]
    await walk(routes.invite_revoke(code))
    assert 10006 == await walk.gone(routes.invite_resolve(code))
    await walk.hears("INVITE_CREATE", "INVITE_DELETE")


@pytest.mark.parametrize("where", ["everywhere", "in a guild"])
async def test_a_command(walk: Walker, where: str) -> None:
    place: tuple[Any, ...] = (walk.sandbox.seeds.application_id,)
    operations: Any = routes
    kind = ""
    if where == "in a guild":
        place, kind = (*place, walk.sandbox.guild), "guild_"

    def of(verb: str, ending: str = "application_command") -> Callable[..., Any]:
        made: Callable[..., Any] = getattr(operations, f"{verb}_{kind}{ending}")
        return made

    made = await walk(of("create")(*place, name="plant", description="plants a tree", type=1))
    await walk(of("get")(*place, made["id"]))
    await walk(of("update")(*place, made["id"], description="plants an oak"))
    assert [made["id"]] == ids(await walk(of("list", "application_commands")(*place)))
    await walk(of("bulk_set", "application_commands")(*place, [{"name": "fell", "type": 1, "description": "no"}]))
    (other,) = await walk(of("list", "application_commands")(*place))
    await walk(of("delete")(*place, other["id"]))
    assert 10063 == await walk.gone(of("get")(*place, other["id"]))


async def test_an_interaction(walk: Walker) -> None:
    app, general = walk.sandbox.seeds.application_id, walk.sandbox.general
    await walk(routes.create_application_command(app, name="plant", description="plants a tree", type=1))
    walk.sandbox.alice.run_command(general, "plant")
    await walk.hears("INTERACTION_CREATE")
    frame = next(one for one in reversed(walk.sandbox.frames) if one.t == "INTERACTION_CREATE")
    token = next(iter(walk.sandbox.world.interactions))
    await walk(
        routes.create_interaction_response(
            frame.d["id"], token, type=4, data={"content": "planted"}, with_response=True
        )
    )
    original = await walk(routes.get_original_webhook_message(app, token))
    await walk(routes.update_original_webhook_message(app, token, content="planted an oak"))
    more = await walk(routes.execute_webhook(app, token, content="and watered", wait=True))
    assert original["id"] != more["id"]
    await walk(routes.update_webhook_message(app, token, more["id"], content="and watered it"))
    await walk(routes.delete_webhook_message(app, token, more["id"]))
    await walk(routes.delete_original_webhook_message(app, token))
    await walk.hears("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE")


async def test_a_guild(walk: Walker) -> None:
    guild = walk.sandbox.guild
    await walk(routes.get_guild(guild, with_counts=True))
    assert "The elm" == (await walk(routes.update_guild(guild, name="The elm")))["name"]
    await walk(routes.get_guild_preview(guild))
    await walk(routes.get_guild_widget_settings(guild))
    await walk(routes.update_guild_widget_settings(guild, enabled=True))
    await walk(routes.get_guild_widget(guild))
    await walk(routes.get_guild_widget_png(guild))
    await walk(routes.preview_prune_guild(guild, days=7))
    assert [guild] == ids(await walk(routes.list_my_guilds()))
    await walk.hears("GUILD_UPDATE")
    await walk(routes.leave_guild(guild))
    await walk.hears("GUILD_DELETE")


async def test_the_bot_itself(walk: Walker) -> None:
    await walk(routes.get_my_user())
    await walk(routes.update_my_user(username="oaky"))
    await walk(routes.get_user(walk.sandbox.seeds.bob_id))
    await walk(routes.get_my_application())
    await walk(routes.update_my_application(description={"default": "an acorn"}))
    await walk.hears("USER_UPDATE")


async def test_a_voice_state(walk: Walker) -> None:
    walk.sandbox.bob.enter_voice(walk.sandbox.seeds.voice_id)
    await walk(routes.get_voice_state(walk.sandbox.guild, walk.sandbox.seeds.bob_id))
    await walk(routes.update_guild_member(walk.sandbox.guild, walk.sandbox.seeds.bob_id, mute=True))
    walk.sandbox.bob.leave_voice(walk.sandbox.guild)
    await walk(routes.list_voice_regions())
    await walk.hears("VOICE_STATE_UPDATE")


async def test_the_audit_log_has_the_reason(walk: Walker) -> None:
    guild = walk.sandbox.guild
    made = await walk(routes.create_guild_role(guild, name="x", reason="für die Eiche"))
    log = await walk(routes.list_guild_audit_log_entries(guild, action_type=AuditLogActionType.ROLE_CREATE))
    (entry,) = log["audit_log_entries"]
    assert (made["id"], "für die Eiche") == (entry["target_id"], entry["reason"])
    await walk.hears("GUILD_AUDIT_LOG_ENTRY_CREATE")


async def test_what_people_do(walk: Walker) -> None:
    alice, bob, general = walk.sandbox.alice, walk.sandbox.bob, walk.sandbox.general
    message = bob.send(general, "hello")
    alice.react(message, "🌳")
    alice.unreact(message, "🌳")
    bob.type(general)
    bob.edit(message, "hello!")
    bob.delete(message)
    bob.dm(walk.sandbox.seeds.bot_id, "psst")
    bob.leave(walk.sandbox.guild)
    await walk.hears(
        "MESSAGE_CREATE",
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
        "TYPING_START",
        "MESSAGE_UPDATE",
        "MESSAGE_DELETE",
        "GUILD_MEMBER_REMOVE",
    )
