"""Bodies: inflating, bounds, text; and what a refusal says about waiting."""

import gzip
import random
import zlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from acord.core.abc import Route
from acord.core.errors import DecodeError, TransportError
from acord.core.response import Headers, Response, redact, retry_after


class Carrier:
    """An answer as a transport gives it, in pieces of any size."""

    def __init__(self, body: bytes, headers: Sequence[tuple[bytes, bytes]] = (), *, status: int = 200, step: int = 0):
        self.status, self.headers = status, headers
        self._body, self._step = body, step or max(1, len(body))
        self.given = 0
        self.closed = False

    async def chunks(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), self._step):
            self.given += 1
            yield self._body[start : start + self._step]

    async def close(self) -> None:
        self.closed = True


def response(carrier: Carrier, **kwds: Any) -> Response[Any]:
    return Response(Route("GET", path="/users/@me"), carrier, lambda response, body: body, **kwds)


GZIP = [(b"Content-Encoding", b"gzip")]
NOISE = random.Random(7).randbytes(3000) + bytes(3 << 20)


@pytest.mark.parametrize("step", [0, 1, 7])
@pytest.mark.parametrize("body", [b"", b"short", NOISE[:5000]])
async def test_a_compressed_body_is_inflated_however_it_is_cut(body: bytes, step: int) -> None:
    carrier = Carrier(gzip.compress(body), GZIP, step=step)

    assert body == await response(carrier).read()


async def test_a_body_that_inflates_to_megabytes_comes_whole() -> None:
    assert NOISE == await response(Carrier(gzip.compress(NOISE), GZIP)).read()


async def test_members_may_follow_each_other() -> None:
    assert b"onetwo" == await response(Carrier(gzip.compress(b"one") + gzip.compress(b"two"), GZIP, step=5)).read()


async def test_a_body_can_be_read_again() -> None:
    made = response(Carrier(b"abc"))

    assert (b"abc", b"abc", "abc") == (await made.read(), await made.read(), await made.text())


async def test_R12_gzip_that_is_cut_off_is_an_error() -> None:
    made = response(Carrier(gzip.compress(b"x" * 5000)[:-9], GZIP))

    for _ in range(2):
        with pytest.raises(DecodeError, match="cut off"):
            await made.read()


async def test_R13_corrupt_gzip_is_an_error() -> None:
    with pytest.raises(DecodeError, match="corrupt gzip"):
        await response(Carrier(b"no gzip at all", GZIP)).read()


@pytest.mark.parametrize("coding", [b"br", b"deflate", b", ".join([b"gzip"] * 500)])
async def test_R13_other_codings_and_chains_are_refused(coding: bytes) -> None:
    with pytest.raises(DecodeError, match="only gzip was asked for"):
        await response(Carrier(zlib.compress(b"x"), [(b"Content-Encoding", coding)])).read()


async def test_R14_a_bomb_is_stopped_at_the_bound() -> None:
    bomb = gzip.compress(bytes(50 << 20))
    carrier = Carrier(bomb, GZIP, step=1000)

    with pytest.raises(DecodeError, match="larger than the bound of 2097152 bytes"):
        await response(carrier, max_body=2 << 20).read()

    assert carrier.given < len(bomb) / 1000 / 4
    assert carrier.closed


async def test_R15_an_endless_body_is_stopped_at_the_bound() -> None:
    carrier = Carrier(bytes(1 << 20), step=1000)

    with pytest.raises(DecodeError, match="larger than the bound"):
        await response(carrier, max_body=5000).read()

    assert 6 == carrier.given
    assert carrier.closed


async def test_R16_a_flood_of_headers_is_refused() -> None:
    with pytest.raises(TransportError, match="headers"):
        await response(Carrier(b"", [(b"X", b"y")] * 2000)).read()


async def test_a_body_can_be_taken_piece_by_piece() -> None:
    made = response(Carrier(b"abcdef", step=2))

    assert [b"ab", b"cd", b"ef"] == [chunk async for chunk in made.iter_bytes()]
    with pytest.raises(RuntimeError, match="inside `async with`"):
        await made.read()


async def test_a_closed_response_says_that_it_was_not_read() -> None:
    made = response(Carrier(b"abc"))
    await made.close()

    with pytest.raises(RuntimeError, match="closed before its body was read"):
        await made.read()


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        (b"text/plain", "\u00e9".encode(), "\u00e9"),
        (b"text/plain; charset=latin-1", b"\xe9", "\u00e9"),
        (b'text/csv; charset="utf-8"', b"\xff", "\ufffd"),
        (b"text/plain; charset=nonsense", b"a", "a"),
    ],
)
async def test_text_is_read_in_the_stated_character_set(kind: bytes, body: bytes, text: str) -> None:
    assert text == await response(Carrier(body, [(b"Content-Type", kind)])).text()


@pytest.mark.parametrize("codec", [b"idna", b"punycode", b"undefined", b"unicode_escape", b"hex", b"iso-8859-99"])
async def test_a_codec_that_is_no_character_set_is_not_asked(codec: bytes) -> None:
    made = response(Carrier(b"\\d\xff", [(b"Content-Type", b"text/plain; charset=" + codec)]))

    assert "\\d\ufffd" == await made.text()


async def test_json_of_nothing_is_none() -> None:
    assert await response(Carrier(b"", status=204)).json() is None


async def test_R18_what_is_no_json_is_described_and_redacted() -> None:
    token = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.abcdefghijklmnopqrstuvwxyz012345"
    html = f"<html>{token} https://discord.com/api/webhooks/123/canary</html>".encode() + b"x" * 500

    with pytest.raises(DecodeError) as caught:
        await response(Carrier(html, [(b"Content-Type", b"text/html; charset=utf-8")], status=502)).json()

    error = caught.value
    assert (502, "text/html") == (error.status, error.content_type)
    assert error.excerpt is not None and error.excerpt.startswith("<html>***") and len(error.excerpt) == 200
    assert "canary" not in str(error) and token not in str(error)


def test_redact_hides_what_looks_like_a_credential() -> None:
    assert '{"token":***, "id": "1"}' == redact('{"token": "abc", "id": "1"}')
    assert "/webhooks/***/messages" == redact("/webhooks/1/abc-_D/messages")


def test_headers_are_found_in_any_case_and_joined() -> None:
    headers = Headers([(b"X-One", b"1"), (b"x-one", b"2"), (b"Set-Cookie", b"canary")])

    assert ("1, 2", "1, 2") == (headers["x-ONE"], headers.get("X-One"))
    assert "x-one" in headers and "x-two" not in headers
    assert "canary" not in repr(headers)


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        ("3", {"retry_after": 2.125}, 2.125),
        ("3", None, 3.0),
        ("3", {}, None),
        (None, {"retry_after": 0}, 0.0),
        (None, {"retry_after": -1}, None),
        (None, {"retry_after": float("nan")}, None),
        (None, {"retry_after": float("inf")}, None),
        (None, {"retry_after": 10**400}, None),
        (None, {"retry_after": 1e18}, 86_400.0),
        ("1e18", None, 86_400.0),
        (None, {"retry_after": True}, None),
        (None, {"retry_after": [1]}, None),
        (None, {"retry_after": "0.5"}, 0.5),
        ("soon", None, None),
        (None, None, None),
    ],
)
def test_R29_how_long_to_wait(header: str | None, body: dict[str, Any] | None, seconds: float | None) -> None:
    headers = {} if header is None else {"retry-after": header}

    assert seconds == retry_after(headers, body)
