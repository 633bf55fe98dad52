"""Models: what answers become and request bodies are made of, with pydantic underneath.

Decoding is strict first and forgiving second: an answer that fits its schema costs one call of
pydantic's own validator; one that does not is read again by a second validator of the same type
(derived once, on the first misfit) that keeps the raw value at each place that failed.
"""

import ast
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias, TypeVar, Union, cast, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    GetCoreSchemaHandler,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, SchemaValidator, core_schema as cs

from acord.core import decoders
from acord.core.alive import CLIENTS
from acord.core.errors import ModelError
from acord.core.lenient import exact, forgiving, is_not_json, places
from acord.core.types import MISSING as _OURS, Snowflake

if TYPE_CHECKING:
    from acord.core.http import HTTPClient
    from acord.core.types import MISSING as MISSING, Missing as Missing, SnowflakeLike as SnowflakeLike
else:
    # pydantic knows its own sentinel: constraints skip it and it is never dumped.  Checkers do not
    # understand it, so they see our enum, whose member `Request` drops before validation.
    from pydantic_core import MISSING

    Missing = MISSING
    # What is passed as an id is sent as one: anything with `.id`, digits, the number.
    SnowflakeLike = Annotated[Snowflake, BeforeValidator(lambda value: getattr(value, "id", value))]

__all__ = [
    "MISSING",
    "Drift",
    "Missing",
    "Model",
    "Request",
    "SnowflakeLike",
    "Timestamp",
    "attach",
    "load",
    "own",
    "prepare",
    "resolve",
    "told_apart",
    "unlisted",
]

M = TypeVar("M", bound="Model")

# Attributes of answers that are credentials: kept, but never shown by `repr`.
_SECRET = frozenset({"token", "access_token", "refresh_token", "id_token", "client_secret", "secret_key"})


def _iso(value: Any) -> Any:
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value


class _Instant:
    """Text is read, numbers are not: pydantic would take them for Unix times, and the dump would not be what came."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return cs.json_or_python_schema(
            json_schema=cs.datetime_schema(strict=True),
            python_schema=cs.no_info_before_validator_function(_no_number, cs.datetime_schema()),
            serialization=cs.plain_serializer_function_ser_schema(_iso, when_used="json"),
        )


def _no_number(value: Any) -> Any:
    if isinstance(value, (int, float)):
        raise ValueError("a number is no timestamp")
    return value


Timestamp: TypeAlias = Annotated[datetime, _Instant()]
"""An instant, dumped in Discord's own spelling: six digits and ``+00:00``."""


def unlisted(*known: int | str) -> AfterValidator:
    """The mark on the tag of an ``Unknown...`` class: values that have a class of their own are refused.

    Without it a known kind with one odd field would silently become an unknown kind.
    """
    listed = frozenset(known)

    def check(value: Any) -> Any:
        if value in listed:
            raise ValueError("this kind has a class of its own")
        return value

    return AfterValidator(check)


def told_apart(unknown: str, **keys: str) -> Discriminator:
    """How the arm of a union is found whose tag lies beside it: each arm by a field that it alone always has.

    Beside trying the arms in turn it costs nothing on a component and 3 us on a command with resolved objects
    (10.3 for 7.2); in return a known kind with an odd field keeps its class, in lenient loading as well.
    """
    arms = tuple((key, arm) for arm, key in keys.items())

    def choose(value: Any) -> str:
        if not isinstance(value, dict):
            return type(value).__name__  # when dumping
        return next((arm for key, arm in arms if key in value), unknown)

    return Discriminator(choose)


