"""Which event reaches which session of the sandbox's gateway, and what of it."""

from typing import Any

import pytest

from acord.core.event import decode
from acord.core.signals.gateway import EVENT_INTENTS, Intents
from acord.flags import Permissions
from acord.sandbox.gateway.intents import lets_through
from acord.sandbox.world import build
from tests.sandbox.hand import SWITCHES, Client, Scene

NONE, ALL = int(Intents.none()), int(Intents.all())


@pytest.fixture
def scene() -> Scene:
    return Scene()


def without(*intents: Intents) -> int:
    left = Intents.all()
    for intent in intents:
        left &= ~intent
    return int(left)


# Intents


@pytest.mark.parametrize("name", sorted(EVENT_INTENTS))
def test_an_event_comes_with_any_of_its_intents_and_with_no_other(name: str) -> None:
    of_guild = lets_through(name, Intents.all(), direct=False)
    direct = lets_through(name, Intents.all(), direct=True)
    with_others = Intents.all() & ~EVENT_INTENTS[name]

    assert of_guild or direct
    assert not lets_through(name, with_others, direct=False)
    assert not lets_through(name, with_others, direct=True)


@pytest.mark.parametrize(
    ("name", "direct", "intent"),
    [
        ("MESSAGE_CREATE", False, Intents.GUILD_MESSAGES),
        ("MESSAGE_CREATE", True, Intents.DIRECT_MESSAGES),
        ("TYPING_START", False, Intents.GUILD_MESSAGE_TYPING),
        ("TYPING_START", True, Intents.DIRECT_MESSAGE_TYPING),
        ("CHANNEL_PINS_UPDATE", False, Intents.GUILDS),
        ("CHANNEL_PINS_UPDATE", True, Intents.DIRECT_MESSAGES),
        ("MESSAGE_POLL_VOTE_ADD", True, Intents.DIRECT_MESSAGE_POLLS),
    ],
)
def test_guilds_and_direct_messages_have_intents_of_their_own(name: str, direct: bool, intent: Intents) -> None:
    assert lets_through(name, intent, direct=direct)
    assert not lets_through(name, intent, direct=not direct)


@pytest.mark.parametrize("name", ["INTERACTION_CREATE", "USER_UPDATE", "VOICE_SERVER_UPDATE", "NEVER_HEARD_OF"])
def test_an_event_of_no_intent_always_comes(name: str) -> None:
    assert lets_through(name, Intents.none(), direct=False)


def test_without_intents_a_session_hears_nothing(scene: Scene) -> None:
    client = scene.ready(NONE)

    scene.say()

    assert ["READY"] == client.names()


def test_the_bots_own_member_needs_no_intent(scene: Scene) -> None:
    client = scene.ready(NONE)
    for user_id in (scene.alice["id"], scene.bot_id):
        member = {"guild_id": scene.guild.id, "user": scene.world.users[user_id], "roles": []}
        scene.world.emit("GUILD_MEMBER_UPDATE", member, guild_id=scene.guild.id)

    assert [scene.bot_id] == [event["user"]["id"] for event in client.events("GUILD_MEMBER_UPDATE")]


@pytest.mark.parametrize(
    ("intents", "added"),
    [(ALL, ["alice", "bot"]), (without(Intents.GUILD_MEMBERS), ["bot"])],
)
def test_thread_members_are_named_by_the_intent(scene: Scene, intents: int, added: list[str]) -> None:
    client = scene.ready(intents)
    names = {scene.alice["id"]: "alice", scene.bot_id: "bot"}
    data: dict[str, Any] = {"id": "1", "guild_id": scene.guild.id, "member_count": 2}
    data["added_members"] = [{"id": "1", "user_id": user_id} for user_id in names]

    scene.world.emit("THREAD_MEMBERS_UPDATE", data, guild_id=scene.guild.id)

    (event,) = client.events("THREAD_MEMBERS_UPDATE")
    assert added == [names[one["user_id"]] for one in event["added_members"]]


def test_threads_of_others_are_none_of_a_session_without_members(scene: Scene) -> None:
    client = scene.ready(without(Intents.GUILD_MEMBERS))
    data = {"id": "1", "guild_id": scene.guild.id, "member_count": 1, "removed_member_ids": [scene.alice["id"]]}

    scene.world.emit("THREAD_MEMBERS_UPDATE", data, guild_id=scene.guild.id)

    assert [] == client.events("THREAD_MEMBERS_UPDATE")


# Whom it concerns


def test_what_happens_in_a_channel_reaches_who_may_see_it(scene: Scene) -> None:
    client = scene.ready()
    hidden = {"id": scene.guild.id, "type": 0, "allow": "0", "deny": str(int(Permissions.VIEW_CHANNEL))}
    scene.general["permission_overwrites"] = [hidden]

    scene.say()

    assert [] == client.events("MESSAGE_CREATE")


