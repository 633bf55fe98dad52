"""Text that Discord's clients show as something else: mentions, emojis, timestamps, links; and how to prevent it."""

from acord.core.formatting import (
    GuildPlace,
    TimestampStyle,
    emoji,
    escape_markdown,
    escape_mentions,
    guild_link,
    mention_channel,
    mention_command,
    mention_role,
    mention_user,
    timestamp,
)

__all__ = [
    "GuildPlace",
    "TimestampStyle",
    "emoji",
    "escape_markdown",
    "escape_mentions",
    "guild_link",
    "mention_channel",
    "mention_command",
    "mention_role",
    "mention_user",
    "timestamp",
]
