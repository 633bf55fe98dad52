"""A Discord on loopback: the port, the world behind it, and the hands of whoever watches.

async with Sandbox() as discord, discord.client(intents=Intents.all()) as client:
    ...
    discord.alice.send(discord.general, "!ping")
    await discord.until(lambda: discord.said(discord.general)[-1] == "pong")
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from acord.sandbox.answers import Answer, Json, Refusal
from acord.sandbox.cdn import stored
from acord.sandbox.endpoints import Endpoint, answer_of
from acord.sandbox.fault_rules import Fault, Faults
from acord.sandbox.faults import Step
from acord.sandbox.gateway.links import Link
from acord.sandbox.gateway.options import GatewayOptions
from acord.sandbox.gateway.server import Gateway
from acord.sandbox.limits import Limits
from acord.sandbox.page.page import PATH, Page
from acord.sandbox.people import Person
from acord.sandbox.recorder import HIDDEN, Frame, Recorder, Request, json_of, named, redacted
from acord.sandbox.responses import seen
from acord.sandbox.rest.api import Api
from acord.sandbox.rest.origins import from_elsewhere
from acord.sandbox.rest.requests import Options, Request as Asked
from acord.sandbox.wire.answering import write
from acord.sandbox.wire.conversation import Conversation
from acord.sandbox.wire.peer import Peer, Received
from acord.sandbox.wire.port import Port
from acord.sandbox.wire.socket import Socket
from acord.sandbox.world.passing import settle
from acord.sandbox.world.seed import Seeds, populate
from acord.sandbox.world.state import Happening, World

if TYPE_CHECKING:
    from acord.core.client import Client
    from acord.core.http import HTTPClient
    from acord.models import Message

__all__ = ["Sandbox", "SpecViolation"]

PATIENCE = 60.0
"""Seconds, by the event loop's clock, in which a request has to arrive whole, once it has begun."""
SETTLE = 1.0
"""Seconds, at least, between two looks at what has become due."""

_LATE: Json = {"message": "408: Request Timeout", "code": 0}


class SpecViolation(AssertionError):
    """The sandbox said what the spec does not allow: a fault of the sandbox, not of what was tested."""


