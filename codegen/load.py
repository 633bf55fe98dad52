"""spec/ -> the IR: read, check every name and type, apply the overlay, decide which way each schema travels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from codegen import absent as loosen, bitsets, derive, documented, overlay, yaml
from codegen.errors import SpecError
from codegen.filters import members, operation_name, resource_name, schema_name
from codegen.importer import naming
from codegen.importer.run import FORMAT
from codegen.ir import Alias, Enum, Object, Operation, Renamed, Schema, Spec, uses
from codegen.notation import Primitive, Ref, refs
from codegen.reader import Reader

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


def load(folder: Path) -> Spec:
    """Read the whole spec; SpecError names ``file:line``, the key path, what was found and what was expected."""
    if not (folder / "api.yaml").exists():
        raise SpecError(f"{folder.name}/", "", "no api.yaml here: this is not a spec folder")
    api = yaml.load(folder / "api.yaml", folder.parent)
    if api.get("format") != FORMAT:
        api.fail("format", f"this generator reads format {FORMAT}, found {api.get('format')!r}")
    reader = Reader(api.texts("scopes"), api.texts("more_scopes"), bitsets.classes(folder))
    published = api.node("document").text("published", "unknown")
    if published != "unknown" and not _DATE.match(published):
        api.node("document").fail("published", f"expected a date such as 2026-07-18, found {published!r}")
    files = sorted((folder / "rest").glob("*.yaml"))
    if not files:
        raise SpecError(f"{folder.name}/rest/", "", "no resource here: this is not a spec folder")
    for path in files:
        node = yaml.load(path, folder.parent)
        node.only(["operations", "schemas"])
        if not resource_name(path.stem):
            node.fail("", f"{path.name!r} is no resource name (lower case, digits, underscores; none that we use)")
        reader.resource(path.stem, node)
    absent = loosen.names(naming.load(folder / "names.yaml"), reader.schemas)
    told = reader.check_references(absent)
    fixed = overlay.apply(folder, reader.schemas, reader.operations, absent)
    fixed.obsolete += documented.apply(folder, reader.schemas, absent)
    for name, schema in reader.schemas.items():
        if isinstance(schema, Enum) and not schema.members:  # Python has no use for an enum without members
            kind = Primitive("integer" if schema.base == "int" else "string")
            reader.schemas[name] = Alias(name, schema.official, schema.resource, kind)
    gone = bitsets.apply(folder, reader.schemas)
    told += derive.apply(reader.derived, reader.schemas, reader.loosened)
    part_uploads(reader.schemas, reader.operations)
    reader.finish()
    version = api.node("api").text("version")
    return Spec(
        api_version=int(version)
        if version.isdigit()
        else api.node("api").fail("version", f"expected a number, found {version!r}"),
        api_url=api.node("api").text("url"),
        published=published,
        schemas=dict(sorted(reader.schemas.items())),
        operations=reader.operations,
        requests=sent(reader.schemas, reader.operations),
        corrections=tuple(fixed.applied),
        obsolete=(*fixed.obsolete, *gone),
        scopes=tuple(sorted({*reader.scopes, *reader.more_scopes})),
        renamed=_renamed(folder, reader),
        absent=absent,
        told=tuple(told),
    )


def _renamed(folder: Path, reader: Reader) -> tuple[Renamed, ...]:
    """The old names of names.yaml, each of which leads to something and hides nothing."""
    found = tuple(naming.load(folder / "names.yaml").renamed.values())
    also = {op.also for op in reader.operations.values()}
    for name in found:
        old, _, old_member = name.old.partition(".")
        new, _, new_member = name.new.partition(".")
        problem = ""
        if old_member or new_member:
            enum = reader.schemas.get(new)
            titles = {title for title, _ in members(enum.members)} if isinstance(enum, Enum) else set[str]()
            if old != new or new_member not in titles:
                problem = f"{name.new!r} is no member of {old}"
            elif old_member in titles or not old_member.isidentifier() or old_member.startswith("_"):
                problem = f"{old_member!r} cannot be another name of a member"
        elif new not in reader.operations and new not in reader.schemas:
            problem = f"there is no {new!r}"
        elif old in reader.operations or old in reader.schemas or old in also:
            problem = "this name is in use"
        elif not (operation_name(old) if new in reader.operations else schema_name(old)):
            problem = "no name that could have been printed"
        if problem:
            yaml.load(folder / "names.yaml", folder.parent).node("renamed").fail(name.old, problem)
    return found


def part_uploads(schemas: dict[str, Schema], operations: dict[str, Operation]) -> None:
    """Binary fields of a body are parts of their own: they become uploads, the rest stays the body."""
    for name, op in operations.items():
        body = op.body.name if isinstance(op.body, Ref) else ""
        schema = schemas.get(body)
        if not isinstance(schema, Object):
            continue
        binary = tuple(f for f in schema.fields if isinstance(f.type, Primitive) and f.type.format == "binary")
        if not binary:
            continue
        rest = tuple(f for f in schema.fields if f not in binary)
        schemas[body] = replace(schema, fields=rest)
        operations[name] = replace(op, uploads=(*op.uploads, *binary))
        if not rest:
            del schemas[body]
            operations[name] = replace(operations[name], body=None, body_required=False)


def sent(schemas: Mapping[str, Schema], operations: Mapping[str, Operation]) -> frozenset[str]:
    """The objects and unions that travel in requests."""
    found: set[str] = set()
    todo = [name for op in operations.values() if op.body is not None for name in refs(op.body)]
    while todo:
        name = todo.pop()
        if name not in found and not isinstance(schemas[name], Enum):
            found.add(name)
            todo += uses(schemas[name])
    return frozenset(found)
