"""Text for a terminal: what others wrote is made harmless, and no credential gets through.  Standard library alone."""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

__all__ = ["harmless", "hidden", "json_text", "one_line"]

# What a terminal obeys, or what makes it show something else than what is there: every character that is not
# printable, that is all controls, bidi marks, line separators, private and unassigned ones, lone surrogates.
_TAB_AND_LINE: Final = "\t\n"
# A bot's token, wherever it may stand: its id in base64, a time, and a signature.
_LIKE_A_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{18,40}\.[A-Za-z0-9_-]{5,10}\.[A-Za-z0-9_-]{20,}")


def harmless(text: str, *, lines: bool = False) -> str:
    """The text with a visible sign in the place of each character that a terminal would act upon.

    C0 controls become their symbols (␛ for ESC), everything else unprintable its escape (``\\u202e``).  With ``lines``
    line ends and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or (lines and one in _TAB_AND_LINE) else _sign(one) for one in text)


def _sign(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def json_text(value: Any, *, indent: int | None = None) -> str:
    """The value as JSON that a person can read and a terminal cannot be harmed by: the unprintable is escaped."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators, default=str)
    if text.isprintable():
        return text
    # Line ends stand between tokens only: inside of strings json has escaped them.
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text)


def one_line(error: BaseException) -> str:
    """What an exception says, in one harmless line; lists of several become one sentence."""
    said = [line.strip() for line in str(error).splitlines() if line.strip()]
    return harmless("; ".join(said) or type(error).__name__)


def hidden(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without these credentials, and without what looks like a bot's token."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return _LIKE_A_TOKEN.sub("***", text)
