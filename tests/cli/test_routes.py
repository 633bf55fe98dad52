"""`acord routes` and `acord route`: what can be called, and how."""

import io
import json
from collections.abc import Callable

import pytest
from rich.console import Console

from acord.cli.routes import as_json, describe
from acord.routes import OPERATIONS
from tests.cli.conftest import Done

Alone = Callable[..., Done]


def test_all_routes_are_listed_by_resource(alone: Alone) -> None:
    done = alone("routes")

    lines = done.out.splitlines()
    assert len(OPERATIONS) == sum(line.startswith("  ") for line in lines)
    assert "  list_messages" in "\n".join(lines[lines.index("messages") :])
    assert lines == [line.rstrip() for line in lines]


def test_all_words_of_a_search_have_to_occur(alone: Alone) -> None:
    found = json.loads(alone("routes", "PINS", "delete", "--json").out)

    assert ["delete_pin", "deprecated_delete_pin"] == [one["name"] for one in found]
    assert {"method": "DELETE", "resource": "messages"}.items() <= found[0].items()


def test_one_route_is_shown_with_all_that_a_caller_needs(alone: Alone) -> None:
    out = alone("route", "list_messages").out

    for part in (
        "GET /channels/{channel_id}/messages",
        "acord.routes.list_messages(channel_id, ...)",
        "limit       query  integer(1..100)",
        "200: list[Message]",
        "by before or after or around, 100 at most; all of them with --all",
        "https://discord.com/developers/docs/resources/message#get-channel-messages",
    ):
        assert part in out


def test_every_route_can_be_shown_and_read_by_programs() -> None:
    wide = Console(file=io.StringIO(), width=400)

    for operation in OPERATIONS.values():
        with wide.capture() as captured:
            wide.print(*describe(operation))
        told = json.loads(json.dumps(as_json(operation)))
        assert operation.path == told["path"]
        assert operation.path in captured.get()
        for one in operation.parameters:
            assert one.name in captured.get()


def test_on_a_narrow_screen_name_and_path_stand_on_two_lines(alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    lines = alone("routes", "create_pin").out.splitlines()

    assert ["messages", "  create_pin"] == lines[:2]
    assert lines[2].startswith("    PUT    /channels/{channel_id}/")
