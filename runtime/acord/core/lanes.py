"""Which queue a request waits in: made of a route's template and major parameters, never of its path.  Pure."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple, Protocol, cast

__all__ = ["Lane", "RouteLike", "lane_of", "variant_of"]

DISCORD_EPOCH_MS: Final = 1_420_070_400_000
# Interaction tokens are base64 of "interaction:..."; a webhook's token is not. The paths of both are the same.
_INTERACTION_TOKEN: Final = "aW50ZXJhY3Rpb246"
_MAJOR: Final = {"channels": ("channel_id",), "guilds": ("guild_id",), "webhooks": ("webhook_id", "webhook_token")}


class RouteLike(Protocol):
    """What is asked of a route."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str:
        """Concrete, as ``/channels/1/messages/2``."""
        ...

    @property
    def template(self) -> str:
        """The same with names, as ``/channels/{channel_id}/messages/{message_id}``."""
        ...

    @property
    def body(self) -> Any: ...
    @property
    def operation(self) -> Any:
        """Its ``major`` and ``limits`` are read; None where the route is unknown."""
        ...


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


class _Plan(NamedTuple):
    template: str
    major: tuple[int, ...]
    token: int | None
    variants: Mapping[str, Any] | None
    subject: int | None
    exempt: bool
    callback: bool


@lru_cache(maxsize=4096)
def _segments(template: str) -> tuple[str, ...]:
    return tuple(template.split("/"))


def _plan(method: str, template: str, operation: Any) -> _Plan:
    segments = _segments(template)
    names = [part[1:-1] if part.startswith("{") else None for part in segments]
    wanted: Sequence[str] = () if operation is None else operation.major
    if operation is None and len(segments) > 2:
        wanted = _MAJOR.get(segments[1], ())
        # The template of an unknown path may have nameless holes: the first ones are the resource's own.
        for offset, name in enumerate(wanted, 2):
            if offset < len(names) and names[offset] is not None:
                names[offset] = name
    limits: Mapping[str, Any] = {} if operation is None else operation.limits
    variants = cast("Mapping[str, Any] | None", limits.get("variants"))
    subject = variants.get("of") if variants else None
    return _Plan(
        # Two spellings of one template are one lane.
        re.sub(r"\{[^}]*\}", "{}", template),
        tuple(index for index, name in enumerate(names) if name is not None and name in wanted),
        next((index for index, name in enumerate(names) if name and name.endswith("_token")), None),
        variants,
        names.index(subject) if subject in names else None,
        bool(limits.get("global_exempt")),
        method == "POST" and template.startswith("/interactions/") and template.endswith("/callback"),
    )


_PLANS: dict[tuple[str, str, int], tuple[Any, _Plan]] = {}


def lane_of(route: RouteLike, auth_id: str, wall_ms: float) -> Lane:
    """The lane of a request. ``wall_ms`` (Unix milliseconds) only tells the age of what the route names (L3)."""
    method, template, operation = route.method, route.template, route.operation
    key = (method, template, id(operation))
    known = _PLANS.get(key)
    if known is None:
        if len(_PLANS) >= 4096:
            _PLANS.clear()
        # The operation is kept with its plan, so that its id stays its own.
        known = _PLANS[key] = (operation, _plan(method, template, operation))
    plan = known[1]
    parts = route.path.split("/")
    interaction = False
    majors: list[str] = []
    for index in plan.major:
        value = parts[index] if index < len(parts) else ""
        if index == plan.token:
            interaction = value.startswith(_INTERACTION_TOKEN)
            value = blake2b(value.encode(), digest_size=12).hexdigest()
        majors.append(value)
    body: object = route.body
    keys: frozenset[str] | None = None
    variant = ""
    if plan.variants is not None:
        age = _age(parts[plan.subject], wall_ms) if plan.subject is not None and plan.subject < len(parts) else None
        variant = variant_of(plan.variants, body, age)
    elif isinstance(body, Mapping):
        keys = frozenset(cast("Mapping[str, object]", body))
    exempt = plan.callback or (plan.exempt and interaction)
    return Lane(
        auth_id, method, plan.template, variant, "/".join(majors), keys, exempt, plan.callback, interaction
    )  # fmt: skip


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
