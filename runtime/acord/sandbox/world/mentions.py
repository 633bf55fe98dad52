"""Whom a message mentions: what its text says, as far as the request and the author's permissions allow."""

import re
from dataclasses import dataclass, field
from typing import Any

from acord.flags import Permissions
from acord.sandbox.answers import Json, invalid
from acord.sandbox.world.state import World

__all__ = ["ALL", "USERS", "Mentions", "mentions", "texts"]

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)\b")

ALL: tuple[str, ...] = ("users", "roles", "everyone")
"""What is parsed unless the request says otherwise."""
USERS: tuple[str, ...] = ("users",)
"""The same for webhooks and answers to interactions."""


@dataclass
class Mentions:
    """Ids, in the order of the text."""

    users: list[str] = field(default_factory=list[str])
    roles: list[str] = field(default_factory=list[str])
    everyone: bool = False


def mentions(
    world: World,
    channel: Json,
    text: str,
    allowed: Json | None,
    *,
    default: tuple[str, ...] = ALL,
    author_id: str | None,
    replied_to: str | None = None,
) -> Mentions:
    """``author_id``: whose permissions count; None for a webhook, which may mention everyone.

    Source: Discord docs, Resources > Message > Allowed Mentions Object.
    """
    parse: list[str] = list(default) if allowed is None else [one for one in allowed.get("parse") or () if one]
    given: Json = allowed or {}
    for kind in ("users", "roles"):
        if kind in parse and given.get(kind):
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            raise invalid("allowed_mentions", message, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE")

    def may_all() -> bool:
        return author_id is None or Permissions.MENTION_EVERYONE in world.permissions(author_id, channel)

    found = Mentions()
    for user_id in dict.fromkeys(_USER.findall(text)):
        if user_id in world.users and ("users" in parse or user_id in (given.get("users") or ())):
            found.users.append(user_id)
    guild = world.guilds.get(str(channel.get("guild_id")))
    for role_id in dict.fromkeys(_ROLE.findall(text)) if guild is not None else ():
        assert guild is not None
        role = guild.roles.get(role_id)
        named = "roles" in parse or role_id in (given.get("roles") or ())
        if role is not None and role_id != guild.id and named and (role["mentionable"] or may_all()):
            found.roles.append(role_id)
    found.everyone = guild is not None and "everyone" in parse and bool(_EVERYONE.search(text)) and may_all()
    if replied_to is not None and replied_to in world.users and replied_to not in found.users:
        wanted = given.get("replied_user")
        if wanted if wanted is not None else allowed is None:
            found.users.append(replied_to)
    return found


def texts(components: Any) -> list[str]:
    """What the text displays among these components say."""
    found: list[str] = []
    for one in components or ():
        if isinstance(one.get("content"), str):
            found.append(one["content"])
        found += texts(one.get("components"))
    return found
