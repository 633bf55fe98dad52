import enum
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, strategies as st

from acord.core.errors import InvalidRequest
from acord.core.shapes import (
    AnyOf,
    Anything,
    Array,
    Binary,
    Boolean,
    Enum,
    Id,
    Image,
    Integer,
    Map,
    Nullable,
    Number,
    Object,
    Ref,
    Shape,
    String,
    Tagged,
    Timestamp,
    jsonable,
)
from acord.core.types import MISSING, DigitFlags, OpenFlags, OpenIntEnum, OpenStrEnum, Snowflake


class ChannelType(OpenIntEnum):
    GUILD_TEXT = 0
    DM = 1
    GUILD_NEWS = 5


class Locale(OpenStrEnum):
    GERMAN = "de"


class Flags(OpenFlags):
    A = 1


class Rights(DigitFlags):
    KICK = 2


class WithId:
    def __init__(self, id: object) -> None:
        self.id = id


class Embed:
    """What a request model does, as far as shapes know."""

    def __init__(self, **fields: object) -> None:
        self.fields = fields

    def model_dump(self, **_: object) -> dict[str, object]:
        return self.fields

    def dump(self) -> dict[str, object]:
        return self.fields


EMBED = Object("Embed", {}, {"title": String(max=5), "url": String()})
AUTHOR = Object("Author", {"name": String()}, {"embed": EMBED})
BUTTON = Object("Button", {"type": Enum("ComponentType", 2, narrow=True), "label": String()})
TEXT = Object("Text", {"type": Enum("ComponentType", 10, narrow=True), "content": String()})
STAGE = Object("Stage", {}, {"entity_type": Enum("Kind", 1, narrow=True), "place": String()})
OPEN = Object("Open", {}, {"entity_type": Enum("Kind", 1, narrow=True), "place": Nullable(String())})
VENUE = Object("Venue", {}, {"entity_type": Enum("Kind", 3, narrow=True), "place": String()})


def refusal(shape: Shape, value: object, where: str = "x") -> str:
    with pytest.raises(InvalidRequest) as caught:
        shape.check(value, where)
    return str(caught.value)


# ---- what is accepted, and how it is written


