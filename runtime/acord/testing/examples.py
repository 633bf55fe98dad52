"""Valid JSON for every model and every answer, made from the models themselves; the same seed gives the same.

What the models do not say, as the form of a text, is guessed from a field's name.
"""

import enum
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from random import Random
from typing import Any, Final, TypeAlias, cast

from acord.core.base import MISSING as SENTINEL, Model, Request, resolve
from acord.core.event import Plain
from acord.core.types import MISSING, AsDigits, DigitFlags, OpenFlags, Snowflake

__all__ = ["Examples", "Json", "Whole", "example", "fields_of"]

Json: TypeAlias = dict[str, Any]

FIRST_ID: Final = 1_250_000_000_000_000_000  # of June 2024
INSTANT: Final = "2024-06-11T12:00:00.000000+00:00"
DEEPEST: Final = 12  # levels, after which lists and maps are empty


def example(returns: Any, *, seed: int | str = 0, optional: bool = True) -> Any:
    """JSON-ready data that fits a model, a type of models, or the name of one: ``"list[Message] | None"``.

    ``optional``: whether the outermost object has the fields that may be absent. ValueError for an unknown name.
    """
    return Examples(seed).of(resolve(returns) if isinstance(returns, str) else returns, optional=optional)


def fields_of(model: type[Any]) -> dict[str, tuple[str, Any]]:
    """The fields of a model: name in JSON to name in Python and what pydantic knows of it."""
    model.model_rebuild()
    return {
        info.serialization_alias or info.alias or name: (name, info) for name, info in model.__pydantic_fields__.items()
    }


class Whole(dict[str, Any]):
    """An object in JSON that is complete, whatever its fields are."""


class Examples:
    """A source of examples. Each id it gives is another one."""

    def __init__(self, seed: int | str = 0) -> None:
        self._random = Random(f"acord {seed}")
        self._last = FIRST_ID

    def id(self) -> str:
        self._last += self._random.randrange(1 << 22, 1 << 32)
        return str(self._last)

    def of(self, kind: Any, *, optional: bool = False) -> Any:
        """JSON-ready data of this type."""
        return self._value(kind, (), "value", 0, optional)

    def model(self, model: type[Any], given: Mapping[str, Any] | None = None, *, optional: bool = False) -> Any:
        """JSON-ready data of this model with the fields that are ``given`` in JSON, whose objects are completed too."""
        return self._model(model, given or {}, 0, optional)

    # Objects

    def _model(self, model: type[Any], given: Mapping[str, Any], depth: int, optional: bool) -> Any:
        fields = fields_of(model)
        if issubclass(model, Plain):
            _, info = fields["value"]
            return self.fitted(info.annotation, given["value"], depth) if given else self._field(info, "value", depth)
        made: Json = {}
        given = _by_wire(model, fields, given)
        for name, (_, info) in fields.items():
            if name in given:
                if given[name] is not MISSING:
                    made[name] = self.fitted(info.annotation, given[name], depth + 1)
            elif (info.is_required() or optional) and (today := _today(model, name)) is not None:
                made[name] = today
            elif info.is_required() or (optional and depth < DEEPEST) or _is_tag(info):
                made[name] = self._field(info, name, depth + 1)
        if _is_unknown(model):
            made |= {
                name: _unlisted(made[name]) for name, (_, info) in fields.items() if name in made and _excludes(info)
            }
        return made

    def _field(self, info: Any, name: str, depth: int) -> Any:
        if _is_tag(info):
            return _plain(info.default)
        return self._value(info.annotation, info.metadata, name, depth)

    def fitted(self, kind: Any, value: Any, depth: int = 0) -> Any:
        """``value`` with its objects completed, where the type says what they are."""
        if isinstance(value, Whole):
            return dict(value)
        if isinstance(value, Mapping):
            fields = cast(Mapping[str, Any], value)
            model = _meant(kind, fields)
            return dict(fields) if model is None else self._model(model, fields, depth, False)
        if isinstance(value, list):
            items = next((arm for arm in arms(kind) if typing.get_origin(arm) is list), None)
            item = typing.get_args(items)[0] if items is not None else object
            return [self.fitted(item, one, depth) for one in cast(list[object], value)]
        return value

    # Values

    def _value(self, kind: Any, meta: Sequence[Any], name: str, depth: int, optional: bool = False) -> Any:
        choices = [arm for arm in arms(kind) if arm is not types.NoneType and arm is not SENTINEL]
        known = [arm for arm in choices if not _is_unknown(arm)] or choices
        if not known:
            return None
        chosen = known[0] if len(known) == 1 else self._random.choice(known)
        origin = typing.get_origin(chosen)
        if origin is typing.Annotated:
            return str(self._scalar(typing.get_args(chosen)[0], meta, name))
        if origin is typing.Literal:
            return _plain(self._random.choice(typing.get_args(chosen)))
        if origin is list:
            return self._list(typing.get_args(chosen)[0], meta, name, depth)
        if origin is dict:
            return self._dict(typing.get_args(chosen), name, depth)
        if not isinstance(chosen, type):
            return name  # whatever JSON can say
        if issubclass(chosen, (Model, Request)):
            return self._model(chosen, {}, depth, optional)
        return self._scalar(cast(Any, chosen), meta, name)

    def _list(self, item: Any, meta: Sequence[Any], name: str, depth: int) -> list[Any]:
        if name == "shard":
            return [0, 1]
        low, high = _limit(meta, "min_length"), _limit(meta, "max_length")
        many = 0 if depth >= DEEPEST else 1
        many = max(many, low or 0) if high is None else min(max(many, low or 0), high)
        return [self._value(item, (), name.removesuffix("s"), depth + 1) for _ in range(many)]

    def _dict(self, kinds: tuple[Any, Any], name: str, depth: int) -> Json:
        if depth >= DEEPEST:
            return {}
        key = self._value(kinds[0], (), "key", depth + 1)
        return {str(key): self._value(kinds[1], (), name, depth + 1)}

    def _scalar(self, kind: type[object], meta: Sequence[Any], name: str) -> Any:
        if issubclass(kind, OpenFlags):
            members = list(kind)
            value = int(self._random.choice(members)) if members else 0
            return str(value) if issubclass(kind, DigitFlags) else value
        if issubclass(kind, enum.Enum):
            return _plain(self._random.choice(list(kind)))
        if issubclass(kind, Snowflake):
            return self.id()
        if issubclass(kind, datetime):
            return INSTANT
        if issubclass(kind, bool):
            return self._random.random() < 0.5
        if issubclass(kind, (int, float)):
            return self._number(meta)
        if issubclass(kind, str):
            return _sized(_text(name), _limit(meta, "min_length"), _limit(meta, "max_length"))
        return name

    def _number(self, meta: Sequence[Any]) -> int:
        low, high = _limit(meta, "ge"), _limit(meta, "le")
        if low is None and high is None:
            low, high = 0, 100
        elif low is None:
            low = min(0, high or 0)
        return self._random.randint(int(low or 0), int((low or 0) + 100 if high is None else high))


