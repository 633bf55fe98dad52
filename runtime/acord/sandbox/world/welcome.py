"""How a guild receives people: its welcome screen, its onboarding, its widget for websites.

Source: Discord docs, Resources > Guild.
"""

from base64 import b64decode
from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.sandbox.answers import Answer, Json, Refusal, invalid, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.audit import AuditLogActionType, diff, log
from acord.sandbox.world.guilds import update
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import channels_of, only

__all__: list[str] = []

# One transparent pixel: the smallest picture that is one.
_PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


# Welcome screen


@handles("get_guild_welcome_screen")
def get_guild_welcome_screen(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    screen = guild.more.get("welcome_screen", {}).get(guild.id)
    if screen is None:
        raise unknown("welcome screen")
    if not screen["enabled"]:
        world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    return only(screen, "description", "welcome_channels")


@handles("update_guild_welcome_screen")
def update_guild_welcome_screen(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    body: Json = call.body
    screens = guild.more.setdefault("welcome_screen", {})
    screen = screens.setdefault(guild.id, {"description": None, "welcome_channels": [], "enabled": False})
    if "welcome_channels" in body:
        screen["welcome_channels"] = [_greeting(world, guild, one) for one in body["welcome_channels"] or ()]
    screen |= only(body, "description", "enabled")
    features = [one for one in guild.data["features"] if one != "WELCOME_SCREEN_ENABLED"]
    update(world, guild, call, {"features": features + ["WELCOME_SCREEN_ENABLED"] * bool(screen["enabled"])})
    return only(screen, "description", "welcome_channels")


def _greeting(world: World, guild: Guild, asked: Json) -> Json:
    channel_id = _own_channel(world, guild, str(asked["channel_id"]), "welcome_channels")
    return {
        "channel_id": channel_id,
        "description": asked["description"],
        "emoji_id": asked.get("emoji_id"),
        "emoji_name": asked.get("emoji_name"),
    }


# Onboarding


@handles("get_guilds_onboarding")
def get_guilds_onboarding(world: World, call: Call) -> Json:
    return _onboarding(world.guild(call.path["guild_id"], member=call.user_id))


@handles("put_guilds_onboarding")
def put_guilds_onboarding(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD, Permissions.MANAGE_ROLES)
    before = dict(_onboarding(guild))
    body: Json = call.body
    after = before | {key: body[key] for key in ("enabled", "mode") if body.get(key) is not None}
    if body.get("default_channel_ids") is not None:
        after["default_channel_ids"] = [
            _own_channel(world, guild, str(one), "default_channel_ids") for one in body["default_channel_ids"]
        ]
    if body.get("prompts") is not None:
        after["prompts"] = [_prompt(world, guild, one) for one in body["prompts"]]
    guild.more.setdefault("onboarding", {})[guild.id] = after
    if after != before:
        log(world, guild, call, AuditLogActionType.ONBOARDING_UPDATE, guild.id, changes=diff(before, after))
    return after


@handles("get_guild_new_member_welcome")
def get_guild_new_member_welcome(world: World, call: Call) -> None:
    """No guild of the sandbox has a server guide: there is no request that would make one."""
    world.guild(call.path["guild_id"], member=call.user_id)


def _onboarding(guild: Guild) -> Json:
    none: Json = {"guild_id": guild.id, "prompts": [], "default_channel_ids": [], "enabled": False, "mode": 0}
    return guild.more.get("onboarding", {}).get(guild.id, none)


def _prompt(world: World, guild: Guild, asked: Json) -> Json:
    known = {prompt["id"]: prompt for prompt in _onboarding(guild)["prompts"]}
    old = known.get(str(asked["id"]), {})
    return {
        # An id of nothing that there is asks for a new prompt.
        "id": old.get("id") or world.ids(),
        "title": asked["title"],
        "options": [_option(world, guild, one) for one in asked["options"]],
        "single_select": bool(asked.get("single_select")),
        "required": bool(asked.get("required")),
        "in_onboarding": bool(asked.get("in_onboarding")),
        "type": asked.get("type") or 0,
    }


def _option(world: World, guild: Guild, asked: Json) -> Json:
    roles = [str(one) for one in asked.get("role_ids") or ()]
    if any(one not in guild.roles for one in roles):
        raise unknown("role")
    emoji_id = asked.get("emoji_id")
    return {
        "id": str(asked.get("id") or world.ids()),
        "title": asked["title"],
        "description": asked.get("description"),
        "emoji": {
            "id": emoji_id and str(emoji_id),
            "name": asked.get("emoji_name"),
            "animated": bool(asked.get("emoji_animated")),
        },
        "role_ids": roles,
        "channel_ids": [
            _own_channel(world, guild, str(one), "prompts.options.channel_ids")
            for one in asked.get("channel_ids") or ()
        ],
    }


def _own_channel(world: World, guild: Guild, channel_id: str, field: str) -> str:
    if world.channels.get(channel_id, {}).get("guild_id") != guild.id:
        raise invalid(field, "Channel does not exist in this guild.", "GUILD_CHANNEL_INVALID")
    return channel_id


# Widget


@handles("get_guild_widget_settings")
def get_guild_widget_settings(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    return _widget(guild)


@handles("update_guild_widget_settings")
def update_guild_widget_settings(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    values: Json = {}
    if "enabled" in call.body:
        values["widget_enabled"] = bool(call.body["enabled"])
    if "channel_id" in call.body:
        channel_id = call.body["channel_id"]
        values["widget_channel_id"] = channel_id and _own_channel(world, guild, str(channel_id), "channel_id")
    update(world, guild, call, values)
    return _widget(guild)


@handles("get_guild_widget")
def get_guild_widget(world: World, call: Call) -> Json:
    guild = _with_widget(world, call)
    everyone = guild.roles[guild.id]
    open_to_all = bool(int(everyone["permissions"]) & Permissions.VIEW_CHANNEL)
    members: list[Any] = [
        {
            # No ids of users here: they are numbered.
            "id": str(number),
            "username": world.users[one]["username"],
            "discriminator": "0000",
            "avatar": None,
            "status": presence["status"],
            "avatar_url": f"https://cdn.discordapp.com/widget-avatars/{number}",
        }
        for number, (one, presence) in enumerate(guild.presences.items())
        if presence["status"] != "offline"
    ]
    return {
        "id": guild.id,
        "name": guild.data["name"],
        "instant_invite": None,
        "channels": [
            only(channel, "id", "name", "position")
            for channel in channels_of(world, guild)
            if open_to_all and channel["type"] in (2, 13) and not channel["permission_overwrites"]
        ],
        "members": members,
        "presence_count": len(members),
    }


@handles("get_guild_widget_png")
def get_guild_widget_png(world: World, call: Call) -> Answer:
    _with_widget(world, call)
    return Answer(200, _PIXEL, media="image/png")


def _widget(guild: Guild) -> Json:
    return {"enabled": guild.data["widget_enabled"], "channel_id": guild.data["widget_channel_id"]}


def _with_widget(world: World, call: Call) -> Guild:
    guild = world.guild(call.path["guild_id"])
    if not guild.data["widget_enabled"]:
        raise Refusal(403, ErrorCode.WIDGET_DISABLED, "Widget Disabled")
    return guild
