"""Operations: what the spec says of one endpoint, and the checked way from a helper's arguments to a Route."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from acord.core import abc, addressing, files as uploading
from acord.core.errors import InvalidRequest
from acord.core.frozen import Frozen
from acord.core.types import MISSING, File, Missing

if TYPE_CHECKING:
    from acord.core.credentials import TokenKind
    from acord.core.shapes import Shape
    from acord.core.signals.scopes import Scope

__all__ = ["Operation", "Pagination", "Parameter"]

_ROUTE: type[abc.Route[Any]] = abc.Route
_PAGINATED: type[abc.PaginatedRoute[Any, Any]] = abc.PaginatedRoute

Location: TypeAlias = Literal["path", "query"]
Style: TypeAlias = Literal["repeat", "comma"]

_Arguments: TypeAlias = tuple[  # of Route.make
    str, dict[str, str], Mapping[str, object], tuple[tuple[str, str], ...], Any, tuple[File, ...], str | None
]

REASON_MAX: Final = 512  # characters of an audit-log reason, before encoding (Resources > Audit Log)


class Parameter(Frozen):
    """One value in the path or the query of an operation."""

    __slots__ = _fields = ("name", "location", "shape", "required", "style")

    name: str
    location: Location
    shape: "Shape"
    required: bool
    style: Style
    """How an array is written: its key repeated, or one key and commas."""

    def __init__(
        self, name: str, location: Location, shape: "Shape", required: bool = False, style: Style = "repeat"
    ) -> None:
        self._fill(name, location, shape, required or location == "path", style)


class Pagination(Frozen):
    """How an operation goes on from page to page."""

    __slots__ = _fields = ("cursors", "item", "key", "limit", "order", "more", "total", "max_offset", "nested", "needs")

    cursors: tuple[str, ...]
    """Query parameters that move on, the usual one first; ``offset`` counts items."""
    item: str
    """Path of the list in the answer; "" where the answer is the list."""
    key: str
    """Field of an item that the next cursor is taken from: the smallest of a page for ``before``, else the largest."""
    limit: int
    """Most items of a page."""
    order: str | None
    more: str | None
    """Field of the answer that says whether there is more; without it a short page is the last."""
    total: str | None
    max_offset: int | None
    nested: bool
    """Whether each item is a list of its own."""
    needs: Mapping[str, object]
    """Arguments without which the operation does not page."""

    def __init__(
        self,
        cursors: Iterable[str],
        *,
        item: str = "",
        key: str = "id",
        limit: int,
        order: str | None = None,
        more: str | None = None,
        total: str | None = None,
        max_offset: int | None = None,
        nested: bool = False,
        needs: Mapping[str, object] | None = None,
    ) -> None:
        self._fill(tuple(cursors), item, key, limit, order, more, total, max_offset, nested, dict(needs or {}))


class Operation(Frozen):
    """One endpoint: what it takes, what it gives, who may call it. `route` makes a request of it."""

    _fields = (
        "name",
        "method",
        "path",
        "auth",
        "scopes",
        "parameters",
        "body",
        "body_required",
        "media",
        "returns",
        "reason",
        "files",
        "attachments",
        "paginates",
        "idempotent",
        "nonce",
        "major",
        "limits",
        "deprecated",
        "source",
        "alias",
    )
    __slots__ = (*_fields, "_in_path", "_in_query", "_pieces", "_whole")

    name: str
    """The official operationId."""
    method: str
    path: str
    """The template, as ``/channels/{channel_id}/messages``."""
    auth: tuple["TokenKind", ...]
    """Kinds of credential it takes, as `Token.kind`; empty where it takes none."""
    scopes: tuple["Scope", ...]
    """OAuth2 scopes of which a bearer token needs one."""
    parameters: tuple[Parameter, ...]
    body: "Shape | None"
    body_required: bool
    media: tuple[str, ...]
    """Encodings of the body: ``json``, ``form``, ``multipart``."""
    returns: Mapping[int, str | None]
    """Name of the answer's type by status; None for no content."""
    reason: bool
    """Whether it writes to the audit log and takes a reason."""
    files: str | None
    """Name of the part of an upload: ``files[n]`` for several, ``file`` or the like for one."""
    attachments: str
    """Path, in the body, of the list that describes ``files[n]``."""
    paginates: Pagination | None
    idempotent: bool
    """Whether doing it twice is as good as once."""
    nonce: bool
    """Whether doing it twice is as good as once with ``nonce`` and ``enforce_nonce``."""
    major: tuple[str, ...]
    """Parameters that a rate-limit bucket is kept by, where they are not the usual ones."""
    limits: Mapping[str, object]
    deprecated: bool | str
    source: str | None
    """Where Discord documents it."""
    alias: Mapping[str, str]
    """Names on the wire to names in Python, where they differ."""
    _pieces: tuple[str, ...]
    _in_path: tuple[Parameter, ...]
    _in_query: Mapping[str, Parameter]
    _whole: str
    """What helpers call a body that is given as one argument, as a list is; "" for one given field by field."""

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        *,
        auth: "Iterable[TokenKind]" = ("bot",),
        scopes: "Iterable[Scope]" = (),
        parameters: Iterable[Parameter] = (),
        body: "Shape | None" = None,
        body_required: bool = False,
        media: Iterable[str] = ("json",),
        returns: Mapping[int, str | None] | None = None,
        reason: bool = False,
        files: str | None = None,
        attachments: str = "attachments",
        paginates: Pagination | None = None,
        idempotent: bool | None = None,
        nonce: bool = False,
        major: Iterable[str] = (),
        limits: Mapping[str, object] | None = None,
        deprecated: bool | str = False,
        source: str | None = None,
        alias: Mapping[str, str] | None = None,
    ) -> None:
        self._fill(
            name,
            method,
            path,
            tuple(auth),
            tuple(scopes),
            tuple(parameters),
            body,
            body_required,
            tuple(media),
            dict(returns or {}),
            reason,
            files,
            attachments,
            paginates,
            method != "POST" if idempotent is None else idempotent,
            nonce,
            tuple(major),
            dict(limits or {}),
            deprecated,
            source,
            dict(alias or {}),
        )

    def _fill(self, *values: object) -> "Operation":
        super()._fill(*values)
        by_name = {parameter.name: parameter for parameter in self.parameters if parameter.location == "path"}
        pieces: list[str] = []
        order: list[Parameter] = []
        rest = self.path
        while (start := rest.find("{")) >= 0:
            end = rest.index("}", start)
            pieces.append(rest[:start])
            order.append(by_name[rest[start + 1 : end]])
            rest = rest[end + 1 :]
        put = object.__setattr__
        put(self, "_pieces", (*pieces, rest))
        put(self, "_in_path", tuple(order))
        put(self, "_whole", "items" if self.body is not None and _is_no_object(self.body) else "")
        put(self, "_in_query", {p.name: p for p in self.parameters if p.location == "query"})
        return self

    @property
    def answer(self) -> str | None:
        """Name of the type of a successful answer; None where there never is one."""
        return next((kind for status, kind in self.returns.items() if 200 <= status < 300 and kind), None)

    def returns_for(self, status: int) -> str | Missing | None:
        """Name of the type that an answer of this status has; None for no content, MISSING where nothing is said."""
        if status in self.returns:
            return self.returns[status]
        # 200 where 201 was announced, or the other way round, is the same answer.
        return self.answer or MISSING if status in (200, 201) else MISSING

    def route(
        self,
        path: Mapping[str, object],
        query: Mapping[str, object],
        body: object = MISSING,
        *,
        files: object = MISSING,
        reason: str | Missing | None = None,
        validate: bool = True,
    ) -> "abc.Route[Any]":
        """The request for these arguments, by their names on the wire.

        Every argument is checked; raises `InvalidRequest` for the first that does not fit. With
        ``validate=False`` limits of query and body are left to Discord; values are still brought
        into JSON's form, and the path stays one that can go nowhere else.
        """
        return _ROUTE.make(self, *self._arguments(path, query, body, files, reason, validate))

    def paginated_route(
        self,
        path: Mapping[str, object],
        query: Mapping[str, object],
        body: object = MISSING,
        *,
        files: object = MISSING,
        reason: str | Missing | None = None,
        validate: bool = True,
    ) -> "abc.PaginatedRoute[Any, Any]":
        """As `route`, for an operation that paginates."""
        return _PAGINATED.make(self, *self._arguments(path, query, body, files, reason, validate))

    def query(self, values: Mapping[str, object], *, validate: bool = True) -> tuple[tuple[str, str], ...]:
        """The query for these arguments, as it is sent. None and MISSING are left out."""
        pairs: list[tuple[str, str]] = []
        given = 0
        for name, value in values.items():
            if value is None or value is MISSING:
                continue
            parameter = self._in_query.get(name)
            if parameter is None:
                raise InvalidRequest(name, value, f"a query parameter of {self.name}")
            given += parameter.required
            shown = self.alias.get(name, name)
            ready = parameter.shape.check(value, shown) if validate else parameter.shape.loose(value, shown)
            if not isinstance(ready, list):
                pairs.append((name, addressing.query_text(ready, shown)))
                continue
            texts = [addressing.query_text(item, shown) for item in cast(list[object], ready)]
            if parameter.style == "comma":
                pairs.extend([(name, ",".join(texts))] if texts else ())  # an empty list is not one empty id
            else:
                pairs.extend((name, text) for text in texts)
        if validate and given < sum(parameter.required for parameter in self._in_query.values()):
            required = (parameter for parameter in self._in_query.values() if parameter.required)
            absent = next(one for one in required if values.get(one.name, MISSING) in (None, MISSING))
            raise InvalidRequest(self.alias.get(absent.name, absent.name), MISSING, str(absent.shape))
        return tuple(pairs)

    def _arguments(
        self,
        path: Mapping[str, object],
        query: Mapping[str, object],
        body: object,
        files: object,
        reason: str | Missing | None,
        validate: bool,
    ) -> tuple[
        str, dict[str, str], Mapping[str, object], tuple[tuple[str, str], ...], Any, tuple[File, ...], str | None
    ]:
        pieces = self._pieces
        url = pieces[0]
        bucket: dict[str, str] = {}
        for index, parameter in enumerate(self._in_path, 1):
            name = parameter.name
            shown = self.alias.get(name, name)
            value = parameter.shape.check(path.get(name, MISSING), shown)
            if addressing.is_secret(name):
                value = addressing.Secret(value)
            url += addressing.segment(value, shown) + pieces[index]
            bucket[name] = str(value) if type(value) is not addressing.Secret else value
        uploads = self._uploads(files, validate) if files is not MISSING and files is not None else ()
        ready = self._body(body, validate) if body is not MISSING else MISSING
        if uploads and self.files == "files[n]" and isinstance(ready, dict):
            ready = uploading.described(self, cast(dict[str, Any], ready), uploads)
        if reason is not None and reason is not MISSING:
            self._check_reason(reason)
        else:
            reason = None
        if not query:
            return url, bucket, query, (), ready, uploads, reason
        given = {name: value for name, value in query.items() if value is not None and value is not MISSING}
        return url, bucket, given, self.query(query, validate=validate), ready, uploads, reason

    def _body(self, body: object, validate: bool) -> Any:
        if self.body is None:
            raise InvalidRequest("body", body, f"no body: {self.name} takes none")
        where = self._whole
        try:
            ready = self.body.check(body, where) if validate else self.body.loose(body, where)
        except InvalidRequest as error:
            head = error.argument.partition(".")[0].partition("[")[0]
            if head in self.alias:
                raise error.renamed(self.alias[head] + error.argument[len(head) :]) from None
            raise
        return MISSING if ready == {} and not self.body_required else ready

    def _uploads(self, given: object, validate: bool) -> tuple[File, ...]:
        if self.files is None:
            raise InvalidRequest("files", given, f"no files: {self.name} takes none")
        most = self.limits.get("file_size")
        return uploading.uploads(given, self.files, validate, most if isinstance(most, int) else None)

    def _check_reason(self, reason: object) -> None:
        if not self.reason:
            raise InvalidRequest("reason", reason, f"no reason: {self.name} writes nothing to the audit log")
        if not isinstance(reason, str) or not 1 <= len(reason) <= REASON_MAX:
            raise InvalidRequest("reason", reason, f"string(1..{REASON_MAX})")

    def __repr__(self) -> str:
        return f"<Operation {self.name}: {self.method} {self.path}>"


def _is_no_object(shape: "Shape") -> bool:
    from acord.core.shapes import Array, Map, Nullable

    while isinstance(shape, Nullable):
        shape = shape.shape
    return isinstance(shape, (Array, Map))