def _by_wire(model: type[Any], fields: Mapping[str, tuple[str, Any]], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is given by its names in JSON. TypeError for a name that is none."""
    if given.keys() <= fields.keys():
        return given
    names = {python: wire for wire, (python, _) in fields.items()}
    for name in given:
        if name not in names and name not in fields:
            close = get_close_matches(name, names, 1)
            meant = f": did you mean {close[0]!r}?" if close else f"; it has {', '.join(sorted(names))}"
            raise TypeError(f"{model.__name__} has no field {name!r}{meant}")
    return {names.get(name, name): value for name, value in given.items()}


def arms(kind: Any) -> list[Any]:
    """What a type may be: the members of its union, annotations taken off; a type that is no union by itself."""
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        inner, *marks = typing.get_args(kind)
        return [kind] if any(isinstance(mark, AsDigits) for mark in marks) else arms(inner)
    if origin in (typing.Union, types.UnionType):
        return [arm for one in typing.get_args(kind) for arm in arms(one)]
    return [kind]


def _meant(kind: Any, given: Mapping[str, Any]) -> type[Any] | None:
    """The model of a type that an object is of: the only one, or the one whose tags allow what is given."""
    models = [arm for arm in arms(kind) if isinstance(arm, type) and issubclass(arm, (Model, Request))]
    known = [arm for arm in models if not _is_unknown(arm)]
    if len(known) <= 1:
        return known[0] if known else None
    return next((model for model in known if _allows(model, given)), None)


def _allows(model: type[Any], given: Mapping[str, Any]) -> bool:
    fields = fields_of(model)
    if not given.keys() <= fields.keys():
        return False
    for name, value in given.items():
        allowed = [arm for arm in arms(fields[name][1].annotation) if arm is not SENTINEL]
        literals = [arm for arm in allowed if typing.get_origin(arm) is typing.Literal]
        if literals and all(value not in map(_plain, typing.get_args(arm)) for arm in literals):
            return False
    return True


def _is_unknown(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, (Model, Request)) and kind.__name__.startswith("Unknown")


def _excludes(info: Any) -> bool:
    """Whether a field is the tag of an ``Unknown...`` class, which refuses the kinds that have one of their own."""
    return any(hasattr(one, "func") for one in info.metadata)


def _unlisted(value: Any) -> Any:
    """A kind that nobody knows yet."""
    return 9999 if isinstance(value, int) else "of_tomorrow"


def _is_tag(info: Any) -> bool:
    """Whether a field of a request is one that tells its kind, with the only value it can have."""
    return isinstance(info.default, enum.Enum)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, enum.Enum) else value


def _limit(meta: Sequence[Any], name: str) -> Any:
    return next((limit for one in meta if (limit := getattr(one, name, None)) is not None), None)


_TEXTS: Final[Mapping[str, str]] = {
    "discriminator": "0",
    "emoji_name": "🌰",
    "unicode_emoji": "🌰",
    "locale": "en-US",
    "preferred_locale": "en-US",
    "guild_locale": "en-US",
    "content_type": "image/png",
    "filename": "acorn.png",
    "color": "#5865f2",
    "ip": "127.0.0.1",
    "image": "data:image/png;base64,iVBORw0KGgo=",
    "nonce": "1",
    "verify_key": "0" * 64,
}
_TODAY: Final[Mapping[str, Any]] = {
    "ChannelSelectDefaultValue.type": "channel",
    "CreatedThread.type": 11,
    "GuildTemplateChannel.type": 0,
    "event_webhooks_types": ["ENTITLEMENT_CREATE"],
    "scopes": ["bot"],
}
"""Places that have only some of an enum's values; the models do not say so, for there may be more of them tomorrow."""
_HASHES: Final = frozenset({"avatar", "banner", "icon", "splash", "discovery_splash", "cover_image", "asset", "hash"})


def _today(model: type[Any], name: str) -> Any:
    return _TODAY.get(f"{model.__name__}.{name}", _TODAY.get(name))


def _text(name: str) -> str:
    """Text that a field of this name may have."""
    if name in _HASHES:
        return "0123456789abcdef" * 2
    if not {"url", "uri"}.isdisjoint(name.split("_")):
        return "https://example.com/acorn"
    return _TEXTS.get(name, name.replace("_", " "))


def _sized(text: str, low: int | None, high: int | None) -> str:
    if low is not None and len(text) < low:
        text = text.ljust(low, ".")
    return text if high is None else text[:high]
