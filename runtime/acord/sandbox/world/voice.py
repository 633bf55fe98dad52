"""Who is in which voice channel, and the regions there are; no sound.

Source: Discord docs, Resources > Voice; Topics > Voice.
"""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.sandbox.answers import Json, Refusal, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.ids import moment
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import member_view

__all__ = ["empty", "join_voice", "leave_voice", "move_voice", "refresh_voice"]

_REGIONS = ("rotterdam", "us-east", "japan")


@handles("list_voice_regions")
def list_voice_regions(world: World, call: Call) -> list[Json]:
    return [
        {"id": region, "name": region.replace("-", " ").title(), "custom": False, "deprecated": False, "optimal": first}
        for region, first in zip(_REGIONS, (True, False, False), strict=True)
    ]


@handles("list_guild_voice_regions")
def list_guild_voice_regions(world: World, call: Call) -> list[Json]:
    world.guild(call.path["guild_id"], member=call.user_id)
    return list_voice_regions(world, call)


@handles("get_self_voice_state")
def get_self_voice_state(world: World, call: Call) -> Json:
    return _state(world.guild(call.path["guild_id"], member=call.user_id), call.user_id)


@handles("get_voice_state")
def get_voice_state(world: World, call: Call) -> Json:
    return _state(world.guild(call.path["guild_id"], member=call.user_id), call.path["user_id"])


@handles("update_self_voice_state")
def update_self_voice_state(world: World, call: Call) -> None:
    """Only on stages: asking to speak, and (with MUTE_MEMBERS) doing so."""
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    state = _on_stage(world, guild, call, call.user_id)
    body: Json = call.body
    if body.get("suppress") is False:
        world.need(call.user_id, world.channels[state["channel_id"]], Permissions.MUTE_MEMBERS)
    if body.get("request_to_speak_timestamp") is not None:
        world.need(call.user_id, world.channels[state["channel_id"]], Permissions.REQUEST_TO_SPEAK)
    if "suppress" in body:
        state["suppress"] = bool(body["suppress"])
    if "request_to_speak_timestamp" in body:
        asked = body["request_to_speak_timestamp"]
        state["request_to_speak_timestamp"] = asked and moment(asked)
    refresh_voice(world, guild, call.user_id)


@handles("update_voice_state")
def update_voice_state(world: World, call: Call) -> None:
    """Only on stages: letting somebody speak, or not any more."""
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    state = _on_stage(world, guild, call, call.path["user_id"])
    world.need(call.user_id, world.channels[state["channel_id"]], Permissions.MUTE_MEMBERS)
    if "suppress" in call.body:
        state["suppress"] = bool(call.body["suppress"])
        state["request_to_speak_timestamp"] = None
    refresh_voice(world, guild, call.path["user_id"])


# What people, members and sessions do with voice


def join_voice(
    world: World,
    guild: Guild,
    user_id: str,
    channel_id: str,
    *,
    session_id: str | None = None,
    self_mute: bool = False,
    self_deaf: bool = False,
) -> Json:
    """A member comes into a voice channel, or changes to it; gives the voice state.

    50013 where CONNECT is lacking, 50024 where the channel is not for voices.
    """
    channel = world.channel(channel_id)
    if channel.get("guild_id") != guild.id or channel["type"] not in (2, 13):
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    world.need(user_id, channel, Permissions.CONNECT)
    before = guild.voice_states.get(user_id)
    guild.voice_states[user_id] = {
        "guild_id": guild.id,
        "channel_id": channel_id,
        "user_id": user_id,
        "session_id": session_id or (before["session_id"] if before else f"{world.random.getrandbits(128):032x}"),
        "self_mute": self_mute,
        "self_deaf": self_deaf,
        "self_video": False,
        # On a stage one listens first.
        "suppress": channel["type"] == 13 and Permissions.MUTE_MEMBERS not in world.permissions(user_id, channel),
        "request_to_speak_timestamp": None,
        "mute": False,
        "deaf": False,
    }
    refresh_voice(world, guild, user_id)
    _count_time(world, guild)
    return guild.voice_states[user_id]


def move_voice(world: World, guild: Guild, user_id: str, channel_id: str) -> None:
    guild.voice_states[user_id]["channel_id"] = channel_id
    refresh_voice(world, guild, user_id)
    _count_time(world, guild)


def leave_voice(world: World, guild: Guild, user_id: str) -> None:
    """Nothing where the member is in no voice channel."""
    if (state := guild.voice_states.pop(user_id, None)) is not None:
        state["channel_id"] = None
        world.emit("VOICE_STATE_UPDATE", _told(world, guild, state), guild_id=guild.id)
        _count_time(world, guild)


def empty(world: World, guild: Guild, channel_id: str) -> None:
    """With a channel those inside go out of it."""
    for user_id in [one for one, state in guild.voice_states.items() if state["channel_id"] == channel_id]:
        leave_voice(world, guild, user_id)


def refresh_voice(world: World, guild: Guild, user_id: str) -> None:
    """Tell how somebody is in voice now."""
    member = guild.members[user_id]
    state = guild.voice_states[user_id]
    state |= {"mute": member["mute"], "deaf": member["deaf"]}
    world.emit("VOICE_STATE_UPDATE", _told(world, guild, state), guild_id=guild.id)


def _count_time(world: World, guild: Guild) -> None:
    """A channel's session begins when somebody comes into an empty one, and ends with the last who leaves."""
    sessions = guild.more.setdefault("voice_sessions", {})
    occupied = {state["channel_id"] for state in guild.voice_states.values()}
    for channel_id in sorted(occupied ^ sessions.keys()):
        if channel_id in occupied:
            sessions[channel_id] = {"voice_start_time": int(world.now())}
        else:
            del sessions[channel_id]
        data = {"id": channel_id, "guild_id": guild.id, "voice_start_time": None, **sessions.get(channel_id, {})}
        world.emit("VOICE_CHANNEL_START_TIME_UPDATE", data, guild_id=guild.id, channel_id=channel_id)


def _told(world: World, guild: Guild, state: Json) -> Json:
    return {**state, "member": member_view(world, guild, state["user_id"])}


def _state(guild: Guild, user_id: str) -> Json:
    if (state := guild.voice_states.get(user_id)) is None:
        raise unknown("voice state")
    return state


def _on_stage(world: World, guild: Guild, call: Call, user_id: str) -> Json:
    state = _state(guild, user_id)
    channel = world.channels[state["channel_id"]]
    asked = call.body.get("channel_id")
    if channel["type"] != 13 or (asked is not None and str(asked) != channel["id"]):
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    return state
