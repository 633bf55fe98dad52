"""Files in memory -> files on disk: only changes are written, what is stale goes, nothing leaves the root."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from codegen.errors import CodegenError

_PART = re.compile(r"[a-z0-9_][a-z0-9_.]*\Z")


@dataclass(frozen=True)
class Changes:
    """What differs between a tree and what it should hold; paths relative to its root."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def __str__(self) -> str:
        counts = {"added": self.added, "changed": self.changed, "removed": self.removed}
        return ", ".join(f"{len(paths)} {word}" for word, paths in counts.items() if paths) or "nothing changed"


def target(root: Path, relative: str) -> Path:
    """The path of an output file; refused unless it is made of plain names and lies under `root`."""
    parts = relative.split("/")
    if not all(_PART.match(part) and part not in {".", ".."} for part in parts):
        raise CodegenError(f"refusing to write {relative!r}: not a plain path")
    path = root.joinpath(*parts)
    if not path.resolve().is_relative_to(root.resolve()):
        raise CodegenError(f"refusing to write {relative!r}: it would leave {root.name}/")
    return path


def compare(root: Path, files: Mapping[str, str], owned: Iterable[str]) -> Changes:
    """Compare `files` (relative path -> text) with the tree; whatever `owned` (globs) finds beside them is stale."""
    added: list[str] = []
    changed: list[str] = []
    for relative, text in sorted(files.items()):
        path = target(root, relative)
        if not path.exists():
            added.append(relative)
        elif path.read_bytes() != text.encode():
            changed.append(relative)
    present = {p.relative_to(root).as_posix() for glob in owned for p in root.glob(glob) if p.is_file()}
    stale = sorted(p for p in present - set(files) if "__pycache__" not in p)
    return Changes(tuple(added), tuple(changed), tuple(stale))


def apply(root: Path, files: Mapping[str, str], owned: Iterable[str]) -> Changes:
    """Make the tree hold exactly `files`, each file replaced in one step."""
    changes = compare(root, files, owned)
    for relative in (*changes.added, *changes.changed):
        path = target(root, relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(path.name + ".tmp")
        scratch.write_bytes(files[relative].encode())
        os.replace(scratch, path)  # noqa: PTH105  # the one call that is atomic on every platform
    for relative in changes.removed:
        path = target(root, relative)
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    return changes


def diff(root: Path, files: Mapping[str, str], changes: Changes, limit: int = 200) -> str:
    """A unified diff from the tree to `files`, at most `limit` lines."""
    lines: list[str] = []
    for relative in (*changes.changed, *changes.added, *changes.removed):
        path = target(root, relative)
        old = path.read_text().splitlines() if path.exists() else []
        new = files[relative].splitlines() if relative in files else []
        lines += difflib.unified_diff(old, new, f"on disk/{relative}", f"generated/{relative}", lineterm="", n=1)
    more = len(lines) - limit
    return "\n".join(lines[:limit] + ([f"... and {more} lines more"] if more > 0 else []))
