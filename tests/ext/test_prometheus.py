"""Metrics: what is counted, and that the text can be read."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from acord.core.base import Drift
from acord.ext.prometheus import Metrics
from acord.hooks import (
    Banned,
    DriftSeen,
    InvalidCounted,
    LimitHit,
    RequestFailed,
    ResponseReceived,
    RetryScheduled,
    WaitStarted,
)

WHERE = "GET", "/channels/{channel_id}"
# A line as the format's grammar has it.
LINE = re.compile(r'[a-z_]+(\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\})? [0-9.e+-]+\Z')


def received(seconds: float = 0.1, status: int = 200, route: str = WHERE[1]) -> ResponseReceived:
    return ResponseReceived("GET", route, 1, 1, status, seconds, None, None)


def told(*events: Any, **kwds: Any) -> list[str]:
    metrics = Metrics(**kwds)
    for event in events:
        metrics.hooks.tell(event)
    assert not metrics.hooks.failures
    lines = metrics.text().splitlines()
    assert [] == [line for line in lines if not line.startswith("#") and not LINE.match(line)]
    return lines


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (received(), 'acord_requests_total{method="GET",route="/channels/{channel_id}",status="200"} 1'),
        (
            RequestFailed(*WHERE, 1, 1, "unknown", "ReadTimeout", 1.0),
            'acord_request_failures_total{method="GET",route="/channels/{channel_id}",outcome="unknown",'
            'cause="ReadTimeout"} 1',
        ),
        (
            RetryScheduled(*WHERE, 1, 1, 0.5, 502, "done"),
            'acord_retries_total{method="GET",route="/channels/{channel_id}"} 1',
        ),
        (WaitStarted(*WHERE, 2.5, "bucket", "abc"), 'acord_wait_seconds_total{scope="bucket"} 2.5'),
        (WaitStarted(*WHERE, 2.5, "bucket", "abc"), 'acord_waits_total{scope="bucket"} 1'),
        (
            LimitHit(*WHERE, 2.5, "shared", "abc"),
            'acord_rate_limited_total{method="GET",route="/channels/{channel_id}",scope="shared"} 1',
        ),
        (Banned(*WHERE, 60.0), "acord_bans_total 1"),
        (InvalidCounted(*WHERE, 5000), "acord_invalid_requests 5000"),
        (
            DriftSeen(*WHERE, Drift("Channel", (("id", "no"),), None)),
            'acord_drift_total{method="GET",route="/channels/{channel_id}",type="Channel"} 1',
        ),
    ],
)
def test_each_event_is_counted(event: Any, line: str) -> None:
    assert line in told(event)


def test_nothing_is_said_before_anything_happened() -> None:
    assert [] == told()


def test_durations_are_a_histogram() -> None:
    lines = told(received(0.05), received(0.3), received(100.0))
    series = 'method="GET",route="/channels/{channel_id}"'

    assert f'acord_request_seconds_bucket{{{series},le="0.05"}} 1' in lines
    assert f'acord_request_seconds_bucket{{{series},le="0.2"}} 1' in lines
    assert f'acord_request_seconds_bucket{{{series},le="0.4"}} 2' in lines
    assert f'acord_request_seconds_bucket{{{series},le="60.0"}} 2' in lines
    assert f'acord_request_seconds_bucket{{{series},le="+Inf"}} 3' in lines
    assert f"acord_request_seconds_count{{{series}}} 3" in lines
    assert f"acord_request_seconds_sum{{{series}}} 100.35" in lines


def test_each_metric_is_described_once_before_its_values() -> None:
    lines = told(received(), received(status=404))
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]

    assert sorted(set(names)) == sorted(names)
    assert lines.index("# TYPE acord_requests_total counter") < lines.index(
        'acord_requests_total{method="GET",route="/channels/{channel_id}",status="200"} 1'
    )


def test_values_are_escaped() -> None:
    assert any(r'route="/a\"b\\c\nd"' in line for line in told(received(route='/a"b\\c\nd')))


def test_series_are_bounded() -> None:
    lines = told(*(received(route=f"/{number}") for number in range(10)), most=3)

    assert 'acord_requests_total{method="other",route="other",status="other"} 7' in lines
    assert 'acord_request_seconds_count{method="other",route="other"} 7' in lines


async def test_a_client_is_counted(rest: Callable[..., Any]) -> None:
    from acord.sandbox.faults import answer
    from tests.core.http_kit import GET_ME, ME

    metrics = Metrics()
    r = await rest(answer(200, ME), hooks=metrics.hooks)
    await r.http.request(GET_ME.route({}, {}))

    assert 'acord_requests_total{method="GET",route="/users/@me",status="200"} 1' in metrics.text()
