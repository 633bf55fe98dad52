"""What the examples of the operations' pages call with, on the sandbox. Data; `docs._make.examples` makes code of it."""

from collections.abc import Mapping
from typing import Final

__all__ = ["ARGUMENTS", "PATH", "SETUPS", "SPECIAL"]

SETUPS: Final[Mapping[str, str]] = {
    "app": "app = discord.seeds.application_id",
    "bob": "bob = discord.bob.id",
    "message_id": "message_id = discord.seeds.message_ids[0]",
    "hook": 'hook = await http.request(webhooks.create_webhook(discord.general, name="post"))',
    "hook_message": 'hook_message = await http.request(webhooks.execute_webhook(hook.id, hook.token or "", content="hear", wait=True))',
    "original": (
        'await http.request(commands.create_application_command(app, name="plant", description="plants a tree", type=1))\n'
        'original = discord.alice.run_command(discord.general, "plant")\n'
        "# A bot reads the token in INTERACTION_CREATE.\n"
        "token = list(discord.world.interactions)[-1]"
    ),
    "answered": (
        "answered = original.id\n"
        "await http.request(interactions.create_interaction_response(\n"
        '    answered, token, type=4, data={"content": "planted"}\n'
        "))"
    ),
    "role": 'role = await http.request(roles.create_guild_role(discord.guild, name="gardener"))',
    "given_role": (
        'given_role = await http.request(roles.create_guild_role(discord.guild, name="gardener"))\n'
        "await http.request(roles.add_guild_member_role(discord.guild, bob, given_role.id))"
    ),
    "command": 'command = await http.request(commands.create_application_command(app, name="plant", description="plants a tree"))',
    "guild_command": (
        "guild_command = await http.request(commands.create_guild_application_command(\n"
        '    app, discord.guild, name="plant", description="plants a tree"\n'
        "))"
    ),
    "emoji": 'emoji = await http.request(emojis.create_guild_emoji(discord.guild, name="leaf", image=PNG))',
    "app_emoji": 'app_emoji = await http.request(emojis.create_application_emoji(app, name="leaf", image=PNG))',
    "PNG": 'PNG = bytes.fromhex(\n    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"\n'
    '    "0000000d49444154789c6300010000000500010d0a2db40000000049454e44ae426082"\n)',
    "sticker": 'sticker = await http.request(stickers.create_guild_sticker(discord.guild, name="bark", tags="dog", file=File(PNG, filename="b.png")))',
    "SOUND": 'SOUND = "data:audio/ogg;base64,T2dnUw=="',
    "sound": 'sound = await http.request(soundboard.create_guild_soundboard_sound(discord.guild, name="rustle", sound=SOUND))',
    "rule": (
        "rule = await http.request(auto_moderation.create_auto_moderation_rule(\n"
        '    discord.guild, name="No axes", event_type=1, trigger_type=1, trigger_metadata={"keyword_filter": ["axe"]}\n'
        "))"
    ),
    "invite": "invite = await http.request(invites.create_channel_invite(discord.general, max_age=3600))",
    "template": 'template = await http.request(templates.create_guild_template(discord.guild, name="Oaks"))',
    "thread": 'thread = await http.request(channels.create_thread(discord.general, name="a walk", type=11))',
    "member_thread": (
        'member_thread = await http.request(channels.create_thread(discord.general, name="a walk", type=11))\n'
        "await http.request(channels.add_thread_member(member_thread.id, bob))"
    ),
    "left_thread": (
        'left_thread = await http.request(channels.create_thread(discord.general, name="a walk", type=11))\n'
        "await http.request(channels.leave_thread(left_thread.id))"
    ),
    "lobby": "lobby = await http.request(lobbies.create_lobby())",
    "bobs_lobby": 'bobs_lobby = await http.request(lobbies.create_or_join_lobby(secret="oak"), auth=bobs)',
    "owned_lobby": 'owned_lobby = await http.request(lobbies.create_lobby(members=[{"id": bob, "flags": 1}]))',
    "linked_lobby": (
        'linked_lobby = await http.request(lobbies.create_lobby(members=[{"id": bob, "flags": 1}]))\n'
        "await http.request(lobbies.edit_lobby_channel_link(linked_lobby.id, channel_id=discord.general), auth=bobs)"
    ),
    "lobby_message": 'lobby_message = await http.request(lobbies.create_lobby_message(bobs_lobby.id, content="hi"), auth=bobs)',
    "stage": 'discord.world.guilds[discord.guild].data["features"] = ["COMMUNITY"]\nstage = await http.request(guilds.create_guild_channel(discord.guild, name="stage", type=13))',
    "opened": 'await http.request(stages.create_stage_instance(topic="Trees", channel_id=stage.id))\nopened = stage.id',
    "event": (
        "event = await http.request(scheduled_events.create_guild_scheduled_event(\n"
        '    discord.guild, name="Planting", entity_type=2, channel_id=discord.seeds.voice_id, privacy_level=2,\n'
        '    scheduled_start_time="2031-04-25T10:00:00+00:00"\n'
        "))"
    ),
    "weekly": (
        "weekly = await http.request(scheduled_events.create_guild_scheduled_event(\n"
        '    discord.guild, name="Planting", entity_type=2, channel_id=discord.seeds.voice_id, privacy_level=2,\n'
        '    scheduled_start_time="2031-04-25T10:00:00+00:00",\n'
        '    recurrence_rule={"start": "2031-04-25T10:00:00+00:00", "frequency": 2, "interval": 1},\n'
        "))"
    ),
    "exception": (
        "exception = await http.request(scheduled_events.create_guild_scheduled_event_exception(\n"
        '    discord.guild, weekly.id, original_scheduled_start_time="2031-05-02T10:00:00+00:00", is_canceled=True\n'
        "))"
    ),
    "poll": (
        "poll = await http.request(messages.create_message(discord.general, poll={\n"
        '    "question": {"text": "Oak?"}, "answers": [{"poll_media": {"text": "yes"}}], "duration": 1\n'
        "}))"
    ),
    "pinned": "pinned = discord.seeds.message_ids[0]\nawait http.request(messages.create_pin(discord.general, pinned))",
    "reacted": (
        "reacted = discord.seeds.message_ids[0]\n"
        'await http.request(messages.add_my_message_reaction(discord.general, reacted, "🌳"))'
    ),
    "own": 'own = await http.request(messages.create_message(discord.general, content="Acorns fall."))',
    "other": 'other = await http.request(messages.create_message(discord.general, content="Leaves, too."))',
    "banned": "banned = discord.bob.id\nawait http.request(guilds.ban_user_from_guild(discord.guild, banned))",
    "news": 'discord.world.guilds[discord.guild].data["features"] = ["COMMUNITY"]\nnews = await http.request(guilds.create_guild_channel(discord.guild, name="news", type=5))',
    "posted": 'posted = await http.request(messages.create_message(news.id, content="An oak has fallen."))',
    "dm": "dm = await http.request(channels.create_dm(recipient_id=bob))",
    "sku": 'sku = add_sku(discord.world, app, "Golden acorn")["id"]',
    "consumable": 'consumable = add_sku(discord.world, app, "Acorn", SKUType.CONSUMABLE)["id"]',
    "entitlement": "entitlement = await http.request(entitlements.create_entitlement(app, sku_id=sku, owner_id=bob, owner_type=2))",
    "bought": "bought = await http.request(entitlements.create_entitlement(app, sku_id=consumable, owner_id=bob, owner_type=2))",
    "in_voice": "in_voice = discord.bob\nin_voice.enter_voice(discord.seeds.voice_id)",
    "on_stage": "on_stage = discord.bob\non_stage.enter_voice(stage.id)",
    "bot_in_voice": "bot_in_voice = Person(discord.world, discord.seeds.bot_id)\nbot_in_voice.enter_voice(discord.seeds.voice_id)",
    "bot_on_stage": "bot_on_stage = Person(discord.world, discord.seeds.bot_id)\nbot_on_stage.enter_voice(stage.id)",
    "alices": (
        "# Alice has consented to these scopes.\n"
        'discord.world.accounts["alices"] = Account("bearer", app, str(discord.alice.id), SCOPES)\n'
        'alices = Token.bearer("alices")'
    ),
    "bobs": (
        "# Bob has consented to these scopes.\n"
        'discord.world.accounts["bobs"] = Account("bearer", app, str(discord.bob.id), SCOPES)\n'
        'bobs = Token.bearer("bobs")'
    ),
    "overwrite": (
        'overwrite = await http.request(roles.create_guild_role(discord.guild, name="gardener"))\n'
        "await http.request(channels.set_channel_permission_overwrite(discord.general, overwrite.id, type=0, deny=0))"
    ),
    "grown": "grown = await http.request(channels.create_dm(access_tokens=[alices.reveal(), bobs.reveal()]))",
    "permitted": (
        "permitted = await http.request(commands.create_guild_application_command(\n"
        '    app, discord.guild, name="plant", description="plants a tree"\n'
        "))\n"
        "await http.request(commands.set_guild_application_command_permissions(\n"
        '    app, discord.guild, permitted.id, permissions=[{"id": bob, "type": 2, "permission": True}]\n'
        "), auth=alices)"
    ),
    "shown": "shown = await http.request(guilds.update_guild_widget_settings(discord.guild, enabled=True))",
    "welcoming": (
        "welcoming = await http.request(guilds.update_guild_welcome_screen(\n"
        '    discord.guild, description="Welcome under the oak", enabled=True\n'
        "))"
    ),
    "left": "left = bob\ndiscord.bob.leave(discord.guild)",
    "packs": "packs = await http.request(stickers.list_sticker_packs())",
    "vanity": 'vanity = discord.world.guilds[discord.guild].data\nvanity |= {"features": ["VANITY_URL"], "vanity_url_code": "oak"}',
    "SCOPES": "",
}
"""Name -> the lines that make it. Those whose names a call mentions stand before it."""

