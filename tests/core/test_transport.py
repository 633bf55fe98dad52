"""The transport over real sockets: answers, bounds of time, and what becomes of connections."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from acord.core.errors import TransportError
from acord.core.transport import HTTPXTransport, TransportRequest, TransportResponse
from acord.sandbox.faults import Peer, answer, cut, honest, send, stall, trickle
from acord.sandbox.scripted import scripted
from acord.testing.clock import VirtualTime, virtual_time
from tests.turning import until


@pytest.fixture
async def time() -> AsyncIterator[VirtualTime]:
    with virtual_time() as made:
        yield made


@pytest.fixture
async def transport() -> AsyncIterator[HTTPXTransport]:
    made = HTTPXTransport(pool_size=2)
    await made.open()
    yield made
    await made.close()
    assert not made.running


def get(url: str, **headers: str) -> TransportRequest:
    host = url.removeprefix("http://").partition("/")[0]
    return TransportRequest("GET", url, [("Host", host), *headers.items()])


async def whole(response: TransportResponse) -> bytes:
    return b"".join([chunk async for chunk in response.chunks()])


async def test_an_answer_has_its_status_its_headers_as_sent_and_its_body(transport: HTTPXTransport) -> None:
    async with scripted(answer(207, b"abc", {"X-Odd": "\udce9", "X-odd": "2"})) as server:
        response = await transport.send(get(server.url), timeout=60)

        assert 207 == response.status
        assert [(b"X-Odd", b"\xe9"), (b"X-odd", b"2")] == [h for h in response.headers if h[0].lower() == b"x-odd"]
        assert b"abc" == await whole(response)


async def test_a_request_arrives_as_it_was_given_and_with_nothing_added(transport: HTTPXTransport) -> None:
    async with scripted(answer(200)) as server:
        host = server.url.removeprefix("http://")
        headers = [("Host", host), ("X-One", "1"), ("Content-Length", "3")]
        request = TransportRequest("PUT", f"{server.url}/a%20b?q=%26", headers, b"xyz")

        await whole(await transport.send(request, timeout=60))

        (seen,) = server.seen
        assert ("PUT", "/a%20b?q=%26", b"xyz") == (seen.method, seen.target, seen.body)
        assert {"host": host, "x-one": "1", "content-length": "3"} == seen.headers


async def test_a_body_made_while_it_is_sent_arrives_whole(transport: HTTPXTransport) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    async with scripted(answer(200)) as server:
        headers = [("Host", "x"), ("Transfer-Encoding", "chunked")]

        await whole(await transport.send(TransportRequest("POST", server.url, headers, body()), timeout=60))

        assert b"one two" == server.seen[0].body


async def test_a_connection_serves_one_request_after_the_other(transport: HTTPXTransport) -> None:
    async with scripted(answer(200, b"abc")) as server:
        for _ in range(5):
            await whole(await transport.send(get(server.url), timeout=60))

        assert 1 == server.connections


async def test_a_large_answer_is_not_read_further_ahead_than_the_bound(transport: HTTPXTransport) -> None:
    written = 0

    async def flood(peer: Peer) -> None:
        nonlocal written
        peer.writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            peer.writer.write(bytes(1 << 16))
            await peer.writer.drain()
            written += 1 << 16

    async with scripted(flood) as server:
        response = await transport.send(get(server.url), timeout=60)
        before = -1
        while written != before:  # until the kernel's buffers are full, too
            before = written
            for _ in range(50):
                await asyncio.sleep(0)

        assert written < 32 << 20
        await response.close()


async def test_R1_a_refused_connection_was_not_sent(transport: HTTPXTransport) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(TransportError) as caught:
            await transport.send(get(f"http://127.0.0.1:{taken.getsockname()[1]}"), timeout=60)

    assert "not_sent" == caught.value.outcome
    assert isinstance(caught.value.__cause__, httpx.ConnectError)


async def test_R1_a_connection_that_ends_without_an_answer_leaves_the_outcome_unknown(
    transport: HTTPXTransport,
) -> None:
    async with scripted(honest(send(b""), cut)) as server:
        with pytest.raises(TransportError) as caught:
            await transport.send(get(server.url), timeout=60)

    assert "unknown" == caught.value.outcome


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", id="R10 a body cut off"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", id="R3 a chunk cut off"),
    ],
)
async def test_a_body_that_breaks_off_is_an_error_and_not_a_short_body(
    transport: HTTPXTransport, answer: bytes
) -> None:
    async with scripted(honest(send(answer), cut)) as server:
        response = await transport.send(get(server.url), timeout=60)

        with pytest.raises(TransportError) as caught:
            await whole(response)

    assert "unknown" == caught.value.outcome


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", id="R17 TLS bytes"),
        pytest.param(b"HTTP/1.1 abc OK\r\n\r\n", id="R17 no number"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", id="R11 two lengths"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", id="R16 a huge header"),
    ],
)
async def test_an_answer_that_is_no_http_is_a_transport_error_and_its_connection_is_dropped(
    transport: HTTPXTransport, data: bytes
) -> None:
    async with scripted(honest(send(data), cut), answer(200, b"fine")) as server:
        with pytest.raises(TransportError):
            await transport.send(get(server.url), timeout=60)

        assert b"fine" == await whole(await transport.send(get(server.url), timeout=60))
        assert 2 == server.connections


async def test_R8_no_answer_in_time_leaves_the_outcome_unknown_and_frees_the_connection(
    time: VirtualTime, transport: HTTPXTransport
) -> None:
    async with scripted(stall()) as server:
        for _ in range(5):  # more often than there are connections
            with pytest.raises(TransportError, match="waiting for the answer") as caught:
                await transport.send(get(server.url), timeout=60)

            assert "unknown" == caught.value.outcome


async def test_R9_the_time_bounds_the_whole_answer_however_lively_it_trickles(
    time: VirtualTime, transport: HTTPXTransport
) -> None:
    lively = honest(send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"), trickle(b"x", 0.5))

    async with scripted(lively) as server:
        response = await transport.send(get(server.url), timeout=20)
        with pytest.raises(TransportError, match="reading the answer"):
            await whole(response)


async def test_no_more_requests_are_under_way_than_the_pool_has_places(
    time: VirtualTime, transport: HTTPXTransport
) -> None:
    async with scripted(stall()) as server:
        waiting = [asyncio.ensure_future(transport.send(get(server.url), timeout=60)) for _ in range(4)]
        await until(lambda: len(server.seen) == 2)

        with pytest.raises(TransportError, match="none of 2 connections became free") as caught:
            await transport.send(get(server.url), timeout=5)

        assert "not_sent" == caught.value.outcome
        assert 2 == server.connections
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_deadline_includes_the_wait_for_a_connection(time: VirtualTime, transport: HTTPXTransport) -> None:
    async with scripted(stall()) as server:
        waiting = [asyncio.ensure_future(transport.send(get(server.url), timeout=60)) for _ in range(2)]
        await until(lambda: len(server.seen) == 2)

        with pytest.raises(TransportError) as caught:
            await transport.send(get(server.url), timeout=60, deadline=5)

        assert "not_sent" == caught.value.outcome
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_R38_callers_that_cancel_at_any_step_do_not_use_up_the_pool(transport: HTTPXTransport) -> None:
    """httpx 0.28 alone is dead for good after some hundred of these."""
    async with scripted(answer(200, b"x" * 1000)) as server:
        for step in range(150):
            task = asyncio.ensure_future(_exchange(transport, server.url))
            for _ in range(step % 30):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        async with asyncio.timeout(60):
            results = await asyncio.gather(*(_exchange(transport, server.url) for _ in range(6)))

        assert [b"x" * 1000] * 6 == results


async def test_R38_callers_that_cancel_before_an_answer_comes_do_not_use_up_the_pool(
    transport: HTTPXTransport,
) -> None:
    async with scripted(*[stall()] * 40, answer(200, b"abc")) as server:
        for number in range(40):
            task = asyncio.ensure_future(_exchange(transport, server.url))
            await until(lambda: len(server.seen) > number)  # noqa: B023 - awaited at once
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        async with asyncio.timeout(60):
            assert b"abc" == await _exchange(transport, server.url)


async def test_close_ends_what_is_under_way(transport: HTTPXTransport) -> None:
    async with scripted(stall()) as server:
        task = asyncio.ensure_future(transport.send(get(server.url), timeout=60))
        await until(lambda: server.seen)

        await transport.close()

        with pytest.raises(TransportError, match="closed by this client"):
            await task


async def test_any_httpx_transport_can_carry_the_requests() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, headers={"X-Received": request.headers["X-Sent"]}, content=b"mock")

    transport = HTTPXTransport(httpx.MockTransport(answer))

    response = await transport.send(get("http://nowhere", **{"X-Sent": "yes"}), timeout=60)

    assert (201, b"mock") == (response.status, await whole(response))
    assert (b"X-Received", b"yes") in response.headers
    await transport.close()


async def test_a_transport_that_does_not_tell_its_steps_is_believed_the_worst() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone")

    transport = HTTPXTransport(httpx.MockTransport(answer))

    with pytest.raises(TransportError) as caught:
        await transport.send(get("http://nowhere"), timeout=60)

    assert "unknown" == caught.value.outcome


async def test_T1_a_header_that_is_refused_is_not_quoted(transport: HTTPXTransport) -> None:
    async with scripted(answer(200)) as server:
        with pytest.raises(TransportError) as caught:
            await transport.send(get(server.url, Authorization="Bot canary\n"), timeout=60)

    assert "not_sent" == caught.value.outcome
    assert "canary" not in repr(caught.value) + str(caught.value) + repr(caught.value.__cause__)


async def test_T2_the_http_librarys_log_of_our_requests_is_silent_and_others_keep_theirs(
    transport: HTTPXTransport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = {"Set-Cookie": "canary"}
    async with scripted(answer(200, b"x", secret)) as server:
        await whole(await transport.send(get(f"{server.url}/canary"), timeout=60))
        assert "canary" not in caplog.text

        async with httpx.AsyncClient(trust_env=False) as other:
            await other.get(f"{server.url}/canary")
        assert "canary" in caplog.text


async def test_T8_proxies_in_the_environment_are_not_used(
    transport: HTTPXTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with scripted(answer(200, b"direct")) as server:
        assert b"direct" == await _exchange(transport, server.url)


async def test_R35_redirects_are_not_followed(transport: HTTPXTransport) -> None:
    async with scripted(answer(302, None, {"Location": "/elsewhere"}), answer(200)) as server:
        response = await transport.send(get(server.url), timeout=60)

        assert 302 == response.status
        assert 1 == len(server.seen)
        await response.close()


async def test_R41_a_proxy_that_refuses_has_not_passed_the_request_on() -> None:
    async with scripted(answer(407)) as server:
        transport = HTTPXTransport(proxy=server.url)
        with pytest.raises(TransportError, match="ProxyError") as caught:
            await transport.send(get("https://discord.invalid/api"), timeout=60)
        await transport.close()

    assert "not_sent" == caught.value.outcome


def test_a_request_shows_neither_its_url_nor_its_headers() -> None:
    shown = repr(TransportRequest("GET", "http://x/canary", [("Authorization", "canary")], b"canary"))

    assert "canary" not in shown


async def _exchange(transport: HTTPXTransport, url: str) -> bytes:
    response: Any = await transport.send(get(url), timeout=60)
    try:
        return await whole(response)
    finally:
        await response.close()


async def test_requests_that_start_at_once_do_not_race_for_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    from httpcore._async.http11 import AsyncHTTP11Connection

    tries = 0
    real: Any = AsyncHTTP11Connection.handle_async_request

    async def counted(self: Any, request: Any) -> Any:
        nonlocal tries
        tries += 1
        return await real(self, request)

    transport = HTTPXTransport(pool_size=16)
    async with scripted(answer(200, b"x")) as server:
        await asyncio.gather(*(_exchange(transport, server.url) for _ in range(16)))
        monkeypatch.setattr(AsyncHTTP11Connection, "handle_async_request", counted)

        await asyncio.gather(*(_exchange(transport, server.url) for _ in range(16)))
        await transport.close()

    assert 16 == tries
