"""Our own reading of a generated class is pydantic's, node for node; what is not ours is left to pydantic."""

from __future__ import annotations

import functools
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any, cast

import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic_core import SchemaError

import acord
from acord.core import blueprint
from acord.core.base import Model, load
from acord.core.errors import ModelError
from acord.models import Message
from tests.interpreter import loaded

for group in ("acord.models", "acord.events"):
    package = import_module(group)
    for each in pkgutil.iter_modules(package.__path__, f"{group}."):
        if each.name.rpartition(".")[2] not in {"dicts", "likes"}:
            import_module(each.name)
import_module("acord.voice_payloads")


def family(cls: type[Model]) -> Iterator[type[Model]]:
    for child in cls.__subclasses__():
        yield child
        yield from family(child)


CLASSES = sorted({c for c in family(Model) if c.__module__.startswith("acord.")}, key=lambda c: c.__qualname__)
OURS = [cls for cls in CLASSES if cls.__pydantic_complete__ or blueprint.complete(cls)]
READ = {cls: cls.__pydantic_core_schema__ for cls in OURS}
DESCRIBED = {cls: cls.model_json_schema() for cls in OURS[::5]}


def laid_open(node: Any, known: dict[str, Any], cls: type[Model]) -> Any:
    """The schema of a class, with the class alone for each other model in it."""
    if isinstance(node, (list, tuple)):
        return [laid_open(item, known, cls) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    schema = cast("dict[str, Any]", node)
    if schema.get("type") == "definitions":
        known = {each["ref"]: each for each in schema["definitions"]}
        return laid_open(known.get(schema["schema"].get("schema_ref"), schema["schema"]), known, cls)
    if schema.get("type") == "definition-ref":
        return known[schema["schema_ref"]]["cls"]
    if schema.get("type") == "model" and schema["cls"] is not cls:
        return schema["cls"]
    return {key: laid_open(item, known, cls) for key, item in schema.items() if key not in {"metadata", "ref"}}


SIGNED = {cls: str(inspect.signature(cls)) for cls in OURS}


@functools.cache
def by_pydantic() -> tuple[dict[type[Model], Any], ...]:
    """What pydantic makes of the classes: schemas, signatures, and of some JSON schemas."""
    kinds = ["__signature__", *(f"__pydantic_{kind}__" for kind in ("core_schema", "validator", "serializer"))]
    before = {cls: {kind: cls.__dict__[kind] for kind in kinds} for cls in OURS}
    for cls in OURS:
        super(Model, cls).model_rebuild(force=True)
    schemas = {cls: cls.__pydantic_core_schema__ for cls in OURS}
    signed = {cls: str(inspect.signature(cls)) for cls in OURS}
    described = {cls: cls.model_json_schema() for cls in DESCRIBED}
    for cls, made in before.items():
        for kind, value in made.items():
            setattr(cls, kind, value)
    return schemas, signed, described


def test_nearly_every_class_is_read_without_pydantic() -> None:
    left = [cls for cls in CLASSES if cls not in READ]

    assert len(OURS) > 400
    assert all(cls.__pydantic_decorators__.model_validators for cls in left)  # whose payload is no object


def test_pydantic_makes_the_same_of_each_class() -> None:
    schemas, *_ = by_pydantic()

    different = [cls for cls in OURS if laid_open(READ[cls], {}, cls) != laid_open(schemas[cls], {}, cls)]

    assert [] == different


def test_each_class_has_the_json_schema_that_pydantic_gives_it() -> None:
    *_, described = by_pydantic()

    assert described == DESCRIBED


def test_help_shows_of_each_class_what_it_shows_of_pydantics() -> None:
    _, signed, _ = by_pydantic()

    assert [] == [(cls, SIGNED[cls], signed[cls]) for cls in OURS if SIGNED[cls] != signed[cls]][:3]


def test_a_class_of_the_users_own_is_left_to_pydantic() -> None:
    class Mine(Message):
        mine: tuple[int, ...] = ()

    assert not blueprint.complete(Mine)
    assert (1, 2) == cast(Any, Mine.load({**_MESSAGE, "mine": [1, 2]})).mine


def test_a_model_of_the_users_own_can_hold_ours() -> None:
    class Pair(BaseModel):
        first: Message
        second: Message | None = None

    pair = Pair.model_validate({"first": _MESSAGE, "second": _MESSAGE})

    assert type(pair.second) is Message
    assert {"first": _MESSAGE, "second": _MESSAGE} == pair.model_dump(mode="json", exclude_unset=True)


@pytest.mark.parametrize("kind", [list[Message], dict[str, Message | None], Message | None, list[dict[str, Message]]])
def test_what_holds_models_alone_needs_no_adapter(kind: Any) -> None:
    made = blueprint.validator_of(kind)

    assert made is not None
    assert str(TypeAdapter(kind).validate_python(_sample(kind))) == str(made.validate_python(_sample(kind)))


@pytest.mark.parametrize("kind", [int, list[int], list[BaseModel], dict[int, Message], tuple[Message, ...], Any | str])
def test_what_pydantic_reads_in_its_own_way_is_left_to_it(kind: Any) -> None:
    assert blueprint.validator_of(kind) is None


def test_a_schema_that_the_core_refuses_is_left_to_pydantic(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Any:
        raise SchemaError("of tomorrow")

    monkeypatch.setattr(blueprint, "SchemaValidator", refuse)

    assert blueprint.validator_of(list[Message]) is None


def test_a_class_that_is_a_part_of_itself_is_read_to_any_depth() -> None:
    kind: Any = acord.events.InteractionOption
    deep = {"name": "a", "type": 2, "options": [{"name": "b", "type": 1, "options": [{"name": "c", "type": 1}]}]}

    assert kind is type(kind.load(deep).options[0].options[0])
    assert deep == kind.load(deep).dump()


def test_an_odd_field_deep_inside_a_list_of_models_stays_as_it_is() -> None:
    odd = {**_MESSAGE, "author": {**_MESSAGE["author"], "username": 5}}

    message = load("list[Message]", [odd])[0]

    assert 5 == message.author.username
    assert type(message.id) is type(message.author.id)
    with pytest.raises(ModelError):
        load(list[Message], [odd], strict=True)


def test_the_first_message_does_not_look_for_plugins_in_every_installed_package() -> None:
    modules = loaded("from acord.core.base import load; load('Message', '{}').dump()")

    assert "acord.models.messages" in modules
    assert not {"importlib.metadata", "pydantic.type_adapter", "pydantic.plugin._loader"} & modules


_AUTHOR = {"id": "1", "username": "a", "avatar": None, "discriminator": "0", "public_flags": 0, "global_name": None}
_MESSAGE: dict[str, Any] = {
    "id": "3",
    "channel_id": "2",
    "author": _AUTHOR,
    "content": "",
    "timestamp": "2026-01-01T00:00:00.000000+00:00",
    "edited_timestamp": None,
    "mentions": [],
    "mention_roles": [],
    "attachments": [],
    "embeds": [],
    "components": [],
    "type": 0,
    "tts": False,
    "mention_everyone": False,
    "pinned": False,
    "flags": 0,
}


def _sample(kind: Any) -> Any:
    return {
        list[Message]: [_MESSAGE],
        dict[str, Message | None]: {"a": _MESSAGE, "b": None},
        list[dict[str, Message]]: [{"a": _MESSAGE}],
    }.get(kind, _MESSAGE)
