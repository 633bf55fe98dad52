"""Answers that are cut, too long, compressed to deceive, or no HTTP at all."""

import gzip
import json
import tracemalloc
from typing import Any

import pytest

from acord.core import errors
from acord.core.abc import Route
from acord.core.hook_events import DriftSeen
from acord.core.hooks import Hooks
from acord.core.response import MAX_BODY
from acord.sandbox.faults import Step, answer, corrupt, cut, honest, on_head, repeat, send
from tests.core.http_kit import GET_ME, ME
from tests.gauntlet.kit import OK, Rest

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BODY = json.dumps(ME)


def packed(data: bytes, *, declared: int | None = None, coding: str = "gzip") -> Step:
    length = len(data) if declared is None else declared
    return send(f"{HEAD}Content-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n", data)


async def test_R10_a_body_shorter_than_announced_is_in_doubt(rest: Any) -> None:
    r: Rest = await rest(honest(send(f"{HEAD}Content-Length: 99\r\n\r\n{BODY}"), cut))

    with pytest.raises(errors.TransportError) as caught:
        await r.post()

    assert ("unknown", 1) == (caught.value.outcome, len(r.server.seen))


async def test_R11_T16_what_follows_a_body_is_not_taken_for_the_next_answer(rest: Any) -> None:
    smuggled = f'{HEAD}Content-Length: 27\r\n\r\n{{"id":"666","username":"x"}}'
    r: Rest = await rest(send(f"{HEAD}Content-Length: {len(BODY)}\r\n\r\n{BODY}{smuggled}"), OK)

    assert 7 == (await r.get()).id
    assert 7 == (await r.get()).id
    assert 2 == r.server.connections


async def test_R11_a_body_cut_at_its_announced_length_is_unreadable(rest: Any) -> None:
    r: Rest = await rest(send(f"{HEAD}Content-Length: 9\r\n\r\n{BODY}"))

    with pytest.raises((errors.DecodeError, errors.TransportError)):
        await r.post()

    assert 1 == len(r.server.seen)


@pytest.mark.parametrize(
    "lines",
    ["Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: 2, 3\r\n", "Content-Length: -1\r\n"],
)
async def test_R11_T16_contradicting_lengths_are_refused_and_the_connection_is_dropped(rest: Any, lines: str) -> None:
    r: Rest = await rest(send(f"{HEAD}{lines}\r\n{{}}"), OK)

    with pytest.raises(errors.TransportError):
        await r.post()

    await r.get()
    assert 2 == r.server.connections


async def test_R11_T16_with_length_and_chunks_the_connection_is_not_used_again(rest: Any) -> None:
    both = f"{HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n{len(BODY):x}\r\n{BODY}\r\n0\r\n\r\n"
    r: Rest = await rest(send(both + "HTTP/1.1 200 OK\r\n\r\n"), OK)

    await r.get()
    await r.get()

    assert 2 == r.server.connections


async def test_R12_gzip_that_ends_early_is_noticed_and_a_post_is_not_repeated(rest: Any) -> None:
    r: Rest = await rest(packed(gzip.compress(BODY.encode())[:-12]))

    with pytest.raises(errors.DecodeError, match="gzip data is cut off") as caught:
        await r.post()

    assert ("done", 1) == (caught.value.outcome, len(r.server.seen))


async def test_R13_corrupt_gzip_is_unreadable(rest: Any) -> None:
    r: Rest = await rest(packed(corrupt(gzip.compress(BODY.encode() * 20), 20)))

    with pytest.raises(errors.DecodeError, match="corrupt gzip"):
        await r.get()


@pytest.mark.parametrize("coding", [", ".join(["gzip"] * 500), "br", "deflate", "gzip, gzip"])
async def test_R13_T11_what_was_not_asked_for_is_not_inflated(rest: Any, coding: str) -> None:
    r: Rest = await rest(packed(gzip.compress(BODY.encode()), coding=coding))

    with pytest.raises(errors.DecodeError, match="only gzip was asked for"):
        await r.get()


async def test_R13_only_gzip_is_asked_for(rest: Any) -> None:
    r: Rest = await rest(answer(200, ME, zipped=True))

    assert 7 == (await r.get()).id
    assert "gzip" == r.server.seen[0].headers["accept-encoding"]


async def test_R14_T11_a_gzip_bomb_is_stopped_at_the_bound(rest: Any) -> None:
    bound, bomb = 16 << 20, gzip.compress(bytes(256 << 20), 1)
    r: Rest = await rest(packed(bomb), max_body=bound)

    tracemalloc.start()
    with pytest.raises(errors.DecodeError, match="larger than the bound"):
        await r.get()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4 * bound
    assert 64 << 20 == MAX_BODY


@pytest.mark.parametrize("line", [f"Content-Length: {1 << 30}\r\n", ""])
async def test_R15_T11_an_endless_body_is_stopped_at_the_bound(rest: Any, line: str) -> None:
    r: Rest = await rest(honest(send(f"{HEAD}{line}\r\n"), repeat(b" " * 65536)), OK, max_body=1 << 20)

    with pytest.raises(errors.DecodeError, match="larger than the bound of 1048576"):
        await r.get()

    assert 7 == (await r.get()).id
    assert 2 == r.server.connections


async def test_R16_T13_two_thousand_headers_are_refused(rest: Any) -> None:
    r: Rest = await rest(send(HEAD + "X: y\r\n" * 2000 + f"Content-Length: {len(BODY)}\r\n\r\n{BODY}"))

    with pytest.raises(errors.TransportError, match=r"more than 256 headers|Too many headers"):
        await r.post()


