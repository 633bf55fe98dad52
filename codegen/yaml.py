"""YAML as the spec uses it: strict, with the line of every key.  Reading refuses what a spec has no use for
(anchors, aliases, tags, duplicate keys, several documents) and reads ``on``, ``no``, dates as text; writing is
deterministic and made for reading.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, cast

import yaml
from yaml import events

from codegen.errors import CodegenError, SpecError

LIMIT = 4 * 1024 * 1024  # bytes of one file; the whole spec is below a fifth of it
DEPTH = 32

Scalar = str | int | float | bool | None
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\Z")
_WORDS: Mapping[str, Scalar] = {"true": True, "false": False, "null": None, "": None}


class Node(dict[str, Any]):
    """A mapping of a spec file that knows its place: ``node.fail("key", "expected ...")`` names file and line."""

    def __init__(self, file: str, line: int, path: str) -> None:
        super().__init__()
        self.file, self.line, self.path = file, line, path
        self.lines: dict[str, int] = {}

    def fail(self, key: str, problem: str) -> NoReturn:
        """Raise the SpecError for `key` of this mapping (the mapping itself where `key` is empty)."""
        raise SpecError(f"{self.file}:{self.lines.get(key, self.line)}", self._path(key), problem)

    def place(self, key: str) -> str:
        """Where `key` of this mapping stands, for a message: file, line and key path."""
        return f"{self.file}:{self.lines.get(key, self.line)}: {self._path(key)}"

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def only(self, allowed: Sequence[str]) -> None:
        """Refuse keys that mean nothing here, with the likely intended one."""
        for key in self:
            if key not in allowed:
                near = get_close_matches(key, allowed, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(allowed)}"
                self.fail(key, f"unknown key ({hint})")

    def text(self, key: str, default: str | None = None) -> str:
        """The string under `key`."""
        value = self.get(key, default)
        if not isinstance(value, str):
            self.fail(key, f"expected text, found {kind(value)}" if key in self else "this key is missing")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """The true/false under `key`."""
        value = self.get(key, default)
        if not isinstance(value, bool):
            self.fail(key, f"expected true or false, found {kind(value)}")
        return value

    def whole(self, key: str) -> int:
        """The whole number under `key`."""
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            self.fail(key, f"expected a whole number, found {kind(value)}")
        return value

    def node(self, key: str) -> Node:
        """The mapping under `key`; an empty one where the key is absent."""
        value = self.get(key)
        if value is None:
            return Node(self.file, self.lines.get(key, self.line), f"{self.path}.{key}" if self.path else key)
        if not isinstance(value, Node):
            self.fail(key, f"expected a mapping, found {kind(value)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of strings under `key`; empty where the key is absent."""
        value: object = self.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in cast("list[object]", value)):
            self.fail(key, f"expected a list of texts, found {kind(self.get(key))}")
        return tuple(cast("list[str]", value))

    def nodes(self, key: str) -> Iterator[tuple[str, Node]]:
        """The entries of the mapping under `key`, each of them a mapping."""
        block = self.node(key)
        for name in block:
            yield name, block.node(name)


