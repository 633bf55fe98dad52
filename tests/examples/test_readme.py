"""The README's blocks, carried out against the sandbox."""

import asyncio
import re
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from acord import Client
from acord.core import abc
from acord.sandbox import Sandbox

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def run(block: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile(block, "README.md", "exec"), names)  # noqa: S102  # the README's own text
    return names


@pytest.fixture(autouse=True)
def address(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abc, "BASE_API_URL", sandbox.url)
    monkeypatch.setenv("DISCORD_TOKEN", sandbox.token)


def test_the_readme_is_short() -> None:
    assert 180 >= len(README.read_text().splitlines())


def test_the_readme_shows_a_call_of_twelve_lines_and_a_bot_of_fifteen() -> None:
    call, bot = ([line for line in block.splitlines() if line] for block in BLOCKS)
    assert 12 >= len(call) and 15 >= len(bot)


def test_the_readme_shows_a_call_and_a_bot() -> None:
    assert ["asyncio.run(main())", "client.run()"] == [block.splitlines()[-1] for block in BLOCKS]


async def test_the_call_prints_who_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    started: list[Coroutine[Any, Any, None]] = []
    monkeypatch.setattr(asyncio, "run", started.append)
    run(BLOCKS[0])
    await started[0]

    assert capsys.readouterr().out.startswith("I am acorn since 2023-")


async def test_the_bot_answers_a_message(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "run", lambda self: None)
    client: Client = run(BLOCKS[1])["client"]

    async with client:
        running = asyncio.ensure_future(client.run_forever())
        await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
        sandbox.alice.send(sandbox.general, "!ping")
        await sandbox.until(lambda: sandbox.said(sandbox.general)[-1] == "pong")
    await running
