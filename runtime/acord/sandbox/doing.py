"""Whatever else people do: said as a request of theirs, by the helpers in `acord.routes`."""

from json import dumps
from typing import TypeVar

from acord.core.abc import Route
from acord.core.base import load
from acord.core.types import MISSING, File
from acord.sandbox.calls import Account, Call, Upload
from acord.sandbox.mistakes import Mistake
from acord.sandbox.reading import Faults
from acord.sandbox.rest.answering import completed
from acord.sandbox.rest.checks import checked_body, checked_path, checked_query
from acord.sandbox.rest.parsing import Body, Texts
from acord.sandbox.world import handlers
from acord.sandbox.world.state import World

__all__ = ["carry_out"]

T = TypeVar("T")


def carry_out(world: World, user_id: str, route: Route[T]) -> T:
    """What this user is answered, typed. `Refusal` where they may not, or where it does not fit.

    `Mistake` for what no person does (a raw path, an operation of applications or by a token in its path) and for
    what the sandbox only has an example of.
    """
    operation = route.operation
    if operation is None:
        raise Mistake(f"{route!r} is none of the operations in acord.routes")
    handler = handlers.load().get(operation.name)
    if handler is None:
        raise Mistake(f"the sandbox does not carry out {operation.name}")
    if "bot" not in operation.auth or any(name in route.bucket for name in _NOBODYS):
        raise Mistake(f"{operation.name} is nothing that a person does")
    texts: Texts = {}
    for name, text in route.query:
        texts.setdefault(name, []).append(text)
    uploads = [_upload(part, file) for part, file in route.parts]
    body = Body(given=False) if route.body is MISSING else Body(route.body, files=uploads)
    faults = Faults()
    call = Call(
        operation,
        checked_path(operation, dict(route.bucket), faults),
        checked_query(operation, texts, faults),
        checked_body(operation, body, faults),
        uploads,
        Account("bot", "", user_id),
        route.reason,
    )
    faults.refuse()
    answer = completed(operation, handler(world, call))
    returns = operation.returns_for(answer.status)
    found: T = load(None if returns is MISSING else returns, _text(answer.body), strict=True)
    return found


_NOBODYS = ("application_id", "webhook_token", "interaction_token")


def _upload(part: str, file: File) -> Upload:
    if not isinstance(file.source, bytes):
        raise Mistake(f"{part}: people hand over bytes, as File(b'...', filename=...)")
    return Upload(part, file.filename, file.content_type or "application/octet-stream", file.source)


def _text(body: object) -> bytes:
    return body if isinstance(body, bytes) else dumps(body).encode()
