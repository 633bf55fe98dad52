"""Models and enums: every way to differ is found, and the same is no difference."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from tests.tools import judge_models
from tests.tools.official_facts import Fact
from tests.tools_tests.fakes import ID, KIND_A, KIND_B, Kind, Snowflake, world


class Model(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: Snowflake
    kind: Kind | None
    names: list[str] | None = None
    only: Literal[Kind.A] = Kind.A


MODEL: Fact = {
    "type": "object",
    "required": {"id": ID, "kind": {"type": "ref", "ref": "Kinds", "null": True}, "only": KIND_A},
    "optional": {"names": {"type": "array", "items": {"type": "string"}}},
}


def _changed(field: str, fact: Fact, *, required: bool) -> Fact:
    table = {group: {k: v for k, v in MODEL[group].items() if k != field} for group in ("required", "optional")}
    table["required" if required else "optional"][field] = fact
    return {"type": "object", **table}


@pytest.mark.parametrize(
    ("fact", "differences"),
    [
        (MODEL, []),
        (_changed("id", ID, required=False), ["M.id: required"]),
        (_changed("id", {"type": "string"}, required=True), ["M.id: type"]),
        (_changed("kind", {"type": "ref", "ref": "Kinds"}, required=True), ["M.kind: null"]),
        (_changed("kind", {"type": "integer", "null": True}, required=True), ["M.kind: type"]),
        (_changed("only", KIND_B, required=True), ["M.only: values"]),
        (_changed("names", {"type": "array", "items": ID}, required=False), ["M.names[]: type"]),
        (_changed("names", {"type": "string"}, required=False), ["M.names: type"]),
        (_changed("more", ID, required=False), ["M.more: name"]),
    ],
)
def test_each_field_of_a_model_is_judged(fact: Fact, differences: list[str]) -> None:
    found = judge_models.model(fact, Model, "M", world())

    assert differences == [f"{d.where}: {d.aspect}" for d in found]


@pytest.mark.parametrize(
    ("members", "aspects"),
    [
        ({"A": 1, "B": 2}, []),
        ({"A": 1}, ["values"]),
        ({"A": 1, "B": 2, "C": 3}, ["values"]),
        ({"A": 1, "b-c": 2}, ["name"]),
    ],
)
def test_each_member_of_an_enum_is_judged(members: dict[str, int], aspects: list[str]) -> None:
    fact: Fact = {"type": "enum", "of": "integer", "members": members}

    assert aspects == [d.aspect for d in judge_models.enumeration(fact, Kind, "Kind")]
