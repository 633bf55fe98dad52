"""The client over real sockets: what is sent, where to, and with which credential."""

import logging
import traceback
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from acord.core import abc, errors
from acord.core.abc import Route
from acord.core.http import HTTPClient
from acord.core.operation import Operation
from acord.core.shapes import Object, String
from acord.core.types import MISSING, Snowflake, Token
from acord.sandbox.faults import answer, cut, honest, send, stall
from acord.testing.clock import VirtualTime
from tests.core.http_kit import DELETE, GET_ME, ME, OPEN, SEND, TOKEN


async def test_a_request_carries_what_discord_wants_and_nothing_else(rest: Any) -> None:
    r = await rest(answer(200, ME))

    await r.http.request(GET_ME.route({}, {}))

    assert ("GET", "/api/v10/users/@me", b"") == (r.seen.method, r.seen.target, r.seen.body)
    assert {
        "host": r.server.url.removeprefix("http://"),
        "user-agent": HTTPClient.user_agent,
        "accept-encoding": "gzip",
        "authorization": f"Bot {TOKEN}",
    } == r.seen.headers
    assert HTTPClient.user_agent.startswith("DiscordBot (https://")


async def test_a_json_body_is_sent_as_such(rest: Any) -> None:
    r = await rest(answer(200, ME))

    await r.http.request(SEND.route({"channel_id": 1}, {}, {"content": "h\u00e9 \ud800"}))

    assert b'{"content":"h\\u00e9 \\ud800"}' == r.seen.body
    assert "application/json" == r.seen.headers["content-type"]
    assert str(len(r.seen.body)) == r.seen.headers["content-length"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_without_a_body_its_length_is_stated_and_its_type_is_not(rest: Any, method: str) -> None:
    r = await rest(answer(204))

    await r.http.request(Route(method, path="/users/@me"))

    assert "0" == r.seen.headers["content-length"]
    assert "content-type" not in r.seen.headers


async def test_data_and_json_of_a_raw_call(rest: Any) -> None:
    r = await rest(answer(204))
    route = Route("POST", path="/new/thing")
    value = {"id": Snowflake(5), "omitted": MISSING, "nothing": None, "list": (1, True, 0.5)}
    sent = b'{"id":"5","nothing":null,"list":[1,true,0.5]}'

    for call in (r.http.request(route, value), r.http.request(route, json=value)):
        await call
        assert (sent, "application/json") == (r.seen.body, r.seen.headers["content-type"])

    await r.http.request(route, b"<x/>", {"Content-Type": "text/xml"})
    assert (b"<x/>", "text/xml") == (r.seen.body, r.seen.headers["content-type"])
    await r.http.request(route, "[1]")
    assert (b"[1]", "application/json") == (r.seen.body, r.seen.headers["content-type"])


async def test_one_body_is_enough(rest: Any) -> None:
    r = await rest(answer(204))

    with pytest.raises(errors.InvalidRequest, match="one body"):
        r.http.request(Route("POST", path="/x"), {"a": 1}, json={"a": 1})
    with pytest.raises(errors.InvalidRequest, match="one body"):
        r.http.request(SEND.route({"channel_id": 1}, {}, {"content": "x"}), {"a": 1})


async def test_where_only_a_form_is_taken_a_form_is_sent(rest: Any) -> None:
    form = Object("Form", optional={"a": String(), "b": String()})
    operation = Operation("exchange", "POST", "/oauth2/token", auth=("basic",), body=form, media=("form",))
    r = await rest(answer(200, {}))

    await r.http.request(operation.route({}, {}, {"a": "x&y", "b": "\u00e9"}), auth=Token.basic(1, "secret"))

    assert (b"a=x%26y&b=%C3%A9", "application/x-www-form-urlencoded") == (r.seen.body, r.seen.headers["content-type"])
    assert "Basic MTpzZWNyZXQ=" == r.seen.headers["authorization"]


async def test_a_reason_is_percent_encoded(rest: Any) -> None:
    r = await rest(answer(204))

    await r.http.request(DELETE.route({"channel_id": 1, "message_id": 2}, {}, reason="50% sp\u00e4m\r\nX: y"))
    assert "50%25%20sp%C3%A4m%0D%0AX%3A%20y" == r.seen.headers["x-audit-log-reason"]
    await r.http.request(Route("DELETE", path="/x"), reason="raw")
    assert "raw" == r.seen.headers["x-audit-log-reason"]


@pytest.mark.parametrize("reason", ["", "x" * 513])
async def test_a_reason_of_a_wrong_length_is_refused(rest: Any, reason: str) -> None:
    r = await rest(answer(204))

    with pytest.raises(errors.InvalidRequest, match="reason: expected string"):
        r.http.request(Route("DELETE", path="/x"), reason=reason)


async def test_the_users_headers_are_sent(rest: Any) -> None:
    r = await rest(answer(204))

    await r.http.request(Route("GET", path="/x"), headers={"X-Discord-Locale": "de"})

    assert "de" == r.seen.headers["x-discord-locale"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "canary\r\nHost: evil"},
        {"X-A": "canary\0"},
        {"X-A": "canary\u20ac"},
        {"X A": "canary"},
        {"X-A\r\n": "canary"},
        {"Authorization": "Bot canary"},
        {"host": "canary"},
        {"Content-Length": "canary"},
    ],
)
async def test_T14_headers_that_could_do_harm_are_refused_and_not_quoted(rest: Any, headers: Mapping[str, str]) -> None:
    r = await rest(answer(204))

    with pytest.raises(errors.InvalidRequest) as caught:
        r.http.request(Route("GET", path="/x"), headers=headers)

    assert "canary" not in str(caught.value)


