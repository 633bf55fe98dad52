"""Who asks: the Authorization header against the accounts that exist."""

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping

from acord.core.operation import Operation
from acord.core.signals.rest import ErrorCode
from acord.sandbox.answers import Refusal
from acord.sandbox.calls import Account

__all__ = ["account_of", "looks_real", "unauthorized"]

_KINDS = {"bot": "bot", "bearer": "bearer", "basic": "basic"}
_REAL = (
    "This token looks like one of the real Discord's, and this is the sandbox: nothing was done with it. Use a token "
    "that the sandbox gave out, and take the real one out of the test's environment (real_tokens=True accepts it)"
)


def unauthorized(message: str = "401: Unauthorized") -> Refusal:
    """401 in Discord's form."""
    return Refusal(401, ErrorCode.GENERAL_ERROR, message)


def looks_real(token: str) -> bool:
    """Whether it has the form of a bot's token: three parts between dots, of which the first is a user id in base64."""
    parts = token.split(".")
    if len(parts) != 3 or not 20 <= len(parts[0]) <= 30 or len(parts[1]) < 5 or len(parts[2]) < 20:
        return False
    decoded = _decoded(parts[0].replace("-", "+").replace("_", "/"))
    return decoded is not None and decoded.isdecimal() and 15 <= len(decoded) <= 20


def account_of(
    operation: Operation, header: str | None, accounts: Mapping[str, Account], *, real_tokens: bool = False
) -> Account | None:
    """The account that a header stands for; None for nobody, where the operation allows that.

    401 where a credential is lacking or unknown, 403 where it is of the wrong kind (20001, a bot where only users
    may; 20002, a user where only bots may) or lacks every scope that would do (50026).
    """
    if header is None:
        if operation.auth and "none" not in operation.auth:
            raise unauthorized()
        return None
    kind, _, credential = header.strip().partition(" ")
    kind, credential = kind.lower(), credential.strip()
    if looks_real(credential or header.strip()) and not real_tokens:
        raise unauthorized(_REAL)
    if kind not in _KINDS or not credential:
        raise unauthorized()
    token = _decoded(credential) if kind == "basic" else credential
    account = accounts.get(token or "")
    if account is None or account.kind != kind:
        raise unauthorized()
    if kind not in operation.auth:
        if "none" in operation.auth or not operation.auth:
            return None
        if kind == "basic":
            raise unauthorized()
        if kind == "bot":
            raise Refusal(403, ErrorCode.BOTS_NOT_ALLOWED, "Bots cannot use this endpoint")
        raise Refusal(403, ErrorCode.ONLY_BOTS_ALLOWED, "Only bots can use this endpoint")
    if kind == "bearer" and operation.scopes and account.scopes.isdisjoint(operation.scopes):
        raise Refusal(403, ErrorCode.MISSING_OAUTH2_SCOPE, "Missing required OAuth2 scope")
    return account


def _decoded(text: str) -> str | None:
    """Base64 with or without its padding, as text."""
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (Error, ValueError):
        return None
