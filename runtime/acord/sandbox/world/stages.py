"""Stages that are open: what is being talked about in a stage channel.

Source: Discord docs, Resources > Stage Instance.
"""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models.enums import AuditLogActionType, ChannelType, StageInstancePrivacyLevel
from acord.sandbox.answers import Json, Refusal, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.audit import diff, log, made, unmade
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import only

__all__ = ["close"]

_MODERATES = (Permissions.MANAGE_CHANNELS, Permissions.MUTE_MEMBERS, Permissions.MOVE_MEMBERS)


@handles("create_stage_instance")
def create_stage_instance(world: World, call: Call) -> Json:
    body: Json = call.body
    channel = world.channel(str(body["channel_id"]))
    if channel["type"] != ChannelType.GUILD_STAGE_VOICE:
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    world.need(call.user_id, channel, *_MODERATES)
    guild = world.guild(channel["guild_id"])
    if channel["id"] in _stages(guild):
        raise Refusal(400, ErrorCode.STAGE_ALREADY_OPEN, "The Stage is already open")
    stage: Json = {
        "id": world.ids(),
        "guild_id": guild.id,
        "channel_id": channel["id"],
        "topic": body["topic"],
        "privacy_level": body.get("privacy_level") or int(StageInstancePrivacyLevel.GUILD_ONLY),
        "discoverable_disabled": True,
        "guild_scheduled_event_id": body.get("guild_scheduled_event_id"),
    }
    _stages(guild)[channel["id"]] = stage
    _done(world, guild, call, "CREATE", stage, made(_told(stage)))
    return stage


@handles("get_stage_instance")
def get_stage_instance(world: World, call: Call) -> Json:
    return _stage(world, call)[1]


@handles("update_stage_instance")
def update_stage_instance(world: World, call: Call) -> Json:
    guild, stage = _stage(world, call, *_MODERATES)
    before = dict(stage)
    stage |= {key: value for key, value in call.body.items() if value is not None}
    if stage != before:
        _done(world, guild, call, "UPDATE", stage, diff(_told(before), _told(stage)))
    return stage


@handles("delete_stage_instance")
def delete_stage_instance(world: World, call: Call) -> None:
    guild, stage = _stage(world, call, *_MODERATES)
    del _stages(guild)[stage["channel_id"]]
    _done(world, guild, call, "DELETE", stage, unmade(_told(stage)))


def close(world: World, guild: Guild, channel_id: str) -> None:
    """With its channel a stage ends; nothing where none is open."""
    if (stage := _stages(guild).pop(channel_id, None)) is not None:
        world.emit("STAGE_INSTANCE_DELETE", stage, guild_id=guild.id)


def _stage(world: World, call: Call, *needed: Permissions) -> tuple[Guild, Json]:
    channel = world.channel(call.path["channel_id"])
    world.need(call.user_id, channel, *needed)
    guild = world.guilds.get(str(channel.get("guild_id")))
    stage = None if guild is None else _stages(guild).get(channel["id"])
    if guild is None or stage is None:
        raise unknown("stage instance")
    return guild, stage


def _stages(guild: Guild) -> dict[str, Json]:
    return guild.more.setdefault("stage_instances", {})


def _done(world: World, guild: Guild, call: Call, what: str, stage: Json, changes: list[Json]) -> None:
    world.emit(f"STAGE_INSTANCE_{what}", stage, guild_id=guild.id)
    action = AuditLogActionType[f"STAGE_INSTANCE_{what}"]
    log(world, guild, call, action, stage["id"], changes=changes, options={"channel_id": stage["channel_id"]})


def _told(stage: Json) -> Json:
    return only(stage, "topic", "privacy_level")
