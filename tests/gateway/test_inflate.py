"""Inflaters: three ways of feeding, and everything a stream can do wrong."""

import json
import random
import zlib
from collections.abc import Callable, Iterable
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from acord.core import inflate
from acord.core.errors import DecodeError
from acord.core.etf import pack
from acord.core.inflate import best_form, inflater
from tests.stopwatch import grows_no_faster

zstd: Any = pytest.importorskip("backports.zstd", reason="no zstd decoder")

SUFFIX = b"\x00\x00\xff\xff"


class ZlibServer:
    """Compresses as the gateway does: one context, a flush after each message."""

    form = "zlib-stream"

    def __init__(self) -> None:
        self._context = zlib.compressobj()

    def frame(self, message: bytes) -> bytes:
        return self._context.compress(message) + self._context.flush(zlib.Z_SYNC_FLUSH)


class ZstdServer:
    form = "zstd-stream"

    def __init__(self) -> None:
        self._context = zstd.ZstdCompressor()

    def frame(self, message: bytes) -> bytes:
        data: bytes = self._context.compress(message, mode=self._context.FLUSH_BLOCK)
        return data


Server = Callable[[], Any]
servers = pytest.mark.parametrize("server", [ZlibServer, ZstdServer])

texts = st.dictionaries(st.text(max_size=8), st.text(max_size=60), max_size=6).map(lambda d: json.dumps(d).encode())
terms = st.dictionaries(st.text(max_size=8), st.integers(0, 2**60), max_size=6).map(pack)


def feed(form: str, frames: Iterable[bytes], **bounds: int) -> list[bytes]:
    under_test = inflater(form, **bounds)
    return [message for frame in frames for message in under_test.feed(frame)]


# Three ways


@servers
@given(messages=st.lists(texts, max_size=8))
def test_whole_frames_give_their_messages(server: Server, messages: list[bytes]) -> None:
    peer = server()

    assert messages == feed(peer.form, [peer.frame(message) for message in messages])


@servers
@given(messages=st.lists(texts, max_size=4))
def test_g23_bytes_one_by_one_give_the_same_messages(server: Server, messages: list[bytes]) -> None:
    peer = server()
    if server is ZstdServer:
        # Without a mark for the end, a brace that comes last in a piece is taken for it.
        messages = [message for message in messages if message.count(b"}") == 1]
    stream = b"".join(peer.frame(message) for message in messages)

    assert messages == feed(peer.form, [stream[at : at + 1] for at in range(len(stream))])


def test_g23_a_zstd_message_of_many_blocks_in_pieces_is_one_message() -> None:
    message = json.dumps({"text": random.Random(1).randbytes(400_000).hex()}).encode()
    frame = ZstdServer().frame(message)

    assert [message] == feed("zstd-stream", [frame[at : at + 1000] for at in range(0, len(frame), 1000)])


@given(messages=st.lists(texts | terms, max_size=6), seed=st.integers())
def test_g23_messages_joined_and_cut_anywhere_come_out_whole(messages: list[bytes], seed: int) -> None:
    peer, chance = ZlibServer(), random.Random(seed)
    # One kind a connection; an ETF term has no visible end, so frames end where its messages do.
    kind = [message for message in messages if message[:1] == (messages[0][:1])]
    frames: list[bytes] = []
    joined = b""
    for message in kind:
        joined += peer.frame(message)
        if chance.random() < 0.5:
            cut = chance.randrange(len(joined) + 1) if message[:1] == b"{" else len(joined)
            frames += [joined[:cut]]
            joined = joined[cut:]
    frames.append(joined)

    assert kind == feed("zlib-stream", frames)


def test_a_message_with_more_behind_it_comes_out_when_the_rest_does() -> None:
    peer = ZlibServer()
    first, second = peer.frame(b'{"a":1}'), peer.frame(b'{"b":2}')
    under_test = inflater("zlib-stream")

    begun = under_test.feed(first + second[:3])
    done = under_test.feed(second[3:])

    assert [b'{"a":1}', b'{"b":2}'] == begun + done


def test_several_etf_messages_in_one_frame_are_told_apart() -> None:
    peer = ZlibServer()
    messages = [pack({"op": 11, "d": None}), pack([1, [2]]), pack("x")]

    assert messages == feed("zlib-stream", [b"".join(map(peer.frame, messages))])


def test_the_context_lives_over_frames() -> None:
    peer = ZlibServer()
    message = json.dumps({"text": "the same text again and again"}).encode()
    frames = [peer.frame(message) for _ in range(5)]

    assert [message] * 5 == feed("zlib-stream", frames)
    assert len(frames[4]) < len(message) // 2


