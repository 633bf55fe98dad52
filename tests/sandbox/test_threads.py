"""Threads: started, joined, archived, listed; and what bots are told that come to see more."""

from __future__ import annotations

from acord import File
from acord.core.signals.rest import ErrorCode
from acord.flags import ChannelFlags, MessageFlags, Permissions
from acord.routes import channels, messages, roles
from acord.sandbox.answers import Json
from acord.sandbox.world import build
from acord.sandbox.world.passing import settle
from acord.sandbox.world.views import guild_create
from tests.sandbox.kit import Town, refused, town

PUBLIC, PRIVATE = 11, 12


def started(kind: int = PUBLIC) -> tuple[Town, Json]:
    place = town()
    thread = place.ask(channels.create_thread(place.general["id"], name="roots", type=kind))
    place.events()
    return place, thread


def names(place: Town) -> list[str]:
    return [name for name, _ in place.events() if name != "GUILD_AUDIT_LOG_ENTRY_CREATE"]


def archive(place: Town, thread: Json) -> None:
    place.ask(channels.update_channel(thread["id"], archived=True))
    place.clock.now += 1


def test_a_thread_of_a_message_has_its_id_and_shows_on_it() -> None:
    place = town()
    message = place.message("seed")

    thread = place.ask(channels.create_thread_from_message(place.general["id"], message["id"], name="tree"))

    assert (message["id"], PUBLIC, place.general["id"], 1) == (
        thread["id"],
        thread["type"],
        thread["parent_id"],
        thread["member_count"],
    )
    found = place.ask(messages.get_message(place.general["id"], message["id"]))
    assert MessageFlags.HAS_THREAD & found["flags"]
    assert "tree" == found["thread"]["name"]
    [first] = place.ask(messages.list_messages(thread["id"]))
    assert (21, "seed") == (first["type"], first["referenced_message"]["content"])
    assert ["THREAD_CREATE", "MESSAGE_UPDATE", "MESSAGE_CREATE"] == list(dict.fromkeys(names(place)))
    with refused(ErrorCode.THREAD_ALREADY_CREATED):
        place.ask(channels.create_thread_from_message(place.general["id"], message["id"], name="again"))


def test_each_is_told_of_a_new_thread_with_their_own_membership() -> None:
    place = town()
    place.ask(channels.create_thread(place.general["id"], name="roots", type=PUBLIC))

    told = [one for one in place.heard if one.name == "THREAD_CREATE"]

    assert all(one.data["newly_created"] for one in told)
    for who, inside in ((place.bot.user_id, True), (place.alice["id"], False)):
        [mine] = [one.data for one in told if place.world.concerns(one, who)]
        assert inside is ("member" in mine)


def test_a_public_thread_without_a_message_is_announced_in_its_channel() -> None:
    place, thread = started()

    [said] = place.ask(messages.list_messages(place.general["id"]))

    assert (18, "roots", thread["id"]) == (said["type"], said["content"], said["message_reference"]["channel_id"])


def test_a_private_thread_is_seen_by_its_members_and_moderators_only() -> None:
    place, thread = started(PRIVATE)
    bob = place.person(place.bob)

    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(channels.get_channel(thread["id"]), bob)
    place.ask(channels.add_thread_member(thread["id"], place.bob["id"]))
    assert "member" in place.ask(channels.get_channel(thread["id"]), bob)
    assert [] == place.ask(messages.list_messages(place.general["id"]))


def test_who_writes_in_a_thread_is_in_it() -> None:
    place, thread = started()

    place.ask(messages.create_message(thread["id"], content="hi"), place.person(place.bob))

    assert ["MESSAGE_CREATE", "THREAD_CREATE", "THREAD_MEMBERS_UPDATE"] == names(place)
    assert place.bob["id"] == place.ask(channels.get_thread_member(thread["id"], place.bob["id"]))["user_id"]
    found = place.ask(channels.get_channel(thread["id"]))
    assert (2, 1, 1) == (found["member_count"], found["message_count"], found["total_message_sent"])


