"""The page that shows what users type, carried out against the sandbox."""

import asyncio
import runpy
from pathlib import Path
from typing import Any

import pytest

from acord import Client
from acord.core import abc
from acord.sandbox import Sandbox

TOUR = Path(__file__).parents[2] / "examples" / "tour.py"


@pytest.fixture
async def tour(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """The names of the page, all but its last line carried out."""
    (tmp_path / "cat.png").write_bytes(b"meow")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCORD_TOKEN", sandbox.token)
    monkeypatch.setattr(abc, "BASE_API_URL", sandbox.url)
    sandbox.endpoint("GET", "/channels/{channel_id}/brand-new-thing", {"new": True})
    runs: list[Client] = []
    monkeypatch.setattr(Client, "run", lambda self: runs.append(self))
    text = TOUR.read_text().replace('Token.bot("...")', f"Token.bot({sandbox.token!r})")
    (tmp_path / "tour.py").write_text(text)
    names = runpy.run_path(str(tmp_path / "tour.py"))
    assert [names["client"]] == runs
    return names


async def test_the_first_half_talks_to_the_rest_api(
    tour: dict[str, Any], sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    for n in range(150):
        sandbox.bob.send(sandbox.random, f"message {n}")

    await tour["rest"](int(sandbox.random))

    said = capsys.readouterr().out.splitlines()
    assert [f"message {n}" for n in reversed(range(150))] == said[:-1]
    assert "UNKNOWN_MESSAGE DELETE /channels/{}/messages/{} {}" == said[-1]
    (deleted,) = [one for one in sandbox.requests if one.operation == "delete_message" and one.status == 204]
    assert "spam" == deleted.headers["x-audit-log-reason"]
    (upload,) = [one for one in sandbox.requests if one.operation == "create_message"]
    assert ("hi", "cat.png") == (upload.body["content"], upload.answer["attachments"][0]["filename"])


async def test_the_second_half_answers_a_message(tour: dict[str, Any], sandbox: Sandbox) -> None:
    async with tour["client"] as client:
        running = asyncio.ensure_future(client.run_forever())
        await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
        sandbox.alice.send(sandbox.general, "hello")
        sandbox.alice.send(sandbox.general, "!ping")
        await sandbox.until(lambda: sandbox.said(sandbox.general)[-1] == "pong")
    await running

    assert ["hello", "!ping", "pong"] == sandbox.said(sandbox.general)[-3:]
