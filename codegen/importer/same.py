"""Is this document of the API that the spec describes?  Refused where it is another vendor's, or another version's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from codegen import yaml
from codegen.importer.document import Document
from codegen.importer.operations import Operation

METHODS = ("get", "post", "put", "patch", "delete")
MANY = 20  # operations of a spec; fewer may all change at once


def api(document: Document, spec: Path, wanted: str) -> None:
    """The document is of the host and of the version that the spec describes (or of the one that is wanted)."""
    found = version(document)
    path = spec / "api.yaml"
    described = yaml.load(path, spec.parent).node("api") if path.exists() else None
    known = described.text("version") if described else found
    host, ours = _host(server(document)), _host(described.text("url", "") if described else "")
    if host and ours and host != ours:
        document.fail("#/servers/0/url", f"this is the API of {host:.60}, the spec describes that of {ours}")
    if wanted and found != wanted:
        document.fail("#/info/version", f"this is version {found} of the API, not {wanted}")
    if not wanted and found != known:
        cure = f"`python -m codegen import --api-version {found}` gives it a folder of its own"
        document.fail("#/info/version", f"this is version {found} of the API, the spec describes {known}: {cure}")


def operations(document: Document, old: Mapping[str, yaml.Node], found: Mapping[str, Operation]) -> None:
    """A document that shares no operation with a spec of many is another vendor's."""
    known = {
        shape(method, block.text(method))
        for node in old.values()
        for _, block in node.nodes("operations")
        for method in METHODS
        if method in block
    }
    if len(known) >= MANY and found and not known & {shape(op.method, op.path) for op in found.values()}:
        document.fail("#/paths", f"none of the {len(known)} operations of the spec is here: this is another API")


def server(document: Document) -> str:
    servers = document.mappings(document.data.get("servers", []), "#/servers")
    return str(servers[0].get("url", "")) if servers else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def version(document: Document) -> str:
    found = str(document.mapping(document.data.get("info", {}), "#/info").get("version", ""))
    if not re.fullmatch("[0-9]{1,4}", found):
        document.fail("#/info/version", f"expected the number of the API's version, found {found!r:.60}")
    return found


def shape(method: str, path: str) -> tuple[str, str]:
    return method.upper(), re.sub(r"\{[^{}]*\}", "{}", path)
