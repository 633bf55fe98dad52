"""What the page shows, section by section, as JSON."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from acord.core.types import Snowflake
from acord.flags import MessageFlags
from acord.sandbox.answers import Json
from acord.sandbox.world.state import THREADS

if TYPE_CHECKING:
    from acord.sandbox.sandbox import Sandbox

__all__ = ["sections"]

SIGNS = {0: "#", 1: "@", 2: "♪", 3: "@", 5: "!", 13: "♪", 15: "≡", 16: "≡"}
"""Before the names of channels, by type; a thread has one of its own."""
SHOWN = 100
"""Messages of a channel."""


def sections(discord: "Sandbox") -> Iterator[tuple[str, Any]]:
    """Name and value of each section; `messages/<channel>` for each channel."""
    yield "about", _about(discord)
    yield "people", _people(discord)
    channels = _channels(discord)
    yield "channels", channels
    yield "commands", [_command(one) for one in discord.world.commands.values()]
    yield "shards", _shards(discord)
    yield "buckets", discord.limits.open()
    yield "faults", {"muted": discord.gateway.faults.muted}
    for channel in channels:
        messages = [*discord.world.messages.get(channel["id"], {}).values(), *_ephemeral(discord, channel["id"])]
        messages.sort(key=lambda one: int(one["id"]))
        yield f"messages/{channel['id']}", [_message(discord, one) for one in messages[-SHOWN:]]


def _ephemeral(discord: "Sandbox", channel_id: str) -> Iterator[Json]:
    """Answers that one person alone sees, and who looks at the page."""
    for record in discord.world.interactions.values():
        for message in record["messages"]:
            if message.get("flags", 0) & MessageFlags.EPHEMERAL and message["channel_id"] == channel_id:
                yield message


def _about(discord: "Sandbox") -> Json:
    guild = discord.world.guilds[discord.guild]
    return {
        "origin": discord.origin,
        "url": discord.url,
        "token": discord.token,
        "guild": guild.data["name"],
        "roles": [{"id": role["id"], "name": role["name"]} for role in guild.roles.values()],
        "refused": len(discord.limits.refused),
    }


def _people(discord: "Sandbox") -> list[Json]:
    online = {session.user_id for session in discord.gateway.sessions.values() if session.link is not None}
    members = discord.world.guilds[discord.guild].members
    users = [discord.world.users[user_id] for user_id in members]
    return [
        {
            "id": user["id"],
            "name": _name(user),
            "bot": bool(user.get("bot")),
            "online": not user.get("bot") or user["id"] in online,
        }
        for user in users
    ]


def _name(user: Json) -> str:
    return str(user.get("global_name") or user["username"])


def _channels(discord: "Sandbox") -> list[Json]:
    """Of the guild in their order, each followed by its threads; then direct messages."""
    there = [one for one in discord.world.channels.values() if one["type"] != 4]
    homes = [one for one in there if one.get("guild_id") == discord.guild and one["type"] not in THREADS]
    shown: list[Json] = []
    for home in sorted(homes, key=lambda one: (one.get("position", 0), int(one["id"]))):
        shown.append(_channel(home))
        shown += [_channel(one) for one in there if one["type"] in THREADS and one.get("parent_id") == home["id"]]
    return shown + [_channel(one) for one in there if "guild_id" not in one]


def _channel(channel: Json) -> Json:
    thread = channel["type"] in THREADS
    people = ", ".join(_name(user) for user in channel.get("recipients", ()))
    return {
        "id": channel["id"],
        "name": channel.get("name") or people,
        "topic": channel.get("topic"),
        "sign": "↳" if thread else SIGNS.get(channel["type"], "#"),
        "thread": thread,
    }


def _command(command: Json) -> Json:
    wanted = ("id", "name", "description", "type", "options")
    return {key: command[key] for key in wanted if key in command}


def _message(discord: "Sandbox", message: Json) -> Json:
    author = message["author"]
    reply = message.get("referenced_message")
    return {
        "id": message["id"],
        "author": {"id": author["id"], "name": _name(author), "bot": bool(author.get("bot"))},
        "time": Snowflake(message["id"]).created_at.timestamp() * 1000,
        "content": message["content"] or _system(message),
        "edited": message["edited_timestamp"] is not None,
        "ephemeral": bool(message.get("flags", 0) & MessageFlags.EPHEMERAL),
        "reply": f"{_name(reply['author'])}: {reply['content'][:80]}" if reply else None,
        "embeds": message["embeds"],
        "components": message.get("components", []),
        "attachments": [_attachment(discord, one) for one in message["attachments"]],
        "reactions": [
            {"emoji": key, "shown": key.partition(":")[0], "count": len(users), "users": users}
            for key, users in discord.world.reactions.get(message["id"], {}).items()
            if users
        ],
    }


def _system(message: Json) -> str:
    what = {6: "pinned a message", 7: "joined", 18: "started a thread"}
    return f"({what[message['type']]})" if message["type"] in what else ""


def _attachment(discord: "Sandbox", file: Json) -> Json:
    return {
        "filename": file["filename"],
        "size": file["size"],
        "media": file.get("content_type"),
        "description": file.get("description"),
        # A path, so that the page asks nobody but its own origin.
        "path": file["url"].removeprefix(discord.origin) if file["url"].startswith(discord.origin) else None,
    }


def _shards(discord: "Sandbox") -> list[Json]:
    shown: list[Json] = []
    for link, conversation in discord.conversations.items():
        session = link.session
        latency = conversation.latency
        shown.append(
            {
                "connection": link.number,
                "bot": None if session is None else _name(discord.world.users[session.user_id]),
                "shard": "–" if session is None else f"{session.who.shard} of {session.who.shards}",
                "state": "identifying" if session is None else "ready",
                "seq": 0 if session is None else session.seq,
                "latency": None if latency is None else round(latency * 1000, 1),
                "form": " ".join(filter(None, (link.form.encoding, link.form.compress))),
            }
        )
    return shown
