"""Interactions as such: begun by what somebody does, found by their token, alive for a while.

Source: Discord docs, Interactions > Receiving and Responding.
"""

from string import ascii_letters, digits
from typing import Any

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.models.enums import InteractionContextType, InteractionType
from acord.sandbox.answers import Json, Refusal, unknown
from acord.sandbox.world import shown
from acord.sandbox.world.message_views import extras
from acord.sandbox.world.state import Guild, World
from acord.sandbox.world.views import only

__all__ = ["ANSWER_WITHIN", "TOKEN_LIVES", "begin", "channel_view", "metadata", "opened", "resolve_users", "spoken"]

ANSWER_WITHIN = 3.0  # seconds from the event to the first response
TOKEN_LIVES = 15 * 60.0  # seconds
UPLOAD_MOST = (10, 10, 50, 100)
"""MiB that may be uploaded, by the guild's premium tier."""

_CHANNEL = (
    "id",
    "type",
    "name",
    "last_message_id",
    "last_pin_timestamp",
    "nsfw",
    "parent_id",
    "guild_id",
    "flags",
    "rate_limit_per_user",
    "topic",
    "position",
    "thread_metadata",
)
_IN_MESSAGES = Permissions.ATTACH_FILES | Permissions.EMBED_LINKS | Permissions.MENTION_EVERYONE


def begin(
    world: World,
    application: Json,
    kind: InteractionType,
    user_id: str,
    channel: Json,
    data: Json | None,
    *,
    # What it comes from
    message: Json | None = None,
    parent: Json | None = None,
    # What the person's client says
    locale: str = "en-US",
) -> Json:
    """Somebody does something with the application: its bot is told; gives what the world keeps of it.

    ``message`` bears the component that was used, ``parent`` is the interaction whose modal was sent.
    """
    token = "aW50ZXJhY3Rpb246" + "".join(world.random.choices(ascii_letters + digits, k=64))
    guild = world.guilds.get(str(channel.get("guild_id")))
    bot = application["bot"]["id"]
    payload: Json = {
        "id": world.ids(),
        "application_id": application["id"],
        "type": int(kind),
        "token": token,
        "version": 1,
        "channel": channel_view(world, channel, user_id),
        "channel_id": channel["id"],
        "app_permissions": str(int(_app_permissions(world, channel, bot))),
        "locale": locale,
        "entitlements": _entitlements(world, application, guild, user_id),
        "authorizing_integration_owners": {"0": guild.id if guild is not None else "0"},
        "context": int(_context(channel, bot)),
        "attachment_size_limit": UPLOAD_MOST[guild.data["premium_tier"] if guild is not None else 0] << 20,
    }
    if data is not None:
        payload["data"] = data
    if guild is None:
        payload["user"] = shown.user(world, world.user(user_id))
    else:
        member = shown.member(world, guild, user_id)
        member["permissions"] = str(int(world.permissions(user_id, channel)))
        payload["member"] = member
        payload["guild_id"] = guild.id
        payload["guild"] = {
            "id": guild.id,
            "locale": guild.data["preferred_locale"],
            "features": guild.data["features"],
        }
        payload["guild_locale"] = guild.data["preferred_locale"]
    if message is not None:
        seen = extras(world, message)
        for beside in ("guild_id", "member", "channel_type"):
            seen.pop(beside, None)
        payload["message"] = seen
    record: Json = {
        "payload": payload,
        "user_id": user_id,
        "began": world.now(),
        "callback": None,
        "message": message,
        "original": None,
        "messages": [],
        "parent": parent,
        "modal": None,
        "choices": None,
        "listeners": [],
    }
    _forget_old(world)
    world.interactions[token] = record
    # An application hears of interactions over HTTP or over the gateway, never both; here nobody does it over HTTP.
    if not application.get("interactions_endpoint_url"):
        guild_id = None if guild is None else guild.id
        world.emit("INTERACTION_CREATE", payload, guild_id=guild_id, users=frozenset({bot}))
    return record


