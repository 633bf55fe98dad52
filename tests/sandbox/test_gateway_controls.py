"""What a test may make the sandbox's gateway do."""

import json
from typing import Any

import pytest

from acord.core.signals.gateway import VERDICTS, Intents, Verdict
from tests.sandbox.hand import TOKEN, Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_drop_ends_the_connection_and_keeps_the_session(scene: Scene) -> None:
    client = scene.ready()

    scene.gateway.drop()

    assert (True, None, []) == (client.aborted, client.code, scene.gateway.links)
    assert client.session_id in scene.gateway.sessions


def test_a_control_may_mean_one_connection(scene: Scene) -> None:
    first, second = scene.ready(), scene.ready()

    scene.gateway.drop(second.link)

    assert [False, True] == [first.aborted, second.aborted]


@pytest.mark.parametrize("code", sorted(VERDICTS))
def test_a_close_code_ends_the_session_where_a_new_one_is_due(scene: Scene, code: int) -> None:
    client = scene.ready()

    scene.gateway.close(code)

    assert code == client.code
    assert (VERDICTS[code] is Verdict.RESUME) == (client.session_id in scene.gateway.sessions)


def test_a_reconnect_is_asked_for_and_then_enforced(scene: Scene) -> None:
    client = scene.ready()

    scene.gateway.reconnect()
    asked = (client.got[-1]["op"], client.code)
    scene.clock.pass_(5.0)

    assert ((7, None), 4000) == (asked, client.code)
    assert client.session_id in scene.gateway.sessions


@pytest.mark.parametrize("resumable", [True, False])
def test_an_invalidated_session_is_over_unless_it_may_be_resumed(scene: Scene, resumable: bool) -> None:
    client = scene.ready()

    scene.gateway.invalidate(resumable=resumable)
    scene.say()

    assert (9, resumable) == (client.got[-1]["op"], client.got[-1]["d"])
    assert resumable == (client.session_id in scene.gateway.sessions)


def test_an_invalidated_session_may_be_resumed_on_the_same_connection(scene: Scene) -> None:
    client = scene.ready()
    scene.gateway.invalidate(resumable=True)
    scene.say("missed")

    client.resume(client.session_id, 2)

    assert ["MESSAGE_CREATE", "RESUMED"] == client.names()[-2:]


def test_a_beat_may_be_asked_for(scene: Scene) -> None:
    client = scene.ready()

    scene.gateway.ask_beat()

    assert 1 == client.got[-1]["op"]


def test_muted_beats_are_not_acknowledged(scene: Scene) -> None:
    client = scene.ready()

    scene.gateway.mute_acks()
    client.beat()
    scene.gateway.mute_acks(False)
    client.beat()

    assert 1 == client.ops().count(11)


def test_a_corrupt_text_cannot_be_read_and_the_next_can(scene: Scene) -> None:
    client = scene.ready()

    scene.gateway.corrupt()
    scene.say("a")
    scene.say("b")

    assert "unreadable" in client.got[-2]
    assert "b" == client.got[-1]["d"]["content"]


def test_a_corrupt_stream_is_not_what_was_meant() -> None:
    def sent(corrupt: int) -> list[bytes]:
        scene = Scene()
        client = scene.connect("etf")
        client.identify()
        scene.gateway.corrupt(messages=corrupt)
        for _ in range(3):
            scene.say()
        return [data for data, _ in client.frames[-3:]]

    sound, damaged = sent(0), sent(2)

    assert [False, False, True] == [one == other for one, other in zip(sound, damaged, strict=True)]
    assert [len(one) for one in sound] == [len(one) for one in damaged]


def test_a_corrupt_stream_is_the_same_for_the_same_seed() -> None:
    def damaged() -> bytes:
        scene = Scene()
        client = scene.connect("etf")
        client.identify()
        scene.gateway.corrupt()
        scene.say()
        return client.frames[-1][0]

    assert damaged() == damaged()


def test_an_event_may_be_late_and_the_order_stays(scene: Scene) -> None:
    client = scene.ready()
    scene.gateway.delay(2.0, "MESSAGE_CREATE")
    scene.say("a")
    scene.gateway.delay(0, "MESSAGE_CREATE")
    scene.say("b")
    scene.world.emit("USER_UPDATE", {"id": scene.bot_id}, users=frozenset({scene.bot_id}))
    before = client.names()[2:]

    scene.clock.pass_(2.0)

    assert ["USER_UPDATE"] == before
    assert ["a", "b"] == [event["content"] for event in client.events("MESSAGE_CREATE")]
    assert [1, 2, 3, 4, 5] == [message["s"] for message in client.got[1:]]


def test_everything_may_be_late(scene: Scene) -> None:
    client = scene.ready()
    scene.gateway.delay(1.0)
    client.beat()
    scene.say()
    before = client.ops()

    scene.clock.pass_(1.0)

    assert [11, 0] == client.ops()[len(before) :]


def test_what_is_held_comes_when_it_is_released(scene: Scene) -> None:
    client = scene.connect()
    with scene.gateway.hold("READY") as hold:
        client.identify()
        before = client.names()

    assert (["GUILD_CREATE"], ["GUILD_CREATE", "READY"]) == (before, client.names())
    assert not hold.kept


def test_an_acknowledgement_may_be_held(scene: Scene) -> None:
    client = scene.ready()
    hold = scene.gateway.hold("HEARTBEAT_ACK")
    client.beat()
    before = client.ops().count(11)

    hold.release()

    assert (0, 1) == (before, client.ops().count(11))


def test_what_is_held_for_a_session_without_connection_waits_for_its_resume(scene: Scene) -> None:
    before = scene.ready()
    with scene.gateway.hold("MESSAGE_CREATE"):
        scene.say()
        before.link.gone(None)
    client = scene.connect()

    client.resume(before.session_id, 2)

    assert ["MESSAGE_CREATE", "RESUMED"] == client.names()


def test_who_looks_on_sees_every_message_and_no_token(scene: Scene) -> None:
    seen: list[tuple[str, Any]] = []
    scene.gateway.on_frame = lambda link, way, frame: seen.append((way, frame))

    scene.ready(int(Intents.GUILDS))

    assert [("out", 10), ("in", 2), ("out", 0), ("out", 0)] == [(way, frame["op"]) for way, frame in seen]
    assert TOKEN not in json.dumps(seen)
    assert "***" == seen[1][1]["d"]["token"]


def test_nothing_of_a_connection_stays_when_it_is_over(scene: Scene) -> None:
    client = scene.ready()
    client.link.gone(1000)

    scene.clock.pass_(1000.0)

    assert ([], {}) == (scene.gateway.links, scene.gateway.sessions)
    assert (None, False) == (client.closed, client.aborted)
