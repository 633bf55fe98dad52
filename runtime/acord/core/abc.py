"""Requests as values: `Route`, its URL, and the module attributes that users may rebind.

`API_VERSION`, `BASE_API_URL`, `GATEWAY_ENCODING`, `DISCORD_EPOCH` are read through this module at
the moment of use: ``import acord.core.abc as abc; abc.API_VERSION = 9`` holds from then on.
"""

import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Self, TypeVar, cast

from acord.core import addressing
from acord.core.errors import InvalidRequest
from acord.core.types import EPOCH, MISSING, File, Missing, Snowflake

if TYPE_CHECKING:
    from acord.core.operation import Operation, Pagination

__all__ = [
    "API_VERSION",
    "BASE_API_URL",
    "DISCORD_EPOCH",
    "GATEWAY_ENCODING",
    "PaginatedRoute",
    "Route",
    "buildURL",
]

API_VERSION = 10
BASE_API_URL = "https://discord.com/api"
GATEWAY_ENCODING = "json"
DISCORD_EPOCH = EPOCH

T_co = TypeVar("T_co", covariant=True)
Item_co = TypeVar("Item_co", covariant=True)

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def buildURL(*paths: object, **parameters: object) -> str:
    """The full, versioned URL of a path, the query out of the keywords.

    ``buildURL("channels", 1, "messages", limit=5)``. Base and version are this module's at this
    moment. Raises `InvalidRequest` as `Route` does.
    """
    segments = [part for piece in paths if piece != "/" for part in addressing.split(piece, "paths")]
    return _versioned("/" + "/".join(segments) if segments else "", _query(addressing.query_pairs(parameters)))


def _versioned(path: str, query: str) -> str:
    return f"{BASE_API_URL.rstrip('/')}/v{API_VERSION}{path}{query}"


def _query(pairs: Any) -> str:
    text = addressing.encode_query(pairs)
    return f"?{text}" if text else ""


