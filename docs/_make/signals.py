"""Pages of numbers: opcodes, close codes, error codes, intents, permissions and other bit sets."""

from acord.core.signals import gateway, rest, voice
from acord.events import EVENTS
from docs._make.markdown import cell, code, link, table
from docs._make.sources import Class, classes

__all__ = ["pages"]

_DISCORD = "https://docs.discord.com/developers/topics/opcodes-and-status-codes"


def _found(path: str, name: str) -> Class:
    return next(one for one in classes(path) if one.name == name)


def _spellings(one: Class) -> dict[str, str]:
    others: dict[str, list[str]] = {}
    for alias, name in one.aliases:
        others.setdefault(name, []).append(code(alias))
    return {name: ", ".join(found) for name, found in others.items()}


def pages() -> dict[str, str]:
    """Path -> text."""
    made = {
        "reference/opcodes.md": _opcodes(),
        "reference/close-codes.md": _close_codes(),
        "reference/error-codes.md": _error_codes(),
        "reference/intents.md": _intents("reference/intents.md"),
        "reference/permissions.md": _permissions(),
        "reference/flags.md": _flags(),
    }
    return {path: "\n\n".join(filter(None, parts)) + "\n" for path, parts in made.items()}


def _opcodes() -> list[str]:
    parts = [
        "# Opcodes",
        "`acord.core.signals.gateway.Opcode` and `acord.core.signals.voice.Opcode`; each name stands in its module, "
        "too, as do the older spellings. A number without a name is kept.",
    ]
    for title, path, module in (("Gateway", "gateway", gateway), ("Voice", "voice", voice)):
        one = _found(f"core/signals/{path}.py", "Opcode")
        spellings = _spellings(one)
        rows = [
            (value, code(name), _direction(module, int(value)), cell(says), spellings.get(name, ""))
            for name, value, says in one.members
        ]
        parts += [f"## {title}", table(("Number", "Name", "Sent by", "Meaning", "Other spellings"), rows)]
    return [*parts, f"[Discord's page]({_DISCORD}#gateway-gateway-opcodes)"]


def _direction(module: object, number: int) -> str:
    received, sent = getattr(module, "RECEIVED", ()), getattr(module, "SENT", ())
    return " and ".join(who for who, numbers in (("Discord", received), ("you", sent)) if number in numbers)


def _close_codes() -> list[str]:
    verdicts = [
        ("resume", "The connection is made again and the session goes on: no event is lost."),
        ("new_session", "The connection is made again with a new session: what happened in between is not told."),
        ("fatal", "Connecting again cannot help until a person changes something; `run_forever` raises."),
    ]
    parts = [
        "# Close codes",
        "Why a connection ended, and what ACord does next. `CloseCode(4004).verdict` and `.advice` say the same in "
        "code; codes that are not listed are resumed.",
        table(("Verdict", ""), [(code(name), says) for name, says in verdicts]),
    ]
    for title, path, module in (("Gateway", "gateway", gateway), ("Voice", "voice", voice)):
        one = _found(f"core/signals/{path}.py", "CloseCode")
        spellings = _spellings(one)
        rows = [
            (value, code(name), code(module.VERDICTS.get(int(value), "resume")), cell(says), spellings.get(name, ""))
            for name, value, says in one.members
        ]
        parts += [f"## {title}", table(("Code", "Name", "Verdict", "What to do", "Other spellings"), rows)]
    return [*parts, f"[Discord's page]({_DISCORD}#gateway-gateway-close-event-codes)"]


def _error_codes() -> list[str]:
    rows = [(str(int(one)), code(one.name), cell(rest.HINTS.get(int(one), ""))) for one in rest.ErrorCode]
    return [
        "# Error codes",
        "The `code` of an `errors.HTTPError`: a `signals.rest.ErrorCode`, written by its name and equal to its number. "
        "Where a cure is known, the exception's text says it, too.",
        table(("Code", "Name", "Cure"), rows),
        f"[Discord's page]({_DISCORD}#json-json-error-codes)",
    ]


def _intents(page: str) -> list[str]:
    one = _found("core/signals/gateway.py", "Intents")
    spellings = _spellings(one)
    rows: list[tuple[str, ...]] = []
    for name, value, says in one.members:
        intent = gateway.Intents[name]
        told = [event for event, wanted in gateway.EVENT_INTENTS.items() if wanted & intent and event in EVENTS]
        events = ", ".join(link(code(event), page, f"reference/events/{event.lower()}.md") for event in told)
        portal = "yes" if intent & gateway.Intents.privileged() else ""
        rows.append((code(value), code(name), portal, cell(says), events, spellings.get(name, "")))
    always = [name for name, kind in EVENTS.items() if not kind.event_intents]
    return [
        "# Intents",
        "Which events a session gets. `Intents.default()` is all that need no switch, `Intents.all()` everything, "
        "`Intents.none()` nothing. *Privileged* ones are switched on in the Developer Portal first, page Bot.",
        table(("Bit", "Name", "Privileged", "Meaning", "Events", "Other spellings"), rows),
        "## Without any intent",
        ", ".join(link(code(event), page, f"reference/events/{event.lower()}.md") for event in always),
        "[Discord's page](https://docs.discord.com/developers/events/gateway#list-of-intents)",
    ]


def _permissions() -> list[str]:
    one = _found("flags.py", "Permissions")
    rows = [(code(value), code(name), cell(says)) for name, value, says in one.members]
    return [
        "# Permissions",
        "`acord.Permissions`: a set of bits that travels as a text of digits. `acord.compute_permissions` works out "
        "what a member may do in a channel; bits without a name are kept.",
        table(("Bit", "Name", "Where it counts"), rows),
        f"[Discord's page]({one.source})",
    ]


def _flags() -> list[str]:
    parts = [
        "# Flags",
        "Bit sets of `acord.flags`. `|`, `&`, `~`, `in` and iteration work as on any `enum.IntFlag`; bits without a "
        "name are kept.",
    ]
    for one in classes("flags.py"):
        rows = [(code(value), code(name), cell(says)) for name, value, says in one.members]
        if one.name == "Permissions":
            parts += [f"## {one.name}", "See [Permissions](permissions.md)."]
        elif rows:
            parts += [f"## {one.name}", one.about.replace("``", "`"), table(("Bit", "Name", "Meaning"), rows)]
            parts += [f"[Discord's page]({one.source})" if one.source else ""]
    return parts
