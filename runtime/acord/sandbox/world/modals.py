"""Modals: shown as an answer, filled in by a person, and sent back.

Source: Discord docs, Components > Component Reference; Interactions > Receiving and Responding.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from acord.models.enums import ComponentType
from acord.sandbox.answers import Json, invalid
from acord.sandbox.mistakes import Mistake, among
from acord.sandbox.world.attachments import attach
from acord.sandbox.world.choices import chosen, resolve
from acord.sandbox.world.offered import uploads
from acord.sandbox.world.state import World

__all__ = ["inputs", "modal", "submission"]

_TEXT = (int(ComponentType.ACTION_ROW), int(ComponentType.TEXT_DISPLAY), int(ComponentType.LABEL))


def modal(given: Json) -> Json:
    """A modal as it is shown: every component has an id; 50035 for a ``custom_id`` that stands there twice."""
    components: list[Json] = [_dense(one) for one in given["components"]]
    everything = list(_walk(components))
    used = {one["id"] for one in everything if one.get("id")}
    free = (number for number in range(1, 1 << 31) if number not in used)
    seen: set[str] = set()
    for one in everything:
        one["id"] = one.get("id") or next(free)
        custom_id = one.get("custom_id")
        if custom_id in seen:
            raise invalid(
                "data.components", "Component custom id cannot be duplicated", "COMPONENT_CUSTOM_ID_DUPLICATED"
            )
        if custom_id is not None:
            seen.add(custom_id)
    for index, one in enumerate(components):
        if one["type"] not in _TEXT:
            raise invalid(
                f"data.components.{index}.type",
                f'Value of field "type" must be one of {_TEXT}.',
                "UNION_TYPE_CHOICES",
            )
    return {"custom_id": given["custom_id"], "title": given["title"], "components": components}


def inputs(shown: Json) -> dict[str, Json]:
    """What can be filled in, by ``custom_id``."""
    return {one["custom_id"]: one for one in _walk(shown["components"]) if "custom_id" in one}


def submission(world: World, channel: Json, shown: Json, values: Mapping[str, Any]) -> Json:
    """The ``data`` of the interaction when the modal is sent with these values, by ``custom_id``.

    `Mistake` for a value of nothing, a wanted one that lacks, or one that the input does not take.
    """
    there = inputs(shown)
    for custom_id in values:
        if custom_id not in there:
            raise Mistake(f"the modal {shown['custom_id']!r} has no input {custom_id!r}: {among(there)}")
    sender = _Sender(world, channel, values)
    data: Json = {
        "custom_id": shown["custom_id"],
        "components": [sender.outer(one) for one in shown["components"]],
    }
    resolved = sender.resolved
    return data | ({"resolved": resolved} if resolved else {})


class _Sender:
    def __init__(self, world: World, channel: Json, values: Mapping[str, Any]) -> None:
        self.world, self.channel, self.values = world, channel, values
        self.resolved: Json = {}

    def outer(self, one: Json) -> Json:
        sent: Json = {"type": one["type"], "id": one["id"]}
        match one["type"]:
            case ComponentType.ACTION_ROW:
                sent["components"] = [self.inner(inner) for inner in one["components"]]
            case ComponentType.LABEL:
                sent["component"] = self.inner(one["component"])
            case _:
                pass
        return sent

    def inner(self, one: Json) -> Json:
        custom_id = one["custom_id"]
        sent: Json = {"type": one["type"], "id": one["id"], "custom_id": custom_id}
        given = self.values.get(custom_id)
        match one["type"]:
            case ComponentType.TEXT_INPUT:
                return sent | {"value": _text(one, given)}
            case ComponentType.CHECKBOX:
                return sent | {"value": bool(one.get("default") if given is None else given)}
            case ComponentType.RADIO_GROUP:
                picked = _options(one, [] if given is None else [given], most=1)
                return sent | {"value": picked[0] if picked else None}
            case ComponentType.CHECKBOX_GROUP:
                return sent | {"values": _options(one, _several(given), most=len(one["options"]))}
            case ComponentType.FILE_UPLOAD:
                return sent | {"values": self._files(one, _several(given))}
            case _:
                picked = chosen(self.world, self.channel, one, _defaults(one) if given is None else _several(given))
                resolve(self.world, self.channel, one["type"], picked, self.resolved)
                return sent | {"values": picked}

    def _files(self, one: Json, given: list[Any]) -> list[str]:
        files = uploads(given)
        _count(one, len(files), most=1)
        attached = attach(self.world, self.channel["id"], None, files)
        self.resolved.setdefault("attachments", {}).update({file["id"]: file for file in attached})
        return [file["id"] for file in attached]


def _text(one: Json, given: object) -> str:
    text = (one.get("value") or "") if given is None else str(given)
    name, least, most = one["custom_id"], one.get("min_length") or 0, one.get("max_length") or 4000
    if not text and one.get("required") is not False:
        raise Mistake(f"the text {name!r} must be filled in")
    if text and not least <= len(text) <= most:
        raise Mistake(f"the text {name!r} takes {least} to {most} characters, not {len(text)}")
    return text


def _options(one: Json, given: Sequence[Any], *, most: int) -> list[str]:
    values = [option["value"] for option in one["options"]]
    picked = [str(value) for value in given]
    if not given:
        picked = [option["value"] for option in one["options"] if option.get("default")]
    for value in picked:
        if value not in values:
            raise Mistake(f"{one['custom_id']!r} has no option {value!r}: {among(values)}")
    _count(one, len(picked), most=most)
    return picked


def _count(one: Json, number: int, *, most: int) -> None:
    least = 0 if one.get("required") is False else one.get("min_values", 1)
    most = one.get("max_values") or most
    if not least <= number <= most:
        raise Mistake(f"{one['custom_id']!r} takes {least} to {most} values, not {number}")


def _defaults(one: Json) -> list[str]:
    chosen_before = [option["value"] for option in one.get("options") or () if option.get("default")]
    return chosen_before or [str(value["id"]) for value in one.get("default_values") or ()]


def _several(given: object) -> list[Any]:
    match given:
        case None:
            return []
        case list():
            return list(cast("Iterable[object]", given))
        case _:  # a file may be a (name, content), which is one thing
            return [given]


def _walk(components: Sequence[Json]) -> Iterator[Json]:
    for one in components:
        yield one
        yield from _walk(one.get("components") or ())
        if one.get("component") is not None:
            yield from _walk([one["component"]])


def _dense(component: Json) -> Json:
    """A component without the fields that are null; a copy."""
    dense = {key: value for key, value in component.items() if value is not None}
    if "components" in dense:
        dense["components"] = [_dense(one) for one in dense["components"]]
    if "component" in dense:
        dense["component"] = _dense(dense["component"])
    return dense
