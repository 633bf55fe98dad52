"""What `acord doctor` thinks of what it saw: pure judgements, each with its cure."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from acord.cli.versions import EXTRAS, missing
from acord.core.errors import ACordError, HTTPError, TransportError, Unauthorized
from acord.core.signals.gateway import Intents
from acord.flags import ApplicationFlags

__all__ = ["Finding", "Level"]

Level: TypeAlias = Literal["ok", "note", "warning", "fault"]
PORTAL: Final = "https://discord.com/developers/applications"
SKEW: Final = 3.0  # seconds: an interaction must be answered within so many, counted from Discord's clock

# Privileged intent -> the application's flags of which one says that its switch is on.
SWITCHES: Final = {
    Intents.GUILD_PRESENCES: (ApplicationFlags.GATEWAY_PRESENCE, ApplicationFlags.GATEWAY_PRESENCE_LIMITED),
    Intents.GUILD_MEMBERS: (ApplicationFlags.GATEWAY_GUILD_MEMBERS, ApplicationFlags.GATEWAY_GUILD_MEMBERS_LIMITED),
    Intents.MESSAGE_CONTENT: (
        ApplicationFlags.GATEWAY_MESSAGE_CONTENT,
        ApplicationFlags.GATEWAY_MESSAGE_CONTENT_LIMITED,
    ),
}
_TITLES: Final = {
    Intents.GUILD_PRESENCES: "Presence Intent",
    Intents.GUILD_MEMBERS: "Server Members Intent",
    Intents.MESSAGE_CONTENT: "Message Content Intent",
}


class Finding(NamedTuple):
    """One thing that was looked at."""

    check: str
    level: Level
    text: str
    cure: str = ""
    """What to do; empty where all is well."""


def form_of_token(token: str) -> Finding:
    """What can be said of a token without sending it.  The text shows nothing of it."""
    if token.count(".") == 2 and not re.search(r"\s", token):
        return Finding("token", "ok", "it has the form of a bot's token")
    if token.startswith(("http://", "https://")):
        return Finding(
            "token", "fault", "it is a URL", "a webhook's URL is for Webhook.from_url; a bot's token is another thing"
        )
    if token.isdecimal():
        return Finding(
            "token", "fault", "it is an id, or a public number", f"take the token from {PORTAL} > Bot > Reset Token"
        )
    return Finding(
        "token",
        "warning",
        "it has not the form of a bot's token (three parts with dots)",
        f"take it from {PORTAL} > Bot > Reset Token; the client secret and the public key are others",
    )


def account(user: Mapping[str, Any]) -> Finding:
    """Whose token it is."""
    name, number = user.get("username"), user.get("id")
    if user.get("bot"):
        return Finding("account", "ok", f"{name} ({number})")
    return Finding("account", "fault", f"{name} ({number}) is no bot", "automating a user's account is not allowed")


def failed(check: str, error: ACordError) -> Finding:
    """A request that did not succeed."""
    if isinstance(error, Unauthorized):
        return Finding(
            check, "fault", "Discord refuses the token (401)", f"make a new one: {PORTAL} > Bot > Reset Token"
        )
    if isinstance(error, TransportError):
        text = f"Discord cannot be reached: {error.reason}"
        return Finding(check, "fault", text, "look at the network, a proxy, a firewall, DNS")
    if isinstance(error, HTTPError):
        return Finding(check, "fault", str(error).splitlines()[0], error.hint or "")
    return Finding(check, "fault", str(error).splitlines()[0])


def clock(date: str | None, wall: float) -> Finding:
    """This machine's clock beside the ``Date`` of an answer; wall is in seconds since 1970."""
    try:
        told = parsedate_to_datetime(date or "")
    except ValueError:
        return Finding("clock", "note", "the answer names no time to compare with")
    # The header has whole seconds: half of one is added, so that a right clock is off by half a second at most.
    told = told.replace(tzinfo=UTC) if told.tzinfo is None else told
    skew = wall - (told.timestamp() + 0.5)
    if abs(skew) <= SKEW:
        return Finding("clock", "ok", f"within {SKEW:g} s of Discord's")
    way = "ahead of" if skew > 0 else "behind"
    return Finding(
        "clock",
        "warning",
        f"{abs(skew):.0f} s {way} Discord's",
        "set it by NTP (timedatectl set-ntp true): the time left for an interaction is counted by it",
    )


