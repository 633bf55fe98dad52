"""Scripts of a bad gateway, drawn by hypothesis, against the real shard over a real socket."""

import asyncio
import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from websockets.frames import Frame, Opcode

from acord.core.dispatch import Dispatch
from acord.core.session_table import State
from acord.sandbox.scripted_gateway import GatewayPeer, scripted_gateway
from tests.gateway.test_shard import PATIENCE, shard

SENDS = ["send", "send", "send", "fragments", "pieces", "burst", "joined"]
ACTS = [*SENDS, "repeat", "op7", "op9", "drop", "close", "corrupt", "half", "beat", "junk"]


class World:
    """Discord's side of one session: what it has sent lives on while connections come and go."""

    def __init__(self, script: list[str]) -> None:
        self.script = iter(script)
        self.sent: list[int] = []
        self.finished = asyncio.Event()

    async def first(self, peer: GatewayPeer) -> None:
        await peer.ready()
        self.sent.append(1)
        await self.play(peer)

    async def again(self, peer: GatewayPeer) -> None:
        await peer.hello()
        resume = await peer.expect(6)
        for s in [s for s in self.sent if s > resume["seq"]]:
            await peer.send(0, {"n": s}, s, "EVENT")
        await self.event(peer, "RESUMED")
        await self.play(peer)

    async def event(self, peer: GatewayPeer, name: str) -> None:
        self.sent.append(self.sent[-1] + 1)
        await peer.send(0, {"n": self.sent[-1]}, self.sent[-1], name)

    def next(self, peer: GatewayPeer) -> bytes:
        """The next event, as its frame's payload."""
        self.sent.append(self.sent[-1] + 1)
        message = {"op": 0, "d": {"text": "\u00e9" * random.randrange(99)}, "s": self.sent[-1], "t": "EVENT"}
        return peer.compressed(json.dumps(message, ensure_ascii=random.random() < 0.5).encode())

    async def events(self, peer: GatewayPeer, how: str) -> None:
        """One event or several, not as a frame and a write for each."""
        if how == "fragments":
            payload = self.next(peer)
            cuts = sorted({0, *(random.randrange(len(payload)) for _ in range(3))})
            for begin, end in zip(cuts, [*cuts[1:], len(payload)], strict=True):
                opcode = Opcode.CONT if begin else Opcode.BINARY
                await peer.frame(opcode, payload[begin:end], fin=end == len(payload))
                await peer.frame(Opcode.PING, b"between")
        elif how == "pieces":
            for byte in Frame(Opcode.BINARY, self.next(peer)).serialize(mask=False):
                await peer.raw(bytes((byte,)))
                await asyncio.sleep(0)
        elif how == "burst":
            frames = [Frame(Opcode.BINARY, self.next(peer)).serialize(mask=False) for _ in range(4)]
            await peer.raw((Frame(Opcode.PONG, b"").serialize(mask=False)).join(frames))
        elif peer.query["compress"] == "zlib-stream":  # a zstd frame holds one message
            await peer.frame(Opcode.BINARY, self.next(peer) + self.next(peer))

    async def play(self, peer: GatewayPeer) -> None:
        for act in self.script:
            if act == "send":
                await self.event(peer, "EVENT")
            elif act in SENDS:
                await self.events(peer, act)
            elif act == "repeat":
                await peer.send(0, {}, random.choice(self.sent), "EVENT")
            elif act == "beat":
                await peer.send(1)
            elif act == "junk":
                await peer.send_message(b'["no envelope"]')
            else:
                await self.end(peer, act)
                return
        await self.event(peer, "LAST")
        self.finished.set()
        await peer.gone()

    async def end(self, peer: GatewayPeer, act: str) -> None:
        if act == "op7":
            await peer.send(7)
        elif act == "op9":
            await peer.send(9, True)
        elif act == "drop":
            # Not a reset: that would take back what the client has not read yet, READY included.
            peer.socket.cut()
            return
        elif act == "close":
            await peer.close(random.choice([1000, 1001, 1011, 4000, 4006, 4008]))
        elif act == "corrupt":
            data = bytearray(peer.compressed(b'{"op":0,"d":null,"s":null,"t":null}'))
            data[len(data) // 2] ^= 0xFF
            await peer.raw(b"\x82" + bytes([len(data)]) + bytes(data))
            await peer.close(4000)
        elif act == "half":
            await peer.raw(b"\x82\x7e\xff\xff half of a frame")
            peer.socket.cut()
            return
        await peer.gone()


@pytest.mark.parametrize("compress", ["zlib-stream", "zstd-stream"])
@given(script=st.lists(st.sampled_from(ACTS), max_size=25))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_g20_every_dispatch_is_seen_once_and_in_order_whatever_the_gateway_does(
    compress: str, script: list[str]
) -> None:
    events = asyncio.run(run(script, compress))

    assert "LAST" == events[-1].name
    assert list(range(1, len(events) + 1)) == [event.seq for event in events]


async def run(script: list[str], compress: str) -> list[Dispatch]:
    world = World(script)
    events: list[Dispatch] = []
    options: dict[str, Any] = {"compress": compress, "random": lambda: 0.0}
    async with scripted_gateway(world.first, world.again) as server, shard(server, **options) as under_test:
        async with asyncio.timeout(PATIENCE):
            async for event in under_test:
                events.append(event)
                if event.name == "LAST":
                    break
        assert State.READY.value == under_test.state
    assert State.CLOSED.value == under_test.state
    return events
