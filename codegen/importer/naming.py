"""Which resource a thing belongs to and what we call it: read from `spec/names.yaml`, extended for what is new.

A name is decided once.  The file holds every decision, so that a later document cannot move one in silence; only
what it does not list yet is named by the rules below, and told to the person who imports.
"""

from __future__ import annotations

import itertools
import keyword
import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codegen import yaml
from codegen.filters import TAKEN, members, operation_name, resource_name, schema_name
from codegen.importer.convert import Entry
from codegen.importer.operations import Operation
from codegen.ir import Renamed
from codegen.notation import WORDS

HEADER = """Where each operation and schema of the official document lies in spec/rest, and what it is called here.
`hints` places what is new; everything below it is written once by the importer and then only by hand.
A name that moves breaks people's code: add an alias to `renamed` (old: new) when one must."""


@dataclass
class Names:
    """The naming table: official name -> (resource, our name)."""

    path_hints: dict[str, str] = field(default_factory=dict[str, str])
    schema_hints: dict[str, str] = field(default_factory=dict[str, str])
    scalars: dict[str, str] = field(default_factory=dict[str, str])
    renamed: dict[str, Renamed] = field(default_factory=dict[str, Renamed])  # by the old name
    operations: dict[str, str] = field(default_factory=dict[str, str])
    respelled: dict[str, str] = field(default_factory=dict[str, str])  # operationId that is no Python name -> ours
    schemas: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    unions: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict[str, tuple[str, tuple[str, ...]]])
    decided: list[str] = field(default_factory=list[str])
    ours: Mapping[str, str] = field(default_factory=dict[str, str])  # classes of our own definitions -> their file

    def place_operations(self, operations: Iterable[Operation]) -> None:
        """Give every operation that has none a resource, by the longest hint its path starts with."""
        operations = list(operations)
        taken = {self.respelled.get(name, name) for name in self.operations} | {op.name for op in operations}
        for op in operations:
            if op.name not in self.operations:
                if not operation_name(op.name):
                    ours = _respelled(op.name)
                    while ours in taken:
                        ours += "_"
                    self.respelled[op.name] = ours
                    self.decided.append(f"operation {op.name!r} is no Python name: it is called {ours}")
                    taken.add(ours)
                hints = [hint for hint in self.path_hints if (op.path + "/").startswith(hint.rstrip("/") + "/")]
                resource = self.path_hints[max(hints, key=len)] if hints else _module(op.path)
                self.operations[op.name] = resource
                self.decided.append(f"operation {op.name} ({op.method} {op.path}) went to {resource}.yaml")

    def name_schemas(self, entries: Mapping[str, Entry], operations: Mapping[str, Operation]) -> None:
        """Name every schema that has no name yet."""
        taken = {name for _, name in self.schemas.values()} | set(self.unions) | set(self.ours) | TAKEN
        new = [name for name in entries if name not in self.schemas]
        wanted = {name: wish(name, bool(entries[name].enum), operations, entries[name].inline) for name in new}
        # A response keeps the bare noun; what stood there before, a request, becomes ...Params.
        nouns = {wanted[name] for name in new if name.endswith("Response")}
        for name in sorted(new, key=lambda n: (not n.endswith("Response"), n)):
            ours = wanted[name]
            why = f" ({ours} is ours: {self.ours[ours]})" if ours in self.ours else ""
            if ours in self.ours:  # its own spelling, so that a reader finds it
                ours = f"Official{ours}" if pascal(name) in taken else pascal(name)
            elif (ours in nouns and not name.endswith("Response")) or ours in taken:
                ours = f"{ours}Params"
            ours = _free(ours, taken)
            taken.add(ours)
            self.schemas[name] = (self.resource_of(name, operations), ours)
            self.decided.append(f"schema {name} is called {ours} in {self.schemas[name][0]}.yaml{why}")

    def settle(
        self,
        entries: Mapping[str, Entry],
        operations: Mapping[str, Operation],
        documented: Mapping[str, Iterable[str]],
    ) -> None:
        """Old names lead to what there is now: past a second rename, and nowhere once they are used again or lead to
        nothing."""
        used = {self.respelled.get(o, o) for o in operations} | {self.schemas[o][1] for o in entries}
        used |= set(self.unions) | set(self.ours)
        for official, entry in entries.items():
            name = self.schemas[official][1]
            titles = [title for title, _ in members((t, v) for t, v in entry.members if isinstance(v, int | str))]
            used |= {f"{name}.{title}" for title in (*titles, *documented.get(name, ()))}
        for old, leads in list(self.renamed.items()):
            new, seen = leads.new, {old}
            while new not in used and new in self.renamed and self.renamed[new].new not in seen:
                seen.add(new)
                new = self.renamed[new].new
            if old in used or new not in used:
                why = "is in use again" if old in used else f"has nothing to lead to: {new} is gone"
                self.decided.append(f"the old name {old} {why}; no alias is kept")
                del self.renamed[old]
            elif new != leads.new:
                self.renamed[old] = Renamed(old, new, leads.until)

    def resource_of(self, name: str, operations: Mapping[str, Operation]) -> str:
        root = re.split(r"[.|\[]", name)[0]
        if root in operations:
            return self.operations[root]
        if root in self.schemas:
            return self.schemas[root][0]
        hints = [hint for hint in self.schema_hints if root.startswith(hint)]
        return self.schema_hints[max(hints, key=len)] if hints else "other"

    def name_union(self, arms: tuple[str, ...], where: str, operations: Mapping[str, Operation]) -> str:
        """Name a union that has no name yet after the place where it stands."""
        taken = {name for _, name in self.schemas.values()} | set(self.unions) | set(self.ours) | TAKEN
        resource = self.resource_of(where, operations)
        root, _, rest = where.partition(".")
        if root not in operations:
            where = f"{self.schemas[root][1] if root in self.schemas else root}.{rest}"
        ours = wish(where if rest else f"{root}.answer", False, operations)
        ours = _free(ours, taken)
        self.unions[ours] = (resource, arms)
        self.decided.append(f"the union {' | '.join(arms)} is called {ours}")
        return ours

    def union(self, arms: tuple[str, ...], used: Container[str] = ()) -> str | None:
        """The name of a union of these official schemas: the same arms, or the most alike of at least half that the
        document does not use for others (`used`)."""
        exact = next((name for name, (_, known) in self.unions.items() if set(known) == set(arms)), None)
        if exact is not None:
            return exact
        best, score = None, 0.5
        for name, (_, known) in self.unions.items():
            alike = len(set(arms) & set(known)) / len(set(arms) | set(known))
            if alike > score and name not in used:
                best, score = name, alike
        return best


