"""What clients ask for over the sandbox's gateway."""

from typing import Any

import pytest

from acord.core.event import decode
from acord.core.signals.gateway import Intents
from acord.flags import Permissions
from acord.sandbox.world import build
from acord.sandbox.world.members import join as join_guild, kick_out
from acord.sandbox.world.voice import join_voice, leave_voice, move_voice
from tests.sandbox.hand import SWITCHES, WALL, Client, Scene

ALL = Intents.all()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def people(scene: Scene, count: int) -> list[str]:
    found = [build.add_user(scene.world, f"User {number:04}")["id"] for number in range(count)]
    for user_id in found:
        build.add_member(scene.world, scene.guild, user_id)
    return found


def chunks(client: Client) -> list[Any]:
    return client.events("GUILD_MEMBERS_CHUNK")


def ids(chunk: Any) -> list[str]:
    return [member["user"]["id"] for member in chunk["members"]]


# Members


def test_all_members_come_in_chunks(scene: Scene) -> None:
    scene = Scene(chunk=10)
    people(scene, 23)
    client = scene.ready()

    client.say(8, {"guild_id": scene.guild.id, "query": "", "limit": 0, "nonce": "mine"})

    assert [(0, 3, 10), (1, 3, 10), (2, 3, 5)] == [
        (chunk["chunk_index"], chunk["chunk_count"], len(chunk["members"])) for chunk in chunks(client)
    ]
    assert {"mine"} == {chunk["nonce"] for chunk in chunks(client)}
    assert list(scene.guild.members) == [one for chunk in chunks(client) for one in ids(chunk)]


def test_members_by_name_look_at_nicknames_too(scene: Scene) -> None:
    first, second, third = people(scene, 3)
    scene.guild.members[third]["nick"] = "user 0000 of old"
    client = scene.ready()

    client.say(8, {"guild_id": scene.guild.id, "query": "USER 0000", "limit": 0})

    assert [[first, third]] == [ids(chunk) for chunk in chunks(client)]
    assert second not in ids(chunks(client)[0])


@pytest.mark.parametrize(("limit", "found"), [(0, 100), (7, 7), (500, 100)])
def test_members_by_name_are_a_hundred_at_most(scene: Scene, limit: int, found: int) -> None:
    people(scene, 120)
    client = scene.ready()

    client.say(8, {"guild_id": scene.guild.id, "query": "user", "limit": limit})

    assert found == len(ids(chunks(client)[0]))


def test_members_by_id_name_those_who_are_none(scene: Scene) -> None:
    (one,) = people(scene, 1)
    client = scene.ready()

    client.say(8, {"guild_id": scene.guild.id, "user_ids": [one, "42"]})

    assert ([one], ["42"]) == (ids(chunks(client)[0]), chunks(client)[0]["not_found"])


def test_one_id_needs_no_list(scene: Scene) -> None:
    client = scene.ready()

    client.say(8, {"guild_id": scene.guild.id, "user_ids": scene.bot_id})

    assert [scene.bot_id] == ids(chunks(client)[0])


def test_nobody_is_one_empty_chunk(scene: Scene) -> None:
    client = scene.ready()

    client.say(8, {"guild_id": scene.guild.id, "query": "nobody", "limit": 1})

    assert [(0, 1, [])] == [(one["chunk_index"], one["chunk_count"], one["members"]) for one in chunks(client)]


def test_a_nonce_over_32_bytes_is_left_out(scene: Scene) -> None:
    client = scene.ready()

    for nonce in ("n" * 32, "n" * 33):
        client.say(8, {"guild_id": scene.guild.id, "user_ids": [scene.bot_id], "nonce": nonce})

    assert ["n" * 32, None] == [chunk.get("nonce") for chunk in chunks(client)]


def test_presences_come_where_they_are_asked_for(scene: Scene) -> None:
    client = scene.ready()

    for presences in (True, False):
        client.say(8, {"guild_id": scene.guild.id, "user_ids": [scene.bot_id], "presences": presences})

    with_, without = chunks(client)
    assert ["online"] == [presence["status"] for presence in with_["presences"]]
    assert "presences" not in without


