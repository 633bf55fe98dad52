"""Commands: what a client sends, with Discord's limits checked when it is made."""

import json
import os
import pickle
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from acord import commands
from acord.core.errors import InvalidRequest
from acord.core.signals.gateway import Intents, Opcode
from acord.core.types import Token
from acord.events import ActivityType, ChannelInfoField, Status

ROOT = Path(__file__).parents[2]
DOCS: Any = json.loads((ROOT / "tests/data/docs_gateway.json").read_text())["gateway"]["sent"]
KNOWN: Any = yaml.safe_load((ROOT / "tests/data/docs_gateway_differences.yaml").read_text())["differences"]
IDS = "175928847299117063"


def presence(**given: Any) -> commands.UpdatePresence:
    fields: dict[str, Any] = {"since": None, "activities": [], "status": Status.ONLINE, "afk": False}
    return commands.UpdatePresence(**(fields | given))


@pytest.mark.parametrize("name", sorted(DOCS))
def test_a_command_has_the_documented_opcode_and_fields(name: str) -> None:
    cls: Any = commands.COMMANDS[name]
    if "d" in DOCS[name]:
        assert ("value", "validate") == cls._fields
        return
    fields = {**cls.shape.required, **cls.shape.optional}
    notes = {
        f"{field} is {'not ' if field in cls.shape.required else ''}optional here"
        for field, marks in DOCS[name]["fields"].items()
        if (field in cls.shape.optional) != ("optional" in marks)
    }

    assert DOCS[name]["op"] == cls.op
    assert sorted(DOCS[name]["fields"]) == sorted(fields)
    assert set(KNOWN.get(f"commands.{name}", ())) == notes


def test_a_presence_is_sent_with_all_its_keys() -> None:
    activity = commands.BotActivity(name="chess", type=ActivityType.WATCHING, url=None)

    sent = presence(activities=[activity, {"name": "x", "type": 4, "state": "s"}]).payload()

    d = {
        "since": None,
        "activities": [{"name": "chess", "type": 3, "url": None}, {"name": "x", "type": 4, "state": "s"}],
        "status": "online",
        "afk": False,
    }
    assert {"op": 3, "d": d} == sent


def test_leaving_a_voice_channel_sends_a_null_channel() -> None:
    sent = commands.UpdateVoiceState(guild_id=int(IDS), channel_id=None, self_mute=False, self_deaf=True).payload()

    assert {"op": 4, "d": {"guild_id": IDS, "channel_id": None, "self_mute": False, "self_deaf": True}} == sent


