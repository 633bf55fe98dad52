"""Changes as text for a terminal, as Markdown for a maintainer, as JSON for tools."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from codegen.diff.compare import Change
from codegen.diff.facts import Facts
from codegen.diff.names import Names
from codegen.diff.pythonic import Printer, changed
from codegen.diff.renames import pairs

_Row = Mapping[str, object]
FOLD = 8  # so many changes of one kind with the same old and new become one sentence

# What a folded row of (kind, old, new) says of its fields.
_FOLDED: Mapping[str, Mapping[tuple[object, object], str]] = {
    "field_nullable_changed": {(True, False): "stopped being nullable", (False, True): "became nullable"},
    "field_required_changed": {(False, True): "are always present now", (True, False): "may be absent now"},
    "field_deprecated": {(False, True): "were deprecated", (True, False): "are no longer deprecated"},
}


@dataclass(frozen=True)
class Report:
    """Two sides, what changed, and the names that people know."""

    old: Facts
    new: Facts
    changes: list[Change]
    names: Names


def as_json(report: Report) -> str:
    """The form for tools: every change with its official place, and how many of each kind."""
    rows = [
        {"kind": c.kind, "where": c.where, "old": c.old, "new": c.new, "breaking": c.breaking, "why": c.why}
        for c in report.changes
    ]
    counts = dict(sorted(Counter(c.kind for c in report.changes).items()))
    return json.dumps({"changes": rows, "counts": counts}, ensure_ascii=False, indent=1) + "\n"


def as_text(report: Report) -> str:
    """A line for each change, `!` before what breaks; large uniform changes as one line."""
    if not report.changes:
        return "no changes\n"
    folded, rest = fold(report.changes)
    lines = [summary(report.changes), ""]
    lines += [f"{'!' if group[0].breaking else ' '} {sentence(group)}" for group in folded]
    for resource, changes in by_resource(report, rest):
        lines += ["", resource]
        lines += [f"{'!' if c.breaking else ' '} {c.where}: {describe(c)}{_because(c)}" for c in changes]
    return "\n".join(lines) + "\n"


def as_markdown(report: Report) -> str:
    """The form for a maintainer: breaking first, by resource, with Python before and after."""
    title = f"# {plain(report.old.label)} → {plain(report.new.label)}"
    if not report.changes:
        return f"{title}\n\nNo changes.\n"
    return "\n".join([title, "", summary(report.changes), *_Markdown(report).body()]) + "\n"


def sections(report: Report, level: int = 2) -> str:
    """The Markdown below the title, its headings from `level` on: for a changelog."""
    return "\n".join(_Markdown(report, level).body()).strip() + "\n"


def summary(changes: list[Change]) -> str:
    """One line: how many changes, how many of them break."""
    breaking = sum(c.breaking for c in changes)
    word = "change" if len(changes) == 1 else "changes"
    return f"{len(changes):,} {word}, {f'{breaking:,}' if breaking else 'none'} of them breaking."


def fold(changes: Iterable[Change]) -> tuple[list[list[Change]], list[Change]]:
    """Large groups that change in the same way, and the rest."""
    groups: dict[tuple[object, ...], list[Change]] = {}
    for c in changes:
        groups.setdefault((c.kind, repr(c.old), repr(c.new), c.breaking), []).append(c)
    folded: list[list[Change]] = []
    rest: list[Change] = []
    for group in groups.values():
        first = group[0]
        uniform = first.old is not None and first.new is not None
        if uniform and len(group) >= FOLD:
            folded.append(group)
        else:
            rest += group
    return sorted(folded, key=lambda g: (not g[0].breaking, -len(g))), rest


def sentence(group: list[Change]) -> str:
    """`446 fields of 61 models stopped being nullable`."""
    first = group[0]
    holders = len({c.where.rpartition(".")[0] or c.where for c in group})
    noun = "fields" if first.kind.startswith("field") else "places"
    other = first.kind.split("_")[-2]  # limit, type, format, ...
    what = _FOLDED.get(first.kind, {}).get((first.old, first.new)) or (
        f"have another {other}: {_code(first.old)} → {_code(first.new)}"
    )
    return f"{len(group)} {noun} of {holders} {'model' if holders == 1 else 'models'} {what}{_because(first)}"


def by_resource(report: Report, changes: list[Change]) -> Iterator[tuple[str, list[Change]]]:
    """Changes by resource; in each, what breaks first."""
    groups: dict[str, list[Change]] = {}
    for c in changes:
        facts = report.old if c.kind in {"route_removed", "schema_removed"} else report.new
        groups.setdefault(report.names.resource(c.subject, facts) or "gateway, errors, flags", []).append(c)
    for resource, group in sorted(groups.items()):
        yield resource, sorted(group, key=lambda c: (not c.breaking, c.where))


def describe(c: Change) -> str:
    """What a change is, in a few words."""
    what = c.kind.replace("_", " ")
    if c.kind.endswith(("_added", "_removed")):
        value = c.new if c.kind.endswith("_added") else c.old
        return what if value is None or isinstance(value, dict) else f"{what} {_code(value)}"
    match c.kind, c.old, c.new:
        case "field_required_changed" | "parameter_required_changed", _, bool():
            return "required now" if c.new else "optional now"
        case "field_nullable_changed", _, bool():
            return "may be null now" if c.new else "is never null now"
        case "field_deprecated" | "route_deprecated", _, bool():
            return "deprecated" if c.new else "no longer deprecated"
        case _, old, new if _is_row(old) and _is_row(new):
            return f"{what}: " + "; ".join(_parts(old, new))
        case _:
            return f"{what}: {_code(c.old)} → {_code(c.new)}"


def _is_row(value: object) -> TypeGuard[_Row]:
    return isinstance(value, dict)


def _parts(old: _Row, new: _Row) -> Iterator[str]:
    """Which keys of two mappings differ."""
    for key in {**old, **new}:
        a, b = old.get(key), new.get(key)
        if a == b:
            continue
        if _is_row(a) and _is_row(b):
            yield from (f"{key}.{part}" for part in _parts(a, b))
        else:
            yield f"{key} {_code(a)} → {_code(b)}"


def _because(c: Change) -> str:
    """The reason, where it says more than the change itself."""
    return f" ({c.why})" if c.why and c.why.removeprefix("it ") != describe(c) else ""


def _code(value: object) -> str:
    """A value as inline code: a document's text can neither end it nor start a line."""
    text = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "".join(char if char.isprintable() else " " for char in text).replace("`", "'")
    return f"`{text if len(text) <= 200 else text[:197] + '...'}`"


