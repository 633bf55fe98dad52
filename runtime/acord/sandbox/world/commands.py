"""Application commands, everywhere and in one guild, and who may use them.

Source: Discord docs, Interactions > Application Commands.
"""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models.enums import ApplicationCommandPermissionType, AuditLogActionType
from acord.sandbox.answers import Answer, Json, Refusal, missing_access, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world.applications import own_application
from acord.sandbox.world.audit import log
from acord.sandbox.world.command_shapes import check, filled
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import Guild, World

__all__ = ["commands_of", "permissions_of"]

LIMITS = {1: 100, 2: 15, 3: 15, 4: 1}
"""Commands of a type in one scope (Application Commands > Registering a Command)."""
_FIELDS = (
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "default_member_permissions",
    "dm_permission",
    "contexts",
    "integration_types",
    "handler",
    "nsfw",
)


@handles("list_application_commands", "list_guild_application_commands")
def list_application_commands(world: World, call: Call) -> list[Json]:
    localized = bool(call.query.get("with_localizations"))
    return [_listed(one, localized) for one in _scope(world, call)]


@handles("get_application_command", "get_guild_application_command")
def get_application_command(world: World, call: Call) -> Json:
    return _command(world, call)


@handles("create_application_command", "create_guild_application_command")
def create_application_command(world: World, call: Call) -> Answer:
    """Of a name and type that there is already it replaces that one: 200 instead of 201."""
    there = _scope(world, call)
    asked = _asked(call.body)
    same = _same(there, asked)
    check([asked], single=True)
    if same is None:
        _room(there, asked)
        return Answer(201, _store(world, call, asked, None))
    return Answer(200, _store(world, call, asked, same))


@handles("bulk_set_application_commands", "bulk_set_guild_application_commands")
def bulk_set_application_commands(world: World, call: Call) -> list[Json]:
    """What is not among them is deleted; what is, keeps its id."""
    there = _scope(world, call)
    wanted = [_asked(one) for one in call.body or ()]
    check(wanted)
    for kind, limit in LIMITS.items():
        if sum(one["type"] == kind for one in wanted) > limit:
            raise _too_many(limit)
    same = [_same(there, one, given.get("id")) for one, given in zip(wanted, call.body or (), strict=True)]
    kept = {one["id"] for one in same if one is not None}
    for old in there:
        if old["id"] not in kept:
            _forget(world, old["id"])
    return [_store(world, call, one, old) for one, old in zip(wanted, same, strict=True)]


@handles("update_application_command", "update_guild_application_command")
def update_application_command(world: World, call: Call) -> Json:
    command = _command(world, call)
    asked = {**{key: command[key] for key in (*_FIELDS, "type") if key in command}, **call.body}
    check([asked], single=True)
    twin = _same(_scope(world, call), asked)
    if twin is not None and twin["id"] != command["id"]:
        raise Refusal(
            400, ErrorCode.APPLICATION_COMMAND_NAME_TAKEN, "An application command with that name already exists"
        )
    return _store(world, call, asked, command)


@handles("delete_application_command", "delete_guild_application_command")
def delete_application_command(world: World, call: Call) -> None:
    _forget(world, _command(world, call)["id"])


# Permissions


@handles("list_guild_application_command_permissions")
def list_guild_application_command_permissions(world: World, call: Call) -> list[Json]:
    application, guild = own_application(world, call), _guild(world, call)
    table = guild.more.get("command_permissions", {})
    return [one for one in table.values() if one["application_id"] == application["id"]]


@handles("get_guild_application_command_permissions")
def get_guild_application_command_permissions(world: World, call: Call) -> Json:
    own_application(world, call)
    guild = _guild(world, call)
    if (found := guild.more.get("command_permissions", {}).get(call.path["command_id"])) is None:
        raise unknown("application command permissions")
    return found


@handles("set_guild_application_command_permissions")
def set_guild_application_command_permissions(world: World, call: Call) -> Json:
    """Of one command, or (by the application's id) of all that have none of their own."""
    application, guild = own_application(world, call), _guild(world, call)
    world.need(call.user_id, guild, Permissions.MANAGE_GUILD, Permissions.MANAGE_ROLES)
    command_id = call.path["command_id"]
    if command_id != application["id"]:
        command = world.commands.get(command_id)
        if command is None or command["application_id"] != application["id"]:
            raise unknown("application command")
    permissions = [
        {"id": str(one["id"]), "type": int(one["type"]), "permission": bool(one["permission"])}
        for one in call.body.get("permissions") or ()
    ]
    shown: Json = {
        "id": command_id,
        "application_id": application["id"],
        "guild_id": guild.id,
        "permissions": permissions,
    }
    table = guild.more.setdefault("command_permissions", {})
    before = {one["id"]: one for one in table.get(command_id, {"permissions": []})["permissions"]}
    table[command_id] = shown
    world.emit("APPLICATION_COMMAND_PERMISSIONS_UPDATE", shown, guild_id=guild.id)
    after = {one["id"]: one for one in permissions}
    changes: list[Json] = []
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            sides = {"old_value": before.get(key), "new_value": after.get(key)}
            changes.append({"key": key, **{side: value for side, value in sides.items() if value is not None}})
    options = {"application_id": application["id"]}
    action = AuditLogActionType.APPLICATION_COMMAND_PERMISSION_UPDATE
    log(world, guild, call, action, command_id, changes=changes, options=options)
    return shown


