"""The user behind a credential, and other users.

Source: Discord docs, Resources > User.
"""

from acord.core.signals.rest import ErrorCode
from acord.sandbox.answers import Json, Refusal, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.guilds import counts
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.images import with_images
from acord.sandbox.world.members import kick_out
from acord.sandbox.world.state import World
from acord.sandbox.world.views import member_view, only

__all__: list[str] = []


@handles("get_my_user")
def get_my_user(world: World, call: Call) -> Json:
    user = world.user(call.user_id)
    private: Json = {"mfa_enabled": bool(user.get("bot")), "locale": "en-US", "premium_type": 0}
    if user.get("bot"):
        private |= {"email": None, "verified": True}
    elif call.account is not None and "email" in call.account.scopes:
        private |= {"email": f"{user['username']}@example.com", "verified": True}
    return user | private


@handles("get_user")
def get_user(world: World, call: Call) -> Json:
    return world.user(call.path["user_id"])


@handles("update_my_user")
def update_my_user(world: World, call: Call) -> Json:
    user = world.user(call.user_id)
    values = only(with_images(call.body, "avatar", "banner"), "username", "avatar", "banner")
    if only(user, *values) != values:
        user |= values
        world.emit("USER_UPDATE", get_my_user(world, call), users=frozenset({call.user_id}))
        for guild in world.guilds.values():
            if call.user_id in guild.members:
                data = {"guild_id": guild.id, **member_view(world, guild, call.user_id)}
                world.emit("GUILD_MEMBER_UPDATE", data, guild_id=guild.id)
    return get_my_user(world, call)


@handles("list_my_guilds")
def list_my_guilds(world: World, call: Call) -> list[Json]:
    limit, before, after = call.query.get("limit", 200), call.query.get("before"), call.query.get("after")
    mine = sorted((guild for guild in world.guilds.values() if call.user_id in guild.members), key=lambda g: int(g.id))
    if before is not None:
        # The nearest to it, and still in rising order.
        mine = [guild for guild in mine if int(guild.id) < int(before)][-limit:]
    elif after is not None:
        mine = [guild for guild in mine if int(guild.id) > int(after)]
    return [
        {
            **only(guild.data, "id", "name", "icon", "banner", "features"),
            "owner": guild.data["owner_id"] == call.user_id,
            "permissions": str(int(world.permissions(call.user_id, guild))),
            **(counts(guild) if call.query.get("with_counts") else {}),
        }
        for guild in mine[:limit]
    ]


@handles("leave_guild")
def leave_guild(world: World, call: Call) -> None:
    guild = world.guild(call.path["guild_id"])
    if call.user_id not in guild.members:
        raise unknown("guild")
    if guild.data["owner_id"] == call.user_id:
        raise Refusal(400, ErrorCode.INVALID_GUILD, "Invalid Guild")
    kick_out(world, guild, call.user_id)


@handles("list_my_connections")
def list_my_connections(world: World, call: Call) -> list[Json]:
    """Nobody of the sandbox is connected anywhere, unless a test put it into ``world.more["connections"]``."""
    return list(world.more.get("connections", {}).get(call.user_id, {}).values())


@handles("get_application_user_role_connection")
def get_application_user_role_connection(world: World, call: Call) -> Json:
    return _connections(world, call).get(call.user_id, _NONE)


@handles("update_application_user_role_connection")
def update_application_user_role_connection(world: World, call: Call) -> Json:
    connections = _connections(world, call)
    body: Json = call.body
    before = connections.get(call.user_id, _NONE)
    connections[call.user_id] = before | {key: body[key] for key in _NONE if body.get(key) is not None}
    return connections[call.user_id]


@handles("delete_application_user_role_connection")
def delete_application_user_role_connection(world: World, call: Call) -> None:
    _connections(world, call).pop(call.user_id, None)


_NONE: Json = {"platform_name": None, "platform_username": None, "metadata": {}}


def _connections(world: World, call: Call) -> dict[str, Json]:
    """Those of one application, by user; a token speaks for its own application only."""
    if call.path["application_id"] != call.application_id:
        raise unknown("application")
    return world.more.setdefault("role_connections", {}).setdefault(call.application_id, {})
