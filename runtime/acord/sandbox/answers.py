"""What an operation comes to: an answer, or a refusal in Discord's form."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from acord.core.signals.rest import ErrorCode

__all__ = ["Answer", "Json", "Refusal", "invalid", "missing_access", "missing_permissions", "unknown"]

Json: TypeAlias = dict[str, Any]
"""An object as Discord would send it."""


class Answer(NamedTuple):
    """Status, body and headers. The body is JSON-ready, bytes (with their type in ``media``), or None for nothing."""

    status: int
    body: object = None
    headers: Mapping[str, str] = {}
    media: str = "application/json"


class Refusal(Exception):
    """An answer that says no; an operation raises it wherever it notices.

    ``errors`` is Discord's tree: ``{"embeds": {"0": {"title": {"_errors": [{"code": ..., "message": ...}]}}}}``.
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        errors: Json | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        more: Json | None = None,
    ) -> None:
        """``more``: fields beside message and code, as the retry_after of a 429."""
        self.status, self.code, self.message, self.errors = status, int(code), message, errors
        self.headers = dict(headers or {})
        self.more = dict(more or {})
        super().__init__(f"{status} {int(code)} {message}")

    def answer(self) -> Answer:
        body: Json = {"message": self.message, "code": self.code, **self.more}
        if self.errors is not None:
            body["errors"] = self.errors
        return Answer(self.status, body, self.headers)


def unknown(what: str) -> Refusal:
    """404 for what does not exist: ``unknown("message")`` is 10008, Unknown Message."""
    name = f"UNKNOWN_{what.upper().replace(' ', '_')}"
    return Refusal(404, ErrorCode[name], f"Unknown {what.title()}")


def missing_access() -> Refusal:
    """403 for what exists and may not be seen."""
    return Refusal(403, ErrorCode.MISSING_ACCESS, "Missing Access")


def missing_permissions() -> Refusal:
    """403 for what may be seen and not be done."""
    return Refusal(403, ErrorCode.MISSING_PERMISSIONS, "Missing Permissions")


def invalid(where: str, message: str, code: str = "BASE_TYPE_REQUIRED") -> Refusal:
    """400, 50035: ``where`` is the dotted place, as ``embeds.0.title``; ``code`` Discord's name of the fault."""
    tree: Json = {"_errors": [{"code": code, "message": message}]}
    for step in reversed(where.split(".")) if where else ():
        tree = {step: tree}
    return Refusal(400, ErrorCode.INVALID_FORM_BODY, "Invalid Form Body", tree)
