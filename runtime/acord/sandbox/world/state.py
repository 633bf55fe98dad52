"""What exists, and who is told when it changes. Objects are kept in the form in which Discord sends them.

The modules beside this one hold the rules, one module a resource: each is functions of a `World`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from acord.core.permissions import compute_permissions
from acord.flags import Permissions
from acord.sandbox.answers import Json, missing_access, missing_permissions, unknown
from acord.sandbox.calls import Account
from acord.sandbox.world.ids import Snowflakes, instant

__all__ = ["Guild", "Happening", "World"]

PRIVATE_THREAD = 12
THREADS = frozenset({10, 11, PRIVATE_THREAD})


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that Discord would send over the gateway: the event, and whom it concerns."""

    name: str
    data: Json
    guild_id: str | None = None
    """Sessions whose bot is in this guild, on the guild's shard."""
    channel_id: str | None = None
    """Of those, whose bot may see this channel."""
    users: frozenset[str] | None = None
    """Only these users' sessions, whatever else is said; on shard 0 where there is no guild."""


@dataclass(slots=True)
class Guild:
    """A guild and what lies in it, by id."""

    data: Json
    """The guild's own fields; what has a table below is not among them."""
    roles: dict[str, Json] = field(default_factory=dict[str, Json])
    members: dict[str, Json] = field(default_factory=dict[str, Json])
    """By user id, without ``user``: `World.users` has it."""
    emojis: dict[str, Json] = field(default_factory=dict[str, Json])
    stickers: dict[str, Json] = field(default_factory=dict[str, Json])
    bans: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    """User id to reason."""
    presences: dict[str, Json] = field(default_factory=dict[str, Json])
    voice_states: dict[str, Json] = field(default_factory=dict[str, Json])
    scheduled_events: dict[str, Json] = field(default_factory=dict[str, Json])
    audit_log: list[Json] = field(default_factory=list[Json])
    """Newest last."""
    more: dict[str, dict[str, Json]] = field(default_factory=dict[str, "dict[str, Json]"])
    """Tables of resources that are seldom used, by a name of their own."""

    @property
    def id(self) -> str:
        return str(self.data["id"])


