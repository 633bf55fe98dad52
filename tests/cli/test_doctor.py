"""`acord doctor`: each usual fault is found, and comes with its cure."""

import json
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from acord.cli import findings
from acord.core.errors import TransportError
from acord.core.signals.gateway import Intents
from acord.flags import ApplicationFlags
from acord.sandbox import GatewayOptions, Sandbox
from tests.cli.conftest import Acord


async def test_a_bot_in_good_order_has_no_fault(
    acord: Acord, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "SKEW", 3_600.0)  # on a loaded machine an answer may take longer than is allowed for
    done = await acord("doctor", "--intents", "all")

    lines = done.out.splitlines()
    assert (0, "", "0 faults") == (done.code, done.err, lines[-1])
    assert not [line for line in lines if line.startswith(("fault", "warning"))]
    for check in ("token", "account", "clock", "intents", "guilds", "commands", "shards", "session starts", "gateway"):
        assert any(line[9:].startswith(check) for line in lines), check


async def test_looking_spends_no_session_start(acord: Acord, sandbox: Sandbox) -> None:
    await acord("doctor")

    assert [10] == [frame.op for frame in sandbox.frames]


async def test_findings_are_json_for_programs(acord: Acord, sandbox: Sandbox) -> None:
    said = json.loads((await acord("doctor", "--json")).out)

    assert said["ok"] is True
    assert {"check": "account", "level": "ok", "text": "acorn (1180000000000000001)", "cure": ""} in said["findings"]


async def test_a_switch_that_is_off_is_a_fault_where_the_bot_needs_it(acord: Acord, sandbox: Sandbox) -> None:
    application = sandbox.world.applications[sandbox.seeds.application_id]
    application["flags"] = int(ApplicationFlags.GATEWAY_PRESENCE)

    needed = await acord("doctor", "--intents", "GUILDS,MESSAGE_CONTENT")
    unknown = await acord("doctor")

    assert (1, 0) == (needed.code, unknown.code)
    assert "MESSAGE_CONTENT is off; the gateway would close with 4014" in needed.out
    assert "> Bot > Message Content Intent" in needed.out
    assert "GUILD_MEMBERS is off" not in needed.out
    assert "note     intents         GUILD_MEMBERS is off" in unknown.out


async def test_a_token_that_discord_refuses_is_told_from_one_that_is_none(
    acord: Acord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "0123456789abcdef0123456789abcdef")

    done = await acord("doctor")

    assert 1 == done.code
    assert "it has not the form of a bot's token" in done.out
    assert "Discord refuses the token (401)" in done.out
    assert "Bot > Reset Token" in done.out


async def test_commands_are_listed(acord: Acord, sandbox: Sandbox) -> None:
    application = f"application_id={sandbox.seeds.application_id}"
    command = '{"name": "greet", "description": "Greets somebody"}'
    await acord("call", "create_application_command", application, "--data", command)
    await acord(
        "call",
        "create_guild_application_command",
        application,
        f"guild_id={sandbox.guild}",
        "--data",
        command.replace("greet", "here"),
    )

    everywhere, guild = await acord("doctor"), await acord("doctor", "--guild", sandbox.guild)

    assert "ok       commands        /greet\n" in everywhere.out
    assert "ok       commands        /greet, /here\n" in guild.out


@pytest.mark.sandbox(gateway=GatewayOptions(shards=2000))
async def test_too_few_session_starts_are_a_fault(acord: Acord) -> None:
    done = await acord("doctor")

    assert "fault    session starts  1000 of 1000 are left" in done.out
    assert 1 == done.code


async def test_nobody_there_is_said_with_what_to_look_at(acord: Acord) -> None:
    done = await acord("doctor", "--base-url", "http://127.0.0.1:9", "--timeout", "5")

    assert 1 == done.code
    assert "fault    account         Discord cannot be reached" in done.out
    assert "look at the network" in done.out


NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "wall", "level", "text"),
    [
        (format_datetime(NOW, usegmt=True), NOW.timestamp() + 1.9, "ok", "within 3 s of Discord's"),
        (format_datetime(NOW, usegmt=True), NOW.timestamp() + 60.5, "warning", "60 s ahead of Discord's"),
        (format_datetime(NOW, usegmt=True), NOW.timestamp() - 89.5, "warning", "90 s behind Discord's"),
        (None, 0.0, "note", "the answer names no time to compare with"),
        ("yesterday", 0.0, "note", "the answer names no time to compare with"),
    ],
)
def test_the_clock_is_held_against_the_answers_date(date: str | None, wall: float, level: str, text: str) -> None:
    found = findings.clock(date, wall)

    assert (level, text) == (found.level, found.text)
    assert (level == "warning") == bool(found.cure)


@pytest.mark.parametrize(
    ("token", "level", "part"),
    [
        ("MTE4.abcdef.ghijkl", "ok", "form of a bot's token"),
        ("https://discord.com/api/webhooks/1/x", "fault", "URL"),
        ("1180000000000000001", "fault", "id"),
        ("0123456789abcdef", "warning", "has not the form"),
    ],
)
def test_what_is_no_token_is_recognized_without_being_shown(token: str, level: str, part: str) -> None:
    found = findings.form_of_token(token)

    assert level == found.level
    assert part in found.text
    assert token not in found.text + found.cure


def test_a_limited_switch_is_as_good_as_a_whole_one() -> None:
    (found,) = findings.intents(int(ApplicationFlags.GATEWAY_GUILD_MEMBERS_LIMITED), Intents.GUILD_MEMBERS)

    assert ("ok", "GUILD_MEMBERS is on") == (found.level, found.text)


def test_few_session_starts_are_a_warning() -> None:
    told = {"shards": 1, "session_start_limit": {"total": 1000, "remaining": 99, "reset_after": 7_200_000}}

    found = findings.sessions(told)[-1]

    assert ("warning", "99 of 1000 are left, all again in 2.0 h") == (found.level, found.text)


def test_a_bot_in_no_guild_is_told_where_to_be_invited() -> None:
    found = findings.guilds([], "5")

    assert "warning" == found.level
    assert "client_id=5&scope=bot+applications.commands" in found.cure


def test_an_account_of_a_person_is_a_fault() -> None:
    assert "fault" == findings.account({"username": "alice", "id": "1"}).level


def test_a_network_that_fails_is_no_fault_of_the_token() -> None:
    found = findings.failed("account", TransportError("no route to host", outcome="not_sent"))

    assert "Discord cannot be reached: no route to host" == found.text


async def test_on_a_narrow_screen_what_was_found_stands_on_lines_of_its_own(
    acord: Acord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    done = await acord("doctor")

    assert "ok       account\n  acorn (1180000000000000001)\n" in done.out
    assert max(map(len, done.out.splitlines())) <= 40