def plain(text: str) -> str:
    return "".join(char for char in text if char.isprintable() and char not in "<>[]`*")


class _Markdown:
    def __init__(self, report: Report, level: int = 2) -> None:
        self.report, self.level = report, level
        self.before, self.after = Printer(report.old, report.names), Printer(report.new, report.names)
        paired = pairs(report.old, report.new)
        self.operations = {b.key: a for a, b in paired.operations}
        self.schemas = {after: before for before, after in paired.schemas.items()}
        self.sent = report.old.sent | report.new.sent

    def body(self) -> Iterator[str]:
        """Lines: what breaks, then the rest."""
        for title, chosen in (("Breaking", True), ("Other changes", False)):
            part = [c for c in self.report.changes if c.breaking is chosen]
            if part:
                yield from ("", f"{'#' * self.level} {title}")
                yield from self._part(part)

    def _part(self, changes: list[Change]) -> Iterator[str]:
        folded, rest = fold(changes)
        for group in folded:
            yield from ("", f"- **{sentence(group)}**", "  <details><summary>which</summary>", "")
            fields: dict[str, list[str]] = {}
            for c in group:
                holder, _, name = c.where.rpartition(".")
                fields.setdefault(holder, []).append(name)
            for holder, names in fields.items():
                shown = self.report.names.schema(holder) if " " not in holder else holder
                yield f"  - {_code(shown)}: {', '.join(map(_code, names))}"
            yield from ("", "  </details>")
        for resource, group in by_resource(self.report, rest):
            yield from ("", f"{'#' * (self.level + 1)} {plain(resource).replace('_', ' ').capitalize()}")
            yield from self._lists(group)
            subjects: dict[str, list[Change]] = {}
            for c in group:
                if c.kind not in _LISTS:
                    subjects.setdefault(c.subject, []).append(c)
            for subject, own in subjects.items():
                yield from self._subject(subject, own)

    def _lists(self, group: list[Change]) -> Iterator[str]:
        """What is only there or only gone, as lists of names."""
        for kind, title in _LISTS.items():
            found = [c for c in group if c.kind == kind]
            if not found:
                continue
            yield ""
            if kind.startswith("route"):
                yield f"{title}:"
                for c in found:
                    facts = self.report.new if kind == "route_added" else self.report.old
                    link = self.report.names.link(c.subject, facts)
                    name = self.report.names.operation(str(c.new or c.old))
                    yield f"- {_code(name)} {_code(c.where)}{f' ([documentation]({link}))' if link else ''}"
            else:
                yield f"{title}: " + ", ".join(self._named(c.where) for c in found)

    def _named(self, official: str) -> str:
        ours = self.report.names.schema(official)
        return _code(ours) if ours == official else f"{_code(ours)} (official {_code(official)})"

    def _subject(self, subject: str, changes: list[Change]) -> Iterator[str]:
        names, new = self.report.names, self.report.new
        operation = new.operations.get(subject)
        link = names.link(subject, new)
        shown = f"{_code(names.operation(operation.name))} {_code(subject)}" if operation else self._named(subject)
        if operation is None and ":" in subject:
            shown = _code(subject)
        yield from ("", f"**{shown}**" + (f" ([documentation]({link}))" if link else ""))
        for c in changes:
            place = c.where.removeprefix(subject).lstrip(" .:")
            yield f"- {_code(place) + ': ' if place else ''}{describe(c)}{_because(c)}"
        lines = self._python(subject, {re.split(r"[.:]", c.where)[-1] for c in changes})
        if lines:
            yield from ("", "```diff", *lines, "```")

    def _python(self, subject: str, names: set[str]) -> list[str]:
        """The helper or class before and after."""
        if subject in self.operations:
            return changed(
                self.before.helper(self.operations[subject]), self.after.helper(self.report.new.operations[subject])
            )
        old, new = self.report.old.schemas.get(self.schemas.get(subject, subject)), self.report.new.schemas.get(subject)
        if old is None or new is None:
            return []
        sent = subject in self.sent and subject not in self.report.new.read
        return changed(_only(self.before.cls(old, sent), names), _only(self.after.cls(new, sent), names))


