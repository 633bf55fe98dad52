"""One bucket by itself: replies that come late, out of order or never, and what a waiter is told of its turn."""

import pytest

from acord.core.buckets import Bucket, Reply, read_reply


def said(limit: int, remaining: int, after: float, ends: float, status: int = 200) -> Reply:
    return Reply(status, "h", limit, remaining, ends, after, None, None, True)


def told(*replies: tuple[int, int, float, float], now: float = 0.0) -> Bucket:
    """A bucket that learned from these replies, all of them at the same moment."""
    bucket = Bucket(None)
    for reply in replies:
        bucket.apply(said(*reply), now, now)
    return bucket


def leaky() -> Bucket:
    """Five requests, one back each second; two are spent at 0 s."""
    bucket = told((5, 4, 1.0, 1.0), (5, 3, 2.0, 2.0))
    assert bucket.sliding
    return bucket


def close(seconds: float) -> object:
    """The headers end at the millisecond."""
    return pytest.approx(seconds, abs=0.02)


def test_a_limit_that_cannot_be_read_and_names_no_bucket_is_none() -> None:
    assert not read_reply(200, {"X-RateLimit-Limit": "many"}).limited


# ---- the turn of a waiter


def test_who_waits_behind_a_429_is_told_the_window_of_its_place() -> None:
    bucket = told((2, 1, 5.0, 5.0))
    bucket.close(10.0)

    assert [close(10.0), close(10.0), close(15.0)] == [bucket.when(1.0, place) for place in (1, 3, 4)]


def test_who_waits_for_a_leaky_bucket_is_told_when_its_token_is_back() -> None:
    assert [0.0, close(1.0), close(2.0)] == [leaky().when(0.0, place) for place in (3, 4, 5)]


# ---- late and lost replies


def test_of_several_ends_of_one_window_the_earliest_counts() -> None:
    bucket = Bucket(None)
    bucket.apply(said(5, 4, 5.0, 5.0), 0.5, 0.0)
    bucket.apply(said(5, 0, 4.6, 5.0), 0.6, 0.5)

    assert close(5.2) == bucket.when(0.7)


def test_the_longest_time_to_an_end_is_the_window() -> None:
    bucket = Bucket(None)
    bucket.apply(said(1, 0, 4.0, 5.0), 0.0, 0.0)
    bucket.apply(said(1, 0, 4.5, 5.0), 0.1, 0.0)

    assert close(8.5) == bucket.when(0.2, 2)


def test_the_longest_time_that_one_request_takes_to_come_back_counts_for_those_that_were_lost() -> None:
    bucket = told((5, 1, 4.0, 5.0), (5, 3, 4.0, 5.0))
    bucket.lose(1.0)

    assert 4 == bucket.room(5.5)


def test_what_was_lost_is_kept_free_when_the_bucket_fills_for_it_may_be_a_leaky_one() -> None:
    bucket = told((5, 4, 5.0, 5.0))
    bucket.lose(1.0)
    bucket.lose(1.0)

    assert 3 == bucket.room(5.5)


def test_a_request_lost_in_a_leaky_bucket_takes_a_token_and_its_time() -> None:
    bucket = leaky()
    bucket.lose(0.0)

    assert [2, 3] == [bucket.room(0.5), bucket.room(1.5)]


def test_a_late_reply_of_a_leaky_bucket_gives_no_token_back() -> None:
    bucket = leaky()
    bucket.apply(said(5, 4, 1.4, 1.5), 0.1, 0.0)

    assert 3 == bucket.room(0.2)


def test_an_end_before_the_known_one_takes_the_worse_of_both() -> None:
    bucket = told((5, 4, 5.0, 5.0))
    bucket.apply(said(5, 3, 4.0, 4.0), 0.1, 0.0)

    assert (3, close(5.0)) == (bucket.room(0.2), bucket.when(0.2, 4))


def test_the_limit_of_an_older_window_is_not_taken_over() -> None:
    bucket = Bucket(None)
    bucket.apply(said(5, 4, 5.0, 10.0), 5.0, 5.0)
    bucket.apply(said(9, 8, 0.1, 5.0), 5.1, 4.9)

    assert (5, 4) == (bucket.limit, bucket.room(5.2))


def test_a_429_of_a_window_that_is_over_closes_nothing() -> None:
    bucket = Bucket(None)
    bucket.apply(said(5, 4, 5.0, 10.0), 5.0, 5.0)
    bucket.exhaust(said(5, 0, 0.1, 5.0, 429), 5.1, 0.1, 4.9, counted=True)

    assert 4 == bucket.room(5.1)


def test_a_reply_from_before_a_step_of_the_clock_moves_no_end_forward() -> None:
    bucket = told((5, 4, 5.0, 5.0))
    bucket.apply(said(5, 2, 4.0, 3605.0), 1.0, 1.0)
    bucket.apply(said(5, 0, 3.0, 3605.01), 1.5, 0.5)

    assert (0, close(5.0)) == (bucket.room(2.0), bucket.when(2.0))
