"""What a handler gave, as an answer of its operation; and what an operation says that no handler carries out."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from acord.core.operation import Operation
from acord.routes import OPERATIONS
from acord.sandbox.answers import Answer
from acord.sandbox.judge import problems
from acord.sandbox.world import handlers
from acord.sandbox.world.handlers import Handler

__all__ = ["completed", "contradictions", "exemplary", "unhandled"]

_JSON = "application/json"


def completed(operation: Operation, said: Any) -> Answer:
    """What a handler gave, with the status that belongs to it."""
    if isinstance(said, Answer):
        return said
    wanted = [
        status for status, kind in operation.returns.items() if 200 <= status < 300 and (kind is None) == (said is None)
    ]
    if said is None and not wanted and (operation.answer or "").endswith("| None"):
        return Answer(200, b"null")
    first = next(iter(operation.returns), 204)
    return Answer(wanted[0] if wanted else first, said, media=_media(operation) if isinstance(said, bytes) else _JSON)


def _media(operation: Operation) -> str:
    """Of an answer that is a file."""
    return "image/png" if operation.path.endswith(".png") else "text/csv"


def contradictions(operation: Operation, answer: Answer) -> tuple[str, ...]:
    """What is wrong with a successful answer."""
    if answer.status >= 400:
        return ()
    kind = operation.returns.get(answer.status, "")
    if kind == "":
        return (f"{answer.status} is no status of it ({', '.join(map(str, operation.returns))})",)
    if (kind is None) != (answer.body is None):
        return (f"{answer.status} has {'no body' if kind is None else f'a body, {kind}'}",)
    if kind is None or isinstance(answer.body, bytes):
        return ()
    return problems(kind, answer.body)


@cache
def exemplary(name: str) -> Answer:
    """What an operation says that the world does not carry out."""
    from acord.testing.examples import example

    operation = OPERATIONS[name]
    kind = next((kind for status, kind in operation.returns.items() if status < 300), None)
    headers = {"X-Sandbox": "example"}
    if kind is None:
        return completed(operation, None)._replace(headers=headers)
    if kind == "bytes":
        return completed(operation, _PNG if _media(operation) == "image/png" else b"Users\r\n")._replace(
            headers=headers
        )
    return completed(operation, example(kind, seed=operation.name))._replace(headers=headers)


_PNG = bytes.fromhex(  # one transparent pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63000100000005000100"
    "0d0a2db40000000049454e44ae426082"
)


def unhandled(known: Mapping[str, Handler] | None = None) -> list[str]:
    """The operations that answer with an example, because no handler carries them out."""
    have = handlers.load() if known is None else known
    return sorted(name for name in OPERATIONS if name not in have)
