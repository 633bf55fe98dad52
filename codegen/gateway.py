"""spec/gateway, spec/voice, webhook_events.yaml, interaction_callbacks.yaml -> the IR, beside the REST schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from codegen import bitsets, derive, yaml
from codegen.filters import resource_name, schema_name
from codegen.ir import Choice, Command, Enum, Event, Field, Gateway, Limit, Object, Schema, Spec, World, uses
from codegen.notation import Ref
from codegen.python import BITS
from codegen.reader import Reader
from codegen.signals import NAME
from codegen.yaml import Node

EVENTS, COMMANDS, WEBHOOK, VOICE = "acord.events", "acord.commands", "acord.events.webhook", "acord.voice_payloads"
ENUMS = "acord.events.enums"  # apart from the classes: commands need some, and no pydantic
# What these modules import or define beside the schemas, on top of TAKEN.
_TAKEN = frozenset({
    "BINARY", "Command", "EVENTS", "Event", "Intents", "Limit", "OTHERWISE", "Opcode", "PAYLOADS", "Part", "Plain",
    "PlainCommand", "Tag", "Unknown", "VoicePayload", "WebhookEvent", "decode",
})  # fmt: skip
MODULES = ("callbacks", "webhook")  # of ours beside the groups
_MODE = Enum("EncryptionMode", "", "voice", "str", ())
_SHARDS = ("guild", "0", "own")
_PARTS = ("u8", "u16", "bytes")
_EVENT = ("class", "about", "source", "payload", "fields", *derive.KEYS)
_SCHEMA = ("source", "about", "fields", "union", "tag", "beside", "arms", "enum", "values", "base", *derive.KEYS)


def load(folder: Path, spec: Spec) -> Gateway:
    """Read everything that has no official document; SpecError names ``file:line``, the key path and the problem."""
    root = folder.parent
    names = _Names(
        {name for name, _ in yaml.load(folder / "gateway/opcodes.yaml", root).nodes("opcodes")},
        {name for name, _ in yaml.load(folder / "gateway/intents.yaml", root).nodes("intents")},
        {name for name, _ in yaml.load(folder / "voice/opcodes.yaml", root).nodes("opcodes")},
    )
    commands_file = yaml.load(folder / "gateway/commands.yaml", root)
    reader = _Reader(folder, spec, names)
    for path in sorted((folder / "gateway/events").glob("*.yaml")):
        if not resource_name(path.stem) or path.stem in MODULES:
            yaml.load(path, root).fail("", f"{path.name!r} is no name of a group (lower case, digits, underscores)")
        reader.group(f"{EVENTS}.{path.stem}", yaml.load(path, root), "events", reader.event)
    commands = _Commands(reader)
    commands.read(commands_file)
    events = reader.world()
    hooks = _Reader(folder, spec, names)
    hooks.group(WEBHOOK, yaml.load(folder / "webhook_events.yaml", root), "events", hooks.webhook_event)
    webhook = hooks.world()
    talk = _Reader(folder, spec, names)
    talk.group(VOICE, yaml.load(folder / "voice/payloads.yaml", root), "payloads", talk.voice_payload)
    voice = talk.world()
    told = [*reader.told, *hooks.told, *talk.told]
    return Gateway(
        events=events,
        webhook=webhook,
        voice=voice,
        binary=talk.binary,
        commands=tuple(commands.found),
        max_bytes=commands.max_bytes,
        rate=commands.rate,
        callbacks=_callbacks(yaml.load(folder / "interaction_callbacks.yaml", root), spec, told),
        told=tuple(told),
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """What the signals define, for the references to them."""

    opcodes: set[str]
    intents: set[str]
    voice_opcodes: set[str]


class _Reader:
    """One world: groups of events with their schemas, on top of those of REST."""

    def __init__(self, folder: Path, spec: Spec, names: _Names) -> None:
        self.spec, self.names = spec, names
        flags = bitsets.classes(folder) | dict.fromkeys(BITS, "integer")
        self.base = Reader((), (), flags)
        self.told: list[str] = []
        self.base.schemas.update(spec.schemas)
        self.base.schemas[_MODE.name] = _MODE
        self.home: dict[str, str] = {_MODE.name: BITS["Speaking"]}
        self.events: dict[str, Event] = {}
        self.binary: dict[str, tuple[tuple[str, str], ...]] = {}
        self.source = ""

    def group(self, module: str, document: Node, key: str, read: Callable[[str, str, Node], None]) -> None:
        """The entries and schemas of one file, which become one module."""
        document.only(["source", key, "schemas"])
        self.source = document.text("source")
        for name, entry in document.nodes(key):
            read(module, name, entry)
        self.schemas(module, document)

    def schemas(self, module: str, document: Node) -> None:
        for name, entry in document.nodes("schemas"):
            self.add(module, name, entry, self.schema(module, name, entry))

    def add(self, module: str, name: str, entry: Node, schema: Schema) -> None:
        if not schema_name(name) or name in _TAKEN:
            entry.fail("", f"{name!r} is no name for a class (CamelCase; none that generated modules use)")
        if name in self.base.schemas:
            entry.fail("", f"{name!r} is a schema already")
        self.base.schemas[name] = schema
        self.base.places[name] = entry
        self.home[name] = ENUMS if isinstance(schema, Enum) else module

    def world(self) -> World:
        """What was read, its references and unions checked."""
        base, absent = self.base, self.spec.absent - self.home.keys()
        self.told += base.check_references(absent)
        self.told += derive.apply(base.derived, base.schemas, base.loosened)
        for name in self.home.keys() - base.schemas.keys():
            del self.home[name]
        for name in self.home.keys() & base.places.keys():
            schema, entry = base.schemas[name], base.places[name]
            for used in uses(schema):
                if used in _TAKEN:
                    entry.fail("", f"{used} is a name that modules of events use: give it another in names.yaml")
            if isinstance(schema, Choice):
                schema = self._left(schema, entry)
                for arm in schema.arms:
                    if not isinstance(base.schemas[arm], Object):
                        entry.fail("union", f"{arm} is no schema with fields")
                base.schemas[name] = self._told_apart(schema, entry) if schema.beside else base.tagged(schema, entry)
        for name, event in self.events.items():
            if event.other in absent:
                self.events[name] = replace(event, other="")
            elif event.other and not isinstance(base.schemas[event.other], Object):
                base.places[event.cls].fail("or", f"{event.other} is no schema with fields")
        spec = replace(self.spec, schemas=dict(sorted(base.schemas.items())))
        return World(spec, self.home, tuple(sorted(n for n in self.home if n in base.places)), self.events)

    def _left(self, choice: Choice, entry: Node) -> Choice:
        """The union without the arms that lost the tag together with their base."""
        lost = [
            arm for arm in choice.arms if choice.tag and arm in self.base.loosened and not self._has(arm, choice.tag)
        ]
        self.told += [f"{entry.place('union')}: {arm} has no {choice.tag} any more: left out" for arm in lost]
        return replace(choice, arms=tuple(arm for arm in choice.arms if arm not in lost))

    def _has(self, name: str, field: str) -> bool:
        return field in {f.name for f in derive.all_fields(self.base.schemas, _object(self.base.schemas[name]))}

    # --- entries --------------------------------------------------------------------------------------

    def event(self, module: str, name: str, entry: Node) -> None:
        self.heading(name, entry)
        entry.only((*_EVENT, "intents", "shard", "opcode", "or"))
        intents, opcode = entry.texts("intents"), entry.text("opcode", "")
        for intent in intents:
            _known(entry, "intents", intent, self.names.intents)
        if opcode:
            _known(entry, "opcode", opcode, self.names.opcodes)
        shard = str(entry.get("shard", ""))
        _known(entry, "shard", shard, _SHARDS)
        other = entry.text("or", "")
        if other:
            self.base.type(entry, "or", other)
        cls, plain = self.payload(module, entry)
        self.events[name] = Event(name, cls, intents, shard, opcode, other, plain)

    def webhook_event(self, module: str, name: str, entry: Node) -> None:
        self.heading(name, entry)
        entry.only(_EVENT)
        cls, plain = self.payload(module, entry)
        self.events[name] = Event(name, cls, plain=plain)

    def voice_payload(self, module: str, name: str, entry: Node) -> None:
        entry.only((*_EVENT, "binary"))
        _known(entry, "", name, self.names.voice_opcodes)
        if "binary" in entry:
            parts = entry.node("binary")
            for part in parts:
                _known(parts, part, parts.text(part), _PARTS)
            self.binary[name] = tuple((part, parts.text(part)) for part in parts)
            return
        cls, plain = self.payload(module, entry)
        self.events[name] = Event(name, cls, opcode=name, plain=plain)

    def payload(self, module: str, entry: Node) -> tuple[str, bool]:
        """Add the class of an entry: another object with differences, fields of its own, or one value."""
        name, about, source = entry.text("class"), entry.text("about"), entry.text("source", self.source)
        if "fields" in entry:
            fields, plain = self.base.fields(entry.node("fields")), False
        elif "payload" not in entry:
            entry.fail("", "expected fields or a payload")
        else:
            kind = self.base.type(entry, "payload", entry["payload"])
            plain = not isinstance(kind, Ref)
            fields = (Field("value", kind, required=True),) if plain else ()
            if not plain:
                self.base.derive(name, entry, "payload")
        self.add(module, name, entry, Object(name, "", module, fields, note=about, docs=source))
        return name, plain

    def heading(self, name: str, entry: Node) -> None:
        """Documented under a heading of its own name."""
        if not NAME.match(name):
            entry.fail("", f"{name!r} is no name of a message (capitals, digits, underscores)")
        self.source = f"{self.source.partition('#')[0]}#{name.lower().replace('_', '-')}"

    # --- schemas --------------------------------------------------------------------------------------

    def schema(self, module: str, name: str, entry: Node) -> Schema:
        """An object, an enum or a union that only these payloads know."""
        entry.only(_SCHEMA)
        about, docs = entry.text("about"), entry.text("source")
        if "enum" in entry:
            return Enum(name, "", module, self.base.enum_base(entry), self.base.enum_members(entry), about, docs)
        if "union" in entry:
            arms = entry.texts("union")
            for arm in arms:
                self.base.references.append((entry, "union", Ref(arm)))
            by_value = {_number(key): entry.node("arms").text(key) for key in entry.node("arms")}
            tag, beside = entry.text("tag", ""), entry.text("beside", "")
            if bool(tag) == bool(beside) or bool(beside) != bool(by_value):
                entry.fail("", "a union has either a tag, or beside and arms")
            if by_value and set(by_value.values()) != set(arms):
                entry.fail("arms", "expected the schemas of the union, each of them")
            return Choice(name, module, arms, tag, {}, about, docs, beside, by_value)
        if "base" in entry:
            self.base.derive(name, entry, "base")
            return Object(name, "", module, (), note=about, docs=docs)
        return Object(name, "", module, self.base.fields(entry.node("fields")), note=about, docs=docs)

    def _told_apart(self, choice: Choice, entry: Node) -> Choice:
        """The arms by a field that each alone always has: the value beside the union is out of a validator's reach."""
        schemas = self.base.schemas
        fields = {arm: derive.all_fields(schemas, _object(schemas[arm])) for arm in choice.arms}
        keys: dict[str, str] = {}
        for arm, own in fields.items():
            others = {f.name for other, theirs in fields.items() if other != arm for f in theirs}
            keys[arm] = next((f.name for f in own if f.required and f.name not in others), "")
            if not keys[arm]:
                entry.fail("union", f"{arm} has no field that it alone always has")
        return replace(choice, keys=keys)


