"""Asks the world of the sandbox as a client would, without bytes: a Route goes in, JSON comes out.

Every answer and every event that comes by is read strictly by the generated classes, so that a test of anything
fails where the sandbox says something that Discord would not.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from pydantic import BaseModel

from acord import events, shapes
from acord.core.abc import Route
from acord.core.base import load
from acord.core.scalars import Boolean, Enum, Integer, Shape
from acord.core.shapes import AnyOf, Array, Nullable, Ref
from acord.core.types import MISSING
from acord.flags import ApplicationFlags, Permissions
from acord.sandbox.answers import Answer, Json, Refusal
from acord.sandbox.calls import Account, Call, Upload
from acord.sandbox.world import build, handlers
from acord.sandbox.world.state import Guild, Happening, World

START = 1_750_000_000.0
"""Wall time at which a world of the tests begins."""


@dataclass
class Clock:
    """The wall time of a world; stands still unless moved."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass
class Town:
    """A world with a guild of three people and a bot, who may do everything there that has a permission."""

    world: World
    clock: Clock
    alice: Json
    """Who owns the guild."""
    bob: Json
    """Who is a plain member."""
    bot: Account
    guild: Guild
    general: Json
    heard: list[Happening] = field(default_factory=list[Happening])
    """Everything that was emitted, oldest first; the data as it was then."""

    def ask(self, route: Route[Any], account: Account | None = None) -> Any:
        """What the bot (or this account) is answered; `Refusal` where it is refused."""
        return ask(self.world, route, account or self.bot)

    def person(self, user: Json) -> Account:
        """Someone's own account, to ask as a bot would with their permissions."""
        return Account("bot", self.bot.application_id, user["id"])

    def events(self, *names: str) -> list[tuple[str, Json]]:
        """Names and data of what was emitted since the last time, all or those of these names."""
        found = [(one.name, one.data) for one in self.heard if not names or one.name in names]
        self.heard.clear()
        return found

    def message(self, content: str = "hi", channel: Json | None = None, account: Account | None = None) -> Json:
        """A message that was just sent."""
        from acord.routes import messages

        sent: Json = self.ask(messages.create_message((channel or self.general)["id"], content=content), account)
        self.heard.clear()
        return sent

    def forbid(self, user_id: str, channel: Json, *what: Permissions) -> None:
        """Deny someone something in a channel."""
        bits = 0
        for one in what:
            bits |= int(one)
        channel["permission_overwrites"].append({"id": user_id, "type": 1, "allow": "0", "deny": str(bits)})

    def demote(self, *what: Permissions) -> None:
        """Leave the bot what @everyone may do, and these."""
        bits = 0
        for one in what:
            bits |= int(one)
        role = self.guild.roles[self.guild.members[self.bot.user_id]["roles"][0]]
        role["permissions"] = str(bits)


def town() -> Town:
    """A new one; nothing was said in it."""
    clock = Clock()
    world = World(clock)
    alice, bob = build.add_user(world, "Alice"), build.add_user(world, "Bob")
    reads = ApplicationFlags.GATEWAY_MESSAGE_CONTENT_LIMITED
    application = build.add_bot(world, "acorn", "the token of acorn", owner_id=alice["id"], flags=reads)
    guild = build.add_guild(world, "The oak", alice["id"])
    role = build.add_role(world, guild, "acorn", int(Permissions.ADMINISTRATOR))
    build.add_member(world, guild, bob["id"])
    build.add_member(world, guild, application["bot"]["id"], role["id"])
    general = build.add_channel(world, guild, "general")
    place = Town(world, clock, alice, bob, world.accounts["the token of acorn"], guild, general)
    world.listeners.append(lambda happening: place.heard.append(_checked(happening)))
    return place


def ask(world: World, route: Route[Any], account: Account | None) -> Any:
    """What this request is answered: JSON, None for no content; `Refusal` where it is refused.

    Fails where the answer is not what the operation says, or where it has a field that nobody knows.
    """
    operation = route.operation
    assert operation is not None, route
    result = handlers.load()[operation.name](world, call_of(route, account))
    status = next(status for status in operation.returns if 200 <= status < 300)
    if isinstance(result, Answer):
        status, body = result.status, result.body
    else:
        body = result
        if body is None:
            status = next((one for one, kind in operation.returns.items() if kind is None), status)
    returns = operation.returns_for(status)
    assert returns is not MISSING, f"{operation.name} does not answer with {status}"
    if returns is None:
        assert body is None, f"{operation.name} has no body, and got {body}"
        return None
    if isinstance(body, bytes):
        return body
    text = json.dumps(body)
    no_surprise(load(returns, text, strict=True), operation.name)
    return json.loads(text)


def call_of(route: Route[Any], account: Account | None) -> Call:
    """What the API would make of this request."""
    operation = route.operation
    assert operation is not None
    query: dict[str, Any] = {}
    for name, text in route.query:
        shape = next(one for one in operation.parameters if one.name == name)
        value = _parsed(shape.shape, text.split(",") if shape.style == "comma" else text)
        query[name] = [*query[name], *value] if isinstance(value, list) and name in query else value
    files = [
        Upload(part, file.filename, file.content_type or "application/octet-stream", _content(file.source))
        for part, file in route.parts
    ]
    body = None if route.body is MISSING else json.loads(json.dumps(route.body))
    return Call(operation, dict(route.bucket), query, body, files, account, route.reason)


@contextmanager
def refused(code: int) -> Generator[None]:
    """The block under it is refused with this error code."""
    try:
        yield
    except Refusal as refusal:
        assert int(code) == refusal.code, refusal
    else:
        pytest.fail(f"nothing was refused: {int(code)} was expected")


def no_surprise(value: Any, where: str) -> None:
    """Fails where a model holds a field that its class does not have, or an object is of an unknown kind."""
    for model, path in _models(value, where):
        assert not model.model_extra, f"{path} ({type(model).__name__}) has unknown fields: {sorted(model.model_extra)}"
        assert not type(model).__name__.startswith("Unknown"), f"{path} is of no known kind: {model!r}"


def _models(value: Any, path: str) -> Iterator[tuple[BaseModel, str]]:
    if isinstance(value, BaseModel):
        yield value, path
        for name, item in value.__dict__.items():
            yield from _models(item, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(cast(list[object], value)):
            yield from _models(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, item in cast(dict[str, object], value).items():
            yield from _models(item, f"{path}.{name}")


def _checked(happening: Happening) -> Happening:
    kind = events.EVENTS[happening.name]
    text = json.dumps(happening.data)
    no_surprise(load(kind, text, strict=True), happening.name)
    return Happening(happening.name, json.loads(text), happening.guild_id, happening.channel_id, happening.users)


def _content(source: Any) -> bytes:
    assert isinstance(source, bytes), "the kit uploads bytes"
    return source


def _parsed(shape: Shape, text: Any) -> Any:
    """A value of a query as the API hands it on: numbers and booleans as such."""
    match shape:
        case Ref(name=name):
            return _parsed(shapes.lookup(name), text)
        case Nullable(shape=inner):
            return _parsed(inner, text)
        case Array(item=item):
            return [_parsed(item, one) for one in (cast(list[str], text) if isinstance(text, list) else [text])]
        case AnyOf(shapes=several):
            return _parsed(several[-1], text)
        case Boolean():
            return text == "true"
        case Integer():
            return int(text)
        case Enum(values=values) if values and isinstance(values[0], int):
            return int(text)
        case _:
            return text
