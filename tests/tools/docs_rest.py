"""Reads the REST facts out of a checkout of Discord's documentation: the judge of what spec/ says by hand.

Standard library only, and nothing of `codegen` or `acord`: what both would get wrong together, nobody would
see.  Only names, numbers and places are kept, no sentence.

    python tests/tools/docs_rest.py CHECKOUT            print the facts as JSON
    python tests/tools/docs_rest.py CHECKOUT --write    put them into tests/data/docs_rest.json

The checkout is the repository `discord/discord-api-docs` with its folder `developers/`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "data" / "docs_rest.json"
# Pages whose audience is another one: the local client's RPC, an old SDK, the diary of changes.
SKIPPED = ("change-log", "topics/rpc", "developer-tools/", "topics/certified-devices")
CURSORS = ("before", "after", "around", "offset")
CITED = (
    "resources/",
    "topics/",
    "interactions/",
    "reference",
    "events/",
    "components/ref",
    "discord-social-sdk/",
    "activities/",
)
UPLOADS = ("files[n]", "file", "target_users_file")

_HEADING = re.compile(r"(#{1,6}) +(.*?)\s*$")
_BOLD = re.compile(r"\*\*([^*]+)\*\*\s*$")
_ANCHOR = re.compile(r'<ManualAnchor id="([^"]+)"')
_ROUTE = re.compile(r'<Route method="(\w+)">(.*?)</Route>')
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_SHIFT = re.compile(r"1 ?<< ?(\d+)")


@dataclass
class Section:
    """What stands under one heading, up to the next: its place, its lines, its tables."""

    page: str
    level: int
    title: str
    anchor: str
    lines: list[str] = field(default_factory=list[str])

    @property
    def place(self) -> str:
        return f"{self.page}#{self.anchor}"

    def tables(self) -> Iterator[list[dict[str, str]]]:
        """The Markdown tables, a row as column title (lower case) -> cell."""
        block: list[list[str]] = []
        for line in [*self.lines, ""]:
            if line.lstrip().startswith("|"):
                block.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))])
            elif block:
                titles = [_LINK.sub(r"\1", title).lower() for title in block[0]]
                yield [dict(zip(titles, row, strict=False)) for row in block[2:]]
                block = []


def slug(title: str) -> str:
    """The anchor that the site gives a heading."""
    return re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-")


def sections(page: str, text: str) -> Iterator[Section]:
    """The page cut at its headings; a ManualAnchor before a heading is its anchor."""
    current = Section(page, 0, "", "")
    pending, fenced = "", False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        heading = None if fenced else _HEADING.match(line) or (_BOLD.match(line.strip()) if pending else None)
        if anchor := _ANCHOR.search(line):
            pending = anchor[1]
        elif heading:
            yield current
            title = heading[heading.lastindex or 1]
            level = len(heading[1]) if heading.re is _HEADING else 6
            current = Section(page, level, title, pending or slug(title))
            pending = ""
        else:
            current.lines.append(line)
            pending = "" if line.strip() else pending
    yield current


def read(checkout: Path) -> list[Section]:
    """All sections of all pages of the REST documentation, in the order of their paths."""
    root = checkout / "developers"
    found: list[Section] = []
    for path in sorted(root.rglob("*.mdx")):
        page = path.relative_to(root).with_suffix("").as_posix()
        if not page.startswith(SKIPPED):
            found += sections(page, path.read_text(encoding="utf-8"))
    return found


def bare(cell: str) -> str:
    """A name cell without its footnote signs: ``KICK_MEMBERS \\*`` -> ``KICK_MEMBERS``."""
    return _LINK.sub(r"\1", cell).replace("\\", "").replace("`", "").split("[")[0].strip(" *")


def words(text: str) -> list[str]:
    """The words of a text in alphabetical order: enough to recognise it, too little to be it."""
    return sorted(set(re.findall(r"[a-z0-9]+", _LINK.sub(r"\1", text).lower())))


def errors(found: list[Section]) -> dict[str, list[str]]:
    """JSON error code -> words of its meaning."""
    table = next(s for s in found if s.anchor == "json-json-error-codes")
    return {row["code"]: words(row["meaning"]) for rows in table.tables() for row in rows}


def permissions(found: list[Section]) -> dict[str, dict[str, Any]]:
    """Permission -> bit, kinds of channel, whether two-factor authentication may be demanded."""
    section = next(s for s in found if s.anchor == "permissions-bitwise-permission-flags")
    out: dict[str, dict[str, Any]] = {}
    for row in next(section.tables()):
        number, shift = re.findall(r"0x([0-9A-Fa-f]+)", row["value"]), _SHIFT.search(row["value"])
        if not shift or int(number[0], 16) != 1 << int(shift[1]):
            raise ValueError(f"{section.place}: the two spellings of {row['permission']} differ")
        kinds = row["channel type (abbreviated)"].replace(" ", "")
        stars = row["permission"].count("*")
        out[bare(row["permission"])] = {
            "bit": int(shift[1]),
            "kinds": kinds.split(",") if kinds else [],
            "two_factor": stars == 1,
        }
    return out


def flags(found: list[Section]) -> dict[str, dict[str, int]]:
    """Place of a table of bits -> name -> bit; permissions and tables without names of constants excepted."""
    out: dict[str, dict[str, int]] = {}
    for section in found:
        for rows in section.tables():
            bits: dict[str, int] = {}
            for row in rows:
                shift = _SHIFT.search(row.get("value", ""))
                name = next((row[key] for key in ("flag", "name", "type") if key in row), "")
                if shift and name:
                    bits[bare(name)] = int(shift[1])
            if bits:
                out[section.place] = bits
    return out


def numbers(text: str) -> dict[str, int]:
    """Bounds named in a description: ``(1-100)``, ``up to maximum 1000``, ``1-100, default 100``."""
    out: dict[str, int] = {}
    if span := re.search(r"\b(\d+)-(\d+)\b", text):
        out = {"least": int(span[1]), "most": int(span[2])}
    elif most := re.search(r"max(?:imum)?\.? (\d+)", text):
        out = {"most": int(most[1])}
    return out


def endpoints(found: list[Section]) -> list[dict[str, Any]]:
    """Each documented call: place, method, path, and what its section says of reasons, uploads, queries, ..."""
    out: list[dict[str, Any]] = []
    for index, head in enumerate(found):
        text = "\n".join(head.lines)
        route = _ROUTE.search(text)
        if not route:
            continue
        parts = [head]
        for other in found[index + 1 :]:
            if other.page != head.page or other.level <= head.level:
                break
            parts.append(other)
        whole = "\n".join(line for part in parts for line in part.lines)
        call: dict[str, Any] = {
            "place": head.place,
            "method": route[1],
            "path": _LINK.sub(r"\1", route[2]).replace("\\", "").split("?")[0],
        }
        if "`X-Audit-Log-Reason` header" in whole:
            call["reason"] = True
        if "(deprecated)" in head.title or re.search(r"^Deprecated in favor", whole, re.MULTILINE):
            call["deprecated"] = True
        if re.search(r"[Uu]ses `Bearer` token|authentication with a [Bb]earer token", text):
            call["bearer"] = True
        query: list[str] = []
        limit: dict[str, int] = {}
        comma: list[str] = []
        uploads: list[str] = []
        for part in parts:
            for rows in part.tables():
                for row in rows:
                    name = bare(row.get("field") or row.get("param") or "").rstrip("?*")
                    raw = (row.get("field") or "").replace("\\", "")
                    uploads += [kind for kind in UPLOADS if raw.split("?")[0].strip(" *") == kind]
                    if part.title.startswith("Query"):
                        query += [name] if name in CURSORS else []
                        comma += [name] if "comma-delimited" in row.get("type", "") else []
                        if name == "limit":
                            limit = numbers(row.get("description", ""))
        extras: dict[str, Any] = {"cursors": sorted(query), "limit": limit, "comma": comma, "files": uploads}
        call |= {key: value for key, value in extras.items() if value}
        out.append(call)
    return out


def cdn(found: list[Section]) -> dict[str, dict[str, Any]]:
    """Kind of image -> path with its parameters as {}, formats, whether an a_ hash may be animated."""
    section = next(s for s in found if s.anchor == "image-formatting-cdn-endpoints")
    out: dict[str, dict[str, Any]] = {}
    for row in next(section.tables()):
        stars = {len(run) for run in re.findall(r"(?:\\\*)+", row["path"]) for run in [run.replace("\\", "")]}
        path = re.sub(r"\[[^\]]*\]\([^)]*\)", "{}", row["path"].split("\\")[0].strip())
        out[row["type"]] = {
            "path": re.sub(r"/asset_id$", "/{}", path).removesuffix(".png"),
            "formats": sorted(name.strip().lower() for name in row["supports"].split(",")),
            "animated": 1 in stars,
            "sized": 3 not in stars,
        }
    return out


def structures(found: list[Section]) -> dict[str, dict[str, list[str]]]:
    """Place of a table of fields -> its optional and its nullable ones."""
    out: dict[str, dict[str, list[str]]] = {}
    for section in found:
        if not section.page.startswith(("resources/", "topics/", "interactions/", "components/")):
            continue
        for rows in section.tables():
            marks: dict[str, list[str]] = {"optional": [], "nullable": []}
            for row in rows:
                if "field" not in row or "type" not in row:
                    continue
                name = row["field"].replace("\\", "").replace("`", "").split("[")[0].strip(" *")
                marks["optional"] += [name.rstrip("?* ")] if name.rstrip("* ").endswith("?") else []
                marks["nullable"] += [name.rstrip("?* ")] if row["type"].startswith("?") else []
            if any(marks.values()) and section.title and not re.search("Params|Query", section.title):
                out.setdefault(section.place, {key: sorted(names) for key, names in marks.items() if names})
    return out


def enums(found: list[Section]) -> dict[str, dict[str, int]]:
    """Place of a table that gives each name in capitals one number -> name -> number."""
    out: dict[str, dict[str, int]] = {}
    for section in found:
        if not section.page.startswith(("resources/", "interactions/", "topics/teams")):
            continue
        pairs: dict[str, int] = {}
        for rows in section.tables():
            for row in rows:
                numbers = [cell for cell in map(bare, row.values()) if cell.isdecimal()]
                names = [bare(cell) for cell in row.values() if re.match(r"[A-Z][A-Z0-9_]+( \\?[*\\]|$)", bare(cell))]
                if numbers and names:
                    pairs[names[0]] = int(numbers[0])
        if pairs:
            out[section.place] = pairs
    return out


def names(found: list[Section]) -> dict[str, list[str]]:
    """Place of a call or a structure -> the fields that its tables of parameters and fields name."""
    out: dict[str, list[str]] = {}
    call = ""
    for section in found:
        call = section.place if _ROUTE.search("\n".join(section.lines)) else call if section.level > 2 else ""
        body = re.match(r"(JSON|Form|JSON/Form) Params", section.title)
        if not body and not section.title.endswith("Structure"):
            continue
        fields = [bare(row["field"]).rstrip("?* ") for rows in section.tables() for row in rows if "field" in row]
        if fields:
            place = call if body else section.place
            out[place] = sorted({*out.get(place, []), *fields})
    return out


def scopes(found: list[Section]) -> list[str]:
    """The OAuth2 scopes."""
    section = next(s for s in found if s.anchor == "shared-resources-oauth2-scopes")
    return sorted(bare(row["name"]) for rows in section.tables() for row in rows)


def anchors(found: list[Section]) -> dict[str, list[str]]:
    """Page -> the anchors that a link may name."""
    out: dict[str, list[str]] = {}
    for section in found:
        if section.anchor:
            out.setdefault(section.page, []).append(section.anchor)
    return {page: sorted(set(names)) for page, names in sorted(out.items()) if page.startswith(CITED)}


def facts(checkout: Path) -> dict[str, Any]:
    """Everything, in a stable order."""
    found = read(checkout)
    return {
        "errors": errors(found),
        "permissions": permissions(found),
        "flags": flags(found),
        "endpoints": endpoints(found),
        "cdn": cdn(found),
        "structures": structures(found),
        "fields": names(found),
        "enums": enums(found),
        "scopes": scopes(found),
        "anchors": anchors(found),
    }


def dumps(data: dict[str, Any]) -> str:
    """JSON, one fact a line."""
    blocks: list[str] = []
    for key, block in data.items():
        rows = [json.dumps(item) for item in block]
        brackets = "[]"
        if isinstance(block, dict):
            rows = [f"{name}: {json.dumps(value)}" for name, value in zip(rows, data[key].values(), strict=True)]
            brackets = "{}"
        body = ",".join(f"\n    {row}" for row in rows)
        blocks.append(f"  {json.dumps(key)}: {brackets[0]}{body}\n  {brackets[1]}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--write", action="store_true", help="update tests/data/docs_rest.json; `argued` stays")
    args = parser.parse_args(argv)
    data = facts(args.checkout)
    if args.write:
        old: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8")) if DATA.exists() else {}
        DATA.write_text(dumps({"argued": old.get("argued", {}), **data}), encoding="utf-8")
    else:
        sys.stdout.write(dumps(data))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
