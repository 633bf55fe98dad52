"""Who listens to what: the table of a client's listeners, and what is wrong with a subscription before it is one."""

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Any, Final, cast

from acord.core.base import prepare
from acord.core.desk import Consumer
from acord.core.dispatch import Dispatch
from acord.core.errors import InvalidRequest
from acord.core.event import Event, Unknown
from acord.core.explain import missing_intents, named
from acord.core.intake import Table
from acord.core.listeners import AsyncListener, Failure, Kind, Listener, Reader
from acord.core.signals.gateway import Intents

__all__ = ["Subscriptions"]

_log = logging.getLogger(__name__)

GRACE, LAST_GRACE = 2.0, 1.0  # seconds that listeners have to finish at the end, and to stop when they are told to
# Messages of the connection itself; the shard deals with them.
_OF_THE_SHARD: Final = frozenset({"HELLO", "RECONNECT", "INVALID_SESSION"})
# The bot's own changes come without the intent (Events > Gateway > List of Intents).
_ALSO_WITHOUT: Final = frozenset({"GUILD_MEMBER_UPDATE"})
_UNKNOWN: Final = "an event without a class"


class Subscriptions:
    """The listeners of one client."""

    def __init__(self, intents: int, on_error: Callable[[Failure], object] | None) -> None:
        self._intents, self._on_error = int(intents), on_error
        self._entries: list[tuple[Consumer, tuple[Kind, ...]]] = []
        self.table = Table()
        """Who gets which event now."""
        self._hint_due = not self._intents & Intents.MESSAGE_CONTENT
        self.failures = 0
        """How many events could not be dealt with."""

    # What is wanted

    def kind(self, what: object) -> Kind:
        """What `what` stands for: an event class, `Event`, `Unknown`, `Dispatch`, or the name of an event.

        Raises `InvalidRequest` where it stands for nothing, or for what the intents can never deliver.
        """
        if what is Dispatch:
            return Kind(None, None)
        if isinstance(what, str):
            self._check_intents(what, what)
            return Kind(Event, what)
        if what is Event:
            return Kind(Event, None)
        if what is Unknown:
            return Kind(Unknown, _UNKNOWN)
        if not _is_event(what):
            raise InvalidRequest("event", what, "a class of acord.events", fix="as client.on(events.MessageCreate)")
        return self._kind_of_class(cast("type[Event]", what))

    def _kind_of_class(self, cls: type[Event]) -> Kind:
        from acord.events import EVENTS, OTHERWISE

        name = cls.event_name
        if name not in EVENTS or cls not in (EVENTS[name], OTHERWISE.get(name)):
            raise InvalidRequest("event", cls, "an event's own class", fix=f"{cls.__name__} is what no event becomes")
        if name in _OF_THE_SHARD:
            raise InvalidRequest("event", cls, "an event", fix=f"{name} is a message that each shard deals with itself")
        self._check_intents(name, cls.__name__)
        # Now, not with the first event: building a validator takes milliseconds, in which nothing else is read.
        prepare(cls)
        if (other := OTHERWISE.get(name)) is not None:
            prepare(other)
        return Kind(cls, name, self.look_at_content if name == "MESSAGE_CREATE" and self._hint_due else None)

    def _check_intents(self, name: str, shown: str) -> None:
        wanted = missing_intents(name, self._intents)
        if wanted is None or name in _ALSO_WITHOUT:
            return
        text = named(wanted)
        raise InvalidRequest(
            "intents",
            self._intents,
            f"{' or '.join(text.split(' | '))} for {shown}",
            fix=f"without it Discord never sends {name}: add {text.split(' | ')[0]} to intents=",
        )

    def look_at_content(self, event: Any) -> None:
        """Say once why messages are empty."""
        if not self._hint_due or event.content or event.author.bot or event.guild_id is None:
            return
        if any(getattr(event, part, None) for part in ("embeds", "attachments", "components", "sticker_items", "poll")):
            return
        if event.type not in (0, 19):  # the others may well be empty: joins, boosts, pins
            return
        self._hint_due = False
        _log.warning(
            "a message came without content: text, embeds, files and components of messages need "
            "Intents.MESSAGE_CONTENT in intents=, and its switch in the Developer Portal, page Bot"
        )

    # Who wants it

    def add(self, consumer: Consumer, kinds: tuple[Kind, ...]) -> None:
        self._entries.append((consumer, kinds))
        self._rebuild()

    def remove(self, consumer: Consumer) -> bool:
        """Whether it was there."""
        left = [entry for entry in self._entries if entry[0] is not consumer]
        was_there = len(left) < len(self._entries)
        self._entries = left
        self._rebuild()
        return was_there

    def find(self, function: object) -> list[Listener]:
        """The listeners that call this function."""
        return [one for one, _ in self._entries if isinstance(one, Listener) and one.function == function]

    def _rebuild(self) -> None:
        from acord.events import EVENTS

        wanted: list[tuple[Consumer, set[str | None]]] = [
            (one, {kind.name for kind in kinds}) for one, kinds in self._entries
        ]

        def for_name(name: str) -> tuple[Consumer, ...]:
            also = None if name in EVENTS else _UNKNOWN
            return tuple(one for one, names in wanted if not names.isdisjoint({None, name, also}))

        names = {name for _, some in wanted for name in some if name is not None and name != _UNKNOWN}
        if any(_UNKNOWN in some for _, some in wanted):
            names |= {*EVENTS}
        self.table = Table({name: for_name(name) for name in names}, for_name(_UNKNOWN))

    # What goes wrong

    def tell(self, failure: Failure) -> None:
        """A listener's error goes into the log and to the hook, and no further."""
        self.failures += 1
        what = getattr(failure.listener, "__qualname__", None) or type(failure.listener).__name__
        _log.error("%s failed with %s", what, failure.dispatch.name, exc_info=failure.error)
        if self._on_error is None:
            return
        try:
            self._on_error(failure)
        except Exception:
            _log.exception("on_error failed")

    # The end, and another beginning

    def begin(self) -> None:
        """There will be events again."""
        for consumer, _ in self._entries:
            if isinstance(consumer, AsyncListener):
                consumer.revive()

    def end(self, error: BaseException | None) -> None:
        """There will be no more events."""
        for consumer, _ in list(self._entries):
            if isinstance(consumer, Reader):
                consumer.end(error)

    async def drain(self, but: Collection[object] = ()) -> None:
        """Let the listeners finish what they are at, within three seconds; what waits is left undone."""
        tasks: set[asyncio.Task[None]] = set()
        for consumer, _ in self._entries:
            if isinstance(consumer, AsyncListener):
                consumer.halt()
                tasks |= consumer.tasks
        tasks -= cast("set[asyncio.Task[None]]", {*but})
        if tasks:
            _, tasks = await asyncio.wait(tasks, timeout=GRACE)
        for task in tasks:
            task.cancel()
        if tasks:
            _, tasks = await asyncio.wait(tasks, timeout=LAST_GRACE)
        for task in tasks:
            _log.error("a listener goes on though it was told to stop: %s", task.get_coro())


def _is_event(what: object) -> bool:
    return isinstance(what, type) and issubclass(what, Event)
