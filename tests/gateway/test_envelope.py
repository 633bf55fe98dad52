"""Envelopes: what is read, what is dropped, what ends the connection."""

import json
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from acord.core.envelope import Envelope, Malformed, body, from_value, read, typed
from acord.core.errors import DecodeError

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.integers(0, 50), values, st.none() | st.integers(0, 2**53), st.none() | st.text(), st.booleans())
def test_an_envelope_gives_what_was_sent(op: int, d: Any, s: int | None, t: str | None, escaped: bool) -> None:
    message = {"t": t, "s": s, "op": op, "d": d}

    envelope = read(json.dumps(message, ensure_ascii=escaped).encode())

    assert message == {"t": envelope.t, "s": envelope.s, "op": envelope.op, "d": body(envelope)}


def test_the_body_stays_a_slice_until_it_is_read() -> None:
    envelope = read(b'{"t":"X","s":1,"op":0,"d":{"a":[1,2]}}')

    assert isinstance(envelope.d, msgspec.Raw)
    assert b'{"a":[1,2]}' == bytes(envelope.d)
    assert {"a": [1, 2]} == body(envelope)


def test_text_frames_are_read_as_well() -> None:
    assert (11, None) == ((e := read('{"op":11}')).op, body(e))


@pytest.mark.parametrize("where", ['{"op":0,"t":"\\ud800","d":1}', '{"op":0,"t":"X","d":{"a":"\\udfff"}}'])
def test_r19_lone_surrogates_survive(where: str) -> None:
    envelope = read(where.encode())

    assert json.loads(where) == {"op": envelope.op, "t": envelope.t, "d": body(envelope)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"op":0',
        b"hello",
        b'{"op":0}{"op":0}',
        b'\xef\xbb\xbf{"op":0}',
        b'{"op":NaN}',
        b'{"op":0,"d":NaN}',
        b'{"op":0,"d":-Infinity}',
        b'{"op":0,"d":{"a":1,}}',
        b'{"op":0,"d":"\xff"}',
        b'{"op":0,"t":"\xff"}',
        b'{"\xc3":0,"op":0}',
        b'{"op":"x" oops',
        b'{"op":0,"d":"\xed\xa0\x80"}',
        b'{"op":0,"d":' + b"9" * 5000 + b',"t":"\\ud800"}',
        b'{"op":0,"d":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"op":0,"t":"\\ud800","d":' + b"[" * 300 + b"]" * 300 + b"}",
    ],
    ids=lambda data: repr(data[:24]),
)
def test_g22_what_is_not_json_is_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        read(data)

    assert not isinstance(caught.value, Malformed)


SHAPES: list[tuple[Any, str]] = [
    ([], "array"),
    ("text", "str"),
    (5, "int"),
    (None, "null"),
    (True, "bool"),
    ({}, "op"),
    ({"d": 1}, "op"),
    ({"op": "0"}, "op"),
    ({"op": None}, "op"),
    ({"op": 0.5}, "op"),
    ({"op": True}, "op"),
    ({"op": [0]}, "op"),
    ({"op": 0, "s": "1"}, "s"),
    ({"op": 0, "s": 1.5}, "s"),
    ({"op": 0, "s": False}, "s"),
    ({"op": 0, "t": 5}, "t"),
    ({"op": 0, "t": {}}, "t"),
]


@pytest.mark.parametrize(("value", "named"), SHAPES, ids=lambda value: repr(value)[:20])
def test_g28_json_that_is_no_envelope_is_malformed_and_its_shape_is_told(value: Any, named: str) -> None:
    for attempt in (lambda: read(json.dumps(value).encode()), lambda: from_value(value)):
        with pytest.raises(Malformed, match="not an envelope"):
            attempt()
    with pytest.raises(Malformed, match=named):
        read(json.dumps(value).encode())


def test_g28_what_is_told_of_a_malformed_message_is_no_content() -> None:
    with pytest.raises(Malformed) as caught:
        read(b'{"op":"a secret","d":"another"}')

    assert "secret" not in str(caught.value)
    assert "another" not in str(caught.value)


@given(st.binary(max_size=200))
def test_g28_garbage_is_an_envelope_or_a_decode_error(data: bytes) -> None:
    for candidate in (data, b'{"op":0,"d":' + data + b"}", b'{"op":' + data + b"}"):
        try:
            envelope = read(candidate)
        except DecodeError:
            continue
        assert envelope.op is None or isinstance(envelope.op, int)
        try:
            body(envelope)
        except DecodeError:
            pass


def test_g29_unknown_fields_are_let_be() -> None:
    assert 0 == read(b'{"op":0,"new":{"deep":[1]},"d":null}').op


def test_p16_a_message_that_someone_else_decoded_is_an_envelope_too() -> None:
    envelope = from_value({"op": 0, "d": {"a": 1}, "s": 5, "t": "X", "more": 1})

    assert Envelope(0, {"a": 1}, 5, "X") == envelope
    assert {"a": 1} == body(envelope)


class Wanted(msgspec.Struct):
    name: str


@pytest.mark.parametrize("d", [None, [], "x", {}, {"name": 5}], ids=repr)
def test_a_body_that_does_not_fit_is_none(d: Any) -> None:
    decoder = msgspec.json.Decoder(Wanted)

    assert None is typed(read(json.dumps({"op": 0, "d": d}).encode()), decoder, Wanted)
    assert None is typed(Envelope(0, d), decoder, Wanted)


def test_a_body_that_fits_is_read_without_the_rest() -> None:
    decoder = msgspec.json.Decoder(Wanted)

    assert Wanted("n") == typed(read(b'{"op":0,"d":{"guilds":[1],"name":"n"}}'), decoder, Wanted)
    assert Wanted("n") == typed(Envelope(0, {"name": "n"}), decoder, Wanted)


def test_t17_a_deep_body_is_a_decode_error_and_no_crash() -> None:
    with pytest.raises(DecodeError, match="deep"):
        read(b'{"op":0,"d":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}")


def test_t17_what_only_the_standard_library_reads_is_bounded_as_well() -> None:
    with pytest.raises(DecodeError, match="deeper than 256"):
        read(b'{"op":0,"t":"\\ud800","d":' + b"[" * 300 + b"]" * 300 + b"}")


def test_reading_an_envelope_copies_no_body() -> None:
    data = b'{"op":0,"s":1,"t":"X","d":"' + b"x" * 1_000_000 + b'"}'

    tracemalloc.start()
    read(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 50_000


def test_t17_a_deep_body_is_noticed_where_it_is_read() -> None:
    envelope = Envelope(0, msgspec.Raw(b"[" * 100_000 + b"]" * 100_000))

    with pytest.raises(DecodeError, match="deep"):
        body(envelope)


def test_r19_lone_surrogates_survive_in_a_body() -> None:
    assert "\ud800" == body(Envelope(0, msgspec.Raw(b'"\\ud800"')))


def test_t17_depth_is_noticed_by_the_slow_reader_as_well() -> None:
    with pytest.raises(DecodeError, match="deep"):
        read('{"op":0,"t":"\\ud800","d":' + "[" * 100_000 + "]" * 100_000 + "}")
