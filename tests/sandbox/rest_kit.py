"""What the tests of the sandbox's REST side share: an API over a small world, and requests to it."""

import json
from typing import Any

from acord.sandbox.answers import Answer
from acord.sandbox.calls import Account, Call
from acord.sandbox.rest.api import Api, Limiting
from acord.sandbox.rest.requests import Options, Request
from acord.sandbox.world.build import add_bot
from acord.sandbox.world.state import World

TOKEN = "sandbox-bot-token"
HEADERS = {"host": "localhost:8080", "authorization": f"Bot {TOKEN}"}


class Kit:
    """An API whose operations answer with examples, but for those that a test carries out itself."""

    def __init__(self, limits: Limiting | None = None, **options: Any) -> None:
        self.world = World(lambda: 1_750_000_000.0)
        self.bot = add_bot(self.world, "acorn", TOKEN)
        self.api = Api(self.world, limits, Options(**options))
        self.api.handlers = {}
        self.calls: list[Call] = []
        self.api.on_call = self.calls.append

    def bearer(self, token: str, *scopes: str) -> None:
        """A user's token with these scopes."""
        self.world.accounts[token] = Account("bearer", self.bot["id"], self.bot["id"], frozenset(scopes))

    def send(self, method: str, target: str, body: object = None, **headers: str | None) -> Answer:
        """The answer to a request of the bot's; a header that is None is left out."""
        given = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if body is not None:
            given.setdefault("content-type", "application/json")
        present = {name: value for name, value in given.items() if value is not None}
        return self.api.answer(Request(method, target, present, content))


def faults(answer: Answer) -> dict[str, list[str]]:
    """The codes of a 50035 by dotted place."""
    body: Any = answer.body
    assert (400, 50035) == (answer.status, body["code"]), body
    found: dict[str, list[str]] = {}

    def walk(node: dict[str, Any], place: tuple[str, ...]) -> None:
        for step, inner in node.items():
            if step == "_errors":
                found[".".join(place)] = [one["code"] for one in inner]
            else:
                walk(inner, (*place, step))

    walk(body["errors"], ())
    return found
