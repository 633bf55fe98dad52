"""Guilds: their settings, and what strangers are shown of them.

Source: Discord docs, Resources > Guild.
"""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.sandbox.answers import Json, Refusal, invalid, missing_access, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.audit import AuditLogActionType, diff, log
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.ids import moment
from acord.sandbox.world.images import with_images
from acord.sandbox.world.members import kick_out
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import expressions, guild_view, only

__all__ = ["counts", "update"]

_CHANNELS = {
    "afk_channel_id": (2,),
    "system_channel_id": (0, 5),
    "rules_channel_id": (0, 5),
    "safety_alerts_channel_id": (0, 5),
    "public_updates_channel_id": (0, 5),
}
"""Settings that name a channel, and of what kind it must be. ``"1"`` asks Discord to make one."""
_RESETS: Json = {
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "preferred_locale": "en-US",
    "afk_timeout": 300,
    "system_channel_flags": 0,
    "features": [],
    "premium_progress_bar_enabled": False,
}
"""What null means, where it is not null itself."""
_OURS = frozenset({"COMMUNITY", "DISCOVERABLE", "INVITES_DISABLED", "RAID_ALERTS_DISABLED"})
"""Features that a request may switch; Discord grants the others (Resources > Guild > Mutable Guild Features)."""
_NEEDS_ADMINISTRATOR = frozenset({"COMMUNITY", "DISCOVERABLE"})


@handles("get_guild")
def get_guild(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    return guild_view(world, guild) | (counts(guild) if call.query.get("with_counts") else {})


@handles("update_guild")
def update_guild(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    values: Json = {}
    for field, value in with_images(call.body, "icon", "splash", "banner", "discovery_splash", "home_header").items():
        values[field] = _RESETS.get(field) if value is None else value
    for field, kinds in _CHANNELS.items():
        if values.get(field) is not None:
            values[field] = _channel(world, guild, field, str(values[field]), kinds)
    if "features" in values:
        values["features"] = _features(world, call, guild, [str(one) for one in values["features"]])
    values.pop("region", None)
    update(world, guild, call, values)
    return guild_view(world, guild)


@handles("get_guild_preview")
def get_guild_preview(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"])
    if call.user_id not in guild.members and "DISCOVERABLE" not in guild.data["features"]:
        raise unknown("guild")
    shown = only(
        guild.data, "id", "name", "icon", "description", "home_header", "splash", "discovery_splash", "features"
    )
    return {
        **shown,
        **counts(guild),
        **expressions(guild),
    }


@handles("get_guild_vanity_url")
def get_guild_vanity_url(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    if "VANITY_URL" not in guild.data["features"]:
        raise missing_access()
    return {"code": guild.data["vanity_url_code"], "uses": 0}


@handles("update_guild_incident_actions")
def update_guild_incident_actions(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    data: Json = guild.data["incidents_data"] or {"invites_disabled_until": None, "dms_disabled_until": None}
    for field in ("invites_disabled_until", "dms_disabled_until"):
        if field in call.body:
            data = {**data, field: call.body[field] and moment(call.body[field])}
    update(world, guild, call, {"incidents_data": data}, logged=False)
    return data


@handles("list_guild_integrations")
def list_guild_integrations(world: World, call: Call) -> list[Json]:
    """The bots of the guild: of each the integration that brought it."""
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    return [
        {
            "id": application["id"],
            "type": "discord",
            "name": application["name"],
            "account": {"id": application["id"], "name": application["name"]},
            "enabled": True,
            "application": {"type": None, **only(application, "id", "name", "icon", "description", "bot")},
            "scopes": ["applications.commands", "bot"],
        }
        for application in world.applications.values()
        if application["bot"]["id"] in guild.members
    ]


@handles("delete_guild_integration")
def delete_guild_integration(world: World, call: Call) -> None:
    """With its integration a bot goes."""
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    application = world.applications.get(call.path["integration_id"])
    if application is None or application["bot"]["id"] not in guild.members:
        raise unknown("integration")
    kick_out(world, guild, application["bot"]["id"])
    data = {"id": application["id"], "guild_id": guild.id, "application_id": application["id"]}
    world.emit("INTEGRATION_DELETE", data, guild_id=guild.id)
    log(world, guild, call, AuditLogActionType.INTEGRATION_DELETE, application["id"])


# What the other resources do with guilds


def update(world: World, guild: Guild, by: Call | str, values: Json, *, logged: bool = True) -> None:
    """Change settings; tells of it where anything changed."""
    before = only(guild.data, *values)
    if before == values:
        return
    guild.data |= values
    world.emit("GUILD_UPDATE", guild_view(world, guild), guild_id=guild.id)
    if logged:
        log(world, guild, by, AuditLogActionType.GUILD_UPDATE, guild.id, changes=diff(before, values))


def counts(guild: Guild) -> Json:
    online = sum(presence["status"] != "offline" for presence in guild.presences.values())
    return {"approximate_member_count": len(guild.members), "approximate_presence_count": online}


def _channel(world: World, guild: Guild, field: str, channel_id: str, kinds: tuple[int, ...]) -> str:
    channel = world.channels.get(channel_id)
    if channel is None or channel.get("guild_id") != guild.id:
        raise invalid(field, "Channel does not exist in this guild.", "GUILD_CHANNEL_INVALID")
    if channel["type"] not in kinds:
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    return channel_id


def _features(world: World, call: Call, guild: Guild, wanted: list[str]) -> list[str]:
    had: list[str] = guild.data["features"]
    switched = (set(wanted) ^ set(had)) & _OURS
    if switched & _NEEDS_ADMINISTRATOR:
        world.need(call.user_id, guild, Permissions.ADMINISTRATOR)
    return [one for one in had if one not in switched] + [
        one for one in dict.fromkeys(wanted) if one in switched and one not in had
    ]
