"""The sandbox's rate limits: what is let through, what headers say, how a refusal looks, whose fault it is."""

from collections.abc import Mapping
from typing import Any

import pytest

from acord.core.operation import Operation
from acord.routes import OPERATIONS
from acord.sandbox.answers import Refusal
from acord.sandbox.calls import Account
from acord.sandbox.limits import LimitOptions, Limits, everyday
from acord.sandbox.limits.rules import INTERACTION

BOT = Account("bot", "1", "1")
OTHER = Account("bot", "2", "2")
HERE = "127.0.0.1"
WALL = 1_790_000_000.0


class Server:
    """Limits in the hand; `ask` says what became of a request."""

    def __init__(self, everyday: bool = False, **options: Any) -> None:
        self.now = 0.0
        self.limits = Limits(
            lambda: self.now,
            wall=lambda: WALL + self.now,
            options=LimitOptions(everyday=everyday, **({"travel": 0.0} | options)),
        )

    def headers(
        self,
        operation: str = "create_message",
        account: Account | None = BOT,
        address: str = HERE,
        body: object = None,
        heard: bool = True,
        **path: str,
    ) -> dict[str, str]:
        found: Operation = OPERATIONS[operation]
        given: Mapping[str, str] = {one.name: "7" for one in found.parameters if one.location == "path"} | path
        return self.limits.before(found, given, account, address, lambda: body, heard=heard)

    def ask(self, operation: str = "create_message", account: Account | None = BOT, **more: Any) -> Refusal | None:
        try:
            self.headers(operation, account, **more)
        except Refusal as refusal:
            return refusal
        return None

    def passed(self, times: int, operation: str = "create_message", account: Account | None = BOT, **more: Any) -> int:
        return sum(self.ask(operation, account, **more) is None for _ in range(times))


@pytest.fixture
def server() -> Server:
    return Server()


def refusal(server: Server, *args: Any, **more: Any) -> Refusal:
    refused = server.ask(*args, **more)
    assert refused is not None
    return refused


# Counting


def test_a_fixed_window_lets_its_size_through_and_all_again_when_it_is_over(server: Server) -> None:
    server.limits.set("create_message", limit=5, window=5.0)
    first = server.passed(10)
    server.now = 4.9
    within = server.passed(10)
    server.now = 5.0

    assert (5, 0, 5) == (first, within, server.passed(10))


def test_a_sliding_one_gives_back_one_by_one(server: Server) -> None:
    server.limits.set("create_message", limit=5, window=5.0, sliding=True)
    first = server.passed(10)
    server.now = 1.0
    second = server.passed(10)
    server.now = 3.0

    assert (5, 1, 2) == (first, second, server.passed(10))


def test_windows_of_the_clock_end_at_its_multiples(server: Server) -> None:
    server.limits.set("create_message", limit=5, window=10.0, kind="aligned")
    server.now = 9.0
    first = server.passed(10)
    server.now = 10.0

    assert (5, 5) == (first, server.passed(10))


def test_channels_and_bots_are_counted_apart(server: Server) -> None:
    server.limits.set("create_message", limit=2, window=5.0)

    assert [2, 2, 2] == [
        server.passed(5, channel_id="1"),
        server.passed(5, channel_id="2"),
        server.passed(5, account=OTHER, channel_id="1"),
    ]


def test_minor_parameters_are_counted_together(server: Server) -> None:
    server.limits.set("update_message", limit=2, window=5.0)

    assert [True, True, False] == [server.ask("update_message", message_id=str(n)) is None for n in range(3)]


def test_operations_set_together_spend_together(server: Server) -> None:
    server.limits.set("add_my_message_reaction", "delete_my_message_reaction", limit=1, window=0.25)

    assert (1, 0) == (server.passed(1, "add_my_message_reaction"), server.passed(1, "delete_my_message_reaction"))


