"""Credentials that do not show themselves.  Import them from `core.types`."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal, NoReturn, Self, TypeAlias

if TYPE_CHECKING:
    from acord.core.signals.scopes import Scope
    from acord.models.enums import OAuth2Scope

__all__ = ["Token", "TokenKind"]

TokenKind: TypeAlias = Literal["bot", "bearer", "basic", "none"]


class Token:
    """A credential that does not show itself.

    It equals the string it was made from; ``str``, ``repr``, ``format``, ``vars`` show ``***`` at
    most; it is not pickled. `reveal` gives the string.
    """

    __slots__ = ("_fingerprint", "_value", "kind", "scopes")

    kind: TokenKind
    scopes: frozenset[str] | None
    """What a bearer token allows; None where nobody said."""
    _value: Callable[[], str]  # a closure: inspectors that walk attributes print a function
    _fingerprint: str | None

    def __init__(self, kind: TokenKind, value: str, scopes: frozenset[str] | None = None) -> None:
        self.kind = kind
        self.scopes = scopes
        self._value = lambda: value
        self._fingerprint = None

    @classmethod
    def bot(cls, value: str) -> Self:
        """The token of a bot, as the developer portal gives it, without the word Bot."""
        if problem := _unfit(value):
            del value  # tracebacks with locals must not show it
            raise ValueError(problem)
        return cls("bot", value)

    @classmethod
    def bearer(cls, value: str, *, scopes: "Iterable[Scope | OAuth2Scope] | str | None" = None) -> Self:
        """An OAuth2 access token, without the word Bearer.

        With ``scopes``, a list or the ``scope`` that came with it as it came, an operation that needs another
        one is refused before it is sent.
        """
        if problem := _unfit(value):
            del value
            raise ValueError(problem)
        named = scopes.split() if isinstance(scopes, str) else scopes
        return cls("bearer", value, None if named is None else frozenset(named))

    @classmethod
    def basic(cls, client_id: int | str, client_secret: str) -> Self:
        """An application's id and secret, for the OAuth2 token endpoints."""
        if problem := _unfit(client_secret):
            del client_secret
            raise ValueError(problem)
        return cls("basic", f"{client_id}:{client_secret}")

    @classmethod
    def none(cls) -> Self:
        """No credential at all, for calls that need none."""
        return cls("none", "")

    @classmethod
    def of(cls, value: "str | Token") -> "Token":
        """A `Token` as it is; a string as a bot's."""
        return value if isinstance(value, Token) else cls.bot(value)

    def reveal(self) -> str:
        """The credential itself. For ``basic``, id and secret with a colon between them."""
        return self._value()

    def header(self) -> str | None:
        """The value of the Authorization header; None where none is to be sent."""
        if self.kind == "none":
            return None
        if self.kind == "basic":
            from base64 import b64encode

            return "Basic " + b64encode(self._value().encode()).decode()
        return f"{'Bot' if self.kind == 'bot' else 'Bearer'} {self._value()}"

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell credentials apart and say nothing about them; the same in every process."""
        if self._fingerprint is None:
            from hashlib import blake2b

            digest = blake2b(f"{self.kind} {self._value()}".encode(), digest_size=8, person=b"acord token")
            self._fingerprint = digest.hexdigest()
        return self._fingerprint

    def __eq__(self, other: object) -> bool:
        from hmac import compare_digest

        if isinstance(other, Token):
            return self.kind == other.kind and compare_digest(self._value().encode(), other._value().encode())
        if isinstance(other, str):
            return compare_digest(self._value().encode(), other.encode(errors="surrogatepass"))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._value())

    def __bool__(self) -> bool:
        return self.kind != "none"

    def __repr__(self) -> str:
        return f"Token.{self.kind}({'' if self.kind == 'none' else '***'})"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Token is not pickled, so that it lands in no file: hand the string to the other process")


def _unfit(value: object) -> str | None:
    """What is wrong with it as a credential, without showing it."""
    if not isinstance(value, str):
        return f"a token is a string, not {type(value).__name__}"
    if value[:4].lower() == "bot " or value[:7].lower() == "bearer ":
        return "pass the token alone: the word in front of it is added here"
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        return "a token is printable ASCII without spaces, and not empty: look for a line end or a blank around it"
    return None
