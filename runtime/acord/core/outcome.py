"""What an answer is worth: the typed value, or the error that it stands for.  Pure."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from acord.core.buckets import read_reply
from acord.core.errors import ACordError, CloudflareBan, DecodeError, TransportError
from acord.core.refusals import http_error
from acord.core.response import Response, retry_after
from acord.core.types import MISSING

if TYPE_CHECKING:
    from acord.core.base import Drift

__all__ = ["refusal", "value_of"]


def value_of(
    response: Response[Any], body: bytes, returns: Any, *, strict: bool, on_drift: "Callable[[Drift], object] | None"
) -> Any:
    """The value of a successful answer; None for one that found nothing left to delete.

    ``returns`` is the type that it has, or its name; None for no content; MISSING where nothing is
    known: then JSON is decoded, text is a str, and anything else stays bytes.
    """
    if response.status in (204, 205) or response.gone or returns is None:
        return None  # whatever its headers announce
    if returns is MISSING:
        if response.is_json and body:
            return response.decoded(body)
        return (body.decode("utf-8", "replace") if response.content_type.startswith("text/") else body) or None
    if not response.is_json:
        if returns in ("bytes", bytes):
            return body
        if returns in ("str", str):
            return body.decode("utf-8", "replace")
        raise response.unreadable("JSON was expected", body)
    from acord.core import base  # and pydantic with it: calls that need no types do not pay for them

    try:
        return base.load(returns, body, strict=strict, on_drift=on_drift)
    except DecodeError as exc:
        raise response.unreadable(exc.reason, body) from None


def refusal(response: Response[Any], body: bytes) -> ACordError:
    """The error for any other answer."""
    if not 300 <= response.status < 600:
        return TransportError(f"no HTTP status: {response.status}", route=response.route, attempts=response.attempts)
    fields: Mapping[str, Any] | None = None
    if response.is_json:
        try:
            decoded = response.decoded(body)
        except DecodeError:
            decoded = None  # the status says enough
        fields = cast("Mapping[str, Any]", decoded) if isinstance(decoded, dict) else None
    elif response.status < 400:
        fields = {"message": f"redirects are not followed; this one leads to {_host(response.headers.get('location'))}"}
    pause = retry_after(response.headers, fields)
    if response.status in (403, 429) and (reply := read_reply(response.status, response.headers, pause)).banned:
        return CloudflareBan(
            response.route,
            retry_after=reply.retry_after,
            status=response.status,
            attempts=response.attempts,
            request_id=response.request_id,
        )
    return http_error(
        response.status,
        fields,
        route=response.route,
        attempts=response.attempts,
        request_id=response.request_id,
        retry_after=pause,
        scope=response.headers.get("x-ratelimit-scope"),
        bucket=response.headers.get("x-ratelimit-bucket"),
    )


def _host(url: str | None) -> str:
    """Where a URL leads, without what it may carry."""
    try:
        return urlsplit(url or "").hostname or "the same host"
    except ValueError:
        return "no valid address"
