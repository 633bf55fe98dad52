"""New users, bots, guilds, roles, channels and members, as Discord would have made them; nobody is told."""

from acord.flags import ApplicationFlags, Permissions
from acord.sandbox.answers import Json
from acord.sandbox.calls import Account
from acord.sandbox.world.state import Guild, World

__all__ = ["EVERYONE", "add_bot", "add_channel", "add_guild", "add_member", "add_message", "add_role", "add_user"]

EVERYONE = (
    Permissions.VIEW_CHANNEL
    | Permissions.SEND_MESSAGES
    | Permissions.SEND_MESSAGES_IN_THREADS
    | Permissions.CREATE_PUBLIC_THREADS
    | Permissions.CREATE_PRIVATE_THREADS
    | Permissions.EMBED_LINKS
    | Permissions.ATTACH_FILES
    | Permissions.ADD_REACTIONS
    | Permissions.USE_EXTERNAL_EMOJIS
    | Permissions.READ_MESSAGE_HISTORY
    | Permissions.CREATE_INSTANT_INVITE
    | Permissions.CHANGE_NICKNAME
    | Permissions.USE_APPLICATION_COMMANDS
    | Permissions.SEND_POLLS
    | Permissions.CONNECT
    | Permissions.SPEAK
)
"""What @everyone may do in a new guild."""


def add_user(world: World, username: str, *, bot: bool = False, user_id: str | None = None) -> Json:
    user: Json = {
        "id": user_id or world.ids(),
        "username": username.lower().replace(" ", "_"),
        "discriminator": "0",
        "global_name": None if bot else username,
        "avatar": None,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
        "flags": 0,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
    }
    if bot:
        user["bot"] = True
    world.users[user["id"]] = user
    return user


def add_bot(
    world: World,
    username: str,
    token: str,
    *,
    owner_id: str | None = None,
    user_id: str | None = None,
    flags: ApplicationFlags | int = 0,
) -> Json:
    """An application and its bot, who logs in with this token; gives the application.

    ``flags`` say which privileged intents are switched on.
    """
    user = add_user(world, username, bot=True, user_id=user_id)
    application: Json = {
        "id": user["id"],
        "name": username,
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": f"{world.random.getrandbits(256):064x}",
        "flags": int(flags),
        "owner": world.users.get(owner_id or "", user),
        "team": None,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "bot": user,
    }
    world.applications[application["id"]] = application
    world.accounts[token] = Account("bot", application["id"], user["id"])
    return application


def add_guild(world: World, name: str, owner_id: str) -> Guild:
    """A guild with its owner and @everyone in it, and no channel."""
    data: Json = {
        "id": world.ids(),
        "name": name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": owner_id,
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "incidents_data": None,
    }
    guild = world.guilds[data["id"]] = Guild(data)
    add_role(world, guild, "@everyone", EVERYONE, role_id=guild.id)
    add_member(world, guild, owner_id)
    return guild


def add_role(
    world: World, guild: Guild, name: str, permissions: Permissions | int = 0, *, role_id: str | None = None
) -> Json:
    """A role above those that are there."""
    role: Json = {
        "id": role_id or world.ids(),
        "name": name,
        "permissions": str(int(permissions)),
        "position": len(guild.roles),
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    guild.roles[role["id"]] = role
    return role


def add_member(world: World, guild: Guild, user_id: str, *roles: str) -> Json:
    member: Json = {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "flags": 0,
        "joined_at": world.time(),
        "nick": None,
        "pending": False,
        "premium_since": None,
        "roles": list(roles),
        "mute": False,
        "deaf": False,
    }
    guild.members[user_id] = member
    return member


def add_channel(
    world: World, guild: Guild, name: str, kind: int = 0, *, parent_id: str | None = None, topic: str | None = None
) -> Json:
    """A channel of a guild: 0 is text, 2 voice, 4 category, 5 announcement, 13 stage, 15 forum, 16 media."""
    channel: Json = {
        "id": world.ids(),
        "type": kind,
        "guild_id": guild.id,
        "name": name,
        "position": sum(one.get("guild_id") == guild.id for one in world.channels.values()),
        "parent_id": parent_id,
        "permission_overwrites": [],
        "flags": 0,
    }
    if kind != 4:
        channel |= {"nsfw": False, "rate_limit_per_user": 0, "last_message_id": None}
    if kind in (0, 5, 15, 16):
        channel |= {"topic": topic, "last_pin_timestamp": None}
    if kind in (2, 13):
        channel |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    if kind in (15, 16):
        channel |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
        channel["default_forum_layout"] = 0
    world.channels[channel["id"]] = channel
    world.messages[channel["id"]] = {}
    return channel


def add_message(world: World, channel_id: str, author_id: str, content: str) -> Json:
    """A plain text, as it would have been sent now."""
    message: Json = {
        "id": world.ids(),
        "type": 0,
        "channel_id": channel_id,
        "author": world.users[author_id],
        "content": content,
        "timestamp": world.time(),
        "edited_timestamp": None,
        "flags": 0,
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "tts": False,
    }
    world.messages.setdefault(channel_id, {})[message["id"]] = message
    world.channels[channel_id]["last_message_id"] = message["id"]
    return message
