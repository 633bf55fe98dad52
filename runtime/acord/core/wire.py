"""What a request looks like on the wire: bodies, headers and the origins that may be sent to.  Pure."""

import functools
import ipaddress
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast
from urllib.parse import quote, urlencode, urlsplit

from acord.core.errors import InvalidRequest, UnsafeOrigin
from acord.core.types import MISSING, File
from acord.core.values import jsonable

__all__ = ["Base", "audit_reason", "checked_headers", "encode_form", "encode_json", "parse_base", "require_safe"]

MAX_REASON = 512  # characters before encoding (Resources > Audit Log)

# Compiled, and kept by `re`, with the first header that a user gives.
_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEADER_VALUE = r"[\t\x20-\x7e\x80-\xff]*"

# Written by the client itself; a second one would contradict it.
_RESERVED = {
    "authorization": "pass auth=Token.bot(...) or auth=Token.bearer(...)",
    "content-length": "leave it to the client",
    "transfer-encoding": "leave it to the client",
    "host": "pass base_url= to the client",
    "accept-encoding": "leave it to the client, which bounds what it inflates",
    "x-audit-log-reason": "pass reason=",
}


class Base(NamedTuple):
    """Where requests go."""

    url: str
    origin: str
    """Scheme, host and port in one spelling; the port only where it is not the scheme's own."""
    host: str
    """What the Host header says."""
    scheme: str
    name: str


class Body(NamedTuple):
    """What is sent, made anew for each attempt."""

    content_type: str
    length: int | None
    make: Callable[[], bytes | AsyncIterator[bytes]]
    repeatable: bool = True
    """Whether it can be made a second time."""


_NO_BODY = Body("", 0, bytes)


