"""Credentials: which is sent where, and what is refused before anything is."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import pytest

from acord.core.abc import Route
from acord.core.errors import AuthMismatch, HTTPError
from acord.core.http import HTTPClient
from acord.core.types import Token
from acord.routes import oauth2, users, webhooks
from acord.sandbox.faults import answer
from acord.sandbox.scripted import Scripted, scripted
from tests.core.http_kit import TOKEN

BASIC = "Basic " + b64encode(b"42:s3cret").decode()
GRANTED = {"access_token": "abc", "token_type": "Bearer", "expires_in": 604800, "scope": "identify guilds"}
GUILDS = Route("GET", path="/users/@me/guilds")


async def sent(call: Callable[[HTTPClient], Any], body: Any = None, **kwds: Any) -> Scripted:
    async with (
        scripted(answer(200, body or [])) as server,
        HTTPClient(base_url=server.url, **{"token": TOKEN} | kwds) as http,
    ):
        await call(http)
    return server


@pytest.mark.parametrize(
    ("token", "header"),
    [
        (TOKEN, f"Bot {TOKEN}"),
        (Token.bot(TOKEN), f"Bot {TOKEN}"),
        (Token.bearer("abc"), "Bearer abc"),
        (Token.none(), None),
        (None, None),
    ],
    ids=["text", "bot", "bearer", "none", "nothing"],
)
async def test_the_clients_own_credential_is_sent(token: Any, header: str | None) -> None:
    server = await sent(lambda http: http.request(GUILDS), token=token)

    assert header == server.seen[0].headers.get("authorization")


@pytest.mark.parametrize("per_call", [True, False])
async def test_an_application_trades_a_code_as_a_form_with_basic(per_call: bool) -> None:
    basic = Token.basic(42, "s3cret")
    route = oauth2.create_oauth2_token(grant_type="authorization_code", code="c d&e", redirect_uri="https://x.test/")
    options: Any = {"auth": basic} if per_call else {}

    server = await sent(lambda http: http.request(route, **options), GRANTED, token=TOKEN if per_call else basic)

    (seen,) = server.seen
    assert BASIC == seen.headers["authorization"]
    assert "application/x-www-form-urlencoded" == seen.headers["content-type"]
    assert {"grant_type": ["authorization_code"], "code": ["c d&e"], "redirect_uri": ["https://x.test/"]} == parse_qs(
        seen.body.decode()
    )


async def test_an_application_may_name_itself_in_the_form() -> None:
    route = oauth2.create_oauth2_token(grant_type="client_credentials", client_id=42, client_secret="s3cret")

    server = await sent(lambda http: http.request(route), GRANTED)

    assert "authorization" not in server.seen[0].headers
    assert ["42"] == parse_qs(server.seen[0].body.decode())["client_id"]


async def test_a_refusal_of_the_oauth2_endpoints_is_read() -> None:
    route = oauth2.create_oauth2_token(grant_type="refresh_token", refresh_token="old")
    refused = answer(400, {"error": "invalid_grant", "error_description": "no such token"})

    async with scripted(refused) as server, HTTPClient(base_url=server.url) as http:
        with pytest.raises(HTTPError, match="no such token"):
            await http.request(route, auth=Token.basic(42, "s3cret"))


async def test_no_credential_of_an_application_goes_to_a_bots_endpoint() -> None:
    with pytest.raises(AuthMismatch, match="needs a bot token or a bearer token, but the credential is a basic token"):
        await sent(lambda http: http.request(users.get_my_user()), token=Token.basic(42, "s3cret"))


async def test_a_bots_token_is_not_sent_with_a_webhooks() -> None:
    server = await sent(lambda http: http.request(webhooks.get_webhook_by_token(1, "abc")), {"id": "1", "type": 1})

    assert "authorization" not in server.seen[0].headers


@pytest.mark.parametrize("scopes", ["identify email", ["identify"], ("guilds.join", "identify")])
async def test_one_of_the_scopes_is_enough(scopes: Iterable[str] | str) -> None:
    server = await sent(
        lambda http: http.request(users.get_my_user(), auth=Token.bearer("abc", scopes=scopes)),
        {"id": "1", "username": "mina"},
    )

    assert 1 == len(server.seen)


@pytest.mark.parametrize(("scopes", "stated"), [("guilds", "guilds"), ([], "none at all")])
async def test_a_missing_scope_is_refused_before_sending(scopes: Iterable[str] | str, stated: str) -> None:
    async with scripted(answer(200)) as server, HTTPClient(base_url=server.url) as http:
        with pytest.raises(AuthMismatch, match=f"needs the scope identify, .* a bearer token with {stated}"):
            await http.request(users.get_my_user(), auth=Token.bearer("abc", scopes=scopes))

    assert [] == server.seen


async def test_a_token_that_states_no_scopes_is_believed() -> None:
    server = await sent(
        lambda http: http.request(users.get_my_user(), auth=Token.bearer("abc")), {"id": "1", "username": "mina"}
    )

    assert 1 == len(server.seen)


async def test_a_route_made_by_hand_is_not_judged_by_scopes() -> None:
    server = await sent(lambda http: http.request(GUILDS, auth=Token.bearer("abc", scopes="identify")))

    assert 1 == len(server.seen)


def test_scopes_show_nothing_and_change_no_identity() -> None:
    plain, scoped = Token.bearer("abc"), Token.bearer("abc", scopes="identify")

    assert plain == scoped
    assert plain.fingerprint == scoped.fingerprint
    assert "Token.bearer(***)" == repr(scoped)
