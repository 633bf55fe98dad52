"""The facts of Discord's documentation on gateway, voice, webhook events and interactions, without its words.

Independent on purpose: it shares no line with the generator whose spec it judges (standard library only), and a table,
field or sentence that it cannot read is an error, so that nothing is lost silently.

    python -m tests.tools.docs_gateway CHECKOUT_OF_DISCORD_API_DOCS > tests/data/docs_gateway.json

A *field* is ``[kind]`` with up to two marks: ``optional`` (the key may be absent) and ``nullable``. Kinds: snowflake
string integer number boolean timestamp array map any, and ``named`` for everything that is a link to another table.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OPCODES = "developers/topics/opcodes-and-status-codes.mdx"
GATEWAY = "developers/events/gateway.mdx"
EVENTS = "developers/events/gateway-events.mdx"
WEBHOOKS = "developers/events/webhook-events.mdx"
VOICE = "developers/topics/voice-connections.mdx"
INTERACTIONS = "developers/interactions/receiving-and-responding.mdx"
COMPONENTS = "developers/components/reference.mdx"
GUILDS = "developers/resources/guild.mdx"
SCHEDULED = "developers/resources/guild-scheduled-event.mdx"
MODERATION = "developers/resources/auto-moderation.mdx"
USERS = "developers/resources/user.mdx"
ANSWER = "Interaction Response Structure"

# Tables of objects that stand on other pages than the events that carry them: title -> page.
ELSEWHERE = {
    "Auto Moderation Rule Structure": MODERATION,
    "Trigger Metadata": MODERATION,
    "Guild Scheduled Event Structure": SCHEDULED,
    "Guild Scheduled Event Entity Metadata": SCHEDULED,
    "Guild Structure": GUILDS,
    "Integration Structure": GUILDS,
    "User Structure": USERS,
    "Interaction Structure": INTERACTIONS,
    "Application Command Data Structure": INTERACTIONS,
    "Message Component Data Structure": INTERACTIONS,
    "Modal Submit Data Structure": INTERACTIONS,
    "Resolved Data Structure": INTERACTIONS,
    "Application Command Interaction Data Option Structure": INTERACTIONS,
}

Row = dict[str, str]
Facts = dict[str, Any]


class Unreadable(ValueError):
    """A place of the documentation that this reader does not understand."""


@dataclass
class Section:
    """What stands between one heading and the next."""

    level: int
    title: str
    text: list[str] = field(default_factory=list[str])

    @property
    def prose(self) -> str:
        return "\n".join(line for line in self.text if not line.startswith("|"))

    def tables(self) -> Iterator[list[Row]]:
        """Every table, its rows by the names of the columns."""
        rows: list[list[str]] = []
        for line in [*self.text, ""]:
            if line.startswith("|"):
                cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
                rows.append([cell.strip() for cell in cells])
            elif rows:
                head, body = rows[0], rows[2:]
                if any(len(row) != len(head) for row in body):
                    raise Unreadable(f"{self.title}: a row with more or fewer cells than {head}")
                yield [dict(zip(head, row, strict=True)) for row in body]
                rows = []

    def table(self, column: str) -> list[Row]:
        """The first table with such a column; empty where there is none."""
        return next((rows for rows in self.tables() if rows and column in rows[0]), [])


class Page:
    """A page as its sections, in order."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.sections = [Section(0, "")]
        fenced = False
        for line in source.splitlines():
            fenced ^= line.lstrip().startswith("```")
            heading = None if fenced else re.match(r"(#+) (.+)", line)
            if heading:
                self.sections.append(Section(len(heading[1]), heading[2].strip()))
            else:
                self.sections[-1].text.append(line)

    def section(self, title: str) -> Section:
        """The section with a heading; several such headings must not be asked for."""
        found = [section for section in self.sections if section.title == title]
        if len(found) != 1:
            raise Unreadable(f"{self.name}: {len(found)} headings {title!r}")
        return found[0]

    def under(self, title: str, *, after: str = "") -> list[Section]:
        """A section and its subsections: up to the next heading that is not a table's title."""
        start = next(i for i, s in enumerate(self.sections) if s.title == after) if after else 0
        for index in range(start, len(self.sections)):
            if self.sections[index].title == title and self.sections[index].level < 6:
                end = index + 1
                while end < len(self.sections) and self.sections[end].level == 6:
                    end += 1
                return self.sections[index:end]
        raise Unreadable(f"{self.name}: no heading {title!r}")


