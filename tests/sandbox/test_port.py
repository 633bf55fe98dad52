"""Garbage on the sandbox's port: a clear answer or a closed connection, no crash, nothing kept."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from acord.routes import get_my_user
from acord.sandbox import Sandbox

HOST = b"Host: localhost\r\n"


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


@pytest.mark.parametrize("origin", [b"https://evil.example", b"http://127.0.0.1:1", b"null"])
async def test_T26_no_other_page_presses_the_buttons_or_listens_in(sandbox: Sandbox, origin: bytes) -> None:
    host = f"Host: {sandbox.port.authority}\r\n".encode()
    body = b'{"do": "drop"}'
    kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    posted = await tell(
        sandbox, b"POST /_sandbox/do HTTP/1.1\r\n" + host + b"Origin: " + origin + b"\r\n" + kind + body
    )
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    opened = await tell(sandbox, b"GET /?v=10 HTTP/1.1\r\n" + host + b"Origin: " + origin + b"\r\n" + upgrade + key)

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
        (b'{"do": "press", "as": "1", "channel": "2", "message": "3", "custom_id": "4"}', b"Unknown"),
    ],
)
async def test_what_a_button_cannot_do_is_said(sandbox: Sandbox, asked: bytes, said: bytes) -> None:
    kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(asked)
    answer = await tell(sandbox, b"POST /_sandbox/do HTTP/1.1\r\n" + HOST + kind + asked)

    assert answer.startswith(b"HTTP/1.1 400 ") and said in answer