class Model(BaseModel):
    """Base of everything that Discord answers.

    Fields that we do not know are kept (``model_extra``); a field that was absent reads ``None``
    and is not in ``model_fields_set``.
    """

    # A slot, not a private attribute: pydantic makes those cost half as much as decoding.
    __slots__ = ("__weakref__", "_conn")
    model_config = ConfigDict(extra="allow", defer_build=True, serialize_by_alias=True, hide_input_in_errors=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        exact(handler.resolve_ref_schema(schema))
        return schema

    @property
    def conn(self) -> "HTTPClient":
        """The `HTTPClient` that this object came from.

        Set on what a client returned (and on the items of a list); a nested object answers with the
        one open client.  RuntimeError where that is ambiguous or there is none.
        """
        # Never by attribute access: where the slot is empty, pydantic would search the *payload's*
        # unknown fields for "_conn", and an AttributeError here would make it search for "conn".
        try:
            return cast("HTTPClient", _CONN.__get__(self))
        except AttributeError:
            pass
        clients = list(CLIENTS)
        if len(clients) == 1:
            return cast("HTTPClient", clients[0])
        raise RuntimeError(
            f"this {type(self).__name__} does not know its client: it was not returned by one, and "
            f"{len(clients)} clients are open; use the client itself, or the object that was returned"
        )

    @classmethod
    def load(cls, data: bytes | str | Mapping[str, Any], *, strict: bool = False) -> Self:
        """An object of this class out of JSON or of a decoded JSON object.

        Values that contradict the schema stay raw in their places; `ModelError` with ``strict=True``.
        Raises `DecodeError` where the text is not JSON, `ModelError` where it is no JSON object.
        """
        value = load(cls, data, strict=strict)
        if not isinstance(value, cls):
            raise ModelError(cls.__name__, (("", f"a JSON object was expected, not {type(value).__name__}"),))
        return value

    def dump(self) -> dict[str, Any]:
        """What was received, as JSON-ready data: absent fields stay absent, unknown ones are kept."""
        return self.model_dump(mode="json", exclude_unset=True, warnings=False)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, "***" if name in _SECRET and value is not None else value


_CONN: Any = Model.__dict__["_conn"]
_note_conn: Callable[[Model, Any], None] = _CONN.__set__


class Request(BaseModel):
    """Base of what is sent.  A field that is not given is not sent; ``None`` is sent as ``null``."""

    __slots__ = ()
    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        extra="forbid",
        defer_build=True,
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _omit(cls, value: Any) -> Any:
        if isinstance(value, dict):
            given = cast("dict[str, Any]", value)
            return {key: item for key, item in given.items() if item is not _OURS}
        return value

    def dump(self) -> dict[str, Any]:
        """The JSON-ready body: what was given, tags included."""
        return self.model_dump(mode="json")

    def __acord_body__(self) -> dict[str, Any]:
        """As `dump`, with times, ids and members as they are, so that a helper judges them as it does a dict's."""
        return self.model_dump()


# What an answer is made of


@dataclass(frozen=True, slots=True)
class Drift:
    """An answer that contradicts its schema.  The answer itself was delivered all the same."""

    returns: str
    """The type that was expected, as the route states it."""
    problems: tuple[tuple[str, str], ...]
    """Path in the answer (``components.0.style``) and what is wrong there."""
    value: Any = field(repr=False)
    """What was delivered: typed where it fits, raw where it does not."""
    raw: bytes | str | None = field(repr=False, default=None)
    """The answer as received, where it still was text."""


# JSON knows its types: "5" is no number.  A type of the user's own is read as pydantic reads it.
_BUILTINS: Mapping[str, Any] = {
    "Any": Any,
    "bool": StrictBool,
    "bytes": bytes,
    "dict": dict,
    "float": StrictFloat,
    "int": StrictInt,
    "list": list,
    "object": object,
    "str": StrictStr,
}


def _elsewhere(name: str) -> Any:
    """The model (or union of models) of a full name; None where there is none."""
    module, _, last = name.rpartition(".")
    try:
        found = getattr(import_module(module), last, None)
    except ImportError:
        return None
    return found if not last.startswith("_") and (isinstance(found, type) or get_origin(found)) else None


def resolve(returns: str, models: Any = None) -> Any:
    """The type that a string such as ``"list[Message] | None"`` names; model names are looked up in `acord.models`.

    A full name such as ``"mypkg.models.Gadget"`` is that of a model that a user generated for themselves.
    Nothing is evaluated: only names, ``|``, ``None`` and subscripts of ``list`` and ``dict`` are read.
    Raises ValueError for anything else, or for a name that does not exist.
    """

    def find() -> Any:
        return import_module("acord.models") if models is None else models

    def read(node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=None):
                return None
            case ast.Name(id=name) if name in _BUILTINS:
                return _BUILTINS[name]
            case ast.Name(id=name) if not name.startswith("_") and hasattr(home := find(), name):
                return getattr(home, name)
            case ast.Attribute(value=ast.Name() | ast.Attribute()) if (
                found := _elsewhere(ast.unparse(node))
            ) is not None:
                return found
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return Union[read(left), read(right)]  # noqa: UP007 - `|` fails where a side is None or an Annotated
            case ast.Subscript(value=ast.Name(id="list"), slice=item):
                return list[read(item)]  # type: ignore[misc]  # a type made at run time
            case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[ast.Name(id="str"), item])):
                return dict[str, read(item)]  # type: ignore[misc]  # a type made at run time
            case _:
                raise ValueError(f"{ast.unparse(node)!r} in {returns!r} names no type that acord knows")

    return read(ast.parse(returns, mode="eval").body)