def test_what_was_inflated_ahead_is_a_part_as_any() -> None:
    server = zlib.compressobj()
    frame = server.compress(b'{"a":[1,2,3]}') + server.flush(zlib.Z_SYNC_FLUSH)
    under_test = inflater("zlib-stream", max_wire=100)
    begin, rest = frame[:-8], frame[-8:]
    parts = under_test.ahead([begin, rest])
    assert parts is not None

    assert [] == under_test.take(begin, parts[0], newest=False)
    assert len(begin) == under_test.pending
    assert [b'{"a":[1,2,3]}'] == under_test.take(rest, parts[1])
    assert 0 == under_test.pending
    with pytest.raises(DecodeError):
        under_test.take(b"x" * 101, b"")


def test_pending_says_that_a_message_has_begun() -> None:
    frame = ZlibServer().frame(b'{"a":1}')
    under_test = inflater("zlib-stream")
    before = under_test.pending

    under_test.feed(frame[:-1])
    during = under_test.pending
    under_test.feed(frame[-1:])

    assert (0, len(frame) - 1, 0) == (before, during, under_test.pending)


# G22, G23


@given(st.data())
@settings(max_examples=200)
def test_g22_a_flipped_byte_is_an_error_or_other_bytes_and_never_a_crash(data: st.DataObject) -> None:
    server = data.draw(st.sampled_from([ZlibServer, ZstdServer]))
    peer = server()
    frames = [bytearray(peer.frame(data.draw(texts))) for _ in range(3)]
    frame = data.draw(st.sampled_from(frames))
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= data.draw(st.integers(1, 255))

    try:
        feed(peer.form, map(bytes, frames))
    except DecodeError:
        pass


@given(st.sampled_from(["zlib-stream", "zstd-stream", "zlib-payload"]), st.lists(st.binary(max_size=100), max_size=5))
def test_g22_garbage_is_a_decode_error_or_nothing(form: str, frames: list[bytes]) -> None:
    try:
        feed(form, frames)
    except DecodeError:
        pass


@pytest.mark.parametrize("form", ["zlib-stream", "zstd-stream"])
def test_g22_what_is_no_stream_at_all_is_a_decode_error(form: str) -> None:
    with pytest.raises(DecodeError):
        feed(form, [b'{"op":10}' * 5])


def test_g22_a_stream_that_ends_is_a_decode_error() -> None:
    context = zlib.compressobj()

    with pytest.raises(DecodeError, match="ended"):
        feed("zlib-stream", [context.compress(b'{"op":10}') + context.flush(zlib.Z_FINISH)])


def test_g23_the_suffix_may_come_in_pieces() -> None:
    frame = ZlibServer().frame(b'{"a":1}')

    for cut in range(1, 5):
        assert [b'{"a":1}'] == feed("zlib-stream", [frame[:-cut], frame[-cut:]])


def stored(*pieces: bytes) -> list[bytes]:
    """One message as stored blocks, cut behind each piece, with a flush at the end."""
    whole = b"".join(pieces)
    stream = b"\x78\x01\x00" + len(whole).to_bytes(2, "little") + (len(whole) ^ 0xFFFF).to_bytes(2, "little")
    frames = [*pieces[:-1], pieces[-1] + b"\x00" + SUFFIX]
    return [stream + frames[0], *frames[1:]]


def test_g23_the_suffix_within_a_message_is_no_end() -> None:
    frames = stored(b'{"a":"' + SUFFIX, b" and " + SUFFIX, b'more"}')

    assert [b'{"a":"' + SUFFIX + b" and " + SUFFIX + b'more"}'] == feed("zlib-stream", frames)
    assert [b'{"a":"' + SUFFIX + b" and " + SUFFIX + b'more"}'] == feed("zlib-stream", [b"".join(frames)])


def test_g22_what_was_flushed_is_a_message_though_its_end_is_missing() -> None:
    # The parser will say that it is none, now and not when the next one comes.
    assert [b'{"op":0,'] == feed("zlib-stream", [ZlibServer().frame(b'{"op":0,')])


def test_g23_a_message_without_end_is_given_up_at_its_bound() -> None:
    context = zlib.compressobj(0)
    under_test = inflater("zlib-stream", max_wire=100_000)

    with pytest.raises(DecodeError, match="on the wire"):
        for _ in range(10):
            assert [] == under_test.feed(context.compress(b"x" * 30_000))


# G24, T11


def bomb(form: str, size: int) -> bytes:
    blank = b'{"a":"' + b" " * size
    if form == "zstd-stream":
        return ZstdServer().frame(blank)
    return ZlibServer().frame(blank) if form == "zlib-stream" else zlib.compress(blank)


