"""The same load through discord.py, hikari, discord.js and ACord, against a Discord on loopback that enforces limits.

    python benchmarks/limits_peers.py [--keep] [--only SCENARIO] [--client NAME]

Each library is used as its users do, in a process of its own, with a sandbox in another; that one counts what it
refuses and says of each 429 whether the client could have avoided it by what it had been told. A client asks at once
for all that a scenario says; time runs from its first request's arrival to the last one's success.
"""

import argparse
import asyncio
import json
import math
import os
import random
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import peers
from measure import keep, table

import acord
from acord.routes import OPERATIONS, create_message
from acord.sandbox import Sandbox, faults
from acord.sandbox.rest.credentials import account_of
from acord.sandbox.world.build import add_channel

SENDERS = Path(__file__).parent / "senders"
PATIENCE = 20.0
"""Seconds a client has for a scenario; what it has not sent by then is lost."""
TRAVEL = 0.05
"""Seconds for which a client may not have heard yet what the sandbox has said: both share a machine."""
SILENCE = 1.5
"""Seconds between a client's login and its load."""
SEND = "create_message"
Sends = list[tuple[str, str]]
"""(channel id, text), in the order in which they are asked for."""


@dataclass(frozen=True)
class Scenario:
    name: str
    what: str
    arrange: Callable[[Sandbox], Sends]
    optimum: float | None
    """Seconds that a client needs which knows everything; None where nobody can tell."""
    meanwhile: Callable[[Sandbox], Awaitable[None]] | None = None
    one_by_one: bool = False
    all_arrive: bool = True
    """Whether each message is to arrive."""
    in_turns: bool = False
    """Whether clients are run one after the other: where they send much, one would slow another's sandbox."""


def _into(discord: Sandbox, channels: int, each: int) -> Sends:
    guild = discord.world.guilds[discord.guild]
    ids = [add_channel(discord.world, guild, f"c{n}")["id"] for n in range(channels)]
    return [(channel, f"{n}") for n in range(each) for channel in ids]


def everywhere(discord: Sandbox) -> Sends:
    discord.limits.set(SEND, limit=20, window=5.0)
    return _into(discord, 30, 10)


def window(discord: Sandbox) -> Sends:
    discord.limits.global_rate = None
    discord.limits.set(SEND, limit=5, window=1.0)
    return _into(discord, 1, 40)


def drops(discord: Sandbox) -> Sends:
    discord.limits.global_rate = None
    discord.limits.set(SEND, limit=5, window=2.0, sliding=True)
    return _into(discord, 1, 30)


def hidden(discord: Sandbox) -> Sends:
    discord.limits.global_rate = None
    discord.limits.set(SEND, limit=10, window=1.0)
    discord.limits.sub(SEND, limit=5, window=3.0)
    return _into(discord, 1, 20)


def shared(discord: Sandbox) -> Sends:
    discord.limits.global_rate = None
    discord.limits.set(SEND, limit=10, window=1.0)
    discord.limits.sub(SEND, limit=5, window=2.0, shared=True)
    return _into(discord, 1, 20)


async def others(discord: Sandbox) -> None:
    """Somebody else writes there, too, now and then."""
    chance = random.Random(7)
    account = account_of(OPERATIONS[SEND], f"Bot {discord.token}", discord.world.accounts)
    assert account is not None
    while True:
        await asyncio.sleep(chance.uniform(0.3, 1.2))
        for channel in list(discord.world.channels):
            discord.limits.spend(OPERATIONS[SEND], {"channel_id": channel}, 1, account=account)


def dead(discord: Sandbox) -> Sends:
    refused = faults.answer(401, {"message": "401: Unauthorized", "code": 0})
    discord.fault(SEND, refused, times=None)
    return _into(discord, 1, 20)


SCENARIOS = [
    Scenario("global", "300 messages into 30 channels, 50 requests a second", everywhere, 5.0, in_turns=True),
    Scenario("window", "40 messages into one channel, 5 a second", window, 7.0),
    Scenario("drops", "30 messages into one channel, 5 at once and one more each 0.4 s", drops, 10.0),
    Scenario("hidden", "20 messages, where 5 in 3 s is a limit that no header shows", hidden, 9.0),
    Scenario("shared", "20 messages, where 5 in 2 s is everybody's, and others write, too", shared, None, others),
    Scenario("dead token", "20 messages one by one, each answered 401", dead, None, one_by_one=True, all_arrive=False),
]


@dataclass(frozen=True)
class Sender:
    name: str
    version: str
    command: tuple[str, ...]
    folder: Path


def senders() -> list[Sender]:
    """Ours, and those that are installed."""
    ours = Sender("ACord", acord.__version__, (sys.executable, str(SENDERS / "send_acord.py")), peers.ROOT)
    theirs = [
        Sender(peer.name, peer.version, (*peer.command, str(SENDERS / f"send_{peer.suffix}")), peer.folder)
        for peer in peers.peers()
    ]
    return [ours, *theirs]


def disordered(arrived: Sequence[tuple[str, str]], asked: Sequence[tuple[str, str]]) -> int:
    """How many messages stand in their channel before one that was asked for earlier."""
    place = {one: index for index, one in enumerate(asked)}
    latest: dict[str, int] = {}
    late = 0
    for one in arrived:
        late += place[one] < latest.get(one[0], -1)
        latest[one[0]] = max(latest.get(one[0], -1), place[one])
    return late