def constant(title: str) -> str:
    """``Voice State Update`` as the documentation spells it on the wire."""
    return re.sub(r"\W+", "_", title.strip()).strip("_").upper()


def plain(cell: str) -> str:
    """A cell without links, marks and code quotes."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell).replace("`", "").replace("\\", "").strip()


def kind(text: str) -> str:
    """The kind of a type as the documentation words it."""
    low = text.lower()
    if re.match(r"(an )?array\b", low):
        return "array"
    if re.match(r"(map of|dictionary)\b", low):
        return "map"
    if low == "object" or "[" in text:
        return "named"
    for word, found in (
        ("snowflake or array", "array"), ("snowflake", "snowflake"), ("iso8601", "timestamp"), ("integer", "integer"),
        ("float", "number"), ("double", "number"), ("boolean", "boolean"), ("mixed", "any"),
    ):  # fmt: skip
        if low.startswith(word):
            return found
    if low in {"string", "string, integer, double, or boolean"}:
        return "string" if low == "string" else "any"
    raise Unreadable(f"unknown type {text!r}")


def fields(rows: list[Row]) -> Facts:
    """The fields of a table, by name."""
    found: Facts = {}
    for row in rows:
        name = plain(row["Field"]).rstrip("* ")
        mark = row["Type"].startswith("?")
        fact = [kind(re.sub(r"[ \\*]+$", "", row["Type"].lstrip("?")))]
        if name.endswith("?"):
            name = name[:-1]
            fact.append("optional")
        if mark:
            fact.append("nullable")
        if not re.fullmatch(r"[a-z_]+", name) or name in found:
            raise Unreadable(f"field {row['Field']!r}")
        found[name] = fact
    return found


def own_table(sections: list[Section]) -> Section | None:
    """The section with the fields of an event itself: the first table under it."""
    return next((section for section in sections if section.table("Field")), None)


def objects(page: Page, events: list[list[Section]]) -> Facts:
    """Every table of fields on a page that has a title of its own and is not that of an event."""
    taken = {section.title for sections in events if (section := own_table(sections))}
    found: Facts = {}
    for section in page.sections:
        rows = section.table("Field")
        if rows and "Type" in rows[0] and section.title not in taken:
            if section.title in found:
                raise Unreadable(f"{page.name}: two tables {section.title!r}")
            found[section.title] = fields(rows)
    return found


# --- the gateway --------------------------------------------------------------------------------------


def opcodes(page: Page) -> Facts:
    rows = page.section("Gateway Opcodes").table("Code")
    return {constant(r["Name"]): {"value": int(r["Code"]), "action": r["Client Action"]} for r in rows}


def close_codes(page: Page, title: str) -> Facts:
    found: Facts = {}
    for row in page.section(title).table("Code"):
        fact: Facts = {"code": int(row["Code"])}
        if "Reconnect" in row:
            fact["reconnect"] = row["Reconnect"] == "true"
        found[constant(re.sub(r"\(s\)", "s", plain(row["Description"])))] = fact
    return found


def intents(page: Page) -> Facts:
    found: Facts = {}
    listed = "\n".join(page.section("List of Intents").text)
    name = ""
    for line in listed.split("```")[1].splitlines():
        if head := re.fullmatch(r"(\w+) \(1 << (\d+)\)( \**)?", line):
            name = head[1]
            found[name] = {"bit": int(head[2]), "events": []}
        elif event := re.fullmatch(r"\s+- (\w+)( \*)?", line):
            found[name]["events"].append(event[1])
        elif line.strip():
            raise Unreadable(f"intents: {line!r}")
    for line in page.section("Privileged Intents").text:
        if named := re.match(r"- \[?`(\w+)`", line):
            found[named[1]]["privileged"] = True
    return found


def named_events(page: Page, title: str) -> list[str]:
    """The names of the list of events under a heading, as titles."""
    return [plain(row["Name"]) for row in page.section(title).table("Name")]


def carried(title: str, text: str) -> Facts:
    """What the text under an event says of its payload."""
    fact: Facts = {}
    link = r"\[[^\]]+\]\(/developers/([^)]+)\)"
    if is_object := re.search(rf"[Ii]nner payload is (?:an? )?(subset of the )?{link}(?: or {link})?", text):
        fact["objects"] = [target for target in is_object.groups()[1:] if target]
    elif "inner payload can be" in text:
        fact["objects"] = re.findall(rf"^- An \w+ Guild: an? {link}", text, re.MULTILINE)
    if is_object and is_object[1]:
        just = re.search(r"containing just the (.+) fields", text)
        if not just:
            raise Unreadable(f"{title}: which subset?")
        fact["subset"] = re.findall(r"`(\w+)`", just[1])
    if omitted := re.search(r"with `(\w+)` omitted", text):
        fact["omits"] = [omitted[1]]
    if same := re.search(r"same extra fields as \[(\w+)\]", text):
        fact["extras_of"] = same[1]
    if more := re.search(r"includes an additional `(\w+)` (\w+) field", text):
        fact["fields"] = {more[1]: [more[2], "optional"]}
    inner = re.search(r"[Tt]he inner `d` key is (a boolean|the last sequence number.*send `null`)", text, re.DOTALL)
    if inner:
        fact["d"] = ["boolean"] if inner[1] == "a boolean" else ["integer", "nullable"]
    return fact


def event(sections: list[Section]) -> Facts:
    """Payload and fields of one event; further tables under it are `objects` of the page."""
    fact = carried(sections[0].title, "\n".join(section.prose for section in sections))
    section = own_table(sections)
    if section:
        fact["fields"] = fields(section.table("Field"))
    for section in sections:
        example = re.search(r'"op": (\d+)', "\n".join(section.text))
        if example and example[1] != "0":
            fact["op"] = int(example[1])
            if '"d": null' in "\n".join(section.text):
                fact["d"] = ["null"]
            break
    return fact


# --- voice --------------------------------------------------------------------------------------------


def voice_opcodes(page: Page) -> Facts:
    rows = page.section("Voice Opcodes").table("Code")
    return {
        constant(row["Name"]): {"value": int(row["Code"]), "sent_by": row["Sent By"], "binary": row["Binary"] == "X"}
        for row in rows
    }


def voice_payloads(page: Page) -> Facts:
    """The keys of every example of version 8, by opcode; several examples of one are joined."""
    found: dict[str, set[str]] = {}
    for section in page.sections:
        if re.search(r"(below|before) V8|Gateway Voice State Update|Voice Server Update", section.title, re.IGNORECASE):
            continue
        for block in re.findall(r"```json\n(.*?)```", "\n".join(section.text), re.DOTALL):
            text = re.sub(r"\[ ?\.\.\..*?\]", "[]", block)
            text = re.sub(r"^\s*\.\.\.,?$", "", text, flags=re.MULTILINE)
            text = re.sub(r",(\s*})", r"\1", text)
            message = json.loads(text)
            data = message["d"]
            if data is None:
                found.setdefault(str(message["op"]), set())
            else:
                found.setdefault(str(message["op"]), set()).update(data)
                for key, value in data.items():
                    if isinstance(value, dict):
                        found.setdefault(f"{message['op']}.{key}", set()).update(value)
    return {op: sorted(keys) for op, keys in sorted(found.items())}


def modes(page: Page) -> Facts:
    rows = page.section("Transport Encryption Modes").table("Key")
    return {row["Key"]: row["Status"] for row in rows}


def speaking(page: Page) -> Facts:
    rows = page.section("Speaking").table("Flag")
    return {constant(row["Flag"]): int(plain(row["Value"]).removeprefix("1 << ")) for row in rows}


# --- everything ---------------------------------------------------------------------------------------


def enumeration(page: Page, title: str) -> Facts:
    """Names and values of a small table of constants."""
    section = page.section(title)
    rows = next(section.tables())
    name, value = ("Name" if "Name" in rows[0] else "Type"), next(k for k in ("Value", "ID", "Type") if k in rows[0])
    found: Facts = {}
    for row in rows:
        number = plain(row[value])
        bit = re.fullmatch(r"1 << (\d+)", number)
        found[constant(plain(row[name]).strip("* "))] = 1 << int(bit[1]) if bit else int(number)
    return found


def extract(docs: Path) -> Facts:
    """Everything, from a checkout of discord/discord-api-docs."""
    names = {OPCODES, GATEWAY, EVENTS, WEBHOOKS, VOICE, INTERACTIONS, COMPONENTS, *ELSEWHERE.values()}
    page = {name: Page(name, (docs / name).read_text(encoding="utf-8")) for name in names}
    sent, received = named_events(page[EVENTS], "Send Events"), named_events(page[EVENTS], "Receive Events")
    sent_at = {constant(t): page[EVENTS].under(t, after="Send Events") for t in sent}
    received_at = {constant(t): page[EVENTS].under(t, after="Receive Events") for t in received}
    webhook = page[WEBHOOKS].section("Event Types").table("Value")
    webhook_at = {plain(row["Value"]): page[WEBHOOKS].under(plain(row["Name"])) for row in webhook}
    answers = {s.title: fields(s.table("Field")) for s in page[COMPONENTS].sections if s.title.endswith(ANSWER)}
    elsewhere = {t: fields(page[p].section(t).table("Field")) for t, p in ELSEWHERE.items()}
    return {
        "gateway": {
            "opcodes": opcodes(page[OPCODES]),
            "close_codes": close_codes(page[OPCODES], "Gateway Close Event Codes"),
            "intents": intents(page[GATEWAY]),
            "sent": {name: event(sections) for name, sections in sent_at.items()},
            "received": {name: event(sections) for name, sections in received_at.items()},
            "objects": objects(page[EVENTS], [*sent_at.values(), *received_at.values()]),
            "enums": {
                title: enumeration(page[EVENTS], title)
                for title in ("Activity Types", "Status Display Types", "Activity Flags", "Animation Types")
            },
            "statuses": [row["Status"] for row in page[EVENTS].section("Status Types").table("Status")],
        },
        "voice": {
            "opcodes": voice_opcodes(page[OPCODES]),
            "close_codes": close_codes(page[OPCODES], "Voice Close Event Codes"),
            "encryption_modes": modes(page[VOICE]),
            "speaking": speaking(page[VOICE]),
            "payloads": voice_payloads(page[VOICE]),
        },
        "webhook_events": {
            "events": {name: event(sections) for name, sections in webhook_at.items()},
            "objects": objects(page[WEBHOOKS], list(webhook_at.values())),
            "types": enumeration(page[WEBHOOKS], "Webhook Types"),
        },
        "interactions": {
            "types": enumeration(page[INTERACTIONS], "Interaction Type"),
            "callbacks": enumeration(page[INTERACTIONS], "Interaction Callback Type"),
            "answers": answers,
        },
        "objects": elsewhere,
    }


def render(facts: Any, indent: int = 0) -> str:
    """JSON with one line for whatever fits on it."""
    line = json.dumps(facts, ensure_ascii=False)
    if indent + len(line) <= 118:
        return line
    pad = " " * (indent + 1)
    if isinstance(facts, dict):
        inner = [f"{pad}{json.dumps(key)}: {render(value, indent + 1)}" for key, value in facts.items()]
        return "{\n" + ",\n".join(inner) + "\n" + " " * indent + "}"
    if isinstance(facts, list):
        return "[\n" + ",\n".join(pad + render(item, indent + 1) for item in facts) + "\n" + " " * indent + "]"
    return line


def main(argv: list[str]) -> int:
    """Print the facts of a checkout, with the commit it stands at."""
    if len(argv) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    docs = Path(argv[0])
    git = ["git", "-C", str(docs), "log", "-1", "--format=%H %cs"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    print(render({"documentation": commit} | extract(docs)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
