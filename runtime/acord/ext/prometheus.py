"""Metrics of a client in Prometheus' text format.  Needs nothing installed: serve `Metrics.text` where you like.

::

    metrics = Metrics()
    http = HTTPClient(token=..., hooks=metrics.hooks)
    # in a handler of your web server: Response(metrics.text(), content_type=CONTENT_TYPE)
"""

from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Final

from acord.hooks import (
    Banned,
    DriftSeen,
    Hooks,
    InvalidCounted,
    LimitHit,
    RequestFailed,
    ResponseReceived,
    RetryScheduled,
    WaitStarted,
)

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 60.0)  # seconds; a request takes about 0.1
MOST: Final = 2000  # series of a metric: routes made by hand could make any number

Labels = tuple[tuple[str, str], ...]

_HELP: Final[Mapping[str, tuple[str, str]]] = {
    "acord_requests_total": ("counter", "Answers by route and status."),
    "acord_request_failures_total": ("counter", "Attempts that ended without a whole answer."),
    "acord_retries_total": ("counter", "Attempts that were followed by another."),
    "acord_waits_total": ("counter", "Requests that were held back, by what they waited for."),
    "acord_wait_seconds_total": ("counter", "Seconds for which they were held back, as known when the wait began."),
    "acord_rate_limited_total": ("counter", "Answers with status 429."),
    "acord_bans_total": ("counter", "How often Cloudflare blocked this address."),
    "acord_invalid_requests": ("gauge", "Refused requests of the last ten minutes, as last reported."),
    "acord_drift_total": ("counter", "Answers that contradicted their schema."),
}
_SECONDS: Final = "acord_request_seconds"


class Metrics:
    """Counts what `hooks` are told.  `text` may be called from any thread."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._values: dict[str, dict[Labels, float]] = {name: {} for name in _HELP}
        self._seconds: dict[Labels, list[float]] = {}
        self.hooks = Hooks(
            on_response=self._response,
            on_failure=self._failure,
            on_wait=self._wait,
            on_limit=self._limit,
            on_retry=self._retry,
            on_ban=self._ban,
            on_invalid=self._invalid,
            on_drift=self._drift,
        )
        """To be given to each client whose work is to be counted."""

    def text(self) -> str:
        """All metrics in the text exposition format, version 0.0.4."""
        with self._lock:
            values = {name: dict(series) for name, series in self._values.items()}
            seconds = {labels: list(counts) for labels, counts in self._seconds.items()}
        lines: list[str] = []
        for name, (kind, text) in _HELP.items():
            if values[name]:
                lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
                lines += [f"{name}{_labels(labels)} {value:.15g}" for labels, value in values[name].items()]
        if seconds:
            lines += [f"# HELP {_SECONDS} Seconds from sending to the head of the answer."]
            lines += [f"# TYPE {_SECONDS} histogram"]
            for labels, counts in seconds.items():
                lines += _histogram(labels, counts)
        return "".join(f"{line}\n" for line in lines)

    # What the hooks call

    def _response(self, event: ResponseReceived) -> None:
        where = ("method", event.method), ("route", event.template)
        self._add("acord_requests_total", (*where, ("status", str(event.status))))
        with self._lock:
            counts = self._seconds.get(where)
            if counts is None:
                full = len(self._seconds) >= self._most
                counts = self._seconds.setdefault(_other(where) if full else where, [0.0] * (len(BUCKETS) + 2))
            counts[next((n for n, most in enumerate(BUCKETS) if event.seconds <= most), len(BUCKETS))] += 1
            counts[-1] += event.seconds

    def _failure(self, event: RequestFailed) -> None:
        labels = ("method", event.method), ("route", event.template)
        self._add("acord_request_failures_total", (*labels, ("outcome", event.outcome), ("cause", event.cause)))

    def _retry(self, event: RetryScheduled) -> None:
        self._add("acord_retries_total", (("method", event.method), ("route", event.template)))

    def _wait(self, event: WaitStarted) -> None:
        scope = (("scope", event.scope or "unknown"),)
        self._add("acord_waits_total", scope)
        self._add("acord_wait_seconds_total", scope, event.delay)

    def _limit(self, event: LimitHit) -> None:
        labels = ("method", event.method), ("route", event.template)
        self._add("acord_rate_limited_total", (*labels, ("scope", event.scope or "unknown")))

    def _ban(self, event: Banned) -> None:
        self._add("acord_bans_total", ())

    def _invalid(self, event: InvalidCounted) -> None:
        with self._lock:
            self._values["acord_invalid_requests"][()] = event.count

    def _drift(self, event: DriftSeen) -> None:
        labels = ("method", event.method), ("route", event.template)
        self._add("acord_drift_total", (*labels, ("type", event.drift.returns)))

    def _add(self, name: str, labels: Labels, amount: float = 1) -> None:
        with self._lock:
            series = self._values[name]
            if labels not in series and len(series) >= self._most:
                labels = _other(labels)
            series[labels] = series.get(labels, 0) + amount


def _other(labels: Labels) -> Labels:
    return tuple((name, "other") for name, _ in labels)


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    shown = (f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{','.join(shown)}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _histogram(labels: Labels, counts: list[float]) -> Iterator[str]:
    total = 0.0
    for most, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=False):
        total += count
        yield f"{_SECONDS}_bucket{_labels((*labels, ('le', most)))} {total:.15g}"
    yield f"{_SECONDS}_sum{_labels(labels)} {counts[-1]:.15g}"
    yield f"{_SECONDS}_count{_labels(labels)} {total:.15g}"
