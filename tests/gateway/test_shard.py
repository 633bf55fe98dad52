"""The shard over a real socket, against a gateway that follows a script."""

import asyncio
import json
import logging
import zlib
from typing import Any

import pytest
from websockets.frames import Opcode

from acord.core import decoders, gateway as gateway_module, performer
from acord.core.dispatch import Dispatch
from acord.core.errors import AuthenticationFailed, ClientClosed, InvalidRequest, UnsafeOrigin
from acord.core.gateway import Shard
from acord.core.heartbeat import KeepAlive
from acord.sandbox.scripted_gateway import GatewayPeer, GatewayScript, Gone, ScriptedGateway, scripted_gateway
from tests.stopwatch import stopwatch
from tests.turning import until

TOKEN = "canary.token.value"
PATIENCE = 60  # seconds, on a machine that does other things


class NoGate:
    """Gives leave at once."""

    async def acquire(self, shard_id: int) -> "NoGate":
        return self

    def written(self) -> None: ...

    def cancel(self) -> None: ...


class FastClock:
    """Real time, but for backoffs, which pass at once."""

    def __init__(self) -> None:
        self.skipped = 0.0
        self.shard: Shard | None = None

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + self.skipped

    async def sleep(self, seconds: float) -> None:
        if self.shard is not None and self.shard.state == "backoff":
            self.skipped += max(0.0, seconds)
            seconds = 0.0
        await asyncio.sleep(max(0.0, seconds))


def shard(server: ScriptedGateway, **options: Any) -> Shard:
    clock = FastClock()
    settings: dict[str, Any] = {"intents": 1, "url": server.url, "gate": NoGate(), "clock": clock}
    under_test = Shard(TOKEN, **(settings | {"random": lambda: 0.5} | options))
    used = options.get("clock") or clock
    used.shard = under_test
    return under_test


async def take(under_test: Shard, count: int) -> list[Dispatch]:
    async with asyncio.timeout(PATIENCE):
        return [await anext(under_test) for _ in range(count)]


