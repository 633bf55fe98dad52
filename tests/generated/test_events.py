"""Events beside the facts of the documentation's own reader: every class decodes what they describe, and gives it back.

What differs from the documentation on purpose is argued in tests/data/docs_gateway_differences.yaml.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given

from acord import events
from acord.core import base
from acord.core.event import Event, Plain, Unknown, decode
from tests.tools import gateway_samples
from tests.tools.effort import PATIENCE, effort
from tests.tools.gateway_samples import DOCS, MODES, TABLES, Mode

webhook: Any = import_module("acord.events.webhook")
voice: Any = import_module("acord.voice_payloads")
models: Any = import_module("acord.models")

ROOT = Path(__file__).parents[2]
_DIFFERENCES: Any = yaml.safe_load((ROOT / "tests/data/docs_gateway_differences.yaml").read_text())
KNOWN: Any = _DIFFERENCES["differences"]
OBJECTS: Any = _DIFFERENCES["objects"]
pytestmark = PATIENCE
FEW = effort(3, soak=100)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", sorted(gateway_samples.EVENTS))
def test_an_event_is_decoded_without_drift_and_dumped_as_it_came(name: str, mode: Mode) -> None:
    @FEW
    @given(gateway_samples.event(name, mode))
    def judge(sample: Any) -> None:
        drift: list[Any] = []

        event = decode(name, json.dumps(sample), on_drift=drift.append)

        assert [] == [problem for one in drift for problem in one.problems]
        assert type(event) in (events.EVENTS[name], events.OTHERWISE.get(name))
        assert _comparable(sample) == _comparable(event.dump())

    judge()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", sorted(gateway_samples.WEBHOOK))
def test_a_webhook_event_is_decoded_without_drift_and_dumped_as_it_came(name: str, mode: Mode) -> None:
    @FEW
    @given(gateway_samples.event(name, mode, webhook=True))
    def judge(sample: Any) -> None:
        drift: list[Any] = []

        event = base.load(webhook.EVENTS[name], json.dumps(sample), on_drift=drift.append)

        assert [] == [problem for one in drift for problem in one.problems]
        assert _comparable(sample) == _comparable(event.dump())

    judge()


def _comparable(value: Any) -> Any:
    """JSON with ids and times apart from their spelling, which alone may differ between received and dumped."""
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items()}
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    if isinstance(value, str) and "T" in value:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


# --- names and fields --------------------------------------------------------------------------------------


def test_every_documented_event_has_a_class_that_says_its_name_and_intents() -> None:
    intents: dict[str, set[str]] = {name: set() for name in gateway_samples.EVENTS}
    for intent, fact in DOCS["gateway"]["intents"].items():
        for name in fact["events"]:
            intents[name].add(intent)

    assert sorted(gateway_samples.EVENTS) == sorted(events.EVENTS)
    assert {name: (name, intents[name]) for name in events.EVENTS} == {
        name: (cls.event_name, {bit.name for bit in cls.event_intents}) for name, cls in events.EVENTS.items()
    }


def test_a_class_is_reached_by_the_name_of_its_event() -> None:
    assert events.EVENTS["MESSAGE_CREATE"] is events.MessageCreate
    assert {cls.__name__ for cls in events.EVENTS.values()} <= set(dir(events))
    assert all(getattr(events, cls.__name__) is cls for cls in events.EVENTS.values())


def test_every_documented_webhook_event_has_a_class() -> None:
    assert sorted(gateway_samples.WEBHOOK) == sorted(webhook.EVENTS)
    assert [name for name, cls in webhook.EVENTS.items() if cls.event_name != name] == []


@pytest.mark.documentation
@pytest.mark.parametrize("name", sorted(gateway_samples.EVENTS))
def test_the_fields_of_an_event_are_the_documented_ones(name: str) -> None:
    fact = gateway_samples.EVENTS[name]
    if "d" in fact:
        assert issubclass(events.EVENTS[name], Plain)
        return
    docs = fact.get("fields") or (gateway_samples.EVENTS[fact["extras_of"]]["fields"] if "extras_of" in fact else {})

    exact = not fact.get("objects")

    assert _agreed(f"events.{name}") == set(_differences(events.EVENTS[name], docs, exact=exact))


@pytest.mark.documentation
@pytest.mark.parametrize("title", sorted(OBJECTS))
def test_the_fields_of_an_object_are_the_documented_ones(title: str) -> None:
    name = OBJECTS[title]
    cls = getattr(events, name, None) or getattr(webhook, name, None) or getattr(models, name, None)
    if cls is None:  # a part of a command
        assert name == "IdentifyProperties"
        return

    notes = set(_differences(cls, TABLES[title], exact=name not in BASED))
    argued = {f"{field} is optional here" for field in ARGUED.get(BASED.get(name, ""), ())}
    assert _still_true(cls, _agreed(f"objects.{name}")) <= notes <= _agreed(f"objects.{name}") | argued


def _still_true(cls: Any, notes: set[str]) -> set[str]:
    """Less what the spec says of the field alone: it may have come with the base, or its absence reads as null does."""
    found = {note for note in notes if not (note.startswith("-") and note[1:] in cls.model_fields)}
    fields = {name: field for name, field in cls.model_fields.items() if not field.is_required()}
    return {note for note in found if not (note.endswith(" nullable here") and note.split()[0] in fields)}


# Classes that have more than their table, and the object of the official document that they extend.
BASED = {
    "AnyScheduledEvent": "ScheduledEvent",
    "CurrentUser": "UserPII",
    "GameDirectMessage": "Message",
    "GatewayGuild": "Guild",
}
# Its fields that the documentation's examples leave out.
ARGUED = {
    name: {*block.get("table", ()), *block.get("example", ())}
    for name, block in yaml.safe_load((ROOT / "spec/optional_fields.yaml").read_text())["optional"].items()
}


def _agreed(where: str) -> set[str]:
    """The argued differences, but for the kinds of fields, which the test of the spec compares."""
    return {note for note in KNOWN.get(where, ()) if not note.endswith(" there")}


def _differences(cls: Any, docs: dict[str, list[str]], *, exact: bool) -> Iterator[str]:
    """As tests/spec writes them: ``+field`` only here, ``-field`` only there, else which mark differs."""
    cls.model_rebuild()
    ours = {field.alias or name: field for name, field in cls.model_fields.items()}
    yield from (f"-{name}" for name in docs.keys() - ours.keys())
    yield from (f"+{name}" for name in ours.keys() - docs.keys() if exact)
    for name in docs.keys() & ours.keys():
        field = ours[name]
        if field.is_required() == ("optional" in docs[name]):
            yield f"{name} is {'not ' if field.is_required() else ''}optional here"
        if field.is_required() and _nullable(field.annotation) != ("nullable" in docs[name]):
            yield f"{name} is {'' if _nullable(field.annotation) else 'not '}nullable here"


def _nullable(annotation: Any) -> bool:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return type(None) in typing.get_args(annotation)
    return annotation in (None, type(None))


# --- what decoding does ------------------------------------------------------------------------------------


def test_a_message_event_is_a_message() -> None:
    assert issubclass(events.MessageCreate, models.Message)
    assert issubclass(events.MessageCreate, Event)


def test_an_event_without_a_class_is_kept_with_its_name() -> None:
    event = decode("BRAND_NEW_EVENT", b'{"id": "1", "a": [null]}')

    assert isinstance(event, Unknown)
    assert ("BRAND_NEW_EVENT", {"id": "1", "a": [None]}) == (event.name, event.dump())


def test_a_guild_that_is_down_is_told_apart_from_one_that_has_an_odd_field() -> None:
    drift: list[Any] = []

    down = decode("GUILD_CREATE", b'{"id": "1", "unavailable": true}', on_drift=drift.append)
    odd = decode("GUILD_CREATE", b'{"id": "1", "unavailable": false}', on_drift=drift.append)

    assert (events.GuildCreateUnavailable, events.GuildCreate) == (type(down), type(odd))
    assert 1 == len(drift)


@pytest.mark.parametrize(("payload", "value"), [(b"true", True), (b"false", False)])
def test_a_payload_that_is_no_object_is_the_value(payload: bytes, value: bool) -> None:
    event = decode("INVALID_SESSION", payload)

    assert isinstance(event, events.InvalidSession)
    assert value is event.value
    assert value is event.dump()


def test_a_list_in_the_place_of_an_object_is_an_error() -> None:
    with pytest.raises(base.ModelError):
        decode("MESSAGE_DELETE", b"[]")


@pytest.mark.parametrize(
    ("data", "cls"),
    [
        ({"id": "1", "name": "ping", "type": 1}, "CommandInteractionData"),
        ({"id": "1", "name": "ping", "type": 1, "options": 5}, "CommandInteractionData"),
        ({"id": 1, "custom_id": "a", "component_type": 2}, "ComponentInteractionData"),
        ({"custom_id": "a", "components": [{"type": 10, "id": 1}]}, "ModalInteractionData"),
        ({"brand": "new"}, "UnknownInteractionData"),
    ],
)
def test_the_data_of_an_interaction_has_the_class_of_its_kind(data: dict[str, Any], cls: str) -> None:
    payload = {"id": "1", "application_id": "2", "type": 2, "data": data, "token": "secret", "version": 1}
    payload |= {"app_permissions": "8", "entitlements": [], "authorizing_integration_owners": {"0": "1"}}
    payload |= {"attachment_size_limit": 1}

    event = decode("INTERACTION_CREATE", json.dumps(payload))

    assert isinstance(event, events.InteractionCreate)
    assert cls == type(event.data).__name__
    assert _comparable(payload) == _comparable(event.dump())
    assert "secret" not in repr(event)


def test_subcommands_nest() -> None:
    option = events.InteractionOption.load({"name": "a", "type": 2, "options": [{"name": "b", "type": 1}]})

    assert option.options is not None
    assert ["b"] == [inner.name for inner in option.options]


def test_the_key_of_a_voice_session_does_not_show() -> None:
    session = voice.VoiceSessionDescription.load(
        {"mode": "aead_aes256_gcm_rtpsize", "secret_key": [251] * 32, "dave_protocol_version": 1}
    )

    assert "251" not in repr(session)


@pytest.mark.parametrize("name", sorted(DOCS["voice"]["payloads"]))
def test_a_voice_payload_has_the_documented_fields(name: str) -> None:
    number, _, inner = name.partition(".")
    cls = voice.VoiceProtocolData if inner else voice.PAYLOADS[int(number)]
    fields = set() if issubclass(cls, Plain) else set(cls.model_fields)
    notes = {f"+{key}" for key in fields - set(DOCS["voice"]["payloads"][name])}
    notes |= {f"-{key}" for key in set(DOCS["voice"]["payloads"][name]) - fields}

    assert set(KNOWN.get(f"voice.{cls.__name__.removeprefix('Voice').upper()}", ())) == notes


def test_a_binary_voice_message_is_described_where_no_class_is() -> None:
    known = {*voice.PAYLOADS, *voice.BINARY}

    assert {fact["value"] for fact in DOCS["voice"]["opcodes"].values()} == known
    assert {fact["value"] for fact in DOCS["voice"]["opcodes"].values() if fact["binary"]} == {*voice.BINARY} | {
        op for op in voice.PAYLOADS if op in voice.BINARY
    }