# What people find


def commands_of(world: World, guild_id: str | None, *, kind: int | None = None) -> list[Json]:
    """The commands that there are in a guild, or (None) in direct messages; a guild's own ones first."""
    found = [
        command
        for command in world.commands.values()
        if (kind is None or command["type"] == kind) and _is_there(world, command, guild_id)
    ]
    return sorted(found, key=lambda command: "guild_id" not in command)


def permissions_of(guild: Guild, command: Json, user_id: str, channel_id: str) -> bool | None:
    """Whether this guild allows the command to this member there; None where it says nothing.

    The user's own entry counts first, then those of roles (one that allows is enough), then @everyone's; a channel
    that is denied is denied to all. Without an entry of the command's own the application's count.
    """
    table = guild.more.get("command_permissions", {})
    entries: list[Json] = (table.get(command["id"]) or table.get(command["application_id"]) or {}).get(
        "permissions", []
    )
    by_id = {(one["type"], one["id"]): one["permission"] for one in entries}
    # Guild id for @everyone, guild id less one for all channels.
    channel_kind = ApplicationCommandPermissionType.CHANNEL
    everywhere = by_id.get((channel_kind, str(int(guild.id) - 1)))
    if by_id.get((channel_kind, channel_id), everywhere) is False:
        return False
    user = by_id.get((ApplicationCommandPermissionType.USER, user_id))
    if user is not None:
        return bool(user)
    role_kind = ApplicationCommandPermissionType.ROLE
    own = [by_id[(role_kind, one)] for one in guild.members[user_id]["roles"] if (role_kind, one) in by_id]
    if own:
        return any(own)
    everyone = by_id.get((role_kind, guild.id))
    return None if everyone is None else bool(everyone)


def _is_there(world: World, command: Json, guild_id: str | None) -> bool:
    bot = world.applications[command["application_id"]]["bot"]["id"]
    if guild_id is None:
        return "guild_id" not in command and command["dm_permission"] is not False and _in_context(command, 1)
    if command.get("guild_id", guild_id) != guild_id or not _in_context(command, 0):
        return False
    return bot in world.guilds[guild_id].members


def _in_context(command: Json, context: int) -> bool:
    contexts = command.get("contexts")
    return contexts is None or context in contexts


def _guild(world: World, call: Call) -> Guild:
    guild = world.guild(call.path["guild_id"])
    bot = world.applications[call.application_id]["bot"]["id"]
    if bot not in guild.members:
        raise missing_access()
    return guild


def _scope(world: World, call: Call) -> list[Json]:
    """The commands of the application in the guild of the path, or everywhere."""
    application = own_application(world, call)
    guild_id = _guild(world, call).id if "guild_id" in call.path else None
    return [
        one
        for one in world.commands.values()
        if one["application_id"] == application["id"] and one.get("guild_id") == guild_id
    ]


def _command(world: World, call: Call) -> Json:
    for command in _scope(world, call):
        if command["id"] == call.path["command_id"]:
            return command
    raise unknown("application command")


def _same(there: list[Json], asked: Json, command_id: object = None) -> Json | None:
    if command_id is not None:
        return next((one for one in there if one["id"] == str(command_id)), None)
    return next((one for one in there if (one["name"], one["type"]) == (asked["name"], asked["type"])), None)


def _asked(body: Json) -> Json:
    asked = {key: value for key, value in body.items() if key in _FIELDS}
    asked["type"] = body.get("type") or 1
    return asked


def _room(there: list[Json], asked: Json) -> None:
    limit = LIMITS.get(asked["type"], 1)
    if sum(one["type"] == asked["type"] for one in there) >= limit:
        raise _too_many(limit)


def _too_many(limit: int) -> Refusal:
    text = f"Maximum number of application commands reached ({limit})"
    return Refusal(400, ErrorCode.MAX_APPLICATION_COMMANDS, text)


def _store(world: World, call: Call, asked: Json, old: Json | None) -> Json:
    guild_id = call.path.get("guild_id")
    command = filled(asked, guild_id)
    if old is not None and {**old, **command} == old:
        return old
    stored: Json = {
        "id": old["id"] if old is not None else world.ids(),
        "application_id": call.application_id,
        "version": world.ids(),
        **command,
    }
    world.commands[stored["id"]] = stored
    return stored


def _forget(world: World, command_id: str) -> None:
    del world.commands[command_id]
    for guild in world.guilds.values():
        guild.more.get("command_permissions", {}).pop(command_id, None)


def _listed(command: Json, localized: bool) -> Json:
    """A command (an option, a choice) of a list: with translations only where they were asked for."""
    if localized:
        return command
    plain = {key: value for key, value in command.items() if not key.endswith("_localizations")}
    for inner in plain.keys() & {"options", "choices"}:
        plain[inner] = [_listed(one, localized) for one in plain[inner]]
    return plain
