"""Garbage on the sandbox's port: a clear answer or a closed connection, no crash, nothing kept."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from acord.routes import get_my_user
from acord.sandbox import Sandbox
from acord.sandbox.recorder import Request
from acord.testing.clock import VirtualTime

HOST = b"Host: localhost\r\n"
UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def tell(discord: Sandbox, data: bytes, *, eof: bool = True) -> bytes:
    """What is answered to these bytes, until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", discord.port.number)
    writer.write(data)
    if eof:
        writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


async def alive(discord: Sandbox) -> bool:
    async with discord.http() as http:
        return bool((await http.request(get_my_user())).username)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"GET /api/v10/users/@me HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET /api/v10/users/@me HTTP/1.1\r\n\r\n", 400),
        (b"GET /api/v10/users/@me HTTP/1.1\r\n" + HOST + b"Content-Length: many\r\n\r\n", 400),
        (b"GET /api/v10/users/@me HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n", 400),
        (b"GET /api/v10/users/@me HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 80_000 + b"\r\n\r\n", 431),
        (b"POST /api/v10/channels/1/messages HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999\r\n\r\n", 413),
        (b"POST /api/v10/channels/1/messages HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n", 413),
        (b"GET /api/v10/users/@me HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        (b"GET /api/v10/users/@me HTTP/1.1\r\n" + HOST + b"Origin: https://evil.example\r\n\r\n", 403),
        (b"GET /_sandbox HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        (b"GET /elsewhere HTTP/1.1\r\n" + HOST + b"\r\n", 404),
        (b"GET /api/v10/users/@me HTTP/1.1\r\n" + HOST + b"\r\n", 401),
        (b"GET /cdn/../../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", 404),
        (b"BREW /api/v10/users/@me HTTP/1.1\r\n" + HOST + b"\r\n", 405),
        (b"\x16\x03\x01\x00\xf1\x01\x00\x00\xed\x03\x03", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 403),
        (b"GET http://evil.example/api/v10/users/@me HTTP/1.1\r\n" + HOST + b"\r\n", 403),
        (b"GET http://[/api HTTP/1.1\r\n" + HOST + b"\r\n", 403),
        (b"GET /cdn/1/2/cat.png HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        (b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}..0\r\n\r\n", 400),
        (b"GET /?v=10 HTTP/1.1\r\n" + HOST + UPGRADE + b"Content-Length: 1\r\n\r\nx", 400),
        (b"POST /?v=10 HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n", 405),
        (b"GET /?v=10 HTTP/1.0\r\n" + HOST + UPGRADE + b"\r\n", 505),
    ],
)
async def test_what_is_no_request_of_ours_is_refused_with_a_status(sandbox: Sandbox, data: bytes, status: int) -> None:
    answer = await tell(sandbox, data)

    assert f"HTTP/1.1 {status} ".encode() == answer[:13]
    assert await alive(sandbox)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from([b"", b"GET /api/v10/users/@me HTTP/1.1\r\n", b"POST /_sandbox/do HTTP/1.1\r\n" + HOST]),
    rest=st.binary(max_size=300),
)
async def test_whatever_comes_in_the_next_one_is_served(sandbox: Sandbox, start: bytes, rest: bytes) -> None:
    await tell(sandbox, start + rest)

    assert [] == sandbox.port.errors
    assert await alive(sandbox)


async def test_half_a_request_is_not_waited_for_beyond_its_connection(sandbox: Sandbox) -> None:
    await tell(sandbox, b"POST /api/v10/channels/1/messages HTTP/1.1\r\n" + HOST + b"Content-Length: 50\r\n\r\nhalf")

    assert 0 == sandbox.port.open


