"""Which queue a request waits in: made of a route's template and major parameters, never of its path.  Pure."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol, cast

from acord.core.types import MISSING

__all__ = ["Lane", "RouteLike", "is_callback", "lane_of", "variant_of"]

DISCORD_EPOCH_MS: Final = 1_420_070_400_000
# Interaction tokens are base64 of "interaction:..."; a webhook's token is not. The paths of both are the same.
_INTERACTION_TOKEN: Final = "aW50ZXJhY3Rpb246"


_NONE: Final[Mapping[str, Any]] = {}


class OperationLike(Protocol):
    """What is asked of an operation."""

    @property
    def limits(self) -> Mapping[str, object]:
        """``global_exempt`` (bool) and ``variants`` (see `variant_of`) are read."""
        ...


class RouteLike(Protocol):
    """What is asked of a route."""

    @property
    def method(self) -> str: ...
    @property
    def template(self) -> str:
        """As ``/channels/{channel_id}/messages/{message_id}``."""
        ...

    @property
    def bucket(self) -> Mapping[str, str]:
        """The values in the path by the template's names."""
        ...

    @property
    def major(self) -> tuple[tuple[str, str], ...]:
        """Names and values that Discord keeps a bucket for each of; credentials as a digest."""
        ...

    @property
    def body(self) -> Any: ...
    @property
    def operation(self) -> OperationLike | None: ...


class Lane(NamedTuple):
    """A queue of requests that no known limit tells apart."""

    auth: str
    method: str
    template: str
    variant: str = ""
    """Which of the layers that Discord keeps within one route; ``""`` where it keeps none."""
    major: str = ""
    """Values of the major parameters; tokens only as a digest."""
    keys: frozenset[str] | None = None
    """Top-level keys of the body, where the route has no variants: a hidden limit may belong to these alone."""
    exempt: bool = False
    """Not counted by the global limit."""
    callback: bool = False
    """An interaction's first answer: it never waits."""
    interaction: bool = False
    """Worthless 15 minutes after the interaction."""


@lru_cache(maxsize=4096)
def _kind(method: str, template: str) -> tuple[str, bool]:
    """The template without names, since two spellings of it are one lane; and whether it is a callback's."""
    return re.sub(r"\{[^}]*\}", "{}", template), is_callback(method, template)


def lane_of(route: RouteLike, auth_id: str, wall_ms: float) -> Lane:
    """The lane of a request. ``wall_ms`` (Unix milliseconds) only tells the age of what the route names (L3)."""
    method, template, operation, body = route.method, route.template, route.operation, route.body
    limits: Mapping[str, Any] = _NONE if operation is None else operation.limits
    values = route.bucket
    keys: frozenset[str] | None = None
    variant = ""
    if limits and (found := limits.get("variants")) is not None:
        variants = cast("Mapping[str, Any]", found)
        variant = variant_of(variants, body, _age(values.get(variants.get("of", ""), ""), wall_ms))
    elif body is not MISSING and body is not None and isinstance(body, Mapping):
        keys = frozenset(cast("Mapping[str, object]", body))
    interaction = "webhook_token" in values and values["webhook_token"].startswith(_INTERACTION_TOKEN)
    exempt = interaction and bool(limits.get("global_exempt"))
    return _lane(auth_id, method, template, variant, route.major, keys, exempt, interaction)


@lru_cache(maxsize=1024)
def _lane(
    auth: str,
    method: str,
    template: str,
    variant: str,
    major: tuple[tuple[str, str], ...],
    keys: frozenset[str] | None,
    exempt: bool,
    interaction: bool,
) -> Lane:
    shape, callback = _kind(method, template)
    place = "/".join([value for _, value in major])
    return Lane(auth, method, shape, variant, place, keys, exempt or callback, callback, interaction or callback)


def is_callback(method: str, template: str) -> bool:
    """Whether it is an interaction's first answer, which waits in no queue and is worthless after three seconds."""
    return method == "POST" and template.startswith("/interactions/") and template.endswith("/callback")


def _age(snowflake: str, wall_ms: float) -> float | None:
    """Seconds since the id was made; None where it is no id."""
    if not (snowflake.isascii() and snowflake.isdigit()):
        return None
    return (wall_ms - DISCORD_EPOCH_MS - (int(snowflake) >> 22)) / 1000


def variant_of(variants: Mapping[str, Any], body: object, age: float | None) -> str:
    """Name of the layer a request falls into, by the operation's data.

    ``{"by": "age", "lanes": [{"name", "below": seconds}, ..., {"name"}]}`` takes the first lane that is older;
    ``{"by": "body", "lanes": [{"name", "any_of": [keys]}, ..., {"name"}]}`` the first of whose keys the body has one.
    """
    keys: Mapping[str, object] = cast("Mapping[str, object]", body) if isinstance(body, Mapping) else {}
    lanes = cast("Sequence[Mapping[str, Any]]", variants["lanes"])
    for lane in lanes:
        if variants["by"] == "age":
            if age is not None and age < lane.get("below", float("inf")):
                return str(lane["name"])
        elif "any_of" not in lane or any(key in keys for key in lane["any_of"]):
            return str(lane["name"])
    return str(lanes[-1]["name"])
