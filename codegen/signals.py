"""Signals: opcodes, close codes, intents and voice's bits, from spec/gateway and spec/voice to two Python modules.

Parses to frozen records, refuses what Python or the tables of each other cannot take, and lets the templates print.
"""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from jinja2 import Environment

from codegen.filters import quoted
from codegen.yaml import Node, load

GATEWAY = "acord/core/signals/gateway.py"
VOICE = "acord/core/signals/voice.py"
WIDTH = 120

# What a close code may demand, and what each means in the docstrings.
VERDICTS = {
    "resume": "Connect again and continue the session.",
    "new_session": "Connect again and identify afresh.",
    "wait": "Stay away until a new VOICE_SERVER_UPDATE comes or somebody asks to join again.",
    "fatal": "Connecting again cannot help until a person changes something.",
}
DIRECTIONS = ("receive", "send", "both")
STATES = ("preferred", "required", "removed")
NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\Z")
_MODE = re.compile(r"[a-z0-9_]+\Z")


@dataclass(frozen=True, slots=True)
class Member:
    """One name of an enum: its value (a bit's number in flags), a sentence about it, the other names it goes by."""

    name: str
    value: int | str
    about: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opcode(Member):
    direction: str
    binary: bool


@dataclass(frozen=True, slots=True)
class CloseCode(Member):
    """`about` is the advice."""

    verdict: str
    client_bug: bool


@dataclass(frozen=True, slots=True)
class Intent(Member):
    privileged: bool
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mode(Member):
    """`about` is what the nonce is made of."""

    state: str


M = TypeVar("M", bound=Member)


@dataclass(frozen=True, slots=True)
class Table(Generic[M]):
    """One spec file: where its facts come from and its members in their order."""

    source: str
    members: tuple[M, ...]


@dataclass(frozen=True, slots=True)
class CloseCodes:
    """Close codes, and what holds for a code that no entry names."""

    table: Table[CloseCode]
    verdict: str
    advice: str


# --- reading -----------------------------------------------------------------------------------------


def _close_code(verdicts: Sequence[str]) -> Callable[[str, Node], CloseCode]:
    def read(name: str, entry: Node) -> CloseCode:
        entry.only(("code", "verdict", "client_bug", "advice", "aliases"))
        code = entry.whole("code")
        if not 1000 <= code <= 4999:
            entry.fail("code", f"expected a WebSocket close code (1000 to 4999), found {code}")
        verdict = _one_of(entry, "verdict", verdicts)
        return CloseCode(name, code, _line(entry, "advice"), entry.texts("aliases"), verdict, entry.flag("client_bug"))

    return read


def _opcode(name: str, entry: Node) -> Opcode:
    entry.only(("value", "direction", "binary", "about", "aliases"))
    value = entry.whole("value")
    if not 0 <= value <= 255:
        entry.fail("value", f"expected an opcode (0 to 255), found {value}")
    direction = _one_of(entry, "direction", DIRECTIONS)
    return Opcode(name, value, _line(entry, "about"), entry.texts("aliases"), direction, entry.flag("binary"))


def _intent(name: str, entry: Node) -> Intent:
    entry.only(("bit", "privileged", "about", "aliases", "events"))
    events = entry.texts("events")
    for event in events:
        if not NAME.match(event):
            entry.fail("events", f"expected the name of an event, found {event!r}")
    bit, about, aliases = _bit(entry), _line(entry, "about"), entry.texts("aliases")
    return Intent(name, bit, about, aliases, entry.flag("privileged"), events)


def _speaking(name: str, entry: Node) -> Member:
    entry.only(("bit", "about", "aliases"))
    return Member(name, _bit(entry), _line(entry, "about"), entry.texts("aliases"))


def _mode(name: str, entry: Node) -> Mode:
    entry.only(("value", "state", "nonce", "aliases"))
    value = entry.text("value")
    if not _MODE.match(value):
        entry.fail("value", f"expected a mode such as aead_aes256_gcm_rtpsize, found {value!r}")
    state = _one_of(entry, "state", STATES)
    return Mode(name, value, _line(entry, "nonce"), entry.texts("aliases"), state)


def _bit(entry: Node) -> int:
    bit = entry.whole("bit")
    if not 0 <= bit < 64:
        entry.fail("bit", f"expected the number of a bit (0 to 63), found {bit}")
    return bit


def _line(entry: Node, key: str) -> str:
    text = entry.text(key)
    if not text.strip() or not text.isprintable():
        entry.fail(key, "expected one sentence of printable text")
    return text


def _one_of(entry: Node, key: str, allowed: Sequence[str]) -> str:
    value = entry.text(key)
    if value not in allowed:
        entry.fail(key, f"expected one of {', '.join(allowed)}, found {value!r}")
    return value