PATH: Final[Mapping[str, str]] = {
    "application_id": "app",
    "guild_id": "discord.guild",
    "channel_id": "discord.general",
    "message_id": "message_id",
    "user_id": "bob",
    "role_id": "role.id",
    "overwrite_id": "role.id",
    "webhook_id": "hook.id",
    "webhook_token": 'hook.token or ""',
    "command_id": "command.id",
    "emoji_id": "emoji.id",
    "emoji_name": '"🌳"',
    "sticker_id": "sticker.id",
    "sound_id": "sound.sound_id",
    "rule_id": "rule.id",
    "entitlement_id": "entitlement.id",
    "sku_id": "sku",
    "guild_scheduled_event_id": "event.id",
    "exception_id": "exception.event_exception_id",
    "guild_scheduled_event_exception_id": "exception.event_exception_id",
    "lobby_id": "lobby.id",
    "interaction_id": "original.id",
    "interaction_token": "token",
    "integration_id": "app",
    "answer_id": "1",
    "instance_id": '"i-1250000000000000000-gc-1250000000000000001-1250000000000000002"',
    "request_id": "1250000000000000000",
    "subscription_id": "1250000000000000000",
    "pack_id": "847199849233514549",
    "user_id_1": "discord.alice.id",
    "user_id_2": "bob",
    "code": "invite.code",
}
"""Parameter of a path -> what an example gives for it."""