def kind(value: object) -> str:
    """A short description of a value for an error message."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def load(path: Path, root: Path | None = None) -> Node:
    """Read one spec file; SpecError names the file relative to `root`."""
    name = str(path.relative_to(root)) if root else str(path)
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise SpecError(name, "", f"cannot be read: {exc.strerror}") from exc
    return loads(raw, name)


def loads(raw: bytes | str, name: str = "<text>") -> Node:
    """Read YAML text whose top level is a mapping."""
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    if len(data) > LIMIT:
        raise SpecError(name, "", f"larger than {LIMIT // 1024 // 1024} MiB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise SpecError(name, "", f"not UTF-8: {exc.reason}") from exc
    if "\x00" in text:
        raise SpecError(name, "", "a NUL character is not allowed")
    try:
        return _Reader(name, text).document()
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        raise SpecError(f"{name}:{mark.line + 1 if mark else 1}", "", f"not YAML: {exc.problem}") from exc
    except yaml.YAMLError as exc:
        raise SpecError(name, "", f"not YAML: {str(exc).splitlines()[0]}") from exc


class _Reader:
    def __init__(self, name: str, text: str) -> None:
        self.name = name
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=loader))

    def document(self) -> Node:
        while isinstance(event := next(self.events), events.StreamStartEvent | events.DocumentStartEvent):
            continue
        if isinstance(event, events.StreamEndEvent | events.DocumentEndEvent):
            raise SpecError(f"{self.name}:1", "", "expected a mapping, found nothing")
        value = self._value(event, "", 0)
        if not isinstance(value, Node):
            raise SpecError(f"{self.name}:1", "", f"expected a mapping, found {kind(value)}")
        if not isinstance(next(self.events), events.DocumentEndEvent) or not isinstance(
            next(self.events), events.StreamEndEvent
        ):
            raise SpecError(f"{self.name}:1", "", "expected one document, found several")
        return value

    def _value(self, event: Any, path: str, depth: int, line: int = 0) -> Any:
        """The value that begins with `event`; a mapping's own line is that of its key."""
        place = f"{self.name}:{event.start_mark.line + 1}"
        if isinstance(event, events.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise SpecError(place, path, "anchors and aliases are not used here: write the value out")
        if getattr(event, "tag", None) is not None:
            raise SpecError(place, path, f"tags are not used here (found {event.tag})")
        if depth > DEPTH:
            raise SpecError(place, path, f"nested deeper than {DEPTH}")
        if isinstance(event, events.ScalarEvent):
            return _scalar(event, self.name, path)
        if isinstance(event, events.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(inner := next(self.events), events.SequenceEndEvent):
                items.append(self._value(inner, f"{path}[{len(items)}]", depth + 1))
            return items
        node = Node(self.name, line or event.start_mark.line + 1, path)
        while not isinstance(inner := next(self.events), events.MappingEndEvent):
            line = inner.start_mark.line + 1
            if not isinstance(inner, events.ScalarEvent) or inner.anchor is not None or inner.tag is not None:
                raise SpecError(f"{self.name}:{line}", path, "expected a plain key")
            key = str(inner.value)
            if key in node:
                node.fail(key, f"this key stands twice (again at line {line})")
            node.lines[key] = line
            node[key] = self._value(next(self.events), f"{path}.{key}" if path else key, depth + 1, line)
        return node


def _scalar(event: Any, name: str, path: str) -> Scalar:
    value = str(event.value)
    if not event.implicit[0]:
        return value
    if value in _WORDS:
        return _WORDS[value]
    if _NUMBER.match(value):
        number: int | float = json.loads(value) if len(value) <= 400 else math.inf
        if not math.isfinite(number):
            raise SpecError(f"{name}:{event.start_mark.line + 1}", path, f"the number {value:.20}... is too large")
        return number
    return value


# --- writing -------------------------------------------------------------------------------------

# No indicator that could start something else, nothing that reads as a number or a word of YAML 1.1.
_PLAIN = re.compile(r"[A-Za-z_/(?<$]")
_RESERVED = re.compile(r"(true|false|null|yes|no|on|off|y|n|~)\Z", re.IGNORECASE)
WIDTH = 110


def plain(text: str, *, flow: bool = False) -> str:
    """`text` as a YAML scalar: plain where that is unambiguous, else quoted."""
    bad = bool(flow and re.search(r"[\[\]{},]|^\?|:\?", text)) or ": " in text or " #" in text or text != text.strip()
    if (
        text == "?"
        or text.startswith("? ")
        or text.endswith(":")
        or bad
        or not _PLAIN.match(text)
        or _RESERVED.match(text)
    ):
        return _quoted(text)
    return text if text.isprintable() else _quoted(text)


def _quoted(text: str) -> str:
    """A double-quoted scalar; JSON's escapes but for letters beyond the first plane, which YAML writes as one."""
    out: list[str] = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif char.isprintable():
            out.append(char)
        elif 0xD800 <= ord(char) <= 0xDFFF:
            raise CodegenError(f"{text[:40]!r} holds half a surrogate pair, which no file can hold")
        else:
            code = ord(char)
            short = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char)
            out.append(short or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"))
    return '"' + "".join(out) + '"'


def _key(text: str, *, flow: bool = False) -> str:
    found = plain(text, flow=flow)
    if len(found) > 1000:  # YAML's own limit for a key on one line is 1024 characters
        raise CodegenError(f"{text[:40]!r}... is too long for a key ({len(text)} characters)")
    return found


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        return "{" + ", ".join(f"{_key(str(k), flow=True)}: {_flow(v)}" for k, v in pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(item) for item in cast("Sequence[Any]", value)) + "]"
    if isinstance(value, str):
        return plain(value, flow=True)
    if isinstance(value, float) and not math.isfinite(value):
        raise CodegenError(f"{value} is no number that a spec can hold")
    return json.dumps(value)


def _lines(value: Mapping[str, Any], indent: int) -> Iterator[str]:
    pad = " " * indent
    for key, item in value.items():
        name = key if key.isascii() and key.isdigit() and len(key) < 1000 else _key(key)
        if isinstance(item, Mapping) and item:
            yield f"{pad}{name}:"
            yield from _lines(cast("Mapping[str, Any]", item), indent + 2)
        elif isinstance(item, list | tuple) and item:
            row = f"{pad}{name}: {_flow(item)}"
            if len(row) <= WIDTH and not any(isinstance(x, Mapping) for x in cast("Sequence[Any]", item)):
                yield row
                continue
            yield f"{pad}{name}:"
            for entry in cast("Sequence[Any]", item):
                yield f"{pad}- {_flow(entry) if not isinstance(entry, str) else plain(entry)}"
        else:
            yield f"{pad}{name}: {plain(item) if isinstance(item, str) else _flow(item)}"


def dumps(value: Mapping[str, Any], *, header: str = "", spaced: Sequence[str] = ()) -> str:
    """YAML text of nested mappings, lists and scalars, in their order; a blank line parts the entries of `spaced`
    top-level blocks.  Reading it again gives the same value."""
    lines = ("".join(c if c.isprintable() else " " for c in line) for line in header.splitlines())
    out = [f"# {line}".rstrip() for line in lines]
    if not value:
        out.append("{}")
    for key, block in value.items():
        if out:
            out.append("")
        if key in spaced and isinstance(block, Mapping) and block:
            out.append(f"{_key(key)}:")
            for index, (name, entry) in enumerate(cast("Mapping[str, Any]", block).items()):
                if index:
                    out.append("")
                out += _lines({name: entry}, 2)
        else:
            out += _lines({key: block}, 0)
    return "\n".join(out) + "\n"
