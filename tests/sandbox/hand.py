"""A gateway in the hand: time moves when told to, clients write down what they are sent."""

import heapq
import json
from collections.abc import Callable
from typing import Any

from acord.core import etf
from acord.core.inflate import inflater
from acord.core.signals.gateway import Intents
from acord.flags import ApplicationFlags
from acord.sandbox.gateway import Gateway, GatewayOptions, Link
from acord.sandbox.world import build
from acord.sandbox.world.state import Guild, World

TOKEN = "token-of-acorn"
WALL = 1_790_000_000.0
SWITCHES = (
    ApplicationFlags.GATEWAY_PRESENCE_LIMITED
    | ApplicationFlags.GATEWAY_GUILD_MEMBERS_LIMITED
    | ApplicationFlags.GATEWAY_MESSAGE_CONTENT_LIMITED
)


class HandClock:
    """Monotonic seconds; `pass_` moves them on and calls what is due."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._cancelled: set[int] = set()
        self._count = 0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return WALL + self.now

    def later(self, seconds: float, do: Callable[[], None]) -> Callable[[], None]:
        self._count += 1
        number = self._count
        heapq.heappush(self._due, (self.now + seconds, number, do))
        return lambda: self._cancelled.add(number)

    def pass_(self, seconds: float) -> None:
        until = self.now + seconds
        while self._due and self._due[0][0] <= until:
            when, number, do = heapq.heappop(self._due)
            self.now = when
            if number not in self._cancelled:
                do()
        self.now = until


class Client:
    """One connection from the client's side, and the wire in between."""

    link: Link

    def __init__(self, encoding: str = "json", compress: str | None = None) -> None:
        self.encoding = encoding
        self.inflater = inflater(compress)
        self.frames: list[tuple[bytes, bool]] = []
        self.got: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self.aborted = False

    # The wire

    def send(self, data: bytes, text: bool) -> None:
        self.frames.append((data, text))
        for plain in self.inflater.feed(data):
            try:
                self.got.append(etf.unpack(plain) if self.encoding == "etf" else json.loads(plain))
            except Exception as exc:
                self.got.append({"op": None, "t": None, "unreadable": type(exc).__name__})

    def raw(self, data: bytes) -> None:
        raise AssertionError("a gateway sends no raw bytes by itself")

    def close(self, code: int, reason: str = "") -> None:
        self.closed = (code, reason)

    def abort(self) -> None:
        self.aborted = True

    # The client

    @property
    def code(self) -> int | None:
        return None if self.closed is None else self.closed[0]

    def say(self, op: int, d: object = None) -> None:
        message = {"op": op, "d": d}
        self.link.received(etf.pack(message) if self.encoding == "etf" else json.dumps(message))

    def identify(self, intents: int = int(Intents.all()), **more: object) -> None:
        properties = {"os": "linux", "browser": "test", "device": "test"}
        self.say(2, {"token": TOKEN, "intents": int(intents), "properties": properties, **more})

    def resume(self, session_id: str, seq: int, token: str = TOKEN) -> None:
        self.say(6, {"token": token, "session_id": session_id, "seq": seq})

    def beat(self) -> None:
        self.say(1, self.seq)

    @property
    def seq(self) -> int | None:
        return max((message["s"] for message in self.got if message.get("s") is not None), default=None)

    @property
    def session_id(self) -> str:
        return str(self.events("READY")[0]["session_id"])

    def ops(self) -> list[int]:
        return [message["op"] for message in self.got]

    def names(self) -> list[str]:
        return [message["t"] for message in self.got if message["t"] is not None]

    def events(self, name: str) -> list[Any]:
        return [message["d"] for message in self.got if message["t"] == name]


class Scene:
    """A world with a guild of alice's and the bot in it, and the gateway before it."""

    def __init__(self, **options: Any) -> None:
        self.clock = HandClock()
        self.world = World(self.clock.wall, seed=1)
        self.alice = build.add_user(self.world, "Alice")
        self.application = build.add_bot(self.world, "acorn", TOKEN, flags=SWITCHES)
        self.bot_id = str(self.application["id"])
        self.guild = self.add_guild("The oak")
        self.general = build.add_channel(self.world, self.guild, "general")
        self.gateway = Gateway(
            self.world,
            now=self.clock.monotonic,
            later=self.clock.later,
            seed=1,
            options=GatewayOptions(**options),
        )

    def add_guild(self, name: str) -> Guild:
        guild = build.add_guild(self.world, name, self.alice["id"])
        build.add_member(self.world, guild, self.bot_id)
        return guild

    def connect(self, encoding: str = "json", compress: str | None = None, **query: str) -> Client:
        asked = {"v": "10", "encoding": encoding, **({"compress": compress} if compress else {}), **query}
        client = Client(encoding, compress)
        client.link = self.gateway.connect(asked, client)
        return client

    def ready(self, intents: int = int(Intents.all()), **more: object) -> Client:
        """A client in a session of its own, five seconds after the last."""
        self.clock.pass_(5.0)
        client = self.connect()
        client.identify(intents, **more)
        assert client.names()[:1] == ["READY"], client.got
        return client

    def status(self) -> str:
        """The bot's, as others see it."""
        return str(self.guild.presences[self.bot_id]["status"])

    def message(self, content: str = "hello", author: str | None = None, **more: Any) -> dict[str, Any]:
        """A message in #general, made without the rules of messages."""
        message: dict[str, Any] = {
            "id": self.world.ids(),
            "channel_id": self.general["id"],
            "guild_id": self.guild.id,
            "author": self.world.users[author or self.alice["id"]],
            "content": content,
            "embeds": [],
            "attachments": [],
            "components": [],
            "mentions": [],
            **more,
        }
        return message

    def say(self, content: str = "hello", author: str | None = None, **more: Any) -> None:
        """...and everyone is told."""
        data = self.message(content, author, **more)
        self.world.emit("MESSAGE_CREATE", data, guild_id=self.guild.id, channel_id=self.general["id"])