def test_members_come_are_brought_leave_and_are_taken_out() -> None:
    place, thread = started()
    bob = place.person(place.bob)

    place.ask(channels.join_thread(thread["id"]), bob)
    place.ask(channels.leave_thread(thread["id"]), bob)
    place.ask(channels.add_thread_member(thread["id"], place.bob["id"]))
    place.ask(channels.delete_thread_member(thread["id"], place.bob["id"]))

    updates = [data for _, data in place.events("THREAD_MEMBERS_UPDATE")]
    assert [2, 1, 2, 1] == [one["member_count"] for one in updates]
    assert [place.bob["id"]] == updates[1]["removed_member_ids"]
    assert [2, 1] == [one["type"] for one in place.ask(messages.list_messages(thread["id"]))]
    with refused(ErrorCode.UNKNOWN_MEMBER):
        place.ask(channels.get_thread_member(thread["id"], place.bob["id"]))


def test_the_members_of_a_thread_are_listed_page_by_page_with_the_intent() -> None:
    place, thread = started()
    place.ask(channels.join_thread(thread["id"]), place.person(place.bob))

    with refused(ErrorCode.MISSING_ACCESS):
        place.ask(channels.list_thread_members(thread["id"]))
    place.world.applications[place.bot.application_id]["flags"] = 1 << 15
    first = place.ask(channels.list_thread_members(thread["id"], with_member=True, limit=1))
    rest = place.ask(channels.list_thread_members(thread["id"], with_member=True, after=first[0]["user_id"]))

    assert sorted((place.bob["id"], place.bot.user_id), key=int) == [one["user_id"] for one in (*first, *rest)]
    assert first[0]["user_id"] == first[0]["member"]["user"]["id"]


def test_an_archived_thread_takes_no_change_and_opens_by_a_message() -> None:
    place, thread = started()
    message = place.message("hi", thread)
    archive(place, thread)

    for route in (
        messages.update_message(thread["id"], message["id"], content="a"),
        messages.add_my_message_reaction(thread["id"], message["id"], "🔥"),
        channels.join_thread(thread["id"]),
        channels.update_channel(thread["id"], name="a"),
    ):
        with refused(ErrorCode.THREAD_ARCHIVED):
            place.ask(route)
    place.events()
    place.ask(messages.create_message(thread["id"], content="wake up"))
    assert ["THREAD_UPDATE", "THREAD_MEMBER_UPDATE", "MESSAGE_CREATE"] == names(place)
    assert not place.ask(channels.get_channel(thread["id"]))["thread_metadata"]["archived"]


def test_in_a_locked_thread_only_moderators_write() -> None:
    place, thread = started()
    place.ask(channels.update_channel(thread["id"], locked=True))

    with refused(ErrorCode.THREAD_LOCKED):
        place.ask(messages.create_message(thread["id"], content="hi"), place.person(place.bob))
    place.ask(messages.create_message(thread["id"], content="hi"))


def test_the_owner_renames_a_thread_and_others_do_not() -> None:
    place, thread = started()
    place.demote(Permissions.VIEW_CHANNEL)

    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(channels.update_channel(thread["id"], name="b"), place.person(place.bob))
    renamed = place.ask(channels.update_channel(thread["id"], name="b"))
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(channels.update_channel(thread["id"], locked=True))

    assert "b" == renamed["name"]
    assert [("MESSAGE_CREATE", 4)] == [
        (name, data["type"]) for name, data in place.events("MESSAGE_CREATE", "CHANNEL_UPDATE")
    ]


def test_a_deleted_thread_is_told_in_short_and_unknown() -> None:
    place, thread = started()

    place.ask(channels.delete_channel(thread["id"]))

    [(_, data)] = place.events("THREAD_DELETE")
    assert {"id": thread["id"], "guild_id": place.guild.id, "parent_id": place.general["id"], "type": PUBLIC} == data
    with refused(ErrorCode.UNKNOWN_CHANNEL):
        place.ask(channels.get_channel(thread["id"]))


def test_active_threads_are_those_that_one_sees() -> None:
    place, thread = started()
    hidden = place.ask(channels.create_thread(place.general["id"], name="hidden", type=PRIVATE))

    mine = place.ask(channels.get_active_guild_threads(place.guild.id))
    bobs = place.ask(channels.get_active_guild_threads(place.guild.id), place.person(place.bob))

    assert [hidden["id"], thread["id"]] == [one["id"] for one in mine["threads"]]
    assert [hidden["id"], thread["id"]] == [one["id"] for one in mine["members"]]
    assert ([thread["id"]], []) == ([one["id"] for one in bobs["threads"]], bobs["members"])


