"""Reactions: who put which emoji under a message."""

from acord.core.signals.rest import ErrorCode
from acord.flags import Permissions
from acord.sandbox.answers import Json, Refusal, missing_permissions
from acord.sandbox.calls import Call
from acord.sandbox.world import notify, sending, shown
from acord.sandbox.world.emoji_names import emoji_key, emoji_of
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import World

__all__ = ["add", "remove"]

MOST = 20  # different emojis under a message


@handles("add_my_message_reaction")
def add_my_message_reaction(world: World, call: Call) -> None:
    add(world, *_message(world, call), call.user_id, call.path["emoji_name"])


def add(world: World, channel: Json, message: Json, user_id: str, text: str) -> None:
    """Somebody reacts with the emoji of this name; nothing where they have. 10014, 30010, 50013."""
    world.need(user_id, channel, Permissions.READ_MESSAGE_HISTORY)
    sending.may_change_in(world, channel, user_id)
    emoji, home = emoji_of(world, text)
    by_emoji = world.reactions.get(message["id"], {})
    key = emoji_key(emoji)
    if key not in by_emoji:
        world.need(user_id, channel, Permissions.ADD_REACTIONS)
        if emoji["id"] and home != channel.get("guild_id") and home is not None:
            world.need(user_id, channel, Permissions.USE_EXTERNAL_EMOJIS)
        if len(by_emoji) >= MOST:
            raise Refusal(403, ErrorCode.MAX_REACTIONS, f"Maximum number of reactions reached ({MOST})")
    users = world.reactions.setdefault(message["id"], {}).setdefault(key, [])
    if user_id in users:
        return
    users.append(user_id)
    data = _data(channel, message, emoji, user_id)
    if "webhook_id" not in message:
        data["message_author_id"] = message["author"]["id"]
    guild = world.guilds.get(str(channel.get("guild_id")))
    if guild is not None and user_id in guild.members:
        data["member"] = shown.member(world, guild, user_id)
    notify.in_channel(world, "MESSAGE_REACTION_ADD", channel, data)


@handles("delete_my_message_reaction")
def delete_my_message_reaction(world: World, call: Call) -> None:
    channel, message = _message(world, call)
    world.need(call.user_id, channel, Permissions.READ_MESSAGE_HISTORY)
    remove(world, channel, message, call.user_id, call.path["emoji_name"])


@handles("delete_user_message_reaction")
def delete_user_message_reaction(world: World, call: Call) -> None:
    channel, message = _message(world, call)
    if call.path["user_id"] != call.user_id:
        if "guild_id" not in channel:
            raise missing_permissions()
        world.need(call.user_id, channel, Permissions.MANAGE_MESSAGES)
    world.user(call.path["user_id"])
    remove(world, channel, message, call.path["user_id"], call.path["emoji_name"])


def remove(world: World, channel: Json, message: Json, user_id: str, text: str) -> None:
    """Somebody's reaction is taken back; nothing where there is none. 10014."""
    key, emoji = _known(world, message, text)
    users = world.reactions.get(message["id"], {}).get(key, [])
    if user_id not in users:
        return
    users.remove(user_id)
    if not users:
        del world.reactions[message["id"]][key]
    notify.in_channel(world, "MESSAGE_REACTION_REMOVE", channel, _data(channel, message, emoji, user_id))


@handles("list_message_reactions_by_emoji")
def list_message_reactions_by_emoji(world: World, call: Call) -> list[Json]:
    channel, message = _message(world, call)
    world.need(call.user_id, channel, Permissions.READ_MESSAGE_HISTORY)
    key, _ = _known(world, message, call.path["emoji_name"])
    if call.query.get("type"):  # super reactions, which nobody has here
        return []
    users = sorted(map(int, world.reactions.get(message["id"], {}).get(key, ())))
    after = int(call.query.get("after", 0))
    found = [one for one in users if one > after][: call.query.get("limit", 25)]
    return [shown.user(world, {"id": str(one)}) for one in found]


@handles("delete_all_message_reactions")
def delete_all_message_reactions(world: World, call: Call) -> None:
    channel, message = _message(world, call)
    _manage(world, channel, call.user_id)
    if world.reactions.pop(message["id"], None):
        data: Json = {"channel_id": channel["id"], "message_id": message["id"]}
        notify.in_channel(world, "MESSAGE_REACTION_REMOVE_ALL", channel, data)


@handles("delete_all_message_reactions_by_emoji")
def delete_all_message_reactions_by_emoji(world: World, call: Call) -> None:
    channel, message = _message(world, call)
    _manage(world, channel, call.user_id)
    key, emoji = _known(world, message, call.path["emoji_name"])
    if world.reactions.get(message["id"], {}).pop(key, None):
        data: Json = {"channel_id": channel["id"], "message_id": message["id"], "emoji": emoji}
        notify.in_channel(world, "MESSAGE_REACTION_REMOVE_EMOJI", channel, data)


def _message(world: World, call: Call) -> tuple[Json, Json]:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    return channel, world.message(channel["id"], call.path["message_id"])


def _manage(world: World, channel: Json, user_id: str) -> None:
    if "guild_id" not in channel:
        raise Refusal(403, ErrorCode.NOT_IN_DM_CHANNEL, "Cannot execute action on a DM channel")
    world.need(user_id, channel, Permissions.MANAGE_MESSAGES)


def _known(world: World, message: Json, text: str) -> tuple[str, Json]:
    """An emoji under the message, also where the emoji itself was deleted since; else as `emoji_of`."""
    _, colon, emoji_id = text.rpartition(":")
    for key in world.reactions.get(message["id"], {}):
        if key == text or (colon and key.endswith(f":{emoji_id}")):
            found = key.rpartition(":")
            return key, {"id": emoji_id, "name": found[0]} if colon else {"id": None, "name": text}
    emoji, _ = emoji_of(world, text)
    return emoji_key(emoji), emoji


def _data(channel: Json, message: Json, emoji: Json, user_id: str) -> Json:
    return {
        "user_id": user_id,
        "channel_id": channel["id"],
        "message_id": message["id"],
        "emoji": emoji,
        "burst": False,
        "type": 0,
    }
