"""What the judges of shapes, models and signatures share: a difference, and what spec/overlay.yaml lets differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.tools.facts import Facts
from tests.tools.official_facts import Fact, is_list, is_object

# What a correction's key excuses.  Another type may differ in everything that a type says.
EXCUSES: Mapping[str, frozenset[str]] = {
    "add": frozenset({"name", "values"}),
    "optional": frozenset({"required"}),
    "null": frozenset({"null"}),
    "auth": frozenset({"values"}),
    "scopes": frozenset({"values"}),
    "type": frozenset({"type", "null", "limits", "values"}),
}
EVERYTHING = "* "


@dataclass(frozen=True, slots=True)
class Difference:
    """Where ours and the official fact part: the place by our names, in which respect, and both sides."""

    where: str
    aspect: str  # name, required, null, type, limits, values
    official: object
    ours: object

    def __str__(self) -> str:
        return f"{self.where}: {self.aspect}: official {_short(self.official)}, ours {_short(self.ours)}"


@dataclass(frozen=True)
class Overlay:
    """The corrections of the official document that are committed: where -> the keys that say what is corrected."""

    corrections: Mapping[str, frozenset[str]]
    spellings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # enum -> official title -> ours

    @classmethod
    def load(cls, path: Path) -> Overlay:
        """Read ``corrections`` of spec/overlay.yaml: entries with ``where`` and what they change; none is no file.

        Beside it lie optional_fields.yaml (fields that the documentation shows to be optional or nullable) and
        documented.yaml (fields, values and names that only the documentation has).
        """
        if not path.exists():
            return cls({})
        found = cls._optional(path.with_name("optional_fields.yaml"))
        more, spellings = cls._documented(path.with_name("documented.yaml"))
        found |= more
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries: list[Any] = document.get("corrections") or []
        for entry in entries:
            where: str = entry["where"]
            named = frozenset("null" if key is None else str(key) for key in entry)  # to YAML `null:` is no text
            found[where] = found.get(where, frozenset()) | named
        return cls(found, spellings)

    def reaching(self, facts: Facts, names: Mapping[str, str], inline: Mapping[str, str]) -> Overlay:
        """As this, and what holds for a field of a body holds for the argument that an operation makes of it.

        ``inline`` maps our names of bodies that the document writes in place to where they are, ``x body[]``.
        """
        found = dict(self.corrections)
        for where, keys in self.corrections.items():
            schema, _, name = where.partition(".")
            if schema in inline:
                found[f"{inline[schema]}.{name}"] = keys
        for operation, fact in facts.operations.items():
            for schema in _schemas_of(fact.get("body", {}).get("media", {}).values()):
                ours = names.get(schema, schema)
                for where, keys in self.corrections.items():
                    of, _, name = where.partition(".")
                    if of == ours:
                        found[f"{operation} body.{name}"] = found[f"{operation} signature.{name}"] = keys
        return Overlay(found, self.spellings)

    @staticmethod
    def _documented(path: Path) -> tuple[dict[str, frozenset[str]], dict[str, Mapping[str, str]]]:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        found: dict[str, frozenset[str]] = {}
        for schema, block in document.get("fields", {}).items():
            found |= {f"{schema}.{name.removesuffix('?')}": frozenset({"add"}) for name in block["add"]}
        values: dict[str, Any] = document.get("values", {})
        found |= {enum: frozenset({"add"}) for enum, block in values.items() if "add" in block}
        return found, {enum: block.get("names", {}) for enum, block in values.items()}

    @staticmethod
    def _optional(path: Path) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        for block, key in (("optional", "optional"), ("nullable", "null")):
            for schema, evidence in document.get(block, {}).items():
                for name in (*evidence.get("table", ()), *evidence.get("example", ())):
                    where = f"{schema}.{name}"
                    found[where] = found.get(where, frozenset()) | {key}
        return found

    def explains(self, difference: Difference) -> str | None:
        """The ``where`` of the correction that makes a difference right; None for an unexplained one."""
        # The type of a field is that of its items, too.
        for where in (difference.where, difference.where.removesuffix("[]"), _everywhere(difference.where)):
            keys = self.corrections.get(where, frozenset[str]())
            excused = frozenset[str]().union(*(EXCUSES[key] for key in keys & EXCUSES.keys()))
            if difference.aspect in excused:
                return where
        enum = difference.where.partition(".")[0]
        if (
            difference.aspect == "name"
            and self.spellings.get(enum, {}).get(str(difference.official)) == difference.ours
        ):
            return enum if difference.ours else None
        return None


def _schemas_of(facts: Iterable[Fact]) -> set[str]:
    """The schemas that bodies name, the arms of a union one by one."""
    found: set[str] = set()
    for fact in facts:
        found |= {fact["ref"]} if fact["type"] == "ref" else _schemas_of(fact.get("arms", ()))
        found |= _schemas_of(fact.get("parts", ()))
    return found


@dataclass
class World:
    """One comparison: the facts, our names of official schemas, and how a name is looked up on our side."""

    facts: Facts
    names: Mapping[str, str]
    lookup: Callable[[str], Any]
    seen: set[tuple[str, str]] = field(default_factory=lambda: set())

    def name(self, fact: Fact) -> str:
        """Our name of the schema that a reference or narrowed enum names; marked where we have none."""
        official: str = fact["ref"]
        return self.names.get(official, f"<no name for {official}>")

    def first_time(self, official: str, ours: str) -> bool:
        """Whether two names meet for the first time: a schema is compared once, wherever it is used."""
        before = (official, ours) in self.seen
        self.seen.add((official, ours))
        return not before


def widest(facts: Facts, several: Sequence[Fact]) -> Fact:
    """One fact that allows what any of several allows; a union where their types have nothing in common."""
    distinct: list[Fact] = []
    for fact in several:
        if fact not in distinct:
            distinct.append(fact)
    if len(distinct) == 1:
        return distinct[0]
    resolved = [facts.resolve(fact) for fact in distinct]
    null = any(fact.get("null") for fact in resolved)
    plain = [_without(fact, "null") for fact in resolved]
    merged: Fact
    if all(_without(fact, "min", "max") == _without(plain[0], "min", "max") for fact in plain):
        merged = _without(plain[0], "min", "max")
        for end, choose in (("min", min), ("max", max)):
            ends: list[Any] = [fact.get(end) for fact in plain]
            if None not in ends:
                merged[end] = choose(ends)
    elif all(fact["type"] in ("enum", "narrowed") for fact in plain):
        values = sorted({value for fact in plain for value in facts.allowed(fact)})
        of, ref = plain[0].get("of"), next((fact["ref"] for fact in distinct if "ref" in fact), "")
        merged = {"type": "narrowed", "ref": ref, "of": of, "values": values}
    else:
        arms: list[Fact] = []
        for arm in (_without(fact, "null") for fact in distinct):
            if arm not in arms:
                arms.append(arm)
        merged = {"type": "union", "arms": arms} if len(arms) > 1 else arms[0]
    return merged | {"null": True} if null else merged


def _without(fact: Fact, *gone: str) -> Fact:
    return {key: value for key, value in fact.items() if key not in gone}


def flat(facts: Facts, fact: Fact) -> Fact | None:
    """A body as one object: itself, or for a union of objects all their fields with the widest limits.

    A field is required where every arm requires it.  None for a body that is no object.
    """
    fact = facts.resolve(fact)
    if fact["type"] == "object":
        return fact
    if fact["type"] != "union":
        return None
    arms = [flat(facts, arm) for arm in fact["arms"]]
    tables = [arm["required"] | arm["optional"] for arm in arms if arm is not None]
    if len(tables) < len(arms):
        return None
    fields = {name: widest(facts, [table[name] for table in tables if name in table]) for t in tables for name in t}
    always = set(fields).intersection(*(arm["required"] for arm in arms if arm is not None))
    return {
        "type": "object",
        "required": {name: fact for name, fact in fields.items() if name in always},
        "optional": {name: fact for name, fact in fields.items() if name not in always},
    }


def uploads(facts: Facts, operation: str) -> tuple[str, ...]:
    """The binary parts of an operation's multipart body, ``files[0] ... files[9]`` as ``files``."""
    fact = facts.body(operation, "multipart/form-data")
    body = None if fact is None else flat(facts, fact)
    if body is None:
        return ()
    fields = body["required"] | body["optional"]
    return tuple(sorted({name.partition("[")[0] for name in fields if fields[name].get("encoding") == "binary"}))


def unexplained(differences: Iterable[Difference], overlay: Overlay) -> list[str]:
    """The differences that no committed correction makes right, one readable line each."""
    return sorted({str(difference) for difference in differences if overlay.explains(difference) is None})


def _everywhere(where: str) -> str:
    """``create_message returns`` -> ``* returns``: how a correction of every operation is written."""
    _, _, part = where.partition(" ")
    return EVERYTHING + part if part else where


def _short(value: object) -> str:
    if is_object(value) or is_list(value):
        text = ", ".join(f"{k}={v}" for k, v in value.items()) if is_object(value) else ", ".join(map(str, value))
        return text if len(text) < 120 else text[:117] + "..."
    return "nothing" if value is None else str(value)


def keys(where: str, official: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[Difference]:
    """A difference for each key that only one side has."""
    for name in sorted(official.keys() - ours.keys()):
        yield Difference(f"{where}.{name}", "name", "has it", None)
    for name in sorted(ours.keys() - official.keys()):
        yield Difference(f"{where}.{name}", "name", None, "has it")
