"""The program on each operation's page runs, and calls that operation."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from acord.events import EVENTS
from acord.routes import OPERATIONS
from acord.sandbox import Sandbox
from docs._make.events import is_message, listener
from docs._make.examples import example
from docs._make.operations import resources


@pytest.mark.parametrize("resource", sorted(resources()))
async def test_the_examples_of_a_resource_run(resource: str, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str | None] = []
    left = Sandbox.__aexit__

    async def leaving(discord: Sandbox, *error: Any) -> None:
        called.extend(request.operation for request in discord.requests if request.status and request.status < 300)
        await left(discord, *error)

    monkeypatch.setattr(Sandbox, "__aexit__", leaving)
    started: list[Coroutine[Any, Any, None]] = []
    monkeypatch.setattr(asyncio, "run", started.append)

    for name in resources()[resource]:
        exec(compile(example(name), f"{name}.md", "exec"), {"__name__": "page"})  # noqa: S102  # our own text
        await started.pop()
        assert called and called[-1] == name, f"{name} was not what answered last: {called}"
        called.clear()


@pytest.mark.parametrize("name", sorted(name for name in EVENTS if not is_message(name)))
async def test_the_listener_of_an_events_page_is_one_that_its_intents_serve(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "nobodys")
    kind = EVENTS[name]
    names: dict[str, Any] = {"__name__": "page"}

    exec(compile(listener(name, kind.__name__), f"{name}.md", "exec"), names)  # noqa: S102  # our own text

    assert 1 == len(list(names["client"]._subscriptions.find(names["heard"])))


def test_every_operation_has_an_example_and_a_place() -> None:
    assert sorted(OPERATIONS) == sorted(name for names in resources().values() for name in names)
