"""Sessions on the sandbox's gateway: how they begin, go on, and end."""

import json

import pytest

from acord.core import etf
from acord.core.inflate import inflater
from acord.core.signals.gateway import Intents
from acord.sandbox.world import build
from tests.sandbox.hand import TOKEN, Client, Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()


# Beginning


def test_a_connection_begins_with_hello(scene: Scene) -> None:
    client = scene.connect()

    assert [{"t": None, "s": None, "op": 10, "d": {"heartbeat_interval": 41250}}] == client.got


def test_an_identify_is_answered_by_ready_and_the_guilds(scene: Scene) -> None:
    client = scene.connect()

    client.identify()

    assert ["READY", "GUILD_CREATE"] == client.names()
    assert [{"id": scene.guild.id, "unavailable": True}] == client.events("READY")[0]["guilds"]
    assert scene.guild.id == client.events("GUILD_CREATE")[0]["id"]


def test_ready_names_what_a_resume_needs(scene: Scene) -> None:
    scene.gateway.url = "ws://127.0.0.1:1"

    client = scene.ready(shard=[0, 1])

    ready = client.events("READY")[0]
    assert "ws://127.0.0.1:1" == ready["resume_gateway_url"]
    assert ready["session_id"] in scene.gateway.sessions
    assert ([0, 1], 10, scene.bot_id) == (ready["shard"], ready["v"], ready["user"]["id"])


@pytest.mark.parametrize("encoding", ["json", "etf"])
@pytest.mark.parametrize("compress", [None, "zlib-stream", "zstd-stream"])
def test_every_form_carries_the_same(scene: Scene, encoding: str, compress: str | None) -> None:
    if compress == "zstd-stream":
        pytest.importorskip("backports.zstd")
    client = scene.connect(encoding, compress)

    client.identify()
    scene.say("grün \U0001f333")

    assert "grün \U0001f333" == client.events("MESSAGE_CREATE")[0]["content"]
    assert (encoding == "json" and compress is None) == client.frames[0][1]


def test_payload_compression_begins_with_the_identify(scene: Scene) -> None:
    client = scene.connect()
    client.inflater = inflater("zlib-payload")

    client.identify(compress=True)

    assert [True, False] == [client.frames[0][1], client.frames[-1][1]]
    assert ["READY", "GUILD_CREATE"] == client.names()


def test_events_are_numbered_from_one(scene: Scene) -> None:
    client = scene.ready()

    scene.say()

    assert [None, 1, 2, 3] == [message["s"] for message in client.got]


# Refusals


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"token": f"Bot {TOKEN}"}, 4004),
        ({"intents": 1 << 40}, 4013),
        ({"intents": -1}, 4013),
        ({"shard": [1, 1]}, 4010),
        ({"shard": [0, 0]}, 4010),
        ({"intents": "all"}, 4001),
        ({"large_threshold": 5}, 4001),
    ],
)
def test_an_identify_out_of_order_closes_with_its_code(scene: Scene, more: dict[str, object], code: int) -> None:
    client = scene.connect()

    client.say(2, {"token": TOKEN, "intents": 1, "properties": {}} | more)

    assert code == client.code


@pytest.mark.parametrize("intent", list(Intents.privileged()))
def test_a_privileged_intent_needs_its_switch(scene: Scene, intent: Intents) -> None:
    scene.application["flags"] = 0
    client = scene.connect()

    client.identify(int(intent))

    assert 4014 == client.code


def test_too_many_guilds_on_a_shard_require_sharding() -> None:
    scene = Scene(guilds_per_shard=1)
    scene.add_guild("The beech")
    client = scene.connect()

    client.identify()

    assert 4011 == client.code


@pytest.mark.parametrize("version", ["", "5", "11", "ten"])
def test_a_version_that_is_not_served_closes_at_once(scene: Scene, version: str) -> None:
    client = scene.connect(v=version)

    assert (4012, []) == (client.code, client.got)


def test_an_unknown_encoding_closes_at_once(scene: Scene) -> None:
    client = scene.connect(encoding="xml")

    assert 4002 == client.code


def test_a_second_identify_closes(scene: Scene) -> None:
    client = scene.ready()

    client.identify()

    assert 4005 == client.code


def test_a_command_before_the_identify_closes(scene: Scene) -> None:
    client = scene.connect()

    client.say(3, {"since": None, "activities": [], "status": "idle", "afk": False})

    assert 4003 == client.code


@pytest.mark.parametrize("op", [5, 7, 9, 10, 11, 999])
def test_an_opcode_that_clients_do_not_send_closes(scene: Scene, op: int) -> None:
    client = scene.ready()

    client.say(op)

    assert 4001 == client.code


def test_a_presence_without_since_closes(scene: Scene) -> None:
    client = scene.ready()

    client.say(3, {"activities": [], "status": "idle", "afk": False})

    assert 4001 == client.code


