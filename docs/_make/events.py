"""A page for every event of the gateway, and a list of them."""

from functools import cache

from acord.core.signals.gateway import RECEIVED, Opcode
from acord.events import EVENTS
from docs._make.markdown import cell, code, fence, link, table
from docs._make.objects import linked
from docs._make.sources import GENERATED, Class, classes

__all__ = ["is_message", "listener", "pages", "path_of"]

LIST = "reference/events/index.md"


@cache
def _classes() -> dict[str, tuple[str, Class]]:
    """Class -> the group it stands in, and what its text says."""
    found: dict[str, tuple[str, Class]] = {}
    for path in sorted((GENERATED / "events").glob("*.py")):
        if path.stem not in ("__init__", "callbacks", "webhook", "enums"):
            for one in classes(f"events/{path.name}"):
                found[one.name] = (path.stem, one)
    return found


def pages() -> dict[str, str]:
    """Path -> text."""
    made = {path_of(name): _event(name) for name in EVENTS}
    rows = [
        (
            link(code(name), LIST, path_of(name)),
            code(f"events.{kind.__name__}"),
            cell(_classes()[kind.__name__][1].about),
            _intents(name, LIST),
        )
        for name, kind in sorted(EVENTS.items())
    ]
    made[LIST] = (
        "\n\n".join(
            [
                "# Events",
                f"What the gateway sends: {len(rows)} events, each with a class. A name that is not here arrives as "
                "`events.Unknown` with its data as it came.",
                table(("Name", "Class", "", "Any one of these intents"), rows),
            ]
        )
        + "\n"
    )
    return made


def path_of(event: str) -> str:
    return f"reference/events/{event.lower()}.md"


def is_message(name: str) -> bool:
    """Whether it is an opcode's message and no dispatch."""
    return name in Opcode.__members__ and Opcode[name] in RECEIVED


def _intents(event: str, page: str) -> str:
    wanted = EVENTS[event].event_intents
    return ", ".join(link(code(one.name), page, "reference/intents.md") for one in wanted) or "none: it always comes"


def _event(name: str) -> str:
    kind = EVENTS[name]
    group, one = _classes()[kind.__name__]
    page = path_of(name)
    parts = [
        f"# {name}",
        one.about.replace("``", "`"),
        table(
            ("", ""),
            [
                ("Class", code(f"acord.events.{kind.__name__}")),
                ("Group", code(f"acord.events.{group}")),
                ("Any one of these intents", _intents(name, page)),
                ("Discord's page", f"[{name}]({one.source})" if one.source else "none"),
            ],
        ),
    ]
    if fields := _fields(one, page):
        parts += ["## Fields", table(("Field", "Type", "Always there"), fields)]
    if is_message(name):
        opcode = link(f"opcode {Opcode[name].value}", page, "reference/opcodes.md")
        parts.append(
            f"A message of the connection itself ({opcode}), which each shard deals with: no listener hears it."
        )
    else:
        parts += [
            "## Listening",
            fence(listener(name, kind.__name__)),
            f"`client.wait_for(events.{kind.__name__})` gives the next, `client.events(events.{kind.__name__})` all.",
        ]
    return "\n\n".join(parts) + "\n"


def _fields(one: Class, page: str) -> list[tuple[str, str, str]]:
    """Its own, and those of the classes of events and models it is made of."""
    rows = {
        field.name: (code(field.name), linked(field.type, page), "yes" if field.required else "")
        for field in one.fields
    }
    for base in one.bases:
        if base in _classes():
            inherited = _fields(_classes()[base][1], page)
            rows = {row[0].strip("`"): row for row in inherited} | rows
        elif base not in ("Event", "Plain"):
            rows = {f"of {base}": ("all fields of", linked(base, page), "")} | rows
    return list(rows.values())


def listener(name: str, kind: str) -> str:
    """A program that hears of this event."""
    wanted = EVENTS[name].event_intents
    first = next(iter(wanted), None)
    intents = f"Intents.{first.name}" if first is not None else "Intents.none()"
    return f"""import os

from acord import Client, Intents, events

client = Client(token=os.environ["DISCORD_TOKEN"], intents={intents})


@client.on(events.{kind})
def heard(event: events.{kind}) -> None:
    print(event.event_name, event)"""
