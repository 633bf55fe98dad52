"""Sounds of guilds, and those that everybody has.

Source: Discord docs, Resources > Soundboard.
"""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models.enums import AuditLogActionType, ChannelType
from acord.sandbox.answers import Json, Refusal, missing_permissions, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.audit import diff, log, made, unmade
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import only

__all__: list[str] = []

MOST = (8, 24, 36, 48)
"""Sounds of a guild, by its premium tier."""
_DEFAULTS = (("quack", "🦆"), ("airhorn", "🔊"), ("cricket", "🦗"))
_FIELDS = ("name", "volume", "emoji_id", "emoji_name")


@handles("get_soundboard_default_sounds")
def get_soundboard_default_sounds(world: World, call: Call) -> list[Json]:
    return [
        {
            "sound_id": str(number),
            "name": name,
            "volume": 1.0,
            "emoji_id": None,
            "emoji_name": emoji,
            "available": True,
        }
        for number, (name, emoji) in enumerate(_DEFAULTS, 1)
    ]


@handles("list_guild_soundboard_sounds")
def list_guild_soundboard_sounds(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    return {"items": [_shown(world, guild, call, sound) for sound in _sounds(guild).values()]}


@handles("get_guild_soundboard_sound")
def get_guild_soundboard_sound(world: World, call: Call) -> Json:
    guild, sound = _sound(world, call)
    return _shown(world, guild, call, sound)


@handles("create_guild_soundboard_sound")
def create_guild_soundboard_sound(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.CREATE_GUILD_EXPRESSIONS)
    most = MOST[int(guild.data["premium_tier"])]
    if len(_sounds(guild)) >= most:
        raise Refusal(400, ErrorCode.MAX_SOUNDBOARD_SOUNDS, f"Maximum number of soundboard sounds reached ({most})")
    body: Json = call.body
    sound: Json = {
        "sound_id": world.ids(),
        "guild_id": guild.id,
        "name": body["name"],
        "volume": 1.0 if body.get("volume") is None else float(body["volume"]),
        "emoji_id": body.get("emoji_id"),
        "emoji_name": body.get("emoji_name"),
        "available": True,
        "user": world.users[call.user_id],
    }
    _sounds(guild)[sound["sound_id"]] = sound
    world.emit("GUILD_SOUNDBOARD_SOUND_CREATE", sound, guild_id=guild.id)
    changes = made(only(sound, *_FIELDS))
    log(world, guild, call, AuditLogActionType.SOUNDBOARD_SOUND_CREATE, sound["sound_id"], changes=changes)
    return sound


@handles("update_guild_soundboard_sound")
def update_guild_soundboard_sound(world: World, call: Call) -> Json:
    guild, sound = _sound(world, call)
    _may_change(world, guild, call, sound)
    before = dict(sound)
    body: Json = call.body
    sound |= only(body, "name", "emoji_id", "emoji_name")
    if "volume" in body:
        sound["volume"] = 1.0 if body["volume"] is None else float(body["volume"])
    if sound != before:
        world.emit("GUILD_SOUNDBOARD_SOUND_UPDATE", sound, guild_id=guild.id)
        changes = diff(only(before, *_FIELDS), only(sound, *_FIELDS))
        log(world, guild, call, AuditLogActionType.SOUNDBOARD_SOUND_UPDATE, sound["sound_id"], changes=changes)
    return sound


@handles("delete_guild_soundboard_sound")
def delete_guild_soundboard_sound(world: World, call: Call) -> None:
    guild, sound = _sound(world, call)
    _may_change(world, guild, call, sound)
    del _sounds(guild)[sound["sound_id"]]
    data = only(sound, "sound_id", "guild_id")
    world.emit("GUILD_SOUNDBOARD_SOUND_DELETE", data, guild_id=guild.id)
    changes = unmade(only(sound, *_FIELDS))
    log(world, guild, call, AuditLogActionType.SOUNDBOARD_SOUND_DELETE, sound["sound_id"], changes=changes)


@handles("send_soundboard_sound")
def send_soundboard_sound(world: World, call: Call) -> None:
    """Only from inside the voice channel, neither muted nor deafened."""
    channel = world.channel(call.path["channel_id"])
    if channel["type"] not in (ChannelType.GUILD_VOICE, ChannelType.GUILD_STAGE_VOICE):
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    world.need(call.user_id, channel, Permissions.SPEAK, Permissions.USE_SOUNDBOARD)
    guild = world.guild(channel["guild_id"])
    state = guild.voice_states.get(call.user_id)
    if state is None or state["channel_id"] != channel["id"]:
        raise Refusal(400, ErrorCode.TARGET_NOT_CONNECTED_TO_VOICE, "Target user is not connected to voice.")
    if any(state[one] for one in ("mute", "deaf", "self_mute", "self_deaf", "suppress")):
        raise Refusal(
            400,
            ErrorCode.CANNOT_SEND_VOICE_EFFECT,
            "Cannot send voice effect when user is server muted, deafened, or suppressed",
        )
    home_id = str(call.body.get("source_guild_id") or guild.id)
    if home_id != guild.id:
        world.need(call.user_id, channel, Permissions.USE_EXTERNAL_SOUNDS)
    sounds = {one["sound_id"]: one for one in get_soundboard_default_sounds(world, call)}
    if home_id in world.guilds:
        sounds |= _sounds(world.guilds[home_id])
    sound = sounds.get(str(call.body["sound_id"]))
    if sound is None:
        raise unknown("sound")
    data = {
        "channel_id": channel["id"],
        "guild_id": guild.id,
        "user_id": call.user_id,
        "sound_id": sound["sound_id"],
        "sound_volume": sound["volume"],
    }
    inside = frozenset(one for one, at in guild.voice_states.items() if at["channel_id"] == channel["id"])
    world.emit("VOICE_CHANNEL_EFFECT_SEND", data, guild_id=guild.id, users=inside)


def _sound(world: World, call: Call) -> tuple[Guild, Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    if (sound := _sounds(guild).get(call.path["sound_id"])) is None:
        raise unknown("sound")
    return guild, sound


def _may_change(world: World, guild: Guild, call: Call, sound: Json) -> None:
    has = world.permissions(call.user_id, guild)
    own = sound["user"]["id"] == call.user_id and Permissions.CREATE_GUILD_EXPRESSIONS in has
    if not own and Permissions.MANAGE_GUILD_EXPRESSIONS not in has:
        raise missing_permissions()


def _shown(world: World, guild: Guild, call: Call, sound: Json) -> Json:
    """Who made a sound is told to those who make or manage such things."""
    has = world.permissions(call.user_id, guild)
    if has & (Permissions.CREATE_GUILD_EXPRESSIONS | Permissions.MANAGE_GUILD_EXPRESSIONS):
        return sound
    return {key: value for key, value in sound.items() if key != "user"}


def _sounds(guild: Guild) -> dict[str, Json]:
    return guild.more.setdefault("soundboard_sounds", {})
