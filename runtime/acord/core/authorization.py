"""Authorization: which credential a request takes, and whether it may.  Pure."""

from typing import TYPE_CHECKING, Any

from acord.core.errors import AuthMismatch
from acord.core.types import MISSING, Token

if TYPE_CHECKING:
    from acord.core.abc import Route
    from acord.core.operation import Operation

__all__ = ["choose"]


def choose(route: "Route[Any]", operation: "Operation | None", own: Token, asked: Token | None) -> Token:
    """The credential for a request: ``asked`` for by the call, else the client's ``own`` where the route takes one.

    Raises `AuthMismatch` where the operation takes another kind, or another scope than the token states. What
    a route made by hand says is believed: it may be newer than the specification.
    """
    auth = _usual(route, operation, own) if asked is None else asked
    if operation is None or route.returns is MISSING:
        return auth
    if operation.auth and auth.kind not in operation.auth:
        needed = " or ".join(f"a {kind} token" for kind in operation.auth)
        raise AuthMismatch(route, needed, f"a {auth.kind} token" if auth else "missing")
    if operation.scopes and auth.scopes is not None and auth.scopes.isdisjoint(operation.scopes):
        needed = " or ".join(operation.scopes[:5]) + (" or another one" if len(operation.scopes) > 5 else "")
        stated = " ".join(sorted(auth.scopes)) or "none at all"
        raise AuthMismatch(route, f"the scope {needed}", f"a bearer token with {stated}")
    return auth


def _usual(route: "Route[Any]", operation: "Operation | None", own: Token) -> Token:
    if operation is None:
        return own if route.webhook_token is None else Token.none()
    kinds = operation.auth or ("none",)
    if "none" not in kinds or (own.kind == "basic" and "basic" in kinds):
        return own
    # Where no credential is needed none is sent: limits then are the webhook's or address's own.
    return Token.none()
