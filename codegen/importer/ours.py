"""What of a spec folder is ours, where an import has to go around it or carry it over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from codegen import yaml

# What people add to an imported entry; the importer carries it over and never writes it.
OPERATION_KEYS = (
    "docs", "see", "also", "documented", "reason", "files", "file_size", "attachments", "form", "paginate",
    "idempotent", "nonce", "global_exempt", "major", "variants", "comma", "obsolete", "note",
)  # fmt: skip
SCHEMA_KEYS = ("docs", "note", "handwritten")
ORIGIN = "documentation"  # entries with this `origin:` are ours altogether
KEPT = "kept.yaml"
_PARTS = {"operations": OPERATION_KEYS, "schemas": SCHEMA_KEYS}
_HEADER = """What we wrote beside operations and schemas that the imported document lacks.
The importer moves it here and, when they return, back to rest/; delete what is not wanted any more."""

Blocks = dict[str, dict[str, dict[str, Any]]]  # operations or schemas -> name -> the keys that are ours


def names(spec: Path, rest: Mapping[str, yaml.Node]) -> dict[str, str]:
    """The names of classes that we define ourselves -> the file; what is official gets others."""
    found: dict[str, str] = {}
    for node in rest.values():
        found |= {name: node.file for name, block in node.nodes("schemas") if block.get("origin") == ORIGIN}
    for path in _beside(spec):
        node = yaml.load(path, spec.parent)
        found |= dict.fromkeys(node.node("schemas"), node.file)
        for part in ("events", "commands", "payloads"):
            found |= {block.text("class"): node.file for _, block in node.nodes(part) if "class" in block}
    return found


def members(spec: Path) -> Mapping[str, list[str]]:
    """Enum -> the members that documented.yaml adds."""
    path = spec / "documented.yaml"
    if not path.exists():
        return {}
    return {name: list(block.node("add")) for name, block in yaml.load(path, spec.parent).nodes("values")}


def _beside(spec: Path) -> Iterator[Path]:
    yield from sorted((spec / "gateway/events").glob("*.yaml"))
    for name in ("gateway/commands.yaml", "voice/payloads.yaml", "webhook_events.yaml"):
        yield from [spec / name] if (spec / name).exists() else []


def keys(spec: Path, rest: Mapping[str, yaml.Node]) -> Blocks:
    """Our keys of imported entries, of those that the last document lacked too."""
    found: Blocks = {part: {} for part in _PARTS}
    if (spec / KEPT).exists():
        kept = yaml.load(spec / KEPT, spec.parent)
        kept.only(list(_PARTS))
        for part, allowed in _PARTS.items():
            for name, block in kept.nodes(part):
                block.only(allowed)
                found[part][name] = dict(block)
    for node in rest.values():
        for part, allowed in _PARTS.items():
            found[part] |= {name: _own(block, allowed) for name, block in node.nodes(part)}
    return found


def _own(block: yaml.Node, allowed: tuple[str, ...]) -> dict[str, Any]:
    return {key: block[key] for key in allowed if key in block}


def left(blocks: Blocks, rest: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of `kept.yaml`: our keys of what stands in no file of `rest`; "" where there are none."""
    present = {part: {name for file in rest.values() for name in file.get(part, {})} for part in _PARTS}
    value = {
        part: {name: block for name, block in sorted(blocks[part].items()) if block and name not in present[part]}
        for part in _PARTS
    }
    value = {part: found for part, found in value.items() if found}
    return yaml.dumps(value, header=_HEADER, spaced=tuple(_PARTS)) if value else ""
