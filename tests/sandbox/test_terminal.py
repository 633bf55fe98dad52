"""`python -m acord.sandbox`: what it prints of a bot's doings, what it refuses, how it ends."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from acord.sandbox.__main__ import _line, main
from acord.sandbox.recorder import Frame, Request
from tests.programs import program

EVIL = "\x1b]0;owned\x07\x1b[2J\r\u202e\x9b31m"


def test_T29_what_others_wrote_moves_no_cursor() -> None:
    request = Request(at=0.0, method="GET", path=f"/{EVIL}", query="", operation=None, status=404, body=None,
                      headers={}, answer=None, fault=False, generated=False)  # fmt: skip
    frame = Frame(0.0, 1, (0, 1), "in", 3, EVIL, None, None)

    for line in (_line(request), _line(frame)):
        assert line.isprintable()


@pytest.mark.parametrize("port", ["99999", "-1", "x", "9" * 5000, "\u0663"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([f"--port={port}"])

    assert 2 == ended.value.code
    assert "is no port: 0 to 65535" in capsys.readouterr().err


def test_a_record_that_cannot_be_written_is_said_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 1 == main(["--port=0", f"--record={tmp_path}/none/record.jsonl"])
    assert "No such file or directory" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_however_it_is_ended_the_record_is_written(tmp_path: Path, how: signal.Signals) -> None:
    record = tmp_path / "record.jsonl"
    source = f"""
        from acord.sandbox.__main__ import main
        raise SystemExit(main(["--port=0", "--record={record}"]))
        """
    async with program(source) as running:
        while not running.lines or "REST" not in running.lines[-1]:
            await running.line()
        address = running.lines[-1].split()[1].removeprefix("http://").partition("/")[0]
        reader, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(b"GET /elsewhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        await reader.read()
        writer.close()

        running.process.send_signal(how)

        assert (0, "") == await running.ends()
    assert "/elsewhere" in record.read_text()
