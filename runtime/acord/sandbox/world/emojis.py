"""Custom emojis, of guilds and of applications."""

from base64 import b64decode
from binascii import Error as BadBase64

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.sandbox.answers import Json, Refusal, invalid, missing_access, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world import shown
from acord.sandbox.world.audit import AuditLogActionType, diff, log, made, unmade
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import Guild, World

__all__: list[str] = []

SLOTS = (50, 100, 150, 250)  # emojis of a guild, of either kind, by its boost tier
APPLICATION_SLOTS = 2000
LARGEST = 256 << 10  # bytes (Resources > Emoji > Create Guild Emoji)
_ANY = Permissions.CREATE_GUILD_EXPRESSIONS, Permissions.MANAGE_GUILD_EXPRESSIONS


@handles("list_guild_emojis")
def list_guild_emojis(world: World, call: Call) -> list[Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    with_user = any(one in world.permissions(call.user_id, guild) for one in _ANY)
    return [_view(world, one, with_user=with_user) for one in guild.emojis.values()]


@handles("get_guild_emoji")
def get_guild_emoji(world: World, call: Call) -> Json:
    guild, emoji = _found(world, call)
    return _view(world, emoji, with_user=_may_change(world, guild, emoji, call.user_id))


@handles("create_guild_emoji")
def create_guild_emoji(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.CREATE_GUILD_EXPRESSIONS)
    animated, content = _picture(call.body["image"])
    slots = SLOTS[int(guild.data["premium_tier"])]
    if sum(one["animated"] is animated for one in guild.emojis.values()) >= slots:
        kind = "animated emojis" if animated else "emojis"
        code = ErrorCode.MAX_ANIMATED_EMOJIS if animated else ErrorCode.MAX_EMOJIS
        raise Refusal(400, code, f"Maximum number of {kind} reached ({slots})")
    emoji = _new(world, call, animated, content)
    emoji["roles"] = _roles(guild, call.body.get("roles"))
    guild.emojis[emoji["id"]] = emoji
    _told(world, guild)
    log(world, guild, call, AuditLogActionType.EMOJI_CREATE, emoji["id"], changes=made({"name": emoji["name"]}))
    return _view(world, emoji)


@handles("update_guild_emoji")
def update_guild_emoji(world: World, call: Call) -> Json:
    guild, emoji = _found(world, call)
    _need(world, guild, emoji, call.user_id)
    before = dict(emoji)
    body: Json = call.body or {}
    if body.get("name") is not None:
        emoji["name"] = body["name"]
    if "roles" in body:
        emoji["roles"] = _roles(guild, body["roles"])
    if changes := diff(before, emoji):
        _told(world, guild)
        log(world, guild, call, AuditLogActionType.EMOJI_UPDATE, emoji["id"], changes=changes)
    return _view(world, emoji)


@handles("delete_guild_emoji")
def delete_guild_emoji(world: World, call: Call) -> None:
    guild, emoji = _found(world, call)
    _need(world, guild, emoji, call.user_id)
    del guild.emojis[emoji["id"]]
    world.attachments.pop(_path(emoji), None)
    _told(world, guild)
    log(world, guild, call, AuditLogActionType.EMOJI_DELETE, emoji["id"], changes=unmade({"name": emoji["name"]}))


# Of an application


@handles("list_application_emojis")
def list_application_emojis(world: World, call: Call) -> Json:
    return {"items": [_view(world, one) for one in _own(world, call).values()]}


@handles("get_application_emoji")
def get_application_emoji(world: World, call: Call) -> Json:
    return _view(world, _own_one(world, call))


@handles("create_application_emoji")
def create_application_emoji(world: World, call: Call) -> Json:
    emojis = _own(world, call)
    animated, content = _picture(call.body["image"])
    if len(emojis) >= APPLICATION_SLOTS:
        raise Refusal(400, ErrorCode.MAX_EMOJIS, f"Maximum number of emojis reached ({APPLICATION_SLOTS})")
    if any(one["name"] == call.body["name"] for one in emojis.values()):
        raise invalid("name", "An emoji with this name exists already", "APPLICATION_EMOJI_NAME_ALREADY_TAKEN")
    emoji = _new(world, call, animated, content)
    emojis[emoji["id"]] = emoji
    return _view(world, emoji)


@handles("update_application_emoji")
def update_application_emoji(world: World, call: Call) -> Json:
    emoji = _own_one(world, call)
    body: Json = call.body or {}
    if body.get("name") is not None:
        emoji["name"] = body["name"]
    return _view(world, emoji)


@handles("delete_application_emoji")
def delete_application_emoji(world: World, call: Call) -> None:
    emoji = _own_one(world, call)
    del _own(world, call)[emoji["id"]]
    world.attachments.pop(_path(emoji), None)


def _own(world: World, call: Call) -> dict[str, Json]:
    if call.path["application_id"] != call.application_id:
        raise missing_access()
    emojis: dict[str, Json] = world.more.setdefault("application_emojis", {}).setdefault(call.application_id, {})
    return emojis


def _own_one(world: World, call: Call) -> Json:
    emoji = _own(world, call).get(call.path["emoji_id"])
    if emoji is None:
        raise unknown("emoji")
    return emoji


# Of both


def _found(world: World, call: Call) -> tuple[Guild, Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    emoji = guild.emojis.get(call.path["emoji_id"])
    if emoji is None:
        raise unknown("emoji")
    return guild, emoji


def _may_change(world: World, guild: Guild, emoji: Json, user_id: str) -> bool:
    has = world.permissions(user_id, guild)
    own = emoji["user"]["id"] == user_id and Permissions.CREATE_GUILD_EXPRESSIONS in has
    return own or Permissions.MANAGE_GUILD_EXPRESSIONS in has


def _need(world: World, guild: Guild, emoji: Json, user_id: str) -> None:
    if not _may_change(world, guild, emoji, user_id):
        world.need(user_id, guild, Permissions.MANAGE_GUILD_EXPRESSIONS)


def _new(world: World, call: Call, animated: bool, content: bytes) -> Json:
    emoji: Json = {
        "id": world.ids(),
        "name": call.body["name"],
        "roles": [],
        "user": world.user(call.user_id),
        "require_colons": True,
        "managed": False,
        "animated": animated,
        "available": True,
    }
    world.attachments[_path(emoji)] = content
    return emoji


def _path(emoji: Json) -> str:
    return f"/emojis/{emoji['id']}.{'gif' if emoji['animated'] else 'png'}"


def _picture(uri: str) -> tuple[bool, bytes]:
    head, _, data = uri.partition(",")
    try:
        content = b64decode(data, validate=True)
    except (BadBase64, ValueError):
        content = b""
    if not head.startswith("data:image/") or not content:
        raise invalid("image", "Invalid image data", "IMAGE_INVALID")
    if len(content) > LARGEST:
        raise invalid("image", "File cannot be larger than 256.0 kb.", "BINARY_TYPE_MAX_SIZE")
    return head.startswith("data:image/gif"), content


def _roles(guild: Guild, given: list[str | None] | None) -> list[str]:
    return [str(one) for one in dict.fromkeys(given or ()) if one is not None and str(one) in guild.roles]


def _view(world: World, emoji: Json, *, with_user: bool = True) -> Json:
    seen = {**emoji, "roles": list(emoji["roles"]), "user": shown.user(world, emoji["user"])}
    if not with_user:
        del seen["user"]
    return seen


def _told(world: World, guild: Guild) -> None:
    data: Json = {"guild_id": guild.id, "emojis": [_view(world, one) for one in guild.emojis.values()]}
    world.emit("GUILD_EMOJIS_UPDATE", data, guild_id=guild.id)
