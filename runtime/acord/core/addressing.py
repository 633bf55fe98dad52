"""Paths and queries: how values become part of a URL, and which template a concrete path belongs to.  Pure.

Nothing that a caller passes can leave its place: a path parameter is one segment whatever it
contains, and a path that was typed by hand is refused where it would mean something else.
"""

import enum
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any, Final, TypeAlias, cast
from urllib.parse import quote, unquote

from acord.core.errors import InvalidRequest, TransportError
from acord.core.types import MISSING

__all__ = [
    "Found",
    "Secret",
    "encode_query",
    "find",
    "guess",
    "hidden",
    "is_secret",
    "major",
    "parameters_of",
    "query_pairs",
    "query_text",
    "segment",
    "split",
]

LITERAL: Final = frozenset({"@me", "@original"})  # stand for an id and stay as they are (API Reference)
_PLAIN = "!$&'()*+,;=:@"  # what RFC 3986 allows in a segment beside letters, digits and -._~
_STRAY_PERCENT = r"%(?![0-9A-Fa-f]{2})"  # patterns are compiled, and kept by `re`, when they are first used


class Secret(str):
    """A part of a path that is a credential. A string like any other, but its repr shows nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def is_secret(name: str) -> bool:
    """Whether a path parameter of this name is a credential (``webhook_token``, ``interaction_token``)."""
    return name.endswith("token")


def segment(value: object, where: str) -> str:
    """``value`` as one segment of a path, percent-encoded once. ``@me`` and ``@original`` stay.

    Raises `InvalidRequest` for what no segment can hold: nothing, ``.``, ``..``, control characters,
    lone surrogates.
    """
    text = _as_text(value, where)
    if (text.isalnum() and text.isascii()) or text in LITERAL:
        return text
    _refuse_unsafe(text, where, value)
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise InvalidRequest(where, value, "text without lone surrogates") from None


def split(piece: object, where: str) -> list[str]:
    """A hand-typed path, or a piece of one, as segments fit for a URL.

    What is already percent-encoded stays, everything else that needs it is encoded. Raises
    `InvalidRequest` for what would change the meaning of the URL, naming the cure.
    """
    text = _as_text(piece, where)
    for sign, cure in (
        ("?", "pass the query as keywords, as in Route('GET', path='/guilds/1', with_counts=True)"),
        ("#", "write %23 where it is part of a name"),
        ("\\", "write %5C where it is part of a name, / between segments"),
    ):
        if sign in text:
            raise InvalidRequest(where, piece, f"a path without {sign}", fix=cure)
    segments: list[str] = []
    for part in text.removeprefix("/").split("/"):
        decoded = unquote(part) if "%" in part else part
        _refuse_unsafe(decoded, where, piece)
        try:
            segments.append(quote(re.sub(_STRAY_PERCENT, "%25", part), safe=_PLAIN + "%"))
        except UnicodeEncodeError:
            raise InvalidRequest(where, piece, "text without lone surrogates") from None
    return segments


def _as_text(value: object, where: str) -> str:
    if isinstance(value, str):
        return str(value.value) if isinstance(value, enum.Enum) else value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(int(value))
    inner: object = getattr(value, "id", None)
    if isinstance(inner, (int, str)) and not isinstance(inner, bool):
        return _as_text(inner, where)
    raise InvalidRequest(where, value, "text, an id, or an object with .id")


def _refuse_unsafe(text: str, where: str, value: object) -> None:
    if not text:
        raise InvalidRequest(
            where, value, "no empty part in the path", fix="look for a doubled or trailing / or an empty argument"
        )
    if text in (".", ".."):
        raise InvalidRequest(where, value, "no . or .. as a part of the path", fix="spell out the whole path")
    if any(sign < " " or sign == "\x7f" for sign in text):
        raise InvalidRequest(
            where, value, "a path without control characters", fix="strip the line end or other control character"
        )


# ---- queries


def query_text(value: object, where: str) -> str:
    """One value of a query, not yet encoded: booleans as true and false, instants as ISO 8601, objects as their id."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float) and value - value == 0:  # neither infinite nor NaN
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat()
    inner: object = getattr(value, "id", None)
    if isinstance(inner, (int, str)) and not isinstance(inner, bool):
        return str(inner)
    raise InvalidRequest(where, value, "text, a number, a boolean, a datetime, an id, or a sequence of those")


