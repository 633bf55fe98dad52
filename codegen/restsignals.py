"""Error codes, flags and image addresses: spec/errors.yaml, flags.yaml, cdn.yaml -> the modules that hold them.

Each file is parsed to frozen records, refused where its tables contradict each other; the templates only print.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

from codegen import yaml
from codegen.bitsets import as_text
from codegen.filters import checked, quoted
from codegen.yaml import Node

_MEMBER = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\Z")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*\Z")
_PARAMETER = re.compile(r"\{([a-z_]+)\}")
_KINDS = {"T": "text", "V": "voice", "S": "stage"}
_HINT_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Bit:
    """A member of a bit set; `about` is what its docstring says, empty for most."""

    name: str
    bit: int
    about: str


@dataclass(frozen=True, slots=True)
class Flags:
    """A class of `acord.flags`."""

    name: str
    doc: str
    source: str
    digits: bool
    also: str  # what it is called where it travels as text; empty where it never does
    members: tuple[Bit, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """An endpoint of the content network and its builder's signature."""

    name: str
    doc: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    formats: tuple[str, ...]
    spellings: tuple[str, ...]
    animated: str
    sized: bool
    hosts: Mapping[str, str]


Templates = Mapping[str, tuple[str, str, str]]


def render(folder: Path, env: Environment, templates: Templates | None = None) -> Iterator[tuple[str, str]]:
    """(path, source) of the modules; `templates`: operation -> method, path, resource."""
    errors = yaml.load(folder / "errors.yaml", folder)
    codes, hints = _codes(errors), _hints(errors)
    page = env.get_template("acord/core/signals/rest.py.jinja")
    yield (
        "acord/core/signals/rest.py",
        page.render(
            codes=codes,
            hints={name: _wrapped(text) for name, text in hints.items()},
            source=errors.text("source"),
            templates=templates,
        ),
    )
    if templates:
        page = env.get_template("acord/core/signals/templates.py.jinja")
        yield "acord/core/signals/templates.py", page.render(templates=templates)
    flags = yaml.load(folder / "flags.yaml", folder)
    env.filters["mask"] = "0x{:X}".format
    page = env.get_template("acord/flags.py.jinja")
    yield "acord/flags.py", page.render(classes=list(_classes(flags)), tables=_tables(flags))
    cdn = yaml.load(folder / "cdn.yaml", folder)
    page = env.get_template("acord/cdn.py.jinja")
    yield (
        "acord/cdn.py",
        page.render(
            images=list(_images(cdn)), source=cdn.text("source"), sizes=_sizes(cdn), host=cdn.node("hosts").text("cdn")
        ),
    )


# --- error codes -----------------------------------------------------------------------------------


def _codes(document: Node) -> list[tuple[str, int]]:
    document.only(["source", "codes", "hints"])
    block = document.node("codes")
    seen: dict[int, str] = {}
    for name in block:
        _member(block, name)
        code = block.whole(name)
        if code in seen:
            block.fail(name, f"{code} is {seen[code]} already")
        if seen and code < max(seen):
            block.fail(name, f"{code} stands after {max(seen)}: the codes are sorted")
        seen[code] = name
    return [(name, code) for code, name in seen.items()]


def _hints(document: Node) -> dict[str, str]:
    codes, block = document.node("codes"), document.node("hints")
    block.only(list(codes))
    return {name: block.text(name) for name in codes if name in block}


def _wrapped(text: str) -> list[str]:
    """Literals that Python joins, each within the line length."""
    pieces, line = list[str](), ""
    for word in re.findall(r"\S+\s*", text):
        if line and len(line) + len(word) > _HINT_WIDTH:
            pieces.append(line)
            line = ""
        line += word
    return [quoted(piece) for piece in (*pieces, line)]


# --- flags ------------------------------------------------------------------------------------------


def _classes(document: Node) -> Iterator[Flags]:
    document.only(["classes", "permissions"])
    for name, block in document.nodes("classes"):
        if not _CLASS.match(name):
            block.fail("", "expected the name of a class, like MessageFlags")
        block.only(["doc", "source", "wire", "also", "members"])
        for key in ("wire", "also"):
            if block.get(key, "decimal string") != "decimal string":
                block.fail(key, "expected `decimal string` or nothing")
        also = as_text(name) if "also" in block else ""
        yield Flags(name, block.text("doc"), block.text("source"), "wire" in block, also, tuple(_bits(block)))


