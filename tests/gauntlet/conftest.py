"""What the gauntlet's tests share: virtual time, a hostile server, and a client with everything switched on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AsyncExitStack
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import pytest

from acord.core import base
from acord.core.http import HTTPClient
from acord.core.transport import HTTPXTransport
from acord.sandbox.faults import Script, Step
from acord.sandbox.scripted import scripted
from acord.testing.canary import watching
from acord.testing.clock import VirtualTime, virtual_time
from tests.core.http_kit import TOKEN, User
from tests.gauntlet.kit import SECRETS, Rest, leaks, leftovers

SPEED = find_spec("aiohttp") is not None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """No test here may print a credential, whatever it prints it with."""
    report = yield
    if report.passed and (found := leaks("".join(text for _, text in report.sections))):
        report.outcome, report.longrepr = "failed", f"shown in the captured output: {[one[:8] for one in found]}"
    return report


@pytest.fixture
async def time() -> AsyncIterator[VirtualTime]:
    """The clock of client and event loop; jumps where all wait."""
    with virtual_time() as made:
        yield made


@pytest.fixture(params=["httpx", pytest.param("aiohttp", marks=pytest.mark.skipif(not SPEED, reason="no aiohttp"))])
def wire(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Makes a transport: each test that uses a client runs over each of them."""
    if request.param == "httpx":
        return HTTPXTransport
    from acord.core.transport_aiohttp import AIOHTTPTransport

    return AIOHTTPTransport


@pytest.fixture
async def rest(
    time: VirtualTime, wire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Any]]:
    """Makes a client of a server with these scripts.  At the end nothing of either may be left."""
    resolve, known = base.resolve, SimpleNamespace(ExampleUser=User)
    monkeypatch.setattr(base, "resolve", lambda returns: resolve(returns, known))
    before = asyncio.all_tasks()
    async with AsyncExitStack() as stack:
        kept = stack.enter_context(watching(*SECRETS))

        async def make(*scripts: Script | Step, tls: Any = None, path: str = "/api", **kwds: Any) -> Rest:
            server = await stack.enter_async_context(scripted(*scripts, tls=tls))
            transport = kwds.setdefault("connector", wire())
            kwds = {"token": TOKEN, "base_url": server.url + path, "clock": time, "random": lambda: 0.5} | kwds
            http = await stack.enter_async_context(HTTPClient(**kwds))
            # A connector that is given belongs to the giver.
            stack.push_async_callback(transport.close)
            for one in (http, transport, http.ratelimiter):
                kept.keep(one)
            return Rest(http, server, time)

        yield make
    assert set() == leftovers(before)
