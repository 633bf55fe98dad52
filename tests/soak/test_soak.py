"""A short life, with the memory that Python holds in the place of the resident size; `make soak` is the long one."""

import ssl

import pytest
import trustme

from acord.core.buckets import read_reply
from acord.core.errors import TransportError
from acord.core.http import HTTPClient
from acord.core.lanes import Lane
from acord.core.scheduler import Scheduler
from acord.routes import get_my_user
from acord.sandbox.scripted import scripted
from acord.testing.clock import virtual_time
from tests.gauntlet.kit import OK
from tests.limiter.replies import headers
from tests.soak.memory import TOKEN, traced
from tests.soak.soak import FLAT, Round, Soak, grown

ROUNDS, WARM = 11, 6
PER_ROUND = 15_000  # bytes: each sandbox has an address of its own, of which several caches keep 64


async def test_p11_a_life_of_requests_events_and_reconnects_leaves_nothing() -> None:
    sizes: list[int] = []
    with traced() as held:
        async with Soak() as soak:
            for _ in range(ROUNDS):
                await soak.round(Round(requests=200, events=2_000, reconnects=4, sandbox=10))
                sizes.append(held())
        snapshot = soak.http.ratelimiter.snapshot()  # type: ignore[union-attr]

    assert [] == soak.left
    assert (0, 0) == (snapshot.in_flight, snapshot.waiting)
    assert soak.seen > soak.events // 6
    # By then every table has its size: one that doubles is 45 kB at once.
    assert sizes[-1] - sizes[WARM] < (ROUNDS - 1 - WARM) * PER_ROUND, sizes


def test_p11_buckets_hashes_and_waiters_of_a_day_are_forgotten() -> None:
    """Every request is on a channel of its own, every seventh hash is new, and in every tenth somebody waits."""
    core, now, sizes, each = Scheduler(global_limit=10_000), 1000.0, list[int](), 3_000
    with traced() as held:
        for round_ in range(12):
            for number in range(round_ * each, (round_ + 1) * each):
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

    assert grown(sizes, warm=9) <= FLAT, sizes  # as many hashes as are kept have come by then
    assert (0, 0) == (len(core.pools), len(core.queues))


async def test_T32_handshakes_that_fail_leave_nothing() -> None:
    """More of them than there are connections in a pool, again and again."""
    certificate = trustme.CA().issue_cert("127.0.0.1")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(tls)
    sizes: list[int] = []
    with virtual_time() as time, traced() as held:
        async with scripted(OK, tls=tls) as server, HTTPClient(token=TOKEN, base_url=server.url, clock=time) as http:
            for _ in range(6):
                for _ in range(25):
                    with pytest.raises(TransportError) as caught:
                        await http.request(get_my_user(), deadline=600.0)
                    assert "not_sent" == caught.value.outcome
                    assert "ertificate" in str(caught.value) or "CERTIFICATE" in str(caught.value)
                    del caught
                sizes.append(held())
            assert server.open <= 1

    assert grown(sizes) <= 1.1, sizes