def _table(document: Node, key: str, read: Callable[[str, Node], M], taken: dict[str, str]) -> Table[M]:
    """The entries under `key`; `taken` holds the names of the module so far, for one name means one thing."""
    entries = document.node(key)
    values: dict[int | str, str] = {}
    members: list[M] = []
    for name, entry in document.nodes(key):
        member = read(name, entry)
        if member.value in values:
            entry.fail("", f"{member.value} already stands under {values[member.value]}")
        values[member.value] = name
        for spelling in (name, *member.aliases):
            if not NAME.match(spelling) or keyword.iskeyword(spelling):
                entries.fail(name, f"expected a name in capitals such as HEARTBEAT_ACK, found {spelling!r}")
            if spelling in taken:
                entries.fail(name, f"the name {spelling} already belongs to {taken[spelling]}")
            taken[spelling] = f"{key}.{name}"
        members.append(member)
    if not members:
        document.fail(key, "expected at least one entry")
    return Table(_source(document), tuple(members))


def _source(document: Node) -> str:
    source = document.text("source")
    if not re.match(r"https://docs\.discord\.com/[\w/#.-]+\Z", source):
        document.fail("source", "expected a page of https://docs.discord.com/")
    return source


def _close_codes(document: Node, verdicts: Sequence[str], taken: dict[str, str]) -> CloseCodes:
    document.only(("source", "unlisted", "close_codes"))
    unlisted = document.node("unlisted")
    unlisted.only(("verdict", "advice"))
    verdict, advice = _one_of(unlisted, "verdict", verdicts), _line(unlisted, "advice")
    return CloseCodes(_table(document, "close_codes", _close_code(verdicts), taken), verdict, advice)


# --- printing ----------------------------------------------------------------------------------------


def entry(text: str, key: str, indent: int = 4) -> str:
    """``key: "text",`` of a dict, in the formatter's style: parted in parentheses where it would be too long."""
    pad = " " * indent
    line = f"{pad}{key}: {quoted(text)},"
    if len(line) <= WIDTH:
        return line
    room = WIDTH - indent - 4 - 2
    parts = textwrap.wrap(text, room, break_on_hyphens=False, drop_whitespace=False)
    return "\n".join([f"{pad}{key}: (", *(f"{pad}    {quoted(part)}" for part in parts), f"{pad}),"])


def members_of(names: Iterable[str], enum: str) -> str:
    """``Enum.A | Enum.B``: flags joined."""
    return " | ".join(f"{enum}.{name}" for name in names)


def _gated(intents: Table[Intent]) -> dict[str, tuple[str, ...]]:
    """Event -> the intents any of which lets it through."""
    gates: dict[str, tuple[str, ...]] = {}
    for intent in intents.members:
        for event in intent.events:
            gates[event] = (*gates.get(event, ()), intent.name)
    return gates


def _sum(intents: Iterable[Intent]) -> int:
    return sum(1 << int(intent.value) for intent in intents)


def render(spec: Path, environment: Environment) -> dict[str, str]:
    """The text of each signals module by its path under generated/, from the spec folder; SpecError names the place."""
    own: dict[str, Callable[..., object]] = {"entry": entry, "members_of": members_of}
    environment.filters.update(own)
    root = spec.parent

    taken: dict[str, str] = {}
    gateway_verdicts = [name for name in VERDICTS if name != "wait"]  # waiting is for voice alone
    intents_file = load(spec / "gateway/intents.yaml", root)
    intents_file.only(("source", "intents"))
    opcodes_file = load(spec / "gateway/opcodes.yaml", root)
    opcodes_file.only(("source", "opcodes"))
    opcodes = _table(opcodes_file, "opcodes", _opcode, taken)
    close_codes = _close_codes(load(spec / "gateway/close_codes.yaml", root), gateway_verdicts, taken)
    intents = _table(intents_file, "intents", _intent, taken)
    gateway = environment.get_template(GATEWAY + ".jinja").render(
        opcodes=opcodes,
        close_codes=close_codes,
        verdicts={name: VERDICTS[name] for name in gateway_verdicts},
        intents=intents,
        gated=_gated(intents),
        all=_sum(intents.members),
        default=_sum(intent for intent in intents.members if not intent.privileged),
        privileged=_sum(intent for intent in intents.members if intent.privileged),
    )

    taken = {}
    modes_file = load(spec / "voice/encryption_modes.yaml", root)
    modes_file.only(("source", "encryption_modes"))
    speaking_file = load(spec / "voice/speaking.yaml", root)
    speaking_file.only(("source", "speaking"))
    opcodes_file = load(spec / "voice/opcodes.yaml", root)
    opcodes_file.only(("source", "opcodes"))
    voice = environment.get_template(VOICE + ".jinja").render(
        opcodes=_table(opcodes_file, "opcodes", _opcode, taken),
        close_codes=_close_codes(load(spec / "voice/close_codes.yaml", root), list(VERDICTS), taken),
        verdicts=VERDICTS,
        modes=_table(modes_file, "encryption_modes", _mode, taken),
        speaking=_table(speaking_file, "speaking", _speaking, taken),
    )
    return {GATEWAY: gateway, VOICE: voice}