def query_pairs(parameters: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The pairs of a query, arrays repeating their key. None and MISSING are left out, 0, False and "" are not.

    Source: Discord docs, API Reference > Boolean Query Strings, Array Query Strings.
    """
    for name, value in parameters.items():
        if value is None or value is MISSING:
            continue
        if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
            for index, item in enumerate(cast(Sequence[object], value)):
                yield name, query_text(item, f"{name}[{index}]")
        else:
            yield name, query_text(value, name)


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """The pairs as they follow the ``?``."""
    try:
        return "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in pairs)
    except UnicodeEncodeError:
        raise InvalidRequest("query", MISSING, "text without lone surrogates") from None


# ---- templates

Found: TypeAlias = tuple[str | None, str]
"""Name of the operation where one has that method and path, and the template."""

_Node: TypeAlias = dict[str, Any]
_END: Final = "/"  # no segment contains one
_ANY: Final = "{}"

_tree: tuple[object, _Node] = (None, {})


def _index() -> _Node:
    """Templates as a tree by segments; built once for each table."""
    global _tree
    try:
        table: Mapping[str, tuple[str, ...]] = import_module("acord.core.signals.templates").TEMPLATES
    except (ModuleNotFoundError, AttributeError):
        table = {}
    except OSError as exc:  # no file descriptor is free, say: the next route tries again
        raise TransportError(f"the table of routes cannot be read ({exc.strerror})", outcome="not_sent") from exc
    if _tree[0] is not table:
        root: _Node = {}
        for name, (method, template, *_) in table.items():
            node = root
            for part in template.strip("/").split("/"):
                node = node.setdefault(_ANY if part.startswith("{") else part, {})
            node.setdefault(_END, {})[method] = (name, template)
        _tree = table, root
    return _tree[1]


def find(method: str, segments: Sequence[str]) -> Found | None:
    """The operation and template that a concrete path belongs to; literal segments win over parameters.

    Where the path is known and the method is not, the template alone. None for an unknown path.
    """
    other: Found | None = None
    for ends in _ends(_index(), segments, 0):
        if method in ends:
            return ends[method]
        if other is None:
            other = None, next(iter(ends.values()))[1]
    return other


def _ends(node: _Node, segments: Sequence[str], at: int) -> Iterator[dict[str, tuple[str, str]]]:
    if at == len(segments):
        if _END in node:
            yield node[_END]
        return
    for key in (segments[at], _ANY):
        if key in node and key != _END:
            yield from _ends(node[key], segments, at + 1)


def parameters_of(template: str, segments: Sequence[str]) -> dict[str, str]:
    """The values of a concrete path by the template's names, decoded; credentials as `Secret`."""
    shape = template.strip("/").split("/")
    return hidden({name[1:-1]: unquote(part) for name, part in zip(shape, segments, strict=False) if name[:1] == "{"})


def hidden(values: Mapping[str, str]) -> dict[str, str]:
    """The same, with credentials as `Secret`."""
    return {name: Secret(value) if is_secret(name) else value for name, value in values.items()}


# What the documentation calls the parameters behind these words, and how many there are.
_PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "applications": ("application_id",),
    "channels": ("channel_id",),
    "guilds": ("guild_id",),
    "interactions": ("interaction_id", "interaction_token"),
    "messages": ("message_id",),
    "users": ("user_id",),
    "webhooks": ("webhook_id", "webhook_token"),
}
_WORD = r"@?[a-z][a-z_-]*"


def guess(segments: Sequence[str]) -> str:
    """A template for a path that no table knows, so that its limit is not kept per message and its token is hidden.

    Ids and whatever is no plain lower-case word are taken for parameters, as is what follows an id
    of a webhook or an interaction.
    """
    parts: list[str] = []
    pending: list[str] = []
    for part in segments:
        if part.isdecimal() or (pending and is_secret(pending[0])):
            name = pending.pop(0) if pending else f"id{len(parts)}"
            parts.append(f"{{{name}}}")
        elif re.fullmatch(_WORD, part):
            pending = list(_PARAMETERS.get(part, ()))
            parts.append(part)
        else:
            parts.append(f"{{value{len(parts)}}}")
            pending = []
    return "/" + "/".join(parts)


# What a rate-limit bucket is kept by, where the path begins with that resource (Topics > Rate Limits).
_MAJOR: Mapping[str, tuple[str, ...]] = {
    "channels": ("channel_id",),
    "guilds": ("guild_id",),
    "webhooks": ("webhook_id", "webhook_token"),
    "interactions": ("interaction_id", "interaction_token"),
}


def major(template: str, values: Mapping[str, str], names: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
    """The values that a rate-limit bucket is kept by: of ``names``, else of the resource that the path begins with."""
    chosen = names or _MAJOR.get(template[1:].partition("/")[0], ())
    if not chosen:
        return ()
    return tuple((name, _keyed(name, values[name])) for name in chosen if name in values)


def _keyed(name: str, value: str) -> str:
    if not is_secret(name):
        return value
    from hashlib import blake2b

    return blake2b(value.encode(), digest_size=8, person=b"acord bucket").hexdigest()
