"""Uploads: what the parts look like, how long the body is, and that it can be made again."""

import asyncio
import io
import threading
from collections.abc import AsyncIterator
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from acord.core import errors
from acord.core.abc import Route
from acord.core.http import HTTPClient
from acord.core.multipart import CHUNK, _opened, encode_multipart
from acord.core.types import MISSING, File
from acord.core.wire import make_body
from acord.sandbox.faults import answer
from acord.sandbox.scripted import scripted
from tests.turning import until


async def joined(body: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in body])


def parts(kind: str, body: bytes) -> dict[str, Any]:
    """The parts by name, as an independent reader sees them."""
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    return {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}


async def test_the_json_comes_first_and_the_files_by_their_names() -> None:
    files = [("files[0]", File(b"\x89PNG\r\n", "cat.png")), ("files[1]", File(b"", "empty"))]

    kind, length, make = encode_multipart({"payload_json": b'{"content":"hi"}'}, files)
    body = await joined(make())
    read = parts(kind, body)

    assert len(body) == length
    assert ["payload_json", "files[0]", "files[1]"] == list(read)
    assert ("application/json", b'{"content":"hi"}') == (
        read["payload_json"].get_content_type(),
        read["payload_json"].get_payload(decode=True),
    )
    assert ("image/png", "cat.png", b"\x89PNG\r\n") == (
        read["files[0]"].get_content_type(),
        read["files[0]"].get_filename(),
        read["files[0]"].get_payload(decode=True),
    )
    assert "application/octet-stream" == read["files[1]"].get_content_type()


async def test_the_bytes_of_a_body() -> None:
    kind, length, make = encode_multipart({"a": b"1"}, [("file", File(b"x", 'q".txt'))], boundary="B")

    expected = (
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="q%22.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nx\r\n--B--\r\n"
    )
    assert ("multipart/form-data; boundary=B", len(expected), expected) == (kind, length, await joined(make()))


@pytest.mark.parametrize("form", ["path", "bytes", "open", "rest of open", "factory"])
async def test_R4_every_form_of_file_can_be_sent_again(form: str, tmp_path: Path) -> None:
    content = bytes(range(256)) * 700  # more than one chunk
    assert len(content) > 2 * CHUNK
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    stream = io.BytesIO(content)
    if form == "rest of open":
        content = content[stream.seek(100) :]
    source: Any = {"path": path, "bytes": content, "factory": lambda: path.open("rb")}.get(form, stream)

    kind, length, make = encode_multipart({}, [("file", File(source, "a.bin"))])

    for _ in range(2):
        body = await joined(make())
        assert content == parts(kind, body)["file"].get_payload(decode=True)
        assert length in (len(body), None)
    assert (length is None) == (form == "factory")


def test_a_path_that_does_not_exist_fails_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(errors.InvalidRequest, match="file: expected a file that can be read") as caught:
        encode_multipart({}, [("file", File(tmp_path / "nothing"))])

    assert isinstance(caught.value.__cause__, FileNotFoundError)


async def test_where_no_json_is_taken_each_field_is_a_part() -> None:
    files = [("file", File(b"x", "a.png"))]

    body = make_body(data=None, json={"name": "\u00e9", "tags": 5}, own=MISSING, files=files, media=("multipart",))
    made: Any = body.make()
    read = parts(body.content_type, await joined(made))

    assert ["\u00e9".encode(), b"5"] == [read[name].get_payload(decode=True) for name in ("name", "tags")]


async def test_an_upload_arrives(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"meow" * 50_000)
    async with scripted(answer(204)) as server, HTTPClient(token="x", base_url=server.url) as http:
        await http.request(Route("POST", path="/channels/1/messages"), {"content": "hi"}, files=[File(path)])
        await http.request(Route("POST", path="/channels/1/messages"), files=[File(lambda: path.open("rb"), "cat")])

    first, second = (parts(seen.headers["content-type"], seen.body) for seen in server.seen)
    assert b'{"content":"hi"}' == first["payload_json"].get_payload(decode=True)
    assert b"meow" * 50_000 == first["files[0]"].get_payload(decode=True) == second["files[0]"].get_payload(decode=True)
    assert "chunked" == server.seen[1].headers["transfer-encoding"]


async def test_R4_a_file_that_cannot_be_rewound_is_sent_once() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    sent: list[bytes] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        sent.append(await request.aread())
        return httpx.Response(502)

    async with HTTPClient(token="x", connector=httpx.MockTransport(answer), decide=lambda attempt: 0.0) as http:
        with pytest.raises(errors.ServerError):
            await http.request(Route("PUT", path="/x"), files=[File(Pipe(b"once"), "pipe")])

    assert 1 == len(sent)
    assert b"once" in sent[0]


async def test_R38_a_file_that_opens_when_nobody_waits_for_it_any_more_is_closed_again() -> None:
    begun, may_open, closed = threading.Event(), threading.Event(), list[str]()

    def begin() -> str:
        begun.set()
        may_open.wait(10)
        return "content"

    opening = asyncio.create_task(_opened(SimpleNamespace(begin=begin, finish=closed.append)))  # type: ignore[arg-type]
    await asyncio.to_thread(begun.wait, 10)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    may_open.set()
    async with asyncio.timeout(10):
        await until(lambda: closed)

    assert ["content"] == closed
