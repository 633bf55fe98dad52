"""The gateway's spec beside what an independent reader found in Discord's documentation.

That reader is `tests/tools/docs_gateway.py`. The spec is read with plain PyYAML, so that the generator cannot judge
itself. What differs on purpose stands, with its reason, in `tests/data/docs_gateway_differences.yaml`; a difference
that is gone must go from there, too.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.documentation
ROOT = Path(__file__).parents[2]
DOCS = json.loads((ROOT / "tests/data/docs_gateway.json").read_text())
KNOWN = yaml.safe_load((ROOT / "tests/data/docs_gateway_differences.yaml").read_text())
# Sets of bits by what they are on the wire; spec/flags.yaml and the generated signals hold them.
BITS = {"Permissions": "string", "Intents": "integer", "Speaking": "integer"}
WORDS = {"int32": "integer", "int53": "integer", "int64": "integer", "double": "number", "uri": "string"}
DIRECTIONS = {"Receive": "receive", "Send": "send", "Send/Receive": "both"}
SIDES = {"server": "receive", "client": "send", "client and server": "both"}


@cache
def spec(name: str) -> Any:
    return yaml.safe_load((ROOT / "spec" / name).read_text())


@cache
def events() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted((ROOT / "spec/gateway/events").glob("*.yaml")):
        found |= spec(f"gateway/events/{path.name}")["events"]
    return found


@cache
def schemas() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted((ROOT / "spec").rglob("*.yaml")):
        if path.parent.name in {"rest", "events", "gateway", "voice", "spec"}:
            found |= spec(str(path.relative_to(ROOT / "spec"))).get("schemas") or {}
    return found | {entry["class"]: entry for entry in spec("gateway/commands.yaml")["commands"].values()}


def fields(entry: dict[str, Any]) -> dict[str, str]:
    """The fields of an event or schema with those of its base, as they would be written out: ``name?`` -> type."""
    base = entry.get("base") or entry.get("payload")
    own = dict(entry.get("fields") or {})
    if base in schemas():
        own = fields(schemas()[base])
        if "required" in entry:
            bare = {name.rstrip("?"): t for name, t in own.items()}
            own = {name + ("" if name in entry["required"] else "?"): t for name, t in bare.items()}
        for name in entry.get("optional", ()):
            own = {key + "?" if key == name else key: t for key, t in own.items()}
        for name in entry.get("omit", ()):
            own = {key: t for key, t in own.items() if key.rstrip("?") != name}
    for name, shown in (entry.get("extra") or {}).items():
        own = {key: t for key, t in own.items() if key.rstrip("?") != name.rstrip("?")} | {name: shown}
    return own


def kinds(shown: str) -> set[str]:
    """What the documentation may call a type of ours."""
    text = shown.lstrip("?")
    if text.endswith("]"):
        return {"array"}
    if text.startswith("map("):
        return {"map", "named"}
    if " | " in text:
        return {"any"}
    word = re.split(r"[({]", text)[0]
    if word in {"any", "snowflake", "timestamp", "string", "integer", "number", "boolean"} or word in WORDS:
        return {WORDS.get(word, word), *({"named"} if word == "any" else set())}
    if word in BITS or word.endswith("Flags"):
        return {BITS.get(word, "integer")}
    if "enum" in schemas()[word]:
        return {"string" if schemas()[word]["enum"] == "string" else "integer", "named"}
    return {"named"}


def differences(ours: dict[str, str], docs: dict[str, list[str]], *, exact: bool) -> set[str]:
    """What differs, as short notes: ``+field`` only here, ``-field`` only there, else the field and how."""
    mine = {name.rstrip("?"): (name.endswith("?"), shown) for name, shown in ours.items()}
    notes = {f"-{name}" for name in docs.keys() - mine.keys()}
    notes |= {f"+{name}" for name in mine.keys() - docs.keys()} if exact else set()
    for name in docs.keys() & mine.keys():
        optional, shown = mine[name]
        if docs[name][0] not in kinds(shown):
            notes.add(f"{name} is {shown} here, {docs[name][0]} there")
        for mark, here in (("optional", optional), ("nullable", shown.startswith("?"))):
            if here != (mark in docs[name]):
                notes.add(f"{name} is {'' if here else 'not '}{mark} here")
    return notes


def agreed(where: str) -> set[str]:
    return set(KNOWN["differences"].get(where, {}))


def test_gateway_opcodes_have_the_documented_names_values_and_directions() -> None:
    ours = {name: (e["value"], e["direction"]) for name, e in spec("gateway/opcodes.yaml")["opcodes"].items()}

    expected = {name: (f["value"], DIRECTIONS[f["action"]]) for name, f in DOCS["gateway"]["opcodes"].items()}

    assert expected == ours
    assert len(ours) == 13


def test_gateway_close_codes_have_the_documented_names_and_values() -> None:
    ours = {name: e["code"] for name, e in spec("gateway/close_codes.yaml")["close_codes"].items()}

    expected = {name: fact["code"] for name, fact in DOCS["gateway"]["close_codes"].items()}

    assert expected == ours
    assert len(ours) == 14


def test_a_gateway_close_code_is_fatal_exactly_where_the_documentation_forbids_to_reconnect() -> None:
    ours = {name: e["verdict"] != "fatal" for name, e in spec("gateway/close_codes.yaml")["close_codes"].items()}

    expected = {name: fact["reconnect"] for name, fact in DOCS["gateway"]["close_codes"].items()}

    assert expected == ours


def test_intents_have_the_documented_bits_events_and_privilege() -> None:
    ours = {
        name: (e["bit"], e.get("events", []), e.get("privileged", False))
        for name, e in spec("gateway/intents.yaml")["intents"].items()
    }

    expected = {
        name: (fact["bit"], fact["events"], fact.get("privileged", False))
        for name, fact in DOCS["gateway"]["intents"].items()
    }

    assert expected == ours
    assert sum(1 << bit for bit, _, _ in ours.values()) == 53_608_447


def test_every_documented_event_is_there_and_no_other() -> None:
    assert sorted(DOCS["gateway"]["received"]) == sorted(events())
    assert len(events()) == 82


def test_the_intents_of_an_event_are_those_that_name_it() -> None:
    named: dict[str, list[str]] = {name: [] for name in events()}
    for intent, entry in spec("gateway/intents.yaml")["intents"].items():
        for event in entry.get("events", []):
            named[event].append(intent)

    assert named == {name: entry.get("intents", []) for name, entry in events().items()}


@pytest.mark.parametrize("name", sorted(DOCS["gateway"]["received"]))
def test_an_event_carries_what_the_documentation_says(name: str) -> None:
    _compare(f"events.{name}", events()[name], DOCS["gateway"]["received"][name])


@pytest.mark.parametrize("name", sorted(DOCS["webhook_events"]["events"]))
def test_a_webhook_event_carries_what_the_documentation_says(name: str) -> None:
    entry = spec("webhook_events.yaml")["events"][name]

    _compare(f"webhook_events.{name}", entry, DOCS["webhook_events"]["events"][name])


@pytest.mark.parametrize("name", sorted(DOCS["gateway"]["sent"]))
def test_a_command_carries_what_the_documentation_says(name: str) -> None:
    entry = spec("gateway/commands.yaml")["commands"][name]

    assert spec("gateway/opcodes.yaml")["opcodes"][entry["opcode"]]["value"] == DOCS["gateway"]["sent"][name]["op"]
    _compare(f"commands.{name}", entry, DOCS["gateway"]["sent"][name])


def test_no_command_and_no_webhook_event_is_invented() -> None:
    assert sorted(DOCS["gateway"]["sent"]) == sorted(spec("gateway/commands.yaml")["commands"])
    assert sorted(DOCS["webhook_events"]["events"]) == sorted(spec("webhook_events.yaml")["events"])


@pytest.mark.parametrize("title", sorted(KNOWN["objects"]))
def test_an_object_has_the_documented_fields(title: str) -> None:
    tables = DOCS["gateway"]["objects"] | DOCS["interactions"]["answers"] | DOCS["objects"]
    webhook = {f"Webhook Events: {name}": fact for name, fact in DOCS["webhook_events"]["objects"].items()}
    name = KNOWN["objects"][title]

    notes = differences(fields(schemas()[name]), (tables | webhook)[title], exact="base" not in schemas()[name])

    assert agreed(f"objects.{name}") == notes


def test_every_table_of_the_documentation_is_compared_or_has_a_reason_not_to() -> None:
    tables = {*DOCS["gateway"]["objects"], *DOCS["interactions"]["answers"], *DOCS["objects"]}
    tables |= {f"Webhook Events: {name}" for name in DOCS["webhook_events"]["objects"]}

    assert tables == {*KNOWN["objects"], *KNOWN["not_compared"]}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Activity Types", "ActivityType"),
        ("Status Display Types", "StatusDisplayType"),
        ("Animation Types", "VoiceEffectAnimationType"),
    ],
)
def test_an_enum_of_the_gateway_has_the_documented_names_and_values(title: str, name: str) -> None:
    assert DOCS["gateway"]["enums"][title] == schemas()[name]["values"]


def test_statuses_are_the_documented_ones() -> None:
    assert sorted(DOCS["gateway"]["statuses"]) == sorted(schemas()["Status"]["values"].values())


def test_voice_opcodes_have_the_documented_names_values_and_directions() -> None:
    ours = {
        name: (e["value"], e["direction"], e.get("binary", False))
        for name, e in spec("voice/opcodes.yaml")["opcodes"].items()
    }

    expected = {name: (f["value"], SIDES[f["sent_by"]], f["binary"]) for name, f in DOCS["voice"]["opcodes"].items()}

    assert expected == ours
    assert len(ours) == 23


def test_voice_close_codes_have_the_documented_names_and_values() -> None:
    ours = {name: e["code"] for name, e in spec("voice/close_codes.yaml")["close_codes"].items()}

    assert {name: fact["code"] for name, fact in DOCS["voice"]["close_codes"].items()} == ours


def test_encryption_modes_are_the_documented_ones_in_their_state() -> None:
    states = {"Available (Preferred)": "preferred", "Available (Required)": "required", "Deprecated": "removed"}
    ours = {e["value"]: e["state"] for e in spec("voice/encryption_modes.yaml")["encryption_modes"].values()}

    assert {mode: states[status] for mode, status in DOCS["voice"]["encryption_modes"].items()} == ours


def test_the_bits_of_speaking_are_the_documented_ones() -> None:
    assert DOCS["voice"]["speaking"] == {name: e["bit"] for name, e in spec("voice/speaking.yaml")["speaking"].items()}


@pytest.mark.parametrize("op", sorted(DOCS["voice"]["payloads"]))
def test_a_voice_payload_has_the_keys_of_the_documented_example(op: str) -> None:
    number, _, inner = op.partition(".")
    name = next(n for n, e in spec("voice/opcodes.yaml")["opcodes"].items() if e["value"] == int(number))
    entry = spec("voice/payloads.yaml")["payloads"][name]
    if inner:
        entry = schemas()[entry["fields"][inner]]

    ours = {key.rstrip("?") for key in entry.get("fields") or {}}
    docs = set(DOCS["voice"]["payloads"][op])

    assert agreed(f"voice.{name}") == {*(f"+{key}" for key in ours - docs), *(f"-{key}" for key in docs - ours)}


def test_every_voice_opcode_has_a_payload() -> None:
    assert list(spec("voice/opcodes.yaml")["opcodes"]) == list(spec("voice/payloads.yaml")["payloads"])


def test_interaction_callbacks_have_the_documented_values_and_name_interactions_that_exist() -> None:
    callbacks = spec("interaction_callbacks.yaml")["callbacks"]
    ours = {name: entry["value"] for name, entry in callbacks.items()}
    types = schemas()["InteractionType"]["values"]

    assert DOCS["interactions"]["callbacks"].items() <= ours.items()
    assert agreed("callbacks") == {f"+{name}" for name in ours.keys() - DOCS["interactions"]["callbacks"].keys()}
    assert {answer for entry in callbacks.values() for answer in entry["answers"]} <= types.keys()
    assert DOCS["interactions"]["types"].items() <= types.items()


def test_every_known_difference_is_about_something_and_says_why() -> None:
    places = {f"events.{name}" for name in events()} | {f"commands.{name}" for name in DOCS["gateway"]["sent"]}
    places |= {f"webhook_events.{name}" for name in DOCS["webhook_events"]["events"]} | {"callbacks"}
    places |= {f"objects.{name}" for name in KNOWN["objects"].values()}
    places |= {f"voice.{name}" for name in spec("voice/opcodes.yaml")["opcodes"]}

    assert KNOWN["differences"].keys() <= places
    assert all(why.endswith(".") for notes in KNOWN["differences"].values() for why in notes.values())


def _compare(where: str, entry: dict[str, Any], fact: dict[str, Any]) -> None:
    docs = dict(fact.get("fields") or {})
    if same := fact.get("extras_of"):
        docs |= DOCS["gateway"]["received"][same]["fields"]
    if "d" in fact:
        assert fact["d"][0] in entry["payload"]
        assert ("nullable" in fact["d"]) == entry["payload"].startswith("?")
        return
    ours = {entry[key] for key in ("payload", "or") if key in entry}
    for target in fact.get("objects", ()):
        assert "subset" in fact or ours & set(KNOWN["payloads"][target])
    if "subset" in fact:
        assert set(fact["subset"]) == {name.rstrip("?") for name in entry["fields"]}
        return
    carried = {name.rstrip("?") for name in fields(entry)}
    assert carried.isdisjoint(fact.get("omits", ()))
    assert agreed(where) == differences(fields(entry), docs, exact=not fact.get("objects"))