class _Commands:
    """What a client sends: objects beside those of the events, printed without pydantic."""

    def __init__(self, reader: _Reader) -> None:
        self.reader = reader
        self.found: list[Command] = []
        self.max_bytes, self.rate = 0, Limit(0, 0, "")

    def read(self, document: Node) -> None:
        document.only(["source", "limits", "commands", "schemas"])
        self.reader.source = document.text("source")
        limits = document.node("limits")
        limits.only(["bytes", "messages"])
        self.max_bytes, self.rate = limits.whole("bytes"), _limit(limits.node("messages"))
        for name, entry in document.nodes("commands"):
            self.found.append(self._command(name, entry))
        self.reader.schemas(COMMANDS, document)

    def _command(self, name: str, entry: Node) -> Command:
        entry.only(
            ("class", "opcode", "about", "payload", "fields", "one_of", "together", "intents", "answer", "limits")
        )
        opcode = entry.text("opcode")
        _known(entry, "opcode", opcode, self.reader.names.opcodes)
        intents = entry.node("intents")
        for intent in intents:
            _known(intents, intent, intent, self.reader.names.intents)
        answer = entry.text("answer", "")
        if answer:
            _known(entry, "answer", answer, self.reader.events)
        self.reader.heading(name, entry)
        cls, plain = self.reader.payload(COMMANDS, entry)
        fields = {f.name for f in _object(self.reader.base.schemas[cls]).fields}
        one_of, together = entry.texts("one_of"), entry.texts("together")
        for key, names in (("one_of", one_of), ("together", together)):
            for field in names:
                _known(entry, key, field, fields)
        rows = entry.get("limits", [])
        if not isinstance(rows, list):
            entry.fail("limits", f"expected a list, found {yaml.kind(rows)}")
        limits: list[Limit] = []
        for row in rows:  # pyright: ignore[reportUnknownVariableType]  # checked on the next line
            if not isinstance(row, Node):
                entry.fail("limits", "each limit is a mapping")
            limits.append(_limit(row))
        why = {intent: intents.text(intent) for intent in intents}
        return Command(name, cls, opcode, plain, one_of, together, why, answer, tuple(limits))


