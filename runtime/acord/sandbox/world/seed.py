"""The everyday world: a bot, two people, and a guild in which they have begun to talk."""

from dataclasses import dataclass

from acord.flags import ALL_PERMISSIONS, ApplicationFlags, Permissions
from acord.sandbox.world.build import add_bot, add_channel, add_guild, add_member, add_message, add_role, add_user
from acord.sandbox.world.state import World

__all__ = ["TOKEN", "Seeds", "populate"]

BOT = "1180000000000000001"
TOKEN = "MTE4MDAwMDAwMDAwMDAwMDAwMQ.sandbox.acorn"
"""The bot's: its first part says whose it is, as libraries expect; it could not be one of Discord's."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """The ids of what `populate` made."""

    token: str
    """Logs the bot in: ``Authorization: Bot <token>``."""
    application_id: str
    bot_id: str
    alice_id: str
    """Who owns the guild and the application."""
    bob_id: str
    """A member without a role."""
    guild_id: str
    general_id: str
    """A text channel with two messages."""
    random_id: str
    voice_id: str
    forum_id: str
    moderator_id: str
    """A role that Alice has."""
    helper_id: str
    """A role below, which nobody has."""
    bot_role_id: str
    """The bot's own role, the highest: everything but ADMINISTRATOR."""
    message_ids: tuple[str, str]


def populate(world: World) -> Seeds:
    """Fill an empty world; nobody is told."""
    alice = add_user(world, "Alice")["id"]
    bob = add_user(world, "Bob")["id"]
    application = add_bot(world, "acorn", TOKEN, owner_id=alice, user_id=BOT)
    # The switches of the developer portal for the privileged intents, in the form for small bots.
    application["flags"] = int(
        ApplicationFlags.GATEWAY_PRESENCE_LIMITED
        | ApplicationFlags.GATEWAY_GUILD_MEMBERS_LIMITED
        | ApplicationFlags.GATEWAY_MESSAGE_CONTENT_LIMITED
    )
    bot = application["bot"]["id"]
    guild = add_guild(world, "The oak", alice)
    helper = add_role(world, guild, "helper")["id"]
    moderator = add_role(
        world, guild, "moderator", Permissions.KICK_MEMBERS | Permissions.BAN_MEMBERS | Permissions.MANAGE_MESSAGES
    )["id"]
    own = add_role(world, guild, "acorn", ALL_PERMISSIONS & ~Permissions.ADMINISTRATOR)
    own |= {"managed": True, "tags": {"bot_id": bot}}
    guild.members[alice]["roles"] = [moderator]
    add_member(world, guild, bob)
    add_member(world, guild, bot, own["id"])
    general = add_channel(world, guild, "general", topic="What there is to say")
    guild.data["system_channel_id"] = general["id"]
    random = add_channel(world, guild, "random")
    voice = add_channel(world, guild, "voice", 2)
    forum = add_channel(world, guild, "forum", 15)
    first = add_message(world, general["id"], alice, "Welcome under the oak!")
    second = add_message(world, general["id"], bob, "Nice shade here.")
    return Seeds(
        token=TOKEN,
        application_id=application["id"],
        bot_id=bot,
        alice_id=alice,
        bob_id=bob,
        guild_id=guild.id,
        general_id=general["id"],
        random_id=random["id"],
        voice_id=voice["id"],
        forum_id=forum["id"],
        moderator_id=moderator,
        helper_id=helper,
        bot_role_id=own["id"],
        message_ids=(first["id"], second["id"]),
    )
