"""What a message looks like to somebody: with reactions, replies, threads, votes, and people as they are now."""

from acord.flags import MessageFlags
from acord.models import MessageType
from acord.sandbox.answers import Json
from acord.sandbox.world import content, shown
from acord.sandbox.world.emoji_names import custom_emoji, partial
from acord.sandbox.world.state import World

__all__ = ["extras", "view"]

_WITH_REFERENCED = (MessageType.REPLY, MessageType.THREAD_STARTER_MESSAGE)


def view(world: World, kept: Json, viewer: str | None, *, whole: bool = True) -> Json:
    """The message for ``viewer``; not ``whole``: as it stands inside another one, without reactions and the like."""
    seen: Json = shown.copied(kept)
    seen["author"] = shown.user(world, kept["author"])
    seen["mentions"] = [shown.user(world, one) for one in kept["mentions"]]
    if kept["flags"] & MessageFlags.SUPPRESS_EMBEDS:
        seen["embeds"] = []
    if kept["flags"] & MessageFlags.HAS_THREAD and (thread := world.channels.get(kept["id"])) is not None:
        seen["thread"] = shown.channel(world, thread, viewer)
    if "poll" in kept:
        seen["poll"]["results"] = _results(world, kept, viewer)
    if whole:
        _with_referenced(world, kept, seen, viewer)
        if reactions := _reactions(world, kept["id"], viewer):
            seen["reactions"] = reactions
        if viewer is not None and content.is_hidden(world, kept, viewer):
            return content.stripped(seen, viewer)
    return seen


def _with_referenced(world: World, kept: Json, seen: Json, viewer: str | None) -> None:
    """Put in the message that this one answers; null where that was deleted."""
    if kept["type"] in _WITH_REFERENCED:
        reference = kept["message_reference"]
        found = world.messages.get(reference["channel_id"], {}).get(reference["message_id"])
        seen["referenced_message"] = None if found is None else view(world, found, viewer, whole=False)


def extras(world: World, kept: Json) -> Json:
    """The message as MESSAGE_CREATE and MESSAGE_UPDATE have it: with what is only there."""
    seen = view(world, kept, None, whole=False)
    _with_referenced(world, kept, seen, None)
    channel = world.channels[kept["channel_id"]]
    seen["channel_type"] = channel["type"]
    guild = world.guilds.get(str(channel.get("guild_id")))
    if guild is None:
        return seen
    seen["guild_id"] = guild.id
    if "webhook_id" not in kept and kept["author"]["id"] in guild.members:
        seen["member"] = shown.member(world, guild, kept["author"]["id"], with_user=False)
    for one in seen["mentions"]:
        if one["id"] in guild.members:
            one["member"] = shown.member(world, guild, one["id"], with_user=False)
    return seen


def _reactions(world: World, message_id: str, viewer: str | None) -> list[Json]:
    return [
        {
            "emoji": _emoji(world, key),
            "count": len(users),
            "count_details": {"burst": 0, "normal": len(users)},
            "burst_colors": [],
            "me_burst": False,
            "me": viewer in users,
        }
        for key, users in world.reactions.get(message_id, {}).items()
    ]


def _emoji(world: World, key: str) -> Json:
    name, colon, emoji_id = key.rpartition(":")
    if not colon:
        return {"id": None, "name": key}
    found = custom_emoji(world, emoji_id)
    return {"id": emoji_id, "name": name} if found is None else partial(found[0])


def _results(world: World, kept: Json, viewer: str | None) -> Json:
    votes: dict[str, list[str]] = world.more.get("votes", {}).get(kept["id"], {})
    counts = [
        {"id": int(answer), "count": len(users), "me_voted": viewer in users}
        for answer, users in sorted(votes.items(), key=lambda item: int(item[0]))
        if users
    ]
    expiry = kept["poll"]["expiry"]
    return {"answer_counts": counts, "is_finalized": expiry is not None and expiry <= world.time()}
