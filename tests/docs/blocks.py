"""Runs the Python blocks of a page, one after another in one namespace, against the sandbox.

A block may await at its top level, as in Python's asyncio console; ``asyncio.run`` and ``Client.run`` run here;
functions named ``test_...`` are returned.
"""

import ast
import asyncio
import inspect
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from acord import Client, errors, routes
from acord.core import abc
from acord.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    """Every page that is written by hand."""
    roots = [
        path for path in (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")) if path.is_file()
    ]
    return [*roots, *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_make" not in path.parts)]


def blocks(page: Path) -> list[tuple[int, str]]:
    """Line and text of the page's blocks."""
    text = page.read_text(encoding="utf-8")
    return [(text.count("\n", 0, found.start(1)), found[1]) for found in BLOCK.finditer(text)]


async def run_page(
    page: Path, discord: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Callable[..., Any]]:
    """Run all blocks; what remains to be called by a test runner comes back. Listeners are let hear a ``!ping``."""
    clients: list[Client] = []
    started: list[Coroutine[Any, Any, Any]] = []
    (folder / "leaf.txt").write_text("a leaf")
    (folder / "cat.png").write_bytes(b"meow")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DISCORD_TOKEN", discord.token)
    monkeypatch.setattr(abc, "BASE_API_URL", discord.url)
    monkeypatch.setattr(abc, "API_VERSION", abc.API_VERSION)
    monkeypatch.setattr(Client, "run", lambda client: clients.append(client))
    monkeypatch.setattr(asyncio, "run", started.append)
    tests: list[Callable[..., Any]] = []
    async with discord.http() as http:
        monkeypatch.setenv("WEBHOOK_URL", await _webhook_url(http, discord))
        names: dict[str, Any] = {
            "__name__": "page",
            "http": http,
            "routes": routes,
            "errors": errors,
            "discord": discord,
            "token": discord.token,
            "channel_id": int(discord.general),
            "guild_id": int(discord.guild),
            "api_url": discord.url,
            "gateway_url": discord.gateway_url,
        }
        for line, block in blocks(page):
            code = compile(
                "\n" * line + block, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
            )
            result = eval(code, names)  # noqa: S307  # the project's own pages
            if inspect.isawaitable(result):
                await result
            while started:
                await started.pop()
            tests += [names.pop(name) for name in list(names) if name.startswith("test_")]
        todo = [one for one in names.values() if inspect.iscoroutinefunction(one)]
        for client in clients:
            await _heard(client, discord, [one for one in todo if _takes(one, "client")])
        for one in todo:
            if _takes(one, "interaction"):
                await one(await _interaction(http, discord))
    return tests


def _takes(function: Callable[..., Any], name: str) -> bool:
    return list(inspect.signature(function).parameters) == [name]


async def _interaction(http: Any, discord: Sandbox) -> Any:
    """One that was answered, as its event tells of it."""
    app = int(discord.seeds.application_id)
    await http.request(routes.create_application_command(app, name="plant", description="plants a tree", type=1))
    begun = discord.alice.run_command(discord.general, "plant")
    token = list(discord.world.interactions)[-1]
    await http.request(routes.create_interaction_response(begun.id, token, type=4, data={"content": "planted"}))
    return SimpleNamespace(application_id=app, token=token)


async def _webhook_url(http: Any, discord: Sandbox) -> str:
    hook = await http.request(routes.create_webhook(discord.random, name="post"))
    return f"https://discord.com/api/webhooks/{hook.id}/{hook.token}"


async def _heard(client: Client, discord: Sandbox, todo: list[Callable[..., Any]]) -> None:
    """The client at work: it connects, hears somebody say something, and does what the page does with a client."""
    async with client:
        running = asyncio.ensure_future(client.run_forever())
        try:
            await discord.until(lambda: any(one.t == "GUILD_CREATE" for one in discord.frames))
            discord.alice.send(discord.general, "!ping")
            await discord.until(lambda: "pong" in discord.said(discord.general))
            for one in todo:
                doing = asyncio.ensure_future(one(client))
                await asyncio.sleep(0)
                discord.alice.send(discord.general, "and more")
                await doing
        finally:
            await client.close()
            await running
