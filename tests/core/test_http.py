"""The client over real sockets: what is sent, what comes back, what is refused."""

import asyncio
import gc
import logging
import traceback
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from acord.core import abc, base, decoders, errors
from acord.core.abc import Route
from acord.core.base import Drift, Model
from acord.core.call import Attempt
from acord.core.http import HTTPClient
from acord.core.operation import Operation, Parameter
from acord.core.shapes import Id, Object, String
from acord.core.types import MISSING, Snowflake, Token
from tests.loopback import Script, Seen, Server, raw, reply, serve, silence, until

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.abcdefghijklmnopqrstuvwxyz012345"


class User(Model):
    id: Snowflake
    username: str


GET_ME = Operation("get_my_user", "GET", "/users/@me", auth=("bot", "bearer"), returns={200: "ExampleUser"})
DELETE = Operation(
    "delete_message",
    "DELETE",
    "/channels/{channel_id}/messages/{message_id}",
    parameters=(Parameter("channel_id", "path", Id()), Parameter("message_id", "path", Id())),
    returns={204: None},
    reason=True,
)
SEND = Operation(
    "create_message",
    "POST",
    "/channels/{channel_id}/messages",
    parameters=(Parameter("channel_id", "path", Id()),),
    body=Object("Body", optional={"content": String(max=2000)}),
    returns={200: "ExampleUser"},
)
OPEN = Operation("get_gateway", "GET", "/gateway", auth=(), returns={200: "dict[str, str]"})
ME = {"id": "7", "username": "mina"}


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    real, known = base.resolve, SimpleNamespace(ExampleUser=User)
    monkeypatch.setattr(base, "resolve", lambda returns: real(returns, known))


class Rest:
    """A client and the server it talks to."""

    def __init__(self, client: HTTPClient, server: Server) -> None:
        self.http, self.server = client, server

    @property
    def seen(self) -> Seen:
        return self.server.seen[-1]


@pytest.fixture
async def rest() -> AsyncIterator[Callable[..., Any]]:
    """Makes a client of a server with these scripts; both end with the test."""
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as stack:

        async def make(*scripts: Script, **kwds: Any) -> Rest:
            server = await stack.enter_async_context(serve(*scripts))
            kwds = {"token": TOKEN, "base_url": f"{server.url}/api"} | kwds
            return Rest(await stack.enter_async_context(HTTPClient(**kwds)), server)

        yield make


# What comes back


async def test_awaiting_a_call_gives_the_typed_answer_and_its_client(rest: Any) -> None:
    r = await rest(reply(200, ME))

    user = await r.http.request(GET_ME.route({}, {}))

    assert isinstance(user, User)
    assert (7, "mina", r.http) == (user.id, user.username, user.conn)


async def test_no_content_is_none_whatever_it_says(rest: Any) -> None:
    r = await rest(raw(b"HTTP/1.1 204 No\r\nContent-Type: text/html\r\n\r\n"))

    assert await r.http.request(DELETE.route({"channel_id": 1, "message_id": 2}, {})) is None


async def test_entering_a_call_gives_the_answer_whatever_its_status(rest: Any) -> None:
    r = await rest(reply(404, {"message": "gone", "code": 0}, {"CF-Ray": "abc-LHR"}))

    async with r.http.request(GET_ME.route({}, {})) as response:
        assert (404, False, "abc-LHR") == (response.status, response.ok, response.request_id)
        assert {"message": "gone", "code": 0} == await response.json()
        assert b'{"message": "gone", "code": 0}' == await response.read()
        with pytest.raises(errors.NotFound):
            await response.value()


async def test_entering_a_call_gives_the_typed_answer_on_demand(rest: Any) -> None:
    r = await rest(reply(200, ME))

    async with r.http.request(GET_ME.route({}, {})) as response:
        assert User.load(ME) == await response.value()


async def test_a_route_made_by_hand_gives_whatever_came(rest: Any) -> None:
    r = await rest(
        reply(200, [1]), reply(200, b"a,b", kind="text/csv"), reply(200, b"\x89PNG", kind="image/png"), reply(200)
    )

    got = [await r.http.request(Route("GET", path="/new/thing")) for _ in range(4)]

    assert [[1], "a,b", b"\x89PNG", None] == got


