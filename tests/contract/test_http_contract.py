"""The contract of the HTTP client: what users were promised, letter for letter."""

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

import acord.core.abc as core_abc
import acord.core.decoders as dec
from acord import errors
from acord.core.abc import Route
from acord.core.base import Model
from acord.core.http import HTTPClient
from acord.core.types import Token
from acord.sandbox.faults import answer
from acord.sandbox.scripted import Scripted, scripted

USER = {"id": "7", "username": "mina"}


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    async with scripted(answer(200, USER)) as made:
        yield made


async def test_assigning_the_version_takes_effect_for_the_next_request_of_every_client(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core_abc, "BASE_API_URL", server.url)
    monkeypatch.setattr(core_abc, "API_VERSION", core_abc.API_VERSION)
    async with HTTPClient(token="x") as one, HTTPClient(token="x") as two:
        await one.request(Route("GET", path="/users/@me"))
        core_abc.API_VERSION = 9
        await one.request(Route("GET", path="/users/@me"))
        await two.request(Route("GET", path="/users/@me"))

    assert ["/v10/users/@me", "/v9/users/@me", "/v9/users/@me"] == [seen.target for seen in server.seen]


def test_the_client_takes_these_arguments() -> None:
    parameters = inspect.signature(HTTPClient).parameters

    for name in ("token", "connector", "connecter", "loop", "ratelimiter"):
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["client"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD


@pytest.mark.parametrize("spelling", ["connector", "connecter", "transport"])
async def test_a_connector_of_any_spelling_carries_the_requests(spelling: str) -> None:
    connector: Any = httpx.MockTransport(lambda request: httpx.Response(200, json=USER))

    async with HTTPClient(token="x", **{spelling: connector}) as conn:
        assert USER == await conn.request(Route("GET", path="/users/@me"))


async def test_a_client_has_these_attributes() -> None:
    owner, limiter = object(), SimpleNamespace()
    conn = HTTPClient(owner, token="x", ratelimiter=limiter)  # type: ignore[arg-type]  # only kept

    assert owner is conn.client
    assert limiter is conn.ratelimiter
    assert "x" == conn.token
    assert conn.connection is not None
    assert conn.user_agent.startswith("DiscordBot (")


async def test_login_gives_the_user_and_its_token_becomes_the_default(server: Scripted) -> None:
    async with HTTPClient(token="old", base_url=server.url) as conn:
        assert USER == await conn.login(token="new")
        assert "new" == conn.token

    assert ("/v10/users/@me", "Bot new") == (server.seen[0].target, server.seen[0].headers["authorization"])


async def test_login_takes_transport_options(server: Scripted) -> None:
    async with HTTPClient(token="x", base_url=server.url) as conn:
        assert USER == await conn.login(pool_size=1)


@pytest.mark.parametrize("name", ["connector", "connecter", "transport", "loop", "colour"])
async def test_login_refuses_what_is_no_transport_option(name: str) -> None:
    async with HTTPClient(token="x") as conn:
        with pytest.raises(TypeError, match=f"'{name}' belongs to HTTPClient"):
            await conn.login(**{name: None})


async def test_fetch_gateway_gives_a_dict() -> None:
    async with scripted(answer(200, {"url": "wss://gateway.discord.gg", "shards": 1})) as server:
        async with HTTPClient(token="x", base_url=server.url) as conn:
            assert {"url": "wss://gateway.discord.gg", "shards": 1} == await conn.fetch_gateway()
        async with HTTPClient(base_url=server.url) as conn:
            assert "wss://gateway.discord.gg" == (await conn.fetch_gateway())["url"]

    assert ["/v10/gateway/bot", "/v10/gateway"] == [seen.target for seen in server.seen]


async def test_logout_closes_the_client(server: Scripted) -> None:
    conn = HTTPClient(token="x", base_url=server.url)
    await conn.login()

    await conn.logout()

    with pytest.raises(errors.ClientClosed):
        await conn.request(Route("GET", path="/users/@me"))


async def test_a_dict_as_data_is_the_json_body(server: Scripted) -> None:
    async with HTTPClient(token="x", base_url=server.url) as conn:
        await conn.request(Route("POST", path="/channels/1/messages"), {"content": "hi"}, {"X-Extra": "1"})

    (seen,) = server.seen
    assert ({"content": "hi"}, "application/json", "1") == (
        json.loads(seen.body),
        seen.headers["content-type"],
        seen.headers["x-extra"],
    )


async def test_entering_a_request_gives_the_response_whatever_its_status() -> None:
    scripts = answer(204), answer(404, {"message": "Unknown Guild", "code": 0})
    async with scripted(*scripts) as server, HTTPClient(token="x", base_url=server.url) as conn:
        async with conn.request(Route("DELETE", path="/users/@me/guilds/1")) as r:
            assert r.status == 204
        async with conn.request(Route("DELETE", path="/users/@me/guilds/1")) as r:
            assert r.status == 404


async def test_awaiting_a_request_gives_the_value_or_raises() -> None:
    scripts = answer(200, USER), answer(404, {"message": "Unknown Guild", "code": 0})
    async with scripted(*scripts) as server, HTTPClient(token="x", base_url=server.url) as conn:
        assert USER == await conn.request(Route("GET", path="/users/@me"))
        with pytest.raises(errors.NotFound, match="Unknown Guild"):
            await conn.request(Route("DELETE", path="/users/@me/guilds/1"))


async def test_the_responses_json_text_and_read_are_coroutines(server: Scripted) -> None:
    text = json.dumps(USER)
    async with HTTPClient(token="x", base_url=server.url) as conn, conn.request(Route("GET", path="/users/@me")) as r:
        for method, value in ((r.json, USER), (r.text, text), (r.read, text.encode())):
            assert inspect.iscoroutinefunction(method)
            assert value == await method()


def test_the_token_equals_its_string_shows_nothing_and_can_be_revealed() -> None:
    token = HTTPClient(token="canary").token

    assert isinstance(token, Token)
    assert "canary" == token
    assert "canary" == token.reveal()
    assert "canary" not in f"{token} {token!r} {token!s}"


@pytest.mark.parametrize("misplaced", ["canary", Token.bot("canary")])
def test_a_token_where_the_client_stands_raises_with_the_cure(misplaced: Any) -> None:
    with pytest.raises(errors.InvalidRequest, match="pass a token as token=") as caught:
        HTTPClient(misplaced)

    assert "canary" not in str(caught.value)


async def test_a_model_from_a_client_knows_its_connection(server: Scripted) -> None:
    class User(Model):
        id: int

    async with HTTPClient(token="x", base_url=server.url) as conn:
        user = await conn.request(Route("GET", path="/users/@me"), model=User)

        assert conn is user.conn


@pytest.mark.parametrize("name", ["JSON", "decodeResponse"])
async def test_a_rebound_decoder_decodes_every_body(
    name: str, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def mine(data: bytes | str) -> Any:
        seen.append(data)
        return {"mine": True}

    monkeypatch.setattr(dec, name, getattr(dec, name))
    setattr(dec, name, mine)

    async with HTTPClient(token="x", base_url=server.url) as conn:
        assert {"mine": True} == await conn.request(Route("GET", path="/users/@me"))

    assert [json.dumps(USER).encode()] == seen


async def test_the_user_agent_is_the_classs_and_a_subclass_has_its_own(server: Scripted) -> None:
    class Mine(HTTPClient):
        user_agent = "DiscordBot (https://example.org, 1.0) mine"

    async with Mine(token="x", base_url=server.url) as mine, HTTPClient(token="x", base_url=server.url) as plain:
        await mine.request(Route("GET", path="/users/@me"))
        await plain.request(Route("GET", path="/users/@me"))

    assert [Mine.user_agent, HTTPClient.user_agent] == [seen.headers["user-agent"] for seen in server.seen]


async def test_the_loop_may_be_named(server: Scripted) -> None:
    async with HTTPClient(token="x", base_url=server.url, loop=asyncio.get_running_loop()) as conn:
        assert USER == await conn.request(Route("GET", path="/users/@me"))


async def test_from_env_reads_the_token(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "from-env\n")

    async with HTTPClient.from_env(base_url=server.url) as conn:
        await conn.request(Route("GET", path="/users/@me"))

    assert "Bot from-env" == server.seen[0].headers["authorization"]


def test_from_env_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)

    with pytest.raises(errors.InvalidRequest, match="set DISCORD_TOKEN in the environment"):
        HTTPClient.from_env()


async def test_a_path_that_nobody_released_uses_the_same_limiter_and_credential(server: Scripted) -> None:
    asked: list[str] = []

    class Limiter:
        async def acquire(self, route: Route[Any], *, auth_id: str, max_wait: float | None, priority: int) -> Any:
            asked.append(str(route))
            return SimpleNamespace(report=lambda *_: None, cancel=lambda *_: None)

    async with HTTPClient(token="x", base_url=server.url, ratelimiter=Limiter()) as conn:
        await conn.request(Route("GET", path="/channels/1/brand-new-thing", limit=0))

    assert ["GET /channels/{}/brand-new-thing"] == asked
    assert ("/v10/channels/1/brand-new-thing?limit=0", "Bot x") == (
        server.seen[0].target,
        server.seen[0].headers["authorization"],
    )
