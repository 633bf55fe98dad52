"""What the tests of the HTTP client share: a model, operations, fakes."""

from collections.abc import Mapping
from typing import Any

from acord.core.base import Model
from acord.core.http import HTTPClient
from acord.core.operation import Operation, Parameter
from acord.core.shapes import Id, Object, String
from acord.core.types import Snowflake
from acord.sandbox.scripted import Scripted
from acord.sandbox.wire.peer import Received

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


class Rest:
    """A client and the server it talks to."""

    def __init__(self, client: HTTPClient, server: Scripted) -> None:
        self.http, self.server = client, server

    @property
    def seen(self) -> Received:
        return self.server.seen[-1]


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


async def awaited(call: Any) -> Any:
    return await call
