"""Credentials: where they go, and that nothing shows them.  Every other test here runs with a canary, too."""

import asyncio
import copy
import logging
import pickle
import ssl
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import trustme
from hypothesis import given, strategies as st

from acord.core import errors
from acord.core.abc import Route
from acord.core.http import HTTPClient
from acord.core.multipart import encode_multipart
from acord.core.transport import HTTPXTransport
from acord.core.types import File, Token
from acord.core.wire import audit_reason, checked_headers
from acord.sandbox.faults import answer, cut, honest, reset, send
from acord.sandbox.scripted import scripted
from acord.testing.canary import Canary, watching
from acord.testing.clock import virtual_time
from tests.core.http_kit import DELETE, GET_ME, TOKEN
from tests.gauntlet.kit import INTERACTION_TOKEN, OK, SECRETS, WEBHOOK_TOKEN, Rest, leaks, refused


@pytest.mark.parametrize("shown", [repr, str, format, vars, copy.copy, lambda t: [t], lambda t: {"token": t}])
def test_T1_a_token_shows_nothing(shown: Callable[[Token], object]) -> None:
    token = Token.bot(TOKEN)
    try:
        text = repr(shown(token))
    except TypeError:
        text = ""

    assert [] == leaks(text)
    assert TOKEN == token


def test_T1_a_token_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Token.bot(TOKEN))


@pytest.mark.parametrize("step", [answer(401), answer(500), reset, refused(1.0), honest(send(b"nonsense"), cut)])
async def test_T1_T4_no_way_to_fail_shows_the_token(rest: Any, step: Any) -> None:
    r: Rest = await rest(step)

    with pytest.raises(errors.ACordError) as caught:
        await r.get()

    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "call.py" in shown
    assert [] == leaks(shown)


async def test_T1_the_canary_sees_what_is_shown() -> None:
    """Each way that it looks at is one by which something could get out."""

    def logged(kept: Canary) -> None:
        # Handed over, not logged: pytest would print it.
        kept.handle(logging.LogRecord("httpcore.http11", logging.DEBUG, "", 1, "headers %r", (TOKEN,), None))

    def shown(kept: Canary) -> None:
        kept.keep({"authorization": TOKEN})

    def raised(kept: Canary) -> None:
        authorization = TOKEN
        try:
            raise ValueError(len(authorization))
        except ValueError as exc:
            kept.raised(exc)

    for leak in (logged, shown, raised):
        with pytest.raises(AssertionError), watching(*SECRETS) as kept:
            leak(kept)


