"""Traces and metrics of a client for OpenTelemetry.  Needs ``pip install acord[otel]``.

::

    http = HTTPClient(token=..., hooks=Telemetry().hooks)

Each attempt is a span of its own, below whatever span the caller is in, named after its route. Names follow the
semantic conventions for HTTP clients; no id and no URL is in them. Nothing is sent to Discord: a trace ends there.
"""

from importlib import import_module
from typing import Any, Final, Protocol

from acord.hooks import (
    DriftSeen,
    Hooks,
    LimitHit,
    RequestFailed,
    RequestStarted,
    ResponseReceived,
    RetryScheduled,
    WaitStarted,
)

__all__ = ["Telemetry"]

MOST: Final = 10_000  # spans that are open: as many as requests under way
NAME: Final = "acord"


class Provider(Protocol):
    """As much of a tracer provider as is needed; `opentelemetry.trace` has the whole."""

    def get_tracer(self, instrumenting_module_name: str, /) -> Any: ...


class MeterProvider(Protocol):
    """As much of a meter provider as is needed; `opentelemetry.metrics` has the whole."""

    def get_meter(self, name: str, /) -> Any: ...


class Telemetry:
    """Tells a tracer and a meter what `hooks` are told.

    Without providers the global ones are used. Raises ImportError where OpenTelemetry is not installed.
    """

    def __init__(self, tracers: Provider | None = None, meters: MeterProvider | None = None) -> None:
        trace, metrics = _library("opentelemetry.trace"), _library("opentelemetry.metrics")
        self._kind = trace.SpanKind.CLIENT
        self._failed = trace.Status(trace.StatusCode.ERROR)
        self._tracer = (tracers or trace.get_tracer_provider()).get_tracer(NAME)
        meter = (meters or metrics.get_meter_provider()).get_meter(NAME)
        self._seconds = meter.create_histogram("http.client.request.duration", unit="s")
        self._waits = meter.create_histogram("acord.wait.duration", unit="s")
        self._limits = meter.create_counter("acord.rate_limited")
        self._retries = meter.create_counter("acord.retries")
        self._drifts = meter.create_counter("acord.drift")
        self._open: dict[tuple[int, int], Any] = {}
        self.hooks = Hooks(
            on_request=self._started,
            on_response=self._answered,
            on_failure=self._broke_off,
            on_wait=self._wait,
            on_limit=self._limit,
            on_retry=self._retry,
            on_drift=self._drift,
        )
        """To be given to each client whose work is to be seen."""

    def _started(self, event: RequestStarted) -> None:
        attributes: dict[str, str | int] = {
            "http.request.method": event.method,
            "url.template": event.template,
            "acord.call": event.call,
            "acord.auth": event.auth,
        }
        if event.attempt > 1:
            attributes["http.request.resend_count"] = event.attempt - 1
        if event.operation is not None:
            attributes["acord.operation"] = event.operation
        if len(self._open) >= MOST:
            self._open.pop(next(iter(self._open))).end()
        name = f"{event.method} {event.template}"
        self._open[event.call, event.attempt] = self._tracer.start_span(name, kind=self._kind, attributes=attributes)

    def _answered(self, event: ResponseReceived) -> None:
        attributes = {"http.request.method": event.method, "url.template": event.template}
        self._seconds.record(event.seconds, {**attributes, "http.response.status_code": event.status})
        span = self._open.pop((event.call, event.attempt), None)
        if span is None:
            return
        span.set_attribute("http.response.status_code", event.status)
        if event.bucket is not None:
            span.set_attribute("acord.bucket", event.bucket)
        if event.request_id is not None:
            span.set_attribute("acord.request_id", event.request_id)
        if event.status >= 400:
            span.set_attribute("error.type", str(event.status))
            span.set_status(self._failed)
        span.end()

    def _broke_off(self, event: RequestFailed) -> None:
        span = self._open.pop((event.call, event.attempt), None)
        if span is None:  # its head was there
            return
        attributes = {"http.request.method": event.method, "url.template": event.template}
        self._seconds.record(event.seconds, {**attributes, "error.type": event.cause})
        span.set_attribute("error.type", event.cause)
        span.set_attribute("acord.outcome", event.outcome)
        span.set_status(self._failed)
        span.end()

    def _wait(self, event: WaitStarted) -> None:
        self._waits.record(event.delay, {"acord.scope": event.scope or "unknown"})

    def _limit(self, event: LimitHit) -> None:
        self._limits.add(1, {"url.template": event.template, "acord.scope": event.scope or "unknown"})

    def _retry(self, event: RetryScheduled) -> None:
        self._retries.add(1, {"http.request.method": event.method, "url.template": event.template})

    def _drift(self, event: DriftSeen) -> None:
        self._drifts.add(1, {"url.template": event.template, "acord.type": event.drift.returns})


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as exc:
        raise ImportError("OpenTelemetry is not installed: pip install acord[otel]") from exc