def opened(world: World, interaction_id: str, token: str) -> Json:
    """An interaction that still waits for its first response; 10062 where it does not, 40060 where it has it."""
    record = world.interactions.get(token)
    if record is None or record["payload"]["id"] != interaction_id:
        raise unknown("interaction")
    if record["callback"] is not None:
        raise Refusal(400, ErrorCode.INTERACTION_ALREADY_ACKNOWLEDGED, "Interaction has already been acknowledged.")
    if world.now() - record["began"] > ANSWER_WITHIN:
        raise unknown("interaction")
    return record


def spoken(world: World, application_id: str, token: str) -> Json:
    """An interaction that had its first response; 10015 before that, 50027 when its token has ended."""
    record = world.interactions.get(token)
    if record is None or record["payload"]["application_id"] != application_id:
        raise unknown("webhook")
    if world.now() - record["began"] > TOKEN_LIVES:
        raise Refusal(401, ErrorCode.INVALID_WEBHOOK_TOKEN, "Invalid Webhook Token")
    if record["callback"] is None:
        raise unknown("webhook")
    return record


def metadata(world: World, record: Json) -> Json:
    """What a message says of the interaction that it answers."""
    payload = record["payload"]
    told: Json = {
        "id": payload["id"],
        "type": payload["type"],
        "user": shown.user(world, world.user(record["user_id"])),
        "authorizing_integration_owners": payload["authorizing_integration_owners"],
    }
    data: Json = payload.get("data") or {}
    match payload["type"]:
        case InteractionType.MESSAGE_COMPONENT:
            told["interacted_message_id"] = record["message"]["id"]
        case InteractionType.MODAL_SUBMIT:
            told["triggering_interaction_metadata"] = metadata(world, record["parent"])
        case _ if data.get("target_id") in world.users and data["type"] == 2:
            told["target_user"] = shown.user(world, world.user(data["target_id"]))
        case _ if data.get("target_id") is not None:
            told["target_message_id"] = data["target_id"]
        case _:
            pass
    return told


def channel_view(world: World, channel: Json, user_id: str) -> Json:
    """Some of a channel, with what the user may do in it."""
    return only(channel, *_CHANNEL) | {"permissions": str(int(world.permissions(user_id, channel)))}


def resolve_users(world: World, channel: Json, ids: list[str]) -> Json:
    """``users`` and, of those who are there, ``members`` of resolved data."""
    guild = world.guilds.get(str(channel.get("guild_id")))
    resolved: Json = {"users": {one: shown.user(world, world.user(one)) for one in ids}}
    members: dict[str, Any] = {}
    for one in ids:
        if guild is not None and one in guild.members:
            member = shown.member(world, guild, one, with_user=False)
            for beside in ("mute", "deaf"):
                member.pop(beside)
            members[one] = member | {"permissions": str(int(world.permissions(one, channel)))}
    return resolved | ({"members": members} if members else {})


def _app_permissions(world: World, channel: Json, bot: str) -> Permissions:
    if "guild_id" in channel:
        return world.permissions(bot, channel)
    with_bot = any(one["id"] == bot for one in channel.get("recipients", ()))
    return _IN_MESSAGES | Permissions.USE_EXTERNAL_EMOJIS if with_bot else _IN_MESSAGES


def _context(channel: Json, bot: str) -> InteractionContextType:
    if "guild_id" in channel:
        return InteractionContextType.GUILD
    if channel["type"] == 1 and any(one["id"] == bot for one in channel["recipients"]):
        return InteractionContextType.BOT_DM
    return InteractionContextType.PRIVATE_CHANNEL


def _entitlements(world: World, application: Json, guild: Guild | None, user_id: str) -> list[Json]:
    """What this user, or this guild, has bought of the application and may use now."""
    now = world.time()
    return [
        one
        for one in world.more.get("entitlements", {}).values()
        if one["application_id"] == application["id"]
        and not one["deleted"]
        and (one["ends_at"] is None or one["ends_at"] > now)
        and (one.get("user_id") == user_id or (guild is not None and one.get("guild_id") == guild.id))
    ]


def _forget_old(world: World) -> None:
    """Interactions whose token has ended for as long again: nothing can be said to them, and memory is short."""
    for token, record in list(world.interactions.items()):
        if world.now() - record["began"] <= 2 * TOKEN_LIVES:
            break
        del world.interactions[token]
