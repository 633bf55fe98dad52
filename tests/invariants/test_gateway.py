"""Whatever the gateway does to a client, in whatever order: each event once and in order, and no shard dies of it."""

import asyncio
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from acord import Dispatch, Intents
from acord.core.actions import Changed, Report
from tests.invariants.life import CLOSES, Life, bounded

RESUMED = (1000, 1001, 1011, 4000, 4001, 4002, 4005, 4008)
ENDED = (4003, 4007, 4009)


class Events(RuleBasedStateMachine):
    """A client that listens, and what is done to its connection."""

    @initialize(
        compress=st.sampled_from(["zlib-stream", "zstd-stream", "zlib-payload", None]),
        encoding=st.sampled_from(["json", "etf"]),
    )
    def begin(self, compress: str | None, encoding: str) -> None:
        if compress == "zlib-payload" and encoding == "etf":
            encoding = "json"
        self.life = life = Life()
        discord = life.discord
        self.seen: list[Dispatch] = []
        self.slow: list[int | None] = []
        self.changes: list[Changed | Report] = []
        http = discord.http(clock=life.time)
        self.client = discord.client(
            intents=Intents.all(), http=http, clock=life.time, random=life.random.random, compress=compress,
            encoding=encoding, on_report=lambda shard, what: self.changes.append(what),
        )  # fmt: skip
        self.client.on(Dispatch)(self.seen.append)
        self.client.on(Dispatch, concurrency=1)(self._slowly)
        self.client.on("MESSAGE_CREATE")(self._fails)
        self.said = 0
        self.running = life.run(self._open())

    async def _open(self) -> "asyncio.Task[None]":
        await self.client.__aenter__()
        running = asyncio.get_running_loop().create_task(self.client.run_forever())
        await self.life.discord.until(lambda: any(one.name == "GUILD_CREATE" for one in self.seen), timeout=120)
        return running

    async def _slowly(self, dispatch: Dispatch) -> None:
        await self.life.time.sleep(0.01)
        self.slow.append(dispatch.seq)

    def _fails(self, event: Any) -> None:
        if event.content.endswith("3"):
            raise ValueError("a listener of the user's")

    # What happens

    @rule(count=st.integers(1, 20))
    def say(self, count: int) -> None:
        for _ in range(count):
            self.said += 1
            self.life.do(self.life.discord.alice.send, self.life.discord.general, str(self.said))

    @rule()
    def drop(self) -> None:
        self.life.do(self.life.discord.gateway.drop)

    @rule(code=st.sampled_from(RESUMED + ENDED))
    def close(self, code: int) -> None:
        self.life.do(self.life.discord.gateway.close, code)

    @rule()
    def reconnect(self) -> None:
        self.life.do(self.life.discord.gateway.reconnect)

    @rule(resumable=st.booleans())
    def invalidate(self, resumable: bool) -> None:
        self.life.do(self.life.discord.gateway.invalidate, resumable=resumable)

    @rule(times=st.integers(1, 200))
    def ask_for_beats(self, times: int) -> None:
        for _ in range(times):
            self.life.do(self.life.discord.gateway.ask_beat)

    @rule(muted=st.booleans())
    def acknowledge(self, muted: bool) -> None:
        self.life.do(self.life.discord.gateway.mute_acks, muted)

    @rule(messages=st.integers(1, 3))
    def corrupt(self, messages: int) -> None:
        self.life.do(self.life.discord.gateway.corrupt, messages=messages)

    @rule(seconds=st.sampled_from([0.0, 0.5, 5.0]))
    def delay(self, seconds: float) -> None:
        self.life.do(self.life.discord.gateway.delay, seconds, "MESSAGE_CREATE")

    @rule(seconds=st.sampled_from([0.0, 0.1, 1.0, 8.0, 60.0, 130.0]))
    def wait(self, seconds: float) -> None:
        self.life.wait(seconds)
        self._look()

    # What holds

    def _look(self) -> None:
        assert not self.running.done(), "I7: the client ended"
        last = 0
        for one in self.seen:
            if one.name == "READY":
                last = one.seq or 0
            elif one.seq is not None:
                assert one.seq == last + 1, f"I2: {one.name} {one.seq} after {last}"
                last = one.seq

    def teardown(self) -> None:
        if not hasattr(self, "running"):
            if hasattr(self, "life"):
                self.life.drop()
            return
        life, discord = self.life, self.life.discord
        try:
            life.do(discord.gateway.mute_acks, False)
            life.do(discord.gateway.delay, 0.0, "MESSAGE_CREATE")
            for link in discord.gateway.links:
                link.corrupt = 0
            life.wait(400.0)
            shard = self.client.gateway.shards[0]
            assert "ready" == shard.state, f"I7: the shard is {shard.state}"
            life.do(discord.alice.send, discord.general, "the last")
            life.wait(30.0)
            self._look()
            begun = max(at for at, one in enumerate(self.seen) if one.name == "READY")
            texts = [one.value["content"] for one in self.seen[begun:] if one.name == "MESSAGE_CREATE"]
            everything = [text for text in discord.said(discord.general) if text.isdecimal() or text == "the last"]
            assert everything[len(everything) - len(texts) :] == texts and texts, "I2: an event is missing"
            assert sorted(filter(None, self.slow)) == sorted(one.seq for one in self.seen if one.seq), "I2: not handled"
            assert (0, 0) == (shard._inbox.size, len(shard._members)), "I5: the shard keeps what is over"
            before = life.time.now
            life.run(self.client.close())
            assert life.time.now - before <= CLOSES, "I6: closing took too long"
            life.run(asyncio.wait_for(self.running, 1.0))
        except BaseException:
            life.drop(self.client.close())
            raise
        life.end()


def test_I2_I4_I5_I6_I7_each_event_comes_once_and_in_order_whatever_goes_wrong() -> None:
    run_state_machine_as_test(Events, settings=bounded(12, 16))
