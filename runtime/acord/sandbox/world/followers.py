"""Announcement channels that others follow: what is published there arrives in the channels that follow."""

from acord.core.signals.rest import ErrorCode
from acord.flags import MessageFlags, Permissions
from acord.models import ChannelType, MessageType, WebhookType
from acord.sandbox.answers import Json, Refusal
from acord.sandbox.calls import Call
from acord.sandbox.world import messages, shown
from acord.sandbox.world.audit import AuditLogActionType, log, made
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import World

__all__ = ["spread"]


@handles("follow_channel")
def follow_channel(world: World, call: Call) -> Json:
    source = world.channel(call.path["channel_id"], seen_by=call.user_id)
    target = world.channel(str(call.body["webhook_channel_id"]))
    if source["type"] != ChannelType.GUILD_ANNOUNCEMENT or target["type"] not in (
        ChannelType.GUILD_TEXT,
        ChannelType.GUILD_ANNOUNCEMENT,
    ):
        text = "Cannot execute action on this channel type"
        raise Refusal(400, ErrorCode.CANNOT_ACT_ON_CHANNEL_TYPE, text)
    world.need(call.user_id, target, Permissions.MANAGE_WEBHOOKS)
    home, guild = world.guild(source["guild_id"]), world.guild(target["guild_id"])
    webhook: Json = {
        "id": world.ids(),
        "type": int(WebhookType.CHANNEL_FOLLOWER),
        "name": f"{home.data['name']} #{source['name']}",
        "avatar": home.data["icon"],
        "channel_id": target["id"],
        "guild_id": guild.id,
        "application_id": None,
        "user": shown.user(world, {"id": call.user_id}),
        "source_guild": {key: home.data[key] for key in ("id", "name", "icon")},
        "source_channel": {key: source[key] for key in ("id", "name")},
    }
    world.webhooks[webhook["id"]] = webhook
    data: Json = {"guild_id": guild.id, "channel_id": target["id"]}
    world.emit("WEBHOOKS_UPDATE", data, guild_id=guild.id, channel_id=target["id"])
    log(world, guild, call, AuditLogActionType.WEBHOOK_CREATE, webhook["id"], changes=made(webhook))
    reference = {"type": 0, "channel_id": source["id"], "guild_id": home.id}
    author = world.user(call.user_id)
    kind = MessageType.CHANNEL_FOLLOW_ADD
    messages.publish(world, messages.system(world, target, author, kind, content=webhook["name"], reference=reference))
    return {"channel_id": source["id"], "webhook_id": webhook["id"]}


def spread(world: World, channel: Json, message: Json) -> None:
    """The message arrives in every channel that follows this one."""
    for webhook in list(world.webhooks.values()):
        if webhook.get("source_channel", {}).get("id") != channel["id"] or webhook["channel_id"] not in world.channels:
            continue
        target = world.channels[webhook["channel_id"]]
        author: Json = {
            "id": webhook["id"],
            "username": webhook["name"],
            "avatar": webhook["avatar"],
            "discriminator": "0000",
            "public_flags": 0,
            "flags": 0,
            "bot": True,
            "global_name": None,
        }
        copy = messages.system(world, target, author, MessageType.DEFAULT)
        for key in ("content", "embeds", "components", "attachments", "sticker_items"):
            if key in message:
                copy[key] = shown.copied(message[key])
        copy |= {
            "flags": int(MessageFlags.IS_CROSSPOST),
            "webhook_id": webhook["id"],
            "message_reference": {
                "type": 0,
                "channel_id": channel["id"],
                "guild_id": channel["guild_id"],
                "message_id": message["id"],
            },
        }
        messages.publish(world, copy)
