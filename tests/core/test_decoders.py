"""Decoders: whose they are, and what they make of nonsense."""

import json
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from acord.core import decoders
from acord.core.errors import DecodeError


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("JSON", "ETF", "decodeResponse", "decompressResponse"):
        monkeypatch.setattr(decoders, name, getattr(decoders, name))
    yield


@pytest.mark.parametrize("data", ['{"a": [1, 2.5, null, "\u00e9"]}', '{"a": [1, 2.5, null, "\u00e9"]}'.encode()])
def test_json_is_read_from_text_and_bytes(data: str | bytes) -> None:
    assert {"a": [1, 2.5, None, "\u00e9"]} == decoders.decode(data)


def test_R19_lone_surrogates_survive() -> None:
    assert ["\ud800"] == decoders.decode(b'["\\ud800"]')


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"nul", b"NaN", b"[Infinity]", b"\xef\xbb\xbf1", b"\xff", b"[" * 200_000, '{"a": 1'],
)
def test_R19_what_is_no_json_is_a_decode_error(broken: bytes | str) -> None:
    with pytest.raises(DecodeError, match="cannot be read as JSON"):
        decoders.decode(broken)


def test_an_error_does_not_quote_the_text() -> None:
    with pytest.raises(DecodeError) as caught:
        decoders.decode(b'{"token": "canary')

    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_json_can_be_rebound() -> None:
    decoders.JSON = lambda data: ("mine", data)

    assert ("mine", b"[1]") == decoders.decode(b"[1]") == decoders.decodeResponse(b"[1]")
    assert not decoders.is_ours()


def test_decode_response_can_be_rebound() -> None:
    decoders.decodeResponse = lambda data: "mine"

    assert "mine" == decoders.decode(b"\x83a\x01")
    assert not decoders.is_ours()


def test_P16_a_rebound_function_that_fails_is_a_decode_error() -> None:
    def broken(data: bytes | str) -> Any:
        raise ZeroDivisionError("canary")

    decoders.JSON = broken

    with pytest.raises(DecodeError, match="ZeroDivisionError") as caught:
        decoders.decode(b"[1]")
    assert "canary" not in str(caught.value)


def test_what_begins_with_etfs_version_goes_to_etf() -> None:
    decoders.ETF = lambda data: ("etf", data)

    assert ("etf", b"\x83a\x01") == decoders.decodeResponse(b"\x83a\x01")


def test_etf_and_inflating_are_loaded_when_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Doubled:
        def feed(self, frame: bytes) -> list[bytes]:
            return [frame, frame]

    etf, inflate = ModuleType("acord.core.etf"), ModuleType("acord.core.inflate")
    asked: list[str | None] = []
    etf.__dict__["unpack"] = lambda data: len(data)
    inflate.__dict__["inflater"] = lambda form: asked.append(form) or Doubled()
    monkeypatch.setitem(sys.modules, "acord.core.etf", etf)
    monkeypatch.setitem(sys.modules, "acord.core.inflate", inflate)

    assert 3 == decoders.ETF(b"\x83a\x01")
    assert b"abab" == decoders.decompressResponse(b"ab")
    decoders.inflater("zstd-stream")
    assert ["zlib-payload", "zstd-stream"] == asked


def test_the_standard_librarys_parser_fits() -> None:
    decoders.JSON = json.loads

    assert [1] == decoders.decode("[1]") == decoders.decode(b"[1]")
