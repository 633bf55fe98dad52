"""What is seen: colours on terminals alone, none with NO_COLOR, nothing cut where nobody looks."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from acord.cli import screen
from tests.interpreter import roots

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals")


def seen(*args: str, width: int = 80, **environment: str) -> str:
    """What a terminal of this width gets from a command."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    known = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "PYTHONPATH": os.pathsep.join(roots())}
    process = subprocess.Popen(
        [sys.executable, "-m", "acord", *args], stdin=theirs, stdout=theirs, stderr=theirs, env=known | environment
    )
    os.close(theirs)
    text = b""
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        try:
            while piece := terminal.read(4096):
                text += piece
        except OSError:  # Linux's way to say that the other side has closed
            pass
    assert 0 == process.wait(timeout=60)
    return text.decode().replace("\r\n", "\n")


def test_a_terminal_gets_colours() -> None:
    assert "\x1b[1m" in seen("route", "list_pins")


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colours_gets_not_one_escape(environment: dict[str, str]) -> None:
    assert "\x1b" not in seen("route", "list_pins", **environment)


def test_on_a_narrow_terminal_addresses_stay_in_one_piece() -> None:
    lines = seen("route", "list_pins", width=40, NO_COLOR="1").splitlines()

    assert "https://discord.com/developers/docs/resources/message#get-channel-pins" == lines[-1]
    assert max(len(line) for line in lines[3:-1]) <= 40


def test_what_goes_into_a_pipe_is_not_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    out = io.StringIO()
    table = screen.table("a", "b")
    table.add_row(screen.cell("x" * 100), screen.cell("y" * 100))

    screen.show(table, screen.console(out))

    assert f"{'x' * 100}  {'y' * 100}" == out.getvalue().splitlines()[1]


def test_a_cell_is_neither_markup_nor_several_lines() -> None:
    out = io.StringIO()

    screen.show(screen.cell("[red]a[/red]\n:smile: \x1b[31m"), screen.console(out))

    assert "[red]a[/red]␊:smile: ␛[31m\n" == out.getvalue()


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with screen.progress() as bar:
        bar.advance(bar.add_task("items", total=2))

    assert ("", "") == capsys.readouterr()


def test_progress_is_shown_to_who_watches(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    with screen.progress() as bar:
        bar.advance(bar.add_task("list_messages", total=2))

    assert "list_messages" in capsys.readouterr().err


def test_the_package_of_commands_is_typed() -> None:
    assert Path(screen.__file__).with_name("py.typed").exists()