@pytest.mark.parametrize(
    "path", [f"/webhooks/1/{WEBHOOK_TOKEN}", f"/interactions/1/{INTERACTION_TOKEN}/callback"], ids=["webhook", "other"]
)
@pytest.mark.parametrize("step", [OK, answer(404, {"message": "x", "code": 1}), answer(500), reset, refused(99.0)])
async def test_T2_a_token_in_a_path_is_in_no_log_and_no_error(
    rest: Any, caplog: pytest.LogCaptureFixture, path: str, step: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    r: Rest = await rest(step)

    try:
        await r.raw(path, "POST", json={"content": "x"}, max_wait=1.0)
    except errors.ACordError as exc:
        assert [] == leaks(f"{exc!r} {exc}")

    assert path.rpartition("/callback")[0] or path in r.server.seen[0].target
    assert [] == leaks(caplog.text)


async def test_T2_the_url_in_an_httpx_error_does_not_reach_ours(rest: Any) -> None:
    def fails(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(f"gone: {request.url.path[:12]}", request=request)

    r: Rest = await rest(OK, connector=HTTPXTransport(httpx.MockTransport(fails)))

    with pytest.raises(errors.TransportError) as caught:
        await r.raw(f"/webhooks/1/{WEBHOOK_TOKEN}", "POST", json={})

    assert [] == leaks(f"{caught.value!r} {caught.value} {caught.value.__cause__!r}")


async def test_T6_no_redirect_carries_the_token_anywhere(rest: Any) -> None:
    async with scripted(OK) as other:
        r: Rest = await rest(answer(307, None, {"Location": f"{other.url}/x"}))

        with pytest.raises(errors.HTTPError, match="redirects are not followed"):
            await r.get()

    assert [] == other.seen


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/api",
        "http://discord.com/api",
        "https://discord.com.example.org/api",
        "https://evildiscord.com/api",
        "http://192.0.2.1/api",
        "http://127.0.0.1.example.org/api",
    ],
)
async def test_T7_no_token_goes_to_an_origin_that_nobody_named(
    rest: Any, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    sent: list[Any] = []

    def mock(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    monkeypatch.setattr("acord.core.abc.BASE_API_URL", url)
    r: Rest = await rest(OK, base_url=None, connector=HTTPXTransport(httpx.MockTransport(mock)))

    with pytest.raises(errors.UnsafeOrigin):
        await r.get()

    assert [] == sent


async def test_T7_a_base_url_with_a_user_name_is_refused(rest: Any) -> None:
    with pytest.raises(errors.InvalidRequest, match="without user name"):
        await (await rest(OK, base_url="https://discord.com@example.org/api")).get()


async def test_T8_proxies_of_the_environment_are_not_used(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted(OK) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        r: Rest = await rest(OK)

        await r.get()

    assert ([], 1) == (proxy.seen, len(r.server.seen))


async def test_T8_certificates_and_key_logs_of_the_environment_are_not_used(
    rest: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority, log = trustme.CA(), tmp_path / "keys"
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    r: Rest = await rest(OK, tls=context)

    with pytest.raises(errors.TransportError, match="CERTIFICATE_VERIFY_FAILED"):
        await r.get()

    assert not log.exists()


async def test_T13_a_flood_of_trailers_is_refused(rest: Any) -> None:
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    r: Rest = await rest(send(head + "2\r\n{}\r\n0\r\n" + "X: yyyyyyyyyy\r\n" * 20_000 + "\r\n"), OK)

    with pytest.raises(errors.TransportError):
        await r.post()

    assert 7 == (await r.get()).id
    assert 2 == r.server.connections


async def test_T13_a_hook_that_always_fails_does_not_fill_the_log(rest: Any, caplog: pytest.LogCaptureFixture) -> None:
    from acord.core.hooks import Hooks

    r: Rest = await rest(OK, hooks=Hooks(on_response=lambda event: 1 / 0))

    for _ in range(64):
        await r.get()

    assert 7 == sum("ZeroDivisionError" in line for line in caplog.messages)


@given(st.text(min_size=1, max_size=512))
def test_T14_a_reason_is_one_line_of_ascii_and_comes_back_whole(reason: str) -> None:
    try:
        value = audit_reason(reason)
    except errors.InvalidRequest:
        assert any(0xD800 <= ord(one) <= 0xDFFF for one in reason)
        return

    assert value.isascii()
    assert value.isprintable()
    assert " " not in value
    assert reason == unquote(value)


@given(name=st.text(max_size=20), value=st.text(max_size=40))
def test_T14_a_header_that_passes_is_one_line(name: str, value: str) -> None:
    try:
        ((checked, text),) = checked_headers({name: value})
    except errors.InvalidRequest:
        return

    line = f"{checked}: {text}".encode("latin-1")
    assert not set(line) & {0, 10, 13}
    assert not set(checked) & set(' :\t()<>@,;"')


@given(name=st.text(min_size=1, max_size=30), kind=st.text(max_size=30), field=st.text(min_size=1, max_size=10))
def test_T14_no_file_name_breaks_out_of_its_line(name: str, kind: str, field: str) -> None:
    try:
        file = File(b"x", filename=name, content_type=kind or None)
        _, _, make = encode_multipart({field: b"{}"}, [("files[0]", file)], boundary="mark")
    except (ValueError, UnicodeEncodeError):
        return

    async def whole() -> bytes:
        return b"".join([piece async for piece in make()])

    body = asyncio.run(whole())
    heads = [part.partition(b"\r\n\r\n")[0] for part in body.split(b"--mark\r\n")[1:]]
    assert 2 == len(heads)
    assert all(len(head.split(b"\r\n")) <= 2 for head in heads)
    assert b'filename="' in heads[1]


@pytest.mark.parametrize("agent", ["x\r\nX-Evil: 1", "x\ny", "x\x00y", "żółw"])
async def test_T14_a_user_agent_that_is_no_line_is_refused_before_anything_is_sent(rest: Any, agent: str) -> None:
    r: Rest = await rest(OK)
    r.http.user_agent = agent

    with pytest.raises(errors.InvalidRequest, match="User-Agent"):
        await r.get()

    assert [] == r.server.seen


async def test_T14_what_is_sent_has_exactly_these_lines(rest: Any) -> None:
    r: Rest = await rest(answer(204))

    await r.http.request(DELETE.route({"channel_id": 1, "message_id": 2}, {}, reason="a\r\nX-Evil: 1 %"))

    seen = r.server.seen[0].headers
    assert "a%0D%0AX-Evil%3A%201%20%25" == seen["x-audit-log-reason"]
    assert {"host", "user-agent", "accept-encoding", "x-audit-log-reason", "authorization"} == {*seen} - {
        "content-length"
    }


HARMFUL = ["../x", "..", ".", "a/b", "a?b", "a#b", "%2e%2e", "a b", "😀", "a\\b", "%", "a%2Fb"]


@pytest.mark.parametrize("value", HARMFUL)
async def test_R44_T15_a_parameter_stays_one_segment_on_the_wire(rest: Any, value: str) -> None:
    r: Rest = await rest(answer(200, {}))

    try:
        route = Route("GET", {"name": value}, path="/x/{name}/y")
    except errors.InvalidRequest:
        assert value in (".", "..")
        return
    await r.http.request(route)

    target = r.server.seen[0].target
    assert ["", "api", "v10", "x", "y"] == [*target.split("/")[:4], *target.split("/")[5:]]
    assert value == unquote(target.split("/")[4])


@pytest.mark.parametrize("value", ["", "a\r\nX: y", "a\x00", "\x7f"])
def test_R44_T15_what_no_segment_can_hold_is_refused(value: str) -> None:
    with pytest.raises(errors.InvalidRequest):
        Route("GET", {"name": value}, path="/x/{name}/y")


@given(st.text(max_size=30))
def test_R44_T15_no_text_leaves_its_segment(value: str) -> None:
    try:
        path = Route("GET", {"name": value}, path="/x/{name}/y").path
    except errors.InvalidRequest:
        return

    assert ("x", "y", 4) == (path.split("/")[1], path.split("/")[3], len(path.split("/")))
    assert path.isascii()
    assert not set(path) & set(" ?#\\\r\n")


@pytest.mark.parametrize("value", ["../../x", "1/messages", "1?x=y", "a", "-1", "1.5"])
def test_R44_T15_an_id_is_digits(value: str) -> None:
    with pytest.raises(errors.InvalidRequest):
        DELETE.route({"channel_id": value, "message_id": 1}, {}, validate=False)


async def test_T16_after_a_protocol_error_the_connection_is_not_used_again(rest: Any) -> None:
    r: Rest = await rest(honest(send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n")), OK)

    with pytest.raises(errors.TransportError):
        await r.post()

    assert 7 == (await r.get()).id
    assert 2 == r.server.connections


def test_T16_the_parser_is_one_that_refuses_bad_chunks() -> None:
    import h11

    assert (0, 16) <= tuple(int(part) for part in h11.__version__.split(".")[:2])


async def test_T4_the_token_is_no_local_variable_anywhere_while_a_request_is_under_way() -> None:
    """A profiler, a debugger or `asyncio`'s own task printer walks the frames of a running exchange."""
    with virtual_time() as time:
        async with scripted(OK) as server, HTTPClient(token=TOKEN, base_url=server.url, clock=time) as http:
            seen = list[str]()
            real: Any = http.connection.send

            async def spying(*args: Any, **options: Any) -> Any:
                for frame, _ in traceback.walk_stack(sys._getframe()):
                    if "/acord/" in frame.f_code.co_filename:
                        seen.append(repr(frame.f_locals))
                return await real(*args, **options)

            http.connection.send = spying  # type: ignore[method-assign]
            await http.request(GET_ME.route({}, {}), model=dict[str, Any])

    assert seen
    assert [] == leaks("".join(seen))
