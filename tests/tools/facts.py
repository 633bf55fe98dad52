"""The committed facts, read: what an operation takes and answers, what a reference stands for.  See official_facts."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from tests.tools.official_facts import Fact, is_object

Of: TypeAlias = Fact | str  # a fact, or the name of an official schema

JSON = "application/json"
INT32 = (-(2**31), 2**31 - 1)
INT53 = (-(2**53) + 1, 2**53 - 1)
COMMITTED = Path(__file__).parents[1] / "data" / "official_facts.json"


class Facts:
    """Facts of one document with their references resolved on demand."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.operations: Mapping[str, Fact] = data["operations"]
        self.schemas: Mapping[str, Fact] = data["schemas"]

    def fact(self, of: Of) -> Fact:
        """A fact as it is; a name as a reference to the schema of that name, KeyError where there is none."""
        if not isinstance(of, str):
            return of
        if of not in self.schemas:
            raise KeyError(f"no official schema {of!r}")
        return {"type": "ref", "ref": of}

    def resolve(self, fact: Fact) -> Fact:
        """The fact behind references, nullable where any link of the chain was; merges become one object or a union."""
        null = False
        while fact["type"] in ("ref", "merge"):
            null = null or fact.get("null", False)
            fact = self.schemas[fact["ref"]] if fact["type"] == "ref" else self._merged(fact["parts"])
        return fact | {"null": True} if null and not fact.get("null") else fact

    def allowed(self, fact: Fact) -> Sequence[Any]:
        """The values that an enum, a narrowed enum or a constant integer may have; empty where nothing is said."""
        if fact["type"] == "enum":
            return list(fact["members"].values())
        if fact["type"] == "narrowed":
            return fact["values"] or self.allowed(self.schemas[fact["ref"]])
        return fact.get("values", []) if fact["type"] == "integer" else []

    def arm(self, union: Fact, value: object) -> Fact | None:
        """The arm that a value's tag names; None without a tag that must be there, or for a tag nobody has."""
        tag = union.get("tag")
        if tag is None or tag.get("optional") or not is_object(value):
            return None
        found = [
            arm for arm, values in zip(union["arms"], tag["values"], strict=True) if value.get(tag["field"]) in values
        ]
        return found[0] if found else None

    def body(self, operation: str, media: str = JSON) -> Fact | None:
        """What an operation takes as its body of one media type; None where it takes none of that type."""
        body = self.operations[operation].get("body", {"media": {}})
        found: Fact | None = body["media"].get(media)
        return found

    def answer(self, operation: str, status: str, media: str = JSON) -> Fact | None:
        """What an operation answers with one status; None for an empty answer, KeyError for another status."""
        found: Fact | None = self.operations[operation]["answers"][status].get(media)
        return found

    def parameters(self, operation: str, location: str) -> Fact:
        """The ``path`` or ``query`` parameters of an operation as one object."""
        here = [p for p in self.operations[operation]["parameters"] if p["in"] == location]
        return {
            "type": "object",
            "required": {p["name"]: p["schema"] for p in here if p["required"]},
            "optional": {p["name"]: p["schema"] for p in here if not p["required"]},
        }

    def places(self) -> Iterator[tuple[str, Fact]]:
        """Every body, answer and parameter object of every operation and every schema, each with a telling name."""
        for name, operation in self.operations.items():
            for location in ("path", "query"):
                yield f"{name} {location}", self.parameters(name, location)
            for media, fact in operation.get("body", {"media": {}})["media"].items():
                yield f"{name} body {media}", fact
            for status, answers in operation["answers"].items():
                for media, fact in answers.items():
                    yield f"{name} {status} {media}", fact
        for name in self.schemas:
            yield name, self.fact(name)

    def _merged(self, parts: Sequence[Fact]) -> Fact:
        """One object with the fields of all parts; of a part that is a union, one such object for each arm."""
        merged: list[Fact] = [{"type": "object", "required": {}, "optional": {}}]
        for part in map(self.resolve, parts):
            arms = [self.resolve(arm) for arm in part["arms"]] if part["type"] == "union" else [part]
            merged = [_joined(left, right) for left in merged for right in arms]
        return merged[0] if len(merged) == 1 else {"type": "union", "arms": merged}


def _joined(left: Fact, right: Fact) -> Fact:
    required = left["required"] | right["required"]
    optional = {name: fact for name, fact in (left["optional"] | right["optional"]).items() if name not in required}
    return {"type": "object", "required": required, "optional": optional}


def bounds(fact: Fact) -> tuple[int | float | None, int | float | None]:
    """The least and the greatest number allowed: stated, or what ``int32`` can hold; None where nothing is said."""
    low, high = INT32 if fact.get("format") == "int32" else (None, None)
    return fact.get("min", low), fact.get("max", high)


@functools.cache
def official() -> Facts:
    """The facts of the official document that this checkout was made from."""
    return Facts(json.loads(COMMITTED.read_text(encoding="utf-8")))
