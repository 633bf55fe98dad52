"""A long life in virtual time: nothing grows.  The bounds of memory are here, too, each where it is asserted.

``ACORD_SOAK=1`` runs a day's worth: a million requests, ten million events, a thousand reconnects.
"""

import asyncio
import gc
import json
import logging
import os
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from acord import Client, Dispatch, Intents
from acord.core import inflate
from acord.core.abc import Route
from acord.core.buckets import read_reply
from acord.core.dispatch import Source, decoder, dispatch_of
from acord.core.errors import DecodeError
from acord.core.gateway import QUEUE_BYTES
from acord.core.http import HTTPClient
from acord.core.inbox import Inbox
from acord.core.incoming import Incoming, max_frame
from acord.core.lanes import Lane
from acord.core.scheduler import Scheduler
from acord.core.transport import TransportRequest
from tests.gateway.fleet import Beats, Fleet, VirtualClock
from tests.limiter.replies import headers

SOAK = os.environ.get("ACORD_SOAK") == "1"
REQUESTS, EVENTS, RECONNECTS = (1_000_000, 10_000_000, 1_000) if SOAK else (100_000, 200_000, 200)
WITH_HTTP = REQUESTS // 50  # of a whole client, whose way is longer
ROUNDS = 10
FLAT = 1.05
TOKEN = "canary.token.value"
MIB = 1 << 20

pytestmark = pytest.mark.timeout(7_200 if SOAK else 240)


@contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """Gives a function that says how many bytes Python holds now."""

    def held() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        yield held
    finally:
        tracemalloc.stop()


def assert_flat(sizes: Sequence[int]) -> None:
    """What is held at the end is what was held when every kind of work had been done once, within 5 %."""
    assert max(sizes[-2:]) <= max(sizes[3:5]) * FLAT, sizes


# A day