def test_a_short_presence_is_forgiven(scene: Scene) -> None:
    client = scene.ready(presence={"status": "idle", "later": 1})

    client.say(3, {"since": 0.0, "status": "dnd"})

    assert None is client.code
    assert ["idle", "dnd"] == [client.events("GUILD_CREATE")[0]["presences"][0]["status"], scene.status()]


@pytest.mark.parametrize("data", ["{", "[]", "1", '{"op": "2"}', '{"op": true}', b"\xff\xfe", "[" * 3000])
def test_what_is_no_message_closes(scene: Scene, data: str | bytes) -> None:
    client = scene.ready()

    client.link.received(data)

    assert 4002 == client.code


def test_more_than_4096_bytes_close(scene: Scene) -> None:
    fits, too_large = scene.connect(), scene.connect()
    empty = len(json.dumps({"op": 1, "d": None, "x": ""}))

    fits.link.received(json.dumps({"op": 1, "d": None, "x": "a" * (4096 - empty)}))
    too_large.link.received(json.dumps({"op": 1, "d": None, "x": "a" * (4097 - empty)}))

    assert (None, 4002) == (fits.code, too_large.code)


def test_atoms_as_keys_of_etf_close(scene: Scene) -> None:
    client = scene.connect("etf")
    sound = etf.pack({"op": 1, "d": None})

    client.link.received(sound.replace(b"m\x00\x00\x00\x02op", b"w\x02op"))

    assert 4002 == client.code


def test_the_121st_message_in_a_minute_closes(scene: Scene) -> None:
    client = scene.ready()
    for _ in range(119):
        client.beat()
    assert client.code is None

    client.beat()

    assert 4008 == client.code
    assert client.session_id in scene.gateway.sessions


def test_messages_over_more_than_a_minute_do_not_close(scene: Scene) -> None:
    client = scene.ready()
    for _ in range(300):
        scene.clock.pass_(0.51)
        client.beat()

    assert client.code is None


# Starting them


def test_a_second_identify_of_a_slot_within_five_seconds_is_invalid(scene: Scene) -> None:
    scene.connect().identify()
    scene.clock.pass_(4.0)
    second = scene.connect()

    second.identify()

    assert (9, False) == (second.got[-1]["op"], second.got[-1]["d"])


def test_shards_of_different_slots_identify_at_once() -> None:
    scene = Scene(max_concurrency=2)
    clients = [scene.connect() for _ in range(3)]

    for shard, client in enumerate(clients):
        client.identify(shard=[shard, 4])

    assert [0, 0, 9] == [client.ops()[1] for client in clients]


def test_after_an_invalid_session_the_same_connection_may_identify(scene: Scene) -> None:
    scene.connect().identify()
    client = scene.connect()
    client.identify()
    scene.clock.pass_(5.0)

    client.identify()

    assert ["READY", "GUILD_CREATE"] == client.names()


def test_the_budget_counts_identifies_and_not_resumes(scene: Scene) -> None:
    client = scene.ready()
    client.link.gone(None)
    scene.connect().resume(client.session_id, 2)

    limit = scene.gateway.info(scene.world.accounts[TOKEN])["session_start_limit"]

    assert {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1} == limit


def test_the_budget_is_full_again_after_a_day(scene: Scene) -> None:
    scene.ready()
    scene.clock.pass_(86_400)

    limit = scene.gateway.info(scene.world.accounts[TOKEN])["session_start_limit"]

    assert (1000, 0) == (limit["remaining"], limit["reset_after"])


def test_over_the_budget_the_token_is_reset_and_sessions_end(scene: Scene) -> None:
    first = scene.ready()
    scene.gateway.starts(scene.world.accounts[TOKEN]).remaining = 0
    client = scene.connect()

    client.identify()

    assert (4004, 4004, {}) == (first.code, client.code, scene.gateway.sessions)
    assert TOKEN not in scene.world.accounts


def test_info_recommends_shards_by_the_guilds(scene: Scene) -> None:
    scene.gateway.url = "ws://127.0.0.1:1"

    assert {"url": "ws://127.0.0.1:1"} == scene.gateway.info()
    assert 1 == scene.gateway.info(scene.world.accounts[TOKEN])["shards"]
    assert 7 == Scene(shards=7).gateway.info(scene.world.accounts[TOKEN])["shards"]


# Beats


def test_a_beat_is_acknowledged(scene: Scene) -> None:
    client = scene.connect()

    client.say(1, None)

    assert [10, 11] == client.ops()


def test_who_does_not_beat_is_closed_and_may_resume(scene: Scene) -> None:
    client = scene.ready()

    scene.clock.pass_(41.25 * 1.5)

    assert 4000 == client.code
    assert client.session_id in scene.gateway.sessions


def test_who_beats_is_not_closed(scene: Scene) -> None:
    client = scene.ready()

    for _ in range(10):
        scene.clock.pass_(41.25)
        client.beat()

    assert client.code is None


# Going on


def dropped(scene: Scene) -> Client:
    client = scene.ready()
    client.link.gone(None)
    return client


