"""Discord's rate limits: how they count, what they say, and which of their refusals a client could have avoided."""

from acord.sandbox.limits.judging import Refused
from acord.sandbox.limits.limits import Banned, Limited, Limits
from acord.sandbox.limits.options import LimitOptions

__all__ = ["Banned", "LimitOptions", "Limited", "Limits", "Refused"]
