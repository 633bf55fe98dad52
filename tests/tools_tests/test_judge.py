"""What the judges share: the widest fact, bodies as one object, and what a correction explains."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.judge import Difference, Overlay, flat, unexplained, widest
from tests.tools_tests.fakes import EITHER, KIND_A, KIND_B, world


def test_the_widest_of_several_facts_allows_what_each_allows() -> None:
    facts = world().facts

    assert {"type": "string", "min": 1, "max": 5} == widest(
        facts, [{"type": "string", "min": 1, "max": 3}, {"type": "string", "min": 2, "max": 5}]
    )
    assert {"type": "string", "null": True} == widest(
        facts, [{"type": "string", "max": 3, "null": True}, {"type": "string"}]
    )
    assert [1, 2] == widest(facts, [KIND_A, KIND_B])["values"]
    assert ["string", "integer"] == [
        a["type"] for a in widest(facts, [{"type": "string"}, {"type": "integer"}])["arms"]
    ]


def test_a_union_of_bodies_becomes_one_object() -> None:
    body = flat(world().facts, EITHER)

    assert body is not None
    assert (["kind"], ["x"]) == (list(body["required"]), list(body["optional"]))
    assert 5 == body["optional"]["x"]["max"]


OVERLAY = """
corrections:
- where: A.x
  optional: true
- where: "* returns"
  null: false
- where: do_it query:from
  type: string
"""


@pytest.mark.parametrize(
    ("where", "aspect", "explained"),
    [
        ("A.x", "required", True),
        ("A.x", "null", False),
        ("A.y", "required", False),
        ("any_operation returns", "null", True),
        ("any_operation returns[]", "null", False),
        ("do_it query:from", "limits", True),
        ("do_it query:to", "limits", False),
    ],
)
def test_a_correction_explains_what_it_corrects_and_nothing_else(
    where: str, aspect: str, explained: bool, tmp_path: Path
) -> None:
    (tmp_path / "overlay.yaml").write_text(OVERLAY)
    overlay = Overlay.load(tmp_path / "overlay.yaml")
    difference = Difference(where, aspect, True, False)

    assert ([] if explained else [f"{where}: {aspect}: official True, ours False"]) == unexplained(
        [difference], overlay
    )
