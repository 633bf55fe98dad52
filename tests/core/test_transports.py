"""Which transport a client gets."""

from typing import Any

import httpx
import pytest

from acord.core import transports
from acord.core.aiohttp_parts import Peer
from acord.core.errors import InvalidRequest
from acord.core.transport import HTTPXTransport
from acord.core.transport_aiohttp import AIOHTTPTransport
from acord.core.transports import make_transport


@pytest.mark.parametrize(
    ("installed", "options", "expected"),
    [
        (True, {}, AIOHTTPTransport),
        (True, {"http2": False, "pool_size": 3}, AIOHTTPTransport),
        (True, {"http2": True}, HTTPXTransport),
        (False, {}, HTTPXTransport),
    ],
)
def test_the_fastest_that_is_installed_is_taken(
    monkeypatch: pytest.MonkeyPatch, installed: bool, options: dict[str, Any], expected: type
) -> None:
    monkeypatch.setattr(transports, "_has_aiohttp", lambda: installed)

    assert expected is type(make_transport(None, options))


def test_one_that_was_given_is_taken_as_it_is() -> None:
    own = HTTPXTransport()

    assert own is make_transport(own, {})
    assert HTTPXTransport is type(make_transport(httpx.MockTransport(lambda request: httpx.Response(200)), {}))


async def test_a_header_that_is_given_twice_is_sent_twice() -> None:
    lines = [("X-Note", "one"), ("X-Note", "two"), ("Host", "here")]

    assert lines == list(Peer("http://127.0.0.1", None).lines(lines).items())


def test_what_is_no_transport_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="open, send and close"):
        make_transport(object(), {})
