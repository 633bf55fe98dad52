"""The real client against the sandbox's limits: whatever it is to do in an everyday world, no 429 is its fault."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from acord import routes
from acord.core import errors
from acord.core.http import HTTPClient
from acord.sandbox.faults import reset
from acord.sandbox.limits import LimitOptions
from acord.sandbox.sandbox import Sandbox
from acord.testing.clock import VirtualTime, virtual_time


async def met(work: Callable[[Sandbox, HTTPClient], Awaitable[Any]], **options: Any) -> tuple[Sandbox, VirtualTime]:
    """Do this in an everyday world, in virtual time."""
    with virtual_time() as time:
        async with Sandbox(wall=lambda: 1_790_000_000.0 + time.now) as discord:
            discord.limits.options = LimitOptions(travel=0.0)
            async with discord.http(clock=time, random=Random(1).random, **options) as http:
                await work(discord, http)
    return discord, time


def faults(discord: Sandbox) -> list[tuple[str, str]]:
    return [(one.operation, one.why) for one in discord.limits.avoidable()]


async def test_a_burst_of_messages_takes_as_long_as_the_bucket_does() -> None:
    async def work(discord: Sandbox, http: HTTPClient) -> None:
        await asyncio.gather(
            *(http.request(routes.create_message(discord.general, content=str(number))) for number in range(25))
        )

    discord, time = await met(work)

    assert [] == discord.limits.refused
    assert 25 == len(discord.messages(discord.general)) - 2
    assert 20.0 == pytest.approx(time.passed, abs=1.1)


async def test_everything_at_once_earns_no_429_that_could_be_avoided() -> None:
    async def work(discord: Sandbox, http: HTTPClient) -> None:
        random = Random(2)
        general, seeds = discord.general, discord.seeds
        posted = [await http.request(routes.create_message(general, content="first")) for _ in range(5)]
        choices: list[Callable[[], Any]] = [
            lambda: routes.create_message(general, content="more"),
            lambda: routes.create_message(seeds.random_id, content="elsewhere"),
            lambda: routes.update_message(general, random.choice(posted).id, content="other"),
            lambda: routes.get_message(general, posted[0].id),
            lambda: routes.list_messages(general, limit=5),
            lambda: routes.get_guild(discord.guild),
            lambda: routes.get_channel(general),
            lambda: routes.trigger_typing_indicator(general),
            lambda: routes.add_my_message_reaction(general, posted[1].id, "👍"),
            lambda: routes.delete_my_message_reaction(general, posted[1].id, "👍"),
            lambda: routes.add_guild_member_role(discord.guild, seeds.bob_id, seeds.helper_id),
            lambda: routes.update_channel(general, nsfw=random.random() < 0.5),
        ]
        await asyncio.gather(
            *(http.request(random.choice(choices)(), max_wait=600.0) for _ in range(400)), return_exceptions=True
        )

    discord, _ = await met(work)

    assert [] == faults(discord)
    assert 405 <= discord.limits.judge.accepted


async def test_a_hidden_limit_is_met_once_and_then_kept() -> None:
    async def work(discord: Sandbox, http: HTTPClient) -> None:
        for number in range(5):
            await http.request(routes.update_channel(discord.general, name=f"name-{number}"), max_wait=3600.0)

    discord, time = await met(work)

    assert [] == faults(discord)
    assert ["update_channel sub 1"] == list({one.bucket for one in discord.limits.refused})
    assert 1200.0 == pytest.approx(time.passed, abs=5.0)


async def test_the_global_limit_is_kept_over_many_channels() -> None:
    async def work(discord: Sandbox, http: HTTPClient) -> None:
        discord.limits.set("get_channel", limit=1000, window=1.0)
        await asyncio.gather(*(http.request(routes.get_channel(discord.general)) for _ in range(300)))

    discord, time = await met(work)

    assert [] == discord.limits.refused
    assert 5.5 <= time.passed <= 7.5


async def test_a_429_after_an_answer_that_a_fault_swallowed_is_nobodys_fault() -> None:
    async def work(discord: Sandbox, http: HTTPClient) -> None:
        discord.limits.set("create_message", limit=1, window=5.0)
        discord.fault("create_message", reset, after=True)
        await http.request(routes.create_message(discord.general, content="once"))

    discord, _ = await met(work)

    assert [("create_message", False)] == [(one.operation, one.avoidable) for one in discord.limits.refused]


async def test_without_a_limiter_the_same_world_finds_fault() -> None:
    """What the tests above do not see would be seen."""

    async def work(discord: Sandbox, http: HTTPClient) -> None:
        for _ in range(8):
            with suppress(errors.RateLimited):
                await http.request(routes.create_message(discord.general, content="too fast"))

    discord, _ = await met(work, ratelimiter=None, decide=lambda attempt: None)

    assert [("create_message", "the headers had announced it")] * 3 == faults(discord)
