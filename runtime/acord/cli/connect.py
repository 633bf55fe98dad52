"""With which token, and to whom: what `doctor`, `call` and `gateway tail` have in common."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from acord.cli.failures import Failure, UsageFailure
from acord.core import verdict
from acord.core.credentials import Token
from acord.core.http import HTTPClient
from acord.core.options import chance
from acord.core.verdict import Attempt, Policy, Verdict

__all__ = ["BASE_URL", "TOKEN", "Access"]

TOKEN: Final = "DISCORD_TOKEN"  # the variable's name
BASE_URL: Final = "ACORD_BASE_URL"
_LOCAL: Final = ("127.0.0.1", "::1", "localhost")


class _Brief(Policy):
    """As the library's own, for somebody who waits at a terminal: who is not there at the second try is not there."""

    __slots__ = ()

    def decide(
        self,
        attempt: Attempt,
        *,
        left: float | None = None,
        max_wait: float | None = None,
        queued: bool = True,
    ) -> Verdict:
        if attempt.number >= 2 and verdict.classify(attempt) is verdict.Kind.UNSENT:
            return Verdict(None, "nobody is there")
        return super().decide(attempt, left=left, max_wait=max_wait, queued=queued)


class Access:
    """What a command may use: a credential, an address, and how long to wait for an answer, in seconds."""

    def __init__(
        self, token_file: Path | None = None, base_url: str | None = None, timeout: float = 30.0, *, needed: bool = True
    ) -> None:
        """The token is the file's, else that of ``DISCORD_TOKEN``; without ``needed`` there may be none.

        Raises Failure where there is none, or none that can be one, and UsageFailure for an address of no use.
        """
        self.token, self.token_from = _token(token_file, needed)
        self.base_url = _base_url(base_url)
        self.timeout = timeout

    def http(self) -> HTTPClient:
        """A client, to be entered."""
        return HTTPClient(
            token=self.token, base_url=self.base_url, deadline=self.timeout, decide=_Brief(chance, limiter=True)
        )


def _token(file: Path | None, needed: bool) -> tuple[Token, str]:
    if file is not None:
        where = str(file)
        try:
            text = file.read_text("utf-8").strip()
        except UnicodeDecodeError:
            raise Failure(f"{file} is no text file with a token") from None
        except OSError as exc:
            raise Failure(f"{file} cannot be read: {exc.strerror or exc}") from exc
        if not text:
            raise Failure(f"{file} is empty: put the bot's token into it")
    else:
        where, text = TOKEN, os.environ.get(TOKEN, "").strip()
        if not text:
            if not needed:
                return Token.none(), "nowhere"
            raise Failure(f"no token: set {TOKEN} in the environment, or name a file with --token-file")
    try:
        return Token.bot(text), where
    except ValueError as exc:
        problem = str(exc)
    raise Failure(f"the token of {where} cannot be one: {problem}")


def _base_url(given: str | None) -> str | None:
    url = given or os.environ.get(BASE_URL, "").strip() or None
    if url is None:
        return None
    named = "--base-url" if given else BASE_URL
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    else:
        if parts.scheme not in ("http", "https"):
            host = None
    if not host:
        raise UsageFailure(f"{named}: expected a URL like http://127.0.0.1:8765/api")
    # What is set once and forgotten must not carry a token abroad; what is typed may.
    if not given and host not in _LOCAL and host != "discord.com" and not host.endswith(".discord.com"):
        raise UsageFailure(f"{BASE_URL} leads off this machine: to send a token there name it with --base-url")
    return url.rstrip("/")
