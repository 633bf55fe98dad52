"""Uploads: what becomes of files that are cut off, vanish, change, are too large or badly named."""

import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from acord.core.abc import Route
from acord.core.errors import InvalidRequest, TransportError
from acord.core.files import FILE_MOST
from acord.core.http import HTTPClient
from acord.core.multipart import CHUNK, encode_multipart
from acord.core.types import File
from acord.models import Attachment, Embed
from acord.routes import OPERATIONS, messages, stickers, users
from acord.sandbox.faults import answer, on_head, read, reset
from acord.sandbox.scripted import Scripted, scripted
from tests.core.http_kit import TOKEN
from tests.core.test_multipart import joined, parts

MIB = 1 << 20
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
UPLOAD = Route("PUT", path="/channels/1/messages")


async def pieces(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, CHUNK):
        yield b"x" * min(CHUNK, size - start)


class Pipe(io.BytesIO):
    """A file that cannot be rewound."""

    def seekable(self) -> bool:
        return False


def cutting(cuts: int, after: int) -> AbstractAsyncContextManager[Scripted]:
    """A server that resets the first connections ``after`` bytes of the body, and takes the rest whole."""
    return scripted(*[on_head(read(after), reset)] * cuts, answer(204))


SOURCES: dict[str, Callable[[Path, int], Any]] = {
    "path": lambda path, size: path,
    "bytes": lambda path, size: path.read_bytes(),
    "open file": lambda path, size: io.BytesIO(path.read_bytes()),
    "function that opens": lambda path, size: lambda: path.open("rb"),
    "generator function": lambda path, size: lambda: pieces(size),
}


@pytest.mark.parametrize("size", [1, 8 * MIB])
@pytest.mark.parametrize("source", SOURCES)
async def test_R4_an_upload_that_is_cut_off_is_sent_again_whole(source: str, size: int, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * size)
    file = File(SOURCES[source](path, size), "a.bin")

    async with (
        cutting(2, after=min(size, 3 * MIB)) as server,
        HTTPClient(token=TOKEN, base_url=server.url, decide=lambda attempt: 0.0) as http,
    ):
        await http.request(UPLOAD, {"content": "hi"}, files=[file])

    assert 3 == len(server.seen)
    assert b"x" * size in server.seen[2].body


@pytest.mark.parametrize("source", [Pipe(b"x" * 8 * MIB), pieces(8 * MIB)], ids=["pipe", "generator"])
async def test_R4_what_cannot_be_rewound_is_not_sent_again(source: Any) -> None:
    async with (
        cutting(1, after=3 * MIB) as server,
        HTTPClient(token=TOKEN, base_url=server.url, decide=lambda attempt: 0.0) as http,
    ):
        with pytest.raises(TransportError) as caught:
            await http.request(UPLOAD, files=[File(source, "a.bin")])

    assert "unknown" == caught.value.outcome
    assert 1 == len(server.seen)


async def test_R4_an_open_file_goes_back_to_where_it_stood(tmp_path: Path) -> None:
    stream = io.BytesIO(b"head" + b"x" * MIB)
    stream.seek(4)

    async with (
        cutting(1, after=1000) as server,
        HTTPClient(token=TOKEN, base_url=server.url, decide=lambda attempt: 0.0) as http,
    ):
        await http.request(UPLOAD, files=[File(stream, "a.bin")])

    assert b"head" not in server.seen[1].body
    assert not stream.closed


async def test_a_file_that_vanishes_before_another_attempt_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * MIB)

    def decide(attempt: Any) -> float:
        path.unlink()
        return 0.0

    async with cutting(1, after=1000) as server, HTTPClient(token=TOKEN, base_url=server.url, decide=decide) as http:
        with pytest.raises(InvalidRequest, match=r"files\[0\]: expected a file that can be read") as caught:
            await http.request(UPLOAD, files=[File(path)])

    assert isinstance(caught.value.__cause__, FileNotFoundError)


@pytest.mark.parametrize(("change", "given"), [(b"", "0 bytes"), (b"x" * 20, "more")], ids=["shorter", "longer"])
async def test_a_file_that_changes_meanwhile_is_named(tmp_path: Path, change: bytes, given: str) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 10)
    _, _, make = encode_multipart({}, [("file", File(path))])
    path.write_bytes(change)

    with pytest.raises(InvalidRequest, match="file: expected the 10 bytes") as caught:
        await joined(make())

    assert given == caught.value.given


async def test_a_size_that_was_stated_is_the_length_and_is_kept_to() -> None:
    _, length, make = encode_multipart({}, [("file", File(lambda: pieces(5), "a", size=5))])
    _, _, wrong = encode_multipart({}, [("file", File(lambda: pieces(5), "a", size=6))])

    assert len(await joined(make())) == length
    with pytest.raises(InvalidRequest, match="6 bytes"):
        await joined(wrong())


