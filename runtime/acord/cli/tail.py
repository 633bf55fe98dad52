"""`acord gateway tail`: events as they come, a line each."""

import sys
from collections.abc import Collection
from typing import Any

from rich.text import Text

from acord.cli import screen
from acord.cli.connect import Access
from acord.cli.failures import UsageFailure
from acord.cli.text import harmless, json_text
from acord.core.dispatch import Dispatch
from acord.core.errors import DecodeError
from acord.core.shards import Gateway
from acord.core.signals.gateway import Intents

__all__ = ["follow", "intents_of", "line_of"]

# What a person wants to see of an event, in this order, where it is there.
_TELLING = ("content", "name", "username", "status", "title", "emoji", "code")
_WHOSE = ("author", "user", "member")
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
            from difflib import get_close_matches

            close = get_close_matches(name.upper(), Intents.__members__, 1)
            raise UsageFailure(f"no intent is called {harmless(name)}" + (f"; did you mean {close[0]}?" if close else ""))
    return found


def unprivileged() -> Intents:
    """All intents that need no switch in the developer portal."""
    return Intents.all() & ~(Intents.GUILD_PRESENCES | Intents.GUILD_MEMBERS | Intents.MESSAGE_CONTENT)


def events_of(names: str | None) -> Collection[str] | None:
    """Names of events, as they are on the wire.  Raises UsageFailure for one that does not exist."""
    if names is None:
        return None
    from difflib import get_close_matches

    from acord.events import EVENTS

    found = [name.upper() for name in names.replace(",", " ").split()]
    for name in found:
        if name not in EVENTS:
            close = get_close_matches(name, EVENTS, 1)
            raise UsageFailure(f"no event is called {harmless(name)}" + (f"; did you mean {close[0]}?" if close else ""))
    return found


def line_of(dispatch: Dispatch) -> str:
    """What an event is about, harmless, on one line."""
    try:
        body: Any = dispatch.value
    except DecodeError:
        return "(cannot be read)"
    if not isinstance(body, dict):
        return json_text(body)[:200]
    fields: dict[str, Any] = body
    parts: list[str] = []
    for key in _WHOSE:
        whose = fields.get(key)
        if isinstance(whose, dict):
            inner: dict[str, Any] = whose
            name: object = inner.get("username") or (inner.get("user") or {}).get("username")
            if name:
                parts.append(f"{name}:")
                break
    parts += [str(fields[key])[:200] for key in _TELLING if isinstance(fields.get(key), (str, int)) and fields[key]]
    parts += [f"{key}={fields[key]}" for key in _IDS if fields.get(key)]
    return harmless(" ".join(parts))


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
        screen.note("waiting for events; Ctrl-C ends it")
        async for dispatch in gateway:
            if events is not None and dispatch.name not in events:
                continue
            if as_json:
                shown = {"t": dispatch.name, "s": dispatch.seq, "shard": dispatch.shard_id, "d": dispatch.value}
                print(json_text(shown), flush=True)
            elif raw:
                print(f"{dispatch.name} {json_text(dispatch.value)}", flush=True)
            else:
                line = Text.assemble(
                    (f"{dispatch.shard_id}:{dispatch.seq} ", "dim"), (harmless(dispatch.name), "cyan"), " ", line_of(dispatch)
                )
                out.print(line, soft_wrap=not out.is_terminal, overflow="ellipsis", no_wrap=True)
                sys.stdout.flush()
            seen += 1
            if seen == most:
                return
