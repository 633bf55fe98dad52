"""A bot that is killed and started again has dealt with every event at least once."""

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from acord.sandbox.scripted_gateway import GatewayPeer, Gone, scripted_gateway
from tests.stopwatch import stopwatch

ROOT = Path(__file__).parents[2]
BOT = Path(__file__).with_name("restarting_bot.py")
TOKEN = "canary.token.value"
COUNT = 60  # events in all


class Discord:
    """One session that outlives connections, with a numbered history of which a Resume gets the rest."""

    def __init__(self, first: int = COUNT) -> None:
        """The first connection gets `first` events, later ones the rest."""
        self.first = first
        self.history: list[tuple[str, Any]] = []
        self.identified = self.resumed = 0
        self.codes: list[int | None] = []

    async def __call__(self, peer: GatewayPeer) -> None:
        await peer.hello()
        payload = await peer.receive()
        while payload["op"] == 1:
            payload = await peer.receive()
        if payload["op"] == 2:
            self.identified += 1
            self.history = [("READY", {"session_id": "abc", "resume_gateway_url": peer.server.url})]
            after = 0
        else:
            self.resumed += 1
            self.history.append(("RESUMED", {}))
            after = payload["d"]["seq"]
        try:
            for number, (name, body) in enumerate(self.history[after:], after + 1):
                if name != "RESUMED" or number == len(self.history):
                    await peer.send(0, body, number, name)
            while (done := sum(name == "WORK" for name, _ in self.history)) < (COUNT if self.resumed else self.first):
                self.history.append(("WORK", {"n": done + 1}))
                await peer.send(0, {"n": done + 1}, len(self.history), "WORK")
            self.codes.append(await peer.gone())
        except (Gone, OSError) as gone:
            self.codes.append(getattr(gone, "code", None))


async def run(folder: Path, url: str, **ask: Any) -> int:
    """Run the bot to its end: its exit code."""
    paths = {"record": str(folder / "record"), "store": str(folder / "sessions.json")}
    told = {"token": TOKEN, "url": url, "listeners": "a", "seed": 7} | paths | ask
    path = os.pathsep.join((str(ROOT / "generated"), str(ROOT / "runtime")))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", str(BOT), json.dumps(told), env={**os.environ, "PYTHONPATH": path}
    )
    async with asyncio.timeout(60):
        return await process.wait()


def recorded(folder: Path) -> dict[str, Counter[int]]:
    found: dict[str, Counter[int]] = {}
    for line in (folder / "record").read_text().splitlines():
        name, number = line.split()
        found.setdefault(name, Counter())[int(number)] += 1
    return found


async def lives(folder: Path, **ask: Any) -> Discord:
    """Two lives that end in the middle of an event, and one that ends in order."""
    discord = Discord()
    async with scripted_gateway(discord) as server:
        assert -9 == await run(folder, server.url, die_at=20, **ask)
        assert -9 == await run(folder, server.url, die_at=41, **ask)
        assert 0 == await run(folder, server.url, term_at=COUNT, **ask)
    return discord


@pytest.mark.parametrize("concurrency", [1, 8])
async def test_p2_and_g21_a_killed_bot_misses_no_event(tmp_path: Path, concurrency: int) -> None:
    discord = await lives(tmp_path, concurrency=concurrency)

    handled = recorded(tmp_path)["a"]
    assert [*range(1, COUNT + 1)] == sorted(handled)
    assert (1, 2) == (discord.identified, discord.resumed)
    # One after the other, what was done is known to the event; else what ran beside the oldest is done again.
    repeats = sum(handled.values()) - COUNT
    assert repeats == 0 if concurrency == 1 else repeats < 2 * COUNT


async def test_p2_three_listeners_of_random_speed_miss_no_event(tmp_path: Path) -> None:
    await lives(tmp_path, listeners="abc", concurrency=4)

    handled = recorded(tmp_path)
    everything = [*range(1, COUNT + 1)]
    assert dict.fromkeys("abc", everything) == {name: sorted(numbers) for name, numbers in handled.items()}


async def test_a_store_of_the_received_sequence_would_lose_events(tmp_path: Path) -> None:
    discord = Discord(first=20)
    async with scripted_gateway(discord) as server:
        assert -9 == await run(tmp_path, server.url, die_at=20, stores_what_was_received=True)
        assert 0 == await run(tmp_path, server.url, term_at=COUNT, stores_what_was_received=True)

    assert {20} == {*range(1, COUNT + 1)} - {*recorded(tmp_path)["a"]}


async def test_p1_sigterm_closes_with_a_resumable_code_saves_and_exits_within_five_seconds(tmp_path: Path) -> None:
    discord = Discord()
    async with scripted_gateway(discord) as server, stopwatch() as took:
        code = await run(tmp_path, server.url, term_at=COUNT)
        assert took.seconds < 30  # of which starting Python is most

    assert (0, [4000]) == (code, discord.codes)
    stored = json.loads((tmp_path / "sessions.json").read_text())
    assert len(discord.history) == stored["sessions"]["0/1"]["seq"]
    assert TOKEN not in (tmp_path / "sessions.json").read_text()
