"""What follows an attempt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from acord.core.verdict import Kind, Policy, Quota, classify, gone, with_nonce


@dataclass(frozen=True)
class Ended:
    status: int | None = 200
    number: int = 1
    limited: int = 0
    idempotent: bool = True
    outcome: Literal["not_sent", "unknown", "done"] = "done"
    body: Mapping[str, Any] | None = None
    retry_after: float | None = None


def policy(chance: float = 1.0, *, limiter: bool = True, quota: int = 500) -> Policy:
    return Policy(lambda: chance, quota=Quota(quota), limiter=limiter)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, Kind.DONE) for status in (200, 201, 202, 204, 304)),
        *((status, Kind.REFUSED) for status in (301, 400, 401, 403, 404, 405, 413, 501, 600)),
        *((status, Kind.UNSENT) for status in (502, 503)),
        *((status, Kind.UNKNOWN) for status in (500, 504, 520, 521, 522, 523, 524, 529, 530)),
        (429, Kind.LIMITED),
    ],
)
def test_R33_each_status_has_its_kind(status: int, kind: Kind) -> None:
    assert kind is classify(Ended(status))


def test_an_answer_that_broke_off_is_unknown_whatever_its_status() -> None:
    assert Kind.UNKNOWN is classify(Ended(200, outcome="unknown"))


def test_what_was_not_sent_is_repeated_for_any_method() -> None:
    assert 0.5 == policy()(Ended(None, outcome="not_sent", idempotent=False))


@pytest.mark.parametrize("status", [502, 503])
def test_R33_what_discord_did_not_carry_out_is_repeated_for_any_method(status: int) -> None:
    assert 0.5 == policy()(Ended(status, idempotent=False))


@pytest.mark.parametrize("status", [500, 504, 520, 524, 530, None])
def test_R33_an_unknown_outcome_is_repeated_only_where_that_is_safe(status: int | None) -> None:
    outcome: Literal["unknown", "done"] = "unknown" if status is None else "done"

    assert 0.5 == policy()(Ended(status, outcome=outcome))
    assert None is policy()(Ended(status, outcome=outcome, idempotent=False))


@pytest.mark.parametrize("status", [401, 403, 404, 400])
def test_R21_R22_a_refusal_is_final(status: int) -> None:
    assert None is policy()(Ended(status))


def test_the_pause_doubles_up_to_sixteen_seconds() -> None:
    bounds = [policy()._jitter(number) for number in range(1, 9)]  # pyright: ignore[reportPrivateUsage]

    assert [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 16.0, 16.0] == bounds


def test_the_jitter_is_full() -> None:
    assert 0.25 * 2.0 == policy(0.25)(Ended(500, number=3))


def test_five_attempts_are_all() -> None:
    assert None is not policy()(Ended(500, number=4))
    assert None is policy()(Ended(500, number=5))


def test_a_503_waits_as_long_as_it_says() -> None:
    assert 7.0 == policy()(Ended(503, retry_after=7.0))


def test_R30_the_fifth_429_is_the_last() -> None:
    assert 0.0 == policy()(Ended(429, number=4, limited=4, retry_after=1.0))
    assert None is policy()(Ended(429, number=5, limited=5, retry_after=1.0))


def test_429s_do_not_count_as_failures() -> None:
    assert 0.5 == policy()(Ended(500, number=5, limited=4))


def test_429s_cost_no_quota() -> None:
    broke = policy(quota=0)

    assert 0.0 == broke(Ended(429, limited=1, retry_after=2.0))


def test_R23_without_a_limiter_the_wait_is_the_one_discord_names() -> None:
    assert 2.5 == policy(limiter=False)(Ended(429, limited=1, retry_after=2.5))


@pytest.mark.parametrize("silly", [None, 0.0, -1.0, float("nan"), float("inf")])
def test_R29_a_senseless_delay_is_none_at_all(silly: float | None) -> None:
    assert 0.5 == policy(limiter=False)(Ended(429, limited=1, retry_after=silly))


def test_R29_more_than_the_caller_waits_ends_the_call() -> None:
    assert None is policy().decide(Ended(429, limited=1, retry_after=1e18), max_wait=60.0).delay


def test_a_deadline_that_comes_first_ends_the_call_at_once() -> None:
    assert None is policy().decide(Ended(500), left=0.5).delay
    assert 0.5 == policy().decide(Ended(500), left=0.6).delay


def test_R34_an_outage_empties_the_quota_and_success_fills_it() -> None:
    shared = policy(quota=20)
    failing = [shared(Ended(500)) for _ in range(3)]
    for _ in range(10):
        shared(Ended(200))

    assert [0.5, 0.5, None] == failing
    assert 0.5 == shared(Ended(500))


def test_R34_five_minutes_of_5xx_cost_about_one_attempt_a_call() -> None:
    shared, attempts = policy(), 0
    for _ in range(1_000):
        number = 1
        while shared(Ended(500, number=number)) is not None:
            number += 1
        attempts += number

    assert 1_050 == attempts


def test_a_retry_that_succeeds_gets_its_cost_back() -> None:
    shared = policy(quota=5)
    shared(Ended(503))
    shared(Ended(200, number=2))

    assert 5 == shared.quota.tokens


def test_a_search_that_is_not_ready_waits_as_long_as_it_says_or_briefly() -> None:
    assert 3.0 == policy()(Ended(202, body={"code": 110000, "retry_after": 3}, retry_after=3.0))
    assert 0.5 == policy()(Ended(202, body={"code": 110000, "retry_after": 0}, retry_after=0.0))


def test_a_404_is_success_only_for_a_delete_that_was_tried_before() -> None:
    assert gone(Ended(404, number=2), "DELETE")
    assert not gone(Ended(404, number=1), "DELETE")
    assert not gone(Ended(404, number=2, limited=1), "DELETE")
    assert not gone(Ended(404, number=2), "GET")


def test_a_message_without_nonce_gets_one_that_is_enforced() -> None:
    body, safe = with_nonce({"content": "hi"}, lambda: 0.999999)

    assert safe
    assert isinstance(body, dict)
    assert body["enforce_nonce"] is True
    assert len(body["nonce"]) <= 25
    assert int(body["nonce"]) < 2**63


def test_the_body_of_the_caller_is_not_changed() -> None:
    given = {"content": "hi"}
    with_nonce(given, lambda: 0.5)

    assert {"content": "hi"} == given


@pytest.mark.parametrize(
    ("body", "safe"),
    [
        ({"nonce": "mine"}, False),
        ({"nonce": "mine", "enforce_nonce": True}, True),
        ({"nonce": None, "enforce_nonce": True}, False),
        ({"enforce_nonce": False}, False),
        (b"raw", False),
    ],
)
def test_a_nonce_of_the_caller_is_left_alone(body: object, safe: bool) -> None:
    assert (body, safe) == with_nonce(body, lambda: 0.5)