def test_what_is_for_one_user_reaches_only_that_one(scene: Scene) -> None:
    client = scene.ready()

    for user_id in (scene.alice["id"], scene.bot_id):
        scene.world.emit("USER_UPDATE", {"id": user_id}, users=frozenset({user_id}))

    assert [{"id": scene.bot_id}] == client.events("USER_UPDATE")


def test_a_guild_without_the_bot_is_silent(scene: Scene) -> None:
    client = scene.ready()
    other = build.add_guild(scene.world, "The beech", scene.alice["id"])

    scene.world.emit("GUILD_UPDATE", {"id": other.id}, guild_id=other.id)

    assert [] == client.events("GUILD_UPDATE")


def test_the_audit_log_needs_its_permission(scene: Scene) -> None:
    client = scene.ready()
    entry = {"id": "1", "guild_id": scene.guild.id}
    scene.world.emit("GUILD_AUDIT_LOG_ENTRY_CREATE", entry, guild_id=scene.guild.id)
    role = build.add_role(scene.world, scene.guild, "auditor", Permissions.VIEW_AUDIT_LOG)
    scene.guild.members[scene.bot_id]["roles"] = [role["id"]]

    scene.world.emit("GUILD_AUDIT_LOG_ENTRY_CREATE", entry | {"id": "2"}, guild_id=scene.guild.id)

    assert ["2"] == [event["id"] for event in client.events("GUILD_AUDIT_LOG_ENTRY_CREATE")]


def shards(scene: Scene, count: int) -> list[Client]:
    return [scene.ready(ALL, shard=[shard, count]) for shard in range(count)]


def test_a_guild_lives_on_one_shard(scene: Scene) -> None:
    scene.clock.pass_(0.001)
    other = scene.add_guild("The beech")
    clients = shards(scene, 2)

    created = [[event["id"] for event in client.events("GUILD_CREATE")] for client in clients]

    assert [[guild] for guild in sorted((scene.guild.id, other.id), key=lambda one: (int(one) >> 22) % 2)] == created


def test_what_is_of_no_guild_comes_on_shard_0(scene: Scene) -> None:
    clients = shards(scene, 2)

    scene.world.emit("USER_UPDATE", {"id": scene.bot_id}, users=frozenset({scene.bot_id}))

    assert [1, 0] == [len(client.events("USER_UPDATE")) for client in clients]


def test_two_bots_hear_apart(scene: Scene) -> None:
    beech = build.add_bot(scene.world, "beech", "another", flags=SWITCHES)
    acorn = scene.ready()
    other = scene.connect()
    other.identify(token="another")

    scene.say()

    assert (beech["id"], []) == (other.events("READY")[0]["user"]["id"], other.events("MESSAGE_CREATE"))
    assert 1 == len(acorn.events("MESSAGE_CREATE"))


# What messages say


def content(client: Client) -> list[str]:
    return [event["content"] for event in client.events("MESSAGE_CREATE")]


def test_content_needs_its_intent(scene: Scene) -> None:
    client = scene.ready(without(Intents.MESSAGE_CONTENT))

    scene.say("secret", embeds=[{"title": "secret"}], poll={"question": {"text": "secret"}})

    (message,) = client.events("MESSAGE_CREATE")
    assert ("", [], [], []) == tuple(message[key] for key in ("content", "embeds", "attachments", "components"))
    assert "poll" not in message


def test_content_of_the_bots_own_messages_comes(scene: Scene) -> None:
    client = scene.ready(without(Intents.MESSAGE_CONTENT))

    scene.say("mine", author=scene.bot_id)

    assert ["mine"] == content(client)


def test_content_of_what_mentions_the_bot_comes(scene: Scene) -> None:
    client = scene.ready(without(Intents.MESSAGE_CONTENT))

    scene.say("hey", mentions=[scene.world.users[scene.bot_id]])

    assert ["hey"] == content(client)


def test_content_of_direct_messages_comes(scene: Scene) -> None:
    client = scene.ready(without(Intents.MESSAGE_CONTENT))
    direct = scene.message("psst")
    del direct["guild_id"]

    scene.world.emit("MESSAGE_CREATE", direct, users=frozenset({scene.bot_id}))

    assert ["psst"] == content(client)


def test_content_that_is_quoted_is_judged_by_itself(scene: Scene) -> None:
    client = scene.ready(without(Intents.MESSAGE_CONTENT))
    own, foreign = scene.message("own", author=scene.bot_id), scene.message("foreign")

    scene.say("a", referenced_message=own)
    scene.say("b", referenced_message=foreign, mentions=[scene.world.users[scene.bot_id]])

    quoted = [event["referenced_message"]["content"] for event in client.events("MESSAGE_CREATE")]
    assert (["", "b"], ["own", ""]) == (content(client), quoted)