@pytest.mark.parametrize("form", ["zlib-stream", "zstd-stream", "zlib-payload"])
def test_g24_a_bomb_is_stopped_at_the_bound(form: str) -> None:
    with pytest.raises(DecodeError, match="inflated"):
        feed(form, [bomb(form, 3_000_000)], max_inflated=1_000_000)


@pytest.mark.parametrize("form", ["zlib-stream", "zstd-stream", "zlib-payload"])
def test_g24_the_bound_itself_is_allowed(form: str) -> None:
    message = b'{"a":"' + b" " * 9_992 + b'"}'
    frame = {"zlib-stream": ZlibServer, "zstd-stream": ZstdServer}.get(form, ZlibServer)().frame(message)
    frame = zlib.compress(message) if form == "zlib-payload" else frame

    assert [message] == feed(form, [frame], max_inflated=10_000)
    with pytest.raises(DecodeError):
        feed(form, [frame], max_inflated=9_999)


@pytest.mark.parametrize("form", ["zlib-stream", "zstd-stream"])
def test_g24_a_bomb_in_many_small_frames_is_stopped_as_well(form: str) -> None:
    frame = bomb(form, 3_000_000)

    with pytest.raises(DecodeError, match="inflated"):
        feed(form, [frame[at : at + 7] for at in range(0, len(frame), 7)], max_inflated=1_000_000)


def test_g24_the_bound_counts_anew_for_each_message() -> None:
    for server in (ZlibServer, ZstdServer):
        peer = server()
        message = b'{"a":"' + b"x" * 900 + b'"}'

        assert [message] * 10 == feed(peer.form, [peer.frame(message) for _ in range(10)], max_inflated=1000)


@pytest.mark.parametrize("form", ["zlib-stream", "zstd-stream", "zlib-payload"])
def test_t11_frames_over_the_wire_bound_are_refused(form: str) -> None:
    with pytest.raises(DecodeError, match="on the wire"):
        feed(form, [b"\x78" * 1001], max_wire=1000)


def test_t11_plain_frames_have_the_bound_of_a_message() -> None:
    assert [b"x" * 10] == feed_plain(b"x" * 10, 10)

    with pytest.raises(DecodeError):
        feed_plain(b"x" * 11, 10)


def feed_plain(frame: bytes, bound: int) -> list[bytes]:
    return inflater(None, max_inflated=bound).feed(frame)


# G25


def test_g25_a_window_over_8_mib_is_refused() -> None:
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    context = zstd.ZstdCompressor(options=options)
    frame = context.compress(b'{"a":1}', mode=context.FLUSH_BLOCK)

    with pytest.raises(DecodeError, match="zstd"):
        feed("zstd-stream", [frame])


def test_g25_a_window_of_8_mib_is_read() -> None:
    context = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 23})

    assert [b'{"a":1}'] == feed("zstd-stream", [context.compress(b'{"a":1}', mode=context.FLUSH_BLOCK)])


def test_g25_frames_may_follow_each_other() -> None:
    first, second = zstd.compress(b'{"a":1}'), zstd.compress(b'{"b":2}')

    assert [b'{"a":1}', b'{"b":2}'] == feed("zstd-stream", [first, second])
    assert [b'{"a":1}{"b":2}'] == feed("zstd-stream", [first + second])


def test_g25_what_follows_a_frame_must_be_one() -> None:
    with pytest.raises(DecodeError):
        feed("zstd-stream", [zstd.compress(b'{"a":1}') + b"trailing"])


def test_g25_a_flood_of_empty_frames_is_refused() -> None:
    with pytest.raises(DecodeError, match="frames at once"):
        feed("zstd-stream", [zstd.compress(b"") * 10_000])


# Payload compression and forms


def test_payload_compression_takes_plain_and_compressed_frames() -> None:
    frames = [b'{"op":10}', zlib.compress(b'{"op":0}'), b"\x83a\x01", b""]

    assert [b'{"op":10}', b'{"op":0}', b"\x83a\x01", b""] == feed("zlib-payload", frames)


@pytest.mark.parametrize("payload", [zlib.compress(b"{}")[:-1], zlib.compress(b"{}") + b"x", b"x\x9c" + b"\xff" * 9])
def test_a_payload_that_is_not_one_stream_is_a_decode_error(payload: bytes) -> None:
    with pytest.raises(DecodeError):
        feed("zlib-payload", [payload])


def test_an_unknown_form_is_named() -> None:
    with pytest.raises(ValueError, match="'brotli'"):
        inflater("brotli")