def test_presences_need_their_intent(scene: Scene) -> None:
    client = scene.ready(int(ALL & ~Intents.GUILD_PRESENCES))

    client.say(8, {"guild_id": scene.guild.id, "user_ids": [scene.bot_id], "presences": True})

    assert "presences" not in chunks(client)[0]


def test_all_members_need_their_intent(scene: Scene) -> None:
    client = scene.ready(int(ALL & ~Intents.GUILD_MEMBERS))

    client.say(8, {"guild_id": scene.guild.id, "query": "", "limit": 0})
    client.say(8, {"guild_id": scene.guild.id, "query": "acorn", "limit": 0})

    assert [[scene.bot_id]] == [ids(chunk) for chunk in chunks(client)]
    assert [(8, "all members need the intent GUILD_MEMBERS")] == list(scene.gateway.ignored)


def test_all_members_of_a_guild_come_once_in_thirty_seconds(scene: Scene) -> None:
    client = scene.ready()
    other = scene.add_guild("The beech")
    ask = {"guild_id": scene.guild.id, "query": "", "limit": 0, "nonce": "mine"}
    client.say(8, ask)
    scene.clock.pass_(10.0)
    client.say(8, ask)
    client.say(8, {**ask, "guild_id": other.id})
    client.say(8, {**ask, "query": "a"})
    scene.clock.pass_(20.0)
    client.say(8, ask)

    meta = {"guild_id": scene.guild.id, "nonce": "mine"}
    assert [{"opcode": 8, "retry_after": 20.0, "meta": meta}] == client.events("RATE_LIMITED")
    assert 4 == len(chunks(client))


@pytest.mark.parametrize(
    "more",
    [{}, {"query": ""}, {"query": "", "limit": 0, "user_ids": ["1"]}, {"user_ids": ["a"]}, {"user_ids": ["1"] * 101}],
)
def test_a_request_for_members_that_fits_nothing_closes(scene: Scene, more: dict[str, Any]) -> None:
    client = scene.ready()

    client.say(8, {"guild_id": scene.guild.id, **more})

    assert 4001 == client.code


def test_members_of_another_shards_guild_do_not_come(scene: Scene) -> None:
    shard = (int(scene.guild.id) >> 22) % 2
    client = scene.ready(shard=[1 - shard, 2])

    client.say(8, {"guild_id": scene.guild.id, "query": "", "limit": 0})

    assert [] == chunks(client)


# Sounds and channels


def test_sounds_come_for_each_guild(scene: Scene) -> None:
    other = scene.add_guild("The beech")
    sound = {"sound_id": "1", "name": "plop", "guild_id": scene.guild.id}
    scene.guild.more["soundboard_sounds"] = {"1": sound}
    client = scene.ready()

    client.say(31, {"guild_ids": [scene.guild.id, other.id, "42"]})

    assert [
        {"soundboard_sounds": [sound], "guild_id": scene.guild.id},
        {"soundboard_sounds": [], "guild_id": other.id},
    ] == client.events("SOUNDBOARD_SOUNDS")


def test_channel_info_says_what_was_asked_of_channels_that_show_it(scene: Scene) -> None:
    voice, _quiet = (build.add_channel(scene.world, scene.guild, name, 2) for name in ("voice", "quiet"))
    scene.guild.more["voice_channel_statuses"] = {voice["id"]: {"status": "singing"}}
    client = scene.ready()
    join(scene, client, voice["id"])

    for fields in (["status"], ["status", "voice_start_time"]):
        client.say(43, {"guild_id": scene.guild.id, "fields": fields})

    first, second = client.events("CHANNEL_INFO")
    assert {"guild_id": scene.guild.id, "channels": [{"id": voice["id"], "status": "singing"}]} == first
    assert [{"id": voice["id"], "status": "singing", "voice_start_time": int(WALL) + 5}] == second["channels"]


def test_a_voice_session_begins_with_the_first_and_ends_with_the_last(scene: Scene) -> None:
    voice = build.add_channel(scene.world, scene.guild, "voice", 2)
    client = scene.ready()

    join_voice(scene.world, scene.guild, scene.alice["id"], voice["id"])
    join(scene, client, voice["id"])
    leave_voice(scene.world, scene.guild, scene.alice["id"])
    join(scene, client, None)

    times = [event["voice_start_time"] for event in client.events("VOICE_CHANNEL_START_TIME_UPDATE")]
    assert [int(WALL) + 5, None] == times


