"""Fixtures of the core's tests."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any

import pytest

from acord.core import base
from acord.core.http import HTTPClient
from acord.sandbox.faults import Step
from acord.sandbox.scripted import scripted
from tests.core.http_kit import TOKEN, Rest, User


@pytest.fixture
async def rest(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Any]]:
    """Makes a client of a server with these scripts; both end with the test.  `ExampleUser` is a model's name."""
    resolve, known = base.resolve, SimpleNamespace(ExampleUser=User)
    monkeypatch.setattr(base, "resolve", lambda returns: resolve(returns, known))
    async with AsyncExitStack() as stack:

        async def make(*scripts: Step, **kwds: Any) -> Rest:
            server = await stack.enter_async_context(scripted(*scripts))
            # Limits and repeated attempts are what the gauntlet is about.
            alone = {"ratelimiter": None, "decide": lambda attempt: None}
            kwds = {"token": TOKEN, "base_url": f"{server.url}/api"} | alone | kwds
            return Rest(await stack.enter_async_context(HTTPClient(**kwds)), server)

        yield make
