"""What a person names -> facts: a spec folder, a git revision of it, an OpenAPI document, an exported description."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from codegen import absent, bitsets, derive, versions, yaml
from codegen.diff import exported
from codegen.diff.facts import Facts, Operation, Schema, mapped, mapped_operation, mapped_schema
from codegen.errors import CodegenError, DocumentError
from codegen.importer import document as documents, naming, same
from codegen.importer.convert import Converter, Entry, Field as Read
from codegen.importer.document import Document
from codegen.importer.operations import MEDIA, Operation as Found, operations
from codegen.ir import Alias, Choice, Enum, Field, Object, Operation as Ours, Schema as OurSchema
from codegen.notation import WORDS, Primitive, Ref, Type, Union
from codegen.reader import Reader

MEDIA_OF = {word: media for media, word in MEDIA.items()}


@dataclass(frozen=True)
class Side:
    """A side that is named but not read yet; an export has our corrections in it, the others have not."""

    label: str
    path: Path
    kind: str  # "spec", "document", or of our own making: "export", "openapi"


@contextmanager
def opened(names: list[str], spec: Path) -> Generator[list[Side]]:
    """The sides that these names stand for; what a git revision holds is unpacked for as long as it is needed."""
    with tempfile.TemporaryDirectory() as scratch:
        yield [_side(name, spec, Path(scratch) / str(index)) for index, name in enumerate(names)]


def _side(name: str, spec: Path, scratch: Path) -> Side:
    path = Path(name)
    if path.is_dir():
        first = versions.base(path.resolve())
        return Side(name, versions.composed(first, path, scratch) if first else path, "spec")
    if path.exists():
        data, _ = documents.parse(path)
        return Side(path.name, path, _kind(data))
    return Side(name, _revision(name, spec, scratch), "spec")


def _kind(data: Mapping[str, object]) -> str:
    """What a JSON file holds; an OpenAPI document that we exported names the official schemas beside ours."""
    if "openapi" in data:
        return "openapi" if '"x-official": ' in json.dumps(data.get("components")) else "document"
    return "export" if "operations" in data else "document"


def _revision(name: str, spec: Path, scratch: Path) -> Path:
    """The spec folder as a git revision has it, unpacked into `scratch`."""
    git = ["git", "-C", str(spec.resolve())]
    nothing = CodegenError(f"{name!r} is neither a file, a folder nor a git revision")
    if name.startswith("-") or not spec.is_dir():
        raise nothing
    try:
        revision = subprocess.run(
            [*git, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"],
            capture_output=True, check=False,
        )  # fmt: skip
        if revision.returncode:
            raise nothing
        commit = revision.stdout.decode().strip()
        # Run inside the folder, so git takes the folder alone and writes paths relative to it.
        packed = subprocess.run([*git, "archive", "--format=tar", commit, "."], capture_output=True, check=False)
    except OSError as exc:
        raise CodegenError(f"{name!r} is no file, and git cannot be asked: {exc.strerror}") from exc
    if packed.returncode:
        raise CodegenError(f"{name!r} has no {spec.name}/")
    folder = scratch / spec.name
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        for member in archive.getmembers():
            target = folder / member.name
            if member.isfile() and target.resolve().is_relative_to(folder.resolve()):
                target.parent.mkdir(parents=True, exist_ok=True)
                content = archive.extractfile(member)
                target.write_bytes(content.read() if content else b"")
    return folder


def read(sides: list[Side], spec: Path) -> list[Facts]:
    """The facts of each side, made comparable: all corrected where one is, all official where one is a document.

    `spec` is the folder whose names.yaml says which schemas are plain words to us.
    """
    kinds = {side.kind for side in sides}
    scalars = naming.load(spec / "names.yaml").scalars if kinds != {"document"} else {}
    found = [_facts(side, scalars, corrected=bool(kinds & {"export", "openapi"})) for side in sides]
    _same_api(found)
    return [facts.official() for facts in found] if "document" in kinds else found


def _same_api(found: list[Facts]) -> None:
    """Where one side has many operations and none of them is on the other, that is another vendor's."""
    shapes = [{same.shape(op.method, op.path) for op in facts.operations.values()} for facts in found]
    for facts, known, other in zip(found, shapes, reversed(shapes), strict=True):
        if len(known) >= same.MANY and other and not known & other:
            raise CodegenError(f"none of the {len(known)} operations of {facts.label} is on the other side: two APIs")


