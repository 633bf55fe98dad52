"""Throws bytes at what reads the gateway, for as long as it is told to: frames, inflaters, ETF, envelopes.

    python tests/fuzz/fuzz_gateway.py [frames|zlib|zstd|payload|etf|envelope|short|all] [seconds]

Anything but a value or a `DecodeError` is a finding, and so is what the short ways of reading make otherwise than the
long ones: it is printed with the input that led to it, and the exit code is 1.

With atheris each target runs under libFuzzer in a process of its own.  Without, an input is kept as a seed when it
takes an edge (from one line to another of the same function) that none took before, by `sys.settrace`, at a hundredth
of the speed.  Either says how many edges it has reached.
"""

import importlib.util
import json
import random
import re
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from acord.core import envelope, etf, express, frames, inflate
from acord.core.errors import DecodeError
from tests.gateway.ear import MAX, Ear

Target = Callable[[bytes], object]
WATCHED = {module.__file__ for module in (envelope, etf, express, frames, inflate)}
SLOWEST = 2  # seconds for one input
LONGEST = 1 << 16  # bytes of an input

Edge = tuple[CodeType, int, int]


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


def _stream(form: str) -> Target:
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


def seeds() -> dict[str, tuple[Target, list[bytes]]]:
    """Name -> what is to be fuzzed, and the inputs to begin with."""
    message = {"op": 0, "s": 7, "t": "X", "d": {"id": 2**63, "n": [1, -1, 1.5, None, True, "\u00e9", {}, []]}}
    text = json.dumps(message).encode()
    context = zlib.compressobj()
    stream = b"".join(context.compress(text) + context.flush(zlib.Z_SYNC_FLUSH) for _ in range(3))
    fragments = b"\x02\x01a\x89\x00\x80\x01b\x81\x7e\x00\x03abc\x82\x7f" + bytes(7) + b"\x01z\x88\x02\x0f\xa0\x82\x01c"
    raw = '{"op":0,"s":8,"t":"\u00e9","d":"\u4e2d"}'.encode()
    targets: dict[str, tuple[Target, list[bytes]]] = {
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
    return bytes(data[:LONGEST])


def edges_of(target: Target, data: bytes, seen: set[Edge]) -> bool:
    """Run it; whether it took edges that are not in `seen`, which gets them."""
    before = len(seen)

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        code = frame.f_code
        if code.co_filename not in WATCHED:
            return None
        last = frame.f_lineno

        def line(frame: FrameType, event: str, arg: object) -> Any:
            nonlocal last
            if event == "line":
                seen.add((code, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line

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
    target, pool = seeds()[name]
    seed = random.randrange(2**32) if seed is None else seed
    chance, seen, runs = random.Random(seed), set[Edge](), 0
    for data in pool:
        edges_of(target, data, seen)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutated(chance.choice(pool), pool, chance)
        begun = time.process_time()
        try:
            new = edges_of(target, data, seen)
        except BaseException as exc:
            print(f"{name}: {type(exc).__name__}: {exc}\n  input {data!r}\n  seed {seed}")
            return 1
        if (took := time.process_time() - begun) > SLOWEST:
            print(f"{name}: took {took:.1f} s\n  input {data!r}\n  seed {seed}")
            return 1
        runs += 1
        if new:
            pool.append(data)
    print(f"{name}: {runs} inputs, {len(pool)} kept, {len(seen)} edges reached, nothing found (seed {seed})")
    return 0


def fuzz_with_atheris(name: str, seconds: float) -> int:
    """The same under libFuzzer, which counts the edges of the bytecode."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for number, data in enumerate(seeds()[name][1]):
            (corpus / str(number)).write_bytes(data)
        script = str(Path(__file__).with_name("under_atheris.py"))
        options = [
            f"-max_total_time={seconds:.0f}",
            f"-max_len={LONGEST}",
            f"-timeout={SLOWEST}",
            "-rss_limit_mb=2048",
            f"-artifact_prefix={folder}/found-",
        ]
        run = subprocess.run([sys.executable, script, name, *options, str(corpus)], capture_output=True, text=True)
        kept = len(list(corpus.iterdir()))
        found = [path.read_bytes() for path in Path(folder).glob("found-*")]
    edges = re.findall(r"cov: (\d+)", run.stderr)
    runs = re.findall(r"Done (\d+) runs", run.stderr)
    if run.returncode or not edges or not runs:
        print(f"{name}: {run.stdout}{run.stderr[-4000:]}", *(f"  input {data!r}" for data in found), sep="\n")
        return 1
    print(f"{name}: {runs[-1]} inputs, {kept} kept, {edges[-1]} edges reached, nothing found (atheris)")
    return 0


if __name__ == "__main__":
    names = sys.argv[1:2] if sys.argv[1:2] and sys.argv[1] != "all" else list(seeds())
    length = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    engine = fuzz_with_atheris if importlib.util.find_spec("atheris") else fuzz
    sys.exit(sum(engine(each, length) for each in names) and 1)