def wish(name: str, enum: bool, operations: Mapping[str, Operation], inline: bool = True) -> str:
    """What the rules would call a schema: no `Response`, singular enums, bodies after their operation."""
    root, _, rest = name.partition(".") if inline else (name, "", "")
    if inline and root in operations:
        tail = "Request" if rest.startswith("body") else "Response"
        item = "Item" if "[]" in rest else ""
        found = f"{pascal(root)}{item}{tail}"
    elif rest:
        found = f"{root}{pascal(rest)}"
    elif enum:
        found = singular(name.removesuffix("Enum"))
    else:
        found = re.sub(r"Response(?=With|$)", "", name)
    found = found if re.fullmatch("[A-Za-z0-9]+", found) else pascal(found)
    return found[:100] if re.match("[A-Z]", found) and not keyword.iskeyword(found) else f"S{found[:100]}"


def singular(name: str) -> str:
    """`ChannelTypes` -> `ChannelType`, `Frequencies` -> `Frequency`; `Status` stays."""
    if name.endswith(("ss", "us", "is")):
        return name
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith("uses"):
        return name[:-2]
    return name.removesuffix("s")


def _free(name: str, taken: Container[str]) -> str:
    """`name`, or where something else has it, with the first number that makes it another."""
    return next(
        each for each in itertools.chain([name], (f"{name}{n}" for n in itertools.count(2))) if each not in taken
    )


def pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name) if part)


def _module(path: str) -> str:
    first = next((part for part in path.split("/") if part and "{" not in part), "other")
    found = re.sub(r"\W+", "_", first, flags=re.ASCII).strip("_").lower()
    return found if resource_name(found) else "other"


def _respelled(name: str) -> str:
    """An operationId as a name of Python's: `createMessage` -> `create_message`, `class` -> `class_`."""
    found = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name), flags=re.ASCII).strip("_").lower()
    found = found if found[:1].isalpha() else f"operation_{found}".rstrip("_")
    return found if operation_name(found) else f"{found}_"


