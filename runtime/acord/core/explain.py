"""What to tell somebody whose bot does not start: which bit, which page, which line.  No I/O."""

from typing import Final

from acord.core.errors import ConnectionClosed, closed
from acord.core.signals.gateway import EVENT_INTENTS, CloseCode, Intents, Verdict

__all__ = ["ending", "missing_intents", "named", "privileged", "span", "too_few_identifies"]

PRIVILEGED: Final = Intents.GUILD_MEMBERS | Intents.GUILD_PRESENCES | Intents.MESSAGE_CONTENT
_SWITCHES: Final = {
    Intents.GUILD_PRESENCES: "Presence Intent",
    Intents.GUILD_MEMBERS: "Server Members Intent",
    Intents.MESSAGE_CONTENT: "Message Content Intent",
}
PORTAL: Final = "https://discord.com/developers/applications"


def _single(intents: int) -> list[Intents]:
    return [Intents(1 << bit) for bit in range(intents.bit_length()) if intents >> bit & 1]


def named(intents: int) -> str:
    """``Intents.GUILDS | Intents.DIRECT_MESSAGES``, as it is typed."""
    return " | ".join(
        f"Intents.{one.name}" if one.name is not None else f"1 << {int(one).bit_length() - 1}"
        for one in _single(intents)
    )


def privileged(intents: int) -> list[str]:
    """The switches of the Developer Portal that these intents need, by their labels there."""
    return [label for intent, label in _SWITCHES.items() if intents & intent]


def missing_intents(event: str, intents: int) -> Intents | None:
    """The intents of which one would bring this event, where none of them is there; None where it can come."""
    wanted = EVENT_INTENTS.get(event)
    return wanted if wanted and not wanted & intents else None


def ending(code: int, *, intents: int, made_at: str | None = None, token_from: str | None = None) -> ConnectionClosed:
    """The exception of a final close code, with what to do about it; `made_at` is the line that made the client."""
    known = CloseCode(code)
    line = f", in {made_at}" if made_at else ""
    advice = known.advice
    if code == CloseCode.AUTHENTICATION_FAILED:
        whence = f" It came from {token_from}{line}." if token_from else f" It was given{line}." if made_at else ""
        advice = f"{advice}{whence}"
    elif code == CloseCode.INVALID_INTENTS:
        bits = [one for one in _single(intents) if one.name is None]
        which = ", ".join(f"bit {int(one).bit_length() - 1} ({int(one)})" for one in bits)
        what = f"{which} of intents= does not exist" if bits else f"Discord knows no such intents as {named(intents)}"
        advice = f"{what}; give members of Intents only{line}."
    elif code == CloseCode.DISALLOWED_INTENTS:
        switches = " and ".join(f'"{label}"' for label in privileged(intents)) or "the intents"
        wanted = named(intents & PRIVILEGED) or named(intents)
        advice = (
            f"{wanted} must be allowed first: open {PORTAL}, choose your application, page Bot, "
            f"Privileged Gateway Intents, and switch on {switches}; or leave them out of intents={line}."
        )
    verdict: Verdict = known.verdict
    return closed(known, verdict.value, advice)


def too_few_identifies(remaining: int, total: int | None, floor: int, needed: int, resets_in: float) -> str:
    """Why a bot is not started: the day's Identifies would not suffice."""
    return (
        f"{remaining} of {total} Identifies are left until {span(resets_in)} from now, {floor} are kept in reserve, "
        f"and {needed} are needed: Discord resets the token of who uses them up. Find what restarts the bot so often"
    )


def span(seconds: float) -> str:
    """A time of minutes or hours, as it is said."""
    minutes = max(1, round(seconds / 60))
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