class World:
    """Everything on one pretended Discord. Not for several threads."""

    def __init__(self, now: Callable[[], float], seed: int = 0) -> None:
        """``now``: wall time in seconds since 1970; ``seed`` decides everything that chance would."""
        self.now = now
        self.random = Random(seed)
        self.ids = Snowflakes(now)
        self.accounts: dict[str, Account] = {}
        """By token, as it stands behind ``Bot`` or ``Bearer``."""
        self.applications: dict[str, Json] = {}
        self.users: dict[str, Json] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Json] = {}
        """Channels, threads and direct messages."""
        self.messages: dict[str, dict[str, Json]] = {}
        """By channel, then by id, oldest first."""
        self.thread_members: dict[str, dict[str, Json]] = {}
        self.reactions: dict[str, dict[str, list[str]]] = {}
        """By message, then by emoji as in a path: the users who reacted, in order."""
        self.webhooks: dict[str, Json] = {}
        self.invites: dict[str, Json] = {}
        self.commands: dict[str, Json] = {}
        self.interactions: dict[str, Json] = {}
        """By token."""
        self.attachments: dict[str, bytes] = {}
        """Contents of what was uploaded, by path on the CDN: ``/attachments/1/2/cat.png``."""
        self.cdn_url = "https://cdn.discordapp.com"
        """What stands in front of those paths."""
        self.api_url = "https://discord.com/api"
        """What stands in front of the path of a webhook."""
        self.more: dict[str, dict[str, Json]] = {}
        """Tables of resources that are seldom used, by a name of their own."""
        self.listeners: list[Callable[[Happening], None]] = []

    # What happens

    def time(self) -> str:
        """Now, as Discord writes it."""
        return instant(self.now())

    def emit(
        self,
        name: str,
        data: Json,
        *,
        guild_id: str | None = None,
        channel_id: str | None = None,
        users: frozenset[str] | None = None,
    ) -> None:
        """Tell everyone whom it concerns; `Happening` says who that is."""
        happening = Happening(name, data, guild_id, channel_id, users)
        for listener in list(self.listeners):
            listener(happening)

    def concerns(self, happening: Happening, user_id: str) -> bool:
        """Whether this bot would be told, its intents aside."""
        if happening.users is not None:
            return user_id in happening.users
        if happening.guild_id is None:
            channel = self.channels.get(happening.channel_id or "")
            return channel is None or any(user["id"] == user_id for user in channel.get("recipients", ()))
        guild = self.guilds.get(happening.guild_id)
        if guild is None or user_id not in guild.members:
            return False
        if happening.channel_id is None or happening.channel_id not in self.channels:
            return True
        return Permissions.VIEW_CHANNEL in self.permissions(user_id, self.channels[happening.channel_id])

    # What exists, or a refusal

    def guild(self, guild_id: str, *, member: str | None = None) -> Guild:
        """10004 where there is none; 50001 where ``member`` is not in it."""
        if (guild := self.guilds.get(guild_id)) is None:
            raise unknown("guild")
        if member is not None and member not in guild.members:
            raise missing_access()
        return guild

    def channel(self, channel_id: str, *, seen_by: str | None = None) -> Json:
        """10003 where there is none; 50001 where ``seen_by`` may not see it."""
        if (channel := self.channels.get(channel_id)) is None:
            raise unknown("channel")
        if seen_by is not None and Permissions.VIEW_CHANNEL not in self.permissions(seen_by, channel):
            raise missing_access()
        return channel

    def message(self, channel_id: str, message_id: str) -> Json:
        """10008 where there is none."""
        if (message := self.messages.get(channel_id, {}).get(message_id)) is None:
            raise unknown("message")
        return message

    def user(self, user_id: str) -> Json:
        """10013 where there is none."""
        if (user := self.users.get(user_id)) is None:
            raise unknown("user")
        return user

    # What is allowed

    def permissions(self, user_id: str, where: Guild | Json) -> Permissions:
        """Of a user in a guild or a channel; none where the user is no member, everything in own direct messages."""
        channel: Json | None = None if isinstance(where, Guild) else where
        guild = where if isinstance(where, Guild) else self.guilds.get(str(where.get("guild_id")))
        if guild is None:
            mine = any(user["id"] == user_id for user in (channel or {}).get("recipients", ()))
            return Permissions((1 << 53) - 1) if mine else Permissions(0)
        member = guild.members.get(user_id)
        if member is None:
            return Permissions(0)
        if channel is not None and channel["type"] == PRIVATE_THREAD and not self._let_into(user_id, channel, guild):
            return Permissions(0)
        return self._computed(user_id, guild, member, channel)

    def _let_into(self, user_id: str, thread: Json, guild: Guild) -> bool:
        """Whether someone sees a private thread: its members do, and who manages threads."""
        if user_id in self.thread_members.get(str(thread["id"]), {}):
            return True
        return Permissions.MANAGE_THREADS in self._computed(user_id, guild, guild.members[user_id], thread)

    def _computed(self, user_id: str, guild: Guild, member: Json, channel: Json | None) -> Permissions:
        overwrites: list[Json] | None = None
        if channel is not None:
            home = self.channels.get(str(channel.get("parent_id")), {}) if channel["type"] in THREADS else channel
            overwrites = home.get("permission_overwrites", [])
        return compute_permissions(
            user_id,
            guild=guild.id,
            owner=guild.data["owner_id"],
            roles=guild.roles.values(),
            member_roles=member["roles"],
            timed_out=self.timed_out(member),
            overwrites=overwrites,
            channel_type=None if channel is None else channel["type"],
        )

    def timed_out(self, member: Mapping[str, Any]) -> bool:
        until = member.get("communication_disabled_until")
        return until is not None and until > self.time()

    def need(self, user_id: str, where: Guild | Json, *needed: Permissions) -> None:
        """50001 where the user is no member or does not see the channel, 50013 where one of these is lacking."""
        has = self.permissions(user_id, where)
        if isinstance(where, Guild):
            if user_id not in where.members:
                raise missing_access()
        elif Permissions.VIEW_CHANNEL not in has:
            raise missing_access()
        if any(one not in has for one in needed):
            raise missing_permissions()
