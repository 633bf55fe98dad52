"""The sandbox as its users see it: one port, a client that knows nothing of it, and hands that break things."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from acord import File, Intents, Route, errors, events
from acord.core import abc
from acord.routes import (
    create_interaction_response,
    create_message,
    execute_webhook,
    get_channel,
    get_message,
    get_my_user,
    list_messages,
)
from acord.sandbox import Sandbox, SpecViolation, faults
from acord.testing.clock import VirtualTime, virtual_time
from tests.turning import until

INTENTS = Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT


async def test_a_request_is_answered_and_recorded_without_its_credential(sandbox: Sandbox) -> None:
    async with sandbox.http() as http:
        me = await http.request(get_my_user())

    assert ("acorn", sandbox.seeds.bot_id) == (me.username, str(me.id))
    (request,) = sandbox.requests
    assert ("GET", "/users/@me", "get_my_user", 200) == (
        request.method,
        request.path,
        request.operation,
        request.status,
    )
    assert "***" == request.headers["authorization"]
    assert sandbox.token not in repr(request) + "".join(sandbox.record.lines())


async def test_what_was_sent_is_there_and_its_files_can_be_had(sandbox: Sandbox, tmp_path: Path) -> None:
    async with sandbox.http() as http:
        made = await http.request(
            create_message(sandbox.general, content="look", files=[File(b"meow", filename="cat.txt")])
        )
        found = await http.request(get_message(sandbox.general, made.id))
        content = await http.download(found.attachments[0])

    assert ("look", b"meow") == (found.content, content)
    assert "look" == sandbox.said(sandbox.general)[-1]


async def test_a_client_hears_what_a_person_says_and_answers(sandbox: Sandbox) -> None:
    client = sandbox.client(intents=INTENTS)

    @client.on(events.MessageCreate)
    async def ping(message: events.MessageCreate) -> None:
        if message.content == "!ping":
            await client.http.request(create_message(message.channel_id, content="pong"))

    async with client:
        running = asyncio.create_task(client.run_forever())
        await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
        sandbox.alice.send(sandbox.general, "!ping")
        await sandbox.until(lambda: sandbox.said(sandbox.general)[-1] == "pong")
    await running


async def test_after_a_dropped_socket_the_session_goes_on_and_nothing_was_missed(sandbox: Sandbox) -> None:
    client, heard = sandbox.client(intents=INTENTS), list[str]()
    client.on(events.MessageCreate)(lambda message: heard.append(message.content))

    async with client:
        running = asyncio.create_task(client.run_forever())
        await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
        sandbox.gateway.drop()
        sandbox.bob.send(sandbox.general, "while you were away")
        await sandbox.until(lambda: heard)
    await running

    assert ["while you were away"] == heard
    sent = [one.op for one in sandbox.frames if one.direction == "in"]
    assert [2, 6] == [op for op in sent if op in (2, 6)]


@pytest.mark.parametrize("compression", [None, "zlib-stream", "zstd-stream"])
@pytest.mark.parametrize("encoding", ["json", "etf"])
async def test_every_form_of_the_gateway_is_spoken(sandbox: Sandbox, encoding: Any, compression: Any) -> None:
    client, heard = sandbox.client(intents=INTENTS, encoding=encoding, compress=compression), list[str]()
    client.on(events.MessageCreate)(lambda message: heard.append(message.content))

    async with client:
        running = asyncio.create_task(client.run_forever())
        await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
        sandbox.bob.send(sandbox.general, "hello, wörld")
        await sandbox.until(lambda: heard)
    await running

    assert ["hello, wörld"] == heard


async def test_a_fault_is_played_in_the_place_of_an_answer_as_often_as_it_was_asked_for(sandbox: Sandbox) -> None:
    fault = sandbox.fault("get_my_user", faults.answer(404, {"code": 10013, "message": "Unknown User"}), times=1)
    async with sandbox.http() as http:
        with pytest.raises(errors.NotFound, match="Unknown User"):
            await http.request(get_my_user())
        assert "acorn" == (await http.request(get_my_user())).username

    assert (1, 0) == (fault.played, fault.left)
    assert [None, 200] == [one.status for one in sandbox.requests]


async def test_a_fault_after_the_operation_loses_the_answer_only(sandbox: Sandbox) -> None:
    sandbox.fault("create_message", faults.reset, after=True)
    async with sandbox.http() as http:
        await http.request(create_message(sandbox.general, content="once"))

    assert 1 == sandbox.said(sandbox.general).count("once")
    assert 2 == len(sandbox.requests)


async def test_a_fault_of_an_event_breaks_the_connection_in_its_place_and_it_comes_after_the_resume(
    sandbox: Sandbox,
) -> None:
    client, heard = sandbox.client(intents=INTENTS), list[str]()
    client.on(events.MessageCreate)(lambda message: heard.append(message.content))
    sandbox.fault("MESSAGE_CREATE", faults.send(b"\x81\x7e\x10\x00{"), faults.reset)

    async with client:
        running = asyncio.create_task(client.run_forever())
        await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
        sandbox.bob.send(sandbox.general, "half of me")
        await sandbox.until(lambda: heard)
    await running

    assert ["half of me"] == heard


async def test_a_fault_for_what_does_not_exist_is_told_what_was_meant(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match=r"create_mesage.*create_message"):
        sandbox.fault("create_mesage", faults.reset)


async def test_an_endpoint_that_no_release_knows_can_be_tried(sandbox: Sandbox) -> None:
    sandbox.endpoint("POST", "/channels/{channel_id}/sparks", lambda path, body: {"in": path["channel_id"], **body})
    async with sandbox.http() as http:
        answer = await http.request(Route("POST", path=f"/channels/{sandbox.general}/sparks"), data={"lit": True})

    assert {"in": sandbox.general, "lit": True} == answer


async def test_an_earned_429_is_counted_and_says_whether_it_could_have_been_avoided(sandbox: Sandbox) -> None:
    sandbox.limits.set("get_channel", limit=2, window=60.0)
    async with sandbox.http(ratelimiter=None, decide=lambda attempt: None) as http:
        for _ in range(2):
            await http.request(get_channel(sandbox.general))
        with pytest.raises(errors.RateLimited):
            await http.request(get_channel(sandbox.general))

    (refused,) = sandbox.limits.refused
    assert ("get_channel", "user", True) == (refused.operation, refused.scope, refused.avoidable)


async def test_with_the_clients_limiter_none_is_earned(fake_clock: VirtualTime, sandbox: Sandbox) -> None:
    sandbox.limits.set("list_messages", limit=3, window=5.0)
    async with sandbox.http(clock=fake_clock) as http:
        await asyncio.gather(*(http.request(list_messages(sandbox.general)) for _ in range(10)))

    assert [] == sandbox.limits.refused
    assert 15.0 <= fake_clock.passed < 16.0


async def test_time_that_is_virtual_can_be_let_pass(fake_clock: VirtualTime, sandbox: Sandbox) -> None:
    begun = fake_clock.passed

    await sandbox.advance(60.0)

    assert 60.0 == pytest.approx(fake_clock.passed - begun)


async def test_a_poll_ends_when_its_time_has_passed() -> None:
    with virtual_time() as clock:
        async with Sandbox(wall=lambda: 1_750_000_000.0 + clock.passed) as sandbox, sandbox.http() as http:
            poll: Any = {"question": {"text": "Oak?"}, "answers": [{"poll_media": {"text": "yes"}}], "duration": 1}
            asked = await http.request(create_message(sandbox.general, poll=poll))

            await sandbox.advance(3601)

            result, ended = (await http.request(list_messages(sandbox.general)))[:2]
            assert (asked.id, True) == (ended.id, ended.poll and ended.poll.results and ended.poll.results.is_finalized)
            assert 46 == result.type


async def test_time_that_is_real_cannot(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="fake_clock"):
        await sandbox.advance(60.0)


async def test_waiting_in_vain_says_what_was_seen_last() -> None:
    with virtual_time():
        async with Sandbox() as sandbox, sandbox.http() as http:
            await http.request(get_my_user())
            with pytest.raises(TimeoutError, match=r"not within 3 s(.|\n)*get_my_user"):
                await sandbox.until(lambda: False, timeout=3.0)


async def test_what_the_sandbox_says_against_the_specification_fails_the_test_that_made_it_say_so() -> None:
    with pytest.raises(SpecViolation, match="get_my_user"):
        async with Sandbox() as sandbox, sandbox.http(decide=lambda attempt: None) as http:
            sandbox.api.handlers["get_my_user"] = lambda world, call: {"id": "no id", "username": 7}
            async with http.request(get_my_user()) as response:
                assert 500 == response.status


async def test_the_same_seed_makes_the_same_world() -> None:
    made = [Sandbox(seed=3, wall=lambda: 1_750_000_000.0) for _ in range(2)]

    assert made[0].seeds == made[1].seeds
    assert made[0].world.random.random() == made[1].world.random.random()


async def test_the_record_is_json_lines_and_a_diagram(sandbox: Sandbox, tmp_path: Path) -> None:
    async with sandbox.http() as http:
        await http.request(create_message(sandbox.general, content="hi; there\nend"))
    sandbox.record.write(tmp_path / "record.jsonl")

    (line,) = (tmp_path / "record.jsonl").read_text().splitlines()
    entry = json.loads(line)
    assert ("request", "create_message", "hi; there\nend") == (
        entry["kind"],
        entry["operation"],
        entry["body"]["content"],
    )
    assert f"    C->>D: POST /channels/{sandbox.general}/messages" in sandbox.record.mermaid().splitlines()


async def test_tokens_in_paths_and_bodies_are_recorded_as_stars(sandbox: Sandbox) -> None:
    bob = sandbox.bob
    client, tokens = sandbox.client(intents=INTENTS), list[str]()
    client.on(events.InteractionCreate)(lambda event: tokens.append(event.token))
    async with client:
        running = asyncio.create_task(client.run_forever())
        await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
        button: Any = {"type": 2, "style": 1, "label": "Press", "custom_id": "p"}
        row: Any = {"type": 1, "components": [button]}
        made = await client.http.request(create_message(sandbox.general, content="x", components=[row]))
        bob.press(made, "p")
        await sandbox.until(lambda: tokens)
        event = next(one for one in sandbox.frames if one.t == "INTERACTION_CREATE")
        route = create_interaction_response(event.d["id"], tokens[0], type=4, data={"content": "ok"})
        await client.http.request(route)
        with pytest.raises(errors.NotFound):
            await client.http.request(execute_webhook(1, "a-secret-of-a-webhook", content="x"))
    await running

    record = "".join(sandbox.record.lines())
    assert tokens[0] not in record and "a-secret-of-a-webhook" not in record and sandbox.token not in record


async def test_the_old_way_to_another_address_leads_here(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from acord import HTTPClient

    monkeypatch.setattr(abc, "BASE_API_URL", sandbox.url)
    async with HTTPClient(token=sandbox.token) as http:
        assert "acorn" == (await http.request(get_my_user())).username


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_T26_it_listens_on_this_machine_alone(host: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
        Sandbox(host=host)


async def test_leaving_it_leaves_nothing_behind(no_leaks: None) -> None:
    async with Sandbox() as sandbox:
        client = sandbox.client(intents=INTENTS)
        async with client:
            running = asyncio.create_task(client.run_forever())
            await sandbox.until(lambda: any(one.t == "GUILD_CREATE" for one in sandbox.frames))
        await running
        await until(lambda: not sandbox.conversations)
