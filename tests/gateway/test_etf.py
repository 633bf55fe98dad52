"""ETF: what goes through comes back, and no bytes of a stranger do harm."""

import struct
import time
import tracemalloc
from enum import Enum, IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from acord.core.errors import DecodeError, InvalidRequest
from acord.core.etf import pack, unpack
from tests.stopwatch import grows_no_faster


def binary(text: bytes) -> bytes:
    return b"m" + struct.pack(">I", len(text)) + text


def term(*parts: bytes) -> bytes:
    return b"\x83" + b"".join(parts)


integers = st.integers(-(2**64) + 1, 2**64 - 1)
scalars = st.none() | st.booleans() | integers | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5), max_leaves=40
)


@given(values)
@example("lone \ud800 surrogate")
@example([2**63, -(2**63), 2**31, -(2**31) - 1, 255, 256, 0, -1])
def test_g30_what_is_packed_comes_back_equal(value: object) -> None:
    assert value == unpack(pack(value))


def test_g31_packed_text_is_never_an_atom() -> None:
    # Keys as atoms are answered with 4002.
    assert term(b"t\x00\x00\x00\x01", binary(b"true"), binary(b"nil")) == pack({"true": "nil"})


@given(st.binary(max_size=300))
def test_g30_garbage_is_a_decode_error_or_a_value(data: bytes) -> None:
    for candidate in (data, b"\x83" + data):
        try:
            value = unpack(candidate)
        except DecodeError:
            continue
        assert value is None or isinstance(value, bool | int | float | str | list | dict | bytes | tuple)


@given(values, st.data())
def test_g30_every_truncation_is_a_decode_error(value: object, data: st.DataObject) -> None:
    packed = pack(value)
    cut = data.draw(st.integers(0, len(packed) - 1))

    with pytest.raises(DecodeError):
        unpack(packed[:cut])


@given(values, st.data())
def test_g30_a_flipped_byte_does_no_harm(value: object, data: st.DataObject) -> None:
    packed = bytearray(pack(value))
    at = data.draw(st.integers(0, len(packed) - 1))
    packed[at] ^= data.draw(st.integers(1, 255))

    try:
        unpack(bytes(packed))
    except DecodeError:
        pass


@given(values, st.binary(min_size=1, max_size=5))
def test_g30_what_follows_a_term_is_a_decode_error(value: object, more: bytes) -> None:
    with pytest.raises(DecodeError, match="follow the term"):
        unpack(pack(value) + more)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (term(b"a\xff"), 255),
        (term(b"b\xff\xff\xff\xff"), -1),
        (term(b"n\x08\x00", (175928847299117063).to_bytes(8, "little")), 175928847299117063),
        (term(b"n\x08\x01\xff\xff\xff\xff\xff\xff\xff\xff"), -(2**64) + 1),
        (term(b"n\x00\x00"), 0),
        (term(b"F", struct.pack(">d", 1.5)), 1.5),
        (term(b"c", b"1.50000000000000000000e+00".ljust(31, b"\0")), 1.5),
        (term(b"w\x04true"), True),
        (term(b"s\x05false"), False),
        (term(b"d\x00\x03nil"), None),
        (term(b"v\x00\x04null"), None),
        (term(b"s\x05hello"), "hello"),
        (term(b"s\x02\xc3\xa9"), "\u00c3\u00a9"),
        (term(b"w\x02\xc3\xa9"), "\u00e9"),
        (term(binary("caf\u00e9".encode())), "caf\u00e9"),
        (term(b"j"), []),
        (term(b"k\x00\x02\x00\xc8"), [0, 200]),
        (term(b"l\x00\x00\x00\x02a\x01a\x02j"), [1, 2]),
        (term(b"l\x00\x00\x00\x00j"), []),
        (term(b"t\x00\x00\x00\x00"), {}),
        (term(b"t\x00\x00\x00\x02", b"s\x02op", b"a\x0a", binary(b"d"), b"s\x03nil"), {"op": 10, "d": None}),
        (term(b"t\x00\x00\x00\x01", b"n\x08\x00", (2**63).to_bytes(8, "little"), b"j"), {str(2**63): []}),
        (term(b"t\x00\x00\x00\x01", b"w\x03nil", b"a\x01"), {"nil": 1}),
    ],
)
def test_each_tag_that_discord_sends_is_read(data: bytes, value: object) -> None:
    assert value == unpack(data)
    assert type(value) is type(unpack(data))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x82a\x01",
        b"\x83",
        term(b"P\x00\x00\x00\x10", b"x\x9c"),  # compressed
        term(b"h\x01a\x01"),  # tuple
        term(b"i\x00\x00\x00\x01a\x01"),
        term(b"g", b"w\x01a", b"\0" * 9),  # pid
        term(b"r", b"\0" * 20),  # reference
        term(b"p", b"\0" * 20),  # fun
        term(b"o\x00\x00\x00\x01\x00\x01"),  # large bignum
        term(b"n\x09\x00", b"\xff" * 9),
        term(b"n\x01\x02\xff"),
        term(b"n\xff\x00"),
        term(b"F", struct.pack(">d", float("inf"))),
        term(b"F", struct.pack(">d", float("nan"))),
        term(b"c", b"nan".ljust(31, b"\0")),
        term(b"c", b"1_0.0".ljust(31, b"\0")),
        term(b"c", b"9.9e999".ljust(31, b"\0")),
        term(binary(b"\xff\xfe")),
        term(b"w\x01\xff"),
        term(b"l\x00\x00\x00\x01a\x01a\x02"),  # improper list
        term(b"l\x00\x00\x00\x01a\x01"),
        term(b"t\x00\x00\x00\x01", b"j", b"a\x01"),  # a list as key
        term(b"t\x00\x00\x00\x01", b"F", struct.pack(">d", 1.0), b"a\x01"),
        b"\x00" * 50,
    ],
    ids=lambda data: data[:12].hex(),
)
def test_g30_what_discord_never_sends_is_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        unpack(data)