def load(path: Path) -> Names:
    """Read `spec/names.yaml`; an empty table where there is none."""
    names = Names()
    if not path.exists():
        return names
    node = yaml.load(path, path.parent.parent)
    node.only(["hints", "scalars", "renamed", "respelled", "operations", "schemas", "unions"])
    hints, scalars = node.node("hints"), node.node("scalars")
    paths, prefixes = hints.node("paths"), hints.node("schemas")
    names.path_hints = {key: _resource(paths, key, paths.text(key)) for key in paths}
    names.schema_hints = {
        prefix: _resource(prefixes, resource, resource) for resource in prefixes for prefix in prefixes.texts(resource)
    }
    for key in scalars:
        names.scalars[key] = scalars.text(key)
        if names.scalars[key] not in WORDS:
            scalars.fail(key, f"expected one of {', '.join(WORDS)}, found {names.scalars[key]!r}")
    names.renamed = {key: _renamed(node.node("renamed"), key) for key in node.node("renamed")}
    taken: dict[str, str] = {}
    respelled = node.node("respelled")
    for key in respelled:
        names.respelled[key] = _ours(respelled, key, respelled.text(key), operation_name, taken)
    for resource in node.node("operations"):
        _resource(node.node("operations"), resource, resource)
        for name in node.node("operations").texts(resource):
            _once(node.node("operations"), resource, name, names.operations)
            names.operations[name] = resource
    for resource, block in node.nodes("schemas"):
        _resource(node.node("schemas"), resource, resource)
        for official in block:
            _once(block, official, official, names.schemas)
            names.schemas[official] = resource, _ours(block, official, block.text(official), schema_name, taken)
    for resource, block in node.nodes("unions"):
        _resource(node.node("unions"), resource, resource)
        for name in block:
            names.unions[_ours(block, name, name, schema_name, taken)] = resource, block.texts(name)
    return names


def _resource(node: yaml.Node, key: str, name: str) -> str:
    if not resource_name(name):
        node.fail(key, f"{name!r} is no resource name (lower case, digits, underscores; none that we use)")
    return name


def _once(node: yaml.Node, key: str, official: str, known: Container[str]) -> None:
    if official in known:
        node.fail(key, f"{official!r} has a place already")


def _ours(node: yaml.Node, key: str, name: str, fits: Callable[[str], bool], taken: dict[str, str]) -> str:
    """A name of ours: one that can be printed, and that nothing else has."""
    if not fits(name):
        node.fail(key, f"{name!r} is no name that could be printed")
    if name in taken:
        node.fail(key, f"{name!r} is what {taken[name]!r} is called")
    taken[name] = key
    return name


def _renamed(node: yaml.Node, old: str) -> Renamed:
    """`old: new`, or `old: {to: new, until: version}`."""
    if isinstance(node[old], str):
        return Renamed(old, node.text(old))
    block = node.node(old)
    block.only(["to", "until"])
    until = block.text("until", "")
    if until and not re.fullmatch(r"\d+\.\d+", until):
        block.fail("until", f'expected a version such as "0.3", found {until!r}')
    return Renamed(old, block.text("to"), until)


def dump(names: Names) -> str:
    """The text of `spec/names.yaml`."""
    operations: dict[str, list[str]] = {}
    for name, resource in sorted(names.operations.items()):
        operations.setdefault(resource, []).append(name)
    schemas: dict[str, dict[str, str]] = {}
    for official, (resource, ours) in sorted(names.schemas.items()):
        schemas.setdefault(resource, {})[official] = ours
    unions: dict[str, dict[str, list[str]]] = {}
    for name, (resource, arms) in sorted(names.unions.items()):
        unions.setdefault(resource, {})[name] = list(arms)
    hints: dict[str, list[str]] = {}
    for prefix, resource in names.schema_hints.items():
        hints.setdefault(resource, []).append(prefix)
    value: dict[str, Any] = {
        "hints": {"paths": names.path_hints, "schemas": hints},
        "scalars": names.scalars,
        "renamed": {
            name.old: {"to": name.new, "until": name.until} if name.until else name.new
            for name in names.renamed.values()
        },
        "respelled": dict(sorted(names.respelled.items())),
        "operations": dict(sorted(operations.items())),
        "schemas": dict(sorted(schemas.items())),
        "unions": dict(sorted(unions.items())),
    }
    return yaml.dumps(
        {key: block for key, block in value.items() if block}, header=HEADER, spaced=("schemas", "unions")
    )