def _limit(node: Node) -> Limit:
    node.only(["count", "seconds", "per", "when"])
    return Limit(node.whole("count"), node.whole("seconds"), node.text("per"), node.text("when", ""))


def _object(schema: Schema) -> Object:
    assert isinstance(schema, Object)
    return schema


def _number(key: str) -> int | str:
    return int(key) if key.isascii() and key.isdigit() else key


def _known(entry: Node, key: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        entry.fail(key, f"expected one of {', '.join(sorted(names))}, found {name!r}")


def _callbacks(document: Node, spec: Spec, told: list[str]) -> dict[str, tuple[str, ...]]:
    """Callback -> the interactions it answers, both by names of the enums that the REST schemas have.

    What an official enum lacks is left out, with a line in `told`.
    """
    document.only(["source", "callbacks"])
    values, types = (_enum(document, spec, name) for name in ("InteractionCallbackType", "InteractionType"))
    found: dict[str, tuple[str, ...]] = {}
    for name, entry in document.nodes("callbacks"):
        entry.only(["value", "about", "answers", "deprecated"])
        answers = [answered for answered in entry.texts("answers") if _listed(entry, "answers", types, answered, told)]
        if _listed(entry, "value", values, name, told):
            if dict(values.members)[name] != entry.whole("value"):
                entry.fail("value", f"InteractionCallbackType has {name} = {dict(values.members)[name]}")
            found[name] = tuple(answers)
    return found


def _listed(entry: Node, key: str, enum: Enum, name: str, told: list[str]) -> bool:
    """Whether an enum has a member; SpecError where it has not and is ours."""
    if name in dict(enum.members):
        return True
    if not enum.official:
        _known(entry, key, name, dict(enum.members))
    told.append(f"{entry.place(key)}: {enum.name} has no member {name} (any more): left out")
    return False


def _enum(document: Node, spec: Spec, name: str) -> Enum:
    schema = spec.schemas.get(name)
    if name in spec.absent:
        return Enum(name, name, "", "int", ())
    if not isinstance(schema, Enum):
        document.fail("", f"{name} is no enum of the REST schemas")
    return schema
