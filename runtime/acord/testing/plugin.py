"""A pytest plugin, found by itself where ACord is installed. It costs nothing until a fixture of it is used.

======================  ================================================================================
``sandbox``             a Discord on loopback (`acord.sandbox.Sandbox`), entered; the test fails where the sandbox
                        contradicts the specification. ``@pytest.mark.sandbox(seed=1, limits=False)`` passes arguments.
``acord_client``        a `Client` of that sandbox, entered, with all intents; its gateway opens when events are asked
                        for. ``@pytest.mark.acord_client(intents=...)`` passes arguments.
``fake_clock``          virtual time (`acord.testing.clock.VirtualTime`): the event loop's clock jumps over every wait.
``no_leaks``            fails a test that leaves tasks, threads, sockets or files behind.
``canary``              a secret (`acord.testing.canary.Canary`): fails a test that logs, prints or raises it.
                        With it, ``acord_client`` logs in by ``canary.token``.
======================  ================================================================================

The asynchronous ones (all but ``canary``) need pytest-asyncio, or anyio's plugin.
"""

import sys
from collections.abc import AsyncGenerator, Callable, Generator
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest

if TYPE_CHECKING:
    from acord.core.client import Client
    from acord.sandbox.sandbox import Sandbox
    from acord.testing.canary import Canary
    from acord.testing.clock import VirtualTime

__all__ = ["acord_client", "canary", "fake_clock", "no_leaks", "sandbox"]

# Set up in this order whatever a test says, and taken down in the other: what comes first sees what the rest leave.
_ORDER = ("no_leaks", "fake_clock", "canary", "sandbox", "acord_client")
F = TypeVar("F", bound=Callable[..., Any])

BEGAN = 1_750_000_000.0  # wall time of a sandbox under virtual time: June 2025


def _fixture(function: F) -> F:
    """A fixture that is a coroutine: pytest-asyncio, in strict mode, runs only those that are marked as its own."""
    home: Any = import_module("pytest_asyncio") if find_spec("pytest_asyncio") else pytest
    return cast(F, home.fixture(function))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sandbox(**arguments): arguments of the Sandbox behind the fixture `sandbox`")
    config.addinivalue_line("markers", "acord_client(**arguments): arguments of the Client behind `acord_client`")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Put our fixtures before the test's own of the same scope, in the order that they need."""
    names: list[str] | None = getattr(item, "fixturenames", None)
    if names is None or not (ours := [name for name in _ORDER if name in names]):
        return
    known: dict[str, Any] = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    wide = [name for name in names if name not in ours and name in known and known[name][-1].scope != "function"]
    names[:] = [*wide, *ours, *(name for name in names if name not in ours and name not in wide)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test with a canary may not print the secret, whatever it prints it with."""
    report = yield
    machinery: Any = sys.modules.get("acord.testing.canary")
    if machinery is None or not report.passed:
        return report
    secret: Any = getattr(item, "funcargs", {}).get("canary")
    if isinstance(secret, machinery.Canary):
        problem: str | None = secret.problem("".join(text for _, text in report.sections))
        if problem is not None:
            report.outcome, report.longrepr = "failed", f"in the captured output {problem}"
    return report


@pytest.fixture
def canary() -> "Generator[Canary]":
    """A secret that fails the test where anything shows it: logs, reprs, errors, output."""
    from acord.testing.canary import watching

    with watching() as made:
        yield made


@_fixture
async def fake_clock() -> "AsyncGenerator[VirtualTime]":
    """The clock of the event loop and of `acord_client`: it jumps to the next timer when all wait."""
    from acord.testing.clock import virtual_time

    with virtual_time() as time:
        yield time


@_fixture
async def no_leaks() -> AsyncGenerator[None]:
    """Fails a test that leaves tasks, threads, sockets or files behind."""
    from acord.testing.leftovers import Snapshot

    before = Snapshot()
    yield
    if left := await before.left():
        pytest.fail("the test left behind:\n" + "\n".join(f"  {one}" for one in left), pytrace=False)


@_fixture
async def sandbox(request: pytest.FixtureRequest) -> "AsyncGenerator[Sandbox]":
    """A Discord on loopback; the test fails where its answers or events contradict the specification."""
    from acord.events import EVENTS
    from acord.sandbox.judge import problems
    from acord.sandbox.rest.api import Violation
    from acord.sandbox.sandbox import Sandbox
    from acord.sandbox.world.state import Happening

    def judge(told: Happening) -> None:
        kind = EVENTS.get(told.name)
        found = ("no such event",) if kind is None else problems(kind, told.data)
        if found:
            discord.api.violations.append(Violation(told.name, found))

    options = _marked(request, "sandbox")
    if (clock := _used(request, "fake_clock")) is not None:
        options.setdefault("wall", lambda: BEGAN + clock.passed)
    async with Sandbox(**options) as discord:
        discord.world.listeners.append(judge)
        if (secret := _used(request, "canary")) is not None:
            discord.world.accounts[secret.token] = discord.world.accounts[discord.token]
        yield discord


@_fixture
async def acord_client(request: pytest.FixtureRequest, sandbox: "Sandbox") -> "AsyncGenerator[Client]":
    """A client of the sandbox, entered; its gateway opens when it is asked for events."""
    from acord.core.signals.gateway import Intents

    options = {"intents": Intents.all()} | _marked(request, "acord_client")
    shared: dict[str, Any] = {}
    if (secret := _used(request, "canary")) is not None:
        shared["token"] = secret.token
    if (clock := _used(request, "fake_clock")) is not None:
        shared["clock"] = clock
    options.setdefault("http", sandbox.http(**shared))
    async with sandbox.client(**(shared | options)) as client:
        yield client


def _marked(request: Any, name: str) -> dict[str, Any]:
    """The arguments of a marker; those of the nearest one win."""
    found: dict[str, Any] = {}
    for marker in request.node.iter_markers(name):
        found = dict(marker.kwargs) | found
    return found


def _used(request: Any, name: str) -> Any:
    """A fixture that the test asks for, too; None where it does not."""
    return request.node.funcargs.get(name) if name in request.fixturenames else None