# Presence


def presence(status: str = "idle", **more: object) -> dict[str, object]:
    return {"since": None, "activities": [{"name": "chess", "type": 0}], "status": status, "afk": False, **more}


@pytest.fixture
def watcher(scene: Scene) -> Client:
    """Another bot in the same guild."""
    beech = build.add_bot(scene.world, "beech", "another", flags=SWITCHES)
    build.add_member(scene.world, scene.guild, beech["id"])
    client = scene.connect()
    client.identify(token="another")
    return client


def seen(watcher: Client) -> list[tuple[str, list[str]]]:
    return [
        (event["status"], [activity["name"] for activity in event["activities"]])
        for event in watcher.events("PRESENCE_UPDATE")
    ]


def test_others_see_a_bot_come_change_and_go(scene: Scene, watcher: Client) -> None:
    client = scene.ready()
    client.say(3, presence())
    client.link.gone(1000)

    assert [("online", []), ("idle", ["chess"]), ("offline", [])] == seen(watcher)


def test_the_presence_of_the_identify_is_the_first(scene: Scene, watcher: Client) -> None:
    scene.ready(presence=presence("dnd"))

    assert [("dnd", ["chess"])] == seen(watcher)


def test_who_is_invisible_is_offline_for_others(scene: Scene, watcher: Client) -> None:
    scene.ready().say(3, presence("invisible"))

    assert "offline" == seen(watcher)[-1][0]


def test_a_dropped_bot_stays_online_until_its_session_expires(scene: Scene, watcher: Client) -> None:
    client = scene.ready()
    client.link.gone(None)
    for _ in range(8):
        scene.clock.pass_(20.0)
        watcher.beat()
    before = seen(watcher)

    scene.clock.pass_(20.0)

    assert ([("online", [])], [("offline", [])]) == (before, seen(watcher)[1:])
    assert scene.bot_id not in scene.guild.presences


def test_a_bot_with_another_session_stays_online(scene: Scene, watcher: Client) -> None:
    first = scene.ready()
    scene.ready()

    first.link.gone(1000)

    assert scene.bot_id in scene.guild.presences


def test_the_sixth_presence_in_twenty_seconds_is_passed_over(scene: Scene, watcher: Client) -> None:
    client = scene.ready()
    for _ in range(6):
        client.say(3, presence())
    limited = len(seen(watcher))
    scene.clock.pass_(20.0)

    client.say(3, presence())

    assert (1 + 5, 1 + 6, None) == (limited, len(seen(watcher)), client.code)


def test_a_presence_fits_the_models(scene: Scene, watcher: Client) -> None:
    scene.ready().say(3, presence())

    for event in watcher.events("PRESENCE_UPDATE"):
        decode("PRESENCE_UPDATE", event, strict=True)


# Voice


@pytest.fixture
def voice(scene: Scene) -> dict[str, Any]:
    return build.add_channel(scene.world, scene.guild, "voice", 2)


def join(scene: Scene, client: Client, channel_id: str | None, **more: object) -> None:
    state = {"guild_id": scene.guild.id, "channel_id": channel_id, "self_mute": False, "self_deaf": False}
    client.say(4, state | more)


def test_who_joins_gets_the_state_and_the_server(scene: Scene, voice: dict[str, Any]) -> None:
    client = scene.ready()

    join(scene, client, voice["id"], self_deaf=True)

    (state,) = client.events("VOICE_STATE_UPDATE")
    (server,) = client.events("VOICE_SERVER_UPDATE")
    assert (voice["id"], True, client.session_id) == (state["channel_id"], state["self_deaf"], state["session_id"])
    assert (scene.guild.id, "voice.invalid:443") == (server["guild_id"], server["endpoint"])
    decode("VOICE_STATE_UPDATE", state, strict=True)
    decode("VOICE_SERVER_UPDATE", server, strict=True)


