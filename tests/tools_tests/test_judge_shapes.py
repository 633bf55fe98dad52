"""Shapes: every way to say something else is found, and the same is no difference."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools import judge_shapes
from tests.tools.judge import World
from tests.tools.official_facts import Fact
from tests.tools_tests.fakes import (
    EITHER,
    ID,
    KIND_A,
    SCHEMAS,
    SHAPES,
    Array,
    Enum,
    Id,
    Integer,
    Nullable,
    Object,
    Ref,
    String,
    Tagged,
    world,
)

ALL_OPTIONAL = Object({}, SHAPES["A"].required | SHAPES["A"].optional)


def _shape(fact: Fact, shape: Any) -> list[str]:
    return [str(found) for found in judge_shapes.compare(fact, shape, "here", world())]


@pytest.mark.parametrize(
    ("fact", "shape"),
    [
        ({"type": "string", "min": 0, "max": 3}, String(max=3)),
        ({"type": "integer", "format": "int32"}, Integer()),
        ({"type": "integer", "format": "int32"}, Integer(min=-(2**31), max=2**31 - 1)),
        ({"type": "integer", "values": [1]}, Enum("Flag", (1,))),
        (ID | {"null": True}, Nullable(Id())),
        ({"type": "array", "items": KIND_A, "max": 2}, Array(Enum("Kind", (1,)), max=2)),
        ({"type": "ref", "ref": "ARequest"}, Ref("A")),
        (EITHER, Tagged("kind", {1: Ref("A"), 2: Ref("B")})),
        (EITHER, Object({"kind": Enum("Kind", (1, 2))}, {"x": String(max=5)})),
    ],
)
def test_a_shape_that_says_the_same_has_no_differences(fact: Fact, shape: Any) -> None:
    assert [] == _shape(fact, shape)


@pytest.mark.parametrize(
    ("fact", "shape", "difference"),
    [
        ({"type": "string", "max": 3}, String(), "here: limits: official max 3, ours max None"),
        ({"type": "string"}, String(max=3), "here: limits: official max None, ours max 3"),
        ({"type": "integer", "min": 0}, Integer(), "here: limits: official min 0, ours min None"),
        ({"type": "string"}, Integer(), "here: type: official String, ours Integer(min=None, max=None)"),
        ({"type": "string", "null": True}, String(), "here: null: official True, ours False"),
        (ID, Nullable(Id()), "here: null: official False, ours True"),
        (KIND_A, Enum("Kind", (1, 2)), "here: values: official 1, ours 1, 2"),
        (KIND_A, Enum("Sort", (1,)), "here: type: official Kind, ours Sort"),
        (
            {"type": "array", "items": ID, "unique": True},
            Array(Id()),
            "here: limits: official unique True, ours unique False",
        ),
        ({"type": "array", "items": ID}, Array(String()), "here[]: type: official Id, ours String"),
        ({"type": "ref", "ref": "ARequest"}, Ref("B"), "here: type: official A, ours B"),
        (SCHEMAS["ARequest"], Object({"kind": Enum("Kind", (1,))}), "here.x: name: official has it, ours nothing"),
        (
            SCHEMAS["ARequest"],
            Object({}, SHAPES["A"].required | SHAPES["A"].optional),
            "here.kind: required: official True",
        ),
        (EITHER, Tagged("kind", {1: Ref("A")}), "here: values: official 1, 2, ours 1"),
        (EITHER, Tagged("x", {}), "here: type: official told apart by kind, ours by x"),
        (EITHER, String(), "here: type: official ARequest, BRequest, ours String"),
    ],
)
def test_a_shape_that_says_something_else_is_found(fact: Fact, shape: Any, difference: str) -> None:
    found = _shape(fact, shape)

    assert 1 == len(found)
    assert found[0].startswith(difference)


def test_a_schema_behind_a_reference_is_compared_once() -> None:
    fact: Fact = {"type": "array", "items": {"type": "ref", "ref": "BRequest"}}
    other = World(world().facts, {"BRequest": "B", "Kinds": "Kind"}, lambda name: SHAPES["A"])

    found = [d.where for _ in range(2) for d in judge_shapes.compare(fact, Array(Ref("B")), "here", other)]

    assert ["B.kind", "B.x"] == found
