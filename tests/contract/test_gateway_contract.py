"""The contract of the gateway: what users were promised, letter for letter."""

import json
import threading
import zlib
from typing import Any, ClassVar

import pytest

import acord.core.abc as core_abc
import acord.core.decoders as dec
import acord.core.gateway as gateway_module
from acord import Intents, events
from acord.core.heartbeat import GatewayKeepAlive, KeepAlive
from acord.sandbox import Sandbox
from acord.sandbox.scripted_gateway import scripted_gateway
from tests.gateway.test_shard import op_7, shard, stay, take, then_stay
from tests.turning import until


class Recorder:
    """A heartbeat that does nothing and remembers everything."""

    made: ClassVar[list["Recorder"]]

    def __init__(self, shard: Any, interval_ms: int) -> None:
        self.shard, self.interval_ms = shard, interval_ms
        self.started = self.acks = 0
        self._ended = False
        type(self).made.append(self)

    def start(self) -> None:
        self.started += 1
        self.shard.send({"op": 1, "d": self.shard.sequence})

    def ack(self) -> None:
        self.acks += 1


async def test_overwriting_the_imported_heartbeat_swaps_it_at_the_next_hello(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mine(Recorder):
        made: ClassVar[list[Recorder]] = []

    monkeypatch.setattr(gateway_module, "GatewayKeepAlive", Mine)

    async with scripted_gateway(op_7, then_stay) as server, shard(server) as under_test:
        await take(under_test, 2)

    assert [41_250, 41_250] == [mine.interval_ms for mine in Mine.made]
    assert [1, 1] == [mine.started for mine in Mine.made]
    assert [True, True] == [mine._ended for mine in Mine.made]
    assert 1 == Mine.made[0].acks


async def test_the_api_version_is_read_when_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted_gateway(stay) as server:
        under_test = shard(server)
        monkeypatch.setattr(core_abc, "API_VERSION", 9)
        async with under_test:
            await take(under_test, 1)

    assert "9" == server.peers[0].query["v"]


async def test_a_rebound_json_decodes_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def mine(data: Any) -> Any:
        seen.append(data)
        return json.loads(data)

    monkeypatch.setattr(dec, "JSON", mine)

    async with scripted_gateway(stay) as server, shard(server) as under_test:
        (ready,) = await take(under_test, 1)

    assert 2 == len(seen)
    assert "abc" == ready.value["session_id"]


async def test_a_rebound_decode_response_decodes_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dec, "decodeResponse", lambda data: {**json.loads(data), "s": 77})

    async with scripted_gateway(stay) as server, shard(server) as under_test:
        assert [77] == [event.seq for event in await take(under_test, 1)]


async def test_a_rebound_etf_decodes_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, seen = dec.ETF, list[bytes]()

    def mine(data: bytes) -> Any:
        seen.append(data)
        return ours(data)

    monkeypatch.setattr(dec, "ETF", mine)

    async with scripted_gateway(stay) as server, shard(server, encoding="etf") as under_test:
        await take(under_test, 1)

    assert 2 == len(seen)


@pytest.mark.parametrize("compress", ["zlib-stream", "zstd-stream"])
async def test_a_rebound_decompress_response_inflates_messages(monkeypatch: pytest.MonkeyPatch, compress: str) -> None:
    import backports.zstd as zstd  # type: ignore[import-not-found, unused-ignore]

    context: Any = zlib.decompressobj() if compress == "zlib-stream" else zstd.ZstdDecompressor()
    seen: list[bytes] = []

    def mine(data: bytes) -> bytes:
        seen.append(data)
        plain: bytes = context.decompress(data)
        return plain

    monkeypatch.setattr(dec, "decompressResponse", mine)

    async with scripted_gateway(stay) as server, shard(server, compress=compress) as under_test:
        await take(under_test, 1)

    assert 2 == len(seen)


@pytest.mark.parametrize("encoding", ["json", "etf"])
async def test_a_rebound_decompress_response_that_wraps_ours_needs_no_other_argument(
    monkeypatch: pytest.MonkeyPatch, encoding: Any
) -> None:
    ours, seen = dec.decompressResponse, list[bytes]()

    def mine(data: bytes) -> bytes:
        seen.append(data)
        return ours(data)

    monkeypatch.setattr(dec, "decompressResponse", mine)

    async with Sandbox() as discord, discord.client(intents=Intents.all(), encoding=encoding) as client:
        async for _ in client.events(events.GuildCreate):
            break

    assert (encoding == "json") == bool(seen)


async def test_a_subclass_of_keep_alive_with_its_own_run_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mine(KeepAlive):
        made: ClassVar[list["Mine"]] = []

        def __init__(self, shard: Any, interval_ms: float) -> None:
            super().__init__(None, None, "mine", (), {}, daemon=True)
            self._shard, self._interval = shard, 0.0
            self.sent = self.acks = 0
            self.acked = threading.Event()
            type(self).made.append(self)

        def send_heartbeat(self) -> None:
            self.sent += 1
            self._shard.send(self.get_payload())
            self._interval = 3600.0  # one is enough

        def get_payload(self) -> dict[str, Any]:
            return {"op": 1, "d": self._shard.sequence}

        def ack(self) -> None:
            self.acks += 1
            self.acked.set()

    monkeypatch.setattr(gateway_module, "GatewayKeepAlive", Mine)

    async with scripted_gateway(stay) as server, shard(server, clock=None) as under_test:
        await take(under_test, 1)
        await until(lambda: Mine.made[0].acked.is_set())

    (mine,) = Mine.made
    assert (1, 1, True) == (mine.sent, mine.acks, mine._ended)
    mine.join(5)
    assert not mine.is_alive()


def test_the_heartbeat_is_a_thread_with_a_threads_arguments() -> None:
    assert issubclass(GatewayKeepAlive, KeepAlive) and issubclass(KeepAlive, threading.Thread)
    assert {"send_heartbeat", "get_payload", "ack"} == KeepAlive.__abstractmethods__


async def test_a_version_of_the_shards_own_comes_before_the_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_abc, "API_VERSION", 9)
    async with scripted_gateway(stay) as server, shard(server, api_version=11) as under_test:
        await take(under_test, 1)

    assert "11" == server.peers[0].query["v"]


async def test_the_encoding_is_read_when_a_shard_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_abc, "GATEWAY_ENCODING", "etf")
    async with scripted_gateway(stay) as server, shard(server) as under_test:
        await take(under_test, 1)

    assert "etf" == server.peers[0].query["encoding"]