class _Decoder:
    """The validators of one type."""

    __slots__ = ("_lenient", "_schema", "fast", "kind", "name", "strict")

    def __init__(self, returns: Any) -> None:
        kind = resolve(returns) if isinstance(returns, str) else returns
        self.name = returns if isinstance(returns, str) else getattr(kind, "__name__", str(kind))
        self.kind = kind
        self._lenient: SchemaValidator | None = None
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind.model_rebuild()  # they are built on first use
            self.strict, self._schema = (
                cast("SchemaValidator", kind.__pydantic_validator__),
                kind.__pydantic_core_schema__,
            )
        else:
            adapter: TypeAdapter[Any] = TypeAdapter(cast("Any", kind))
            self.strict, self._schema = cast("SchemaValidator", adapter.validator), adapter.core_schema
        # None where nothing is to be decoded.
        self.fast = None if kind in (None, bytes) else self.strict.validate_json

    @property
    def lenient(self) -> SchemaValidator:
        """The second validator: what fails stays raw, what is missing reads ``None``."""
        if self._lenient is None:
            # Without the private flag the *strict* validators of nested models are reused (pydantic >= 2.13).
            self._lenient = SchemaValidator(forgiving(self._schema), _use_prebuilt=False)
        return self._lenient


_by_key = functools.lru_cache(maxsize=2048)(_Decoder)


def load(
    returns: Any,
    data: bytes | str | Mapping[str, Any] | list[Any],
    *,
    strict: bool = False,
    on_drift: Callable[[Drift], object] | None = None,
) -> Any:
    """``data`` as the type that ``returns`` is or names (see `resolve`).

    Where the data contradicts the type, the values that failed stay raw, their siblings are typed,
    and ``on_drift`` is told; with ``strict`` `ModelError` is raised instead.  Text that is not JSON
    raises `DecodeError`.  ``bytes`` and ``None`` are taken at their word: nothing is decoded.
    """
    try:
        decoder = _by_key(returns)
    except TypeError:  # an annotation that cannot be hashed
        decoder = _Decoder(returns)
    if isinstance(data, (bytes, str)) and decoder.fast is not None and decoders.is_ours():
        try:
            return decoder.fast(data)
        except ValidationError as exc:
            if not is_not_json(exc):
                return _repair(decoder, data, exc, strict, on_drift)
        # pydantic refuses what JSON permits, lone surrogates; our own decoder has the last word.
    if decoder.fast is None:
        return data if decoder.kind is bytes else None
    decoded: Any = decoders.decode(data) if isinstance(data, (bytes, str)) else data
    try:
        return decoder.strict.validate_python(decoded)
    except ValidationError as exc:
        return _repair(decoder, decoded, exc, strict, on_drift, data if isinstance(data, (bytes, str)) else None)


def prepare(returns: Any) -> None:
    """Make what `load` needs for this type, which otherwise the first `load` does."""
    _by_key(returns)


def _repair(
    decoder: _Decoder,
    data: Any,
    exc: ValidationError,
    strict: bool,
    on_drift: Callable[[Drift], object] | None,
    text: bytes | str | None = None,
) -> Any:
    decoded = data
    if isinstance(data, (bytes, str)):
        text, decoded = data, decoders.decode(data)
    problems = places(exc, decoded)
    if strict:
        raise ModelError(decoder.name, problems) from None  # pydantic's text would print what was received
    value = decoder.lenient.validate_python(decoded)
    if on_drift is not None:
        on_drift(Drift(decoder.name, problems, value, text))
    return value


# Whose it is


def attach(value: Any, client: "HTTPClient") -> None:
    """Note on what a client returned, or on the items of a list, where it came from."""
    for item in cast("list[object]", value) if isinstance(value, list) else [value]:
        if isinstance(item, Model):
            own(item, client)


def own(model: Model, client: Any) -> None:
    """Note where this one came from, and in a process with several clients where its parts did."""
    _note_conn(model, client)
    if len(CLIENTS) > 1:  # then a nested object cannot guess
        _walk(model, client)


def _walk(value: Any, client: "HTTPClient") -> None:
    if isinstance(value, Model):
        _note_conn(value, client)
        for item in value.__dict__.values():
            _walk(item, client)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            _walk(item, client)
    elif isinstance(value, dict):
        for item in cast("dict[object, object]", value).values():
            _walk(item, client)
