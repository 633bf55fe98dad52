"""Endpoints that the spec does not know, as a test makes them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import unquote

from acord.sandbox.answers import Answer
from acord.sandbox.recorder import json_of
from acord.sandbox.rest.credentials import unauthorized
from acord.sandbox.wire.peer import Received

__all__ = ["Endpoint", "answer_of"]


class Endpoint(NamedTuple):
    """A method, a path with names in it, and what is answered."""

    method: str
    path: str
    answer: object

    def match(self, method: str, segments: list[str]) -> dict[str, str] | None:
        """The segments by name; None where this is another request."""
        own = self.path.strip("/").split("/")
        if method != self.method or len(own) != len(segments):
            return None
        found: dict[str, str] = {}
        for wanted, given in zip(own, segments, strict=True):
            if wanted.startswith("{") and wanted.endswith("}"):
                found[wanted[1:-1]] = unquote(given)
            elif wanted != given:
                return None
        return found


def answer_of(endpoints: Iterable[Endpoint], seen: Received) -> Answer | None:
    """What the newest endpoint says that fits; None where none does. It takes a credential, whichever."""
    root, version, *segments = [*seen.target.partition("?")[0].strip("/").split("/"), ""]
    if root != "api" or version[:1] != "v":
        return None
    for endpoint in reversed(list(endpoints)):
        path = endpoint.match(seen.method, segments[:-1])
        if path is None:
            continue
        if "authorization" not in seen.headers:
            return unauthorized().answer()
        body: Any = endpoint.answer
        if callable(body):
            body = cast("Callable[[Mapping[str, str], Any], Any]", body)(path, json_of(seen))
        if isinstance(body, Answer):
            return body
        return Answer(204) if body is None else Answer(200, body)
    return None
