"""Objects for tests: what is not said is filled in with something valid."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from acord.core.base import Model, Request
from acord.core.shapes import jsonable
from acord.core.types import MISSING
from acord.testing.examples import Examples, Whole

__all__ = ["Factory", "make"]

M = TypeVar("M", bound=Model | Request)


class Factory:
    """Makes objects whose ids differ from each other's; the same seed gives the same ones."""

    def __init__(self, seed: int | str = 0) -> None:
        self._examples = Examples(seed)

    def make(self, model: type[M], /, **values: Any) -> M:
        """An object of this class with these values, as the function `make` does."""
        made: Any = self._examples.model(model, {name: _data(value, name) for name, value in values.items()})
        if issubclass(model, Model):
            return cast(M, model.load(made, strict=True))
        return model.model_validate(made)


def make(model: type[M], /, **values: Any) -> M:
    """An object of this class, valid by the specification: ``make(Message, content="hi")``.

    Takes models, request models and events. Values may be what the fields hold, models, or dicts, whose objects
    are filled in likewise: ``make(Message, author={"username": "alice"})``. What may be absent is absent unless it
    is given. The same call gives an equal object: ids that must differ come from
    one `Factory`, or are given.

    Raises TypeError for a field that the class does not have, `ModelError` (pydantic's ValidationError for a
    request) for a value that it cannot have.
    """
    return Factory().make(model, **values)


def _data(value: Any, where: str) -> Any:
    """A value as JSON; MISSING stays, to say that a field shall be absent."""
    if value is MISSING:
        return value
    if isinstance(value, (Model, Request)):
        return Whole(value.dump())
    if isinstance(value, Mapping):
        fields = cast(Mapping[str, Any], value)
        return {str(name): _data(item, f"{where}.{name}") for name, item in fields.items()}
    if isinstance(value, (list, tuple)):
        return [_data(item, f"{where}[{index}]") for index, item in enumerate(cast(list[Any], value))]
    return jsonable(value, where)
