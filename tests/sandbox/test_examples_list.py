"""What the sandbox only pretends is written down: one operation a line, for people to read."""

from pathlib import Path

from acord.sandbox.rest.answering import unhandled
from acord.sandbox.sandbox import Sandbox

LISTED = Path(__file__).with_name("examples.txt")
MOST = 120


def test_the_list_of_operations_with_nothing_behind_them_is_as_it_is() -> None:
    listed = LISTED.read_text().split()

    assert unhandled(Sandbox().api.handlers) == listed, "run: make examples"
    assert len(listed) <= MOST