ARGUMENTS: Final[Mapping[str, str]] = {
    "update_my_application": 'description={"default": "An acorn."}',
    "update_application": 'description={"default": "An acorn."}',
    "upload_application_attachment": 'file=File(b"leaf", filename="leaf.txt")',
    "update_application_role_connections_metadata": '[{"type": 2, "key": "trees", "name": "Trees", "description": "Trees planted"}]',
    "list_guild_audit_log_entries": "limit=10",
    "create_auto_moderation_rule": (
        'name="No axes", event_type=1, trigger_type=1, trigger_metadata={"keyword_filter": ["axe"]}'
    ),
    "update_auto_moderation_rule": "enabled=True",
    "update_channel": 'topic="What there is to say", reason="spring"',
    "create_thread_from_message": 'name="about this"',
    "set_channel_permission_overwrite": "type=0, deny=Permissions.SEND_MESSAGES",
    "create_thread": 'name="a walk", type=11',
    "thread_search": 'name="walk"',
    "create_dm": "recipient_id=bob",
    "create_application_command": 'name="plant", description="plants a tree"',
    "create_guild_application_command": 'name="plant", description="plants a tree"',
    "bulk_set_application_commands": '[{"name": "plant", "description": "plants a tree"}]',
    "bulk_set_guild_application_commands": '[{"name": "plant", "description": "plants a tree"}]',
    "update_application_command": 'description="plants an oak"',
    "update_guild_application_command": 'description="plants an oak"',
    "create_application_emoji": 'name="leaf", image=PNG',
    "update_application_emoji": 'name="twig"',
    "create_guild_emoji": 'name="leaf", image=PNG',
    "update_guild_emoji": 'name="twig"',
    "create_entitlement": "sku_id=sku, owner_id=bob, owner_type=2",
    "update_guild": 'name="The elm", reason="It grew."',
    "ban_user_from_guild": 'delete_message_seconds=3600, reason="sawing"',
    "bulk_ban_users_from_guild": "user_ids=[bob]",
    "create_guild_channel": 'name="leaves", type=0',
    "bulk_update_guild_channels": '[{"id": discord.random, "position": 0}]',
    "update_guild_incident_actions": "invites_disabled_until=datetime.now(UTC) + timedelta(hours=1)",
    "preview_prune_guild": "days=7",
    "prune_guild": "days=7",
    "update_guild_welcome_screen": 'description="Welcome under the oak", enabled=True',
    "update_guild_widget_settings": "enabled=True",
    "create_interaction_response": 'type=4, data={"content": "planted"}',
    "create_channel_invite": "max_age=3600, max_uses=1",
    "update_invite_target_users": 'target_users_file=File(b"user_id", filename="users.csv")',
    "action_guild_join_request": 'action="APPROVED"',
    "create_lobby": 'members=[{"id": bob}], metadata={"map": "oak"}',
    "create_or_join_lobby": 'secret="oak"',
    "edit_lobby": 'metadata={"map": "elm"}',
    "bulk_update_lobby_members": '[{"id": bob, "flags": 1}]',
    "add_lobby_member": 'additional_name="Bobby"',
    "create_lobby_message": 'content="hi"',
    "update_lobby_message_external_moderation_metadata": '{"seen": "yes"}',
    "update_user_message_external_moderation_metadata": '{"seen": "yes"}',
    "list_guild_members": "limit=10",
    "update_my_guild_member": 'nick="Acorn"',
    "search_guild_members": 'query="bob"',
    "update_guild_member": 'nick="Bobby", reason="shorter"',
    "update_my_guild_member_nick": 'nick="Acorn"',
    "list_messages": "limit=10",
    "create_message": 'content="Acorns fall.", files=[File(b"leaf", filename="leaf.txt")]',
    "bulk_delete_messages": "messages=[own.id, other.id]",
    "update_message": 'content="Acorns fell."',
    "guild_search": 'content="shade"',
    "create_oauth2_token": 'grant_type="client_credentials", scope="identify"',
    "revoke_oauth2_token": 'token="bobs"',
    "authorize_oauth2_device": 'scope="identify"',
    "put_guilds_onboarding": "prompts=[], default_channel_ids=[discord.general], enabled=False, mode=0",
    "partner_sdk_unmerge_provisional_account": 'client_id=app, external_auth_token="game", external_auth_type="OIDC"',
    "bot_partner_sdk_unmerge_provisional_account": 'external_user_id="player-1"',
    "partner_sdk_token": 'client_id=app, external_auth_token="game", external_auth_type="OIDC"',
    "bot_partner_sdk_token": 'external_user_id="player-1"',
    "exchange_child_token": 'parent_access_token="bobs", child_application_id=app, parent_client_secret="secret"',
    "create_guild_role": 'name="gardener", color=0x228B22, permissions=Permissions.MANAGE_CHANNELS',
    "bulk_update_guild_roles": '[{"id": role.id, "position": 1}]',
    "update_guild_role": 'name="forester"',
    "create_guild_scheduled_event": (
        'name="Planting", entity_type=2, channel_id=discord.seeds.voice_id, privacy_level=2, '
        "scheduled_start_time=datetime.now(UTC) + timedelta(days=1)"
    ),
    "update_guild_scheduled_event": 'description="Bring a spade."',
    "create_guild_scheduled_event_exception": 'original_scheduled_start_time="2031-05-02T10:00:00+00:00", is_canceled=True',
    "update_guild_scheduled_event_exception": "is_canceled=False",
    "create_guild_soundboard_sound": 'name="rustle", sound=SOUND',
    "update_guild_soundboard_sound": 'name="crack", volume=0.5',
    "update_stage_instance": 'topic="Old trees"',
    "create_guild_sticker": 'name="bark", tags="dog", file=File(PNG, filename="bark.png")',
    "update_guild_sticker": 'name="moss"',
    "create_guild_template": 'name="Oaks"',
    "update_guild_template": 'description="Of oaks"',
    "update_my_user": 'username="oaky"',
    "update_application_user_role_connection": 'platform_name="Forest", metadata={}',
    "create_webhook": 'name="post"',
    "update_webhook": 'name="mail"',
    "update_webhook_by_token": 'name="mail"',
    "execute_webhook": 'content="hear", username="The wind", wait=True',
    "execute_slack_compatible_webhook": 'text="hear"',
    "execute_github_compatible_webhook": (
        'sender={"id": 1, "login": "oak", "html_url": "https://example.com/oak", "avatar_url": "https://example.com/oak.png"}'
    ),
    "update_webhook_message": 'content="hear, hear"',
    "update_original_webhook_message": 'content="planted an oak"',
    "delete_guild_role": 'reason="winter"',
}
"""Operation -> what its example gives beside the path."""

