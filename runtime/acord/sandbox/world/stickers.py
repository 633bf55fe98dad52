"""Stickers: the packs that everybody has, and those of guilds."""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models import StickerFormatType, StickerType
from acord.sandbox.answers import Json, Refusal, invalid, unknown
from acord.sandbox.calls import Call, Upload
from acord.sandbox.world import shown
from acord.sandbox.world.audit import AuditLogActionType, diff, log, made, unmade
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.sticker_items import standard_packs

__all__: list[str] = []

SLOTS = (5, 15, 30, 60)  # stickers of a guild by its boost tier
LARGEST = 512 << 10  # bytes (Resources > Sticker > Create Guild Sticker)
_ANY = Permissions.CREATE_GUILD_EXPRESSIONS, Permissions.MANAGE_GUILD_EXPRESSIONS


@handles("list_sticker_packs")
def list_sticker_packs(world: World, call: Call) -> Json:
    return {"sticker_packs": standard_packs()}


@handles("get_sticker_pack")
def get_sticker_pack(world: World, call: Call) -> Json:
    for pack in standard_packs():
        if pack["id"] == call.path["pack_id"]:
            return pack
    raise unknown("sticker pack")


@handles("get_sticker")
def get_sticker(world: World, call: Call) -> Json:
    sticker_id = call.path["sticker_id"]
    for pack in standard_packs():
        for one in pack["stickers"]:
            if one["id"] == sticker_id:
                found: Json = one
                return found
    for guild in world.guilds.values():
        if sticker_id in guild.stickers:
            return _view(world, guild.stickers[sticker_id], with_user=False)
    raise unknown("sticker")


@handles("list_guild_stickers")
def list_guild_stickers(world: World, call: Call) -> list[Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    with_user = any(one in world.permissions(call.user_id, guild) for one in _ANY)
    return [_view(world, one, with_user=with_user) for one in guild.stickers.values()]


@handles("get_guild_sticker")
def get_guild_sticker(world: World, call: Call) -> Json:
    guild, sticker = _found(world, call)
    return _view(world, sticker, with_user=_may_change(world, guild, sticker, call.user_id))


@handles("create_guild_sticker")
def create_guild_sticker(world: World, call: Call) -> Json:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.CREATE_GUILD_EXPRESSIONS)
    slots = SLOTS[int(guild.data["premium_tier"])]
    if len(guild.stickers) >= slots:
        raise Refusal(400, ErrorCode.MAX_STICKERS, f"Maximum number of stickers reached ({slots})")
    if not call.files:
        raise invalid("file", "This field is required")
    kind, ending = _format(guild, call.files[0])
    sticker: Json = {
        "id": world.ids(),
        "name": call.body["name"],
        "tags": call.body["tags"],
        "type": int(StickerType.GUILD),
        "format_type": int(kind),
        "description": call.body.get("description") or None,
        "available": True,
        "guild_id": guild.id,
        "user": world.user(call.user_id),
    }
    guild.stickers[sticker["id"]] = sticker
    world.attachments[f"/stickers/{sticker['id']}.{ending}"] = call.files[0].content
    _told(world, guild)
    log(world, guild, call, AuditLogActionType.STICKER_CREATE, sticker["id"], changes=made(sticker))
    return _view(world, sticker)


@handles("update_guild_sticker")
def update_guild_sticker(world: World, call: Call) -> Json:
    guild, sticker = _found(world, call)
    _need(world, guild, sticker, call.user_id)
    before = dict(sticker)
    body: Json = call.body or {}
    for name in ("name", "tags"):
        if body.get(name) is not None:
            sticker[name] = body[name]
    if "description" in body:
        sticker["description"] = body["description"] or None
    if changes := diff(before, sticker):
        _told(world, guild)
        log(world, guild, call, AuditLogActionType.STICKER_UPDATE, sticker["id"], changes=changes)
    return _view(world, sticker)


@handles("delete_guild_sticker")
def delete_guild_sticker(world: World, call: Call) -> None:
    guild, sticker = _found(world, call)
    _need(world, guild, sticker, call.user_id)
    del guild.stickers[sticker["id"]]
    for path in [one for one in world.attachments if one.startswith(f"/stickers/{sticker['id']}.")]:
        del world.attachments[path]
    _told(world, guild)
    log(world, guild, call, AuditLogActionType.STICKER_DELETE, sticker["id"], changes=unmade(sticker))


def _format(guild: Guild, file: Upload) -> tuple[StickerFormatType, str]:
    if len(file.content) > LARGEST:
        raise invalid("file", "File cannot be larger than 512.0 kb.", "BINARY_TYPE_MAX_SIZE")
    if file.content.startswith(b"\x89PNG"):
        moving = b"acTL" in file.content[:1024]
        return (StickerFormatType.APNG if moving else StickerFormatType.PNG), "png"
    if file.content[:4] == b"GIF8":
        return StickerFormatType.GIF, "gif"
    if file.content.lstrip()[:1] == b"{" and {"VERIFIED", "PARTNERED"} & set(guild.data["features"]):
        return StickerFormatType.LOTTIE, "json"
    raise Refusal(400, ErrorCode.INVALID_FILE_UPLOADED, "Invalid file uploaded")


def _found(world: World, call: Call) -> tuple[Guild, Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    sticker = guild.stickers.get(call.path["sticker_id"])
    if sticker is None:
        raise unknown("sticker")
    return guild, sticker


def _may_change(world: World, guild: Guild, sticker: Json, user_id: str) -> bool:
    has = world.permissions(user_id, guild)
    own = sticker["user"]["id"] == user_id and Permissions.CREATE_GUILD_EXPRESSIONS in has
    return own or Permissions.MANAGE_GUILD_EXPRESSIONS in has


def _need(world: World, guild: Guild, sticker: Json, user_id: str) -> None:
    if not _may_change(world, guild, sticker, user_id):
        world.need(user_id, guild, Permissions.MANAGE_GUILD_EXPRESSIONS)


def _view(world: World, sticker: Json, *, with_user: bool = True) -> Json:
    seen = {**sticker, "user": shown.user(world, sticker["user"])}
    if not with_user:
        del seen["user"]
    return seen


def _told(world: World, guild: Guild) -> None:
    data: Json = {
        "guild_id": guild.id,
        "stickers": [_view(world, one, with_user=False) for one in guild.stickers.values()],
    }
    world.emit("GUILD_STICKERS_UPDATE", data, guild_id=guild.id)
