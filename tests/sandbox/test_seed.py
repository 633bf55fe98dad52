"""The everyday world, as everybody finds it."""

import json

from acord import events
from acord.core.base import load
from acord.sandbox.world.seed import populate
from acord.sandbox.world.state import World
from acord.sandbox.world.views import guild_create
from tests.sandbox.kit import START, no_surprise


def test_the_everyday_world_is_the_same_each_time() -> None:
    first, second = (populate(World(lambda: START)) for _ in range(2))

    assert first == second


def test_the_bot_is_given_the_whole_guild() -> None:
    world = World(lambda: START)
    seeds = populate(world)

    payload = guild_create(world, world.guilds[seeds.guild_id], seeds.bot_id)

    no_surprise(load(events.GuildCreate, json.dumps(payload), strict=True), "GUILD_CREATE")
    assert ["general", "random", "voice", "forum"] == [channel["name"] for channel in payload["channels"]]
    assert (3, False) == (payload["member_count"], payload["large"])


def test_a_large_guild_comes_with_the_bot_and_who_is_online_or_in_voice() -> None:
    world = World(lambda: START)
    seeds = populate(world)
    world.guilds[seeds.guild_id].presences[seeds.bob_id] = {"status": "online"}

    payload = guild_create(world, world.guilds[seeds.guild_id], seeds.bot_id, large_threshold=2)

    assert {seeds.bot_id, seeds.bob_id} == {member["user"]["id"] for member in payload["members"]}
