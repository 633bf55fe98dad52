"""The commands, run as a shell would run them, in a thread beside the sandbox's event loop."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from acord.__main__ import main
from acord.sandbox import Sandbox


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


def files(folder: Path) -> list[Path]:
    """What lies in a folder."""
    return list(folder.iterdir())


Acord = Callable[..., Awaitable[Done]]


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """No token and no address but what a test gives."""
    for name in ("DISCORD_TOKEN", "ACORD_BASE_URL", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def alone(clean: None, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run a command that talks to nobody."""

    def run(*args: str) -> Done:
        code = main(args)
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def acord(clean: None, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Acord:
    """Run a command against the sandbox, with its bot's token in the environment."""
    monkeypatch.setenv("DISCORD_TOKEN", sandbox.token)
    monkeypatch.setenv("ACORD_BASE_URL", sandbox.url)

    async def run(*args: str) -> Done:
        code = await asyncio.to_thread(main, args)
        return Done(code, *capsys.readouterr())

    return run