class Route(Generic[T_co]):
    """A request as a value: what to send, not when or by whom.

    Helpers of `acord.routes` make typed ones. By hand, for any path, released or not::

        Route("GET", path=f"/channels/{channel_id}/brand-new-thing", limit=5)
        Route("GET", "channels", channel_id, "brand-new-thing")
        Route("GET", {"channel_id": channel_id}, path="/channels/{channel_id}/brand-new-thing")

    ``bucket`` fills ``{name}`` in the path and names what else its rate limit depends on; a string in
    its place is the first segment. ``paths`` are segments, ``path`` follows them. ``parameters`` are
    the query and nothing else: what a raw call needs besides (``json``, ``data``, ``files``,
    ``reason``) are arguments of `request`.

    A Route does not change, compares by content, and shows no webhook or interaction token. Raises
    `InvalidRequest` for a path that would mean something else than it seems to.
    """

    __slots__ = (
        "_body",
        "_bucket",
        "_files",
        "_found",
        "_method",
        "_operation",
        "_pairs",
        "_parameters",
        "_path",
        "_reason",
        "_template",
    )

    _method: str
    _path: str
    _template: str
    _bucket: Mapping[str, str]
    _parameters: Mapping[str, object]
    _pairs: tuple[tuple[str, str], ...]
    _body: Any
    _files: tuple[File, ...]
    _reason: str | None
    _operation: "Operation | None"
    _found: str | None

    def __init__(
        self: "Route[Any]",
        method: str = "GET",
        bucket: Mapping[str, object] | str = _NOTHING,
        *paths: object,
        path: str = "/",
        **parameters: object,
    ) -> None:
        if not (isinstance(method, str) and method.isalpha() and method.isascii()):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidRequest("method", method, "GET, POST, PUT, PATCH or DELETE", fix="the path goes into path=")
        if isinstance(bucket, str):
            paths, bucket = (bucket, *paths), _NOTHING
        elif not isinstance(bucket, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidRequest("bucket", bucket, "a mapping of path parameters, or the first segment as a string")
        method = method.upper()
        pieces = [(piece, "paths") for piece in paths] + ([(path, "path")] if path not in ("/", "") else [])
        segments: list[str] = []
        template: list[str] = []
        for piece, where in pieces:
            for part in piece.removeprefix("/").split("/") if isinstance(piece, str) else [piece]:
                name = part[1:-1] if isinstance(part, str) and part[:1] == "{" and part[-1:] == "}" else None
                if name is None:
                    segments += addressing.split(part, where)
                elif name in bucket:
                    segments.append(addressing.segment(bucket[name], f"bucket[{name!r}]"))
                else:
                    fix = f"pass {{{name!r}: ...}} as the second argument, or put the value into the path"
                    raise InvalidRequest(where, piece, f"a value for {{{name}}}", fix=fix)
                template.append(f"{{{name}}}" if name else segments[-1])
        found = addressing.find(method, segments)
        if found is None:
            found = None, "/" + "/".join(template) if template != segments else addressing.guess(segments)
        values = {name: addressing.query_text(value, f"bucket[{name!r}]") for name, value in bucket.items()}
        self._fill(
            method,
            "/" + "/".join(segments),
            found[1],
            addressing.parameters_of(found[1], segments) | addressing.hidden(values),
            parameters,
            tuple(addressing.query_pairs(parameters)),
            MISSING,
            (),
            None,
            None,
            found[0],
        )

    @classmethod
    def make(
        cls,
        operation: "Operation",
        path: str,
        bucket: Mapping[str, str],
        parameters: Mapping[str, object],
        pairs: tuple[tuple[str, str], ...],
        body: Any,
        files: tuple[File, ...],
        reason: str | None,
    ) -> Self:
        """The request of an operation. For `Operation`, which has checked every part."""
        route = object.__new__(cls)
        template = operation.path
        route._fill(operation.method, path, template, bucket, parameters, pairs, body, files, reason, operation, None)
        return route

    def _fill(
        self,
        method: str,
        path: str,
        template: str,
        bucket: Mapping[str, str],
        parameters: Mapping[str, object],
        pairs: tuple[tuple[str, str], ...],
        body: Any,
        files: tuple[File, ...],
        reason: str | None,
        operation: "Operation | None",
        found: str | None,
    ) -> None:
        put = object.__setattr__
        put(self, "_method", method)
        put(self, "_path", path)
        put(self, "_template", template)
        put(self, "_bucket", bucket)
        put(self, "_parameters", parameters)
        put(self, "_pairs", pairs)
        put(self, "_body", body)
        put(self, "_files", files)
        put(self, "_reason", reason)
        put(self, "_operation", operation)
        put(self, "_found", found)

    # What is sent

    @property
    def method(self) -> str:
        """GET, POST, PUT, PATCH, DELETE."""
        return self._method

    @property
    def path(self) -> str:
        """The path below base and version, percent-encoded. Contains the token of a webhook or interaction."""
        return self._path

    @property
    def paths(self) -> tuple[str, ...]:
        """The segments of `path`; the repr of one that is a credential shows nothing."""
        shape = self._template.strip("/").split("/")
        segments = self._path.strip("/").split("/") if self._path != "/" else []
        return tuple(
            addressing.Secret(part) if known[:1] == "{" and addressing.is_secret(known[1:-1]) else part
            for known, part in zip(shape, segments, strict=False)
        )

    @property
    def parameters(self) -> Mapping[str, object]:
        """The query as it was given."""
        return MappingProxyType(self._parameters)

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query as it is sent, before percent-encoding: one pair for each item of an array."""
        return self._pairs

    @property
    def target(self) -> str:
        """Path and query, as they follow base and version."""
        return f"{self._path}{_query(self._pairs)}" if self._pairs else self._path

    @property
    def url(self) -> str:
        """The true URL, with `BASE_API_URL` and `API_VERSION` of this moment. Contains what `path` contains."""
        return _versioned("" if self._path == "/" else self._path, _query(self._pairs))

    @property
    def body(self) -> Any:
        """The JSON-ready body; MISSING where there is none."""
        return self._body

    @property
    def files(self) -> tuple[File, ...]:
        """What is uploaded."""
        return self._files

    @property
    def parts(self) -> tuple[tuple[str, File], ...]:
        """The files with the names of their parts: ``files[0]``, ``files[1]``, or what the operation says."""
        name = (self.operation.files if self.operation is not None else None) or "files[n]"
        return tuple((name.replace("[n]", f"[{index}]"), file) for index, file in enumerate(self._files))

    @property
    def reason(self) -> str | None:
        """What the audit log will say."""
        return self._reason

    # What it is

    @property
    def template(self) -> str:
        """The path with names for values, as ``/channels/{channel_id}/messages``."""
        return self._template

    @property
    def operation(self) -> "Operation | None":
        """What the spec says of this request; None for a path it does not know."""
        if self._operation is None and self._found is not None:
            try:
                return _documented(sys.modules.get("acord.routes") or import_module("acord.routes"), self._found)
            except ModuleNotFoundError:
                return None
        return self._operation

    def returns_for(self, status: int) -> "str | Missing | None":
        """Name of the type that an answer of this status has; None for no content, MISSING where nothing is known.

        A route made by hand states no type, even where its path is known.
        """
        return MISSING if self._operation is None else self._operation.returns_for(status)

    @property
    def returns(self) -> "str | Missing | None":
        """Name of the type of a successful answer, as `returns_for`."""
        return MISSING if self._operation is None else self._operation.answer

    # What its rate limit is kept by

    @property
    def bucket(self) -> Mapping[str, str]:
        """The values in the path by the template's names, and what was given as ``bucket``."""
        return MappingProxyType(self._bucket)

    @property
    def major(self) -> tuple[tuple[str, str], ...]:
        """The values that Discord keeps a bucket for each of. Credentials are replaced by a digest.

        Source: Discord docs, Topics > Rate Limits.
        """
        names = self._operation.major if self._operation is not None else ()
        return addressing.major(self._template, self._bucket, names)

    def _id(self, name: str) -> Snowflake | None:
        value = self._bucket.get(name, "")
        return Snowflake(value) if value.isdecimal() else None

    @property
    def channel_id(self) -> Snowflake | None:
        """The channel that the path names."""
        return self._id("channel_id")

    @property
    def guild_id(self) -> Snowflake | None:
        """The guild that the path names."""
        return self._id("guild_id")

    @property
    def webhook_id(self) -> Snowflake | None:
        """The webhook that the path names."""
        return self._id("webhook_id")

    @property
    def webhook_token(self) -> str | None:
        """The webhook's token; its repr shows nothing."""
        return self._bucket.get("webhook_token")

    # How it behaves

    def __repr__(self) -> str:
        shape = self._template.strip("/").split("/")
        shown = (
            known if isinstance(part, addressing.Secret) else part
            for known, part in zip(shape, self.paths, strict=False)
        )
        query = f" {dict(self._parameters)!r}" if self._pairs else ""
        return f"<{type(self).__name__} {self._method} /{'/'.join(shown)}{query}>"

    def __str__(self) -> str:
        """Method and template, as ``DELETE /channels/{}/messages/{}``: what one request has in common with its like."""
        parts = ("{}" if part[:1] == "{" else part for part in self._template.split("/"))
        return f"{self._method} {'/'.join(parts)}"

    def _content(self) -> tuple[Any, ...]:
        return self._method, self._path, self._pairs, self._body, self._files, self._reason, self._operation

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Route):
            return NotImplemented
        return self._content() == other._content() and self._bucket == other._bucket

    def __hash__(self) -> int:
        return hash((self._method, self._path, self._pairs))  # a body need not be hashable

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Route does not change: make another one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Route does not change: make another one")

    def __reduce__(self) -> tuple[Any, ...]:
        state = (self._bucket, self._parameters, self._pairs, self._body, self._files, self._reason)
        return _restore, (type(self), self._method, self._path, self._template, *state, self._operation, self._found)

    # Checkers are not told: to them a Route is not awaitable, which is an error where `NoReturn` would be none.
    if not TYPE_CHECKING:

        def __await__(self):
            raise TypeError(
                f"a Route is not sent by awaiting it: pass it to http.request(...), as in await http.request({self})"
            )


@cache
def _documented(routes: Any, name: str) -> "Operation | None":
    """What the spec says of an operation: looked up once, since each request asks for it."""
    return cast("Operation | None", routes.OPERATIONS.get(name))


def _restore(cls: type[Route[Any]], *state: Any) -> Route[Any]:
    route = object.__new__(cls)
    route._fill(*state)  # pyright: ignore[reportPrivateUsage]  # its own module
    return route


class PaginatedRoute(Route[T_co], Generic[T_co, Item_co]):
    """A request for one page, which `paginate` turns into a walk over all items."""

    __slots__ = ()

    @property
    def pagination(self) -> "Pagination":
        """How to get from one page to the next."""
        operation = self.operation
        assert operation is not None and operation.paginates is not None  # Operation makes no other
        return operation.paginates

    def turn(self, **changes: object) -> Self:
        """The same request with other values in its query: the next page. None takes a parameter out."""
        operation = self.operation
        assert operation is not None
        parameters = {**self._parameters, **changes}
        pairs = operation.query(parameters, validate=False)
        return self.make(operation, self._path, self._bucket, parameters, pairs, self._body, self._files, self._reason)