async def test_the_version_in_the_module_counts_at_the_moment_of_sending(
    rest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    r = await rest(answer(204))
    call = r.http.request(Route("GET", path="/x"))

    monkeypatch.setattr(abc, "API_VERSION", 9)
    await call

    assert "/api/v9/x" == r.seen.target


async def test_a_clients_own_version_wins(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    r = await rest(answer(204), api_version=8)
    monkeypatch.setattr(abc, "API_VERSION", 9)

    await r.http.request(Route("GET", path="/x", limit=0))

    assert "/api/v8/x?limit=0" == r.seen.target


async def test_the_base_in_the_module_counts_where_a_client_has_none(
    rest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    r = await rest(answer(204), base_url=None)
    monkeypatch.setattr(abc, "BASE_API_URL", f"{r.server.url}/elsewhere/")

    await r.http.request(Route("GET", path="/x"))

    assert "/elsewhere/v10/x" == r.seen.target


async def test_where_no_credential_is_needed_none_is_sent(rest: Any) -> None:
    r = await rest(answer(200, {}))

    await r.http.request(OPEN.route({}, {}))
    assert "authorization" not in r.seen.headers
    await r.http.request(Route("GET", path="/webhooks/1/abc"))
    assert "authorization" not in r.seen.headers


async def test_another_credential_counts_for_one_call(rest: Any) -> None:
    r = await rest(answer(200, ME))

    await r.http.request(GET_ME.route({}, {}), auth=Token.bearer("other"))
    assert "Bearer other" == r.seen.headers["authorization"]
    await r.http.request(GET_ME.route({}, {}))
    assert f"Bot {TOKEN}" == r.seen.headers["authorization"]


async def test_a_credential_of_the_wrong_kind_is_refused_before_sending(rest: Any) -> None:
    r = await rest(answer(204))
    delete = DELETE.route({"channel_id": 1, "message_id": 2}, {})

    with pytest.raises(errors.AuthMismatch, match="needs a bot token, but the credential is a bearer token"):
        await r.http.request(delete, auth=Token.bearer("x"))
    with pytest.raises(errors.AuthMismatch, match="missing"):
        await r.http.request(delete, auth=Token.none())

    assert [] == r.server.seen


async def test_P10_a_token_can_be_replaced(rest: Any) -> None:
    r = await rest(answer(200, ME))

    r.http.token = "another"
    await r.http.request(GET_ME.route({}, {}))

    assert "Bot another" == r.seen.headers["authorization"]


@pytest.mark.parametrize(
    "url",
    ["http://discord.com/api", "https://discord.com.evil.example/api", "https://evil.example", "http://10.0.0.1/api"],
)
async def test_T7_nothing_is_sent_to_an_origin_that_nobody_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abc, "BASE_API_URL", url)
    carried: list[httpx.Request] = []
    connector = httpx.MockTransport(lambda request: carried.append(request) or httpx.Response(204))

    async with HTTPClient(token=TOKEN, connector=connector) as http:
        with pytest.raises(errors.UnsafeOrigin):
            await http.request(Route("GET", path="/x"))

    assert [] == carried


@pytest.mark.parametrize(
    ("options", "origin"),
    [
        ({}, "https://discord.com"),
        ({"base_url": "https://canary.discord.com/api"}, "https://canary.discord.com"),
        ({"base_url": "https://proxy.example:8443/api"}, "https://proxy.example:8443"),
        ({"base_url": "http://proxy:8080/api", "allowed_origins": ["http://proxy:8080"]}, "http://proxy:8080"),
        ({"base_url": "http://[::1]:5/api"}, "http://[::1]:5"),
    ],
)
async def test_T7_what_is_discords_own_or_named_in_code_is_sent_to(options: dict[str, Any], origin: str) -> None:
    carried: list[str] = []
    connector = httpx.MockTransport(lambda request: carried.append(str(request.url)) or httpx.Response(204))

    async with HTTPClient(token=TOKEN, connector=connector, **options) as http:
        await http.request(Route("GET", path="/x"))

    assert [f"{origin}/api/v10/x"] == carried


async def test_T1_T4_the_token_is_in_no_log_repr_or_traceback(rest: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    r = await rest(answer(404, {"message": "404: Not Found", "code": 0}), honest(send(b"nonsense"), cut))
    shown = [repr(r.http), str(vars(r.http)), repr(r.http.token)]

    for _ in range(2):
        try:
            await r.http.request(GET_ME.route({}, {}))
        except errors.ACordError as exc:
            kept = traceback.TracebackException.from_exception(exc, capture_locals=True)
            shown += [*kept.format(), repr(exc)]

    assert f"Bot {TOKEN}" == r.server.seen[1].headers["authorization"]
    assert TOKEN not in "".join(shown) + caplog.text


async def test_T2_a_webhooks_token_is_in_no_log_repr_or_error(
    rest: Any, fake_clock: VirtualTime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    r = await rest(answer(404, {"message": "Unknown", "code": 0}), honest(send(b"nonsense"), cut), stall())
    shown = []

    for _ in range(3):
        call = r.http.request(Route("POST", path="/webhooks/1/canary"), {"content": "x"}, timeout=5)
        shown.append(repr(call))
        with pytest.raises(errors.ACordError) as caught:
            await call
        kept = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        shown += [str(caught.value), repr(caught.value), "".join(kept.format()).replace('/webhooks/1/canary"), {', "")]

    assert "/api/v10/webhooks/1/canary" == r.seen.target
    assert "canary" not in "".join(shown) + caplog.text