class Sandbox:
    """An everyday Discord; entered, it serves.

    In it are a bot (its token is `token`), Alice, who owns the guild "The oak", Bob, who is a member, and four
    channels; `seeds` has their ids. ``seed`` decides everything that chance would, so that a run can be repeated.
    """

    def __init__(
        self,
        *,
        # Where
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        # What
        seed: int = 0,
        limits: bool = True,
        real_tokens: bool = False,
        gateway: GatewayOptions | None = None,
        keep: int = 10_000,
        # What tests replace
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``limits`` off, nothing is ever refused for being too much. ``keep``: how many requests and frames are
        recorded, as far as they are no more than 64 MiB of JSON.

        ``real_tokens`` lets in what looks like a credential of Discord's own, which is otherwise refused: one
        that was typed here by mistake should not be.
        """
        self.port = Port(self._serve, host=host, port=port, tls=tls)
        self.world = World(wall, seed)
        self.seeds: Seeds = populate(self.world)
        self.limits = Limits(self._now, seed=seed, wall=wall)
        self.limits.webhook_channel = self._webhook_channel
        self.api = Api(self.world, self.limits if limits else None, Options(real_tokens=real_tokens))
        self.gateway = Gateway(self.world, now=self._now, later=_later, seed=seed, options=gateway)
        self.api.handlers["get_gateway"] = lambda world, call: self.gateway.info()
        self.api.handlers["get_bot_gateway"] = lambda world, call: self.gateway.info(call.account)
        self.conversations: dict[Link, Conversation] = {}
        """Gateway connections and what carries them."""
        self._endpoints: list[Endpoint] = []
        self.page = Page(self)
        self.faults = Faults(self.world.random)
        self.record = Recorder(keep)
        self._stirred = asyncio.Event()
        self.record.watch(lambda entry: self._stirred.set())
        self._begun = 0.0
        self._settles = 0.0

    # Opening and closing

    async def __aenter__(self) -> "Sandbox":
        await self.port.start()
        self._begun = self._now()
        self.world.cdn_url = f"{self.origin}/cdn"
        self.gateway.url = self.gateway_url
        self.gateway.on_frame = self._framed
        self.world.listeners.append(self._happened)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Ends every connection. `SpecViolation` where an answer or event of the sandbox contradicted the spec."""
        self.world.listeners.remove(self._happened)
        await self.port.close()
        wrong = [*self.api.violations, *self.gateway.violations]
        if kind is None and wrong:
            raise SpecViolation("\n".join(map(str, wrong)))

    @property
    def origin(self) -> str:
        return f"http{'s' if self.port.secure else ''}://{self.port.authority}"

    @property
    def url(self) -> str:
        """What ``base_url`` and BASE_API_URL are here."""
        return f"{self.origin}/api"

    @property
    def page_url(self) -> str:
        """A page to look at."""
        return f"{self.origin}{PATH}"

    @property
    def gateway_url(self) -> str:
        return f"ws{'s' if self.port.secure else ''}://{self.port.authority}"

    # Who is there

    @property
    def token(self) -> str:
        """The bot's."""
        return self.seeds.token

    @property
    def alice(self) -> Person:
        """Owns the guild."""
        return Person(self.world, self.seeds.alice_id)

    @property
    def bob(self) -> Person:
        return Person(self.world, self.seeds.bob_id)

    @property
    def guild(self) -> str:
        """The guild's id."""
        return self.seeds.guild_id

    @property
    def general(self) -> str:
        """The id of the channel where they talk."""
        return self.seeds.general_id

    @property
    def random(self) -> str:
        """The id of a second text channel, where nobody has said anything."""
        return self.seeds.random_id

    def messages(self, channel_id: str) -> "list[Message]":
        """Those of a channel, oldest first, as Alice sees them."""
        return [seen(self.world, kept, self.seeds.alice_id) for kept in self.world.messages[channel_id].values()]

    def said(self, channel_id: str) -> list[str]:
        """What the messages of a channel say, oldest first."""
        return [str(message["content"]) for message in self.world.messages[channel_id].values()]

    # Clients

    def http(self, **options: Any) -> "HTTPClient":
        """An `HTTPClient` for this sandbox, with the bot's token; its arguments go through."""
        from acord.core.http import HTTPClient

        given: dict[str, Any] = {"token": self.token, "base_url": self.url} | options
        return HTTPClient(**given)

    def client(self, *, intents: int, **options: Any) -> "Client":
        """A `Client` for this sandbox, with the bot's token; its arguments go through."""
        from acord.core.client import Client

        token = options.pop("token", self.token)
        http = options.pop("http", None) or self.http(token=token)
        return Client(token=token, intents=intents, http=http, **options)

    # What goes wrong

    def fault(self, what: str, *steps: Step, times: int | None = 1, after: bool = False, chance: float = 1.0) -> Fault:
        """Let something go wrong, ``times`` times (None: for ever), with this ``chance`` each time.

        ``what`` is an operationId (``create_message``), ``*`` for every request, or the name of an event
        (``MESSAGE_CREATE``). The steps (`acord.sandbox.faults`) are played in the place of the answer; with ``after``
        the operation is carried out first, and only its answer is lost. For an event they are played on the
        gateway connection in its place.
        """
        if what != "*" and what not in _known():
            close = get_close_matches(what, _known(), 3)
            raise ValueError(
                f"no operation or event is called {what!r}" + (f"; meant: {', '.join(close)}?" if close else "")
            )
        return self.faults.add(what, *steps, times=times, after=after, chance=chance)

    def endpoint(self, method: str, path: str, answer: object) -> None:
        """Answer a request that the spec does not know: an endpoint that is not released yet.

        ``path`` lies below the version (``/channels/1/brand-new-thing``); ``{name}`` in it stands for any segment.
        ``answer`` is JSON, an `Answer`, or what makes one of the segments by name and the body.

        >>> discord.endpoint("POST", "/channels/{id}/sparks", lambda path, body: {"lit": True})  # doctest: +SKIP
        """
        self._endpoints.append(Endpoint(method, path, answer))

    # What happened

    @property
    def requests(self) -> list[Request]:
        """The newest requests, oldest first, without secrets."""
        return self.record.requests

    @property
    def frames(self) -> list[Frame]:
        """The newest gateway messages of both directions, oldest first, without secrets."""
        return self.record.frames

    async def until(self, condition: Callable[[], object], *, timeout: float = 30.0) -> None:
        """Return once the condition holds; it is looked at whenever something happens here, and every 20 ms.

        TimeoutError after so many seconds of the event loop's clock, saying what was last seen.
        """
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    self._stirred.clear()
                    # What the condition is about may lie in the client, of which nothing is heard here.
                    again = asyncio.get_running_loop().call_later(0.02, self._stirred.set)
                    await self._stirred.wait()
                    again.cancel()
        except TimeoutError:
            last = "\n".join(f"  {one}" for one in list(self.record.entries)[-5:])
            raise TimeoutError(f"not within {timeout:g} s; last seen:\n{last}") from None

    async def advance(self, seconds: float) -> None:
        """Let time pass where the event loop's clock is virtual, as under the fixture ``fake_clock``.

        Polls whose time is over end, threads that were quiet for long are archived, as far as ``wall`` went on, too.

        RuntimeError where time is real.
        """
        loop = asyncio.get_running_loop()
        if not getattr(loop, "is_virtual", False):
            raise RuntimeError("time is real here; use the fixture fake_clock, or acord.testing.virtual_time()")
        await asyncio.sleep(seconds)
        settle(self.world)

    # The port

    def _webhook_channel(self, path: Mapping[str, str]) -> str:
        webhook = self.world.webhooks.get(path["webhook_id"], {})
        return str(webhook.get("channel_id", path["webhook_id"]))

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _happened(self, happening: Happening) -> None:
        self._stirred.set()

    async def _serve(self, peer: Peer) -> None:
        while not peer.gone:
            try:
                await peer.begin()
                async with asyncio.timeout(PATIENCE):
                    await peer.read_head()
                    upgrade = peer.request.headers.get("upgrade", "").lower() == "websocket"
                    if not upgrade:
                        await peer.read_body()
            except (Refusal, TimeoutError) as exc:
                answer = exc.answer() if isinstance(exc, Refusal) else Answer(408, _LATE)
                peer.request = Received()  # it was its predecessor's, or is half its own
                await write(peer, answer._replace(headers={**answer.headers, "Connection": "close"}))
                await peer.leave()
                return
            if upgrade:
                await self._converse(peer)
                return
            await self._answer(peer, peer.request)

    async def _answer(self, peer: Peer, seen: Received) -> None:
        path, _, query = seen.target.partition("?")
        if path.startswith("/cdn/"):
            return await write(peer, stored(self.world, path.removeprefix("/cdn"), seen.headers))
        if path == PATH or path.startswith(f"{PATH}/"):
            return await self.page.serve(peer, seen)
        if self._now() >= self._settles:  # what time alone brought about is there before anybody asks
            self._settles = self._now() + SETTLE
            settle(self.world)
        operation, shown = named(seen.method, path)
        fault = self.faults.take(lambda what: what in ("*", operation))
        answer = None
        if fault is None or fault.after:
            answer = answer_of(self._endpoints, seen)
            asked = Asked(seen.method, seen.target, seen.headers, seen.body, peer.address, heard=fault is None)
            answer = answer or self.api.answer(asked)
        generated = answer is not None and answer.headers.get("X-Sandbox") == "example"
        self.record.add(
            Request(
                at=self._now() - self._begun,
                method=seen.method,
                path=shown,
                query=query,
                operation=operation,
                status=None if fault is not None or answer is None else answer.status,
                body=redacted(json_of(seen)),
                headers={k: HIDDEN if k == "authorization" else v for k, v in seen.headers.items()},
                answer=None if answer is None or isinstance(answer.body, bytes) else redacted(answer.body),
                fault=fault is not None,
                generated=generated,
            )
        )
        if fault is not None:
            for step in fault.steps:
                await step(peer)
        elif answer is not None:
            await write(peer, answer)
        return None

    async def _converse(self, peer: Peer) -> None:
        socket = Socket(peer)
        try:
            from_elsewhere(peer.request.headers, frozenset())
        except Refusal as refusal:
            await socket.handshake(status=refusal.status, body=refusal.message)
            return
        await socket.handshake()
        conversation = Conversation(socket)
        link = self.gateway.connect(socket.query, conversation)
        self.conversations[link] = conversation
        try:
            await conversation.run(link)
        finally:
            del self.conversations[link]
            self._stirred.set()

    def _framed(self, link: Link, direction: Literal["in", "out"], message: Json) -> None:
        name = message.get("t")
        if direction == "out" and name is not None and (fault := self.faults.take(lambda what: what == name)):
            self.conversations[link].instead(fault.steps)
        who = None if link.session is None else link.session.who
        shard = (0, 1) if who is None else (who.shard, who.shards)
        at = self._now() - self._begun
        frame = Frame(
            at, link.number, shard, direction, message.get("op"), name, message.get("s"), redacted(message.get("d"))
        )
        self.record.add(frame)


def _later(seconds: float, call: Callable[[], None]) -> Callable[[], None]:
    return asyncio.get_running_loop().call_later(seconds, call).cancel


@cache
def _known() -> frozenset[str]:
    """What a fault can be for."""
    from acord.events import EVENTS
    from acord.routes import OPERATIONS

    return frozenset(OPERATIONS) | frozenset(EVENTS)