def test_one_hash_may_stand_for_two_counts(server: Server) -> None:
    server.limits.set("create_message", limit=1, window=5.0, hash="one")
    server.limits.set("update_message", limit=1, window=5.0, hash="one")

    both = [server.headers(name)["X-RateLimit-Bucket"] for name in ("create_message", "update_message")]

    assert ["one", "one"] == both


def test_what_is_refused_does_not_count(server: Server) -> None:
    server.limits.set("create_message", limit=1, window=5.0, sliding=True)
    server.passed(100)
    server.now = 5.0

    assert server.ask() is None


def test_everyone_spends_from_a_shared_limit(server: Server) -> None:
    server.limits.set("create_message", limit=1, window=5.0, shared=True)
    server.ask(account=OTHER)

    refused = refusal(server)

    assert "shared" == refused.headers["X-RateLimit-Scope"]


# Headers


def test_headers_say_what_is_left_and_when_it_is_full(server: Server) -> None:
    server.limits.set("create_message", limit=5, window=4.0, hash="abc")
    server.headers()
    server.now = 1.0

    assert {
        "Via": "1.1 google",
        "X-RateLimit-Bucket": "abc",
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "3",
        "X-RateLimit-Reset": f"{WALL + 4:.3f}",
        "X-RateLimit-Reset-After": "3.000",
    } == server.headers()


def test_a_hash_is_the_same_for_the_same_seed_and_holds_no_name() -> None:
    def made(seed: int) -> str:
        limits = Limits(lambda: 0.0, seed=seed)
        return limits.before(OPERATIONS["create_message"], {"channel_id": "7"}, BOT, HERE)["X-RateLimit-Bucket"]

    assert (made(1), 32) == (made(1), len(made(1)))
    assert made(1) != made(2)


def test_a_free_route_has_no_headers(server: Server) -> None:
    assert {"Via": "1.1 google"} == server.headers("list_messages")


# Refusals


def test_a_429_says_how_long_in_header_and_body(server: Server) -> None:
    server.limits.set("create_message", limit=1, window=5.0)
    server.headers()
    server.now = 0.4996

    answer = refusal(server).answer()

    assert {"message": "You are being rate limited.", "retry_after": 4.501, "global": False} == answer.body
    assert (429, "5", "user", "0") == (
        answer.status,
        answer.headers["Retry-After"],
        answer.headers["X-RateLimit-Scope"],
        answer.headers["X-RateLimit-Remaining"],
    )


def test_retry_after_of_a_sliding_limit_is_the_next_token_and_reset_after_the_last(server: Server) -> None:
    server.limits.set("create_message", limit=5, window=5.0, sliding=True)
    server.passed(5)

    refused = refusal(server)

    assert (1.0, "5.000") == (refused.more["retry_after"], refused.headers["X-RateLimit-Reset-After"])


def test_the_global_limit_is_fifty_a_second_for_each_bot(server: Server) -> None:
    passed = [server.passed(60, "get_channel", account, channel_id="1") for account in (BOT, OTHER)]

    refused = refusal(server, "create_message")

    assert [50, 50] == passed
    assert (True, "true", "global") == (
        refused.more["global"],
        refused.headers["X-RateLimit-Global"],
        refused.headers["X-RateLimit-Scope"],
    )


def test_the_global_limit_may_be_set(server: Server) -> None:
    server.limits.global_rate = 2
    limited = server.passed(60, "get_channel")
    server.limits.global_rate = None

    assert (2, 60) == (limited, server.passed(60, "get_channel"))


def test_without_a_bot_an_address_has_a_global_limit_of_its_own(server: Server) -> None:
    passed = [server.passed(60, "execute_webhook", None, address=address) for address in ("a", "b")]

    assert ([50, 50], 50) == (passed, server.passed(60, "get_channel"))


def test_answers_to_interactions_are_outside_the_global_limit(server: Server) -> None:
    token = f"{INTERACTION}OjEyMw"
    server.passed(50, "get_channel")

    assert 60 == server.passed(60, "create_interaction_response")
    assert 60 == server.passed(60, "execute_webhook", None, webhook_token=token)


# Hidden limits