def test_zstd_is_the_cheapest_form_where_it_is_installed() -> None:
    assert "zstd-stream" == best_form()


def test_without_zstd_zlib_is_chosen_and_asking_for_zstd_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "_zstd", lambda: None)

    assert "zlib-stream" == best_form()
    with pytest.raises(ValueError, match=r"backports\.zstd"):
        inflater("zstd-stream")


def test_t12_a_piece_costs_the_same_however_much_came_before_it() -> None:
    def block(data: bytes) -> bytes:
        return b"\x00" + len(data).to_bytes(2, "little") + (len(data) ^ 0xFFFF).to_bytes(2, "little") + data

    def cost(before: int) -> float:
        """CPU seconds of a thousand pieces that end like a message, behind so many blocks of one; and a little."""
        under_test = inflater("zlib-stream")
        head, *pieces = [block(SUFFIX * 1_001)[:9], *[SUFFIX] * 999]
        under_test.feed(b"\x78\x01" + block(b'{"a":"'))
        under_test.feed(block(b"x" * 60_000) * before + head)
        begun = process_time()
        assert [] == [message for piece in pieces for message in under_test.feed(piece)]
        return process_time() - begun + 0.0025

    assert grows_no_faster(cost, 1, 100, factor=5)


def test_t12_a_message_in_very_many_pieces_costs_no_more_than_its_size() -> None:
    def seconds(count: int) -> float:
        context, piece = zlib.compressobj(), b"0123456789abcdef" * 16
        frames = [context.compress(b'{"a":"') + context.flush(zlib.Z_PARTIAL_FLUSH)]
        frames += [context.compress(piece) + context.flush(zlib.Z_PARTIAL_FLUSH) for _ in range(count)]
        frames.append(context.compress(b'"}') + context.flush(zlib.Z_SYNC_FLUSH))
        begun = process_time()
        messages = feed("zlib-stream", frames)
        took = process_time() - begun
        assert [b'{"a":"' + piece * count + b'"}'] == messages
        return took

    assert grows_no_faster(seconds, 1_000, 8_000, factor=3 * 8)


def test_t12_nothing_is_looked_at_twice_that_ends_like_a_message_and_is_none() -> None:
    pieces = [b'{"a":"' + SUFFIX, *[SUFFIX] * 10_000, b'"}']

    assert [b"".join(pieces)] == feed("zlib-stream", stored(*pieces))


def test_without_a_decoder_for_zstd_zlib_is_best_and_zstd_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(inflate, "import_module", nothing)

    assert "zlib-stream" == best_form()
    with pytest.raises(ValueError, match=r"backports\.zstd"):
        inflater("zstd-stream")


def test_a_flush_of_nothing_is_no_message() -> None:
    context = zlib.compressobj()
    begun = context.compress(b"") + context.flush(zlib.Z_SYNC_FLUSH)
    again = context.compress(b"") + context.flush(zlib.Z_SYNC_FLUSH)

    assert [] == feed("zlib-stream", [begun, again or SUFFIX])


def test_without_compression_a_frame_is_the_message_itself() -> None:
    under_test = inflater(None, max_inflated=10)

    assert [b"abc"] == under_test.ahead([b"abc"])
    assert [b"abc"] == under_test.take(b"abc", b"abc")
    with pytest.raises(DecodeError):
        under_test.take(b"x" * 11, b"x" * 11)


def test_a_compressed_payload_is_not_inflated_ahead() -> None:
    under_test = inflater("zlib-payload")

    assert under_test.ahead([b"abc"]) is None
    assert [b"abc"] == under_test.take(zlib.compress(b"abc"), b"")


def test_g24_what_was_inflated_ahead_has_the_same_bound() -> None:
    with pytest.raises(DecodeError, match="inflated"):
        inflater("zlib-stream", max_inflated=10).take(b"x", b"y" * 11)


def test_etf_with_something_else_behind_it_in_one_frame_stays_one_message() -> None:
    peer = ZlibServer()
    parts = [pack({"op": 11}), b"x"]

    assert [b"".join(parts)] == feed("zlib-stream", [b"".join(map(peer.frame, parts))])


def stream() -> Any:
    """Compresses a message as zlib-stream does."""
    server = zlib.compressobj()
    return lambda message: server.compress(message) + server.flush(zlib.Z_SYNC_FLUSH)


def zstd_stream() -> Any:
    from backports import zstd  # type: ignore[import-not-found, unused-ignore]

    server = zstd.ZstdCompressor()
    return lambda message: bytes(server.compress(message, mode=server.FLUSH_BLOCK))


