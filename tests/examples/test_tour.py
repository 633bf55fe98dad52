"""The page that shows everything runs, against a REST API and a gateway on this machine."""

import asyncio
import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from acord import Client
from acord.core import abc
from acord.sandbox.faults import Peer, Step, answer
from acord.sandbox.scripted import scripted
from acord.sandbox.scripted_gateway import GatewayPeer, scripted_gateway
from tests.gateway.test_client import message
from tests.turning import until

TOUR = Path(__file__).parents[2] / "examples" / "tour.py"
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.abcdefghijklmnopqrstuvwxyz012345"
GONE = {"code": 10008, "message": "Unknown Message"}


def discord(gateway_url: str) -> Step:
    """A REST API that knows what the page asks for."""
    start = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
    pages = [[message(id=str(1000 - n)) for n in range(100)], [message(id="7", content="the oldest")]]

    async def script(peer: Peer) -> None:
        seen = peer.request
        target = seen.target.removeprefix("/v10")
        answers: dict[tuple[str, str], Step] = {
            ("POST", "/channels/6/messages"): answer(200, message()),
            ("DELETE", "/channels/6/messages/5"): answer(204),
            ("DELETE", "/channels/6/messages/1"): answer(404, GONE),
            ("GET", "/channels/6/brand-new-thing"): answer(200, {"new": True}),
            ("GET", "/users/@me"): answer(200, {"id": "1"}),
            ("GET", "/gateway/bot"): answer(200, {"url": gateway_url, "shards": 1, "session_start_limit": start}),
        }
        if target.startswith("/channels/6/messages?"):
            await answer(200, pages.pop(0) if pages else [])(peer)
        elif target == "/channels/6/messages" and seen.method == "GET":
            await answer(200, [])(peer)
        else:
            await answers[seen.method, target](peer)

    return script


@pytest.fixture
def tour(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """The names of the page, all but its last line carried out."""
    (tmp_path / "cat.png").write_bytes(b"meow")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    runs: list[Client] = []
    monkeypatch.setattr(Client, "run", lambda self: runs.append(self))
    names = runpy.run_path(str(TOUR))
    assert [names["client"]] == runs
    return names


async def test_the_first_half_talks_to_the_rest_api(
    tour: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with scripted(discord("ws://127.0.0.1:1")) as server:
        monkeypatch.setattr(abc, "BASE_API_URL", server.url)
        await tour["rest"](6)

    said = capsys.readouterr().out.splitlines()
    assert "the oldest" == said[-2]
    assert "UNKNOWN_MESSAGE DELETE /channels/{}/messages/{} {}" == said[-1]
    upload = server.seen[0]
    assert b"meow" in upload.body and b'"content":"hi"' in upload.body.replace(b" ", b"")
    assert "spam" == server.seen[1].headers["x-audit-log-reason"]


async def test_the_second_half_answers_a_message(tour: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        await peer.send(0, message(content="hello"), 2, "MESSAGE_CREATE")
        await peer.send(0, message(content="!ping"), 3, "MESSAGE_CREATE")
        await peer.gone()

    async with scripted_gateway(script) as socket, scripted(discord(socket.url)) as server:
        monkeypatch.setattr(abc, "BASE_API_URL", server.url)
        async with tour["client"] as client:
            running = asyncio.ensure_future(client.run_forever())
            async with asyncio.timeout(20):
                await until(lambda: any(one.method == "POST" for one in server.seen))
            await client.close()
            await running

    posts = [one for one in server.seen if one.method == "POST"]
    assert ["pong"] == [json.loads(one.body)["content"] for one in posts]
    assert TOKEN == socket.sent(2)[0]["token"]
