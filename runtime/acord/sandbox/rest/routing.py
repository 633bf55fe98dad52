"""Which operation a method and a path belong to."""

from functools import cache
from urllib.parse import quote, unquote

from acord.core import addressing
from acord.core.operation import Operation
from acord.core.signals.rest import TEMPLATES, ErrorCode
from acord.routes import OPERATIONS
from acord.sandbox.answers import Refusal

__all__ = ["routed", "segments"]


def segments(path: str, versions: frozenset[int]) -> list[str]:
    """The segments of a path behind ``/api`` and the version, each encoded once."""
    root, *parts = path.removeprefix("/").split("/")
    if root != "api" or not parts:
        raise _not_found()
    if parts[0][:1] == "v" and parts[0][1:].isdecimal():
        if len(parts[0]) > 4 or int(parts[0][1:]) not in versions:
            raise Refusal(400, ErrorCode.INVALID_API_VERSION, "Invalid API version provided")
        parts = parts[1:]
    try:
        return [quote(unquote(part, errors="strict"), safe="!$&'()*+,;=:@") for part in parts]
    except UnicodeDecodeError:
        raise _not_found() from None


def _not_found() -> Refusal:
    return Refusal(404, ErrorCode.GENERAL_ERROR, "404: Not Found")


def routed(method: str, parts: list[str]) -> tuple[Operation | None, dict[str, str]]:
    """The operation and the values of its path; None and the methods there are, where that was asked."""
    found = addressing.find("GET" if method == "HEAD" else method, parts)
    if found is None:
        raise _not_found()
    name, template = found
    if name is None:
        allow = ", ".join(sorted({*_methods(template), "OPTIONS"}))
        if method == "OPTIONS":
            return None, {"allow": allow}
        raise Refusal(405, ErrorCode.GENERAL_ERROR, "405: Method Not Allowed", headers={"Allow": allow})
    operation = OPERATIONS[name]
    return operation, dict(addressing.parameters_of(template, parts))


@cache
def _methods(template: str) -> frozenset[str]:
    methods = {method for method, known, *_ in TEMPLATES.values() if known == template}
    return frozenset(methods | ({"HEAD"} if "GET" in methods else set()))
