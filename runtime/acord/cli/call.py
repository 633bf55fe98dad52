"""`acord call`: one request, or all pages of one, and what comes back as JSON."""

import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, nullcontext
from difflib import get_close_matches
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, cast

from acord.cli import screen
from acord.cli.arguments import Fields, merged, of_operation, of_path, parse, read_json
from acord.cli.connect import Access
from acord.cli.failures import Failure, UsageFailure, whole
from acord.cli.text import harmless, json_text
from acord.core import outcome
from acord.core.abc import Route
from acord.core.base import Model
from acord.core.http import HTTPClient
from acord.core.operation import Operation
from acord.core.types import MISSING, File
from acord.routes import OPERATIONS

if TYPE_CHECKING:
    from acord.core.abc import PaginatedRoute

__all__ = ["Call", "operation_of", "plan", "send"]

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Call(NamedTuple):
    """What is to be sent: a route, and what a route made by hand does not carry itself."""

    route: Route[Any]
    options: dict[str, Any]


def operation_of(name: str) -> Operation:
    """An operation by its name.  Raises UsageFailure with what was meant."""
    if name not in OPERATIONS:
        close = get_close_matches(name, OPERATIONS, 3, 0.5)
        meant = f"; did you mean {', '.join(close)}?" if close else "; `acord routes` lists all"
        raise UsageFailure(f"no operation is called {harmless(name)}{meant}")
    return OPERATIONS[name]


def plan(
    target: Sequence[str],
    *,
    data: str | None = None,
    files: Sequence[Path] = (),
    reason: str | None = None,
    pages: bool = False,
) -> Call:
    """The request that a command line means.  Raises UsageFailure or InvalidRequest; nothing is sent."""
    for file in files:
        if not file.is_file():
            raise UsageFailure(f"--files: there is no file {file}")
    uploads = [File(file) for file in files]
    body = MISSING if data is None else read_json(_text(data), "--data")
    head, *rest = target
    if head.upper() not in METHODS:
        operation = operation_of(head)
        if pages and operation.paginates is None:
            raise UsageFailure(f"{head} has no pages: leave out --all")
        return Call(of_operation(operation, parse(rest), body, uploads, reason), {})
    if not rest or not rest[0].startswith("/"):
        raise UsageFailure("after a method comes a path, as /users/@me")
    route, fields = of_path(head, rest[0], parse(rest[1:]))
    if pages:
        return Call(_with_pages(route), {})
    options: dict[str, Any] = {"reason": reason}
    if body is not MISSING or fields:
        options["json"] = fields if body is MISSING else merged(body, fields)
    if uploads:
        options["files"] = uploads
    return Call(route, options)


def _text(data: str) -> str:
    """What ``--data`` says: itself, the text of ``@file``, or stdin for ``-``."""
    if data == "-":
        return sys.stdin.read()
    if not data.startswith("@"):
        return data
    try:
        return Path(data[1:]).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageFailure(f"--data: {data[1:]} cannot be read: {getattr(exc, 'strerror', None) or exc}") from exc


def _with_pages(route: Route[Any]) -> Route[Any]:
    known = route.operation
    if known is None or known.paginates is None:
        raise UsageFailure(f"nothing is known of pages of {route}: leave out --all")
    return of_operation(known, Fields({}, {**route.bucket, **route.parameters}))


async def send(access: Access, call: Call, *, out: Path | None, compact: bool, pages: bool, most: int | None) -> None:
    """Send it and write what comes back: JSON, with ``pages`` one item a line.  Raises what a request raises."""
    with whole(out) if out is not None else nullcontext() as file:
        async with access.http() as http:
            if pages:
                done = await _all(http, call, most, file)
                screen.note(f"{done} items" + ("" if out is None else f" in {out}"))
                return
            value = await _answer(http, call)
        if file is not None:
            file.write(_written(value))
            return
    if isinstance(value, bytes):
        raise Failure(f"the answer is no text but {len(value)} bytes: give --out FILE")
    if value is not MISSING:
        screen.show_json(value, compact=compact)


def _written(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"" if value is MISSING else f"{json_text(value, indent=2)}\n".encode()


async def _all(http: HTTPClient, call: Call, most: int | None, file: IO[bytes] | None) -> int:
    """Write every item on a line of its own; how many there were."""
    done = 0
    # Items that pass by on the same screen show the progress themselves.
    with screen.progress(shown=file is not None or not sys.stdout.isatty()) as bar:
        task = bar.add_task(str(call.route.operation and call.route.operation.name), total=most)
        async with aclosing(_items(http, call, most)) as items:
            async for item in items:
                line = json_text(item)
                if file is None:
                    print(line)
                else:
                    file.write(f"{line}\n".encode())
                done += 1
                bar.update(task, completed=done)
    return done


async def _answer(http: HTTPClient, call: Call) -> Any:
    """What came back: JSON that was read, or text, or bytes; MISSING where there was nothing."""
    async with http.request(call.route, **call.options) as response:
        body = await response.read()
        if not response.ok:
            raise outcome.refusal(response, body)
        if response.status == 204 or not body:
            screen.note(f"{response.status}, no content")
            return MISSING
        if response.is_json:
            return response.decoded(body)
        try:
            return body.decode()
        except UnicodeDecodeError:
            return body


async def _items(http: HTTPClient, call: Call, most: int | None) -> AsyncGenerator[Any]:
    paged = cast("PaginatedRoute[Any, Any]", call.route)  # `plan` made no other
    async for item in http.paginate(paged, max_items=most):
        yield item.dump() if isinstance(item, Model) else item