def test_a_sub_limit_shows_in_no_header_before_it_refuses(server: Server) -> None:
    server.limits.set("update_message", limit=5, window=5.0)
    server.limits.sub("update_message", limit=2, window=60.0)
    headers = [server.headers("update_message") for _ in range(2)][-1]

    refused = refusal(server, "update_message")

    assert ("5", "3") == (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"])
    assert ("3", 60.0, "user") == (
        refused.headers["X-RateLimit-Remaining"],
        refused.more["retry_after"],
        refused.headers["X-RateLimit-Scope"],
    )


def test_a_sub_limit_may_lie_over_certain_fields(server: Server) -> None:
    server.limits.sub("update_channel", limit=1, window=600.0, keys=["name", "topic"])

    assert (1, 5, 0) == (
        server.passed(3, "update_channel", body={"name": "a"}),
        server.passed(5, "update_channel", body={"nsfw": True}),
        server.passed(1, "update_channel", body={"topic": "b"}),
    )


def test_a_sub_limit_with_a_hash_shows_it_on_its_429(server: Server) -> None:
    server.limits.set("update_message", limit=5, window=5.0, hash="own")
    server.limits.sub("update_message", limit=1, window=60.0, hash="layer")
    server.headers("update_message")

    assert "layer" == refusal(server, "update_message").headers["X-RateLimit-Bucket"]


# Everyday


def test_every_everyday_limit_is_of_an_operation_that_exists() -> None:
    named = [name for one in (*everyday.SHOWN, *everyday.HIDDEN) for name in one.operations]

    assert set() == {*named, *everyday.FREE} - {*OPERATIONS}
    assert {one.method for one in OPERATIONS.values()} == {*everyday.BY_METHOD}


def test_every_operation_has_an_everyday_limit_or_is_free() -> None:
    server = Server(everyday=True, global_rate=None)

    without: set[str] = set()
    for name in OPERATIONS:
        server.now += 600.0
        if "X-RateLimit-Bucket" not in server.headers(name):
            without.add(name)

    assert everyday.FREE == without


def test_a_deleted_message_is_counted_by_its_age() -> None:
    server = Server(everyday=True)

    def deleted(age: float) -> str:
        message_id = str(int((WALL - age) * 1000 - 1420070400000) << 22)
        return server.headers("delete_message", message_id=message_id)["X-RateLimit-Limit"]

    assert ["5", "3", "30"] == [deleted(1.0), deleted(60.0), deleted(20 * 86400.0)]


def test_a_channel_may_be_renamed_twice_in_ten_minutes() -> None:
    server = Server(everyday=True)

    assert (2, 1) == (
        server.passed(3, "update_channel", body={"name": "a"}),
        server.passed(1, "update_channel", body={"nsfw": True}),
    )


def test_the_webhooks_of_a_channel_have_a_limit_together() -> None:
    server = Server(everyday=True)
    server.limits.webhook_channel = lambda path: "the channel"
    passed = sum(server.passed(5, "execute_webhook", None, webhook_id=str(n)) for n in range(8))

    refused = refusal(server, "execute_webhook", None, webhook_id="9")

    assert (30, "shared") == (passed, refused.headers["X-RateLimit-Scope"])


def test_set_replaces_and_free_removes() -> None:
    server = Server(everyday=True)
    server.limits.set("update_channel", limit=3, window=1.0)
    set_ = server.passed(9, "update_channel", body={"name": "a"})
    server.limits.free("update_channel")
    freed = server.passed(9, "update_channel", body={"name": "a"})

    assert (3, 9) == (set_, freed)


def test_free_of_everything_removes_everything() -> None:
    server = Server(everyday=True)

    server.limits.free()

    assert (200, 200) == (server.passed(200), server.passed(200, "get_guild"))


@pytest.mark.parametrize(("limit", "window"), [(0, 1.0), (1, 0.0)])
def test_a_limit_that_lets_nothing_through_is_refused(server: Server, limit: int, window: float) -> None:
    with pytest.raises(ValueError, match="both are positive"):
        server.limits.set("create_message", limit=limit, window=window)


# Bans


def test_ten_thousand_invalid_requests_in_ten_minutes_ban_the_address() -> None:
    server = Server()
    for number in range(9_999):
        server.limits.after(HERE, 401 if number % 2 else 403)
    before = server.limits.ban(HERE)
    server.limits.after(HERE, 403)

    answer = server.limits.ban(HERE)

    assert before is None
    assert answer is not None
    assert (429, "text/html; charset=UTF-8", {"Retry-After": "3600"}) == (answer.status, answer.media, answer.headers)
    assert isinstance(answer.body, bytes)
    assert server.limits.ban("elsewhere") is None


def test_invalid_requests_of_longer_ago_do_not_ban(server: Server) -> None:
    for number in range(15_000):
        server.now = number * 0.1
        server.limits.after(HERE, 401)

    assert server.limits.ban(HERE) is None


def test_a_429_counts_as_invalid_unless_its_scope_is_shared() -> None:
    server = Server(invalid_most=10)
    server.limits.set("create_message", limit=1, window=60.0)
    server.limits.set("update_message", limit=1, window=60.0, shared=True)
    server.passed(50, "update_message")
    after_shared = server.limits.ban(HERE)
    server.passed(11)

    assert after_shared is None
    assert server.limits.ban(HERE) is not None


@pytest.mark.parametrize("status", [200, 204, 400, 404, 429, 500])
def test_other_statuses_do_not_count_as_invalid(status: int) -> None:
    server = Server(invalid_most=1)

    server.limits.after(HERE, status)

    assert server.limits.ban(HERE) is None


def test_a_ban_ends(server: Server) -> None:
    server.limits.block(HERE, 60.0)
    banned, refused = server.limits.ban(HERE), refusal(server)
    server.now = 60.0

    assert banned is not None
    assert banned == refused.answer()
    assert ["ban", "ban"] == [one.scope for one in server.limits.refused]
    assert server.limits.ban(HERE) is None


def test_a_ban_that_is_not_waited_out_was_avoidable(server: Server) -> None:
    server.limits.block(HERE, 60.0)
    server.limits.ban(HERE)
    server.now = 1.0
    server.limits.ban(HERE)

    assert [False, True] == [one.avoidable for one in server.limits.refused]


# Whose fault


def whys(server: Server) -> list[tuple[str, bool]]:
    return [(one.why, one.avoidable) for one in server.limits.refused]


def test_every_429_is_recorded_with_its_bucket_and_scope(server: Server) -> None:
    server.limits.set("create_message", limit=1, window=5.0)
    server.headers()
    server.now = 1.5
    server.ask()

    (refused,) = server.limits.refused
    assert ("create_message", "create_message", "user", 1.5) == (*refused[:3], refused.at)


def test_what_the_headers_had_announced_was_avoidable(server: Server) -> None:
    server.limits.set("create_message", limit=1, window=5.0)
    server.headers()
    server.now = 1.0
    server.ask()

    assert [("the headers had announced it", True)] == whys(server)
    assert server.limits.refused == server.limits.avoidable()


def test_a_burst_on_an_unknown_bucket_was_avoidable(server: Server) -> None:
    server.limits.set("create_message", limit=3, window=5.0)
    server.passed(5)

    assert [True, True] == [one.avoidable for one in server.limits.refused]


def test_the_first_429_of_a_hidden_limit_was_not_avoidable_and_the_next_too_early_was(server: Server) -> None:
    server.limits.sub("update_message", limit=1, window=60.0)
    server.headers("update_message")
    for server.now in (1.0, 2.0):
        server.ask("update_message")

    assert [
        ("the first of a hidden limit", False),
        ("sent before the announced wait was over", True),
    ] == whys(server)


@pytest.mark.parametrize(("silence", "excused"), [(0.0, 2), (30.0, 3)])
def test_a_silence_that_hides_a_hidden_limit_excuses_one_429_more(server: Server, silence: float, excused: int) -> None:
    server.limits.sub("update_message", limit=1, window=10.0)
    server.headers("update_message")
    server.now = 1.0
    server.ask("update_message")
    for begun in (11.0, 22.0, 33.0, 44.0):
        for server.now in (begun + silence, begun + silence + 1.0):
            server.ask("update_message")

    assert excused * [False] + (5 - excused) * [True] == [one.avoidable for one in server.limits.refused]


def test_a_429_of_what_others_spent_was_not_avoidable(server: Server) -> None:
    server.limits.set("create_message", limit=2, window=5.0)
    server.headers()
    server.limits.spend(OPERATIONS["create_message"], {"channel_id": "7"}, account=BOT)
    server.now = 1.0
    server.ask()

    assert [("others spend from the limit", False)] == whys(server)


def test_who_waits_to_the_very_end_did_not_leave_too_early() -> None:
    server = Server(travel=0.05)
    server.limits.set("create_message", limit=2, window=1.0, shared=True)
    others = {"channel_id": "7"}
    assert server.ask() is None
    server.limits.spend(OPERATIONS["create_message"], others, account=BOT)
    server.now = 0.1
    assert server.ask() is not None
    server.now = 1.0
    server.limits.spend(OPERATIONS["create_message"], others, 2, account=BOT)

    server.now = 1.01
    assert server.ask() is not None

    assert [False, False] == [one.avoidable for one in server.limits.refused]


def test_what_was_on_its_way_when_the_answer_came_is_not_yet_wiser() -> None:
    server = Server(travel=0.1)
    server.limits.sub("update_message", limit=1, window=60.0)
    for server.now in (0.0, 1.0, 1.15, 1.25):
        server.ask("update_message")

    assert [False, False, True] == [one.avoidable for one in server.limits.refused]


def test_what_was_lost_on_its_way_back_had_announced_nothing(server: Server) -> None:
    server.limits.set("create_message", limit=1, window=5.0)
    server.headers(heard=False)
    server.now = 1.0
    server.ask()

    assert [("no reply had shown the bucket, and nothing else was under way", False)] == whys(server)


def test_a_refusal_that_nobody_heard_of_told_of_no_hidden_limit(server: Server) -> None:
    server.limits.sub("update_message", limit=1, window=60.0)
    server.headers("update_message")
    for server.now, heard in ((1.0, False), (2.0, True), (3.0, True)):
        server.ask("update_message", heard=heard)

    assert [False, False, True] == [one.avoidable for one in server.limits.refused]


def test_what_is_being_counted_can_be_looked_at(server: Server) -> None:
    server.limits.global_rate = None
    server.limits.set("create_message", limit=5, window=4.0)
    server.headers()
    server.now = 1.0
    shown = server.limits.open()
    server.now = 4.0

    assert [{"name": "create_message 7", "limit": 5, "remaining": 4, "reset_after": 3.0}] == shown
    assert [] == server.limits.open()


def test_a_body_is_read_only_where_a_limit_lies_over_its_fields(server: Server) -> None:
    read: list[str] = []
    server.limits.sub("update_channel", limit=1, window=600.0, keys=["name"])
    for name in ("update_channel", "create_message"):
        path = {"channel_id": "7"}
        server.limits.before(OPERATIONS[name], path, BOT, HERE, lambda name=name: read.append(name))

    assert ["update_channel"] == read


def test_no_token_stands_in_what_is_recorded(server: Server) -> None:
    server.limits.set("execute_webhook", limit=1, window=5.0)
    for _ in range(2):
        server.ask("execute_webhook", None, webhook_token="secret-token")

    assert server.limits.refused
    assert "secret-token" not in repr((server.limits.refused, server.limits.judge.counters))


def test_ever_new_channels_keep_memory_bounded() -> None:
    server = Server(everyday=True, global_rate=None)
    for number in range(12_000):
        server.now = number * 0.01
        server.ask(channel_id=str(number))

    assert len(server.limits.judge.counters) <= 10_001
    assert len(server.limits.judge.fame) <= 10_001
