"""`acord gateway tail`: events as they come, a line each."""

import sys
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, cast

from rich.text import Text

from acord.cli import screen
from acord.cli.connect import Access
from acord.cli.failures import UsageFailure
from acord.cli.text import harmless, json_text
from acord.core.dispatch import Dispatch
from acord.core.errors import DecodeError
from acord.core.shards import Gateway
from acord.core.signals.gateway import Intents
from acord.routes import get_gateway

__all__ = ["follow", "intents_of", "line_of"]

# What a person wants to see of an event, in this order, where it is there.
_TELLING = ("content", "name", "username", "status", "title", "emoji", "code")
_WHOSE = ("author", "user", "member")
TIMEOUT = 20.0
"""Seconds in which the gateway's address has to be had."""
_IDS = ("guild_id", "channel_id", "message_id", "user_id", "id")


def intents_of(names: str | None) -> Intents | None:
    """Intents by their names or as a number; ``all`` and ``unprivileged`` are names, too.  Raises UsageFailure."""
    if names is None:
        return None
    found = Intents.none()
    for name in names.replace(",", " ").split():
        member = Intents.__members__.get(name.upper())
        if name.lower() == "all":
            found |= Intents.all()
        elif name.lower() == "unprivileged":
            found |= unprivileged()
        elif name.isdecimal():
            found |= Intents(int(name))
        elif member is not None:
            found |= member
        else:
            raise _unknown("intent", name, Intents.__members__)
    return found


def unprivileged() -> Intents:
    """All intents that need no switch in the developer portal."""
    return Intents.all() & ~(Intents.GUILD_PRESENCES | Intents.GUILD_MEMBERS | Intents.MESSAGE_CONTENT)


def events_of(names: str | None) -> Collection[str] | None:
    """Names of events, as they are on the wire.  Raises UsageFailure for one that does not exist."""
    if names is None:
        return None
    from acord.events import EVENTS

    found = [name.upper() for name in names.replace(",", " ").split()]
    for name in found:
        if name not in EVENTS:
            raise _unknown("event", name, EVENTS)
    return found


def _unknown(what: str, name: str, known: Iterable[str]) -> UsageFailure:
    close = get_close_matches(name.upper(), list(known), 1)
    return UsageFailure(f"no {what} is called {harmless(name)}" + (f"; did you mean {close[0]}?" if close else ""))


def line_of(dispatch: Dispatch) -> str:
    """What an event is about, harmless, on one line."""
    try:
        body: Any = dispatch.value
    except DecodeError:
        return "(cannot be read)"
    if not isinstance(body, dict):
        return json_text(body)[:200]
    fields = cast("Mapping[str, Any]", body)
    who = next(filter(None, (_name(fields.get(key)) for key in _WHOSE)), None)
    parts = [f"{who}:"] if who else []
    parts += [str(fields[key])[:200] for key in _TELLING if isinstance(fields.get(key), (str, int)) and fields[key]]
    parts += [f"{key}={fields[key]}" for key in _IDS if fields.get(key)]
    return harmless(" ".join(parts))


def _name(person: Any) -> str | None:
    """The name of a user, or of the user in a member."""
    if not isinstance(person, dict):
        return None
    fields = cast("Mapping[str, Any]", person)
    name = fields.get("username")
    return str(name) if name else _name(fields.get("user"))


async def follow(
    access: Access,
    *,
    intents: Intents,
    events: Collection[str] | None,
    raw: bool,
    as_json: bool,
    most: int | None,
) -> None:
    """Print events until the connection has its final end, or so many were printed.  Raises `ConnectionClosed`."""
    out = screen.console()
    seen = 0
    async with access.http() as http, Gateway(access.token, intents=intents, http=http) as gateway:
        # A gateway tries for ever; who looks from a terminal is told that there is no network.
        await http.request(get_gateway(), deadline=TIMEOUT)
        screen.note("waiting for events; Ctrl-C ends it")
        async for dispatch in gateway:
            if events is not None and dispatch.name not in events:
                continue
            if as_json:
                shown = {"t": dispatch.name, "s": dispatch.seq, "shard": dispatch.shard_id, "d": dispatch.value}
                print(json_text(shown), flush=True)
            elif raw:
                print(f"{harmless(dispatch.name)} {json_text(dispatch.value)}", flush=True)
            else:
                line = Text()
                line.append(f"{dispatch.shard_id}:{dispatch.seq} ", style="dim")
                line.append(harmless(dispatch.name), style="cyan").append(f" {line_of(dispatch)}")
                out.print(line, soft_wrap=not out.is_terminal, overflow="ellipsis", no_wrap=True)
                sys.stdout.flush()
            seen += 1
            if seen == most:
                return
