"""The one frozen description of Discord's API that every renderer reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.notation import Type


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
class Spec:
    """Everything; `requests` names the schemas that are sent, all others are received."""

    api_version: int
    api_url: str
    published: str
    schemas: Mapping[str, Schema]
    operations: Mapping[str, Operation]
    requests: frozenset[str]
    corrections: tuple[str, ...]
    obsolete: tuple[str, ...]

    @property
    def resources(self) -> tuple[str, ...]:
        """Every resource that has operations, sorted."""
        return tuple(sorted({op.resource for op in self.operations.values()}))
