"""What Discord adds tomorrow loads and is dumped as it came: in every model, union, enum and flag set."""

from __future__ import annotations

import copy
import enum
import json
import pickle
from datetime import UTC, datetime
from importlib import import_module
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from acord import flags, models
from acord.core.base import Drift, Model, load
from acord.core.enums import AsDigits, DigitFlags, OpenFlags, OpenIntEnum, OpenStrEnum
from acord.core.errors import ModelError
from acord.core.types import Snowflake

HOMES = (
    [import_module(f"acord.models.{name}") for name in sorted({*_HOME.values()})]
    if (_HOME := vars(models)["_HOME"])
    else []
)
CLASSES: list[type[Model]] = sorted(
    {
        value
        for home in HOMES
        for value in vars(home).values()
        if isinstance(value, type) and issubclass(value, Model) and value is not Model
    },
    key=lambda cls: cls.__name__,
)
UNIONS = [cls.__name__.removeprefix("Unknown") for cls in CLASSES if cls.__name__.startswith("Unknown")]
ENUMS = sorted(
    (
        value
        for value in vars(import_module("acord.models.enums")).values()
        if isinstance(value, type) and issubclass(value, (OpenIntEnum, OpenStrEnum)) and len(value) > 0
    ),
    key=lambda cls: cls.__name__,
)
FLAGS = [
    value
    for value in vars(flags).values()
    if isinstance(value, type) and issubclass(value, OpenFlags) and len(value) > 0
]


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


# Models


def wire(cls: type[Model]) -> list[str]:
    """The names of a model's fields in JSON."""
    return [field.alias or name for name, field in cls.model_fields.items()]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param({"quite": ["another", {"shape": None}]}, id="object"),
        pytest.param([[1, "x"]], id="array"),
        pytest.param("", id="empty text"),
        pytest.param(-1.5, id="fraction"),
    ],
)
def test_whatever_stands_in_a_field_comes_back(value: Any) -> None:
    def comes_back(cls: type[Model]) -> bool:
        odd = dict.fromkeys(wire(cls), value)
        return odd == cls.load(text(odd)).dump()

    assert [] == [cls.__name__ for cls in CLASSES if not comes_back(cls)]


# What JSON has no doubt about, by the Python types that take it: a whole number is a fraction, too, an enum its value.
TAKEN_BY: dict[Any, tuple[type, ...]] = {
    "5": (str, Snowflake, DigitFlags, datetime),  # pydantic reads a number in a string as Unix time
    "yes": (str,),
    True: (),  # but see `takes`: to tell it from 1 in ids would cost each of them a tenth
    5: (int, float),
    1.5: (float,),
}


def scalars(annotation: Any) -> set[type]:
    """The classes in an annotation; `object` where it says nothing."""
    parts = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return {DigitFlags} if any(isinstance(one, AsDigits) for one in parts) else scalars(parts[0])
    if parts:
        return {one for part in parts for one in scalars(part)}
    return {object if annotation is Any else annotation if isinstance(annotation, type) else type(annotation)}


def takes(field: FieldInfo, value: Any) -> bool:
    if value is True and get_origin(field.annotation) is Literal:
        return True  # as 1, where a tag is 1
    classes = scalars(Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation)
    if value is True:  # no class of numbers takes it, though it is one
        return not classes.isdisjoint({object, bool}) or any(
            issubclass(one, (Snowflake, DigitFlags)) for one in classes
        )
    return object in classes or any(issubclass(one, TAKEN_BY[value]) for one in classes)


@pytest.mark.parametrize("value", TAKEN_BY, ids=repr)
def test_a_scalar_of_another_type_stays_as_it_came_and_is_told(value: Any) -> None:
    for cls in CLASSES:
        drift: list[Drift] = []
        names = {field.alias or name: field for name, field in cls.model_fields.items()}

        loaded = load(cls, text(dict.fromkeys(names, value)), on_drift=drift.append)

        told = {where.partition(".")[0] for one in drift for where, _ in one.problems}
        wrong = {name for name, field in names.items() if not takes(field, value)}
        assert wrong <= told, cls.__name__
        dumped = loaded.dump()
        if value is True:  # which is 1 to the serializer of bit sets
            wrong = {
                name for name in wrong if not any(issubclass(o, OpenFlags) for o in scalars(names[name].annotation))
            }
        assert {name: repr(dumped[name]) for name in wrong} == dict.fromkeys(wrong, repr(value)), cls.__name__