def test_a_resume_replays_what_was_missed_in_order(scene: Scene) -> None:
    before = dropped(scene)
    for number in range(3):
        scene.say(str(number))
    client = scene.connect()

    client.resume(before.session_id, 2)

    assert ["0", "1", "2"] == [event["content"] for event in client.events("MESSAGE_CREATE")]
    assert "RESUMED" == client.names()[-1]
    assert [3, 4, 5, 6] == [message["s"] for message in client.got[1:]]


def test_a_resume_in_another_form_replays_the_same(scene: Scene) -> None:
    before = dropped(scene)
    scene.say("missed")
    client = scene.connect("etf", "zlib-stream")

    client.resume(before.session_id, 2)

    assert ["MESSAGE_CREATE", "RESUMED"] == client.names()


def test_what_is_replayed_is_what_was_said_then(scene: Scene) -> None:
    before = dropped(scene)
    message = scene.message("before")
    scene.world.emit("MESSAGE_CREATE", message, guild_id=scene.guild.id, channel_id=scene.general["id"])
    message["content"] = "after"
    client = scene.connect()

    client.resume(before.session_id, 2)

    assert "before" == client.events("MESSAGE_CREATE")[0]["content"]


def test_a_resumed_that_never_arrived_is_not_replayed_and_leaves_no_gap(scene: Scene) -> None:
    before = dropped(scene)
    lost = scene.connect()
    lost.resume(before.session_id, 2)
    scene.say("after the lost one")
    lost.link.gone(None)
    client = scene.connect()

    client.resume(before.session_id, 2)

    assert [("MESSAGE_CREATE", 3), ("RESUMED", 4)] == [(one["t"], one["s"]) for one in client.got[1:]]


def test_a_number_not_yet_given_closes(scene: Scene) -> None:
    before = dropped(scene)
    client = scene.connect()

    client.resume(before.session_id, 99)

    assert 4007 == client.code


@pytest.mark.parametrize("session_id", ["", "0" * 32])
def test_an_unknown_session_is_invalid(scene: Scene, session_id: str) -> None:
    client = scene.connect()

    client.resume(session_id, 1)

    assert (9, False) == (client.got[-1]["op"], client.got[-1]["d"])


def test_a_session_of_another_bot_is_unknown(scene: Scene) -> None:
    build.add_bot(scene.world, "beech", "another")
    before = dropped(scene)
    client = scene.connect()

    client.resume(before.session_id, 2, token="another")

    assert 9 == client.got[-1]["op"]
    assert before.session_id in scene.gateway.sessions


def test_a_resume_with_a_wrong_token_closes(scene: Scene) -> None:
    before = dropped(scene)
    client = scene.connect()

    client.resume(before.session_id, 2, token="wrong")

    assert 4004 == client.code


def test_a_session_expires_when_nobody_comes_back(scene: Scene) -> None:
    before = dropped(scene)
    scene.clock.pass_(180.0)
    client = scene.connect()

    client.resume(before.session_id, 2)

    assert 9 == client.got[-1]["op"]


def test_a_session_that_was_resumed_does_not_expire(scene: Scene) -> None:
    before = dropped(scene)
    scene.clock.pass_(179.0)
    client = scene.connect()
    client.resume(before.session_id, 2)
    for _ in range(10):
        scene.clock.pass_(40.0)
        client.beat()

    assert before.session_id in scene.gateway.sessions


@pytest.mark.parametrize(("code", "ends"), [(1000, True), (1001, True), (4000, False), (1006, False), (None, False)])
def test_only_1000_and_1001_end_a_session(scene: Scene, code: int | None, ends: bool) -> None:
    client = scene.ready()

    client.link.gone(code)

    assert ends == (client.session_id not in scene.gateway.sessions)


def test_what_is_older_than_the_buffer_cannot_be_resumed() -> None:
    scene = Scene(replay=3)
    before = dropped(scene)
    for _ in range(4):
        scene.say()
    client = scene.connect()

    client.resume(before.session_id, 2)

    assert 9 == client.got[-1]["op"]


def test_a_resume_takes_the_session_from_its_old_connection(scene: Scene) -> None:
    old = scene.ready()
    new = scene.connect()

    new.resume(old.session_id, 2)
    scene.say()

    assert (4000, []) == (old.code, old.events("MESSAGE_CREATE"))
    assert 1 == len(new.events("MESSAGE_CREATE"))


def test_two_sessions_of_one_shard_both_hear(scene: Scene) -> None:
    first, second = scene.ready(), scene.ready()

    scene.say()

    assert [1, 1] == [len(client.events("MESSAGE_CREATE")) for client in (first, second)]


def test_what_comes_after_the_end_is_ignored(scene: Scene) -> None:
    client = scene.ready()
    client.link.gone(1000)
    count = len(client.got)

    client.beat()
    scene.say()

    assert count == len(client.got)


def test_the_same_seed_gives_the_same_sessions() -> None:
    assert Scene().ready().session_id == Scene().ready().session_id
