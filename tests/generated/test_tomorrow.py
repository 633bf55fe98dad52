"""Answers as a later Discord may send them: every model, changed at random places, loads and is dumped as it came.

Samples and changes come from the official document's facts.  ``ACORD_SOAK=1`` draws a hundred of each model, at random.
"""

from __future__ import annotations

import json
from datetime import datetime
from importlib import import_module
from typing import Any, Literal, get_origin

import pytest
from hypothesis import given, strategies as st

from acord.core import base
from tests.tools.effort import PATIENCE, effort
from tests.tools.facts import official
from tests.tools.official_facts import is_list, is_object
from tests.tools.samples import Path, Tomorrow, mutate_tomorrow, samples, tomorrows

models: Any = import_module("acord.models")

pytestmark = PATIENCE
CHUNKS = 6
MODELS = [
    (official_name, name)
    for official_name, name in sorted(models.OFFICIAL.items())
    if official().resolve(official().schemas[official_name])["type"] == "object"
    and issubclass(getattr(models, name), base.Model)
]
# What a later Discord may do without contradicting anything that it says today.
OPEN = {"unknown field", "unknown enum value", "unknown union arm", "flag bit above 53", "integer id"}


@st.composite
def later(draw: st.DrawFn, name: str) -> Tomorrow:
    return draw(mutate_tomorrow(name, draw(samples(name))))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_model_of_tomorrow_loads_and_is_dumped_as_it_came(chunk: int) -> None:
    for official_name, name in MODELS[chunk::CHUNKS]:
        _survives(official_name, name)


def test_every_kind_of_change_is_made() -> None:
    made: set[str] = set()

    @effort(20, soak=100)
    @given(samples("MessageResponse"))
    def collect(sample: Any) -> None:
        made.update(how for change in tomorrows("MessageResponse", sample) for _, how in change.changes)

    collect()

    assert len(MODELS) > 200
    assert made == OPEN | {"null", "absence"}


def _survives(official_name: str, name: str) -> None:
    @effort(6, soak=100)
    @given(later(official_name))
    def judge(tomorrow: Tomorrow) -> None:
        drift: list[base.Drift] = []

        value = base.load(name, json.dumps(tomorrow.sample), on_drift=drift.append)

        assert type(value) is getattr(models, name)
        assert _comparable(tomorrow.sample) == _comparable(value.dump()), (name, tomorrow.changes)
        if all(how in OPEN and not _is_tag(value, path) for path, how in tomorrow.changes):
            assert [] == drift, (name, tomorrow.changes)

    judge()


def _is_tag(value: Any, path: Path) -> bool:
    """Whether a place holds what tells a model apart in a union: with another value it is another one."""
    for part in path[:-1]:
        value = getattr(value, part) if isinstance(value, base.Model) and isinstance(part, str) else value[part]
    fields = type(value).model_fields if isinstance(value, base.Model) else {}
    return path[-1] in fields and get_origin(fields[str(path[-1])].annotation) is Literal


def _comparable(value: Any) -> Any:
    """JSON with ids and times apart from their spelling, which alone may differ between received and dumped."""
    if is_list(value):
        return [_comparable(item) for item in value]
    if is_object(value):
        return {key: _comparable(item) for key, item in value.items()}
    if isinstance(value, bool):
        return str(value)  # is equal to no number
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    if isinstance(value, str) and "T" in value:
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return value
    return value
