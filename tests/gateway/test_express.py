"""The short way and the long one: the same frames give the same events, reports and answers."""

import asyncio
import json
import random
import time
import zlib
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings, strategies as st

from acord.core import decoders, performer
from acord.core.changes import changes
from acord.core.dispatch import Dispatch
from acord.core.express import Express
from acord.core.gateway import Shard
from acord.core.intake import Table
from tests.gateway.fleet import VirtualClock
from tests.stopwatch import grows_no_faster

NAMES = ["MESSAGE_CREATE", "EVENT", "READY", "RESUMED", "", "RATE_LIMITED"]
BODIES = [
    None,
    {},
    {"id": "5", "text": "a"},
    {"text": "\u00e9\u4e2d"},
    "x" * 3000,
    [[[]]],
    1.5,
    {"nonce": "\ud83d\ude00"},
]


class Wire:
    """A connection without a socket."""

    def __init__(self, handler: Any, compress: str | None) -> None:
        self.handler, self.compress = handler, compress
        self.closes: list[int] = []
        self.sent: list[int] = []
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.deflate: Any = zlib.compressobj()
        if compress == "zstd-stream":
            from backports import zstd  # type: ignore[import-not-found, unused-ignore]

            self.deflate = zstd.ZstdCompressor()

    def frame(self, message: bytes) -> bytes:
        if self.compress is None:
            return message
        if self.compress == "zstd-stream":
            return bytes(self.deflate.compress(message, mode=self.deflate.FLUSH_BLOCK))
        return bytes(self.deflate.compress(message) + self.deflate.flush(zlib.Z_SYNC_FLUSH))

    def say(self, *messages: bytes) -> None:
        self.take([self.frame(message) for message in messages])

    def take(self, frames: list[bytes]) -> None:
        self.handler.on_messages(frames, binary=self.compress is not None)

    def send(self, data: bytes, *, binary: bool) -> None:
        self.sent.append(json.loads(data)["op"])

    def close(self, code: int) -> None:
        self.closes.append(code)
        if not self.closed.done():
            self.closed.set_result(None)

    def abort(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


class NoBeats:
    _ended = False

    def __init__(self, shard: Any, interval_ms: int) -> None: ...
    def start(self) -> None: ...
    def ack(self) -> None: ...


class Gate:
    async def acquire(self, shard_id: int) -> Any:
        return mock.Mock()


async def ready(*, compress: str | None = "zlib-stream", short: bool = True, **options: Any) -> tuple[Shard, Wire]:
    """A shard whose session has just become ready."""
    wires: list[Wire] = []

    async def dial(url: str, handler: Any, **_: Any) -> Any:
        wires.append(wire := Wire(handler, compress))
        handler.on_open(wire)
        return wire

    settings: dict[str, Any] = {"keepalive": NoBeats, "gate": Gate(), "clock": VirtualClock(), "random": lambda: 0.5}
    shard = Shard("canary.token.value", intents=1, compress=compress, **(settings | options))
    if not short:
        shard.express = lambda connection, incoming: Express(  # type: ignore[method-assign]
            shard._session, connection, incoming, shard._source, shard._inbox, closed=("always",)
        )
    with mock.patch.object(performer, "dial", dial):
        await shard.__aenter__()
        await shard._clock.settle()  # type: ignore[attr-defined]
    wires[0].say(b'{"op":10,"d":{"heartbeat_interval":41250}}')
    await shard._clock.settle()  # type: ignore[attr-defined]
    wires[0].say(text(1, "READY", {"session_id": "abc"}))
    assert "ready" == shard.state
    return shard, wires[0]


def text(
    s: object, t: object = "EVENT", d: object = None, *, op: object = 0, escaped: bool = True, **more: object
) -> bytes:
    message = {"t": t, "s": s, "op": op, "d": d, **more}
    return json.dumps(message, ensure_ascii=escaped, separators=(",", ":")).encode("utf-8", "surrogatepass")


EVENT = st.builds(
    lambda t, d, escaped: ("event", t, d, escaped), st.sampled_from(NAMES), st.sampled_from(BODIES), st.booleans()
)
ODD = st.sampled_from(
    [
        ("repeat",),
        ("gap",),
        ("message", text(None)),
        ("message", text(-1)),
        ("message", text(1.0)),
        ("message", text("7")),
        ("message", text(2**70)),
        ("message", text(None, None, op=11)),
        ("message", text(None, None, op=1)),
        ("message", text(None, None, op=99)),
        ("message", text(None, None, op=0)),
        ("message", text(None, None, True, op=9)),
        ("message", text(None, None, op=7)),
        ("message", b"[]"),
        ("message", b'{"op":"0"}'),
        ("message", b"not JSON"),
        ("message", b'{"op":0,"s":2,"t":"X","d":"\xff"}'),
        ("message", b'{"op":0,"s":2,"t":"X","d":"\xed\xa0\x80"}'),
        ("message", b'{"op":0,"s":2,"t":"X","d":' + b"[" * 5000 + b"]" * 5000 + b"}"),
        ("own field",),
        ("null t",),
        ("no d",),
    ]
)
SCRIPT = st.lists(st.one_of(EVENT, EVENT, EVENT, ODD), max_size=15)


def written(script: list[Any]) -> list[bytes]:
    s, messages = 1, list[bytes]()
    for act, *rest in script:
        if act == "message":
            messages.append(rest[0])
            continue
        s += {"repeat": 0, "gap": 3}.get(act, 1)
        if act == "event":
            t, d, escaped = rest
            messages.append(text(s, t, d, escaped=escaped))
        elif act == "own field":
            messages.append(text(s, _source=[0, {}], extra={"op": 7}))
        elif act == "null t":
            messages.append(text(s, None))
        elif act == "no d":
            messages.append(b'{"op":0,"s":%d,"t":"X"}' % s)
        else:
            messages.append(text(s))
    return messages


def framed(wire: Wire, messages: list[bytes], chance: random.Random) -> list[list[bytes]]:
    """The messages in frames, some cut up and some with others, as many at a time as reads may bring."""
    frames, last = list[bytes](), ""
    for message in messages:
        frame = wire.frame(message)
        how = chance.choice(("whole", "whole", "whole", "cut", "joined")) if wire.compress == "zlib-stream" else "whole"
        if how == "cut":
            at = chance.randrange(len(frame) + 1)
            frames += [part for part in (frame[:at], frame[at:]) if part]
        elif how == "joined" and last == "whole":
            frames[-1] += frame
        else:
            frames.append(frame)
        # The end of a flush, without its message, is nothing to the short way, and part of what comes with it to the
        # long one: where that is nonsense, only the short way has given the message before it.
        last = how
    reads: list[list[bytes]] = []
    while frames:
        count = chance.choice((1, 2, 7))
        reads.append(frames[:count])
        frames = frames[count:]
    return reads


async def outcome(script: list[Any], compress: str | None, seed: int, *, short: bool) -> dict[str, Any]:
    shard, wire = await ready(compress=compress, short=short)
    for frames in framed(wire, written(script), random.Random(seed)):
        wire.take(frames)
    session = shard._session
    found = {
        "events": [(one.name, one.s, one.raw, one.shard_id) for one, _, _ in shard._queue._events],
        "bytes": shard._queue.size,
        "sequence": session.sequence,
        "state": session.state,
        "counts": dict(session.counts),
        "sent": wire.sent,
        "closes": wire.closes,
    }
    await shard.close()
    return found


@pytest.mark.parametrize("compress", ["zlib-stream", "zstd-stream", None])
@given(script=SCRIPT, seed=st.integers(0, 2**32))
@settings(deadline=None)
def test_g20_the_short_way_does_what_the_long_way_does(compress: str | None, script: list[Any], seed: int) -> None:
    short = asyncio.run(outcome(script, compress, seed, short=True))

    assert asyncio.run(outcome(script, compress, seed, short=False)) == short


@pytest.mark.parametrize("compress", ["zlib-stream", "zstd-stream", None])
async def test_what_is_next_goes_the_short_way(compress: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    shard, wire = await ready(compress=compress)
    monkeypatch.setattr(shard._session, "message", None)  # the long way's

    wire.say(text(2), text(3, d={"text": "\u00e9"}, escaped=False))

    assert [1, 2, 3] == [one.s for one, _, _ in shard._queue._events]
    monkeypatch.undo()
    await shard.close()


async def test_t12_a_read_full_of_frames_that_go_the_long_way_costs_no_more_than_their_number() -> None:
    shard, wire = await ready()

    def seconds(count: int) -> float:
        begun = time.process_time()
        wire.take([b""] * count)
        return time.process_time() - begun

    assert grows_no_faster(seconds, 10_000, 80_000, factor=24)
    await shard.close()


async def test_g22_an_error_of_the_stream_costs_the_connection_and_what_came_before_it_is_kept() -> None:
    shard, wire = await ready()

    wire.take([wire.frame(text(2)), b"\xff" * 30, wire.frame(text(3))])

    assert [1, 2] == [one.s for one, _, _ in shard._queue._events]
    assert ([4000], 2) == (wire.closes, shard.sequence)
    await shard.close()


async def test_p16_a_decoder_that_is_bound_in_the_midst_of_a_read_is_used_from_then_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []

    def mine(data: Any) -> Any:
        seen.append(data)
        return json.loads(data)

    shard, wire = await ready()
    hand = shard._inbox.hand

    def bind(*args: Any) -> None:
        hand(*args)
        monkeypatch.setattr(decoders, "JSON", mine)

    monkeypatch.setattr(shard._inbox, "hand", bind)
    wire.say(text(2), text(3))

    assert [text(3)] == seen
    await shard.close()


async def test_g39_a_shard_that_is_closed_in_the_midst_of_a_read_takes_no_more() -> None:
    shard, wire = await ready()
    hand = shard._inbox.hand

    def close(*args: Any) -> None:
        hand(*args)
        shard._perform(shard._session.stop(shard._clock.monotonic(), keep=True))

    shard._inbox.hand = close  # type: ignore[method-assign]
    wire.say(text(2), text(3), text(4))

    assert [1, 2] == [one.s for one, _, _ in shard._queue._events]
    assert [4000] == wire.closes
    await shard.close()


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
async def test_p13_what_finds_no_room_costs_the_connection_at_most(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    shard, wire = await ready()
    assert shard._line is not None
    monkeypatch.setattr(shard._line.incoming, "read", mock.Mock(side_effect=error))

    wire.say(text(None, None, op=11))

    assert ([4000], 1) == (wire.closes, shard.counts["fault"])
    await shard.close()


async def test_g9_what_was_read_behind_op_7_is_not_looked_at() -> None:
    shard, wire = await ready()

    wire.take([wire.frame(text(2)), wire.frame(text(None, None, op=7)), b"\xff" * 30])

    assert [1, 2] == [one.s for one, _, _ in shard._queue._events]
    assert 0 == shard.counts.get("stale", 0)
    await shard.close()


async def test_g25_zstd_frames_may_end_with_each_message_or_within_it() -> None:
    from backports import zstd  # type: ignore[import-not-found, unused-ignore]

    shard, wire = await ready(compress="zstd-stream")

    wire.take([wire.deflate.flush(mode=wire.deflate.FLUSH_FRAME)])
    wire.take([zstd.compress(text(2)), zstd.compress(text(3)[:9]) + zstd.compress(text(3)[9:]), zstd.compress(text(4))])

    assert [1, 2, 3, 4] == [one.s for one, _, _ in shard._queue._events]
    await shard.close()


async def test_g22_an_event_with_which_the_zlib_stream_ends_is_an_error() -> None:
    shard, wire = await ready()

    wire.take([wire.deflate.compress(text(2)) + wire.deflate.flush(zlib.Z_FINISH)])

    assert (1, [4000]) == (shard.sequence, wire.closes)
    await shard.close()


async def test_g23_the_rest_of_a_message_is_no_message_though_it_looks_like_one() -> None:
    shard, wire = await ready()

    wire.take([wire.deflate.compress(b" ") + wire.deflate.flush(zlib.Z_PARTIAL_FLUSH), wire.frame(text(2))])

    assert 2 == shard.sequence
    line = shard._line
    assert line is not None
    assert (0, None) == (line.incoming.pending, line.begun_at)
    await shard.close()


class Desk:
    """Takes what its table names."""

    is_full = False
    size = 0
    handled = None

    def __init__(self, table: Table) -> None:
        self.readers = mock.Mock(table=table)
        self.got: list[tuple[str, tuple[Any, ...]]] = []

    def hand(self, dispatch: Dispatch, readers: tuple[Any, ...], size: int) -> None:
        self.got.append((dispatch.name, readers))
        for reader in readers:
            if callable(reader):
                reader()

    def put(self, dispatch: Dispatch, size: int, *, begins: bool = False) -> None:
        table = self.readers.table
        self.hand(dispatch, table.by_name.get(dispatch.name, table.others), size)

    def end(self, error: BaseException | None) -> None: ...


async def test_an_event_that_nobody_wants_is_counted_and_handed_to_nobody() -> None:
    desk = Desk(Table({"EVENT": ("me",)}))
    shard, wire = await ready(intake=lambda _: desk)
    desk.got.clear()

    wire.say(text(2, "OTHER"), text(3), text(4, "OTHER"))

    assert [("EVENT", ("me",))] == desk.got
    assert 4 == shard.sequence
    await shard.close()


async def test_g39_who_comes_in_the_midst_of_a_read_gets_the_next_event_of_it() -> None:
    def come() -> None:
        desk.readers.table = Table({"EVENT": ("another",)})

    desk = Desk(Table({"EVENT": (come,)}))
    shard, wire = await ready(intake=lambda _: desk)
    desk.got.clear()

    wire.say(text(2), text(3))

    assert [("EVENT", (come,)), ("EVENT", ("another",))] == desk.got
    await shard.close()


async def test_g39_whatever_may_change_where_events_go_is_noted() -> None:
    shard, wire = await ready()
    try:
        for change in (
            lambda: setattr(decoders, "JSON", decoders.JSON),
            lambda: Table(),
            lambda: asyncio.ensure_future(shard.request_guild_members(1, user_ids=[2])),
            lambda: wire.say(text(None, None, op=7)),
        ):
            before = changes.last
            change()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert before is not changes.last
    finally:
        await shard.close()