async def test_a_generator_that_raises_is_named_and_its_error_kept() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise LookupError("no more")

    _, _, make = encode_multipart({}, [("file", File(broken, "a"))])

    with pytest.raises(InvalidRequest, match="LookupError: no more") as caught:
        await joined(make())
    assert isinstance(caught.value.__cause__, LookupError)


async def test_a_generator_that_yields_text_is_named() -> None:
    async def text() -> AsyncIterator[Any]:
        yield "x"

    _, _, make = encode_multipart({}, [("file", File(text, "a"))])

    with pytest.raises(InvalidRequest, match="TypeError"):
        await joined(make())


def test_a_file_that_is_closed_is_refused_at_once_or_named() -> None:
    stream = io.BytesIO(b"x")
    file = File(stream, "a")
    stream.close()

    with pytest.raises(ValueError, match="this file is closed"):
        File(stream, "a")
    with pytest.raises(InvalidRequest, match="file: expected a file that can be read"):
        encode_multipart({}, [("file", file)])


def test_a_file_that_is_open_for_text_is_refused() -> None:
    with pytest.raises(ValueError, match="mode 'rb'"):
        File(io.StringIO("x"), "a")  # type: ignore[arg-type]


async def test_a_file_of_no_bytes_is_sent_as_such(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_bytes(b"")

    kind, length, make = encode_multipart({}, [("files[0]", File(path)), ("files[1]", File(b"", "b"))])
    body = await joined(make())

    assert len(body) == length
    assert [b"", b""] == [part.get_payload(decode=True) for part in parts(kind, body).values()]


@pytest.mark.parametrize(
    "name",
    [
        'say "hi".txt',
        "l\u00e4ngste \u2603.png",
        "\u3042\u3000\u3044.txt",
        "\U0001f469\u200d\U0001f467.png",
        "a;b=c.txt",
    ],
)
async def test_T28_any_readable_name_arrives_as_it_is(name: str) -> None:
    kind, _, make = encode_multipart({}, [("files[0]", File(b"x", name))])
    body = await joined(make())

    assert ["files[0]"] == list(parts(kind, body))
    assert f'filename="{name.replace(chr(34), "%22")}"'.encode() in body


@pytest.mark.parametrize("name", ["a\r\nX: y", "a\nb", "a\x00", "a\x7f", "a\x85", "a\u2028b", "a\udc80"])
def test_T14_a_name_that_could_break_out_of_its_line_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        File(b"x", name)
    with pytest.raises(ValueError, match="control characters"):
        File(b"x", "a", content_type=f"text/plain{name[1:2]}")


@pytest.mark.parametrize("name", ["..", ".", " ", "../a.png", "a/b.png", "a\\b.png", "/etc/passwd"])
def test_T28_a_name_with_folders_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no folders"):
        File(b"x", name)


def test_a_path_gives_its_last_part_as_name(tmp_path: Path) -> None:
    assert "a.png" == File(tmp_path / ".." / "a.png").filename


class Sized:
    """A file of any size that is never read."""

    name = "big.bin"

    def __init__(self, size: int) -> None:
        self.size, self.at = size, 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset if whence == 0 else self.size + offset
        return self.at


def sized(size: int) -> File:
    source: Any = Sized(size)
    return File(source)


def test_a_file_over_the_limit_is_refused_before_anything_is_read() -> None:
    messages.create_message(1, files=[sized(FILE_MOST)])

    with pytest.raises(
        InvalidRequest, match=r"files\[1\]: expected at most 10 MiB, got 10485761 bytes; .*validate=False"
    ):
        messages.create_message(1, files=[File(b"x", "a"), sized(FILE_MOST + 1)])


def test_files_over_the_limit_of_a_request_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="files: expected at most 25 MiB"):
        messages.create_message(1, files=[sized(9 * MIB)] * 3)


def test_a_guild_that_allows_more_is_believed() -> None:
    route = messages.create_message(1, files=[sized(90 * MIB)], validate=False)

    assert 1 == len(route.files)


def test_a_path_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    with path.open("wb") as stream:
        stream.truncate(FILE_MOST + 1)

    with pytest.raises(InvalidRequest, match="10485761 bytes"):
        messages.create_message(1, files=[File(path)])


def test_new_files_join_the_attachments_that_are_kept() -> None:
    route = messages.update_message(1, 2, attachments=[{"id": 77}], files=[File(b"x", "new.png", description="alt")])

    assert [{"id": "77"}, {"id": 0, "filename": "new.png", "description": "alt"}] == route.body["attachments"]