@pytest.mark.parametrize("tag", [b"l", b"t", b"m"])
@pytest.mark.parametrize("length", [2**32 - 1, 2**31, 100])
def test_g30_a_length_that_lies_allocates_nothing(tag: bytes, length: int) -> None:
    tracemalloc.start()
    with pytest.raises(DecodeError, match="announced"):
        unpack(term(tag, struct.pack(">I", length), b"a\x01" * 20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 100_000


@pytest.mark.parametrize("nest", [b"l\x00\x00\x00\x01", b"t\x00\x00\x00\x01a\x01"])
def test_t18_nesting_is_bounded_and_takes_no_stack(nest: bytes) -> None:
    with pytest.raises(DecodeError, match="nested"):
        unpack(term(nest * 200_000, b"j", b"j" * 200_000))


def test_t18_as_deep_as_is_accepted_goes_through() -> None:
    value: object = 1
    for _ in range(256):
        value = [value]

    assert value == unpack(pack(value))


def test_t18_many_empty_lists_in_few_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acord.core.etf.MAX_TERMS", 1000)

    with pytest.raises(DecodeError, match="more than 1000 terms"):
        unpack(term(b"l", struct.pack(">I", 2000), b"j" * 2000, b"j"))


def test_t18_time_grows_with_size_and_not_faster() -> None:
    def seconds(count: int) -> float:
        data = term(b"l", struct.pack(">I", count), b"w\x02ab" * count, b"j")
        begun = time.process_time()
        unpack(data)
        return time.process_time() - begun

    assert grows_no_faster(seconds, 5_000, 40_000, factor=8 * 5)


# Packing


def test_ids_and_enums_are_packed_as_what_they_are() -> None:
    class Colour(IntEnum):
        RED = 1

    class Word(StrEnum):
        YES = "yes"

    assert [1, "yes", {"1": 2}] == unpack(pack([Colour.RED, Word.YES, {Colour.RED: 2}]))


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (object(), "value"),
        (b"bytes", "value"),
        ({"d": {"a": [1, {"b": {1, 2}}]}}, "d.a[1].b"),
        ({"d": [2**64]}, "d[0]"),
        ({"d": float("nan")}, "d"),
        ({"d": {None: 1}}, "d"),
        ({"d": {True: 1}}, "d"),
    ],
)
def test_g31_what_etf_cannot_say_is_refused_with_its_place(value: object, where: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        pack(value)

    assert where == caught.value.argument


def test_g31_a_value_that_contains_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)

    with pytest.raises(InvalidRequest, match="256 levels"):
        pack(loop)


def test_a_member_of_an_enum_that_is_neither_number_nor_text_is_its_value() -> None:
    class Plain(Enum):
        ONE = "one"

    assert pack("one") == pack(Plain.ONE)
