"""What became of something that a person did with an app, as that person sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from json import dumps
from typing import Any

from acord.core.base import load
from acord.models import InteractionCallbackType, Message
from acord.sandbox.answers import Json
from acord.sandbox.world.interaction_state import ANSWER_WITHIN
from acord.sandbox.world.message_views import view
from acord.sandbox.world.modals import inputs
from acord.sandbox.world.state import World

__all__ = ["Choice", "Interaction", "Modal", "seen"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A suggestion for an option."""

    name: str
    value: str | int | float


@dataclass(frozen=True, slots=True)
class Modal:
    """A modal that popped up."""

    custom_id: str
    title: str
    inputs: tuple[str, ...]
    """The ``custom_id`` of everything that can be filled in."""


class Interaction:
    """Something that a person did with an app. It looks anew whenever it is asked, and changes when the bot answers.

    >>> interaction = bob.run_command(general, "plant", kind="oak")  # doctest: +SKIP
    >>> interaction.answered  # the bot has not heard of it yet  # doctest: +SKIP
    False
    """

    def __init__(self, world: World, record: Json) -> None:
        self._world, self._record = world, record

    @property
    def id(self) -> int:
        """As in INTERACTION_CREATE."""
        return int(self._record["payload"]["id"])

    @property
    def user_id(self) -> int:
        """Who did it."""
        return int(self._record["user_id"])

    @property
    def callback(self) -> InteractionCallbackType | None:
        """How the bot answered at first; None before it did."""
        callback = self._record["callback"]
        return None if callback is None else InteractionCallbackType(callback)

    @property
    def answered(self) -> bool:
        """Whether the bot has answered, be it that it only will."""
        return self._record["callback"] is not None

    @property
    def failed(self) -> bool:
        """Whether the person reads that the app did not respond: three seconds went by without an answer."""
        return not self.answered and self._world.now() - self._record["began"] > ANSWER_WITHIN

    @property
    def thinking(self) -> bool:
        """Whether the bot has said that it will answer, and has not yet."""
        original = self._record["original"]
        return original is not None and bool(original["flags"] & 1 << 7)

    @property
    def response(self) -> Message | None:
        """The message of the answer, ephemeral ones too; None where there is none, or none any more.

        After an update it is the message with the component.
        """
        original = self._record["original"]
        return None if original is None else seen(self._world, original, self._record["user_id"])

    @property
    def followups(self) -> list[Message]:
        """What the bot said afterwards, oldest first."""
        return [
            seen(self._world, one, self._record["user_id"])
            for one in self._record["messages"]
            if one is not self._record["original"]
        ]

    @property
    def modal(self) -> Modal | None:
        """The modal that popped up; `Person.submit` sends it."""
        modal = self._record["modal"]
        return None if modal is None else Modal(modal["custom_id"], modal["title"], tuple(inputs(modal)))

    @property
    def choices(self) -> list[Choice] | None:
        """What the bot suggests for the option being typed; None before it did."""
        choices = self._record["choices"]
        return None if choices is None else [Choice(one["name"], one["value"]) for one in choices]

    def watch(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call this whenever the bot has answered, said more, or changed what it said; gives what ends it."""
        listeners: list[Callable[[], object]] = self._record["listeners"]
        listeners.append(listener)

        def end() -> None:
            if listener in listeners:
                listeners.remove(listener)

        return end

    @property
    def record(self) -> Mapping[str, Any]:
        """What the world keeps of it; its ``payload`` is what the bot was sent, token included."""
        return self._record

    def __repr__(self) -> str:
        callback = self.callback
        return f"<Interaction {self.id} {'unanswered' if callback is None else callback.name}>"


def seen(world: World, kept: Json, user_id: str) -> Message:
    """A message as this user sees it."""
    found: Message = load(Message, dumps(view(world, kept, user_id)), strict=True)
    return found