def test_archived_threads_are_paged_by_the_time_of_archiving() -> None:
    place = town()
    made = [place.ask(channels.create_thread(place.general["id"], name=str(one), type=PUBLIC)) for one in range(3)]
    for thread in made:
        archive(place, thread)

    first = place.ask(channels.list_public_archived_threads(place.general["id"], limit=2))
    last = first["threads"][-1]["thread_metadata"]["archive_timestamp"]
    rest = place.ask(channels.list_public_archived_threads(place.general["id"], limit=2, before=last))

    assert (["2", "1"], True) == ([one["name"] for one in first["threads"]], first["has_more"])
    assert (["0"], False) == ([one["name"] for one in rest["threads"]], rest["has_more"])


def test_private_archived_threads_take_moderating_but_for_ones_own() -> None:
    place, thread = started(PRIVATE)
    archive(place, thread)
    bob = place.person(place.bob)

    everything = place.ask(channels.list_private_archived_threads(place.general["id"]))
    mine = place.ask(channels.list_my_private_archived_threads(place.general["id"]))

    assert [thread["id"]] == [one["id"] for one in everything["threads"]] == [one["id"] for one in mine["threads"]]
    with refused(ErrorCode.MISSING_PERMISSIONS):
        place.ask(channels.list_private_archived_threads(place.general["id"]), bob)
    assert [] == place.ask(channels.list_my_private_archived_threads(place.general["id"]), bob)["threads"]


def forum() -> tuple[Town, Json]:
    place = town()
    board = build.add_channel(place.world, place.guild, "board", 15)
    tags: list[Json] = [{"name": "a"}, {"name": "b", "moderated": True}]
    place.ask(channels.update_channel(board["id"], available_tags=tags, default_thread_rate_limit_per_user=7))
    place.events()
    return place, board


def test_a_post_comes_with_its_first_message_of_the_same_id() -> None:
    place, board = forum()
    tag = board["available_tags"][0]["id"]

    thread = place.ask(
        channels.create_thread(
            board["id"], name="post", message={"content": "first"}, applied_tags=[tag], files=[File(b"a", "a.txt")]
        )
    )

    assert (PUBLIC, [tag], 7, 0) == (
        thread["type"],
        thread["applied_tags"],
        thread["rate_limit_per_user"],
        thread["message_count"],
    )
    [first] = place.ask(messages.list_messages(thread["id"]))
    assert first == thread["message"]
    assert (thread["id"], "first", "a.txt") == (first["id"], first["content"], first["attachments"][0]["filename"])
    assert [f"/attachments/{thread['id']}"] == [one.rsplit("/", 2)[0] for one in place.world.attachments]


def test_a_post_takes_a_message_and_tags_that_there_are() -> None:
    place, board = forum()
    board["flags"] = int(ChannelFlags.REQUIRE_TAG)
    moderated = board["available_tags"][1]["id"]

    with refused(ErrorCode.INVALID_FORM_BODY):
        place.ask(channels.create_thread(board["id"], name="a"))
    with refused(ErrorCode.TAG_REQUIRED):
        place.ask(channels.create_thread(board["id"], name="a", message={"content": "a"}))
    with refused(ErrorCode.INVALID_FORM_BODY):
        place.ask(channels.create_thread(board["id"], name="a", message={"content": "a"}, applied_tags=["1"]))
    with refused(ErrorCode.NO_TAGS_FOR_NON_MODERATORS):
        route = channels.create_thread(board["id"], name="a", message={"content": "a"}, applied_tags=[moderated])
        place.ask(route, place.person(place.bob))
    assert 2 == len(place.world.channels)


def test_a_post_whose_message_is_refused_is_none() -> None:
    place, board = forum()

    with refused(ErrorCode.CANNOT_SEND_EMPTY_MESSAGE):
        place.ask(channels.create_thread(board["id"], name="a", message={}))

    assert [] == place.events()


