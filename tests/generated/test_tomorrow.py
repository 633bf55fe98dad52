"""Answers as a later Discord may send them: every model, changed at random places, loads and is dumped as it came.

Samples and changes come from the official document's facts.  ``ACORD_SOAK=1`` draws a hundred of each model, at random.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from importlib import import_module
from typing import Any, Literal, get_origin

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from acord.core import base
from tests.tools.facts import official
from tests.tools.official_facts import is_list, is_object
from tests.tools.samples import Path, Tomorrow, mutate_tomorrow, samples, tomorrows

models: Any = import_module("acord.models")

SOAK = os.environ.get("ACORD_SOAK") == "1"
CHUNKS = 6
MODELS = [
    (official_name, name)
    for official_name, name in sorted(models.OFFICIAL.items())
    if official().resolve(official().schemas[official_name])["type"] == "object"
    and issubclass(getattr(models, name), base.Model)
]
# What a later Discord may do without contradicting anything that it says today.
OPEN = {"unknown field", "unknown enum value", "unknown union arm", "flag bit above 53", "integer id"}


def days(examples: int) -> settings:
    return settings(
        max_examples=100 if SOAK else examples,
        deadline=None,
        database=None,
        derandomize=not SOAK,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        phases=[Phase.generate, Phase.shrink] if SOAK else [Phase.generate],
    )


@st.composite
def later(draw: st.DrawFn, name: str) -> Tomorrow:
    return draw(mutate_tomorrow(name, draw(samples(name))))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_model_of_tomorrow_loads_and_is_dumped_as_it_came(chunk: int) -> None:
    for official_name, name in MODELS[chunk::CHUNKS]:
        _survives(official_name, name)


def test_every_kind_of_change_is_made() -> None:
    made: set[str] = set()

    @days(20)
    @given(samples("MessageResponse"))
    def collect(sample: Any) -> None:
        made.update(how for change in tomorrows("MessageResponse", sample) for _, how in change.changes)

    collect()

    assert len(MODELS) > 200
    assert made == OPEN | {"null", "absence"}


def _survives(official_name: str, name: str) -> None:
    @days(6)
    @given(later(official_name))
    def judge(tomorrow: Tomorrow) -> None:
        drift: list[base.Drift] = []

        value = base.load(name, json.dumps(tomorrow.sample), on_drift=drift.append)

        assert type(value) is getattr(models, name)
        assert _comparable(tomorrow.sample) == _comparable(value.dump()), (name, tomorrow.changes)
        if all(how in OPEN and not _is_tag(name, path) for path, how in tomorrow.changes):
            assert [] == drift, (name, tomorrow.changes)

    judge()


def _is_tag(name: str, path: Path) -> bool:
    """Whether a place holds what tells a model apart in its union: with another value it is another one."""
    fields = getattr(models, name).model_fields
    return len(path) == 1 and path[0] in fields and get_origin(fields[path[0]].annotation) is Literal


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
