"""The bounds of memory, each where it is asserted."""

import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest

from acord.core import inflate
from acord.core.dispatch import Source, decoder, dispatch_of
from acord.core.errors import DecodeError
from acord.core.gateway import QUEUE_BYTES
from acord.core.inbox import Inbox
from acord.core.incoming import Incoming, max_frame
from tests.soak.memory import per_bucket, per_shard, traced

MIB = 1 << 20


def test_p12_an_idle_bucket_takes_less_than_a_kilobyte() -> None:
    """A bucket that is known and not used, until it is forgotten."""
    assert per_bucket() < 1_000


async def test_p12_an_idle_shard_takes_less_than_fifty_kilobytes() -> None:
    """Connected, without what the socket's own library holds."""
    assert await per_shard() < 50_000


def peak_of(work: Callable[[], object]) -> int:
    """The most bytes that this held at any moment."""
    with traced() as held:
        before = held()
        tracemalloc.reset_peak()
        work()
        return tracemalloc.get_traced_memory()[1] - before


def test_p12_a_message_takes_16_mib_of_the_wire_at_most() -> None:
    """Whatever begins and does not end is given up at 16 MiB; a buffer that grows holds an eighth more."""
    incoming, stored = Incoming("zlib-stream", "json"), zlib.compressobj(level=0)
    stream = stored.compress(b"x" * (20 * MIB))
    frames = [stream[at : at + MIB] for at in range(0, len(stream), MIB)]

    def flood() -> None:
        with pytest.raises(DecodeError, match="on the wire"):
            for frame in frames:
                incoming.feed(frame, binary=True)

    assert 16 * MIB == inflate.MAX_WIRE == max_frame("zlib-stream") == max_frame("zstd-stream")
    assert peak_of(flood) < 20 * MIB


def test_p12_what_zstd_skips_is_not_kept() -> None:
    """A frame that says to skip a GiB holds no more than what came last."""
    if inflate.best_form() != "zstd-stream":
        pytest.skip("no zstd")
    incoming, frame = Incoming("zstd-stream", "json"), bytes(MIB)

    def flood() -> None:
        with suppress(DecodeError):
            incoming.feed(b"\x50\x2a\x4d\x18" + (1 << 30).to_bytes(4, "little"), binary=True)
            for _ in range(64):
                incoming.feed(frame, binary=True)

    assert peak_of(flood) < 20 * MIB


def test_p12_a_message_inflates_to_64_mib_at_most() -> None:
    """A message takes at most 64 MiB, and once more that while its parts are joined."""
    deflate = zlib.compressobj()
    bomb = deflate.compress(bytes(300 * MIB)) + deflate.flush(zlib.Z_SYNC_FLUSH)
    incoming = Incoming("zlib-stream", "json")

    def flood() -> None:
        with pytest.raises(DecodeError):
            incoming.feed(bomb, binary=True)

    assert 64 * MIB == inflate.MAX_INFLATED == max_frame(None)
    assert peak_of(flood) < 2 * 64 * MIB + 4 * MIB


def test_p12_events_that_wait_take_their_bytes_and_half_a_kilobyte_each() -> None:
    """Reading pauses at 16 MiB of events that wait; beside its bytes an event that waits takes less than 512."""
    paused: list[int] = []
    inbox = Inbox(QUEUE_BYTES, on_full=lambda: paused.append(inbox.size), on_room=lambda: None)
    count, source = 20_000, Source(0)
    body = b'{"op":0,"t":"EVENT","s":%d,"d":"' + b"x" * 1_000 + b'"}'

    def fill() -> None:
        for number in range(count):
            message = body % number
            inbox.put(dispatch_of(decoder.decode(message), source), len(message))

    assert peak_of(fill) < inbox.size + 512 * count
    assert 16 * MIB < paused[0] < 16 * MIB + 2_000
