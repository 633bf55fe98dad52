"""What a close code of the gateway means for the connection after it."""

import enum
from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = ["CLOSE_CODES", "Closing", "Verdict", "judge"]


class Verdict(enum.Enum):
    """What is right to do next."""

    RESUME = "resume"
    NEW_SESSION = "new_session"
    FATAL = "fatal"


class Closing(NamedTuple):
    """One close code."""

    verdict: Verdict
    client_bug: bool = False
    """Something that we sent was wrong."""
    advice: str = ""


_RESUME, _NEW, _FATAL = Verdict.RESUME, Verdict.NEW_SESSION, Verdict.FATAL

# Source: Discord docs, Topics > Opcodes and Status Codes > Gateway Close Event Codes.
CLOSE_CODES: Final[Mapping[int, Closing]] = {
    4000: Closing(_RESUME),
    4001: Closing(_RESUME, True, "what was sent has an unknown opcode or does not fit its opcode"),
    4002: Closing(_RESUME, True, "what was sent cannot be decoded or is larger than 4096 bytes"),
    4003: Closing(_NEW),
    4004: Closing(_FATAL, advice="the token was refused: copy it again from the Bot page of the Developer Portal"),
    4005: Closing(_RESUME, True, "Identify was sent twice"),
    4007: Closing(_NEW),
    4008: Closing(_RESUME),
    4009: Closing(_NEW),
    4010: Closing(_FATAL, advice="there is no such shard for this shard count"),
    4011: Closing(_FATAL, advice="the bot is in too many guilds for this many shards"),
    4012: Closing(_FATAL, advice="the gateway does not serve this API version"),
    4013: Closing(_FATAL, advice="the intents contain a bit that does not exist: build them from Intents"),
    4014: Closing(_FATAL, advice="a privileged intent is not switched on on the Bot page of the Developer Portal"),
}
_OTHER: Final = Closing(_RESUME)


def judge(code: int | None, codes: Mapping[int, Closing] = CLOSE_CODES) -> Closing:
    """What to do after this code, None for a connection that ended without one.

    Codes that are not listed (4006 existed once), those below 4000 and none at all resume: a 1000 from the
    server is no proof of a dead session.
    """
    return _OTHER if code is None else codes.get(code, _OTHER)
