"""Hooks: what a client tells of its work, and whom."""

from acord.core.hook_events import (
    Banned,
    DriftSeen,
    Event,
    InvalidCounted,
    LimitHit,
    RequestFailed,
    RequestStarted,
    ResponseReceived,
    RetryScheduled,
    WaitStarted,
)
from acord.core.hooks import Hooks

__all__ = [
    "Banned",
    "DriftSeen",
    "Event",
    "Hooks",
    "InvalidCounted",
    "LimitHit",
    "RequestFailed",
    "RequestStarted",
    "ResponseReceived",
    "RetryScheduled",
    "WaitStarted",
]
