"""Drives a gateway session as a shell would, with a clock in its hand."""

import json
from typing import Any, TypeVar

import msgspec

from acord.core.actions import Action
from acord.core.envelope import Envelope, read
from acord.core.session import Session
from acord.core.session_state import SessionState
from acord.core.session_table import State

A = TypeVar("A")

MAIN = "wss://gateway.discord.gg"
RESUME_URL = "wss://gateway-us-east1-b.discord.gg"
INTERVAL = 41.25
QUERY = "/?v=10&encoding=json&compress=zlib-stream"


def stored(**changes: Any) -> SessionState:
    values: dict[str, Any] = {
        "session_id": "abc",
        "resume_gateway_url": RESUME_URL,
        "seq": 7,
        "shard_id": 0,
        "shard_count": 1,
        "version": 10,
        "encoding": "json",
        "intents": 513,
        "fingerprint": "f00d",
    }
    return SessionState(**(values | changes))


class Drive:
    """One session and the time; every input's actions are kept in `last`, and in `all`."""

    def __init__(self, *, session: SessionState | None = None, random: float = 0.5, **options: Any) -> None:
        self.now = 1000.0
        self.random = random
        self.last: list[Action] = []
        self.all: list[Action] = []
        settings: dict[str, Any] = {
            "url": MAIN,
            "version": lambda: 10,
            "encoding": "json",
            "compress": "zlib-stream",
            "identify": {"intents": 513, "properties": {"os": "linux"}, "shard": [0, 1]},
            "fingerprint": "f00d",
            "encode": msgspec.json.encode,
        }
        self.session = Session(session=session, random=lambda: self.random, **(settings | options))

    # Inputs

    def did(self, actions: list[Action]) -> list[Action]:
        self.last = actions
        self.all += actions
        return actions

    def start(self) -> "Drive":
        self.did(self.session.start(self.now))
        return self

    def opened(self) -> "Drive":
        self.did(self.session.opened(self.session.connection, self.now))
        return self

    def receive(self, op: int, d: object = None, s: object = None, t: object = None) -> list[Action]:
        return self.message(read(json.dumps({"op": op, "d": d, "s": s, "t": t})))

    def message(self, message: Envelope) -> list[Action]:
        return self.did(self.session.message(self.session.connection, message, self.now))

    def dispatch(self, s: object, t: str = "MESSAGE_CREATE", d: object = None) -> list[Action]:
        return self.receive(0, d, s, t)

    def close(self, code: int | None) -> list[Action]:
        return self.did(self.session.closed(self.session.connection, code, self.now))

    def beat(self, due: float | None = None) -> list[Action]:
        return self.did(self.session.beat(self.session.connection, self.now, due=due))

    def granted(self) -> list[Action]:
        return self.did(self.session.granted(self.session.connection, self.now))

    def command(self, op: int, d: object, ticket: object = None) -> list[Action]:
        return self.did(self.session.command(op, d, self.now, ticket))

    def wait(self, seconds: float) -> list[Action]:
        """Let time pass, with a tick at each moment that the session asked for."""
        until = self.now + seconds
        acted: list[Action] = []
        while (due := self.session.deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            acted += self.session.tick(self.now)
        self.now = until
        return self.did(acted)

    # Shortcuts

    def hello(self, interval_ms: object = int(INTERVAL * 1000)) -> "Drive":
        self.receive(10, {"heartbeat_interval": interval_ms})
        return self

    def ready(self, s: int | None = 1, session_id: str = "abc", url: object = RESUME_URL) -> "Drive":
        self.dispatch(s, "READY", {"session_id": session_id, "resume_gateway_url": url})
        return self

    def to_identifying(self) -> "Drive":
        self.start().opened().hello()
        self.granted()
        return self

    def to_ready(self) -> "Drive":
        return self.to_identifying().ready()

    def redial(self) -> list[Action]:
        """Wait out the backoff."""
        assert self.state is State.BACKOFF
        return self.wait(self.pause())

    def pause(self) -> float:
        """Seconds until the session wants to act by itself."""
        due = self.session.deadline()
        assert due is not None
        return due - self.now

    def reconnect(self) -> "Drive":
        """From BACKOFF to the Hello of the next connection."""
        self.redial()
        return self.opened().hello()

    # Looking

    def found(self, kind: type[A]) -> list[A]:
        """The actions of this kind among the last."""
        return [action for action in self.last if isinstance(action, kind)]

    def ever(self, kind: type[A]) -> list[A]:
        return [action for action in self.all if isinstance(action, kind)]

    @property
    def state(self) -> State:
        return self.session.state


def sent(data: bytes) -> Any:
    return json.loads(data)