@pytest.mark.parametrize("cls", [models.Message, models.GuildChannel, models.UnknownMessageComponent, models.Role])
def test_a_model_of_nothing_but_unknown_fields_comes_back(cls: type[Model]) -> None:
    new = {"brand_new": {"deep": [1, None]}, "model_config": 1, "dump": "x", "_conn": {}, "__class__": "y", "": 0}

    value = cls.load(text(new))

    assert type(value) is cls
    assert new == value.dump()
    assert set(new) == value.model_fields_set
    assert value == pickle.loads(pickle.dumps(value)) == copy.deepcopy(value)  # noqa: S301 - our own bytes


def test_an_absent_field_and_a_null_differ() -> None:
    absent, null = models.User.load("{}"), models.User.load('{"global_name": null}')

    assert (None, None) == (absent.global_name, null.global_name)
    assert ("global_name" in absent.model_fields_set, "global_name" in null.model_fields_set) == (False, True)
    assert ({}, {"global_name": None}) == (absent.dump(), null.dump())


@pytest.mark.parametrize("spelt", ["80351110224678912", 80351110224678912])
def test_an_id_may_be_a_number_and_is_dumped_as_digits(spelt: int | str) -> None:
    user = models.User.load({"id": spelt})

    assert 80351110224678912 == user.id
    assert 2015 == user.id.created_at.year
    assert {"id": "80351110224678912"} == user.dump()


# Unions


def tag_of(union: str) -> str:
    (tag,) = (name for name in getattr(models, f"Unknown{union}").model_fields)
    return str(tag)


def arms_of(union: str) -> dict[Any, type[Model]]:
    """The classes of a union by the value of its tag."""
    named, unknown = get_args(get_args(getattr(models, union))[0])
    assert unknown is getattr(models, f"Unknown{union}")
    arms = get_args(get_args(named)[0]) or (get_args(named)[0],)
    return {
        kind.value if isinstance(kind, enum.Enum) else kind: arm
        for arm in arms
        for kind in get_args(arm.model_fields[tag_of(union)].annotation)
    }


@pytest.mark.parametrize("union", UNIONS)
def test_a_kind_of_tomorrow_is_kept_whole(union: str) -> None:
    tag = tag_of(union)
    kind = 99_999 if isinstance(next(iter(arms_of(union))), int) else "tomorrow"
    new = {tag: kind, "id": 5, "name": None, "brand_new": [{"x": 1}]}
    drift: list[Drift] = []

    value = load(union, text(new), on_drift=drift.append)

    assert type(value) is getattr(models, f"Unknown{union}")
    assert not getattr(value, tag).is_known
    assert [] == drift
    assert new == value.dump()


@pytest.mark.parametrize("union", UNIONS)
def test_a_known_kind_that_is_malformed_is_an_error_and_not_an_unknown(union: str) -> None:
    judged = 0
    for kind, arm in arms_of(union).items():
        odd = {tag_of(union): kind, **{name: [None] for name in wire(arm) if name != tag_of(union)}}
        drift: list[Drift] = []

        value = load(union, text(odd), on_drift=drift.append)

        if len(odd) > 1:
            judged += 1
            assert 1 == len(drift)
            assert f"Unknown{union}" not in str(drift[0].problems)
            with pytest.raises(ModelError):
                load(union, text(odd), strict=True)
        assert type(value) is arm
        assert odd == value.dump()
    assert judged > 0


@pytest.mark.parametrize("union", UNIONS)
def test_what_is_no_object_at_all_comes_back_raw(union: str) -> None:
    for odd in (None, 5, "x", [], {}):
        value = load(union, text(odd))

        assert odd == (value.dump() if isinstance(value, Model) else value)


def test_an_unknown_kind_deep_inside_leaves_its_siblings_typed() -> None:
    new = {"type": 77, "id": 3, "sparkle": True}
    row = {"type": 1, "id": 1, "components": [new, {"type": 2, "id": 2, "style": 99, "label": "x"}]}

    component = load("MessageComponent", text(row))

    assert isinstance(component, models.ActionRowComponent)
    first, second = component.components
    assert isinstance(first, models.UnknownActionRowChild)
    assert isinstance(second, models.ButtonComponent)
    assert (99, False) == (second.style, second.style.is_known)
    assert row == component.dump()