def test_who_moves_gets_another_token_and_who_mutes_none(scene: Scene, voice: dict[str, Any]) -> None:
    other = build.add_channel(scene.world, scene.guild, "other", 2)
    client = scene.ready()

    join(scene, client, voice["id"])
    join(scene, client, voice["id"], self_mute=True)
    join(scene, client, other["id"])

    tokens = [event["token"] for event in client.events("VOICE_SERVER_UPDATE")]
    assert (3, 2, 2) == (len(client.events("VOICE_STATE_UPDATE")), len(tokens), len(set(tokens)))


def test_who_leaves_is_gone(scene: Scene, voice: dict[str, Any]) -> None:
    client = scene.ready()
    join(scene, client, voice["id"])

    join(scene, client, None)

    assert None is client.events("VOICE_STATE_UPDATE")[-1]["channel_id"]
    assert {} == scene.guild.voice_states


def test_who_begins_later_sees_who_is_there(scene: Scene, voice: dict[str, Any]) -> None:
    join(scene, scene.ready(), voice["id"])

    (event,) = scene.ready().events("GUILD_CREATE")

    assert [voice["id"]] == [state["channel_id"] for state in event["voice_states"]]
    decode("GUILD_CREATE", event, strict=True)


def test_a_full_or_forbidden_or_wrong_channel_is_silent(scene: Scene, voice: dict[str, Any]) -> None:
    client = scene.ready()
    voice["user_limit"] = 1
    scene.guild.voice_states[scene.alice["id"]] = {"channel_id": voice["id"], "user_id": scene.alice["id"]}
    forbidden = build.add_channel(scene.world, scene.guild, "forbidden", 2)
    deny = {"id": scene.guild.id, "type": 0, "allow": "0", "deny": str(int(Permissions.CONNECT))}
    forbidden["permission_overwrites"] = [deny]

    for channel_id in (voice["id"], forbidden["id"], scene.general["id"], "42", None):
        join(scene, client, channel_id)

    assert ([], 5) == (client.events("VOICE_STATE_UPDATE"), len(scene.gateway.ignored))


def test_who_is_moved_gets_another_server(scene: Scene, voice: dict[str, Any]) -> None:
    other = build.add_channel(scene.world, scene.guild, "other", 2)
    client = scene.ready()
    join(scene, client, voice["id"])

    move_voice(scene.world, scene.guild, scene.bot_id, other["id"])

    assert other["id"] == client.events("VOICE_STATE_UPDATE")[-1]["channel_id"]
    assert 2 == len(client.events("VOICE_SERVER_UPDATE"))


def test_the_voice_of_another_session_brings_no_server(scene: Scene, voice: dict[str, Any]) -> None:
    speaking, listening = scene.ready(), scene.ready()

    join(scene, speaking, voice["id"])

    assert [1, 1] == [len(client.events("VOICE_STATE_UPDATE")) for client in (speaking, listening)]
    assert [1, 0] == [len(client.events("VOICE_SERVER_UPDATE")) for client in (speaking, listening)]


def test_who_ends_its_session_leaves_voice(scene: Scene, voice: dict[str, Any], watcher: Client) -> None:
    client = scene.ready()
    join(scene, client, voice["id"])

    client.link.gone(1000)

    assert {} == scene.guild.voice_states
    assert [voice["id"], None] == [event["channel_id"] for event in watcher.events("VOICE_STATE_UPDATE")]


def test_who_joins_a_guild_is_online_there(scene: Scene) -> None:
    client = scene.ready(presence=presence("dnd"))
    guild = build.add_guild(scene.world, "The beech", scene.alice["id"])

    join_guild(scene.world, guild, scene.bot_id)

    assert guild.id == client.events("GUILD_CREATE")[-1]["id"]
    assert "dnd" == guild.presences[scene.bot_id]["status"]


def test_who_leaves_a_guild_hears_that_and_no_more_of_it(scene: Scene) -> None:
    client = scene.ready()

    kick_out(scene.world, scene.guild, scene.bot_id)
    scene.world.emit("GUILD_UPDATE", {"id": scene.guild.id}, guild_id=scene.guild.id)

    assert [scene.guild.id] == [one["id"] for one in client.events("GUILD_DELETE")]
    assert [] == client.events("GUILD_UPDATE")