@pytest.mark.parametrize(
    ("shape", "value", "written"),
    [
        (String(), "a", "a"),
        (String(), Locale.GERMAN, "de"),
        (String(), Rights(6), "6"),
        (String(format="permissions"), 6, "6"),
        (String(2, 3), "abc", "abc"),
        (String(pattern="^[a-z]+$"), "abc", "abc"),
        (String(pattern=r"^\p{L}+$"), "left to Discord 1", "left to Discord 1"),
        (Integer(), 5, 5),
        (Integer(0, 10), ChannelType.GUILD_NEWS, 5),
        (Integer(), Flags(9), 9),
        (Number(), 1.5, 1.5),
        (Number(), 1, 1),
        (Boolean(), False, False),
        (Id(), 5, "5"),
        (Id(), "5", "5"),
        (Id(), "005", "5"),
        (Id(), Snowflake(5), "5"),
        (Id(), WithId(Snowflake(5)), "5"),
        (Id(), WithId("5"), "5"),
        (Id(), 2**64 - 1, "18446744073709551615"),
        (Timestamp(), datetime(2020, 1, 1, tzinfo=UTC), "2020-01-01T00:00:00+00:00"),
        (Timestamp(), "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        (Image(), "data:image/png;base64,AA==", "data:image/png;base64,AA=="),
        (Image(), b"GIF89a", "data:image/gif;base64,R0lGODlh"),
        (Image(), b"OggS", "data:audio/ogg;base64,T2dnUw=="),
        (Image(), b"RIFF\0\0\0\0WEBP", "data:image/webp;base64,UklGRgAAAABXRUJQ"),
        (Binary(), bytearray(b"a"), b"a"),
        (Enum("ChannelType", 0, 1, 5), 5, 5),
        (Enum("ChannelType", 0, 1, 5), ChannelType(99), 99),
        (Enum("Locale", "de", "el"), Locale.GERMAN, "de"),
        (Array(Id()), (1, "2"), ["1", "2"]),
        (Array(Integer(), 1, 2, unique=True), [1, 2], [1, 2]),
        (Map(String()), {Locale.GERMAN: "a", "el": "b", "fr": MISSING}, {"de": "a", "el": "b"}),
        (EMBED, {"title": "a", "url": MISSING}, {"title": "a"}),
        (EMBED, Embed(title="a"), {"title": "a"}),
        (AUTHOR, {"name": "n", "embed": Embed(url="u")}, {"name": "n", "embed": {"url": "u"}}),
        (Object("Any", {}, {}, others=Integer()), {"free": 1}, {"free": 1}),
        (Nullable(String()), None, None),
        (Nullable(String()), "a", "a"),
        (AnyOf(Integer(), String(max=3)), "abc", "abc"),
        (Tagged("type", {2: BUTTON, 10: TEXT}), {"type": 10, "content": "a"}, {"type": 10, "content": "a"}),
        (Tagged("type", {2: BUTTON}), {"type": ChannelType(99), "new": 1}, {"type": 99, "new": 1}),
        (Anything(), {"a": [Snowflake(1), 1, None, Flags(9)]}, {"a": ["1", 1, None, 9]}),
    ],
)
def test_what_fits_is_written_as_json_wants_it(shape: Shape, value: object, written: object) -> None:
    result = shape.check(value, "x")

    assert written == result
    assert type(written) is type(result)


# ---- what is refused, and how that is said


@pytest.mark.parametrize(
    ("shape", "value", "text"),
    [
        (String(1, 80), "", "x: expected string(1..80), got an empty string"),
        (String(1, 80), "a" * 81, "x: expected string(1..80), got a string of 81 characters"),
        (String(pattern="^a$"), "b", 'x: expected string("^a$"), got a string of 1 character'),
        (String(), 5, "x: expected string, got the integer 5"),
        (String(), None, "x: expected string, got None"),
        (Integer(1, 100), 101, "x: expected integer(1..100), got the integer 101"),
        (Integer(), True, "x: expected integer, got True"),
        (Integer(), "5", "x: expected integer, got a string of 1 character"),
        (Number(), float("nan"), "x: expected number, got the number nan"),
        (Number(), float("inf"), "x: expected number, got the number inf"),
        (Number(max=1), 1.5, "x: expected number(..1), got the number 1.5"),
        (Boolean(), 1, "x: expected True or False, got the integer 1"),
        (Binary(), "a", "x: expected bytes, got a string of 1 character"),
        (Array(EMBED, max=1), [{}, {}], "x: expected Embed[..1], got a list of 2 items"),
        (Array(Integer(), unique=True), [1, 1], "x: expected integer[unique], got a list of 2 items; one item stands"),
        (Array(String()), "abc", "x: expected a list (string[]), got a string of 3 characters"),
        (Array(Integer()), [1, "a"], "x[1]: expected integer"),
        (Map(Integer(), max=1), {"a": 1, "b": 2}, "x: expected map(integer, ..1), got a dict"),
        (Map(Integer()), {"a": "b"}, "x['a']: expected integer"),
        (Map(Integer()), [1], "x: expected a dict (map(integer)), got a list of 1 item"),
        (
            EMBED,
            {"titel": "a"},
            "x.titel: expected a field of Embed, got a string of 1 character; did you mean 'title'?",
        ),
        (EMBED, {"qqq": "a"}, "x.qqq: expected a field of Embed, got a string of 1 character; validate=False"),
        (EMBED, 5, "x: expected Embed (a model or a dict), got the integer 5"),
        (AUTHOR, {}, "x.name: expected string, got nothing"),
        (AUTHOR, {"name": MISSING}, "x.name: expected string, got nothing"),
        (AUTHOR, {"name": "a", "embed": {"title": "abcdef"}}, "x.embed.title: expected string(..5)"),
        (Array(AUTHOR), [{"name": "a", "embed": Embed(title="abcdef")}], "x[0].embed.title: expected string(..5)"),
        (Tagged("type", {2: BUTTON}), {}, "x.type: expected one of 2 (Button), got nothing"),
        (Tagged("type", {2: BUTTON}), {"type": 3}, "x.type: expected one of 2 (Button), got the integer 3"),
        (Tagged("type", {2: BUTTON}), {"type": 2}, "x.label: expected string, got nothing"),
        (AnyOf(Integer(), String()), 1.5, "x: expected integer | string, got the number 1.5"),
        (AnyOf(Integer(), Array(EMBED)), [{"title": 5}], "x[0].title: expected string(..5), got the integer 5"),
        (AnyOf(STAGE, VENUE), {"entity_type": 3, "place": 5}, "x.place: expected string, got the integer 5"),
        (AnyOf(VENUE, STAGE), {"entity_type": 3, "place": 5}, "x.place: expected string, got the integer 5"),
        (AnyOf(OPEN, VENUE), {"entity_type": 3, "place": None}, "x.place: expected string, got None"),
        (Image(), b"text", "x: expected a PNG, JPEG, GIF, WebP or AVIF picture, a sound, or a data URI, got 4 bytes"),
        (Image(), "cat.png", "x: expected a data URI"),
        (Timestamp(), datetime(2020, 1, 1), "x: expected a datetime with tzinfo"),
        (Timestamp(), "yesterday", "x: expected a datetime with tzinfo, or ISO 8601 text"),
        (Anything(), object(), "x: expected something that JSON can write, got an object"),
        (Anything(), {"a": [b"x"]}, "x.a[0]: expected something that JSON can write, got 1 byte"),
        (Anything(), float("nan"), "x: expected something that JSON can write"),
    ],
)
def test_what_does_not_fit_is_refused_by_place_kind_and_limit(shape: Shape, value: object, text: str) -> None:
    assert refusal(shape, value).startswith(text)


@pytest.mark.parametrize(
    "value",
    [
        -1,
        2**64,
        "",
        "-1",
        "1.0",
        "<@1>",
        "1" * 21,
        "1" * 5000,
        "٣",
        "@me",
        True,
        None,
        1.5,
        WithId(None),
        ChannelType.DM,
    ],
)
def test_T15_an_id_is_digits_within_64_bits(value: object) -> None:
    assert refusal(Id(), value).startswith("x: expected an id of up to 64 bits")


def test_an_unlisted_enum_value_is_refused_with_the_list_and_the_way_around() -> None:
    text = refusal(Enum("ChannelType", 0, 1, 5), 7)

    assert "x: expected ChannelType: one of 0, 1, 5, got the integer 7" in text
    assert "pass ChannelType(value) or validate=False" in text


def test_a_misspelt_enum_value_finds_the_right_one() -> None:
    assert "did you mean 'channels'?" in refusal(Enum("Kind", "channels", "roles"), "chanels")


def test_a_known_member_outside_a_narrowed_enum_is_refused() -> None:
    assert "one of 0, 5" in refusal(Enum("ChannelType", 0, 5, narrow=True), ChannelType.DM)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, Flags.A | 64, Locale("xx")])
