"""Bytes of a body and text of a query to data; what cannot be read is refused as Discord would."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, TypeAlias
from urllib.parse import parse_qsl, unquote

from acord.core.operation import Operation
from acord.core.signals.rest import ErrorCode
from acord.sandbox.answers import Refusal, invalid
from acord.sandbox.calls import Upload

__all__ = ["Body", "Texts", "body_of", "query_of", "reason_of"]

Texts: TypeAlias = dict[str, list[str]]
"""Names to the texts that were given for them, as in a query or a form."""

MAX_FIELDS = 1000  # of a query or a form
MAX_FILES = 10  # of one request (Resources > Message)
MAX_PARTS = 100  # of a multipart body; ten files and what describes them are allowed
MAX_REASON = 512  # characters of a reason for the audit log (Resources > Audit Log)
_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
}


class Body:
    """What a body says: JSON data, or texts by name (``is_text``); and the files that came with it."""

    __slots__ = ("files", "given", "is_text", "value")

    def __init__(
        self, value: Any = None, *, given: bool = True, is_text: bool = False, files: list[Upload] | None = None
    ) -> None:
        self.value = value
        self.given = given
        """Whether there was anything."""
        self.is_text = is_text
        self.files = files or []


def body_of(operation: Operation, content_type: str | None, body: bytes, limit: int) -> Body:
    """The body of a request, by its content type. A body where the operation takes none is not looked at."""
    if len(body) > limit:
        raise Refusal(413, ErrorCode.REQUEST_ENTITY_TOO_LARGE, "Request entity too large")
    if operation.body is None and operation.files is None:
        return Body(given=False)
    kind, parameters = _header(content_type or ("application/json" if operation.media == ("json",) else ""))
    form = next((form for form in operation.media if _TYPES[form] == kind), None)
    if not body and form != "multipart":
        return Body(given=False)
    if form == "json":
        return Body(_json(body))
    if form == "form":
        return _fields(_pairs(body.decode("latin-1")))
    if form == "multipart":
        return _multipart(body, parameters.get("boundary", ""))
    allowed = ", ".join(repr(_TYPES[form]) for form in operation.media)
    message = f'Expected "Content-Type" header to be one of {{{allowed}}}.'
    raise Refusal(400, ErrorCode.INVALID_FORM_BODY, message)


def query_of(text: str) -> Texts:
    """The texts of a query by name, in their order."""
    found: Texts = {}
    for name, value in _pairs(text):
        found.setdefault(name, []).append(value)
    return found


def reason_of(operation: Operation, headers: Mapping[str, str]) -> str | None:
    """The reason for the audit log; None where none is given or the operation takes none."""
    text = headers.get("x-audit-log-reason")
    if not operation.reason or not text:
        return None
    try:
        reason = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise invalid("reason", "Could not interpret the reason as text.", "STRING_TYPE_CONVERT") from None
    if len(reason) > MAX_REASON:
        raise invalid("reason", f"Must be {MAX_REASON} or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    return reason


def _not_json() -> Refusal:
    return Refusal(400, ErrorCode.INVALID_JSON, "The request body contains invalid JSON.")


def _malformed() -> Refusal:
    return Refusal(400, ErrorCode.INVALID_FORM_BODY, "Invalid Form Body", {"_errors": [_UNREADABLE]})


_UNREADABLE = {"code": "FORM_UNREADABLE", "message": "The form could not be read."}


def _no_constant(_: str) -> NoReturn:
    raise ValueError  # NaN and Infinity are Python's own


def _json(body: bytes) -> Any:
    try:
        value = json.loads(body.decode(), parse_constant=_no_constant)
        if b"\\ud" in body or b"\\uD" in body:
            json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair cannot be sent on
    except (ValueError, RecursionError):
        raise _not_json() from None
    return value


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise _malformed() from None


def _fields(pairs: Iterable[tuple[str, str]], files: list[Upload] | None = None) -> Body:
    texts: Texts = {}
    for name, value in pairs:
        texts.setdefault(name, []).append(value)
    if "payload_json" in texts:
        return Body(_json(texts["payload_json"][-1].encode("utf-8", "surrogatepass")), files=files)
    return Body(texts, given=bool(texts), is_text=True, files=files)


# Multipart

_HEAD = re.compile(rb"([!-9;-~]+):[ \t]*([^\r\n]*)")


_PARAMETER = re.compile(r';\s*([!-9<>-~]+?)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')


def _header(value: str) -> tuple[str, dict[str, str]]:
    """A header such as ``multipart/form-data; boundary=x``: what stands first, in lower case, and the parameters."""
    parameters = {match[1].lower(): match[2] or match[3] or "" for match in _PARAMETER.finditer(value)}
    return value.partition(";")[0].strip().lower(), parameters


def _multipart(body: bytes, boundary: str) -> Body:
    """The parts of a form; those with a file name are files."""
    if not 1 <= len(boundary) <= 200:
        raise _malformed()
    mark = b"--" + boundary.encode("latin-1", "replace")
    _, *parts = (b"\r\n" + body).split(b"\r\n" + mark)
    if not parts or len(parts) > MAX_PARTS or not parts[-1].startswith(b"--"):
        raise _malformed()
    pairs: list[tuple[str, str]] = []
    files: list[Upload] = []
    for part in parts[:-1]:
        head, gap, content = part.lstrip(b" \t").partition(b"\r\n\r\n")
        if not gap or not head.startswith(b"\r\n"):
            raise _malformed()
        heads = {name.lower(): text for name, text in _HEAD.findall(head)}
        disposition = heads.get(b"content-disposition", b"").decode("utf-8", "replace")
        name, filename = _named(disposition)
        if name is None:
            raise _malformed()
        if filename is not None:
            media = heads.get(b"content-type", b"application/octet-stream").decode("latin-1")
            files.append(Upload(name, filename, media, content))
            if len(files) > MAX_FILES:
                raise invalid("attachments", f"Must be {MAX_FILES} or fewer in length.", "BASE_TYPE_MAX_LENGTH")
            continue
        try:
            pairs.append((name, content.decode()))
        except UnicodeDecodeError:
            raise _malformed() from None
    return _fields(pairs, files)


_ESCAPE = re.compile("%(?:22|0D|0A)", re.IGNORECASE)
_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}


def _named(disposition: str) -> tuple[str | None, str | None]:
    """Name and file name of a part, with the three escapes that browsers write (HTML, Multipart form data)."""
    kind, parameters = _header(disposition)
    if kind != "form-data":
        return None, None
    name, filename = (
        None if text is None else _ESCAPE.sub(lambda escape: _ESCAPES[escape[0].upper()], text)
        for text in (parameters.get("name"), parameters.get("filename"))
    )
    return name, filename