def _facts(side: Side, scalars: dict[str, str], *, corrected: bool) -> Facts:
    if side.kind in {"document", "openapi"}:
        return from_document(documents.read(side.path), side.label, scalars, exported=side.kind == "openapi")
    if side.kind == "export":
        return exported.from_export(documents.parse(side.path)[0], side.label)
    if corrected:
        return exported.from_export(_export(side.path), side.label)
    facts = from_spec(side.path, side.label)
    try:
        return replace(facts, own=exported.own(_export(side.path)))
    except CodegenError as exc:
        # An older revision may need the generator of its day; its operations can still be compared.
        print(f"{side.label}: only operations and schemas are compared ({exc})", file=sys.stderr)
        return facts


def _export(folder: Path) -> dict[str, object]:
    from codegen import export, gateway
    from codegen.load import load

    spec = load(folder)
    return export.everything(folder, spec, gateway.load(folder, spec))


# --- an OpenAPI document -------------------------------------------------------------------------


def from_document(document: Document, label: str, scalars: dict[str, str], *, exported: bool = False) -> Facts:
    """The facts of a document, read as the importer reads it; `exported` where it is one of ours."""
    converter = Converter(document)
    try:
        converter.components()
        found = operations(document, converter)
    except RecursionError as exc:
        raise DocumentError(document.name, "", "nested too deeply to be an OpenAPI document") from exc
    places = {name: f"{op.method} {op.path}" for name, op in found.items()}
    entries = converter.entries
    expanded = {name for name in entries if exported and _expanded(document, name)}
    change, rename = _official(document, entries, places, scalars, expanded)
    schemas = [
        mapped_schema(schema_of(entry, placed(name, entries, places)[1]), change, rename)
        for name, entry in entries.items()
        if name not in scalars and name not in expanded
    ]
    ops = [mapped_operation(_found(op), change) for op in found.values()]
    return Facts(label, {op.key: op for op in ops}, {schema.name: schema for schema in schemas})


def _official(
    document: Document,
    entries: dict[str, Entry],
    places: dict[str, str],
    scalars: dict[str, str],
    expanded: set[str],
) -> tuple[Callable[[Ref], Type], Callable[[str], str]]:
    """How names of a document become official ones: an OpenAPI file that we exported says them beside ours."""

    def rename(name: str) -> str:
        said = document.schemas.get(name)
        official = said.get("x-official") if isinstance(said, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]  # any JSON
        return official if isinstance(official, str) else placed(name, entries, places)[0]

    def change(ref: Ref) -> Type:
        if ref.name in scalars:
            return Primitive(*WORDS[scalars[ref.name]])
        inner = entries[ref.name].type
        if inner is not None and ref.name in expanded:
            return mapped(inner, change)
        return replace(ref, name=rename(ref.name))

    return change, rename


def _expanded(document: Document, name: str) -> bool:
    """Whether an exported schema is a union that only we name."""
    said = document.schemas.get(name)
    return isinstance(said, dict) and "x-official" not in said and "oneOf" in said and "title" not in str(said["oneOf"])  # pyright: ignore[reportUnknownArgumentType]  # any JSON


def placed(name: str, entries: dict[str, Entry], places: dict[str, str]) -> tuple[str, str]:
    """The name of an entry after the place where it is written, and what holds it; (name, "") for others."""
    if name in entries and not entries[name].inline:
        return name, ""
    return place(name, places)


def place(name: str, places: dict[str, str]) -> tuple[str, str]:
    """`create_cat.body.owner` -> ``POST /cats body.owner`` and ``POST /cats``; `Cat.owner` -> itself and `Cat`."""
    owner, _, rest = name.partition(".")
    if owner not in places:
        return name, re.split(r"[.|\[]", name)[0]
    part, dot, inner = rest.partition(".")
    word = part.rstrip("[]|0123456789'") if not part[:1].isdigit() else part[:3]
    tail = part[len(word) :]
    word = f"response {word}" if word.isdigit() else word if word == "body" else f"query:{word}"
    return f"{places[owner]} {word}{tail}{dot}{inner}", places[owner]


def schema_of(entry: Entry, owner: str) -> Schema:
    """An entry of the importer as a fact."""
    if entry.enum:
        base = "str" if entry.enum == "string" else "int"
        return Schema(entry.name, "enum", base=base, members=dict(entry.members))
    if entry.type is not None:
        return Schema(entry.name, "type", type=entry.type)
    fields = {key.name: key for key in map(_field, entry.fields)}
    return Schema(entry.name, "object", fields, tuple(entry.bases), entry.others, owner=owner)