async def stay(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.gone()


async def then_stay(peer: GatewayPeer) -> None:
    await peer.resume()
    await peer.gone()


# The main job


@pytest.mark.parametrize("compress", ["zlib-stream", "zstd-stream", None])
@pytest.mark.parametrize("encoding", ["json", "etf"])
async def test_a_shard_identifies_and_yields_events(compress: str | None, encoding: str) -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        await peer.send(0, {"id": "1", "content": "hi"}, 2, "MESSAGE_CREATE")
        await peer.gone()

    async with scripted_gateway(script) as server, shard(server, compress=compress, encoding=encoding) as under_test:
        ready, message = await take(under_test, 2)

    assert ("READY", 1) == (ready.name, ready.seq)
    assert ("MESSAGE_CREATE", 2, 0) == (message.name, message.seq, message.shard_id)
    assert {"id": "1", "content": "hi"} == message.value == json.loads(message.raw)
    (identify,) = server.sent(2)
    assert (TOKEN, 1, [0, 1]) == (identify["token"], identify["intents"], identify["shard"])
    expected = {"v": "10", "encoding": encoding} | ({"compress": compress} if compress else {})
    assert expected == server.peers[0].query


@pytest.mark.parametrize(("compress", "said"), [("auto", "json, zstd-stream"), (None, "json, not compressed")])
async def test_the_form_that_was_chosen_is_said_in_the_log(
    compress: str | None, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with scripted_gateway(stay) as server, shard(server, compress=compress) as under_test:
        await take(under_test, 1)

    assert any(record.getMessage() == f"shard 0: {said}" for record in caplog.records)


async def test_payload_compression_is_asked_for_in_identify() -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        body = json.dumps({"op": 0, "s": 2, "t": "X", "d": {"a": 1}}).encode()
        await peer.frame(Opcode.BINARY, zlib.compress(body))
        await peer.send(0, {"b": 2}, 3, "Y")
        await peer.gone()

    async with scripted_gateway(script) as server, shard(server, compress="zlib-payload") as under_test:
        events = await take(under_test, 3)

    assert [{"a": 1}, {"b": 2}] == [event.value for event in events[1:]]
    assert {"v": "10", "encoding": "json"} == server.peers[0].query
    assert True is server.sent(2)[0]["compress"]


async def test_leaving_ends_the_session_with_1000_and_keeping_with_4000() -> None:
    codes: list[int | None] = []

    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        codes.append(await peer.gone())

    async with scripted_gateway(script) as server:
        async with shard(server) as under_test:
            await take(under_test, 1)
        async with shard(server) as under_test:
            await take(under_test, 1)
            state = await under_test.close(keep=True)

    assert [1000, 4000] == codes
    assert state is not None
    assert ("abc", 1) == (state.session_id, state.seq)


async def test_another_shard_resumes_what_was_kept_from_what_was_dealt_with() -> None:
    async def first(peer: GatewayPeer) -> None:
        await peer.ready()
        for s in range(2, 6):
            await peer.send(0, {"n": s}, s, "EVENT")
        await peer.gone()

    async def second(peer: GatewayPeer) -> None:
        await peer.resume(3, 4, 5)
        await peer.gone()

    async with scripted_gateway(first, second) as server:
        async with shard(server) as under_test:
            await take(under_test, 3)
            state = await under_test.close(keep=True)
        async with shard(server, session=state) as resumed:
            events = await take(resumed, 4)

    (resume,) = server.sent(6)
    assert {"token": TOKEN, "session_id": "abc", "seq": 2} == resume
    assert [3, 4, 5, 6] == [event.seq for event in events]


async def test_iterating_ends_when_the_shard_is_closed() -> None:
    async with scripted_gateway(stay) as server, shard(server) as under_test:
        seen = []
        async for dispatch in under_test:
            seen.append(dispatch.name)
            await under_test.close()

    assert ["READY"] == seen


# Reconnecting


async def drop(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.drop()


async def close_1000(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.close(1000)
    await peer.gone()


async def op_7(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.send(7)
    await peer.gone()


async def op_9(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.send(9, True)
    await peer.gone()


async def bad_zlib(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.frame(Opcode.BINARY, b"\xff" * 20 + b"\x00\x00\xff\xff")
    await peer.gone()


async def text_frame(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.frame(Opcode.TEXT, b'{"op":11}')
    await peer.gone()


async def bad_json(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.send_message(b'{"op":0,')
    await peer.gone()


async def bad_utf8(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.send_message(b'{"op":0,"d":"\xff"}')
    await peer.gone()


async def reserved_bit(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.raw(b"\xf2\x01x")
    await peer.gone()


async def masked(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.raw(b"\x82\x81\x00\x00\x00\x00x")
    await peer.gone()


async def long_close(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.raw(b"\x88\x7e\x00\x80" + b"\x0f\xa0" + b"x" * 126)
    await peer.gone()


async def huge_frame(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.raw(b"\x82\x7f" + (1 << 40).to_bytes(8, "big") + b"x" * 100)
    await peer.gone()


async def bomb(peer: GatewayPeer) -> None:
    await peer.ready()
    await peer.frame(Opcode.BINARY, peer.compressed(b'{"a":"' + b" " * (65 << 20)))
    await peer.gone()


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(drop, id="G12 connection lost"),
        pytest.param(close_1000, id="G12 server's 1000"),
        pytest.param(op_7, id="G9 op 7"),
        pytest.param(op_9, id="G10 op 9 true"),
        pytest.param(bad_zlib, id="G22 corrupt zlib"),
        pytest.param(bad_json, id="G22 broken JSON"),
        pytest.param(bad_utf8, id="G27 invalid UTF-8"),
        pytest.param(text_frame, id="G27 text where binary is due"),
        pytest.param(reserved_bit, id="G27 reserved bit"),
        pytest.param(masked, id="G27 masked frame"),
        pytest.param(long_close, id="G15 close frame too long"),
        pytest.param(huge_frame, id="G26 frame over the bound"),
        pytest.param(bomb, id="G24 bomb"),
    ],
)
async def test_after_this_the_session_is_resumed_with_a_fresh_context(script: GatewayScript) -> None:
    async def after(peer: GatewayPeer) -> None:
        await peer.resume(2, 3)
        await peer.gone()

    async with scripted_gateway(script, after) as server, shard(server, compress="zlib-stream") as under_test:
        events = await take(under_test, 4)

    assert [1, 2, 3, 4] == [event.seq for event in events]
    assert [{"token": TOKEN, "session_id": "abc", "seq": 1}] == server.sent(6)
    assert 2 == len(server.peers)
    assert server.peers[0].query == server.peers[1].query


async def test_g27_a_binary_frame_without_compression_ends_the_connection() -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        await peer.frame(Opcode.BINARY, b'{"op":11}')
        await peer.gone()

    async with scripted_gateway(script, then_stay) as server, shard(server, compress=None) as under_test:
        assert ["READY", "RESUMED"] == [event.name for event in await take(under_test, 2)]


async def test_g26_a_message_in_many_fragments_is_one_message() -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        message = b'{"op":0,"s":2,"t":"X","d":"' + b"y" * 5000 + b'"}'
        await peer.frame(Opcode.TEXT, message[:1], fin=False)
        for at in range(1, len(message) - 1):
            await peer.frame(Opcode.CONT, message[at : at + 1], fin=False)
        await peer.frame(Opcode.PING, b"between")
        await peer.frame(Opcode.CONT, message[-1:])
        await peer.gone()

    async with scripted_gateway(script) as server, shard(server, compress=None) as under_test:
        events = await take(under_test, 2)

    assert "y" * 5000 == events[1].value


@pytest.mark.parametrize("pieces", [1, 70])
async def test_g26_a_message_over_the_bound_costs_the_connection(pieces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performer, "max_frame", lambda form: 64_000)

    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        message = b'{"op":0,"s":2,"t":"X","d":"' + b"y" * 64_000 + b'"}'
        step = -(-len(message) // pieces)
        for at in range(0, len(message), step):
            last = at + step >= len(message)
            await peer.frame(Opcode.CONT if at else Opcode.TEXT, message[at : at + step], fin=last)
        await peer.gone()

    async with scripted_gateway(script, then_stay) as server, shard(server, compress=None) as under_test:
        names = [event.name for event in await take(under_test, 2)]

    assert ["READY", "RESUMED"] == names


async def test_g23_a_message_that_begins_and_does_not_end_is_given_up_after_30_seconds() -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        await peer.frame(Opcode.BINARY, peer.compressed(b'{"op":0,"s":2,"t":"X","d":null}')[:-9])
        await peer.gone()

    class Hurried(FastClock):
        """Waits for a begun message as FastClock does for a backoff."""

        async def sleep(self, seconds: float) -> None:
            line = self.shard._line if self.shard is not None else None
            if line is not None and line.begun_at is not None:
                waited.append(seconds)
                self.skipped += seconds
                seconds = 0.0
            await super().sleep(seconds)

    waited: list[float] = []
    options: dict[str, Any] = {"clock": Hurried(), "compress": "zlib-stream"}
    async with scripted_gateway(script, then_stay) as server, shard(server, **options) as under_test:
        assert ["READY", "RESUMED"] == [event.name for event in await take(under_test, 2)]

    assert [30] == [round(seconds) for seconds in waited]


async def test_p3_a_blocked_loop_beats_and_goes_on() -> None:
    class Unsteady(KeepAlive):
        """Beats three times while the loop stands still."""

        def __init__(self, shard: Any, interval_ms: int) -> None:
            super().__init__(name="unsteady", daemon=True)
            self._shard = shard

        def start(self) -> None: ...

        def send_heartbeat(self) -> None:
            self._shard.send(self.get_payload())

        def get_payload(self) -> dict[str, Any]:
            return {"op": 1, "d": self._shard.sequence}

        def ack(self) -> None: ...

    clock = FastClock()
    async with scripted_gateway(stay) as server, shard(server, keepalive=Unsteady, clock=clock) as under_test:
        await take(under_test, 1)
        for _ in range(3):
            under_test._keepalive.send_heartbeat()
            clock.skipped += 41.25
        await until(lambda: server.sent(1))
        await until(lambda: under_test.latency is not None)

        assert "ready" == under_test.state

    assert [1] == server.sent(1)
    assert 1 == len(server.sent(2))


async def test_p1_closing_does_not_wait_for_a_peer_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_module, "CLOSE_PATIENCE", 0.05)

    async def deaf(peer: GatewayPeer) -> None:
        await peer.ready()
        await asyncio.Event().wait()

    async with scripted_gateway(deaf) as server, shard(server) as under_test:
        await take(under_test, 1)
        async with stopwatch() as took:
            await under_test.close()
            assert took.seconds < 2


async def test_p7_a_shard_leaves_no_task_and_no_thread_behind() -> None:
    import threading

    async with scripted_gateway(drop, then_stay) as server:
        async with shard(server) as under_test:
            await take(under_test, 2)
        left = [task for task in asyncio.all_tasks() if "Performer" in repr(task)]

        assert [] == left
    for thread in threading.enumerate():
        if thread.name == "acord-heartbeats":
            thread.join(PATIENCE)
    assert "acord-heartbeats" not in [thread.name for thread in threading.enumerate()]


async def test_g28_a_malformed_message_is_dropped_and_the_connection_lives(caplog: pytest.LogCaptureFixture) -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        for message in (b"[]", b'{"op":"0"}', b"5", b'{"d":1}'):
            await peer.send_message(message)
        await peer.send(0, {}, 2, "AFTER")
        await peer.gone()

    async with scripted_gateway(script) as server, shard(server) as under_test:
        events = await take(under_test, 2)

        assert ["READY", "AFTER"] == [event.name for event in events]
        assert 4 == under_test.counts["malformed"]
    assert 1 == len([record for record in caplog.records if "malformed" in record.getMessage()])


async def test_g14_a_fatal_code_is_raised_with_the_cure_and_nothing_is_tried_again() -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.hello()
        await peer.expect(2)
        await peer.close(4004)
        await peer.gone()

    async with scripted_gateway(script) as server, shard(server) as under_test:
        with pytest.raises(AuthenticationFailed, match="token") as caught:
            await take(under_test, 1)
        assert 4004 == caught.value.code
        assert TOKEN not in str(caught.value)
        with pytest.raises(AuthenticationFailed):
            await take(under_test, 1)

    assert 1 == len(server.peers)


async def test_g1_refused_upgrades_and_web_pages_are_tried_again() -> None:
    async def refuses(peer: GatewayPeer) -> None:
        await peer.handshake(status=503, body="<html>no</html>")

    async def page(peer: GatewayPeer) -> None:
        await peer.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>")

    async def nonsense(peer: GatewayPeer) -> None:
        await peer.raw(b"220 smtp ready\r\n\r\n")

    async def hangs_up(peer: GatewayPeer) -> None:
        await peer.drop()

    async with scripted_gateway(refuses, page, nonsense, hangs_up, stay) as server, shard(server) as under_test:
        await take(under_test, 1)

    assert 5 == len(server.peers)


async def test_g1_retry_after_on_the_upgrade_is_obeyed() -> None:
    async def limited(peer: GatewayPeer) -> None:
        await peer.handshake(status=429, headers={"Retry-After": "12"})

    clock = FastClock()
    async with scripted_gateway(limited, stay) as server, shard(server, clock=clock) as under_test:
        await take(under_test, 1)

    assert clock.skipped >= 12.0


async def test_t10_a_redirect_on_the_upgrade_is_not_followed() -> None:
    async with scripted_gateway(stay) as elsewhere:

        async def redirects(peer: GatewayPeer) -> None:
            await peer.handshake(status=302, headers={"Location": elsewhere.url})

        async with scripted_gateway(redirects, stay) as server, shard(server) as under_test:
            await take(under_test, 1)

    assert [] == elsewhere.peers


async def test_t9_a_resume_url_that_leads_elsewhere_gets_nothing() -> None:
    async with scripted_gateway(stay) as elsewhere:

        async def lures(peer: GatewayPeer) -> None:
            await peer.hello()
            await peer.expect(2)
            await peer.send(0, {"session_id": "abc", "resume_gateway_url": elsewhere.url}, 1, "READY")
            await peer.send(7)
            await peer.gone()

        async with scripted_gateway(lures, then_stay) as server, shard(server) as under_test:
            assert ["READY", "RESUMED"] == [event.name for event in await take(under_test, 2)]

    assert [] == elsewhere.peers


async def test_t8_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "socks_proxy", "wss_proxy", "ws_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async with scripted_gateway(stay) as server, shard(server) as under_test:
        assert 1 == len(await take(under_test, 1))


# Heartbeats


async def test_g6_a_requested_beat_is_answered_at_once() -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        await peer.send(1)
        assert 1 == await peer.expect(1)
        await peer.send(0, {}, 2, "BEATEN")
        await peer.gone()

    async with scripted_gateway(script) as server, shard(server) as under_test:
        assert "BEATEN" == (await take(under_test, 2))[1].name


async def test_a_beat_asked_for_just_before_the_close_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        # Both in one read: the close is known before the request is looked at.
        message = b'{"op":1,"d":null}'
        await peer.raw(b"\x81" + bytes([len(message)]) + message + b"\x88\x02\x0f\xa0")
        await peer.gone()

    async with scripted_gateway(script, then_stay) as server, shard(server, compress=None) as under_test:
        assert ["READY", "RESUMED"] == [event.name for event in await take(under_test, 2)]

    assert [] == [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_g4_without_acknowledgements_the_shard_resumes() -> None:
    codes: list[int | None] = []

    async def silent(peer: GatewayPeer) -> None:
        await peer.handshake()
        await peer.send(10, {"heartbeat_interval": 1000})
        try:
            while True:
                payload = await peer.receive()
                if payload["op"] == 2:
                    await peer.send(0, {"session_id": "abc", "resume_gateway_url": peer.server.url}, 1, "READY")
        except Gone as gone:
            codes.append(gone.code)

    class Impatient(KeepAlive):
        """Beats as soon as it is asked to."""

        def __init__(self, shard: Any, interval_ms: int) -> None:
            super().__init__(name="impatient", daemon=True)
            self._shard, self._interval, self._ended = shard, 0.6, False

        def send_heartbeat(self) -> None:
            self._shard.send(self.get_payload())

        def get_payload(self) -> dict[str, Any]:
            return {"op": 1, "d": self._shard.sequence}

        def ack(self) -> None: ...

    async with (
        scripted_gateway(silent, then_stay) as server,
        shard(server, keepalive=Impatient, clock=None, random=lambda: 0.0) as under_test,
    ):
        assert ["READY", "RESUMED"] == [event.name for event in await take(under_test, 2)]

    assert [4000] == codes


async def test_p16_a_rebound_json_that_fails_costs_the_message_and_not_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def mine(data: Any) -> Any:
        if b"BAD" in data:
            raise KeyError("mine")
        return json.loads(data)

    monkeypatch.setattr(decoders, "JSON", mine)

    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        await peer.send(0, {}, 2, "BAD")
        await peer.send(0, {}, 3, "GOOD")
        await peer.gone()

    async with scripted_gateway(script) as server, shard(server) as under_test:
        assert ["READY", "GOOD"] == [event.name for event in await take(under_test, 2)]

    assert 1 == len(server.peers)


# Sending


async def test_commands_wait_for_ready_and_their_future_for_the_write() -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        await peer.expect(8)
        await peer.gone()

    async with scripted_gateway(script) as server, shard(server) as under_test:
        future = under_test.send(8, {"guild_id": "1", "query": "", "limit": 0})
        assert not future.done()
        async with asyncio.timeout(PATIENCE):
            await future

    assert [{"guild_id": "1", "query": "", "limit": 0}] == server.sent(8)


async def test_g31_an_oversized_command_is_refused_at_once() -> None:
    async with scripted_gateway(stay) as server, shard(server) as under_test:
        with pytest.raises(InvalidRequest):
            under_test.send(3, {"activities": "x" * 5000})
        with pytest.raises(InvalidRequest):
            under_test.send(3, {"activities": object()})


async def test_commands_after_the_end_fail() -> None:
    async with scripted_gateway(stay) as server:
        async with shard(server) as under_test:
            await take(under_test, 1)
        with pytest.raises(ClientClosed):
            await under_test.send(3, {})


# Back-pressure


async def test_g38_a_slow_reader_pauses_the_socket_and_loses_nothing() -> None:
    count, size = 3_000, 2_000

    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        for s in range(2, count + 2):
            await peer.send(0, "x" * size, s, "EVENT")
        await peer.gone()

    async with scripted_gateway(script) as server, shard(server, queue_bytes=100_000, compress=None) as under_test:
        await take(under_test, 1)
        await until(lambda: under_test._inbox.is_full)
        for _ in range(2_000):
            await asyncio.sleep(0)
        held = under_test._inbox.size
        events = await take(under_test, count)

    assert held < 100_000 + 2 * 262_144  # what one read of the socket may add
    assert list(range(2, count + 2)) == [event.seq for event in events]


async def test_g38_a_reader_that_is_still_slow_pauses_the_next_connection_as_well() -> None:
    async def floods(peer: GatewayPeer) -> None:
        await peer.ready()
        await flood(peer, 2)

    async def floods_again(peer: GatewayPeer) -> None:
        resume = await peer.resume()
        await flood(peer, resume["seq"] + 2)

    async def flood(peer: GatewayPeer, first: int) -> None:
        for s in range(first, first + 50):
            await peer.send(0, "x" * 2_000, s, "EVENT")
        await peer.gone()

    options: dict[str, Any] = {"queue_bytes": 50_000, "compress": None}
    async with scripted_gateway(floods, floods_again) as server, shard(server, **options) as under_test:
        await until(lambda: under_test.counts["paused"] == 1)
        under_test._perform(under_test._session.fault(0, "of this test", under_test._clock.monotonic()))

        await until(lambda: under_test.counts["paused"] == 2)

    assert 2 == len(server.peers)


# Secrets, misuse


@pytest.mark.parametrize("encoding", ["json", "etf"])
async def test_t3_the_token_is_in_no_log(caplog: pytest.LogCaptureFixture, encoding: str) -> None:
    caplog.set_level(logging.DEBUG)

    async with (
        scripted_gateway(op_7, then_stay) as server,
        shard(server, encoding=encoding, compress=None) as under_test,
    ):
        await take(under_test, 2)

    assert caplog.records
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(under_test)
    assert TOKEN not in str(vars(under_test))


@pytest.mark.parametrize("url", ["ws://gateway.example", "ws://10.0.0.1:80", "ws://192.168.1.5"])
def test_t7_no_token_goes_off_the_machine_in_clear_text(url: str) -> None:
    with pytest.raises(UnsafeOrigin):
        Shard(TOKEN, intents=1, url=url)


@pytest.mark.parametrize("url", ["https://gateway.discord.gg", "gateway.discord.gg", "wss://h/path", "wss://u@h"])
def test_a_url_that_is_no_bare_websocket_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest):
        Shard(TOKEN, intents=1, url=url)


async def test_p8_a_shard_of_another_loop_says_so() -> None:
    async with scripted_gateway(stay) as server, shard(server) as under_test:
        await take(under_test, 1)

        async def other() -> None:
            async with asyncio.timeout(PATIENCE):
                await anext(under_test)

        def elsewhere() -> str:
            try:
                asyncio.run(other())
            except Exception as exc:
                return str(exc)
            return "nothing"

        said = await asyncio.to_thread(elsewhere)

    assert "another event loop" in said


async def test_p15_a_hook_that_raises_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def hook(report: object) -> None:
        raise ValueError("hook")

    async with scripted_gateway(stay) as server, shard(server, on_report=hook) as under_test:
        assert 1 == len(await take(under_test, 1))
