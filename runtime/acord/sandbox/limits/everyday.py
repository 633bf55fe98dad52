"""The limits of an ordinary day, about as people have measured them; Discord changes them without notice.

They are there so that clients meet every shape of limit, and so that what is slow on Discord is slow here. Tests that
need a certain limit set it.

Source: the shapes from Discord docs, Topics > Rate Limits; the numbers from reports in discord/discord-api-docs (#981,
#1900, #2190, #4008, #4043, #7680, #8330), and round ones where nobody reported any.
"""

from typing import Final, NamedTuple

__all__ = ["BY_METHOD", "FREE", "HIDDEN", "SHOWN", "WEBHOOKS", "Hidden", "Shown"]


class Shown(NamedTuple):
    """A limit in the headers; all of its operations spend from it together."""

    operations: tuple[str, ...]
    size: int
    window: float
    sliding: bool = True
    younger: float | None = None
    older: float | None = None


class Hidden(NamedTuple):
    """A limit that no header shows."""

    operations: tuple[str, ...]
    size: int
    window: float
    keys: frozenset[str] | None = None
    shared: bool = False


_GUILD_EMOJIS: Final = ("create_guild_emoji", "update_guild_emoji", "delete_guild_emoji")
_GUILD_STICKERS: Final = ("create_guild_sticker", "update_guild_sticker", "delete_guild_sticker")
WEBHOOKS: Final = ("execute_webhook", "execute_slack_compatible_webhook", "execute_github_compatible_webhook")
"""Of all webhooks of a channel there is one limit more."""

FREE: Final = frozenset(
    {
        "create_interaction_response",
        "get_bot_gateway",
        "get_gateway",
        "get_message",
        "get_openid_connect_userinfo",
        "get_public_keys",
        "list_messages",
        *_GUILD_EMOJIS,
        *_GUILD_STICKERS,
    }
)
"""Without a limit that headers show."""

BY_METHOD: Final = {"GET": (50, 10.0), "POST": (10, 10.0), "PUT": (10, 10.0), "PATCH": (10, 10.0), "DELETE": (10, 10.0)}
"""Of every operation that is named nowhere: (size, seconds until full)."""

_DAY: Final = 86400.0

SHOWN: Final = (
    Shown(("create_message",), 5, 5.0),
    Shown(("update_message",), 5, 5.0),
    # One route, three layers: by the age of the message.
    Shown(("delete_message",), 5, 1.0, younger=10.0),
    Shown(("delete_message",), 3, 1.0, older=10.0, younger=14 * _DAY),
    Shown(("delete_message",), 30, 4.0, older=14 * _DAY),
    Shown(("bulk_delete_messages",), 1, 1.0, sliding=False),
    Shown(("add_my_message_reaction", "delete_my_message_reaction", "delete_user_message_reaction"), 1, 0.25),
    Shown(("trigger_typing_indicator",), 5, 5.0),
    Shown(("create_pin", "delete_pin"), 5, 5.0),
    Shown(("update_channel",), 5, 15.0, sliding=False),
    Shown(("add_guild_member_role", "delete_guild_member_role"), 10, 10.0, sliding=False),
    Shown(WEBHOOKS, 5, 2.0),
    Shown(("update_webhook_message", "update_original_webhook_message"), 5, 5.0),
    Shown(("list_guild_members",), 10, 10.0, sliding=False),
)

HIDDEN: Final = (
    Hidden(("update_channel",), 2, 600.0, keys=frozenset({"name", "topic"})),
    Hidden(("crosspost_message",), 10, 3600.0),
    Hidden(_GUILD_EMOJIS, 50, 3600.0),
    Hidden(_GUILD_STICKERS, 50, 3600.0),
    Hidden(WEBHOOKS, 30, 60.0, shared=True),
)
