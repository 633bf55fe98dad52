"""The gateway's files -> the description: what objects become that are others with differences, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen import commands, events, gateway, graph
from codegen.errors import CodegenError, SpecError
from codegen.filters import environment
from codegen.ir import Choice, Gateway, Object
from codegen.load import load

THINGS = """
schemas:
  Thing:
    fields:
      id: snowflake
      name: string
      owner: ?snowflake
      size?: integer
  InteractionType:
    enum: integer
    values: {PING: 1}
  InteractionCallbackType:
    enum: integer
    values: {PONG: 1}
"""
FILES = {
    "api.yaml": "format: 1\napi: {version: '10', url: https://x}\ndocument: {published: 2026-07-18}\n",
    "rest/things.yaml": THINGS,
    "gateway/opcodes.yaml": "opcodes:\n  HELLO: {}\n  RESUME: {}\n",
    "gateway/intents.yaml": "intents:\n  GUILDS: {}\n",
    "voice/opcodes.yaml": "opcodes:\n  READY: {}\n",
    "voice/payloads.yaml": "source: https://x\npayloads: {}\n",
    "webhook_events.yaml": "source: https://x\nevents: {}\n",
    "interaction_callbacks.yaml": "callbacks:\n  PONG: {value: 1, answers: [PING]}\n",
    "gateway/commands.yaml": "source: https://x\nlimits:\n  bytes: 9\n  messages: {count: 1, seconds: 6, per: c}\n",
}
EVENT = """source: https://docs.discord.com/x
events:
  THING_ADD:
    class: ThingAdd
    about: A thing came.
    intents: [GUILDS]
    shard: guild
"""


def read(folder: Path, event: str = "", schemas: str = "", **files: str) -> Gateway:
    """The description of a spec with one event, whose further lines are given."""
    texts = FILES | {"gateway/events/things.yaml": EVENT + indented(event, 4)}
    if schemas:
        texts["gateway/events/things.yaml"] += "schemas:\n" + indented(schemas, 2)
    texts |= {f"{name.replace('__', '/')}.yaml": text for name, text in files.items()}
    for name, text in texts.items():
        path = folder / "spec" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return gateway.load(folder / "spec", load(folder / "spec"))


def indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


def thing(gate: Gateway, name: str = "ThingAdd") -> tuple[tuple[str, ...], dict[str, bool]]:
    """What an object extends, and its own fields with whether they are required."""
    found = gate.events.spec.schemas[name]
    assert isinstance(found, Object)
    return found.extends, {field.name: field.required for field in found.fields}


def printed(gate: Gateway, path: str) -> str:
    home = graph.homes(gate.voice.spec)  # of what REST has; these specs have no voice
    pages = dict(events.render(gate, home, environment())) | dict(commands.render(gate, home, environment()))
    return pages[path]


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        ("payload: Thing", {}),
        ("payload: Thing\nextra:\n  guild_id: snowflake", {"guild_id": True}),
        ("payload: Thing\noptional: [owner]", {"owner": False}),  # null and absent read alike
        ("payload: Thing\nextra:\n  size?: int32(0..)", {"size": False}),
    ],
)
def test_an_object_that_changes_no_annotation_extends_its_base(tmp_path: Path, lines: str, fields: object) -> None:
    assert (("Thing",), fields) == thing(read(tmp_path, lines))


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        ("omit: [owner]", {"id": True, "name": True, "size": False}),
        ("optional: [name]", {"id": True, "name": False, "owner": True, "size": False}),
        ("required: [id]", {"id": True, "name": False, "owner": False, "size": False}),
        ("extra:\n  name: integer", {"id": True, "name": True, "owner": True, "size": False}),
        ("extra:\n  size: integer", {"id": True, "name": True, "owner": True, "size": True}),
    ],
)
def test_an_object_that_changes_one_has_all_fields_of_its_own(tmp_path: Path, lines: str, fields: object) -> None:
    assert ((), fields) == thing(read(tmp_path, f"payload: Thing\n{lines}"))


def test_an_object_may_be_made_from_one_that_is_read_later(tmp_path: Path) -> None:
    gate = read(
        tmp_path,
        "payload: First",
        "First:\n  source: https://x\n  about: A.\n  base: Second\n"
        "Second:\n  source: https://x\n  about: B.\n  base: Thing\n  extra: {more: string}",
    )

    assert [("First",), ("Second",), ("Thing",)] == [thing(gate, n)[0] for n in ("ThingAdd", "First", "Second")]


def test_the_class_says_which_event_it_is(tmp_path: Path) -> None:
    text = printed(read(tmp_path, "payload: Thing"), "acord/events/things.py")

    assert "class ThingAdd(Event, Thing):" in text
    assert 'event_name = "THING_ADD"' in text.replace("'", '"')
    assert "event_intents = Intents.GUILDS" in text


def test_a_payload_that_is_no_object_is_a_value(tmp_path: Path) -> None:
    gate = read(tmp_path, "payload: boolean")

    assert gate.events.events["THING_ADD"].plain
    assert "class ThingAdd(Event, Plain):" in printed(gate, "acord/events/things.py")


UNION = """Either:
  source: https://x
  about: One of two.
  union: [One, Two]
  beside: type
  arms: {1: One, 2: Two}
