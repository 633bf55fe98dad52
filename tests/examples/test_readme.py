"""The bot that the README shows answers as it stands there."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from acord import Client
from acord.core import abc
from tests.examples.test_tour import TOKEN, discord
from tests.gateway.scripted import Peer, gateway
from tests.gateway.test_client import message
from tests.loopback import serve, until

BLOCKS = re.findall(r"```python\n(.*?)```", (Path(__file__).parents[2] / "README.md").read_text(), re.DOTALL)


def run(block: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile(block, "README.md", "exec"), names)  # noqa: S102  # the README's own text
    return names


def test_the_readme_shows_a_call_and_a_bot() -> None:
    assert ["asyncio.run(main())", "client.run()"] == [block.splitlines()[-1] for block in BLOCKS]


async def test_the_bot_answers_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(peer: Peer) -> None:
        await peer.ready()
        await peer.send(0, message(content="!ping"), 2, "MESSAGE_CREATE")
        await peer.gone()

    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setattr(Client, "run", lambda self: None)
    client: Client = run(BLOCKS[1])["client"]
    async with gateway(script) as socket, serve(discord(socket.url)) as server:
        monkeypatch.setattr(abc, "BASE_API_URL", server.url)
        async with client:
            running = asyncio.ensure_future(client.run_forever())
            async with asyncio.timeout(20):
                await until(lambda: any(one.method == "POST" for one in server.seen))
            await client.close()
            await running

    assert b'"content":"pong"' in next(one.body for one in server.seen if one.method == "POST")
