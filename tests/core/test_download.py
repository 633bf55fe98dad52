"""Downloads: ranges, a cap on size, and where no credential goes."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from acord.core.download import Download
from acord.core.errors import DecodeError, InvalidRequest, NotFound, RateLimited, TransportError, UnsafeOrigin
from acord.core.http import HTTPClient
from acord.sandbox.faults import Peer, answer, cut, honest, send
from tests.core.http_kit import TOKEN, FakeClock

CONTENT = bytes(range(256)) * 4
CDN = "https://cdn.discordapp.com/attachments/1/2/cat.png?ex=6&is=5&hm=secret"


async def ranges(peer: Peer) -> None:
    """A server that knows ranges."""
    headers = peer.request.headers
    first, _, last = headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")
    end = int(last) + 1 if last else len(CONTENT)
    status = 206 if "range" in headers else 200
    await answer(status, CONTENT[int(first) : end], kind="image/png")(peer)


WHOLE = answer(200, CONTENT, kind="image/png")


def at(r: Any, path: str = "/attachments/1/2/cat.png") -> str:
    return str(r.server.url) + path


async def test_a_file_is_its_bytes_and_no_credential_goes_along(rest: Callable[..., Any]) -> None:
    r = await rest(WHOLE)

    assert CONTENT == await r.http.download(at(r))
    assert "authorization" not in r.seen.headers
    assert "identity" == r.seen.headers["accept-encoding"]
    assert "range" not in r.seen.headers


async def test_anything_with_a_url_can_be_downloaded(rest: Callable[..., Any]) -> None:
    r = await rest(WHOLE)

    assert CONTENT == await r.http.download(SimpleNamespace(url=at(r, "/a/b?ex=1&hm=2")))
    assert "/a/b?ex=1&hm=2" == r.seen.target


@pytest.mark.parametrize("script", [ranges, WHOLE], ids=["knows ranges", "sends everything"])
@pytest.mark.parametrize(("start", "end"), [(0, 10), (100, None), (100, 612), (1000, 5000)])
async def test_a_part_of_a_file(rest: Callable[..., Any], script: Any, start: int, end: int | None) -> None:
    r = await rest(script)

    async with r.http.download(at(r), start=start, end=end) as file:
        size, content = file.size, b"".join([chunk async for chunk in file.iter_bytes()])

    assert CONTENT[start:end] == content
    assert len(content) == size
    assert f"bytes={start}-{'' if end is None else end - 1}" == r.seen.headers["range"]


async def test_a_file_can_be_read_piece_by_piece(rest: Callable[..., Any]) -> None:
    r = await rest(WHOLE)

    async with r.http.download(at(r)) as file:
        assert (1024, "image/png") == (file.size, file.content_type)
        assert CONTENT == b"".join([chunk async for chunk in file.iter_bytes()])


async def test_a_file_that_says_it_is_too_large_is_not_read(rest: Callable[..., Any]) -> None:
    r = await rest(WHOLE)

    with pytest.raises(DecodeError, match="1024 bytes or more, over max_size=1023"):
        await r.http.download(at(r), max_size=1023)


@pytest.mark.parametrize("length", ["", "x", "-1", "\xb2", "9" * 19, "9" * 5000], ids=len)
def test_a_length_that_no_file_has_is_not_known(length: str) -> None:
    file: Any = object.__new__(Download)
    file._start, file._end = 0, None
    file._response = SimpleNamespace(headers={"content-length": length}, status=200)

    assert file.size is None


async def test_R15_a_file_that_grows_beyond_the_cap_is_cut_off(rest: Callable[..., Any]) -> None:
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + CONTENT + b"\r\n"
    r = await rest(send(endless))
    given: list[bytes] = []

    async def read() -> None:
        async with r.http.download(at(r), max_size=1000) as file:
            assert file.size is None
            async for chunk in file.iter_bytes():
                given.append(chunk)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(DecodeError, match="1000"):
        await read()
    assert 1000 >= len(b"".join(given))


async def test_a_refusal_is_an_error(rest: Callable[..., Any]) -> None:
    r = await rest(answer(404, b"This content is no longer available.", kind="text/plain"))

    with pytest.raises(NotFound, match="GET /content/attachments -> 404"):
        await r.http.download(at(r))


async def test_a_file_that_breaks_off_says_so(rest: Callable[..., Any]) -> None:
    r = await rest(
        honest(send(b"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\nabc"), cut), decide=lambda attempt: None
    )

    with pytest.raises(TransportError):
        await r.http.download(at(r))


async def test_what_was_not_sent_is_sent_again_and_a_429_is_waited_for(rest: Callable[..., Any]) -> None:
    clock = FakeClock()
    limited = answer(429, {"retry_after": 7.0}, {"Via": "1.1 google"})
    r = await rest(answer(503), limited, WHOLE, clock=clock, random=lambda: 0.5, decide=None)

    assert CONTENT == await r.http.download(at(r))
    assert [0.25, 7.0] == clock.slept


async def test_a_429_that_does_not_end_is_an_error(rest: Callable[..., Any]) -> None:
    limited = answer(429, {"retry_after": 7.0}, {"Via": "1.1 google"})
    r = await rest(limited, clock=FakeClock(), decide=None)

    with pytest.raises(RateLimited):
        await r.http.download(at(r))
    assert 5 == len(r.server.seen)


async def test_discords_own_network_is_asked_over_https_without_a_token() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=CONTENT)

    async with HTTPClient(token=TOKEN, connector=httpx.MockTransport(answer)) as http:
        assert CONTENT == await http.download(CDN)

    assert CDN == str(asked[0].url)
    assert TOKEN not in str(asked[0].headers.raw)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/cat.png",
        "http://cdn.discordapp.com/cat.png",
        "https://cdn.discordapp.com.evil.test/cat.png",
        "https://cdn.discordapp.com:444/cat.png",
        "http://169.254.169.254/latest/meta-data",
    ],
)
async def test_T7_nothing_is_asked_of_a_host_that_is_not_discords(url: str) -> None:
    async with HTTPClient() as http:
        with pytest.raises(UnsafeOrigin):
            await http.download(url)


@pytest.mark.parametrize(
    "url",
    ["", "cat.png", "file:///etc/passwd", "https://", "https://x.test:port/", "https://x.test/a\r\nX: y", "//x.test"],
)
async def test_what_is_no_url_is_refused(url: str) -> None:
    async with HTTPClient() as http:
        with pytest.raises(InvalidRequest, match="source"):
            http.download(url)


@pytest.mark.parametrize(("start", "end"), [(-1, None), (5, 5), (5, 4)])
async def test_a_part_that_is_none_is_refused(start: int, end: int | None) -> None:
    async with HTTPClient() as http:
        with pytest.raises(InvalidRequest, match="0 <= start < end"):
            http.download(CDN, start=start, end=end)


async def test_a_signed_address_is_in_no_repr_and_no_error(rest: Callable[..., Any]) -> None:
    r = await rest(answer(403))
    download = r.http.download(at(r, "/attachments/1/2/cat.png?hm=secret"))

    with pytest.raises(Exception) as caught:
        await download

    assert "secret" not in repr(download) + str(caught.value) + repr(caught.value)
