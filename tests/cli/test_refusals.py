"""Bad input: one clear line on stderr, a code that says which kind it is, no traceback, nothing half-written."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from acord.cli import generate
from acord.sandbox import Sandbox
from tests.cli.conftest import Acord, Done, files
from tests.programs import program

Alone = Callable[..., Done]
NOBODY = "http://127.0.0.1:9/api"  # discard: nobody listens


def refused(done: Done, code: int, *parts: str) -> None:
    assert (code, "") == (done.code, done.out), done
    assert 1 == len(done.err.splitlines()), done.err
    assert done.err.startswith("acord: ")
    assert "Traceback" not in done.err
    for part in parts:
        assert part in done.err


@pytest.mark.parametrize(
    ("args", "part"),
    [
        (["dance"], "No such command 'dance'; see `acord --help`"),
        (["gateway"], "name a command; `acord gateway --help` lists them"),
        (["call"], "Missing argument"),
        (["route"], "Missing argument 'name'; see `acord route --help`"),
        (["doctor", "--fast"], "No such option: --fast"),
        (["doctor", "--timeout", "soon"], "--timeout"),
        (["doctor", "--timeout", "0"], "--timeout"),
        (["doctor", "--intents", "GUILD"], "no intent is called GUILD; did you mean GUILDS?"),
        (["doctor", "--guild", "mine"], "--guild: expected an id"),
        (["gateway", "tail", "--events", "MESSAGE"], "no event is called MESSAGE"),
        (["gateway", "tail", "--max", "0"], "--max"),
        (["route", "list_mesages"], "no operation is called list_mesages; did you mean list_messages"),
        (["route", "\x1b[2J"], "no operation is called ␛[2J"),
        (["routes", "zebra"], "no route has 'zebra' in its name"),
        (["call", "list_mesages"], "did you mean list_messages"),
        (["call", "GET"], "after a method comes a path, as /users/@me"),
        (["call", "GET", "users"], "after a method comes a path"),
        (["call", "GET", "/a/../b"], "path"),
        (["call", "list_messages"], "channel_id: expected an id"),
        (["call", "list_messages", "channel_id"], "expected name=value"),
        (["call", "list_messages", "channel_id=1", "channel_id=2"], "channel_id is given twice"),
        (["call", "list_messages", "channel_id=1", "limt=5"], "takes no limt (did you mean limit?)"),
        (["call", "list_messages", "channel_id=1", "limit=five"], "limit: expected integer(1..100), got 'five'"),
        (["call", "list_messages", "channel_id=1", "limit=500"], "limit: expected integer(1..100), got the integer"),
        (["call", "create_message", "channel_id=1", "tts=perhaps"], "tts: expected boolean, got 'perhaps'"),
        (["call", "create_message", "channel_id=1", "embeds:=[{"], "embeds is no JSON"),
        (["call", "create_message", "channel_id=1", "--data", "{"], "--data is no JSON"),
        (["call", "create_message", "channel_id=1", "--data", "@/no/such"], "/no/such cannot be read"),
        (["call", "create_message", "channel_id=1", "--data", "[1]", "content=x"], "--data is no object"),
        (["call", "create_message", "channel_id=1", "--files", "/no/such"], "there is no file /no/such"),
        (["call", "get_my_user", "--data", "{}"], "takes none"),
        (["call", "get_my_user", "--reason", "x"], "reason"),
        (["call", "get_my_user", "--all"], "get_my_user has no pages"),
        (["call", "GET", "/brand/new", "--all"], "nothing is known of pages"),
        (["call", "get_my_user", "--max-items", "3"], "--max-items goes with --all"),
        (["diff", "a", "b", "--format", "xml"], "--format"),
        (["generate", "x.yaml"], "Missing option '--out'"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_said_before_anything_else_is_looked_at(
    alone: Alone, monkeypatch: pytest.MonkeyPatch, args: list[str], part: str
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "some.token.here")
    monkeypatch.setenv("ACORD_BASE_URL", NOBODY)

    refused(alone(*args), 2, part)


def test_a_token_is_never_taken_from_an_argument_nor_repeated(alone: Alone) -> None:
    token = "MTE4MDAwMDAwMDAwMDAwMDAwMQ.GabcdE.abcdefghijklmnopqrstuvwxyz012345"

    for args in (["doctor", "--token", token], ["doctor", f"--token={token}"], ["doctor", token], ["route", token]):
        done = alone(*args)
        refused(done, 2)
        assert token[:20] not in done.err


@pytest.mark.parametrize("command", [["doctor"], ["call", "get_my_user"], ["gateway", "tail"]])
def test_no_token_says_where_one_is_looked_for(alone: Alone, command: list[str]) -> None:
    refused(alone(*command), 1, "no token: set DISCORD_TOKEN in the environment, or name a file with --token-file")


def test_a_token_that_cannot_be_one_is_not_sent(alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "Bot some.token.here")

    done = alone("call", "get_my_user")

    refused(done, 1, "the token of DISCORD_TOKEN cannot be one: pass the token alone")
    assert "some.token" not in done.err


@pytest.mark.parametrize(
    ("content", "part"),
    [(None, "cannot be read: No such file"), (b"\n", "is empty"), (b"\xff\xfe", "is no text file"), (b"a b", "blank")],
)
def test_a_file_without_a_token_is_one_line(alone: Alone, tmp_path: Path, content: bytes | None, part: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)

    refused(alone("call", "get_my_user", "--token-file", str(file)), 1, part)


async def test_the_token_may_lie_in_a_file(
    acord: Acord, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DISCORD_TOKEN")
    (tmp_path / "token").write_text(f"{sandbox.token}\n")

    assert 0 == (await acord("call", "get_my_user", "--token-file", str(tmp_path / "token"))).code


@pytest.mark.parametrize("command", [["call", "get_my_user"], ["gateway", "tail"]])
async def test_a_wrong_token_is_one_line_with_the_cure(
    acord: Acord, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "some.wrong.token")

    done = await acord(*command)

    assert (1, "") == (done.code, done.out)
    last = done.err.splitlines()[-1]
    assert last.startswith("acord: ")
    assert "token" in last
    assert "some.wrong" not in done.err


def test_an_operation_that_needs_no_token_asks_for_none(alone: Alone) -> None:
    refused(alone("call", "get_gateway", "--base-url", NOBODY, "--timeout", "5"), 1, "it was not sent")


@pytest.mark.parametrize("url", ["discord.com", "ftp://x/", "http://", "http://[::1", "http://x:port/"])
def test_an_address_of_no_use_is_refused(alone: Alone, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "some.token.here")

    refused(alone("call", "get_my_user", "--base-url", url), 2, "--base-url: expected a URL")


def test_a_forgotten_variable_sends_no_token_abroad(alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "some.token.here")
    monkeypatch.setenv("ACORD_BASE_URL", "https://discord.com.example/api")

    refused(alone("call", "get_my_user"), 2, "ACORD_BASE_URL leads off this machine", "--base-url")


def test_in_clear_text_no_token_leaves_the_machine(alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "some.token.here")

    refused(alone("call", "get_my_user", "--base-url", "http://example.com"), 1, "no credential is sent to")


@pytest.mark.parametrize("command", [["call", "get_my_user"], ["call", "list_messages", "channel_id=1", "--all"]])
def test_no_network_is_one_line(alone: Alone, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "some.token.here")
    monkeypatch.setenv("ACORD_BASE_URL", NOBODY)

    refused(alone(*command, "--timeout", "10"), 1, "it was not sent")


async def test_what_discord_refuses_is_one_line_that_says_what_to_do(acord: Acord) -> None:
    refused(await acord("call", "get_channel", "channel_id=1"), 1, "404 (UNKNOWN_CHANNEL 10003)", "What to do: ")


@pytest.mark.parametrize("out", ["no/such/folder/x.json", "."])
async def test_a_path_that_cannot_be_written_is_said_before_anything_is_sent(
    acord: Acord, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.chdir(tmp_path)

    done = await acord("call", "get_my_user", "--out", out)

    refused(done, 1, out)
    assert ([], []) == (sandbox.requests, files(tmp_path))


async def test_a_refusal_leaves_no_file_behind(acord: Acord, tmp_path: Path) -> None:
    refused(await acord("call", "get_channel", "channel_id=1", "--out", str(tmp_path / "x.json")), 1, "404")

    assert [] == files(tmp_path)


def test_a_port_that_is_taken_is_one_line(alone: Alone) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = alone("sandbox", "--port", str(taken.getsockname()[1]), "--quiet")

    assert (1, "") == (done.code, done.out)
    (line,) = done.err.splitlines()
    assert line.startswith("acord sandbox: ")


@pytest.mark.parametrize("command", [["generate", "x.yaml", "--out", "mypkg"], ["diff", "x.yaml", "y.yaml"]])
def test_a_missing_extra_is_one_line_with_the_cure(
    alone: Alone, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setattr(generate, "find_spec", lambda name: None if name == "jinja2" else object())

    refused(alone(*command), 1, "the generator needs Jinja2: pip install 'acord[codegen]'")


def test_two_descriptions_that_are_none_are_one_line(alone: Alone, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")

    refused(alone("diff", str(tmp_path / "x.json"), str(tmp_path / "y.json")), 1)


def test_debug_shows_where_without_the_token(alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "some.token.here")

    done = alone("call", "get_my_user", "--base-url", NOBODY, "--timeout", "5", "--debug")

    assert 1 == done.code
    assert "Traceback (most recent call last)" in done.err
    assert done.err.splitlines()[-1].startswith("acord: GET /users/@me: ")
    assert "some.token" not in done.err


def test_a_fault_of_our_own_is_one_line_too(alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(words: str) -> None:
        raise RuntimeError("oh")

    monkeypatch.setattr("acord.cli.routes.search", broken)

    refused(alone("routes"), 1, "RuntimeError: oh (a fault of acord's own: --debug shows where)")


def test_a_reader_who_has_seen_enough_is_no_failure(alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*args: object) -> None:
        raise BrokenPipeError

    kept = sys.stdout
    monkeypatch.setattr("acord.cli.routes.show_list", closed)
    try:
        assert (0, "", "") == alone("routes")
    finally:
        sys.stdout.close()
        sys.stdout = kept


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
async def test_ctrl_c_ends_a_tail_with_130_and_no_traceback(sandbox: Sandbox) -> None:
    source = f"""
        import os, sys
        from acord.__main__ import main
        os.environ |= {{"DISCORD_TOKEN": {sandbox.token!r}, "ACORD_BASE_URL": {sandbox.url!r}}}
        sys.exit(main(["gateway", "tail", "--raw"]))
    """
    async with program(source) as tail:
        await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames), timeout=60)
        await asyncio.sleep(0)
        tail.process.send_signal(signal.SIGINT)
        code, errors = await tail.ends()

    assert (130, "waiting for events; Ctrl-C ends it") == (code, errors.strip())
