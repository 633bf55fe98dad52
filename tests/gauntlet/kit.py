"""What the gauntlet's tests ask for, and what they look at."""

import asyncio
from typing import Any

from acord.core.abc import Route
from acord.core.http import HTTPClient
from acord.core.operation import Operation, Parameter
from acord.core.shapes import Id, Object, String
from acord.sandbox.faults import Step, answer
from acord.sandbox.scripted import Scripted
from acord.testing import canary
from acord.testing.clock import VirtualTime
from tests.core.http_kit import DELETE, GET_ME, ME, TOKEN

CREATE = Operation(
    "create_message",
    "POST",
    "/channels/{channel_id}/messages",
    parameters=(Parameter("channel_id", "path", Id()),),
    body=Object("Body", optional={"content": String(max=2000), "nonce": String(max=25)}),
    media=("json", "multipart"),
    returns={200: "ExampleUser"},
    files="files[n]",
    nonce=True,
)
POST = Operation(
    "create_dm",
    "POST",
    "/users/@me/channels",
    body=Object("Body", optional={"recipient_id": Id()}),
    returns={200: "ExampleUser"},
)
OK = answer(200, ME)
WEBHOOK_TOKEN = "canary-webhook-token-that-nobody-may-see"
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246canary-interaction-token"
SECRETS = (TOKEN, WEBHOOK_TOKEN, INTERACTION_TOKEN)


def leaks(text: str) -> list[str]:
    """The credentials that a text shows."""
    return canary.leaks(text, SECRETS)


class Rest:
    """A client, the server it talks to, and the time of both."""

    def __init__(self, http: HTTPClient, server: Scripted, time: VirtualTime) -> None:
        self.http, self.server, self.time = http, server, time

    @property
    def limiter(self) -> Any:
        return self.http.ratelimiter

    async def get(self, **options: Any) -> Any:
        return await self.http.request(GET_ME.route({}, {}), **options)

    async def post(self, **options: Any) -> Any:
        """One that must not be repeated where its outcome is unknown."""
        return await self.http.request(POST.route({}, {}, {"recipient_id": "1"}), **options)

    async def create(self, *, channel: int = 1, body: Any = None, files: Any = (), **options: Any) -> Any:
        route = CREATE.route({"channel_id": channel}, {}, body or {"content": "hi"}, files=list(files))
        return await self.http.request(route, **options)

    async def delete(self, **options: Any) -> Any:
        return await self.http.request(DELETE.route({"channel_id": 1, "message_id": 2}, {}), **options)

    async def raw(self, path: str, method: str = "GET", **options: Any) -> Any:
        return await self.http.request(Route(method, path=path), **options)

    def start(self, what: Any) -> "asyncio.Task[Any]":
        return asyncio.get_running_loop().create_task(what)


def limited(
    remaining: int, after: float = 1.0, *, limit: int = 5, bucket: str = "abcd", reset: float | None = None
) -> dict[str, str]:
    """The headers of a limited route."""
    return {
        "X-RateLimit-Bucket": bucket,
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": f"{1_790_000_000 + after if reset is None else reset:.3f}",
        "X-RateLimit-Reset-After": f"{after:.3f}",
    }


def refused(wait: Any, *, scope: str = "user", headers: dict[str, str] | None = None) -> Step:
    """A 429 as Discord sends it."""
    body = {"message": "You are being rate limited.", "retry_after": wait, "global": scope == "global"}
    more = {"X-RateLimit-Global": "true"} if scope == "global" else {}
    return answer(429, body, {"X-RateLimit-Scope": scope, "Retry-After": "9"} | more | (headers or {}))


def leftovers(before: "set[asyncio.Task[Any]]") -> "set[asyncio.Task[Any]]":
    """Tasks that a test began and did not end."""
    new = asyncio.all_tasks() - before - {asyncio.current_task()}
    return {one for one in new if getattr(one.get_coro(), "__name__", "") not in _SERVERS}


_SERVERS = {"_connected", "_accept_connection2"}  # a server's tasks end when it has read that the client is gone