async def test_a_route_made_by_hand_can_be_typed(rest: Any) -> None:
    r = await rest(reply(200, {"a": "1"}))

    assert {"a": 1} == await r.http.request(Route("GET", path="/new/thing"), model=dict[str, int])
    assert {"a": "1"} == (await r.http.request(Route("GET", path="/x"), model=Model)).dump()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (405, errors.HTTPError),
        (429, errors.RateLimited),
        (500, errors.ServerError),
        (503, errors.ServerError),
    ],
)
async def test_a_refusal_raises_its_kind(rest: Any, status: int, kind: type[errors.HTTPError]) -> None:
    tree = {"embeds": {"0": {"title": {"_errors": [{"code": "X", "message": "Too long."}]}}}}
    r = await rest(reply(status, {"message": "No.", "code": 0, "errors": tree}, {"cf-ray": "abc"}))

    with pytest.raises(kind) as caught:
        await r.http.request(DELETE.route({"channel_id": 1, "message_id": 2}, {}))

    error = caught.value
    assert (status, "No.", "abc", 1) == (error.status, error.message, error.request_id, error.attempts)
    assert "DELETE /channels/{}/messages/{}" == error.route
    if status != 429:
        assert {"embeds.0.title": "Too long."} == error.errors


async def test_a_rate_limit_says_for_how_long_and_what(rest: Any) -> None:
    headers = {"Retry-After": "3", "X-RateLimit-Scope": "shared", "X-RateLimit-Bucket": "abcd"}
    r = await rest(reply(429, {"message": "x", "retry_after": 2.125, "global": False}, headers))

    with pytest.raises(errors.RateLimited) as caught:
        await r.http.request(GET_ME.route({}, {}))

    assert (2.125, "shared", "abcd") == (caught.value.retry_after, caught.value.scope, caught.value.bucket)


async def test_R33_a_refusal_in_html_raises_its_kind_too(rest: Any) -> None:
    r = await rest(reply(502, b"<html>Bad gateway</html>", kind="text/html"))

    with pytest.raises(errors.ServerError):
        await r.http.request(GET_ME.route({}, {}))


async def test_R18_html_where_json_is_due_is_a_decode_error(rest: Any) -> None:
    r = await rest(reply(200, b"<html>Sign in to the hotel</html>", kind="text/html"))

    with pytest.raises(errors.DecodeError, match="Sign in to the hotel") as caught:
        await r.http.request(GET_ME.route({}, {}))

    assert (200, "text/html", "done") == (caught.value.status, caught.value.content_type, caught.value.outcome)


async def test_R18_nothing_where_json_is_due_is_a_decode_error(rest: Any) -> None:
    r = await rest(reply(200))

    with pytest.raises(errors.DecodeError):
        await r.http.request(GET_ME.route({}, {}))


async def test_R20_an_answer_that_contradicts_its_schema_is_delivered_and_reported(rest: Any) -> None:
    seen: list[Drift] = []
    r = await rest(reply(200, {**ME, "username": 5}), on_drift=seen.append)

    user = await r.http.request(GET_ME.route({}, {}))

    assert (7, 5) == (user.id, user.username)
    assert [("username", "Input should be a valid string")] == list(seen[0].problems)


async def test_R20_strict_raises_instead(rest: Any) -> None:
    r = await rest(reply(200, {**ME, "username": 5}))

    with pytest.raises(errors.ModelError):
        await r.http.request(GET_ME.route({}, {}), strict=True)


async def test_R35_a_redirect_is_named_and_not_followed(rest: Any) -> None:
    r = await rest(reply(302, None, {"Location": "https://evil.example/path?token=canary"}), reply(200, ME))

    with pytest.raises(errors.HTTPError, match="leads to evil.example") as caught:
        await r.http.request(GET_ME.route({}, {}))

    assert 1 == len(r.server.seen)
    assert "canary" not in str(caught.value)


# What is sent


