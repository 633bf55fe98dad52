"""Which function of the world carries out which operation."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias, TypeVar

from acord.sandbox.calls import Call
from acord.sandbox.world.state import World

__all__ = ["HANDLERS", "Handler", "handles", "load"]

Handler: TypeAlias = Callable[[World, Call], Any]
"""Gives the body (the status is the first success of the operation), None for no content, or an `Answer`; may
raise `Refusal`. What it changes, it emits."""

HANDLERS: dict[str, Handler] = {}

_RESOURCES: tuple[str, ...] = (
    "applications",
    "audit",
    "auto_moderation",
    "bans",
    "channels",
    "commands",
    "direct",
    "emojis",
    "entitlements",
    "event_exceptions",
    "followers",
    "guild_channels",
    "guilds",
    "interactions",
    "invites",
    "lobbies",
    "members",
    "message_calls",
    "overwrites",
    "pins",
    "polls",
    "reactions",
    "roles",
    "scheduled_events",
    "search",
    "soundboard",
    "stages",
    "stickers",
    "templates",
    "thread_lists",
    "thread_members",
    "threads",
    "users",
    "voice",
    "webhook_messages",
    "webhook_services",
    "webhooks",
    "welcome",
)
"""Modules of this folder that hold handlers."""

H = TypeVar("H", bound=Handler)


def handles(*names: str) -> Callable[[H], H]:
    """Decorates the handler of these operations (operationIds)."""

    def register(handler: H) -> H:
        for name in names:
            assert name not in HANDLERS, f"{name} is handled twice"
            HANDLERS[name] = handler
        return handler

    return register


def load() -> dict[str, Handler]:
    """Every handler by its operation's name."""
    for resource in _RESOURCES:
        import_module(f"acord.sandbox.world.{resource}")
    return HANDLERS
