"""The one frozen description of Discord's API that every renderer reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from codegen.notation import Type, refs


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object, a path or query parameter, an upload part."""

    name: str
    type: Type
    required: bool
    deprecated: bool = False
    default: object = None


@dataclass(frozen=True, slots=True)
class Object:
    name: str
    official: str
    resource: str
    fields: tuple[Field, ...]
    extends: tuple[str, ...] = ()
    others: Type | None = None
    handwritten: str = ""
    note: str = ""
    docs: str = ""


@dataclass(frozen=True, slots=True)
class Enum:
    name: str
    official: str
    resource: str
    base: str  # "int" or "str"
    members: tuple[tuple[str, int | str], ...]
    note: str = ""
    docs: str = ""
    aliases: tuple[tuple[str, str], ...] = ()  # another name -> the title it stands for


@dataclass(frozen=True, slots=True)
class Choice:
    """A named union of objects; `tag` is the field whose values tell the arms apart, "" where none does."""

    name: str
    resource: str
    arms: tuple[str, ...]
    tag: str
    tags: Mapping[str, tuple[object, ...]]  # arm -> the values of its tag
    note: str = ""
    docs: str = ""
    beside: str = ""  # the field beside the union that names the arm
    by_value: Mapping[int | str, str] = field(default_factory=dict[int | str, str])  # value of `beside` -> arm
    keys: Mapping[str, str] = field(default_factory=dict[str, str])  # arm -> a field that it alone always has


@dataclass(frozen=True, slots=True)
class Alias:
    name: str
    official: str
    resource: str
    type: Type
    handwritten: str = ""


Schema = Object | Enum | Choice | Alias


@dataclass(frozen=True, slots=True)
class Paginate:
    """How an operation goes on: cursor parameters, where the items lie, which field of an item is the cursor."""

    cursors: tuple[str, ...]
    item: str
    key: str
    limit: int
    order: str = ""
    more: str = ""
    total: str = ""
    max_offset: int | None = None
    nested: bool = False
    needs: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    resource: str
    method: str
    path: str
    path_fields: tuple[Field, ...]
    query: tuple[Field, ...]
    body: Type | None
    body_required: bool
    media: tuple[str, ...]
    uploads: tuple[Field, ...]
    returns: tuple[tuple[int, Type | None], ...]
    answers: Mapping[int, str]
    auth: tuple[str, ...]
    scopes: tuple[str, ...]
    deprecated: str
    also: str
    docs: str
    documented: bool
    reason: bool
    files: str
    file_size: int
    """Most bytes of its file; 0 where nothing is documented."""
    attachments: str
    form: str
    paginate: Paginate | None
    idempotent: bool
    nonce: bool
    global_exempt: bool
    major: tuple[str, ...]
    comma: tuple[str, ...]
    variants: Mapping[str, object]
    note: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """A name that people may still use; `until` is the version in which it goes, "" for the next minor one."""

    old: str
    new: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """Everything; `requests` names the schemas that are sent, all others are received; `scopes` are OAuth2's."""

    api_version: int
    api_url: str
    published: str
    schemas: Mapping[str, Schema]
    operations: Mapping[str, Operation]
    requests: frozenset[str]
    corrections: tuple[str, ...]
    obsolete: tuple[str, ...]
    scopes: tuple[str, ...]
    renamed: tuple[Renamed, ...] = ()
    absent: frozenset[str] = frozenset()  # schemas that have a name here and are not in the document
    told: tuple[str, ...] = ()  # what we wrote that fits the document no longer, a line each

    @property
    def resources(self) -> tuple[str, ...]:
        """Every resource that has operations, sorted."""
        return tuple(sorted({op.resource for op in self.operations.values()}))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that arrives over the gateway, the voice gateway or an event webhook: a schema and what is beside it.

    The class is an `Object` of the world it belongs to; where `d` is no object it has the one field `value`.
    """

    name: str
    cls: str
    intents: tuple[str, ...] = ()
    shard: str = ""
    opcode: str = ""
    other: str = ""  # the class of what may come in the place of the whole payload
    plain: bool = False  # `d` is no object


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` in `seconds` for each `per`; `when` names the case where it holds, "" for every case."""

    count: int
    seconds: int
    per: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a client sends over the gateway; its class is an `Object` beside the others of commands."""

    name: str
    cls: str
    opcode: str
    plain: bool = False
    one_of: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    intents: Mapping[str, str] = field(default_factory=dict[str, str])
    answer: str = ""
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """The REST schemas and those of one other place, with the module of each class that is printed there."""

    spec: Spec
    home: Mapping[str, str]
    own: tuple[str, ...]  # the schemas that the place adds
    events: Mapping[str, Event]


@dataclass(frozen=True, slots=True)
class Gateway:
    """What has no official document: the gateway's events and commands, voice, webhook events, callbacks."""

    events: World
    webhook: World
    voice: World
    binary: Mapping[str, tuple[tuple[str, str], ...]]  # voice opcode -> its parts
    commands: tuple[Command, ...]
    max_bytes: int
    rate: Limit
    callbacks: Mapping[str, tuple[str, ...]]  # callback -> the interactions that it answers
    told: tuple[str, ...] = ()  # as of `Spec`


def uses(schema: Schema) -> Iterator[str]:
    """Every schema that a schema names."""
    match schema:
        case Object():
            yield from schema.extends
            for field in schema.fields:
                yield from refs(field.type)
            if schema.others is not None:
                yield from refs(schema.others)
        case Choice():
            yield from schema.arms
        case Alias():
            yield from refs(schema.type)
        case Enum():
            return
