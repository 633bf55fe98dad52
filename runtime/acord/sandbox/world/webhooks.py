"""Webhooks: made, listed, changed, deleted."""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models import ChannelType, WebhookType
from acord.sandbox.answers import Json, Refusal, invalid, unknown
from acord.sandbox.calls import Call
from acord.sandbox.world import shown
from acord.sandbox.world.audit import AuditLogActionType, diff, log, made, unmade
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.images import image_hash
from acord.sandbox.world.state import World

__all__ = ["by_token", "view"]

MOST = 15  # webhooks of a channel (error 30007)
_CHANNELS = (
    ChannelType.GUILD_TEXT,
    ChannelType.GUILD_ANNOUNCEMENT,
    ChannelType.GUILD_VOICE,
    ChannelType.GUILD_STAGE_VOICE,
    ChannelType.GUILD_FORUM,
    ChannelType.GUILD_MEDIA,
)
_NOT_CALLED = ("clyde", "discord")


@handles("create_webhook")
def create_webhook(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    if channel["type"] not in _CHANNELS:
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, "Cannot execute action on this channel type")
    world.need(call.user_id, channel, Permissions.MANAGE_WEBHOOKS)
    if sum(one["channel_id"] == channel["id"] for one in world.webhooks.values()) >= MOST:
        raise Refusal(400, ErrorCode.MAX_WEBHOOKS, f"Maximum number of webhooks reached ({MOST})")
    webhook: Json = {
        "id": world.ids(),
        "type": int(WebhookType.GUILD_INCOMING),
        "name": _name(call.body["name"]),
        "avatar": image_hash(call.body.get("avatar")),
        "channel_id": channel["id"],
        "guild_id": channel["guild_id"],
        "application_id": call.application_id,
        "token": f"{world.random.getrandbits(400):0100x}",
        "user": world.user(call.user_id),
    }
    world.webhooks[webhook["id"]] = webhook
    _told(world, webhook)
    guild = world.guild(channel["guild_id"])
    log(world, guild, call, AuditLogActionType.WEBHOOK_CREATE, webhook["id"], changes=made(webhook))
    return view(world, webhook)


@handles("list_channel_webhooks")
def list_channel_webhooks(world: World, call: Call) -> list[Json]:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    world.need(call.user_id, channel, Permissions.MANAGE_WEBHOOKS)
    return [view(world, one) for one in world.webhooks.values() if one["channel_id"] == channel["id"]]


@handles("get_guild_webhooks")
def get_guild_webhooks(world: World, call: Call) -> list[Json]:
    guild = world.guild(call.path["guild_id"], member=call.user_id)
    world.need(call.user_id, guild, Permissions.MANAGE_WEBHOOKS)
    return [view(world, one) for one in world.webhooks.values() if one["guild_id"] == guild.id]


@handles("get_webhook")
def get_webhook(world: World, call: Call) -> Json:
    return view(world, _mine(world, call))


@handles("get_webhook_by_token")
def get_webhook_by_token(world: World, call: Call) -> Json:
    return view(world, by_token(world, call), with_user=False)


@handles("update_webhook")
def update_webhook(world: World, call: Call) -> Json:
    webhook = _mine(world, call)
    body: Json = call.body or {}
    if body.get("channel_id") is not None:
        target = world.channel(str(body["channel_id"]), seen_by=call.user_id)
        if target.get("guild_id") != webhook["guild_id"] or target["type"] not in _CHANNELS:
            raise invalid("channel_id", "Unknown channel", "BASE_TYPE_CHOICES")
        world.need(call.user_id, target, Permissions.MANAGE_WEBHOOKS)
    _update(world, webhook, body, call)
    return view(world, webhook)


@handles("update_webhook_by_token")
def update_webhook_by_token(world: World, call: Call) -> Json:
    webhook = by_token(world, call)
    body: Json = call.body or {}
    _update(world, webhook, {name: body[name] for name in ("name", "avatar") if name in body}, None)
    return view(world, webhook, with_user=False)


@handles("delete_webhook")
def delete_webhook(world: World, call: Call) -> None:
    webhook = _mine(world, call)
    _remove(world, webhook)
    guild = world.guild(webhook["guild_id"])
    log(world, guild, call, AuditLogActionType.WEBHOOK_DELETE, webhook["id"], changes=unmade(webhook))


@handles("delete_webhook_by_token")
def delete_webhook_by_token(world: World, call: Call) -> None:
    _remove(world, by_token(world, call))


def by_token(world: World, call: Call) -> Json:
    """10015 where there is none of this id, 50027 for another token."""
    webhook = world.webhooks.get(call.path["webhook_id"])
    if webhook is None:
        raise unknown("webhook")
    if webhook.get("token") is None or webhook["token"] != call.path["webhook_token"]:
        raise Refusal(401, ErrorCode.INVALID_WEBHOOK_TOKEN, "Invalid Webhook Token")
    return webhook


def view(world: World, webhook: Json, *, with_user: bool = True) -> Json:
    """With its address; without who made it for those who have only the token."""
    seen = shown.copied(webhook)
    if "token" in seen:
        seen["url"] = f"{world.api_url}/webhooks/{seen['id']}/{seen['token']}"
    if "user" in seen:
        seen["user"] = shown.user(world, seen["user"])
    if not with_user:
        seen.pop("user", None)
    return seen


def _mine(world: World, call: Call) -> Json:
    webhook = world.webhooks.get(call.path["webhook_id"])
    if webhook is None:
        raise unknown("webhook")
    if webhook["application_id"] != call.application_id or webhook["application_id"] is None:
        channel = world.channel(webhook["channel_id"])
        world.need(call.user_id, channel, Permissions.MANAGE_WEBHOOKS)
    return webhook


def _update(world: World, webhook: Json, body: Json, call: Call | None) -> None:
    before = dict(webhook)
    if body.get("name") is not None:
        webhook["name"] = _name(body["name"])
    if "avatar" in body:
        webhook["avatar"] = image_hash(body["avatar"])
    if body.get("channel_id") is not None:
        webhook["channel_id"] = str(body["channel_id"])
    if before == webhook:
        return
    _told(world, webhook)
    if before["channel_id"] != webhook["channel_id"]:
        _told(world, before)
    if call is not None:
        changes = diff(before, webhook, rename={"avatar": "avatar_hash"})
        guild = world.guild(webhook["guild_id"])
        log(world, guild, call, AuditLogActionType.WEBHOOK_UPDATE, webhook["id"], changes=changes)


def _remove(world: World, webhook: Json) -> None:
    del world.webhooks[webhook["id"]]
    _told(world, webhook)


def _name(name: str) -> str:
    for one in _NOT_CALLED:
        if one in name.lower():
            text = f'Username cannot contain "{one}"'
            raise invalid("name", text, "USERNAME_INVALID_CONTAINS")
    return name.strip()


def _told(world: World, webhook: Json) -> None:
    data: Json = {"guild_id": webhook["guild_id"], "channel_id": webhook["channel_id"]}
    world.emit("WEBHOOKS_UPDATE", data, guild_id=webhook["guild_id"], channel_id=webhook["channel_id"])
