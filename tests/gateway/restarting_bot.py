"""A bot that dies when it is told to: run as a program of its own by `test_restart`."""

import asyncio
import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

from acord import Client, Dispatch, FileSession, Intents
from acord.core.gateway import Shard

ASK: dict[str, Any] = json.loads(sys.argv[1])
RECORD = Path(ASK["record"])
chance = random.Random(ASK["seed"])

client = Client(
    token=ASK["token"],
    intents=Intents.GUILDS,
    url=ASK["url"],
    shard_count=1,
    max_concurrency=1,
    sessions=FileSession(ASK["store"]),
    concurrency=ASK.get("concurrency", 1),
)

if ASK.get("stores_what_was_received"):  # the mistake that this test is there for
    Shard.export = lambda self: self._session.export(None)  # type: ignore[method-assign]

under_way: list[str] = []  # the listeners that are at work, once for each event
reached: set[str] = set()  # those that have dealt with the last event


def record(line: str) -> None:
    with RECORD.open("a") as file:
        file.write(f"{line}\n")


def listen(name: str) -> None:
    @client.on(Dispatch, where=lambda dispatch: dispatch.name == "WORK")
    async def listener(dispatch: Dispatch) -> None:
        number = dispatch.value["n"]
        under_way.append(name)
        for _ in range(chance.randrange(50)):  # of random speed
            await asyncio.sleep(0)
        if name == "a" and number == ASK.get("die_at"):
            await client.gateway.save()
            os.kill(os.getpid(), signal.SIGKILL)
        record(f"{name} {number}")
        under_way.remove(name)
        if number == ASK.get("term_at"):
            reached.add(name)
        if reached == {*ASK["listeners"]} and not under_way:  # what is cut short here, only another life would do
            os.kill(os.getpid(), signal.SIGTERM)


for each in ASK["listeners"]:
    listen(each)
client.run()