@pytest.mark.parametrize("number", [0, 1_700_000_000, -1.5, True])
def test_a_number_is_not_taken_for_a_timestamp(number: float) -> None:
    drift: list[Drift] = []
    odd = {"timestamp": number}

    from_text = load("BasicMessage", text(odd), on_drift=drift.append)

    assert odd == from_text.dump() == models.BasicMessage.load(odd).dump()
    assert "timestamp" in [where for where, _ in drift[0].problems]


@pytest.mark.parametrize(
    "spelt", ["2026-01-02T03:04:05.678000+00:00", "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z"]
)
def test_a_timestamp_is_read_in_every_spelling_of_discords(spelt: str) -> None:
    message = models.BasicMessage.load({"timestamp": spelt})

    assert datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC) == message.timestamp.replace(microsecond=0)
    assert message == models.BasicMessage.load(text({"timestamp": spelt}))


def test_drift_is_told_by_the_place_in_the_answer() -> None:
    drift: list[Drift] = []
    row = {"type": 1, "id": 1, "components": [{"type": 2, "id": 2, "style": "loud"}]}

    load("list[MessageComponent]", text([row]), on_drift=drift.append)

    assert ["0.components.0.style"] == [where for where, _ in drift[0].problems if "style" in where]


# Enums and flags


@pytest.mark.parametrize("cls", ENUMS)
def test_a_value_of_tomorrow_is_a_member_to_be(cls: Any) -> None:
    value = 99_999 if issubclass(cls, int) else "tomorrow"
    adapter: TypeAdapter[Any] = TypeAdapter(cls)

    member = adapter.validate_json(text(value))

    assert isinstance(member, cls)
    assert value == member
    assert not member.is_known
    assert all(known.is_known for known in cls)
    assert text(value) == adapter.dump_json(member) == json.dumps(member).encode()
    assert member == pickle.loads(pickle.dumps(member)) == copy.deepcopy(member)  # noqa: S301 - our own bytes
    assert "_FUTURE" not in cls.__members__


@pytest.mark.parametrize("cls", FLAGS)
@pytest.mark.parametrize("bit", [53, 54, 62, 63, 64, 100])
def test_bits_beyond_the_numbers_of_javascript_are_kept(cls: type[OpenFlags], bit: int) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(cls)
    known = next(iter(cls))
    received = int(known) | 1 << bit
    spelt = text(str(received) if issubclass(cls, DigitFlags) else received)

    value = adapter.validate_json(spelt)

    assert isinstance(value, cls)
    assert known in value
    assert received == value == (value | known)
    assert 1 << bit == value & ~known
    assert spelt == adapter.dump_json(value)


# What a union is told apart by


def undiscriminated(annotation: Any, metadata: tuple[Any, ...] = ()) -> list[str]:
    """The unions of several classes in an annotation that pydantic would have to try one by one."""
    if get_origin(annotation) is Annotated:
        inner, *around = get_args(annotation)
        return undiscriminated(inner, tuple(around))
    parts = get_args(annotation)
    found = [one for part in parts for one in undiscriminated(part)]
    if get_origin(annotation) in (Union, UnionType):
        classes = [part for part in parts if isinstance(part, type) and issubclass(part, Model)]
        if len(classes) > 1 and not any(getattr(one, "discriminator", None) for one in metadata):
            found.append(" | ".join(cls.__name__ for cls in classes))
    return found


def test_every_union_of_classes_is_told_apart_by_a_tag() -> None:
    odd = {
        f"{cls.__name__}.{name}": unions
        for cls in CLASSES
        for name, field in cls.model_fields.items()
        if (unions := undiscriminated(field.annotation, tuple(field.metadata)))
        and getattr(field, "discriminator", None) is None
    }

    assert {} == odd
    assert {} == {union: left for union in UNIONS if (left := undiscriminated(getattr(models, union)))}
    assert ["User | Role"] == undiscriminated(list[models.User | models.Role | None])
