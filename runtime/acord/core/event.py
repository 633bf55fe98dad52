"""What arrives over the gateway, the voice gateway and event webhooks: the bases of the generated classes, and how a
dispatch becomes one of them.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import ValidationError, model_serializer, model_validator

from acord.core import decoders
from acord.core.base import Drift, Model, load, prepare
from acord.core.errors import ModelError
from acord.core.signals.gateway import Intents

if TYPE_CHECKING:
    from acord.core.signals.voice import Opcode  # 3 ms that only voice needs

__all__ = ["Event", "Plain", "Unknown", "VoicePayload", "WebhookEvent", "decode"]


class Event(Model):
    """Base of everything that the gateway sends.  What is beside the payload stands on the class, not in it."""

    __slots__ = ()
    event_name: ClassVar[str] = ""
    """``MESSAGE_CREATE``; for a message that is no dispatch the name of its opcode."""
    event_intents: ClassVar[Intents] = Intents(0)
    """Any one of these lets the event through; none: it always comes."""


class WebhookEvent(Model):
    """Base of what an event webhook is sent."""

    __slots__ = ()
    event_name: ClassVar[str] = ""


class VoicePayload(Model):
    """Base of the JSON payloads of the voice gateway, of both directions."""

    __slots__ = ()
    opcode: ClassVar["Opcode"]


class Plain(Model):
    """A payload that is no object: it is the ``value``."""

    __slots__ = ()
    value: Any

    @model_validator(mode="before")
    @classmethod
    def _wrap(cls, data: Any) -> Any:
        wrapped: dict[str, Any] = {"value": data}
        if isinstance(data, dict) and cast("dict[str, Any]", data).keys() == {"value"}:
            return cast("dict[str, Any]", data)  # from the constructor
        return wrapped

    @model_serializer
    def _unwrap(self) -> Any:
        return self.value

    def dump(self) -> Any:
        """What was received, as JSON-ready data."""
        return self.model_dump(mode="json", warnings=False)


class Unknown(Event):
    """An event that this version of the library has no class for: its name and the decoded payload."""

    name: str
    data: Any

    def dump(self) -> Any:
        """The payload as it came."""
        return self.data


def decode(
    name: str, data: bytes | str | Any, *, strict: bool = False, on_drift: Callable[[Drift], object] | None = None
) -> Event:
    """The event ``name`` out of its payload, as JSON or decoded.

    `Unknown` where no class has the name.  What contradicts the schema stays raw in its place and ``on_drift`` is told;
    `ModelError` with ``strict=True``, or where the payload is of another kind altogether (a list for an object).
    Raises `DecodeError` where the text is not JSON.
    """
    event = fitting(name, data)
    return decode_odd(name, data, strict, on_drift) if event is None else event


def fitting(name: str, data: bytes | str | Any) -> Event | None:
    """The event ``name`` out of its JSON, where that fits its class, as nearly all do; None for `decode_odd`."""
    at_once = _AT_ONCE.get(name)
    if at_once is not None and type(data) is bytes and decoders.is_ours():
        try:
            return at_once(data)
        except ValidationError:
            return None
    return None


def decode_odd(name: str, data: bytes | str | Any, strict: bool, on_drift: Callable[[Drift], object] | None) -> Event:
    """`decode` for what is not `fitting`, or not yet: the long way, which says what is wrong."""
    kinds = _KINDS.get(name) or _find(name)
    if kinds is None:
        decoded = decoders.decode(data) if isinstance(data, (bytes, str)) else data
        return Unknown.model_construct({"name", "data"}, name=name, data=decoded)
    cls, other = kinds
    if other is not None:
        for kind in (cls, other):
            try:
                return cast(Event, load(kind, data, strict=True))
            except ModelError:
                continue
    value = load(cls, data, strict=strict, on_drift=on_drift)
    if not isinstance(value, cls):
        raise ModelError(cls.__name__, (("", f"expected an object, not {type(value).__name__}"),))
    return value


# Name -> its class and that of what may come in its place; filled as events are met.
_KINDS: dict[str, tuple[type[Event], type[Event] | None]] = {}
# Name -> pydantic's own function, where it gives what `load` would; nearly all events fit their schema.
_AT_ONCE: dict[str, Callable[[bytes], Event]] = {}


def _find(name: str) -> tuple[type[Event], type[Event] | None] | None:
    events: Any = import_module("acord.events")
    if name not in events.EVENTS:
        return None
    kinds = _KINDS[name] = events.EVENTS[name], events.OTHERWISE.get(name)
    if kinds[1] is None:
        prepare(kinds[0])
        _AT_ONCE[name] = kinds[0].__pydantic_validator__.validate_json
    return kinds
