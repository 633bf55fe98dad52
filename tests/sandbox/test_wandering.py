"""Whatever is asked of the sandbox, in whatever order: no answer that the exported document does not allow, no 5xx."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from acord.routes import OPERATIONS
from acord.sandbox.answers import Answer
from acord.sandbox.rest.api import Api
from acord.sandbox.rest.requests import Request
from acord.sandbox.world.seed import populate
from acord.sandbox.world.state import World
from tests.exported import complaints, event_complaints
from tests.sandbox.wanderer import Wanderer

DEEP = bool(os.environ.get("ACORD_SOAK"))
STEPS = 12
NAMES = sorted(OPERATIONS)


def asked(api: Api, token: str, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
    given = {"host": "localhost", "authorization": f"Bot {token}", **headers}
    return api.answer(Request(method, target, given, body))


@settings(
    max_examples=4_000 if DEEP else 60,
    derandomize=not DEEP,  # the everyday check is the same for all; the long one finds what is new
    phases=list(Phase) if DEEP else [Phase.generate],  # looking for a smaller walk takes minutes
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_no_walk_finds_an_answer_or_an_event_against_the_document(data: Any) -> None:
    world = World(lambda: 1_750_000_000.0)
    token = populate(world).token
    api = Api(world)
    wrong: list[str] = []
    world.listeners.append(lambda told: wrong.extend(event_complaints(told.name, told.data)))
    wanderer = Wanderer(data.draw, world)

    for name in data.draw(st.lists(st.sampled_from(NAMES), min_size=STEPS, max_size=STEPS)):
        method, target, headers, body = wanderer.request(name)
        answer = asked(api, token, method, target, headers, body)
        shown = f"{method} {target} {body!r:.500} -> {answer.status} {answer.body!r:.500}"
        assert answer.status < 500, shown
        assert [] == complaints(name, answer.status, answer.body) + wrong, shown
    assert [] == api.violations


@pytest.mark.parametrize("name", NAMES)
def test_each_operation_stands_some_requests(name: str) -> None:
    told: list[int] = []

    @settings(
        max_examples=500 if DEEP else 4, derandomize=not DEEP, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.data())
    def once(data: Any) -> None:
        world = World(lambda: 1_750_000_000.0)
        token = populate(world).token
        method, target, headers, body = Wanderer(data.draw, world).request(name)
        answer = asked(Api(world), token, method, target, headers, body)
        told.append(answer.status)
        assert answer.status < 500, f"{method} {target} {body!r:.500} -> {answer.body}"
        assert [] == complaints(name, answer.status, answer.body)

    once()
    assert told