def test_an_enum_takes_neither_look_alikes_nor_members_of_others(value: object) -> None:
    refusal(Enum("ChannelType", 0, 1, 5), value)


def test_a_word_that_is_like_none_gets_no_suggestion() -> None:
    text = refusal(Enum("Kind", "channels", "roles"), "xyz")

    assert "did you mean" not in text
    assert "validate=False" in text


# ---- notation


@pytest.mark.parametrize(
    ("shape", "notation"),
    [
        (String(1, 80), "string(1..80)"),
        (String(max=7, pattern="^#"), 'string(..7, "^#")'),
        (Integer(0), "integer(0..)"),
        (Nullable(String()), "?string"),
        (Id(), "snowflake"),
        (Timestamp(), "timestamp"),
        (Array(EMBED, max=10), "Embed[..10]"),
        (Array(Id(), 1, 25, unique=True), "snowflake[1..25 unique]"),
        (Array(Nullable(Integer())), "(?integer)[]"),
        (Map(String()), "map(string)"),
        (Map(String(max=100), max=34), "map(string(..100), ..34)"),
        (AnyOf(EMBED, Ref("Other")), "Embed | Other"),
        (Tagged("type", {2: BUTTON, 3: BUTTON, 10: TEXT}), "Button | Text"),
        (Enum("ChannelType", 0, 1, 5), "ChannelType"),
        (Enum("ChannelType", 0, 5, narrow=True), "ChannelType{0, 5}"),
        (Boolean(), "boolean"),
        (Anything(), "any"),
    ],
)
def test_a_shape_prints_in_the_notation_of_the_spec(shape: Shape, notation: str) -> None:
    assert notation == str(shape)


# ---- references


@pytest.fixture
def schemas(monkeypatch: pytest.MonkeyPatch) -> dict[str, Shape]:
    table: dict[str, Shape] = {}
    module: Any = ModuleType("acord.shapes")
    module.lookup = table.__getitem__
    monkeypatch.setitem(sys.modules, "acord.shapes", module)
    return table


def test_a_reference_is_looked_up_when_first_needed(schemas: dict[str, Shape]) -> None:
    shape = Array(Ref("Embed"))

    schemas["Embed"] = EMBED

    assert [{"title": "a"}] == shape.check([{"title": "a"}], "x")


def test_shapes_may_contain_themselves(schemas: dict[str, Shape]) -> None:
    schemas["Tree"] = Object("Tree", {}, {"children": Array(Ref("Tree")), "name": String(max=2)})

    assert refusal(Ref("Tree"), {"children": [{"children": [{"name": "abc"}]}]}).startswith(
        "x.children[0].children[0].name: expected string(..2)"
    )


# ---- validate=False


