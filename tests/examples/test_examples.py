"""Every example, carried out against the sandbox."""

import ast
import asyncio
import json
import re
import runpy
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from acord import Client
from acord.core import abc, decoders
from acord.sandbox import GatewayOptions, Sandbox

FOLDER = Path(__file__).parents[2] / "examples"
# These two have tests of their own.
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in ("demo", "tour"))


@pytest.fixture(autouse=True)
def address(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(abc, "BASE_API_URL", sandbox.url)
    monkeypatch.setenv("DISCORD_TOKEN", sandbox.token)
    monkeypatch.chdir(tmp_path)


def example(name: str) -> dict[str, Any]:
    """The names of an example, which has not been started."""
    return runpy.run_path(str(FOLDER / f"{name}.py"), run_name=name)


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def printed(capsys: pytest.CaptureFixture[str], *wanted: str) -> Callable[[], bool]:
    """Says whether all these were printed, by now."""
    said: list[str] = []

    def look() -> bool:
        said.append(capsys.readouterr().out)
        return all(one in "".join(said) for one in wanted)

    return look


@asynccontextmanager
async def running(name: str, sandbox: Sandbox) -> AsyncGenerator[dict[str, Any]]:
    """A bot among the examples, at work."""
    names = example(name)
    client: Client = names["client"]
    async with client:
        task = asyncio.ensure_future(client.run_forever())
        await sandbox.until(lambda: any(one.t == "READY" for one in sandbox.frames))
        yield names
    await task


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_short_and_says_how_to_run_it(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text()

    said = ast.get_docstring(ast.parse(text)) or ""
    assert f"python examples/{name}.py" in said
    assert len(text.splitlines()) <= 75


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_a_test(name: str) -> None:
    assert re.search(rf'"{name}(\.py)?"', Path(__file__).read_text())


async def test_the_ping_bot_answers(sandbox: Sandbox) -> None:
    async with running("ping_bot", sandbox):
        await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
        sandbox.alice.send(sandbox.general, "ping")
        sandbox.alice.send(sandbox.general, "!ping")
        await sandbox.until(lambda: sandbox.said(sandbox.general)[-1] == "pong")

    assert ["ping", "!ping", "pong"] == sandbox.said(sandbox.general)[-3:]


async def test_the_slash_command_is_registered_and_answered(sandbox: Sandbox) -> None:
    async with running("slash_command", sandbox):
        await sandbox.until(lambda: "greet" in sandbox.bob.commands(sandbox.general))
        interaction = sandbox.bob.run_command(sandbox.general, "greet", name="Alice")
        await sandbox.until(lambda: interaction.response)

    assert interaction.response is not None
    assert "Hello Alice!" == interaction.response.content


async def test_the_moderation_watcher_says_who_did_what(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    from acord.routes import ban_user_from_guild, unban_user_from_guild

    async with running("moderation_watcher", sandbox), sandbox.http() as http:
        await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
        await http.request(ban_user_from_guild(sandbox.guild, sandbox.bob.id, reason="spam"))
        await http.request(unban_user_from_guild(sandbox.guild, sandbox.bob.id))
        # That an event was sent does not say that it was read.
        wanted = (f"guild {sandbox.guild}  'bob' is banned", f"of {sandbox.bob.id} by ", "because: 'spam'")
        await sandbox.until(printed(capsys, *wanted))


async def test_the_export_holds_every_message(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for n in range(230):
        sandbox.bob.send(sandbox.random, f"message {n}")

    await example("bulk_export")["main"](sandbox.random, "messages.jsonl")

    (written,) = files(tmp_path)
    said = [json.loads(line)["content"] for line in written.read_text().splitlines()]
    assert [f"message {n}" for n in reversed(range(230))] == said
    assert ("messages.jsonl", "230 messages in messages.jsonl\n") == (written.name, capsys.readouterr().out)


async def test_the_export_shows_how_far_it_is(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    sandbox.bob.send(sandbox.random, "one")

    await example("bulk_export")["main"](sandbox.random, "messages.jsonl")

    shown = capsys.readouterr().err.split("\r")
    assert shown[-1].startswith("[##############################] 1 messages")


async def test_the_webhook_posts_and_edits_without_a_token(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from acord.routes import create_webhook

    async with sandbox.http() as http:
        hook = await http.request(create_webhook(sandbox.general, name="Build"))
    monkeypatch.delenv("DISCORD_TOKEN")
    monkeypatch.setenv("WEBHOOK_URL", f"https://discord.com/api/webhooks/{hook.id}/{hook.token}")
    (tmp_path / "log.txt").write_text("all green")

    await example("webhook_poster")["main"]("Build 7 is done", "log.txt")

    assert "Build 7 is done (edited)" == sandbox.said(sandbox.general)[-1]
    posted = sandbox.messages(sandbox.general)[-1]
    assert "log.txt" == posted.attachments[0].filename


async def test_an_endpoint_that_is_not_released_is_called_or_not_found(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    main = example("unreleased_endpoint")["main"]

    await main(sandbox.general)
    before = capsys.readouterr().out
    sandbox.endpoint("GET", "/channels/{id}/sparks", [{"lit": False}])
    sandbox.endpoint("POST", "/channels/{id}/sparks", lambda path, body: {"lit": body == {"name": "first"}})
    await main(sandbox.general)

    assert before.startswith("not released here: GET /channels/{}/sparks -> 404")
    assert ["[{'lit': False}]", "lit: True", "200 application/json"] == capsys.readouterr().out.splitlines()


@pytest.mark.sandbox(gateway=GatewayOptions(heartbeat_interval=1.0))
async def test_the_heartbeat_says_how_it_goes(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    async with running("custom_heartbeat", sandbox):
        await sandbox.until(printed(capsys, "acord-heartbeat-0: a beat\n", "acord-heartbeat-0: answered after "))


async def test_the_decoder_is_used_for_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(decoders, "JSON", decoders.JSON)  # what the example rebinds comes back

    names = example("custom_decoder")
    await names["main"]()

    assert Decimal("2.50") == decoders.JSON("2.50")
    assert "'remaining': " in capsys.readouterr().out


async def test_the_rate_limiter_keeps_its_pause(
    sandbox: Sandbox, fake_clock: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    await example("custom_ratelimiter")["main"]()

    assert ["I am acorn"] * 3 + ["2.0 s for three calls"] == capsys.readouterr().out.splitlines()


@pytest.mark.sandbox(gateway=GatewayOptions(shards=4, max_concurrency=4))
async def test_many_shards_come_up_and_go_on_after_a_restart(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    main: Callable[..., Any] = example("many_shards")["main"]

    async def first_two_lines() -> set[str]:
        lines: list[str] = []

        def told() -> bool:
            lines.extend(capsys.readouterr().out.splitlines())
            return len(lines) == 2

        task = asyncio.ensure_future(main("0-1", "4"))
        await sandbox.until(told)
        task.cancel()
        await asyncio.wait([task])
        return set(lines)

    assert {"shard 0 of 4: READY", "shard 1 of 4: READY"} == await first_two_lines()
    assert {"shard 0 of 4: RESUMED", "shard 1 of 4: RESUMED"} == await first_two_lines()


def test_any_of_them_runs_on_a_sandbox_of_its_own(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, FOLDER / "on_sandbox.py", "bulk_export", "GENERAL", "all.jsonl"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": ":".join(str(FOLDER.parent / part) for part in ("generated", "runtime"))},
    )  # fmt: skip

    assert (0, "2 messages in all.jsonl\n") == (done.returncode, done.stdout), done.stderr
    assert "A Discord on this machine: http://127.0.0.1:" in done.stderr