async def test_half_a_request_is_not_waited_for_beyond_a_minute(fake_clock: VirtualTime, sandbox: Sandbox) -> None:
    """A client that goes on trickling is answered and let go as well."""
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port.number)
    writer.write(b"POST /api/v10/channels/1/messages HTTP/1.1\r\n" + HOST + b"Content-Length: 5000\r\n\r\n")

    async def trickle() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(1)

    trickling = asyncio.create_task(trickle())
    answer = await reader.read()
    trickling.cancel()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert 60 <= fake_clock.passed < 65


async def test_between_two_requests_a_client_may_be_silent(fake_clock: VirtualTime, sandbox: Sandbox) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port.number)
    ask = b"GET /elsewhere HTTP/1.1\r\n" + HOST + b"\r\n"
    writer.write(ask)
    first = await reader.readuntil(b"}")
    await asyncio.sleep(3600)

    writer.write(ask)

    assert b" 404 " in first and b" 404 " in await reader.readuntil(b"}")
    writer.close()


async def test_what_stands_behind_the_last_chunk_is_not_the_next_request(sandbox: Sandbox) -> None:
    chunked = (
        b"POST /elsewhere HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n"
    )

    answer = await tell(sandbox, chunked + chunked)

    assert 2 == answer.count(b"HTTP/1.1 404 ")


async def test_the_older_protocol_gets_its_connection_closed(sandbox: Sandbox) -> None:
    answer = await tell(sandbox, b"GET /elsewhere HTTP/1.0\r\n" + HOST + b"\r\n", eof=False)

    assert answer.startswith(b"HTTP/1.1 404 ")


async def test_a_client_that_does_not_answer_a_close_loses_its_connection(
    fake_clock: VirtualTime, sandbox: Sandbox
) -> None:
    said = await tell(sandbox, b"GET /?v=4 HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n", eof=False)

    assert said.endswith((4012).to_bytes(2, "big"))
    assert 10 <= fake_clock.passed < 12


DEEP = b"[" * 900 + b"]" * 900
DEEPER = b"[" * 50_000 + b"]" * 50_000


