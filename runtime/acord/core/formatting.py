"""Text for messages: mentions, custom emojis, timestamps, links into the guild, and escaping of Markdown.

Source: Discord docs, API Reference > Message Formatting.
"""

import re
from datetime import datetime
from typing import Final, Literal, TypeAlias

from acord.core.errors import InvalidRequest
from acord.core.types import SnowflakeLike

__all__ = [
    "GuildPlace",
    "TimestampStyle",
    "emoji",
    "escape_markdown",
    "escape_mentions",
    "guild_link",
    "id_digits",
    "mention_channel",
    "mention_command",
    "mention_role",
    "mention_user",
    "timestamp",
]

TimestampStyle: TypeAlias = Literal["t", "T", "d", "D", "f", "F", "s", "S", "R"]
"""``t`` 16:20, ``T`` 16:20:30, ``d`` 20/04/2021, ``D`` April 20, 2021, ``f`` D with t (the default), ``F`` f with
the day of the week, ``s`` d with t, ``S`` d with T, ``R`` 4 years ago."""
GuildPlace: TypeAlias = Literal["customize", "browse", "guide", "linked-roles"]

_STYLES: Final = ("t", "T", "d", "D", "f", "F", "s", "S", "R")
_PLACES: Final = ("customize", "browse", "guide", "linked-roles")
_EMOJI_NAME: Final = re.compile(r"\w{1,32}\Z")
# A link is left alone; else what opens formatting anywhere in a line ...
_ANYWHERE: Final = re.compile(r"(?P<link>\bhttps?://[^\s<]+)|[\\*_~`|<>\[\]()]")
# ... and what does at its start: headings, small print, lists with signs and with numbers.
_LINE_START: Final = re.compile(r"^([ \t]*)(?=-#|#{1,3}[ \t]|[-+][ \t])|^([ \t]*\d+)(?=\.[ \t])", re.MULTILINE)
# A zero-width space parts the sign from what follows, so that no client reads a mention in it.
_MENTION: Final = re.compile(r"@(?=everyone|here|[!&]?\d)")


def id_digits(value: SnowflakeLike, argument: str = "id") -> str:
    """The decimal digits of an id: of a number, of digits, of anything with an ``.id``.

    InvalidRequest names ``argument`` where there is no unsigned 64-bit number in it.
    """
    found: object = value if isinstance(value, int | str) else getattr(value, "id", None)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) <= 20:
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 1 << 64:
        raise InvalidRequest(argument, value, "an id: an unsigned 64-bit number, its digits, or an object with .id")
    return str(int(found))


def mention_user(user: SnowflakeLike) -> str:
    """``<@id>``: notifies the user where `allowed_mentions` lets it."""
    return f"<@{id_digits(user, 'user')}>"


def mention_channel(channel: SnowflakeLike) -> str:
    """``<#id>``: a link to the channel or thread."""
    return f"<#{id_digits(channel, 'channel')}>"


def mention_role(role: SnowflakeLike) -> str:
    """``<@&id>``: notifies the role's members where `allowed_mentions` lets it."""
    return f"<@&{id_digits(role, 'role')}>"


def mention_command(name: str, command: SnowflakeLike) -> str:
    """``</name:id>``: puts the command into the reader's input. Subcommands follow the name after a blank.

    InvalidRequest for a name that would end the link.
    """
    if not name or not 1 <= len(name.split(" ")) <= 3 or any(c in ":<>\n" for c in name) or "" in name.split(" "):
        raise InvalidRequest("name", name, "a command's name, with a subcommand group and subcommand after blanks")
    return f"</{name}:{id_digits(command, 'command')}>"


def emoji(name: str, emoji_id: SnowflakeLike, *, animated: bool = False) -> str:
    """``<:name:id>``, with an ``a`` before the name where it is animated.

    This is the form in a message's text. A reaction takes ``name:id``.
    """
    if not _EMOJI_NAME.match(name):
        raise InvalidRequest("name", name, "up to 32 letters, digits and underscores")
    return f"<{'a' if animated else ''}:{name}:{id_digits(emoji_id, 'emoji_id')}>"


def timestamp(when: datetime | float, style: TimestampStyle | None = None) -> str:
    """``<t:seconds:style>``: shown in the reader's own zone and language.

    ``when`` is an aware datetime or Unix seconds; fractions are cut off. InvalidRequest for a naive
    datetime, which names a different moment on each machine, and for an unknown style.
    """
    if style is not None and style not in _STYLES:
        raise InvalidRequest("style", style, f"one of {', '.join(_STYLES)}")
    if isinstance(when, datetime):
        if when.tzinfo is None:
            raise InvalidRequest("when", when, "a datetime with tzinfo", fix="for example datetime.now(UTC)")
        when = when.timestamp()
    try:
        seconds = when.__floor__()
    except (OverflowError, ValueError):
        raise InvalidRequest("when", when, "a finite number of seconds") from None
    return f"<t:{seconds}{f':{style}' if style else ''}>"


def guild_link(place: GuildPlace, role: SnowflakeLike | None = None) -> str:
    """``<id:place>``: a link to a place of the guild that the message is in; ``role`` names one linked role."""
    if place not in _PLACES:
        raise InvalidRequest("place", place, f"one of {', '.join(_PLACES)}")
    if role is None:
        return f"<id:{place}>"
    if place != "linked-roles":
        raise InvalidRequest("role", role, "nothing", fix="only linked-roles takes a role")
    return f"<id:{place}:{id_digits(role, 'role')}>"


def escape_markdown(text: str) -> str:
    """The text with a backslash before whatever would format it, so that it is shown as it is.

    Links stay links. Mentions are a matter of `allowed_mentions`, see also `escape_mentions`.
    """
    inner = _ANYWHERE.sub(lambda found: found[0] if found["link"] else f"\\{found[0]}", text)
    return _LINE_START.sub(lambda found: f"{found[0]}\\", inner)


def escape_mentions(text: str) -> str:
    """The text with a zero-width space after each ``@`` that would mention everyone, a user or a role.

    For text shown to people. `allowed_mentions` is what makes sure that nobody is notified.
    """
    return _MENTION.sub("@\u200b", text)
