"""Who may write where: what stands between somebody and a message of theirs."""

from collections.abc import Sequence

from acord.core.signals.rest import ErrorCode
from acord.flags import MessageFlags, Permissions
from acord.models import ChannelType
from acord.sandbox.answers import Json, Refusal
from acord.sandbox.calls import Upload
from acord.sandbox.world import messages
from acord.sandbox.world.state import THREADS, World

__all__ = ["may_change_in", "may_send", "may_type", "needed_for", "send", "text_channel"]

NONCES_KEPT = 300.0  # seconds: "the past few minutes" (Resources > Message > Create Message)
_POSTS = (ChannelType.GUILD_FORUM, ChannelType.GUILD_MEDIA)
_NO_TEXT = (ChannelType.GUILD_CATEGORY, ChannelType.GUILD_DIRECTORY, *_POSTS)


def send(world: World, channel: Json, user_id: str, body: Json, files: Sequence[Upload] = ()) -> Json:
    """Somebody writes a message: as it is for them. The one there is where ``enforce_nonce`` finds its nonce used."""
    may_send(world, channel, user_id, body, files)
    nonce = body.get("nonce")
    nonces = world.more.setdefault("nonces", {})
    key = f"{user_id} {nonce}"
    if nonce is not None and body.get("enforce_nonce"):
        used = nonces.get(key)
        if used is not None and used["until"] > world.now():
            there = world.messages.get(used["channel_id"], {}).get(used["message_id"])
            if there is not None:
                return {**messages.view(world, there, user_id), "nonce": nonce}
    message = messages.build(world, channel, world.users[user_id], body, files)
    messages.publish(world, message, nonce=nonce)
    seen = messages.view(world, message, user_id)
    if nonce is None:
        return seen
    for old in [one for one, used in nonces.items() if used["until"] <= world.now()]:
        del nonces[old]
    nonces[key] = {"channel_id": channel["id"], "message_id": message["id"], "until": world.now() + NONCES_KEPT}
    return {**seen, "nonce": nonce}


def may_send(world: World, channel: Json, user_id: str, body: Json, files: Sequence[Upload] = ()) -> None:
    """50001, 50013 and their like where this user may not send this there."""
    text_channel(world, channel, user_id)
    if "guild_id" not in channel:
        _may_direct(world, channel, user_id)
        return
    world.need(user_id, channel, _sending(channel), *needed_for(body, files))
    _not_locked(world, channel, user_id)
    _not_too_fast(world, channel, user_id)


def may_type(world: World, channel: Json, user_id: str) -> None:
    """50001, 50013 and their like where this user may not even begin to write."""
    text_channel(world, channel, user_id)
    if "guild_id" in channel:
        world.need(user_id, channel, _sending(channel))


def needed_for(body: Json, files: Sequence[Upload]) -> list[Permissions]:
    """What this message takes beside being allowed to send one."""
    needed: list[Permissions] = []
    if body.get("tts"):
        needed.append(Permissions.SEND_TTS_MESSAGES)
    if files:
        needed.append(Permissions.ATTACH_FILES)
    if body.get("embeds"):
        needed.append(Permissions.EMBED_LINKS)
    if body.get("poll"):
        needed.append(Permissions.SEND_POLLS)
    if (body.get("flags") or 0) & MessageFlags.IS_VOICE_MESSAGE:
        needed.append(Permissions.SEND_VOICE_MESSAGES)
    return needed


def may_change_in(world: World, channel: Json, user_id: str) -> None:
    """50083 in an archived thread, 160005 in a locked one whose threads this user does not manage."""
    if channel["type"] not in THREADS:
        return
    if channel["thread_metadata"]["archived"]:
        raise Refusal(400, ErrorCode.THREAD_ARCHIVED, "Thread is archived")
    _not_locked(world, channel, user_id)


def text_channel(world: World, channel: Json, user_id: str) -> None:
    """50001 where the user does not see it, 50008 or 40058 where there are no messages."""
    world.need(user_id, channel)
    if channel["type"] in _POSTS:
        raise Refusal(400, ErrorCode.CANNOT_SEND_IN_FORUM, "Cannot send a message in a forum channel")
    if channel["type"] in _NO_TEXT:
        raise Refusal(400, ErrorCode.CANNOT_SEND_IN_NON_TEXT_CHANNEL, "Cannot send messages in a non-text channel")


def _sending(channel: Json) -> Permissions:
    return Permissions.SEND_MESSAGES_IN_THREADS if channel["type"] in THREADS else Permissions.SEND_MESSAGES


def _may_direct(world: World, channel: Json, user_id: str) -> None:
    if channel["type"] != ChannelType.DM:
        return
    closed = world.more.get("closed_dms", {})
    me = world.users[user_id]
    for other in channel["recipients"]:
        both_bots = me.get("bot") and world.users[other["id"]].get("bot")
        if other["id"] != user_id and (other["id"] in closed or both_bots):
            raise Refusal(403, ErrorCode.CANNOT_MESSAGE_USER, "Cannot send messages to this user")


def _not_locked(world: World, channel: Json, user_id: str) -> None:
    if channel["type"] not in THREADS or not channel["thread_metadata"]["locked"]:
        return
    if Permissions.MANAGE_THREADS not in world.permissions(user_id, channel):
        raise Refusal(400, ErrorCode.THREAD_LOCKED, "Thread is locked")


def _not_too_fast(world: World, channel: Json, user_id: str) -> None:
    """Slowmode, which bots and whoever may bypass it do not feel (Resources > Channel > rate_limit_per_user)."""
    pause = channel.get("rate_limit_per_user") or 0
    if not pause or world.users[user_id].get("bot"):
        return
    if Permissions.BYPASS_SLOWMODE in world.permissions(user_id, channel):
        return
    last = world.more.setdefault("slowmode", {}).setdefault(channel["id"], {})
    wait = last.get(user_id, -pause) + pause - world.now()
    if wait > 0:
        more = {"retry_after": round(wait, 3), "global": False}
        text = "This action cannot be performed due to slowmode rate limit"
        raise Refusal(429, ErrorCode.SLOWMODE_RATE_LIMITED, text, more=more)
    last[user_id] = world.now()
