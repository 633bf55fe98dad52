"""What reads the gateway's bytes: frames, inflaters, ETF, envelopes, events the short way.

A finding is anything but a value or a `DecodeError`, and what the short ways of reading make otherwise than the long
ones.
"""

import json
import zlib
from collections.abc import Callable
from typing import Any

from acord.core import envelope, etf, express, frames, inflate
from acord.core.errors import DecodeError
from tests.fuzz.engine import Target
from tests.gateway.ear import MAX, Ear

Read = Callable[[bytes], object]


def _etf(data: bytes) -> object:
    return etf.unpack(data)


def _cut(data: bytes) -> list[bytes]:
    """The first byte says how the rest comes in pieces."""
    size = max(1, data[0]) if data else 1
    return [data[at : at + size] for at in range(1, len(data), size)]


def _frames(data: bytes) -> object:
    plain, cut = Ear(None), Ear(frames.Cutter(MAX))
    for piece in _cut(data):
        plain.feed(piece)
        cut.feed(piece)
    assert plain.whole == cut.whole
    assert plain.end == cut.end
    return cut


def _stream(form: str) -> Read:
    def target(data: bytes) -> object:
        under_test = inflate.inflater(form, max_wire=1 << 16, max_inflated=1 << 18)
        return [message for piece in _cut(data) for message in under_test.feed(piece)]

    return target


def _envelope(data: bytes) -> object:
    return envelope.body(envelope.read(data))


def _short(data: bytes) -> object:
    """What the short way takes for an event is one, with the same number, name and body."""
    event = express.plain(data)
    if event is None:
        return None
    try:
        long = envelope.read(data)
    except DecodeError as exc:
        raise AssertionError("only the short way can read it") from exc
    assert (0, event.s, event.t, bytes(event.d)) == (long.op, long.s, long.t, bytes(long.d))
    return event


def _targets() -> dict[str, Target]:
    message = {"op": 0, "s": 7, "t": "X", "d": {"id": 2**63, "n": [1, -1, 1.5, None, True, "\u00e9", {}, []]}}
    text = json.dumps(message).encode()
    context = zlib.compressobj()
    stream = b"".join(context.compress(text) + context.flush(zlib.Z_SYNC_FLUSH) for _ in range(3))
    fragments = b"\x02\x01a\x89\x00\x80\x01b\x81\x7e\x00\x03abc\x82\x7f" + bytes(7) + b"\x01z\x88\x02\x0f\xa0\x82\x01c"
    raw = '{"op":0,"s":8,"t":"\u00e9","d":"\u4e2d"}'.encode()
    targets: dict[str, tuple[Read, list[bytes]]] = {
        "frames": (
            _frames,
            [b"\xff" + fragments, b"\x01" + fragments, b"\x05\x82\x01a\x82\x81", b"\x09\xc2\x01a\x09\x01b"],
        ),
        "zlib": (_stream("zlib-stream"), [b"\xff" + stream, b"\x07" + stream]),
        "payload": (_stream("zlib-payload"), [b"\xff" + zlib.compress(text), b"\xff" + text]),
        "etf": (_etf, [etf.pack(message), b"\x83k\x00\x02\x01\x02", b"\x83c1.5" + b"\0" * 28]),
        "envelope": (_envelope, [text, b'{"op":0,"d":"\\ud800"}', b'{"op":1}', b"[]"]),
        "short": (_short, [text, raw, b'{"op":0,"s":8,"t":"X","d":{},"s":9}', b'{"op":0,"s":8,"t":"X","d":"\xff"}']),
    }
    if inflate.best_form() == "zstd-stream":
        zstd: Any = inflate._zstd()
        targets["zstd"] = _stream("zstd-stream"), [b"\xff" + zstd.compress(text), b"\x03" + zstd.compress(text) * 2]
    return {name: Target(read, tuple(seeds), (DecodeError,)) for name, (read, seeds) in targets.items()}


TARGETS = _targets()
