"""Throws bytes at what reads the gateway, for as long as it is told to: ETF, inflaters, envelopes.

    python tests/fuzz/fuzz_gateway.py [etf|zlib|zstd|payload|envelope] [seconds]

Keeps an input as a seed when it reaches lines that none did before (`sys.settrace`, no compiled tool needed),
and says at the end how many lines it has seen.  Anything but a value or a `DecodeError` is a finding: it is
printed with the input that led to it, and the exit code is 1.
"""

import json
import random
import sys
import time
import zlib
from collections.abc import Callable
from types import FrameType
from typing import Any

from acord.core import envelope, etf, inflate
from acord.core.errors import DecodeError

Target = Callable[[bytes], object]
WATCHED = {etf.__file__, inflate.__file__, envelope.__file__}
SLOWEST = 2.0  # seconds for one input of at most 64 KiB


def _etf(data: bytes) -> object:
    return etf.unpack(data)


def _stream(form: str) -> Target:
    def target(data: bytes) -> object:
        # The first byte says how the rest is cut into frames.
        size = max(1, data[0]) if data else 1
        under_test = inflate.inflater(form, max_wire=1 << 16, max_inflated=1 << 18)
        return [m for at in range(1, len(data), size) for m in under_test.feed(data[at : at + size])]

    return target


def _envelope(data: bytes) -> object:
    return envelope.body(envelope.read(data))


def _seeds() -> dict[str, tuple[Target, list[bytes]]]:
    message = {"op": 0, "s": 7, "t": "X", "d": {"id": 2**63, "n": [1, -1, 1.5, None, True, "\u00e9", {}, []]}}
    text = json.dumps(message).encode()
    context = zlib.compressobj()
    stream = b"".join(context.compress(text) + context.flush(zlib.Z_SYNC_FLUSH) for _ in range(3))
    targets: dict[str, tuple[Target, list[bytes]]] = {
        "etf": (_etf, [etf.pack(message), b"\x83k\x00\x02\x01\x02", b"\x83c1.5" + b"\0" * 28]),
        "zlib": (_stream("zlib-stream"), [b"\xff" + stream, b"\x07" + stream]),
        "payload": (_stream("zlib-payload"), [b"\xff" + zlib.compress(text), b"\xff" + text]),
        "envelope": (_envelope, [text, b'{"op":0,"d":"\\ud800"}', b'{"op":1}', b"[]"]),
    }
    if inflate.best_form() == "zstd-stream":
        zstd: Any = inflate._zstd()
        targets["zstd"] = _stream("zstd-stream"), [b"\xff" + zstd.compress(text), b"\x03" + zstd.compress(text) * 2]
    return targets


def mutated(seed: bytes, pool: list[bytes], chance: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(data):
                data[at] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
            case 2:
                del data[at : at + chance.randrange(1, 9)]
            case 3:
                data[at:at] = chance.randbytes(chance.randrange(1, 9))
            case 4:
                other = chance.choice(pool)
                data[at:] = other[chance.randrange(len(other) + 1) :]
            case _:
                data[at:at] = data[: chance.randrange(64)] * chance.randrange(1, 5)
    return bytes(data[: 1 << 16])


def lines_of(target: Target, data: bytes, seen: set[tuple[str, int]]) -> bool:
    """Run it; whether it reached lines that are not in `seen`, which gets them."""
    before = len(seen)

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        target(data)
    except DecodeError:
        pass
    finally:
        sys.settrace(None)
    return len(seen) > before


def fuzz(name: str, seconds: float, *, seed: int | None = None) -> int:
    """Fuzz one target; the number of findings."""
    target, pool = _seeds()[name]
    seed = random.randrange(2**32) if seed is None else seed
    chance, seen, runs = random.Random(seed), set[tuple[str, int]](), 0
    for data in pool:
        lines_of(target, data, seen)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutated(chance.choice(pool), pool, chance)
        start = time.monotonic()
        try:
            new = lines_of(target, data, seen)
        except BaseException as exc:
            print(f"{name}: {type(exc).__name__}: {exc}\n  input {data!r}\n  seed {seed}")
            return 1
        if time.monotonic() - start > SLOWEST:
            print(f"{name}: took {time.monotonic() - start:.1f} s\n  input {data!r}\n  seed {seed}")
            return 1
        runs += 1
        if new:
            pool.append(data)
    print(f"{name}: {runs} inputs, {len(pool)} kept, {len(seen)} lines reached, nothing found (seed {seed})")
    return 0


if __name__ == "__main__":
    names = sys.argv[1:2] if sys.argv[1:2] and sys.argv[1] != "all" else list(_seeds())
    length = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    sys.exit(sum(fuzz(each, length) for each in names) and 1)