@pytest.mark.parametrize(
    "body",
    [b'{"content":' + DEEP + b"}", b'{"content":' + DEEPER + b"}", b'{"content":"\xff"}', b'{"content":"\\ud800"}'],
    ids=["deep", "deeper", "no UTF-8", "half a pair"],
)
async def test_json_that_cannot_be_kept_is_refused_and_does_not_harm_who_looks_on(
    sandbox: Sandbox, body: bytes
) -> None:
    head = b"POST /api/v10/channels/%s/messages HTTP/1.1\r\n" % sandbox.general.encode() + HOST
    head += b"Authorization: Bot " + sandbox.token.encode() + b"\r\nContent-Type: application/json\r\n"

    answer = await tell(sandbox, head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert 1 == len(list(sandbox.record.lines()))


@pytest.mark.parametrize(
    ("query", "payload", "code"),
    [
        ("/?v=" + "9" * 5000, None, 4012),
        ("/?v=10&compress=brotli", None, 4002),
        ("/?v=10", b'{"op":99,"d":' + DEEP + b"}", 4001),
        ("/?v=10", b'{"op":99,"d":' + DEEPER[:2000] + b"}", 4002),
        ("/?v=10", b'{"op":99,"d":{"\\ud800":1}}', 4002),
        ("/?v=10", b'{"op":99,"d":NaN}', 4001),
        ("/?v=10", b'{"op":99,"d":1%s}' % (b"0" * 40), 4001),
        ("/?v=10", b'{"op":1%s}' % (b"0" * 40), 4002),
    ],
    ids=["version", "compression", "deep", "deeper", "half a pair", "NaN", "a long number", "a long opcode"],
)
async def test_garbage_to_the_gateway_is_closed_and_does_not_harm_who_looks_on(
    sandbox: Sandbox, query: str, payload: bytes | None, code: int
) -> None:
    """The page tells all of it, and the record can be written."""
    looking, looker = await asyncio.open_connection("127.0.0.1", sandbox.port.number)
    looker.write(b"GET /_sandbox/stream HTTP/1.1\r\n" + HOST + b"\r\n")

    with pytest.raises(ConnectionClosed) as closed:
        async with connect(f"{sandbox.gateway_url}{query}") as socket:
            if payload is not None:
                await socket.send(payload.decode())
            while True:
                await socket.recv()

    assert closed.value.rcvd is not None and code == closed.value.rcvd.code
    await looking.readuntil(b'"section":"shards"')
    async with sandbox.http() as http:
        await http.request(get_my_user())
    await looking.readuntil(b"/users/@me")
    looker.close()
    assert list(sandbox.record.lines())


async def test_huge_bodies_are_not_all_kept(sandbox: Sandbox) -> None:
    async with sandbox.http() as http:
        for _ in range(3):
            sandbox.record.add(Request(0, "POST", "/a", "", None, 200, body="x" * (30 << 20)))
        await http.request(get_my_user())

    assert ["/a", "/users/@me"] == [request.path for request in sandbox.requests[-2:]]
    assert 3 == len(sandbox.requests)


@pytest.mark.parametrize("origin", [b"https://evil.example", b"http://127.0.0.1:1", b"null"])
async def test_T26_no_other_page_presses_the_buttons_or_listens_in(sandbox: Sandbox, origin: bytes) -> None:
    host = f"Host: {sandbox.port.authority}\r\n".encode()
    body = b'{"do": "drop"}'
    kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    posted = await tell(
        sandbox, b"POST /_sandbox/do HTTP/1.1\r\n" + host + b"Origin: " + origin + b"\r\n" + kind + body
    )
    opened = await tell(sandbox, b"GET /?v=10 HTTP/1.1\r\n" + host + b"Origin: " + origin + b"\r\n" + UPGRADE + b"\r\n")

    assert posted.startswith(b"HTTP/1.1 403 ")
    if origin != b"http://127.0.0.1:1":
        assert opened.startswith(b"HTTP/1.1 403 ")


async def test_a_page_of_another_kind_of_body_is_not_obeyed(sandbox: Sandbox) -> None:
    """What a form of a foreign page can send without asking is no JSON."""
    body = b'{"do": "drop"}'
    head = (
        b"POST /_sandbox/do HTTP/1.1\r\n" + HOST + b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body)
    )

    assert (await tell(sandbox, head + body)).startswith(b"HTTP/1.1 415 ")


async def test_T30_the_page_asks_nobody_else_and_runs_nothing_foreign(sandbox: Sandbox) -> None:
    answer = await tell(sandbox, b"GET /_sandbox HTTP/1.1\r\n" + HOST + b"\r\n")

    head, _, page = answer.partition(b"\r\n\r\n")
    assert b"default-src 'none'" in head and b"frame-ancestors 'none'" in head
    assert b"{{nonce}}" not in page
    assert b"https://" not in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (b"{", b"error"),
        (b"[]", b"error"),
        (b'{"do": "dance"}', b"do is one of"),
        (b'{"do": "send"}', b"as is missing"),
        (b'{"do": "close", "code": 3000}', b"4000 to 4999"),
        (b'{"do": "fault", "what": "get_me", "status": 500}', b"get_me"),
        (b'{"do": "fault", "what": "*", "status": 200}', b"400 to 599"),
        (b'{"do": "command", "as": "1", "channel": "2", "path": ["x"], "options": []}', b"error"),
        (b'{"do": "press", "as": "1", "channel": "2", "message": "3", "custom_id": "4"}', b"Unknown"),
    ],
)
async def test_what_a_button_cannot_do_is_said(sandbox: Sandbox, asked: bytes, said: bytes) -> None:
    kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(asked)
    answer = await tell(sandbox, b"POST /_sandbox/do HTTP/1.1\r\n" + HOST + kind + asked)

    assert answer.startswith(b"HTTP/1.1 400 ") and said in answer
