"""spec/ -> the IR: read, check every name and type, apply the overlay, decide which way each schema travels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from codegen import bitsets, derive, documented, overlay, yaml
from codegen.errors import SpecError
from codegen.filters import resource_name
from codegen.importer.run import FORMAT
from codegen.ir import Enum, Object, Operation, Schema, Spec, uses
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
    reader.check_references()
    fixed = overlay.apply(folder, reader.schemas, reader.operations)
    fixed.obsolete += documented.apply(folder, reader.schemas)
    gone = bitsets.apply(folder, reader.schemas)
    derive.apply(reader.derived, reader.schemas)
    _part_uploads(reader.schemas, reader.operations)
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
    )


def _part_uploads(schemas: dict[str, Schema], operations: dict[str, Operation]) -> None:
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
