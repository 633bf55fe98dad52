"""The client over real sockets: what comes back."""

from typing import Any

import pytest

from acord.core import errors
from acord.core.abc import Route
from acord.core.base import Drift, Model
from acord.sandbox.faults import answer, send
from tests.core.http_kit import DELETE, GET_ME, ME, User


async def test_awaiting_a_call_gives_the_typed_answer_and_its_client(rest: Any) -> None:
    r = await rest(answer(200, ME))

    user = await r.http.request(GET_ME.route({}, {}))

    assert isinstance(user, User)
    assert (7, "mina", r.http) == (user.id, user.username, user.conn)


async def test_no_content_is_none_whatever_it_says(rest: Any) -> None:
    r = await rest(send(b"HTTP/1.1 204 No\r\nContent-Type: text/html\r\n\r\n"))

    assert await r.http.request(DELETE.route({"channel_id": 1, "message_id": 2}, {})) is None


async def test_entering_a_call_gives_the_answer_whatever_its_status(rest: Any) -> None:
    r = await rest(answer(404, {"message": "gone", "code": 0}, {"CF-Ray": "abc-LHR"}))

    async with r.http.request(GET_ME.route({}, {})) as response:
        assert (404, False, "abc-LHR") == (response.status, response.ok, response.request_id)
        assert {"message": "gone", "code": 0} == await response.json()
        assert b'{"message": "gone", "code": 0}' == await response.read()
        with pytest.raises(errors.NotFound):
            await response.value()


async def test_entering_a_call_gives_the_typed_answer_on_demand(rest: Any) -> None:
    r = await rest(answer(200, ME))

    async with r.http.request(GET_ME.route({}, {})) as response:
        assert User.load(ME) == await response.value()


async def test_a_route_made_by_hand_gives_whatever_came(rest: Any) -> None:
    r = await rest(
        answer(200, [1]), answer(200, b"a,b", kind="text/csv"), answer(200, b"\x89PNG", kind="image/png"), answer(200)
    )

    got = [await r.http.request(Route("GET", path="/new/thing")) for _ in range(4)]

    assert [[1], "a,b", b"\x89PNG", None] == got


async def test_a_route_made_by_hand_can_be_typed(rest: Any) -> None:
    r = await rest(answer(200, {"a": "1"}))

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
    r = await rest(
        answer(
            status,
            {"message": "No.", "code": 0, "errors": tree},
            {"cf-ray": "abc", "Via": "1.1 google", "X-RateLimit-Scope": "user"},
        )
    )

    with pytest.raises(kind) as caught:
        await r.http.request(DELETE.route({"channel_id": 1, "message_id": 2}, {}))

    error = caught.value
    assert (status, "No.", "abc", 1) == (error.status, error.message, error.request_id, error.attempts)
    assert "DELETE /channels/{}/messages/{}" == error.route
    if status != 429:
        assert {"embeds.0.title": "Too long."} == error.errors


async def test_a_rate_limit_says_for_how_long_and_what(rest: Any) -> None:
    headers = {"Retry-After": "3", "X-RateLimit-Scope": "shared", "X-RateLimit-Bucket": "abcd"}
    r = await rest(answer(429, {"message": "x", "retry_after": 2.125, "global": False}, headers))

    with pytest.raises(errors.RateLimited) as caught:
        await r.http.request(GET_ME.route({}, {}))

    assert (2.125, "shared", "abcd") == (caught.value.retry_after, caught.value.scope, caught.value.bucket)


async def test_R33_a_refusal_in_html_raises_its_kind_too(rest: Any) -> None:
    r = await rest(answer(502, b"<html>Bad gateway</html>", kind="text/html"))

    with pytest.raises(errors.ServerError):
        await r.http.request(GET_ME.route({}, {}))


async def test_R18_html_where_json_is_due_is_a_decode_error(rest: Any) -> None:
    r = await rest(answer(200, b"<html>Sign in to the hotel</html>", kind="text/html"))

    with pytest.raises(errors.DecodeError, match="Sign in to the hotel") as caught:
        await r.http.request(GET_ME.route({}, {}))

    assert (200, "text/html", "done") == (caught.value.status, caught.value.content_type, caught.value.outcome)


async def test_R18_nothing_where_json_is_due_is_a_decode_error(rest: Any) -> None:
    r = await rest(answer(200))

    with pytest.raises(errors.DecodeError):
        await r.http.request(GET_ME.route({}, {}))


async def test_R20_an_answer_that_contradicts_its_schema_is_delivered_and_reported(rest: Any) -> None:
    seen: list[Drift] = []
    r = await rest(answer(200, {**ME, "username": 5}), on_drift=seen.append)

    user = await r.http.request(GET_ME.route({}, {}))

    assert (7, 5) == (user.id, user.username)
    assert [("username", "Input should be a valid string")] == list(seen[0].problems)


async def test_R20_strict_raises_instead(rest: Any) -> None:
    r = await rest(answer(200, {**ME, "username": 5}))

    with pytest.raises(errors.ModelError):
        await r.http.request(GET_ME.route({}, {}), strict=True)


async def test_R35_a_redirect_is_named_and_not_followed(rest: Any) -> None:
    r = await rest(answer(302, None, {"Location": "https://evil.example/path?token=canary"}), answer(200, ME))

    with pytest.raises(errors.HTTPError, match=r"leads to evil\.example") as caught:
        await r.http.request(GET_ME.route({}, {}))

    assert 1 == len(r.server.seen)
    assert "canary" not in str(caught.value)
