"""What things are called here and where they are documented: for people, beside the official names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codegen import yaml
from codegen.diff.facts import Facts, Operation
from codegen.importer import naming


@dataclass
class Names:
    """The names of one spec folder; what it does not know yet is called what an import would call it."""

    table: naming.Names = field(default_factory=naming.Names)
    docs: Mapping[str, str] = field(default_factory=dict[str, str])

    def operation(self, official: str) -> str:
        return self.table.respelled.get(official, official)

    def schema(self, official: str) -> str:
        if official in self.table.schemas:
            return self.table.schemas[official][1]
        return naming.wish(official, False, {}, inline=False)

    def union(self, arms: tuple[str, ...]) -> str | None:
        return self.table.union(arms)

    def resource_of_path(self, path: str) -> str:
        hints = [hint for hint in self.table.path_hints if (path + "/").startswith(hint.rstrip("/") + "/")]
        return self.table.path_hints[max(hints, key=len)] if hints else "other"

    def resource(self, subject: str, facts: Facts) -> str:
        """The resource of an operation (by its key) or a schema; "" for what belongs to none."""
        operation: Operation | None = facts.operations.get(subject)
        if operation is not None or re.match("[A-Z]+ /", subject):
            known = self.table.operations.get(operation.name) if operation is not None else None
            return known or self.resource_of_path(subject.partition(" ")[2])
        if ":" in subject:
            return ""
        if subject in self.table.schemas:
            return self.table.schemas[subject][0]
        hints = [hint for hint in self.table.schema_hints if subject.startswith(hint)]
        return self.table.schema_hints[max(hints, key=len)] if hints else "other"

    def link(self, subject: str, facts: Facts) -> str:
        """Where the subject is documented; "" where we do not know."""
        operation = facts.operations.get(subject)
        name = self.operation(operation.name) if operation is not None else self.schema(subject)
        return self.docs.get(name, "")


def load(folder: Path) -> Names:
    """The names of a spec folder; empty where there is none."""
    docs: dict[str, str] = {}
    for path in sorted((folder / "rest").glob("*.yaml")):
        node = yaml.load(path, folder.parent)
        for part in ("operations", "schemas"):
            docs |= {name: block.text("docs", "") for name, block in node.nodes(part)}
    return Names(naming.load(folder / "names.yaml"), {name: link for name, link in docs.items() if link})