def test_p11_buckets_hashes_and_waiters_of_a_day_are_forgotten() -> None:
    """Every request is on a channel of its own, every seventh hash is new, and in every tenth somebody waits."""
    core, now, sizes = Scheduler(global_limit=10_000), 1000.0, list[int]()
    with traced() as held:
        for round_ in range(ROUNDS):
            for number in range(round_ * REQUESTS // ROUNDS, (round_ + 1) * REQUESTS // ROUNDS):
                lane = Lane("bot", "GET", f"/kind{number % 40}/{{}}", major=str(number))
                ticket = core.submit(lane, now)
                late = core.submit(lane, now) if number % 10 == 0 else None
                fields = headers(4, at=now, name=f"h{number % 40}-{number // 7}")
                core.report(ticket, read_reply(200, fields), now + 0.05)
                if late is not None:
                    core.cancel(late, now + 0.05, sent=late.state == "sent")
                core.settled.clear()
                now += 0.2
            sizes.append(held())
    for hours in (2, 4):  # the last to be looked at may have been used a moment before
        core.advance(now + hours * 3_600.0)

    assert_flat(sizes)
    assert (0, 0) == (len(core.pools), len(core.queues))


class Answers:
    """A transport that answers at once, on paths that it is not told of."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock, self.count = clock, 0

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, request: TransportRequest, **_: Any) -> "Answer":
        self.count += 1
        self.clock.now += 0.5
        return Answer(headers(4, at=self.clock.now, name=f"h{self.count % 40}"))


class Answer:
    status = 200

    def __init__(self, fields: dict[str, str]) -> None:
        self.headers = [(name.encode(), value.encode()) for name, value in fields.items()]

    async def chunks(self) -> AsyncIterator[bytes]:
        yield b'{"n": 1}'

    async def close(self) -> None: ...


async def test_p11_a_client_that_asks_all_day_does_not_grow(clock: VirtualClock) -> None:
    """Path after path that no other request has, as a raw call may have them."""
    sizes: list[int] = []
    transport: Any = Answers(clock)
    async with HTTPClient(token=TOKEN, connector=transport, clock=clock) as http:
        with traced() as held:
            for _ in range(ROUNDS):
                for _ in range(WITH_HTTP // ROUNDS):
                    await http.request(Route("GET", path=f"/channels/{transport.count + 10**17}/messages"))
                sizes.append(held())
        snapshot = http.ratelimiter.snapshot()  # type: ignore[attr-defined]

    assert_flat(sizes)
    assert (0, 0) == (snapshot.in_flight, snapshot.waiting)


async def test_p11_events_reconnects_and_unknowns_of_a_day_leave_nothing(
    fleet: Fleet, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names, opcodes and enum values that nobody knows are among them, each one new."""
    monkeypatch.setattr(logging.getLogger("acord"), "disabled", True)  # pytest keeps every line
    for name in ("performer", "shards", "subscriptions"):
        monkeypatch.setattr(logging.getLogger(f"acord.core.{name}"), "disabled", True)
    seen, sizes = [0], list[int]()
    client = Client(
        token=TOKEN,
        intents=Intents.GUILDS,
        url="wss://gateway.discord.gg",
        shard_count=1,
        max_concurrency=1,
        keepalive=Beats,
        compress=None,
        clock=clock,
    )

    @client.on("CHANNEL_PINS_UPDATE")
    def pinned(event: object) -> None:
        seen[0] += 1

    @client.on(Dispatch, where=lambda dispatch: (dispatch.seq or 0) % 50 == 0)
    async def whole(dispatch: Dispatch) -> None:
        seen[0] += bool(dispatch.data)

    per_life = EVENTS // RECONNECTS
    async with client:
        running = asyncio.ensure_future(client.run_forever())
        await clock.until(lambda: fleet.open)
        with traced() as held:
            s = 1
            for life in range(RECONNECTS):
                wire = fleet.open[0]
                for number in range(s + 1, s + 1 + per_life):
                    name = (
                        "CHANNEL_PINS_UPDATE"
                        if number % 5 == 0
                        else f"NEW_{number}"
                        if number % 3
                        else "MESSAGE_CREATE"
                    )
                    data = {"op": 0, "s": number, "t": name, "d": {"type": number, "flags": number, "id": "1"}}
                    wire.handler.on_messages([json.dumps(data).encode()], binary=False)
                    if number % 250 == 0:
                        wire.say(900 + number, {"n": number})
                        await asyncio.sleep(0)
                s += per_life + 1
                del fleet.wires[:-1], fleet.resumes[:], fleet.connects[:], fleet.closes[:]
                wire.drop(1006)
                await clock.run(70.0)  # the backoff, and a minute of peace, which forgets it
                assert wire is not fleet.open[0]
                if life % (RECONNECTS // ROUNDS) == 0:
                    sizes.append(held())
        shard = client.gateway.shards[0]
        assert (0, 0) == (shard._inbox.size, len(shard._members))
        await client.close()
        await asyncio.gather(running, return_exceptions=True)

    assert seen[0] > EVENTS // 5
    assert_flat(sizes)


# Bounds


def test_p12_an_idle_bucket_takes_less_than_a_kilobyte() -> None:
    """A bucket that is known and not used takes under 1,000 bytes, until it is forgotten."""
    core, count = Scheduler(global_limit=1e9), 5_000
    lanes = [Lane("bot", "GET", "/channels/{}", major=str(number)) for number in range(count)]
    with traced() as held:
        before = held()
        for lane in lanes:
            ticket = core.submit(lane, 1000.0)
            core.report(ticket, read_reply(200, headers(4, at=1000.0)), 1000.0)
            core.settled.clear()
        del ticket
        each = (held() - before) / count

    assert len(core.pools) >= count
    assert each < 1_000, each


def peak_of(work: Callable[[], object]) -> int:
    """The most bytes that this held at any moment."""
    with traced() as held:
        before = held()
        tracemalloc.reset_peak()
        work()
        return tracemalloc.get_traced_memory()[1] - before


def test_p12_a_message_takes_16_mib_of_the_wire_at_most() -> None:
    """Whatever begins and does not end is given up at 16 MiB; a buffer that grows holds an eighth more."""
    incoming, frame = Incoming("zlib-stream", "json"), bytes(MIB)

    def flood() -> None:
        with pytest.raises(DecodeError):
            for _ in range(17):
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
