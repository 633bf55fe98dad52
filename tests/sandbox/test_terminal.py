"""What the sandbox prints of a bot's doings."""

from acord.sandbox.__main__ import _line
from acord.sandbox.recorder import Frame, Request

EVIL = "\x1b]0;owned\x07\x1b[2J\r\u202e\x9b31m"


def test_T29_what_others_wrote_moves_no_cursor() -> None:
    request = Request(at=0.0, method="GET", path=f"/{EVIL}", query="", operation=None, status=404, body=None,
                      headers={}, answer=None, fault=False, generated=False)  # fmt: skip
    frame = Frame(0.0, 1, (0, 1), "in", 3, EVIL, None, None)

    for line in (_line(request), _line(frame)):
        assert line.isprintable()
