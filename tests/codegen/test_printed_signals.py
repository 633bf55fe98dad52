"""The printer of opcodes, close codes and intents: what it prints from a spec, and what it refuses where."""

import ast
import shutil
from pathlib import Path
from typing import Any

import pytest

from codegen import signals
from codegen.errors import SpecError
from codegen.filters import environment

SPEC = Path(__file__).parents[2] / "spec"


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A copy of the spec's gateway and voice that a test may spoil."""
    for folder in ("gateway", "voice"):
        shutil.copytree(SPEC / folder, tmp_path / "spec" / folder)
    return tmp_path / "spec"


def edit(path: Path, old: str, new: str) -> int:
    """Replace one place of a file; the number of its line."""
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


def gateway(spec: Path) -> str:
    return signals.render(spec, environment())[signals.GATEWAY]


def assigned(source: str, name: str) -> Any:
    """The value of a dict of a printed module: text by the last name of the key."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            assert isinstance(node.value, ast.Dict)
            return {k.attr: ast.literal_eval(v) for k, v in zip(node.value.keys, node.value.values, strict=True)}  # type: ignore[union-attr]  # the keys are members
    raise AssertionError(name)


def test_a_member_is_a_value_of_its_class_and_a_name_of_the_module(spec: Path) -> None:
    lines = gateway(spec).splitlines()

    assert "    HEARTBEAT_ACK = 11" in lines
    assert "HEARTBEAT_ACK: Final = Opcode.HEARTBEAT_ACK" in lines


def test_an_alias_stands_in_the_class_and_in_the_module(spec: Path) -> None:
    edit(spec / "gateway/opcodes.yaml", "aliases: [EVENT]", "aliases: [EVENT, THING]")

    lines = gateway(spec).splitlines()

    assert "    THING = DISPATCH" in lines
    assert "THING: Final = Opcode.DISPATCH" in lines


def test_every_advice_arrives_word_for_word(spec: Path) -> None:
    hostile = r'''It\'s \" """ {{ 7 * 7 }} \N{BULLET} #'''
    edit(
        spec / "gateway/close_codes.yaml",
        "advice: The session expired; a new one is started by itself.",
        f"advice: |-\n      {hostile}",
    )

    source = gateway(spec)

    assert hostile == assigned(source, "ADVICE")["SESSION_TIMED_OUT"]
    assert len(assigned(source, "ADVICE")) == 14


def test_no_line_is_longer_than_the_formatter_allows(spec: Path) -> None:
    printed = signals.render(spec, environment())

    assert [line for text in printed.values() for line in text.splitlines() if len(line) > 120] == []


def test_printing_twice_gives_the_same_text(spec: Path) -> None:
    assert signals.render(spec, environment()) == signals.render(spec, environment())


def test_an_event_of_two_intents_names_both(spec: Path) -> None:
    assert '    "THREAD_MEMBERS_UPDATE": Intents.GUILDS | Intents.GUILD_MEMBERS,' in gateway(spec).splitlines()


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("gateway/opcodes.yaml", "value: 11", "value: 10", "10 already stands under HELLO"),
        ("gateway/opcodes.yaml", "value: 11", "value: 256", "expected an opcode (0 to 255), found 256"),
        ("gateway/opcodes.yaml", "value: 11", "value: eleven", "expected a whole number, found 'eleven'"),
        ("gateway/opcodes.yaml", "[EVENT]", "[HELLO]", "the name HELLO already belongs to opcodes.DISPATCH"),
        (
            "gateway/opcodes.yaml",
            "[EVENT]",
            "[event]",
            "expected a name in capitals such as HEARTBEAT_ACK, found 'event'",
        ),
        ("gateway/opcodes.yaml", "[EVENT]", '["A = __import__"]', "expected a name in capitals"),
        (
            "gateway/close_codes.yaml",
            "[UNKNOWN, UNKNOWNERROR]",
            "[HELLO]",
            "the name HELLO already belongs to opcodes.HELLO",
        ),
        (
            "gateway/close_codes.yaml",
            "code: 4012",
            "code: 12",
            "expected a WebSocket close code (1000 to 4999), found 12",
        ),
        ("gateway/intents.yaml", "bit: 25", "bit: 64", "expected the number of a bit (0 to 63), found 64"),
        ("gateway/intents.yaml", "[WEBHOOKS_UPDATE]", "[webhooks]", "expected the name of an event, found 'webhooks'"),
        (
            "gateway/intents.yaml",
            "https://docs.discord.com/",
            "http://elsewhere/",
            "expected a page of https://docs.discord.com/",
        ),
        (
            "voice/encryption_modes.yaml",
            "state: preferred",
            "state: good",
            "expected one of preferred, required, removed, found 'good'",
        ),
    ],
)
def test_what_cannot_be_printed_is_refused_with_its_place(
    spec: Path, file: str, old: str, new: str, problem: str
) -> None:
    edit(spec / file, old, new)

    with pytest.raises(SpecError) as refusal:
        signals.render(spec, environment())

    assert problem in str(refusal.value)
    assert refusal.value.place.startswith(f"spec/{file}:")


def test_the_gateway_knows_no_verdict_of_voice(spec: Path) -> None:
    line = edit(spec / "gateway/close_codes.yaml", "code: 4010\n    verdict: fatal", "code: 4010\n    verdict: wait")

    with pytest.raises(SpecError) as refusal:
        gateway(spec)

    assert (
        f"spec/gateway/close_codes.yaml:{line + 1}: close_codes.INVALID_SHARD.verdict: expected one of resume, "
        in str(refusal.value)
    )


def test_a_misspelt_key_is_refused_with_the_likely_one(spec: Path) -> None:
    edit(spec / "gateway/close_codes.yaml", "advice: The session expired", "advise: The session expired")

    with pytest.raises(SpecError, match="did you mean 'advice'"):
        gateway(spec)


def test_a_table_without_entries_is_refused(spec: Path) -> None:
    path = spec / "voice/speaking.yaml"
    path.write_text(path.read_text().partition("speaking:\n")[0] + "speaking:\n")

    with pytest.raises(SpecError, match="expected at least one entry"):
        signals.render(spec, environment())
