"""Bytes that come in: what is read, what is refused, and that nothing breaks."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from acord.sandbox.answers import Answer
from acord.sandbox.calls import Upload
from tests.sandbox.rest_kit import Kit, faults

MESSAGES = "/api/v10/channels/1/messages"
PIECES = [b"--b", b"\r\n", b"--", b"\r\n\r\n", b"Content-Disposition: form-data; name=a", b"a=%f", b"{"]
FORM = "application/x-www-form-urlencoded"


def part(name: str, content: bytes, filename: str | None = None, media: str | None = None) -> bytes:
    disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    kind = f"Content-Type: {media}\r\n" if media else ""
    return f"--b\r\nContent-Disposition: {disposition}\r\n{kind}\r\n".encode() + content + b"\r\n"


def multipart(kit: Kit, *parts: bytes, end: bytes = b"--b--\r\n", boundary: str = "b") -> Answer:
    kind = f"multipart/form-data; boundary={boundary}"
    return kit.send("POST", MESSAGES, b"".join(parts) + end, content_type=kind)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nothing",
        b"[" * 100_000,
        b'{"a": NaN}',
        b"\xff\xfe",
        b'{"content": "\\ud800"}',
        b"\xef\xbb\xbf{}",
        b"1" * 9999,
    ],
)
def test_what_is_no_json_is_a_50109(body: bytes) -> None:
    answer = Kit().send("POST", MESSAGES, body)

    assert (400, {"message": "The request body contains invalid JSON.", "code": 50109}) == answer[:2]


def test_a_body_over_the_bound_is_a_413() -> None:
    answer = Kit(max_body=10).send("POST", MESSAGES, b'{"content": "hi"}')

    assert (413, {"message": "Request entity too large", "code": 40005}) == answer[:2]


def test_another_content_type_is_told_which_ones_there_are() -> None:
    answer = Kit().send("PATCH", "/api/v10/users/@me", b"{}", content_type="text/plain")

    message = "Expected \"Content-Type\" header to be one of {'application/json'}."
    assert (400, {"message": message, "code": 50035}) == answer[:2]


def test_a_body_where_none_is_wanted_is_not_looked_at() -> None:
    assert 200 == Kit().send("GET", "/api/v10/users/@me", b"\xff{").status


def test_a_form_is_read_as_the_specification_says() -> None:
    kit = Kit()

    kit.send("POST", MESSAGES, b"content=%C3%A4+b&tts=true&flags=4&sticker_ids=1&sticker_ids=2", content_type=FORM)

    assert {"content": "ä b", "tts": True, "flags": 4, "sticker_ids": ["1", "2"]} == kit.calls[0].body


def test_payload_json_of_a_form_is_the_body() -> None:
    kit = Kit()

    kit.send("POST", MESSAGES, b"payload_json=%7B%22content%22%3A%22hi%22%7D", content_type=f"{FORM}; charset=utf-8")

    assert {"content": "hi"} == kit.calls[0].body


def test_files_come_with_the_json_that_describes_them() -> None:
    kit = Kit()
    payload = json.dumps({"content": "hi", "attachments": [{"id": 0, "description": "a cat"}]}).encode()

    multipart(
        kit,
        part("payload_json", payload, media="application/json"),
        part("files[0]", b"\r\n--x\r\n\x00", 'c%22at".png'.replace('".', "."), "image/png"),
    )

    call = kit.calls[0]
    assert [Upload("files[0]", 'c"at.png', "image/png", b"\r\n--x\r\n\x00")] == call.files
    assert ("hi", "a cat") == (call.body["content"], call.body["attachments"][0]["description"])


def test_fields_of_a_multipart_form_are_read_one_by_one() -> None:
    kit = Kit()

    multipart(kit, part("content", "ü".encode()), part("tts", b"0"), boundary='"b"')

    assert {"content": "ü", "tts": False} == kit.calls[0].body


def test_a_preamble_is_skipped() -> None:
    kit = Kit()

    multipart(kit, b"for old mail programs\r\n", part("content", b"hi"))

    assert {"content": "hi"} == kit.calls[0].body


@pytest.mark.parametrize(
    ("parts", "end", "boundary"),
    [
        ([part("content", b"hi")], b"", "b"),
        ([part("content", b"hi")], b"--b--", "other"),
        ([part("content", b"hi")], b"--b--", ""),
        ([b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n"], b"--b--", "b"),
        ([b'--b\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n'], b"--b--", "b"),
        ([b"--b\r\n\r\nx\r\n"], b"--b--", "b"),
        ([b"--b\r\nno gap\r\n"], b"--b--", "b"),
        ([b"--bx\r\n"], b"--b--", "b"),
        ([part("content", b"\xff")], b"--b--", "b"),
        ([part(f"f{n}", b"") for n in range(101)], b"--b--", "b"),
        ([], b"", "b"),
    ],
)
def test_a_form_that_is_broken_is_refused(parts: list[bytes], end: bytes, boundary: str) -> None:
    assert {"": ["FORM_UNREADABLE"]} == faults(multipart(Kit(), *parts, end=end, boundary=boundary))


def test_more_files_than_discord_takes_are_refused() -> None:
    files = [part(f"files[{n}]", b"", "a.txt") for n in range(11)]

    assert {"attachments": ["BASE_TYPE_MAX_LENGTH"]} == faults(multipart(Kit(), *files))


@pytest.mark.parametrize("body", [b"content=%ff", b"&".join([b"a=b"] * 1001)])
def test_a_form_that_cannot_be_read_is_refused(body: bytes) -> None:
    assert {"": ["FORM_UNREADABLE"]} == faults(Kit().send("POST", MESSAGES, body, content_type=FORM))


def test_broken_json_in_a_form_is_a_50109() -> None:
    answer: Any = multipart(Kit(), part("payload_json", b"{"))

    assert 50109 == answer.body["code"]


def test_a_reason_is_read_where_the_operation_writes_one() -> None:
    kit = Kit()

    kit.send("PATCH", "/api/v10/channels/1", {"name": "x"}, x_audit_log_reason="gr%C3%BCn")
    kit.send("POST", MESSAGES, {"content": "hi"}, x_audit_log_reason="none")

    assert ["grün", None] == [call.reason for call in kit.calls]


@pytest.mark.parametrize("reason", ["%ff", "x" * 513])
def test_a_reason_that_cannot_be_is_refused(reason: str) -> None:
    assert ["reason"] == list(faults(Kit().send("PATCH", "/api/v10/channels/1", {}, x_audit_log_reason=reason)))


@given(
    st.sampled_from(["application/json", FORM, "multipart/form-data; boundary=b", "multipart/form-data", "", "\x00;"]),
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from([b"--b", b"\r\n", b"--", b"\r\n\r\n", b"Content-Disposition: form-data; name=a", b"a=%f", b"{"])
    ).map(b"".join),
)
def test_no_bytes_break_it(kind: str, body: bytes) -> None:
    kit = Kit()

    answer = kit.send("POST", MESSAGES, body, content_type=kind)

    assert answer.status in (200, 400)
    assert [] == kit.api.violations


@given(st.text(max_size=60), st.sampled_from(["GET", "POST", "", "OPTIONS", "\x00"]))
def test_no_target_breaks_it(target: str, method: str) -> None:
    for prefix in ("", "/api/v10/", "/api/v10/channels/", "/api/v10/users/@me?"):
        assert Kit().send(method, prefix + target).status < 500