def test_posts_are_searched_by_name_tag_and_state() -> None:
    place, board = forum()
    tag = board["available_tags"][0]["id"]
    for name, tags in (("red oak", [tag]), ("white oak", []), ("beech", [])):
        place.ask(channels.create_thread(board["id"], name=name, message={"content": name}, applied_tags=tags))

    oaks = place.ask(channels.thread_search(board["id"], name="oak", limit=1))
    tagged = place.ask(channels.thread_search(board["id"], tag=[tag]))
    gone = place.ask(channels.thread_search(board["id"], archived=True))

    assert (2, True, ["white oak"]) == (
        oaks["total_results"],
        oaks["has_more"],
        [one["name"] for one in oaks["threads"]],
    )
    assert ["red oak"] == [one["content"] for one in tagged["first_messages"]]
    assert 0 == gone["total_results"]


def test_one_post_of_a_forum_is_pinned_until_archived() -> None:
    place, board = forum()
    one, two = (
        place.ask(channels.create_thread(board["id"], name=name, message={"content": "a"})) for name in ("a", "b")
    )
    pinned = int(ChannelFlags.PINNED)

    place.ask(channels.update_channel(one["id"], flags=pinned))
    with refused(ErrorCode.MAX_PINNED_FORUM_THREADS):
        place.ask(channels.update_channel(two["id"], flags=pinned))
    archive(place, one)

    assert 0 == place.ask(channels.get_channel(one["id"]))["flags"]


def test_a_bot_that_comes_to_see_a_channel_is_sent_its_threads() -> None:
    place, thread = started()
    place.demote()
    place.forbid(place.bot.user_id, place.general, Permissions.VIEW_CHANNEL)
    route = channels.delete_channel_permission_overwrite(place.general["id"], place.bot.user_id)

    place.ask(route, place.person(place.alice))

    [sync] = [one for one in place.heard if one.name == "THREAD_LIST_SYNC"]
    assert frozenset({place.bot.user_id}) == sync.users
    assert [place.general["id"]] == sync.data["channel_ids"]
    assert ([thread["id"]], [place.bot.user_id]) == (
        [one["id"] for one in sync.data["threads"]],
        [one["user_id"] for one in sync.data["members"]],
    )


def test_the_threads_of_a_deleted_channel_are_gone() -> None:
    place, _ = started()

    place.ask(channels.delete_channel(place.general["id"]))

    assert {} == place.world.channels
    assert {} == place.world.thread_members


def test_a_role_that_shows_a_channel_brings_its_threads() -> None:
    place, thread = started()
    place.demote()
    place.general["permission_overwrites"] = [
        {"id": place.guild.id, "type": 0, "allow": "0", "deny": str(int(Permissions.VIEW_CHANNEL))}
    ]
    role = build.add_role(place.world, place.guild, "seer", int(Permissions.VIEW_CHANNEL))
    place.general["permission_overwrites"].append(
        {"id": role["id"], "type": 0, "allow": str(int(Permissions.VIEW_CHANNEL)), "deny": "0"}
    )

    place.ask(roles.add_guild_member_role(place.guild.id, place.bot.user_id, role["id"]), place.person(place.alice))

    assert [[thread["id"]]] == [[one["id"] for one in data["threads"]] for _, data in place.events("THREAD_LIST_SYNC")]


def test_a_thread_in_which_nobody_writes_is_archived() -> None:
    place, thread = started()
    minutes = thread["thread_metadata"]["auto_archive_duration"]
    place.clock.now += 60 * minutes - 1
    place.message("still here", thread)
    place.clock.now += 2
    settle(place.world)
    assert [] == place.events()

    place.clock.now += 60 * minutes
    settle(place.world)

    assert [True] == [data["thread_metadata"]["archived"] for _, data in place.events("THREAD_UPDATE")]


def test_a_bot_that_connects_is_given_the_active_threads_with_its_membership() -> None:
    place, thread = started(PRIVATE)
    other = place.ask(channels.create_thread(place.general["id"], name="t", type=PUBLIC), place.person(place.alice))

    given = guild_create(place.world, place.guild, place.bot.user_id)["threads"]

    assert {thread["id"]: True, other["id"]: False} == {one["id"]: "member" in one for one in given}
    assert [other["id"]] == [one["id"] for one in guild_create(place.world, place.guild, place.bob["id"])["threads"]]
