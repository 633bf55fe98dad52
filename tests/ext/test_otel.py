"""OpenTelemetry: a span for each attempt, in the caller's trace, without ids."""

from collections.abc import Callable
from typing import Any

import pytest

from acord.core.errors import HTTPError, TransportError
from acord.core.hook_events import DriftSeen, LimitHit, RequestStarted, WaitStarted
from acord.ext import otel
from acord.ext.otel import Telemetry
from acord.sandbox.faults import answer, cut, honest, send
from tests.core.http_kit import DELETE, GET_ME, ME, TOKEN, FakeClock

export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
trace = pytest.importorskip("opentelemetry.sdk.trace")
metrics = pytest.importorskip("opentelemetry.sdk.metrics")
readers = pytest.importorskip("opentelemetry.sdk.metrics.export")
processors = pytest.importorskip("opentelemetry.sdk.trace.export")


class Kit:
    def __init__(self) -> None:
        self.exporter = export.InMemorySpanExporter()
        self.tracers = trace.TracerProvider()
        self.tracers.add_span_processor(processors.SimpleSpanProcessor(self.exporter))
        self.reader = readers.InMemoryMetricReader()
        self.telemetry = Telemetry(self.tracers, metrics.MeterProvider([self.reader]))
        self.hooks = self.telemetry.hooks

    @property
    def spans(self) -> Any:
        return self.exporter.get_finished_spans()

    @property
    def points(self) -> dict[str, Any]:
        data = self.reader.get_metrics_data()
        found = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics]
        return {metric.name: metric.data.data_points[0] for metric in found}


async def test_an_attempt_is_a_span_of_the_callers_trace(rest: Callable[..., Any]) -> None:
    kit = Kit()
    r = await rest(answer(200, ME, {"X-RateLimit-Bucket": "abc"}), hooks=kit.hooks)

    with kit.tracers.get_tracer("test").start_as_current_span("mine") as mine:
        await r.http.request(GET_ME.route({}, {}))

    span, _ = kit.spans
    assert "GET /users/@me" == span.name
    assert mine.get_span_context().trace_id == span.context.trace_id
    assert mine.get_span_context().span_id == span.parent.span_id
    assert ("GET", "/users/@me", 200, "get_my_user", "abc") == tuple(
        span.attributes[name]
        for name in (
            "http.request.method",
            "url.template",
            "http.response.status_code",
            "acord.operation",
            "acord.bucket",
        )
    )
    assert span.status.is_unset
    assert 1 == kit.points["http.client.request.duration"].count


async def test_a_refusal_is_an_error_and_shows_no_id(rest: Callable[..., Any]) -> None:
    kit = Kit()
    r = await rest(answer(404, {"code": 10008, "message": "Unknown Message"}), hooks=kit.hooks)

    with pytest.raises(HTTPError):
        await r.http.request(DELETE.route({"channel_id": 123454321, "message_id": 987656789}, {}))

    (span,) = kit.spans
    assert not span.status.is_ok
    assert "404" == span.attributes["error.type"]
    assert [] == [part for part in ("123454321", "987656789", TOKEN) if part in span.to_json()]


async def test_an_attempt_that_breaks_off_is_an_error(rest: Callable[..., Any]) -> None:
    kit = Kit()
    r = await rest(honest(send(b""), cut), hooks=kit.hooks)

    with pytest.raises(TransportError):
        await r.http.request(GET_ME.route({}, {}))

    (span,) = kit.spans
    assert "unknown" == span.attributes["acord.outcome"]
    assert span.attributes["error.type"] in {"RemoteProtocol", "Connection", "ServerDisconnected"}  # httpx, aiohttp


async def test_each_attempt_has_its_own(rest: Callable[..., Any]) -> None:
    kit, clock = Kit(), FakeClock()
    decide = lambda attempt: 0.5 if attempt.status == 502 else None  # noqa: E731 - as short as it is
    r = await rest(answer(502), answer(200, ME), hooks=kit.hooks, clock=clock, decide=decide)

    await r.http.request(GET_ME.route({}, {}))

    assert [None, 1] == [span.attributes.get("http.request.resend_count") for span in kit.spans]
    assert 1 == kit.points["acord.retries"].value


def test_waits_limits_and_drift_are_measured() -> None:
    from acord.core.base import Drift

    kit = Kit()
    kit.hooks.tell(WaitStarted("GET", "/", 2.5, "global", None))
    kit.hooks.tell(LimitHit("GET", "/", 2.5, "user", None))
    kit.hooks.tell(DriftSeen("GET", "/", Drift("User", (("id", "no"),), None)))

    assert 2.5 == kit.points["acord.wait.duration"].sum
    assert 1 == kit.points["acord.rate_limited"].value
    assert 1 == kit.points["acord.drift"].value
    assert not kit.hooks.failures


def test_spans_that_nobody_ends_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel, "MOST", 2)
    kit = Kit()

    for number in range(5):
        kit.hooks.tell(RequestStarted("GET", "/", number, 1, None, "bot"))

    assert 3 == len(kit.spans)


def test_without_the_library_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.trace", None)

    with pytest.raises(ImportError, match=r"pip install acord\[otel\]"):
        Telemetry()
