"""What messages say, and to which bots.

Source: Discord docs, Events > Gateway > Message Content Intent.
"""

from typing import Any, Final, cast

from acord.flags import ApplicationFlags
from acord.sandbox.answers import Json
from acord.sandbox.world.state import World

__all__ = ["SWITCHES", "is_hidden", "stripped"]

SWITCHES: Final = ApplicationFlags.GATEWAY_MESSAGE_CONTENT | ApplicationFlags.GATEWAY_MESSAGE_CONTENT_LIMITED
"""With either of them an application may read what is not meant for it."""


def is_hidden(world: World, message: Json, user_id: str) -> bool:
    """Whether this user is a bot that may not read messages in guilds; which intents it has is not asked."""
    application = next((one for one in world.applications.values() if one["bot"]["id"] == user_id), None)
    if application is None or ApplicationFlags(application.get("flags") or 0) & SWITCHES:
        return False
    return "guild_id" in world.channels[message["channel_id"]]


def stripped(message: Json, user_id: str) -> Json:
    """The message without what it says; whole where it is this user's own, or mentions this user.

    What it answers is judged by itself.
    """
    quoted: Any = message.get("referenced_message")
    shown = message
    if isinstance(quoted, dict):
        shown = {**message, "referenced_message": stripped(cast(Json, quoted), user_id)}
    author: Any = message.get("author", {})
    if author.get("id") == user_id or any(user["id"] == user_id for user in message.get("mentions", ())):
        return shown
    empty: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
    shown = {**shown, **{key: value for key, value in empty.items() if key in message}}
    if "message_snapshots" in message:
        snapshots: list[Json] = message["message_snapshots"]
        shown["message_snapshots"] = [{**one, "message": {**one["message"], **empty}} for one in snapshots]
    shown.pop("poll", None)
    return shown
