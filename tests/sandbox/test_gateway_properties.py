"""What holds on the sandbox's gateway whatever clients and networks do."""

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from acord.core import etf
from acord.core.signals.gateway import Opcode
from tests.sandbox.hand import TOKEN, Client, Scene

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    *("token", "intents", "properties", "shard", "presence", "compress", "large_threshold", "session_id", "seq"),
    *("guild_id", "query", "limit", "user_ids", "nonce", "presences", "guild_ids", "fields", "channel_id"),
    *("self_mute", "self_deaf", "since", "activities", "status", "afk"),
)
LIKELY = st.sampled_from([TOKEN, "1", "", 0, 1, True, None, [0, 1], ["status"], {"status": "idle"}, [], "online"])
PAYLOAD = st.fixed_dictionaries({"op": st.sampled_from([int(op) for op in Opcode]) | st.integers()}) | JSON
ENCODINGS = st.sampled_from(["json", "etf"])
BODY = JSON | st.dictionaries(st.sampled_from(FIELDS), LIKELY | JSON, max_size=8)


@settings(max_examples=100, deadline=None)
@given(
    messages=st.lists(st.tuples(PAYLOAD, BODY), max_size=8),
    begun=st.booleans(),
    encoding=st.sampled_from(["json", "etf"]),
)
def test_nothing_that_a_client_says_breaks_the_gateway(messages: list[Any], begun: bool, encoding: str) -> None:
    scene = Scene()
    client = scene.connect(encoding)
    if begun:
        client.identify()
    for payload, body in messages:
        if isinstance(payload, dict):
            payload = {**payload, "d": body}
        try:
            data: str | bytes = etf.pack(payload) if encoding == "etf" else json.dumps(payload)
        except Exception:
            continue  # ETF cannot say it
        client.link.received(data)

    # Whoever is not closed is still served.
    if client.code is None:
        client.say(1, None)
    assert client.code is not None or 11 in client.ops()
    assert (client.code is None) == (scene.gateway.links == [client.link])


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=64), encoding=ENCODINGS)
def test_no_bytes_break_the_gateway(data: bytes, encoding: str) -> None:
    client = Scene().connect(encoding)

    client.link.received(data)

    assert client.code in (4001, 4002, 4003, None)


class Listener:
    """A client that comes back whenever it is thrown out, and writes down what it hears."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.heard: list[str] = []
        self.client = scene.ready()
        self.session_id, self.seq = self.client.session_id, self.client.seq or 0

    def read(self, most: int | None = None) -> None:
        """Take in what has come, in order; with ``most`` the network fails after so many messages."""
        for message in [one for one in self.client.got if (one.get("s") or 0) > self.seq][:most]:
            assert self.seq + 1 == message["s"]
            self.seq = message["s"]
            if message["t"] == "MESSAGE_CREATE":
                self.heard.append(message["d"]["content"])

    def lose(self, most: int) -> None:
        self.read(most)
        self.client.link.gone(None)

    def come_back(self) -> None:
        self.client: Client = self.scene.connect()
        self.client.resume(self.session_id, self.seq)
        self.read()


STEPS = st.one_of(
    st.tuples(st.just("say"), st.integers(1, 4)),
    st.tuples(st.just("lose"), st.integers(0, 4)),
    st.tuples(st.just("back"), st.just(0)),
    st.tuples(st.just("drop"), st.just(0)),
    st.tuples(st.just("hold"), st.just(0)),
    st.tuples(st.just("release"), st.just(0)),
    st.tuples(st.just("delay"), st.integers(0, 2)),
    st.tuples(st.just("pass"), st.integers(1, 5)),
)


@settings(max_examples=100, deadline=None)
@given(steps=st.lists(STEPS, max_size=30))
def test_every_event_comes_once_and_in_order_whatever_connections_do(steps: list[tuple[str, int]]) -> None:
    scene = Scene(session_lifetime=1e9, heartbeat_interval=1e6)
    listener = Listener(scene)
    gateway, said, holds = scene.gateway, 0, list[Any]()
    for what, number in steps:
        if what == "say":
            for _ in range(number):
                scene.say(str(said))
                said += 1
        elif what == "lose" and listener.client.link.open:
            listener.lose(number)
        elif what == "back" and not listener.client.link.open:
            listener.come_back()
        elif what == "drop":
            gateway.drop()
        elif what == "hold" and not holds:
            holds.append(gateway.hold("MESSAGE_CREATE"))
        elif what == "release" and holds:
            holds.pop().release()
        elif what == "delay":
            gateway.delay(float(number), "MESSAGE_CREATE")
        elif what == "pass":
            scene.clock.pass_(float(number))

    for hold in holds:
        hold.release()
    scene.clock.pass_(10.0)
    listener.read()
    listener.lose(0)
    listener.come_back()

    assert [str(number) for number in range(said)] == listener.heard


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_says_the_same(seed: int) -> None:
    def all_said() -> list[Any]:
        scene = Scene()
        scene.gateway.random.seed(seed)
        client = scene.ready()
        scene.gateway.corrupt(messages=2)
        for number in range(5):
            scene.say(str(number))
        return client.frames

    assert all_said() == all_said()