def _bits(block: Node) -> Iterator[Bit]:
    members = block.node("members")
    seen: dict[int, str] = {}
    for name in members:
        _member(members, name)
        about = ""
        if isinstance(members[name], Node):
            node = members.node(name)
            node.only(["bit", "kinds", "two_factor"])
            bit, about = node.whole("bit"), _about(node)
        else:
            bit = members.whole(name)
        if not 0 <= bit < 64 or bit in seen:
            members.fail(name, f"bit {bit} is {seen.get(bit, 'out of range (0 to 63)')}")
        seen[bit] = name
        yield Bit(name, bit, about)


def _about(node: Node) -> str:
    kinds = node.texts("kinds")
    if unknown := [kind for kind in kinds if kind not in _KINDS]:
        node.fail("kinds", f"{unknown[0]!r} is none of {', '.join(_KINDS)}")
    words = [_KINDS[kind] for kind in kinds]
    listed = " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
    where = f"In {listed} channels." if words else "In the guild as a whole."
    demand = " Needs two-factor authentication where the guild demands it of moderators."
    return where + (demand if node.flag("two_factor") else "")


def _tables(document: Node) -> dict[str, object]:
    """What the documentation says of permissions besides their bits, as masks."""
    classes = document.node("classes")
    members = classes.node("Permissions").node("members")
    block = document.node("permissions")
    block.only(
        ["source", "kinds", "threads", "timed_out_keeps", "denied_without", "denied_without_in_voice", "in_threads"]
    )

    def mask(where: Node, key: str, names: tuple[str, ...]) -> int:
        total = 0
        for name in names:
            if name not in members:
                where.fail(key, f"{name!r} is no permission")
            total |= 1 << members.node(name).whole("bit")
        return total

    def masks(key: str) -> list[tuple[int, int]]:
        inner = block.node(key)
        return [(mask(inner, name, (name,)), mask(inner, name, inner.texts(name))) for name in inner]

    kinds = block.node("kinds")
    kinds.only(list(_KINDS))
    by_kind = {
        letter: mask(block, "kinds", tuple(n for n in members if letter in members.node(n).texts("kinds")))
        for letter in kinds
    }
    threads, swaps = block.node("threads"), block.node("in_threads")
    return {
        "all": mask(members, "", tuple(members)),
        "channel": mask(members, "", tuple(n for n in members if members.node(n).texts("kinds"))),
        "by_kind": by_kind,
        "kinds": sorted((kinds.node(letter).whole(name), letter) for letter in kinds for name in kinds.node(letter)),
        "threads": [str(number) for number in sorted(threads.whole(name) for name in threads)],
        "timed_out": mask(block, "timed_out_keeps", block.texts("timed_out_keeps")),
        "without": masks("denied_without"),
        "without_in_voice": masks("denied_without_in_voice"),
        "in_threads": [(mask(swaps, n, (n,)), mask(swaps, n, (swaps.text(n),))) for n in swaps],
    }


# --- content network --------------------------------------------------------------------------------


def _images(document: Node) -> Iterator[Image]:
    document.only(["source", "hosts", "formats", "sizes", "endpoints"])
    hosts, formats = document.node("hosts"), document.node("formats")
    for name, block in document.nodes("endpoints"):
        block.only(["doc", "path", "formats", "animated", "sized", "host", "note"])
        path, known = block.text("path"), block.texts("formats")
        if unknown := [form for form in known if form not in formats]:
            block.fail("formats", f"{unknown[0]!r} is none of {', '.join(formats)}")
        animated = block.text("animated", "")
        if animated not in ("", "hash", "argument"):
            block.fail("animated", "expected `hash` or `argument`")
        if "//" in path or path.startswith("/") or ".." in path:
            block.fail("path", "expected a path relative to the host")
        elsewhere = block.node("host")
        elsewhere.only(list(known))
        yield Image(
            checked(name),
            "\n\n".join([block.text("doc"), *([block.text("note")] if "note" in block else [])]),
            path,
            tuple((checked(p), _annotation(p)) for p in _PARAMETER.findall(path)),
            known,
            tuple(spelling for form in known for spelling in formats.texts(form)),
            animated,
            block.flag("sized", True),
            {form: hosts.text(elsewhere.text(form)) for form in elsewhere},
        )


def _annotation(parameter: str) -> str:
    return "int" if parameter == "index" else "SnowflakeLike" if parameter.endswith("_id") else "str"


def _sizes(document: Node) -> tuple[int, int]:
    sizes = document.node("sizes")
    least, most = sizes.whole("least"), sizes.whole("most")
    for key, value in (("least", least), ("most", most)):
        if value <= 0 or value & (value - 1):
            sizes.fail(key, f"{value} is no power of two")
    return least, most


def _member(block: Node, name: str) -> None:
    if not _MEMBER.match(name):
        block.fail(name, "expected a name in UPPER_SNAKE_CASE")
