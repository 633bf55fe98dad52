"""`acord call`: any request from a shell."""

import io
import json
from pathlib import Path

import pytest

from acord.sandbox import Sandbox
from acord.sandbox.faults import answer
from acord.testing.canary import Canary
from tests.cli.conftest import Acord, files


async def test_an_operation_is_called_by_its_name_and_its_answer_printed(acord: Acord, sandbox: Sandbox) -> None:
    done = await acord("call", "get_my_user")

    assert (0, "acorn", "") == (done.code, json.loads(done.out)["username"], done.err)


async def test_values_are_read_as_the_operations_types(acord: Acord, sandbox: Sandbox) -> None:
    done = await acord("call", "list_messages", f"channel_id={sandbox.general}", "limit=1", "--json")

    assert 1 == len(json.loads(done.out))
    assert 1 == len(done.out.splitlines())


async def test_text_stays_text_where_the_operation_wants_text(acord: Acord, sandbox: Sandbox) -> None:
    await acord("call", "create_message", f"channel_id={sandbox.general}", "content=123", "tts=false")

    assert "123" == sandbox.said(sandbox.general)[-1]


async def test_a_value_may_be_given_as_json(acord: Acord, sandbox: Sandbox) -> None:
    done = await acord("call", "create_message", f"channel_id={sandbox.general}", 'embeds:=[{"title": "oak"}]')

    assert "oak" == json.loads(done.out)["embeds"][0]["title"]


async def test_the_body_may_come_whole_from_an_argument_a_file_or_stdin(
    acord: Acord, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "body.json").write_text('{"content": "from a file"}')
    monkeypatch.setattr("sys.stdin", io.StringIO('{"content": "from stdin"}'))

    for data in ('{"content": "from here"}', f"@{tmp_path / 'body.json'}", "-"):
        await acord("call", "create_message", f"channel_id={sandbox.general}", "--data", data)

    assert ["from here", "from a file", "from stdin"] == sandbox.said(sandbox.general)[-3:]


async def test_a_file_is_uploaded(acord: Acord, sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"meow")

    done = await acord("call", "create_message", f"channel_id={sandbox.general}", "--files", str(tmp_path / "cat.png"))

    assert "cat.png" == json.loads(done.out)["attachments"][0]["filename"]


async def test_a_reason_goes_to_the_audit_log(acord: Acord, sandbox: Sandbox) -> None:
    done = await acord("call", "delete_channel", f"channel_id={sandbox.random}", "--reason", "spring cleaning")

    assert 0 == done.code, done.err
    assert "spring%20cleaning" == sandbox.requests[-1].headers["x-audit-log-reason"]


async def test_an_answer_without_content_prints_nothing(acord: Acord, sandbox: Sandbox) -> None:
    done = await acord("call", "trigger_typing_indicator", f"channel_id={sandbox.general}")

    assert (0, "", "204, no content\n") == done


async def test_a_path_is_called_as_it_is_known_or_not(acord: Acord, sandbox: Sandbox) -> None:
    sandbox.endpoint("POST", "/channels/{id}/sparks", lambda path, body: {"got": body})

    known = await acord("call", "get", f"/channels/{sandbox.general}/messages", "limit=1")
    unknown = await acord("call", "POST", "/channels/1/sparks", "name=x", "count:=3")

    assert 1 == len(json.loads(known.out))
    assert {"got": {"name": "x", "count": 3}} == json.loads(unknown.out)


async def test_all_pages_come_one_item_a_line(acord: Acord, sandbox: Sandbox) -> None:
    for n in range(120):
        sandbox.bob.send(sandbox.random, f"message {n}")

    by_name = await acord("call", "list_messages", f"channel_id={sandbox.random}", "--all", "--max-items", "110")
    by_path = await acord("call", "GET", f"/channels/{sandbox.random}/messages", "--all")

    said = [json.loads(line)["content"] for line in by_name.out.splitlines()]
    assert [f"message {n}" for n in reversed(range(10, 120))] == said
    assert (120, "120 items\n") == (len(by_path.out.splitlines()), by_path.err)


async def test_a_file_gets_all_pages_or_is_left_as_it_was(acord: Acord, sandbox: Sandbox, tmp_path: Path) -> None:
    out = tmp_path / "all.jsonl"
    out.write_text("before")
    for n in range(120):
        sandbox.bob.send(sandbox.random, f"message {n}")

    done = await acord("call", "list_messages", f"channel_id={sandbox.random}", "--all", "--out", str(out))

    assert (0, "", f"120 items in {out}\n") == done
    assert 120 == len(out.read_text().splitlines())
    assert [out] == files(tmp_path)


async def test_what_others_wrote_does_not_act_upon_the_terminal(acord: Acord, sandbox: Sandbox) -> None:
    sandbox.bob.send(sandbox.general, "\x1b[2J \u202e \x9b [red]")

    done = await acord("call", "list_messages", f"channel_id={sandbox.general}", "limit=1")

    assert "\x1b[2J \u202e \x9b [red]" == json.loads(done.out)[0]["content"]
    assert all(one.isprintable() or one == "\n" for one in done.out)
    assert "[red]" in done.out


async def test_no_command_shows_the_token(
    acord: Acord, sandbox: Sandbox, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", canary.token)

    codes = [
        (await acord(*command)).code
        for command in (
            ("call", "get_my_user"),
            ("call", "get_channel", "channel_id=1"),
            ("--debug", "call", "get_channel", "channel_id=1"),
            ("doctor",),
            ("doctor", "--json"),
            ("gateway", "tail", "--max", "1", "--json"),
        )
    ]

    assert [0, 1, 1, 0, 0, 0] == codes


async def test_a_walk_that_breaks_off_leaves_the_file_as_it_was(acord: Acord, sandbox: Sandbox, tmp_path: Path) -> None:
    out = tmp_path / "all.jsonl"
    out.write_text("before")
    for n in range(120):
        sandbox.bob.send(sandbox.random, f"message {n}")
    refused = answer(403, {"code": 50001, "message": "Missing Access"})

    def first_page(entry: object) -> None:
        if len(sandbox.requests) == 1:
            sandbox.fault("list_messages", refused)

    sandbox.record.watch(first_page)

    done = await acord("call", "list_messages", f"channel_id={sandbox.random}", "--all", "--out", str(out))

    assert (1, "", "before") == (done.code, done.out, out.read_text())
    assert done.err.startswith("acord: GET /channels/{}/messages -> 403 (MISSING_ACCESS 50001)")
    assert [out] == files(tmp_path)
