"""Answers of the official document, and tomorrow's, against the generated models: they load and come back as they were.

The samples come from the facts alone (tests/tools/samples.py), so that a mistake of the generator cannot hide in them.
"""

from __future__ import annotations

import itertools
import json
from datetime import datetime
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given

from acord.core import base
from tests.tools.effort import PATIENCE, effort
from tests.tools.facts import JSON, official
from tests.tools.official_facts import Fact, is_list, is_object
from tests.tools.samples import samples, tomorrows

routes: Any = import_module("acord.routes")

pytestmark = PATIENCE
FEW = effort(3, soak=60)
CHUNKS = 6
CHANGES = 40  # of one sample; the shortest paths come first

ANSWERS = [
    (name, int(status), contents[JSON])
    for name, operation in official().operations.items()
    for status, contents in operation["answers"].items()
    if JSON in contents
]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_valid_answer_loads_without_drift_and_is_dumped_as_it_came(chunk: int) -> None:
    for name, status, fact in ANSWERS[chunk::CHUNKS]:
        _round_trips(name, routes.OPERATIONS[name].returns[status], fact)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_answer_of_tomorrow_loads(chunk: int) -> None:
    for name, status, fact in ANSWERS[chunk::CHUNKS]:
        _loads_tomorrow(name, routes.OPERATIONS[name].returns[status], fact)


def _round_trips(name: str, returns: str, fact: Fact) -> None:
    @FEW
    @given(samples(fact))
    def judge(sample: Any) -> None:
        drift: list[Any] = []

        value = base.load(returns, json.dumps(sample), on_drift=drift.append)

        # That a whole list may be null is corrected in spec/overlay.yaml: it comes back as it is, and is said.
        assert sample is None or [] == drift, name
        assert _comparable(sample) == _comparable(_dumped(value)), name

    judge()


def _loads_tomorrow(name: str, returns: str, fact: Fact) -> None:
    @FEW
    @given(samples(fact))
    def judge(sample: Any) -> None:
        for tomorrow in itertools.islice(tomorrows(fact, sample), CHANGES):
            value = base.load(returns, json.dumps(tomorrow.sample))

            assert _comparable(tomorrow.sample) == _comparable(_dumped(value)), (name, tomorrow.changes)

    judge()


def _dumped(value: Any) -> Any:
    """A loaded value as JSON: models by their own `dump`."""
    if is_list(value):
        return [_dumped(item) for item in value]
    if is_object(value):
        return {key: _dumped(item) for key, item in value.items()}
    return value.dump() if isinstance(value, base.Model) else value


def _comparable(value: Any) -> Any:
    """JSON with ids and times apart from their spelling, which alone may differ between received and dumped."""
    if is_list(value):
        return [_comparable(item) for item in value]
    if is_object(value):
        return {key: _comparable(item) for key, item in value.items()}
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    if isinstance(value, str) and "T" in value:
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return value
    return value