@functools.lru_cache(maxsize=64)
def parse_base(url: str) -> Base:
    """The parts of a base URL.  Raises `InvalidRequest` where it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidRequest("base_url", url, "an http or https URL without user name") from None
    name = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not name or "@" in parts.netloc or parts.query or parts.fragment:
        raise InvalidRequest("base_url", url, "an http or https URL without user name, query and fragment")
    shown = f"[{name}]" if ":" in name else name
    host = shown if port in (None, {"http": 80, "https": 443}[parts.scheme]) else f"{shown}:{port}"
    return Base(url.rstrip("/"), f"{parts.scheme}://{host}", host, parts.scheme, name)


@functools.lru_cache(maxsize=64)
def versioned(url: str, version: int) -> Base:
    """The parts of a base URL, that of one version of the API.  Raises `InvalidRequest` as `parse_base` does."""
    return parse_base(f"{url.rstrip('/')}/v{version}")


@functools.lru_cache(maxsize=64)
def own_headers(host: str, agent: str) -> tuple[tuple[str, str], ...]:
    """What every request says of itself."""
    return ("Host", host), ("User-Agent", user_agent(agent)), ("Accept-Encoding", "gzip")


def require_safe(base: Base, allowed: Iterable[str] = ()) -> None:
    """Raise `UnsafeOrigin` unless credentials may go there.

    That is https on discord.com and its subdomains, plain http on this machine alone, and the
    origins that the user's own code names.
    """
    if base.origin in allowed:
        return
    if base.scheme == "https" and (base.name == "discord.com" or base.name.endswith(".discord.com")):
        return
    if _is_loopback(base.name):
        return
    raise UnsafeOrigin(base.origin)


@functools.lru_cache(maxsize=64)
def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def audit_reason(reason: str) -> str:
    """``reason`` as the value of ``X-Audit-Log-Reason``: percent-encoded UTF-8, the per cent sign included.

    Raises `InvalidRequest` unless it has 1 to 512 characters.

    Source: Discord docs, Resources > Audit Log.
    """
    if not 1 <= len(reason) <= MAX_REASON:
        raise InvalidRequest("reason", reason, f"string(1..{MAX_REASON})")
    try:
        return quote(reason, safe="")
    except UnicodeEncodeError:
        raise InvalidRequest("reason", reason, "text without lone surrogates") from None


def checked_headers(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """The headers that a user gave, fit for the wire.  Raises `InvalidRequest` for what could break out of its line."""
    checked: list[tuple[str, str]] = []
    for name, value in headers.items():
        if not re.fullmatch(_HEADER_NAME, name):
            raise InvalidRequest("headers", name, "a header name of letters, digits and -")
        if name.lower() in _RESERVED:
            raise InvalidRequest(f"headers[{name}]", "***", f"no such header: {_RESERVED[name.lower()]}")
        if not re.fullmatch(_HEADER_VALUE, value):
            raise InvalidRequest(f"headers[{name}]", "***", "one line of Latin-1 text")
        checked.append((name, value))
    return checked


@functools.lru_cache(maxsize=16)
def user_agent(text: str) -> str:
    """The text, if it is one line of ASCII; raises `InvalidRequest`."""
    if not (text.isascii() and text.isprintable() and text.strip()):
        raise InvalidRequest("User-Agent", text, "one line of ASCII text", fix="see HTTPClient.user_agent")
    return text


def make_body(*, data: Any, json: Any, own: Any, files: Sequence[tuple[str, File]], media: Sequence[str]) -> Body:
    """The body of a request: ``own`` is the route's, ``json`` and ``data`` the caller's; at most one is given.

    bytes and str are sent as they are, anything else as a form where the operation takes nothing
    else, or as JSON.  With ``files`` the JSON becomes one part beside them, or one part a field
    where the operation takes no JSON.
    """
    if own is MISSING and json is MISSING and data is None and not files:
        # Without a body no media type either: Discord answers 400 to an empty JSON text.
        return _NO_BODY
    given = [value for value in (own, json, MISSING if data is None else data) if value is not MISSING]
    if len(given) > 1:
        raise InvalidRequest("data", given[-1], "one body", fix="the route has one already, or json= was given, too")
    if files:
        return _with_files(given[0] if given else {}, files, whole="json" in media)
    value = given[0]
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, (bytes, bytearray)):
        text, kind = bytes(value), "application/json"
    elif "form" in media and "json" not in media:
        text, kind = encode_form(value), "application/x-www-form-urlencoded"
    else:
        text, kind = encode_json(value if own is value else jsonable(value, "json")), "application/json"
    return Body(kind, len(text), lambda: text)


def _with_files(value: Any, files: Sequence[tuple[str, File]], *, whole: bool) -> Body:
    from acord.core.multipart import encode_multipart  # for those who upload

    ready = jsonable(value, "data")
    if not isinstance(ready, dict):
        raise InvalidRequest("data", value, "an object beside files")
    fields = cast("dict[str, Any]", ready)
    if whole:
        parts = {"payload_json": encode_json(fields)} if fields else {}
    else:
        # A form knows no null: what is null is left out.
        parts = {name: _form_text(item).encode() for name, item in fields.items() if item is not None}
    kind, length, make = encode_multipart(parts, files)
    return Body(kind, length, make, all(file.repeatable for _, file in files))


@functools.cache
def _fast_json() -> Callable[[Any], bytes]:
    """msgspec's encoder, loaded with the first body."""
    import msgspec

    return msgspec.json.Encoder().encode


def encode_json(value: Any) -> bytes:
    """JSON-ready data as UTF-8.  Lone surrogates, which UTF-8 cannot hold, are escaped."""
    try:
        return _fast_json()(value)
    except (UnicodeEncodeError, OverflowError):
        import json

        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def encode_form(value: Mapping[str, Any]) -> bytes:
    """A flat mapping as ``application/x-www-form-urlencoded``."""
    pairs: list[tuple[str, str]] = []
    for key, item in value.items():
        items = cast("list[object]", item) if isinstance(item, list) else [item]
        pairs.extend((key, _form_text(one)) for one in items if one is not None)
    return urlencode(pairs).encode("ascii")


def _form_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