@pytest.mark.parametrize(
    ("shape", "value", "written"),
    [
        (String(max=1), "abc", "abc"),
        (Integer(max=1), 5, 5),
        (Enum("ChannelType", 0), 7, 7),
        (Array(String(max=1), max=1), ["ab", "cd"], ["ab", "cd"]),
        (Array(Id(), max=1), [1, WithId(2)], ["1", "2"]),
        (EMBED, {"title": "abcdef", "new": Snowflake(1), "url": MISSING}, {"title": "abcdef", "new": "1"}),
        (AUTHOR, {}, {}),
        (Map(Integer(max=1), max=1), {"a": 5, "b": 6}, {"a": 5, "b": 6}),
        (Nullable(Id()), None, None),
        (Tagged("type", {2: BUTTON}), {"type": 99, "who": Snowflake(1)}, {"type": 99, "who": "1"}),
        (Tagged("type", {2: BUTTON}), {"type": 2, "label": 5}, {"type": 2, "label": 5}),
        (Tagged("type", {2: BUTTON}), {"type": []}, {"type": []}),
        (AnyOf(Integer(max=1), Id()), 5, "5"),
        (String(), None, None),
        (EMBED, "text", "text"),
        (Map(String()), [1], [1]),
        (Tagged("type", {2: BUTTON}), None, None),
        (Array(String()), "text", "text"),
    ],
)
def test_without_validation_limits_pass_and_json_stays_json(shape: Shape, value: object, written: object) -> None:
    assert written == shape.loose(value, "x")


def test_without_validation_what_json_cannot_say_is_still_refused() -> None:
    with pytest.raises(InvalidRequest):
        EMBED.loose({"title": object()}, "x")


# ---- properties

ODD = [MISSING, ChannelType.DM, ChannelType(99), Flags(9), Rights(3), Snowflake(1), WithId(1), object()]
LEAVES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8)
    | st.sampled_from(
        [MISSING, ChannelType.DM, ChannelType(99), Flags(9), Rights(3), Snowflake(1), WithId(1), object()]
    )
    | st.datetimes()
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["title", "url", "name", "embed", "type", "label"]), inner, max_size=4)
    ),
    max_leaves=8,
)
SHAPES: list[Shape] = [
    String(1, 5),
    Integer(0, 9),
    Number(),
    Boolean(),
    Id(),
    Timestamp(),
    Image(),
    Enum("ChannelType", 0, 1, 5),
    Array(EMBED, max=2),
    Map(Nullable(String(max=3))),
    AUTHOR,
    Tagged("type", {2: BUTTON, 10: TEXT}),
    AnyOf(Integer(), Array(String()), EMBED),
    Anything(),
]


@given(st.sampled_from(SHAPES), VALUES)
def test_H_a_value_is_written_as_json_or_refused_by_name(shape: Shape, value: object) -> None:
    for check in (shape.check, shape.loose):
        try:
            written = check(value, "x")
        except InvalidRequest as error:
            assert error.argument.startswith("x")
        else:
            json.dumps(written, allow_nan=False)
            assert not holds(written, lambda item: item is MISSING or isinstance(item, enum.Enum))


@given(st.sampled_from(SHAPES), VALUES)
def test_H_what_was_written_fits_its_shape_and_stays_as_it_is(shape: Shape, value: object) -> None:
    try:
        written = shape.check(value, "x")
    except InvalidRequest:
        return
    if holds(value, lambda item: isinstance(item, (OpenIntEnum, OpenStrEnum)) and not item.is_known):
        return  # a member-to-be says that it is meant; its bare value does not

    assert written == shape.check(written, "x")


@given(VALUES)
def test_H_what_passes_the_check_is_the_same_without_it(value: object) -> None:
    for shape in SHAPES:
        try:
            written = shape.check(value, "x")
        except InvalidRequest:
            continue
        assert written == shape.loose(value, "x")


def holds(value: object, test: Callable[[object], bool]) -> bool:
    if isinstance(value, dict):
        return any(holds(item, test) for item in value.values())
    if isinstance(value, list):
        return any(holds(item, test) for item in value)
    return test(value)


def test_shapes_compare_by_content_and_do_not_change() -> None:
    assert Array(String(1, 5)) == Array(String(1, 5))
    assert Array(String(1, 5)) != Array(String(1, 6))
    assert hash(EMBED) == hash(Object("Embed", {}, {"title": String(max=5), "url": String()}))
    with pytest.raises(AttributeError, match="does not change"):
        EMBED.name = "Other"


def test_models_are_data_too_where_anything_is_allowed() -> None:
    assert {"a": {"title": "x"}} == jsonable({"a": Embed(title="x")}, "")


def test_what_discord_alone_says_of_an_object_is_left_out_where_it_is_sent_back() -> None:
    came = Embed(title="a", size=3, author={"icon": "x"})

    assert {"title": "a"} == EMBED.check(came, "x")


def test_the_complaint_of_a_union_is_that_of_the_arm_that_fits_best_wherever_it_is_written(
    schemas: dict[str, Shape],
) -> None:
    schemas["Near"] = Object("Near", {}, {"a": String(), "b": String()})
    schemas["Far"] = Object("Far", {}, {"a": Boolean()})

    text = refusal(AnyOf(Ref("Far"), Nullable(Ref("Near"))), {"a": 1, "b": "x"})

    assert text.startswith("x.a: expected string")
