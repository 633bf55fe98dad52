"""Lobbies: where the players of an application meet. Nothing of them goes over the gateway.

Source: Discord docs, Resources > Lobby.
"""

from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.models.enums import MessageType
from acord.sandbox.answers import Json, Refusal, missing_access, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import World
from acord.sandbox.world.views import only

__all__: list[str] = []

KEPT = 200  # messages of a lobby, as many as can be asked for
_CAN_LINK = 1
"""The flag of a member who may link a channel (Lobby Member Flags)."""


@handles("create_lobby")
def create_lobby(world: World, call: Call) -> Json:
    return _shown(world, _make(world, call, call.body or {}))


@handles("create_or_join_lobby")
def create_or_join_lobby(world: World, call: Call) -> Json:
    """The lobby of this secret, which is made where there is none."""
    body: Json = call.body
    lobby = next((one for one in _lobbies(world, call.application_id) if one["secret"] == body["secret"]), None)
    if lobby is None:
        lobby = _make(world, call, {}, secret=body["secret"])
    if body.get("lobby_metadata") is not None:
        lobby["metadata"] = body["lobby_metadata"]
    _put(world, lobby, call.user_id, {"metadata": body["member_metadata"]} if "member_metadata" in body else {})
    return _shown(world, lobby)


@handles("get_lobby")
def get_lobby(world: World, call: Call) -> Json:
    return _shown(world, _lobby(world, call))


@handles("edit_lobby")
def edit_lobby(world: World, call: Call) -> Json:
    lobby = _lobby(world, call)
    body: Json = call.body
    lobby |= only(body, "metadata", "override_event_webhooks_url")
    if body.get("flags") is not None:
        lobby["flags"] = body["flags"]
    if body.get("members") is not None:
        wanted = [str(one["id"]) for one in body["members"]]
        for one in wanted:
            world.user(one)
        lobby["members"] = {key: value for key, value in lobby["members"].items() if key in wanted}
        for member in body["members"]:
            _put(world, lobby, str(member["id"]), member)
    return _shown(world, lobby)


@handles("delete_lobby")
def delete_lobby(world: World, call: Call) -> None:
    """Safe where it is gone already."""
    lobby = _table(world).get(call.path["lobby_id"])
    if lobby is not None:
        _lobby(world, call)
        del _table(world)[lobby["id"]]


# Members


@handles("add_lobby_member")
def add_lobby_member(world: World, call: Call) -> Json:
    return _put(world, _lobby(world, call), call.path["user_id"], call.body or {})


@handles("bulk_update_lobby_members")
def bulk_update_lobby_members(world: World, call: Call) -> list[Json]:
    lobby = _lobby(world, call)
    asked: list[Json] = call.body or []
    for member in asked:
        world.user(str(member["id"]))
    put: list[Json] = []
    for member in asked:
        if member.get("remove_member"):
            lobby["members"].pop(str(member["id"]), None)
        else:
            put.append(_put(world, lobby, str(member["id"]), member))
    return put


@handles("delete_lobby_member")
def delete_lobby_member(world: World, call: Call) -> None:
    _lobby(world, call)["members"].pop(call.path["user_id"], None)


@handles("leave_lobby")
def leave_lobby(world: World, call: Call) -> None:
    _lobby(world, call)["members"].pop(call.user_id, None)


@handles("edit_lobby_channel_link")
def edit_lobby_channel_link(world: World, call: Call) -> Json:
    """Only by a member with the flag for it; without a channel the link is taken away."""
    lobby = _lobby(world, call, member=True)
    if not (lobby["members"][call.user_id].get("flags") or 0) & _CAN_LINK:
        raise missing_access()
    body: Json = call.body or {}
    channel_id = body.get("channel_id")
    lobby["linked"] = None if channel_id is None else world.channel(str(channel_id), seen_by=call.user_id)["id"]
    return _shown(world, lobby)


# Messages


@handles("create_lobby_message")
def create_lobby_message(world: World, call: Call) -> Json:
    lobby = _lobby(world, call, member=True)
    body: Json = call.body
    content = (body.get("content") or "").strip()
    if not content:
        raise Refusal(400, ErrorCode.CANNOT_SEND_EMPTY_MESSAGE, "Cannot send an empty message")
    message: Json = {
        "id": world.ids(),
        "type": int(MessageType.DEFAULT),
        "content": content,
        "lobby_id": lobby["id"],
        "channel_id": lobby["id"],
        "author": world.user(call.user_id),
        "flags": int(body.get("flags") or 0),
        "application_id": call.application_id,
    }
    name = lobby["members"][call.user_id].get("additional_name")
    if name is not None:
        message["lobby_member"] = {"additional_name": name}
    if body.get("metadata") is not None:
        message["metadata"] = body["metadata"]
    lobby["messages"] = [*lobby["messages"], message][-KEPT:]
    return message


@handles("get_lobby_messages")
def get_lobby_messages(world: World, call: Call) -> list[Json]:
    """The newest first."""
    said: list[Json] = _lobby(world, call, member=True)["messages"]
    return said[::-1][: call.query.get("limit", 50)]


@handles("update_lobby_message_external_moderation_metadata")
def update_lobby_message_external_moderation_metadata(world: World, call: Call) -> None:
    for message in _lobby(world, call)["messages"]:
        if message["id"] == call.path["message_id"]:
            message["moderation_metadata"] = dict(call.body or {})
            return
    raise unknown("message")


def _make(world: World, call: Call, body: Json, *, secret: str | None = None) -> Json:
    lobby: Json = {
        "id": world.ids(),
        "application_id": call.application_id,
        "metadata": body.get("metadata"),
        "flags": body.get("flags") or 0,
        "override_event_webhooks_url": body.get("override_event_webhooks_url"),
        "members": {},
        "messages": [],
        "linked": None,
        "secret": secret,
    }
    for member in body.get("members") or ():
        _put(world, lobby, str(member["id"]), member)
    _table(world)[lobby["id"]] = lobby
    return lobby


def _put(world: World, lobby: Json, user_id: str, given: Json) -> Json:
    """Add a member, or change what the request says of one who is there."""
    world.user(user_id)
    member: Json = lobby["members"].setdefault(user_id, {"id": user_id, "metadata": None, "flags": 0})
    member |= only(given, "metadata")
    if given.get("flags") is not None:
        member["flags"] = given["flags"]
    if "additional_name" in given:
        member["additional_name"] = given["additional_name"]
    return member


def _shown(world: World, lobby: Json) -> Json:
    shown = only(lobby, "id", "application_id", "metadata", "flags", "override_event_webhooks_url")
    shown["members"] = list(lobby["members"].values())
    linked: Any = world.channels.get(lobby["linked"] or "")
    return shown | ({} if linked is None else {"linked_channel": linked})


def _lobby(world: World, call: Call, *, member: bool = False) -> Json:
    """10031 where there is none of this application; 50001 where the caller has to be in it and is not."""
    lobby = _table(world).get(call.path["lobby_id"])
    if lobby is None or lobby["application_id"] != call.application_id:
        raise unknown("lobby")
    if member and call.user_id not in lobby["members"]:
        raise missing_access()
    return lobby


def _lobbies(world: World, application_id: str) -> list[Json]:
    return [one for one in _table(world).values() if one["application_id"] == application_id]


def _table(world: World) -> dict[str, Json]:
    return world.more.setdefault("lobbies", {})
