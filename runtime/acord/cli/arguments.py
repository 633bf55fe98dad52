"""``name=value`` from a command line, read as what the operation takes under that name."""

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple, cast

from acord.cli.failures import UsageFailure
from acord.core.abc import Route
from acord.core.errors import InvalidRequest
from acord.core.operation import Operation
from acord.core.shapes import AnyOf, Array, Boolean, Enum, Integer, Map, Nullable, Number, Object, Ref, Shape, Tagged
from acord.core.types import MISSING, File

__all__ = ["Fields", "body_fields", "of_operation", "of_path", "parse", "typed"]


class Fields(NamedTuple):
    """What was given by name: as text, or with ``:=`` as JSON that has been read."""

    texts: Mapping[str, str]
    values: Mapping[str, Any]


def parse(items: Iterable[str]) -> Fields:
    """Split ``name=value`` and ``name:=JSON``.  Raises UsageFailure."""
    texts: dict[str, str] = {}
    values: dict[str, Any] = {}
    for item in items:
        name, equals, text = item.partition("=")
        raw = name.endswith(":")
        name = name.removesuffix(":")
        if not equals or not name.isidentifier():
            raise UsageFailure("expected name=value, or name:=JSON, after the operation or path")
        if name in texts or name in values:
            raise UsageFailure(f"{name} is given twice: a list is written name:='[1, 2]'")
        if raw:
            values[name] = read_json(text, name)
        else:
            texts[name] = text
    return Fields(texts, values)


def read_json(text: str, where: str) -> Any:
    """JSON, or UsageFailure with the place where it ends to be JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as exc:
        raise UsageFailure(f"{where} is no JSON: {exc.msg} at character {exc.pos + 1}") from None
    except RecursionError:
        raise UsageFailure(f"{where} is nested too deeply") from None


def typed(shape: Shape, text: str, where: str) -> Any:
    """The value that a text stands for where this shape is expected.  Raises UsageFailure."""
    while isinstance(shape, (Ref, Nullable)):
        if isinstance(shape, Nullable):
            if text == "null":
                return None
            shape = shape.shape
        else:
            shape = shape.target
    try:
        match shape:
            case Boolean():
                return {"true": True, "false": False}[text.lower()]
            case Integer():
                return int(text)
            case Number():
                return float(text)
            case Enum():
                return int(text) if all(isinstance(value, int) for value in shape.values) else text
            case Array() if not text.lstrip().startswith("["):
                return [typed(shape.item, part.strip(), where) for part in text.split(",") if part.strip()]
            case Array() | Object() | Map() | Tagged():
                return read_json(text, where)
            case AnyOf():
                return _first(shape, text, where)
            case _:
                return text
    except (KeyError, ValueError):
        raise UsageFailure(f"{where}: expected {shape}, got {text[:40]!r}") from None


def _first(shape: AnyOf, text: str, where: str) -> Any:
    for arm in shape.shapes:
        try:
            value = typed(arm, text, where)
            arm.check(value, where)
        except (UsageFailure, InvalidRequest):
            continue
        return value
    return text  # the check that follows says what was expected


def body_fields(shape: Shape | None) -> dict[str, Shape]:
    """The fields of a body by name, those of every form where it has several; none for a list."""
    match shape:
        case Ref():
            return body_fields(shape.target)
        case Nullable():
            return body_fields(shape.shape)
        case Object():
            return {**shape.required, **shape.optional}
        case Tagged():
            return {name: field for arm in shape.arms.values() for name, field in body_fields(arm).items()}
        case AnyOf():
            return {name: field for arm in shape.shapes for name, field in body_fields(arm).items()}
        case _:
            return {}


def of_operation(
    operation: Operation, fields: Fields, data: Any = MISSING, files: Iterable[File] = (), reason: str | None = None
) -> Route[Any]:
    """The request of an operation.  Raises UsageFailure for a name it does not take, InvalidRequest for a value."""
    places = {one.name: (one.location, one.shape) for one in operation.parameters}
    in_body = body_fields(operation.body)
    given: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "body": {}}
    for name in (*fields.texts, *fields.values):
        if name not in places and name not in in_body:
            close = get_close_matches(name, [*places, *in_body], 1)
            meant = f" (did you mean {close[0]}?)" if close else ""
            raise UsageFailure(f"{operation.name} takes no {name}{meant}; `acord route {operation.name}` lists what")
        location, shape = places[name] if name in places else ("body", in_body[name])
        value = fields.values[name] if name in fields.values else typed(shape, fields.texts[name], name)
        given[location][name] = value
    uploads = list(files)
    body = _body(given["body"], data)
    if body is MISSING and operation.body is not None and (operation.body_required or uploads):
        body = dict[str, Any]()
    make = operation.route if operation.paginates is None else operation.paginated_route
    many = uploads if operation.files == "files[n]" else (uploads[0] if len(uploads) == 1 else uploads)
    return make(given["path"], given["query"], body, files=many if uploads else MISSING, reason=reason)


def of_path(method: str, path: str, fields: Fields) -> tuple[Route[Any], dict[str, Any]]:
    """The request for a path, and the fields of its body.

    Where the spec knows the path, names and values are its; elsewhere values are text, in the query of what reads
    and deletes and in the body of what writes.
    """
    known = Route(method, path=path).operation
    in_query = {one.name: one.shape for one in known.parameters if one.location == "query"} if known else {}
    in_body = body_fields(known.body) if known else {}
    query: dict[str, Any] = {}
    body: dict[str, Any] = {}
    for name in (*fields.texts, *fields.values):
        shape = in_query.get(name) or in_body.get(name)
        if name in fields.values:
            value = fields.values[name]
        else:
            value = fields.texts[name] if shape is None else typed(shape, fields.texts[name], name)
        if name in in_query or (name not in in_body and method.upper() in ("GET", "DELETE")):
            if name in ("method", "bucket", "path"):
                raise UsageFailure(f"{name} cannot stand in the query of a path: name the operation in its place")
            query[name] = value
        else:
            body[name] = value
    return Route(method, path=path, **query), body


def _body(fields: dict[str, Any], data: Any) -> Any:
    if data is MISSING:
        return fields or MISSING
    return merged(data, fields)


def merged(data: Any, fields: Mapping[str, Any]) -> Any:
    """A body given whole, with what was given by name in it."""
    if not fields:
        return data
    if not isinstance(data, dict):
        raise UsageFailure("--data is no object, so that name=value cannot be added to it")
    return {**cast("dict[str, Any]", data), **fields}