async def test_a_request_carries_what_discord_wants_and_nothing_else(rest: Any) -> None:
    r = await rest(reply(200, ME))

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
    r = await rest(reply(200, ME))

    await r.http.request(SEND.route({"channel_id": 1}, {}, {"content": "h\u00e9 \ud800"}))

    assert b'{"content":"h\\u00e9 \\ud800"}' == r.seen.body
    assert "application/json" == r.seen.headers["content-type"]
    assert str(len(r.seen.body)) == r.seen.headers["content-length"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_without_a_body_its_length_is_stated_and_its_type_is_not(rest: Any, method: str) -> None:
    r = await rest(reply(204))

    await r.http.request(Route(method, path="/users/@me"))

    assert "0" == r.seen.headers["content-length"]
    assert "content-type" not in r.seen.headers


async def test_data_and_json_of_a_raw_call(rest: Any) -> None:
    r = await rest(reply(204))
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
    r = await rest(reply(204))

    with pytest.raises(errors.InvalidRequest, match="one body"):
        r.http.request(Route("POST", path="/x"), {"a": 1}, json={"a": 1})
    with pytest.raises(errors.InvalidRequest, match="one body"):
        r.http.request(SEND.route({"channel_id": 1}, {}, {"content": "x"}), {"a": 1})


async def test_where_only_a_form_is_taken_a_form_is_sent(rest: Any) -> None:
    form = Object("Form", optional={"a": String(), "b": String()})
    operation = Operation("exchange", "POST", "/oauth2/token", auth=("basic",), body=form, media=("form",))
    r = await rest(reply(200, {}))

    await r.http.request(operation.route({}, {}, {"a": "x&y", "b": "\u00e9"}), auth=Token.basic(1, "secret"))

    assert (b"a=x%26y&b=%C3%A9", "application/x-www-form-urlencoded") == (r.seen.body, r.seen.headers["content-type"])
    assert "Basic MTpzZWNyZXQ=" == r.seen.headers["authorization"]


async def test_a_reason_is_percent_encoded(rest: Any) -> None:
    r = await rest(reply(204))

    await r.http.request(DELETE.route({"channel_id": 1, "message_id": 2}, {}, reason="50% sp\u00e4m\r\nX: y"))
    assert "50%25%20sp%C3%A4m%0D%0AX%3A%20y" == r.seen.headers["x-audit-log-reason"]
    await r.http.request(Route("DELETE", path="/x"), reason="raw")
    assert "raw" == r.seen.headers["x-audit-log-reason"]


@pytest.mark.parametrize("reason", ["", "x" * 513])
async def test_a_reason_of_a_wrong_length_is_refused(rest: Any, reason: str) -> None:
    r = await rest(reply(204))

    with pytest.raises(errors.InvalidRequest, match="reason: expected string"):
        r.http.request(Route("DELETE", path="/x"), reason=reason)


async def test_the_users_headers_are_sent(rest: Any) -> None:
    r = await rest(reply(204))

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
    r = await rest(reply(204))

    with pytest.raises(errors.InvalidRequest) as caught:
        r.http.request(Route("GET", path="/x"), headers=headers)

    assert "canary" not in str(caught.value)


async def test_the_version_in_the_module_counts_at_the_moment_of_sending(
    rest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    r = await rest(reply(204))
    call = r.http.request(Route("GET", path="/x"))

    monkeypatch.setattr(abc, "API_VERSION", 9)
    await call

    assert "/api/v9/x" == r.seen.target


async def test_a_clients_own_version_wins(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    r = await rest(reply(204), api_version=8)
    monkeypatch.setattr(abc, "API_VERSION", 9)

    await r.http.request(Route("GET", path="/x", limit=0))

    assert "/api/v8/x?limit=0" == r.seen.target


async def test_the_base_in_the_module_counts_where_a_client_has_none(
    rest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    r = await rest(reply(204), base_url=None)
    monkeypatch.setattr(abc, "BASE_API_URL", f"{r.server.url}/elsewhere/")

    await r.http.request(Route("GET", path="/x"))

    assert "/elsewhere/v10/x" == r.seen.target


# Credentials


async def test_where_no_credential_is_needed_none_is_sent(rest: Any) -> None:
    r = await rest(reply(200, {}))

    await r.http.request(OPEN.route({}, {}))
    assert "authorization" not in r.seen.headers
    await r.http.request(Route("GET", path="/webhooks/1/abc"))
    assert "authorization" not in r.seen.headers


async def test_another_credential_counts_for_one_call(rest: Any) -> None:
    r = await rest(reply(200, ME))

    await r.http.request(GET_ME.route({}, {}), auth=Token.bearer("other"))
    assert "Bearer other" == r.seen.headers["authorization"]
    await r.http.request(GET_ME.route({}, {}))
    assert f"Bot {TOKEN}" == r.seen.headers["authorization"]


async def test_a_credential_of_the_wrong_kind_is_refused_before_sending(rest: Any) -> None:
    r = await rest(reply(204))
    delete = DELETE.route({"channel_id": 1, "message_id": 2}, {})

    with pytest.raises(errors.AuthMismatch, match="needs a bot token, but the credential is a bearer token"):
        await r.http.request(delete, auth=Token.bearer("x"))
    with pytest.raises(errors.AuthMismatch, match="missing"):
        await r.http.request(delete, auth=Token.none())

    assert [] == r.server.seen


async def test_P10_a_token_can_be_replaced(rest: Any) -> None:
    r = await rest(reply(200, ME))

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
    r = await rest(reply(401, {"message": "401: Unauthorized", "code": 0}), raw(b"nonsense", close=True))
    shown = [repr(r.http), str(vars(r.http)), repr(r.http.token)]

    for _ in range(2):
        try:
            await r.http.request(GET_ME.route({}, {}))
        except errors.ACordError as exc:
            kept = traceback.TracebackException.from_exception(exc, capture_locals=True)
            shown += [*kept.format(), repr(exc)]

    assert f"Bot {TOKEN}" == r.server.seen[1].headers["authorization"]
    assert TOKEN not in "".join(shown) + caplog.text


async def test_T2_a_webhooks_token_is_in_no_log_repr_or_error(rest: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    r = await rest(reply(404, {"message": "Unknown", "code": 0}), raw(b"nonsense", close=True), silence)
    shown = []

    for _ in range(3):
        call = r.http.request(Route("POST", path="/webhooks/1/canary"), {"content": "x"}, timeout=0.05)
        shown.append(repr(call))
        with pytest.raises(errors.ACordError) as caught:
            await call
        kept = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        shown += [str(caught.value), repr(caught.value), "".join(kept.format()).replace('/webhooks/1/canary"), {', "")]

    assert "/api/v10/webhooks/1/canary" == r.seen.target
    assert "canary" not in "".join(shown) + caplog.text


# Attempts


class Limiter:
    """Notes what it is asked and told."""

    def __init__(self) -> None:
        self.log: list[tuple[Any, ...]] = []

    async def acquire(self, route: Any, *, auth_id: str, max_wait: float | None, priority: int) -> Any:
        self.log.append(("acquire", str(route), auth_id, max_wait, priority))
        return self

    def report(self, status: int, headers: Mapping[str, str], retry_after: float | None) -> None:
        self.log.append(("report", status, headers.get("x-ratelimit-bucket"), retry_after))

    def cancel(self, sent: bool) -> None:
        self.log.append(("cancel", sent))


class FakeClock:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def test_the_limiter_is_asked_first_and_told_after(rest: Any) -> None:
    limiter = Limiter()
    r = await rest(reply(200, ME, {"X-RateLimit-Bucket": "abcd"}), ratelimiter=limiter)

    await r.http.request(GET_ME.route({}, {}), max_wait=2.0, priority=3)

    assert [
        ("acquire", "GET /users/@me", Token.bot(TOKEN).fingerprint, 2.0, 3),
        ("report", 200, "abcd", None),
    ] == limiter.log


async def test_the_limiter_learns_what_a_429_says(rest: Any) -> None:
    limiter = Limiter()
    r = await rest(reply(429, {"retry_after": 1.5}, {"Retry-After": "2"}), ratelimiter=limiter)

    with pytest.raises(errors.RateLimited):
        await r.http.request(GET_ME.route({}, {}))

    assert ("report", 429, None, 1.5) == limiter.log[-1]


@pytest.mark.parametrize(("script", "sent"), [(raw(b"", close=True), True), (None, False)])
async def test_the_limiter_learns_whether_a_lost_request_was_sent(rest: Any, script: Script | None, sent: bool) -> None:
    limiter = Limiter()
    base_url = {} if script else {"base_url": "http://127.0.0.1:1/api"}
    r = await rest(script or silence, ratelimiter=limiter, **base_url)

    with pytest.raises(errors.TransportError):
        await r.http.request(GET_ME.route({}, {}))

    assert ("cancel", sent) == limiter.log[-1]


async def test_the_limiter_learns_of_a_call_that_was_cancelled(rest: Any) -> None:
    limiter = Limiter()
    r = await rest(silence, ratelimiter=limiter)
    task = asyncio.ensure_future(_await(r.http.request(GET_ME.route({}, {}))))
    await until(lambda: r.server.seen)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert ("cancel", True) == limiter.log[-1]


async def test_R3_headers_seen_before_a_reset_are_reported(rest: Any) -> None:
    limiter = Limiter()
    answer = b"HTTP/1.1 200 OK\r\nX-RateLimit-Bucket: abcd\r\nContent-Length: 9\r\n\r\nabc"
    r = await rest(raw(answer, close=True), ratelimiter=limiter)

    with pytest.raises(errors.TransportError) as caught:
        await r.http.request(GET_ME.route({}, {}))

    assert "unknown" == caught.value.outcome
    assert ("report", 200, "abcd", None) == limiter.log[-1]


async def test_an_attempt_follows_where_the_decision_says_so(rest: Any) -> None:
    clock, seen = FakeClock(), list[Attempt]()

    def decide(attempt: Attempt) -> float | None:
        seen.append(attempt)
        return 0.5 * attempt.number if attempt.number < 4 else None

    scripts = raw(b"", close=True), reply(502), reply(429, {"retry_after": 1}), reply(200, ME)
    r = await rest(*scripts, decide=decide, clock=clock)

    user = await r.http.request(GET_ME.route({}, {}))

    assert 7 == user.id
    assert [0.5, 1.0, 1.5] == clock.slept
    assert [("unknown", None, 0, None), ("done", 502, 0, None), ("done", 429, 1, 1.0)] == [
        (a.outcome, a.status, a.limited, a.retry_after) for a in seen
    ]
    assert [1, 2, 3] == [a.number for a in seen]
    assert all(a.idempotent for a in seen)


async def test_the_last_failure_says_how_many_attempts_it_took(rest: Any) -> None:
    r = await rest(reply(502), decide=lambda attempt: 0 if attempt.number < 3 else None, clock=FakeClock())

    with pytest.raises(errors.ServerError) as caught:
        await r.http.request(GET_ME.route({}, {}))

    assert 3 == caught.value.attempts


async def test_each_attempt_sends_the_whole_body(rest: Any) -> None:
    r = await rest(reply(502), reply(200, ME), decide=lambda attempt: 0, clock=FakeClock())

    await r.http.request(SEND.route({"channel_id": 1}, {}, {"content": "x"}))

    assert [b'{"content":"x"}'] * 2 == [seen.body for seen in r.server.seen]


async def test_a_call_ends_by_its_deadline_rather_than_waiting_beyond(rest: Any) -> None:
    clock = FakeClock()
    r = await rest(reply(502), decide=lambda attempt: 4.0, clock=clock)

    with pytest.raises(errors.ServerError):
        await r.http.request(GET_ME.route({}, {}), deadline=10.0)

    assert [4.0, 4.0] == clock.slept


async def test_a_deadline_that_has_passed_sends_nothing(rest: Any) -> None:
    r = await rest(reply(200, ME))

    with pytest.raises(errors.TransportError, match="GET /users/@me: the deadline of the call has passed"):
        await r.http.request(GET_ME.route({}, {}), deadline=0)

    assert [] == r.server.seen


async def test_R8_an_attempt_ends_by_its_timeout(rest: Any) -> None:
    r = await rest(silence)

    with pytest.raises(errors.TransportError, match=r"no answer within 0\.05 s") as caught:
        await r.http.request(SEND.route({"channel_id": 1}, {}, {"content": "x"}), timeout=0.05)

    assert ("unknown", 1) == (caught.value.outcome, caught.value.attempts)


# Calls and clients


async def test_a_call_that_is_never_sent_warns(rest: Any) -> None:
    r = await rest(reply(200, ME))

    with pytest.warns(RuntimeWarning, match="Call <Route GET /users/@me>> was never awaited: nothing was sent"):
        r.http.request(GET_ME.route({}, {}))
        gc.collect()

    assert [] == r.server.seen


async def test_a_call_is_sent_once(rest: Any) -> None:
    r = await rest(reply(200, ME))
    call = r.http.request(GET_ME.route({}, {}))
    await call

    with pytest.raises(RuntimeError, match="already sent"):
        await call


async def test_an_unknown_argument_is_refused(rest: Any) -> None:
    r = await rest(reply(200, ME))

    with pytest.raises(TypeError, match="'timeuot'"):
        r.http.request(GET_ME.route({}, {}), timeuot=1)


async def test_R40_after_logout_nothing_is_sent(rest: Any) -> None:
    r = await rest(reply(200, ME))
    await r.http.logout()
    await r.http.logout()

    with pytest.raises(errors.ClientClosed):
        await r.http.request(GET_ME.route({}, {}))


async def test_R40_calls_under_way_end_with_logout(rest: Any) -> None:
    r = await rest(silence)
    task = asyncio.ensure_future(_await(r.http.request(GET_ME.route({}, {}))))
    await until(lambda: r.server.seen)

    await r.http.logout()

    with pytest.raises(errors.ClientClosed):
        await task


async def test_R40_a_client_can_log_in_again(rest: Any) -> None:
    r = await rest(reply(200, ME))
    await r.http.login()
    await r.http.logout()

    assert ME == await r.http.login(token="another")
    assert "Bot another" == r.seen.headers["authorization"]


async def test_P7_a_client_that_is_not_closed_warns_once(rest: Any) -> None:
    connector = httpx.MockTransport(lambda request: httpx.Response(204))
    http = HTTPClient(token=TOKEN, connector=connector)
    await http.request(Route("GET", path="/x"))

    with pytest.warns(ResourceWarning, match="was not closed"):
        del http
        gc.collect()


async def test_P6_a_forked_child_is_told(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    r = await rest(reply(200, ME))
    monkeypatch.setattr("os.getpid", lambda: -1)

    with pytest.raises(errors.ForkedClient):
        await r.http.request(GET_ME.route({}, {}))
    monkeypatch.undo()


def test_P8_a_client_on_another_loop_is_told() -> None:
    connector = httpx.MockTransport(lambda request: httpx.Response(204))
    http = HTTPClient(token=TOKEN, connector=connector)

    async def use() -> None:
        await http.request(Route("GET", path="/x"))

    asyncio.run(use())
    with pytest.raises(RuntimeError, match="another event loop"):
        asyncio.run(use())
    asyncio.run(http.logout())


def test_a_client_without_a_loop_can_be_made_and_dropped() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        HTTPClient(token=TOKEN)
        gc.collect()


async def test_several_clients_do_not_mix(rest: Any) -> None:
    one, two = await rest(reply(200, ME)), await rest(reply(200, {**ME, "id": "8"}), token="another")

    first, second = await asyncio.gather(
        _await(one.http.request(GET_ME.route({}, {}))), _await(two.http.request(GET_ME.route({}, {})))
    )

    assert [(7, one.http), (8, two.http)] == [(first.id, first.conn), (second.id, second.conn)]


async def test_once_json_is_rebound_answers_are_decoded_by_it(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders, "JSON", lambda data: {**ME, "username": "rebound"})
    r = await rest(reply(200, ME))

    assert "rebound" == (await r.http.request(GET_ME.route({}, {}))).username
    assert "rebound" == (await r.http.request(Route("GET", path="/x")))["username"]


async def _await(call: Any) -> Any:
    return await call