async def run(scenario: Scenario, sender: Sender) -> dict[str, Any]:
    async with Sandbox() as discord:
        discord.limits.free()
        await _warm(discord)
        discord.limits.options = replace(discord.limits.options, travel=TRAVEL)
        discord.limits.global_rate = 50
        sends = scenario.arrange(discord)
        process = await asyncio.create_subprocess_exec(
            *sender.command,
            discord.url,
            discord.token,
            cwd=sender.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
            limit=1 << 20,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        while (line := await process.stdout.readline()) != b"ready\n":
            if not line:
                raise SystemExit(f"{sender.name} did not get ready")
        # What it asked for to log in is in nobody's window any more: the optimum is that of the messages alone.
        await asyncio.sleep(SILENCE)
        meanwhile = None if scenario.meanwhile is None else asyncio.ensure_future(scenario.meanwhile(discord))
        process.stdin.write(json.dumps({"sends": sends, "one_by_one": scenario.one_by_one}).encode() + b"\n")
        failed: dict[str, int] = {}
        try:
            async with asyncio.timeout(PATIENCE):
                while line := (await process.stdout.readline()).decode():
                    if line.startswith("{"):
                        failed = json.loads(line)
        except TimeoutError:
            failed = {"not done in time": 1}
            process.kill()
        await process.wait()
        if meanwhile is not None:
            meanwhile.cancel()
        return _found(scenario, discord, sends, failed)


async def _warm(discord: Sandbox) -> None:
    """The sandbox's first answer takes longer than others: it prepares what it checks by."""
    async with discord.http() as http:
        await http.request(create_message(discord.general, content="hello"))
    discord.record.clear()


def _found(scenario: Scenario, discord: Sandbox, sends: Sends, failed: dict[str, int]) -> dict[str, Any]:
    requests = [one for one in discord.requests if one.operation == SEND]
    arrived = [
        (channel, text) for channel in dict.fromkeys(channel for channel, _ in sends) for text in discord.said(channel)
    ]
    took = [one.at for one in requests if one.status == 200]
    finish = max(took, default=math.nan) - min((one.at for one in requests), default=math.nan)
    found: dict[str, Any] = {
        "requests": len(requests),
        "refused": len(discord.limits.refused),
        "avoidable": len(discord.limits.avoidable()),
        "lost": len(sends) - len(set(arrived)) if scenario.all_arrive else None,
        "doubled": len(arrived) - len(set(arrived)),
        "out_of_order": disordered(arrived, sends),
        "failed": failed,
    }
    if took:
        found["seconds"] = round(finish, 2)
    if took and scenario.optimum is not None and not found["lost"]:
        found["over_optimum"] = round(finish / scenario.optimum, 3)
    return found


async def elsewhere(scenario: Scenario, sender: Sender) -> dict[str, Any]:
    """`run` in a process of its own."""
    command = (sys.executable, __file__, "--one", scenario.name, sender.name)
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    out, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"{sender.name} could not be measured")
    found: dict[str, Any] = json.loads(out)
    return found


async def all_of(scenario: Scenario, clients: list[Sender]) -> dict[str, dict[str, Any]]:
    if scenario.in_turns:
        return {sender.name: await elsewhere(scenario, sender) for sender in clients}
    found = await asyncio.gather(*(elsewhere(scenario, one) for one in clients))
    return {sender.name: one for sender, one in zip(clients, found, strict=True)}


def show(scenario: Scenario, found: dict[str, dict[str, Any]]) -> None:
    heads = ["", "requests", "429s", "avoidable", "lost", "out of order", "seconds", "/ optimum"]
    keys = ("requests", "refused", "avoidable", "lost", "out_of_order", "seconds", "over_optimum")
    rows = [[name, *("-" if one.get(key) is None else f"{one[key]}" for key in keys)] for name, one in found.items()]
    table(f"{scenario.name}: {scenario.what}", heads, rows)


async def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--keep", action="store_true")
    asked.add_argument("--only", action="append", choices=[one.name for one in SCENARIOS])
    asked.add_argument("--client", action="append")
    asked.add_argument("--one", nargs=2, metavar=("SCENARIO", "CLIENT"), help="print one result as JSON")
    args = asked.parse_args()
    if args.one:
        named = {one.name: one for one in SCENARIOS}, {one.name: one for one in senders()}
        print(json.dumps(await run(named[0][args.one[0]], named[1][args.one[1]])))
        return
    clients = [one for one in senders() if not args.client or one.name in args.client]
    results: dict[str, Any] = {}
    for scenario in SCENARIOS:
        if args.only and scenario.name not in args.only:
            continue
        found = await all_of(scenario, clients)
        show(scenario, found)
        results[scenario.name] = {"what": scenario.what, "optimum_seconds": scenario.optimum, "clients": found}
    if args.keep:
        versions = {one.name: one.version for one in clients}
        print(keep("limits_peers", {"versions": versions, "scenarios": results}))


if __name__ == "__main__":
    asyncio.run(main())
