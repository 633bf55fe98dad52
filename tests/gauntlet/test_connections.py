"""Connections that fail: before the request left, while it left, and before an answer came."""

import asyncio
import io
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from acord.core.errors import TransportError
from acord.core.types import File
from acord.sandbox.faults import answer, cut, on_connect, on_head, read, reset, send, stall, trickle
from acord.sandbox.scripted import scripted
from tests.gauntlet.kit import OK, Rest
from tests.turning import until

PROMISE = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n"


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port that refuses whoever comes, and that nobody else can get meanwhile: bound, and not listened on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


async def test_R1_a_refused_connection_was_not_sent_and_any_method_is_tried_again(rest: Any, deaf_port: int) -> None:
    r: Rest = await rest(OK, base_url=f"http://127.0.0.1:{deaf_port}/api")

    with pytest.raises(TransportError) as caught:
        await r.post()

    assert ("not_sent", 5) == (caught.value.outcome, caught.value.attempts)
    assert [0.25, 0.5, 1.0, 2.0] == [pause for pause in r.time.slept if pause]


@pytest.mark.parametrize("end", [reset, cut])
async def test_R1_a_new_connection_that_ends_without_an_answer_leaves_the_outcome_unknown(rest: Any, end: Any) -> None:
    r: Rest = await rest(end)

    with pytest.raises(TransportError) as caught:
        await r.post()

    assert ("unknown", 1) == (caught.value.outcome, caught.value.attempts)
    assert "whether it was carried out is unknown" in str(caught.value)


async def test_R1_what_is_safe_to_repeat_is_repeated(rest: Any) -> None:
    r: Rest = await rest(reset, cut, OK)

    assert 7 == (await r.get()).id
    assert 3 == len(r.server.seen)


async def test_R1_once_an_attempt_is_in_doubt_the_whole_call_is(rest: Any) -> None:
    r: Rest = await rest(on_head(reset), on_connect(reset))

    with pytest.raises(TransportError) as caught:
        await r.get()

    assert "unknown" == caught.value.outcome


async def test_R2_a_reused_connection_that_was_reset_is_replaced_at_once(rest: Any) -> None:
    r: Rest = await rest(OK, reset, OK)
    await r.get()
    before = r.time.passed

    await r.get()

    assert (3, 2, before) == (len(r.server.seen), r.server.connections, r.time.passed)


async def test_R2_what_is_not_safe_to_repeat_is_not(rest: Any) -> None:
    r: Rest = await rest(OK, reset, OK)
    await r.get()

    with pytest.raises(TransportError) as caught:
        await r.post()

    assert ("unknown", 2) == (caught.value.outcome, len(r.server.seen))


async def test_R3_a_reset_in_the_body_gives_the_permit_back_and_its_headers_count(rest: Any) -> None:
    head = PROMISE.replace("\r\n\r\n", "\r\nX-RateLimit-Bucket: abcd\r\nX-RateLimit-Limit: 5\r\n"
        "X-RateLimit-Remaining: 3\r\nX-RateLimit-Reset: 1790000000\r\nX-RateLimit-Reset-After: 9\r\n\r\n")  # fmt: skip
    r: Rest = await rest(on_head(send(head, b'{"id":'), stall(0.1), reset))

    with pytest.raises(TransportError) as caught:
        await r.post()

    (bucket,) = r.limiter.cache.values()
    assert "unknown" == caught.value.outcome
    assert ("abcd", 3, 0) == (bucket.name, bucket.remaining, r.limiter.snapshot().in_flight)


async def test_R4_files_are_rewound_before_they_are_sent_again(rest: Any) -> None:
    half = on_head(read(1000), reset)
    r: Rest = await rest(half, OK)

    await r.create(files=[File(io.BytesIO(b"x" * 300_000), filename="a.bin")])

    first, second = r.server.seen
    assert b"x" * 300_000 in second.body
    assert first.headers["content-length"] == second.headers["content-length"]


