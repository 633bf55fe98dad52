"""From Discord's answer to the exception: which class, which text, what advice.  Pure."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final, cast

from acord.core.errors import BadRequest, Forbidden, HTTPError, NotFound, RateLimited, ServerError, Unauthorized

__all__ = ["flatten", "http_error"]

_BY_STATUS: Final[Mapping[int, type[HTTPError]]] = {400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound}


def http_error(
    status: int,
    body: object = None,
    *,
    route: object = "",
    attempts: int = 1,
    request_id: str | None = None,
    retry_after: float | None = None,
    scope: str | None = None,
    bucket: str | None = None,
) -> HTTPError:
    """The exception for an answer: class by status, text by body, advice where the code is a usual stumble.

    ``body`` is the decoded JSON, or None where there was none to read (HTML, empty). Discord's
    ``{code, message, errors}`` and OAuth2's ``{error, error_description}`` are both understood.
    """
    code: int = 0
    message, errors = "", dict[str, str]()
    if isinstance(body, Mapping):
        fields = cast(Mapping[str, object], body)
        number = fields.get("code")
        code = number if type(number) is int else 0
        message = _text(fields.get("message")) or _text(fields.get("error_description")) or _text(fields.get("error"))
        errors = flatten(fields.get("errors"))
    name, hint = _explain(code)
    if status == 429:
        return RateLimited(
            route,
            retry_after=retry_after,
            scope=scope,
            bucket=bucket,
            code=name,
            message=message,
            attempts=attempts,
            request_id=request_id,
            hint=hint,
        )
    cls = _BY_STATUS.get(status) or (ServerError if status >= 500 else HTTPError)
    return cls(status, name, message, errors, route, attempts, request_id, hint=hint)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _explain(code: int) -> tuple[int, str | None]:
    """The code with its name, and what to do about it."""
    if not code:
        return 0, None
    try:
        # On demand: hundreds of names, needed when something went wrong.
        table = import_module("acord.core.signals.rest")
    except ModuleNotFoundError:  # generated; without it the number must do, the refusal itself matters more
        return code, None
    return table.ErrorCode(code), table.HINTS.get(code)


def flatten(tree: object) -> dict[str, str]:
    """Discord's nested error tree as path to text: ``{"embeds.0.title": "Must be 256 or fewer in length."}``.

    A node with ``_errors`` is a leaf, the root may be one (its path is ``""``); several texts at
    one place are joined by a blank. What is no such tree gives ``{}``.

    Source: Discord docs, API Reference > Error Messages.
    """
    flat: dict[str, str] = {}
    # A loop, not recursion: the depth is the server's choice.
    pending: list[tuple[str, object]] = [("", tree)]
    while pending:
        where, node = pending.pop()
        if not isinstance(node, Mapping):
            continue
        fields = cast(Mapping[object, object], node)
        leaf = fields.get("_errors")
        if isinstance(leaf, list):
            texts = map(_reason, cast(list[object], leaf))
            flat[where] = " ".join(text for text in texts if text)
        children = [(f"{where}.{key}" if where else str(key), node) for key, node in fields.items() if key != "_errors"]
        pending += reversed(children)
    return flat


def _reason(reason: object) -> str:
    if not isinstance(reason, Mapping):
        return _text(reason)
    fields = cast(Mapping[str, object], reason)
    return _text(fields.get("message")) or _text(fields.get("code"))
