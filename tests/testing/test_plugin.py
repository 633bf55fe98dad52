"""The pytest plugin, as a project of somebody else's would use it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from acord.core.abc import Route
from acord.core.client import Client
from acord.events import MessageCreate, Ready
from acord.routes import messages
from acord.sandbox.rest.api import NoLimits
from acord.sandbox.sandbox import Sandbox
from acord.testing.canary import Canary
from acord.testing.clock import VirtualTime
from tests.interpreter import loaded

pytestmark = pytest.mark.xdist_group("plugin")  # one worker runs the project for all of these


def test_the_plugin_loads_nothing_until_it_is_used() -> None:
    found = loaded("import acord.testing.plugin")

    ours = {name for name in found if name.startswith("acord")}
    assert {"acord", "acord.testing", "acord.testing.plugin"} == ours
    assert set() == found & {"pydantic", "httpx", "websockets", "msgspec", "h11"}


# Here, in this very run


async def test_a_sandbox_and_its_client(sandbox: Sandbox, acord_client: Client, no_leaks: None) -> None:
    @acord_client.on(MessageCreate)
    async def ping(message: MessageCreate) -> None:
        if message.content == "!ping":
            await acord_client.http.request(messages.create_message(message.channel_id, content="pong"))

    await acord_client.wait_for(Ready)
    sandbox.alice.send(sandbox.general, "!ping")
    await sandbox.until(lambda: sandbox.said(sandbox.general)[-1] == "pong")


async def test_with_a_fake_clock_an_hour_is_nothing(
    acord_client: Client, sandbox: Sandbox, fake_clock: VirtualTime
) -> None:
    await sandbox.advance(3600)
    me: Any = await acord_client.http.request(Route("GET", path="/users/@me"))

    assert 3600 <= fake_clock.passed < 3700
    assert "acorn" == me["username"]


async def test_a_canary_logs_in(acord_client: Client, canary: Canary) -> None:
    await acord_client.http.request(Route("GET", path="/users/@me"))

    assert acord_client.token == canary.token
    assert canary.texts


@pytest.mark.sandbox(seed=3, limits=False)
async def test_arguments_come_by_a_marker(sandbox: Sandbox) -> None:
    assert isinstance(sandbox.api.limits, NoLimits)


# In a project of somebody else's, once

PROJECT = """
import asyncio, logging, socket, threading
import pytest
from acord import events
from acord.routes import users

kept = []

@pytest.mark.asyncio
async def test_all(acord_client, sandbox, canary, fake_clock, no_leaks):
    await acord_client.wait_for(events.Ready)
    me = await acord_client.http.request(users.get_my_user())
    assert me.username == "acorn"

@pytest.fixture
def mine(sandbox):
    return sandbox

@pytest.mark.asyncio
async def test_order(mine, acord_client, fake_clock, no_leaks):
    assert asyncio.get_running_loop().is_virtual
    await acord_client.wait_for(events.Ready)

@pytest.mark.asyncio
async def test_a_task(no_leaks):
    kept.append(asyncio.create_task(asyncio.sleep(60), name="forgotten"))

@pytest.mark.asyncio
async def test_a_socket(no_leaks):
    kept.append(socket.socket())

@pytest.mark.asyncio
async def test_a_file(no_leaks):
    kept.append(open(__file__))

@pytest.mark.asyncio
async def test_a_thread(no_leaks):
    threading.Thread(target=threading.Event().wait, name="runaway", daemon=True).start()

def test_a_log(canary):
    logging.getLogger("mine").debug("logging in with %s", canary.token)

def test_a_value(canary):
    canary.keep({"authorization": canary.token})

def test_the_output(canary):
    print(canary.token)

def test_a_secret(canary):
    logging.getLogger("mine").debug("logging in")

@pytest.mark.asyncio
async def test_an_event(sandbox):
    sandbox.world.emit("TYPING_START", {"channel_id": 1})

@pytest.mark.asyncio
async def test_the_specification(sandbox, fake_clock):
    sandbox.api.handlers["get_my_user"] = lambda world, call: {"id": 1}
    async with sandbox.http(clock=fake_clock) as http, http.request(users.get_my_user()) as response:
        assert response.status == 500
"""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What became of each test of the project: nothing, or why it failed. This run is in the other mode, auto."""
    home = tmp_path_factory.mktemp("project")
    (home / "test_bot.py").write_text(PROJECT)
    roots = os.pathsep.join(str(Path(root).resolve()) for root in sys.path if root)
    options = ["-p", "acord.testing.plugin", "-p", "no:randomly", "-p", "no:xdist", "--asyncio-mode=strict"]
    scope = ["-o", "asyncio_default_fixture_loop_scope=function", "--junitxml=report.xml", "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *scope],
        cwd=home,
        env=os.environ | {"PYTHONPATH": roots, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 1 == done.returncode, done.stdout + done.stderr
    cases = ElementTree.parse(home / "report.xml").iter("testcase")
    found: dict[str, str] = {}
    for case in cases:
        found[case.attrib["name"]] = "".join(
            one.attrib["message"] + (one.text or "") for one in case if one.tag != "system-out"
        )
    return found


@pytest.mark.parametrize("name", ["test_all", "test_order", "test_a_secret"])
def test_what_is_right_passes(outcome: dict[str, str], name: str) -> None:
    assert "" == outcome[name]


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("test_a_task", "the task 'forgotten', sleep at tasks.py"),
        ("test_a_socket", "the socket "),
        ("test_a_file", "the file "),
        ("test_a_thread", "the thread 'runaway'"),
    ],
)
def test_what_is_left_behind_fails_the_test_and_is_named(outcome: dict[str, str], name: str, left: str) -> None:
    assert "the test left behind:" in outcome[name]
    assert left in outcome[name]


@pytest.mark.parametrize("name", ["test_a_log", "test_a_value", "test_the_output"])
def test_a_secret_that_is_shown_fails_the_test(outcome: dict[str, str], name: str) -> None:
    assert "a credential (canary...) was shown:" in outcome[name]
    assert "<THE SECRET>" in outcome[name]


def test_an_answer_or_an_event_against_the_specification_fails_the_test(outcome: dict[str, str]) -> None:
    assert "SpecViolation: get_my_user: " in outcome["test_the_specification"]
    assert "SpecViolation: TYPING_START: " in outcome["test_an_event"]