async def test_R4_a_stream_that_cannot_be_rewound_is_never_sent_again(rest: Any) -> None:
    class OneWay(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    r: Rest = await rest(on_head(read(100), reset), OK)

    with pytest.raises(TransportError):
        await r.create(files=[File(OneWay(b"x" * 300_000), filename="a.bin")])

    assert 1 == len(r.server.seen)


async def _resolving(monkeypatch: pytest.MonkeyPatch, result: Any) -> None:
    async def getaddrinfo(host: Any, port: Any, **_: Any) -> Any:
        found = result(port)
        return await found if asyncio.iscoroutine(found) else found

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


async def test_R5_a_name_that_does_not_resolve_was_not_sent(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(port: int) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    r: Rest = await rest(OK, base_url="https://discord.invalid/api")
    await _resolving(monkeypatch, fails)

    with pytest.raises(TransportError, match="Name or service not known") as caught:
        await r.post()

    assert "not_sent" == caught.value.outcome


async def test_R5_the_connect_timeout_covers_a_slow_name(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    r: Rest = await rest(OK, base_url="https://discord.invalid/api", decide=lambda attempt: None)
    await _resolving(monkeypatch, lambda port: asyncio.Event().wait())

    with pytest.raises(TransportError, match="ConnectTimeout") as caught:
        await r.post()

    assert ("not_sent", 10.0) == (caught.value.outcome, pytest.approx(r.time.passed))


async def test_R5_where_ipv6_is_dead_ipv4_serves(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    r: Rest = await rest(OK)
    families = [(socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1")]

    def both(port: int) -> Any:
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for family, address in families]

    await _resolving(monkeypatch, both)
    r.http.base_url = r.server.url.replace("127.0.0.1", "localhost")

    assert 7 == (await r.get()).id
    assert 1 == len(r.server.seen)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def contexts(authority: trustme.CA, name: str = "127.0.0.1", **options: Any) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server with that certificate, and of a client that trusts who signed it."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.issue_cert(name, **options).configure_cert(server)
    authority.configure_trust(client)
    return server, client


async def test_R6_a_good_certificate_is_taken(rest: Any, wire: Any, authority: trustme.CA) -> None:
    server, client = contexts(authority)
    r: Rest = await rest(OK, tls=server, connector=wire(verify=client))

    assert 7 == (await r.get()).id


@pytest.mark.parametrize("flaw", ["expired", "another name", "unknown authority"])
async def test_R6_a_bad_certificate_is_an_error_at_once_that_says_why(
    rest: Any, wire: Any, authority: trustme.CA, flaw: str
) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    options = {"expired": {"not_after": past}, "another name": {"name": "example.org"}}.get(flaw, {})
    server, client = contexts(authority, **options)
    transport = wire() if flaw == "unknown authority" else wire(verify=client)
    reason = {"expired": "expired", "another name": "mismatch", "unknown authority": "unable to get local issuer"}
    r: Rest = await rest(OK, tls=server, connector=transport)

    with pytest.raises(TransportError, match=f"(agreeing on TLS|connecting): .*{reason[flaw]}") as caught:
        await r.get()

    assert ("not_sent", 1, []) == (caught.value.outcome, caught.value.attempts, r.server.seen)


@pytest.mark.parametrize(("steps", "reason"), [((stall(),), "ConnectTimeout"), ((reset,), "ConnectError")])
async def test_R6_a_handshake_that_stalls_or_breaks_was_not_sent(rest: Any, steps: Any, reason: str) -> None:
    async with scripted(on_connect(*steps)) as server:
        base = server.url.replace("http:", "https:")
        r: Rest = await rest(OK, base_url=base, decide=lambda attempt: None)

        with pytest.raises(TransportError, match=f"{reason} while (agreeing on TLS|connecting)") as caught:
            await r.get()

    assert "not_sent" == caught.value.outcome
    assert r.time.passed <= 10.1


async def test_R7_a_request_that_nobody_takes_ends_by_its_timeout_and_is_in_doubt(rest: Any) -> None:
    r: Rest = await rest(on_head(stall()), decide=lambda attempt: None)

    with pytest.raises(
        TransportError, match=r"no answer within 30 s \((sending the request|waiting for the answer)\)"
    ) as caught:
        await r.create(body={"content": "x"}, files=[File(b"x" * 9_000_000, filename="a")], timeout=30)

    assert "unknown" == caught.value.outcome


async def test_R7_a_pool_that_stays_full_means_not_sent(rest: Any, wire: Any) -> None:
    r: Rest = await rest(stall(), connector=wire(pool_size=1), ratelimiter=None, decide=lambda attempt: None)
    first = r.start(r.get(timeout=None))
    await until(lambda: r.server.seen)

    with pytest.raises(TransportError, match=r"none of 1 connections became free within 60 s") as caught:
        await r.post()

    assert "not_sent" == caught.value.outcome
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_R8_no_answer_in_time_leaves_the_outcome_unknown(rest: Any) -> None:
    r: Rest = await rest(stall())

    with pytest.raises(TransportError, match=r"no answer within 60 s \(waiting for the answer\)") as caught:
        await r.post()

    assert ("unknown", pytest.approx(60, abs=0.1)) == (caught.value.outcome, r.time.passed)


async def test_R9_a_byte_a_second_does_not_keep_a_call_alive(rest: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    r: Rest = await rest(on_head(send(head), trickle(b" ", 1.0)))

    with pytest.raises(TransportError, match="reading the answer"):
        await r.get(deadline=90.0)

    assert r.time.passed <= 90.1
    await asyncio.sleep(5)
    assert 0 == r.server.open


async def test_R41_a_proxy_that_wants_credentials_is_named_and_not_asked_again(rest: Any, wire: Any) -> None:
    async with scripted(answer(407)) as proxy:
        transport = wire(proxy=proxy.url.replace("//", "//user:canary@"))
        r: Rest = await rest(OK, base_url="https://discord.com/api", connector=transport)

        with pytest.raises(TransportError, match=f"the proxy 127.0.0.1:{proxy.port}.*407") as caught:
            await r.get()

    assert ("not_sent", 1, 1) == (caught.value.outcome, caught.value.attempts, len(proxy.seen))
    assert "canary" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("flaw", ["dead", "html"])
async def test_R41_a_proxy_that_is_dead_or_answers_with_a_page_is_named(
    rest: Any, wire: Any, flaw: str, deaf_port: int
) -> None:
    async with scripted(answer(502, b"<html>Bad Gateway</html>", kind="text/html")) as proxy:
        url = f"http://127.0.0.1:{deaf_port}" if flaw == "dead" else proxy.url
        r: Rest = await rest(OK, base_url="https://discord.com/api", connector=wire(proxy=url))

        with pytest.raises(TransportError, match=r"through the proxy 127\.0\.0\.1:") as caught:
            await r.post()

    assert ("not_sent", 5) == (caught.value.outcome, caught.value.attempts)


async def test_R42_a_server_that_closes_as_a_request_is_sent_costs_nobody_a_failure(rest: Any) -> None:
    scripts = [OK, reset] * 250
    r: Rest = await rest(*scripts, OK)

    for _ in range(500):
        assert 7 == (await r.get()).id

    assert len(r.server.seen) >= 750