def test_members_are_asked_for_by_a_query_with_its_limit_or_by_ids() -> None:
    by_name = commands.RequestGuildMembers(guild_id=IDS, query="", limit=0, presences=True, nonce="n" * 32)
    by_id = commands.RequestGuildMembers(guild_id=IDS, user_ids=[1, "2"])

    assert {"guild_id": IDS, "query": "", "limit": 0, "presences": True, "nonce": "n" * 32} == by_name.d()
    assert {"guild_id": IDS, "user_ids": ["1", "2"]} == by_id.d()
    assert (Opcode.REQUEST_GUILD_MEMBERS, "GUILD_MEMBERS_CHUNK") == (by_name.op, by_name.answer)


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({}, "query"),
        ({"query": ""}, "limit"),
        ({"limit": 0}, "query"),
        ({"query": "a", "limit": 1, "user_ids": [1]}, "user_ids"),
        ({"query": "a", "limit": -1}, "limit"),
        ({"user_ids": list(range(101))}, "user_ids"),
        ({"user_ids": ["a"]}, "user_ids[0]"),
        ({"user_ids": [1], "nonce": "n" * 33}, "nonce"),
        ({"user_ids": [1], "presences": "yes"}, "presences"),
        ({"user_ids": [1], "guild_id": "<@1>"}, "guild_id"),
    ],
)
def test_a_request_for_members_beyond_the_limits_is_refused(given: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        commands.RequestGuildMembers(**({"guild_id": IDS} | given))

    assert argument == refused.value.argument


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: commands.RequestSoundboardSounds(guild_ids="1"), "guild_ids"),
        (lambda: commands.RequestChannelInfo(guild_id=1, fields=["topic"]), "fields[0]"),
        (lambda: presence(status="away"), "status"),
        (lambda: presence(since=1.5), "since"),
        (lambda: presence(activities=[{"name": "x"}]), "activities[0].type"),
        (lambda: commands.BotActivity(name="x", type=17), "type"),
        (lambda: commands.UpdateVoiceState(guild_id=None, channel_id=1, self_mute=True, self_deaf=True), "guild_id"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # refused
        (lambda: commands.Heartbeat(value="1"), ""),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # refused
    ],
)
def test_what_discord_would_close_the_connection_for_is_refused(make: Any, argument: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        make()

    assert argument == refused.value.argument


def test_a_message_is_at_most_4096_bytes_as_json() -> None:
    def made(length: int) -> commands.UpdatePresence:
        return presence(activities=[commands.BotActivity(name="ü" * length, type=0)])

    longest = next(n for n in range(2048, 0, -1) if _size(made, n) <= 4096)

    assert commands.MAX_BYTES == 4096
    assert made(longest)
    with pytest.raises(InvalidRequest, match="at most 4096 bytes"):
        made(longest + 1)


def _size(made: Any, length: int) -> int:
    bare = presence(activities=[{"name": "", "type": 0}]).payload()
    return len(json.dumps(bare, separators=(",", ":"))) + 2 * length


def test_what_discord_has_since_allowed_can_be_sent_unchecked() -> None:
    command = commands.RequestGuildMembers(guild_id=IDS, user_ids=list(range(101)), validate=False)

    assert 101 == len(command.d()["user_ids"])


def test_a_token_is_sent_but_not_shown() -> None:
    properties = commands.IdentifyProperties(os="linux", browser="acord", device="acord")
    plain = commands.Identify(token="very-secret", properties=properties, intents=Intents.GUILDS)
    wrapped = commands.Resume(token=Token.bot("very-secret"), session_id="s", seq=3)

    assert {"very-secret"} == {plain.d()["token"], wrapped.d()["token"]}
    assert "very-secret" not in repr(plain) + repr(wrapped) + str(plain) + f"{wrapped}"


def test_identify_takes_a_presence_and_two_numbers_for_the_shard() -> None:
    properties = {"os": "linux", "browser": "acord", "device": "acord"}
    sent = commands.Identify(token="t", properties=properties, intents=513, shard=[0, 2], presence=presence()).d()

    assert ([0, 2], "online") == (sent["shard"], sent["presence"]["status"])
    with pytest.raises(InvalidRequest, match="shard"):
        commands.Identify(token="t", properties=properties, intents=513, shard=[0])


def test_a_heartbeat_is_the_number_alone() -> None:
    assert [{"op": 1, "d": None}, {"op": 1, "d": 251}] == [commands.Heartbeat(value=n).payload() for n in (None, 251)]


def test_commands_are_values() -> None:
    one, same = (commands.RequestChannelInfo(guild_id=1, fields=[ChannelInfoField.STATUS]) for _ in range(2))

    assert one == same == pickle.loads(pickle.dumps(one))  # noqa: S301  # our own bytes
    assert hash(one) == hash(same)
    assert "RequestChannelInfo(guild_id=1, fields=[<ChannelInfoField.STATUS: 'status'>])" == repr(one)
    with pytest.raises(AttributeError):
        one.guild_id = 2


def test_limits_come_with_the_commands() -> None:
    assert (120, 60, "connection") == (commands.RATE.count, commands.RATE.seconds, commands.RATE.per)
    assert [(5, 20)] == [(limit.count, limit.seconds) for limit in commands.UpdatePresence.limits]


def test_commands_load_without_pydantic() -> None:
    code = (
        "import sys, acord.commands; print(sorted(m for m in sys.modules if m.startswith(('pydantic', 'dataclasses'))))"
    )

    assert "[]" == _python(code)


def test_a_listener_of_messages_loads_no_other_group_of_events() -> None:
    code = (
        "import sys; from acord import events; from acord.core.event import decode;"
        "cls = events.MessageCreate; cls.model_rebuild();"
        "decode('MESSAGE_CREATE', b'{}'); 'MESSAGE_CREATE' in events.EVENTS and len(events.EVENTS);"
        "print(sorted(m for m in sys.modules if m.startswith('acord.events.') or m == 'acord.models.guilds'))"
    )

    assert "['acord.events.messages']" == _python(code)


def test_the_door_of_events_loads_without_pydantic() -> None:
    code = "import sys; from acord import events; dir(events), list(events.EVENTS); print('pydantic' in sys.modules)"

    assert "False" == _python(code)


def test_callbacks_and_interactions_are_two_views_of_one_table() -> None:
    callbacks: Any = import_module("acord.events.callbacks")

    forward = {(callback, kind) for callback, kinds in callbacks.ANSWERS.items() for kind in kinds}
    backward = {(callback, kind) for kind, found in callbacks.CALLBACKS.items() for callback in found}

    assert forward == backward
    assert [1] == list(callbacks.CALLBACKS[1])


def _python(code: str) -> str:
    path = f"import sys; sys.path[:0] = [{str(ROOT / 'generated')!r}, {str(ROOT / 'runtime')!r}];"
    # Coverage's start in a subprocess would load what the code does not.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run([sys.executable, "-c", path + code], capture_output=True, text=True, check=True, env=env)
    return done.stdout.strip()
