"""The cutter: to whoever listens it makes no difference that the whole protocol's parser does not see plain frames."""

import random
import struct

import pytest
from hypothesis import given, strategies as st
from websockets.frames import CloseCode

from acord.core.frames import Cutter, Plain
from tests.gateway.ear import MAX, Ear

PLAIN = st.builds(
    lambda binary, data: header(0x82 if binary else 0x81, len(data)) + data,
    st.booleans(),
    st.one_of(st.binary(max_size=200), st.sampled_from([b"a" * 125, b"b" * 126, b"c" * 65535, b"d" * 65536])),
)
FRAGMENTED = st.builds(
    lambda parts, between: b"".join(
        header((0x80 if last else 0) | (2 if first else 0), len(part)) + part + (between if not last else b"")
        for part, first, last in zip(
            parts, [True, *[False] * (len(parts) - 1)], [*[False] * (len(parts) - 1), True], strict=True
        )
    ),
    st.lists(st.binary(max_size=20), min_size=2, max_size=4),
    st.sampled_from([b"", b"\x89\x01p"]),
)
CONTROL = st.sampled_from([b"\x89\x00", b"\x89\x02hi", b"\x8a\x00", b"\x89\x7d" + b"x" * 125])
BROKEN = st.sampled_from(
    [
        b"\x82\x81\x00\x00\x00\x00x",  # masked
        b"\xc2\x01x",  # reserved bit
        b"\x83\x01x",  # opcode 3
        b"\x80\x01x",  # a continuation of nothing
        b"\x02\x01x\x82\x01y",  # a message within a message
        b"\x09\x01x",  # a ping in fragments
        b"\x89\x7e\x00\x80" + b"x" * 128,  # a ping too long
        b"\x82\x7f" + struct.pack("!Q", MAX + 1),
        b"\x02\x7e\xff\xff" + b"x" * 65535 + b"\x00\x7e\xff\xff" + b"x" * 65535 + b"\x80\x03abc",  # too much in parts
        b"\x88\x02\x0f\xa0",
        b"\x88\x00",
        b"\x88\x01x",
    ]
)
STREAM = st.lists(st.one_of(PLAIN, PLAIN, FRAGMENTED, CONTROL, BROKEN, st.binary(max_size=12)), max_size=12)


def header(first: int, size: int) -> bytes:
    if size < 126:
        return bytes((first, size))
    return (
        bytes((first, 126)) + struct.pack("!H", size) if size < 65536 else bytes((first, 127)) + struct.pack("!Q", size)
    )


@given(stream=STREAM, seed=st.integers(0, 2**32))
def test_the_same_is_heard_and_answered_with_the_cutter_as_without_it(stream: list[bytes], seed: int) -> None:
    data, chance = b"".join(stream), random.Random(seed)
    plain, cut = Ear(None), Ear(Cutter(MAX))
    at = 0
    while at < len(data):
        size = chance.choice((1, 2, 3, 10, 200, 70_000, 300_000))
        for ear in (plain, cut):
            ear.feed(data[at : at + size])
        at += size

    assert plain.whole == cut.whole
    assert plain.end == cut.end


def test_whole_messages_come_out_without_the_parser() -> None:
    cutter = Cutter(MAX)

    assert [Plain([b"a", b"", b"c" * 300], True), Plain([b"t"], False)] == cutter.feed(
        b"\x82\x01a\x82\x00" + header(0x82, 300) + b"c" * 300 + b"\x81\x01t"
    )


def test_what_is_not_plain_is_the_parsers_in_its_place() -> None:
    cutter = Cutter(MAX)

    assert [Plain([b"a"], True), b"\x89\x00\x8a\x00", Plain([b"b"], True)] == cutter.feed(
        b"\x82\x01a\x89\x00\x8a\x00\x82\x01b"
    )


def test_a_frame_that_is_cut_off_is_the_parsers_to_its_end() -> None:
    cutter = Cutter(MAX)

    assert [Plain([b"a"], True), b"\x82\x04bc"] == cutter.feed(b"\x82\x01a\x82\x04bc")
    assert [b"d"] == cutter.feed(b"d")
    assert [b"e", Plain([b"f"], True)] == cutter.feed(b"e\x82\x01f")


def test_an_opcode_that_does_not_exist_is_refused_without_waiting_for_the_rest_of_its_header() -> None:
    ear = Ear(Cutter(MAX))
    ear.feed(b"\xff\x7f")  # found by fuzzing

    assert CloseCode.PROTOCOL_ERROR == ear.end[-1]


def test_half_a_header_is_nobodys_yet() -> None:
    cutter = Cutter(MAX)

    assert [] == cutter.feed(b"\x82")
    assert [] == cutter.feed(b"\x7e\x01")
    assert [Plain([b"x" * 256], True)] == cutter.feed(b"\x00" + b"x" * 256)


@pytest.mark.parametrize("size", [MAX, MAX + 1])
def test_g26_only_up_to_the_bound_is_a_message_plain(size: int) -> None:
    runs = Cutter(MAX).feed(header(0x82, size) + bytes(size))

    assert isinstance(runs[0], Plain) is (size == MAX)


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(b"\x82\x81\x00\x00\x00\x00x", id="masked"),
        pytest.param(b"\xc2\x01x", id="reserved bit"),
        pytest.param(b"\x83\x01x", id="unknown opcode"),
        pytest.param(b"\x80\x01x", id="a continuation of nothing"),
        pytest.param(b"\x88\x00", id="close"),
        pytest.param(b"\x02\x01x\x82\x01y", id="a message within a message"),
        pytest.param(b"\x09\x01x", id="a ping in fragments"),
        pytest.param(b"\x89\x7e\x00\x80" + bytes(128), id="a ping too long"),
        pytest.param(b"\x82\x7f" + struct.pack("!Q", MAX + 1) + bytes(MAX + 1), id="too much"),
    ],
)
def test_g27_after_what_ends_a_connection_nothing_is_plain(first: bytes) -> None:
    cutter = Cutter(MAX)

    assert [first + b"\x82\x01a"] == cutter.feed(first + b"\x82\x01a")
    assert [b"\x82\x01b"] == cutter.feed(b"\x82\x01b")


def test_g26_a_flood_of_tiny_fragments_is_one_run() -> None:
    flood = b"\x02\x01a" + b"\x00\x01a" * 10_000

    assert [flood] == Cutter(MAX).feed(flood)


def test_a_close_code_is_the_parsers_to_judge() -> None:
    ear = Ear(Cutter(MAX))
    ear.feed(b"\x82\x01a\x88\x02\x03\xed\x82\x01b")  # 1005 must not be sent

    assert [(True, b"a")] == ear.whole
    assert CloseCode.PROTOCOL_ERROR == ear.end[-1]


def test_p12_messages_of_one_run_have_16_kib_together_where_they_are_several() -> None:
    sizes = [6_000, 6_000, 6_000, 20_000, 100]
    stream = b"".join(header(0x82, size) + bytes(size) for size in sizes)

    runs = Cutter(MAX).feed(stream)

    assert [[6_000, 6_000], [6_000], [20_000], [100]] == [
        [len(one) for one in run.messages] for run in runs if isinstance(run, Plain)
    ]
