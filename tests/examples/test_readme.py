"""What the README shows runs as it stands there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from acord import Client
from acord.core import abc
from acord.sandbox.faults import Peer, answer
from acord.sandbox.scripted import scripted
from acord.sandbox.scripted_gateway import GatewayPeer, scripted_gateway
from tests.examples.test_tour import TOKEN, discord
from tests.gateway.test_client import message
from tests.turning import until

BLOCKS = re.findall(r"```python\n(.*?)```", (Path(__file__).parents[2] / "README.md").read_text(), re.DOTALL)


def run(block: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile(block, "README.md", "exec"), names)  # noqa: S102  # the README's own text
    return names


def test_the_readme_shows_a_call_and_a_bot() -> None:
    assert ["asyncio.run(main())", "client.run()"] == [block.splitlines()[-1] for block in BLOCKS]


async def test_the_call_prints_who_it_is_where_it_is_and_what_was_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def script(peer: Peer) -> None:
        answers = {
            "/v10/users/@me": answer(200, {"id": "1180000000000000001", "username": "acorn"}),
            "/v10/users/@me/guilds": answer(200, [{"id": "2", "name": "The Oak"}]),
            "/v10/channels/1/messages": answer(404, {"code": 10003, "message": "Unknown Channel"}),
        }
        await answers[peer.request.target](peer)

    started: list[Coroutine[Any, Any, None]] = []
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setattr(asyncio, "run", started.append)
    run(BLOCKS[0])
    async with scripted(script) as server:
        monkeypatch.setattr(abc, "BASE_API_URL", server.url)
        await started[0]

    me, guild, refused = capsys.readouterr().out.splitlines()
    assert me.startswith("I am acorn since 2023-")
    assert ["The Oak", "UNKNOWN_CHANNEL Unknown Channel"] == [guild, refused]


async def test_the_bot_answers_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        await peer.send(0, message(content="!ping"), 2, "MESSAGE_CREATE")
        await peer.gone()

    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setattr(Client, "run", lambda self: None)
    client: Client = run(BLOCKS[1])["client"]
    async with scripted_gateway(script) as socket, scripted(discord(socket.url)) as server:
        monkeypatch.setattr(abc, "BASE_API_URL", server.url)
        async with client:
            running = asyncio.ensure_future(client.run_forever())
            async with asyncio.timeout(20):
                await until(lambda: any(one.method == "POST" for one in server.seen))
            await client.close()
            await running

    assert b'"content":"pong"' in next(one.body for one in server.seen if one.method == "POST")