async def test_a_sticker_has_a_part_for_each_field() -> None:
    route = stickers.create_guild_sticker(1, name="Pat", tags="dog", description=None, file=File(PNG, "p.png"))

    async with scripted(answer(201, {"id": "1"})) as server, HTTPClient(token="x", base_url=server.url) as http:
        await http.request(route)
    (seen,) = server.seen
    read = parts(seen.headers["content-type"], seen.body)

    assert ["name", "tags", "file"] == list(read)
    assert "p.png" == read["file"].get_filename()


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if operation.files])
def test_every_operation_with_files_names_its_parts(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation.files is not None
    path = {p.name: 1 if str(p.shape) == "snowflake" else "x" for p in operation.parameters if p.location == "path"}
    route = operation.route(path, {}, files=[File(b"x", "a.csv")], validate=False)

    assert [(operation.files.replace("[n]", "[0]"), route.files[0])] == list(route.parts)


def test_an_image_is_a_file_its_bytes_or_a_data_uri(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    expected = "data:image/png;base64,iVBORw0KGgoAAAAAAAAAAA=="

    for image in (expected, PNG, File(path), File(io.BytesIO(PNG), "a")):
        assert expected == users.update_my_user(username="mina", avatar=image).body["avatar"]


@pytest.mark.parametrize(
    "image", [File(b"text", "a.png"), File(lambda: pieces(3), "a.png"), File("/no/such/file.png"), "cat.png"]
)
def test_what_is_no_picture_is_refused(image: Any) -> None:
    with pytest.raises(InvalidRequest, match="avatar: expected"):
        users.update_my_user(username="mina", avatar=image)


MEMORY = """
import asyncio, gc, sys, tracemalloc
from acord.core.abc import Route
from acord.core.http import HTTPClient
from acord.core.types import File
from acord.sandbox.faults import answer, on_head
from acord.sandbox.scripted import scripted

async def passed_over(peer):
    left = int(peer.request.headers["content-length"])
    while left:
        left -= len(await peer.reader.read(min(left, 65536)))

async def main(path):
    async with (
        scripted(on_head(passed_over, answer(204))) as server,
        HTTPClient(token="x", base_url=server.url) as http,
    ):
        await http.request(Route("POST", path="/x"), files=[File(b"x", "a")])
        gc.collect()
        tracemalloc.start()
        idle, _ = tracemalloc.get_traced_memory()
        await http.request(Route("POST", path="/x"), {"content": "hi"}, files=[File(path)])
        print(tracemalloc.get_traced_memory()[1] - idle)

asyncio.run(main(sys.argv[1]))
"""


def test_an_upload_of_8_MiB_needs_less_than_2_MiB(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    path.write_bytes(b"x" * 8 * MIB)
    script = f"import sys; sys.path[:0] = {[entry for entry in sys.path if entry]!r}\n{MEMORY}"

    # asyncio's debug mode would tell of slow steps, and keep what made each task.
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONASYNCIODEBUG"}
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=plain)

    assert "" == done.stderr
    assert int(done.stdout) < 2 * MIB


def test_a_sticker_is_refused_from_512_kib_on_before_it_is_sent() -> None:
    most = OPERATIONS["create_guild_sticker"].limits["file_size"]

    assert most == 512 << 10
    stickers.create_guild_sticker(1, name="ab", tags="x", file=File(bytes(most), filename="a.png"))
    with pytest.raises(InvalidRequest, match="at most 512 KiB"):
        stickers.create_guild_sticker(1, name="ab", tags="x", file=File(bytes(most + 1), filename="a.png"))


def test_an_attachment_that_was_received_can_be_kept_as_it_is() -> None:
    kept = Attachment.load(
        b'{"id": "12", "filename": "a.png", "size": 3, "url": "https://cdn.discordapp.com/a", "width": 1, "height": 2,'
        b' "proxy_url": "https://media.discordapp.net/a", "content_type": "image/png", "description": "alt"}'
    )

    route = messages.update_message(1, 2, attachments=[kept], files=[File(b"x", filename="b.png", description="new")])  # type: ignore[list-item]

    expected = [
        {"id": "12", "filename": "a.png", "description": "alt"},
        {"id": 0, "filename": "b.png", "description": "new"},
    ]
    assert expected == route.body["attachments"]


def test_what_only_discord_says_of_an_embed_is_left_out_where_it_is_sent_on() -> None:
    embed = Embed.load(b'{"title": "t", "content_scan_version": 1, "image": {"url": "https://x/a.png", "later": 3}}')

    route = messages.create_message(1, embeds=[embed])  # type: ignore[list-item]

    assert [{"title": "t", "image": {"url": "https://x/a.png"}}] == route.body["embeds"]
