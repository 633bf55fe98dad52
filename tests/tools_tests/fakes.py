"""A little of everything for the tests of the judge: facts, and shapes and operations as the runtime's look to it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from tests.tools.facts import Facts
from tests.tools.judge import World
from tests.tools.official_facts import Fact

ID: Fact = {"type": "ref", "ref": "SnowflakeType"}
KIND_A: Fact = {"type": "narrowed", "ref": "Kinds", "of": "integer", "values": [1]}
KIND_B: Fact = {"type": "narrowed", "ref": "Kinds", "of": "integer", "values": [2]}
EITHER: Fact = {
    "type": "union",
    "arms": [{"type": "ref", "ref": "ARequest"}, {"type": "ref", "ref": "BRequest"}],
    "tag": {"field": "kind", "values": [[1], [2]]},
}
SCHEMAS: dict[str, Fact] = {
    "SnowflakeType": {"type": "string", "format": "snowflake", "pattern": "^(0|[1-9][0-9]*)$"},
    "Kinds": {"type": "enum", "of": "integer", "members": {"A": 1, "B": 2}},
    "ARequest": {"type": "object", "required": {"kind": KIND_A}, "optional": {"x": {"type": "string", "max": 3}}},
    "BRequest": {"type": "object", "required": {"kind": KIND_B}, "optional": {"x": {"type": "string", "max": 5}}},
}
OPERATION: Fact = {
    "method": "POST",
    "path": "/a/{a_id}",
    "parameters": [
        {"name": "a_id", "in": "path", "required": True, "schema": ID},
        {"name": "from", "in": "query", "required": False, "schema": {"type": "integer", "min": 0, "max": 9}},
    ],
    "body": {"required": True, "media": {"application/json": {"type": "ref", "ref": "ARequest"}}},
    "answers": {"200": {"application/json": {"type": "array", "items": ID}}, "204": {}},
    "security": [{"BotToken": []}, {"OAuth2": ["identify"]}],
}


# Shapes and operations are judged by the names of their classes and attributes: these stand for the runtime's.
@dataclass
class String:
    min: int | None = None
    max: int | None = None
    pattern: str | None = None


@dataclass
class Integer:
    min: int | None = None
    max: int | None = None


@dataclass
class Id: ...


@dataclass
class Enum:
    name: str
    values: tuple[Any, ...]


@dataclass
class Nullable:
    shape: Any


@dataclass
class Array:
    item: Any
    max: int | None = None
    unique: bool = False


@dataclass
class Ref:
    name: str


@dataclass
class Object:
    required: dict[str, Any] = field(default_factory=dict[str, Any])
    optional: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass
class Tagged:
    tag: str
    arms: dict[Any, Any]


@dataclass
class Parameter:
    name: str
    location: str
    shape: Any
    required: bool = False


@dataclass
class Operation:
    method: str = "POST"
    path: str = "/a/{a_id}"
    parameters: tuple[Parameter, ...] = (
        Parameter("a_id", "path", Id(), True),
        Parameter("from", "query", Integer(min=0, max=9)),
    )
    body: Any = field(default_factory=lambda: Ref("A"))
    body_required: bool = True
    media: tuple[str, ...] = ("json",)
    files: str | None = None
    auth: tuple[str, ...] = ("bot", "oauth2")
    scopes: tuple[str, ...] = ("identify",)
    returns: dict[int, str | None] = field(default_factory=lambda: {200: "list[Snowflake]", 204: None})
    reason: bool = False
    deprecated: str = ""


SHAPES: dict[str, Any] = {
    "A": Object({"kind": Enum("Kind", (1,))}, {"x": String(max=3)}),
    "B": Object({"kind": Enum("Kind", (2,))}, {"x": String(max=5)}),
}


class Snowflake(int): ...


class Kind(enum.IntEnum):
    A = 1
    B = 2


def world(**operations: Fact) -> World:
    facts = Facts({"operations": operations or {"do_it": OPERATION}, "schemas": SCHEMAS})
    return World(facts, {"Kinds": "Kind", "ARequest": "A", "BRequest": "B"}, SHAPES.__getitem__)
