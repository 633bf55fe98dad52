"""Lifetimes: webhooks that are gone, and interactions that must be answered in time.  Pure.

Source: Discord docs, Topics > Rate Limits > Invalid Request Limit; Interactions > Receiving and Responding.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from acord.core.lanes import is_callback
from acord.core.refusals import http_error

if TYPE_CHECKING:
    from acord.core.abc import Route
    from acord.core.errors import HTTPError

__all__ = ["CALLBACK_PRIORITY", "Dead", "time_to_answer"]

MOST: Final = 4096  # dead webhooks that are remembered: about 1 MiB
CALLBACK: Final = 3.0  # seconds in which an interaction takes its first answer
CALLBACK_PRIORITY: Final = 1_000  # before everything that nobody gave a higher one
UNKNOWN_WEBHOOK: Final = 10015
INVALID_WEBHOOK_TOKEN: Final = 50027
# Interaction tokens are base64 of "interaction:...". Theirs is no webhook before the first answer, and is one then.
_INTERACTION: Final = "aW50ZXJhY3Rpb246"
_ITSELF: Final = "/webhooks/{webhook_id}/{webhook_token}"


class Dead:
    """Webhooks and interaction tokens that Discord says are gone: they do not come back, and asking again is held
    against the address (R22).  Remembers digests, no tokens; the oldest is forgotten first.
    """

    __slots__ = ("_gone", "_most")

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._gone: dict[tuple[tuple[str, str], ...], tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._gone)

    def learn(self, route: "Route[Any]", status: int, body: Mapping[str, Any] | None) -> None:
        """Take note of an answer."""
        token = route.webhook_token
        if token is None:
            return
        code = (body or {}).get("code", 0)
        unknown = code == UNKNOWN_WEBHOOK or (not code and route.template == _ITSELF)
        deleted = route.method == "DELETE" and route.template == _ITSELF and status == 204
        if status == 404 and unknown and not token.startswith(_INTERACTION):
            self._add(route, 404, UNKNOWN_WEBHOOK)
        elif code == INVALID_WEBHOOK_TOKEN:
            self._add(route, status, INVALID_WEBHOOK_TOKEN)
        elif deleted:
            self._add(route, 404, UNKNOWN_WEBHOOK)

    def _add(self, route: "Route[Any]", status: int, code: int) -> None:
        if len(self._gone) >= self._most:
            del self._gone[next(iter(self._gone))]
        self._gone[route.major] = status, code

    def refusal(self, route: "Route[Any]") -> "HTTPError | None":
        """What Discord would answer, where that is known; its ``attempts`` are 0."""
        if not self._gone or route.webhook_token is None or (found := self._gone.get(route.major)) is None:
            return None
        status, code = found
        message = "it was gone before: nothing was sent"
        return http_error(status, {"code": code, "message": message}, route=route, attempts=0)

    def forget(self) -> None:
        """Ask Discord again."""
        self._gone.clear()


def time_to_answer(route: "Route[Any]", wall: float) -> float | None:
    """Seconds that an interaction's callback has left, at most three; None for any other route.

    ``wall`` is the time of day in Unix seconds. A clock that cannot be right, by the id, is not believed: then
    it is three seconds.
    """
    if route.method != "POST" or not is_callback("POST", route.template):
        return None
    text = route.bucket.get("interaction_id", "")
    if not text.isdecimal():
        return CALLBACK
    from acord.core.types import Snowflake

    left = CALLBACK - (wall - Snowflake(text).created_at.timestamp())
    return left if 0 < left < CALLBACK else CALLBACK
