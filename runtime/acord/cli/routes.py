"""`acord routes` and `acord route`: what the spec says of the REST API, for people and for programs."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, cast

from rich.console import Console, Group, RenderableType
from rich.text import Text

from acord.cli.arguments import body_fields
from acord.cli.failures import UsageFailure
from acord.cli.screen import cell, show, table
from acord.cli.text import harmless
from acord.core.operation import Operation
from acord.core.shapes import AnyOf, Nullable, Object, Ref, Shape, Tagged
from acord.core.signals.templates import TEMPLATES

__all__ = ["as_json", "describe", "search", "show_list"]

_METHOD = {"GET": "green", "POST": "yellow", "PUT": "yellow", "PATCH": "yellow", "DELETE": "red"}


def search(words: str) -> list[tuple[str, str, str, str]]:
    """Name, method, path and resource of every route in which all words occur.  Raises UsageFailure for none."""
    wanted = words.lower().split()
    found = [
        (name, *known)
        for name, known in TEMPLATES.items()
        if all(word in f"{name} {' '.join(known)}".lower() for word in wanted)
    ]
    if not found:
        close = get_close_matches(words, TEMPLATES, 3, 0.5)
        meant = f"; did you mean {', '.join(close)}?" if close else ""
        raise UsageFailure(f"no route has {harmless(words)!r} in its name, method, path or resource{meant}")
    return found


def show_list(found: list[tuple[str, str, str, str]], out: Console) -> None:
    """The routes, those of a resource together."""
    last = ""
    name_width, path_width = max(len(row[0]) for row in found), max(len(row[2]) for row in found)
    narrow = name_width + path_width + 14 > out.width
    for name, method, path, resource in found:
        if resource != last:
            lead = "\n" if last else ""
            show(Text(f"{lead}{resource}", style="bold"), out)
            last = resource
        call = Text.assemble((f"{method:<6} ", _METHOD.get(method, "")), harmless(path))
        if narrow:
            show(Text(f"  {name}", style="cyan"), out)
            show(Text("    ") + call, out, fold=False)
        else:
            show(Text(f"  {name:<{name_width}}  ", style="cyan") + call, out, fold=False)


def as_json(operation: Operation) -> dict[str, Any]:
    """What is known of an operation, for programs."""
    return {
        "name": operation.name,
        "method": operation.method,
        "path": operation.path,
        "auth": list(operation.auth),
        "scopes": list(operation.scopes),
        "parameters": [
            {"name": one.name, "in": one.location, "type": str(one.shape), "required": one.required}
            for one in operation.parameters
        ],
        "body": None
        if operation.body is None
        else {
            "type": str(operation.body),
            "required": operation.body_required,
            "fields": [
                {"name": name, "type": str(one), "required": must} for name, one, must in _fields(operation.body)
            ],
        },
        "returns": {str(status): kind for status, kind in operation.returns.items()},
        "reason": operation.reason,
        "files": operation.files,
        "pages": None if operation.paginates is None else list(operation.paginates.cursors),
        "idempotent": operation.idempotent,
        "limits": dict(operation.limits),
        "deprecated": operation.deprecated,
        "source": operation.source,
    }


def describe(operation: Operation) -> Iterator[RenderableType]:
    """The page about one operation, without the address of Discord's."""
    head = Text.assemble((operation.method, _METHOD.get(operation.method, "")), " ", (harmless(operation.path), "bold"))
    if operation.deprecated:
        head.append("  deprecated", style="red")
    yield head
    yield Text(_signature(operation), style="cyan")
    yield Text()
    rows = [(one.name, str(one.location), str(one.shape), one.required) for one in operation.parameters]
    rows += [(name, "body", str(shape), needed) for name, shape, needed in _fields(operation.body)]
    if rows:
        made = table("argument", "in", "type", "")
        for name, place, shape, needed in rows:
            made.add_row(cell(name, "cyan"), cell(place), cell(shape), cell("required" if needed else "", "yellow"))
        yield Group(made, Text())
    facts = table()
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, text in _facts(operation).items():
        facts.add_row(name, cell(text))
    yield facts


def _facts(operation: Operation) -> Mapping[str, str]:
    answers = ", ".join(f"{status}: {kind or 'nothing'}" for status, kind in operation.returns.items())
    facts = {"returns": answers, "credential": ", ".join(operation.auth)}
    if operation.scopes:
        facts["scopes"] = ", ".join(operation.scopes)
    if operation.body is not None and not _fields(operation.body):
        facts["body"] = f"{operation.body}, given by --data"
    if operation.files:
        facts["files"] = f"as {operation.files}, given by --files"
    if operation.reason:
        facts["audit log"] = "takes --reason"
    if operation.paginates is not None:
        pages = operation.paginates
        facts["pages"] = f"by {' or '.join(pages.cursors)}, {pages.limit} at most; all of them with --all"
    limits = [f"{name} {_plain(value)}" for name, value in operation.limits.items()]
    facts["rate limit"] = "; ".join(["for each " + ", ".join(operation.major)] * bool(operation.major) + limits) or (
        "what the answer's headers say"
    )
    facts["sent again"] = (
        "yes: twice is as good as once"
        if operation.idempotent
        else ("yes, with a nonce" if operation.nonce else "only where it was surely not carried out")
    )
    return facts


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(one)}" for name, one in cast("Mapping[str, object]", value).items())
    if isinstance(value, (list, tuple)):
        return " / ".join(map(_plain, cast("Sequence[object]", value)))
    return "yes" if value is True else str(value)


def _signature(operation: Operation) -> str:
    """The helper as it is called, required arguments first."""
    path = [one.name for one in operation.parameters if one.location == "path"]
    fields = _fields(operation.body)
    needed = [one.name for one in operation.parameters if one.location == "query" and one.required]
    needed += [name for name, _, wanted in fields if wanted]
    optional = len(fields) + len(operation.parameters) - len(path) - len(needed)
    parts = [*path, *(["items"] if operation.body is not None and not fields else [])]
    parts += [f"{name}=..." for name in needed] + ["..."] * bool(optional)
    return f"acord.routes.{operation.name}({', '.join(parts)})"


def _fields(shape: Shape | None) -> list[tuple[str, Shape, bool]]:
    needed = _needed(shape)
    return [(name, field, name in needed) for name, field in body_fields(shape).items()]


def _needed(shape: Shape | None) -> set[str]:
    """Fields that every form of a body has to have."""
    match shape:
        case Ref():
            return _needed(shape.target)
        case Nullable():
            return _needed(shape.shape)
        case Object():
            return set(shape.required)
        case Tagged():
            return set[str].intersection(*map(_needed, shape.arms.values()))
        case AnyOf():
            return set[str].intersection(*map(_needed, shape.shapes))
        case _:
            return set()
