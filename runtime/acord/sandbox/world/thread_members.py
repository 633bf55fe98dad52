"""Who is in a thread: come in, be brought in, leave, be listed."""

from acord.core.signals.rest import ErrorCode
from acord.flags import ApplicationFlags, Permissions
from acord.models import ChannelType, MessageType
from acord.sandbox.answers import Json, Refusal, missing_access, missing_permissions, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world import messages, shown, thread_state
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import THREADS, World

__all__: list[str] = []

MOST = 1000  # members of a thread (error 30033)
PAGE = 100
_MEMBERS_INTENT = ApplicationFlags.GATEWAY_GUILD_MEMBERS | ApplicationFlags.GATEWAY_GUILD_MEMBERS_LIMITED


@handles("list_thread_members")
def list_thread_members(world: World, call: Call) -> list[Json]:
    thread = _thread(world, call)
    if not world.applications[call.application_id]["flags"] & int(_MEMBERS_INTENT):
        raise missing_access()
    members = sorted(world.thread_members.get(thread["id"], {}), key=int)
    whole = bool(call.query.get("with_member"))
    if whole or "limit" in call.query or "after" in call.query:
        after = int(call.query.get("after", 0))
        members = [one for one in members if int(one) > after][: call.query.get("limit", PAGE)]
    return [shown.thread_member(world, thread, one, with_member=whole) for one in members]


@handles("get_thread_member")
def get_thread_member(world: World, call: Call) -> Json:
    thread = _thread(world, call)
    user_id = call.user_id if call.path["user_id"] == "@me" else call.path["user_id"]
    if user_id not in world.thread_members.get(thread["id"], {}):
        raise unknown("member")
    return shown.thread_member(world, thread, user_id, with_member=bool(call.query.get("with_member")))


@handles("join_thread")
def join_thread(world: World, call: Call) -> None:
    thread = _active(_thread(world, call))
    _room(world, thread)
    thread_state.join(world, thread, call.user_id)


@handles("leave_thread")
def leave_thread(world: World, call: Call) -> None:
    thread_state.leave(world, _active(_thread(world, call)), call.user_id)


@handles("add_thread_member")
def add_thread_member(world: World, call: Call) -> None:
    thread = _active(_thread(world, call))
    world.need(call.user_id, thread, Permissions.SEND_MESSAGES_IN_THREADS)
    _may_invite(world, thread, call.user_id)
    user_id = call.path["user_id"]
    world.user(user_id)
    guild, parent = world.guild(thread["guild_id"]), world.channels[thread["parent_id"]]
    if user_id not in guild.members:
        raise unknown("member")
    if Permissions.VIEW_CHANNEL not in world.permissions(user_id, parent):
        raise missing_access()
    _room(world, thread)
    if thread_state.join(world, thread, user_id):
        _say(world, thread, call.user_id, MessageType.RECIPIENT_ADD, user_id)


@handles("delete_thread_member")
def delete_thread_member(world: World, call: Call) -> None:
    thread = _active(_thread(world, call))
    owner = thread["type"] == ChannelType.PRIVATE_THREAD and thread["owner_id"] == call.user_id
    if not owner and call.path["user_id"] != call.user_id:
        world.need(call.user_id, thread, Permissions.MANAGE_THREADS)
    if thread_state.leave(world, thread, call.path["user_id"]):
        _say(world, thread, call.user_id, MessageType.RECIPIENT_REMOVE, call.path["user_id"])


def _thread(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    if channel["type"] not in THREADS:
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    return channel


def _active(thread: Json) -> Json:
    if not thread_state.is_active(thread):
        raise Refusal(400, ErrorCode.THREAD_ARCHIVED, "Thread is archived")
    return thread


def _may_invite(world: World, thread: Json, user_id: str) -> None:
    """Into a private thread that is not ``invitable`` only moderators and the owner bring others."""
    if thread["thread_metadata"].get("invitable", True) or thread["owner_id"] == user_id:
        return
    if Permissions.MANAGE_THREADS not in world.permissions(user_id, thread):
        raise missing_permissions()


def _room(world: World, thread: Json) -> None:
    if len(world.thread_members.get(thread["id"], {})) >= MOST:
        text = f"Maximum number of thread participants has been reached ({MOST})"
        raise Refusal(400, ErrorCode.MAX_THREAD_PARTICIPANTS, text)


def _say(world: World, thread: Json, by: str, kind: MessageType, user_id: str) -> None:
    message = messages.system(world, thread, world.user(by), kind)
    message["mentions"] = [world.user(user_id)]
    messages.publish(world, message)
