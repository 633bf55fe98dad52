"""`acord doctor`: asks Discord, and this machine, what the usual faults of a first bot need to be known."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Final, cast

import msgspec

from acord.cli import findings, versions
from acord.cli.connect import Access
from acord.cli.findings import Finding
from acord.core import abc, outcome
from acord.core.abc import Route
from acord.core.agent import USER_AGENT
from acord.core.errors import ACordError, TransportError
from acord.core.http import HTTPClient
from acord.core.origin import gateway_url, is_loopback, origin_of
from acord.core.signals.gateway import Intents, Opcode
from acord.core.websocket import Rejected, WebSocket, dial

__all__ = ["examine"]

HELLO_SIZE: Final = 1 << 16  # bytes; a Hello has about a hundred
GUILDS: Final = 200  # the most that one page has


async def examine(
    access: Access,
    *,
    intents: Intents | None = None,
    guild: str | None = None,
    wall: Callable[[], float] = time.time,
) -> AsyncGenerator[Finding]:
    """Each thing that was looked at, as soon as it is known.  No session is started.

    What depends on something that failed is left out.
    """
    yield Finding("versions", "ok", versions.line())
    for one in findings.extras():
        yield one
    form = findings.form_of_token(access.token.reveal())
    async with access.http() as http:
        try:
            me, date = await _get(http, "/users/@me")
            now = wall()  # before anything is shown: that takes its time, too
        except ACordError as exc:
            if form.level != "ok":
                yield form
            yield findings.failed("account", exc)
            if isinstance(exc, TransportError) and access.base_url is None:
                yield await _reach(access, None)  # is it the API alone, or the whole network?
            return
        # What Discord takes is a token, whatever it looks like.
        yield Finding("token", "ok", f"Discord takes it (from {access.token_from})")
        yield findings.account(me)
        yield findings.clock(date, now)
        async for one in _application(http, intents, guild):
            yield one
        try:
            gateway, _ = await _get(http, "/gateway/bot")
        except ACordError as exc:
            yield findings.failed("gateway", exc)
            return
        for one in findings.sessions(gateway):
            yield one
    yield await _reach(access, gateway.get("url"))


async def _application(http: HTTPClient, intents: Intents | None, guild: str | None) -> AsyncGenerator[Finding]:
    try:
        application, _ = await _get(http, "/applications/@me")
        for one in findings.intents(int(application.get("flags") or 0), intents):
            yield one
        number = application.get("id")
        joined, _ = await _get(http, "/users/@me/guilds", limit=GUILDS)
        yield findings.guilds(cast("list[Any]", joined), number)
        everywhere, _ = await _get(http, f"/applications/{number}/commands")
        own: Any = None
        if guild is not None:
            own, _ = await _get(http, f"/applications/{number}/guilds/{guild}/commands")
        yield findings.commands(cast("list[Any]", everywhere), own)
    except ACordError as exc:
        yield findings.failed("application", exc)


async def _get(http: HTTPClient, path: str, **query: Any) -> tuple[Mapping[str, Any], str | None]:
    """An answer as plain JSON, and when it was given.  Raises what a request raises."""
    async with http.request(Route("GET", path=path, **query)) as response:
        body = await response.read()
        if not response.ok:
            raise outcome.refusal(response, body)
        return response.decoded(body), response.headers.get("date")


class _Greeted:
    """Waits for the first message of a gateway."""

    def __init__(self) -> None:
        self.hello: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def on_open(self, socket: WebSocket) -> None:
        pass

    def on_messages(self, messages: list[bytes], *, binary: bool) -> None:
        if not self.hello.done():
            self.hello.set_result(messages[0])

    def on_end(self, code: int | None, reason: str) -> None:
        if not self.hello.done():
            self.hello.set_exception(ConnectionError(reason or f"closed with {code}"))


async def _reach(access: Access, url: object) -> Finding:
    """Whether a gateway says Hello.  Nothing is identified, so that no session start is spent."""
    named = origin_of(url)
    base = access.base_url or abc.BASE_API_URL
    local = named is not None and is_loopback(named) and base.startswith("http://")
    bare = gateway_url(url or "wss://gateway.discord.gg", [named] if local and named is not None else [])
    if bare is None:
        return Finding("gateway", "fault", "Get Gateway names an address that is not Discord's", "look at --base-url")
    cure = "the gateway is a WebSocket on port 443: look at proxies and firewalls between here and it"
    greeted = _Greeted()
    try:
        async with asyncio.timeout(access.timeout):
            query = f"{bare}/?v={abc.API_VERSION}&encoding=json"
            socket = await dial(query, greeted, max_size=HELLO_SIZE, user_agent=USER_AGENT)
            try:
                hello: Any = msgspec.json.decode(await greeted.hello)
            finally:
                socket.close(1000)
                await asyncio.wait([socket.closed], timeout=1.0)
    except TimeoutError:
        return Finding("gateway", "fault", f"{bare} does not answer within {access.timeout:g} s", cure)
    except (OSError, Rejected, msgspec.DecodeError) as exc:
        return Finding("gateway", "fault", f"{bare} cannot be reached: {str(exc) or type(exc).__name__}", cure)
    finally:
        greeted.hello.cancel()
    if not isinstance(hello, dict) or cast("dict[str, Any]", hello).get("op") != Opcode.HELLO:
        return Finding("gateway", "fault", f"{bare} does not speak as a gateway does", cure)
    return Finding("gateway", "ok", f"{bare} says Hello")
