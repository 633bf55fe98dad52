"""`acord gateway tail`: events as they come."""

import asyncio
import json

import msgspec
import pytest

from acord.cli.failures import UsageFailure
from acord.cli.tail import events_of, intents_of, line_of
from acord.core.dispatch import Dispatch
from acord.core.signals.gateway import Intents
from acord.flags import ApplicationFlags
from acord.sandbox import Sandbox
from tests.cli.conftest import Acord


def event(name: str, body: object) -> Dispatch:
    return Dispatch(0, msgspec.Raw(json.dumps(body).encode()), 5, name)


async def test_events_come_one_a_line(acord: Acord) -> None:
    done = await acord("gateway", "tail", "--max", "2")

    assert ["0:1 READY acorn:", "0:2 GUILD_CREATE The oak"] == [
        line.partition(" id=")[0] for line in done.out.splitlines()
    ]
    assert (0, "waiting for events; Ctrl-C ends it\n") == (done.code, done.err)


async def test_only_the_events_that_were_named_are_shown(acord: Acord, sandbox: Sandbox) -> None:
    running = asyncio.ensure_future(
        acord("gateway", "tail", "--events", "message_create", "--intents", "all", "--max", "1")
    )
    await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
    sandbox.alice.send(sandbox.general, "hello \x1b[2J\u202e")

    (line,) = (await running).out.splitlines()

    assert "MESSAGE_CREATE alice: hello ␛[2J\\u202e " in line


async def test_programs_get_json_and_the_curious_the_body(acord: Acord) -> None:
    machine = await acord("gateway", "tail", "--max", "1", "--json")
    raw = await acord("gateway", "tail", "--max", "1", "--raw")

    told = json.loads(machine.out)
    assert ("READY", 1, 0, "acorn") == (told["t"], told["s"], told["shard"], told["d"]["user"]["username"])
    name, _, body = raw.out.partition(" ")
    assert ("READY", 10) == (name, json.loads(body)["v"])


async def test_an_intent_that_is_not_switched_on_is_one_line_with_the_cure(acord: Acord, sandbox: Sandbox) -> None:
    sandbox.world.applications[sandbox.seeds.application_id]["flags"] = int(ApplicationFlags(0))

    done = await acord("gateway", "tail", "--intents", "all")

    assert (1, "") == (done.code, done.out)
    assert "closed the connection with 4014" in done.err.splitlines()[-1]


async def test_without_a_network_it_ends(acord: Acord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACORD_BASE_URL", "http://127.0.0.1:9/api")  # discard: nobody listens

    done = await acord("gateway", "tail")

    assert (1, "") == (done.code, done.out)
    assert "it was not sent" in done.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("names", "intents"),
    [
        ("GUILDS, guild_messages", Intents.GUILDS | Intents.GUILD_MESSAGES),
        ("all", Intents.all()),
        ("513", Intents.GUILDS | Intents.GUILD_MESSAGES),
        ("", Intents.none()),
    ],
)
def test_intents_are_named_or_numbered(names: str, intents: Intents) -> None:
    assert intents == intents_of(names)


def test_unprivileged_are_all_that_need_no_switch() -> None:
    told = intents_of("unprivileged")

    assert told is not None
    assert Intents.all() == told | Intents.GUILD_MEMBERS | Intents.GUILD_PRESENCES | Intents.MESSAGE_CONTENT
    assert Intents.MESSAGE_CONTENT not in told


def test_what_does_not_exist_is_refused_with_what_was_meant() -> None:
    with pytest.raises(UsageFailure, match="no intent is called GUILD_MESAGES; did you mean GUILD_MESSAGES"):
        intents_of("GUILD_MESAGES")
    with pytest.raises(UsageFailure, match="no event is called MESSAGE_CREATED; did you mean MESSAGE_CREATE"):
        events_of("message_created")


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ({"author": {"username": "bob"}, "content": "hi", "id": "1"}, "bob: hi id=1"),
        ({"user_id": "3", "member": {"user": {"username": "al\x1bice"}}, "emoji": {"name": "x"}}, "al␛ice: user_id=3"),
        ([1, 2], "[1,2]"),
        (None, "null"),
    ],
)
def test_a_line_says_who_what_and_where(body: object, line: str) -> None:
    assert line == line_of(event("X", body))