def test_who_is_told_less_changes_nothing_for_others(scene: Scene) -> None:
    less, all_ = scene.ready(without(Intents.MESSAGE_CONTENT)), scene.ready()

    scene.say("secret")

    assert ([""], ["secret"]) == (content(less), content(all_))


# Guilds whole


def test_members_and_presences_come_with_presences(scene: Scene) -> None:
    scene.guild.presences[scene.alice["id"]] = {"user": {"id": scene.alice["id"]}, "status": "idle", "activities": []}

    (with_,) = scene.ready().events("GUILD_CREATE")
    (without_,) = scene.ready(without(Intents.GUILD_PRESENCES)).events("GUILD_CREATE")

    assert {scene.alice["id"], scene.bot_id} == {member["user"]["id"] for member in with_["members"]}
    assert "idle" in [presence["status"] for presence in with_["presences"]]
    assert [scene.bot_id] == [member["user"]["id"] for member in without_["members"]]
    assert [] == without_["presences"]


def test_of_a_large_guild_come_those_who_are_there(scene: Scene) -> None:
    for number in range(60):
        build.add_member(scene.world, scene.guild, build.add_user(scene.world, f"user {number}")["id"])
    named = build.add_user(scene.world, "Named")["id"]
    build.add_member(scene.world, scene.guild, named)["nick"] = "The named one"

    (event,) = scene.ready(large_threshold=50).events("GUILD_CREATE")

    assert (True, 63) == (event["large"], event["member_count"])
    assert {named, scene.bot_id} == {member["user"]["id"] for member in event["members"]}


def test_a_guild_that_the_bot_joins_comes_whole(scene: Scene) -> None:
    client = scene.ready()
    guild = scene.add_guild("The beech")

    scene.world.emit("GUILD_CREATE", {"id": guild.id}, guild_id=guild.id)

    assert "The beech" == client.events("GUILD_CREATE")[-1]["name"]
    assert client.events("GUILD_CREATE")[-1]["roles"]


def test_an_outage_is_told_and_its_end(scene: Scene) -> None:
    client = scene.ready()

    scene.gateway.outage(scene.guild.id)
    scene.gateway.outage(scene.guild.id, over=True)

    assert ["GUILD_CREATE", "GUILD_DELETE", "GUILD_CREATE"] == [
        name for name in client.names() if name.startswith("GUILD_")
    ]
    assert [{"id": scene.guild.id, "unavailable": True}] == client.events("GUILD_DELETE")
    assert [] == client.events("PRESENCE_UPDATE")


def test_what_a_beginning_says_fits_the_models(scene: Scene) -> None:
    build.add_channel(scene.world, scene.guild, "voice", 2)
    client = scene.ready(ALL, shard=[0, 1])

    for message in client.got[1:]:
        decode(message["t"], message["d"], strict=True)

    assert ["READY", "GUILD_CREATE"] == client.names()


def test_all_that_a_gateway_says_by_itself_is_what_the_spec_allows(scene: Scene) -> None:
    voice = build.add_channel(scene.world, scene.guild, "voice", 2)["id"]
    client = scene.ready(ALL, shard=[0, 1])
    guild_id = scene.guild.id

    client.say(3, {"since": None, "activities": [{"name": "chess", "type": 0}], "status": "idle", "afk": False})
    client.say(4, {"guild_id": guild_id, "channel_id": voice, "self_mute": True, "self_deaf": False})
    for _ in range(2):
        client.say(8, {"guild_id": guild_id, "query": "", "limit": 0, "presences": True, "nonce": "a"})
    client.say(8, {"guild_id": guild_id, "user_ids": ["42"]})
    client.say(31, {"guild_ids": [guild_id]})
    client.say(43, {"guild_id": guild_id, "fields": ["status", "voice_start_time"]})
    scene.gateway.outage(guild_id)
    scene.gateway.outage(guild_id, over=True)
    client.link.gone(None)
    resumed = scene.connect()
    resumed.resume(client.session_id, client.seq or 0)

    assert ([], None) == (scene.gateway.violations, client.code)
    assert {"READY", "RATE_LIMITED", "CHANNEL_INFO", "SOUNDBOARD_SOUNDS", "VOICE_SERVER_UPDATE"} <= {*client.names()}


def test_an_event_that_discord_would_not_send_is_a_violation(scene: Scene) -> None:
    scene.ready()

    scene.world.emit("CHANNEL_CREATE", {**scene.general, "colour": "red"}, guild_id=scene.guild.id)

    (violation,) = scene.gateway.violations
    assert "CHANNEL_CREATE: colour: a field that ChannelCreate does not have" == str(violation)
