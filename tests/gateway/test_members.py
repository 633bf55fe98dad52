"""Asking for guild members: the answer comes in pieces, in any order, or not at all."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, strategies as st

from acord.core.errors import InvalidRequest
from acord.core.members import MemberChunks, body_of
from acord.core.types import Snowflake
from acord.sandbox.scripted_gateway import GatewayPeer, scripted_gateway
from tests.gateway.test_shard import PATIENCE, FastClock, shard
from tests.turning import until


def chunk(index: int, count: int = 3, nonce: str = "n", **more: Any) -> dict[str, Any]:
    return {"nonce": nonce, "chunk_index": index, "chunk_count": count, "members": [index], **more}


@given(st.permutations([0, 1, 2, 0, 1, 2]))
def test_g40_chunks_in_any_order_and_doubled_are_complete_and_sorted(order: list[int]) -> None:
    chunks = MemberChunks("n")
    for index in order:
        assert chunks.chunk(chunk(index))

    assert [0, 1, 2] == chunks.result().members
    assert chunks.result().complete


def test_g40_a_missing_chunk_leaves_the_rest_and_says_so() -> None:
    chunks = MemberChunks("n")
    chunks.chunk(chunk(0))
    chunks.chunk(chunk(2, presences=["p"], not_found=["x"]))

    result = chunks.result()

    assert ([0, 2], ["p"], ["x"], False) == (result.members, result.presences, result.not_found, result.complete)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        chunk(0, nonce="other"),
        chunk(-1),
        chunk(3),
        chunk(0, count=0),
        chunk(0, count=10**9),
        {"nonce": "n", "chunk_index": "0", "chunk_count": 1},
        {"nonce": "n", "chunk_index": True, "chunk_count": 2},
    ],
    ids=repr,
)
def test_g40_what_is_no_chunk_of_this_request_is_let_by(body: object) -> None:
    chunks = MemberChunks("n")

    assert not chunks.chunk(body)
    assert not chunks.is_complete


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ({"opcode": 8, "retry_after": 2.5, "meta": {"guild_id": "1", "nonce": "n"}}, True),
        ({"opcode": 8, "retry_after": 2.5, "meta": {"guild_id": "1", "nonce": "m"}}, False),
        ({"opcode": 31, "retry_after": 2.5, "meta": {"nonce": "n"}}, False),
        ({"opcode": 8, "retry_after": None, "meta": {"nonce": "n"}}, False),
        ({"opcode": 8}, False),
        (None, False),
    ],
)
def test_g40_a_refusal_is_taken_by_whom_it_is_about(told: object, ours: bool) -> None:
    assert ours is MemberChunks("n").limited(told)


@pytest.mark.parametrize(("stated", "wait"), [(-1, 0.0), (float("nan"), 0.0), (1e18, 86_400.0), (10**400, 86_400.0)])
def test_g40_no_refusal_makes_a_request_wait_for_ever(stated: float, wait: float) -> None:
    chunks = MemberChunks("n")
    chunks.limited({"opcode": 8, "retry_after": stated, "meta": {"nonce": "n"}})

    assert wait == chunks.retry_after


def test_the_body_has_ids_as_digits_whatever_they_were_given_as() -> None:
    body = body_of(Snowflake(1), "n", user_ids=["2", 3], presences=True)

    assert {"guild_id": "1", "nonce": "n", "user_ids": ["2", "3"], "presences": True} == body
    assert {"guild_id": "1", "nonce": "n", "query": "", "limit": 0} == body_of("1", "n", query="")


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"guild_id": "a", "query": ""}, "guild_id"),
        ({"guild_id": -1, "query": ""}, "guild_id"),
        ({"guild_id": 1}, "query"),
        ({"guild_id": 1, "query": "", "user_ids": [1]}, "query"),
        ({"guild_id": 1, "user_ids": []}, "user_ids"),
        ({"guild_id": 1, "user_ids": range(101)}, "user_ids"),
        ({"guild_id": 1, "user_ids": [1, "x"]}, "user_ids[1]"),
    ],
)
def test_what_would_cost_the_session_is_refused(options: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        body_of(nonce="n", **options)

    assert argument == caught.value.argument


async def test_g40_members_are_collected_and_a_refusal_is_waited_out() -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        first = await peer.expect(8)
        refusal = {"opcode": 8, "retry_after": 0.001, "meta": {"guild_id": "1", "nonce": first["nonce"]}}
        await peer.send(0, refusal, 2, "RATE_LIMITED")
        second = await peer.expect(8)
        for s, index in ((3, 1), (4, 0)):
            await peer.send(0, chunk(index, 2, second["nonce"]), s, "GUILD_MEMBERS_CHUNK")
        await peer.gone()

    async with scripted_gateway(script) as server, shard(server) as under_test:
        async with asyncio.timeout(PATIENCE):
            found = await under_test.request_guild_members(1, query="")

    assert ([0, 1], True) == (found.members, found.complete)


async def test_g40_what_does_not_come_in_time_is_left_out() -> None:
    async def script(peer: GatewayPeer) -> None:
        await peer.ready()
        asked = await peer.expect(8)
        await peer.send(0, chunk(0, 2, asked["nonce"]), 2, "GUILD_MEMBERS_CHUNK")
        await peer.gone()

    class Soon(FastClock):
        """Calls it a day when the first chunk has been seen."""

        async def sleep(self, seconds: float) -> None:
            if seconds == 33.0:
                await until(lambda: self.shard is not None and self.shard.sequence == 2)
            else:
                await super().sleep(seconds)

    async with scripted_gateway(script) as server, shard(server, clock=Soon()) as under_test:
        async with asyncio.timeout(PATIENCE):
            found = await under_test.request_guild_members(1, query="", deadline=33.0)

        assert ([0], False) == (found.members, found.complete)
        assert 0 == len(under_test._members)
