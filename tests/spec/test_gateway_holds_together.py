"""The gateway's spec in itself: every type can be read, every name leads somewhere, nothing stands twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen import notation
from codegen.yaml import Node, load

pytestmark = pytest.mark.documentation
SPEC = Path(__file__).parents[2] / "spec"
OURS = [
    *sorted((SPEC / "gateway/events").glob("*.yaml")),
    SPEC / "gateway/commands.yaml",
    SPEC / "voice/payloads.yaml",
    SPEC / "webhook_events.yaml",
]
# Printed from files of their own: the signals, and the sets of bits.
ELSEWHERE = {"EncryptionMode", "Intents", "Permissions", "Speaking"}


def entries(path: Path) -> Iterator[tuple[str, Node]]:
    document = load(path)
    for block in ("events", "commands", "payloads", "schemas"):
        yield from document.nodes(block)


def types(entry: Node) -> Iterator[str]:
    yield from (entry.text(key) for key in ("payload", "base", "or") if key in entry)
    yield from entry.texts("union")
    for block in ("fields", "extra"):
        yield from entry.node(block).values()


def schemas(paths: list[Path]) -> list[str]:
    return [name for path in paths for name in load(path).node("schemas")]


def test_no_schema_of_ours_has_the_name_of_another() -> None:
    names = [*schemas(OURS), *schemas(sorted((SPEC / "rest").glob("*.yaml")))]

    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_every_type_leads_to_a_schema(path: Path) -> None:
    known = {*ELSEWHERE, *schemas(OURS), *schemas(sorted((SPEC / "rest").glob("*.yaml")))}
    known |= {entry.text("class") for _, entry in load(SPEC / "gateway/commands.yaml").nodes("commands")}

    named = {ref for _, entry in entries(path) for text in types(entry) for ref in notation.refs(notation.parse(text))}

    assert {name for name in named - known if not name.endswith("Flags")} == set()


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_every_entry_says_what_it_is(path: Path) -> None:
    assert [name for name, entry in entries(path) if not entry.text("about").endswith(".")] == []


def test_the_class_of_an_event_is_its_name() -> None:
    events = [(name, entry.text("class")) for path in OURS for name, entry in load(path).nodes("events")]

    assert [(name, "".join(map(str.capitalize, name.split("_")))) for name, _ in events] == events


def test_no_class_of_an_event_hides_a_schema() -> None:
    events = {entry.text("class") for path in OURS[:-3] for _, entry in load(path).nodes("events")}

    assert events & {*schemas(OURS), *schemas(sorted((SPEC / "rest").glob("*.yaml")))} == set()


def test_omitted_and_optional_fields_are_fields_of_the_base() -> None:
    objects = {name: entry for path in SPEC.rglob("*.yaml") if path.name not in {"names.yaml", "overlay.yaml"}
               for name, entry in load(path).nodes("schemas")}  # fmt: skip

    def names(entry: Node) -> set[str]:
        base = entry.get("base") or entry.get("payload")
        inherited = names(objects[base]) if base in objects else set[str]()
        for parent in entry.texts("extends"):
            inherited |= names(objects[parent])
        own = {*entry.node("fields"), *entry.node("extra")}
        return inherited | {name.rstrip("?") for name in own}

    strangers = {
        f"{name}.{field}"
        for path in OURS
        for name, entry in entries(path)
        for key in ("omit", "optional", "required")
        for field in entry.texts(key)
        if field not in names(entry)
    }

    assert strangers == set()
