"""A page for every operation of the REST API, and lists of them by resource."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from acord.core.operation import Operation
from acord.core.shapes import AnyOf, Nullable, Object, Ref, Shape, Tagged
from acord.routes import OPERATIONS
from docs._make.examples import example
from docs._make.markdown import cell, code, fence, link, table, title
from docs._make.objects import linked
from docs._make.sources import ROOT, helper

__all__ = ["LIST", "pages", "path_of", "resources"]

LIST = "reference/operations/index.md"
_SANDBOX = "[the sandbox](../../../start/sandbox.md)"
_AUTH = {
    "bot": "bot token",
    "bearer": "bearer token",
    "basic": "client id and secret",
    "none": "nothing (a webhook's or interaction's token stands in the path, or the address is public)",
}


@cache
def resources() -> Mapping[str, list[str]]:
    """Resource -> the names of its operations, in the order of its module."""
    found: dict[str, list[str]] = {}
    for name in OPERATIONS:
        found.setdefault(helper(name).module, []).append(name)
    return dict(sorted(found.items()))


@cache
def _examples_only() -> frozenset[str]:
    """Operations that the sandbox answers with an example."""
    return frozenset((ROOT / "tests" / "sandbox" / "examples.txt").read_text(encoding="utf-8").split())


def path_of(name: str) -> str:
    return f"reference/operations/{helper(name).module}/{name}.md"


def pages() -> dict[str, str]:
    """Path -> text."""
    made = {path_of(name): _operation(name, operation) for name, operation in OPERATIONS.items()}
    for resource, names in resources().items():
        path = f"reference/operations/{resource}/index.md"
        made[path] = (
            f"# {resource.replace('_', ' ').capitalize()}\n\n`acord.routes.{resource}`\n\n{_list(path, names)}\n"
        )
    parts = [
        "# Operations",
        f"All {len(OPERATIONS)} operations of the REST API, each a function of `acord.routes` that returns a route: "
        "`await http.request(messages.create_message(...))`. The search of this site finds them by name and by path.",
    ]
    for resource, names in resources().items():
        parts += [f"## {title(resource)}", _list(LIST, names)]
    made[LIST] = "\n\n".join(parts) + "\n"
    return made


def _list(page: str, names: list[str]) -> str:
    rows = [
        (link(code(name), page, path_of(name)), code(OPERATIONS[name].method), code(OPERATIONS[name].path))
        for name in names
    ]
    return table(("Helper", "Method", "Path"), rows)


def _operation(name: str, operation: Operation) -> str:
    page = path_of(name)
    one = helper(name)
    parts = [f"# {name}", f"`{operation.method} {operation.path}`" + "{ .endpoint }"]
    if operation.deprecated:
        parts.append(f'!!! warning "Deprecated"\n    {operation.deprecated}.')
    parts += one.notes
    parts += [table(("", ""), list(_facts(operation, page)))]
    parts += ["## Call", *(fence(signature) for signature in one.signatures)]
    if operation.parameters:
        rows = [
            (
                code(operation.alias.get(each.name, each.name)),
                each.location,
                linked(str(each.shape), page),
                "yes" if each.required else "",
                "one text with commas" if each.style == "comma" else "",
            )
            for each in operation.parameters
        ]
        more = any(row[4] for row in rows)
        head = ("Parameter", "In", "Type", "Required", "Written as")
        parts += ["## Parameters", table(head if more else head[:4], [row if more else row[:4] for row in rows])]
    if operation.body is not None:
        parts += ["## Body", *_body(operation, page)]
    parts += ["## Example", _how(name), fence(example(name))]
    return "\n\n".join(filter(None, parts)) + "\n"


def _how(name: str) -> str:
    if name in _examples_only():
        return f"A complete program, run against {_SANDBOX}, which answers this one with a valid example."
    return f"A complete program, run against {_SANDBOX}."


def _facts(operation: Operation, page: str) -> Iterator[tuple[str, str]]:
    yield "Credential", cell(", or ".join(_AUTH[kind] for kind in operation.auth)) or "none"
    if operation.scopes:
        yield "Scopes", "one of " + ", ".join(code(scope) for scope in operation.scopes)
    yield (
        "Answers",
        "<br>".join(
            f"{status}: {linked(kind, page) if kind else 'nothing'}" for status, kind in operation.returns.items()
        ),
    )
    yield "Audit-log reason", "`reason=`, up to 512 characters" if operation.reason else "none"
    if operation.files:
        several = operation.files == "files[n]"
        yield "Files", "`files=[File(...), ...]`, up to 10" if several else f"one, as part {code(operation.files)}"
    if operation.media != ("json",) and operation.body is not None:
        yield "Body is sent as", ", ".join(operation.media)
    yield "Pages", cell(_pages(operation)) or "none"
    yield "Sent again after a failure", _retries(operation)
    yield "Rate limit", _limit(operation)
    yield "Discord's page", f"[{operation.name}]({operation.source})" if operation.source else "none"


def _pages(operation: Operation) -> str:
    one = operation.paginates
    if one is None:
        return ""
    return (
        f"`http.paginate(...)`: by {' or '.join(code(cursor) for cursor in one.cursors)}, up to {one.limit} a page"
        + (f", the items in `{one.item}`" if one.item else "")
    )


def _retries(operation: Operation) -> str:
    if operation.idempotent:
        return "yes: twice is as good as once"
    if operation.nonce:
        return "yes: with the `nonce` that ACord adds, twice is as good as once"
    return "only where it surely was not carried out"


def _limit(operation: Operation) -> str:
    major = operation.major or tuple(
        name for name in ("guild_id", "channel_id", "webhook_id", "webhook_token") if "{" + name + "}" in operation.path
    )
    parts = ["counted for each " + ", ".join(code(name) for name in major) if major else "one for the whole account"]
    if operation.limits.get("global_exempt"):
        parts.append("outside the global limit")
    variants: Any = operation.limits.get("variants")
    if variants is not None:
        lanes = ", ".join(str(lane["name"]) for lane in variants["lanes"])
        parts.append(
            f"several limits by {'what is changed' if variants['by'] == 'body' else 'the age of the message'}: {lanes}"
        )
    return "; ".join(parts)


def _plain(shape: Shape) -> Shape:
    while isinstance(shape, (Ref, Nullable)):
        shape = shape.target if isinstance(shape, Ref) else shape.shape
    return shape


def _body(operation: Operation, page: str) -> Iterator[str]:
    shape = operation.body
    assert shape is not None
    yield ("" if operation.body_required else "May be left out. ") + linked(str(shape), page)
    plain = _plain(shape)
    if isinstance(plain, Object):
        yield _fields(plain, page, operation.alias)
    elif isinstance(plain, Tagged):
        for tag, arm in plain.arms.items():
            target = _plain(arm)
            if isinstance(target, Object):
                yield f"### With {code(f'{plain.tag}={tag!r}')}: {target.name}"
                yield _fields(target, page, operation.alias)
    elif isinstance(plain, AnyOf):
        for arm in plain.shapes:
            target = _plain(arm)
            if isinstance(target, Object):
                yield f"### {target.name}"
                yield _fields(target, page, operation.alias)


def _fields(shape: Object, page: str, alias: Mapping[str, str]) -> str:
    rows = [
        (code(alias.get(name, name)), linked(str(kind), page), "yes" if name in shape.required else "")
        for name, kind in {**shape.required, **shape.optional}.items()
    ]
    return table(("Field", "Type", "Required"), rows) or "No fields."