def _only(lines: list[str], names: set[str]) -> list[str]:
    """The class with these fields or members alone; all of a type, which has none."""
    return [line for line in lines if not line.startswith(" ") or re.split(r"\W", line.strip())[0].rstrip("_") in names]


_LISTS = {
    "route_added": "New helpers",
    "route_removed": "Helpers that go",
    "schema_added": "New classes",
    "schema_removed": "Classes that go",
}


def _listed(report: Report, changes: list[Change], kind: str, before: str = "") -> Iterator[str]:
    """One line with the names, as users know them, of all that came or went."""
    names = report.names
    found = sorted(
        names.operation(str(c.new or c.old)) if kind.startswith("route") else names.schema(c.where)
        for c in changes
        if c.kind == kind
    )
    if found:
        title = _LISTS[kind]
        yield f"  - {before}{title[0].lower() + title[1:] if before else title}: {', '.join(map(_code, found))}."


def _known_place(report: Report, c: Change) -> str:
    """The place of a change under the name of the helper or class that users know."""
    operation = report.new.operations.get(c.subject) or report.old.operations.get(c.subject)
    if operation is not None and c.where.startswith(c.subject):
        return report.names.operation(operation.name) + c.where.removeprefix(c.subject)
    schema, *more = re.split(r"(?=[.:])", c.where, maxsplit=1)
    known = schema in report.new.schemas or schema in report.old.schemas
    return (report.names.schema(schema) if known else schema) + "".join(more)


def changelog(report: Report, title: str) -> str:
    """What users notice, as one list entry: what breaks one by one, the rest as names and counts."""
    folded, rest = fold(report.changes)
    lines = [f"- {title}: {summary(report.changes)}"]
    lines += [f"  - Breaking: {sentence(group)}." for group in folded if group[0].breaking]
    for kind in ("route_removed", "schema_removed"):
        lines += _listed(report, rest, kind, "Breaking: ")
    alike: dict[str, list[str]] = {}
    for c in rest:
        if c.breaking and c.kind not in _LISTS:
            alike.setdefault(f"{describe(c)}{_because(c)}", []).append(_code(_known_place(report, c)))
    lines += [f"  - Breaking: {', '.join(places)}: {what}." for what, places in alike.items()]
    lines += [f"  - {sentence(group)}." for group in folded if not group[0].breaking]
    for kind in ("route_added", "schema_added"):
        lines += _listed(report, rest, kind)
    renamed = [c for c in rest if c.kind.endswith("_renamed")]
    lines += [f"  - {_code(c.old)} is called {_code(c.new)} by Discord now." for c in renamed]
    left = Counter(c.kind for c in rest if not c.breaking and c.kind not in _LISTS and not c.kind.endswith("_renamed"))
    if left:
        counted = ", ".join(f"{n} × {kind.replace('_', ' ')}" for kind, n in sorted(left.items()))
        lines.append(f"  - And {counted}.")
    return "\n".join(lines) + "\n"