One:
  source: https://x
  about: The first.
  fields: {id: snowflake, a: string}
Two:
  source: https://x
  about: The second.
  fields: {id: snowflake, b: string}
"""


def test_a_union_with_its_tag_beside_it_is_told_apart_by_what_each_arm_alone_has(tmp_path: Path) -> None:
    gate = read(tmp_path, "fields:\n  type: integer\n  data: Either", UNION)

    choice = gate.events.spec.schemas["Either"]
    assert isinstance(choice, Choice)
    assert {"One": "a", "Two": "b"} == choice.keys


def test_an_object_within_itself_is_quoted(tmp_path: Path) -> None:
    gate = read(
        tmp_path, "fields:\n  inner?: Nest[]", "Nest:\n  source: https://x\n  about: A.\n  fields: {inner?: 'Nest[]'}"
    )

    text = printed(gate, "acord/events/things.py")

    assert "list['Nest']" in text or "'list[Nest] | None'" in text


@pytest.mark.parametrize(
    ("lines", "schemas", "place", "problem"),
    [
        ("payload: Thin", "", "things.yaml:8", "unknown schema 'Thin' (did you mean 'Thing'?)"),
        ("payload: InteractionType", "", "things.yaml:8", "no schema with fields"),
        ("payload: Thing\nomit: [colour]", "", "things.yaml:9", "Thing has no field 'colour'"),
        ("about2: x", "", "things.yaml:8", "unknown key (did you mean 'about'?)"),
        ("", "", "things.yaml:3", "expected fields or a payload"),
        ("payload: Thing\nopcode: HALLO", "", "things.yaml:9", "expected one of HELLO, RESUME, found 'HALLO'"),
        ("payload: Thing\nor: Nothing", "", "things.yaml:9", "unknown schema 'Nothing'"),
        ("payload: Thing", "Thing:\n  source: x\n  about: A.\n  fields: {}", "things.yaml:10", "is a schema already"),
        (
            "payload: Thing",
            "Event:\n  source: x\n  about: A.\n  fields: {}",
            "things.yaml:10",
            "is no name for a class",
        ),
        ("payload: Loop", "Loop:\n  source: x\n  about: A.\n  base: Loop", "things.yaml:13", "leads back to itself"),
        (
            "payload: Thing",
            UNION.replace("b: string", "a: string"),
            "things.yaml:13",
            "no field that it alone always has",
        ),
        ("payload: Thing", UNION.replace("2: Two", "2: One"), "things.yaml:15", "each of them"),
        ("payload: Thing", UNION.replace("  beside: type\n", ""), "things.yaml:10", "either a tag, or beside and arms"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_line(
    tmp_path: Path, lines: str, schemas: str, place: str, problem: str
) -> None:
    with pytest.raises(SpecError) as refused:
        read(tmp_path, lines, schemas)

    assert problem in str(refused.value)
    assert place in str(refused.value)


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        (
            "voice__payloads",
            "source: https://x\npayloads:\n  BEGIN: {class: B, about: A., fields: {}}\n",
            "found 'BEGIN'",
        ),
        ("voice__payloads", "source: https://x\npayloads:\n  READY: {about: A., binary: {x: u7}}\n", "found 'u7'"),
        ("interaction_callbacks", "callbacks:\n  PONG: {value: 2, answers: [PING]}\n", "PONG = 1"),
        ("interaction_callbacks", "callbacks:\n  PONG: {value: 1, answers: [PINK]}\n", "found 'PINK'"),
        (
            "gateway__commands",
            FILES["gateway/commands.yaml"] + "commands:\n  A: {class: A, opcode: X, about: A.}\n",
            "'X'",
        ),
        (
            "gateway__commands",
            FILES["gateway/commands.yaml"]
            + "commands:\n  A: {class: A, opcode: RESUME, about: A., fields: {a: string}, one_of: [b]}\n",
            "expected one of a, found 'b'",
        ),
        (
            "webhook_events",
            "source: https://x\nevents:\n  'a b': {class: A, about: A., fields: {}}\n",
            "no name of a message",
        ),
    ],
)
def test_names_that_lead_nowhere_are_refused_in_the_other_files(
    tmp_path: Path, file: str, text: str, problem: str
) -> None:
    with pytest.raises(SpecError, match=problem):
        read(tmp_path, "payload: Thing", **{file: text})


def test_groups_that_need_each_other_are_refused(tmp_path: Path) -> None:
    other = EVENT.replace("THING_ADD", "OTHER_ADD").replace("ThingAdd", "OtherAdd")
    schema = "  {}: {{source: https://x, about: A., fields: {{{}}}}}\n"
    a = "schemas:\n" + schema.format("A", "d: D") + schema.format("C", "")
    b = "schemas:\n" + schema.format("B", "c: C") + schema.format("D", "")
    gate = read(
        tmp_path,
        gateway__events__things=EVENT + "    payload: Thing\n" + a,
        gateway__events__others=other + "    payload: Thing\n" + b,
    )

    with pytest.raises(CodegenError, match="need each other in a circle"):
        printed(gate, "acord/events/things.py")


def test_a_schema_of_rest_cannot_hide_what_modules_of_events_import(tmp_path: Path) -> None:
    things = THINGS + "  Event:\n    fields: {id: snowflake}\n"

    with pytest.raises(SpecError, match="Event is a name that modules of events use"):
        read(tmp_path, "payload: Event", rest__things=things)


def test_a_field_of_a_command_cannot_hide_what_commands_have(tmp_path: Path) -> None:
    text = "commands:\n  A: {class: A, opcode: RESUME, about: A., fields: {op: string}}\n"
    gate = read(tmp_path, "payload: Thing", gateway__commands=FILES["gateway/commands.yaml"] + text)

    with pytest.raises(CodegenError, match=r"A\.op: commands have something else of this name"):
        printed(gate, "acord/commands.py")


def test_words_that_would_be_code_stay_words(tmp_path: Path) -> None:
    evil = 'x""" + __import__("os").system("true") + """'
    text = printed(
        read(
            tmp_path,
            "fields:\n  a: string",
            gateway__commands=FILES["gateway/commands.yaml"]
            + f"commands:\n  A:\n    class: A\n    opcode: RESUME\n    about: {evil!r}\n    fields: {{a: string}}\n",
        ),
        "acord/commands.py",
    )

    compile(text, "commands.py", "exec")
    assert '"""' not in text.split("class A(Command):")[1].split('"""')[1]
