"""Templates: what a guild was like when they were made or last brought up to date.

Source: Discord docs, Resources > Guild Template.
"""

from string import ascii_letters, digits

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models.enums import ChannelType
from acord.sandbox.answers import Json, Refusal, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import by_position, channels_of, only, role_rank

__all__: list[str] = []

_KINDS = (
    ChannelType.GUILD_TEXT,
    ChannelType.GUILD_VOICE,
    ChannelType.GUILD_CATEGORY,
    ChannelType.GUILD_FORUM,
)
_GUILD = (
    "name",
    "description",
    "region",
    "verification_level",
    "default_message_notifications",
    "explicit_content_filter",
    "preferred_locale",
    "afk_timeout",
    "system_channel_flags",
)
_ROLE = ("name", "permissions", "color", "colors", "hoist", "mentionable", "icon", "unicode_emoji")


@handles("get_guild_template")
def get_guild_template(world: World, call: Call) -> Json:
    return _shown(world, _template(world, call.path["code"]))


@handles("list_guild_templates")
def list_guild_templates(world: World, call: Call) -> list[Json]:
    guild = _managed(world, call)
    return [_shown(world, one) for one in _templates(world).values() if one["source_guild_id"] == guild.id]


@handles("create_guild_template")
def create_guild_template(world: World, call: Call) -> Json:
    guild = _managed(world, call)
    if any(one["source_guild_id"] == guild.id for one in _templates(world).values()):
        raise Refusal(400, ErrorCode.GUILD_ALREADY_HAS_TEMPLATE, "Guild already has a template")
    now = world.time()
    template: Json = {
        "code": "".join(world.random.choices(ascii_letters + digits, k=12)),
        "name": call.body["name"],
        "description": call.body.get("description"),
        "usage_count": 0,
        "creator_id": call.user_id,
        "creator": world.users[call.user_id],
        "created_at": now,
        "updated_at": now,
        "source_guild_id": guild.id,
        "serialized_source_guild": _snapshot(world, guild),
    }
    _templates(world)[template["code"]] = template
    return _shown(world, template)


@handles("sync_guild_template")
def sync_guild_template(world: World, call: Call) -> Json:
    guild, template = _own(world, call)
    template |= {"serialized_source_guild": _snapshot(world, guild), "updated_at": world.time()}
    return _shown(world, template)


@handles("update_guild_template")
def update_guild_template(world: World, call: Call) -> Json:
    _, template = _own(world, call)
    template |= only(call.body, "name", "description")
    return _shown(world, template)


@handles("delete_guild_template")
def delete_guild_template(world: World, call: Call) -> Json:
    _, template = _own(world, call)
    shown = _shown(world, template)
    del _templates(world)[template["code"]]
    return shown


def _managed(world: World, call: Call) -> Guild:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD)
    return guild


def _own(world: World, call: Call) -> tuple[Guild, Json]:
    guild = _managed(world, call)
    template = _template(world, call.path["code"])
    if template["source_guild_id"] != guild.id:
        raise unknown("guild template")
    return guild, template


def _template(world: World, code: str) -> Json:
    if (template := _templates(world).get(code)) is None:
        raise unknown("guild template")
    return template


def _templates(world: World) -> dict[str, Json]:
    return world.more.setdefault("templates", {})


def _shown(world: World, template: Json) -> Json:
    """With whether the guild has become another one since; null where it has not."""
    guild = world.guilds.get(template["source_guild_id"])
    dirty = guild is not None and _snapshot(world, guild) != template["serialized_source_guild"]
    return template | {"is_dirty": True if dirty else None}


def _snapshot(world: World, guild: Guild) -> Json:
    """The guild with small numbers instead of ids: nothing of it shall be found again."""
    roles = sorted((one for one in guild.roles.values() if not one["managed"]), key=role_rank)
    channels = by_position(one for one in channels_of(world, guild) if one["type"] in _KINDS)
    numbers = {role["id"]: number for number, role in enumerate(roles)}
    numbers |= {channel["id"]: number for number, channel in enumerate(channels, 1)}
    return {
        **only(guild.data, *_GUILD),
        **{field: _digits(numbers.get(guild.data[field])) for field in ("afk_channel_id", "system_channel_id")},
        "roles": [{"id": numbers[role["id"]], **only(role, *_ROLE)} for role in roles],
        "channels": [_channel(channel, numbers) for channel in channels],
    }


def _digits(number: int | None) -> str | None:
    """Unlike the numbers of roles and channels themselves, what refers to them is written as ids are."""
    return None if number is None else str(number)


def _channel(channel: Json, numbers: dict[str, int]) -> Json:
    return {
        "id": numbers[channel["id"]],
        "type": channel["type"],
        "name": channel["name"],
        "position": channel["position"],
        "topic": channel.get("topic"),
        "bitrate": channel.get("bitrate", 64000),
        "user_limit": channel.get("user_limit", 0),
        "nsfw": channel.get("nsfw", False),
        "rate_limit_per_user": channel.get("rate_limit_per_user", 0),
        "parent_id": _digits(numbers.get(channel.get("parent_id") or "")),
        "permission_overwrites": [
            {**one, "id": str(numbers[one["id"]])} for one in channel["permission_overwrites"] if one["id"] in numbers
        ],
    }
