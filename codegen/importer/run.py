"""`python -m codegen import DOCUMENT`: the whole step, and its summary for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

from codegen import yaml
from codegen.errors import DocumentError
from codegen.filters import attribute
from codegen.importer import document as documents, naming, ours, same
from codegen.importer.convert import Converter, Entry, Field
from codegen.importer.operations import Operation, operations
from codegen.ir import Renamed
from codegen.notation import ANY, WORDS, Array, Map, Nullable, Primitive, Ref, Type, Union, refs, show

FORMAT = 1
OWNED = ("rest/*.yaml", ours.KEPT)  # what an import writes anew: of these, what it does not write is stale

HEADER = """{title}: what the official document says of this resource, beside what we add.
Imported by `python -m codegen import`; it rewrites everything but the keys that are ours (spec/README.md).
Comments are not kept: use `note:`. Corrections of the document belong in overlay.yaml."""
_API_HEADER = """The API this spec describes and the official document it was imported from.
`untyped` lists the places that the document leaves open: they are `any` here."""


@dataclass
class Result:
    """What an import would write (path under spec/ -> text) and what a person should know of it."""

    files: dict[str, str]
    summary: list[str]


def run(source: Path, spec: Path, published: str | None = None, version: str = "") -> Result:
    """Read the document and the spec, return the new spec; nothing is written.

    A document of another version of the API than the spec's is refused, but for `version`, which it then must have.
    """
    document = documents.read(source)
    same.api(document, spec, version)
    converter = Converter(document)
    try:
        converter.components()
        found = operations(document, converter)
    except RecursionError as exc:
        raise DocumentError(document.name, "", "nested too deeply to be an OpenAPI document") from exc
    names = naming.load(spec / "names.yaml")
    old = {path.stem: yaml.load(path, spec.parent) for path in sorted((spec / "rest").glob("*.yaml"))}
    same.operations(document, old, found)
    kept, names.ours = ours.keys(spec, old), ours.names(spec, old)
    names.place_operations(found.values())
    entries = {name: entry for name, entry in converter.entries.items() if name not in names.scalars}
    names.name_schemas(entries, found)
    by_hand = {name for name, block in kept["schemas"].items() if "handwritten" in block}
    _open_circles(entries, {o for o, (_, name) in names.schemas.items() if name in by_hand}, document)
    writer = _Writer(names, entries, found, document.scopes)
    rest = writer.resources(found, old, kept)
    files = {
        f"rest/{resource}.yaml": yaml.dumps(
            block, header=HEADER.format(title=resource.replace("_", " ").capitalize()), spaced=("operations", "schemas")
        )
        for resource, block in rest.items()
    }
    if left := ours.left(kept, rest):
        files[ours.KEPT] = left
    files["api.yaml"] = _api(document, published or _date_in(source.stem) or _old_date(spec, document), spec)
    names.settle(entries, found, documented=ours.members(spec))
    files["names.yaml"] = naming.dump(names)
    gone = sorted(_gone(names, old, found, entries))
    return Result(files, _summary(document, found, entries, names, gone))


def _gone(
    names: naming.Names, old: Mapping[str, yaml.Node], found: Mapping[str, Operation], entries: Mapping[str, Entry]
) -> Iterator[str]:
    """What the last document had and this one lacks, by official name."""
    operations = {name for node in old.values() for name in node.node("operations")}
    schemas = {name for node in old.values() for name in node.node("schemas")}
    yield from (f"operation {o}" for o in names.operations.keys() - found if names.respelled.get(o, o) in operations)
    yield from (f"schema {o}" for o, (_, ours) in names.schemas.items() if o not in entries and ours in schemas)


class _Writer:
    """Official entries -> blocks of the spec files, under our names."""

    def __init__(
        self,
        names: naming.Names,
        entries: Mapping[str, Entry],
        operations: Mapping[str, Operation],
        scopes: list[str],
    ) -> None:
        self.names, self.entries, self.found, self.all_scopes = names, entries, operations, scopes
        self.unions: dict[str, Type] = {}

    def resources(
        self, found: Mapping[str, Operation], old: Mapping[str, yaml.Node], kept: ours.Blocks
    ) -> dict[str, dict[str, Any]]:
        operations: dict[str, dict[str, Any]] = {}
        schemas: dict[str, dict[str, Any]] = {}
        for official, op in sorted(found.items(), key=lambda item: _place(item[1])):
            block = self.operation(op)
            name = self.names.respelled.get(official, official)
            block |= kept["operations"].get(name, {})
            operations.setdefault(self.names.operations[official], {})[name] = block
        for official, entry in sorted(self.entries.items(), key=lambda item: self.names.schemas[item[0]][1]):
            resource, name = self.names.schemas[official]
            block = self.schema(entry, "" if entry.inline else official)
            block |= kept["schemas"].get(name, {})
            schemas.setdefault(resource, {})[name] = block
        for name, kind in sorted(self.unions.items()):
            arms = cast("Union", kind).arms
            block = {"union": [show(arm) for arm in arms]}
            tag = self.tag(self.names.unions[name][1])
            schemas.setdefault(self.names.unions[name][0], {})[name] = block | ({"tag": tag} if tag else {})
        self._documented(found, old, operations, schemas)
        return {
            resource: {
                key: dict(sorted(blocks[resource].items())) if key == "schemas" else blocks[resource]
                for key, blocks in (("operations", operations), ("schemas", schemas))
                if resource in blocks
            }
            for resource in sorted({*operations, *schemas})
        }

    def _documented(
        self,
        found: Mapping[str, Operation],
        old: Mapping[str, yaml.Node],
        operations: dict[str, dict[str, Any]],
        schemas: dict[str, dict[str, Any]],
    ) -> None:
        """Add the entries that are ours altogether, but for operations that the document has by now."""
        places = {same.shape(op.method, op.path): self.names.respelled.get(o, o) for o, op in found.items()}
        taken = set(places.values())
        for resource, node in old.items():
            for name, block in node.nodes("operations"):
                if block.get("origin") != ours.ORIGIN:
                    continue
                method = next(m for m in same.METHODS if m in block)
                official = places.get(same.shape(method, block.text(method)), name if name in taken else "")
                if not official:
                    operations.setdefault(resource, {})[name] = dict(block)
                    continue
                self.names.decided.append(f"operation {official} is official now: our entry {name} is dropped")
                if official != name and name not in taken:
                    self.names.renamed[name] = Renamed(name, official)
            for name, block in node.nodes("schemas"):
                if block.get("origin") == ours.ORIGIN:
                    schemas.setdefault(resource, {})[name] = dict(block)

    def tag(self, arms: tuple[str, ...]) -> str:
        """The field that tells the arms apart: required in each, with values that no other arm has."""
        for candidate in self.entries[arms[0]].fields:
            if attribute(candidate.name) != candidate.name:
                continue
            values: list[object] = []
            for arm in arms:
                found = next((f for f in self.entries[arm].fields if f.name == candidate.name and f.required), None)
                own = found.type.values if found and isinstance(found.type, Ref | Primitive) else ()
                values += own or [None, None]
            if len(set(values)) == len(values):
                return candidate.name
        return ""

    def operation(self, op: Operation) -> dict[str, Any]:
        block: dict[str, Any] = {op.method.lower(): op.path}
        if op.path_fields:
            block["path"] = {f.name: self.show(f.type, op.name) for f in op.path_fields}
        if op.query:
            block["query"] = self.fields(op.query, op.name)
        if op.body is not None:
            block["body" if op.body_required else "body?"] = self.show(op.body, f"{op.name}.body")
            if op.media != ["json"]:
                block["media"] = op.media
        if op.uploads:
            block["uploads"] = _folded(self.fields(op.uploads, op.name))
        answers = {s: self.show(t, op.name) if t is not None else "nothing" for s, t in op.returns.items()}
        block["returns"] = next(iter(answers.values())) if list(answers) == ["200"] else answers
        if op.answers:
            block["answers"] = op.answers
        if op.auth != ["bot"]:
            block["auth"] = op.auth
        if op.scopes:
            block["scopes"] = "any" if sorted(op.scopes) == self.all_scopes else sorted(op.scopes)
        if op.deprecated:
            block["deprecated"] = True
        return block

    def schema(self, entry: Entry, official: str) -> dict[str, Any]:
        block: dict[str, Any] = {"official": official} if official else {}
        if entry.enum:
            return block | {"enum": entry.enum, "values": dict(entry.members)}
        if entry.type is not None:
            return block | {"type": self.show(entry.type, entry.name)}
        if entry.bases:
            block["extends"] = [self.names.schemas[base][1] for base in entry.bases]
        block["fields"] = self.fields(entry.fields, entry.name)
        if entry.others is not None:
            block["others"] = self.show(entry.others, entry.name)
        return block

    def fields(self, fields: list[Field], where: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for f in fields:
            text = self.show(f.type, f"{where}.{f.name}")
            extra: dict[str, Any] = {}
            if f.deprecated:
                extra["deprecated"] = True
            if f.default is not None:
                extra["default"] = f.default
            key = f.name if f.required else f"{f.name}?"
            found[key] = {"type": text, **extra} if extra else text
        return found

    def show(self, kind: Type, where: str) -> str:
        return show(self.named(kind, where))

    def named(self, kind: Type, where: str) -> Type:
        """The type under our names: scalars as words, unions of objects by their name."""
        match kind:
            case Ref(name) if name in self.names.scalars:
                json_kind, format_ = WORDS[self.names.scalars[name]]
                return Primitive(json_kind, format_)
            case Ref(name):
                return replace(kind, name=self.names.schemas[name][1])
            case Array(inner):
                return replace(kind, item=self.named(inner, where))
            case Map(inner):
                return replace(kind, value=self.named(inner, where))
            case Nullable(inner):
                return Nullable(self.named(inner, where))
            case Union(arms):
                return self.union(arms, where)
            case Primitive():
                return kind

    def union(self, arms: tuple[Type, ...], where: str) -> Type:
        own = tuple(self.named(arm, where) for arm in arms)
        objects = [arm.name for arm in arms if isinstance(arm, Ref) and arm.name in self.entries]
        if len(objects) != len(arms) or any(
            e.enum or e.type is not None for e in map(self.entries.__getitem__, objects)
        ):
            return Union(own)
        official = tuple(objects)
        name = self.names.union(official, self.unions) or self.names.name_union(official, where, self.found)
        self.names.unions[name] = (self.names.unions[name][0], official)
        self.unions[name] = Union(own)
        return Ref(name)


def _folded(uploads: dict[str, Any]) -> dict[str, Any]:
    """`files[0]`..`files[9]` as the one line `files[0..9]`."""
    numbered = [key for key in uploads if key.startswith("files[")]
    alike = len({str(uploads[key]) for key in numbered}) == 1
    if len(numbered) < 2 or not alike or numbered != [f"files[{i}]?" for i in range(len(numbered))]:
        return uploads
    rest = {key: value for key, value in uploads.items() if key not in numbered}
    return {f"files[0..{len(numbered) - 1}]?": uploads[numbered[0]], **rest}


def _place(op: Operation) -> tuple[str, int]:
    method = op.method.lower()
    return op.path, same.METHODS.index(method) if method in same.METHODS else len(same.METHODS)


def _open_circles(entries: Mapping[str, Entry], by_hand: set[str], document: documents.Document) -> None:
    """A type that contains itself by lists and maps alone has no class to name: inside itself it is read as any."""

    def reaches(name: str, root: str) -> bool:
        seen: set[str] = set()
        todo = [name]
        while todo:
            each = todo.pop()
            if each == root:
                return True
            kind = entries[each].type if each in entries and each not in seen else None
            seen.add(each)
            todo += refs(kind) if kind is not None else ()
        return False

    def opened(kind: Type, root: str) -> Type:
        match kind:
            case Ref(name) if reaches(name, root):
                document.any(f"#/components/schemas/{root}", "it contains itself")
                return ANY
            case Nullable(inner):
                return Nullable(opened(inner, root))
            case Array(inner):
                return replace(kind, item=opened(inner, root))
            case Map(inner):
                return replace(kind, value=opened(inner, root))
            case Union(arms):
                new = tuple(dict.fromkeys(opened(arm, root) for arm in arms))
                return new[0] if len(new) == 1 else Union(new)
            case _:
                return kind

    for name, entry in entries.items():
        if entry.type is not None and name not in by_hand:
            entry.type = opened(entry.type, name)


def _api(document: documents.Document, published: str | None, spec: Path) -> str:
    version, url = same.version(document), same.server(document)
    if published is not None and _date_in(published) != published:
        document.fail("", f"expected a date such as 2026-07-18, found {published!r:.60}")
    value: dict[str, Any] = {
        "format": FORMAT,
        "api": {"version": version, "url": url},
        "document": {"published": published or "unknown", "sha256": document.digest},
        "scopes": document.scopes,
        "untyped": sorted(document.untyped),
    }
    old = spec / "api.yaml"
    if old.exists():
        value |= {k: v for k, v in yaml.load(old, spec.parent).items() if k not in value}
    return yaml.dumps(value, header=_API_HEADER)


def _date_in(stem: str) -> str | None:
    try:
        return date.fromisoformat(stem[-10:]).isoformat()
    except ValueError:
        return None


def _old_date(spec: Path, document: documents.Document) -> str | None:
    """The date that the spec has, where it is of the same document."""
    path = spec / "api.yaml"
    if not path.exists():
        return None
    old = yaml.load(path, spec.parent).node("document")
    published = old.text("published", "unknown")
    return published if old.get("sha256") == document.digest and published != "unknown" else None


def _summary(
    document: documents.Document,
    found: Mapping[str, Operation],
    entries: Mapping[str, Entry],
    names: naming.Names,
    gone: list[str],
) -> list[str]:
    kinds: list[tuple[str, Callable[[Entry], bool]]] = [
        ("objects", lambda e: not e.enum and e.type is None),
        ("enums", lambda e: bool(e.enum)),
        ("other types", lambda e: e.type is not None),
    ]
    counts = ", ".join(f"{sum(map(test, entries.values()))} {word}" for word, test in kinds)
    lines = [f"{document.name}: {len(found)} operations, {counts}, {len(names.unions)} named unions"]
    for title, items in (
        ("left untyped (any)", sorted(document.untyped)),
        ("read loosely", document.notes),
        ("decide", names.decided),
        ("no longer in the document", gone),
    ):
        if items:
            lines.append(f"{title}: {len(items)}")
            lines += [f"  {item}" for item in items]
    return lines