def _field(read: Read) -> Field:
    # The spec writes an optional field `name?`, so a name that ends so is one.
    return Field(read.name.removesuffix("?"), read.type, read.required, read.deprecated, read.default)


def _found(op: Found) -> Operation:
    return Operation(
        name=op.name,
        method=op.method,
        path=op.path,
        path_fields=tuple(map(_field, op.path_fields)),
        query={f.name: _field(f) for f in op.query},
        body=op.body,
        body_required=op.body_required and op.body is not None,
        media=tuple(MEDIA_OF[word] for word in op.media),
        uploads={f.name: _field(f) for f in op.uploads},
        returns=dict(op.returns),
        answers=dict(op.answers),
        auth=frozenset(op.auth),
        scopes=frozenset(op.scopes),
        deprecated=op.deprecated,
    )


# --- a spec folder -------------------------------------------------------------------------------


def from_spec(folder: Path, label: str) -> Facts:
    """What a spec folder has of the official document, before our corrections, and the entries that are ours."""
    if not (folder / "api.yaml").exists():
        raise CodegenError(f"{label}: no api.yaml here: this is not a spec folder")
    api = yaml.load(folder / "api.yaml", folder.parent)
    reader = Reader(api.texts("scopes"), api.texts("more_scopes"), bitsets.classes(folder))
    for path in sorted((folder / "rest").glob("*.yaml")):
        reader.resource(path.stem, yaml.load(path, folder.parent))
    names = naming.load(folder / "names.yaml")
    reader.check_references(absent.names(names, reader.schemas))
    derive.apply(reader.derived, reader.schemas, reader.loosened)
    ids = {ours: official for official, ours in names.respelled.items()}
    places = {ids.get(name, name): f"{op.method} {op.path}" for name, op in reader.operations.items()}
    written = {ours: official for official, (_, ours) in names.schemas.items()}

    def rename(name: str) -> str:
        official = getattr(reader.schemas.get(name), "official", "") or ""
        if official:
            return str(official)
        return place(written[name], places)[0] if name in written else name

    def change(ref: Ref) -> Type:
        schema = reader.schemas[ref.name]
        if isinstance(schema, Choice):
            return mapped(Union(tuple(Ref(arm) for arm in schema.arms)), change)
        return replace(ref, name=rename(ref.name))

    def is_ours(name: str) -> bool:
        return reader.places[name].get("origin") == "documentation"

    schemas = [
        replace(mapped_schema(_ours(schema), change, rename), ours=is_ours(name), owner=_owner(name, written, places))
        for name, schema in reader.schemas.items()
        if not isinstance(schema, Choice)
    ]
    ops = [
        replace(
            mapped_operation(operation_of(op, ids.get(name, name)), change),
            ours=is_ours(name),
            deprecated="deprecated" in reader.places[name],  # `obsolete` is what we say
        )
        for name, op in reader.operations.items()
    ]
    return Facts(label, {op.key: op for op in ops}, {schema.name: schema for schema in schemas})


def _owner(name: str, written: dict[str, str], places: dict[str, str]) -> str:
    official = written.get(name, "")
    return place(official, places)[1] if re.search(r"[.|\[]", official) else ""


def _ours(schema: OurSchema) -> Schema:
    match schema:
        case Enum():
            return Schema(schema.name, "enum", base=schema.base, members=dict(schema.members))
        case Object():
            fields = {f.name: f for f in schema.fields}
            return Schema(schema.name, "object", fields, schema.extends, schema.others)
        case Alias():
            return Schema(schema.name, "type", type=schema.type)
        case Choice():
            raise AssertionError("a union is not a fact of its own")


def operation_of(op: Ours, name: str) -> Operation:
    """An operation of the spec under its official name."""
    return Operation(
        name=name,
        method=op.method,
        path=op.path,
        path_fields=op.path_fields,
        query={f.name: f for f in op.query},
        body=op.body,
        body_required=op.body_required,
        media=tuple(MEDIA_OF[word] for word in op.media),
        uploads={f.name: f for f in op.uploads},
        returns={str(status): kind for status, kind in op.returns},
        answers={str(status): media for status, media in op.answers.items()},
        auth=frozenset(op.auth),
        scopes=frozenset(op.scopes),
        deprecated=bool(op.deprecated),
    )