SPECIAL: Final[Mapping[str, str]] = {
    "get_application_emoji": "app, app_emoji.id",
    "update_application_emoji": "app, app_emoji.id, *",
    "delete_application_emoji": "app, app_emoji.id",
    "delete_channel_permission_overwrite": "discord.general, overwrite.id",
    "add_group_dm_user": "grown.id, discord.bob.id, access_token=bobs.reveal()",
    "delete_group_dm_user": "grown.id, bob",
    "get_guild_vanity_url": "discord.guild # vanity",
    "get_guild_welcome_screen": "discord.guild # welcoming",
    "get_guild_widget": "discord.guild # shown",
    "get_guild_widget_png": "discord.guild # shown",
    "add_guild_member": "discord.guild, left, access_token=bobs.reveal()",
    "get_sticker_pack": "packs.sticker_packs[0].id",
    "create_message": "discord.general, *",
    "update_message": "discord.general, own.id, *",
    "delete_message": 'discord.general, own.id, reason="spam"',
    "crosspost_message": "news.id, posted.id",
    "follow_channel": "news.id, webhook_channel_id=discord.general",
    "create_thread_from_message": "discord.general, message_id, *",
    "delete_pin": "discord.general, pinned",
    "deprecated_delete_pin": "discord.general, pinned",
    "list_message_reactions_by_emoji": 'discord.general, reacted, "🌳"',
    "delete_all_message_reactions": "discord.general, reacted",
    "delete_all_message_reactions_by_emoji": 'discord.general, reacted, "🌳"',
    "delete_my_message_reaction": 'discord.general, reacted, "🌳"',
    "delete_user_message_reaction": 'discord.general, reacted, "🌳", discord.seeds.bot_id',
    "get_answer_voters": "discord.general, poll.id, 1",
    "poll_expire": "discord.general, poll.id",
    "list_thread_members": "thread.id",
    "join_thread": "left_thread.id",
    "leave_thread": "thread.id",
    "get_thread_member": "member_thread.id, bob",
    "add_thread_member": "thread.id, bob",
    "delete_thread_member": "member_thread.id, bob",
    "thread_search": "discord.seeds.forum_id, *",
    "update_voice_channel_status": 'discord.seeds.voice_id, status="leaves rustle"',
    "get_guild_ban": "discord.guild, banned",
    "unban_user_from_guild": "discord.guild, banned",
    "get_guild_application_command": "app, discord.guild, guild_command.id",
    "update_guild_application_command": "app, discord.guild, guild_command.id, *",
    "delete_guild_application_command": "app, discord.guild, guild_command.id",
    "get_guild_application_command_permissions": "app, discord.guild, permitted.id",
    "set_guild_application_command_permissions": (
        'app, discord.guild, guild_command.id, permissions=[{"id": bob, "type": 2, "permission": True}]'
    ),
    "consume_entitlement": "app, bought.id",
    "delete_guild_member_role": "discord.guild, bob, given_role.id",
    "create_stage_instance": 'topic="Trees", channel_id=stage.id',
    "get_stage_instance": "opened",
    "update_stage_instance": "opened, *",
    "delete_stage_instance": "opened",
    "send_soundboard_sound": "discord.seeds.voice_id, sound_id=sound.sound_id # bot_in_voice",
    "get_guild_template": "template.code",
    "sync_guild_template": "discord.guild, template.code",
    "update_guild_template": "discord.guild, template.code, *",
    "delete_guild_template": "discord.guild, template.code",
    "create_guild_scheduled_event_exception": "discord.guild, weekly.id, *",
    "update_guild_scheduled_event_exception": "discord.guild, weekly.id, exception.event_exception_id, *",
    "delete_guild_scheduled_event_exception": "discord.guild, weekly.id, exception.event_exception_id",
    "list_guild_scheduled_event_exception_users": "discord.guild, weekly.id, exception.event_exception_id",
    "get_self_voice_state": "discord.guild # bot_in_voice",
    "update_self_voice_state": "discord.guild, suppress=False # bot_on_stage",
    "get_voice_state": "discord.guild, in_voice.id",
    "update_voice_state": "discord.guild, on_stage.id, suppress=False",
    "get_original_webhook_message": "app, token # answered",
    "update_original_webhook_message": "app, token, * # answered",
    "delete_original_webhook_message": "app, token # answered",
    "get_webhook_message": 'hook.id, hook.token or "", hook_message.id',
    "update_webhook_message": 'hook.id, hook.token or "", hook_message.id, *',
    "delete_webhook_message": 'hook.id, hook.token or "", hook_message.id',
    "edit_lobby_channel_link": "owned_lobby.id, channel_id=discord.general",
    "leave_lobby": "bobs_lobby.id",
    "create_linked_lobby_guild_invite_for_self": "linked_lobby.id",
    "create_linked_lobby_guild_invite_for_user": "linked_lobby.id, bob",
    "get_lobby_messages": "bobs_lobby.id",
    "create_lobby_message": "bobs_lobby.id, *",
    "update_lobby_message_external_moderation_metadata": "bobs_lobby.id, lobby_message.id, *",
}
"""Operation -> its whole list of arguments, where the path's usual ones do not do; ``*`` stands for `ARGUMENTS`,
and what is named behind ``#`` must be there, too."""