@pytest.mark.parametrize(("form", "server"), [("zlib-stream", stream), ("zstd-stream", zstd_stream)])
def test_g22_what_came_before_a_damaged_frame_is_inflated_ahead_and_then_the_damage_is_said(
    form: str, server: Any
) -> None:
    compress, under_test = server(), inflater(form)
    frames = [compress(b'{"a":1}'), compress(b'{"a":2}'), b"\xff" * 30, compress(b'{"a":3}')]

    assert [b'{"a":1}', b'{"a":2}'] == under_test.ahead(frames)
    with pytest.raises(DecodeError):
        under_test.ahead(frames[2:])
    with pytest.raises(DecodeError):
        under_test.feed(frames[2])


def test_g22_frames_before_the_one_with_which_a_zlib_stream_ends_are_inflated_ahead() -> None:
    server, under_test = zlib.compressobj(), inflater("zlib-stream")
    first = server.compress(b'{"a":1}') + server.flush(zlib.Z_SYNC_FLUSH)
    last = server.compress(b'{"a":2}') + server.flush(zlib.Z_FINISH)

    assert [b'{"a":1}'] == under_test.ahead([first, last, b"", first])
    with pytest.raises(DecodeError, match="the stream has ended"):
        under_test.ahead([last, b"", first])


def test_g23_of_a_frame_with_others_inflated_behind_it_its_text_says_whether_it_ends() -> None:
    """The suffix stands at the end of the first frame by chance; the stream, further on, cannot tell that any more."""
    server, under_test = zlib.compressobj(0), inflater("zlib-stream")
    whole = server.compress(b'{"a":"\x00\x00\xff\xffb"}') + server.flush(zlib.Z_SYNC_FLUSH)
    cut = whole.index(b"\x00\x00\xff\xffb") + 4
    frames = [whole[:cut], whole[cut:], server.compress(b'{"a":2}') + server.flush(zlib.Z_SYNC_FLUSH)]
    parts = under_test.ahead(frames)
    assert parts is not None

    got = [under_test.take(one, part, newest=False) for one, part in zip(frames[:2], parts[:2], strict=True)]

    assert [[], [b'{"a":"\x00\x00\xff\xffb"}']] == got
    assert [b'{"a":2}'] == under_test.take(frames[2], parts[2])


@pytest.mark.parametrize(("form", "server"), [("zlib-stream", stream), ("zstd-stream", zstd_stream)])
def test_g24_parts_of_a_message_that_were_inflated_ahead_have_its_bound_together(form: str, server: Any) -> None:
    compress, under_test = server(), inflater(form, max_inflated=1000)
    frames = [compress(b'{"a":"' + b"x" * 900), compress(b"x" * 900)]
    parts = under_test.ahead(frames)
    assert parts is not None

    assert [] == under_test.take(frames[0], parts[0], newest=False)
    with pytest.raises(DecodeError, match="at most"):
        under_test.take(frames[1], parts[1])


def test_p12_what_zstd_inflates_ahead_is_bounded_however_well_it_was_compressed() -> None:
    compress, under_test = zstd_stream(), inflater("zstd-stream")
    frames = [compress(b"x" * (1 << 20)) for _ in range(20)]
    parts = under_test.ahead(frames)

    assert parts is not None
    assert 2 == len(parts)


@pytest.mark.parametrize("form", ["zlib-stream", "zstd-stream"])
def test_g22_a_first_frame_that_is_damaged_leaves_nothing_to_inflate_ahead(form: str) -> None:
    with pytest.raises(DecodeError):
        inflater(form).ahead([b"\xff" * 30])


def test_a_single_frame_is_inflated_ahead_as_several_are() -> None:
    assert [b'{"a":1}'] == inflater("zlib-stream").ahead([stream()(b'{"a":1}')])


def test_g22_behind_a_zlib_stream_that_has_ended_nothing_is_inflated_ahead() -> None:
    server, under_test = zlib.compressobj(), inflater("zlib-stream")
    with pytest.raises(DecodeError, match="the stream has ended"):
        under_test.feed(server.compress(b'{"a":1}') + server.flush(zlib.Z_FINISH))

    with pytest.raises(DecodeError, match="the stream has ended"):
        under_test.ahead([b"x"])


def test_a_zstd_frame_that_goes_on_may_follow_one_that_has_ended() -> None:
    ended = zstd.ZstdCompressor()
    first: bytes = ended.compress(b'{"a":', mode=ended.FLUSH_FRAME)

    assert [b'{"a":1}'] == inflater("zstd-stream").feed(first + zstd_stream()(b"1}"))
