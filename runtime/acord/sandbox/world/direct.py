"""Direct messages: channels of two, and groups."""

from acord.core.signals.rest import ErrorCode
from acord.models import ChannelType, MessageType
from acord.sandbox.answers import Json, Refusal, invalid, missing_permissions, unknown
from acord.sandbox.calls import Account, Call
from acord.sandbox.world import messages, shown
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import World

__all__ = ["close", "open_dm", "update"]

MOST = 10  # of a group (error 30004)


@handles("create_dm")
def create_dm(world: World, call: Call) -> Json:
    body: Json = call.body or {}
    if body.get("access_tokens"):
        return shown.channel(world, _open_group(world, call, body), call.user_id)
    if body.get("recipient_id") is None:
        raise invalid("recipient_id", "This field is required")
    return shown.channel(world, open_dm(world, call.user_id, str(body["recipient_id"])), call.user_id)


def open_dm(world: World, user_id: str, other_id: str) -> Json:
    """The channel of these two, a new one where they had none; 50033 for oneself and for who does not exist."""
    if user_id == other_id or other_id not in world.users:
        raise Refusal(400, ErrorCode.INVALID_RECIPIENTS, "Invalid Recipient(s)")
    both = {user_id, other_id}
    for channel in world.channels.values():
        if channel["type"] == ChannelType.DM and {one["id"] for one in channel["recipients"]} == both:
            return channel
    return _new(world, ChannelType.DM, [other_id, user_id], {})


@handles("add_group_dm_user")
def add_group_dm_user(world: World, call: Call) -> None:
    """204 also where they are in it already; only with their own token, which has the scope ``gdm.join``."""
    channel = _group(world, call)
    user_id = call.path["user_id"]
    body: Json = call.body or {}
    account = world.accounts.get(str(body.get("access_token")))
    if account is None or account.kind != "bearer" or account.user_id != user_id:
        raise Refusal(400, ErrorCode.INVALID_OAUTH2_ACCESS_TOKEN, "Invalid OAuth2 access token")
    _joins(account)
    if any(one["id"] == user_id for one in channel["recipients"]):
        return
    if len(channel["recipients"]) >= MOST:
        raise Refusal(400, ErrorCode.MAX_RECIPIENTS, f"Maximum number of recipients reached ({MOST})")
    channel["recipients"].append(world.user(user_id))
    _said(world, channel, call.user_id, MessageType.RECIPIENT_ADD, user_id)


@handles("delete_group_dm_user")
def delete_group_dm_user(world: World, call: Call) -> None:
    channel = _group(world, call)
    user_id = call.path["user_id"]
    if all(one["id"] != user_id for one in channel["recipients"]):
        raise unknown("user")
    if call.user_id not in (channel["owner_id"], user_id):
        raise missing_permissions()
    _said(world, channel, call.user_id, MessageType.RECIPIENT_REMOVE, user_id)
    channel["recipients"] = [one for one in channel["recipients"] if one["id"] != user_id]


def update(world: World, channel: Json, body: Json) -> None:
    """A group's name or icon; 50024 for the channel of two."""
    if channel["type"] != ChannelType.GROUP_DM:
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    if "name" in body:
        channel["name"] = body["name"] or None
    if "icon" in body:
        channel["icon"] = None if body["icon"] is None else f"{world.random.getrandbits(128):032x}"


def close(world: World, channel: Json, user_id: str) -> None:
    """A group is left; the channel of two is still there when it is opened again."""
    if channel["type"] == ChannelType.GROUP_DM:
        channel["recipients"] = [one for one in channel["recipients"] if one["id"] != user_id]


def _open_group(world: World, call: Call, body: Json) -> Json:
    accounts = [world.accounts.get(token) for token in body["access_tokens"]]
    members = [call.user_id]
    for account in accounts:
        if account is None or account.kind != "bearer":
            raise Refusal(400, ErrorCode.INVALID_OAUTH2_ACCESS_TOKEN, "Invalid OAuth2 access token")
        _joins(account)
        members.append(account.user_id)
    if len(members) > MOST:
        raise Refusal(400, ErrorCode.MAX_RECIPIENTS, f"Maximum number of recipients reached ({MOST})")
    more: Json = {"name": None, "icon": None, "owner_id": call.user_id, "managed": True}
    return _new(world, ChannelType.GROUP_DM, members, {**more, "application_id": call.application_id})


def _joins(account: Account) -> None:
    if "gdm.join" not in account.scopes:
        raise Refusal(403, ErrorCode.MISSING_OAUTH2_SCOPE, "Missing required OAuth2 scope")


def _new(world: World, kind: int, user_ids: list[str], more: Json) -> Json:
    channel: Json = {
        "id": world.ids(),
        "type": int(kind),
        "last_message_id": None,
        "flags": 0,
        "recipients": [world.user(one) for one in dict.fromkeys(user_ids)],
        **more,
    }
    world.channels[channel["id"]] = channel
    world.messages[channel["id"]] = {}
    return channel


def _group(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    if channel["type"] != ChannelType.GROUP_DM:
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    return channel


def _said(world: World, channel: Json, by: str, kind: MessageType, user_id: str) -> None:
    message = messages.system(world, channel, world.user(by), kind)
    message["mentions"] = [world.user(user_id)]
    messages.publish(world, message)
