"""What limits may be told to do otherwise than Discord does."""

from dataclasses import dataclass

from acord.sandbox.limits.counting import Kind

__all__ = ["LimitOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitOptions:
    """Times are in seconds. Where Discord documents a number, it is the default."""

    everyday: bool = True
    """Whether operations have limits before any are set."""
    global_rate: int | None = 50
    global_kind: Kind = "fixed"
    """How the global limit counts: in windows of a second from the first request, or of the clock, or by drops."""
    invalid_most: int = 10_000
    """Answers with 401, 403 and 429 (but not those of a shared scope) to an address..."""
    invalid_window: float = 600.0
    ban: float = 3600.0
    """...before it is banned for so long."""
    travel: float = 0.01
    """How long a message may be on its way: what was told later ago than this, a client knows. 0 on virtual time."""