def intents(flags: int, wanted: Intents | None) -> list[Finding]:
    """The switches of the privileged intents, held against what the bot wants where that is known."""
    found: list[Finding] = []
    for intent, ways in SWITCHES.items():
        name = str(intent.name)
        on = any(flags & way for way in ways)
        if on:
            found.append(Finding("intents", "ok", f"{name} is on"))
        elif wanted is not None and intent in wanted:
            cure = f"switch it on: {PORTAL} > Bot > {_TITLES[intent]}"
            found.append(Finding("intents", "fault", f"{name} is off; the gateway would close with 4014", cure))
        elif wanted is None:
            cure = f"where the bot needs it: {PORTAL} > Bot > {_TITLES[intent]}"
            found.append(Finding("intents", "note", f"{name} is off", cure))
    return found or [Finding("intents", "ok", "none that needs a switch")]


def sessions(gateway: Mapping[str, Any]) -> list[Finding]:
    """What Get Gateway Bot says: shards, and how often the bot may still start today."""
    shards = gateway.get("shards")
    limit: Mapping[str, Any] = gateway.get("session_start_limit") or {}
    left, total = limit.get("remaining"), limit.get("total")
    hours = (limit.get("reset_after") or 0) / 3_600_000
    found = [Finding("shards", "ok", f"Discord recommends {shards}")]
    if not isinstance(left, int) or not isinstance(total, int):
        return [*found, Finding("session starts", "note", "Discord does not say how many are left")]
    text = f"{left} of {total} are left" + (f", all again in {hours:.1f} h" if left < total else "")
    cure = "find what restarts the bot; keep sessions with FileSession, so that a restart resumes"
    if left < (shards if isinstance(shards, int) else 1):
        return [*found, Finding("session starts", "fault", text, cure)]
    if left < total / 10:
        return [*found, Finding("session starts", "warning", text, cure)]
    return [*found, Finding("session starts", "ok", text)]


def commands(everywhere: Sequence[Mapping[str, Any]], guild: Sequence[Mapping[str, Any]] | None) -> Finding:
    """The commands that are registered; ``guild`` those of one guild, None where none was named."""
    named = ", ".join(f"/{one.get('name')}" for one in [*everywhere, *(guild or ())])
    if named:
        return Finding("commands", "ok", named)
    where = "" if guild is None else " (nor in this guild)"
    return Finding(
        "commands",
        "note",
        f"none is registered everywhere{where}",
        "acord call bulk_set_application_commands application_id=... --data '[...]'; a guild's own: --guild ID",
    )


def guilds(found: Sequence[Mapping[str, Any]], application_id: object) -> Finding:
    """Where the bot is."""
    if found:
        return Finding("guilds", "ok", f"in {len(found)}{'+' if len(found) >= 200 else ''}")
    url = f"https://discord.com/oauth2/authorize?client_id={application_id}&scope=bot+applications.commands"
    return Finding("guilds", "warning", "in none", f"invite it: {url}")


def extras() -> list[Finding]:
    """What is installed, and what could be."""
    lacking = [extra for extra in EXTRAS if missing(extra)]
    found = [Finding("extras", "ok", ", ".join(extra for extra in EXTRAS if extra not in lacking) or "none")]
    for extra in lacking:
        text = f"{extra} is not installed ({EXTRAS[extra][1]})"
        found.append(Finding("extras", "note", text, f"pip install 'acord[{extra}]'"))
    return found