async def test_R16_T13_a_header_of_two_hundred_kilobytes_is_refused(rest: Any) -> None:
    r: Rest = await rest(send(f"{HEAD}X: {'y' * 200_000}\r\n\r\n"))

    with pytest.raises(errors.TransportError):
        await r.post()


async def test_R16_five_interim_answers_are_skipped(rest: Any) -> None:
    r: Rest = await rest(honest(send("HTTP/1.1 100 Continue\r\n\r\n" * 5), OK))

    assert 7 == (await r.get()).id


@pytest.mark.parametrize(
    "noise",
    [
        pytest.param(b"HTTP/1.1 000 No\r\nContent-Length: 0\r\n\r\n", id="status 000"),
        pytest.param(b"HTTP/1.1 99 No\r\nContent-Length: 0\r\n\r\n", id="status 99"),
        pytest.param(b"HTTP/1.1 600 No\r\nContent-Length: 0\r\n\r\n", id="status 600"),
        pytest.param(b"HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n", id="status 999"),
        pytest.param(b"\x00\xff\xfe" * 40 + b"\r\n\r\n", id="garbage"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="SSH"),
        pytest.param(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", id="no colon"),
    ],
)
async def test_R17_what_is_no_http_is_a_transport_error(rest: Any, noise: bytes) -> None:
    r: Rest = await rest(honest(send(noise), cut), OK)

    with pytest.raises(errors.TransportError):
        await r.post()

    assert 7 == (await r.get()).id
    assert 2 == r.server.connections


async def test_R18_a_captive_portals_page_is_shown_by_its_beginning(rest: Any) -> None:
    page = b'<html>Please log in. token": "canary" ' + b"x" * 500
    r: Rest = await rest(answer(200, page, kind="text/html; charset=utf-8"))

    with pytest.raises(errors.DecodeError, match="JSON was expected") as caught:
        await r.get()

    error = caught.value
    assert (200, "text/html") == (error.status, error.content_type)
    assert error.excerpt is not None
    assert error.excerpt.startswith("<html>Please log in.")
    assert len(error.excerpt) <= 200
    assert "canary" not in str(error)


async def test_R18_nothing_where_json_is_due_is_unreadable(rest: Any) -> None:
    r: Rest = await rest(answer(200, b"", {"Content-Type": "application/json"}))

    with pytest.raises(errors.DecodeError) as caught:
        await r.get()

    assert (200, "application/json") == (caught.value.status, caught.value.content_type)


async def test_R18_no_content_is_none_whatever_comes_with_it(rest: Any) -> None:
    r: Rest = await rest(answer(204, b"", {"Content-Type": "text/html"}))

    assert await r.delete() is None


async def test_R18_a_204_with_a_body_is_never_taken_for_something_else(rest: Any) -> None:
    r: Rest = await rest(answer(204, b"<html>", kind="text/html"))

    try:
        assert await r.delete() is None
    except errors.TransportError:
        assert 5 == r.server.connections  # what follows the head is no HTTP to some parsers: no connection is kept


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'{"id": ', id="cut"),
        pytest.param(b'{"id": NaN}', id="NaN"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="100 000 deep"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="100 000 deep in objects"),
        pytest.param(b"\xef\xbb\xbf{}x", id="BOM and more"),
        pytest.param(b'{"id": "\xff"}', id="no UTF-8"),
        pytest.param(b"", id="nothing"),
    ],
)
@pytest.mark.parametrize("typed", [True, False])
async def test_R19_what_is_no_json_is_a_decode_error_and_never_a_crash(rest: Any, text: bytes, typed: bool) -> None:
    r: Rest = await rest(answer(200, text, {"Content-Type": "application/json"}))

    if not typed and not text:
        assert await r.raw("/x") in (None, b"")
        return
    with pytest.raises(errors.DecodeError):
        await (r.get() if typed else r.raw("/x"))


async def test_R19_lone_surrogates_survive(rest: Any) -> None:
    r: Rest = await rest(answer(200, b'{"id":"7","username":"a\\ud800"}'))

    assert {"id": "7", "username": "a\ud800"} == await r.raw("/x")


async def test_R20_what_contradicts_the_schema_is_delivered_and_told_of(rest: Any) -> None:
    seen = list[DriftSeen]()
    r: Rest = await rest(answer(200, {"id": "7", "username": 5, "new": {"a": 1}}), hooks=Hooks(on_drift=seen.append))

    user = await r.get()

    assert (7, 5, {"a": 1}) == (user.id, user.username, user.new)
    assert ["username"] == [where for where, _ in seen[0].drift.problems]


async def test_R20_only_strict_raises(rest: Any) -> None:
    r: Rest = await rest(answer(200, {"id": "7"}))

    assert 7 == (await r.get()).id
    with pytest.raises(errors.ModelError, match="username"):
        await r.get(strict=True)


async def test_T12_many_tiny_chunks_cost_no_more_than_their_number(rest: Any) -> None:
    text = json.dumps(ME | {"filler": "x" * 20_000}).encode()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in text) + b"0\r\n\r\n"
    r: Rest = await rest(on_head(send(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n", chunks)))
    steps = 0

    def count(*_: Any) -> None:
        nonlocal steps
        steps += 1

    async with r.http.request(GET_ME.route({}, {})) as response:
        async for piece in response.iter_bytes():
            count(piece)

    assert steps <= len(text) + 1


async def test_an_answer_to_head_ends_with_its_head_and_the_next_request_is_served(rest: Any) -> None:
    r: Rest = await rest(send(f"{HEAD}Content-Length: 999\r\n\r\n"), OK)

    async with r.http.request(Route("HEAD", path="/users/@me"), deadline=5.0) as response:
        seen = response.status, response.headers["content-length"], await response.read()

    assert (200, "999", b"") == seen
    assert 7 == (await r.get()).id
